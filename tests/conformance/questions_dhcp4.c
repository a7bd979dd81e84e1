/* The six PxeDhcp... functions. One buffer for packets is enough: one question per process. */
#include "questions.h"

#include <string.h>

#include "packets.h"
#include "subject.h"

enum { REPLY_MAX = 300, UNTOUCHED = 0xee };

static struct packet packet;
static BYTE reply[PACKET_MAX];
static ULONG used = 0xeeeeeeee;

/* ---- PxeDhcpInitialize ---- */

static DWORD initialize(ULONG capacity)
{
    memset(reply, UNTOUCHED, sizeof(reply));
    return PXE(PxeDhcpInitialize)(packet.bytes, packet.length, reply, capacity, &used);
}

static void init_answer(ULONG capacity)
{
    answer("%lu", initialize(capacity));
    if (used == 0xeeeeeeee)
        answer("length not written");
    else
        answer("length %lu", used);
}

static void init_length(void)
{
    packet4_discover(&packet);
    init_answer(REPLY_MAX);
}

static void init_short(void)
{
    packet4_start(&packet);
    packet.length = 239;
    init_answer(REPLY_MAX);
}

static void init_no_cookie(void)
{
    packet4_discover(&packet);
    packet.bytes[239] = 0;
    init_answer(REPLY_MAX);
}

static void init_small_reply(void)
{
    packet4_discover(&packet);
    init_answer(239);
}

static void init_exact_reply(void)
{
    packet4_discover(&packet);
    init_answer(240);
}

static void init_clears(void)
{
    ULONG zeros = 0;

    packet4_discover(&packet);
    answer("%lu", initialize(REPLY_MAX));
    for (ULONG i = 240; i < REPLY_MAX; i++)
        zeros += reply[i] == 0;
    answer("%lu of 60 bytes behind the header are 0", zeros);
    answer(reply[REPLY_MAX] == UNTOUCHED ? "nothing behind the buffer" : "behind the buffer, too");
}

/* A field of the reply: copied, zero, or something else. */
static void field_answer(const char *name, size_t offset, size_t size)
{
    static const BYTE zeros[128];

    if (memcmp(reply + offset, packet.bytes + offset, size) == 0)
        answer("%s copied", name);
    else if (memcmp(reply + offset, zeros, size) == 0)
        answer("%s zero", name);
    else
        answer_bytes(name, reply + offset, size < 8 ? size : 8);
}

static void init_fields(void)
{
    packet4_discover(&packet);
    answer("%lu", initialize(REPLY_MAX));
    field_answer("op", 0, 1);
    field_answer("hops", 3, 1);
    field_answer("xid", 4, 4);
    field_answer("secs", 8, 2);
    field_answer("flags", 10, 2);
    field_answer("ciaddr", 12, 4);
    field_answer("yiaddr", 16, 4);
    field_answer("siaddr", 20, 4);
    field_answer("giaddr", 24, 4);
    field_answer("chaddr", 28, 16);
    field_answer("sname", 44, 64);
    field_answer("file", 108, 128);
    field_answer("cookie", 236, 4);
}

static void init_same_buffer(void)
{
    packet4_discover(&packet);
    answer("%lu", PXE(PxeDhcpInitialize)(packet.bytes, packet.length, packet.bytes, 300, &used));
    answer_bytes("op to xid", packet.bytes, 8);
    answer_bytes("options", packet.bytes + 240, 2);
}

static void init_long_address(void)
{
    packet4_discover(&packet);
    packet.bytes[2] = 200;
    answer("%lu", initialize(REPLY_MAX));
    answer("hlen %u", reply[2]);
}

static void init_null_request(void)
{
    answer("%lu", PXE(PxeDhcpInitialize)(NULL, 300, reply, REPLY_MAX, &used));
}

static void init_null_reply(void)
{
    packet4_discover(&packet);
    answer("%lu", PXE(PxeDhcpInitialize)(packet.bytes, packet.length, NULL, REPLY_MAX, &used));
}

static void init_null_length(void)
{
    packet4_discover(&packet);
    answer("%lu", PXE(PxeDhcpInitialize)(packet.bytes, packet.length, reply, REPLY_MAX, NULL));
}

/* ---- PxeDhcpAppendOption, PxeDhcpAppendOptionRaw ---- */

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

