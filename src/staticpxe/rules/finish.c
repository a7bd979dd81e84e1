/* What can only be told when all files are read: names of other sections, and what nobody gets. */
#include <stdlib.h>
#include <string.h>

#include "answer/values/ini.h"
#include "match.h"
#include "reader.h"

/* ---- names ---- */

static const void *find_named(const struct reader *reader, enum index_kind kind, char *name)
{
    if (kind == INDEX_GROUP && ini_starts(name, "group:"))
        name += 6;
    if (kind == INDEX_MENU && ini_starts(name, "menu:"))
        name += 5;
    ini_lower(name);
    return index_find(&reader->config->index, kind, name, strlen(name));
}

static const char *add_use(struct reader *reader, struct layer *layer, const struct layer *group)
{
    const struct layer **items = (const struct layer **)(uintptr_t)layer->use.items;

    if (layer->use.count == LAYER_USE_MAX && layer->is_unsure)
        return NULL; /* it was told of the one before */
    if (layer->use.count == LAYER_USE_MAX)
        return "a section uses at most 16 groups; put their keys together";
    for (uint32_t i = 0; i < layer->use.count; ++i) {
        if (items[i] == group)
            return "the group is named twice; remove one";
    }
    if (items == NULL)
        items = arena_get(reader->arena, LAYER_USE_MAX * sizeof(struct layer *));
    if (items == NULL)
        return OUT_OF_MEMORY;
    items[layer->use.count++] = group;
    layer->use.items = items;
    return NULL;
}

static const char *use(struct reader *reader, struct layer *layer, const struct layer *group)
{
    const char *problem = add_use(reader, layer, group);

    layer->is_unsure = layer->is_unsure || problem != NULL;
    return problem;
}

static const char *resolve(struct reader *reader, struct reference *reference)
{
    bool is_menu = reference->kind == REFERENCE_MENU;
    const void *target = find_named(reader, is_menu ? INDEX_MENU : INDEX_GROUP, reference->name);

    if (target == NULL && reference->layer != NULL)
        reference->layer->is_unsure = true;
    if (target == NULL && reader_is_meant(reader, reference->name))
        return NULL;
    if (target == NULL)
        return is_menu ? "there is no section [menu:...] of this name; write one"
                       : "there is no section [group:...] of this name; write one";
    switch (reference->kind) {
    case REFERENCE_MENU:
        reference->layer->menu = target;
        return NULL;
    case REFERENCE_THEN:
        reference->layer->then = target;
        return NULL;
    case REFERENCE_ITEM:
        reference->item->group = target;
        return NULL;
    default:
        return use(reader, reference->layer, target);
    }
}

/* Puts the groups of groups behind each group, once each. Depth first; `depth` ends circles. */
// NOLINTNEXTLINE(misc-no-recursion): LAYER_USE_MAX deep at most
static bool flatten(const struct layer *layer, const struct layer **out, uint32_t *count,
                    uint32_t depth)
{
    if (depth > LAYER_USE_MAX)
        return false;
    for (uint32_t i = 0; i < layer->use.count; ++i) {
        const struct layer *group = layer->use.items[i];
        uint32_t known = 0;

        while (known < *count && out[known] != group)
            ++known;
        if (known < *count)
            continue;
        if (*count == LAYER_USE_MAX)
            return false;
        out[(*count)++] = group;
        if (!flatten(group, out, count, depth + 1))
            return false;
    }
    return true;
}

static bool reaches(const struct layer_list *flat, const struct layer *layer)
{
    for (uint32_t i = 0; i < flat->count; ++i) {
        if (flat->items[i] == layer)
            return true;
    }
    return false;
}

/* Too many groups are told of the section that makes them too many, not of those that use it. */
static bool is_groups_fault(const struct layer *layer)
{
    const struct layer *flat[LAYER_USE_MAX];

    for (uint32_t i = 0; i < layer->use.count; ++i) {
        uint32_t count = 0;

        if (!flatten(layer->use.items[i], flat, &count, 0))
            return true;
    }
    return false;
}

static const char *flatten_use(struct reader *reader, struct layer *layer, struct layer_list *out)
{
    const struct layer *flat[LAYER_USE_MAX];
    uint32_t count = 0;

    if (!flatten(layer, flat, &count, 0)) {
        layer->is_unsure = true;
        return is_groups_fault(layer)
                   ? NULL
                   : "with the groups of its groups the section uses more than 16; put their keys "
                     "together";
    }
    out->items = arena_copy(reader->arena, flat, count * sizeof(*flat));
    out->count = count;
    return out->items == NULL ? OUT_OF_MEMORY : NULL;
}

static void place_at(struct reader *reader, const struct layer *layer)
{
    reader->place.file = reader->config->files[layer->file_number];
    reader->place.line = layer->line;
    reader->place.section = layer->name;
}

