#include "describe.h"

#include <stdio.h>
#include <string.h>

enum {
    FIXED_PART = 240, /* RFC 2131 section 2, cookie included */
    AT_HLEN = 2,
    AT_CIADDR = 12,
    AT_GIADDR = 24,
    AT_CHADDR = 28,
    AT_COOKIE = 236,
    CHADDR_SIZE = 16,
    IPV4_SIZE = 4,
    IPV6_SIZE = 16,

    OPTION_MESSAGE_TYPE = 53, /* RFC 2132 section 9.6 */
    OPTION_ARCHITECTURE = 93, /* RFC 4578 section 2.1 */
    OPTION_GUID = 97,         /* RFC 4578 section 2.3 */
    GUID_OPTION_SIZE = 17,

    MESSAGE6_RELAY_FORW = 12, /* RFC 8415 section 7.3 */
    OPTION6_CLIENT_ID = 1,
    OPTION6_ARCHITECTURE = 61, /* RFC 5970 section 3.3 */
    DUID_LLT = 1,              /* RFC 8415 section 11 */
    DUID_LL = 3,
    DUID_UUID = 4,
};

/* RFC 2132, 3203, 4388, 6926, 7724 */
static const wchar_t *const message_types[] = {
    [1] = L"DISCOVER",         [2] = L"OFFER",           [3] = L"REQUEST",
    [4] = L"DECLINE",          [5] = L"ACK",             [6] = L"NAK",
    [7] = L"RELEASE",          [8] = L"INFORM",          [9] = L"FORCERENEW",
    [10] = L"LEASEQUERY",      [11] = L"LEASEUNASSIGNED", [12] = L"LEASEUNKNOWN",
    [13] = L"LEASEACTIVE",     [14] = L"BULKLEASEQUERY", [15] = L"LEASEQUERYDONE",
    [16] = L"ACTIVELEASEQUERY", [17] = L"LEASEQUERYSTATUS", [18] = L"TLS",
};

/* RFC 8415 section 7.3 */
static const wchar_t *const message6_types[] = {
    [1] = L"SOLICIT",      [2] = L"ADVERTISE",    [3] = L"REQUEST",
    [4] = L"CONFIRM",      [5] = L"RENEW",        [6] = L"REBIND",
    [7] = L"REPLY",        [8] = L"RELEASE",      [9] = L"DECLINE",
    [10] = L"RECONFIGURE", [11] = L"INFORMATION-REQUEST",
    [12] = L"RELAY-FORW",  [13] = L"RELAY-REPL",
};

/* IANA, "Processor Architecture Types" */
static const wchar_t *const architectures[] = {
    [0] = L"BIOS x86",
    [1] = L"NEC PC-98",
    [2] = L"UEFI Itanium",
    [3] = L"DEC Alpha",
    [4] = L"Arc x86",
    [5] = L"Intel Lean Client",
    [6] = L"UEFI IA32",
    [7] = L"UEFI x64",
    [8] = L"UEFI Xscale",
    [9] = L"UEFI EBC",
    [10] = L"UEFI ARM32",
    [11] = L"UEFI ARM64",
    [12] = L"PowerPC Open Firmware",
    [13] = L"PowerPC ePAPR",
    [14] = L"POWER OPAL v3",
    [15] = L"UEFI HTTP x86",
    [16] = L"UEFI HTTP x64",
    [17] = L"UEFI HTTP EBC",
    [18] = L"UEFI HTTP ARM32",
    [19] = L"UEFI HTTP ARM64",
    [20] = L"BIOS HTTP x86",
    [21] = L"U-Boot ARM32",
    [22] = L"U-Boot ARM64",
    [23] = L"U-Boot HTTP ARM32",
    [24] = L"U-Boot HTTP ARM64",
    [25] = L"UEFI RISC-V 32",
    [26] = L"UEFI HTTP RISC-V 32",
    [27] = L"UEFI RISC-V 64",
    [28] = L"UEFI HTTP RISC-V 64",
    [29] = L"UEFI RISC-V 128",
    [30] = L"UEFI HTTP RISC-V 128",
    [31] = L"s390 Basic",
    [32] = L"s390 Extended",
    [33] = L"UEFI MIPS32",
    [34] = L"UEFI MIPS64",
    [35] = L"UEFI Sunway32",
    [36] = L"UEFI Sunway64",
    [37] = L"UEFI LoongArch32",
    [38] = L"UEFI HTTP LoongArch32",
    [39] = L"UEFI LoongArch64",
    [40] = L"UEFI HTTP LoongArch64",
    [41] = L"Raspberry Pi boot ARM",
};

