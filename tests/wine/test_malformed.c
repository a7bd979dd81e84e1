/*
 * Datagrams that are no DHCP requests, to both ports of the built server: each must be dropped,
 * with the right reason in the log, and the server must answer the next good one.
 */
#include "support/server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/wdspxe_key.h"

enum { BIG = 60000, OPTIONS = 240, SNAME = 44, FILE_AT = 108, COOKIE = 236 };

#define X_16 "xxxxxxxxxxxxxxxx"
#define X_64 X_16 X_16 X_16 X_16
#define BYTES(text) text, sizeof(text) - 1

/* A good DISCOVER, broken: other bytes in one place, and another length. If the place is the
 * options, they are all replaced, and what follows is zero. */
static const struct kind {
    const char *name;
    const WCHAR *reason; /* part of what the log must say */
    size_t length;
    size_t place;
    const char *bytes;
    size_t count;
} kinds[] = {
    {"empty", L"short", 0, 0, BYTES("\1")},
    {"one byte", L"short", 1, 0, BYTES("\1")},
    {"half the header", L"short", 120, 0, BYTES("\1")},
    {"one byte too short", L"short", 239, 0, BYTES("\1")},
    {"a reply", L"op does not fit", 400, 0, BYTES("\2")},
    {"unknown op", L"op does not fit", 400, 0, BYTES("\0")},
    {"hlen 17", L"16 bytes", 400, 2, BYTES("\21")},
    {"hlen 255", L"16 bytes", 400, 2, BYTES("\377")},
    {"no cookie", L"cookie", 400, COOKIE, BYTES("\0\0\0\0")},
    {"swapped cookie", L"cookie", 400, COOKIE, BYTES("\x53\x63\x82\x63")},
    {"sname without end", L"sname has no", 400, SNAME, BYTES(X_64)},
    {"file without end", L"file has no", 400, FILE_AT, BYTES(X_64 X_64)},
    {"no options", L"End is missing", 240, OPTIONS, BYTES("")},
    {"code without length", L"past the end", 244, OPTIONS, BYTES("\65\1\1\74")},
    {"option too long", L"past the end", 247, OPTIONS, BYTES("\65\1\1\74\11P\377")},
    {"length 255", L"past the end", 246, OPTIONS, BYTES("\65\1\1\53\377\0")},
    {"cut in an option", L"past the end", 300, 0, BYTES("\1")},
    {"no End", L"End is missing", 246, OPTIONS, BYTES("\65\1\1\74\1P")},
    {"only pads", L"End is missing", 300, OPTIONS, BYTES("\0")},
    {"many pads", L"End is missing", BIG, OPTIONS, BYTES("\0")},
    {"option behind End", L"data follows option End", 300, OPTIONS, BYTES("\65\1\1\377\74\1P")},
    {"no message type", L"message type", 252, OPTIONS, BYTES("\74\11PXEClient\377")},
};

static uint8_t packet[BIG];

static size_t make(const struct kind *kind)
{
    memset(packet, 0, sizeof(packet));
    rig_discover(packet, 0x5151, 1);
    if (kind->place == OPTIONS)
        memset(packet + OPTIONS, 0, sizeof(packet) - OPTIONS);
    memcpy(packet + kind->place, kind->bytes, kind->count);
    return kind->length;
}

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* The drop that was logged for the last packet. */
static void expect_drop(const struct kind *kind, size_t length, USHORT port)
{
    WCHAR start[96];

    _snwprintf(start, 96, L"dropped %u bytes from 127.0.0.1:%u to port %u: ", (unsigned)length,
               rig.client_port, port);
    rig_expect_log(PXE_TRACE_WARNING, start);
    if (wcsstr(rig_log_line(start), kind->reason) == NULL)
        fail_msg("%s: \"%S\" does not say \"%S\"", kind->name, rig_log_line(start), kind->reason);
}

/* As the server of before the repair at the door: what is not quite valid stays as it came. */
static void be_strict(void)
{
    DWORD on = 1;
    wdspxe_key_set(NULL, L"StrictRequests", REG_DWORD, &on, sizeof(on));
}

