/* The sections of a file: what their names mean, and what is to be done when they end. */
#include <stdio.h>
#include <string.h>

#include "answer/values/ini.h"
#include "reader.h"

#define NAME_MAX 60

/* ---- names ---- */

static bool is_name(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= NAME_MAX && strpbrk(name, ",\"[]") == NULL;
}

/* A section of which there is one: [default] and [server]. */
static const char *begin_single(struct reader *reader, enum section_kind kind, const char *name,
                                struct layer **single)
{
    char where[300];

    reader->place.section = name;
    if (*single == NULL) {
        reader->section.kind = kind;
        *single = reader->section.layer;
        return NULL;
    }
    problem_addf(reader->problems, &reader->place,
                 "the section appears twice, first in %s; make one of the two",
                 reader_where(reader, (*single)->file_number, (*single)->line, where));
    return NULL;
}

/* Says which section has this key already. */
static void tell_taken(struct reader *reader, uint16_t file_number, uint32_t line)
{
    char where[300];

    problem_addf(reader->problems, &reader->place,
                 "another section is for the same clients (%s); make one of the two",
                 reader_where(reader, file_number, line, where));
}

/* [group:NAME], [rule:NAME], [menu:NAME]: found by the name in lower case. */
static const char *begin_named(struct reader *reader, enum section_kind kind, enum index_kind index,
                               const char *name, const void *target)
{
    struct index *all = &reader->config->index;
    char *key = is_name(name) ? reader_keep(reader, name) : NULL;
    char where[300];

    if (!is_name(name))
        return "the section needs a name of at most 60 characters without commas, quotes and "
               "brackets, such as [group:lab]";
    if (key == NULL)
        return OUT_OF_MEMORY;
    ini_lower(key);
    const struct layer *other = index_find(all, index, key, strlen(key));
    if (other != NULL && index != INDEX_MENU) {
        problem_addf(reader->problems, &reader->place,
                     "the section appears twice, first in %s; make one of the two",
                     reader_where(reader, other->file_number, other->line, where));
        return NULL;
    }
    if (other != NULL)
        return "the section appears twice; make one of the two";
    if (!index_add(all, index, key, strlen(key), target))
        return OUT_OF_MEMORY;
    reader->section.kind = kind;
    return NULL;
}

/* ---- machines and architectures ---- */

static const char *begin_machine(struct reader *reader, enum index_kind kind, const uint8_t *key,
                                 size_t length)
{
    const struct section *section = &reader->section;
    struct machine machine = {.layer = section->layer, .line = section->line};
    const uint8_t *kept = arena_copy(reader->arena, key, length);

    if (kept == NULL)
        return OUT_OF_MEMORY;
    machine.file_number = reader->file_number;
    if (kind == INDEX_MAC)
        machine.mac = kept;
    reader->section.kind = SECTION_MACHINE;
    reader_add_machine(reader, kind, kept, length, &machine, NULL);
    return NULL;
}

static const char *begin_mac(struct reader *reader, const char *name)
{
    uint8_t mac[VALUE_MAC_SIZE];
    const char *problem = value_mac(name, mac);

    return problem != NULL ? problem : begin_machine(reader, INDEX_MAC, mac, sizeof(mac));
}

static const char *begin_duid(struct reader *reader, const char *name)
{
    uint8_t duid[VALUE_DUID_MAX];
    size_t length;
    const char *problem = value_duid(name, duid, &length);

    return problem != NULL ? problem : begin_machine(reader, INDEX_DUID, duid, length);
}

static const char *begin_guid(struct reader *reader, const char *name)
{
    uint8_t guid[VALUE_GUID_SIZE];
    const char *problem = value_guid(name, guid);

    return problem != NULL ? problem : begin_machine(reader, INDEX_GUID, guid, sizeof(guid));
}

static const char *begin_arch(struct reader *reader, const char *name)
{
    uint32_t arch = 0;

    if (value_number(name, 65535, &arch) != NULL)
        return "an architecture is a number of RFC 4578, such as [arch:7] or [arch:0x0007]; names "
               "go into arch=... of a [rule:...] section";
    const uint8_t key[] = {(uint8_t)(arch >> 8), (uint8_t)arch};
    const struct layer *other = index_find(&reader->config->index, INDEX_ARCH, key, sizeof(key));
    if (other != NULL) {
        tell_taken(reader, other->file_number, other->line);
        return NULL;
    }
    const uint8_t *kept = arena_copy(reader->arena, key, sizeof(key));
    if (kept == NULL ||
        !index_add(&reader->config->index, INDEX_ARCH, kept, sizeof(key), reader->section.layer))
        return OUT_OF_MEMORY;
    reader->section.kind = SECTION_ARCH;
    return NULL;
}