const wchar_t *message_type_name(uint8_t type)
{
    if (type >= sizeof(message_types) / sizeof(message_types[0]))
        return NULL;
    return message_types[type];
}

const wchar_t *message6_type_name(uint8_t type)
{
    if (type >= sizeof(message6_types) / sizeof(message6_types[0]))
        return NULL;
    return message6_types[type];
}

const wchar_t *architecture_name(uint16_t architecture)
{
    if (architecture >= sizeof(architectures) / sizeof(architectures[0]))
        return NULL;
    return architectures[architecture];
}

const wchar_t *severity_name(PXE_SEVERITY severity)
{
    if (severity & PXE_TRACE_FATAL)
        return L"fatal";
    if (severity & PXE_TRACE_ERROR)
        return L"error";
    if (severity & PXE_TRACE_WARNING)
        return L"warning";
    if (severity & PXE_TRACE_INFO)
        return L"info";
    return L"verbose";
}

/* The first option of this code; NULL if there is none. */
static const BYTE *find_option(const BYTE *packet, ULONG length, BYTE code, BYTE *out_length)
{
    PVOID value = NULL;
    /* The published prototype lacks const; the function only reads (contract, section 1.4). */
    PVOID readable = (PVOID)(uintptr_t)packet;
    if (PxeDhcpGetOptionValue(readable, length, 1, code, out_length, &value) != ERROR_SUCCESS)
        return NULL;
    return value;
}

static void read_mac(const BYTE *bytes, size_t length, struct request_facts *facts)
{
    if (length > CHADDR_SIZE)
        length = CHADDR_SIZE;
    for (size_t i = 0; i < length; i++) {
        wchar_t *at = facts->mac + 3 * i;
        (void)_snwprintf(at, 4, L"%02X:", (unsigned)bytes[i]);
    }
    /* Each byte wrote "XX:" and a NUL; the last colon is not wanted. */
    if (length > 0)
        facts->mac[3 * length - 1] = L'\0';
}

/* The first three fields are little-endian on the wire, as SMBIOS has them and Windows shows them. */
static void put_guid(const BYTE *g, struct request_facts *facts)
{
    (void)_snwprintf(facts->guid, sizeof(facts->guid) / sizeof(facts->guid[0]),
                     L"{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
                     g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10], g[11],
                     g[12], g[13], g[14], g[15]);
}

/* Option 97 is type 0 and the 16 bytes. */
static void read_guid(const BYTE *packet, ULONG length, struct request_facts *facts)
{
    BYTE size = 0;
    const BYTE *value = find_option(packet, length, OPTION_GUID, &size);
    if (value != NULL && size == GUID_OPTION_SIZE && value[0] == 0)
        put_guid(value + 1, facts);
}

static void read_architectures(const BYTE *value, unsigned size, struct request_facts *facts)
{
    if (value == NULL || size % 2 != 0)
        return;

    unsigned count = size / 2;
    if (count > REQUEST_ARCHITECTURES_MAX)
        count = REQUEST_ARCHITECTURES_MAX;
    for (unsigned i = 0; i < count; i++)
        facts->architectures[i] = (uint16_t)(value[2 * i] << 8 | value[2 * i + 1]);
    facts->architecture_count = count;
}

void request_facts_read(const BYTE *packet, ULONG length, struct request_facts *out_facts)
{
    static const BYTE cookie[4] = {99, 130, 83, 99};

    memset(out_facts, 0, sizeof(*out_facts));
    if (length < FIXED_PART || memcmp(packet + AT_COOKIE, cookie, sizeof(cookie)) != 0)
        return;

    out_facts->is_dhcp = true;
    read_mac(packet + AT_CHADDR, packet[AT_HLEN], out_facts);
    memcpy(out_facts->client, packet + AT_CIADDR, IPV4_SIZE);
    memcpy(out_facts->relay, packet + AT_GIADDR, IPV4_SIZE);
    BYTE size = 0;
    const BYTE *type = find_option(packet, length, OPTION_MESSAGE_TYPE, &size);
    if (type != NULL && size == 1) {
        out_facts->has_type = true;
        out_facts->type = type[0];
    }
    read_guid(packet, length, out_facts);
    const BYTE *architecture = find_option(packet, length, OPTION_ARCHITECTURE, &size);
    read_architectures(architecture, size, out_facts);
}

