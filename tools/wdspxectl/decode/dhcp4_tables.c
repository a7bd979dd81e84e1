#include "decode/dhcp4_tables.h"

#include "text/bytes.h"
#include "decode/names.h"
#include "text/text_net.h"

/* ---- forms of DHCPv4 alone ---- */

static bool form_ipv4(struct text *value, const uint8_t *bytes, size_t length)
{
    return length == 4 && form_ipv4_list(value, bytes, length);
}

static bool form_type(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_name(value, length == 1 ? message_type_name(bytes[0]) : NULL);
}

static void put_code(struct text *value, const uint8_t *bytes, size_t length)
{
    (void)length;
    put_named_number(value, bytes[0], option4_name(bytes[0]));
}

static bool form_codes(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_pieces(&(struct pieces){.head = 1, .put = put_code}, value, bytes, length);
}

static void put_pair(struct text *value, const uint8_t *bytes, size_t length)
{
    (void)length;
    text_put_address(value, bytes, 4);
    text_put_char(value, ' ');
    text_put_address(value, bytes + 4, 4);
}

/* Pairs of addresses: address and mask, or destination and router. */
static bool form_ipv4_pairs(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_pieces(&(struct pieces){.head = 8, .put = put_pair}, value, bytes, length);
}

/* The bytes of one route of RFC 3442; 0 if there is none. */
static size_t route_size(const uint8_t *bytes, size_t length)
{
    if (length == 0 || bytes[0] > 32)
        return 0;
    size_t size = 1 + (bytes[0] + 7u) / 8 + 4;
    return size <= length ? size : 0;
}

static bool form_classless_routes(struct text *value, const uint8_t *bytes, size_t length)
{
    size_t at = 0;
    while (route_size(bytes + at, length - at) > 0)
        at += route_size(bytes + at, length - at);
    if (length == 0 || at != length)
        return false;
    for (at = 0; at < length; at += route_size(bytes + at, length - at)) {
        uint8_t network[4] = {0};
        size_t network_size = (bytes[at] + 7u) / 8;
        for (size_t i = 0; i < network_size && i < sizeof(network); i++)
            network[i] = bytes[at + 1 + i];
        if (at > 0)
            text_put(value, ", ");
        text_put_address(value, network, 4);
        text_format(value, "/%u via ", (unsigned)bytes[at]);
        text_put_address(value, bytes + at + 1 + network_size, 4);
    }
    return true;
}

static bool form_overload(struct text *value, const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {NULL, "file", "sname", "file and sname"};
    return put_name(value, length == 1 && bytes[0] <= 3 ? names[bytes[0]] : NULL);
}

static bool form_node_type(struct text *value, const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {
        [1] = "B-node", [2] = "P-node", [4] = "M-node", [8] = "H-node"};
    return put_name(value, length == 1 && bytes[0] <= 8 ? names[bytes[0]] : NULL);
}

/* RFC 4578 section 2.3: type 0 and 16 bytes. */
static bool form_machine_id(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length != 17 || bytes[0] != 0)
        return false;
    text_put_guid(value, bytes + 1);
    return true;
}

/* RFC 2132 section 9.14: a hardware address, or something; RFC 4361: IAID and DUID. */
static bool form_client_id(struct text *value, const uint8_t *bytes, size_t length)
{
    enum { DUID_TYPE = 255 };
    if (length == 7 && bytes[0] == 1) {
        put_hardware_address(value, bytes[0], bytes + 1, length - 1);
        return true;
    }
    if (length == 17 && bytes[0] == 0) {
        text_put_guid(value, bytes + 1);
        return true;
    }
    if (length > 5 && bytes[0] == DUID_TYPE) {
        text_format(value, "IAID %08lx, DUID ", (unsigned long)get_be32(bytes + 1));
        if (!form_duid(value, bytes + 5, length - 5))
            text_put_hex(value, bytes + 5, length - 5);
        return true;
    }
    return false;
}

/* RFC 3004 has a list of items; iPXE and others send the bare name. */
static bool form_user_class(struct text *value, const uint8_t *bytes, size_t length)
{
    return form_items8(value, bytes, length) || form_string(value, bytes, length);
}