static void tell_of(struct reader *reader, const struct layer *layer, const char *key,
                    const char *problem)
{
    place_at(reader, layer);
    reader_tell(reader, key, problem);
}

static struct layer *layer_at(const struct reader *reader, size_t i)
{
    return ((struct known_section *)reader->sections.items[i])->layer;
}

/* A circle is told once, of the first of its groups, with a group by which it goes on. */
static void tell_circle(struct reader *reader, const struct layer_list *flat, size_t at)
{
    const struct layer *layer = layer_at(reader, at);
    struct place place;

    for (size_t i = 0; i < at; ++i) {
        if (reaches(&flat[i], layer) && reaches(&flat[at], layer_at(reader, i)))
            return;
    }
    place_at(reader, layer);
    place = reader->place;
    place.key = "use";
    if (layer->use.items[0] == layer)
        problem_add(reader->problems, &place, "the group uses itself; remove it from the list");
    else
        problem_addf(reader->problems, &place,
                     "the group uses itself, by way of others such as [%s]; remove one use",
                     layer->use.items[0]->name);
}

/* First all lists are made from what the files say, then they take the place of that. */
static void flatten_all(struct reader *reader)
{
    size_t count = reader->sections.count;
    struct layer_list *flat = arena_get(reader->arena, (count + 1) * sizeof(*flat));

    for (size_t i = 0; flat != NULL && i < count; ++i) {
        struct layer *layer = layer_at(reader, i);

        if (layer->use.count > 0)
            tell_of(reader, layer, "use", flatten_use(reader, layer, &flat[i]));
        if (reaches(&flat[i], layer))
            tell_circle(reader, flat, i);
    }
    for (size_t i = 0; flat != NULL && i < count; ++i)
        layer_at(reader, i)->use = flat[i];
}

void finish_references(struct reader *reader)
{
    for (size_t i = 0; i < reader->references.count; ++i) {
        struct reference *reference = reader->references.items[i];
        const char *problem = resolve(reader, reference);

        reader->place = reference->place;
        reader_tell(reader, reference->place.key, problem);
    }
    flatten_all(reader);
}

/* ---- what nobody gets ---- */

static bool has_file(const struct layer *layer)
{
    return layer->file != NULL || layer->url != NULL || layer->http_url != NULL ||
           layer->menu != NULL;
}

static bool boots_something(const struct layer *layer)
{
    bool result = has_file(layer);

    for (uint32_t i = 0; !result && i < layer->use.count; ++i)
        result = has_file(layer->use.items[i]);
    return result;
}

/* Would it boot something if its mistakes were none? */
static bool may_boot_something(const struct layer *layer)
{
    bool result = layer->is_unsure || boots_something(layer);

    for (uint32_t i = 0; !result && i < layer->use.count; ++i)
        result = layer->use.items[i]->is_unsure;
    return result;
}

static bool refuses(const struct layer *layer)
{
    bool result = layer->ignore || layer->leave;

    for (uint32_t i = 0; !result && i < layer->use.count; ++i)
        result = layer->use.items[i]->ignore || layer->use.items[i]->leave;
    return result;
}

/* Is there any section that gives boot files to clients of an architecture or a rule? */
static bool has_common_file(const struct reader *reader)
{
    for (size_t i = 0; i < reader->sections.count; ++i) {
        const struct known_section *known = reader->sections.items[i];

        if ((known->kind == SECTION_ARCH || known->kind == SECTION_RULE) &&
            may_boot_something(known->layer))
            return true;
    }
    return false;
}

/* Do the options of a client who gets this section's, its groups' and [default]'s fit? */
static bool options_fit(const struct layer *layer, const struct layer *defaults)
{
    struct match match = {.layer_count = 0};

    match_push(&match, layer);
    if (defaults != NULL && defaults != layer)
        match_push(&match, defaults);
    return match_options_fit(&match);
}

/* ---- option 43 beside file_in_offer ---- */

enum { OPTION_VENDOR = 43, VENDOR_PAD = 0, VENDOR_CONTROL = 6, VENDOR_END = 255 };

/* Whether a value of option 43 has sub-option 6 (PXE_DISCOVERY_CONTROL), or is not PXE's at all, as
 * "Raspberry Pi Boot": then it has no sub-options. */
static bool has_control(const uint8_t *value, size_t length)
{
    for (size_t at = 0; at < length && value[at] != VENDOR_END;) {
        if (value[at] == VENDOR_CONTROL)
            return true;
        if (value[at] != VENDOR_PAD && (at + 1 == length || value[at + 1] > length - at - 2))
            return true;
        at += value[at] == VENDOR_PAD ? 1 : 2 + (size_t)value[at + 1];
    }
    return false;
}

