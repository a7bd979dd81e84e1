/* The keys that a section may have, and what each of them fills. */
#include <stdio.h>
#include <string.h>

#include "answer/values/ini.h"
#include "base/address.h"
#include "reader.h"

#define BOOTS_MAX 1000
#define KEY_NAME_SIZE 64 /* a longer one is none */

/* Reads one value into the section. Returns a problem or NULL. */
typedef const char *key_reader(struct reader *reader, char *value);

struct key {
    const char *name;
    key_reader *read;
};

/* ---- text ---- */

static const char *keep_text(struct reader *reader, const char *value, const char **out)
{
    *out = reader_keep(reader, value);
    return *out == NULL ? OUT_OF_MEMORY : NULL;
}

/* At most 127 characters, or a URL of at most 255, which goes into option 67 if it is longer. */
static const char *read_file_name(struct reader *reader, const char *value, const char **out)
{
    char text[URL_MAX + 1];
    size_t size = url_is_url(value) ? URL_MAX + 1 : ANSWER_FILE_MAX + 1;
    const char *problem = value_text(value, text, size);

    return problem != NULL ? problem : keep_text(reader, text, out);
}

static const char *read_file(struct reader *reader, char *value)
{
    return read_file_name(reader, value, &reader->section.layer->file);
}

static const char *read_ipxe_file(struct reader *reader, char *value)
{
    return read_file_name(reader, value, &reader->section.layer->ipxe_file);
}

static const char *read_server_name(struct reader *reader, char *value)
{
    char text[ANSWER_SERVER_NAME_MAX + 1];
    const char *problem = value_text(value, text, sizeof(text));

    return problem != NULL ? problem : keep_text(reader, text, &reader->section.layer->server_name);
}

static const char *read_url(struct reader *reader, char *value)
{
    char url[URL_MAX + 1];
    const char *problem = url_read(value, URL_BOOT, url);

    return problem != NULL ? problem : keep_text(reader, url, &reader->section.layer->url);
}

static const char *read_http_url(struct reader *reader, char *value)
{
    char url[URL_MAX + 1];
    const char *problem = url_read(value, URL_HTTP, url);

    return problem != NULL ? problem : keep_text(reader, url, &reader->section.layer->http_url);
}

/* ---- servers ---- */

/* A host's name, as nothing that was meant to be an address can look like. */
static bool is_host_name(const char *value)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.";

    return strlen(value) < 254 && strspn(value, all) == strlen(value) &&
           strcspn(value, letters) < strlen(value);
}

static const char *read_next_server(struct reader *reader, char *value)
{
    struct layer *layer = reader->section.layer;
    const char *problem = value_ipv4(value, layer->next_server);

    if (problem != NULL && is_host_name(value)) {
        problem = "write an IPv4 address such as 192.168.0.1, or a name that this machine can look "
                  "up: it found no IPv4 address for this one";
        if (reader->port->resolve(reader->port->context, value, layer->next_server, 4))
            problem = NULL;
    }
    layer->said |= SAID_NEXT_SERVER;
    return problem;
}

static const char *read_next_server6(struct reader *reader, char *value)
{
    struct layer *layer = reader->section.layer;
    const char *problem = url_read_address(value, layer->next_server6);

    if (problem != NULL && is_host_name(value) &&
        strspn(value, "0123456789abcdefABCDEF") < strlen(value)) {
        problem = "write an IPv6 address such as fd00::2, or a name that this machine can look up: "
                  "it found no IPv6 address for this one";
        if (reader->port->resolve(reader->port->context, value, layer->next_server6, IPV6_SIZE) &&
            url_can_name(layer->next_server6))
            problem = NULL;
    }
    layer->said |= SAID_NEXT_SERVER6;
    return problem;
}

/* ---- the rest ---- */

static const char *read_boot_params(struct reader *reader, char *value)
{
    uint8_t bytes[VALUE_PARAMS_MAX];
    size_t length;
    const char *problem = value_params(value, bytes, &length);

    if (problem != NULL)
        return problem;
    struct option_bytes *params = &reader->section.layer->boot_params;
    params->bytes = arena_copy(reader->arena, bytes, length);
    params->length = (uint16_t)length;
    return params->bytes == NULL ? OUT_OF_MEMORY : NULL;
}

static const char *read_ignore(struct reader *reader, char *value)
{
    return value_yes_no(value, &reader->section.layer->ignore);
}

static const char *read_leave(struct reader *reader, char *value)
{
    return value_yes_no(value, &reader->section.layer->leave);
}

static const char *read_file_in_offer(struct reader *reader, char *value)
{
    reader->section.layer->said |= SAID_FILE_IN_OFFER;
    return value_yes_no(value, &reader->section.layer->file_in_offer);
}

static const char *read_boots(struct reader *reader, char *value)
{
    const char *problem = value_number(value, BOOTS_MAX, &reader->section.layer->boots);

    if (problem != NULL)
        return "write how many boots a machine gets, a number from 0 (any number) to 1000";
    reader->section.layer->said |= SAID_BOOTS;
    if (reader->section.layer->boots > 0)
        reader->config->counts_boots = true;
    return NULL;
}