static void append(ULONG capacity, ULONG length, BYTE code, BYTE size, const void *value)
{
    memcpy(reply, packet.bytes, sizeof(reply));
    used = length;
    append_answer(PXE(PxeDhcpAppendOption)(reply, capacity, &used, code, size,
                                           (PVOID)(ULONG_PTR)value),
                  length);
}

static void append_raw(ULONG capacity, ULONG length, USHORT size, const void *bytes)
{
    memcpy(reply, packet.bytes, sizeof(reply));
    used = length;
    append_answer(PXE(PxeDhcpAppendOptionRaw)(reply, capacity, &used, size,
                                              (PVOID)(ULONG_PTR)bytes),
                  length);
}

static void append_plain(void)
{
    packet4_start(&packet);
    append(REPLY_MAX, 240, 43, 2, "ab");
}

static void append_empty(void)
{
    packet4_start(&packet);
    append(REPLY_MAX, 240, 43, 0, "");
}

static void append_empty_null(void)
{
    packet4_start(&packet);
    append(REPLY_MAX, 240, 43, 0, NULL);
}

static void append_null_value(void)
{
    packet4_start(&packet);
    append(REPLY_MAX, 240, 43, 2, NULL);
}

static void append_pad(void)
{
    packet4_start(&packet);
    append(REPLY_MAX, 240, 0, 2, "ab");
}

static void append_end(void)
{
    packet4_start(&packet);
    append(REPLY_MAX, 240, 255, 2, "ab");
}

static void append_end_null(void)
{
    packet4_start(&packet);
    append(REPLY_MAX, 240, 255, 2, NULL);
}

static void append_after_end(void)
{
    packet4_discover(&packet);
    append(REPLY_MAX, packet.length, 54, 4, "\1\2\3\4");
}

static void append_again(void)
{
    packet4_start(&packet);
    packet4_text(&packet, 43, "x");
    append(REPLY_MAX, packet.length, 43, 1, "y");
}

static void append_exact(void)
{
    packet4_start(&packet);
    append(244, 240, 43, 2, "ab");
}

static void append_no_room(void)
{
    packet4_start(&packet);
    append(243, 240, 43, 2, "ab");
}

static void append_end_no_room(void)
{
    packet4_start(&packet);
    append(240, 240, 255, 0, NULL);
}

static void append_length_low(void)
{
    packet4_start(&packet);
    append(REPLY_MAX, 239, 43, 2, "ab");
}

static void append_length_high(void)
{
    packet4_start(&packet);
    append(REPLY_MAX, REPLY_MAX + 1, 43, 2, "ab");
}

static void append_null_packet(void)
{
    used = 240;
    answer("%lu", PXE(PxeDhcpAppendOption)(NULL, REPLY_MAX, &used, 43, 0, NULL));
}

static void append_null_length(void)
{
    answer("%lu", PXE(PxeDhcpAppendOption)(reply, REPLY_MAX, NULL, 43, 0, NULL));
}

static void raw_plain(void)
{
    packet4_start(&packet);
    append_raw(REPLY_MAX, 240, 5, "\xfa\3abc");
}

static void raw_not_options(void)
{
    packet4_start(&packet);
    append_raw(REPLY_MAX, 240, 3, "\xfa\x63x");
}

static void raw_large(void)
{
    static BYTE bytes[600];

    packet4_start(&packet);
    memcpy(reply, packet.bytes, sizeof(reply));
    used = 240;
    answer("%lu", PXE(PxeDhcpAppendOptionRaw)(reply, 1000, &used, sizeof(bytes), bytes));
    answer("length %lu", used);
}

static void raw_empty(void)
{
    packet4_start(&packet);
    append_raw(REPLY_MAX, 240, 0, "");
}

static void raw_empty_null(void)
{
    packet4_start(&packet);
    append_raw(REPLY_MAX, 240, 0, NULL);
}

static void raw_null(void)
{
    packet4_start(&packet);
    append_raw(REPLY_MAX, 240, 2, NULL);
}

static void raw_no_room(void)
{
    packet4_start(&packet);
    append_raw(244, 240, 5, "\xfa\3abc");
}

static void raw_length_low(void)
{
    packet4_start(&packet);
    append_raw(REPLY_MAX, 239, 5, "\xfa\3abc");
}

