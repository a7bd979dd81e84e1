#include "bench/options.h"

#include <ctype.h>
#include <string.h>

#include "base/address.h"
#include "text/bytes.h"
#include "decode/facts.h"

const struct option_spec replay_option_specs[] = {
    FLAG_OPTION("registered", "ask the registered providers; all arguments are captures"),
    TEXT_OPTION("name", "NAME", "name of the provider in all output (default: that of the DLL)"),
    TEXT_OPTION("key", "NAME", "give it the key of this registered provider"),
    TEXTS_OPTION("set", "NAME=VALUE", "put a value into its key; VALUE may be dword:N"),
    TEXTS_OPTION("local", "IP", "the server's address for broadcasts; one per family"),
    TEXT_OPTION("to", "IP", "only requests sent to this address, or to all servers"),
    FLAG_OPTION("all", "also what servers sent to server ports"),
    TEXTS_OPTION("mac", "MAC", "only requests of this client"),
    TEXTS_OPTION("type", "TYPE", "only this message type: DISCOVER, SOLICIT, 3"),
    TEXTS_OPTION("arch", "N", "only clients of this architecture"),
    FLAG_OPTION("brief", "no fields and options, only the ladder"),
    FLAG_OPTION("quiet", "no ladder, only findings and summary"),
    FLAG_OPTION("verbose", "also the server's information messages"),
    FLAG_OPTION("json", "one JSON object per line on standard output"),
    TEXT_OPTION("write", "FILE", "write requests and replies as a capture"),
    TEXT_OPTION("report", "FILE", "write a report as an HTML page"),
    TEXT_OPTION("expect", "FILE", "compare the replies with a golden file"),
    TEXT_OPTION("golden-out", "FILE", "write the replies as a golden file"),
    TEXTS_OPTION("ignore", "FIELD", "do not compare this field: xid, 54, 43.6"),
    NUMBER_OPTION("repeat", 1, 100000000, "N", "ask everything N times"),
    NUMBER_OPTION("threads", 1, 32, "N", "ask on N threads at once"),
    TEXT_OPTION("on-fault", "WHAT", "after a fault in a callback: stop or continue (default)"),
    TEXT_OPTION("crash-dir", "FOLDER", "where reproducers of faults go (.)"),
    NUMBER_OPTION("hang", 0, 86400, "SECONDS",
                  "give up if nothing moves for so long; 0: never (60)"),
    NUMBER_OPTION("slow", 1, UINT32_MAX, "MS", "a callback may take so long (1000)"),
    NUMBER_OPTION("pend", 1, UINT32_MAX, "MS", "a request may be pended so long (30000)"),
    FLAG_OPTION("no-verify", "do not hold the provider against the rules"),
    FLAG_OPTION("no-guard-pages", "overruns of packets are found when they are freed: faster"),
    {0},
};

/* An IPv4 or IPv6 address. */
static bool address_parse(const char *text, struct endpoint *out_endpoint)
{
    *out_endpoint = (struct endpoint){.length = 0};
    out_endpoint->length = (uint8_t)address_read(text, out_endpoint->address, NULL);
    return out_endpoint->length != 0;
}

static enum exit_code read_addresses(const struct arguments *arguments,
                                     struct replay_options *options)
{
    const struct option_value *given = option_values(arguments, "local");
    for (size_t i = 0; i < given->times; i++) {
        struct endpoint endpoint;
        if (!address_parse(given->texts[i], &endpoint))
            return usage_error("--local needs an address, not \"%s\"", given->texts[i]);
        struct endpoint *local = endpoint.length == 4 ? &options->local4 : &options->local6;
        if (local->length != 0)
            return usage_error("--local is given twice for the same family");
        *local = endpoint;
    }
    if (option_given(arguments, "to") &&
        !address_parse(option_text(arguments, "to"), &options->filter.to))
        return usage_error("--to needs an address, not \"%s\"", option_text(arguments, "to"));
    return EXIT_CODE_OK;
}

static enum exit_code read_filter(const struct arguments *arguments, struct replay_filter *filter)
{
    const struct option_value *macs = option_values(arguments, "mac");
    const struct option_value *types = option_values(arguments, "type");
    const struct option_value *architectures = option_values(arguments, "arch");
    filter->mac_count = macs->times;
    filter->macs = macs->texts;
    filter->type_count = types->times;
    filter->types = types->texts;
    filter->architecture_count = architectures->times;
    for (size_t i = 0; i < filter->architecture_count; i++) {
        uint32_t number = 0;
        if (!number_parse(architectures->texts[i], 0, UINT16_MAX, &number))
            return usage_error("--arch needs a number up to 65535, not \"%s\"",
                               architectures->texts[i]);
        filter->architectures[i] = (uint16_t)number;
    }
    return EXIT_CODE_OK;
}

static enum exit_code read_fault_policy(const struct arguments *arguments,
                                        struct replay_options *options)
{
    static const struct choice policies[] = {{"continue", false}, {"stop", true}, {0}};
    const char *word = option_text(arguments, "on-fault");
    const struct choice *policy = choice_find(policies, word);
    if (policy == NULL)
        return usage_error("--on-fault needs stop or continue, not \"%s\"", word);
    options->stop_on_fault = policy->value;
    return EXIT_CODE_OK;
}

