#include "match.h"

#include <string.h>

/* ---- machines and architectures ---- */

static const struct machine *find_by_guid(const struct static_config *config,
                                          const struct client_facts *facts)
{
    const struct machine *machine = NULL;

    if (!facts->has_guid)
        return NULL;
    machine = index_find(&config->index, INDEX_GUID, facts->guid, FACTS_GUID_SIZE);
    if (machine == NULL && facts->is_guid_order_unsure)
        machine = index_find(&config->index, INDEX_GUID, facts->guid_swapped, FACTS_GUID_SIZE);
    return machine;
}

/* By its MAC address, then its DUID, then its GUID. */
static void find_machine(const struct static_config *config, const struct client_facts *facts,
                         struct match *match)
{
    const uint8_t *mac = asker_mac(facts);

    match->machine_key = "mac";
    if (mac != NULL)
        match->machine = index_find(&config->index, INDEX_MAC, mac, VALUE_MAC_SIZE);
    if (match->machine != NULL)
        return;
    match->machine_key = "duid";
    if (facts->duid.length > 0)
        match->machine =
            index_find(&config->index, INDEX_DUID, facts->duid.bytes, facts->duid.length);
    if (match->machine != NULL)
        return;
    match->machine_key = "guid";
    match->machine = find_by_guid(config, facts);
}

/* Of the architectures that a client lists the first that has a section. */
static const struct layer *find_arch(const struct static_config *config,
                                     const struct client_facts *facts)
{
    const struct layer *layer = NULL;

    for (size_t i = 0; layer == NULL && i < facts->architecture_count; ++i) {
        uint16_t arch = facts->architectures[i];
        const uint8_t key[] = {(uint8_t)(arch >> 8), (uint8_t)arch};

        layer = index_find(&config->index, INDEX_ARCH, key, sizeof(key));
    }
    return layer;
}

/* ---- rules ---- */

static bool is_boot_client(const struct client_facts *facts)
{
    return facts->boot != FACTS_BOOT_OTHER || asker_is_uboot(facts);
}

static const struct rule *find_rule(const struct static_config *config, const struct asker *asker)
{
    bool is_any_rule_good = is_boot_client(asker->facts);
    const char *failed;

    for (uint32_t i = 0; i < config->ordered_rule_count; ++i) {
        const struct conditions *conditions = &config->rules[i]->conditions;

        if ((is_any_rule_good || conditions->vendor_classes.count > 0) &&
            conditions_hold(conditions, asker, &failed))
            return config->rules[i];
    }
    return NULL;
}

/* ---- layers ---- */

static void push(struct match *match, const struct layer *layer)
{
    if (match->layer_count < MATCH_LAYERS_MAX)
        match->layers[match->layer_count++] = layer;
}

void match_push(struct match *match, const struct layer *layer)
{
    push(match, layer);
    for (uint32_t i = 0; i < layer->use.count; ++i)
        push(match, layer->use.items[i]);
}

static bool has_file(const struct layer *layer, const struct client_facts *facts)
{
    if (facts->boot == FACTS_BOOT_HTTP)
        return layer->http_url != NULL;
    return layer->file != NULL || (facts->is_ipxe && layer->ipxe_file != NULL) ||
           (facts->is_ipv6 && layer->url != NULL);
}

static bool any_has_file(const struct match *match, const struct client_facts *facts)
{
    for (size_t i = 0; i < match->layer_count; ++i) {
        if (has_file(match->layers[i], facts))
            return true;
    }
    return false;
}

/* The layers from here on are those of the section that decides who is not answered at all. */
static void take_refusals(struct match *match, size_t from)
{
    match->ignore = false;
    match->leave = false;
    for (size_t i = from; i < match->layer_count; ++i) {
        match->ignore = match->ignore || match->layers[i]->ignore;
        match->leave = match->leave || match->layers[i]->leave;
    }
}