static void raw_length_high(void)
{
    packet4_start(&packet);
    append_raw(REPLY_MAX, REPLY_MAX + 1, 5, "\xfa\3abc");
}

/* ---- PxeDhcpIsValid ---- */

static void valid_answer(BOOL is_request)
{
    BOOL flag = 7;

    answer("%lu", PXE(PxeDhcpIsValid)(packet.bytes, packet.length, is_request, &flag));
    answer(flag == 7 ? "flag not written" : flag ? "flag TRUE" : "flag FALSE");
}

static void valid_discover(void)
{
    packet4_discover(&packet);
    valid_answer(TRUE);
}

static void valid_true_2(void)
{
    packet4_discover(&packet);
    valid_answer(2);
}

static void valid_bare_class(void)
{
    packet4_start(&packet);
    PUT(&packet, 53, 1, 1);
    packet4_text(&packet, 60, "PXEClient");
    PUT(&packet, 255);
    valid_answer(TRUE);
}

static void class_answer(const char *first, const char *second)
{
    packet4_start(&packet);
    PUT(&packet, 53, 1, 1);
    packet4_text(&packet, 60, first);
    if (second != NULL)
        packet4_text(&packet, 60, second);
    PUT(&packet, 255);
    valid_answer(TRUE);
}

static void valid_class_case(void)
{
    class_answer("pxeclient:Arch:00000", NULL);
}

static void valid_class_short(void)
{
    class_answer("PXEClien", NULL);
}

static void valid_class_inside(void)
{
    class_answer("xPXEClient", NULL);
}

static void valid_class_longer_word(void)
{
    class_answer("PXEClients", NULL);
}

static void valid_class_second(void)
{
    class_answer("MSFT 5.0", "PXEClient");
}

static void valid_class_split(void)
{
    class_answer("PXECl", "ient");
}

static void valid_null_flag(void)
{
    packet4_discover(&packet);
    answer("%lu", PXE(PxeDhcpIsValid)(packet.bytes, packet.length, TRUE, NULL));
}

static void valid_null_packet(void)
{
    BOOL flag = 7;

    answer("%lu", PXE(PxeDhcpIsValid)(NULL, 300, TRUE, &flag));
    answer(flag == 7 ? "flag not written" : flag ? "flag TRUE" : "flag FALSE");
}

static void valid_short(void)
{
    packet4_start(&packet);
    packet.length = 239;
    valid_answer(TRUE);
}

static void valid_header_only(void)
{
    packet4_start(&packet);
    valid_answer(TRUE);
}

/* A request that has these bytes as options. */
#define OPTIONS(...) (packet4_start(&packet), PUT(&packet, __VA_ARGS__))

static void valid_no_end(void)
{
    OPTIONS(53, 1, 1);
    valid_answer(TRUE);
}

static void valid_zeros_after_end(void)
{
    OPTIONS(53, 1, 1, 255, 0, 0, 0);
    valid_answer(TRUE);
}

static void valid_data_after_end(void)
{
    OPTIONS(53, 1, 1, 255, 0, 7);
    valid_answer(TRUE);
}

static void valid_end_after_end(void)
{
    OPTIONS(53, 1, 1, 255, 255);
    valid_answer(TRUE);
}

static void valid_type_after_end(void)
{
    OPTIONS(255, 53, 1, 1, 255);
    valid_answer(TRUE);
}

static void valid_overrun(void)
{
    OPTIONS(53, 1, 1, 43, 9, 'a', 255);
    valid_answer(TRUE);
}

static void valid_no_length_byte(void)
{
    OPTIONS(53, 1, 1, 43);
    valid_answer(TRUE);
}

static void valid_no_type(void)
{
    OPTIONS(12, 1, 'h', 255);
    valid_answer(TRUE);
}

static void valid_type_empty(void)
{
    OPTIONS(53, 0, 255);
    valid_answer(TRUE);
}

static void valid_type_unknown(void)
{
    OPTIONS(53, 1, 200, 255);
    valid_answer(TRUE);
}

static void valid_type_of_server(void)
{
    OPTIONS(53, 1, 2, 255);
    valid_answer(TRUE);
}