/* RFC 4702: flags, two bytes that are no longer used, the name. */
static bool form_client_name(struct text *value, const uint8_t *bytes, size_t length)
{
    enum { WIRE_FORMAT = 4 };
    if (length < 3)
        return false;
    if ((bytes[0] & WIRE_FORMAT) == 0 || !form_domains(value, bytes + 3, length - 3))
        text_put_quoted(value, (const char *)bytes + 3, length - 3);
    text_format(value, " flags %02x", (unsigned)bytes[0]);
    return true;
}

/* PXE 2.1 table 2-1: bits of sub-option 6. */
static bool form_discovery(struct text *value, const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {"no broadcast", "no multicast", "only listed servers",
                                        "boot file of this reply"};
    if (length != 1)
        return false;
    text_format(value, "%u", (unsigned)bytes[0]);
    for (unsigned bit = 0, count = 0; bit < 4; bit++) {
        if (bytes[0] & 1u << bit)
            text_format(value, count++ > 0 ? ", %s" : ": %s", names[bit]);
    }
    return true;
}

/* Type of a boot server, count, addresses. */
static void put_boot_server(struct text *value, const uint8_t *bytes, size_t length)
{
    unsigned type = get_be16(bytes);
    text_format(value, "type %u%s:", type, type == 0 ? " (bootstrap)" : "");
    for (size_t at = 3; at < length; at += 4) {
        text_put_char(value, ' ');
        text_put_address(value, bytes + at, 4);
    }
}

static bool form_boot_servers(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_pieces(&(struct pieces){3, 1, 4, put_boot_server, "; "}, value, bytes, length);
}

/* Type of a boot server, length, description. */
static void put_menu_item(struct text *value, const uint8_t *bytes, size_t length)
{
    text_format(value, "type %u ", (unsigned)get_be16(bytes));
    text_put_quoted(value, (const char *)bytes + 3, length - 3);
}

static bool form_boot_menu(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_pieces(&(struct pieces){3, 1, 1, put_menu_item, "; "}, value, bytes, length);
}

static bool form_menu_prompt(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 1)
        return false;
    if (bytes[0] == 255)
        text_put(value, "wait for ever");
    else
        text_format(value, "after %u s", (unsigned)bytes[0]);
    if (length > 1) {
        text_put_char(value, ' ');
        text_put_quoted(value, (const char *)bytes + 1, length - 1);
    }
    return true;
}

static bool form_boot_item(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length != 4)
        return false;
    unsigned layer = get_be16(bytes + 2);
    text_format(value, "type %u, layer %u%s", (unsigned)get_be16(bytes), layer & 0x7fff,
                layer & 0x8000 ? ", credentials" : "");
    return true;
}

/* A number of one byte and what stands behind it for some. */
static bool put_number_and(struct text *value, const uint8_t *bytes, size_t length,
                           const char *const *names, size_t count)
{
    if (!form_u8(value, bytes, length))
        return false;
    (void)put_name(value, bytes[0] < count ? names[bytes[0]] : NULL);
    return true;
}

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static bool form_next_action(struct text *value, const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {
        [1] = " (wait for approval)", [3] = " (referral)", [5] = " (abort)"};
    return put_number_and(value, bytes, length, names, ROWS(names));
}

static bool form_prompt(struct text *value, const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {"", " (opt in)", " (no prompt)", " (opt out)"};
    return put_number_and(value, bytes, length, names, ROWS(names));
}

/* ---- the tables ---- */