/* A section, unless one above has a boot file. The first one decides who is not answered at all. */
static void add_section(struct match *match, const struct layer *layer,
                        const struct client_facts *facts)
{
    size_t before = match->layer_count;

    if (layer == NULL || (match->section != NULL && any_has_file(match, facts)))
        return;
    match_push(match, layer);
    if (match->section != NULL)
        return;
    match->section = layer;
    take_refusals(match, before);
}

void config_match(const struct static_config *config, const struct asker *asker, struct match *out)
{
    const struct client_facts *facts = asker->facts;

    memset(out, 0, sizeof(*out));
    out->rule = find_rule(config, asker);
    if (is_boot_client(facts)) {
        find_machine(config, facts, out);
        out->arch = find_arch(config, facts);
    }
    if (out->machine != NULL)
        add_section(out, out->machine->layer, facts);
    if (out->rule != NULL)
        add_section(out, out->rule->layer, facts);
    add_section(out, out->arch, facts);
    if (facts->boot != FACTS_BOOT_OTHER && config->defaults != NULL) {
        if (out->section == NULL && config->default_answers)
            add_section(out, config->defaults, facts);
        else if (out->section != NULL)
            match_push(out, config->defaults);
    }
    if (config->server != NULL)
        push(out, config->server);
}

void match_prefer(const struct static_config *config, const struct layer *group,
                  struct match *match)
{
    const struct match old = *match;

    match->layer_count = 0;
    match_push(match, group);
    take_refusals(match, 0);
    if (group->file == NULL && group->url == NULL) {
        for (size_t i = 0; i < old.layer_count; ++i)
            push(match, old.layers[i]);
        return;
    }
    if (config->defaults != NULL)
        match_push(match, config->defaults);
    if (config->server != NULL)
        push(match, config->server);
}

/* ---- what they say together ---- */

