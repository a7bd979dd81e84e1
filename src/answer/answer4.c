#include <stddef.h>
#include <string.h>

#include "answer/protocol.h"

/* DHCP message types and options (RFC 2132, RFC 3046, RFC 4578). */
#define ARCH_BIOS 0 /* RFC 4578 */

enum {
    TYPE_DISCOVER = 1,
    TYPE_OFFER = 2,
    TYPE_REQUEST = 3,
    TYPE_ACK = 5,
    TYPE_INFORM = 8,

    OPTION_VENDOR = 43,
    OPTION_MESSAGE_TYPE = 53,
    OPTION_SERVER_ID = 54,
    OPTION_PARAMETERS = 55,
    OPTION_VENDOR_CLASS = 60,
    OPTION_CLIENT_ID = 61,
    OPTION_BOOT_FILE = 67,
    OPTION_RELAY_INFORMATION = 82,
    OPTION_MACHINE_ID = 97,
    OPTION_END = 255,

    VENDOR_BOOT_ITEM = 71, /* PXE 2.1, table 2-1 */
    VENDOR_END = 255,
};

#define IP_AND_UDP_HEADERS 28
#define SMALLEST_LIMIT 548 /* RFC 2131, section 2: 576 bytes with IP and UDP headers */
#define IPV4_SIZE VALUE_IPV4_SIZE
#define SMALLEST_REPLY 300 /* RFC 951, section 3: some relays drop shorter messages */

/* ---- reading the request ---- */

/*
 * The server listens on two ports: on DHCP's for clients that look for a server, and on the boot
 * server's (4011) for those that have found us. Both can be moved, so whatever is not the first is
 * the second.
 */
static BOOL is_to_dhcp_port(const struct answer_server *us, const struct answer_request *request)
{
    return request->local.uPort == us->dhcp_port;
}

static BOOL is_server_id_ours(const struct answer_request *request)
{
    const struct fact_bytes *id = &request->facts.server_id;

    return id->length == request->local.uAddrLen &&
           memcmp(id->bytes, request->local.bAddress, id->length) == 0;
}

/* A part in the exchange: the type of the reply, or 0 for none, and why. */
struct part {
    BYTE type;
    LPCWSTR reason;
};

/* On the DHCP port, naming no server or us. Most of that is for the DHCP server beside us. */
static struct part choose_request_part(const struct answer_request *request)
{
    const struct client_facts *facts = &request->facts;

    /* Whoever asks for an address asks a DHCP server, also one that has our address. */
    if (facts->requested.length != 0)
        return (struct part){0, L"asks a DHCP server for an address"};
    if (is_server_id_ours(request))
        return (struct part){TYPE_ACK, L"asks for its boot file"};
    /* PXE 2.1, section 2.2.1, step 5: discovery of the boot server by broadcast. */
    if (facts->has_boot_item && facts->client.length != 0)
        return (struct part){TYPE_ACK, L"looks for the boot server that it chose"};
    if (facts->has_boot_item)
        return (struct part){0, L"looks for a boot server and has no address yet"};
    if (facts->client.length != 0)
        return (struct part){0, L"renews the lease of a DHCP server"};
    return (struct part){0, L"asks a DHCP server"};
}

static struct part choose_inform_part(const struct answer_server *us,
                                      const struct answer_request *request)
{
    if (!is_to_dhcp_port(us, request))
        return (struct part){TYPE_ACK, L"asks for its boot file"};
    if (request->facts.has_boot_item && request->facts.client.length != 0)
        return (struct part){TYPE_ACK, L"looks for the boot server that it chose"};
    return (struct part){0, L"asks a DHCP server for its settings"};
}

/*
 * Which part we have in this exchange: ProxyDHCP server (OFFER), boot server (ACK), or none;
 * PXE 2.1, section 2.2. A relay or a broadcast brings us all that is said to the DHCP server too.
 */
