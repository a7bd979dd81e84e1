/* The eight PxeDhcpv6... functions. The buffers are shared: one question per process. */
#include "questions.h"

#include <string.h>

#include "packets.h"
#include "subject.h"

enum { REPLY_MAX = 300, UNTOUCHED = 0xee, LAYERS_MAX = 40 };

static struct packet packet;
static struct packet inner;
static BYTE reply[PACKET_MAX];
static ULONG used = 0xeeeeeeee;

/* ---- PxeDhcpv6Initialize ---- */

static DWORD initialize(ULONG capacity)
{
    memset(reply, UNTOUCHED, sizeof(reply));
    return PXE(PxeDhcpv6Initialize)(packet.bytes, packet.length, reply, capacity, &used);
}

static void length_answer(void)
{
    if (used == 0xeeeeeeee)
        answer("length not written");
    else
        answer("length %lu", used);
}

static void init_solicit(void)
{
    packet6_solicit(&packet);
    answer("%lu", initialize(REPLY_MAX));
    length_answer();
    answer_bytes("reply", reply, 4);
}

static void init_clears(void)
{
    packet6_solicit(&packet);
    answer("%lu", initialize(REPLY_MAX));
    answer_bytes("behind the header", reply + 4, 2);
}

/* The type of the reply, or the code. */
static void types_answer(const BYTE *types, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        packet6_solicit(&packet);
        packet.bytes[0] = types[i];
        DWORD error = initialize(REPLY_MAX);
        if (error == ERROR_SUCCESS)
            answer("%u to %u", types[i], reply[0]);
        else
            answer("%u code %lu", types[i], error);
    }
}

static void init_types(void)
{
    types_answer((const BYTE[]){3, 4, 5, 6, 8, 9, 11}, 7);
}

static void init_server_types(void)
{
    types_answer((const BYTE[]){2, 7, 10, 13}, 4);
}

static void init_unknown_types(void)
{
    types_answer((const BYTE[]){0, 14, 36, 255}, 4);
}

static void init_rapid(void)
{
    packet6_solicit(&packet);
    packet6_option(&packet, 14, NULL, 0);
    answer("%lu", initialize(REPLY_MAX));
    answer("type %u", reply[0]);
}

static void init_relay(void)
{
    packet6_solicit(&inner);
    packet6_relay(&packet, 5, &inner);
    answer("%lu", initialize(REPLY_MAX));
    length_answer();
    answer("type %u, hop count %u", reply[0], reply[1]);
    answer(memcmp(reply + 2, packet.bytes + 2, 32) == 0 ? "addresses copied" : "addresses differ");
}

static void init_short(void)
{
    packet6_start(&packet, 1);
    packet.length = 3;
    answer("%lu", initialize(REPLY_MAX));
    length_answer();
}

static void init_short_relay(void)
{
    packet6_start(&packet, 12);
    packet.length = 33;
    answer("%lu", initialize(REPLY_MAX));
    length_answer();
}

static void init_small(void)
{
    packet6_solicit(&packet);
    answer("%lu", initialize(3));
    length_answer();
}

static void init_small_relay(void)
{
    packet6_solicit(&inner);
    packet6_relay(&packet, 0, &inner);
    answer("%lu", initialize(33));
    length_answer();
}

static void init_same_buffer(void)
{
    packet6_solicit(&packet);
    answer("%lu", PXE(PxeDhcpv6Initialize)(packet.bytes, packet.length, packet.bytes, 300, &used));
    answer_bytes("reply", packet.bytes, 4);
}

static void init_null_request(void)
{
    answer("%lu", PXE(PxeDhcpv6Initialize)(NULL, 300, reply, REPLY_MAX, &used));
}

static void init_null_reply(void)
{
    packet6_solicit(&packet);
    answer("%lu", PXE(PxeDhcpv6Initialize)(packet.bytes, packet.length, NULL, REPLY_MAX, &used));
}

static void init_null_length(void)
{
    packet6_solicit(&packet);
    answer("%lu", PXE(PxeDhcpv6Initialize)(packet.bytes, packet.length, reply, REPLY_MAX, NULL));
}

/* ---- PxeDhcpv6AppendOption, PxeDhcpv6AppendOptionRaw ---- */

/* What a call changed: reply is compared with packet, the state before it. */
static void append_answer(DWORD error, ULONG before)
{
    answer("%lu", error);
    if (used == before && memcmp(reply, packet.bytes, sizeof(reply)) == 0)
        answer("nothing changed");
    else if (used > before && used <= sizeof(reply))
        answer_bytes("appended", reply + before, used - before);
    else
        answer("length %lu", used);
}

/* To a header of this type, as if it were `length` bytes long. */
static void append(BYTE type, ULONG capacity, ULONG length, WORD size, const void *value)
{
    packet6_start(&packet, type);
    memcpy(reply, packet.bytes, sizeof(reply));
    used = length;
    append_answer(PXE(PxeDhcpv6AppendOption)(reply, capacity, &used, 0x0102, size,
                                             (PVOID)(ULONG_PTR)value),
                  length);
}