static const BYTE *find_option6(const BYTE *packet, ULONG length, WORD code, WORD *out_length)
{
    PVOID value = NULL;
    PVOID readable = (PVOID)(uintptr_t)packet; /* as in find_option */
    if (PxeDhcpv6GetOptionValue(readable, length, 1, code, out_length, &value) != ERROR_SUCCESS)
        return NULL;
    return value;
}

/* A DUID holds a link-layer address behind a header, or the machine's UUID. */
static void read_duid(const BYTE *duid, unsigned size, struct request_facts *facts)
{
    unsigned type = duid != NULL && size >= 2 ? (unsigned)(duid[0] << 8 | duid[1]) : 0;
    if (type == DUID_UUID && size == 18)
        put_guid(duid + 2, facts);
    else if (type == DUID_LLT && size > 8)
        read_mac(duid + 8, size - 8, facts);
    else if (type == DUID_LL && size > 4)
        read_mac(duid + 4, size - 4, facts);
}

void request6_facts_read(const BYTE *packet, ULONG length, struct request_facts *out_facts)
{
    PXE_DHCPV6_NESTED_RELAY_MESSAGE relays[PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT];
    ULONG relay_count, inner_length;
    PBYTE inner;
    WORD size = 0;

    memset(out_facts, 0, sizeof(*out_facts));
    out_facts->is_ipv6 = true;
    if (length < 4)
        return;
    if (packet[0] == MESSAGE6_RELAY_FORW &&
        PxeDhcpv6ParseRelayForw((PVOID)(uintptr_t)packet, length, relays,
                                PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT, &relay_count, &inner,
                                &inner_length) == ERROR_SUCCESS) {
        packet = inner;
        length = inner_length;
    }
    out_facts->is_dhcp = out_facts->has_type = true;
    out_facts->type = packet[0];
    const BYTE *value = find_option6(packet, length, OPTION6_CLIENT_ID, &size);
    read_duid(value, size, out_facts);
    value = find_option6(packet, length, OPTION6_ARCHITECTURE, &size);
    read_architectures(value, size, out_facts);
}

