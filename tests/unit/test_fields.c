/* wdspxectl: DHCP messages in words. */
#include "wdspxectl/decode/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire.h"
#include "support/wire6.h"
#include "wdspxectl/decode/walk.h"
#include "wdspxectl/exchange/ladder.h"
#include "wdspxectl/decode/dhcp4_tables.h"

/* --- one line per field: depth, id, name, value ------------------------------------------------
 */

static void put_line(const struct field *field, void *context)
{
    struct text *out = context;
    for (unsigned i = 0; i < field->depth; i++)
        text_put(out, "  ");
    if (field->kind == FIELD_REMARK)
        text_format(out, "!! %s\n", field->value);
    else
        text_format(out, "%s|%s|%s%s\n", field->id, field->name, field->value,
                    field->has_parts ? " {" : "");
    if (field->kind != FIELD_REMARK)
        assert_non_null(field->bytes);
}

static struct text lines;

static int end(void **state)
{
    (void)state;
    text_free(&lines);
    return 0;
}

/* Exactly as many bytes as there are, for the sanitizer. */
static void visit(size_t address_length, const uint8_t *packet, size_t length)
{
    uint8_t *exact = malloc(length > 0 ? length : 1);
    assert_non_null(exact);
    if (length > 0)
        memcpy(exact, packet, length);
    text_clear(&lines);
    const struct message message = {
        .source = {.length = (uint8_t)address_length}, .packet = exact, .length = length};
    assert_true(message_fields(&message, put_line, &lines));
    free(exact);
}

static void assert_lines(const char *expected)
{
    if (strcmp(text_chars(&lines), expected) != 0)
        fail_msg("is:\n%sexpected:\n%s", text_chars(&lines), expected);
}

/* The lines of the options alone. */
static void visit_options4(const uint8_t *options, size_t length)
{
    static const uint8_t header[] = {WIRE_HEADER};
    static uint8_t packet[2000];
    memcpy(packet, header, sizeof(header));
    memcpy(packet + sizeof(header), options, length);
    visit(4, packet, sizeof(header) + length);
    const char *file = strstr(text_chars(&lines), "file|boot file|");
    assert_non_null(file);
    size_t start = (size_t)(strchr(file, '\n') + 1 - text_chars(&lines));
    memmove(lines.chars, lines.chars + start, (lines.length - start + 1) * sizeof(*lines.chars));
    lines.length -= start;
}

/* One option of these bytes. */
static void assert_option4(unsigned code, const char *bytes, size_t length, const char *line)
{
    uint8_t options[300] = {(uint8_t)code, (uint8_t)length};
    struct text expected = TEXT_EMPTY;
    memcpy(options + 2, bytes, length);
    options[2 + length] = 255;
    visit_options4(options, 3 + length);
    text_format(&expected, "%u|%s\n", code, line);
    assert_lines(text_chars(&expected));
    text_free(&expected);
}

#define OPTION4(code, bytes, line) assert_option4(code, bytes, sizeof(bytes) - 1, line)

static void assert_option6(unsigned code, const char *bytes, size_t length, const char *line)
{
    uint8_t packet[400] = {1, 0x12,           0x34, 0x56, (uint8_t)(code >> 8), (uint8_t)code,
                           0, (uint8_t)length};
    struct text expected = TEXT_EMPTY;
    memcpy(packet + 8, bytes, length);
    visit(16, packet, 8 + length);
    text_format(&expected, "type|message type|SOLICIT\nxid|transaction id|0x123456\n%u|%s\n", code,
                line);
    assert_lines(text_chars(&expected));
    text_free(&expected);
}

#define OPTION6(code, bytes, line) assert_option6(code, bytes, sizeof(bytes) - 1, line)

/* ---- DHCPv4 ---- */