static struct part choose_part(const struct answer_server *us, const struct answer_request *request)
{
    const struct client_facts *facts = &request->facts;

    if (facts->server_id.length != 0 && !is_server_id_ours(request))
        return (struct part){0, L"asks another server"};
    switch (facts->type) {
    case TYPE_DISCOVER:
        if (is_to_dhcp_port(us, request))
            return (struct part){TYPE_OFFER, L"looks for a boot server"};
        return (struct part){0, L"a DISCOVER does not belong on the boot server's port"};
    case TYPE_REQUEST:
        if (is_to_dhcp_port(us, request))
            return choose_request_part(request);
        return (struct part){TYPE_ACK, L"asks for its boot file"};
    case TYPE_INFORM:
        return choose_inform_part(us, request);
    default:
        return (struct part){0, L"no message for a boot server"};
    }
}

void answer4_read(const struct answer_server *us, struct answer_request *out)
{
    struct part part = {0, L"no DHCP message over IPv4"};

    facts4_read(out->packet, out->length, &out->store, &out->facts);
    out->is_message = out->local.uAddrLen == IPV4_SIZE && out->facts.is_dhcp && out->facts.has_type;
    if (out->is_message)
        part = choose_part(us, out);
    out->type = part.type;
    out->reason = part.reason;
}

/* ---- deciding ---- */

/* Bytes of UDP payload that the client takes (option 57 counts the headers too), within reason. */
static ULONG read_size_limit(const struct answer_request *request)
{
    ULONG limit = request->facts.max_size;

    if (limit < SMALLEST_LIMIT + IP_AND_UDP_HEADERS)
        return SMALLEST_LIMIT;
    limit -= IP_AND_UDP_HEADERS;
    return limit < ANSWER4_MAX ? limit : ANSWER4_MAX;
}

/* HTTP boot has no boot server to ask: the first reply is all there is. */
static BOOL fill_in_http(struct answer *answer, const struct answer_request *request)
{
    if (answer->plan.http_url[0] == '\0') {
        answer->reason = L"boots over HTTP, and its section has no http_url";
        return FALSE;
    }
    strcpy(answer->boot, answer->plan.http_url);
    answer->with_file = TRUE;
    memcpy(answer->next_server, request->local.bAddress, sizeof(answer->next_server));
    return TRUE;
}

/* iPXE that has a file of its own is beyond menus. */
static BOOL offers_menu(const struct answer *answer, const struct client_facts *facts)
{
    const struct answer_plan *plan = &answer->plan;

    return answer->type == TYPE_OFFER && facts->boot == FACTS_BOOT_PXE && plan->menu != NULL &&
           !(facts->is_ipxe && plan->ipxe_file[0] != '\0');
}

/* Does the client take its boot file as option 67, where the field is too short? */
static BOOL takes_option_67(const struct answer_request *request)
{
    PVOID list;
    BYTE length;

    return request->facts.is_ipxe ||
           (PxeDhcpGetOptionValue(request->packet, request->length, 1, OPTION_PARAMETERS, &length,
                                  &list) == ERROR_SUCCESS &&
            memchr(list, OPTION_BOOT_FILE, length) != NULL);
}

static BOOL fill_in_file(struct answer *answer, const struct answer_request *request)
{
    const CHAR *file =
        plan_pick_file(answer->plan.file, answer->plan.ipxe_file, request->facts.is_ipxe);

    strcpy(answer->boot, file);
    if (answer->menu != NULL)
        return TRUE;
    if (file[0] == '\0') {
        answer->reason = L"its section has no file";
        return FALSE;
    }
    if (strlen(file) > ANSWER_FILE_MAX && !takes_option_67(request)) {
        answer->kind = ANSWER_IMPOSSIBLE;
        answer->reason = L"its boot file has more than 127 characters, and it does not ask for "
                         L"option 67, the only place for that; write a shorter one";
        return FALSE;
    }
    return TRUE;
}

