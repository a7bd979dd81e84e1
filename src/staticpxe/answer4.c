#include "answer4.h"

#include <stddef.h>
#include <string.h>

#include "rules/menu_wire.h"

/* DHCP message types and options (RFC 2132, RFC 3046, RFC 4578). */
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
#define SMALLEST_REPLY 300 /* RFC 951, section 3: some relays drop shorter messages */
#define OPTION_VALUE_MAX 255

/* ---- reading the request ---- */

struct request {
    PVOID packet;
    ULONG length;
    struct facts_store store;
    struct client_facts facts; /* refer to packet and store: a request is not copied */
    BOOL to_dhcp_port;
    BOOL server_id_is_ours;
};

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
                         const PXE_ADDRESS *local, struct request *request)
{
    const struct client_facts *facts = &request->facts;

    request->packet = packet;
    request->length = length;
    facts4_read(packet, length, &request->store, &request->facts);
    request->to_dhcp_port = is_dhcp_port(config, local);
    request->server_id_is_ours =
        facts->server_id.length == local->uAddrLen &&
        memcmp(facts->server_id.bytes, local->bAddress, local->uAddrLen) == 0;
    return local->uAddrLen == 4 && facts->is_dhcp && facts->has_type;
}

/* Bytes of UDP payload that the client takes (option 57 counts the headers too), within reason. */
static ULONG read_size_limit(const struct request *request)
{
    ULONG limit = request->facts.max_size;

    if (limit < SMALLEST_LIMIT + IP_AND_UDP_HEADERS)
        return SMALLEST_LIMIT;
    limit -= IP_AND_UDP_HEADERS;
    return limit < ANSWER4_MAX ? limit : ANSWER4_MAX;
}

/* ---- deciding ---- */

/* A part in the exchange: the type of the reply, or 0 for none, and why. */
struct part {
    BYTE type;
    LPCWSTR reason;
};

/* On the DHCP port, naming no server or us. Most of that is for the DHCP server beside us. */
static struct part choose_request_part(const struct request *request)
{
    const struct client_facts *facts = &request->facts;

    /* Whoever asks for an address asks a DHCP server, also one that has our address. */
    if (facts->requested.length != 0)
        return (struct part){0, L"asks a DHCP server for an address"};
    if (request->server_id_is_ours)
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

static struct part choose_inform_part(const struct request *request)
{
    if (!request->to_dhcp_port)
        return (struct part){TYPE_ACK, L"asks for its boot file"};
    if (request->facts.has_boot_item && request->facts.client.length != 0)
        return (struct part){TYPE_ACK, L"looks for the boot server that it chose"};
    return (struct part){0, L"asks a DHCP server for its settings"};
}

/*
 * Which part we have in this exchange: ProxyDHCP server (OFFER), boot server (ACK), or none;
 * PXE 2.1, section 2.2. A relay or a broadcast brings us all that is said to the DHCP server too.
 */
static struct part choose_part(const struct request *request)
{
    const struct client_facts *facts = &request->facts;