static void header4(void **state)
{
    uint8_t packet[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(5), WIRE_END};
    (void)state;
    packet[3] = 2, packet[9] = 7, packet[10] = 0x80;
    memcpy(packet + 12, "\x0a\1\2\3\x0a\1\2\4\x0a\1\2\5\x0a\1\2\6", 16);
    memcpy(packet + 44, "server", 6);
    memcpy(packet + 108, "a\0b", 3);
    visit(4, packet, sizeof(packet));
    assert_lines("op|operation|BOOTREQUEST\n"
                 "htype|hardware type|Ethernet\n"
                 "hlen|hardware address length|6\n"
                 "hops|hops|2\n"
                 "xid|transaction id|0xdeadbeef\n"
                 "secs|seconds|7 s\n"
                 "flags|flags|0x8000 (broadcast)\n"
                 "ciaddr|client address|10.1.2.3\n"
                 "yiaddr|your address|10.1.2.4\n"
                 "siaddr|next server|10.1.2.5\n"
                 "giaddr|relay address|10.1.2.6\n"
                 "chaddr|hardware address|52:54:00:77:00:02\n"
                 "sname|server name|\"server\"\n"
                 "file|boot file|\"a\\x00b\"\n"
                 "53|message type|ACK\n");
    packet[0] = 9, packet[1] = 6, packet[2] = 20, packet[43] = 1;
    visit(4, packet, sizeof(packet));
    assert_non_null(strstr(text_chars(&lines), "op|operation|09\n"));
    assert_non_null(strstr(text_chars(&lines), "htype|hardware type|6\n"));
    packet[2] = 6;
    visit(4, packet, sizeof(packet));
    assert_non_null(strstr(text_chars(&lines), "52:54:00:77:00:02 and 00000000000000000001\n"));
}

static void broken_messages4(void **state)
{
    uint8_t packet[] = {WIRE_HEADER, 12, 5, 'a'};
    (void)state;
    visit(4, packet, 0);
    assert_lines("!! 0 bytes are less than the fixed part has\n");
    visit(4, packet, 5);
    assert_lines("op|operation|BOOTREQUEST\nhtype|hardware type|Ethernet\n"
                 "hlen|hardware address length|6\nhops|hops|0\n"
                 "!! 5 bytes are less than the fixed part has\n");
    visit(4, packet, sizeof(packet));
    assert_non_null(strstr(text_chars(&lines), "\n!! the option here runs past the end\n"));
    visit(4, packet, 240);
    assert_non_null(strstr(text_chars(&lines), "\n!! no END behind the options\n"));
    packet[236]++;
    visit(4, packet, sizeof(packet));
    assert_non_null(strstr(text_chars(&lines), "\n!! no DHCP cookie, 243 bytes\n"));
}

