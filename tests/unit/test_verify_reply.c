/* What the verifier finds in the bytes of a reply. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"
#include "verify/reply_rules.h"
#include "support/engine_rig.h"

enum { XID = 0x01020304 };

/* ---- DHCPv4 ---- */

static uint8_t request[300];
static uint8_t reply[600];
static bool to_boot_server;

/* A reply to the request with these options behind the cookie; its length. */
static size_t reply_with(const char *options, size_t length)
{
    size_t used;

    rig_discover(request, XID);
    assert_int_equal(dhcp4_reply_start(request, sizeof(request), reply, sizeof(reply), &used),
                     PXE_OK);
    memcpy(reply + used, options, length);
    return used + length;
}

static struct reply_flaws lint4(size_t length)
{
    struct reply_flaws flaws;

    reply_lint4(&(struct reply_request){request, sizeof(request), NULL, to_boot_server}, reply,
                length, &flaws);
    return flaws;
}

static void assert_one(struct reply_flaws flaws, enum verify_rule rule, const char *text)
{
    for (size_t i = 0; i < flaws.count && flaws.count != 1; i++)
        print_error("%s: %s\n", verify_rule_name(flaws.entries[i].rule), flaws.entries[i].text);
    assert_int_equal(flaws.count, 1);
    assert_int_equal(flaws.entries[0].rule, rule);
    assert_string_equal(flaws.entries[0].text, text);
}

#define WITH(options) reply_with(options, sizeof(options) - 1)

static void good_replies(void **state)
{
    (void)state;
    assert_int_equal(lint4(WITH("\x35\1\2\xff")).count, 0);
    assert_int_equal(lint4(WITH("\x35\1\2\0\0\x36\4\1\1\1\1\0\xff\0\0\0")).count, 0);
    assert_int_equal(lint4(WITH("\xff")).count, 0);
}

static void end_missing(void **state)
{
    (void)state;
    assert_one(lint4(WITH("\x35\1\2")), RULE_END_MISSING,
               "the options field has no option 255 in its 3 bytes");
    assert_one(lint4(WITH("")), RULE_END_MISSING,
               "the options field has no option 255 in its 0 bytes");
    assert_one(lint4(WITH("\x35\1\2\0\0\0")), RULE_END_MISSING,
               "the options field has no option 255 in its 6 bytes");
}

static void option_after_end(void **state)
{
    (void)state;
    assert_one(lint4(WITH("\x35\1\2\xff\x36\4\1\1\1\1")), RULE_OPTION_AFTER_END,
               "byte 244, behind option 255 of the options field, is 0x36");
    assert_one(lint4(WITH("\xff\0\0\xff")), RULE_OPTION_AFTER_END,
               "byte 243, behind option 255 of the options field, is 0xff");
}

static void option_overrun(void **state)
{
    (void)state;
    assert_one(lint4(WITH("\x35\1\2\x36\4\1\1\1")), RULE_OPTION_OVERRUN,
               "option 54 at byte 243 runs past the end of the options field, which has 8 bytes");
    assert_one(lint4(WITH("\x36")), RULE_OPTION_OVERRUN,
               "option 54 at byte 240 runs past the end of the options field, which has 1 bytes");
}

static void overloaded_fields(void **state)
{
    (void)state;
    size_t length = WITH("\x34\1\3\xff");
    reply[DHCP4_FILE] = 0xff;
    reply[DHCP4_SNAME] = 0xff;
    assert_int_equal(lint4(length).count, 0);
    reply[DHCP4_SNAME] = 0;
    assert_one(lint4(length), RULE_END_MISSING,
               "the sname field has no option 255 in its 64 bytes");
    reply[DHCP4_SNAME] = 0xff;
    memset(reply + DHCP4_FILE, 200, DHCP4_FILE_SIZE);
    assert_one(lint4(length), RULE_OPTION_OVERRUN,
               "option 200 at byte 108 runs past the end of the file field, which has 128 bytes");
    /* Not overloaded: a file name, whatever it is. */
    memcpy(reply + 240, "\x34\1\2\xff", 4);
    assert_int_equal(lint4(length).count, 0);
}