static void append_raw(ULONG capacity, ULONG length, WORD size, const void *bytes)
{
    packet6_start(&packet, 2);
    memcpy(reply, packet.bytes, sizeof(reply));
    used = length;
    append_answer(PXE(PxeDhcpv6AppendOptionRaw)(reply, capacity, &used, size,
                                                (PVOID)(ULONG_PTR)bytes),
                  length);
}

static void append_plain(void)
{
    append(2, REPLY_MAX, 4, 2, "ab");
}

static void append_empty(void)
{
    append(2, REPLY_MAX, 4, 0, "");
}

static void append_empty_null(void)
{
    append(2, REPLY_MAX, 4, 0, NULL);
}

static void append_null_value(void)
{
    append(2, REPLY_MAX, 4, 2, NULL);
}

static void append_exact(void)
{
    append(2, 10, 4, 2, "ab");
}

static void append_no_room(void)
{
    append(2, 9, 4, 2, "ab");
}

static void append_length_low(void)
{
    append(2, REPLY_MAX, 3, 2, "ab");
}

static void append_length_low_relay(void)
{
    append(13, REPLY_MAX, 33, 2, "ab");
}

static void append_length_high(void)
{
    append(2, REPLY_MAX, REPLY_MAX + 1, 2, "ab");
}

static void append_null_packet(void)
{
    used = 4;
    answer("%lu", PXE(PxeDhcpv6AppendOption)(NULL, REPLY_MAX, &used, 1, 0, NULL));
}

static void append_null_length(void)
{
    packet6_start(&packet, 2);
    answer("%lu", PXE(PxeDhcpv6AppendOption)(packet.bytes, REPLY_MAX, NULL, 1, 0, NULL));
}

static void raw_plain(void)
{
    append_raw(REPLY_MAX, 4, 6, "\0\3\0\2ab");
}

static void raw_not_options(void)
{
    append_raw(REPLY_MAX, 4, 3, "xyz");
}

static void raw_empty_null(void)
{
    append_raw(REPLY_MAX, 4, 0, NULL);
}

static void raw_null(void)
{
    append_raw(REPLY_MAX, 4, 2, NULL);
}

static void raw_no_room(void)
{
    append_raw(9, 4, 6, "\0\3\0\2ab");
}

static void raw_length_low(void)
{
    append_raw(REPLY_MAX, 3, 6, "\0\3\0\2ab");
}

/* ---- PxeDhcpv6IsValid ---- */

static void valid_answer(BOOL is_request)
{
    BOOL flag = 7;

    answer("%lu", PXE(PxeDhcpv6IsValid)(packet.bytes, packet.length, is_request, &flag));
    answer(flag == 7 ? "flag not written" : flag ? "flag TRUE" : "flag FALSE");
}

static void valid_solicit(void)
{
    packet6_solicit(&packet);
    valid_answer(TRUE);
}

static void valid_no_class(void)
{
    packet6_start(&packet, 1);
    packet6_option(&packet, 1, "\0\3\0\1abcdef", 10);
    valid_answer(TRUE);
}

static void valid_no_identifiers(void)
{
    packet6_start(&packet, 3);
    valid_answer(TRUE);
}

static void valid_enterprise(void)
{
    packet6_solicit(&packet);
    packet.bytes[packet.length - 35] ^= 1; /* last byte of the enterprise number */
    valid_answer(TRUE);
}

static void valid_second_class(void)
{
    packet6_start(&packet, 1);
    packet6_option(&packet, 16, "\0\0\1\x57\0\1x\0\tPXEClient", 18);
    valid_answer(TRUE);
}

static void valid_second_option(void)
{
    packet6_start(&packet, 1);
    packet6_class(&packet, "other");
    packet6_class(&packet, "PXEClient");
    valid_answer(TRUE);
}

static void valid_class_case(void)
{
    packet6_start(&packet, 1);
    packet6_class(&packet, "pxeclient");
    valid_answer(TRUE);
}

static void valid_class_broken(void)
{
    packet6_start(&packet, 1);
    packet6_option(&packet, 16, "\0\0\1\x57\0\x63PXEClient", 15);
    valid_answer(TRUE);
}

static void valid_null_flag(void)
{
    packet6_solicit(&packet);
    answer("%lu", PXE(PxeDhcpv6IsValid)(packet.bytes, packet.length, TRUE, NULL));
}

static void valid_null_packet(void)
{
    BOOL flag = 7;

    answer("%lu", PXE(PxeDhcpv6IsValid)(NULL, 300, TRUE, &flag));
    answer(flag == 7 ? "flag not written" : flag ? "flag TRUE" : "flag FALSE");
}

static void valid_short(void)
{
    packet6_start(&packet, 1);
    packet.length = 3;
    valid_answer(TRUE);
}

static void valid_header_only(void)
{
    packet6_start(&packet, 11);
    valid_answer(TRUE);
}

/* 1 is valid as what was asked, 0 is not. */
static void valid_types(const BYTE *types, size_t count, BOOL is_request)
{
    for (size_t i = 0; i < count; i++) {
        packet6_solicit(&packet);
        packet.bytes[0] = types[i];
        answer("%u code %lu", types[i],
               PXE(PxeDhcpv6IsValid)(packet.bytes, packet.length, is_request, NULL));
    }
}

static void valid_client_types(void)
{
    valid_types((const BYTE[]){1, 3, 4, 5, 6, 8, 9, 11}, 8, TRUE);
}

