#include "server/describe.h"

#include <string.h>

#include "text/bytes.h"
#include "decode/names.h"
#include "text/text_net.h"
#include "text/wide.h"

enum { IPV4_SIZE = 4, IPV6_SIZE = 16 };

const char *severity_name(PXE_SEVERITY severity)
{
    if (severity & PXE_TRACE_FATAL)
        return "fatal";
    if (severity & PXE_TRACE_ERROR)
        return "error";
    if (severity & PXE_TRACE_WARNING)
        return "warning";
    if (severity & PXE_TRACE_INFO)
        return "info";
    return "verbose";
}

void describe_address(struct text *text, const PXE_ADDRESS *address)
{
    text_put_address(text, address->bAddress, address->uAddrLen);
}

void describe_local_time(struct text *text, const SYSTEMTIME *local)
{
    text_format(text, "%04u-%02u-%02u %02u:%02u:%02u.%03u", local->wYear, local->wMonth,
                local->wDay, local->wHour, local->wMinute, local->wSecond, local->wMilliseconds);
}

void describe_utc_time(struct text *text, const SYSTEMTIME *utc)
{
    text_format(text, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", utc->wYear, utc->wMonth, utc->wDay,
                utc->wHour, utc->wMinute, utc->wSecond, utc->wMilliseconds);
}

