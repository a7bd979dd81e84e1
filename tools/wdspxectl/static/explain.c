#include "cli/output.h"
#include "static/static.h"

#include <stdlib.h>
#include <string.h>

#include "facts/facts.h"
#include "answer/values/address.h"
#include "staticpxe/rules/match.h"
#include "text/json.h"

enum {
    EXPLAIN_MAC,
    EXPLAIN_GUID,
    EXPLAIN_DUID,
    EXPLAIN_ARCH,
    EXPLAIN_CLASS,
    EXPLAIN_USER_CLASS,
    EXPLAIN_CLIENT_ID,
    EXPLAIN_CIRCUIT_ID,
    EXPLAIN_REMOTE_ID,
    EXPLAIN_RELAY,
    EXPLAIN_CLIENT,
    EXPLAIN_LOCAL,
    EXPLAIN_IPV6,
    EXPLAIN_JSON,
};

const struct option_spec explain_options[] = {
    {"mac", OPTION_TEXT, false, 0, 0, "MAC", "the machine's MAC address"},
    {"guid", OPTION_TEXT, false, 0, 0, "GUID", "its GUID, as its firmware shows it"},
    {"duid", OPTION_TEXT, false, 0, 0, "DUID", "its DHCPv6 identifier"},
    {"arch", OPTION_TEXT, false, 0, 0, "ARCH",
     "its architecture: a number, or bios, x64 and so on"},
    {"class", OPTION_TEXT, false, 0, 0, "TEXT", "its vendor class; PXEClient if not given"},
    {"user-class", OPTION_TEXT, true, 0, 0, "TEXT", "one of its user classes, such as iPXE"},
    {"client-id", OPTION_TEXT, false, 0, 0, "TEXT", "its client identifier"},
    {"circuit-id", OPTION_TEXT, false, 0, 0, "TEXT", "what its relay adds as circuit id"},
    {"remote-id", OPTION_TEXT, false, 0, 0, "TEXT", "what its relay adds as remote id"},
    {"relay", OPTION_TEXT, false, 0, 0, "ADDRESS", "the address of its relay"},
    {"client", OPTION_TEXT, false, 0, 0, "ADDRESS", "the machine's own address"},
    {"local", OPTION_TEXT, false, 0, 0, "ADDRESS", "the server's address that it asks"},
    {"ipv6", OPTION_FLAG, false, 0, 0, NULL, "it asks over DHCPv6"},
    {"json", OPTION_FLAG, false, 0, 0, NULL, "as one JSON object"},
    {0},
};

/* A machine as the options describe it. */
struct described {
    struct client_facts facts;
    struct fact_address ours;
    uint8_t mac[VALUE_MAC_SIZE];
    uint8_t duid[VALUE_DUID_MAX];
};

static const char *text_of(const struct arguments *arguments, size_t option)
{
    const struct option_value *value = &arguments->options[option];

    return value->times == 0 ? NULL : value->texts[0];
}

static struct fact_bytes bytes_of(const char *text)
{
    if (text == NULL)
        return (struct fact_bytes){NULL, 0};
    return (struct fact_bytes){(const uint8_t *)text, strlen(text)};
}

/* ---- the machine ---- */

/* NULL, or what is wrong. */
static const char *read_identity(const struct arguments *arguments, struct described *out)
{
    const char *mac = text_of(arguments, EXPLAIN_MAC);
    const char *guid = text_of(arguments, EXPLAIN_GUID);
    const char *duid = text_of(arguments, EXPLAIN_DUID);
    size_t length = 0;

    if (mac != NULL && value_mac(mac, out->mac) != NULL)
        return "a MAC address has six bytes, such as 52-54-00-12-34-56";
    if (guid != NULL && value_guid(guid, out->facts.guid) != NULL)
        return "a GUID has 32 hexadecimal digits";
    if (duid != NULL && value_duid(duid, out->duid, &length) != NULL)
        return "a DUID has 3 to 130 bytes of two hexadecimal digits each";
    if (mac != NULL)
        out->facts.mac = (struct fact_bytes){out->mac, sizeof(out->mac)};
    out->facts.has_guid = guid != NULL;
    out->facts.duid = (struct fact_bytes){length > 0 ? out->duid : NULL, length};
    return NULL;
}

static const char *read_arch(const struct arguments *arguments, struct client_facts *facts)
{
    const char *arch = text_of(arguments, EXPLAIN_ARCH);
    uint16_t archs[VALUE_ARCHS_MAX];
    size_t count = 0;

    if (arch == NULL)
        return NULL;
    const char *problem = value_archs(arch, archs, &count);
    if (problem != NULL)
        return problem;
    facts->architectures[0] = archs[0];
    facts->architecture_count = 1;
    return NULL;
}

static const char *read_address(const struct arguments *arguments, size_t option,
                                struct fact_address *out)
{
    const char *text = text_of(arguments, option);
    const char *at = text;