static void valid_server_as_request(void)
{
    valid_types((const BYTE[]){2, 7, 10}, 3, TRUE);
}

static void valid_server_types(void)
{
    valid_types((const BYTE[]){2, 7, 10}, 3, FALSE);
}

static void valid_client_as_reply(void)
{
    valid_types((const BYTE[]){1, 3, 11}, 3, FALSE);
}

static void valid_unknown_types(void)
{
    valid_types((const BYTE[]){0, 14, 255}, 3, TRUE);
}

static void valid_trailing(void)
{
    packet6_solicit(&packet);
    PUT(&packet, 0);
    valid_answer(TRUE);
}

static void valid_overrun(void)
{
    packet6_solicit(&packet);
    PUT(&packet, 0, 6, 0, 4, 0, 59);
    valid_answer(TRUE);
}

static void relay_valid(BYTE hop_count)
{
    packet6_solicit(&inner);
    packet6_relay(&packet, hop_count, &inner);
    valid_answer(TRUE);
}

static void valid_relay(void)
{
    relay_valid(0);
}

static void valid_hops_32(void)
{
    relay_valid(32);
}

static void valid_hops_33(void)
{
    relay_valid(33);
}

static void valid_relay_no_class(void)
{
    packet6_start(&inner, 1);
    packet6_relay(&packet, 0, &inner);
    valid_answer(TRUE);
}

static void valid_relay_outer_class(void)
{
    packet6_start(&inner, 1);
    packet6_relay(&packet, 0, &inner);
    packet6_class(&packet, "PXEClient");
    valid_answer(TRUE);
}

static void valid_relay_no_message(void)
{
    packet6_start(&packet, 12);
    packet6_option(&packet, 18, "eth0", 4);
    valid_answer(TRUE);
}

static void valid_relay_empty(void)
{
    packet6_start(&packet, 12);
    packet6_option(&packet, 9, NULL, 0);
    valid_answer(TRUE);
}

static void valid_relay_broken_inner(void)
{
    packet6_start(&inner, 1);
    PUT(&inner, 0, 6, 0, 9);
    packet6_relay(&packet, 0, &inner);
    valid_answer(TRUE);
}

/* ---- PxeDhcpv6GetOptionValue, PxeDhcpv6GetVendorOptionValue ---- */

static void found_answer(DWORD error, WORD length, const void *value)
{
    answer("%lu", error);
    if (error == ERROR_SUCCESS) {
        answer("length %u", length);
        answer_place(&packet, value);
    } else {
        answer(length == UNTOUCHED && value == &used ? "outputs unchanged" : "outputs changed");
    }
}

static void get(ULONG instance, WORD code)
{
    WORD length = UNTOUCHED;
    PVOID value = &used;
    DWORD error =
        PXE(PxeDhcpv6GetOptionValue)(packet.bytes, packet.length, instance, code, &length, &value);

    found_answer(error, length, value);
}

static void get_first(void)
{
    packet6_solicit(&packet);
    get(1, 1);
}

static void get_second(void)
{
    packet6_start(&packet, 1);
    packet6_option(&packet, 15, "a", 1);
    packet6_option(&packet, 15, "bc", 2);
    get(2, 15);
}

static void get_instance_0(void)
{
    packet6_solicit(&packet);
    get(0, 1);
}

static void get_missing(void)
{
    packet6_solicit(&packet);
    get(1, 59);
}

static void get_empty(void)
{
    packet6_start(&packet, 1);
    packet6_option(&packet, 14, NULL, 0);
    get(1, 14);
}

static void get_null_outputs(void)
{
    packet6_solicit(&packet);
    answer("%lu", PXE(PxeDhcpv6GetOptionValue)(packet.bytes, packet.length, 1, 1, NULL, NULL));
}

static void get_null_packet(void)
{
    WORD length = UNTOUCHED;
    PVOID value = &used;
    DWORD error = PXE(PxeDhcpv6GetOptionValue)(NULL, 300, 1, 1, &length, &value);

    found_answer(error, length, value);
}

static void get_short(void)
{
    packet6_start(&packet, 1);
    packet.length = 3;
    get(1, 1);
}

static void get_short_relay(void)
{
    packet6_start(&packet, 12);
    packet.length = 33;
    get(1, 9);
}

static void get_overrun(void)
{
    packet6_start(&packet, 1);
    PUT(&packet, 0, 1, 0, 9, 'a');
    get(1, 1);
}

static void get_before_overrun(void)
{
    packet6_solicit(&packet);
    PUT(&packet, 0, 6, 0, 9, 'a');
    get(1, 1);
}

static void get_relay(void)
{
    packet6_solicit(&inner);
    packet6_relay(&packet, 0, &inner);
    get(1, 9);
}

static void get_inside_relay(void)
{
    packet6_solicit(&inner);
    packet6_relay(&packet, 0, &inner);
    get(1, 1);
}

static void get_unknown_type(void)
{
    packet6_solicit(&packet);
    packet.bytes[0] = 200;
    get(1, 1);
}

