/* How wdspxectl puts requests into words: describe.c, facts.c, writer.c and text.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

#include <cmocka.h>

#include "wdspxectl/server/describe.h"
#include "wdspxectl/decode/names.h"
#include "wdspxectl/text/wide.h"

enum { PACKET_SIZE = 320, OPTIONS_AT = 240 };

/* ---- a request to change in one place ---- */

static const uint8_t base_options[] = {
    53,   1,    1, /* DISCOVER */
    93,   2,    0,    7,    97,   17,   0,    0x10, 0x11, 0x12, 0x13, 0x14,
    0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 60,
    9,    'P',  'X',  'E',  'C',  'l',  'i',  'e',  'n',  't',  255,
};

static void fill_packet(uint8_t *packet)
{
    static const uint8_t mac[6] = {0x52, 0x54, 0x00, 0xab, 0xcd, 0xef};
    static const uint8_t cookie[4] = {99, 130, 83, 99};
    memset(packet, 0, PACKET_SIZE);
    packet[0] = 1;
    packet[1] = 1;
    packet[2] = sizeof(mac);
    memcpy(packet + 28, mac, sizeof(mac));
    memcpy(packet + 236, cookie, sizeof(cookie));
    memcpy(packet + OPTIONS_AT, base_options, sizeof(base_options));
}

static void set_options(uint8_t *packet, const uint8_t *options, size_t length)
{
    memset(packet + OPTIONS_AT, 0, PACKET_SIZE - OPTIONS_AT);
    memcpy(packet + OPTIONS_AT, options, length);
}

static void set_ipv4(PXE_ADDRESS *address, uint8_t a, uint8_t b, uint8_t c, uint8_t d, USHORT port)
{
    memset(address, 0, sizeof(*address));
    address->uFlags = PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT;
    address->bAddress[0] = a;
    address->bAddress[1] = b;
    address->bAddress[2] = c;
    address->bAddress[3] = d;
    address->uAddrLen = 4;
    address->uPort = port;
}

static void fill_request(WDSPXE_EXT_REQUEST *request, const uint8_t *packet)
{
    memset(request, 0, sizeof(*request));
    request->uSizeOfStruct = sizeof(*request);
    set_ipv4(&request->Local, 10, 0, 0, 1, 67);
    set_ipv4(&request->Remote, 0, 0, 0, 0, 68);
    request->pPacket = packet;
    request->uPacketLen = PACKET_SIZE;
    request->pszProvider = L"deploy";
    request->Action = PXE_BA_NBP;
    request->uReplies = 1;
    set_ipv4(&request->ReplyAddress, 255, 255, 255, 255, 68);
    request->uReplyLen = 300;
    request->bReplyType = 2;
    strcpy(request->szBootFile, "boot\\x64\\a.efi");
    request->uMicroseconds = 1007;
}

static void assert_text(const char *actual, const char *expected)
{
    if (strcmp(actual, expected) != 0)
        fail_msg("is \"%s\", expected \"%s\"", actual, expected);
}

static void describe(struct writer *writer, const WDSPXE_EXT_REQUEST *request, bool as_json)
{
    writer_start(writer, as_json);
    write_begin(writer, NULL);
    describe_request(writer, request);
    write_end(writer);
    assert_false(writer->text.failed);
    assert_true(writer->text.length > 0);
}

static void assert_described(const WDSPXE_EXT_REQUEST *request, bool as_json, const char *expected)
{
    struct writer writer;
    describe(&writer, request, as_json);
    assert_text(text_chars(&writer.text), expected);
    writer_free(&writer);
}

static void assert_line(const WDSPXE_EXT_REQUEST *request, const char *expected)
{
    assert_described(request, false, expected);
}

static void assert_json(const WDSPXE_EXT_REQUEST *request, const char *expected)
{
    assert_described(request, true, expected);
}

/* ---- names ---- */