static const struct option_form options[] = {
    {1, "subnet mask", form_ipv4},
    {2, "time offset", form_s32},
    {3, "routers", form_ipv4_list},
    {4, "time servers", form_ipv4_list},
    {5, "name servers", form_ipv4_list},
    {6, "DNS servers", form_ipv4_list},
    {7, "log servers", form_ipv4_list},
    {8, "quotes servers", form_ipv4_list},
    {9, "LPR servers", form_ipv4_list},
    {10, "impress servers", form_ipv4_list},
    {11, "RLP servers", form_ipv4_list},
    {12, "host name", form_string},
    {13, "boot file size", form_u16},
    {14, "merit dump file", form_string},
    {15, "domain name", form_string},
    {16, "swap server", form_ipv4},
    {17, "root path", form_string},
    {18, "extensions path", form_string},
    {19, "IP forwarding", form_yes_no},
    {20, "source routing", form_yes_no},
    {21, "policy filter", form_ipv4_pairs},
    {22, "maximum reassembly size", form_u16},
    {23, "default TTL", form_u8},
    {24, "MTU timeout", form_seconds},
    {25, "MTU plateaus", form_u16_list},
    {26, "interface MTU", form_u16},
    {27, "all subnets local", form_yes_no},
    {28, "broadcast address", form_ipv4},
    {29, "mask discovery", form_yes_no},
    {30, "mask supplier", form_yes_no},
    {31, "router discovery", form_yes_no},
    {32, "router solicitation address", form_ipv4},
    {33, "static routes", form_ipv4_pairs},
    {34, "trailer encapsulation", form_yes_no},
    {35, "ARP timeout", form_seconds},
    {36, "Ethernet encapsulation", form_yes_no},
    {37, "TCP TTL", form_u8},
    {38, "TCP keepalive", form_seconds},
    {39, "TCP keepalive garbage", form_yes_no},
    {40, "NIS domain", form_string},
    {41, "NIS servers", form_ipv4_list},
    {42, "NTP servers", form_ipv4_list},
    {OPTION4_VENDOR, "vendor options", form_hex},
    {44, "NetBIOS name servers", form_ipv4_list},
    {45, "NetBIOS datagram servers", form_ipv4_list},
    {46, "NetBIOS node type", form_node_type},
    {47, "NetBIOS scope", form_string},
    {48, "X font servers", form_ipv4_list},
    {49, "X display managers", form_ipv4_list},
    {50, "requested address", form_ipv4},
    {51, "lease time", form_seconds},
    {52, "overload", form_overload},
    {53, "message type", form_type},
    {54, "server identifier", form_ipv4},
    {55, "parameter request", form_codes},
    {56, "message", form_string},
    {57, "maximum message size", form_u16},
    {58, "renewal time", form_seconds},
    {59, "rebinding time", form_seconds},
    {OPTION4_CLASS, "vendor class", form_string},
    {61, "client identifier", form_client_id},
    {62, "NetWare/IP domain", form_string},
    {63, "NetWare/IP options", form_hex},
    {64, "NIS+ domain", form_string},
    {65, "NIS+ servers", form_ipv4_list},
    {66, "TFTP server name", form_string},
    {67, "boot file", form_string},
    {68, "mobile IP home agents", form_ipv4_list},
    {69, "SMTP servers", form_ipv4_list},
    {70, "POP3 servers", form_ipv4_list},
    {71, "NNTP servers", form_ipv4_list},
    {72, "WWW servers", form_ipv4_list},
    {73, "finger servers", form_ipv4_list},
    {74, "IRC servers", form_ipv4_list},
    {75, "StreetTalk servers", form_ipv4_list},
    {76, "StreetTalk directory servers", form_ipv4_list},
    {77, "user class", form_user_class},
    {78, "directory agents", form_hex},
    {79, "service scope", form_hex},
    {80, "rapid commit", form_empty},
    {81, "client FQDN", form_client_name},
    {OPTION4_RELAY_AGENT, "relay agent information", form_hex},
    {83, "iSNS", form_hex},
    {85, "NDS servers", form_ipv4_list},
    {86, "NDS tree", form_string},
    {87, "NDS context", form_string},
    {88, "BCMCS server domains", form_domains},
    {89, "BCMCS server addresses", form_ipv4_list},
    {90, "authentication", form_hex},
    {91, "client last transaction time", form_seconds},
    {92, "associated addresses", form_ipv4_list},
    {93, "client architecture", form_architectures},
    {94, "network interface identifier", form_undi},
    {95, "LDAP URL", form_string},
    {97, "client machine identifier", form_machine_id},
    {98, "user authentication URLs", form_string},
    {99, "civic location", form_hex},
    {100, "POSIX time zone", form_string},
    {101, "time zone name", form_string},
    {108, "IPv6-only preferred", form_seconds},
    {109, "DHCPv4-over-DHCPv6 source", form_ipv6_list},
    {112, "NetInfo servers", form_ipv4_list},
    {113, "NetInfo tag", form_string},
    {114, "captive portal", form_string},
    {116, "auto-configuration", form_yes_no},
    {117, "name service search", form_u16_list},
    {118, "subnet selection", form_ipv4},
    {119, "domain search list", form_domains},
    {120, "SIP servers", form_hex},
    {121, "classless static routes", form_classless_routes},
    {122, "CableLabs configuration", form_hex},
    {123, "geolocation", form_hex},
    {OPTION4_VENDOR_CLASS, "vendor-identifying class", form_hex},
    {OPTION4_VENDOR_OPTIONS, "vendor-identifying options", form_hex},
    {128, "PXE vendor 128", form_hex},
    {129, "PXE vendor 129", form_hex},
    {130, "PXE vendor 130", form_hex},
    {131, "PXE vendor 131", form_hex},
    {132, "PXE vendor 132", form_hex},
    {133, "PXE vendor 133", form_hex},
    {134, "PXE vendor 134", form_hex},
    {135, "PXE vendor 135", form_hex},
    {136, "PANA agents", form_ipv4_list},
    {137, "LoST server", form_domains},
    {138, "CAPWAP access controllers", form_ipv4_list},
    {139, "mobility server addresses", form_hex},
    {140, "mobility server names", form_hex},
    {141, "SIP configuration domains", form_domains},
    {142, "ANDSF addresses", form_ipv4_list},
    {143, "SZTP redirect", form_items16},
    {144, "geolocation", form_hex},
    {145, "forcerenew nonce", form_hex},
    {146, "recursive DNS selection", form_hex},
    {147, "DOTS server name", form_domains},
    {148, "DOTS server addresses", form_ipv4_list},
    {150, "TFTP server addresses", form_ipv4_list},
    {151, "leasequery status", form_hex},
    {152, "base time", form_u32},
    {153, "start of state", form_seconds},
    {154, "query start", form_u32},
    {155, "query end", form_u32},
    {156, "DHCP state", form_u8},
    {157, "data source", form_u8},
    {158, "PCP servers", form_hex},
    {159, "port parameters", form_hex},
    {161, "MUD URL", form_string},
    {162, "encrypted DNS", form_hex},
    {OPTION4_IPXE, "iPXE", form_hex},
    {176, "IP telephone", form_string},
    {208, "PXELINUX magic", form_hex},
    {209, "PXELINUX configuration file", form_string},
    {210, "PXELINUX path prefix", form_string},
    {211, "PXELINUX reboot time", form_seconds},
    {212, "6RD", form_hex},
    {213, "access domain", form_domains},
    {220, "subnet allocation", form_hex},
    {221, "virtual subnet selection", form_hex},
    {249, "classless static routes (Microsoft)", form_classless_routes},
    {OPTION4_WDSNBP, "Windows boot program", form_hex},
    {252, "BCD file or proxy URL", form_string},
};