enum exit_code replay_settings_read(const char *key, const struct option_value *given,
                                    struct replay_options *options)
{
    options->key = key;
    options->setting_count = given->times;
    options->settings = given->texts;
    for (size_t i = 0; i < given->times; i++) {
        const char *equals = strchr(given->texts[i], '=');
        if (equals == NULL || equals == given->texts[i])
            return usage_error("--set needs NAME=VALUE, not \"%s\"", given->texts[i]);
    }
    if (options->key != NULL && given->times > 0)
        return usage_error("--key and --set exclude each other");
    return EXIT_CODE_OK;
}

static enum exit_code read_positional(const struct arguments *arguments,
                                      struct replay_options *options)
{
    bool registered = option_given(arguments, "registered");
    size_t first = registered ? 0 : 1;
    if (arguments->positional_count <= first)
        return usage_error("a capture is missing");
    if (registered &&
        (option_given(arguments, "name") || options->key != NULL || options->setting_count > 0))
        return usage_error("--registered excludes --name, --key and --set");
    options->provider_path = registered ? NULL : arguments->positional[0];
    options->provider_name = option_text(arguments, "name");
    options->captures = arguments->positional + first;
    options->capture_count = arguments->positional_count - first;
    return EXIT_CODE_OK;
}

static void read_output(const struct arguments *arguments, struct replay_options *options)
{
    options->as_json = option_given(arguments, "json");
    options->is_brief = option_given(arguments, "brief");
    options->is_quiet = option_given(arguments, "quiet");
    options->is_verbose = option_given(arguments, "verbose");
    options->write_path = option_text(arguments, "write");
    options->golden_path = option_text(arguments, "expect");
    options->golden_out_path = option_text(arguments, "golden-out");
    options->report_path = option_text(arguments, "report");
    options->crash_folder =
        option_given(arguments, "crash-dir") ? option_text(arguments, "crash-dir") : ".";
    options->ignored_count = option_values(arguments, "ignore")->times;
    options->ignored = option_values(arguments, "ignore")->texts;
}

enum exit_code replay_options_read(const struct arguments *arguments,
                                   struct replay_options *out_options)
{
    enum { HANG_SECONDS = 60 };
    memset(out_options, 0, sizeof(*out_options));
    out_options->passes = option_number(arguments, "repeat", 1);
    out_options->threads = option_number(arguments, "threads", 1);
    out_options->hang_seconds = option_number(arguments, "hang", HANG_SECONDS);
    out_options->slow_ms = option_number(arguments, "slow", 0);
    out_options->pend_ms = option_number(arguments, "pend", 0);
    out_options->take_all = option_given(arguments, "all");
    out_options->without_verifier = option_given(arguments, "no-verify");
    out_options->without_guard_pages = option_given(arguments, "no-guard-pages");
    read_output(arguments, out_options);

    enum exit_code code = replay_settings_read(option_text(arguments, "key"),
                                               option_values(arguments, "set"), out_options);
    if (code == EXIT_CODE_OK)
        code = read_positional(arguments, out_options);
    if (code == EXIT_CODE_OK)
        code = read_addresses(arguments, out_options);
    if (code == EXIT_CODE_OK)
        code = read_filter(arguments, &out_options->filter);
    if (code == EXIT_CODE_OK)
        code = read_fault_policy(arguments, out_options);
    return code;
}

/* ---- the filter ---- */

/* The next hexadecimal digit in capitals, whatever stands between; NUL at the end. */
static int next_digit(const char **at)
{
    while (**at != '\0' && !isxdigit((unsigned char)**at))
        (*at)++;
    return **at != '\0' ? toupper((unsigned char)*(*at)++) : '\0';
}

static bool is_same_mac(const char *a, const char *b)
{
    int digit;
    do {
        digit = next_digit(&a);
        if (digit != next_digit(&b))
            return false;
    } while (digit != '\0');
    return true;
}

static bool takes_mac(const struct replay_filter *filter, const struct request_facts *facts)
{
    for (size_t i = 0; i < filter->mac_count; i++) {
        if (facts->mac[0] != '\0' && is_same_mac(filter->macs[i], facts->mac))
            return true;
    }
    return filter->mac_count == 0;
}

static bool takes_type(const struct replay_filter *filter, const struct request_facts *facts)
{
    SCOPED_TEXT name = TEXT_EMPTY;
    bool takes = filter->type_count == 0;
    facts_put_type(&name, facts);
    for (size_t i = 0; i < filter->type_count && !takes; i++) {
        uint32_t number = 0;
        takes = number_parse(filter->types[i], 0, 255, &number)
                    ? facts->has_type && facts->type == number
                    : _stricmp(filter->types[i], text_chars(&name)) == 0;
    }
    return takes;
}

static bool takes_architecture(const struct replay_filter *filter,
                               const struct request_facts *facts)
{
    for (size_t i = 0; i < filter->architecture_count; i++) {
        for (unsigned k = 0; k < facts->architecture_count; k++) {
            if (facts->architectures[k] == filter->architectures[i])
                return true;
        }
    }
    return filter->architecture_count == 0;
}

/* A broadcast or multicast is for all. */
static bool takes_destination(const struct replay_filter *filter, const struct message *request)
{
    const struct endpoint *to = &request->destination;
    bool is_for_all = request->is_broadcast || (to->length == 16 && to->address[0] == 0xff);
    return filter->to.length == 0 || is_for_all ||
           (to->length == filter->to.length &&
            memcmp(to->address, filter->to.address, to->length) == 0);
}

bool replay_filter_takes(const struct replay_filter *filter, const struct message *request)
{
    struct request_facts facts;
    message_facts(request, &facts);
    return takes_mac(filter, &facts) && takes_type(filter, &facts) &&
           takes_architecture(filter, &facts) && takes_destination(filter, request);
}