static void values4(void **state)
{
    (void)state;
    OPTION4(1, "\xff\xff\xff\0", "subnet mask|255.255.255.0");
    OPTION4(1, "\xff\xff\xff", "subnet mask|ffffff");
    OPTION4(2, "\xff\xff\xff\xfe", "time offset|-2");
    OPTION4(6, "\1\2\3\4\5\6\7\x8", "DNS servers|1.2.3.4, 5.6.7.8");
    OPTION4(6, "\1\2\3\4\5", "DNS servers|0102030405");
    OPTION4(12, "h\xc3\xb6st\n\"x", "host name|\"h\u00f6st\\x0a\\\"x\"");
    OPTION4(13, "\1\2", "boot file size|258");
    OPTION4(19, "\1", "IP forwarding|yes");
    OPTION4(19, "\2", "IP forwarding|02");
    OPTION4(21, "\x0a\0\0\0\xff\0\0\0", "policy filter|10.0.0.0 255.0.0.0");
    OPTION4(25, "\1\0\2\0", "MTU plateaus|256, 512");
    OPTION4(46, "\x8", "NetBIOS node type|H-node");
    OPTION4(46, "\3", "NetBIOS node type|03");
    OPTION4(51, "\0\0\2\x58", "lease time|600 s");
    OPTION4(51, "\xff\xff\xff\xff", "lease time|infinite");
    OPTION4(53, "\1", "message type|DISCOVER");
    OPTION4(53, "\x63", "message type|63");
    OPTION4(55, "\1\xca", "parameter request|1 (subnet mask), 202");
    OPTION4(55, "", "parameter request|");
    OPTION4(57, "\5\xc0", "maximum message size|1472");
    OPTION4(60, "PXEClient", "vendor class|\"PXEClient\"");
    OPTION4(61, "\1\x52\x54\0\x77\0\1", "client identifier|Ethernet 52:54:00:77:00:01");
    OPTION4(61, "\xff\0\0\0\1\0\3\0\1\x52\x54\0\x77\0\1",
            "client identifier|IAID 00000001, DUID LL Ethernet 52:54:00:77:00:01");
    OPTION4(61, "\xff\0\0\0\1\0\x9", "client identifier|IAID 00000001, DUID 0009");
    OPTION4(61, "\x9xyz", "client identifier|0978797a");
    OPTION4(77, "iPXE", "user class|\"iPXE\"");
    OPTION4(77, "\4iPXE\1x", "user class|\"iPXE\", \"x\"");
    OPTION4(80, "", "rapid commit|");
    OPTION4(80, "x", "rapid commit|78");
    OPTION4(81, "\4\0\0\1a\2bc\0", "client FQDN|a.bc flags 04");
    OPTION4(81, "\0\0\0a.b", "client FQDN|\"a.b\" flags 00");
    OPTION4(93, "\0\7\0\x9\1\0", "client architecture|7 (UEFI x64), 9 (UEFI EBC), 256");
    OPTION4(93, "\0\7\0", "client architecture|000700");
    OPTION4(94, "\1\3\x10", "network interface identifier|UNDI 3.16");
    OPTION4(97, "\0\x33\x22\x11\0\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
            "client machine identifier|{00112233-4455-6677-8899-AABBCCDDEEFF}");
    OPTION4(119, "\1a\2bc\0\1d\0", "domain search list|a.bc, d");
    OPTION4(119, "\1a\2bc\0\1d", "domain search list|0161026263000164");
    OPTION4(121, "\x18\x0a\1\2\x0a\0\0\1\0\x0a\0\0\2\x20\1\2\3\4\x0a\0\0\3",
            "classless static routes|10.1.2.0/24 via 10.0.0.1, 0.0.0.0/0 via 10.0.0.2, "
            "1.2.3.4/32 via 10.0.0.3");
    OPTION4(121, "\x21\1\2\3\4\5\1\2\3\4", "classless static routes|21010203040501020304");
    OPTION4(202, "ab", "|6162");
}

static void vendor_options4(void **state)
{
    static const uint8_t pxe[] = {
        60,   9,    WIRE_PXE_CLIENT,
        43,   53,   6,
        1,    11,   8,
        7,    0x80, 0,
        1,    10,   77,
        0,    2,    9,
        15,   0x80, 0,
        4,    'b',  'i',
        'o',  's',  0,
        1,    5,    'o',
        't',  'h',  'e',
        'r',  10,   4,
        0,    'l',  'a',
        'b',  10,   1,
        255,  10,   2,
        9,    'x',  71,
        4,    0x80, 0,
        0x80, 1,    200,
        2,    1,    2,
        255,  255,
    };
    static const uint8_t other[] = {43, 5, 6, 1, 8, 10, 0, 43, 2, 6, 1, 43, 0, 255};
    (void)state;
    visit_options4(pxe, sizeof(pxe));
    assert_lines("60|vendor class|\"PXEClient\"\n"
                 "43|vendor options| {\n"
                 "  6|discovery control|11: no broadcast, no multicast, boot file of this reply\n"
                 "  8|boot servers|type 32768: 10.77.0.2\n"
                 "  9|boot menu|type 32768 \"bios\"; type 1 \"other\"\n"
                 "  10|menu prompt|after 0 s \"lab\"\n"
                 "  10|menu prompt|wait for ever\n"
                 "  10|menu prompt|after 9 s \"x\"\n"
                 "  71|boot item|type 32768, layer 1, credentials\n"
                 "  200||0102\n");
    visit_options4(other, sizeof(other));
    assert_lines("43|vendor options| {\n  6||08\n  10||\n" /* not of PXE */
                 "43|vendor options|0601\n43|vendor options|\n");
}

