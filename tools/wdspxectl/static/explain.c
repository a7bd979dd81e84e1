#include "cli/output.h"
#include "static/static.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "facts/facts.h"
#include "staticpxe/rules/match.h"

const struct option_spec explain_options[] = {
    TEXT_OPTION("mac", "MAC", "the machine's MAC address"),
    TEXT_OPTION("guid", "GUID", "its GUID, as its firmware shows it"),
    TEXT_OPTION("duid", "DUID", "its DHCPv6 identifier"),
    TEXT_OPTION("arch", "ARCH", "its architecture: a number, or bios, x64 and so on"),
    TEXT_OPTION("class", "TEXT", "its vendor class; PXEClient if not given"),
    TEXTS_OPTION("user-class", "TEXT", "one of its user classes, such as iPXE"),
    TEXT_OPTION("client-id", "TEXT", "its client identifier, as text or hex:0a0b"),
    TEXT_OPTION("circuit-id", "TEXT", "what its relay adds as circuit id, the same"),
    TEXT_OPTION("remote-id", "TEXT", "what its relay adds as remote id, the same"),
    TEXT_OPTION("relay", "ADDRESS", "the address of its relay"),
    TEXT_OPTION("client", "ADDRESS", "the machine's own address"),
    TEXT_OPTION("local", "ADDRESS", "the server's address that it asks"),
    FLAG_OPTION("ipv6", "it asks over DHCPv6"),
    FLAG_OPTION("json", "as one JSON object"),
    {0},
};

/* A machine as the options describe it. */
struct described {
    struct client_facts facts;
    struct fact_address ours;
    uint8_t mac[VALUE_MAC_SIZE];
    uint8_t duid[VALUE_DUID_MAX];
    uint8_t client_id[VALUE_OPTION_MAX];
    uint8_t circuit_id[VALUE_OPTION_MAX];
    uint8_t remote_id[VALUE_OPTION_MAX];
};

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
    const char *mac = option_text(arguments, "mac");
    const char *guid = option_text(arguments, "guid");
    const char *duid = option_text(arguments, "duid");
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
    const char *arch = option_text(arguments, "arch");
    uint16_t archs[VALUE_ARCHS_MAX];
    size_t count = 0;

    const char *problem = arch == NULL ? NULL : value_archs(arch, archs, &count);
    if (problem == NULL && arch != NULL) {
        facts->architectures[0] = archs[0];
        facts->architecture_count = 1;
    }
    return problem;
}

static const char *read_address(const struct arguments *arguments, const char *option,
                                struct fact_address *out)
{
    const char *text = option_text(arguments, option);

    if (text != NULL)
        out->length = (uint8_t)address_read(text, out->bytes, NULL);
    return text == NULL || out->length > 0 ? NULL : "write an IPv4 or IPv6 address";
}

static void read_classes(const struct arguments *arguments, struct client_facts *facts)
{
    static const char ipxe[] = "iPXE";
    const struct option_value *user = option_values(arguments, "user-class");
    const char *class = option_text(arguments, "class");

    facts->vendor_class = bytes_of(class == NULL ? "PXEClient" : class);
    facts->boot = facts_boot_of(facts->vendor_class.bytes, facts->vendor_class.length);
    for (size_t i = 0; i < user->times && i < FACTS_USER_CLASSES_MAX; i++) {
        facts->user_classes[facts->user_class_count++] = bytes_of(user->texts[i]);
        facts->is_ipxe = facts->is_ipxe || strcmp(user->texts[i], ipxe) == 0;
    }
}

/* Text as it stands, or hex:0a0b as in conditions. `room`: VALUE_OPTION_MAX bytes for the latter.
 */
static const char *read_bytes(const struct arguments *arguments, const char *option, uint8_t *room,
                              struct fact_bytes *out)
{
    static const char hex[] = "hex:";
    const char *text = option_text(arguments, option);

    *out = bytes_of(text);
    if (text == NULL || strncmp(text, hex, sizeof(hex) - 1) != 0)
        return NULL;
    out->bytes = room;
    return value_hex(text + sizeof(hex) - 1, room, VALUE_OPTION_MAX, &out->length)
               ? NULL
               : "write hex: and 1 to 255 bytes of two digits each, such as hex:0a0b";
}

