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

static const wchar_t *option_name(unsigned code);

/* Option codes with their names, as a client asks for them. */
static bool form_codes(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length == 0 || length % 2 != 0)
        return false;
    for (size_t i = 0; i < length / 2; i++) {
        unsigned code = get_be16(bytes + 2 * i);
        text_format(value, i > 0 ? L", %u" : L"%u", code);
        if (option_name(code)[0] != L'\0')
            text_format(value, L" (%ls)", option_name(code));
    }
    return true;
}

/* RFC 8415 section 21.9: hundredths of a second. */
static bool form_hundredths(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length == 2)
        text_format(value, L"%u.%02u s", get_be16(bytes) / 100u, get_be16(bytes) % 100u);
    return length == 2;
}

static bool form_status(struct text *value, const uint8_t *bytes, size_t length)
{
    static const wchar_t *const names[] = {
        L"Success",   L"UnspecFail",   L"NoAddrsAvail",  L"NoBinding",
        L"NotOnLink", L"UseMulticast", L"NoPrefixAvail",
    };
    if (length < 2)
        return false;
    unsigned code = get_be16(bytes);
    text_format(value, L"%u", code);
    if (code < sizeof(names) / sizeof(names[0]))
        text_format(value, L" (%ls)", names[code]);
    if (length > 2) {
        text_put_char(value, L' ');
        text_put_quoted(value, (const char *)bytes + 2, length - 2);
    }
    return true;
}

static bool form_message_type(struct text *value, const uint8_t *bytes, size_t length)
{
    const wchar_t *name = length == 1 ? message6_type_name(bytes[0]) : NULL;
    if (name != NULL)
        text_put(value, name);
    return name != NULL;
}

/* Enterprise number, then a list of items. */
static bool form_enterprise_items(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 4)
        return false;
    struct text items = TEXT_EMPTY;
    bool good = length == 4 || form_items16(&items, bytes + 4, length - 4);
    if (good)
        text_format(value, L"enterprise %lu: %ls", (unsigned long)get_be32(bytes),
                    text_chars(&items));
    text_free(&items);
    return good;
}

static bool form_enterprise(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 4)
        return false;
    text_format(value, L"enterprise %lu", (unsigned long)get_be32(bytes));
    if (length > 4) {
        text_put_char(value, L' ');
        text_put_hex(value, bytes + 4, length - 4);
    }
    return true;
}

/* RFC 4704: flags, then a name that may be partial. */
static bool form_client_name(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 2 || !form_domains(value, bytes + 1, length - 1))
        return false;
    text_format(value, L" flags %02x", (unsigned)bytes[0]);
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
    text_format(value, L"IAID %08lx, T1 ", (unsigned long)get_be32(bytes));
    (void)form_seconds(value, bytes + 4, 4);
    text_put(value, L", T2 ");
    (void)form_seconds(value, bytes + 8, 4);
    return true;
}

static bool form_temporary_identity(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length >= 4)
        text_format(value, L"IAID %08lx", (unsigned long)get_be32(bytes));
    return length >= 4;
}

static void put_lifetimes(struct text *value, const uint8_t *bytes)
{
    text_put(value, L" preferred ");
    (void)form_seconds(value, bytes, 4);
    text_put(value, L", valid ");
    (void)form_seconds(value, bytes + 4, 4);
}

static bool form_identity_address(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 24)
        return false;
    text_put_ipv6(value, bytes);
    put_lifetimes(value, bytes + 16);
    return true;
}

static bool form_identity_prefix(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 25)
        return false;
    text_put_ipv6(value, bytes + 9);
    text_format(value, L"/%u", (unsigned)bytes[8]);
    put_lifetimes(value, bytes);
    return true;
}

