#include "client.h"

#include <string.h>

static const CHAR pxe_class[] = "PXEClient";
static const CHAR http_class[] = "HTTPClient";

static BOOL starts_with(const BYTE *text, ULONG length, const CHAR *start)
{
    return length >= strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

enum client_class client_class_of(const BYTE *text, ULONG length)
{
    if (starts_with(text, length, pxe_class))
        return CLIENT_PXE;
    if (starts_with(text, length, http_class))
        return CLIENT_HTTP;
    return CLIENT_OTHER;
}

const CHAR *client_class_name(enum client_class boot_class)
{
    return boot_class == CLIENT_HTTP ? http_class : pxe_class;
}

BOOL client_is_ipxe(const BYTE *user_class, ULONG length)
{
    return length == 4 && memcmp(user_class, "iPXE", 4) == 0;
}

/*
 * RFC 6355 wants the UUID of a DUID in network order, but UEFI firmware puts it there as SMBIOS and
 * option 97 have it: the first three fields little-endian. So either order matches.
 */
static const struct boot_rule *match_guid(const struct static_config *config,
                                          const struct client *client)
{
    static const BYTE order[RULE_GUID_SIZE] = {3, 2, 1,  0,  5,  4,  7,  6,
                                               8, 9, 10, 11, 12, 13, 14, 15};
    const struct boot_rule *rule = config_find(config, RULE_GUID, client->guid);
    BYTE swapped[RULE_GUID_SIZE];

    if (rule != NULL || client->duid == NULL)
        return rule;
    for (int i = 0; i < RULE_GUID_SIZE; ++i)
        swapped[i] = client->guid[order[i]];
    return config_find(config, RULE_GUID, swapped);
}

static const struct boot_rule *match_arch(const struct static_config *config,
                                          const struct client *client)
{
    const struct boot_rule *rule = NULL;

    for (ULONG at = 0; rule == NULL && client->archs_length - at >= RULE_ARCH_SIZE;
         at += RULE_ARCH_SIZE)
        rule = config_find(config, RULE_ARCH, client->archs + at);
    return rule;
}

const struct boot_rule *client_match(const struct static_config *config,
                                     const struct client *client)
{
    const struct boot_rule *rule = NULL;

    if (client->mac != NULL)
        rule = config_find(config, RULE_MAC, client->mac);
    if (rule == NULL && client->duid != NULL)
        rule = config_find_duid(config, client->duid, client->duid_length);
    if (rule == NULL && client->guid != NULL)
        rule = match_guid(config, client);
    if (rule == NULL && client->archs != NULL)
        rule = match_arch(config, client);
    if (rule == NULL)
        rule = config_find(config, RULE_DEFAULT, NULL);
    return rule;
}

void client_name(const BYTE *bytes, ULONG length, WCHAR out[CLIENT_NAME_CHARS])
{
    static const WCHAR digits[] = L"0123456789abcdef";
    ULONG at = 0;

    for (ULONG i = 0; i < length && at + 3 < CLIENT_NAME_CHARS; ++i) {
        if (i > 0)
            out[at++] = L'-';
        out[at++] = digits[bytes[i] >> 4];
        out[at++] = digits[bytes[i] & 15];
    }
    out[at] = L'\0';
}