    if (facts->server_id.length != 0 && !request->server_id_is_ours)
        return (struct part){0, L"asks another server"};
    switch (facts->type) {
    case TYPE_DISCOVER:
        if (request->to_dhcp_port)
            return (struct part){TYPE_OFFER, L"looks for a boot server"};
        return (struct part){0, L"a DISCOVER does not belong on the boot server's port"};
    case TYPE_REQUEST:
        if (request->to_dhcp_port)
            return choose_request_part(request);
        return (struct part){TYPE_ACK, L"asks for its boot file"};
    case TYPE_INFORM:
        return choose_inform_part(request);
    default:
        return (struct part){0, L"no message for a boot server"};
    }
}

/* HTTP boot has no boot server to ask: the first reply is all there is. */
static BOOL fill_in_http(struct answer *answer, const PXE_ADDRESS *local)
{
    if (answer->plan.http_url[0] == '\0') {
        answer->reason = L"boots over HTTP, and its section has no http_url";
        return FALSE;
    }
    strcpy(answer->boot, answer->plan.http_url);
    answer->with_file = TRUE;
    memcpy(answer->next_server, local->bAddress, sizeof(answer->next_server));
    return TRUE;
}

/* iPXE that has a file of its own is beyond menus. */
static BOOL offers_menu(const struct answer *answer, const struct client_facts *facts)
{
    const struct boot_plan *plan = &answer->plan;

    return answer->type == TYPE_OFFER && facts->boot == FACTS_BOOT_PXE && plan->menu != NULL &&
           !(facts->is_ipxe && plan->ipxe_file[0] != '\0');
}

/* Does the client take its boot file as option 67, where the field is too short? */
static BOOL takes_option_67(const struct request *request)
{
    PVOID list;
    BYTE length;

    return request->facts.is_ipxe ||
           (PxeDhcpGetOptionValue(request->packet, request->length, 1, OPTION_PARAMETERS, &length,
                                  &list) == ERROR_SUCCESS &&
            memchr(list, OPTION_BOOT_FILE, length) != NULL);
}

static BOOL fill_in_file(struct answer *answer, const struct request *request)
{
    const CHAR *file = plan_file(&answer->plan, request->facts.is_ipxe);

    strcpy(answer->boot, file);
    if (answer->menu != NULL)
        return TRUE;
    if (file[0] == '\0') {
        answer->reason = L"its section has no file";
        return FALSE;
    }
    if (strlen(file) > RULE_FILE_MAX && !takes_option_67(request)) {
        answer->kind = ANSWER_IMPOSSIBLE;
        answer->reason = L"its boot file has more than 127 characters, and it does not ask for "
                         L"option 67, the only place for that; write a shorter one";
        return FALSE;
    }
    return TRUE;
}

/* Whoever is no PXE client has no way to ask again: its OFFER says all that there is. */
static BOOL fill_in_pxe(struct answer *answer, const struct request *request,
                        const PXE_ADDRESS *local)
{
    static const BYTE unset[4];
    const struct boot_plan *plan = &answer->plan;
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
    memcpy(answer->next_server, use_local ? local->bAddress : plan->next_server,
           sizeof(answer->next_server));
    return TRUE;
}

/* For counting its boots. */
static void name_boot(struct answer *answer, const struct request *request)
{
    const PXE_DHCP_MESSAGE *message = request->packet;

    answer->has_key = journal_key(&request->facts, answer->key);
    answer->xid = message->TransactionID;
    answer->is_ipxe = request->facts.is_ipxe;
    answer->step = request->facts.type == TYPE_DISCOVER ? BOOT_SEARCH
                   : request->facts.has_boot_item       ? BOOT_CHOOSE
                                                        : BOOT_ASK;
}

/* The item of the menu that it was offered, or NULL. */
static const struct layer *find_chosen(const struct match *match, const struct asker *asker)
{
    const struct client_facts *facts = asker->facts;
    const struct menu *menu = facts->has_boot_item ? match_menu(match) : NULL;
    const struct menu_item *item =
        menu == NULL ? NULL : menu_find_item(menu, facts->boot_item_type);

    return item == NULL ? NULL : item->group;
}

/* Fills in all that needs sections. */
static void decide_content(struct answer *answer, const struct answerer *us,
                           const struct request *request, const struct asker *asker,
                           struct match *match, const PXE_ADDRESS *local)
{
    const struct client_facts *facts = &request->facts;
    BOOL has_file;