static void wrong_transaction(void **state)
{
    (void)state;
    size_t length = WITH("\xff");
    reply[DHCP4_XID] ^= 1;
    assert_one(lint4(length), RULE_WRONG_TRANSACTION,
               "xid is 0x05030201, that of the request is 0x04030201");
    reply[DHCP4_XID] ^= 1;
    reply[DHCP4_OP] = 1;
    assert_one(lint4(length), RULE_WRONG_TRANSACTION, "op is 1, not 2 (BOOTREPLY)");
}

static void several_flaws_each_once(void **state)
{
    (void)state;
    size_t length = WITH("\x34\1\3\x36");
    reply[DHCP4_OP] = 1;
    reply[DHCP4_XID] ^= 1;
    reply[DHCP4_FILE] = 0xff;
    reply[DHCP4_FILE + 1] = 1;
    struct reply_flaws flaws = lint4(length);
    assert_int_equal(flaws.count, 4);
    assert_int_equal(flaws.entries[0].rule, RULE_WRONG_TRANSACTION);
    assert_int_equal(flaws.entries[1].rule, RULE_OPTION_OVERRUN);
    assert_int_equal(flaws.entries[2].rule, RULE_OPTION_AFTER_END);
    assert_int_equal(flaws.entries[3].rule, RULE_END_MISSING);
}

