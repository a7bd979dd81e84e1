/*
 * Requests and replies through the built server: who is asked in which order, what each action
 * does, what a filter keeps away, what a provider is given, and where its reply goes.
 */
#include "support/server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/pxe_clients.h"
#include "support/wdspxe_key.h"

#define FILE_1 "boot\\x86\\wdsnbp.com"
#define FILE_2 "second.0"

enum { LOOPBACK = 0x7f000001, QUIET = 300 /* milliseconds in which nothing may come */ };

/* Its replies go to the source of the request. */
static HKEY add_answer(const WCHAR *name)
{
    HKEY key = rig_add(name, L"prov_answer", false);

    rig_set_text(key, L"ReplyMode", L"null");
    return key;
}

static void send_discover(USHORT port, uint32_t id)
{
    uint8_t request[RIG_REQUEST_SIZE];

    rig_discover(request, id, 1);
    rig_send(port, request, sizeof(request));
}

static void assert_no_reply(void)
{
    uint8_t reply[1024];
    assert_int_equal(rig_receive_on(rig.client, reply, sizeof(reply), QUIET), 0);
}

static void assert_text(const WCHAR *text, const WCHAR *expected)
{
    if (wcscmp(text, expected) != 0)
        fail_msg("\"%S\" is not \"%S\"", text, expected);
}

/* ---- the sample's reply ---- */

static void reply_of_the_published_sample(void **state)
{
    static const uint8_t options[] = {53,  1,   2,   60,  9,   'P', 'X', 'E', 'C', 'l',
                                      'i', 'e', 'n', 't', 54,  4,   127, 0,   0,   1,
                                      250, 4,   'r', 'a', 'w', '!', 251, 1,   7,   255};
    uint8_t request[RIG_REQUEST_SIZE], reply[1024], expected[240] = {0};

    (void)state;
    HKEY key = rig_add(L"sample", L"prov_answer", false); /* USE_DHCP_RULES, as the sample */
    rig_start();
    rig_discover(request, 0x01020304, 1);
    request[3] = 5; /* hops */
    rig_send(rig.boot_port, request, sizeof(request));
    size_t length = rig_receive(reply, sizeof(reply));
    assert_int_equal(length, 240 + sizeof(options));
    memcpy(expected, request, 28 + 16);
    expected[0] = 2;
    expected[3] = 0;             /* hops */
    memset(expected + 10, 0, 2); /* flags */
    memcpy(expected + 20, "\x7f\0\0\1", 4);
    strcpy((char *)expected + 44, "server.test");
    strcpy((char *)expected + 108, FILE_1);
    memcpy(expected + 236, request + 236, 4);
    assert_memory_equal(reply, expected, sizeof(expected));
    assert_memory_equal(reply + 240, options, sizeof(options));
    struct rig_report report = rig_report(1);
    assert_int_equal(report.action, PXE_BA_NBP);
    assert_text(report.provider, L"sample");
    assert_false(report.has_reason);
    assert_int_equal(report.replies, 1);
    assert_int_equal(report.reply_type, 2);
    assert_string_equal(report.boot_file, FILE_1);
    assert_int_equal(report.reply_length, length);
    assert_int_equal(report.packet_length, sizeof(request));
    rig_stop();
    assert_int_equal(rig_value(key, L"PresetAction"), PXE_BA_REJECTED);
    assert_int_equal(rig_logged(PXE_TRACE_WARNING | PXE_TRACE_ERROR, L"provider sample"), 0);
}

/* ---- order and actions ---- */

static void providers_are_asked_in_list_order(void **state)
{
    (void)state;
    HKEY first = rig_add(L"first", L"prov_reject", false);
    HKEY second = rig_add(L"second", L"prov_reject", false);
    add_answer(L"third");
    HKEY last = rig_add(L"last", L"prov_reject", false);
    assert_int_equal(WdsPxeExtProviderMove(L"second", 0), ERROR_SUCCESS);
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 9, FILE_1);
    assert_text(rig_report(1).provider, L"third");
    size_t place = rig_logged(MAXDWORD, L"[second] passes 400 bytes on");
    assert_true(place > 0);
    assert_true(place < rig_logged(MAXDWORD, L"[first] passes 400 bytes on"));
    assert_true(rig_logged(MAXDWORD, L"[first] passes") < rig_logged(MAXDWORD, L"[third] asked"));
    rig_stop();
    assert_int_equal(rig_value(first, L"Calls"), 1);
    assert_int_equal(rig_value(second, L"Calls"), 1);
    assert_int_equal(rig_value(last, L"Calls"), 0);
}

