#include "registry/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/error_words.h"
#include "base/mem.h"
#include "registry/name_list.h"

enum { ENTRY_MAX = 100, PATH_MAX_UNITS = 259 };

/* ---- values ---- */

/* The name of a registry type. */
static const char *type_name(uint32_t type)
{
    static const char *const names[] = {"REG_NONE",   "REG_SZ",      "REG_EXPAND_SZ",
                                        "REG_BINARY", "REG_DWORD",   "REG_DWORD_BIG_ENDIAN",
                                        "REG_LINK",   "REG_MULTI_SZ"};

    return type < sizeof(names) / sizeof(names[0]) ? names[type] : "another type";
}

static bool type_fits(const struct setting *setting, uint32_t type)
{
    return type == (uint32_t)setting->type ||
           (setting->type == SETTING_PATH && type == (uint32_t)SETTING_TEXT);
}

static bool number_read(const struct setting_value *value, uint32_t *out_number)
{
    if (value->size != sizeof(*out_number))
        return false;
    memcpy(out_number, value->units, sizeof(*out_number));
    return true;
}

/* Into plain characters, of which all forms consist; anything else becomes '?', which none has.
 * What does not fit is cut off, which no form stands either. */
static void plain_text(const uint16_t *units, size_t count, char out_text[ENTRY_MAX])
{
    size_t length = 0;

    for (; length < count && length < ENTRY_MAX - 1 && units[length] != 0; length++)
        out_text[length] = units[length] >= ' ' && units[length] < 0x7f ? (char)units[length] : '?';
    out_text[length] = '\0';
}

static bool number_check(const struct setting *setting, const struct setting_value *value,
                         char *out_problem)
{
    uint32_t number;

    if (!number_read(value, &number)) {
        snprintf(out_problem, SETTING_PROBLEM_SIZE, "has %zu bytes, but a REG_DWORD has 4",
                 value->size);
        return false;
    }
    if (number >= setting->minimum && number <= setting->maximum)
        return true;
    snprintf(out_problem, SETTING_PROBLEM_SIZE, "is %u; allowed: %s", number, setting->form);
    return false;
}

/* A text that is a share of the buckets; the only one there is. */
static bool buckets_read(const struct setting_value *value, struct bucket_set *out_set)
{
    char text[ENTRY_MAX];

    plain_text(value->units, value->size / 2, text);
    return bucket_set_parse(text, out_set);
}

static bool text_check(const struct setting *setting, const struct setting_value *value,
                       char *out_problem)
{
    struct bucket_set set;
    char text[ENTRY_MAX];

    if (buckets_read(value, &set))
        return true;
    plain_text(value->units, value->size / 2, text);
    snprintf(out_problem, SETTING_PROBLEM_SIZE, "is \"%s\"; allowed: %s", text, setting->form);
    return false;
}

static bool path_check(const struct setting *setting, const struct setting_value *value,
                       char *out_problem)
{
    size_t length = 0;

    while (length < value->size / 2 && value->units[length] != 0)
        length++;
    if (length > 0 && length <= PATH_MAX_UNITS)
        return true;
    snprintf(out_problem, SETTING_PROBLEM_SIZE, "is %s; allowed: %s",
             length == 0 ? "empty" : "too long", setting->form);
    return false;
}

/* The rules of a list. PXE_INVALID_DATA: one of its entries is wrong, and out_problem says which.
 * out_list->rules is released with mem_free. */
static pxe_status list_read(const struct setting *setting, const struct setting_value *value,
                            struct rule_list *out_list, char *out_problem)
{
    struct name_list names = {0};
    char text[ENTRY_MAX];
    pxe_status status = name_list_from_multi_sz(value->units, value->size / 2, &names);
    struct rule_list list = {0};

    if (status == PXE_OK)
        list.rules = mem_alloc_array(names.count, sizeof(*list.rules));
    if (list.rules == NULL)
        status = PXE_NOT_ENOUGH_MEMORY;
    while (status == PXE_OK && list.count < names.count) {
        plain_text(names.names[list.count], SIZE_MAX, text);
        if (setting->entry(text, &list.rules[list.count])) {
            list.count++;
        } else {
            snprintf(out_problem, SETTING_PROBLEM_SIZE, "has the entry \"%s\"; allowed: %s", text,
                     setting->form);
            status = PXE_INVALID_DATA;
        }
    }
    name_list_free(&names);
    if (status == PXE_OK)
        *out_list = list;
    else
        mem_free(list.rules);
    return status;
}

static bool list_check(const struct setting *setting, const struct setting_value *value,
                       char *out_problem)
{
    struct rule_list list;

    snprintf(out_problem, SETTING_PROBLEM_SIZE, "cannot be checked: out of memory");
    if (list_read(setting, value, &list, out_problem) != PXE_OK)
        return false;
    mem_free(list.rules);
    return true;
}

bool setting_check(const struct setting *setting, const struct setting_value *value,
                   char *out_problem)
{
    if (!type_fits(setting, value->type)) {
        snprintf(out_problem, SETTING_PROBLEM_SIZE, "is of type %s, but must be of type %s",
                 type_name(value->type), type_name(setting->type));
        return false;
    }
    switch (setting->type) {
    case SETTING_NUMBER:
        return number_check(setting, value, out_problem);
    case SETTING_TEXT:
        return text_check(setting, value, out_problem);
    case SETTING_PATH:
        return path_check(setting, value, out_problem);
    default:
        return list_check(setting, value, out_problem);
    }
}

