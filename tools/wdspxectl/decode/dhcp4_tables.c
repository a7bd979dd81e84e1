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
    const wchar_t *name = length == 1 ? message_type_name(bytes[0]) : NULL;
    if (name != NULL)
        text_put(value, name);
    return name != NULL;
}

static bool form_codes(struct text *value, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        text_format(value, i > 0 ? L", %u" : L"%u", (unsigned)bytes[i]);
        if (option4_name(bytes[i])[0] != L'\0')
            text_format(value, L" (%ls)", option4_name(bytes[i]));
    }
    return length > 0;
}

/* Pairs of addresses with a sign between: address and mask, or destination and router. */
static bool form_ipv4_pairs(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length == 0 || length % 8 != 0)
        return false;
    for (size_t at = 0; at < length; at += 8) {
        if (at > 0)
            text_put(value, L", ");
        text_put_ipv4(value, bytes + at);
        text_put_char(value, L' ');
        text_put_ipv4(value, bytes + at + 4);
    }
    return true;
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
            text_put(value, L", ");
        text_put_ipv4(value, network);
        text_format(value, L"/%u via ", (unsigned)bytes[at]);
        text_put_ipv4(value, bytes + at + 1 + network_size);
    }
    return true;
}

static bool form_overload(struct text *value, const uint8_t *bytes, size_t length)
{
    static const wchar_t *const names[] = {NULL, L"file", L"sname", L"file and sname"};
    if (length != 1 || bytes[0] < 1 || bytes[0] > 3)
        return false;
    text_put(value, names[bytes[0]]);
    return true;
}

static bool form_node_type(struct text *value, const uint8_t *bytes, size_t length)
{
    static const wchar_t nodes[] = {[1] = L'B', [2] = L'P', [4] = L'M', [8] = L'H'};
    if (length != 1 || bytes[0] > 8 || nodes[bytes[0]] == L'\0')
        return false;
    text_format(value, L"%lc-node", (wint_t)nodes[bytes[0]]);
    return true;
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
        text_format(value, L"IAID %08lx, DUID ", (unsigned long)get_be32(bytes + 1));
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
    text_format(value, L" flags %02x", (unsigned)bytes[0]);
    return true;
}

/* PXE 2.1 table 2-1: bits of sub-option 6. */
static bool form_discovery(struct text *value, const uint8_t *bytes, size_t length)
{
    static const wchar_t *const names[] = {L"no broadcast", L"no multicast", L"only listed servers",
                                           L"boot file of this reply"};
    if (length != 1)
        return false;
    text_format(value, L"%u", (unsigned)bytes[0]);
    for (unsigned bit = 0, count = 0; bit < 4; bit++) {
        if (bytes[0] & 1u << bit)
            text_format(value, count++ > 0 ? L", %ls" : L": %ls", names[bit]);
    }
    return true;
}

static const wchar_t *server_type_name(unsigned type)
{
    return type == 0 ? L" (bootstrap)" : L"";
}

/* Type of a boot server, count, addresses; and so on. */
static size_t server_list_size(const uint8_t *bytes, size_t length)
{
    if (length < 3)
        return 0;
    size_t size = 3 + (size_t)bytes[2] * 4;
    return size <= length ? size : 0;
}

static bool form_boot_servers(struct text *value, const uint8_t *bytes, size_t length)
{
    size_t at = 0;
    while (server_list_size(bytes + at, length - at) > 0)
        at += server_list_size(bytes + at, length - at);
    if (length == 0 || at != length)
        return false;
    for (at = 0; at < length; at += server_list_size(bytes + at, length - at)) {
        unsigned type = get_be16(bytes + at);
        text_format(value, at > 0 ? L"; type %u%ls:" : L"type %u%ls:", type,
                    server_type_name(type));
        for (size_t i = 0; i < bytes[at + 2]; i++) {
            text_put_char(value, L' ');
            text_put_ipv4(value, bytes + at + 3 + 4 * i);
        }
    }
    return true;
}