/* Whoever is no PXE client has no way to ask again: its OFFER says all that there is. */
static BOOL fill_in_pxe(struct answer *answer, const struct answer_request *request)
{
    static const BYTE unset[4];
    const struct answer_plan *plan = &answer->plan;
    BOOL use_local = memcmp(plan->next_server, unset, sizeof(unset)) == 0;

    answer->menu = offers_menu(answer, &request->facts) ? plan->menu : NULL;
    if (!fill_in_file(answer, request))
        return FALSE;
    answer->with_file =
        answer->type == TYPE_ACK ||
        (answer->menu == NULL && (plan->file_in_offer || answer->boot_class == FACTS_BOOT_OTHER));
    /* UEFI clients ask the siaddr of an OFFER, not its option 54, for their boot file: until the
     * file is named, siaddr is the boot server, and that is us. */
    if (!answer->with_file)
        use_local = TRUE;
    memcpy(answer->next_server, use_local ? request->local.bAddress : plan->next_server,
           sizeof(answer->next_server));
    return TRUE;
}

BOOL answer4_decide(const struct answer_request *request, struct answer *answer)
{
    answer->type_name = answer->is_first ? L"OFFER" : L"ACK";
    answer->size_limit = read_size_limit(request);
    memcpy(answer->server, request->local.bAddress, sizeof(answer->server));
    return answer->boot_class == FACTS_BOOT_HTTP ? fill_in_http(answer, request)
                                                 : fill_in_pxe(answer, request);
}

/* ---- writing the reply ---- */

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

/* Sends an option of the request back as it came, in as many instances. */
static void append_echo(struct reply *reply, const struct answer_request *request, BYTE code)
{
    BYTE length;
    PVOID value;

    for (ULONG i = 1; reply->error == ERROR_SUCCESS &&
                      PxeDhcpGetOptionValue(request->packet, request->length, i, code, &length,
                                            &value) == ERROR_SUCCESS;
         ++i)
        append(reply, code, value, length);
}

/*
 * Option 43: a client that chose from a boot menu names its choice there, and some (iPXE) take no
 * answer that does not repeat it. What the configuration has for option 43 follows behind it, in an
 * instance of its own if both are too long for one (RFC 3396).
 */
static void append_vendor(struct reply *reply, const struct answer_request *request,
                          const BYTE *configured, BYTE configured_length)
{
    struct fact_bytes item = facts_vendor_find(&request->facts, VENDOR_BOOT_ITEM);
    BYTE value[VALUE_OPTION_MAX];
    ULONG used = 0;

    if (request->facts.has_boot_item) {
        value[used++] = VENDOR_BOOT_ITEM;
        value[used++] = (BYTE)item.length;
        memcpy(value + used, item.bytes, item.length);
        used += (ULONG)item.length;
    }
    if (configured_length > sizeof(value) - used) {
        append(reply, OPTION_VENDOR, value, (BYTE)used);
        used = 0;
    }
    if (configured_length > 0)
        memcpy(value + used, configured, configured_length);
    used += configured_length;
    if (configured_length == 0 && used > 0)
        value[used++] = VENDOR_END;
    if (used > 0)
        append(reply, OPTION_VENDOR, value, (BYTE)used);
}

/*
 * The extra options of the rule, with option 43 merged, and without `skip`. An OFFER that names the
 * file says so in option 43, if the rule has none: without it UEFI firmware asks the host of the
 * file on port 4011 for what it has been told (PXE 2.1, table 2-1, PXE_DISCOVERY_CONTROL, bit 3).
 */