static void second_provider_is_asked_after(DWORD action, DWORD result)
{
    rig_forget();
    HKEY first = rig_add(L"first", L"prov_reject", false);
    rig_set(first, L"Action", action);
    rig_set(first, L"Return", result);
    rig_set(add_answer(L"second"), L"Second", 1);
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 10, FILE_2);
    assert_text(rig_report(1).provider, L"second");
    rig_stop();
    assert_int_equal(PxeProviderUnRegister(L"first"), ERROR_SUCCESS);
    assert_int_equal(PxeProviderUnRegister(L"second"), ERROR_SUCCESS);
}

static void rejected_and_errors_ask_the_next(void **state)
{
    (void)state;
    second_provider_is_asked_after(PXE_BA_REJECTED, ERROR_SUCCESS);
    second_provider_is_asked_after(PXE_BA_NBP, ERROR_ACCESS_DENIED);
    rig_expect_log(PXE_TRACE_INFO, L"provider first: receive callback returned error 5");
    second_provider_is_asked_after(PXE_BA_IGNORE, ERROR_GEN_FAILURE);
    second_provider_is_asked_after(0, ERROR_SUCCESS);
    second_provider_is_asked_after(5, ERROR_SUCCESS);
    second_provider_is_asked_after(MAXDWORD, ERROR_SUCCESS);
    rig_expect_log(PXE_TRACE_ERROR, L"action 4294967295 is none of PXE_BA_*");
}

static void request_ends_with(DWORD action, DWORD replies, bool is_dropped)
{
    rig_forget();
    HKEY first = add_answer(L"first");
    rig_set(first, L"Action", action);
    rig_set(first, L"Replies", replies);
    HKEY second = rig_add(L"second", L"prov_reject", false);
    rig_start();
    send_discover(rig.dhcp_port, 11);
    struct rig_report report = rig_report(1);
    assert_int_equal(report.action, action);
    assert_text(report.provider, L"first");
    assert_int_equal(report.replies, replies);
    assert_int_equal(report.has_reason, is_dropped);
    for (DWORD i = 0; i < replies; i++) {
        uint8_t reply[1024];
        (void)rig_receive(reply, sizeof(reply));
    }
    assert_no_reply();
    WDSPXE_EXT_COUNTERS counters = rig_counters();
    assert_int_equal(counters.uAnswered, action == PXE_BA_NBP || action == PXE_BA_CUSTOM);
    assert_int_equal(counters.uIgnored, action == PXE_BA_IGNORE);
    assert_int_equal(counters.uDropped, 0);
    assert_int_equal(counters.uReplies, replies);
    rig_stop();
    assert_int_equal(rig_value(second, L"Calls"), 0);
    assert_int_equal(PxeProviderUnRegister(L"first"), ERROR_SUCCESS);
    assert_int_equal(PxeProviderUnRegister(L"second"), ERROR_SUCCESS);
}

static void nbp_custom_and_ignore_end_the_request(void **state)
{
    (void)state;
    request_ends_with(PXE_BA_NBP, 1, false);
    request_ends_with(PXE_BA_NBP, 3, false);
    request_ends_with(PXE_BA_CUSTOM, 1, false);
    assert_int_equal(rig_logged(PXE_TRACE_WARNING, L"sent no reply"), 0);
    request_ends_with(PXE_BA_IGNORE, 0, true);
    /* It fills a packet before it decides. */
    rig_expect_log(PXE_TRACE_INFO, L"a provider began a reply and sent none");
    request_ends_with(PXE_BA_NBP, 0, false);
    rig_expect_log(PXE_TRACE_WARNING, L"provider first: said PXE_BA_NBP but sent no reply");
}