static const char *refer(struct reader *reader, enum reference_kind kind, const char *key,
                         const char *name)
{
    return reader_refer(reader, kind, key, reader->section.layer, NULL, name);
}

static const char *read_then(struct reader *reader, char *value)
{
    return refer(reader, REFERENCE_THEN, "then", value);
}

static const char *read_menu(struct reader *reader, char *value)
{
    return refer(reader, REFERENCE_MENU, "menu", value);
}

static const char *read_use(struct reader *reader, char *value)
{
    const char *problem = NULL;

    for (char *item; problem == NULL && (item = ini_next_item(&value)) != NULL;)
        problem = refer(reader, REFERENCE_USE, "use", item);
    return problem;
}

static const char *read_port(const char *value, uint16_t *out)
{
    uint32_t port = 0;

    if (value_number(value, 65535, &port) != NULL || port == 0)
        return "this is no port; write a number from 1 to 65535, or remove the line for the usual "
               "one";
    *out = (uint16_t)port;
    return NULL;
}

static const char *read_dhcp_port(struct reader *reader, char *value)
{
    return read_port(value, &reader->config->dhcp_port);
}

static const char *read_dhcp6_port(struct reader *reader, char *value)
{
    return read_port(value, &reader->config->dhcp6_port);
}

/* ---- other files ---- */

static const char *unquote(char **value)
{
    size_t length = strlen(*value);

    if (**value == '"' && length >= 2 && (*value)[length - 1] == '"') {
        (*value)[length - 1] = '\0';
        ++*value;
    }
    if (strchr(*value, '"') != NULL)
        return "put quotes at both ends of the file's name, or at none";
    return **value == '\0' ? "write a file's name" : NULL;
}

static const char *add_files(struct reader *reader, char *value, bool is_machine_list)
{
    for (char *item; (item = ini_next_item(&value)) != NULL;) {
        const char *problem = unquote(&item);
        struct pending_file *file = arena_get(reader->arena, sizeof(*file));

        if (problem != NULL)
            return problem;
        if (file == NULL)
            return OUT_OF_MEMORY;
        file->path = reader_path(reader, item);
        file->place = reader->place;
        file->place.section = "server";
        file->place.key = is_machine_list ? "machines" : "include";
        file->is_machine_list = is_machine_list;
        if (file->path == NULL || !pointers_add(&reader->files, file))
            return OUT_OF_MEMORY;
    }
    return NULL;
}

static const char *read_include(struct reader *reader, char *value)
{
    return add_files(reader, value, false);
}

static const char *read_machines(struct reader *reader, char *value)
{
    return add_files(reader, value, true);
}

static const char *read_boots_file(struct reader *reader, char *value)
{
    const char *problem = unquote(&value);

    if (problem != NULL)
        return problem;
    reader->config->boots_file = reader_path(reader, value);
    return reader->config->boots_file == NULL ? OUT_OF_MEMORY : NULL;
}

/* ---- the tables ---- */

static const struct key keys_of_rule[] = {
    {"file", read_file},
    {"ipxe_file", read_ipxe_file},
    {"next_server", read_next_server},
    {"server_name", read_server_name},
    {"url", read_url},
    {"next_server6", read_next_server6},
    {"boot_params", read_boot_params},
    {"http_url", read_http_url},
    {"ignore", read_ignore},
    {"leave", read_leave},
    {"file_in_offer", read_file_in_offer},
    {"menu", read_menu},
    {"boots", read_boots},
    {"then", read_then},
    {"use", read_use},
    {NULL, NULL},
};

static const struct key keys_of_server[] = {
    {"next_server", read_next_server}, {"next_server6", read_next_server6},
    {"name", read_server_name},        {"dhcp_port", read_dhcp_port},
    {"dhcp6_port", read_dhcp6_port},   {"file_in_offer", read_file_in_offer},
    {"include", read_include},         {"machines", read_machines},
    {"boots_file", read_boots_file},   {NULL, NULL},
};

static const char unknown_rule_key[] =
    "unknown key; use file, ipxe_file, next_server, server_name, url, next_server6, boot_params, "
    "http_url, ignore, leave, file_in_offer, menu, boots, then, use, option.NNN, ipxe_option.NNN "
    "or "
    "option6.NNN";
static const char unknown_condition[] =
    "unknown key; use file, ipxe_file, next_server and the other keys of a section, or a "
    "condition: "
    "mac, guid, duid, arch, via, vendor_class, user_class, client_id, subnet, interface, "
    "circuit_id, remote_id";
static const char unknown_server_key[] =
    "unknown key; use next_server, next_server6, name, dhcp_port, dhcp6_port, file_in_offer, "
    "include, machines or boots_file";
static const char comment_key[] =
    "unknown key; a comment starts with ';' and has a line of its own, '#' is none";

/* ---- finding and reading a key ---- */