/* The types that a reply may have, as bits, to a request of each type. */
static void type_fits_request(void **state)
{
    static const struct {
        uint8_t asked;
        uint32_t fit;
    } rows[] = {
        {1, 1 << 2}, {3, 1 << 5 | 1 << 6}, {4, 0},
        {7, 0},      {8, 1 << 5},          {10, UINT32_MAX}, /* LEASEQUERY: RFC 4388's answers */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (uint8_t type = 1; type <= 13; type++)
            for (unsigned port = 0; port < 2; port++) {
                size_t length = WITH("\x35\1\2\xff");
                assert_int_equal(request[DHCP4_OPTIONS], DHCP4_OPT_MESSAGE_TYPE);
                request[DHCP4_OPTIONS + 2] = rows[i].asked;
                reply[DHCP4_OPTIONS + 2] = type;
                to_boot_server = port != 0;
                const uint32_t fit = port != 0 ? 1 << 2 | 1 << 5 | 1 << 6 : rows[i].fit;
                const struct reply_flaws flaws = lint4(length);
                assert_int_equal(flaws.count, (fit >> type & 1) == 0);
                assert_true(flaws.count == 0 || flaws.entries[0].rule == RULE_REPLY_TYPE);
            }
    to_boot_server = false;
    assert_one(lint4(WITH("\x35\1\5\xff")), RULE_REPLY_TYPE,
               "message type 5 answers one of type 1");
}

static void rapid_commit(void **state)
{
    (void)state;
    size_t length = WITH("\x35\1\5\xff");
    memcpy(request + DHCP4_OPTIONS + 3, "\x50\0\xff", 3);
    assert_int_equal(lint4(length).count, 0);
}

static void what_is_meant_as_dhcp(void **state)
{
    (void)state;
    size_t length = WITH("\xff");
    assert_true(reply_is_dhcp(false, reply, length));
    assert_false(reply_is_dhcp(false, reply, 239));
    reply[DHCP4_COOKIE] = 0;
    assert_false(reply_is_dhcp(false, reply, length));
    assert_true(reply_is_dhcp(true, (const uint8_t *)"\2", 1));
    assert_true(reply_is_dhcp(true, (const uint8_t *)"\x0d", 1));
    assert_false(reply_is_dhcp(true, (const uint8_t *)"\x0e", 1));
    assert_false(reply_is_dhcp(true, (const uint8_t *)"\0", 1));
    assert_false(reply_is_dhcp(true, (const uint8_t *)"", 0));
}

/* ---- DHCPv6 ---- */

static uint8_t solicit[] = {1, 0xa, 0xb, 0xc, 0, 1, 0, 2, 7, 7};

/* Lints a reply to the SOLICIT, or to the SOLICIT behind that many relays. */
static struct reply_flaws lint6(size_t layers, const uint8_t *bytes, size_t length)
{
    uint8_t relayed[200];
    size_t used = sizeof(solicit);
    struct dhcp6_inner inner;
    struct reply_flaws flaws;

    memcpy(relayed, solicit, used);
    for (size_t i = 0; i < layers; i++) {
        memmove(relayed + DHCP6_RELAY_OPTIONS + DHCP6_OPTION_HEADER, relayed, used);
        memset(relayed, 0, DHCP6_RELAY_OPTIONS);
        relayed[DHCP6_TYPE] = DHCP6_RELAY_FORW;
        relayed[DHCP6_RELAY_HOP_COUNT] = (uint8_t)i;
        memcpy(relayed + DHCP6_RELAY_OPTIONS, "\0\x09\0", 3);
        relayed[DHCP6_RELAY_OPTIONS + 3] = (uint8_t)used;
        used += DHCP6_RELAY_OPTIONS + DHCP6_OPTION_HEADER;
    }
    (void)dhcp6_descend(relayed, used, DHCP6_RELAY_FORW, &inner);
    reply_lint6(&(struct reply_request){NULL, 0, &inner, to_boot_server}, bytes, length, &flaws);
    return flaws;
}

/* A RELAY-REPL around a message; its length. */
static size_t wrap(uint8_t *packet, const void *message, size_t length)
{
    uint8_t inner[200];

    memcpy(inner, message, length);
    memset(packet, 0, DHCP6_RELAY_OPTIONS);
    packet[DHCP6_TYPE] = DHCP6_RELAY_REPL;
    memcpy(packet + DHCP6_RELAY_OPTIONS, "\0\x09\0", 3);
    packet[DHCP6_RELAY_OPTIONS + 3] = (uint8_t)length;
    memcpy(packet + DHCP6_RELAY_OPTIONS + DHCP6_OPTION_HEADER, inner, length);
    return length + DHCP6_RELAY_OPTIONS + DHCP6_OPTION_HEADER;
}

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1
#define ADVERTISE "\2\xa\xb\xc\0\1\0\2\7\7"

static void good_replies6(void **state)
{
    uint8_t packet[200];

    (void)state;
    assert_int_equal(lint6(0, BYTES(ADVERTISE)).count, 0);
    size_t length = wrap(packet, ADVERTISE, sizeof(ADVERTISE) - 1);
    assert_int_equal(lint6(1, packet, length).count, 0);
    length = wrap(packet, packet, length);
    assert_int_equal(lint6(2, packet, length).count, 0);
}

static void wrong_transaction6(void **state)
{
    uint8_t packet[200];

    (void)state;
    assert_one(lint6(0, BYTES("\2\xa\xb\xd")), RULE_WRONG_TRANSACTION,
               "transaction id is 0x0a0b0d, that of the request is 0x0a0b0c");
    assert_one(lint6(0, BYTES("\1\xa\xb\xc")), RULE_WRONG_TRANSACTION,
               "message type 1 is no reply");
    size_t length = wrap(packet, "\2\xa\xb\xd", 4);
    assert_one(lint6(1, packet, length), RULE_WRONG_TRANSACTION,
               "transaction id is 0x0a0b0d, that of the request is 0x0a0b0c");
}

static void type_fits_request6(void **state)
{
    (void)state;
    for (uint8_t asked = 1; asked <= 11; asked++) {
        if (asked == DHCP6_ADVERTISE || asked == DHCP6_REPLY || asked == DHCP6_RECONFIGURE)
            continue;
        for (unsigned port = 0; port < 2; port++) {
            solicit[0] = asked;
            to_boot_server = port != 0;
            assert_int_equal(lint6(0, BYTES(ADVERTISE)).count, port == 0 && asked != DHCP6_SOLICIT);
            assert_int_equal(lint6(0, BYTES("\7\xa\xb\xc")).count,
                             port == 0 && asked == DHCP6_SOLICIT);
        }
    }
    to_boot_server = false;
    solicit[0] = DHCP6_SOLICIT;
    assert_one(lint6(0, BYTES("\7\xa\xb\xc")), RULE_REPLY_TYPE,
               "message type 7 answers one of type 1");
    solicit[5] = DHCP6_OPT_RAPID_COMMIT;
    assert_int_equal(lint6(0, BYTES("\7\xa\xb\xc")).count, 0);
    solicit[5] = DHCP6_OPT_CLIENT_ID;
}

static void wrong_layers6(void **state)
{
    uint8_t packet[200];

    (void)state;
    assert_one(lint6(1, BYTES(ADVERTISE)), RULE_WRONG_TRANSACTION,
               "0 relay layers are around the reply, 1 around the request");
    size_t length = wrap(packet, ADVERTISE, sizeof(ADVERTISE) - 1);
    assert_one(lint6(0, packet, length), RULE_WRONG_TRANSACTION,
               "1 relay layers are around the reply, 0 around the request");
    assert_one(lint6(1, packet, DHCP6_RELAY_OPTIONS), RULE_WRONG_TRANSACTION,
               "relay layer 1 has no message inside");
}

static void option_overrun6(void **state)
{
    uint8_t packet[200];

    (void)state;
    assert_one(lint6(0, BYTES("\2\xa\xb\xc\0\1\0\3\7\7")), RULE_OPTION_OVERRUN,
               "the option at byte 4 of a message of type 2 runs past its end, 6 bytes further");
    assert_one(lint6(0, BYTES("\2\xa\xb")), RULE_OPTION_OVERRUN,
               "a message of type 2 has only 3 bytes");
    size_t length = wrap(packet, "\2\xa\xb\xc\0\1\0", 7);
    assert_one(lint6(1, packet, length), RULE_OPTION_OVERRUN,
               "the option at byte 4 of a message of type 2 runs past its end, 3 bytes further");
    length = wrap(packet, ADVERTISE, sizeof(ADVERTISE) - 1);
    assert_one(lint6(1, packet, length - 1), RULE_OPTION_OVERRUN,
               "the option at byte 34 of a message of type 13 runs past its end, 13 bytes further");
    assert_one(lint6(1, packet, 20), RULE_OPTION_OVERRUN, "a message of type 13 has only 20 bytes");
}

/* Whatever the bytes are, nothing is read beside them. */
static void every_truncation(void **state)
{
    uint8_t packet[200];

    (void)state;
    size_t length = wrap(packet, ADVERTISE, sizeof(ADVERTISE) - 1);
    length = wrap(packet, packet, length);
    for (size_t i = 1; i < length; i++) {
        uint8_t *exact = test_malloc(i);
        memcpy(exact, packet, i);
        assert_int_not_equal(lint6(2, exact, i).count, 0);
        test_free(exact);
    }
}

/* "packet-leaked" is RULE_PACKET_LEAKED, and so is what wdspxe_ext.h has. */
#define CONSTANT(constant, name, demand) #constant,

static void rule_names(void **state)
{
    static const char *const constants[] = {"", VERIFY_RULES(CONSTANT)};

    (void)state;
    assert_int_equal(sizeof(constants) / sizeof(constants[0]), RULE_COUNT);
    for (enum verify_rule rule = 1; rule < RULE_COUNT; rule++) {
        const char *name = verify_rule_name(rule);
        assert_int_equal(strlen(name), strlen(constants[rule]));
        for (size_t i = 0; name[i] != '\0'; i++)
            assert_int_equal(constants[rule][i], name[i] == '-' ? '_' : name[i] - 'a' + 'A');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_replies),
        cmocka_unit_test(end_missing),
        cmocka_unit_test(option_after_end),
        cmocka_unit_test(option_overrun),
        cmocka_unit_test(overloaded_fields),
        cmocka_unit_test(wrong_transaction),
        cmocka_unit_test(several_flaws_each_once),
        cmocka_unit_test(type_fits_request),
        cmocka_unit_test(rapid_commit),
        cmocka_unit_test(what_is_meant_as_dhcp),
        cmocka_unit_test(good_replies6),
        cmocka_unit_test(wrong_transaction6),
        cmocka_unit_test(type_fits_request6),
        cmocka_unit_test(rule_names),
        cmocka_unit_test(wrong_layers6),
        cmocka_unit_test(option_overrun6),
        cmocka_unit_test(every_truncation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