static void all_pass_on_drops(void **state)
{
    (void)state;
    (void)rig_add(L"first", L"prov_reject", false);
    (void)rig_add(L"second", L"prov_reject", false);
    rig_start();
    send_discover(rig.dhcp_port, 12);
    struct rig_report report = rig_report(1);
    assert_int_equal(report.action, PXE_BA_REJECTED);
    assert_false(report.has_provider);
    assert_text(report.reason, L"every provider passed it on");
    assert_int_equal(report.replies, 0);
    assert_int_equal(report.reply_address.uAddrLen, 0);
    assert_no_reply();
    assert_int_equal(rig_counters().uDropped, 1);
    rig_stop();
}

/* ---- filters ---- */

enum kind { VALID_PXE, VALID_OTHER, HLEN_17, BAD_COOKIE, OVERRUN, EMPTY, REPLY, KINDS };

static size_t make_kind(enum kind kind, uint8_t packet[RIG_REQUEST_SIZE])
{
    rig_discover(packet, 20 + (uint32_t)kind, 1);
    switch (kind) {
    case VALID_OTHER:
        packet[258] = 'p'; /* option 60: "pXEClient" */
        break;
    case HLEN_17:
        packet[2] = 17;
        break;
    case BAD_COOKIE:
        packet[236]++;
        break;
    case OVERRUN:
        return 300; /* in the middle of option 55 */
    case EMPTY:
        return 0;
    case REPLY:
        packet[0] = 2;
        break;
    default:
        break;
    }
    return RIG_REQUEST_SIZE;
}

/* Sends one of each kind to a provider with this filter; it must be asked `calls` times. */
static void filter_lets_through(DWORD filter, DWORD calls)
{
    uint8_t packet[RIG_REQUEST_SIZE];

    rig_forget();
    HKEY key = rig_add(L"filtered", L"prov_reject", false);
    if (filter != MAXDWORD)
        rig_set(key, L"Filter", filter);
    rig_start();
    for (size_t i = 0; i < KINDS; i++) {
        rig_send(i % 2 ? rig.dhcp_port : rig.boot_port, packet, make_kind((enum kind)i, packet));
        (void)rig_report(i + 1);
    }
    rig_stop();
    assert_int_equal(rig_value(key, L"Calls"), calls);
    assert_int_equal(PxeProviderUnRegister(L"filtered"), ERROR_SUCCESS);
}

static void filters_keep_packets_away(void **state)
{
    uint8_t packet[RIG_REQUEST_SIZE];

    (void)state;
    rig_discover(packet, 0, 0);
    assert_memory_equal(packet + 258, "PXEClient", 9); /* what make_kind relies on */
    filter_lets_through(MAXDWORD, KINDS);              /* the default: all */
    filter_lets_through(PXE_PROV_FILTER_ALL, KINDS);
    filter_lets_through(PXE_PROV_FILTER_DHCP_ONLY, 2);
    filter_lets_through(PXE_PROV_FILTER_PXE_ONLY, 1);
}

static void filtered_out_packet_goes_to_the_next(void **state)
{
    (void)state;
    HKEY filtered = add_answer(L"filtered");
    rig_set(filtered, L"Filter", PXE_PROV_FILTER_PXE_ONLY);
    rig_set(filtered, L"Second", 1);
    add_answer(L"all");
    rig_start();
    uint8_t packet[RIG_REQUEST_SIZE], reply[1024];
    rig_send(rig.dhcp_port, packet, make_kind(VALID_OTHER, packet));
    (void)rig_receive(reply, sizeof(reply));
    assert_string_equal((char *)reply + 108, FILE_1);
    assert_text(rig_report(1).provider, L"all");
    (void)rig_exchange(rig.dhcp_port, 30, FILE_2);
    rig_stop();
    assert_int_equal(rig_value(filtered, L"Calls"), 1);
}