static void valid_type_last(void)
{
    OPTIONS(0, 0, 12, 1, 'h', 53, 1, 1, 255);
    valid_answer(TRUE);
}

static void valid_request_as_reply(void)
{
    packet4_discover(&packet);
    valid_answer(FALSE);
}

static void valid_reply(void)
{
    packet4_discover(&packet);
    packet.bytes[0] = 2;
    valid_answer(FALSE);
}

static void valid_reply_as_request(void)
{
    packet4_discover(&packet);
    packet.bytes[0] = 2;
    valid_answer(TRUE);
}

/* The DISCOVER with one byte changed. */
static void changed_answer(size_t offset, BYTE byte)
{
    packet4_discover(&packet);
    packet.bytes[offset] = byte;
    valid_answer(TRUE);
}

static void valid_hlen_0(void)
{
    changed_answer(2, 0);
}

static void valid_hlen_17(void)
{
    changed_answer(2, 17);
}

static void valid_op_3(void)
{
    changed_answer(0, 3);
}

static void valid_no_cookie(void)
{
    changed_answer(236, 0);
}

static void valid_sname_full(void)
{
    packet4_discover(&packet);
    memset(packet.bytes + 44, 's', 64);
    valid_answer(TRUE);
}

static void valid_file_full(void)
{
    packet4_discover(&packet);
    memset(packet.bytes + 108, 'f', 128);
    valid_answer(TRUE);
}

static void valid_file_full_overloaded(void)
{
    OPTIONS(53, 1, 1, 52, 1, 1, 255);
    memset(packet.bytes + 108, 12, 128);
    packet.bytes[109] = 125;
    packet.bytes[235] = 255;
    valid_answer(TRUE);
}

/* ---- PxeDhcpGetOptionValue ---- */

static void found_answer(DWORD error, BYTE length, const void *value)
{
    answer("%lu", error);
    if (error == ERROR_SUCCESS) {
        answer("length %u", length);
        answer_place(&packet, value);
    } else {
        answer(length == UNTOUCHED && value == &used ? "outputs unchanged" : "outputs changed");
    }
}

static void get(ULONG instance, BYTE code)
{
    BYTE length = UNTOUCHED;
    PVOID value = &used;
    DWORD error =
        PXE(PxeDhcpGetOptionValue)(packet.bytes, packet.length, instance, code, &length, &value);

    found_answer(error, length, value);
}

static void get_first(void)
{
    packet4_discover(&packet);
    get(1, 53);
}

static void get_second(void)
{
    OPTIONS(43, 1, 'a', 12, 1, 'h', 43, 1, 'b', 255);
    get(2, 43);
}

static void get_instance_0(void)
{
    packet4_discover(&packet);
    get(0, 53);
}

static void get_missing(void)
{
    packet4_discover(&packet);
    get(1, 66);
}

static void get_instance_beyond(void)
{
    packet4_discover(&packet);
    get(2, 53);
}

static void get_pad(void)
{
    OPTIONS(0, 0, 53, 1, 1, 255);
    get(1, 0);
}

static void get_end(void)
{
    packet4_discover(&packet);
    get(1, 255);
}

static void get_empty(void)
{
    OPTIONS(53, 1, 1, 80, 0);
    get(1, 80);
}

static void get_null_length(void)
{
    PVOID value = NULL;

    packet4_discover(&packet);
    answer("%lu", PXE(PxeDhcpGetOptionValue)(packet.bytes, packet.length, 1, 53, NULL, &value));
    answer_place(&packet, value);
}

static void get_null_value(void)
{
    BYTE length = 0;

    packet4_discover(&packet);
    answer("%lu", PXE(PxeDhcpGetOptionValue)(packet.bytes, packet.length, 1, 53, &length, NULL));
    answer("length %u", length);
}

static void get_null_packet(void)
{
    BYTE length = UNTOUCHED;
    PVOID value = &used;
    DWORD error = PXE(PxeDhcpGetOptionValue)(NULL, 300, 1, 53, &length, &value);

    found_answer(error, length, value);
}

static void get_short(void)
{
    packet4_start(&packet);
    packet.length = 239;
    get(1, 53);
}

static void get_no_cookie(void)
{
    packet4_discover(&packet);
    packet.bytes[237] = 0;
    get(1, 53);
}