static void put_ipv4(struct text *text, const uint8_t *bytes)
{
    text_format(text, L"%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
}

/* The longest run of at least two zero groups, which RFC 5952 section 4.2 writes as "::". */
static void find_zero_run(const uint16_t *groups, unsigned *out_start, unsigned *out_length)
{
    unsigned best = 0, best_length = 0;
    for (unsigned i = 0; i < 8; i++) {
        unsigned end = i;
        while (end < 8 && groups[end] == 0)
            end++;
        if (end - i > best_length) {
            best = i;
            best_length = end - i;
        }
    }
    *out_start = best_length > 1 ? best : 8;
    *out_length = best_length > 1 ? best_length : 0;
}

static void put_ipv6(struct text *text, const BYTE *bytes)
{
    uint16_t groups[8];
    for (unsigned i = 0; i < 8; i++)
        groups[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);

    unsigned run, run_length;
    find_zero_run(groups, &run, &run_length);
    for (unsigned i = 0; i < 8; i++) {
        if (i == run) {
            text_put(text, L"::");
            i += run_length - 1;
        } else {
            if (i > 0 && i != run + run_length)
                text_put_char(text, L':');
            text_format(text, L"%x", (unsigned)groups[i]);
        }
    }
}

void describe_address(struct text *text, const PXE_ADDRESS *address)
{
    if (address->uAddrLen == IPV4_SIZE)
        put_ipv4(text, address->bAddress);
    else if (address->uAddrLen == IPV6_SIZE)
        put_ipv6(text, address->bAddress);
    else
        text_put_char(text, L'?');
}

void describe_local_time(struct text *text, const SYSTEMTIME *local)
{
    text_format(text, L"%04u-%02u-%02u %02u:%02u:%02u.%03u", local->wYear, local->wMonth,
                local->wDay, local->wHour, local->wMinute, local->wSecond, local->wMilliseconds);
}

void describe_utc_time(struct text *text, const SYSTEMTIME *utc)
{
    text_format(text, L"%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", utc->wYear, utc->wMonth, utc->wDay,
                utc->wHour, utc->wMinute, utc->wSecond, utc->wMilliseconds);
}

static void put_endpoint(struct text *text, const PXE_ADDRESS *address)
{
    bool brackets = address->uAddrLen == IPV6_SIZE;
    if (brackets)
        text_put_char(text, L'[');
    describe_address(text, address);
    if (brackets)
        text_put_char(text, L']');
    text_format(text, L":%u", address->uPort);
}

static bool is_zero(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

/* A DHCPv6 message is recognised by the address family that carried it. */
static bool is_ipv6(const WDSPXE_EXT_REQUEST *request)
{
    return request->Remote.uAddrLen == IPV6_SIZE;
}

static void read_request(const WDSPXE_EXT_REQUEST *request, struct request_facts *out_facts)
{
    ULONG length = request->pPacket != NULL ? request->uPacketLen : 0;
    if (is_ipv6(request))
        request6_facts_read(request->pPacket, length, out_facts);
    else
        request_facts_read(request->pPacket, length, out_facts);
}

static void put_message_type(struct text *text, bool is_ipv6, bool has_type, uint8_t type)
{
    const wchar_t *name = !has_type ? NULL
                          : is_ipv6 ? message6_type_name(type)
                                    : message_type_name(type);
    if (name != NULL)
        text_put(text, name);
    else if (has_type)
        text_format(text, L"message type %u", type);
    else
        text_put(text, L"BOOTP"); /* a message without option 53 (RFC 2131 section 2) */
}

static void put_architectures(struct text *text, const struct request_facts *facts)
{
    for (unsigned i = 0; i < facts->architecture_count; i++) {
        uint16_t number = facts->architectures[i];
        const wchar_t *name = architecture_name(number);
        text_put(text, i == 0 ? L" " : L"/");
        if (name != NULL)
            text_put(text, name);
        else
            text_format(text, L"architecture %u", number);
    }
}

static void put_who(struct text *text, const WDSPXE_EXT_REQUEST *request,
                    const struct request_facts *facts)
{
    if (facts->mac[0] != L'\0' || !facts->is_ipv6) {
        text_put(text, facts->mac[0] != L'\0' ? facts->mac : L"(no MAC)");
        text_put_char(text, L' ');
    }
    describe_address(text, &request->Remote);
    if (!facts->is_ipv6 && is_zero(request->Remote.bAddress, IPV4_SIZE) && !is_zero(facts->client, IPV4_SIZE)) {
        text_put(text, L" (client ");
        put_ipv4(text, facts->client);
        text_put_char(text, L')');
    }
    if (!is_zero(facts->relay, IPV4_SIZE)) {
        text_put(text, L" via relay ");
        put_ipv4(text, facts->relay);
    }
    if (facts->guid[0] != L'\0')
        text_format(text, L" %ls", facts->guid);
}

static void put_question(struct text *text, const WDSPXE_EXT_REQUEST *request,
                         const struct request_facts *facts)
{
    if (facts->is_dhcp) {
        put_message_type(text, facts->is_ipv6, facts->has_type, facts->type);
        put_architectures(text, facts);
    } else {
        text_format(text, L"not DHCP%ls, %lu bytes", facts->is_ipv6 ? L"v6" : L"",
                    request->uPacketLen);
    }
    text_format(text, L" on port %u", request->Local.uPort);
}

static const wchar_t *refusal_reason(const WDSPXE_EXT_REQUEST *request)
{
    if (request->pszDropReason != NULL)
        return request->pszDropReason;
    if (request->Action == PXE_BA_IGNORE)
        return L"ignored";
    if (request->Action == PXE_BA_REJECTED)
        return L"every provider passed it on";
    return L"the provider said that it answered, but sent nothing";
}

static size_t boot_file_length(const WDSPXE_EXT_REQUEST *request)
{
    return strnlen(request->szBootFile, sizeof(request->szBootFile));
}

static void put_answer(struct text *text, const WDSPXE_EXT_REQUEST *request)
{
    if (request->uReplies > 1)
        text_format(text, L"%lu replies, the last: ", request->uReplies);
    if (request->bReplyType != 0)
        put_message_type(text, is_ipv6(request), true, request->bReplyType);
    else
        text_put(text, L"custom reply");
    if (boot_file_length(request) > 0) {
        text_put(text, L" \"");
        text_put_bytes(text, request->szBootFile, boot_file_length(request));
        text_put_char(text, L'"');
    }
    text_put(text, L" to ");
    put_endpoint(text, &request->ReplyAddress);
    text_format(text, L", %lu bytes", request->uReplyLen);
}

void describe_request(struct text *text, const WDSPXE_EXT_REQUEST *request)
{
    struct request_facts facts;
    read_request(request, &facts);
    put_who(text, request, &facts);
    text_put(text, L" ");
    put_question(text, request, &facts);
    text_format(text, L" -> %ls: ",
                request->pszProvider != NULL ? request->pszProvider : L"(no provider)");
    if (request->uReplies > 0)
        put_answer(text, request);
    else
        text_format(text, L"no answer, %ls", refusal_reason(request));
    text_format(text, L"; %I64u.%03u ms", request->uMicroseconds / 1000,
                (unsigned)(request->uMicroseconds % 1000));
}

/* A string member whose value is made by appending to a text; null if that is empty. */
static void json_text_member(struct json *json, const wchar_t *key, struct text *value)
{
    json_key(json, key);
    if (value->failed)
        json->out->failed = true;
    json_string(json, value->length > 0 ? text_chars(value) : NULL);
    text_free(value);
}

static void json_address_member(struct json *json, const wchar_t *key, const PXE_ADDRESS *address)
{
    struct text value = TEXT_EMPTY;
    describe_address(&value, address);
    json_text_member(json, key, &value);
}

static void json_ipv4_member(struct json *json, const wchar_t *key, const uint8_t *bytes)
{
    struct text value = TEXT_EMPTY;
    if (!is_zero(bytes, IPV4_SIZE))
        put_ipv4(&value, bytes);
    json_text_member(json, key, &value);
}

static void json_type_member(struct json *json, const wchar_t *key, bool is_ipv6, bool has_type,
                             uint8_t type)
{
    struct text value = TEXT_EMPTY;
    if (has_type)
        put_message_type(&value, is_ipv6, true, type);
    json_text_member(json, key, &value);
}

static void json_architectures(struct json *json, const struct request_facts *facts)
{
    json_key(json, L"architectures");
    json_begin_array(json);
    for (unsigned i = 0; i < facts->architecture_count; i++) {
        json_begin_object(json);
        json_key(json, L"number");
        json_number(json, facts->architectures[i]);
        json_key(json, L"name");
        json_string(json, architecture_name(facts->architectures[i]));
        json_end_object(json);
    }
    json_end_array(json);
}

static const wchar_t *action_name(PXE_BOOT_ACTION action)
{
    switch (action) {
    case PXE_BA_NBP:
        return L"nbp";
    case PXE_BA_CUSTOM:
        return L"custom";
    case PXE_BA_IGNORE:
        return L"ignore";
    case PXE_BA_REJECTED:
        return L"rejected";
    default:
        return NULL;
    }
}

static void json_reply(struct json *json, const WDSPXE_EXT_REQUEST *request)
{
    json_key(json, L"reply");
    if (request->uReplies == 0) {
        json_null(json);
        return;
    }

    struct text boot_file = TEXT_EMPTY;
    text_put_bytes(&boot_file, request->szBootFile, boot_file_length(request));
    json_begin_object(json);
    json_type_member(json, L"type", is_ipv6(request), request->bReplyType != 0,
                     request->bReplyType);
    json_text_member(json, L"boot_file", &boot_file);
    json_address_member(json, L"address", &request->ReplyAddress);
    json_key(json, L"port");
    json_number(json, request->ReplyAddress.uPort);
    json_key(json, L"bytes");
    json_number(json, request->uReplyLen);
    json_end_object(json);
}

static void json_client(struct json *json, const WDSPXE_EXT_REQUEST *request,
                        const struct request_facts *facts)
{
    json_key(json, L"mac");
    json_string(json, facts->mac[0] != L'\0' ? facts->mac : NULL);
    json_key(json, L"guid");
    json_string(json, facts->guid[0] != L'\0' ? facts->guid : NULL);
    json_address_member(json, L"source", &request->Remote);
    json_key(json, L"source_port");
    json_number(json, request->Remote.uPort);
    json_ipv4_member(json, L"client", facts->client);
    json_ipv4_member(json, L"relay", facts->relay);
}

void describe_request_json(struct json *json, const WDSPXE_EXT_REQUEST *request)
{
    struct request_facts facts;
    read_request(request, &facts);
    json_client(json, request, &facts);
    json_type_member(json, L"type", facts.is_ipv6, facts.has_type, facts.type);
    json_architectures(json, &facts);
    json_address_member(json, L"local", &request->Local);
    json_key(json, L"port");
    json_number(json, request->Local.uPort);
    json_key(json, L"bytes");
    json_number(json, request->uPacketLen);
    json_key(json, L"provider");
    json_string(json, request->pszProvider);
    json_key(json, L"action");
    json_string(json, action_name(request->Action));
    json_key(json, L"replies");
    json_number(json, request->uReplies);
    json_reply(json, request);
    json_key(json, L"no_answer_reason");
    json_string(json, request->uReplies > 0 ? NULL : refusal_reason(request));
    json_key(json, L"ms");
    json_thousandths(json, request->uMicroseconds);
}
