#include <string.h>

#include "answer/protocol.h"

/* DHCPv6 message types and options (RFC 8415, RFC 5970). */
enum {
    TYPE_SOLICIT = 1,
    TYPE_ADVERTISE = 2,
    TYPE_REQUEST = 3,
    TYPE_REPLY = 7,
    TYPE_INFORMATION_REQUEST = 11,
    TYPE_RELAY_FORW = 12,

    OPTION_CLIENT_ID = 1,
    OPTION_SERVER_ID = 2,
    OPTION_VENDOR_CLASS = 16,
    OPTION_BOOT_FILE_URL = 59,
    OPTION_BOOT_FILE_PARAM = 60,
};

#define ENTERPRISE_SIZE 4
#define CLIENT_MESSAGE_MIN 4 /* type and transaction id */

/*
 * Fits every network without being split: IPv6 carries 1280 bytes anywhere, 48 of them headers (RFC
 * 8200, section 5). The longest identifiers, URL and parameters together stay below it.
 */
#define CLIENT_REPLY_MAX 1232
#define RELAY_LAYER_SIZE                                                                           \
    38 /* a relay message without its Interface-Id, and the option around it                       \
        */
#define OPTION_HEADER_SIZE 4

/* ---- reading the request ---- */

static BOOL unwrap_relays(struct answer_request *request)
{
    PBYTE inner;
    ULONG inner_length;

    if (PxeDhcpv6ParseRelayForw(request->packet, request->length, request->relays,
                                PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT, &request->relay_count, &inner,
                                &inner_length) != ERROR_SUCCESS)
        return FALSE;
    request->packet = inner;
    request->length = inner_length;
    return TRUE;
}

/*
 * Which part we have in this exchange: to say that we are here (ADVERTISE), to name the boot file
 * (REPLY), or none (0). Everything that is about addresses belongs to the DHCPv6 server beside us.
 */
static BYTE choose_type(const struct answer_server *us, const struct answer_request *request,
                        LPCWSTR *out_reason)
{
    const struct client_facts *facts = &request->facts;
    BOOL to_dhcp_port = request->local.uPort == us->dhcp6_port;
    BOOL is_for_us = facts->server_id.length == us->duid_length &&
                     memcmp(facts->server_id.bytes, us->duid, us->duid_length) == 0;

    /* RFC 8415, section 16: what has no client id is dropped, only an INFORMATION-REQUEST may. */
    if (facts->client_id.bytes == NULL && facts->type != TYPE_INFORMATION_REQUEST) {
        *out_reason = L"it does not identify itself";
        return 0;
    }
    if (facts->server_id.bytes != NULL && !is_for_us) {
        *out_reason = L"asks another server";
        return 0;
    }
    switch (facts->type) {
    case TYPE_SOLICIT:
        *out_reason = to_dhcp_port ? L"looks for a boot server"
                                   : L"a SOLICIT does not belong on the boot server's port";
        return to_dhcp_port ? TYPE_ADVERTISE : 0;
    case TYPE_REQUEST:
        *out_reason = L"asks for its boot file";
        if (is_for_us || !to_dhcp_port)
            return TYPE_REPLY;
        *out_reason = L"a REQUEST on the DHCPv6 port names its server";
        return 0;
    case TYPE_INFORMATION_REQUEST:
        *out_reason = L"asks for its boot file";
        return TYPE_REPLY;
    default:
        *out_reason = L"no message for a boot server";
        return 0;
    }
}

void answer6_read(const struct answer_server *us, struct answer_request *out)
{
    const struct fact_bytes *id = &out->facts.client_id;
    BOOL is_whole = out->length >= CLIENT_MESSAGE_MIN;

    facts6_read(out->packet, out->length, &out->store, &out->facts);
    if (is_whole && *(const BYTE *)out->packet == TYPE_RELAY_FORW)
        is_whole = unwrap_relays(out);
    out->is_message = us->duid_length > 0 && is_whole &&
                      (id->bytes == NULL || (id->length > 0 && id->length <= VALUE_DUID_MAX));
    out->reason = L"no DHCPv6 message";
    if (out->is_message)
        out->type = choose_type(us, out, &out->reason);
}

/* ---- deciding ---- */

/* What the client shall load, into answer->boot. FALSE if that cannot be told. */
static BOOL find_boot_url(struct answer *answer, const struct answer_request *request)
{
    static const BYTE unset[IPV6_SIZE];
    const struct client_facts *facts = &request->facts;
    const struct answer_plan *plan = &answer->plan;
    BOOL wants_ipxe_file = facts->is_ipxe && plan->ipxe_file[0] != '\0';
    const CHAR *file = plan_pick_file(plan->file, plan->ipxe_file, facts->is_ipxe);
    const BYTE *server = plan->next_server6;

    if (facts->boot == FACTS_BOOT_HTTP) {
        answer->reason = L"boots over HTTP, and its section has no http_url";
        strcpy(answer->boot, plan->http_url);
        return answer->boot[0] != '\0';
    }
    if (plan->url[0] != '\0' && !wants_ipxe_file) {
        strcpy(answer->boot, plan->url);
        return TRUE;
    }
    if (file[0] == '\0') {
        answer->reason = L"its section has neither url nor file";
        return FALSE;
    }
    if (memcmp(server, unset, sizeof(unset)) == 0)
        server = request->local.bAddress;
    if (!url_is_url(file) && !url_can_name(server)) {
        answer->kind = ANSWER_IMPOSSIBLE;
        answer->reason = L"the request came to a link-local address, which no URL can name; write "
                         L"next_server6=... or url=...";
        return FALSE;
    }
    url_of_file(server, file, answer->boot);
    return TRUE;
}