static const struct key *find_key(const struct key *keys, const char *name)
{
    for (; keys->name != NULL; ++keys) {
        if (ini_same(keys->name, name))
            return keys;
    }
    return NULL;
}

/* The start of an option's key, or NULL. */
static const char *option_start(const char *key)
{
    static const char *const starts[] = {"option.", "ipxe_option.", "option6."};

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); ++i) {
        if (ini_starts(key, starts[i]))
            return starts[i];
    }
    return NULL;
}

static const char *read_option(struct section *section, const char *start, const char *key,
                               const char *value)
{
    const char *number = key + strlen(start);

    if (ini_same(start, "option6."))
        return options6_add(&section->options6, number, value);
    return options_add(start[0] == 'o' ? &section->options : &section->ipxe_options, number, value);
}

/* A key that is in no table: an option, a condition, or none. */
static const char *read_other(struct reader *reader, const char *key, char *value, bool *out_known)
{
    struct section *section = &reader->section;
    const char *start = option_start(key);

    *out_known = true;
    if (start != NULL && section->kind != SECTION_SERVER)
        return read_option(section, start, key, value);
    if (section->conditions != NULL) {
        const char *problem =
            condition_read(reader->arena, section->conditions, key, value, out_known);
        return *out_known ? problem : unknown_condition;
    }
    *out_known = false;
    return section->kind == SECTION_SERVER ? unknown_server_key : unknown_rule_key;
}

/* Nobody knows what section it is: the key may be any section's. */
static const char *read_anywhere(struct reader *reader, const char *key, char *value,
                                 bool *out_known)
{
    const struct key *found = find_key(keys_of_rule, key);
    struct conditions unused = {.count = 0};
    const char *problem;

    *out_known = true;
    if (found != NULL)
        return found->read(reader, value);
    if (find_key(keys_of_server, key) != NULL || menu_knows_key(key))
        return NULL;
    reader->section.conditions = &unused;
    problem = read_other(reader, key, value, out_known);
    reader->section.conditions = NULL;
    return *out_known ? problem : "unknown key; no section has one of this name";
}

static const char *read_known(struct reader *reader, const char *key, char *value, bool *out_known)
{
    struct section *section = &reader->section;
    const struct key *keys = section->kind == SECTION_SERVER ? keys_of_server : keys_of_rule;
    const struct key *found = find_key(keys, key);

    *out_known = false;
    if (key[0] == '#')
        return comment_key;
    if (section->kind == SECTION_WRONG)
        return read_anywhere(reader, key, value, out_known);
    if (section->kind == SECTION_MENU)
        return menu_read_key(reader, key, value, out_known);
    if (found == NULL)
        return read_other(reader, key, value, out_known);
    *out_known = true;
    return found->read(reader, value);
}

/* ---- keys that are there twice ---- */

/* The key's name, however it is written. */
static void name_of(const char *key, char out[KEY_NAME_SIZE])
{
    const char *start = option_start(key);
    uint32_t code = 0;

    if (start != NULL && value_number(key + strlen(start), 65535, &code) == NULL)
        snprintf(out, KEY_NAME_SIZE, "%s%lu", start, (unsigned long)code);
    else
        snprintf(out, KEY_NAME_SIZE, "%s", key);
    ini_lower(out);
}

/* Could both values stand in one line? */
static bool takes_list(const struct section *section, const char *key)
{
    bool is_in_table = find_key(keys_of_rule, key) != NULL || option_start(key) != NULL;

    return ini_same(key, "use") || ini_same(key, "include") || ini_same(key, "machines") ||
           (section->kind == SECTION_RULE && !is_in_table);
}

static void tell_twice(struct reader *reader, const char *key, uint32_t first)
{
    struct place place = reader->place;

    place.key = key;
    problem_addf(reader->problems, &place,
                 "the key appears twice in this section, first in line %lu; %s",
                 (unsigned long)first,
                 takes_list(&reader->section, key) ? "write one list, with commas between"
                                                   : "remove one");
}

/* ---- the whole ---- */

/* Does the key say whether, and what, a client boots? */
static bool says_what_boots(const char *key)
{
    static const char *const keys[] = {"file", "url", "http_url", "menu", "ignore", "leave", "use"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); ++i) {
        if (ini_same(key, keys[i]))
            return true;
    }
    return false;
}

void key_read(struct reader *reader, const char *key, char *value)
{
    struct section *section = &reader->section;
    bool is_item =
        (section->kind == SECTION_MENU || section->kind == SECTION_WRONG) && ini_same(key, "item");
    char name[KEY_NAME_SIZE];
    bool is_known;

    name_of(key, name);
    uint32_t first = reader_seen(reader, name);
    if (first != 0) {
        tell_twice(reader, key, first);
        return;
    }
    const char *problem = read_known(reader, key, value, &is_known);
    if (!is_known || (is_item && problem != NULL))
        section->is_unsure = true;
    if (is_known && !is_item)
        reader_see(reader, name);
    if (problem != NULL && says_what_boots(key))
        section->layer->is_unsure = true;
    reader_tell(reader, key, problem);
}
