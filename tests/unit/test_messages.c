/* wdspxectl: which datagrams of a capture are requests, and at which address each was heard. */
#include "wdspxectl/capture/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/capture_bytes.h"
#include "support/wire.h"
#include "support/wire6.h"
#include "wdspxectl/capture/write_pcap.h"
#include "wdspxectl/capture/server_address.h"

static struct capture_bytes file;
static struct message_list list;
static struct server_table table;
static struct capture_summary summary;

static const struct endpoint nobody = {{0}, 0, 0};
static const struct endpoint client = {{0}, 4, 68}, all = {{255, 255, 255, 255}, 4, 67};
static const struct endpoint leased = {{10, 77, 0, 200}, 4, 4011};
static const struct endpoint dhcp_server = {{10, 77, 0, 1}, 4, 67};
static const struct endpoint boot_server = {{10, 77, 0, 2}, 4, 67};
static const struct endpoint boot_server_4011 = {{10, 77, 0, 2}, 4, 4011};
static const struct endpoint to_client = {{255, 255, 255, 255}, 4, 68};
static const struct endpoint client6 = {{0xfe, 0x80, [15] = 9}, 16, 546};
static const struct endpoint servers6 = {{0xff, 2, [13] = 1, [15] = 2}, 16, 547};
static const struct endpoint server6 = {{0xfe, 0x80, [15] = 0x77}, 16, 547};
static const struct endpoint other6 = {{0xfe, 0x80, [15] = 0x11}, 16, 547};

static int begin(void **state)
{
    (void)state;
    capture_reset(&file, false);
    capture_pcap_header(&file, 0xa1b2c3d4, 1);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    server_table_free(&table);
    messages_free(&list);
    return 0;
}

static void put(const struct endpoint *from, const struct endpoint *to, const void *payload,
                size_t length)
{
    uint8_t headers[CAPTURE_FRAME_HEADERS_MAX];
    size_t size = capture_frame_headers(
        &(struct capture_datagram){
            .time = 1000000 + file.length,
            .source = from,
            .destination = to,
            .payload = payload,
            .length = length,
        },
        headers);
    capture_add(&file, headers, size);
    capture_add(&file, payload, length);
}

static void load(bool take_all)
{
    assert_int_equal(messages_read(&list, capture_bytes_source(&file), take_all, &summary),
                     CAPTURE_END);
}

static const uint8_t discover[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_END};

/* An answer with the same client; op 2. */
static const uint8_t *answer(const uint8_t *options, size_t length)
{
    static const uint8_t header[] = {WIRE_HEADER};
    static uint8_t packet[400];
    memset(packet, 0, sizeof(packet));
    memcpy(packet, header, sizeof(header));
    packet[0] = 2;
    memcpy(packet + sizeof(header), options, length);
    packet[sizeof(header) + length] = 255;
    return packet;
}

static const uint8_t plain_offer[] = {WIRE_MESSAGE_TYPE(2), 54, 4, 10, 77, 0, 1};
static const uint8_t pxe_offer[] = {WIRE_MESSAGE_TYPE(2), 54, 4, 10, 77, 0, 2, 60, 9,
                                    WIRE_PXE_CLIENT};

static void assert_local(size_t index, const struct endpoint *given, enum address_origin origin,
                         const char *address)
{
    struct endpoint local;
    const struct message *request = &list.messages[index];
    assert_int_equal(server_address_find(&table, request, given, &local), origin);
    assert_int_equal(local.length, request->destination.length);
    assert_int_equal(local.port, request->destination.port);
    assert_memory_equal(local.address, address, local.length);
}

/* ---- choosing ---- */

static void requests_are_what_goes_to_a_server(void **state)
{
    static const struct endpoint tftp = {{10, 77, 0, 1}, 4, 69};
    static const uint8_t short_request[] = {1}, strange[] = {7, 1, 2};
    (void)state;
    put(&client, &all, discover, sizeof(discover));                             /* 0 */
    put(&leased, &boot_server_4011, discover, sizeof(discover));                /* 1 */
    put(&boot_server, &to_client, answer(pxe_offer, sizeof(pxe_offer)), 300);   /* 2: an answer */
    put(&client, &tftp, discover, sizeof(discover));                            /* other ports */
    put(&client, &all, short_request, sizeof(short_request));                   /* 3 */
    put(&client, &all, strange, sizeof(strange));                               /* 4 */
    put(&dhcp_server, &boot_server, answer(pxe_offer, sizeof(pxe_offer)), 300); /* 5: to a relay */
    put(&client6, &servers6, "\1abc", 4);                                       /* 6 */
    put(&server6, &client6, "\2abc", 4);                                        /* 7: an answer */
    put(&server6, &server6, "\15abc", 4);                                       /* 8: RELAY-REPL */
    put(&server6, &server6, "\14abc", 4);                                       /* 9: RELAY-FORW */
    put(&client, &all, "", 0);                                                  /* 10 */
    load(false);
    static const bool is_request[] = {true, true,  false, true, true, false,
                                      true, false, false, true, true};
    assert_int_equal(list.count, 11);
    for (size_t i = 0; i < list.count; i++)
        assert_int_equal(list.messages[i].is_request, is_request[i]);
    assert_true(list.messages[0].is_broadcast);
    assert_int_equal(summary.frames, 12);
    assert_int_equal(summary.damaged, 0);

    messages_free(&list);
    load(true);
    assert_true(list.messages[5].is_request);
    assert_true(list.messages[8].is_request);
    assert_false(list.messages[2].is_request);
}