static void options_in_options4(void **state)
{
    static const uint8_t options[] = {
        82,   12, 1, 3,   'b', 'r', '1', 5,  4, 10,   1,   2,   3,   99,  82,  9,   1,  3, 'b', 'r',
        '1',  11, 2, 0,   0,   175, 6,   23, 1, 1,    235, 1,   9,   250, 9,   1,   2,  0, 7,   2,
        1,    1,  0, 255, 124, 9,   0,   0,  1, 0x57, 4,   3,   'a', 'b', 'c', 125, 16, 0, 0,   1,
        0x57, 3,  1, 1,   9,   0,   0,   0,  9, 3,    'x', 'y', 'z', 125, 3,   1,   2,  3, 255,
    };
    (void)state;
    visit_options4(options, sizeof(options));
    assert_lines("82|relay agent information|01036272310504"
                 "0a01020363\n"
                 "82|relay agent information| {\n  1|circuit id|\"br1\"\n"
                 "  11|server identifier override|0000\n"
                 "175|iPXE| {\n  23|feature DNS|1\n  235|version|09\n"
                 "250|Windows boot program| {\n  1|architecture|7 (UEFI x64)\n"
                 "  2|next action|1 (wait for approval)\n"
                 "124|vendor-identifying class| {\n  343|enterprise|\"abc\"\n"
                 "125|vendor-identifying options| {\n  343|enterprise| {\n    1||09\n"
                 "  9|enterprise|78797a\n"
                 "125|vendor-identifying options|010203\n");
}

static void overload4(void **state)
{
    uint8_t packet[] = {WIRE_HEADER, 52, 1, 3, WIRE_END};
    (void)state;
    memcpy(packet + 108, "\x0c\1f\xff", 4);
    memcpy(packet + 44, "\x0c\1s\xff", 4);
    visit(4, packet, sizeof(packet));
    assert_non_null(strstr(text_chars(&lines), "52|overload|file and sname\n"
                                               "12|host name|\"f\"\n12|host name|\"s\"\n"));
}

static void tables_are_sorted(void **state)
{
    static const unsigned with_parts[] = {43, 82, 175, 250};
    (void)state;
    for (unsigned code = 0; code < 256; code++) {
        const struct option_form *row = option4_find(code);
        if (row != NULL)
            assert_int_equal(row->code, code);
    }
    static const unsigned known[] = {1, 43, 53, 54, 60, 66, 67, 93, 97, 119, 150, 175, 210, 252};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        assert_non_null(option4_find(known[i]));
    for (size_t i = 0; i < sizeof(with_parts) / sizeof(with_parts[0]); i++) {
        struct option_table table;
        assert_true(option4_sub_table(with_parts[i], true, &table));
        assert_true(table.count > 5);
        for (size_t k = 0; k < table.count; k++)
            assert_ptr_equal(option_form_find(table.rows, table.count, table.rows[k].code),
                             &table.rows[k]);
    }
}

/* ---- DHCPv6 ---- */

static void message6(void **state)
{
    static const uint8_t packet[] = {WIRE6_OVMF_SOLICIT};
    (void)state;
    visit(16, packet, sizeof(packet));
    assert_lines("type|message type|SOLICIT\n"
                 "xid|transaction id|0x7aaf44\n"
                 "1|client identifier|UUID {00112233-4455-6677-8899-AABBCCDDEEFF}\n"
                 "8|elapsed time|0.00 s\n"
                 "3|IA_NA|IAID 770afff6, T1 infinite, T2 infinite\n"
                 "6|option request|59 (boot file URL), 60 (boot file parameters), "
                 "23 (DNS servers), 16 (vendor class)\n"
                 "62|network interface identifier|UNDI 3.0\n"
                 "61|client architecture|7 (UEFI x64)\n"
                 "16|vendor class|enterprise 343: \"PXEClient:Arch:00007:UNDI:003000\"\n");
}