/* PXE 2.1 table 2-1: sub-options of option 43, if the vendor class is PXEClient. */
static const struct option_form pxe_options[] = {
    {1, "MTFTP address", form_ipv4},
    {2, "MTFTP client port", form_u16_intel},
    {3, "MTFTP server port", form_u16_intel},
    {4, "MTFTP timeout", form_u8},
    {5, "MTFTP delay", form_u8},
    {6, "discovery control", form_discovery},
    {7, "discovery multicast address", form_ipv4},
    {8, "boot servers", form_boot_servers},
    {9, "boot menu", form_boot_menu},
    {10, "menu prompt", form_menu_prompt},
    {11, "multicast addresses", form_hex},
    {12, "credential types", form_hex},
    {71, "boot item", form_boot_item},
};

/* RFC 3046 and those that add sub-options. */
static const struct option_form relay_options[] = {
    {1, "circuit id", form_string},
    {2, "remote id", form_string},
    {4, "DOCSIS device class", form_hex},
    {5, "link selection", form_ipv4},
    {6, "subscriber id", form_string},
    {7, "RADIUS attributes", form_hex},
    {8, "authentication", form_hex},
    {9, "vendor-specific", form_hex},
    {10, "relay flags", form_hex},
    {11, "server identifier override", form_ipv4},
    {12, "relay agent identifier", form_duid},
    {13, "access technology", form_hex},
    {14, "access network", form_string},
    {15, "access point name", form_string},
    {16, "access point BSSID", form_hex},
    {17, "operator identifier", form_hex},
    {18, "operator realm", form_string},
    {19, "relay source port", form_hex},
    {151, "virtual subnet", form_hex},
    {152, "virtual subnet control", form_empty},
};

