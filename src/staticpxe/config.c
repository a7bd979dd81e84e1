#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "keys.h"

/* The profile functions know no more than 32 767 characters per section; this is above it. */
#define STRINGS_MAX 0x20000

/* ---- errors ---- */

static DWORD bad_config(const struct section *section, LPCWSTR key, LPCWSTR problem)
{
    if (section->name == NULL)
        PxeTrace(section->provider, PXE_TRACE_ERROR, L"staticpxe: %s: %s", section->path, problem);
    else if (key == NULL)
        PxeTrace(section->provider, PXE_TRACE_ERROR, L"staticpxe: %s, section [%s]: %s",
                 section->path, section->name, problem);
    else
        PxeTrace(section->provider, PXE_TRACE_ERROR, L"staticpxe: %s, section [%s], key %s: %s",
                 section->path, section->name, key, problem);
    return ERROR_INVALID_DATA;
}

/* ---- lines ---- */

static BOOL is_blank(WCHAR c)
{
    return c == L' ' || c == L'\t';
}

/* Cuts blanks off both ends, in place. */
static LPWSTR trim(LPWSTR text)
{
    SIZE_T length;

    while (is_blank(*text))
        ++text;
    for (length = wcslen(text); length > 0 && is_blank(text[length - 1]); --length)
        text[length - 1] = L'\0';
    return text;
}

/* Splits "key = value" in place. FALSE if there is no '='. */
static BOOL split_line(LPWSTR line, LPWSTR *out_key, LPWSTR *out_value)
{
    LPWSTR equals = wcschr(line, L'=');

    if (equals == NULL)
        return FALSE;
    *equals = L'\0';
    *out_key = trim(line);
    *out_value = trim(equals + 1);
    return TRUE;
}

/* A comment behind a value would silently become part of it. */
static BOOL has_trailing_comment(LPCWSTR value)
{
    if (value[0] == L'"')
        return FALSE; /* value_text finds anything behind the closing quote */
    for (; *value != L'\0'; ++value) {
        if (is_blank(value[0]) && value[1] == L';')
            return TRUE;
    }
    return FALSE;
}

static DWORD read_line(struct section *section, LPWSTR line)
{
    LPWSTR key;
    LPWSTR value;
    LPCWSTR problem;

    if (line[0] == L';') /* some versions of Windows hand comments out, most do not */
        return ERROR_SUCCESS;
    if (!split_line(line, &key, &value))
        return bad_config(section, trim(line),
                          L"there is no '='; write key=value, and ';' before "
                          L"a comment");
    if (has_trailing_comment(value))
        return bad_config(section, key,
                          L"a comment needs a line of its own; put the value in "
                          L"quotes if the ';' belongs to it");
    problem = key_read(section, key, value);
    return problem == NULL ? ERROR_SUCCESS : bad_config(section, key, problem);
}

/* ---- rules ---- */

static const struct boot_rule *find_rule(const struct static_config *config, enum rule_kind kind,
                                         const BYTE *key, ULONG key_length)
{
    for (ULONG i = 0; i < config->rule_count; ++i) {
        const struct boot_rule *rule = &config->rules[i];

        if (rule->kind == kind && rule->key_length == key_length &&
            (key_length == 0 || memcmp(rule->key, key, key_length) == 0))
            return rule;
    }
    return NULL;
}

/* ---- sections ---- */

/*
 * The names of all sections, or the lines of one: strings one after the other, an empty one last.
 * The result is released with free.
 */
