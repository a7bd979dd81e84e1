#include "keys.h"

#include <string.h>
#include <wchar.h>

/* Option codes that the answer itself fills in, and those that are no options (RFC 2132). */
static const BYTE reserved_options[] = {0, 52, 53, 54, 60, 82, 97, 255};

/* ---- the keys ---- */

static LPCWSTR read_file(struct section *section, LPCWSTR value)
{
    return value_text(value, section->rule->file, sizeof(section->rule->file));
}

static LPCWSTR read_ipxe_file(struct section *section, LPCWSTR value)
{
    return value_text(value, section->rule->ipxe_file, sizeof(section->rule->ipxe_file));
}

static LPCWSTR read_server_name(struct section *section, LPCWSTR value)
{
    return value_text(value, section->rule->server_name, sizeof(section->rule->server_name));
}

static LPCWSTR read_next_server(struct section *section, LPCWSTR value)
{
    return value_ipv4(value, section->rule->next_server);
}

static LPCWSTR read_url(struct section *section, LPCWSTR value)
{
    return url_read(value, URL_BOOT, section->rule->url);
}

static LPCWSTR read_http_url(struct section *section, LPCWSTR value)
{
    return url_read(value, URL_HTTP, section->rule->http_url);
}

static LPCWSTR read_next_server6(struct section *section, LPCWSTR value)
{
    return url_read_address(value, section->rule->next_server6);
}

static LPCWSTR read_boot_params(struct section *section, LPCWSTR value)
{
    return value_params(value, section->rule->boot_params, &section->rule->boot_params_length);
}

static LPCWSTR read_ignore(struct section *section, LPCWSTR value)
{
    return value_yes_no(value, &section->rule->ignore);
}

static LPCWSTR read_port(LPCWSTR value, USHORT *out)
{
    ULONG port = 0;
    LPCWSTR problem = value_number(value, 65535, &port);

    if (problem == NULL && port == 0)
        problem = L"0 is no port; remove the line to use the usual one";
    if (problem == NULL)
        *out = (USHORT)port;
    return problem;
}

static LPCWSTR read_dhcp_port(struct section *section, LPCWSTR value)
{
    return read_port(value, &section->config->dhcp_port);
}

static LPCWSTR read_dhcp6_port(struct section *section, LPCWSTR value)
{
    return read_port(value, &section->config->dhcp6_port);
}

static LPCWSTR read_file_in_offer(struct section *section, LPCWSTR value)
{
    return value_yes_no(value, &section->config->file_in_offer);
}

const struct key keys_of_rule[] = {
    {L"file", read_file},
    {L"ipxe_file", read_ipxe_file},
    {L"next_server", read_next_server},
    {L"server_name", read_server_name},
    {L"url", read_url},
    {L"next_server6", read_next_server6},
    {L"boot_params", read_boot_params},
    {L"http_url", read_http_url},
    {L"ignore", read_ignore},
    {NULL, NULL},
};

const struct key keys_of_server[] = {
    {L"next_server", read_next_server},
    {L"next_server6", read_next_server6},
    {L"name", read_server_name},
    {L"dhcp_port", read_dhcp_port},
    {L"dhcp6_port", read_dhcp6_port},
    {L"file_in_offer", read_file_in_offer},
    {NULL, NULL},
};

/* ---- extra options ---- */

/* Takes an inherited option out, so that the section's own value replaces it. */
static void remove_option(struct boot_rule *rule, BYTE code)
{
    for (ULONG at = 0; at < rule->options_length;) {
        ULONG size = 2 + (ULONG)rule->options[at + 1];

        if (rule->options[at] == code) {
            rule->options_length -= size;
            memmove(rule->options + at, rule->options + at + size, rule->options_length - at);
        } else {
            at += size;
        }
    }
}

/* option.NNN=value */
static LPCWSTR read_option(struct section *section, LPCWSTR number, LPCWSTR value)
{
    struct boot_rule *rule = section->rule;
    BYTE bytes[VALUE_OPTION_MAX];
    BYTE length = 0;
    ULONG code = 0;
    LPCWSTR problem;

    if (value_number(number, 255, &code) != NULL)
        return L"an option has a number from 1 to 254, such as option.252";
    if (memchr(reserved_options, (int)code, sizeof(reserved_options)) != NULL)
        return L"this option is not yours to set, the provider fills it in; remove the line";
    if (section->seen_options[code])
        return L"the option appears twice in this section; remove one";
    section->seen_options[code] = TRUE;
    problem = value_option(value, bytes, &length);
    if (problem != NULL)
        return problem;
    remove_option(rule, (BYTE)code);
    if (RULE_OPTIONS_MAX - rule->options_length < 2 + (ULONG)length)
        return L"all options together have more than 700 bytes, which no reply can carry; "
               L"remove some";
    rule->options[rule->options_length] = (BYTE)code;
    rule->options[rule->options_length + 1] = length;
    memcpy(rule->options + rule->options_length + 2, bytes, length);
    rule->options_length += 2 + (ULONG)length;
    return NULL;
}

/* ---- finding and reading a key ---- */

static const struct key *find_key(const struct key *keys, LPCWSTR name)
{
    for (; keys->name != NULL; ++keys) {
        if (_wcsicmp(keys->name, name) == 0)
            return keys;
    }
    return NULL;
}

static ULONG bit_of(const struct section *section, const struct key *key)
{
    return 1UL << (key - section->keys);
}

LPCWSTR key_read(struct section *section, LPCWSTR name, LPCWSTR value)
{
    const struct key *key = find_key(section->keys, name);
    ULONG bit;

    if (key == NULL && section->keys == keys_of_rule && _wcsnicmp(name, L"option.", 7) == 0)
        return read_option(section, name + 7, value);
    if (key == NULL && section->keys == keys_of_rule)
        return L"unknown key; use file, ipxe_file, next_server, server_name, url, next_server6, "
               L"boot_params, http_url, ignore or option.NNN";
    if (key == NULL)
        return L"unknown key; use next_server, next_server6, name, dhcp_port, dhcp6_port or "
               L"file_in_offer";
    bit = bit_of(section, key);
    if ((section->seen_keys & bit) != 0)
        return L"the key appears twice in this section; remove one";
    section->seen_keys |= bit;
    return key->read(section, value);
}

BOOL key_was_seen(const struct section *section, LPCWSTR name)
{
    const struct key *key = find_key(section->keys, name);

    return key != NULL && (section->seen_keys & bit_of(section, key)) != 0;
}