bool setting_is_vital(const struct setting *setting)
{
    return setting->type == SETTING_LIST || setting->type == SETTING_TEXT;
}

/* ---- loading ---- */

static void tell(const struct settings_listener *listener, const struct setting *setting,
                 const char *text)
{
    if (listener != NULL)
        listener->problem(listener->context, setting, text, setting_is_vital(setting));
}

/* Reads a value that is there and right. PXE_FILE_NOT_FOUND: it is missing; PXE_INVALID_DATA: it is
 * wrong, and that has been told. */
static pxe_status value_read(const struct settings_port *port,
                             const struct settings_listener *listener,
                             const struct setting *setting, struct setting_value *out_value)
{
    char problem[SETTING_PROBLEM_SIZE];
    struct setting_value value;
    pxe_status status = port->read(port->context, setting, &value);

    if (status != PXE_OK && status != PXE_FILE_NOT_FOUND) {
        snprintf(problem, sizeof(problem), "cannot be read: error %u%s", status,
                 error_words(status));
        tell(listener, setting, problem);
    }
    if (status != PXE_OK)
        return status;
    if (setting_check(setting, &value, problem)) {
        *out_value = value;
        return PXE_OK;
    }
    tell(listener, setting, problem);
    mem_free(value.units);
    return PXE_INVALID_DATA;
}

uint32_t settings_number(const struct settings_port *port, const struct settings_listener *listener,
                         enum setting_id id)
{
    uint32_t number = setting_at(id)->number;
    struct setting_value value;

    if (value_read(port, listener, setting_at(id), &value) != PXE_OK)
        return number;
    (void)number_read(&value, &number);
    mem_free(value.units);
    return number;
}

static pxe_status buckets_load(const struct settings_port *port,
                               const struct settings_listener *listener, struct bucket_set *out_set)
{
    const struct setting *setting = setting_at(SETTING_BALANCE_BUCKETS);
    struct setting_value value;
    pxe_status status = value_read(port, listener, setting, &value);

    if (status == PXE_FILE_NOT_FOUND)
        return bucket_set_parse(setting->text, out_set) ? PXE_OK : PXE_INVALID_DATA;
    if (status != PXE_OK)
        return status;
    (void)buckets_read(&value, out_set);
    mem_free(value.units);
    return PXE_OK;
}

static pxe_status list_load(const struct settings_port *port,
                            const struct settings_listener *listener, enum setting_id id,
                            struct rule_list *out_list)
{
    char problem[SETTING_PROBLEM_SIZE];
    struct setting_value value;
    pxe_status status = value_read(port, listener, setting_at(id), &value);

    if (status == PXE_FILE_NOT_FOUND) {
        *out_list = (struct rule_list){0};
        return PXE_OK;
    }
    if (status != PXE_OK)
        return status;
    status = list_read(setting_at(id), &value, out_list, problem);
    mem_free(value.units);
    return status;
}

pxe_status settings_load_bind(const struct settings_port *port,
                              const struct settings_listener *listener,
                              struct bind_rules *out_rules)
{
    struct rule_list list;
    pxe_status status = list_load(port, listener, SETTING_BIND_INTERFACES, &list);

    if (status != PXE_OK)
        return status;
    out_rules->policy = (enum bind_policy)settings_number(port, listener, SETTING_BIND_POLICY);
    out_rules->list = list;
    return PXE_OK;
}

void bind_rules_free(struct bind_rules *rules)
{
    mem_free(rules->list.rules);
    *rules = (struct bind_rules){0};
}

pxe_status settings_load(const struct settings_port *port, const struct settings_listener *listener,
                         struct settings *out_settings)
{
    struct settings settings = {0};
    pxe_status results[] = {
        settings_load_bind(port, listener, &settings.bind),
        list_load(port, listener, SETTING_BANNED_GUIDS, &settings.banned_guids),
        list_load(port, listener, SETTING_RESPONSE_DELAYS, &settings.delays),
        list_load(port, listener, SETTING_MULTICAST_GROUPS, &settings.groups),
        buckets_load(port, listener, &settings.buckets),
    };

    /* All of them first: whoever corrects one wants to hear of the others. */
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
        if (results[i] != PXE_OK) {
            settings_free(&settings);
            return results[i];
        }
    }
    settings.use_dhcp_ports = settings_number(port, listener, SETTING_USE_DHCP_PORTS) != 0;
    settings.shared_ports = settings_number(port, listener, SETTING_SHARED_PORTS) != 0;
    settings.strict_requests = settings_number(port, listener, SETTING_STRICT_REQUESTS) != 0;
    settings.takeover = settings_number(port, listener, SETTING_BALANCE_TAKEOVER);
    settings.max_pended = settings_number(port, listener, SETTING_MAX_PENDING);
    for (int id = 0; id < SETTING_COUNT; id++)
        if (setting_at((enum setting_id)id)->effect == SETTING_UNUSED)
            (void)settings_number(port, listener, (enum setting_id)id); /* wrong ones are told */
    *out_settings = settings;
    return PXE_OK;
}

void settings_free(struct settings *settings)
{
    bind_rules_free(&settings->bind);
    mem_free(settings->banned_guids.rules);
    mem_free(settings->delays.rules);
    mem_free(settings->groups.rules);
    *settings = (struct settings){0};
}