static void append_configured(struct reply *reply, const struct answer_request *request,
                              const struct answer *answer, BYTE skip)
{
    static const BYTE file_is_here[] = {6, 1, 8, VENDOR_END};
    const struct answer_plan *plan = &answer->plan;
    BOOL is_all = answer->type == TYPE_OFFER && answer->boot_class == FACTS_BOOT_PXE;
    const BYTE *vendor = is_all ? file_is_here : NULL;
    BYTE vendor_length = is_all ? sizeof(file_is_here) : 0;
    ULONG size;

    for (ULONG at = 0; at < plan->options.length; at += size) {
        const BYTE *option = plan->options.bytes + at;

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

/* For HTTP boot, and for what does not fit into the field `file`. */
static BOOL is_in_option_67(const struct answer *answer)
{
    return answer->boot_class == FACTS_BOOT_HTTP || strlen(answer->boot) > ANSWER_FILE_MAX;
}

/* The fixed fields that PxeDhcpInitialize does not fill in as a PXE reply needs them. */
static void fill_fixed_part(const struct answer *answer, const struct answer_request *request,
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
    if (answer->with_file && answer->boot_class != FACTS_BOOT_HTTP) {
        if (!is_in_option_67(answer))
            memcpy(message->BootFileName, answer->boot, strlen(answer->boot));
        memcpy(message->HostName, answer->plan.server_name, strlen(answer->plan.server_name));
    }
}

/* Behind a relay a broadcast would reach whoever the relay knows, and not us alone. */
static BOOL needs_broadcast(const struct answer *answer, const struct client_facts *facts)
{
    return answer->menu->discovery == MENU_SUITABLE && answer->plan.menu_leads_away &&
           facts->architecture_count > 0 && facts->architectures[0] != ARCH_BIOS &&
           facts->relay_count == 0;
}

static void append_menu(struct reply *reply, const struct answer *answer,
                        const struct client_facts *facts)
{
    struct menu menu = *answer->menu;
    BYTE value[MENU_BYTES_MAX];
    SIZE_T length;

    if (needs_broadcast(answer, facts))
        menu.discovery = MENU_BROADCAST;
    length = menu_encode(&menu, answer->server, value);

    append(reply, OPTION_VENDOR, value, (BYTE)length);
}

static void append_boot_options(struct reply *reply, const struct answer *answer,
                                const struct answer_request *request)
{
    BYTE skip = OPTION_END;

    if (answer->menu != NULL)
        append_menu(reply, answer, &request->facts);
    if (!answer->with_file)
        return;
    if (is_in_option_67(answer)) {
        append(reply, OPTION_BOOT_FILE, answer->boot, (BYTE)strlen(answer->boot));
        skip = OPTION_BOOT_FILE;
    }
    append_configured(reply, request, answer, skip);
}

DWORD answer4_build(const struct answer_request *request, const struct answer *answer,
                    PVOID reply_packet, ULONG capacity, ULONG *out_used)
{
    const CHAR *vendor_class = client_class_name(answer->boot_class);
    struct reply reply = {.packet = reply_packet, .capacity = capacity};

    memset(reply_packet, 0, capacity); /* whatever is sent behind END must be Pad */
    reply.error =
        PxeDhcpInitialize(request->packet, request->length, reply_packet, capacity, &reply.used);
    if (reply.error == ERROR_SUCCESS)
        fill_fixed_part(answer, request, reply_packet);
    append(&reply, OPTION_MESSAGE_TYPE, &answer->type, sizeof(answer->type));
    append(&reply, OPTION_SERVER_ID, answer->server, sizeof(answer->server));
    append(&reply, OPTION_VENDOR_CLASS, vendor_class, (BYTE)strlen(vendor_class));
    append_echo(&reply, request, OPTION_MACHINE_ID); /* RFC 4578, section 2.3 */
    append_echo(&reply, request, OPTION_CLIENT_ID);  /* RFC 6842, section 3 */
    append_boot_options(&reply, answer, request);
    append_echo(&reply, request, OPTION_RELAY_INFORMATION); /* last: RFC 3046, section 2.2 */
    append(&reply, OPTION_END, NULL, 0);
    if (reply.error != ERROR_SUCCESS)
        return reply.error;
    *out_used = reply.used < SMALLEST_REPLY ? SMALLEST_REPLY : reply.used;
    return ERROR_SUCCESS;
}