static void nobody_takes_it(void **state)
{
    uint8_t packet[RIG_REQUEST_SIZE];

    (void)state;
    rig_set(rig_add(L"filtered", L"prov_reject", false), L"Filter", PXE_PROV_FILTER_PXE_ONLY);
    rig_start();
    rig_send(rig.dhcp_port, packet, make_kind(VALID_OTHER, packet));
    assert_text(rig_report(1).reason, L"no provider takes such packets");
    rig_stop();
}

/* ---- what a provider is given ---- */

static void assert_address(const PXE_ADDRESS *address, ULONG flags, uint32_t ip, USHORT port)
{
    assert_int_equal(address->uFlags, flags);
    assert_int_equal(address->uAddrLen, 4);
    assert_int_equal(ntohl(address->uIpAddress), ip);
    assert_int_equal(address->uPort, port);
}

/* Sends a DISCOVER and checks what the provider saw of it. */
static void provider_sees(USHORT port)
{
    uint8_t request[RIG_REQUEST_SIZE], seen[1024], reply[1024];
    PXE_ADDRESS address;

    rig_forget();
    HKEY key = add_answer(L"looks");
    rig_start();
    rig_discover(request, port, 1);
    rig_send(port, request, sizeof(request));
    size_t length = rig_receive(reply, sizeof(reply));
    uint8_t option_length;
    uint32_t server = htonl(LOOPBACK);
    assert_memory_equal(rig_option(reply, length, 54, &option_length), &server, 4);
    struct rig_report report = rig_report(1);
    rig_stop();
    assert_int_equal(rig_bytes(key, L"Local", &address, sizeof(address)), sizeof(address));
    assert_address(&address, PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT, LOOPBACK, port);
    assert_memory_equal(&address, &report.local, sizeof(address));
    assert_int_equal(rig_bytes(key, L"Remote", &address, sizeof(address)), sizeof(address));
    assert_address(&address, PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT, LOOPBACK, rig.client_port);
    assert_memory_equal(&address, &report.remote, sizeof(address));
    assert_int_equal(rig_bytes(key, L"Packet", seen, sizeof(seen)), sizeof(request));
    assert_memory_equal(seen, request, sizeof(request));
    assert_int_equal(PxeProviderUnRegister(L"looks"), ERROR_SUCCESS);
}

/* That a broadcast arrives with BROADCAST cannot be seen on loopback; the lab's boots show it. */
static void addresses_and_bytes_a_provider_is_given(void **state)
{
    (void)state;
    provider_sees(rig.dhcp_port);
    provider_sees(rig.boot_port);
}

static void next_provider_gets_a_fresh_copy(void **state)
{
    uint8_t seen[1024], request[RIG_REQUEST_SIZE];
    PXE_ADDRESS address;

    (void)state;
    rig_set(rig_add(L"scribbles", L"prov_reject", false), L"Scribble", 1);
    HKEY key = rig_add(L"answers", L"prov_answer", false); /* by DHCP rules, on the request */
    rig_start();
    (void)rig_exchange(rig.boot_port, 40, FILE_1);
    struct rig_report report = rig_report(1);
    rig_stop();
    rig_discover(request, 40, 1);
    assert_int_equal(rig_bytes(key, L"Packet", seen, sizeof(seen)), sizeof(request));
    assert_memory_equal(seen, request, sizeof(request));
    rig_bytes(key, L"Local", &address, sizeof(address));
    assert_address(&address, PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT, LOOPBACK, rig.boot_port);
    rig_bytes(key, L"Remote", &address, sizeof(address));
    assert_address(&address, PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT, LOOPBACK, rig.client_port);
    assert_int_equal(report.first_byte, 1); /* the report has the packet as it came */
    assert_address(&report.remote, PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT, LOOPBACK,
                   rig.client_port);
}

/* ---- where a reply goes ---- */

struct wish {
    const WCHAR *mode;
    DWORD flags;
    DWORD address; /* host order */
    DWORD port;
};