/* Type of a boot server, length, description; and so on. */
static size_t menu_item_size(const uint8_t *bytes, size_t length)
{
    if (length < 3)
        return 0;
    size_t size = 3 + (size_t)bytes[2];
    return size <= length ? size : 0;
}

static bool form_boot_menu(struct text *value, const uint8_t *bytes, size_t length)
{
    size_t at = 0;
    while (menu_item_size(bytes + at, length - at) > 0)
        at += menu_item_size(bytes + at, length - at);
    if (length == 0 || at != length)
        return false;
    for (at = 0; at < length; at += menu_item_size(bytes + at, length - at)) {
        text_format(value, at > 0 ? L"; type %u " : L"type %u ", (unsigned)get_be16(bytes + at));
        text_put_quoted(value, (const char *)bytes + at + 3, bytes[at + 2]);
    }
    return true;
}

static bool form_menu_prompt(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length < 1)
        return false;
    if (bytes[0] == 255)
        text_put(value, L"wait for ever");
    else
        text_format(value, L"after %u s", (unsigned)bytes[0]);
    if (length > 1) {
        text_put_char(value, L' ');
        text_put_quoted(value, (const char *)bytes + 1, length - 1);
    }
    return true;
}

static bool form_boot_item(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length != 4)
        return false;
    unsigned layer = get_be16(bytes + 2);
    text_format(value, L"type %u, layer %u%ls", (unsigned)get_be16(bytes), layer & 0x7fff,
                layer & 0x8000 ? L", credentials" : L"");
    return true;
}

static bool form_next_action(struct text *value, const uint8_t *bytes, size_t length)
{
    if (!form_u8(value, bytes, length))
        return false;
    if (bytes[0] == 1)
        text_put(value, L" (wait for approval)");
    else if (bytes[0] == 3)
        text_put(value, L" (referral)");
    else if (bytes[0] == 5)
        text_put(value, L" (abort)");
    return true;
}

static bool form_prompt(struct text *value, const uint8_t *bytes, size_t length)
{
    static const wchar_t *const names[] = {L"", L" (opt in)", L" (no prompt)", L" (opt out)"};
    if (!form_u8(value, bytes, length))
        return false;
    if (bytes[0] < sizeof(names) / sizeof(names[0]))
        text_put(value, names[bytes[0]]);
    return true;
}

/* ---- the tables ---- */