static void test_message_type_names(void **state)
{
    static const char *const names[] = {"DISCOVER", "OFFER", "REQUEST", "DECLINE",
                                        "ACK",      "NAK",   "RELEASE", "INFORM"};
    (void)state;
    for (uint8_t i = 0; i < 8; i++)
        assert_text(message_type_name((uint8_t)(i + 1)), names[i]);
    assert_text(message_type_name(18), "TLS");
    assert_null(message_type_name(0));
    assert_null(message_type_name(19));
    assert_null(message_type_name(255));
}

static void test_architecture_names(void **state)
{
    static const struct {
        uint16_t number;
        const char *name;
    } known[] = {
        {0, "BIOS x86"},
        {6, "UEFI IA32"},
        {7, "UEFI x64"},
        {9, "UEFI EBC"},
        {10, "UEFI ARM32"},
        {11, "UEFI ARM64"},
        {15, "UEFI HTTP x86"},
        {16, "UEFI HTTP x64"},
        {19, "UEFI HTTP ARM64"},
        {27, "UEFI RISC-V 64"},
        {41, "Raspberry Pi boot ARM"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        assert_text(architecture_name(known[i].number), known[i].name);
    for (uint16_t i = 0; i <= 41; i++)
        assert_non_null(architecture_name(i));
    assert_null(architecture_name(42));
    assert_null(architecture_name(0x0700));
    assert_null(architecture_name(0xffff));
}

static void test_severity_names(void **state)
{
    (void)state;
    assert_text(severity_name(PXE_TRACE_VERBOSE), "verbose");
    assert_text(severity_name(PXE_TRACE_INFO), "info");
    assert_text(severity_name(PXE_TRACE_WARNING), "warning");
    assert_text(severity_name(PXE_TRACE_ERROR), "error");
    assert_text(severity_name(PXE_TRACE_FATAL), "fatal");
    assert_text(severity_name(PXE_TRACE_ERROR | PXE_TRACE_INFO), "error");
}

/* ---- reading the packet ---- */

static void test_facts_of_a_good_packet(void **state)
{
    uint8_t packet[PACKET_SIZE];
    struct request_facts facts;
    (void)state;
    fill_packet(packet);
    packet[12] = 10;  /* ciaddr */
    packet[24] = 172; /* giaddr */
    request_facts_read(4, packet, sizeof(packet), &facts);
    assert_true(facts.is_dhcp);
    assert_true(facts.has_type);
    assert_int_equal(facts.type, 1);
    assert_text(facts.mac, "52:54:00:AB:CD:EF");
    assert_text(facts.guid, "{13121110-1514-1716-1819-1A1B1C1D1E1F}");
    assert_int_equal(facts.client[0], 10);
    assert_int_equal(facts.relay[0], 172);
    assert_int_equal(facts.architecture_count, 1);
    assert_int_equal(facts.architectures[0], 7);
}

static void test_hardware_address_lengths(void **state)
{
    uint8_t packet[PACKET_SIZE];
    struct request_facts facts;
    (void)state;
    fill_packet(packet);
    packet[2] = 0;
    request_facts_read(4, packet, sizeof(packet), &facts);
    assert_text(facts.mac, "");
    packet[2] = 1;
    request_facts_read(4, packet, sizeof(packet), &facts);
    assert_text(facts.mac, "52");
    packet[2] = 16;
    request_facts_read(4, packet, sizeof(packet), &facts);
    assert_text(facts.mac, "52:54:00:AB:CD:EF:00:00:00:00:00:00:00:00:00:00");
    packet[2] = 255;
    request_facts_read(4, packet, sizeof(packet), &facts);
    assert_int_equal(strlen(facts.mac), 47);
}

static void test_odd_options_are_left_out(void **state)
{
    static const uint8_t short_guid[] = {97, 16, 0,  1,  2,  3,  4,  5,  6,  7,
                                         8,  9,  10, 11, 12, 13, 14, 15, 255};
    static const uint8_t other_guid[] = {97, 17, 1,  1,  2,  3,  4,  5,  6,  7,
                                         8,  9,  10, 11, 12, 13, 14, 15, 16, 255};
    static const uint8_t odd[] = {53, 2, 1, 1, 93, 3, 0, 7, 0, 255};
    static const uint8_t empty[] = {53, 0, 93, 0, 97, 0, 255};
    uint8_t packet[PACKET_SIZE];
    struct request_facts facts;
    (void)state;
    fill_packet(packet);
    set_options(packet, short_guid, sizeof(short_guid));
    request_facts_read(4, packet, sizeof(packet), &facts);
    assert_text(facts.guid, "");
    set_options(packet, other_guid, sizeof(other_guid));
    request_facts_read(4, packet, sizeof(packet), &facts);
    assert_text(facts.guid, "");
    set_options(packet, odd, sizeof(odd));
    request_facts_read(4, packet, sizeof(packet), &facts);
    assert_false(facts.has_type);
    assert_int_equal(facts.architecture_count, 1); /* the whole pair; half a one tells nothing */
    assert_int_equal(facts.architectures[0], 7);
    set_options(packet, empty, sizeof(empty));
    request_facts_read(4, packet, sizeof(packet), &facts);
    assert_true(facts.is_dhcp);
    assert_false(facts.has_type);
    assert_int_equal(facts.architecture_count, 0);
}

static void test_many_architectures_are_bounded(void **state)
{
    uint8_t options[2 + 40 + 1] = {93, 40};
    uint8_t packet[PACKET_SIZE];
    struct request_facts facts;
    (void)state;
    for (size_t i = 0; i < 20; i++)
        options[2 + 2 * i + 1] = (uint8_t)i;
    options[42] = 255;
    fill_packet(packet);
    set_options(packet, options, sizeof(options));
    request_facts_read(4, packet, sizeof(packet), &facts);
    assert_int_equal(facts.architecture_count, REQUEST_ARCHITECTURES_MAX);
    assert_int_equal(facts.architectures[REQUEST_ARCHITECTURES_MAX - 1], 7);
}

static void test_not_dhcp(void **state)
{
    uint8_t packet[PACKET_SIZE];
    struct request_facts facts;
    (void)state;
    fill_packet(packet);
    request_facts_read(4, NULL, 0, &facts);
    assert_false(facts.is_dhcp);
    request_facts_read(4, packet, 239, &facts);
    assert_false(facts.is_dhcp);
    assert_text(facts.mac, "");
    packet[237]++;
    request_facts_read(4, packet, sizeof(packet), &facts);
    assert_false(facts.is_dhcp);
    assert_text(facts.mac, "");
}

/* Memory whose end is followed by a page that must not be touched. */
static uint8_t *guarded_pages(void)
{
    const SIZE_T page = 4096;
    uint8_t *pages = VirtualAlloc(NULL, 2 * page, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    DWORD old;
    assert_non_null(pages);
    assert_true(VirtualProtect(pages + page, page, PAGE_NOACCESS, &old));
    return pages + page;
}

static void describe_both_ways(const WDSPXE_EXT_REQUEST *request)
{
    struct writer writer;
    describe(&writer, request, false);
    writer_free(&writer);
    describe(&writer, request, true);
    writer_free(&writer);
}

static void test_every_truncation(void **state)
{
    uint8_t packet[PACKET_SIZE];
    WDSPXE_EXT_REQUEST request;
    uint8_t *end = guarded_pages();
    (void)state;
    fill_packet(packet);
    for (ULONG length = 0; length <= sizeof(packet); length++) {
        memcpy(end - length, packet, length);
        fill_request(&request, end - length);
        request.uPacketLen = length;
        describe_both_ways(&request);
    }
    VirtualFree(end - 4096, 0, MEM_RELEASE);
}

/* Deterministic noise over everything behind the cookie, in a packet that ends at the guard. */
static void test_noise(void **state)
{
    uint8_t packet[PACKET_SIZE];
    WDSPXE_EXT_REQUEST request;
    uint8_t *end = guarded_pages();
    uint32_t seed = 20240607;
    (void)state;
    fill_packet(packet);
    for (unsigned round = 0; round < 3000; round++) {
        memcpy(end - sizeof(packet), packet, sizeof(packet));
        for (unsigned i = 0; i < 6; i++) {
            seed = seed * 1664525 + 1013904223;
            size_t at = OPTIONS_AT + (seed >> 8) % (sizeof(packet) - OPTIONS_AT);
            (end - sizeof(packet))[at] = (uint8_t)(seed >> 24);
        }
        (end - sizeof(packet))[2] = (uint8_t)(seed >> 16);
        fill_request(&request, end - sizeof(packet));
        describe_both_ways(&request);
    }
    VirtualFree(end - 4096, 0, MEM_RELEASE);
}

/* ---- lines ---- */

#define WHO "52:54:00:AB:CD:EF 0.0.0.0 {13121110-1514-1716-1819-1A1B1C1D1E1F} "

static void test_answered(void **state)
{
    uint8_t packet[PACKET_SIZE];
    WDSPXE_EXT_REQUEST request;
    (void)state;
    fill_packet(packet);
    fill_request(&request, packet);
    assert_line(&request, WHO "DISCOVER UEFI x64 on port 67 -> deploy: OFFER \"boot\\x64\\a.efi\" "
                              "to 255.255.255.255:68, 300 bytes; 1.007 ms");

    packet[242] = 3;
    request.bReplyType = 5;
    request.uReplies = 2;
    request.szBootFile[0] = '\0';
    request.Local.uPort = 4011;
    set_ipv4(&request.Remote, 10, 0, 0, 50, 4011);
    set_ipv4(&request.ReplyAddress, 10, 0, 0, 50, 4011);
    assert_line(&request,
                "52:54:00:AB:CD:EF 10.0.0.50 {13121110-1514-1716-1819-1A1B1C1D1E1F} REQUEST UEFI "
                "x64 on port 4011 -> deploy: 2 replies, the last: ACK to 10.0.0.50:4011, "
                "300 bytes; 1.007 ms");

    request.uReplies = 1;
    request.bReplyType = 0;
    request.Action = PXE_BA_CUSTOM;
    packet[242] = 77;
    assert_line(&request,
                "52:54:00:AB:CD:EF 10.0.0.50 {13121110-1514-1716-1819-1A1B1C1D1E1F} message type "
                "77 UEFI x64 on port 4011 -> deploy: custom reply to 10.0.0.50:4011, "
                "300 bytes; 1.007 ms");
}

static void test_relay_and_client_address(void **state)
{
    static const uint8_t options[] = {53, 1, 8, 93, 4, 0, 0, 0x12, 0x34, 255};
    static const uint8_t relay[4] = {172, 16, 0, 1};
    static const uint8_t client[4] = {10, 1, 2, 3};
    uint8_t packet[PACKET_SIZE];
    WDSPXE_EXT_REQUEST request;
    (void)state;
    fill_packet(packet);
    set_options(packet, options, sizeof(options));
    memcpy(packet + 24, relay, sizeof(relay));
    memcpy(packet + 12, client, sizeof(client));
    fill_request(&request, packet);
    request.uReplies = 0;
    request.Action = PXE_BA_IGNORE;
    assert_line(&request, "52:54:00:AB:CD:EF 0.0.0.0 (client 10.1.2.3) via relay 172.16.0.1 "
                          "INFORM BIOS x86/architecture 4660 on port 67 -> deploy: no answer, "
                          "ignored; 1.007 ms");
}

static void test_not_answered(void **state)
{
    static const uint8_t end[] = {255};
    uint8_t packet[PACKET_SIZE];
    WDSPXE_EXT_REQUEST request;
    (void)state;
    fill_packet(packet);
    set_options(packet, end, sizeof(end));
    fill_request(&request, packet);
    request.uReplies = 0;
    assert_line(&request, "52:54:00:AB:CD:EF 0.0.0.0 BOOTP on port 67 -> deploy: no answer, the "
                          "provider said that it answered, but sent nothing; 1.007 ms");
    request.pszProvider = NULL;
    request.Action = PXE_BA_REJECTED;
    assert_line(&request, "52:54:00:AB:CD:EF 0.0.0.0 BOOTP on port 67 -> (no provider): no "
                          "answer, every provider passed it on; 1.007 ms");
    request.pszDropReason = L"the server is stopping";
    request.uPacketLen = 17;
    request.uMicroseconds = 12345678;
    assert_line(&request, "(no MAC) 0.0.0.0 not DHCP, 17 bytes on port 67 -> (no provider): no "
                          "answer, the server is stopping; 12345.678 ms");
}

/* What was sent was sent, whatever happened afterwards. */
static void test_fault_after_reply(void **state)
{
    uint8_t packet[PACKET_SIZE];
    WDSPXE_EXT_REQUEST request;
    struct writer writer;
    (void)state;
    fill_packet(packet);
    fill_request(&request, packet);
    request.Action = PXE_BA_REJECTED;
    request.pszDropReason = L"an exception left a provider's callback";
    describe(&writer, &request, false);
    assert_non_null(strstr(text_chars(&writer.text), " bytes, then an exception left a provider's "
                                                     "callback; 1.007 ms"));
    assert_null(strstr(text_chars(&writer.text), "no provider"));
    writer_free(&writer);
}

static void test_boot_file_bytes(void **state)
{
    uint8_t packet[PACKET_SIZE];
    WDSPXE_EXT_REQUEST request;
    struct writer writer;
    (void)state;
    fill_packet(packet);
    fill_request(&request, packet);

    /* No NUL at all, and what follows must not be taken for more of it. */
    memset((char *)&request + offsetof(WDSPXE_EXT_REQUEST, szBootFile), 'x',
           sizeof(request) - offsetof(WDSPXE_EXT_REQUEST, szBootFile));
    request.pszRepair = NULL;
    describe(&writer, &request, false);
    const char *name = strstr(text_chars(&writer.text), " \"x");
    assert_non_null(name);
    assert_int_equal(strspn(name + 2, "x"), sizeof(request.szBootFile));
    writer_free(&writer);

    strcpy(request.szBootFile, "b\xc3\xbc.efi"); /* UTF-8 */
    describe(&writer, &request, false);
    assert_non_null(strstr(text_chars(&writer.text), " \"b\u00fc.efi\" to "));
    writer_free(&writer);

    strcpy(request.szBootFile, "b\xfc.efi"); /* not UTF-8 */
    describe(&writer, &request, false);
    assert_non_null(strstr(text_chars(&writer.text), " \"b\u00fc.efi\" to "));
    writer_free(&writer);
}

/* SOLICIT with a DUID-UUID (option 1) and an architecture (option 61). */
#define SOLICIT6                                                                                   \
    1, 1, 2, 3, 0, 1, 0, 18, 0, 4, 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99,     \
        0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0, 61, 0, 2, 0, 7
enum { SOLICIT6_SIZE = 32 };

static void fill_request6(WDSPXE_EXT_REQUEST *request, const uint8_t *packet, ULONG length)
{
    fill_request(request, packet);
    request->uPacketLen = length;
    memset(&request->Remote, 0, sizeof(request->Remote));
    request->Remote.uAddrLen = 16;
    request->Remote.bAddress[0] = 0xfe;
    request->Remote.bAddress[1] = 0x80;
    request->Remote.bAddress[15] = 1;
    request->Local.uPort = 547;
    request->ReplyAddress = request->Remote;
    request->ReplyAddress.uPort = 546;
    request->bReplyType = 2;
    strcpy(request->szBootFile, "tftp://[fd77::1]/x64.efi");
}

static void test_ipv6(void **state)
{
    static const uint8_t solicit[SOLICIT6_SIZE] = {SOLICIT6};
    static const uint8_t with_mac[] = {11, 1, 2, 3,    0,    1, 0, 10, 0,
                                       3,  0, 1, 0x52, 0x54, 0, 1, 2,  3};
    static const uint8_t relayed[] = {12, 0, [34] = 0, 9, 0, SOLICIT6_SIZE, SOLICIT6};
    WDSPXE_EXT_REQUEST request;

    (void)state;
    fill_request6(&request, solicit, sizeof(solicit));
    assert_line(&request, "fe80::1 {00112233-4455-6677-8899-AABBCCDDEEFF} SOLICIT UEFI x64 on port "
                          "547 -> deploy: ADVERTISE \"tftp://[fd77::1]/x64.efi\" to "
                          "[fe80::1]:546, 300 bytes; 1.007 ms");
    fill_request6(&request, relayed, sizeof(relayed));
    assert_line(&request, "fe80::1 {00112233-4455-6677-8899-AABBCCDDEEFF} SOLICIT UEFI x64 on port "
                          "547 -> deploy: ADVERTISE \"tftp://[fd77::1]/x64.efi\" to "
                          "[fe80::1]:546, 300 bytes; 1.007 ms");
    fill_request6(&request, with_mac, sizeof(with_mac));
    request.bReplyType = 7;
    request.szBootFile[0] = '\0';
    assert_line(&request, "52:54:00:01:02:03 fe80::1 INFORMATION-REQUEST on port 547 -> deploy: "
                          "REPLY to [fe80::1]:546, 300 bytes; 1.007 ms");
    fill_request6(&request, solicit, 3);
    request.bReplyType = 0;
    request.szBootFile[0] = '\0';
    assert_line(&request, "fe80::1 not DHCPv6, 3 bytes on port 547 -> deploy: custom reply to "
                          "[fe80::1]:546, 300 bytes; 1.007 ms");
}

static void test_addresses(void **state)
{
    static const struct {
        uint8_t bytes[16];
        ULONG length;
        const char *text;
    } cases[] = {
        {{192, 168, 0, 255}, 4, "192.168.0.255"},
        {{0}, 16, "::"},
        {{[15] = 1}, 16, "::1"},
        {{0xff, 0x02, [13] = 1, [15] = 2}, 16, "ff02::1:2"},
        {{0x20, 0x01, 0x0d, 0xb8}, 16, "2001:db8::"},
        {{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}, 16, "1:2:3:4:5:6:7:8"},
        /* RFC 5952 section 4.2.2: one group alone is not shortened; 4.2.3: the longest run is */
        {{0, 1, 0, 0, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}, 16, "1:0:3:4:5:6:7:8"},
        {{0x20, 0x01, [7] = 1, [15] = 1}, 16, "2001:0:0:1::1"},
        {{1, 2, 3, 4}, 0, "?"},
        {{1, 2, 3, 4}, 17, "?"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        PXE_ADDRESS address = {0};
        struct text text = TEXT_EMPTY;
        memcpy(address.bAddress, cases[i].bytes, 16);
        address.uAddrLen = cases[i].length;
        describe_address(&text, &address);
        assert_text(text_chars(&text), cases[i].text);
        text_free(&text);
    }
}

static void test_times(void **state)
{
    const SYSTEMTIME time = {2026, 1, 6, 3, 4, 5, 6, 78};
    struct text text = TEXT_EMPTY;
    (void)state;
    describe_local_time(&text, &time);
    text_put_char(&text, '|');
    describe_utc_time(&text, &time);
    assert_text(text_chars(&text), "2026-01-03 04:05:06.078|2026-01-03T04:05:06.078Z");
    text_free(&text);
}

/* ---- JSON ---- */

static void test_json_of_an_answer(void **state)
{
    uint8_t packet[PACKET_SIZE];
    WDSPXE_EXT_REQUEST request;
    (void)state;
    fill_packet(packet);
    fill_request(&request, packet);
    assert_json(&request,
                "{\"mac\":\"52:54:00:AB:CD:EF\","
                "\"guid\":\"{13121110-1514-1716-1819-1A1B1C1D1E1F}\","
                "\"source\":\"0.0.0.0\",\"source_port\":68,\"client\":null,\"relay\":null,"
                "\"type\":\"DISCOVER\",\"architectures\":[{\"number\":7,\"name\":\"UEFI x64\"}],"
                "\"local\":\"10.0.0.1\",\"port\":67,\"bytes\":320,\"provider\":\"deploy\","
                "\"action\":\"nbp\",\"replies\":1,\"reply\":{\"type\":\"OFFER\","
                "\"boot_file\":\"boot\\\\x64\\\\a.efi\",\"address\":\"255.255.255.255\","
                "\"port\":68,\"bytes\":300},\"no_answer_reason\":null,\"ms\":1.007}");
}

static void test_json_of_no_answer(void **state)
{
    uint8_t packet[PACKET_SIZE];
    WDSPXE_EXT_REQUEST request;
    (void)state;
    fill_packet(packet);
    fill_request(&request, packet);
    request.uPacketLen = 5;
    request.uReplies = 0;
    request.pszProvider = NULL;
    request.pszDropReason = L"too \"short\"\n";
    request.Action = 99;
    assert_json(&request, "{\"mac\":null,\"guid\":null,\"source\":\"0.0.0.0\",\"source_port\":68,"
                          "\"client\":null,\"relay\":null,\"type\":null,\"architectures\":[],"
                          "\"local\":\"10.0.0.1\",\"port\":67,\"bytes\":5,\"provider\":null,"
                          "\"action\":null,\"replies\":0,\"reply\":null,"
                          "\"no_answer_reason\":\"too \\\"short\\\"\\n\",\"ms\":1.007}");
}

static void test_json_strings(void **state)
{
    static const struct {
        const wchar_t *string;
        const char *json;
    } cases[] = {
        {NULL, "null"},
        {L"", "\"\""},
        {L"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {L"\t\r\n\x0001\x001f", "\"\\t\\r\\n\\u0001\\u001f\""},
        {L"\x007f\x0085\x2028", "\"\\u007f\\u0085\\u2028\""},
        {L"\x00fc\x20ac", "\"\u00fc\u20ac\""},
        {L"\xd83d\xde00", "\"\U0001f600\""},
        {L"\xd83d", "\"\ufffd\""},
        {L"\xde00x", "\"\ufffdx\""},
        {L"\xd83d\xd83d\xde00", "\"\ufffd\U0001f600\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct writer writer;
        writer_start(&writer, true);
        write_wide(&writer, NULL, cases[i].string, NULL);
        assert_text(text_chars(&writer.text), cases[i].json);
        writer_free(&writer);
    }
}

static void test_json_commas(void **state)
{
    struct writer writer;
    (void)state;
    writer_start(&writer, true);
    write_begin_list(&writer, NULL);
    write_begin(&writer, NULL);
    write_end(&writer);
    write_begin(&writer, NULL);
    write_number(&writer, "a", UINT64_MAX, NULL);
    write_begin_list(&writer, "b");
    write_bool(&writer, NULL, true, NULL);
    write_bool(&writer, NULL, false, NULL);
    write_null(&writer, NULL);
    write_thousandths(&writer, NULL, 1001, NULL);
    write_end_list(&writer);
    write_end(&writer);
    write_end_list(&writer);
    assert_text(text_chars(&writer.text),
                "[{},{\"a\":18446744073709551615,\"b\":[true,false,null,1.001]}]");
    writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_type_names),
        cmocka_unit_test(test_architecture_names),
        cmocka_unit_test(test_severity_names),
        cmocka_unit_test(test_facts_of_a_good_packet),
        cmocka_unit_test(test_hardware_address_lengths),
        cmocka_unit_test(test_odd_options_are_left_out),
        cmocka_unit_test(test_many_architectures_are_bounded),
        cmocka_unit_test(test_not_dhcp),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_answered),
        cmocka_unit_test(test_relay_and_client_address),
        cmocka_unit_test(test_not_answered),
        cmocka_unit_test(test_fault_after_reply),
        cmocka_unit_test(test_boot_file_bytes),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_json_of_an_answer),
        cmocka_unit_test(test_json_of_no_answer),
        cmocka_unit_test(test_json_strings),
        cmocka_unit_test(test_json_commas),
    };
    return cmocka_run_group_tests_name("wdspxectl describe", tests, NULL, NULL);
}