    if (text == NULL)
        return NULL;
    if (address_read_ipv6(text, out->bytes)) {
        out->length = VALUE_IPV6_SIZE;
        return NULL;
    }
    out->length = VALUE_IPV4_SIZE;
    return address_read_ipv4(&at, out->bytes) && *at == '\0' ? NULL
                                                             : "write an IPv4 or IPv6 address";
}

static void read_classes(const struct arguments *arguments, struct client_facts *facts)
{
    static const char ipxe[] = "iPXE";
    const struct option_value *user = &arguments->options[EXPLAIN_USER_CLASS];
    const char *class = text_of(arguments, EXPLAIN_CLASS);

    facts->vendor_class = bytes_of(class == NULL ? "PXEClient" : class);
    facts->boot = facts_boot_of(facts->vendor_class.bytes, facts->vendor_class.length);
    for (size_t i = 0; i < user->times && i < FACTS_USER_CLASSES_MAX; i++) {
        facts->user_classes[facts->user_class_count++] = bytes_of(user->texts[i]);
        facts->is_ipxe = facts->is_ipxe || strcmp(user->texts[i], ipxe) == 0;
    }
}

static const char *read_described(const struct arguments *arguments, struct described *out)
{
    struct client_facts *facts = &out->facts;

    facts->is_dhcp = true;
    facts->is_ipv6 = arguments->options[EXPLAIN_IPV6].times > 0;
    read_classes(arguments, facts);
    facts->client_id = bytes_of(text_of(arguments, EXPLAIN_CLIENT_ID));
    facts->circuit_id = bytes_of(text_of(arguments, EXPLAIN_CIRCUIT_ID));
    facts->remote_id = bytes_of(text_of(arguments, EXPLAIN_REMOTE_ID));
    const char *problem = read_identity(arguments, out);
    if (problem == NULL)
        problem = read_arch(arguments, facts);
    if (problem == NULL)
        problem = read_address(arguments, EXPLAIN_RELAY, &facts->link);
    if (problem == NULL)
        problem = read_address(arguments, EXPLAIN_CLIENT, &facts->client);
    if (problem == NULL)
        problem = read_address(arguments, EXPLAIN_LOCAL, &out->ours);
    return problem;
}

/* ---- what it gets, as name and value ---- */

struct teller {
    struct json *json; /* NULL: lines */
};

static void tell(const struct teller *teller, const char *name, const char *value)
{
    if (teller->json == NULL) {
        output_format(STREAM_OUT, "  %-14s %s", name, value);
        return;
    }
    json_key(teller->json, name);
    json_string(teller->json, value);
}

static void tell_text(const struct teller *teller, const char *name, const char *value)
{
    if (value[0] != '\0')
        tell(teller, name, value);
}

static void tell_options(const struct teller *teller, const char *prefix, const uint8_t *bytes,
                         size_t length, size_t header)
{
    for (size_t at = 0; at < length;) {
        const uint8_t *option = bytes + at;
        size_t size = option[header - 1];
        unsigned code = header == 2 ? option[0] : (unsigned)(option[0] << 8 | option[1]);
        struct text name = TEXT_EMPTY, value = TEXT_EMPTY;

        text_format(&name, "%s.%u", prefix, code);
        text_put(&value, "hex:");
        for (size_t i = 0; i < size; i++)
            text_format(&value, "%02x", option[header + i]);
        tell(teller, text_chars(&name), text_chars(&value));
        text_free(&name);
        text_free(&value);
        at += header + size;
    }
}

static void tell_servers(const struct teller *teller, const struct boot_plan *plan)
{
    static const uint8_t none[IPV6_SIZE];
    const uint8_t *next = plan->next_server;
    char address[ADDRESS_TEXT_SIZE];
    struct text text = TEXT_EMPTY;

    if (memcmp(next, none, VALUE_IPV4_SIZE) != 0) {
        text_format(&text, "%u.%u.%u.%u", next[0], next[1], next[2], next[3]);
        tell(teller, "next_server", text_chars(&text));
    }
    text_free(&text);
    if (memcmp(plan->next_server6, none, sizeof(none)) != 0) {
        address_format_ipv6(plan->next_server6, address);
        tell(teller, "next_server6", address);
    }
}

static void tell_plan(const struct teller *teller, const struct boot_plan *plan,
                      const struct client_facts *facts)
{
    if (facts->boot == FACTS_BOOT_HTTP) {
        tell_text(teller, "http_url", plan->http_url);
    } else {
        tell_text(teller, "file", plan_file(plan, facts->is_ipxe));
        if (facts->is_ipv6)
            tell_text(teller, "url", plan->url);
    }
    tell_servers(teller, plan);
    tell_text(teller, "server_name", plan->server_name);
    if (plan->file_in_offer)
        tell(teller, "file_in_offer", "yes");
    if (plan->menu != NULL)
        tell(teller, "menu", plan->menu->name);
    if (plan->then != NULL)
        tell(teller, "then", plan->then->name);
    if (plan->is_too_much)
        tell(teller, "options", "too long together: the client is not answered");
    if (facts->is_ipv6)
        tell_options(teller, "option6", plan->options6, plan->options6_length, 4);
    else
        tell_options(teller, "option", plan->options, plan->options_length, 2);
}

