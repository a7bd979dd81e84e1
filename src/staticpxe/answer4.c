#include "answer4.h"

#include <stddef.h>
#include <string.h>

/* DHCP message types and options (RFC 2132, RFC 3004, RFC 3046, RFC 4578). */
enum {
    TYPE_DISCOVER = 1,
    TYPE_OFFER = 2,
    TYPE_REQUEST = 3,
    TYPE_ACK = 5,
    TYPE_INFORM = 8,

    OPTION_VENDOR = 43,
    OPTION_MESSAGE_TYPE = 53,
    OPTION_SERVER_ID = 54,
    OPTION_MAX_SIZE = 57,
    OPTION_VENDOR_CLASS = 60,
    OPTION_BOOT_FILE = 67,
    OPTION_USER_CLASS = 77,
    OPTION_RELAY_INFORMATION = 82,
    OPTION_ARCHITECTURE = 93,
    OPTION_MACHINE_ID = 97,
    OPTION_END = 255,

    VENDOR_BOOT_ITEM = 71, /* PXE 2.1, table 2-1 */
    VENDOR_END = 255,
};

#define IP_AND_UDP_HEADERS 28
#define SMALLEST_LIMIT 548 /* RFC 2131, section 2: 576 bytes with IP and UDP headers */
#define SMALLEST_REPLY 300 /* RFC 951, section 3: some relays drop shorter messages */
#define OPTION_VALUE_MAX 255

/* ---- reading the request ---- */

struct request {
    PVOID packet;
    ULONG length;
    BYTE type;
    BOOL to_dhcp_port;
    BOOL has_server_id;
    BOOL server_id_is_ours;
};

/* The first instance of an option, or NULL. */
static const BYTE *find_option(const struct request *request, BYTE code, BYTE *out_length)
{
    PVOID value;

    if (PxeDhcpGetOptionValue(request->packet, request->length, 1, code, out_length, &value) !=
        ERROR_SUCCESS)
        return NULL;
    return value;
}

/*
 * The server listens on two ports: on DHCP's for clients that look for a server, and on the boot
 * server's (4011) for those that have found us. Both can be moved, so whatever is not the first is
 * the second.
 */
static BOOL is_dhcp_port(const struct static_config *config, const PXE_ADDRESS *local)
{
    return local->uPort == config->dhcp_port;
}

/* FALSE if this is no DHCP message over IPv4. */
static BOOL read_request(const struct static_config *config, PVOID packet, ULONG length,
                         const PXE_ADDRESS *local, struct request *out)
{
    struct request request = {.packet = packet, .length = length};
    const BYTE *value;
    BYTE size;

    if (local->uAddrLen != 4)
        return FALSE;
    value = find_option(&request, OPTION_MESSAGE_TYPE, &size); /* also checks the fixed part */
    if (value == NULL || size != 1)
        return FALSE;
    request.type = value[0];
    request.to_dhcp_port = is_dhcp_port(config, local);
    value = find_option(&request, OPTION_SERVER_ID, &size);
    request.has_server_id = value != NULL;
    request.server_id_is_ours =
        value != NULL && size == local->uAddrLen && memcmp(value, local->bAddress, size) == 0;
    *out = request;
    return TRUE;
}

/* Bytes of UDP payload that the client takes (option 57 counts the headers too), within reason. */
static ULONG read_size_limit(const struct request *request)
{
    BYTE size;
    const BYTE *value = find_option(request, OPTION_MAX_SIZE, &size);
    ULONG limit = 0;

    if (value != NULL && size == 2)
        limit = (ULONG)value[0] << 8 | value[1];
    if (limit < SMALLEST_LIMIT + IP_AND_UDP_HEADERS)
        return SMALLEST_LIMIT;
    limit -= IP_AND_UDP_HEADERS;
    return limit < ANSWER4_MAX ? limit : ANSWER4_MAX;
}

/* iPXE sends the bare name; RFC 3004 wants a length byte before it. */
static BOOL is_ipxe(const struct request *request)
{
    BYTE size;
    const BYTE *value = find_option(request, OPTION_USER_CLASS, &size);

    if (value == NULL)
        return FALSE;
    if (size > 0 && value[0] == size - 1)
        return client_is_ipxe(value + 1, size - 1U);
    return client_is_ipxe(value, size);
}