static DWORD read_strings(struct section *section, LPWSTR *out_strings)
{
    LPWSTR strings = malloc(STRINGS_MAX * sizeof(*strings));
    DWORD length;

    if (strings == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (section->name == NULL)
        length = GetPrivateProfileSectionNamesW(strings, STRINGS_MAX, section->path);
    else
        length = GetPrivateProfileSectionW(section->name, strings, STRINGS_MAX, section->path);
    if (length >= STRINGS_MAX - 2) { /* how these functions say that it was cut off */
        free(strings);
        return bad_config(section, NULL, L"this is too large; split it or shorten it");
    }
    *out_strings = strings;
    return ERROR_SUCCESS;
}

static LPWSTR next_string(LPWSTR string)
{
    return string + wcslen(string) + 1;
}

/* Reads the lines of section->name into section->rule. */
static DWORD read_section(struct section *section, const struct key *keys)
{
    LPWSTR lines;
    LPWSTR next;
    DWORD error = read_strings(section, &lines);

    if (error != ERROR_SUCCESS)
        return error;
    section->keys = keys;
    section->seen_keys = 0;
    memset(section->seen_options, 0, sizeof(section->seen_options));
    for (LPWSTR line = lines; error == ERROR_SUCCESS && *line != L'\0'; line = next) {
        next = next_string(line); /* before the line is split in place */
        error = read_line(section, line);
    }
    free(lines);
    return error;
}

/* Reads [server] or [default] into section->rule if the file has it. */
static DWORD read_base(struct section *section, LPWSTR names, LPCWSTR name, const struct key *keys)
{
    ULONG count = 0;

    for (LPWSTR each = names; *each != L'\0'; each = next_string(each)) {
        if (_wcsicmp(each, name) == 0)
            ++count;
    }
    if (count == 0)
        return ERROR_SUCCESS;
    section->name = name;
    if (count > 1)
        return bad_config(section, NULL, L"the section appears twice; make one of the two");
    return read_section(section, keys);
}

static LPCWSTR read_arch(LPCWSTR text, BYTE *out)
{
    ULONG arch = 0;

    if (value_number(text, 65535, &arch) != NULL)
        return L"an architecture is a number of RFC 4578, such as [arch:7] or [arch:0x0007]";
    out[0] = (BYTE)(arch >> 8);
    out[1] = (BYTE)arch;
    return NULL;
}

/* Finds out from its name which clients the section is for. */
static LPCWSTR read_section_name(LPCWSTR name, struct boot_rule *rule)
{
    if (_wcsnicmp(name, L"mac:", 4) == 0) {
        rule->kind = RULE_MAC;
        rule->key_length = RULE_MAC_SIZE;
        return value_mac(name + 4, rule->key);
    }
    if (_wcsnicmp(name, L"duid:", 5) == 0) {
        rule->kind = RULE_DUID;
        return value_duid(name + 5, rule->key, &rule->key_length);
    }
    if (_wcsnicmp(name, L"guid:", 5) == 0) {
        rule->kind = RULE_GUID;
        rule->key_length = RULE_GUID_SIZE;
        return value_guid(name + 5, rule->key);
    }
    if (_wcsnicmp(name, L"arch:", 5) == 0) {
        rule->kind = RULE_ARCH;
        rule->key_length = RULE_ARCH_SIZE;
        return read_arch(name + 5, rule->key);
    }
    return L"unknown section; use server, default, mac:..., duid:..., guid:... or "
           L"arch:...";
}

/* Is there anything to boot? */
static BOOL has_boot_file(const struct boot_rule *rule)
{
    return rule->file[0] != '\0' || rule->url[0] != '\0' || rule->http_url[0] != '\0';
}

/* Adds the rule of one [mac:], [duid:], [guid:] or [arch:] section. */
static DWORD read_rule(struct section *section, const struct boot_rule *base)
{
    struct static_config *config = section->config;
    struct boot_rule *rule = &config->rules[config->rule_count];
    LPCWSTR problem;
    DWORD error;

    *rule = *base;
    rule->ignore = FALSE; /* not inherited: [default] ignore=yes means "all but these" */
    problem = read_section_name(section->name, rule);
    if (problem == NULL && find_rule(config, rule->kind, rule->key, rule->key_length) != NULL)
        problem = L"another section is for the same clients; make one of the two";
    if (problem != NULL)
        return bad_config(section, NULL, problem);
    section->rule = rule;
    error = read_section(section, keys_of_rule);
    /* What the section says about its boot file goes before a URL that it only inherits. */
    if (!key_was_seen(section, L"url") &&
        (key_was_seen(section, L"file") || key_was_seen(section, L"next_server6")))
        rule->url[0] = '\0';
    if (error == ERROR_SUCCESS && !rule->ignore && !has_boot_file(rule))
        error = bad_config(section, L"file",
                           L"no boot file, here or in [default]; write file=..., "
                           L"url=..., http_url=... or ignore=yes");
    if (error == ERROR_SUCCESS)
        ++config->rule_count;
    return error;
}

static DWORD read_rules(struct section *section, LPWSTR names, const struct boot_rule *base)
{
    DWORD error = ERROR_SUCCESS;

    for (; error == ERROR_SUCCESS && *names != L'\0'; names = next_string(names)) {
        section->name = names;
        if (_wcsicmp(names, L"server") != 0 && _wcsicmp(names, L"default") != 0)
            error = read_rule(section, base);
    }
    return error;
}

/* Reads the file section by section; section->config has room for a rule for each name. */
static DWORD read_config(struct section *section, LPWSTR names)
{
    struct static_config *config = section->config;
    struct boot_rule base = {.kind = RULE_DEFAULT};
    DWORD error;

    config->dhcp_port = PXE_DHCP_SERVER_PORT;
    config->dhcp6_port = PXE_DHCPV6_SERVER_PORT;
    section->rule = &base;
    error = read_base(section, names, L"server", keys_of_server);
    if (error == ERROR_SUCCESS)
        error = read_base(section, names, L"default", keys_of_rule);
    if (error == ERROR_SUCCESS)
        error = read_rules(section, names, &base);
    if (error != ERROR_SUCCESS)
        return error;

    /* A [default] without a boot file is there to inherit from only. */
    if (base.ignore || has_boot_file(&base))
        config->rules[config->rule_count++] = base;
    section->name = NULL;
    if (config->rule_count == 0)
        return bad_config(section, NULL,
                          L"no client would be answered; write at least a section "
                          L"[default] with file=...");
    return ERROR_SUCCESS;
}

/* ---- the file ---- */

/*
 * The profile functions treat a missing file as an empty one, and the mark of UTF-8 as part of the
 * first line, which hides the first section. Both are found out here.
 */
static DWORD check_file(const struct section *section)
{
    static const BYTE utf8_mark[] = {0xef, 0xbb, 0xbf};
    BYTE start[sizeof(utf8_mark)];
    DWORD length = 0;
    DWORD error = ERROR_SUCCESS;
    HANDLE file = CreateFileW(section->path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);

    if (file == INVALID_HANDLE_VALUE)
        error = GetLastError();
    else if (!ReadFile(file, start, sizeof(start), &length, NULL))
        error = GetLastError();
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);

    if (error == ERROR_PATH_NOT_FOUND)
        error = ERROR_FILE_NOT_FOUND;
    if (error != ERROR_SUCCESS)
        PxeTrace(section->provider, PXE_TRACE_ERROR,
                 L"staticpxe: cannot read the configuration %s, error %u; create the file, or name "
                 L"another in the value ConfigFile of the provider's registry key",
                 section->path, (unsigned)error);
    else if (length == sizeof(utf8_mark) && memcmp(start, utf8_mark, sizeof(utf8_mark)) == 0)
        error = bad_config(section, NULL,
                           L"the file starts with the mark of UTF-8, which Windows "
                           L"does not understand here; save it as ANSI or UTF-16");
    return error;
}