/* ---- which section, and why ---- */

static void put_where(struct text *text, const struct static_config *config,
                      const struct layer *layer)
{
    text_format(text, "[%s] (%s, line %lu)", layer->name, config->files[layer->file_number],
                (unsigned long)layer->line);
}

static void tell_why(const struct static_config *config, const struct asker *asker,
                     const struct match *match)
{
    struct text line = TEXT_EMPTY;

    put_where(&line, config, match->section);
    if (match->machine != NULL)
        text_format(&line, ", a machine known by its %s%s%s", match->machine_key,
                    match->machine->name == NULL ? "" : ": ",
                    match->machine->name == NULL ? "" : match->machine->name);
    output_line(STREAM_OUT, &line);
    for (uint32_t i = 0; i < config->ordered_rule_count; i++) {
        const struct rule *rule = config->rules[i];
        const char *failed;

        if (rule == match->rule)
            break;
        conditions_hold(&rule->conditions, asker, &failed);
        output_format(STREAM_OUT, "  not [%s]: %s does not hold", rule->layer->name,
                      failed == NULL ? "vendor_class is not asked for; it" : failed);
    }
    for (size_t i = 0; i < match->layer_count; i++) {
        if (match->layers[i] == match->section)
            continue;
        text_clear(&line);
        text_put(&line, "  and what that does not say, of ");
        put_where(&line, config, match->layers[i]);
        output_line(STREAM_OUT, &line);
    }
    text_free(&line);
}

static void put_why(struct json *json, const struct static_config *config,
                    const struct asker *asker, const struct match *match)
{
    json_key(json, "section");
    json_string(json, match->section == NULL ? NULL : match->section->name);
    json_key(json, "machine");
    json_string(json, match->machine == NULL ? NULL : match->machine->name);
    json_key(json, "known_by");
    json_string(json, match->machine == NULL ? NULL : match->machine_key);
    json_key(json, "layers");
    json_begin_array(json);
    for (size_t i = 0; i < match->layer_count; i++)
        json_string(json, match->layers[i]->name);
    json_end_array(json);
    json_key(json, "rules");
    json_begin_array(json);
    for (uint32_t i = 0; i < config->ordered_rule_count; i++) {
        const char *failed;

        conditions_hold(&config->rules[i]->conditions, asker, &failed);
        json_begin_object(json);
        json_key(json, "rule");
        json_string(json, config->rules[i]->layer->name);
        json_key(json, "fails");
        json_string(json, failed);
        json_end_object(json);
    }
    json_end_array(json);
}

static const char *refusal(const struct match *match)
{
    return match->section == NULL ? "no section is for it; the next provider may answer"
           : match->ignore        ? "ignore=yes: nobody answers it"
           : match->leave         ? "leave=yes: the next provider may answer"
                                  : NULL;
}

static void tell_json(const struct static_config *config, const struct asker *asker,
                      const struct match *match, const struct boot_plan *plan)
{
    struct text text = TEXT_EMPTY;
    struct json json = json_start(&text);
    const struct teller teller = {&json};

    json_begin_object(&json);
    put_why(&json, config, asker, match);
    json_key(&json, "refused");
    json_string(&json, refusal(match));
    json_key(&json, "sent");
    json_begin_object(&json);
    if (refusal(match) == NULL)
        tell_plan(&teller, plan, asker->facts);
    json_end_object(&json);
    json_end_object(&json);
    output_line(STREAM_OUT, &text);
    text_free(&text);
}

static void tell_lines(const struct static_config *config, const struct asker *asker,
                       const struct match *match, const struct boot_plan *plan)
{
    const struct teller teller = {NULL};

    if (match->section != NULL)
        tell_why(config, asker, match);
    if (refusal(match) != NULL)
        output_format(STREAM_OUT, "%s", refusal(match));
    else
        tell_plan(&teller, plan, asker->facts);
}

static enum exit_code explain(const struct static_config *config, const struct described *described,
                              bool as_json)
{
    struct asker asker = {&described->facts, described->ours};
    static struct match match;
    static struct boot_plan plan;

    config_match(config, &asker, &match);
    if (match.section != NULL)
        match_plan(&match, &asker, &plan);
    if (as_json)
        tell_json(config, &asker, &match, &plan);
    else
        tell_lines(config, &asker, &match, &plan);
    return match.section == NULL ? EXIT_CODE_NOT_FOUND : EXIT_CODE_OK;
}

enum exit_code explain_run(const struct arguments *arguments)
{
    static struct described described;
    struct problem_list problems;
    uint32_t error;
    enum exit_code code;
    const char *problem = read_described(arguments, &described);

    if (problem != NULL)
        return command_usage_error(arguments->command, "%s", problem);
    const struct static_config *config = static_read(arguments->positional[0], &problems, &error);
    if (config == NULL)
        code = static_tell(arguments->positional[0], error, &problems);
    else
        code = explain(config, &described, arguments->options[EXPLAIN_JSON].times > 0);
    problem_list_free(&problems);
    config_release(config);
    return code;
}