static void numbers_are_those_of_capture_and_frame(void **state)
{
    (void)state;
    put(&client, &to_client, "x", 1); /* frame 1 is none */
    put(&client, &all, discover, sizeof(discover));
    load(false);
    load(false);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.messages[0].number, 2);
    assert_int_equal(message_capture(list.messages[1].number), 1);
    assert_int_equal(message_frame(list.messages[1].number), 2);
    assert_int_equal(list.messages[1].number, message_number(1, 2));
    assert_int_equal(list.messages[0].time, 1000024 + 16 + 14 + 20 + 8 + 1);
}

static void damage_is_counted_if_it_may_have_been_for_us(void **state)
{
    static const struct endpoint tftp = {{10, 77, 0, 1}, 4, 69};
    (void)state;
    put(&client, &all, discover, sizeof(discover));
    size_t second = file.length;
    put(&client, &all, discover, sizeof(discover));
    size_t third = file.length;
    put(&tftp, &tftp, discover, sizeof(discover));
    file.bytes[second + 12]++;               /* the frame was longer than what was captured */
    file.bytes[second + 16 + 14 + 20 + 5]++; /* and its UDP length says the same */
    file.bytes[third + 16 + 14 + 20 + 5]++;
    load(false);
    assert_int_equal(list.count, 1);
    assert_int_equal(summary.damaged, 1);
    assert_int_equal(summary.first_damaged, 2);
    assert_string_equal(summary.first_problem, "the capture has only the beginning of it");
}

static void a_cut_capture_keeps_what_came_before(void **state)
{
    (void)state;
    put(&client, &all, discover, sizeof(discover));
    put(&client, &all, discover, sizeof(discover));
    file.length--;
    assert_int_equal(messages_read(&list, capture_bytes_source(&file), false, &summary),
                     CAPTURE_CUT);
    assert_int_equal(list.count, 1);
    assert_memory_equal(summary.problem, "offset ", 7);
}

/* ---- addresses ---- */

static void build(void)
{
    load(false);
    server_table_free(&table);
    assert_true(server_table_build(&list, &table));
}

static void unicast_is_where_it_went(void **state)
{
    static const struct endpoint given = {{10, 1, 1, 1}, 4, 0};
    (void)state;
    put(&leased, &boot_server_4011, discover, sizeof(discover));
    build();
    assert_local(0, &given, ADDRESS_UNICAST, "\x0a\x4d\0\2");
}