/* Whether the section has an option 43; if so, whether one of them says where the file is. */
static bool says_vendor(const struct layer *layer, bool *out_has_control)
{
    const struct option_bytes *options = &layer->options;
    bool is_there = false;

    *out_has_control = false;
    for (size_t at = 0; at < options->length; at += 2 + (size_t)options->bytes[at + 1]) {
        if (options->bytes[at] != OPTION_VENDOR)
            continue;
        is_there = true;
        *out_has_control |= has_control(options->bytes + at + 2, options->bytes[at + 1]);
    }
    return is_there;
}

/* The sections that count for a client of this one, in order: it, its groups, [default], [server].
 * NULL behind the last. */
static const struct layer *counting(const struct reader *reader, const struct layer *layer,
                                    uint32_t at)
{
    if (at == 0)
        return layer;
    if (at <= layer->use.count)
        return layer->use.items[at - 1];
    at -= layer->use.count + 1;
    if (reader->defaults != NULL && reader->defaults != layer && at-- == 0)
        return reader->defaults;
    return at == 0 ? reader->server : NULL;
}

/* Which section's option 43 such a client gets without 43.6, in an OFFER that names the file. NULL:
 * it gets none, or there is a menu, which has its own. */
static const struct layer *wrong_vendor(const struct reader *reader, const struct layer *layer)
{
    const struct layer *one, *vendor = NULL, *offer = NULL;
    bool is_right = false;

    for (uint32_t at = 0; (one = counting(reader, layer, at)) != NULL; ++at) {
        if (one->menu != NULL)
            return NULL;
        if (offer == NULL && (one->said & SAID_FILE_IN_OFFER) != 0)
            offer = one;
        if (vendor == NULL && says_vendor(one, &is_right))
            vendor = one;
        if (vendor != NULL && is_right)
            return NULL;
    }
    return offer != NULL && offer->file_in_offer ? vendor : NULL;
}

static bool is_in(const struct pointers *list, const void *item)
{
    for (size_t i = 0; i < list->count; ++i) {
        if (list->items[i] == item)
            return true;
    }
    return false;
}

/* Each once, however many sections use it. `told`: those of others. */
static void warn_of_vendor(struct reader *reader, const struct layer *layer, struct pointers *told)
{
    const struct layer *vendor = wrong_vendor(reader, layer);

    if (vendor == NULL || (vendor != layer && is_in(told, vendor)))
        return;
    if (vendor != layer || vendor == reader->defaults)
        (void)pointers_add(told, (void *)(uintptr_t)vendor); /* by number: casts const away */
    const struct place place = {.file = reader->config->files[vendor->file_number],
                                .line = vendor->line,
                                .section = vendor->name,
                                .key = "option.43"};
    problem_warn(reader->problems, &place,
                 "with file_in_offer, UEFI firmware asks the host of the boot file on port 4011, "
                 "because this option lacks 43.6; begin its value with 060108, as in hex:060108ff");
}

static void warn_of_vendors(struct reader *reader)
{
    struct pointers told = {0};

    for (size_t i = 0; i < reader->sections.count; ++i) {
        const struct known_section *known = reader->sections.items[i];

        if (known->kind != SECTION_SERVER && known->kind != SECTION_GROUP)
            warn_of_vendor(reader, known->layer, &told);
    }
    free(told.items);
}

/* ---- all of it ---- */

static void check_section(struct reader *reader, const struct known_section *known, bool has_common)
{
    const struct layer *layer = known->layer;
    const struct layer *defaults = reader->defaults;

    if (known->kind == SECTION_SERVER || known->kind == SECTION_GROUP)
        return;
    if (!options_fit(layer, defaults))
        tell_of(reader, layer, NULL,
                "its options, those of its groups and those of [default] together have more than "
                "700 bytes (DHCPv6: 400), which no reply can carry; remove some");
    if (known->kind == SECTION_DEFAULT)
        return;
    ++reader->config->rule_count;
    if (may_boot_something(layer) || refuses(layer) || reader->is_unsure || reader->is_incomplete ||
        (defaults != NULL && may_boot_something(defaults)) ||
        (known->kind != SECTION_ARCH && has_common))
        return;
    tell_of(reader, layer, "file",
            "no boot file, here or in [default]; write file=..., url=..., http_url=... or "
            "ignore=yes");
}

void finish_sections(struct reader *reader)
{
    struct static_config *config = reader->config;
    const struct layer *defaults = reader->defaults;
    bool has_common = has_common_file(reader);

    for (size_t i = 0; i < reader->sections.count; ++i)
        check_section(reader, reader->sections.items[i], has_common);
    config->default_answers = defaults != NULL && (refuses(defaults) || boots_something(defaults));
    config->rule_count += config->default_answers;
    warn_of_vendors(reader);
    if (config->rule_count > 0 || config->machine_count > 0 || reader->problems->count > 0)
        return;
    reader->place = (struct place){.file = config->files[0]};
    reader_tell(reader, NULL,
                "no client would be answered; write at least a section [default] with file=...");
}