static void each_is_dropped_with_its_reason(USHORT port, DWORD filter)
{
    HKEY key = rig_add(L"filtered", L"prov_answer", true);

    be_strict();
    rig_set_text(key, L"ReplyMode", L"null");
    rig_set(key, L"Filter", filter);
    rig_start();
    for (size_t i = 0; i < KINDS; i++) {
        rig_forget();
        size_t length = make(&kinds[i]);
        rig_send(port, packet, length);
        struct rig_report report = rig_report(1);
        assert_int_equal(report.action, PXE_BA_REJECTED);
        assert_true(report.has_reason);
        assert_int_equal(report.packet_length, length);
        expect_drop(&kinds[i], length, port);
        (void)rig_exchange(port, (uint32_t)i, "boot\\x86\\wdsnbp.com");
        assert_int_equal(rig_report(2).action, PXE_BA_NBP);
    }
    WDSPXE_EXT_COUNTERS counters = rig_counters();
    assert_int_equal(counters.uReceived, 2 * KINDS);
    assert_int_equal(counters.uDropped, KINDS);
    assert_int_equal(counters.uReplies, KINDS);
    rig_stop();
    assert_int_equal(rig_value(key, L"Calls"), KINDS);
}

static void on_the_dhcp_port(void **state)
{
    (void)state;
    each_is_dropped_with_its_reason(rig.dhcp_port, PXE_PROV_FILTER_PXE_ONLY);
}

static void on_the_boot_server_port(void **state)
{
    (void)state;
    each_is_dropped_with_its_reason(rig.boot_port, PXE_PROV_FILTER_DHCP_ONLY);
}

/* A provider that takes everything is given them, and its helpers must stand them. */
static void unfiltered_provider_gets_them(void **state)
{
    (void)state;
    HKEY key = rig_add(L"takes all", L"prov_answer", false);
    rig_set_text(key, L"ReplyMode", L"null");
    rig_set(key, L"Action", PXE_BA_REJECTED);
    HKEY second = rig_add(L"scribbles", L"prov_reject", false);
    rig_set(second, L"Scribble", 1);
    be_strict();
    rig_start();
    for (size_t i = 0; i < KINDS; i++) {
        size_t length = make(&kinds[i]);
        rig_send(i % 2 ? rig.dhcp_port : rig.boot_port, packet, length);
        assert_int_equal(rig_report(i + 1).packet_length, length);
    }
    /* It answers what it can read, then says that it rejects: the client has its reply. */
    const WDSPXE_EXT_COUNTERS counters = rig_counters();
    assert_true(counters.uReplies > 0 && counters.uReplies < KINDS);
    assert_int_equal(counters.uAnswered, counters.uReplies);
    assert_int_equal(counters.uDropped, KINDS - counters.uReplies);
    assert_int_equal(counters.uOpenPackets, 0);
    rig_stop();
    assert_int_equal(rig_value(key, L"Calls"), KINDS);
    assert_int_equal(rig_value(second, L"Calls"), KINDS);
}

static void noise_of_every_size(void **state)
{
    uint32_t seed = 12345;

    (void)state;
    (void)rig_add(L"looks", L"prov_answer", true); /* its helpers must stand it, too */
    rig_start();
    for (size_t i = 0; i < 200; i++) {
        rig_discover(packet, 1, 1);
        seed = seed * 1664525u + 1013904223u;
        size_t length = seed >> 8 & 1023;
        for (size_t at = i % 2 ? 0 : OPTIONS; at < length; at++) {
            seed = seed * 1664525u + 1013904223u;
            packet[at] = (uint8_t)(seed >> 24);
        }
        rig_send(i % 3 ? rig.dhcp_port : rig.boot_port, packet, length);
        (void)rig_report(i + 1);
    }
    (void)rig_exchange(rig.boot_port, 5, "boot\\x86\\wdsnbp.com");
    (void)rig_report(201);
    rig_wait_idle();
    rig_stop();
}

int main(void)
{
    const struct CMUnitTest malformed[] = {
        RIG_TEST(on_the_dhcp_port),
        RIG_TEST(on_the_boot_server_port),
        RIG_TEST(unfiltered_provider_gets_them),
        RIG_TEST(noise_of_every_size),
    };

    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(malformed, rig_group_setup, rig_group_teardown);
}