static void vendor(DWORD enterprise, WORD code, ULONG instance)
{
    WORD length = UNTOUCHED;
    PVOID value = &used;
    DWORD error = PXE(PxeDhcpv6GetVendorOptionValue)(packet.bytes, packet.length, enterprise, code,
                                                     instance, &length, &value);

    found_answer(error, length, value);
}

/* Enterprise 343: sub-option 7 "a"; enterprise 311: sub-option 7 "b"; 343 again: 7 "c". */
static void vendor_packet(void)
{
    packet6_start(&packet, 1);
    packet6_option(&packet, 17, "\0\0\1\x57\0\7\0\1a", 9);
    packet6_option(&packet, 17, "\0\0\1\x37\0\7\0\1b", 9);
    packet6_option(&packet, 17, "\0\0\1\x57\0\7\0\1c", 9);
}

static void vendor_first(void)
{
    vendor_packet();
    vendor(311, 7, 1);
}

static void vendor_across(void)
{
    vendor_packet();
    vendor(343, 7, 2);
}

static void vendor_other(void)
{
    vendor_packet();
    vendor(9, 7, 1);
}

static void vendor_instance_0(void)
{
    vendor_packet();
    vendor(343, 7, 0);
}

static void vendor_none(void)
{
    packet6_solicit(&packet);
    vendor(343, 7, 1);
}

static void vendor_short(void)
{
    packet6_start(&packet, 1);
    packet6_option(&packet, 17, "\0\0\1", 3);
    packet6_option(&packet, 17, "\0\0\1\x57\0\7\0\1c", 9);
    vendor(343, 7, 1);
}

static void vendor_overrun(void)
{
    packet6_start(&packet, 1);
    packet6_option(&packet, 17,
                   "\0\0\1\x57\0\7\0\x63"
                   "a",
                   9);
    packet6_option(&packet, 17, "\0\0\1\x57\0\7\0\1c", 9);
    vendor(343, 7, 1);
}

/* ---- PxeDhcpv6ParseRelayForw ---- */

static PXE_DHCPV6_NESTED_RELAY_MESSAGE layers[LAYERS_MAX];
static ULONG layer_count = 0xeeeeeeee;
static PBYTE inner_bytes;
static ULONG inner_length;

static DWORD parse(ULONG capacity)
{
    return PXE(PxeDhcpv6ParseRelayForw)(packet.bytes, packet.length, layers, capacity, &layer_count,
                                        &inner_bytes, &inner_length);
}

static void count_answer(DWORD error)
{
    answer("%lu", error);
    if (layer_count == 0xeeeeeeee)
        answer("count not written");
    else
        answer("count %lu", layer_count);
}

/* `count` layers around a SOLICIT, the outermost with the highest hop count. */
static void relays(ULONG count)
{
    packet6_solicit(&inner);
    for (ULONG i = 0; i < count; i++) {
        packet6_relay(&packet, (BYTE)i, &inner);
        inner = packet;
    }
}

static void parse_one(void)
{
    relays(1);
    count_answer(parse(LAYERS_MAX));
    answer("inner packet");
    answer_place(&packet, inner_bytes);
    answer("length %lu", inner_length);
}

static void parse_first(void)
{
    relays(2);
    count_answer(parse(LAYERS_MAX));
    answer("first element");
    answer_place(&packet, layers[0].pRelayMessage);
    answer("length %lu of %lu", layers[0].cbRelayMessage, packet.length);
    answer("second element");
    answer_place(&packet, layers[1].pRelayMessage);
}

/* One layer with an Interface-Id in front of the message. */
static void parse_interface(const char *id, size_t length)
{
    packet6_solicit(&inner);
    packet6_start(&packet, 12);
    packet6_option(&packet, 18, id, length);
    packet6_option(&packet, 9, inner.bytes, inner.length);
    layers[0].cbInterfaceIdOption = UNTOUCHED;
    answer("%lu", parse(LAYERS_MAX));
    answer_place(&packet, layers[0].pInterfaceIdOption);
    answer("length %u", layers[0].cbInterfaceIdOption);
}

static void parse_interface_id(void)
{
    parse_interface("eth0", 4);
}

static void parse_interface_empty(void)
{
    parse_interface("", 0);
}

static void parse_interface_none(void)
{
    relays(1);
    layers[0].pInterfaceIdOption = reply;
    layers[0].cbInterfaceIdOption = UNTOUCHED;
    answer("%lu", parse(LAYERS_MAX));
    answer_place(&packet, layers[0].pInterfaceIdOption);
    answer("length %u", layers[0].cbInterfaceIdOption);
}

static void parse_second_message(void)
{
    relays(1);
    packet6_option(&packet, 9, "\1xyz", 4);
    answer("%lu", parse(LAYERS_MAX));
    answer_place(&packet, inner_bytes);
}

static void parse_small(void)
{
    relays(3);
    count_answer(parse(2));
}

static void parse_no_room(void)
{
    relays(1);
    count_answer(parse(0));
}

static void parse_32(void)
{
    relays(32);
    count_answer(parse(LAYERS_MAX));
}

static void parse_33(void)
{
    relays(33);
    count_answer(parse(LAYERS_MAX));
}

static void parse_hops(BYTE hop_count)
{
    packet6_solicit(&inner);
    packet6_relay(&packet, hop_count, &inner);
    count_answer(parse(LAYERS_MAX));
}