static struct client read_client(const struct request *request)
{
    const PXE_DHCP_MESSAGE *message = request->packet;
    struct client client = {.is_ipxe = is_ipxe(request)};
    const BYTE *value;
    BYTE size;

    value = find_option(request, OPTION_VENDOR_CLASS, &size);
    if (value != NULL)
        client.boot_class = client_class_of(value, size);
    if (message->HardwareAddressLength == RULE_MAC_SIZE)
        client.mac = message->HardwareAddress;
    value = find_option(request, OPTION_MACHINE_ID, &size);
    /* RFC 4578, section 2.3: a type byte, always 0, and the GUID. */
    if (value != NULL && size == 1 + RULE_GUID_SIZE && value[0] == 0)
        client.guid = value + 1;
    client.archs = find_option(request, OPTION_ARCHITECTURE, &size);
    if (client.archs != NULL)
        client.archs_length = size;
    return client;
}

/* ---- deciding ---- */

/*
 * Which part we have in this exchange: ProxyDHCP server (OFFER), boot server (ACK), or none (0);
 * PXE 2.1, section 2.2. A relay or a broadcast brings us all that is said to the DHCP server too.
 */
static BYTE choose_type(const struct request *request, LPCWSTR *out_reason)
{
    switch (request->type) {
    case TYPE_DISCOVER:
        if (request->to_dhcp_port) {
            *out_reason = L"looks for a boot server";
            return TYPE_OFFER;
        }
        *out_reason = L"a DISCOVER does not belong on the boot server's port";
        return 0;
    case TYPE_REQUEST:
        if (request->has_server_id && !request->server_id_is_ours) {
            *out_reason = L"asks another server";
            return 0;
        }
        if (request->to_dhcp_port && !request->has_server_id) {
            *out_reason = L"renews the lease of a DHCP server";
            return 0;
        }
        *out_reason = L"asks for its boot file";
        return TYPE_ACK;
    case TYPE_INFORM:
        if (!request->to_dhcp_port) {
            *out_reason = L"asks for its boot file";
            return TYPE_ACK;
        }
        *out_reason = L"asks a DHCP server for its settings";
        return 0;
    default:
        *out_reason = L"no message for a boot server";
        return 0;
    }
}

/* HTTP boot has no boot server to ask: the first reply is all there is. */
static BOOL fill_in_http(struct answer *answer, const PXE_ADDRESS *local)
{
    if (answer->rule->http_url[0] == '\0') {
        answer->reason = L"boots over HTTP, and its section has no http_url";
        return FALSE;
    }
    strcpy(answer->boot, answer->rule->http_url);
    answer->with_file = TRUE;
    memcpy(answer->next_server, local->bAddress, sizeof(answer->next_server));
    return TRUE;
}

static BOOL fill_in_pxe(struct answer *answer, const struct static_config *config,
                        const struct client *client, const PXE_ADDRESS *local)
{
    static const BYTE unset[4];
    const struct boot_rule *rule = answer->rule;
    BOOL use_local = memcmp(rule->next_server, unset, sizeof(unset)) == 0;
    const CHAR *file = client->is_ipxe && rule->ipxe_file[0] != '\0' ? rule->ipxe_file : rule->file;

    if (file[0] == '\0') {
        answer->reason = L"its section has no file";
        return FALSE;
    }
    strcpy(answer->boot, file);
    answer->with_file = answer->type == TYPE_ACK || config->file_in_offer;
    /* UEFI clients ask the siaddr of an OFFER, not its option 54, for their boot file: until the
     * file is named, siaddr is the boot server, and that is us. */
    if (!answer->with_file)
        use_local = TRUE;
    memcpy(answer->next_server, use_local ? local->bAddress : rule->next_server,
           sizeof(answer->next_server));
    return TRUE;
}