static bool form_relay_message(struct text *value, const uint8_t *bytes, size_t length)
{
    const wchar_t *name = length > 0 ? message6_type_name(bytes[0]) : NULL;
    if (name != NULL)
        text_put(value, name);
    return name != NULL;
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
    {1, L"client identifier", form_duid},
    {2, L"server identifier", form_duid},
    {IA_NA, L"IA_NA", form_identity},
    {IA_TA, L"IA_TA", form_temporary_identity},
    {IA_ADDRESS, L"IA address", form_identity_address},
    {6, L"option request", form_codes},
    {7, L"preference", form_u8},
    {8, L"elapsed time", form_hundredths},
    {RELAY_MESSAGE, L"relay message", form_relay_message},
    {11, L"authentication", form_hex},
    {12, L"server unicast", form_ipv6},
    {13, L"status code", form_status},
    {14, L"rapid commit", form_empty},
    {15, L"user class", form_items16},
    {16, L"vendor class", form_enterprise_items},
    {VENDOR_OPTIONS, L"vendor options", form_enterprise},
    {18, L"interface id", form_string},
    {19, L"reconfigure message", form_message_type},
    {20, L"reconfigure accept", form_empty},
    {21, L"SIP server domains", form_domains},
    {22, L"SIP server addresses", form_ipv6_list},
    {23, L"DNS servers", form_ipv6_list},
    {24, L"domain search list", form_domains},
    {IA_PD, L"IA_PD", form_identity},
    {IA_PREFIX, L"IA prefix", form_identity_prefix},
    {27, L"NIS servers", form_ipv6_list},
    {28, L"NIS+ servers", form_ipv6_list},
    {29, L"NIS domain", form_domains},
    {30, L"NIS+ domain", form_domains},
    {31, L"SNTP servers", form_ipv6_list},
    {32, L"information refresh time", form_seconds},
    {33, L"BCMCS server domains", form_domains},
    {34, L"BCMCS server addresses", form_ipv6_list},
    {36, L"civic location", form_hex},
    {37, L"relay agent remote id", form_enterprise},
    {38, L"relay agent subscriber id", form_string},
    {39, L"client FQDN", form_client_name},
    {40, L"PANA agents", form_ipv6_list},
    {41, L"POSIX time zone", form_string},
    {42, L"time zone name", form_string},
    {43, L"relay agent echo request", form_codes},
    {44, L"leasequery query", form_hex},
    {45, L"leasequery client data", form_hex},
    {46, L"leasequery client time", form_seconds},
    {47, L"leasequery relay data", form_hex},
    {48, L"leasequery client link", form_ipv6_list},
    {49, L"home network id", form_hex},
    {50, L"visited home network", form_hex},
    {51, L"LoST server", form_domains},
    {52, L"CAPWAP access controllers", form_ipv6_list},
    {53, L"relay id", form_duid},
    {54, L"mobility server addresses", form_hex},
    {55, L"mobility server names", form_hex},
    {56, L"NTP server", form_hex},
    {57, L"access domain", form_domains},
    {58, L"SIP configuration domains", form_domains},
    {59, L"boot file URL", form_string},
    {60, L"boot file parameters", form_items16},
    {61, L"client architecture", form_architectures},
    {62, L"network interface identifier", form_undi},
    {63, L"geolocation", form_hex},
    {64, L"AFTR name", form_domains},
    {65, L"ERP local domain", form_domains},
    {66, L"relay supplied options", form_hex},
    {67, L"excluded prefix", form_hex},
    {68, L"virtual subnet selection", form_hex},
    {69, L"home network info", form_hex},
    {70, L"home network prefix", form_hex},
    {71, L"home agent address", form_ipv6_list},
    {72, L"home agent name", form_domains},
    {73, L"recursive DNS selection", form_hex},
    {74, L"recursive DNS selection", form_hex},
    {75, L"Kerberos principal", form_hex},
    {76, L"Kerberos realm", form_string},
    {77, L"Kerberos default realm", form_string},
    {78, L"Kerberos KDC", form_hex},
    {79, L"client link-layer address", form_link_layer},
    {80, L"link address", form_ipv6},
    {81, L"RADIUS", form_hex},
    {82, L"SOL_MAX_RT", form_seconds},
    {83, L"INF_MAX_RT", form_seconds},
    {84, L"address selection", form_hex},
    {85, L"address selection table", form_hex},
    {86, L"PCP servers", form_ipv6_list},
    {87, L"DHCPv4 message", form_hex},
    {88, L"DHCPv4-over-DHCPv6 servers", form_ipv6_list},
    {89, L"S46 rule", form_hex},
    {90, L"S46 border relay", form_ipv6},
    {91, L"S46 default rule", form_hex},
    {94, L"S46 MAP-E", form_hex},
    {95, L"S46 MAP-T", form_hex},
    {96, L"S46 lightweight 4over6", form_hex},
    {98, L"access network identifier", form_hex},
    {103, L"captive portal", form_string},
    {112, L"MUD URL", form_string},
    {135, L"relay source port", form_u16},
    {136, L"SZTP redirect", form_items16},
    {144, L"encrypted DNS", form_hex},
};