static void parse_hops_32(void)
{
    parse_hops(32);
}

static void parse_hops_33(void)
{
    parse_hops(33);
}

static void parse_no_relay(void)
{
    packet6_solicit(&packet);
    count_answer(parse(LAYERS_MAX));
}

static void parse_relay_reply(void)
{
    relays(1);
    packet.bytes[0] = 13;
    count_answer(parse(LAYERS_MAX));
}

static void parse_no_message(void)
{
    packet6_start(&packet, 12);
    packet6_option(&packet, 18, "eth0", 4);
    count_answer(parse(LAYERS_MAX));
}

static void parse_inner_short(void)
{
    packet6_start(&inner, 1);
    inner.length = 3;
    packet6_relay(&packet, 0, &inner);
    count_answer(parse(LAYERS_MAX));
}

static void parse_inner_reply(void)
{
    packet6_start(&inner, 13);
    packet6_relay(&packet, 0, &inner);
    count_answer(parse(LAYERS_MAX));
}

static void parse_inner_server(void)
{
    packet6_start(&inner, 7);
    packet6_relay(&packet, 0, &inner);
    count_answer(parse(LAYERS_MAX));
}

static void parse_inner_broken(void)
{
    packet6_start(&inner, 1);
    PUT(&inner, 0, 6, 0, 9);
    packet6_relay(&packet, 0, &inner);
    count_answer(parse(LAYERS_MAX));
}

static void parse_overrun_behind(void)
{
    relays(1);
    PUT(&packet, 0, 37, 0, 9);
    count_answer(parse(LAYERS_MAX));
}

static void parse_null_array(void)
{
    relays(1);
    answer("%lu", PXE(PxeDhcpv6ParseRelayForw)(packet.bytes, packet.length, NULL, 4, &layer_count,
                                               &inner_bytes, &inner_length));
}

static void parse_null_count(void)
{
    relays(1);
    answer("%lu", PXE(PxeDhcpv6ParseRelayForw)(packet.bytes, packet.length, layers, 4, NULL,
                                               &inner_bytes, &inner_length));
}

static void parse_null_inner(void)
{
    relays(1);
    answer("%lu", PXE(PxeDhcpv6ParseRelayForw)(packet.bytes, packet.length, layers, 4, &layer_count,
                                               NULL, NULL));
}

/* ---- PxeDhcpv6CreateRelayRepl ---- */

static BYTE answer_packet[] = {7, 1, 2, 3};

/* Layers as Parse makes them: hop counts 1 and 0, Interface-Ids "ab" and none. */
static void create_layers(void)
{
    static struct packet messages[2];

    packet6_start(&messages[0], 12);
    packet6_start(&messages[1], 12);
    messages[0].bytes[1] = 1;
    for (size_t i = 0; i < 2; i++) {
        layers[i].pRelayMessage = (PPXE_DHCPV6_RELAY_MESSAGE)(PVOID)messages[i].bytes;
        layers[i].cbRelayMessage = messages[i].length;
    }
    layers[0].pInterfaceIdOption = (PVOID)(ULONG_PTR) "ab";
    layers[0].cbInterfaceIdOption = 2;
}

static void create(ULONG count, ULONG inner_size, ULONG capacity)
{
    memset(reply, UNTOUCHED, sizeof(reply));
    answer("%lu", PXE(PxeDhcpv6CreateRelayRepl)(layers, count, answer_packet, inner_size, reply,
                                                capacity, &used));
    length_answer();
}

static void create_one(void)
{
    create_layers();
    create(1, sizeof(answer_packet), REPLY_MAX);
    answer_bytes("type and hop count", reply, 2);
    answer_bytes("options", reply + 34, 14);
}

static void create_two(void)
{
    create_layers();
    create(2, sizeof(answer_packet), REPLY_MAX);
    answer_bytes("inner relay", reply + 44, 2);
    answer_bytes("its options", reply + 78, 8);
}

static void create_empty_id(void)
{
    create_layers();
    layers[0].cbInterfaceIdOption = 0;
    create(1, sizeof(answer_packet), REPLY_MAX);
    answer_bytes("options", reply + 34, 4);
}

static void create_other_options(void)
{
    create_layers();
    packet6_start(&packet, 12);
    packet6_option(&packet, 37, "\0\0\0\1xyz", 7);
    packet6_option(&packet, 9, "\1xyz", 4);
    layers[1].pRelayMessage = (PPXE_DHCPV6_RELAY_MESSAGE)(PVOID)packet.bytes;
    layers[1].cbRelayMessage = packet.length;
    layers[0] = layers[1];
    layers[0].pInterfaceIdOption = NULL;
    create(1, sizeof(answer_packet), REPLY_MAX);
    answer_bytes("options", reply + 34, 8);
}

static void create_exact(void)
{
    create_layers();
    create(1, sizeof(answer_packet), 48);
}

static void create_small(void)
{
    create_layers();
    create(1, sizeof(answer_packet), 47);
}

static void create_no_layer(void)
{
    create_layers();
    create(0, sizeof(answer_packet), REPLY_MAX);
}

static void create_null_element(void)
{
    create_layers();
    layers[0].pRelayMessage = NULL;
    create(1, sizeof(answer_packet), REPLY_MAX);
}