/* Starts with one provider that answers so, and hands it `request`; the report of it. */
static struct rig_report answer_to(const struct wish *wish, USHORT port, const uint8_t *request)
{
    rig_forget();
    HKEY key = rig_add(L"wish", L"prov_answer", false);
    rig_set_text(key, L"ReplyMode", wish->mode);
    rig_set(key, L"ReplyFlags", wish->flags);
    rig_set(key, L"ReplyAddress", htonl(wish->address));
    rig_set(key, L"ReplyAddressLength", wish->flags & PXE_ADDR_USE_ADDR ? 4 : 0);
    rig_set(key, L"ReplyPort", wish->port);
    rig_start();
    rig_send(port, request, RIG_REQUEST_SIZE);
    struct rig_report report = rig_report(1);
    rig_stop();
    assert_int_equal(rig_value(key, L"SendResult"), ERROR_SUCCESS);
    assert_int_equal(PxeProviderUnRegister(L"wish"), ERROR_SUCCESS);
    return report;
}

/* The reply must arrive at this socket. */
static void assert_arrives(SOCKET at, const struct rig_report *report, uint32_t ip, USHORT port)
{
    uint8_t reply[1024];

    assert_address(&report->reply_address, PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT, ip, port);
    assert_int_equal(rig_receive_on(at, reply, sizeof(reply), RIG_WAIT), report->reply_length);
    assert_no_reply();
}

static void reply_goes_where_the_flags_say(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE];
    USHORT port;
    SOCKET other = rig_socket(&port);
    struct rig_report report;

    (void)state;
    rig_discover(request, 50, 1);
    const struct wish source = {.mode = L"null"};
    report = answer_to(&source, rig.dhcp_port, request);
    assert_arrives(rig.client, &report, LOOPBACK, rig.client_port);
    const struct wish nothing = {.mode = L"flags"};
    report = answer_to(&nothing, rig.dhcp_port, request);
    assert_arrives(rig.client, &report, LOOPBACK, rig.client_port);
    const struct wish only_port = {.mode = L"flags", .flags = PXE_ADDR_USE_PORT, .port = port};
    report = answer_to(&only_port, rig.dhcp_port, request);
    assert_arrives(other, &report, LOOPBACK, port);
    const struct wish only_address = {
        .mode = L"flags", .flags = PXE_ADDR_USE_ADDR, .address = LOOPBACK, .port = port};
    report = answer_to(&only_address, rig.dhcp_port, request);
    assert_arrives(rig.client, &report, LOOPBACK, rig.client_port);
    const struct wish both = {.mode = L"flags",
                              .flags = PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT,
                              .address = LOOPBACK,
                              .port = port};
    report = answer_to(&both, rig.boot_port, request);
    assert_arrives(other, &report, LOOPBACK, port);
    closesocket(other);
}

/* Loopback has no broadcast listener to be sure of: the report tells where it was sent. */
static void assert_sent_to(const struct wish *wish, USHORT port, const uint8_t *request,
                           uint32_t to_ip, USHORT to_port)
{
    struct rig_report report = answer_to(wish, port, request);
    assert_address(&report.reply_address, PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT, to_ip, to_port);
    assert_int_equal(report.replies, 1);
}

static void dhcp_rules_look_at_the_request(void **state)
{
    const struct wish rules = {.mode = L"rules", .flags = PXE_ADDR_USE_DHCP_RULES};
    const struct wish rules_and_more = {.mode = L"rules",
                                        .flags = PXE_ADDR_USE_DHCP_RULES | PXE_ADDR_USE_ADDR,
                                        .address = 0x7f000009,
                                        .port = 9};
    uint8_t request[RIG_REQUEST_SIZE];

    (void)state;
    rig_discover(request, 51, 1);
    assert_sent_to(&rules, rig.dhcp_port, request, 0xffffffff, 68);
    assert_sent_to(&rules, rig.boot_port, request, LOOPBACK, rig.client_port);
    assert_sent_to(&rules_and_more, rig.boot_port, request, LOOPBACK, rig.client_port);
    request[10] = 0x80; /* the broadcast bit */
    assert_sent_to(&rules, rig.dhcp_port, request, 0xffffffff, 68);
    memcpy(request + 12, "\x7f\0\0\x05", 4); /* ciaddr */
    assert_sent_to(&rules, rig.dhcp_port, request, 0x7f000005, 68);
    assert_sent_to(&rules, rig.boot_port, request, LOOPBACK, rig.client_port);
    memcpy(request + 24, "\x7f\0\0\x06", 4); /* giaddr is asked first */
    assert_sent_to(&rules, rig.dhcp_port, request, 0x7f000006, 67);
    assert_sent_to(&rules, rig.boot_port, request, 0x7f000006, 67);
}