static void put_endpoint(struct text *text, const PXE_ADDRESS *address)
{
    text_put_endpoint(text, address->bAddress, address->uAddrLen, address->uPort);
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

static void put_who(struct text *text, const WDSPXE_EXT_REQUEST *request,
                    const struct request_facts *facts)
{
    if (facts->mac[0] != '\0' || !facts->is_ipv6) {
        text_put(text, facts->mac[0] != '\0' ? facts->mac : "(no MAC)");
        text_put_char(text, ' ');
    }
    describe_address(text, &request->Remote);
    if (!facts->is_ipv6 && all_zero(request->Remote.bAddress, IPV4_SIZE) &&
        !all_zero(facts->client, IPV4_SIZE)) {
        text_put(text, " (client ");
        text_put_ipv4(text, facts->client);
        text_put_char(text, ')');
    }
    if (!all_zero(facts->relay, IPV4_SIZE)) {
        text_put(text, " via relay ");
        text_put_ipv4(text, facts->relay);
    }
    if (facts->guid[0] != '\0')
        text_format(text, " %s", facts->guid);
}

static void put_question(struct text *text, const WDSPXE_EXT_REQUEST *request,
                         const struct request_facts *facts)
{
    if (facts->is_dhcp) {
        facts_put_type(text, facts);
        facts_put_architectures(text, facts);
    } else {
        text_format(text, "not DHCP%s, %lu bytes", facts->is_ipv6 ? "v6" : "", request->uPacketLen);
    }
    text_format(text, " on port %u", request->Local.uPort);
}

void put_refusal_reason(struct text *text, const WDSPXE_EXT_REQUEST *request)
{
    if (request->pszDropReason != NULL)
        text_put_wide(text, request->pszDropReason);
    else if (request->Action == PXE_BA_IGNORE)
        text_put(text, "ignored");
    else if (request->Action == PXE_BA_REJECTED)
        text_put(text, "every provider passed it on");
    else
        text_put(text, "the provider said that it answered, but sent nothing");
}

static size_t boot_file_length(const WDSPXE_EXT_REQUEST *request)
{
    return strnlen(request->szBootFile, sizeof(request->szBootFile));
}

static void put_answer(struct text *text, const WDSPXE_EXT_REQUEST *request)
{
    if (request->uReplies > 1)
        text_format(text, "%lu replies, the last: ", request->uReplies);
    if (request->bReplyType != 0)
        facts_put_type_number(text, is_ipv6(request), true, request->bReplyType);
    else
        text_put(text, "custom reply");
    if (boot_file_length(request) > 0) {
        text_put(text, " \"");
        text_put_bytes(text, request->szBootFile, boot_file_length(request));
        text_put_char(text, '"');
    }
    text_put(text, " to ");
    put_endpoint(text, &request->ReplyAddress);
    text_format(text, ", %lu bytes", request->uReplyLen);
    if (request->pszDropReason != NULL) {
        text_put(text, ", then ");
        text_put_wide(text, request->pszDropReason);
    }
}

void describe_request(struct text *text, const WDSPXE_EXT_REQUEST *request)
{
    struct request_facts facts;
    read_request(request, &facts);
    put_who(text, request, &facts);
    text_put(text, " ");
    put_question(text, request, &facts);
    if (request->pszRepair != NULL) {
        text_put(text, " (");
        text_put_wide(text, request->pszRepair);
        text_put(text, ")");
    }
    text_put(text, " -> ");
    text_put_wide(text, request->pszProvider != NULL ? request->pszProvider : L"(no provider)");
    text_put(text, ": ");
    if (request->uReplies > 0) {
        put_answer(text, request);
    } else {
        text_put(text, "no answer, ");
        put_refusal_reason(text, request);
    }
    text_format(text, "; %llu.%03u ms", request->uMicroseconds / 1000,
                (unsigned)(request->uMicroseconds % 1000));
}

/* A string member whose value is made by appending to a text; null if that is empty. */
static void json_text_member(struct json *json, const char *key, struct text *value)
{
    json_key(json, key);
    if (value->failed)
        json->out->failed = true;
    json_string(json, value->length > 0 ? text_chars(value) : NULL);
    text_free(value);
}

static void json_address_member(struct json *json, const char *key, const PXE_ADDRESS *address)
{
    struct text value = TEXT_EMPTY;
    describe_address(&value, address);
    json_text_member(json, key, &value);
}

static void json_ipv4_member(struct json *json, const char *key, const uint8_t *bytes)
{
    struct text value = TEXT_EMPTY;
    if (!all_zero(bytes, IPV4_SIZE))
        text_put_ipv4(&value, bytes);
    json_text_member(json, key, &value);
}

static void json_type_member(struct json *json, const char *key, bool is_ipv6, bool has_type,
                             uint8_t type)
{
    struct text value = TEXT_EMPTY;
    if (has_type)
        facts_put_type_number(&value, is_ipv6, true, type);
    json_text_member(json, key, &value);
}

const char *boot_action_name(PXE_BOOT_ACTION action)
{
    switch (action) {
    case PXE_BA_NBP:
        return "nbp";
    case PXE_BA_CUSTOM:
        return "custom";
    case PXE_BA_IGNORE:
        return "ignore";
    case PXE_BA_REJECTED:
        return "rejected";
    default:
        return NULL;
    }
}

static void json_reply(struct json *json, const WDSPXE_EXT_REQUEST *request)
{
    json_key(json, "reply");
    if (request->uReplies == 0) {
        json_null(json);
        return;
    }

    struct text boot_file = TEXT_EMPTY;
    text_put_bytes(&boot_file, request->szBootFile, boot_file_length(request));
    json_begin_object(json);
    json_type_member(json, "type", is_ipv6(request), request->bReplyType != 0, request->bReplyType);
    json_text_member(json, "boot_file", &boot_file);
    json_address_member(json, "address", &request->ReplyAddress);
    json_key(json, "port");
    json_number(json, request->ReplyAddress.uPort);
    json_key(json, "bytes");
    json_number(json, request->uReplyLen);
    json_end_object(json);
}

static void json_client(struct json *json, const WDSPXE_EXT_REQUEST *request,
                        const struct request_facts *facts)
{
    json_key(json, "mac");
    json_string(json, facts->mac[0] != '\0' ? facts->mac : NULL);
    json_key(json, "guid");
    json_string(json, facts->guid[0] != '\0' ? facts->guid : NULL);
    json_address_member(json, "source", &request->Remote);
    json_key(json, "source_port");
    json_number(json, request->Remote.uPort);
    json_ipv4_member(json, "client", facts->client);
    json_ipv4_member(json, "relay", facts->relay);
}

void describe_request_json(struct json *json, const WDSPXE_EXT_REQUEST *request)
{
    struct request_facts facts;
    read_request(request, &facts);
    json_client(json, request, &facts);
    json_type_member(json, "type", facts.is_ipv6, facts.has_type, facts.type);
    facts_json_architectures(json, &facts);
    json_address_member(json, "local", &request->Local);
    json_key(json, "port");
    json_number(json, request->Local.uPort);
    json_key(json, "bytes");
    json_number(json, request->uPacketLen);
    json_key(json, "provider");
    json_wide(json, request->pszProvider);
    json_key(json, "action");
    json_string(json, boot_action_name(request->Action));
    json_key(json, "replies");
    json_number(json, request->uReplies);
    json_reply(json, request);
    struct text reason = TEXT_EMPTY;
    if (request->uReplies == 0)
        put_refusal_reason(&reason, request);
    json_text_member(json, "no_answer_reason", &reason);
    json_key(json, "ms");
    json_thousandths(json, request->uMicroseconds);
}