/* Fills in all that needs a rule. */
static void decide_content(struct answer *answer, const struct static_config *config,
                           const struct request *request, const struct client *client,
                           const PXE_ADDRESS *local)
{
    BOOL has_file;

    answer->rule = client_match(config, client);
    if (answer->rule == NULL) {
        answer->reason = L"no section of the configuration is for it";
        return;
    }
    if (answer->rule->ignore) {
        answer->kind = ANSWER_NOBODY;
        answer->reason = L"the configuration says ignore=yes";
        return;
    }
    answer->boot_class = client->boot_class;
    answer->type_name = answer->type == TYPE_OFFER ? L"OFFER" : L"ACK";
    answer->size_limit = read_size_limit(request);
    memcpy(answer->server, local->bAddress, sizeof(answer->server));
    has_file = client->boot_class == CLIENT_HTTP ? fill_in_http(answer, local)
                                                 : fill_in_pxe(answer, config, client, local);
    if (has_file)
        answer->kind = ANSWER_SEND;
}

/* The MAC address, or "" if the packet is too short to have one. */
static void name_client(const PXE_DHCP_MESSAGE *message, ULONG length, WCHAR out[CLIENT_NAME_CHARS])
{
    ULONG size = 0;

    if (length >= offsetof(PXE_DHCP_MESSAGE, HostName))
        size = message->HardwareAddressLength;
    if (size > PXE_DHCP_HWAADR_SIZE)
        size = PXE_DHCP_HWAADR_SIZE;
    client_name(message->HardwareAddress, size, out);
}

struct answer answer4_decide(const struct answerer *us, PVOID packet, ULONG length,
                             const PXE_ADDRESS *local)
{
    struct answer answer = {.kind = ANSWER_NOT_MINE, .reason = L"no DHCP message over IPv4"};
    struct request request;
    struct client client;

    name_client(packet, length, answer.client);
    if (!read_request(us->config, packet, length, local, &request))
        return answer;
    client = read_client(&request);
    if (client.boot_class == CLIENT_OTHER) {
        answer.reason = L"does not boot from the network: neither PXEClient nor HTTPClient";
        return answer;
    }
    answer.type = choose_type(&request, &answer.reason);
    if (answer.type != 0)
        decide_content(&answer, us->config, &request, &client, local);
    return answer;
}

/* ---- writing the reply ---- */

/* The reply so far. Once a step has failed the others do nothing, so one check at the end does. */
struct reply {
    PVOID packet;
    ULONG capacity;
    ULONG used;
    DWORD error;
};

/* The Pxe functions take pointers to non-const but only read; by number, as C has no other way. */
static PVOID readable(const void *bytes)
{
    return (PVOID)(ULONG_PTR)bytes;
}

static void append(struct reply *reply, BYTE code, const void *value, BYTE length)
{
    if (reply->error == ERROR_SUCCESS)
        reply->error = PxeDhcpAppendOption(reply->packet, reply->capacity, &reply->used, code,
                                           length, readable(value));
}

static void append_raw(struct reply *reply, const void *bytes, USHORT length)
{
    if (reply->error == ERROR_SUCCESS)
        reply->error = PxeDhcpAppendOptionRaw(reply->packet, reply->capacity, &reply->used, length,
                                              readable(bytes));
}

/* Sends an option of the request back as it came. */
static void append_echo(struct reply *reply, const struct request *request, BYTE code)
{
    BYTE length;
    const BYTE *value = find_option(request, code, &length);

    if (value != NULL)
        append(reply, code, value, length);
}

/*
 * Option 43. A client that chose from a boot menu names its choice there, and some (iPXE) take no
 * answer that does not repeat it. What the configuration has for option 43 follows behind it.
 */
static void append_vendor(struct reply *reply, const struct request *request,
                          const BYTE *configured, BYTE configured_length)
{
    BYTE value[OPTION_VALUE_MAX];
    ULONG used = 0;
    PVOID item;
    BYTE item_length;

    if (PxeDhcpGetVendorOptionValue(request->packet, request->length, VENDOR_BOOT_ITEM, 1,
                                    &item_length, &item) == ERROR_SUCCESS &&
        item_length == 4) { /* type and layer; anything else is no boot item */
        value[used++] = VENDOR_BOOT_ITEM;
        value[used++] = item_length;
        memcpy(value + used, item, item_length);
        used += item_length;
    }
    if (configured_length > sizeof(value) - used) {
        if (reply->error == ERROR_SUCCESS)
            reply->error = ERROR_INSUFFICIENT_BUFFER;
        return;
    }
    if (configured_length > 0)
        memcpy(value + used, configured, configured_length);
    used += configured_length;
    if (configured_length == 0 && used > 0)
        value[used++] = VENDOR_END;
    if (used > 0)
        append(reply, OPTION_VENDOR, value, (BYTE)used);
}

