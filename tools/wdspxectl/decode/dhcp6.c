/* DHCPv6 messages in words (RFC 8415 and those that add options; numbers of the IANA lists). */
#include "text/bytes.h"
#include "decode/names.h"
#include "decode/walk.h"
#include "decode/fields.h"
#include "text/text_net.h"

/* ---- forms of DHCPv6 alone ---- */

static bool form_ipv6(struct text *value, const uint8_t *bytes, size_t length)
{
    return length == 16 && form_ipv6_list(value, bytes, length);
}

static const char *option_name(unsigned code);

static void put_code(struct text *value, const uint8_t *bytes, size_t length)
{
    (void)length;
    put_named_number(value, get_be16(bytes), option_name(get_be16(bytes)));
}

/* Option codes with their names, as a client asks for them. */
static bool form_codes(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_pieces(&(struct pieces){.head = 2, .put = put_code}, value, bytes, length);
}

/* RFC 8415 section 21.9: hundredths of a second. */
static bool form_hundredths(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length == 2)
        text_format(value, "%u.%02u s", get_be16(bytes) / 100u, get_be16(bytes) % 100u);
    return length == 2;
}

static bool form_status(struct text *value, const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {
        "Success",   "UnspecFail",   "NoAddrsAvail",  "NoBinding",
        "NotOnLink", "UseMulticast", "NoPrefixAvail",
    };
    if (length < 2)
        return false;
    unsigned code = get_be16(bytes);
    put_named_number(value, code, code < sizeof(names) / sizeof(names[0]) ? names[code] : NULL);
    if (length > 2) {
        text_put_char(value, ' ');
        text_put_quoted(value, (const char *)bytes + 2, length - 2);
    }
    return true;
}

static bool form_message_type(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_name(value, length == 1 ? message6_type_name(bytes[0]) : NULL);
}

/* Enterprise number, then a list of items. */
static bool form_enterprise_items(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 4)
        return false;
    SCOPED_TEXT items = TEXT_EMPTY;
    bool good = length == 4 || form_items16(&items, bytes + 4, length - 4);
    if (good)
        text_format(value, "enterprise %lu: %s", (unsigned long)get_be32(bytes),
                    text_chars(&items));
    return good;
}

static bool form_enterprise(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 4)
        return false;
    text_format(value, "enterprise %lu", (unsigned long)get_be32(bytes));
    if (length > 4) {
        text_put_char(value, ' ');
        text_put_hex(value, bytes + 4, length - 4);
    }
    return true;
}

/* RFC 4704: flags, then a name that may be partial. */
static bool form_client_name(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 2 || !form_domains(value, bytes + 1, length - 1))
        return false;
    text_format(value, " flags %02x", (unsigned)bytes[0]);
    return true;
}

/* RFC 6939: hardware type and address of the client, as a relay saw them. */
static bool form_link_layer(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 3)
        return false;
    put_hardware_address(value, get_be16(bytes), bytes + 2, length - 2);
    return true;
}

static bool form_identity(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 12)
        return false;
    text_format(value, "IAID %08lx, T1 ", (unsigned long)get_be32(bytes));
    (void)form_seconds(value, bytes + 4, 4);
    text_put(value, ", T2 ");
    (void)form_seconds(value, bytes + 8, 4);
    return true;
}

static bool form_temporary_identity(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length >= 4)
        text_format(value, "IAID %08lx", (unsigned long)get_be32(bytes));
    return length >= 4;
}

static void put_lifetimes(struct text *value, const uint8_t *bytes)
{
    text_put(value, " preferred ");
    (void)form_seconds(value, bytes, 4);
    text_put(value, ", valid ");
    (void)form_seconds(value, bytes + 4, 4);
}

static bool form_identity_address(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 24)
        return false;
    text_put_address(value, bytes, 16);
    put_lifetimes(value, bytes + 16);
    return true;
}

static bool form_identity_prefix(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 25)
        return false;
    text_put_address(value, bytes + 9, 16);
    text_format(value, "/%u", (unsigned)bytes[8]);
    put_lifetimes(value, bytes);
    return true;
}

static bool form_relay_message(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_name(value, length > 0 ? message6_type_name(bytes[0]) : NULL);
}

/* ---- the table ---- */

enum {
    IA_NA = 3,
    IA_TA = 4,
    IA_ADDRESS = 5,
    RELAY_MESSAGE = 9,
    VENDOR_OPTIONS = 17,
    IA_PD = 25,
    IA_PREFIX = 26,
};