/* Memory for the configuration in pages of its own, so that it can be made read-only. */
static struct static_config *allocate_config(SIZE_T rule_count, SIZE_T *out_size)
{
    *out_size = sizeof(struct static_config) + rule_count * sizeof(struct boot_rule);
    return VirtualAlloc(NULL, *out_size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

DWORD config_load(HANDLE hProvider, LPCWSTR path, const struct static_config **out_config)
{
    struct section section = {.provider = hProvider, .path = path};
    SIZE_T rule_count = 1; /* at most one for each section; one more keeps the size above 0 */
    SIZE_T size;
    LPWSTR names;
    DWORD protection;
    DWORD error = check_file(&section);

    if (error == ERROR_SUCCESS)
        error = read_strings(&section, &names);
    if (error != ERROR_SUCCESS)
        return error;
    for (LPWSTR name = names; *name != L'\0'; name = next_string(name))
        ++rule_count;

    section.config = allocate_config(rule_count, &size);
    error = section.config == NULL ? ERROR_NOT_ENOUGH_MEMORY : read_config(&section, names);
    if (error == ERROR_SUCCESS && !VirtualProtect(section.config, size, PAGE_READONLY, &protection))
        error = GetLastError();
    free(names);
    if (error == ERROR_SUCCESS)
        *out_config = section.config;
    else
        config_free(section.config);
    return error;
}

void config_free(const struct static_config *config)
{
    if (config != NULL)
        VirtualFree((LPVOID)(ULONG_PTR)config, 0, MEM_RELEASE); /* by number: casts const away */
}

const struct boot_rule *config_find(const struct static_config *config, enum rule_kind kind,
                                    const BYTE *key)
{
    static const ULONG key_lengths[] = {
        [RULE_DEFAULT] = 0,
        [RULE_ARCH] = RULE_ARCH_SIZE,
        [RULE_GUID] = RULE_GUID_SIZE,
        [RULE_MAC] = RULE_MAC_SIZE,
    };

    return find_rule(config, kind, key, key_lengths[kind]);
}

const struct boot_rule *config_find_duid(const struct static_config *config, const BYTE *duid,
                                         ULONG length)
{
    return find_rule(config, RULE_DUID, duid, length);
}