static const struct option_form options[] = {
    {1, L"subnet mask", form_ipv4},
    {2, L"time offset", form_s32},
    {3, L"routers", form_ipv4_list},
    {4, L"time servers", form_ipv4_list},
    {5, L"name servers", form_ipv4_list},
    {6, L"DNS servers", form_ipv4_list},
    {7, L"log servers", form_ipv4_list},
    {8, L"quotes servers", form_ipv4_list},
    {9, L"LPR servers", form_ipv4_list},
    {10, L"impress servers", form_ipv4_list},
    {11, L"RLP servers", form_ipv4_list},
    {12, L"host name", form_string},
    {13, L"boot file size", form_u16},
    {14, L"merit dump file", form_string},
    {15, L"domain name", form_string},
    {16, L"swap server", form_ipv4},
    {17, L"root path", form_string},
    {18, L"extensions path", form_string},
    {19, L"IP forwarding", form_yes_no},
    {20, L"source routing", form_yes_no},
    {21, L"policy filter", form_ipv4_pairs},
    {22, L"maximum reassembly size", form_u16},
    {23, L"default TTL", form_u8},
    {24, L"MTU timeout", form_seconds},
    {25, L"MTU plateaus", form_u16_list},
    {26, L"interface MTU", form_u16},
    {27, L"all subnets local", form_yes_no},
    {28, L"broadcast address", form_ipv4},
    {29, L"mask discovery", form_yes_no},
    {30, L"mask supplier", form_yes_no},
    {31, L"router discovery", form_yes_no},
    {32, L"router solicitation address", form_ipv4},
    {33, L"static routes", form_ipv4_pairs},
    {34, L"trailer encapsulation", form_yes_no},
    {35, L"ARP timeout", form_seconds},
    {36, L"Ethernet encapsulation", form_yes_no},
    {37, L"TCP TTL", form_u8},
    {38, L"TCP keepalive", form_seconds},
    {39, L"TCP keepalive garbage", form_yes_no},
    {40, L"NIS domain", form_string},
    {41, L"NIS servers", form_ipv4_list},
    {42, L"NTP servers", form_ipv4_list},
    {OPTION4_VENDOR, L"vendor options", form_hex},
    {44, L"NetBIOS name servers", form_ipv4_list},
    {45, L"NetBIOS datagram servers", form_ipv4_list},
    {46, L"NetBIOS node type", form_node_type},
    {47, L"NetBIOS scope", form_string},
    {48, L"X font servers", form_ipv4_list},
    {49, L"X display managers", form_ipv4_list},
    {50, L"requested address", form_ipv4},
    {51, L"lease time", form_seconds},
    {52, L"overload", form_overload},
    {53, L"message type", form_type},
    {54, L"server identifier", form_ipv4},
    {55, L"parameter request", form_codes},
    {56, L"message", form_string},
    {57, L"maximum message size", form_u16},
    {58, L"renewal time", form_seconds},
    {59, L"rebinding time", form_seconds},
    {OPTION4_CLASS, L"vendor class", form_string},
    {61, L"client identifier", form_client_id},
    {62, L"NetWare/IP domain", form_string},
    {63, L"NetWare/IP options", form_hex},
    {64, L"NIS+ domain", form_string},
    {65, L"NIS+ servers", form_ipv4_list},
    {66, L"TFTP server name", form_string},
    {67, L"boot file", form_string},
    {68, L"mobile IP home agents", form_ipv4_list},
    {69, L"SMTP servers", form_ipv4_list},
    {70, L"POP3 servers", form_ipv4_list},
    {71, L"NNTP servers", form_ipv4_list},
    {72, L"WWW servers", form_ipv4_list},
    {73, L"finger servers", form_ipv4_list},
    {74, L"IRC servers", form_ipv4_list},
    {75, L"StreetTalk servers", form_ipv4_list},
    {76, L"StreetTalk directory servers", form_ipv4_list},
    {77, L"user class", form_user_class},
    {78, L"directory agents", form_hex},
    {79, L"service scope", form_hex},
    {80, L"rapid commit", form_empty},
    {81, L"client FQDN", form_client_name},
    {OPTION4_RELAY_AGENT, L"relay agent information", form_hex},
    {83, L"iSNS", form_hex},
    {85, L"NDS servers", form_ipv4_list},
    {86, L"NDS tree", form_string},
    {87, L"NDS context", form_string},
    {88, L"BCMCS server domains", form_domains},
    {89, L"BCMCS server addresses", form_ipv4_list},
    {90, L"authentication", form_hex},
    {91, L"client last transaction time", form_seconds},
    {92, L"associated addresses", form_ipv4_list},
    {93, L"client architecture", form_architectures},
    {94, L"network interface identifier", form_undi},
    {95, L"LDAP URL", form_string},
    {97, L"client machine identifier", form_machine_id},
    {98, L"user authentication URLs", form_string},
    {99, L"civic location", form_hex},
    {100, L"POSIX time zone", form_string},
    {101, L"time zone name", form_string},
    {108, L"IPv6-only preferred", form_seconds},
    {109, L"DHCPv4-over-DHCPv6 source", form_ipv6_list},
    {112, L"NetInfo servers", form_ipv4_list},
    {113, L"NetInfo tag", form_string},
    {114, L"captive portal", form_string},
    {116, L"auto-configuration", form_yes_no},
    {117, L"name service search", form_u16_list},
    {118, L"subnet selection", form_ipv4},
    {119, L"domain search list", form_domains},
    {120, L"SIP servers", form_hex},
    {121, L"classless static routes", form_classless_routes},
    {122, L"CableLabs configuration", form_hex},
    {123, L"geolocation", form_hex},
    {OPTION4_VENDOR_CLASS, L"vendor-identifying class", form_hex},
    {OPTION4_VENDOR_OPTIONS, L"vendor-identifying options", form_hex},
    {128, L"PXE vendor 128", form_hex},
    {129, L"PXE vendor 129", form_hex},
    {130, L"PXE vendor 130", form_hex},
    {131, L"PXE vendor 131", form_hex},
    {132, L"PXE vendor 132", form_hex},
    {133, L"PXE vendor 133", form_hex},
    {134, L"PXE vendor 134", form_hex},
    {135, L"PXE vendor 135", form_hex},
    {136, L"PANA agents", form_ipv4_list},
    {137, L"LoST server", form_domains},
    {138, L"CAPWAP access controllers", form_ipv4_list},
    {139, L"mobility server addresses", form_hex},
    {140, L"mobility server names", form_hex},
    {141, L"SIP configuration domains", form_domains},
    {142, L"ANDSF addresses", form_ipv4_list},
    {143, L"SZTP redirect", form_items16},
    {144, L"geolocation", form_hex},
    {145, L"forcerenew nonce", form_hex},
    {146, L"recursive DNS selection", form_hex},
    {147, L"DOTS server name", form_domains},
    {148, L"DOTS server addresses", form_ipv4_list},
    {150, L"TFTP server addresses", form_ipv4_list},
    {151, L"leasequery status", form_hex},
    {152, L"base time", form_u32},
    {153, L"start of state", form_seconds},
    {154, L"query start", form_u32},
    {155, L"query end", form_u32},
    {156, L"DHCP state", form_u8},
    {157, L"data source", form_u8},
    {158, L"PCP servers", form_hex},
    {159, L"port parameters", form_hex},
    {161, L"MUD URL", form_string},
    {162, L"encrypted DNS", form_hex},
    {OPTION4_IPXE, L"iPXE", form_hex},
    {176, L"IP telephone", form_string},
    {208, L"PXELINUX magic", form_hex},
    {209, L"PXELINUX configuration file", form_string},
    {210, L"PXELINUX path prefix", form_string},
    {211, L"PXELINUX reboot time", form_seconds},
    {212, L"6RD", form_hex},
    {213, L"access domain", form_domains},
    {220, L"subnet allocation", form_hex},
    {221, L"virtual subnet selection", form_hex},
    {249, L"classless static routes (Microsoft)", form_classless_routes},
    {OPTION4_WDSNBP, L"Windows boot program", form_hex},
    {252, L"BCD file or proxy URL", form_string},
};