    if (!answer_plan(answer, us, asker, match, find_chosen(match, asker)))
        return;
    answer->boot_class = facts->boot;
    answer->type_name = answer->type == TYPE_OFFER ? L"OFFER" : L"ACK";
    answer->size_limit = read_size_limit(request);
    memcpy(answer->server, local->bAddress, sizeof(answer->server));
    name_boot(answer, request);
    has_file = facts->boot == FACTS_BOOT_HTTP ? fill_in_http(answer, local)
                                              : fill_in_pxe(answer, request, local);
    if (has_file)
        answer->kind = ANSWER_SEND;
}

struct answer answer4_decide(const struct answerer *us, PVOID packet, ULONG length,
                             const PXE_ADDRESS *local)
{
    struct answer answer = {.kind = ANSWER_NOT_MINE, .reason = L"no DHCP message over IPv4"};
    struct request request;
    struct asker asker;
    struct match match;
    struct part part;
    BOOL is_message = read_request(us->config, packet, length, local, &request);

    client_name(&request.facts, answer.client);
    if (!is_message)
        return answer;
    asker = client_asker(&request.facts, local);
    config_match(us->config, &asker, &match);
    if (request.facts.boot == FACTS_BOOT_OTHER && match.section == NULL) {
        answer.reason = L"does not boot from the network: neither PXEClient nor HTTPClient";
        return answer;
    }
    part = choose_part(&request);
    answer.type = part.type;
    answer.reason = part.reason;
    if (answer.type != 0)
        decide_content(&answer, us, &request, &asker, &match, local);
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

/* Sends an option of the request back as it came, in as many instances. */
static void append_echo(struct reply *reply, const struct request *request, BYTE code)
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
static void append_vendor(struct reply *reply, const struct request *request,
                          const BYTE *configured, BYTE configured_length)
{
    struct fact_bytes item = facts_vendor_find(&request->facts, VENDOR_BOOT_ITEM);
    BYTE value[OPTION_VALUE_MAX];
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
static void append_configured(struct reply *reply, const struct request *request,
                              const struct answer *answer, BYTE skip)
{
    static const BYTE file_is_here[] = {6, 1, 8, VENDOR_END};
    const struct boot_plan *plan = &answer->plan;
    BOOL is_all = answer->type == TYPE_OFFER && answer->boot_class == FACTS_BOOT_PXE;
    const BYTE *vendor = is_all ? file_is_here : NULL;
    BYTE vendor_length = is_all ? sizeof(file_is_here) : 0;
    ULONG size;

    for (ULONG at = 0; at < plan->options_length; at += size) {
        const BYTE *option = plan->options + at;

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
    return answer->boot_class == FACTS_BOOT_HTTP || strlen(answer->boot) > RULE_FILE_MAX;
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
    if (answer->with_file && answer->boot_class != FACTS_BOOT_HTTP) {
        if (!is_in_option_67(answer))
            memcpy(message->BootFileName, answer->boot, strlen(answer->boot));
        memcpy(message->HostName, answer->plan.server_name, strlen(answer->plan.server_name));
    }
}

static void append_menu(struct reply *reply, const struct answer *answer)
{
    BYTE value[MENU_BYTES_MAX];
    SIZE_T length = menu_encode(answer->menu, answer->server, value);

    append(reply, OPTION_VENDOR, value, (BYTE)length);
}

static void append_boot_options(struct reply *reply, const struct answer *answer,
                                const struct request *request)
{
    BYTE skip = OPTION_END;

    if (answer->menu != NULL)
        append_menu(reply, answer);
    if (!answer->with_file)
        return;
    if (is_in_option_67(answer)) {
        append(reply, OPTION_BOOT_FILE, answer->boot, (BYTE)strlen(answer->boot));
        skip = OPTION_BOOT_FILE;
    }
    append_configured(reply, request, answer, skip);
}

DWORD answer4_build(const struct answer *answer, PVOID packet, ULONG length, PVOID reply_packet,
                    ULONG capacity, ULONG *out_used)
{
    const CHAR *vendor_class = client_class_name(answer->boot_class);
    struct request request;
    struct reply reply = {.packet = reply_packet, .capacity = capacity};

    request.packet = packet;
    request.length = length;
    facts4_read(packet, length, &request.store, &request.facts);
    memset(reply_packet, 0, capacity); /* whatever is sent behind END must be Pad */
    reply.error = PxeDhcpInitialize(packet, length, reply_packet, capacity, &reply.used);
    if (reply.error == ERROR_SUCCESS)
        fill_fixed_part(answer, &request, reply_packet);
    append(&reply, OPTION_MESSAGE_TYPE, &answer->type, sizeof(answer->type));
    append(&reply, OPTION_SERVER_ID, answer->server, sizeof(answer->server));
    append(&reply, OPTION_VENDOR_CLASS, vendor_class, (BYTE)strlen(vendor_class));
    append_echo(&reply, &request, OPTION_MACHINE_ID); /* RFC 4578, section 2.3 */
    append_echo(&reply, &request, OPTION_CLIENT_ID);  /* RFC 6842, section 3 */
    append_boot_options(&reply, answer, &request);
    append_echo(&reply, &request, OPTION_RELAY_INFORMATION); /* last: RFC 3046, section 2.2 */
    append(&reply, OPTION_END, NULL, 0);
    if (reply.error != ERROR_SUCCESS)
        return reply.error;
    *out_used = reply.used < SMALLEST_REPLY ? SMALLEST_REPLY : reply.used;
    return ERROR_SUCCESS;
}