static const char *read_described(const struct arguments *arguments, struct described *out)
{
    struct client_facts *facts = &out->facts;

    facts->is_dhcp = true;
    facts->is_ipv6 = option_given(arguments, "ipv6");
    read_classes(arguments, facts);
    const char *problem = read_identity(arguments, out);
    if (problem == NULL)
        problem = read_bytes(arguments, "client-id", out->client_id, &facts->client_id);
    if (problem == NULL)
        problem = read_bytes(arguments, "circuit-id", out->circuit_id, &facts->circuit_id);
    if (problem == NULL)
        problem = read_bytes(arguments, "remote-id", out->remote_id, &facts->remote_id);
    if (problem == NULL)
        problem = read_arch(arguments, facts);
    if (problem == NULL)
        problem = read_address(arguments, "relay", &facts->link);
    if (problem == NULL)
        problem = read_address(arguments, "client", &facts->client);
    if (problem == NULL)
        problem = read_address(arguments, "local", &out->ours);
    return problem;
}

/* ---- what it gets, as name and value ---- */

static void tell(struct writer *writer, const char *name, const char *value)
{
    say(writer, "  %-14s ", name);
    write_string(writer, name, value, "%\n");
}

static void tell_text(struct writer *writer, const char *name, const char *value)
{
    if (value[0] != '\0')
        tell(writer, name, value);
}

static void tell_number(struct writer *writer, const char *name, uint32_t value)
{
    SCOPED_TEXT text = TEXT_EMPTY;

    text_format(&text, "%lu", (unsigned long)value);
    tell(writer, name, text_chars(&text));
}

static void tell_options(struct writer *writer, const char *prefix, const uint8_t *bytes,
                         size_t length, size_t header)
{
    for (size_t at = 0; at < length;) {
        const uint8_t *option = bytes + at;
        size_t size = option[header - 1];
        unsigned code = header == 2 ? option[0] : (unsigned)(option[0] << 8 | option[1]);
        SCOPED_TEXT name = TEXT_EMPTY, value = TEXT_EMPTY;

        text_format(&name, "%s.%u", prefix, code);
        text_put(&value, "hex:");
        for (size_t i = 0; i < size; i++)
            text_format(&value, "%02x", option[header + i]);
        tell(writer, text_chars(&name), text_chars(&value));
        at += header + size;
    }
}

static void tell_server(struct writer *writer, const char *name, const uint8_t *bytes,
                        size_t length)
{
    static const uint8_t none[VALUE_IPV6_SIZE];
    char address[ADDRESS_TEXT_SIZE];

    if (memcmp(bytes, none, length) != 0)
        tell(writer, name, address_format(bytes, length, address));
}

static void tell_plan(struct writer *writer, const struct boot_plan *plan,
                      const struct client_facts *facts)
{
    if (facts->boot == FACTS_BOOT_HTTP) {
        tell_text(writer, "http_url", plan->http_url);
    } else {
        bool has_url = facts->is_ipv6 && plan->url[0] != '\0' &&
                       (!facts->is_ipxe || plan->ipxe_file[0] == '\0');

        if (has_url)
            tell_text(writer, "url", plan->url);
        else
            tell_text(writer, "file", plan_file(plan, facts->is_ipxe));
    }
    tell_server(writer, "next_server", plan->next_server, VALUE_IPV4_SIZE);
    tell_server(writer, "next_server6", plan->next_server6, VALUE_IPV6_SIZE);
    tell_text(writer, "server_name", plan->server_name);
    if (plan->file_in_offer)
        tell(writer, "file_in_offer", "yes");
    if (plan->menu != NULL)
        tell(writer, "menu", plan->menu->name);
    if (plan->boots > 0)
        tell_number(writer, "boots", plan->boots);
    if (plan->then != NULL)
        tell(writer, "then", plan->then->name);
    if (plan->is_too_much)
        tell(writer, "options", "too long together: the client is not answered");
    if (facts->is_ipv6)
        tell_options(writer, "option6", plan->options6, plan->options6_length, 4);
    else
        tell_options(writer, "option", plan->options, plan->options_length, 2);
}

/* ---- which section, and why ---- */

static void say_where(struct writer *writer, const struct static_config *config,
                      const struct layer *layer)
{
    say(writer, "[%s] (%s, line %lu)", layer->name, config->files[layer->file_number],
        (unsigned long)layer->line);
}