/* PXE 2.1 table 2-1: sub-options of option 43, if the vendor class is PXEClient. */
static const struct option_form pxe_options[] = {
    {1, L"MTFTP address", form_ipv4},
    {2, L"MTFTP client port", form_u16},
    {3, L"MTFTP server port", form_u16},
    {4, L"MTFTP timeout", form_u8},
    {5, L"MTFTP delay", form_u8},
    {6, L"discovery control", form_discovery},
    {7, L"discovery multicast address", form_ipv4},
    {8, L"boot servers", form_boot_servers},
    {9, L"boot menu", form_boot_menu},
    {10, L"menu prompt", form_menu_prompt},
    {11, L"multicast addresses", form_hex},
    {12, L"credential types", form_hex},
    {71, L"boot item", form_boot_item},
};

/* RFC 3046 and those that add sub-options. */
static const struct option_form relay_options[] = {
    {1, L"circuit id", form_string},
    {2, L"remote id", form_string},
    {4, L"DOCSIS device class", form_hex},
    {5, L"link selection", form_ipv4},
    {6, L"subscriber id", form_string},
    {7, L"RADIUS attributes", form_hex},
    {8, L"authentication", form_hex},
    {9, L"vendor-specific", form_hex},
    {10, L"relay flags", form_hex},
    {11, L"server identifier override", form_ipv4},
    {12, L"relay agent identifier", form_duid},
    {13, L"access technology", form_hex},
    {14, L"access network", form_string},
    {15, L"access point name", form_string},
    {16, L"access point BSSID", form_hex},
    {17, L"operator identifier", form_hex},
    {18, L"operator realm", form_string},
    {19, L"relay source port", form_hex},
    {151, L"virtual subnet", form_hex},
    {152, L"virtual subnet control", form_empty},
};