static void create_no_answer(void)
{
    create_layers();
    create(1, 0, REPLY_MAX);
}

static void create_too_long(void)
{
    static BYTE long_answer[65536] = {7};
    static BYTE room[70000];

    create_layers();
    answer("%lu", PXE(PxeDhcpv6CreateRelayRepl)(layers, 1, long_answer, sizeof(long_answer), room,
                                                sizeof(room), &used));
}

static void create_null_array(void)
{
    answer("%lu",
           PXE(PxeDhcpv6CreateRelayRepl)(NULL, 1, answer_packet, 4, reply, REPLY_MAX, &used));
}

static void create_null_answer(void)
{
    create_layers();
    answer("%lu", PXE(PxeDhcpv6CreateRelayRepl)(layers, 1, NULL, 4, reply, REPLY_MAX, &used));
}

static void create_null_reply(void)
{
    create_layers();
    answer("%lu", PXE(PxeDhcpv6CreateRelayRepl)(layers, 1, answer_packet, 4, NULL, 300, &used));
}

static void create_null_length(void)
{
    create_layers();
    answer("%lu", PXE(PxeDhcpv6CreateRelayRepl)(layers, 1, answer_packet, 4, reply, 300, NULL));
}

/* ---- table ---- */

#define Q(id, text, choice, ask) {"v6-" id, text, choice, ask, NEEDS_NOTHING}
#define INIT "PxeDhcpv6Initialize: "
#define ADD "PxeDhcpv6AppendOption: "
#define RAW "PxeDhcpv6AppendOptionRaw: "
#define VALID "PxeDhcpv6IsValid: "
#define GET "PxeDhcpv6GetOptionValue: "
#define VENDOR "PxeDhcpv6GetVendorOptionValue: "
#define PARSE "PxeDhcpv6ParseRelayForw: "
#define CREATE "PxeDhcpv6CreateRelayRepl: "
#define NO_WRITE "outputs unchanged"
#define NO_LENGTH "length not written"
#define NO_COUNT "count not written"

