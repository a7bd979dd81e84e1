#include "answer/client.h"

#include <string.h>
#include <wchar.h>

const CHAR *client_class_name(enum facts_boot boot)
{
    return boot == FACTS_BOOT_HTTP ? "HTTPClient" : "PXEClient";
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
        put_bytes((struct fact_bytes){facts->guid, FACTS_GUID_SIZE}, out);
    else
        wcscpy(out, L"a client without a name");
}