static void broadcasts_without_any_server(void **state)
{
    static const struct endpoint given = {{10, 1, 1, 1}, 4, 0};
    static const uint8_t solicit[] = {WIRE6_OVMF_SOLICIT};
    (void)state;
    put(&client, &all, discover, sizeof(discover));
    put(&client6, &servers6, solicit, sizeof(solicit));
    build();
    assert_local(0, &nobody, ADDRESS_MADE_UP, "\xc0\0\2\1");
    assert_local(0, &given, ADDRESS_GIVEN, "\x0a\1\1\1");
    assert_local(1, &given, ADDRESS_MADE_UP, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
}

/* A later and better sighting wins over an earlier one. */
static void the_boot_server_is_preferred(void **state)
{
    static const struct endpoint elsewhere = {{10, 77, 0, 3}, 4, 4011};
    (void)state;
    put(&client, &all, discover, sizeof(discover));
    put(&dhcp_server, &to_client, answer(plain_offer, sizeof(plain_offer)), 300);
    build();
    assert_local(0, &nobody, ADDRESS_OBSERVED, "\x0a\x4d\0\1");
    messages_free(&list);
    put(&boot_server, &to_client, answer(pxe_offer, sizeof(pxe_offer)), 300);
    build();
    assert_local(0, &nobody, ADDRESS_OBSERVED, "\x0a\x4d\0\2");
    messages_free(&list);
    put(&leased, &elsewhere, discover, sizeof(discover));
    build();
    assert_local(0, &nobody, ADDRESS_OBSERVED, "\x0a\x4d\0\3");
}

/* Behind a relay the answer comes from the relay; option 54 has the server. */
static void the_server_identifier_is_preferred(void **state)
{
    static const struct endpoint relay = {{10, 88, 0, 254}, 4, 67};
    (void)state;
    put(&client, &all, discover, sizeof(discover));
    put(&relay, &to_client, answer(pxe_offer, sizeof(pxe_offer)), 300);
    build();
    assert_local(0, &nobody, ADDRESS_OBSERVED, "\x0a\x4d\0\2");
}

static void each_client_has_its_server(void **state)
{
    static uint8_t other[sizeof(discover)], unknown[sizeof(discover)];
    static uint8_t other_answer[300];
    (void)state;
    memcpy(other, discover, sizeof(other));
    other[33] = 0x99;
    memcpy(unknown, discover, sizeof(unknown));
    unknown[33] = 0x98;
    put(&client, &all, discover, sizeof(discover));
    put(&client, &all, other, sizeof(other));
    put(&client, &all, unknown, sizeof(unknown));
    put(&boot_server, &to_client, answer(pxe_offer, sizeof(pxe_offer)), 300);
    memcpy(other_answer, answer(plain_offer, sizeof(plain_offer)), sizeof(other_answer));
    other_answer[33] = 0x99;
    put(&dhcp_server, &to_client, other_answer, sizeof(other_answer));
    build();
    assert_local(0, &nobody, ADDRESS_OBSERVED, "\x0a\x4d\0\2");
    assert_local(1, &nobody, ADDRESS_OBSERVED, "\x0a\x4d\0\1");
    assert_local(2, &nobody, ADDRESS_OBSERVED, "\x0a\x4d\0\2"); /* the best of the capture */
}

/* What another capture shows is of another network. */
static void captures_are_apart(void **state)
{
    (void)state;
    put(&boot_server, &to_client, answer(pxe_offer, sizeof(pxe_offer)), 300);
    load(false);
    (void)begin(state);
    put(&client, &all, discover, sizeof(discover));
    build();
    assert_local(1, &nobody, ADDRESS_MADE_UP, "\xc0\0\2\1");
}

static void ipv6_by_client_and_class(void **state)
{
    static const uint8_t solicit[] = {WIRE6_OVMF_SOLICIT};
    static const uint8_t id[] = {WIRE6_CLIENT_ID};
    uint8_t advertise[4 + sizeof(id) + 4 + 15] = {2, 1, 2, 3};
    (void)state;
    memcpy(advertise + 4, id, sizeof(id));
    memcpy(advertise + 4 + sizeof(id), "\0\x10\0\xf\0\0\1\x57\0\x9PXEClient", 19);
    put(&client6, &servers6, solicit, sizeof(solicit));
    put(&other6, &client6, advertise, 4 + sizeof(id));
    build();
    assert_local(0, &nobody, ADDRESS_OBSERVED, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x11");
    messages_free(&list);
    put(&server6, &client6, advertise, sizeof(advertise));
    build();
    assert_local(0, &nobody, ADDRESS_OBSERVED, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x77");
}

int main(void)
{
    const struct CMUnitTest messages[] = {
        cmocka_unit_test_setup_teardown(requests_are_what_goes_to_a_server, begin, finish),
        cmocka_unit_test_setup_teardown(numbers_are_those_of_capture_and_frame, begin, finish),
        cmocka_unit_test_setup_teardown(damage_is_counted_if_it_may_have_been_for_us, begin,
                                        finish),
        cmocka_unit_test_setup_teardown(a_cut_capture_keeps_what_came_before, begin, finish),
        cmocka_unit_test_setup_teardown(unicast_is_where_it_went, begin, finish),
        cmocka_unit_test_setup_teardown(broadcasts_without_any_server, begin, finish),
        cmocka_unit_test_setup_teardown(the_boot_server_is_preferred, begin, finish),
        cmocka_unit_test_setup_teardown(the_server_identifier_is_preferred, begin, finish),
        cmocka_unit_test_setup_teardown(each_client_has_its_server, begin, finish),
        cmocka_unit_test_setup_teardown(captures_are_apart, begin, finish),
        cmocka_unit_test_setup_teardown(ipv6_by_client_and_class, begin, finish),
    };
    return cmocka_run_group_tests(messages, NULL, NULL);
}