/* What iPXE tells of itself and takes from a server. */
static const struct option_form ipxe_options[] = {
    {1, L"priority", form_u8},           {8, L"keep SAN device", form_u8},
    {9, L"skip SAN boot", form_u8},      {16, L"feature PXE extensions", form_u8},
    {17, L"feature iSCSI", form_u8},     {18, L"feature AoE", form_u8},
    {19, L"feature HTTP", form_u8},      {20, L"feature HTTPS", form_u8},
    {21, L"feature TFTP", form_u8},      {22, L"feature FTP", form_u8},
    {23, L"feature DNS", form_u8},       {24, L"feature bzImage", form_u8},
    {25, L"feature Multiboot", form_u8}, {26, L"feature SLAM", form_u8},
    {27, L"feature SRP", form_u8},       {32, L"feature NBI", form_u8},
    {33, L"feature PXE", form_u8},       {34, L"feature ELF", form_u8},
    {35, L"feature COMBOOT", form_u8},   {36, L"feature EFI", form_u8},
    {37, L"feature FCoE", form_u8},      {38, L"feature VLAN", form_u8},
    {39, L"feature menu", form_u8},      {40, L"feature SDI", form_u8},
    {41, L"feature NFS", form_u8},       {85, L"script", form_string},
    {176, L"no proxy DHCP", form_u8},    {177, L"bus identifier", form_hex},
    {189, L"BIOS drive", form_u8},       {190, L"user name", form_string},
    {191, L"password", form_string},     {235, L"version", form_hex},
};

/* What wdsnbp.com and the WDS server tell each other; see wdsbp.h. */
static const struct option_form wdsnbp_options[] = {
    {1, L"architecture", form_architectures},
    {2, L"next action", form_next_action},
    {3, L"poll interval", form_u16},
    {4, L"poll retries", form_u16},
    {5, L"request id", form_u32},
    {6, L"message", form_string},
    {7, L"version query", form_empty},
    {8, L"server version", form_u32},
    {9, L"referral server", form_ipv4},
    {11, L"PXE prompt", form_prompt},
    {12, L"PXE prompt done", form_u8},
    {13, L"boot program version", form_hex},
    {14, L"action done", form_u8},
    {15, L"server selection", form_u8},
    {16, L"server features", form_u32},
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

const struct option_form *option4_find(unsigned code)
{
    return option_form_find(options, ROWS(options), code);
}

const wchar_t *option4_name(unsigned code)
{
    const struct option_form *row = option4_find(code);
    return row == NULL ? L"" : row->name;
}

bool option4_sub_table(unsigned code, bool is_pxe, struct option_table *out_table)
{
    *out_table = (struct option_table){NULL, 0};
    switch (code) {
    case OPTION4_VENDOR:
        if (is_pxe)
            *out_table = (struct option_table){pxe_options, ROWS(pxe_options)};
        return true;
    case OPTION4_RELAY_AGENT:
        *out_table = (struct option_table){relay_options, ROWS(relay_options)};
        return true;
    case OPTION4_IPXE:
        *out_table = (struct option_table){ipxe_options, ROWS(ipxe_options)};
        return true;
    case OPTION4_WDSNBP:
        *out_table = (struct option_table){wdsnbp_options, ROWS(wdsnbp_options)};
        return true;
    default:
        return false;
    }
}