static void get_odd_header(void)
{
    packet4_discover(&packet);
    packet.bytes[0] = 9;
    packet.bytes[2] = 99;
    get(1, 53);
}

static void get_no_end(void)
{
    OPTIONS(12, 1, 'h', 53, 1, 1);
    get(1, 53);
}

static void get_after_end(void)
{
    OPTIONS(53, 1, 1, 255, 12, 1, 'h', 255);
    get(1, 12);
}

static void get_overrun(void)
{
    OPTIONS(53, 1, 1, 12, 9, 'h', 255);
    get(1, 12);
}

static void get_before_overrun(void)
{
    OPTIONS(53, 1, 1, 12, 9, 'h', 255);
    get(1, 53);
}

static void get_repeated(void)
{
    OPTIONS(53, 1, 1, 43, 2, 'a', 'b', 43, 1, 'c', 255);
    get(1, 43);
}

/* Options in file (offset 108) and sname (offset 44) if option 52 says so. */
static void overload(BYTE fields)
{
    OPTIONS(53, 1, 1, 12, 1, 'h', 52, 1, fields, 255);
    memcpy(packet.bytes + 108, "\x0c\1f\xff", 4);
    memcpy(packet.bytes + 44, "\x0c\1s\xff", 4);
}

static void get_overload_file(void)
{
    overload(1);
    get(2, 12);
}

static void get_overload_sname(void)
{
    overload(2);
    get(2, 12);
}

static void get_overload_both(void)
{
    overload(3);
    get(3, 12);
}

static void get_overload_none(void)
{
    overload(0);
    get(2, 12);
}

/* ---- PxeDhcpGetVendorOptionValue ---- */

static void vendor(BYTE code, ULONG instance)
{
    BYTE length = UNTOUCHED;
    PVOID value = &used;
    DWORD error = PXE(PxeDhcpGetVendorOptionValue)(packet.bytes, packet.length, code, instance,
                                                   &length, &value);

    found_answer(error, length, value);
}

static void vendor_first(void)
{
    OPTIONS(43, 6, 6, 1, 8, 9, 1, 'm', 255);
    vendor(9, 1);
}

static void vendor_none(void)
{
    packet4_discover(&packet);
    vendor(6, 1);
}

static void vendor_missing(void)
{
    OPTIONS(43, 3, 6, 1, 8, 255);
    vendor(9, 1);
}

static void vendor_instance_0(void)
{
    OPTIONS(43, 3, 6, 1, 8, 255);
    vendor(6, 0);
}

static void vendor_across(void)
{
    OPTIONS(43, 3, 6, 1, 8, 43, 3, 6, 1, 9, 255);
    vendor(6, 2);
}

static void vendor_end(void)
{
    OPTIONS(43, 4, 255, 6, 1, 8, 255);
    vendor(6, 1);
}

static void vendor_end_next(void)
{
    OPTIONS(43, 1, 255, 43, 3, 6, 1, 9, 255);
    vendor(6, 1);
}

static void vendor_pad(void)
{
    OPTIONS(43, 5, 0, 0, 6, 1, 8, 255);
    vendor(6, 1);
}

static void vendor_get_pad(void)
{
    OPTIONS(43, 5, 0, 0, 6, 1, 8, 255);
    vendor(0, 1);
}

static void vendor_get_end(void)
{
    OPTIONS(43, 4, 6, 1, 8, 255, 255);
    vendor(255, 1);
}

static void vendor_overrun(void)
{
    OPTIONS(43, 3, 6, 9, 8, 255);
    vendor(6, 1);
}

static void vendor_overrun_next(void)
{
    OPTIONS(43, 3, 6, 9, 8, 43, 3, 6, 1, 9, 255);
    vendor(6, 1);
}

static void vendor_split(void)
{
    OPTIONS(43, 3, 6, 2, 8, 43, 1, 9, 255);
    vendor(6, 1);
}

static void vendor_null_outputs(void)
{
    OPTIONS(43, 3, 6, 1, 8, 255);
    answer("%lu", PXE(PxeDhcpGetVendorOptionValue)(packet.bytes, packet.length, 6, 1, NULL, NULL));
}

static void vendor_no_cookie(void)
{
    OPTIONS(43, 3, 6, 1, 8, 255);
    packet.bytes[236] = 0;
    vendor(6, 1);
}