static void nested6(void **state)
{
    static const uint8_t reply[] = {WIRE6_ISC_REPLY};
    static const uint8_t relayed[] = {WIRE6_RELAYED_IP_SOLICIT};
    (void)state;
    visit(16, reply, sizeof(reply));
    assert_non_null(strstr(text_chars(&lines), "3|IA_NA|IAID 770afff6, T1 0 s, T2 0 s {\n"
                                               "  5|IA address|fd77::eb8a preferred 300 s, "
                                               "valid 600 s\n1|client identifier|"));
    visit(16, relayed, sizeof(relayed));
    assert_non_null(strstr(text_chars(&lines), "type|message type|RELAY-FORW\nhops|hop count|0\n"
                                               "link|link address|fd88::fe\n"
                                               "peer|peer address|fe80::5054:ff:fe77:2\n"
                                               "9|relay message|SOLICIT {\n"
                                               "  type|message type|SOLICIT\n"
                                               "  xid|transaction id|0x"));
}

static void values6(void **state)
{
    (void)state;
    OPTION6(1, "\0\1\0\1\0\0\0\7\x52\x54\0\x77\0\1",
            "client identifier|LLT time 7 Ethernet 52:54:00:77:00:01");
    OPTION6(1, "\0\3\0\x6\xaa", "client identifier|LL hardware type 6 AA");
    OPTION6(1, "\0\2\0\0\1\x57\xab\xcd", "client identifier|EN enterprise 343 abcd");
    OPTION6(1, "\0\x9\1", "client identifier|000901");
    OPTION6(1, "\0", "client identifier|00");
    OPTION6(7, "\xff", "preference|255");
    OPTION6(12, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", "server unicast|fe80::1");
    OPTION6(13, "\0\2no", "status code|2 (NoAddrsAvail) \"no\"");
    OPTION6(13, "\0\x63", "status code|99");
    OPTION6(14, "", "rapid commit|");
    OPTION6(15, "\0\4iPXE\0\1x", "user class|\"iPXE\", \"x\"");
    OPTION6(16, "\0\0\1\x57", "vendor class|enterprise 343: ");
    OPTION6(16, "\0\0\1\x57\0\x9x", "vendor class|00000157000978");
    OPTION6(17, "\0\0\1\x57\0\1\0\2ab", "vendor options|enterprise 343 {\n  1||6162");
    OPTION6(17, "\0\0\1\x57\0\1\0\3ab", "vendor options|enterprise 343 000100036162");
    OPTION6(18, "br1", "interface id|\"br1\"");
    OPTION6(23, "\xfd\x77\0\0\0\0\0\0\0\0\0\0\0\0\0\1\xfd\x77\0\0\0\0\0\0\0\0\0\0\0\0\0\2",
            "DNS servers|fd77::1, fd77::2");
    OPTION6(24, "\1a\2bc\0", "domain search list|a.bc");
    OPTION6(25,
            "\0\0\0\1\0\0\0\2\0\0\0\3\0\x1a\0\x19\0\0\0\4\0\0\0\5\x38\xfd\x77\0\0\0\0\0\0\0\0\0"
            "\0\0\0\0\0",
            "IA_PD|IAID 00000001, T1 2 s, T2 3 s {\n"
            "  26|IA prefix|fd77::/56 preferred 4 s, valid 5 s");
    OPTION6(59, "tftp://[fd77::1]/a", "boot file URL|\"tftp://[fd77::1]/a\"");
    OPTION6(60, "\0\2ab\0\0", "boot file parameters|\"ab\", \"\"");
    OPTION6(79, "\0\1\x52\x54\0\x77\0\1", "client link-layer address|Ethernet 52:54:00:77:00:01");
    OPTION6(60000, "x", "|78");
}

static void broken_messages6(void **state)
{
    static const uint8_t packet[] = {1, 2, 3, 4, 0, 8, 0, 3, 0, 0};
    static const uint8_t relay[] = {WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 2, 1, 2};
    (void)state;
    visit(16, packet, 0);
    assert_lines("!! the message is empty\n");
    visit(16, packet, 3);
    assert_lines("type|message type|SOLICIT\n!! 3 bytes are less than a header of 4 bytes\n");
    visit(16, packet, sizeof(packet));
    assert_lines("type|message type|SOLICIT\nxid|transaction id|0x020304\n"
                 "!! the option here runs past the end\n");
    visit(16, relay, sizeof(relay));
    assert_non_null(strstr(text_chars(&lines),
                           "9|relay message|SOLICIT {\n  type|message type|SOLICIT\n"
                           "  !! 2 bytes are less than a header of 4 bytes\n"));
    visit(16, (const uint8_t *)"\x63", 1);
    assert_lines("type|message type|message type 99\n"
                 "!! 1 bytes are less than a header of 4 bytes\n");
}

/* As deep as a datagram allows: not deeper than the limit is shown, and nothing is overrun. */
static void deep_nesting_ends(void **state)
{
    static uint8_t packet[65000];
    size_t layers = sizeof(packet) / 38, length = 0;
    (void)state;
    for (size_t i = 0; i < layers; i++) {
        size_t rest = (layers - 1 - i) * 38;
        packet[length] = 12;
        length += 34;
        memcpy(packet + length, "\0\x9", 2);
        packet[length + 2] = (uint8_t)(rest >> 8);
        packet[length + 3] = (uint8_t)rest;
        length += 4;
    }
    visit(16, packet, length);
    assert_non_null(strstr(text_chars(&lines), "!! nested too deeply, the rest is not shown\n"));
    assert_null(dhcp6_innermost(packet, length).value);
}

/* --- what ladders say --------------------------------------------------------------------------
 */

static void types_clients_and_files(void **state)
{
    static uint8_t relayed[] = {WIRE6_RELAYED_IP_SOLICIT}, reply6[] = {WIRE6_ISC_REPLY};
    uint8_t ack[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(5), 67, 3, 'o', 'p', 't', WIRE_END};
    struct message message = {.source = {.length = 4}, .packet = ack, .length = sizeof(ack)};
    const struct message cut = {.source = {.length = 4}, .packet = ack, .length = 100};
    const struct message relayed6 = {
        .source = {.length = 16}, .packet = relayed, .length = sizeof(relayed)};
    const struct message answer6 = {
        .source = {.length = 16}, .packet = reply6, .length = sizeof(reply6)};
    (void)state;
    message_put_type(&lines, &message);
    assert_lines("ACK");
    text_clear(&lines);
    message_put_type(&lines, &cut);
    assert_lines("no DHCP");
    text_clear(&lines);
    message_put_type(&lines, &relayed6);
    assert_lines("RELAY-FORW (SOLICIT)");
    text_clear(&lines);
    message_put_boot_file(&lines, &message);
    assert_lines("opt");
    text_clear(&lines);
    memset(ack + 108, 'f', 128); /* no NUL behind it */
    message_put_boot_file(&lines, &message);
    assert_int_equal(lines.length, 128);
    text_clear(&lines);
    message_put_boot_file(&lines, &answer6);
    assert_lines("tftp://[fd77::2]/nbp-x64.efi");
    text_clear(&lines);
    message_put_client(&lines, &message);
    assert_lines("52:54:00:77:00:02");
    text_clear(&lines);
    message.length = 5;
    message_put_client(&lines, &message);
    assert_lines("unknown client");
}

int main(void)
{
    const struct CMUnitTest fields[] = {
        cmocka_unit_test_teardown(header4, end),
        cmocka_unit_test_teardown(broken_messages4, end),
        cmocka_unit_test_teardown(values4, end),
        cmocka_unit_test_teardown(vendor_options4, end),
        cmocka_unit_test_teardown(options_in_options4, end),
        cmocka_unit_test_teardown(overload4, end),
        cmocka_unit_test_teardown(tables_are_sorted, end),
        cmocka_unit_test_teardown(message6, end),
        cmocka_unit_test_teardown(nested6, end),
        cmocka_unit_test_teardown(values6, end),
        cmocka_unit_test_teardown(broken_messages6, end),
        cmocka_unit_test_teardown(deep_nesting_ends, end),
        cmocka_unit_test_teardown(types_clients_and_files, end),
    };
    return cmocka_run_group_tests(fields, NULL, NULL);
}