/*
 * The URL of this reply. PXE clients ask the host of an ADVERTISE's URL, on port 4011, for the URL
 * that they load in the end; without one they ask the whole link. So until the final reply we name
 * ourselves, or nobody if our address is good on this link only. Behind a relay the latter would
 * reach nobody; there is hope that the boot files are here.
 */
static void choose_url(struct answer *answer, const struct answer_request *request)
{
    const BYTE *local = request->local.bAddress;

    if (answer->with_file)
        strcpy(answer->url, answer->boot);
    else if (url_can_name(local))
        url_on_host(answer->boot, local, answer->url);
    else if (request->relay_count > 0)
        strcpy(answer->url, answer->boot);
}

/* Room for the client's reply and all that the relays want around it. */
static ULONG measure_limit(const struct answer_request *request)
{
    ULONG limit = CLIENT_REPLY_MAX;

    for (ULONG i = 0; i < request->relay_count; ++i) {
        limit += RELAY_LAYER_SIZE;
        if (request->relays[i].pInterfaceIdOption != NULL)
            limit += OPTION_HEADER_SIZE + (ULONG)request->relays[i].cbInterfaceIdOption;
    }
    return limit;
}

BOOL answer6_decide(const struct answer_request *request, struct answer *answer)
{
    answer->type_name = answer->is_first ? L"ADVERTISE" : L"REPLY";
    answer->with_file = answer->type == TYPE_REPLY || answer->plan.file_in_offer ||
                        answer->boot_class == FACTS_BOOT_HTTP;
    answer->size_limit = measure_limit(request);
    if (!find_boot_url(answer, request))
        return FALSE;
    choose_url(answer, request);
    return TRUE;
}

/* ---- writing the reply ---- */

static void append(struct reply *reply, WORD code, const void *value, ULONG length)
{
    if (reply->error == ERROR_SUCCESS)
        reply->error = PxeDhcpv6AppendOption(reply->packet, reply->capacity, &reply->used, code,
                                             (WORD)length, readable(value));
}

/* Enterprise number, then the length of the one text, then the text (RFC 8415, section 21.16). */
static void append_class(struct reply *reply, const struct answer *answer,
                         const struct answer_request *request)
{
    const CHAR *name = client_class_name(answer->boot_class);
    SIZE_T length = strlen(name);
    uint32_t enterprise = request->facts.vendor_enterprise;
    BYTE value[ENTERPRISE_SIZE + 2 + 16] = {(BYTE)(enterprise >> 24), (BYTE)(enterprise >> 16),
                                            (BYTE)(enterprise >> 8), (BYTE)enterprise};

    value[ENTERPRISE_SIZE + 1] = (BYTE)length;
    memcpy(value + ENTERPRISE_SIZE + 2, name, length);
    append(reply, OPTION_VENDOR_CLASS, value, ENTERPRISE_SIZE + 2 + (ULONG)length);
}

/* Options of the sections: each has two bytes of code, two of length, then its value. */
static void append_configured(struct reply *reply, const struct answer_plan *plan)
{
    ULONG size;

    for (ULONG at = 0; at < plan->options6.length; at += size) {
        const BYTE *option = plan->options6.bytes + at;
        ULONG length = (ULONG)option[2] << 8 | option[3];

        append(reply, (WORD)(option[0] << 8 | option[1]), option + OPTION_HEADER_SIZE, length);
        size = OPTION_HEADER_SIZE + length;
    }
}

/* What the client gets, without relays around it. */
static DWORD build_inner(const struct answer_server *us, const struct answer *answer,
                         const struct answer_request *request, struct reply *reply)
{
    const struct answer_plan *plan = &answer->plan;
    const struct fact_bytes *client_id = &request->facts.client_id;

    reply->error = PxeDhcpv6Initialize(request->packet, request->length, reply->packet,
                                       reply->capacity, &reply->used);
    if (client_id->bytes != NULL)
        append(reply, OPTION_CLIENT_ID, client_id->bytes, (ULONG)client_id->length);
    append(reply, OPTION_SERVER_ID, us->duid, us->duid_length);
    append_class(reply, answer, request);
    if (answer->url[0] != '\0')
        append(reply, OPTION_BOOT_FILE_URL, answer->url, (ULONG)strlen(answer->url));
    if (answer->with_file && plan->boot_params.length > 0)
        append(reply, OPTION_BOOT_FILE_PARAM, plan->boot_params.bytes, plan->boot_params.length);
    if (answer->with_file)
        append_configured(reply, plan);
    return reply->error;
}

DWORD answer6_build(const struct answer_server *us, const struct answer_request *request,
                    const struct answer *answer, PVOID reply_packet, ULONG capacity,
                    ULONG *out_used)
{
    BYTE inner[CLIENT_REPLY_MAX];
    struct reply reply = {.packet = inner, .capacity = sizeof(inner)};
    DWORD error;

    if (request->relay_count == 0) {
        reply.packet = reply_packet;
        reply.capacity = capacity;
    }
    error = build_inner(us, answer, request, &reply);
    if (error != ERROR_SUCCESS)
        return error;
    if (request->relay_count == 0) {
        *out_used = reply.used;
        return ERROR_SUCCESS;
    }
    return PxeDhcpv6CreateRelayRepl(readable(request->relays), request->relay_count, inner,
                                    reply.used, reply_packet, capacity, out_used);
}