static const struct option_form options[] = {
    {1, "client identifier", form_duid},
    {2, "server identifier", form_duid},
    {IA_NA, "IA_NA", form_identity},
    {IA_TA, "IA_TA", form_temporary_identity},
    {IA_ADDRESS, "IA address", form_identity_address},
    {6, "option request", form_codes},
    {7, "preference", form_u8},
    {8, "elapsed time", form_hundredths},
    {RELAY_MESSAGE, "relay message", form_relay_message},
    {11, "authentication", form_hex},
    {12, "server unicast", form_ipv6},
    {13, "status code", form_status},
    {14, "rapid commit", form_empty},
    {15, "user class", form_items16},
    {16, "vendor class", form_enterprise_items},
    {VENDOR_OPTIONS, "vendor options", form_enterprise},
    {18, "interface id", form_string},
    {19, "reconfigure message", form_message_type},
    {20, "reconfigure accept", form_empty},
    {21, "SIP server domains", form_domains},
    {22, "SIP server addresses", form_ipv6_list},
    {23, "DNS servers", form_ipv6_list},
    {24, "domain search list", form_domains},
    {IA_PD, "IA_PD", form_identity},
    {IA_PREFIX, "IA prefix", form_identity_prefix},
    {27, "NIS servers", form_ipv6_list},
    {28, "NIS+ servers", form_ipv6_list},
    {29, "NIS domain", form_domains},
    {30, "NIS+ domain", form_domains},
    {31, "SNTP servers", form_ipv6_list},
    {32, "information refresh time", form_seconds},
    {33, "BCMCS server domains", form_domains},
    {34, "BCMCS server addresses", form_ipv6_list},
    {36, "civic location", form_hex},
    {37, "relay agent remote id", form_enterprise},
    {38, "relay agent subscriber id", form_string},
    {39, "client FQDN", form_client_name},
    {40, "PANA agents", form_ipv6_list},
    {41, "POSIX time zone", form_string},
    {42, "time zone name", form_string},
    {43, "relay agent echo request", form_codes},
    {44, "leasequery query", form_hex},
    {45, "leasequery client data", form_hex},
    {46, "leasequery client time", form_seconds},
    {47, "leasequery relay data", form_hex},
    {48, "leasequery client link", form_ipv6_list},
    {49, "home network id", form_hex},
    {50, "visited home network", form_hex},
    {51, "LoST server", form_domains},
    {52, "CAPWAP access controllers", form_ipv6_list},
    {53, "relay id", form_duid},
    {54, "mobility server addresses", form_hex},
    {55, "mobility server names", form_hex},
    {56, "NTP server", form_hex},
    {57, "access domain", form_domains},
    {58, "SIP configuration domains", form_domains},
    {59, "boot file URL", form_string},
    {60, "boot file parameters", form_items16},
    {61, "client architecture", form_architectures},
    {62, "network interface identifier", form_undi},
    {63, "geolocation", form_hex},
    {64, "AFTR name", form_domains},
    {65, "ERP local domain", form_domains},
    {66, "relay supplied options", form_hex},
    {67, "excluded prefix", form_hex},
    {68, "virtual subnet selection", form_hex},
    {69, "home network info", form_hex},
    {70, "home network prefix", form_hex},
    {71, "home agent address", form_ipv6_list},
    {72, "home agent name", form_domains},
    {73, "recursive DNS selection", form_hex},
    {74, "recursive DNS selection", form_hex},
    {75, "Kerberos principal", form_hex},
    {76, "Kerberos realm", form_string},
    {77, "Kerberos default realm", form_string},
    {78, "Kerberos KDC", form_hex},
    {79, "client link-layer address", form_link_layer},
    {80, "link address", form_ipv6},
    {81, "RADIUS", form_hex},
    {82, "SOL_MAX_RT", form_seconds},
    {83, "INF_MAX_RT", form_seconds},
    {84, "address selection", form_hex},
    {85, "address selection table", form_hex},
    {86, "PCP servers", form_ipv6_list},
    {87, "DHCPv4 message", form_hex},
    {88, "DHCPv4-over-DHCPv6 servers", form_ipv6_list},
    {89, "S46 rule", form_hex},
    {90, "S46 border relay", form_ipv6},
    {91, "S46 default rule", form_hex},
    {94, "S46 MAP-E", form_hex},
    {95, "S46 MAP-T", form_hex},
    {96, "S46 lightweight 4over6", form_hex},
    {98, "access network identifier", form_hex},
    {103, "captive portal", form_string},
    {112, "MUD URL", form_string},
    {135, "relay source port", form_u16},
    {136, "SZTP redirect", form_items16},
    {144, "encrypted DNS", form_hex},
};

static const struct option_form *find_row(unsigned code)
{
    return option_form_find(options, sizeof(options) / sizeof(options[0]), code);
}

static const char *option_name(unsigned code)
{
    const struct option_form *row = find_row(code);
    return row == NULL ? "" : row->name;
}

/* ---- messages ---- */

/* Where in the value of an option further options begin; 0 if it has none. */
static size_t nested_at(unsigned code)
{
    static const uint8_t places[] = {
        [IA_NA] = 12,      [IA_PD] = 12,     [IA_TA] = 4,
        [IA_ADDRESS] = 24, [IA_PREFIX] = 25, [VENDOR_OPTIONS] = 4,
    };
    return code < sizeof(places) ? places[code] : 0;
}