static const struct question questions[] = {
    Q("init-solicit", INIT "SOLICIT", "0, length 4, reply 02 11 22 33", init_solicit),
    Q("init-rapid", INIT "SOLICIT with Rapid Commit", "0, type 2", init_rapid),
    Q("init-types", INIT "types of the replies to other requests",
      "3 to 7, 4 to 7, 5 to 7, 6 to 7, 8 to 7, 9 to 7, 11 to 7", init_types),
    Q("init-server-types", INIT "messages of servers",
      "2 code 13, 7 code 13, 10 code 13, 13 code 13", init_server_types),
    Q("init-unknown-types", INIT "other types", "0 code 13, 14 code 13, 36 code 13, 255 code 13",
      init_unknown_types),
    Q("init-relay", INIT "RELAY-FORW", "0, length 34, type 13, hop count 5, addresses copied",
      init_relay),
    Q("init-clears", INIT "buffer behind the header", "0, behind the header ee ee", init_clears),
    Q("init-same-buffer", INIT "request and reply in one buffer", "0, reply 02 11 22 33",
      init_same_buffer),
    Q("init-short", INIT "SOLICIT of 3 bytes", "13, " NO_LENGTH, init_short),
    Q("init-short-relay", INIT "RELAY-FORW of 33 bytes", "13, " NO_LENGTH, init_short_relay),
    Q("init-small", INIT "reply buffer of 3 bytes", "122, " NO_LENGTH, init_small),
    Q("init-small-relay", INIT "reply buffer of 33 bytes for a RELAY-FORW", "122, " NO_LENGTH,
      init_small_relay),
    Q("init-null-request", INIT "request NULL", "87", init_null_request),
    Q("init-null-reply", INIT "reply NULL", "87", init_null_reply),
    Q("init-null-length", INIT "length pointer NULL", "87", init_null_length),

    Q("add", ADD "code 0x0102, 2 bytes", "0, appended 01 02 00 02 61 62", append_plain),
    Q("add-empty", ADD "0 bytes", "0, appended 01 02 00 00", append_empty),
    Q("add-empty-null", ADD "0 bytes, value NULL", "0, appended 01 02 00 00", append_empty_null),
    Q("add-null-value", ADD "2 bytes, value NULL", "87, nothing changed", append_null_value),
    Q("add-exact", ADD "just enough room", "0, appended 01 02 00 02 61 62", append_exact),
    Q("add-no-room", ADD "one byte too little room", "122, nothing changed", append_no_room),
    Q("add-length-low", ADD "length so far 3", "87, nothing changed", append_length_low),
    Q("add-length-low-relay", ADD "length so far 33, RELAY-REPL", "87, nothing changed",
      append_length_low_relay),
    Q("add-length-high", ADD "length so far above the buffer's", "87, nothing changed",
      append_length_high),
    Q("add-null-packet", ADD "packet NULL", "87", append_null_packet),
    Q("add-null-length", ADD "length pointer NULL", "87", append_null_length),

    Q("raw", RAW "a complete option", "0, appended 00 03 00 02 61 62", raw_plain),
    Q("raw-not-options", RAW "bytes that are no option", "0, appended 78 79 7a", raw_not_options),
    Q("raw-empty-null", RAW "0 bytes, buffer NULL", "0, nothing changed", raw_empty_null),
    Q("raw-null", RAW "2 bytes, buffer NULL", "87, nothing changed", raw_null),
    Q("raw-no-room", RAW "one byte too little room", "122, nothing changed", raw_no_room),
    Q("raw-length-low", RAW "length so far 3", "87, nothing changed", raw_length_low),

    Q("valid", VALID "SOLICIT of a PXE client", "0, flag TRUE", valid_solicit),
    Q("valid-no-class", VALID "SOLICIT without a vendor class", "0, flag FALSE", valid_no_class),
    Q("valid-no-identifiers", VALID "REQUEST without client and server identifier", "0, flag FALSE",
      valid_no_identifiers),
    Q("valid-enterprise", VALID "class PXEClient of another enterprise", "0, flag TRUE",
      valid_enterprise),
    Q("valid-class-second", VALID "PXEClient is the second class of option 16", "0, flag TRUE",
      valid_second_class),
    Q("valid-class-option", VALID "PXEClient is in the second option 16", "0, flag TRUE",
      valid_second_option),
    Q("valid-class-case", VALID "class pxeclient", "0, flag FALSE", valid_class_case),
    Q("valid-class-broken", VALID "class runs over the end of option 16", "0, flag FALSE",
      valid_class_broken),
    Q("valid-null-flag", VALID "flag pointer NULL", "0", valid_null_flag),
    Q("valid-null-packet", VALID "packet NULL", "87, flag FALSE", valid_null_packet),
    Q("valid-short", VALID "3 bytes", "13, flag FALSE", valid_short),
    Q("valid-no-options", VALID "4 bytes, no option", "0, flag FALSE", valid_header_only),
    Q("valid-client-types", VALID "types of clients, asked as requests",
      "1 code 0, 3 code 0, 4 code 0, 5 code 0, 6 code 0, 8 code 0, 9 code 0, 11 code 0",
      valid_client_types),
    Q("valid-server-as-request", VALID "types of servers, asked as requests",
      "2 code 13, 7 code 13, 10 code 13", valid_server_as_request),
    Q("valid-server-types", VALID "types of servers, asked as replies",
      "2 code 0, 7 code 0, 10 code 0", valid_server_types),
    Q("valid-client-as-reply", VALID "types of clients, asked as replies",
      "1 code 13, 3 code 13, 11 code 13", valid_client_as_reply),
    Q("valid-unknown-types", VALID "other types", "0 code 13, 14 code 13, 255 code 13",
      valid_unknown_types),
    Q("valid-trailing", VALID "a byte behind the last option", "13, flag FALSE", valid_trailing),
    Q("valid-overrun", VALID "option runs over the packet's end", "13, flag FALSE", valid_overrun),
    Q("valid-relay", VALID "RELAY-FORW with the SOLICIT of a PXE client", "0, flag TRUE",
      valid_relay),
    Q("valid-relay-no-class", VALID "RELAY-FORW with a SOLICIT without class", "0, flag FALSE",
      valid_relay_no_class),
    Q("valid-relay-outer-class", VALID "only the RELAY-FORW has class PXEClient", "0, flag FALSE",
      valid_relay_outer_class),
    Q("valid-relay-no-message", VALID "RELAY-FORW without a relay message", "13, flag FALSE",
      valid_relay_no_message),
    Q("valid-relay-empty", VALID "RELAY-FORW with an empty relay message", "13, flag FALSE",
      valid_relay_empty),
    Q("valid-relay-inner", VALID "RELAY-FORW with a broken SOLICIT", "0, flag FALSE",
      valid_relay_broken_inner),
    Q("valid-hops-32", VALID "RELAY-FORW with hop count 32", "0, flag TRUE", valid_hops_32),
    Q("valid-hops-33", VALID "RELAY-FORW with hop count 33", "13, flag FALSE", valid_hops_33),

    Q("get", GET "first option", "0, length 10, at offset 8", get_first),
    Q("get-second", GET "instance 2 of a repeated option", "0, length 2, at offset 13", get_second),
    Q("get-instance-0", GET "instance 0", "87, " NO_WRITE, get_instance_0),
    Q("get-missing", GET "option that is not there", "2, " NO_WRITE, get_missing),
    Q("get-empty", GET "option of length 0 at the packet's end", "0, length 0, at offset 8",
      get_empty),
    Q("get-null-outputs", GET "both output pointers NULL", "0", get_null_outputs),
    Q("get-null-packet", GET "packet NULL", "87, " NO_WRITE, get_null_packet),
    Q("get-short", GET "3 bytes", "13, " NO_WRITE, get_short),
    Q("get-short-relay", GET "RELAY-FORW of 33 bytes", "13, " NO_WRITE, get_short_relay),
    Q("get-overrun", GET "option that runs over the packet's end", "2, " NO_WRITE, get_overrun),
    Q("get-before-overrun", GET "option before one that runs over the packet's end",
      "0, length 10, at offset 8", get_before_overrun),
    Q("get-relay", GET "option 9 of a RELAY-FORW", "0, length 60, at offset 38", get_relay),
    Q("get-inside-relay", GET "option of the relayed message", "2, " NO_WRITE, get_inside_relay),
    Q("get-unknown-type", GET "message type 200", "0, length 10, at offset 8", get_unknown_type),

    Q("vendor", VENDOR "enterprise 311 in the second option 17", "0, length 1, at offset 29",
      vendor_first),
    Q("vendor-across", VENDOR "instance 2 is in another option 17 of the enterprise",
      "0, length 1, at offset 42", vendor_across),
    Q("vendor-other", VENDOR "enterprise that is not there", "2, " NO_WRITE, vendor_other),
    Q("vendor-instance-0", VENDOR "instance 0", "87, " NO_WRITE, vendor_instance_0),
    Q("vendor-none", VENDOR "no option 17", "2, " NO_WRITE, vendor_none),
    Q("vendor-short", VENDOR "behind an option 17 of 3 bytes", "0, length 1, at offset 23",
      vendor_short),
    Q("vendor-overrun", VENDOR "behind an option 17 with a sub-option that runs over its end",
      "0, length 1, at offset 29", vendor_overrun),

    Q("parse", PARSE "one layer", "0, count 1, inner packet, at offset 38, length 60", parse_one),
    Q("parse-first", PARSE "two layers: what element 0 is",
      "0, count 2, first element, at offset 0, length 136 of 136, second element, at offset 38",
      parse_first),
    Q("parse-id", PARSE "Interface-Id", "0, at offset 38, length 4", parse_interface_id),
    Q("parse-id-empty", PARSE "Interface-Id of length 0", "0, at offset 38, length 0",
      parse_interface_empty),
    Q("parse-id-none", PARSE "no Interface-Id", "0, pointer NULL, length 0", parse_interface_none),
    Q("parse-second-message", PARSE "a second relay message in the layer", "0, at offset 38",
      parse_second_message),
    Q("parse-small", PARSE "three layers, array of two", "122, " NO_COUNT, parse_small),
    Q("parse-no-room", PARSE "array of none", "122, " NO_COUNT, parse_no_room),
    Q("parse-32", PARSE "32 layers", "0, count 32", parse_32),
    Q("parse-33", PARSE "33 layers", "13, " NO_COUNT, parse_33),
    Q("parse-hops-32", PARSE "hop count 32", "0, count 1", parse_hops_32),
    Q("parse-hops-33", PARSE "hop count 33", "13, " NO_COUNT, parse_hops_33),
    Q("parse-no-relay", PARSE "SOLICIT", "13, " NO_COUNT, parse_no_relay),
    Q("parse-relay-reply", PARSE "RELAY-REPL", "13, " NO_COUNT, parse_relay_reply),
    Q("parse-no-message", PARSE "no relay message", "13, " NO_COUNT, parse_no_message),
    Q("parse-inner-short", PARSE "inner packet of 3 bytes", "13, " NO_COUNT, parse_inner_short),
    Q("parse-inner-reply", PARSE "inner packet is a RELAY-REPL", "13, " NO_COUNT,
      parse_inner_reply),
    Q("parse-inner-server", PARSE "inner packet is a REPLY", "0, count 1", parse_inner_server),
    Q("parse-inner-broken", PARSE "inner packet with a broken option", "0, count 1",
      parse_inner_broken),
    Q("parse-overrun", PARSE "broken option behind the relay message", "13, " NO_COUNT,
      parse_overrun_behind),
    Q("parse-null-array", PARSE "array NULL", "87", parse_null_array),
    Q("parse-null-count", PARSE "count pointer NULL", "87", parse_null_count),
    Q("parse-null-inner", PARSE "both pointers for the inner packet NULL", "87", parse_null_inner),

    Q("create", CREATE "one layer with Interface-Id",
      "0, length 48, type and hop count 0d 01, options 00 12 00 02 61 62 00 09 00 04 07 01 02 03",
      create_one),
    Q("create-two", CREATE "two layers, the inner one without Interface-Id",
      "0, length 86, inner relay 0d 00, its options 00 09 00 04 07 01 02 03", create_two),
    Q("create-id-empty", CREATE "Interface-Id of length 0", "0, length 46, options 00 12 00 00",
      create_empty_id),
    Q("create-other-options", CREATE "Remote-Id in the relayed message",
      "0, length 42, options 00 09 00 04 07 01 02 03", create_other_options),
    Q("create-exact", CREATE "just enough room", "0, length 48", create_exact),
    Q("create-small", CREATE "one byte too little room", "122, " NO_LENGTH, create_small),
    Q("create-no-layer", CREATE "no layer", "87, " NO_LENGTH, create_no_layer),
    Q("create-null-element", CREATE "element with message NULL", "87, " NO_LENGTH,
      create_null_element),
    Q("create-no-answer", CREATE "inner packet of length 0", "87, " NO_LENGTH, create_no_answer),
    Q("create-too-long", CREATE "inner packet of 65536 bytes", "87", create_too_long),
    Q("create-null-array", CREATE "array NULL", "87", create_null_array),
    Q("create-null-answer", CREATE "inner packet NULL", "87", create_null_answer),
    Q("create-null-reply", CREATE "reply buffer NULL", "87", create_null_reply),
    Q("create-null-length", CREATE "length pointer NULL", "87", create_null_length),
};

const struct question_group dhcp6_questions = QUESTION_GROUP(questions);