const struct menu *match_menu(const struct match *match)
{
    const struct menu *menu = NULL;

    for (size_t i = 0; menu == NULL && i < match->layer_count; ++i)
        menu = match->layers[i]->menu;
    return menu;
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

/* The first that says something. */
#define FIRST(out, field)                                                                          \
    do {                                                                                           \
        if ((out) == NULL)                                                                         \
            (out) = layer->field;                                                                  \
    } while (0)

/*
 * What is said about the boot file goes before a URL of a less particular section; a group that was
 * chosen and has a file gives it to iPXE as well.
 */
// NOLINTNEXTLINE(readability-function-cognitive-complexity): the macro counts once for each text
static void plan_texts(const struct match *match, struct boot_plan *plan)
{
    const struct layer *first = match->layers[0];
    bool is_chosen = first != match->section && first->file != NULL;
    bool is_url_open = true;

    for (size_t i = 0; i < match->layer_count; ++i) {
        const struct layer *layer = match->layers[i];

        if (is_url_open)
            FIRST(plan->url, url);
        if (layer->file != NULL || (layer->said & SAID_NEXT_SERVER6) != 0)
            is_url_open = false;
        FIRST(plan->file, file);
        if (!is_chosen || i == 0)
            FIRST(plan->ipxe_file, ipxe_file);
        FIRST(plan->http_url, http_url);
        FIRST(plan->server_name, server_name);
        FIRST(plan->menu, menu);
        if (plan->boot_params.bytes == NULL)
            plan->boot_params = layer->boot_params;
    }
    plan->file = or_empty(plan->file);
    plan->ipxe_file = or_empty(plan->ipxe_file);
    plan->url = or_empty(plan->url);
    plan->http_url = or_empty(plan->http_url);
    plan->server_name = or_empty(plan->server_name);
}

static void plan_values(const struct match *match, struct boot_plan *plan)
{
    uint8_t said = 0;

    for (size_t i = 0; i < match->layer_count; ++i) {
        const struct layer *layer = match->layers[i];
        uint8_t fresh = layer->said & (uint8_t)~said;

        if ((fresh & SAID_NEXT_SERVER) != 0)
            memcpy(plan->next_server, layer->next_server, sizeof(plan->next_server));
        if ((fresh & SAID_NEXT_SERVER6) != 0)
            memcpy(plan->next_server6, layer->next_server6, sizeof(plan->next_server6));
        if ((fresh & SAID_FILE_IN_OFFER) != 0)
            plan->file_in_offer = layer->file_in_offer;
        if ((fresh & SAID_BOOTS) != 0)
            plan->boots = layer->boots;
        FIRST(plan->then, then);
        said |= layer->said;
    }
}

static size_t option_size(const uint8_t *option, size_t header)
{
    return header + option[header - 1]; /* no value is longer than 255 bytes */
}

/* Takes an option of a less particular section out, so that the other's value replaces it. */
static void remove_option(uint8_t *options, uint16_t *length, const uint8_t *code, size_t header)
{
    for (size_t at = 0; at < *length;) {
        size_t size = option_size(options + at, header);

        if (memcmp(options + at, code, header / 2) == 0) {
            *length = (uint16_t)(*length - size);
            memmove(options + at, options + at + size, *length - at);
        } else {
            at += size;
        }
    }
}

/* Lays options over those that are there. False: they do not fit. */
static bool add_options(uint8_t *options, uint16_t *length, size_t capacity,
                        const struct option_bytes *added, size_t header)
{
    for (size_t at = 0; at < added->length;) {
        const uint8_t *option = added->bytes + at;
        size_t size = option_size(option, header);

        remove_option(options, length, option, header);
        if (capacity - *length < size)
            return false;
        memcpy(options + *length, option, size);
        *length = (uint16_t)(*length + size);
        at += size;
    }
    return true;
}

static bool plan_all_options(const struct match *match, bool is_ipxe, struct boot_plan *plan)
{
    bool fits = true;

    for (size_t i = match->layer_count; fits && i > 0; --i) {
        const struct layer *layer = match->layers[i - 1];

        fits = add_options(plan->options, &plan->options_length, ANSWER_OPTIONS_MAX,
                           &layer->options, 2) &&
               add_options(plan->options6, &plan->options6_length, ANSWER_OPTIONS6_MAX,
                           &layer->options6, 4);
    }
    for (size_t i = match->layer_count; is_ipxe && fits && i > 0; --i)
        fits = add_options(plan->options, &plan->options_length, ANSWER_OPTIONS_MAX,
                           &match->layers[i - 1]->ipxe_options, 2);
    return fits;
}

static size_t count_options(const struct match *match, size_t *out_options6)
{
    size_t length = 0;

    *out_options6 = 0;
    for (size_t i = 0; i < match->layer_count; ++i) {
        length += match->layers[i]->options.length + match->layers[i]->ipxe_options.length;
        *out_options6 += match->layers[i]->options6.length;
    }
    return length;
}

bool match_options_fit(const struct match *match)
{
    size_t length6;
    size_t length = count_options(match, &length6);

    if (length <= ANSWER_OPTIONS_MAX && length6 <= ANSWER_OPTIONS6_MAX)
        return true; /* also if none replaces another */
    for (int is_ipxe = 0; is_ipxe < 2; ++is_ipxe) {
        struct boot_plan plan = {.options_length = 0};

        if (!plan_all_options(match, is_ipxe != 0, &plan))
            return false;
    }
    return true;
}

void match_plan(const struct match *match, const struct asker *asker, struct boot_plan *out)
{
    memset(out, 0, sizeof(*out));
    out->section = match->section->name;
    plan_texts(match, out);
    plan_values(match, out);
    if (!plan_all_options(match, asker->facts->is_ipxe, out)) {
        out->is_too_much = true;
        out->options_length = 0;
        out->options6_length = 0;
    }
}

const char *plan_file(const struct boot_plan *plan, bool is_ipxe)
{
    return plan_pick_file(plan->file, plan->ipxe_file, is_ipxe);
}
