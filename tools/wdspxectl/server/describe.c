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

struct endpoint endpoint_of(const PXE_ADDRESS *address)
{
    struct endpoint endpoint = {.length = address->uAddrLen == 16 ? 16 : 4, .port = address->uPort};
    memcpy(endpoint.address, address->bAddress, endpoint.length);
    return endpoint;
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

/* A DHCPv6 message is recognised by the address family that carried it. */
static bool is_ipv6(const WDSPXE_EXT_REQUEST *request)
{
    return request->Remote.uAddrLen == IPV6_SIZE;
}

static void write_address(struct writer *writer, const char *name, const PXE_ADDRESS *address,
                          const char *words)
{
    SCOPED_TEXT value = TEXT_EMPTY;
    describe_address(&value, address);
    write_text(writer, name, &value, words);
}

static void write_ipv4(struct writer *writer, const char *name, const uint8_t *bytes,
                       const char *words)
{
    SCOPED_TEXT value = TEXT_EMPTY;
    if (!all_zero(bytes, IPV4_SIZE))
        text_put_address(&value, bytes, 4);
    write_text(writer, name, &value, words);
}

/* The sender, and by which names others know it. */
static void write_client(struct writer *writer, const WDSPXE_EXT_REQUEST *request,
                         const struct request_facts *facts)
{
    bool has_no_address = !facts->is_ipv6 && all_zero(request->Remote.bAddress, IPV4_SIZE);
    const char *guid = facts->guid[0] != '\0' ? facts->guid : NULL;
    write_string_or(writer, "mac", facts->mac[0] != '\0' ? facts->mac : NULL,
                    facts->is_ipv6 ? NULL : "(no MAC)", "% ");
    write_string(writer, "guid", guid, NULL);
    write_address(writer, "source", &request->Remote, "%");
    write_number(writer, "source_port", request->Remote.uPort, NULL);
    write_ipv4(writer, "client", facts->client, has_no_address ? " (client %)" : NULL);
    write_ipv4(writer, "relay", facts->relay, " via relay %");
    if (!writer->as_json)
        write_string(writer, NULL, guid, " %");
}

/* What it asks, and where. */
static void write_question(struct writer *writer, const WDSPXE_EXT_REQUEST *request,
                           const struct request_facts *facts)
{
    SCOPED_TEXT what = TEXT_EMPTY;
    if (facts->has_type || (facts->is_dhcp && !writer->as_json))
        facts_put_type(&what, facts);
    if (!writer->as_json && facts->is_dhcp)
        facts_put_architectures(&what, facts);
    else if (!writer->as_json)
        text_format(&what, "not DHCP%s, %lu bytes", facts->is_ipv6 ? "v6" : "",
                    request->uPacketLen);
    write_text(writer, "type", &what, " % on port ");
    facts_write_architectures(writer, facts);
    write_address(writer, "local", &request->Local, NULL);
    write_number(writer, "port", request->Local.uPort, "%");
    write_number(writer, "bytes", request->uPacketLen, NULL);
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

static void write_reply(struct writer *writer, const WDSPXE_EXT_REQUEST *request)
{
    size_t length = strnlen(request->szBootFile, sizeof(request->szBootFile));
    const PXE_ADDRESS *to = &request->ReplyAddress;
    SCOPED_TEXT type = TEXT_EMPTY, boot_file = TEXT_EMPTY, way = TEXT_EMPTY;
    if (request->uReplies == 0) {
        write_null(writer, "reply");
        return;
    }
    if (request->uReplies > 1)
        say(writer, "%lu replies, the last: ", request->uReplies);
    if (request->bReplyType != 0)
        facts_put_type_number(&type, is_ipv6(request), true, request->bReplyType);
    text_put_bytes(&boot_file, request->szBootFile, length);
    text_put_endpoint(&way, to->bAddress, to->uAddrLen, to->uPort);
    write_begin(writer, "reply");
    say(writer, "%s", request->bReplyType != 0 ? "" : "custom reply");
    write_text(writer, "type", &type, "%");
    write_text(writer, "boot_file", &boot_file, " \"%\"");
    write_address(writer, "address", to, NULL);
    say(writer, " to %s, ", text_chars(&way));
    write_number(writer, "port", to->uPort, NULL);
    write_number(writer, "bytes", request->uReplyLen, "% bytes");
    if (!writer->as_json)
        write_wide(writer, NULL, request->pszDropReason, ", then %");
    write_end(writer);
}

void describe_request(struct writer *writer, const WDSPXE_EXT_REQUEST *request)
{
    SCOPED_TEXT reason = TEXT_EMPTY;
    struct request_facts facts;
    request_facts_read(request->Remote.uAddrLen, request->pPacket,
                       request->pPacket != NULL ? request->uPacketLen : 0, &facts);
    write_client(writer, request, &facts);
    write_question(writer, request, &facts);
    if (!writer->as_json)
        write_wide(writer, NULL, request->pszRepair, " (%)");
    if (request->pszProvider == NULL)
        say(writer, " -> (no provider): ");
    write_wide(writer, "provider", request->pszProvider, " -> %: ");
    write_string(writer, "action", boot_action_name(request->Action), NULL);
    write_number(writer, "replies", request->uReplies, NULL);
    write_reply(writer, request);
    if (request->uReplies == 0)
        put_refusal_reason(&reason, request);
    write_text(writer, "no_answer_reason", &reason, "no answer, %");
    write_thousandths(writer, "ms", request->uMicroseconds, "; % ms");
}
