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
static const char *begin_single(struct reader *reader, const char *name, struct layer **single)
{
    char where[300];

    reader->place.section = name;
    if (*single == NULL) {
        reader->section.is_discarded = false;
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
static const char *begin_named(struct reader *reader, enum index_kind index, const char *name,
                               const void *target)
{
    enum index_kind place = index == INDEX_MENU ? INDEX_MENU_SECTION : index;
    struct index *all = &reader->config->index;
    char *key = is_name(name) ? reader_keep(reader, name) : NULL;
    char where[300];

    if (!is_name(name))
        return "the section needs a name of at most 60 characters without commas, quotes and "
               "brackets, such as [group:lab]";
    if (key == NULL)
        return OUT_OF_MEMORY;
    ini_lower(key);
    const struct layer *other = index_find(all, place, key, strlen(key));
    if (other != NULL) {
        problem_addf(reader->problems, &reader->place,
                     "the section appears twice, first in %s; make one of the two",
                     reader_where(reader, other->file_number, other->line, where));
        return NULL;
    }
    if (!index_add(all, index, key, strlen(key), target) ||
        !index_add(all, place, key, strlen(key), reader->section.layer))
        return OUT_OF_MEMORY;
    reader->section.is_discarded = false;
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
    reader->section.is_discarded = false;
    reader_add_machine(reader, kind, kept, length, &machine, NULL, NULL);
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
    reader->section.is_discarded = false;
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
    return begin_named(reader, INDEX_RULE, name, rule->layer);
}

static const char *begin_menu(struct reader *reader, const char *name)
{
    struct menu *menu = arena_get(reader->arena, sizeof(*menu));

    if (menu == NULL)
        return OUT_OF_MEMORY;
    menu->name = reader_keep(reader, name);
    menu->timeout = 10;
    reader->section.menu.menu = menu;
    return begin_named(reader, INDEX_MENU, name, menu);
}

/* ---- begin and end ---- */

static const char *begin_server(struct reader *reader, const char *name)
{
    (void)name;
    return begin_single(reader, "server", &reader->server);
}

static const char *begin_default(struct reader *reader, const char *name)
{
    (void)name;
    return begin_single(reader, "default", &reader->defaults);
}

static const char *begin_group(struct reader *reader, const char *name)
{
    return begin_named(reader, INDEX_GROUP, name, reader->section.layer);
}

static const struct {
    const char *start; /* of the name; without a colon the whole */
    enum section_kind kind;
    const char *(*begin)(struct reader *reader, const char *name);
} sections[] = {
    {"server", SECTION_SERVER, begin_server}, {"default", SECTION_DEFAULT, begin_default},
    {"mac:", SECTION_MACHINE, begin_mac},     {"duid:", SECTION_MACHINE, begin_duid},
    {"guid:", SECTION_MACHINE, begin_guid},   {"arch:", SECTION_ARCH, begin_arch},
    {"rule:", SECTION_RULE, begin_rule},      {"group:", SECTION_GROUP, begin_group},
    {"menu:", SECTION_MENU, begin_menu},
};

#define SECTION_KINDS (sizeof(sections) / sizeof(sections[0]))

static size_t find_kind(const char *name)
{
    size_t i = 0;

    for (; i < SECTION_KINDS; ++i) {
        const char *start = sections[i].start;

        if (strchr(start, ':') != NULL ? ini_starts(name, start) : ini_same(name, start))
            break;
    }
    return i;
}

static const char *begin_by_name(struct reader *reader, const char *name)
{
    size_t kind = find_kind(name);

    if (kind == SECTION_KINDS)
        return "unknown section; use server, default, mac:..., duid:..., guid:..., arch:..., "
               "rule:..., group:... or menu:...";
    reader->section.kind = sections[kind].kind;
    return sections[kind].begin(reader, name + strlen(sections[kind].start));
}

/* Only what its lines are read into. */
static const char *begin_discarded(struct reader *reader, const char *name)
{
    struct section *section = &reader->section;
    size_t kind = find_kind(name);

    section->kind = kind == SECTION_KINDS ? SECTION_WRONG : sections[kind].kind;
    section->conditions = section->kind != SECTION_RULE
                              ? NULL
                              : arena_get(reader->arena, sizeof(*section->conditions));
    section->menu.menu = arena_get(reader->arena, sizeof(*section->menu.menu));
    if (section->menu.menu == NULL ||
        (section->kind == SECTION_RULE && section->conditions == NULL))
        section->kind = SECTION_NONE; /* arena->failed tells it in the end */
    return NULL;
}

/* The name that others may call a section by whose own is wrong: what stands behind its kind. */
static void remember_meant(struct reader *reader, const char *name)
{
    char *meant = reader_keep(reader, name + strcspn(name, ": "));

    if (meant == NULL)
        return;
    meant += strspn(meant, ": ");
    if (*meant == '\0')
        meant = reader_keep(reader, name);
    if (meant == NULL)
        return;
    ini_lower(meant);
    index_add(&reader->config->index, INDEX_MEANT, meant, strlen(meant), meant);
}

static void reset_section(struct section *section)
{
    memset(section, 0, offsetof(struct section, options));
    section->options.length = 0;
    section->ipxe_options.length = 0;
    section->options6.length = 0;
    memset(&section->menu, 0, sizeof(section->menu));
    section->kind = SECTION_WRONG;
    section->is_discarded = true;
}

void section_begin(struct reader *reader, char *name, enum section_line line)
{
    struct section *section = &reader->section;

    reset_section(section);
    reader->seen_count = 0;
    section->line = reader->place.line;
    section->name = reader_keep(reader, name);
    section->layer = arena_get(reader->arena, sizeof(*section->layer));
    reader->place.section = section->name;
    if (section->name == NULL || section->layer == NULL) {
        section->kind = SECTION_NONE;
        reader_tell(reader, NULL, OUT_OF_MEMORY);
        return;
    }
    section->layer->name = section->name;
    section->layer->line = section->line;
    section->layer->file_number = reader->file_number;
    const char *problem =
        line == SECTION_LINE_COMMENT ? begin_discarded(reader, name) : begin_by_name(reader, name);
    if (section->is_discarded)
        remember_meant(reader, name);
    if (line == SECTION_LINE_GOOD)
        reader_tell(reader, NULL, problem);
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
    section->layer->is_unsure = section->layer->is_unsure || section->is_unsure;
    if (section->kind == SECTION_RULE && section->conditions->count == 0 && !section->is_unsure)
        reader_tell(reader, NULL,
                    "the rule has no condition, so it would be for everybody; write mac=..., "
                    "arch=..., vendor_class=..., subnet=... or another, or use [default]");
    remember(reader);
}

void section_end(struct reader *reader)
{
    enum section_kind kind = reader->section.kind;
    uint32_t line = reader->place.line;

    if (kind == SECTION_NONE)
        return;
    if (reader->section.is_discarded) {
        reader->is_unsure = true;
        return;
    }
    reader->place.line = reader->section.line; /* what is wrong is so of the section as a whole */
    if (kind == SECTION_MENU)
        reader_tell(reader, NULL, menu_finish(reader));
    else
        end_layer(reader);
    reader->place.line = line;
}