static const struct option_form *find_row(unsigned code)
{
    return option_form_find(options, sizeof(options) / sizeof(options[0]), code);
}

static const wchar_t *option_name(unsigned code)
{
    const struct option_form *row = find_row(code);
    return row == NULL ? L"" : row->name;
}

/* ---- messages ---- */

/* Where in the value of an option further options begin; 0 if it has none. */
static size_t nested_at(unsigned code)
{
    switch (code) {
    case IA_NA:
    case IA_PD:
        return 12;
    case IA_TA:
    case VENDOR_OPTIONS:
        return 4;
    case IA_ADDRESS:
        return 24;
    case IA_PREFIX:
        return 25;
    default:
        return 0;
    }
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
    text_format(&writer->value, L"0x%06lx", (unsigned long)(get_be32(packet) & 0xffffff));
    field_emit(writer, FIELD_HEADER, L"xid", L"transaction id", packet + 1, 3, false);
}

static void emit_relay_header(struct field_writer *writer, const uint8_t *packet)
{
    (void)form_u8(&writer->value, packet + 1, 1);
    field_emit(writer, FIELD_HEADER, L"hops", L"hop count", packet + 1, 1, false);
    text_put_ipv6(&writer->value, packet + 2);
    field_emit(writer, FIELD_HEADER, L"link", L"link address", packet + 2, 16, false);
    text_put_ipv6(&writer->value, packet + 18);
    field_emit(writer, FIELD_HEADER, L"peer", L"peer address", packet + 18, 16, false);
}

/* The header of a message, and its options as a new level. */
static void enter_message(struct field_writer *writer, struct levels *levels, const uint8_t *packet,
                          size_t length)
{
    if (length == 0) {
        field_emit_remark(writer, L"the message is empty");
        return;
    }
    size_t header = dhcp6_header_length(packet[0]);
    if (!form_message_type(&writer->value, packet, 1))
        text_format(&writer->value, L"message type %u", (unsigned)packet[0]);
    field_emit(writer, FIELD_HEADER, L"type", L"message type", packet, 1, false);
    if (length < header) {
        field_emit_remark(writer, L"%lu bytes are less than a header of %lu bytes",
                          (unsigned long)length, (unsigned long)header);
        return;
    }
    if (header == DHCP6_HEADER)
        emit_transaction(writer, packet);
    else
        emit_relay_header(writer, packet);
    if (!push(levels, dhcp6_walk_list(packet + header, length - header), false))
        field_emit_remark(writer, L"nested too deeply, the rest is not shown");
}

static bool has_message(const struct dhcp_option *option)
{
    return option->code == RELAY_MESSAGE && option->length > 0;
}

static bool has_options(const struct dhcp_option *option)
{
    size_t at = nested_at(option->code);
    return at > 0 && option->length > at &&
           is_whole(dhcp6_walk_list(option->value + at, option->length - at));
}

static void put_option_value(struct text *value, const struct dhcp_option *option, bool has_parts)
{
    /* Vendor options stand on lines of their own if they can be taken apart. */
    size_t length = has_parts && option->code == VENDOR_OPTIONS ? 4 : option->length;
    option_form_put(value, find_row(option->code), option->value, length);
}

static void emit_option(struct field_writer *writer, struct levels *levels,
                        const struct dhcp_option *option, bool is_vendor)
{
    if (is_vendor) {
        (void)form_hex(&writer->value, option->value, option->length);
        field_emit_option(writer, option->code, L"", option->value, option->length, false);
        return;
    }
    bool has_parts = has_message(option) || has_options(option);
    put_option_value(&writer->value, option, has_parts);
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
        field_emit_remark(writer, L"nested too deeply, the rest is not shown");
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
            field_emit_remark(&writer, L"the option here runs past the end");
        levels.count--;
    }
    text_free(&writer.value);
    return !writer.failed;
}
