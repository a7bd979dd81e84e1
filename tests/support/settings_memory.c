#include "support/settings_memory.h"

#include <string.h>

#include "base/mem.h"

static pxe_status memory_read(void *context, const struct setting *setting,
                              struct setting_value *out_value)
{
    struct settings_memory *memory = context;
    size_t id = (size_t)(setting - setting_at((enum setting_id)0));
    size_t size = memory->values[id].size;

    if (memory->values[id].status != PXE_OK)
        return memory->values[id].status;
    if (memory->values[id].bytes == NULL)
        return PXE_FILE_NOT_FOUND;
    /* Exactly that size, so that a sanitizer sees every overrun. */
    uint16_t *units = mem_alloc_array((size + 1) / 2, sizeof(*units));
    if (units == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    memcpy(units, memory->values[id].bytes, size);
    *out_value = (struct setting_value){memory->values[id].type, size, units};
    return PXE_OK;
}

static void memory_problem(void *context, const struct setting *setting, const char *text,
                           bool is_vital)
{
    struct settings_memory *memory = context;

    memory->problems++;
    memory->vital_problems += is_vital;
    memory->setting = setting;
    strncpy(memory->text, text, sizeof(memory->text) - 1);
}

void settings_memory_init(struct settings_memory *memory)
{
    memset(memory, 0, sizeof(*memory));
    memory->port = (struct settings_port){memory, memory_read};
    memory->listener = (struct settings_listener){memory, memory_problem};
}

void settings_memory_set(struct settings_memory *memory, enum setting_id id, uint32_t type,
                         const void *bytes, size_t size)
{
    memory->values[id].type = type;
    memory->values[id].bytes = bytes;
    memory->values[id].size = size;
}