/* Does the list end where it should? */
static bool is_whole(struct dhcp_walk walk)
{
    struct dhcp_option option;
    while (dhcp6_next(&walk, &option))
        ;
    return walk.result == WALK_END;
}

/* A list that is still to be walked; `is_vendor`: codes are those of some vendor. */
struct level {
    struct dhcp_walk walk;
    bool is_vendor;
};

/* The levels of nesting that are open, outermost first. */
struct levels {
    size_t count;
    struct level level[FIELD_DEPTH_MAX];
};

static bool push(struct levels *levels, struct dhcp_walk walk, bool is_vendor)
{
    if (levels->count == FIELD_DEPTH_MAX)
        return false;
    levels->level[levels->count++] = (struct level){walk, is_vendor};
    return true;
}

static void emit_transaction(struct field_writer *writer, const uint8_t *packet)
{
    text_format(&writer->value, "0x%06lx", (unsigned long)(get_be32(packet) & 0xffffff));
    field_emit(writer, FIELD_HEADER, "xid", "transaction id", packet + 1, 3, false);
}

static void emit_relay_header(struct field_writer *writer, const uint8_t *packet)
{
    (void)form_u8(&writer->value, packet + 1, 1);
    field_emit(writer, FIELD_HEADER, "hops", "hop count", packet + 1, 1, false);
    text_put_address(&writer->value, packet + 2, 16);
    field_emit(writer, FIELD_HEADER, "link", "link address", packet + 2, 16, false);
    text_put_address(&writer->value, packet + 18, 16);
    field_emit(writer, FIELD_HEADER, "peer", "peer address", packet + 18, 16, false);
}

/* The header of a message, and its options as a new level. */
static void enter_message(struct field_writer *writer, struct levels *levels, const uint8_t *packet,
                          size_t length)
{
    if (length == 0) {
        field_emit_remark(writer, "the message is empty");
        return;
    }
    size_t header = dhcp6_header_length(packet[0]);
    if (!form_message_type(&writer->value, packet, 1))
        text_format(&writer->value, "message type %u", (unsigned)packet[0]);
    field_emit(writer, FIELD_HEADER, "type", "message type", packet, 1, false);
    if (length < header) {
        field_emit_remark(writer, "%lu bytes are less than a header of %lu bytes",
                          (unsigned long)length, (unsigned long)header);
        return;
    }
    if (header == DHCP6_HEADER)
        emit_transaction(writer, packet);
    else
        emit_relay_header(writer, packet);
    if (!push(levels, dhcp6_walk_list(packet + header, length - header), false))
        field_emit_remark(writer, "nested too deeply, the rest is not shown");
}

/* A message, or options. */
static bool has_options(const struct dhcp_option *option)
{
    size_t at = nested_at(option->code);
    if (option->code == RELAY_MESSAGE)
        return option->length > 0;
    return at > 0 && option->length > at &&
           is_whole(dhcp6_walk_list(option->value + at, option->length - at));
}

static void emit_option(struct field_writer *writer, struct levels *levels,
                        const struct dhcp_option *option, bool is_vendor)
{
    if (is_vendor) {
        (void)form_hex(&writer->value, option->value, option->length);
        field_emit_option(writer, option->code, "", option->value, option->length, false);
        return;
    }
    bool has_parts = has_options(option);
    /* Vendor options stand on lines of their own if they can be taken apart. */
    size_t shown = has_parts && option->code == VENDOR_OPTIONS ? 4 : option->length;
    option_form_put(&writer->value, find_row(option->code), option->value, shown);
    field_emit_option(writer, option->code, option_name(option->code), option->value,
                      option->length, has_parts);
    if (!has_parts)
        return;
    writer->depth++;
    size_t at = nested_at(option->code);
    if (option->code == RELAY_MESSAGE)
        enter_message(writer, levels, option->value, option->length);
    else if (!push(levels, dhcp6_walk_list(option->value + at, option->length - at),
                   option->code == VENDOR_OPTIONS))
        field_emit_remark(writer, "nested too deeply, the rest is not shown");
}

bool fields6_visit(const uint8_t *packet, size_t length, field_visitor visit, void *context)
{
    struct field_writer writer = {.visit = visit, .context = context, .value = TEXT_EMPTY};
    struct levels levels = {.count = 0};
    struct dhcp_option option;

    enter_message(&writer, &levels, packet, length);
    while (levels.count > 0) {
        struct level *level = &levels.level[levels.count - 1];
        writer.depth = (unsigned)levels.count - 1;
        if (dhcp6_next(&level->walk, &option)) {
            emit_option(&writer, &levels, &option, level->is_vendor);
            continue;
        }
        if (level->walk.result == WALK_OVERRUN)
            field_emit_remark(&writer, "the option here runs past the end");
        levels.count--;
    }
    text_free(&writer.value);
    return !writer.failed;
}