/* What iPXE tells of itself and takes from a server. */
static const struct option_form ipxe_options[] = {
    {1, "priority", form_u8},           {8, "keep SAN device", form_u8},
    {9, "skip SAN boot", form_u8},      {16, "feature PXE extensions", form_u8},
    {17, "feature iSCSI", form_u8},     {18, "feature AoE", form_u8},
    {19, "feature HTTP", form_u8},      {20, "feature HTTPS", form_u8},
    {21, "feature TFTP", form_u8},      {22, "feature FTP", form_u8},
    {23, "feature DNS", form_u8},       {24, "feature bzImage", form_u8},
    {25, "feature Multiboot", form_u8}, {26, "feature SLAM", form_u8},
    {27, "feature SRP", form_u8},       {32, "feature NBI", form_u8},
    {33, "feature PXE", form_u8},       {34, "feature ELF", form_u8},
    {35, "feature COMBOOT", form_u8},   {36, "feature EFI", form_u8},
    {37, "feature FCoE", form_u8},      {38, "feature VLAN", form_u8},
    {39, "feature menu", form_u8},      {40, "feature SDI", form_u8},
    {41, "feature NFS", form_u8},       {85, "script", form_string},
    {176, "no proxy DHCP", form_u8},    {177, "bus identifier", form_hex},
    {189, "BIOS drive", form_u8},       {190, "user name", form_string},
    {191, "password", form_string},     {235, "version", form_hex},
};

/* What wdsnbp.com and the WDS server tell each other; see wdsbp.h. */
static const struct option_form wdsnbp_options[] = {
    {1, "architecture", form_architectures},
    {2, "next action", form_next_action},
    {3, "poll interval", form_u16},
    {4, "poll retries", form_u16},
    {5, "request id", form_u32},
    {6, "message", form_string},
    {7, "version query", form_empty},
    {8, "server version", form_u32},
    {9, "referral server", form_ipv4},
    {11, "PXE prompt", form_prompt},
    {12, "PXE prompt done", form_u8},
    {13, "boot program version", form_hex},
    {14, "action done", form_u8},
    {15, "server selection", form_u8},
    {16, "server features", form_u32},
};

const struct option_form *option4_find(unsigned code)
{
    return option_form_find(options, ROWS(options), code);
}

const char *option4_name(unsigned code)
{
    const struct option_form *row = option4_find(code);
    return row == NULL ? "" : row->name;
}

bool option4_sub_table(unsigned code, bool is_pxe, struct option_table *out_table)
{
    static const struct {
        unsigned code;
        struct option_table table;
    } tables[] = {{OPTION4_VENDOR, {pxe_options, ROWS(pxe_options)}},
                  {OPTION4_RELAY_AGENT, {relay_options, ROWS(relay_options)}},
                  {OPTION4_IPXE, {ipxe_options, ROWS(ipxe_options)}},
                  {OPTION4_WDSNBP, {wdsnbp_options, ROWS(wdsnbp_options)}}};

    *out_table = (struct option_table){NULL, 0};
    for (size_t i = 0; i < ROWS(tables); i++) {
        if (tables[i].code != code)
            continue;
        if (code != OPTION4_VENDOR || is_pxe)
            *out_table = tables[i].table;
        return true;
    }
    return false;
}