/* ---- table ---- */

#define Q(id, text, choice, ask) {"v4-" id, text, choice, ask, NEEDS_NOTHING}
#define INIT "PxeDhcpInitialize: "
#define ADD "PxeDhcpAppendOption: "
#define RAW "PxeDhcpAppendOptionRaw: "
#define VALID "PxeDhcpIsValid: "
#define GET "PxeDhcpGetOptionValue: "
#define VENDOR "PxeDhcpGetVendorOptionValue: "
#define NO_WRITE "outputs unchanged"

static const struct question questions[] = {
    Q("init-length", INIT "length of the new reply", "0, length 240", init_length),
    Q("init-fields", INIT "which fields are copied",
      "0, op 02, hops zero, xid copied, secs copied, flags zero, ciaddr copied, yiaddr copied, "
      "siaddr copied, giaddr copied, chaddr copied, sname zero, file zero, cookie copied",
      init_fields),
    Q("init-clears", INIT "rest of a buffer of 300 bytes",
      "0, 60 of 60 bytes behind the header are 0, nothing behind the buffer", init_clears),
    Q("init-same-buffer", INIT "request and reply in one buffer",
      "0, op to xid 02 01 06 00 11 22 33 44, options 00 00", init_same_buffer),
    Q("init-hlen", INIT "hlen 200 in the request", "0, hlen 200", init_long_address),
    Q("init-short", INIT "request of 239 bytes", "13, length not written", init_short),
    Q("init-no-cookie", INIT "request without cookie", "13, length not written", init_no_cookie),
    Q("init-small", INIT "reply buffer of 239 bytes", "122, length not written", init_small_reply),
    Q("init-exact", INIT "reply buffer of 240 bytes", "0, length 240", init_exact_reply),
    Q("init-null-request", INIT "request NULL", "87", init_null_request),
    Q("init-null-reply", INIT "reply NULL", "87", init_null_reply),
    Q("init-null-length", INIT "length pointer NULL", "87", init_null_length),

    Q("add", ADD "option 43, 2 bytes", "0, appended 2b 02 61 62", append_plain),
    Q("add-empty", ADD "0 bytes", "0, appended 2b 00", append_empty),
    Q("add-empty-null", ADD "0 bytes, value NULL", "0, appended 2b 00", append_empty_null),
    Q("add-null-value", ADD "2 bytes, value NULL", "87, nothing changed", append_null_value),
    Q("add-pad", ADD "code 0 with 2 bytes", "0, appended 00", append_pad),
    Q("add-end", ADD "code 255 with 2 bytes", "0, appended ff", append_end),
    Q("add-end-null", ADD "code 255 with length 2, value NULL", "0, appended ff", append_end_null),
    Q("add-after-end", ADD "packet already has End", "0, appended 36 04 01 02 03 04",
      append_after_end),
    Q("add-again", ADD "code that is there already", "0, appended 2b 01 79", append_again),
    Q("add-exact", ADD "just enough room", "0, appended 2b 02 61 62", append_exact),
    Q("add-no-room", ADD "one byte too little room", "122, nothing changed", append_no_room),
    Q("add-end-no-room", ADD "code 255, no room", "122, nothing changed", append_end_no_room),
    Q("add-length-low", ADD "length so far 239", "87, nothing changed", append_length_low),
    Q("add-length-high", ADD "length so far above the buffer's", "87, nothing changed",
      append_length_high),
    Q("add-null-packet", ADD "packet NULL", "87", append_null_packet),
    Q("add-null-length", ADD "length pointer NULL", "87", append_null_length),

    Q("raw", RAW "a complete option", "0, appended fa 03 61 62 63", raw_plain),
    Q("raw-not-options", RAW "bytes that are no option", "0, appended fa 63 78", raw_not_options),
    Q("raw-large", RAW "600 bytes", "0, length 840", raw_large),
    Q("raw-empty", RAW "0 bytes", "0, nothing changed", raw_empty),
    Q("raw-empty-null", RAW "0 bytes, buffer NULL", "0, nothing changed", raw_empty_null),
    Q("raw-null", RAW "2 bytes, buffer NULL", "87, nothing changed", raw_null),
    Q("raw-no-room", RAW "one byte too little room", "122, nothing changed", raw_no_room),
    Q("raw-length-low", RAW "length so far 239", "87, nothing changed", raw_length_low),
    Q("raw-length-high", RAW "length so far above the buffer's", "87, nothing changed",
      raw_length_high),

    Q("valid", VALID "DISCOVER of a PXE client", "0, flag TRUE", valid_discover),
    Q("valid-true-2", VALID "the same, bRequestPacket 2", "0, flag TRUE", valid_true_2),
    Q("valid-class-bare", VALID "option 60 is PXEClient alone", "0, flag TRUE", valid_bare_class),
    Q("valid-class-word", VALID "option 60 is PXEClients", "0, flag TRUE", valid_class_longer_word),
    Q("valid-class-case", VALID "option 60 starts with pxeclient", "0, flag FALSE",
      valid_class_case),
    Q("valid-class-short", VALID "option 60 is PXEClien", "0, flag FALSE", valid_class_short),
    Q("valid-class-inside", VALID "option 60 is xPXEClient", "0, flag FALSE", valid_class_inside),
    Q("valid-class-second", VALID "only the second option 60 is PXEClient", "0, flag FALSE",
      valid_class_second),
    Q("valid-class-split", VALID "PXEClient split over two options 60", "0, flag FALSE",
      valid_class_split),
    Q("valid-null-flag", VALID "flag pointer NULL", "0", valid_null_flag),
    Q("valid-null-packet", VALID "packet NULL", "87, flag FALSE", valid_null_packet),
    Q("valid-short", VALID "239 bytes", "13, flag FALSE", valid_short),
    Q("valid-no-options", VALID "240 bytes, no option", "13, flag FALSE", valid_header_only),
    Q("valid-no-end", VALID "no End", "13, flag FALSE", valid_no_end),
    Q("valid-zeros-after-end", VALID "zero bytes after End", "0, flag FALSE",
      valid_zeros_after_end),
    Q("valid-data-after-end", VALID "other bytes after End", "13, flag FALSE",
      valid_data_after_end),
    Q("valid-end-after-end", VALID "End twice", "13, flag FALSE", valid_end_after_end),
    Q("valid-type-after-end", VALID "option 53 after End", "13, flag FALSE", valid_type_after_end),
    Q("valid-overrun", VALID "option runs over the packet's end", "13, flag FALSE", valid_overrun),
    Q("valid-no-length-byte", VALID "packet ends after an option's code", "13, flag FALSE",
      valid_no_length_byte),
    Q("valid-no-type", VALID "no option 53", "13, flag FALSE", valid_no_type),
    Q("valid-type-empty", VALID "option 53 of length 0", "0, flag FALSE", valid_type_empty),
    Q("valid-type-unknown", VALID "option 53 says 200", "0, flag FALSE", valid_type_unknown),
    Q("valid-type-server", VALID "request, option 53 says OFFER", "0, flag FALSE",
      valid_type_of_server),
    Q("valid-type-last", VALID "option 53 after others and padding", "0, flag FALSE",
      valid_type_last),
    Q("valid-request-as-reply", VALID "op 1, asked as a reply", "13, flag FALSE",
      valid_request_as_reply),
    Q("valid-reply", VALID "op 2 with class PXEClient, asked as a reply", "0, flag TRUE",
      valid_reply),
    Q("valid-reply-as-request", VALID "op 2, asked as a request", "13, flag FALSE",
      valid_reply_as_request),
    Q("valid-op-3", VALID "op 3", "13, flag FALSE", valid_op_3),
    Q("valid-hlen-0", VALID "hlen 0", "0, flag TRUE", valid_hlen_0),
    Q("valid-hlen-17", VALID "hlen 17", "13, flag FALSE", valid_hlen_17),
    Q("valid-no-cookie", VALID "wrong cookie", "13, flag FALSE", valid_no_cookie),
    Q("valid-sname", VALID "no zero byte in sname", "13, flag FALSE", valid_sname_full),
    Q("valid-file", VALID "no zero byte in file", "13, flag FALSE", valid_file_full),
    Q("valid-file-overloaded", VALID "no zero byte in file, which holds options", "13, flag FALSE",
      valid_file_full_overloaded),

    Q("get", GET "first option", "0, length 1, at offset 242", get_first),
    Q("get-second", GET "instance 2 of a repeated option", "0, length 1, at offset 248",
      get_second),
    Q("get-repeated", GET "instance 1 of a repeated option", "0, length 2, at offset 245",
      get_repeated),
    Q("get-instance-0", GET "instance 0", "87, " NO_WRITE, get_instance_0),
    Q("get-instance-beyond", GET "instance 2 of an option that is there once", "2, " NO_WRITE,
      get_instance_beyond),
    Q("get-missing", GET "option that is not there", "2, " NO_WRITE, get_missing),
    Q("get-pad", GET "code 0", "2, " NO_WRITE, get_pad),
    Q("get-end", GET "code 255", "2, " NO_WRITE, get_end),
    Q("get-empty", GET "option of length 0 at the packet's end", "0, length 0, at offset 245",
      get_empty),
    Q("get-null-length", GET "length pointer NULL", "0, at offset 242", get_null_length),
    Q("get-null-value", GET "value pointer NULL", "0, length 1", get_null_value),
    Q("get-null-packet", GET "packet NULL", "87, " NO_WRITE, get_null_packet),
    Q("get-short", GET "239 bytes", "13, " NO_WRITE, get_short),
    Q("get-no-cookie", GET "wrong cookie", "13, " NO_WRITE, get_no_cookie),
    Q("get-odd-header", GET "op 9, hlen 99", "0, length 1, at offset 242", get_odd_header),
    Q("get-no-end", GET "packet without End", "0, length 1, at offset 245", get_no_end),
    Q("get-after-end", GET "option after End", "2, " NO_WRITE, get_after_end),
    Q("get-overrun", GET "option that runs over the packet's end", "2, " NO_WRITE, get_overrun),
    Q("get-before-overrun", GET "option before one that runs over the packet's end",
      "0, length 1, at offset 242", get_before_overrun),
    Q("get-overload-file", GET "instance 2 is in file (option 52 says 1)",
      "0, length 1, at offset 110", get_overload_file),
    Q("get-overload-sname", GET "instance 2 is in sname (option 52 says 2)",
      "0, length 1, at offset 46", get_overload_sname),
    Q("get-overload-both", GET "instance 3 (option 52 says 3)", "0, length 1, at offset 46",
      get_overload_both),
    Q("get-overload-none", GET "instance 2 is in file, but option 52 says 0", "2, " NO_WRITE,
      get_overload_none),

    Q("vendor", VENDOR "sub-option of option 43", "0, length 1, at offset 247", vendor_first),
    Q("vendor-no-43", VENDOR "no option 43", "2, " NO_WRITE, vendor_none),
    Q("vendor-missing", VENDOR "sub-option that is not there", "2, " NO_WRITE, vendor_missing),
    Q("vendor-instance-0", VENDOR "instance 0", "87, " NO_WRITE, vendor_instance_0),
    Q("vendor-across", VENDOR "instance 2 is in the second option 43", "0, length 1, at offset 249",
      vendor_across),
    Q("vendor-end", VENDOR "sub-option behind a 255", "2, " NO_WRITE, vendor_end),
    Q("vendor-end-next", VENDOR "sub-option in the option 43 behind one that has 255",
      "0, length 1, at offset 247", vendor_end_next),
    Q("vendor-pad", VENDOR "zero bytes before the sub-option", "0, length 1, at offset 246",
      vendor_pad),
    Q("vendor-get-pad", VENDOR "code 0", "2, " NO_WRITE, vendor_get_pad),
    Q("vendor-get-end", VENDOR "code 255", "2, " NO_WRITE, vendor_get_end),
    Q("vendor-overrun", VENDOR "sub-option runs over option 43's end", "2, " NO_WRITE,
      vendor_overrun),
    Q("vendor-overrun-next", VENDOR "the same, and another option 43 behind",
      "0, length 1, at offset 249", vendor_overrun_next),
    Q("vendor-split", VENDOR "sub-option split over two options 43", "2, " NO_WRITE, vendor_split),
    Q("vendor-null-outputs", VENDOR "both output pointers NULL", "0", vendor_null_outputs),
    Q("vendor-no-cookie", VENDOR "wrong cookie", "13, " NO_WRITE, vendor_no_cookie),
};

const struct question_group dhcp4_questions = QUESTION_GROUP(questions);
