#include "client.h"

#include <string.h>
#include <wchar.h>

const CHAR *client_class_name(enum facts_boot boot)
{
    return boot == FACTS_BOOT_HTTP ? "HTTPClient" : "PXEClient";
}

/* Of a DUID's GUID nobody knows the byte order for sure, so either matches. */
static const struct boot_rule *match_guid(const struct static_config *config,
                                          const struct client_facts *facts)
{
    const struct boot_rule *rule = config_find(config, RULE_GUID, facts->guid);

    if (rule == NULL && facts->is_guid_order_unsure)
        rule = config_find(config, RULE_GUID, facts->guid_swapped);
    return rule;
}

static const struct boot_rule *match_arch(const struct static_config *config,
                                          const struct client_facts *facts)
{
    const struct boot_rule *rule = NULL;

    for (SIZE_T i = 0; rule == NULL && i < facts->architecture_count; ++i) {
        const BYTE key[RULE_ARCH_SIZE] = {(BYTE)(facts->architectures[i] >> 8),
                                          (BYTE)facts->architectures[i]};

        rule = config_find(config, RULE_ARCH, key);
    }
    return rule;
}

const struct boot_rule *client_match(const struct static_config *config,
                                     const struct client_facts *facts)
{
    const struct boot_rule *rule = NULL;

    if (facts->mac.length == RULE_MAC_SIZE)
        rule = config_find(config, RULE_MAC, facts->mac.bytes);
    if (rule == NULL && facts->duid.length > 0)
        rule = config_find_duid(config, facts->duid.bytes, (ULONG)facts->duid.length);
    if (rule == NULL && facts->has_guid)
        rule = match_guid(config, facts);
    if (rule == NULL)
        rule = match_arch(config, facts);
    if (rule == NULL)
        rule = config_find(config, RULE_DEFAULT, NULL);
    return rule;
}

static void put_bytes(struct fact_bytes bytes, WCHAR out[CLIENT_NAME_CHARS])
{
    static const WCHAR digits[] = L"0123456789abcdef";
    ULONG at = 0;

    for (SIZE_T i = 0; i < bytes.length && at + 3 < CLIENT_NAME_CHARS; ++i) {
        if (i > 0)
            out[at++] = L'-';
        out[at++] = digits[bytes.bytes[i] >> 4];
        out[at++] = digits[bytes.bytes[i] & 15];
    }
    out[at] = L'\0';
}

void client_name(const struct client_facts *facts, WCHAR out[CLIENT_NAME_CHARS])
{
    if (facts->is_ipv6 && facts->client_id.length > 0)
        put_bytes(facts->client_id, out);
    else if (facts->mac.length > 0)
        put_bytes(facts->mac, out);
    else if (facts->client_id.length > 0)
        put_bytes(facts->client_id, out);
    else if (facts->has_guid)
        put_bytes((struct fact_bytes){facts->guid, RULE_GUID_SIZE}, out);
    else
        wcscpy(out, L"a client without a name");
}