static void say_why(struct writer *writer, const struct static_config *config,
                    const struct asker *asker, const struct match *match)
{
    const char *name = match->machine != NULL ? match->machine->name : NULL;

    say_where(writer, config, match->section);
    if (match->machine != NULL)
        say(writer, ", a machine known by its %s%s%s", match->machine_key, name == NULL ? "" : ": ",
            name == NULL ? "" : name);
    say_break(writer);
    for (uint32_t i = 0; i < config->ordered_rule_count; i++) {
        const struct rule *rule = config->rules[i];
        const char *failed;

        if (rule == match->rule)
            break;
        conditions_hold(&rule->conditions, asker, &failed);
        say(writer, "  not [%s]: %s does not hold", rule->layer->name,
            failed == NULL ? "vendor_class is not asked for; it" : failed);
        say_break(writer);
    }
    for (size_t i = 0; i < match->layer_count; i++) {
        if (match->layers[i] == match->section)
            continue;
        say(writer, "  and what that does not say, of ");
        say_where(writer, config, match->layers[i]);
        say_break(writer);
    }
}

static void write_why(struct writer *writer, const struct static_config *config,
                      const struct asker *asker, const struct match *match)
{
    const struct machine *machine = match->machine;

    write_string(writer, "section", match->section == NULL ? NULL : match->section->name, NULL);
    write_string(writer, "machine", machine == NULL ? NULL : machine->name, NULL);
    write_string(writer, "known_by", machine == NULL ? NULL : match->machine_key, NULL);
    write_begin_list(writer, "layers");
    for (size_t i = 0; i < match->layer_count; i++)
        write_string(writer, NULL, match->layers[i]->name, NULL);
    write_end_list(writer);
    write_begin_list(writer, "rules");
    for (uint32_t i = 0; i < config->ordered_rule_count; i++) {
        const char *failed;

        conditions_hold(&config->rules[i]->conditions, asker, &failed);
        write_begin(writer, NULL);
        write_string(writer, "rule", config->rules[i]->layer->name, NULL);
        write_string(writer, "fails", failed, NULL);
        write_end(writer);
    }
    write_end_list(writer);
    if (match->section != NULL)
        say_why(writer, config, asker, match);
}

/* A plan that has nothing for this way of booting. */
static const char *lack(const struct boot_plan *plan, const struct client_facts *facts)
{
    if (facts->boot == FACTS_BOOT_HTTP)
        return plan->http_url[0] != '\0'
                   ? NULL
                   : "it boots over HTTP, and its section has no http_url; the "
                     "next provider may answer";
    if (plan_file(plan, facts->is_ipxe)[0] != '\0')
        return NULL;
    if (facts->is_ipv6)
        return plan->url[0] != '\0'
                   ? NULL
                   : "its section has neither url nor file; the next provider may answer";
    return plan->menu != NULL ? NULL : "its section has no file; the next provider may answer";
}

static const char *refusal(const struct match *match, const struct boot_plan *plan,
                           const struct client_facts *facts)
{
    return match->section == NULL ? "no section is for it; the next provider may answer"
           : match->ignore        ? "ignore=yes: nobody answers it"
           : match->leave         ? "leave=yes: the next provider may answer"
                                  : lack(plan, facts);
}

static enum exit_code explain(const struct static_config *config, const struct described *described,
                              struct writer *writer)
{
    struct asker asker = {&described->facts, described->ours};
    static struct match match;
    static struct boot_plan plan;

    config_match(config, &asker, &match);
    if (match.section != NULL)
        match_plan(&match, &asker, &plan);
    write_begin(writer, NULL);
    write_why(writer, config, &asker, &match);
    const char *refused = refusal(&match, &plan, asker.facts);
    write_string(writer, "refused", refused, "%");
    write_begin(writer, "sent");
    if (refused == NULL)
        tell_plan(writer, &plan, asker.facts);
    write_end(writer);
    write_end(writer);
    output_record(STREAM_OUT, writer);
    return match.section == NULL ? EXIT_CODE_NOT_FOUND : EXIT_CODE_OK;
}

enum exit_code explain_run(const struct arguments *arguments)
{
    static struct described described;
    const char *path = arguments->positional[0];
    SCOPED_READING reading = {0};
    struct writer writer;
    const char *problem = read_described(arguments, &described);

    if (problem != NULL)
        return usage_error("%s", problem);
    static_read(path, &reading);
    if (reading.config == NULL)
        return static_tell(path, &reading);
    writer_start(&writer, option_given(arguments, "json"));
    return explain(reading.config, &described, &writer);
}