/* ---- rules and menus ---- */

static const char *begin_rule(struct reader *reader, const char *name)
{
    struct rule *rule = arena_get(reader->arena, sizeof(*rule));

    if (rule == NULL || !pointers_add(&reader->rules, rule))
        return OUT_OF_MEMORY;
    rule->layer = reader->section.layer;
    reader->section.conditions = &rule->conditions;
    return begin_named(reader, SECTION_RULE, INDEX_RULE, name, rule->layer);
}

static const char *begin_menu(struct reader *reader, const char *name)
{
    struct menu *menu = arena_get(reader->arena, sizeof(*menu));

    if (menu == NULL)
        return OUT_OF_MEMORY;
    menu->name = reader_keep(reader, name);
    menu->timeout = 10;
    reader->section.menu.menu = menu;
    return begin_named(reader, SECTION_MENU, INDEX_MENU, name, menu);
}

/* ---- begin and end ---- */

static const char *begin_by_name(struct reader *reader, const char *name)
{
    if (ini_same(name, "server"))
        return begin_single(reader, SECTION_SERVER, "server", &reader->server);
    if (ini_same(name, "default"))
        return begin_single(reader, SECTION_DEFAULT, "default", &reader->defaults);
    if (ini_starts(name, "mac:"))
        return begin_mac(reader, name + 4);
    if (ini_starts(name, "duid:"))
        return begin_duid(reader, name + 5);
    if (ini_starts(name, "guid:"))
        return begin_guid(reader, name + 5);
    if (ini_starts(name, "arch:"))
        return begin_arch(reader, name + 5);
    if (ini_starts(name, "rule:"))
        return begin_rule(reader, name + 5);
    if (ini_starts(name, "group:"))
        return begin_named(reader, SECTION_GROUP, INDEX_GROUP, name + 6, reader->section.layer);
    if (ini_starts(name, "menu:"))
        return begin_menu(reader, name + 5);
    return "unknown section; use server, default, mac:..., duid:..., guid:..., arch:..., rule:..., "
           "group:... or menu:...";
}

void section_begin(struct reader *reader, char *name)
{
    struct section *section = &reader->section;

    memset(section, 0, offsetof(struct section, options));
    section->options.length = 0;
    section->ipxe_options.length = 0;
    section->options6.length = 0;
    memset(&section->menu, 0, sizeof(section->menu));
    section->kind = SECTION_WRONG;
    section->line = reader->place.line;
    section->name = reader_keep(reader, name);
    section->layer = arena_get(reader->arena, sizeof(*section->layer));
    reader->place.section = section->name;
    if (section->name == NULL || section->layer == NULL) {
        reader_tell(reader, NULL, OUT_OF_MEMORY);
        return;
    }
    section->layer->name = section->name;
    section->layer->line = section->line;
    section->layer->file_number = reader->file_number;
    reader_tell(reader, NULL, begin_by_name(reader, name));
}

static void keep_options(struct reader *reader, const struct option_draft *draft,
                         struct option_bytes *out)
{
    out->length = (uint16_t)draft->length;
    if (draft->length > 0)
        out->bytes = arena_copy(reader->arena, draft->bytes, draft->length);
    if (draft->length > 0 && out->bytes == NULL)
        out->length = 0; /* arena->failed tells it in the end */
}

static void remember(struct reader *reader)
{
    struct known_section *known = arena_get(reader->arena, sizeof(*known));

    if (known == NULL || !pointers_add(&reader->sections, known)) {
        reader->arena->failed = true;
        return;
    }
    known->kind = reader->section.kind;
    known->layer = reader->section.layer;
}

static void end_layer(struct reader *reader)
{
    struct section *section = &reader->section;

    keep_options(reader, &section->options, &section->layer->options);
    keep_options(reader, &section->ipxe_options, &section->layer->ipxe_options);
    keep_options(reader, &section->options6, &section->layer->options6);
    if (section->kind == SECTION_RULE && section->conditions->count == 0)
        reader_tell(reader, NULL,
                    "the rule has no condition, so it would be for everybody; write mac=..., "
                    "arch=..., vendor_class=..., subnet=... or another, or use [default]");
    remember(reader);
}

void section_end(struct reader *reader)
{
    enum section_kind kind = reader->section.kind;
    uint32_t line = reader->place.line;

    reader->place.line = reader->section.line; /* what is wrong is so of the section as a whole */
    if (kind == SECTION_MENU)
        reader_tell(reader, NULL, menu_finish(reader));
    else if (kind != SECTION_NONE && kind != SECTION_WRONG)
        end_layer(reader);
    reader->place.line = line;
}