static void broadcast_takes_the_port_wished_or_the_source_port(void **state)
{
    const struct wish plain = {.mode = L"flags", .flags = PXE_ADDR_BROADCAST};
    const struct wish with_port = {
        .mode = L"flags", .flags = PXE_ADDR_BROADCAST | PXE_ADDR_USE_PORT, .port = 6868};
    uint8_t request[RIG_REQUEST_SIZE];

    (void)state;
    rig_discover(request, 52, 1);
    assert_sent_to(&plain, rig.dhcp_port, request, 0xffffffff, rig.client_port);
    assert_sent_to(&with_port, rig.dhcp_port, request, 0xffffffff, 6868);
}

static void rules_need_a_valid_request(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE];

    (void)state;
    HKEY key = rig_add(L"rules", L"prov_answer", false);
    rig_start();
    rig_discover(request, 53, 1);
    request[2] = 17; /* hlen: good enough for PxeDhcpInitialize, but not valid */
    rig_send(rig.boot_port, request, sizeof(request));
    assert_int_equal(rig_report(1).action, PXE_BA_IGNORE);
    rig_stop();
    assert_int_equal(rig_value(key, L"SendResult"), ERROR_INVALID_DATA);
}

/* ---- real firmware ---- */

static void requests_of_real_clients_are_answered(void **state)
{
    const struct {
        const uint8_t *bytes;
        size_t length;
        BYTE reply_type;
    } clients[] = {
        {bios_discover, sizeof(bios_discover), 2},
        {bios_request_boot, sizeof(bios_request_boot), 5},
        {bios_request_item, sizeof(bios_request_item), 5},
        {ovmf_discover, sizeof(ovmf_discover), 2},
        {ovmf_request_boot, sizeof(ovmf_request_boot), 5},
        {ovmf_relayed_discover, sizeof(ovmf_relayed_discover), 2},
    };
    uint8_t reply[1024];

    (void)state;
    rig_set(add_answer(L"pxe"), L"Filter", PXE_PROV_FILTER_PXE_ONLY);
    rig_start();
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
        rig_send(i % 2 ? rig.boot_port : rig.dhcp_port, clients[i].bytes, clients[i].length);
        assert_true(rig_receive(reply, sizeof(reply)) > 240);
        assert_int_equal(rig_report(i + 1).reply_type, clients[i].reply_type);
        assert_int_equal(PxeDhcpIsValid(reply, (ULONG)rig_report(i + 1).reply_length, FALSE, NULL),
                         ERROR_SUCCESS);
    }
    rig_stop();
}

int main(void)
{
    const struct CMUnitTest server_requests[] = {
        RIG_TEST(reply_of_the_published_sample),
        RIG_TEST(providers_are_asked_in_list_order),
        RIG_TEST(rejected_and_errors_ask_the_next),
        RIG_TEST(nbp_custom_and_ignore_end_the_request),
        RIG_TEST(all_pass_on_drops),
        RIG_TEST(filters_keep_packets_away),
        RIG_TEST(filtered_out_packet_goes_to_the_next),
        RIG_TEST(nobody_takes_it),
        RIG_TEST(addresses_and_bytes_a_provider_is_given),
        RIG_TEST(next_provider_gets_a_fresh_copy),
        RIG_TEST(reply_goes_where_the_flags_say),
        RIG_TEST(dhcp_rules_look_at_the_request),
        RIG_TEST(broadcast_takes_the_port_wished_or_the_source_port),
        RIG_TEST(rules_need_a_valid_request),
        RIG_TEST(requests_of_real_clients_are_answered),
    };

    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(server_requests, rig_group_setup, rig_group_teardown);
}