/* The extra options of the rule, with option 43 merged, and without `skip`. */
static void append_configured(struct reply *reply, const struct request *request,
                              const struct boot_rule *rule, BYTE skip)
{
    const BYTE *vendor = NULL;
    BYTE vendor_length = 0;
    ULONG size;

    for (ULONG at = 0; at < rule->options_length; at += size) {
        const BYTE *option = rule->options + at;

        size = 2 + (ULONG)option[1];
        if (option[0] == OPTION_VENDOR) {
            vendor = option + 2;
            vendor_length = option[1];
        } else if (option[0] != skip) {
            append_raw(reply, option, (USHORT)size);
        }
    }
    append_vendor(reply, request, vendor, vendor_length);
}

/* The fixed fields that PxeDhcpInitialize does not fill in as a PXE reply needs them. */
static void fill_fixed_part(const struct answer *answer, const struct request *request,
                            PXE_DHCP_MESSAGE *message)
{
    const PXE_DHCP_MESSAGE *received = request->packet;

    /* A relay looks at the broadcast bit of the reply (RFC 1542, section 4.1.2). */
    message->Reserved = received->Reserved;
    /* We assign no address, and in an OFFER the client has none (RFC 2131, table 3). */
    message->YourIpAddress = 0;
    if (answer->type == TYPE_OFFER)
        message->ClientIpAddress = 0;
    memcpy(&message->BootstrapServerAddress, answer->next_server, sizeof(answer->next_server));
    if (answer->with_file && answer->boot_class == CLIENT_PXE) {
        memcpy(message->BootFileName, answer->boot, strlen(answer->boot));
        memcpy(message->HostName, answer->rule->server_name, strlen(answer->rule->server_name));
    }
}

/* For HTTP boot the URL goes into option 67: the field `file` would be too short for many. */
static void append_boot_options(struct reply *reply, const struct answer *answer,
                                const struct request *request)
{
    if (answer->boot_class == CLIENT_HTTP) {
        append(reply, OPTION_BOOT_FILE, answer->boot, (BYTE)strlen(answer->boot));
        append_configured(reply, request, answer->rule, OPTION_BOOT_FILE);
    } else if (answer->with_file) {
        append_configured(reply, request, answer->rule, OPTION_END);
    }
}

DWORD answer4_build(const struct answer *answer, PVOID packet, ULONG length, PVOID reply_packet,
                    ULONG capacity, ULONG *out_used)
{
    const CHAR *vendor_class = client_class_name(answer->boot_class);
    struct request request = {.packet = packet, .length = length};
    struct reply reply = {.packet = reply_packet, .capacity = capacity};

    memset(reply_packet, 0, capacity); /* whatever is sent behind END must be Pad */
    reply.error = PxeDhcpInitialize(packet, length, reply_packet, capacity, &reply.used);
    if (reply.error == ERROR_SUCCESS)
        fill_fixed_part(answer, &request, reply_packet);
    append(&reply, OPTION_MESSAGE_TYPE, &answer->type, sizeof(answer->type));
    append(&reply, OPTION_SERVER_ID, answer->server, sizeof(answer->server));
    append(&reply, OPTION_VENDOR_CLASS, vendor_class, (BYTE)strlen(vendor_class));
    append_echo(&reply, &request, OPTION_MACHINE_ID); /* RFC 4578, section 2.3 */
    append_boot_options(&reply, answer, &request);
    append_echo(&reply, &request, OPTION_RELAY_INFORMATION); /* last: RFC 3046, section 2.2 */
    append(&reply, OPTION_END, NULL, 0);
    if (reply.error != ERROR_SUCCESS)
        return reply.error;
    *out_used = reply.used < SMALLEST_REPLY ? SMALLEST_REPLY : reply.used;
    return ERROR_SUCCESS;
}
