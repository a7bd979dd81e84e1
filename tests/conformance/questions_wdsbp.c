/* wdsbp.dll: the options of Windows' network boot programs. */
#include "questions.h"

#include <string.h>

#include "packets.h"
#include "subject.h"

enum { UNTOUCHED = 0xee };

static struct packet packet;
static struct packet inner;
static BYTE buffer[70000];
static BYTE zeros[4096]; /* no handle; a DLL that takes it for a structure finds NULLs */

/* ---- handles ---- */

static HANDLE must_build(BYTE type)
{
    HANDLE handle = NULL;
    DWORD error = BP(WdsBpInitialize)(type, &handle);

    if (error != ERROR_SUCCESS)
        not_asked("WdsBpInitialize(%u) returned %lu", type, error);
    return handle;
}

static HANDLE must_parse(void)
{
    HANDLE handle = NULL;
    DWORD error = BP(WdsBpParseInitialize)(packet.bytes, packet.length, NULL, &handle);

    if (error != ERROR_SUCCESS)
        not_asked("WdsBpParseInitialize returned %lu", error);
    return handle;
}

static HANDLE must_parse6(void)
{
    HANDLE handle = NULL;
    DWORD error = BP(WdsBpParseInitializev6)(packet.bytes, packet.length, NULL, &handle);

    if (error != ERROR_SUCCESS)
        not_asked("WdsBpParseInitializev6 returned %lu", error);
    return handle;
}

/* ---- WdsBpInitialize, WdsBpCloseHandle ---- */

/* Code for each type; and whether failure sets the handle. */
static void init_types(const BYTE *types, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        HANDLE handle = zeros;
        DWORD error = BP(WdsBpInitialize)(types[i], &handle);

        answer("%u code %lu%s", types[i], error,
               error == ERROR_SUCCESS ? ""
               : handle == NULL       ? " handle NULL"
                                      : " handle not NULL");
    }
}

static void init_good(void)
{
    init_types((const BYTE[]){2, 4, 8}, 3);
}

static void init_both(void)
{
    init_types((const BYTE[]){6}, 1);
}

static void init_bad(void)
{
    init_types((const BYTE[]){0, 1, 10, 16}, 4);
}

static void init_null(void)
{
    answer("%lu", BP(WdsBpInitialize)(WDSBP_PK_TYPE_BCD, NULL));
}

static void close_null(void)
{
    answer("%lu", BP(WdsBpCloseHandle)(NULL));
}

static void close_invented(void)
{
    answer("%lu", BP(WdsBpCloseHandle)(zeros));
}

static void close_twice(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_BCD);

    answer("%lu", BP(WdsBpCloseHandle)(handle));
    answer("%lu", BP(WdsBpCloseHandle)(handle));
}

/* ---- WdsBpGetOptionBuffer ---- */

static void get(HANDLE handle, ULONG size)
{
    ULONG used = 0xeeeeeeee;

    memset(buffer, UNTOUCHED, sizeof(buffer));
    DWORD error = BP(WdsBpGetOptionBuffer)(handle, size, buffer, &used);

    answer("%lu", error);
    if (used == 0xeeeeeeee)
        answer("length not written");
    else
        answer("length %lu", used);
    if (error == ERROR_SUCCESS && used <= 64)
        answer_bytes("bytes", buffer, used);
    else if (error != ERROR_SUCCESS)
        answer(buffer[0] == UNTOUCHED ? "buffer unchanged" : "buffer changed");
}

static DWORD add(HANDLE handle, ULONG option, ULONG size, const void *value)
{
    return BP(WdsBpAddOption)(handle, option, size, (PVOID)(ULONG_PTR)value);
}

#define PATH "boot\\my.bcd"

static void get_bcd(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_BCD);

    answer("%lu", add(handle, WDSBP_OPT_BCD_FILE_PATH, sizeof(PATH) - 1, PATH));
    get(handle, sizeof(buffer));
}

static void get_bcd_zero(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_BCD);

    answer("%lu", add(handle, WDSBP_OPT_BCD_FILE_PATH, sizeof(PATH), PATH));
    get(handle, sizeof(buffer));
}

static void get_probe(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_BCD);
    ULONG used = 0;

    add(handle, WDSBP_OPT_BCD_FILE_PATH, sizeof(PATH) - 1, PATH);
    answer("%lu", BP(WdsBpGetOptionBuffer)(handle, 0, NULL, &used));
    answer("length %lu", used);
}

static void get_exact(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_WDSNBP);

    add(handle, WDSBP_OPT_NEXT_ACTION, 1, "\1");
    get(handle, 6);
}

static void get_small(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_WDSNBP);

    add(handle, WDSBP_OPT_NEXT_ACTION, 1, "\1");
    get(handle, 5);
}

static void get_nothing(void)
{
    get(must_build(WDSBP_PK_TYPE_WDSNBP), sizeof(buffer));
}

static void get_nothing_6(void)
{
    get(must_build(WDSBP_PK_TYPE_DHCPV6), sizeof(buffer));
}

static void get_null_length(void)
{
    answer("%lu", BP(WdsBpGetOptionBuffer)(must_build(WDSBP_PK_TYPE_BCD), 100, buffer, NULL));
}

static void get_null_buffer(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_BCD);
    ULONG used = 0;

    add(handle, WDSBP_OPT_BCD_FILE_PATH, sizeof(PATH) - 1, PATH);
    answer("%lu", BP(WdsBpGetOptionBuffer)(handle, 100, NULL, &used));
}

static void get_null_handle(void)
{
    get(NULL, sizeof(buffer));
}

static void get_parse_handle(void)
{
    packet4_discover(&packet);
    get(must_parse(), sizeof(buffer));
}

static void get_numbers(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_WDSNBP);
    ULONG id = 0x01020304;
    USHORT interval = 0x0506;

    answer("%lu", add(handle, WDSBP_OPT_REQUEST_ID, sizeof(id), &id));
    answer("%lu", add(handle, WDSBP_OPT_POLL_INTERVAL, sizeof(interval), &interval));
    get(handle, sizeof(buffer));
}

static void get_address(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_WDSNBP);

    answer("%lu", add(handle, WDSBP_OPT_REFERRAL_SERVER, 4, "\xc0\0\2\x14"));
    get(handle, sizeof(buffer));
}

static void get_message(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_WDSNBP);

    answer("%lu", add(handle, WDSBP_OPT_MESSAGE, 4, "Wait"));
    get(handle, sizeof(buffer));
}

static void get_none(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_WDSNBP);

    answer("%lu", add(handle, WDSBP_OPT_VERSION_QUERY, 0, NULL));
    get(handle, sizeof(buffer));
}

static void get_both(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_WDSNBP);

    answer("%lu", add(handle, WDSBP_OPT_BCD_FILE_PATH, 1, "x"));
    answer("%lu", add(handle, WDSBP_OPT_NEXT_ACTION, 1, "\5"));
    get(handle, sizeof(buffer));
}

static void get_more(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_WDSNBP);

    add(handle, WDSBP_OPT_NEXT_ACTION, 1, "\1");
    get(handle, sizeof(buffer));
    answer("%lu", add(handle, WDSBP_OPT_PXE_CLIENT_PROMPT, 1, "\2"));
    get(handle, sizeof(buffer));
}

static void get_replaced(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_WDSNBP);

    add(handle, WDSBP_OPT_NEXT_ACTION, 1, "\1");
    add(handle, WDSBP_OPT_PXE_CLIENT_PROMPT, 1, "\2");
    answer("%lu", add(handle, WDSBP_OPT_NEXT_ACTION, 1, "\5"));
    get(handle, sizeof(buffer));
}

static void get_v6(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_DHCPV6);
    USHORT interval = 0x0506;

    answer("%lu", add(handle, WDSBP_OPTV6_NEXT_ACTION, 1, "\1"));
    answer("%lu", add(handle, WDSBP_OPTV6_POLL_INTERVAL, sizeof(interval), &interval));
    get(handle, sizeof(buffer));
}

static void get_v6_bcd(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_DHCPV6);

    answer("%lu", add(handle, WDSBP_OPTV6_BCD_FILE_PATH, sizeof(PATH) - 1, PATH));
    get(handle, sizeof(buffer));
}

/* ---- WdsBpAddOption ---- */

static void add_answer(BYTE type, ULONG option, ULONG size, const void *value)
{
    answer("%lu", add(must_build(type), option, size, value));
}

static void add_null_handle(void)
{
    answer("%lu", add(NULL, WDSBP_OPT_NEXT_ACTION, 1, "\1"));
}

static void add_parse_handle(void)
{
    packet4_discover(&packet);
    answer("%lu", add(must_parse(), WDSBP_OPT_NEXT_ACTION, 1, "\1"));
}

static void add_wrong_packet(void)
{
    add_answer(WDSBP_PK_TYPE_BCD, WDSBP_OPT_NEXT_ACTION, 1, "\1");
}

static void add_wrong_family(void)
{
    add_answer(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPTV6_NEXT_ACTION, 1, "\1");
}

static void add_wrong_type(void)
{
    add_answer(WDSBP_PK_TYPE_WDSNBP,
               WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_ULONG, 2), 4, "\1\0\0\0");
}

static void add_wrong_length(void)
{
    add_answer(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_POLL_INTERVAL, 4, "\1\0\0\0");
}

static void add_none_length(void)
{
    add_answer(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_VERSION_QUERY, 1, "\1");
}

static void add_null_value(void)
{
    add_answer(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_NEXT_ACTION, 1, NULL);
}

static void add_unknown(void)
{
    add_answer(WDSBP_PK_TYPE_WDSNBP,
               WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_BYTE, 200), 1, "\1");
}

static void add_255(void)
{
    add_answer(WDSBP_PK_TYPE_WDSNBP,
               WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_BYTE, 255), 1, "\1");
}

static void add_wide(void)
{
    add_answer(WDSBP_PK_TYPE_WDSNBP,
               WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_WSTR, 200), 2, L"x");
}

static void add_empty_path(void)
{
    HANDLE handle = must_build(WDSBP_PK_TYPE_BCD);

    answer("%lu", add(handle, WDSBP_OPT_BCD_FILE_PATH, 0, NULL));
    get(handle, sizeof(buffer));
}

static void path_lengths(ULONG first, ULONG second)
{
    static char text[300];

    memset(text, 'p', sizeof(text));
    answer("%lu characters %lu", first,
           add(must_build(WDSBP_PK_TYPE_BCD), WDSBP_OPT_BCD_FILE_PATH, first, text));
    answer("%lu characters %lu", second,
           add(must_build(WDSBP_PK_TYPE_BCD), WDSBP_OPT_BCD_FILE_PATH, second, text));
}

static void add_long_path(void)
{
    path_lengths(254, 255);
}

static void add_full(void)
{
    static char text[300];
    HANDLE handle = must_build(WDSBP_PK_TYPE_WDSNBP);

    memset(text, 'm', sizeof(text));
    answer("%lu", add(handle, WDSBP_OPT_MESSAGE, 249, text));
    answer("%lu", add(handle, WDSBP_OPT_NEXT_ACTION, 1, "\1"));
    answer("%lu", add(handle, WDSBP_OPT_VERSION_QUERY, 0, NULL));
}

/* ---- WdsBpParseInitialize ---- */

/* The options that wdsmgfw.efi sends, in its order (docs/behaviour-wdsbp.md). */
static void nbp_request(const char *class_data)
{
    static const BYTE content[] = {12, 1, 0, 13, 2, 8, 0, 1, 2, 0, 7, 14, 1, 0, 255};

    packet4_start(&packet);
    PUT(&packet, 53, 1, 3);
    if (class_data != NULL)
        packet4_text(&packet, 60, class_data);
    packet4_option(&packet, 250, content, sizeof(content));
    PUT(&packet, 255);
}

static void parse_answer(void)
{
    HANDLE handle = zeros;
    BYTE type = UNTOUCHED;
    DWORD error = BP(WdsBpParseInitialize)(packet.bytes, packet.length, &type, &handle);

    answer("%lu", error);
    answer(type == UNTOUCHED ? "type not written" : "type %u", type);
    if (error != ERROR_SUCCESS)
        answer(handle == NULL ? "handle NULL" : "handle not NULL");
}

static void parse_nbp(void)
{
    nbp_request("PXEClient");
    parse_answer();
}

static void parse_firmware(void)
{
    packet4_discover(&packet);
    parse_answer();
}

static void parse_no_class(void)
{
    nbp_request(NULL);
    parse_answer();
}

static void parse_empty_250(void)
{
    packet4_start(&packet);
    packet4_text(&packet, 60, "PXEClient");
    PUT(&packet, 250, 1, 255, 255);
    parse_answer();
}

static void parse_bcd(void)
{
    packet4_start(&packet);
    packet4_text(&packet, 252, PATH);
    PUT(&packet, 255);
    parse_answer();
}

static void parse_empty_bcd(void)
{
    packet4_start(&packet);
    PUT(&packet, 252, 0, 255);
    parse_answer();
}

static void parse_no_end(void)
{
    nbp_request("PXEClient");
    packet.length--;
    parse_answer();
}

static void parse_no_message_type(void)
{
    packet4_start(&packet);
    PUT(&packet, 255);
    parse_answer();
}

static void parse_reply(void)
{
    nbp_request("PXEClient");
    packet.bytes[0] = 2;
    parse_answer();
}

static void parse_op_3(void)
{
    nbp_request("PXEClient");
    packet.bytes[0] = 3;
    parse_answer();
}

static void parse_short(void)
{
    packet4_start(&packet);
    packet.length = 239;
    parse_answer();
}

static void parse_no_cookie(void)
{
    nbp_request("PXEClient");
    packet.bytes[236] = 0;
    parse_answer();
}

static void parse_null_packet(void)
{
    HANDLE handle = zeros;

    answer("%lu", BP(WdsBpParseInitialize)(NULL, 300, NULL, &handle));
}

static void parse_null_type(void)
{
    HANDLE handle = NULL;

    nbp_request("PXEClient");
    answer("%lu", BP(WdsBpParseInitialize)(packet.bytes, packet.length, NULL, &handle));
}

static void parse_null_handle(void)
{
    BYTE type;

    nbp_request("PXEClient");
    answer("%lu", BP(WdsBpParseInitialize)(packet.bytes, packet.length, &type, NULL));
}

/* ---- WdsBpQueryOption ---- */

static void query_on(HANDLE handle, ULONG option, ULONG size)
{
    ULONG used = 0xeeeeeeee;

    memset(buffer, UNTOUCHED, sizeof(buffer));
    DWORD error = BP(WdsBpQueryOption)(handle, option, size, size > 0 ? buffer : NULL, &used);

    answer("%lu", error);
    if (used == 0xeeeeeeee)
        answer("length not written");
    else
        answer("length %lu", used);
    if (error == ERROR_SUCCESS && used > 0 && used <= 48)
        answer_bytes("bytes", buffer, used);
    else if (size > 0)
        answer(buffer[0] == UNTOUCHED ? "buffer unchanged" : "buffer changed");
}

static void query(ULONG option, ULONG size)
{
    nbp_request("PXEClient");
    query_on(must_parse(), option, size);
}

static void query_number(void)
{
    query(WDSBP_OPT_NBP_VER, 100);
}

static void query_probe(void)
{
    query(WDSBP_OPT_NBP_VER, 0);
}

static void query_small(void)
{
    query(WDSBP_OPT_NBP_VER, 1);
}

static void query_missing(void)
{
    query(WDSBP_OPT_REQUEST_ID, 100);
}

static void query_missing_probe(void)
{
    query(WDSBP_OPT_REQUEST_ID, 0);
}

static void query_family(void)
{
    query(WDSBP_OPTV6_NBP_VER, 100);
}

static void query_type(void)
{
    query(WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_BYTE, 13), 100);
}

static void query_null_value(void)
{
    ULONG used = 0;

    nbp_request("PXEClient");
    answer("%lu", BP(WdsBpQueryOption)(must_parse(), WDSBP_OPT_NBP_VER, 100, NULL, &used));
}

static void query_null_length(void)
{
    nbp_request("PXEClient");
    answer("%lu", BP(WdsBpQueryOption)(must_parse(), WDSBP_OPT_NBP_VER, 100, buffer, NULL));
}

static void query_null_handle(void)
{
    query_on(NULL, WDSBP_OPT_NBP_VER, 100);
}

static void query_build_handle(void)
{
    query_on(must_build(WDSBP_PK_TYPE_WDSNBP), WDSBP_OPT_NBP_VER, 100);
}

static void query_closed(void)
{
    HANDLE handle;

    nbp_request("PXEClient");
    handle = must_parse();
    BP(WdsBpCloseHandle)(handle);
    query_on(handle, WDSBP_OPT_NBP_VER, 100);
}

static void query_copy(void)
{
    HANDLE handle;

    nbp_request("PXEClient");
    handle = must_parse();
    memset(packet.bytes, 0, sizeof(packet.bytes));
    query_on(handle, WDSBP_OPT_NBP_VER, 100);
}

/* A packet whose option 250 holds these bytes. */
#define CONTENT(...)                                                                               \
    (packet4_start(&packet), packet4_text(&packet, 60, "PXEClient"),                               \
     packet4_option(&packet, 250, (const BYTE[]){__VA_ARGS__},                                     \
                    sizeof((const BYTE[]){__VA_ARGS__})))

static void query_wire_size(void)
{
    CONTENT(13, 1, 8, 255);
    query_on(must_parse(), WDSBP_OPT_NBP_VER, 100);
}

static void query_repeated(void)
{
    CONTENT(13, 2, 8, 0, 13, 2, 7, 0, 255);
    query_on(must_parse(), WDSBP_OPT_NBP_VER, 100);
}

static void query_pad(void)
{
    CONTENT(0, 0, 13, 2, 8, 0, 255);
    query_on(must_parse(), WDSBP_OPT_NBP_VER, 100);
}

static void query_after_end(void)
{
    CONTENT(255, 13, 2, 8, 0);
    query_on(must_parse(), WDSBP_OPT_NBP_VER, 100);
}

static void query_no_end(void)
{
    CONTENT(13, 2, 8, 0);
    query_on(must_parse(), WDSBP_OPT_NBP_VER, 100);
}

static void query_before_overrun(void)
{
    CONTENT(13, 2, 8, 0, 5, 9, 1);
    query_on(must_parse(), WDSBP_OPT_NBP_VER, 100);
}

static void query_none(void)
{
    CONTENT(7, 0, 255);
    query_on(must_parse(), WDSBP_OPT_VERSION_QUERY, 0);
}

static void query_joined(void)
{
    packet4_start(&packet);
    packet4_text(&packet, 60, "PXEClient");
    PUT(&packet, 250, 3, 13, 2, 8, 250, 2, 0, 255, 255);
    query_on(must_parse(), WDSBP_OPT_NBP_VER, 100);
}

static void query_address(void)
{
    CONTENT(9, 4, 192, 0, 2, 20, 255);
    query_on(must_parse(), WDSBP_OPT_REFERRAL_SERVER, 100);
}

static void query_string(void)
{
    CONTENT(6, 2, 'h', 'i', 255);
    query_on(must_parse(), WDSBP_OPT_MESSAGE, 100);
}

static void query_string_zeros(void)
{
    CONTENT(6, 4, 'h', 'i', 0, 0, 255);
    query_on(must_parse(), WDSBP_OPT_MESSAGE, 100);
}

static void query_string_small(void)
{
    CONTENT(6, 2, 'h', 'i', 255);
    query_on(must_parse(), WDSBP_OPT_MESSAGE, 2);
}

static void query_path(void)
{
    packet4_start(&packet);
    packet4_text(&packet, 252, "x");
    PUT(&packet, 255);
    query_on(must_parse(), WDSBP_OPT_BCD_FILE_PATH, 100);
}

/* ---- WdsBpParseInitializev6 ---- */

static void parse6_answer(void)
{
    HANDLE handle = zeros;
    BYTE type = UNTOUCHED;
    DWORD error = BP(WdsBpParseInitializev6)(packet.bytes, packet.length, &type, &handle);

    answer("%lu", error);
    answer(type == UNTOUCHED ? "type not written" : "type %u", type);
    if (error != ERROR_SUCCESS)
        answer(handle == NULL ? "handle NULL" : "handle not NULL");
}

static void parse6_firmware(void)
{
    packet6_solicit(&packet);
    parse6_answer();
}

static void parse6_nbp(void)
{
    packet6_start(&packet, 3);
    packet6_option(&packet, 50011, "\x8\0", 2);
    parse6_answer();
}

static void parse6_bcd(void)
{
    packet6_start(&packet, 3);
    packet6_option(&packet, 50014, "x", 1);
    parse6_answer();
}

static void parse6_vendor(void)
{
    packet6_start(&packet, 3);
    packet6_option(&packet, 17, "\0\0\1\x37\xc3\x5b\0\2\x8\0", 10);
    parse6_answer();
}

static void parse6_relayed(void)
{
    packet6_start(&inner, 3);
    packet6_option(&inner, 50011, "\x8\0", 2);
    packet6_relay(&packet, 0, &inner);
    parse6_answer();
}

static void parse6_relay_no_message(void)
{
    packet6_start(&packet, 12);
    parse6_answer();
}

static void parse6_short(void)
{
    packet6_start(&packet, 3);
    packet.length = 3;
    parse6_answer();
}

static void parse6_broken(void)
{
    packet6_start(&packet, 3);
    packet6_option(&packet, 50011, "\x8\0", 2);
    PUT(&packet, 0, 6, 0, 9);
    parse6_answer();
}

static void query6_number(void)
{
    packet6_start(&packet, 3);
    packet6_option(&packet, 50011, "\x8\0", 2);
    query_on(must_parse6(), WDSBP_OPTV6_NBP_VER, 100);
}

static void query6_family(void)
{
    packet6_start(&packet, 3);
    packet6_option(&packet, 50011, "\x8\0", 2);
    query_on(must_parse6(), WDSBP_OPT_NBP_VER, 100);
}

/* ---- table ---- */

#define Q(id, text, choice, ask) {"bp-" id, text, choice, ask, NEEDS_WDSBP}
#define INIT "WdsBpInitialize: "
#define CLOSE "WdsBpCloseHandle: "
#define GET "WdsBpGetOptionBuffer: "
#define ADD "WdsBpAddOption: "
#define PARSE "WdsBpParseInitialize: "
#define PARSE6 "WdsBpParseInitializev6: "
#define QUERY "WdsBpQueryOption: "
#define NO_PARSE "13, type 0, handle NULL"
#define NO_LENGTH "length not written, buffer unchanged"
#define VERSION "0, length 2, bytes 00 08"

static const struct question questions[] = {
    Q("init", INIT "types 2, 4, 8", "2 code 0, 4 code 0, 8 code 0", init_good),
    Q("init-both", INIT "types 2 and 4 together", "6 code 0", init_both),
    Q("init-bad", INIT "other types",
      "0 code 87 handle NULL, 1 code 87 handle NULL, 10 code 87 handle NULL, "
      "16 code 87 handle NULL",
      init_bad),
    Q("init-null", INIT "output NULL", "87", init_null),
    Q("close-null", CLOSE "NULL", "6", close_null),
    Q("close-invented", CLOSE "handle that is none", "6", close_invented),
    Q("close-twice", CLOSE "twice", "0, 6", close_twice),

    Q("get-bcd", GET "path of 11 characters, added without its zero byte",
      "0, 0, length 14, bytes fc 0c 62 6f 6f 74 5c 6d 79 2e 62 63 64 00", get_bcd),
    Q("get-bcd-zero", GET "the same, added with its zero byte",
      "0, 0, length 14, bytes fc 0c 62 6f 6f 74 5c 6d 79 2e 62 63 64 00", get_bcd_zero),
    Q("get-probe", GET "length 0, buffer NULL", "122, length 14", get_probe),
    Q("get-exact", GET "buffer just large enough", "0, length 6, bytes fa 04 02 01 01 ff",
      get_exact),
    Q("get-small", GET "buffer one byte too small", "122, length 6, buffer unchanged", get_small),
    Q("get-nothing", GET "nothing added", "0, length 0, bytes", get_nothing),
    Q("get-nothing-6", GET "nothing added, type 8", "0, length 0, bytes", get_nothing_6),
    Q("get-null-length", GET "length pointer NULL", "87", get_null_length),
    Q("get-null-buffer", GET "length 100, buffer NULL", "87", get_null_buffer),
    Q("get-null-handle", GET "handle NULL", "6, " NO_LENGTH, get_null_handle),
    Q("get-parse-handle", GET "handle of a parsed packet", "6, " NO_LENGTH, get_parse_handle),
    Q("get-numbers", GET "byte order of numbers",
      "0, 0, 0, length 13, bytes fa 0b 05 04 01 02 03 04 03 02 05 06 ff", get_numbers),
    Q("get-address", GET "byte order of an IPv4 address",
      "0, 0, length 9, bytes fa 07 09 04 c0 00 02 14 ff", get_address),
    Q("get-message", GET "message of 4 characters",
      "0, 0, length 10, bytes fa 08 06 05 57 61 69 74 00 ff", get_message),
    Q("get-none", GET "option without value", "0, 0, length 5, bytes fa 03 07 00 ff", get_none),
    Q("get-both", GET "type 2 with a BCD path",
      "0, 0, 0, length 10, bytes fa 04 02 01 05 ff fc "
      "02 78 00",
      get_both),
    Q("get-more", GET "option added after reading",
      "0, length 6, bytes fa 04 02 01 01 ff, 0, 0, length 9, bytes fa 07 02 01 01 0b 01 02 ff",
      get_more),
    Q("get-replaced", GET "option added twice", "0, 0, length 9, bytes fa 07 02 01 05 0b 01 02 ff",
      get_replaced),
    Q("get-v6", GET "DHCPv6 options", "0, 0, 0, length 11, bytes c3 51 00 01 01 c3 52 00 02 05 06",
      get_v6),
    Q("get-v6-bcd", GET "DHCPv6 path",
      "0, 0, length 16, bytes c3 5e 00 0c 62 6f 6f 74 5c 6d 79 2e 62 63 64 00", get_v6_bcd),

    Q("add-null-handle", ADD "handle NULL", "6", add_null_handle),
    Q("add-parse-handle", ADD "handle of a parsed packet", "6", add_parse_handle),
    Q("add-wrong-packet", ADD "option of type 2, handle of type 4", "87", add_wrong_packet),
    Q("add-wrong-family", ADD "DHCPv6 option, handle of type 2", "87", add_wrong_family),
    Q("add-wrong-type", ADD "NEXT_ACTION as ULONG", "87", add_wrong_type),
    Q("add-wrong-length", ADD "USHORT of 4 bytes", "87", add_wrong_length),
    Q("add-none-length", ADD "option without value, of 1 byte", "87", add_none_length),
    Q("add-null-value", ADD "1 byte, value NULL", "87", add_null_value),
    Q("add-unknown", ADD "sub-option 200, a byte", "0", add_unknown),
    Q("add-255", ADD "sub-option 255", "87", add_255),
    Q("add-wide", ADD "value type WSTR", "87", add_wide),
    Q("add-empty-path", ADD "path of 0 characters", "0, 0, length 3, bytes fc 01 00",
      add_empty_path),
    Q("add-long-path", ADD "longest path", "254 characters 0, 255 characters 111", add_long_path),
    Q("add-full", ADD "1 byte and 0 bytes, after a message of 249 characters", "0, 111, 0",
      add_full),

    Q("parse", PARSE "request of a boot program", "0, type 3", parse_nbp),
    Q("parse-firmware", PARSE "request without option 250", "0, type 1", parse_firmware),
    Q("parse-no-class", PARSE "option 250 without option 60", "0, type 1", parse_no_class),
    Q("parse-empty-250", PARSE "option 250 with nothing but 255", "0, type 1", parse_empty_250),
    Q("parse-bcd", PARSE "option 252", "0, type 5", parse_bcd),
    Q("parse-empty-bcd", PARSE "option 252 of length 0", "0, type 1", parse_empty_bcd),
    Q("parse-no-end", PARSE "no End", "0, type 3", parse_no_end),
    Q("parse-no-type", PARSE "no option 53", "0, type 1", parse_no_message_type),
    Q("parse-reply", PARSE "op 2", "0, type 3", parse_reply),
    Q("parse-op-3", PARSE "op 3", NO_PARSE, parse_op_3),
    Q("parse-short", PARSE "239 bytes", NO_PARSE, parse_short),
    Q("parse-no-cookie", PARSE "wrong cookie", NO_PARSE, parse_no_cookie),
    Q("parse-null-packet", PARSE "packet NULL", "87", parse_null_packet),
    Q("parse-null-type", PARSE "type pointer NULL", "0", parse_null_type),
    Q("parse-null-handle", PARSE "handle pointer NULL", "87", parse_null_handle),

    Q("query", QUERY "USHORT 08 00 on the wire, larger buffer", VERSION, query_number),
    Q("query-probe", QUERY "length 0, buffer NULL", "122, length 2", query_probe),
    Q("query-small", QUERY "buffer too small", "122, length 2, buffer unchanged", query_small),
    Q("query-missing", QUERY "option that is not there", "2, length 0, buffer unchanged",
      query_missing),
    Q("query-missing-probe", QUERY "option that is not there, length 0, buffer NULL", "2, length 0",
      query_missing_probe),
    Q("query-family", QUERY "DHCPv6 option of a DHCPv4 packet", "87, " NO_LENGTH, query_family),
    Q("query-type", QUERY "NBP_VER as BYTE", "87, " NO_LENGTH, query_type),
    Q("query-null-value", QUERY "length 100, buffer NULL", "87", query_null_value),
    Q("query-null-length", QUERY "length pointer NULL", "0", query_null_length),
    Q("query-null-handle", QUERY "handle NULL", "6, " NO_LENGTH, query_null_handle),
    Q("query-build-handle", QUERY "handle from WdsBpInitialize", "6, " NO_LENGTH,
      query_build_handle),
    Q("query-closed", QUERY "closed handle", "6, " NO_LENGTH, query_closed),
    Q("query-copy", QUERY "packet overwritten after parsing", VERSION, query_copy),
    Q("query-wire-size", QUERY "USHORT of 1 byte on the wire", "13, length 0, buffer unchanged",
      query_wire_size),
    Q("query-repeated", QUERY "sub-option twice", VERSION, query_repeated),
    Q("query-pad", QUERY "zero bytes before the sub-option", VERSION, query_pad),
    Q("query-after-end", QUERY "sub-option behind 255", "2, length 0, buffer unchanged",
      query_after_end),
    Q("query-no-end", QUERY "option 250 without 255", VERSION, query_no_end),
    Q("query-before-overrun", QUERY "sub-option before a broken one", VERSION,
      query_before_overrun),
    Q("query-none", QUERY "option without value, length 0, buffer NULL", "0, length 0", query_none),
    Q("query-joined", QUERY "sub-option split over two options 250", VERSION, query_joined),
    Q("query-address", QUERY "byte order of an IPv4 address", "0, length 4, bytes c0 00 02 14",
      query_address),
    Q("query-string", QUERY "string without zero byte on the wire", "0, length 3, bytes 68 69 00",
      query_string),
    Q("query-string-zeros", QUERY "string with two zero bytes on the wire",
      "0, length 3, bytes 68 69 00", query_string_zeros),
    Q("query-string-small", QUERY "buffer without room for the zero byte",
      "122, length 3, buffer unchanged", query_string_small),
    Q("query-path", QUERY "option 252", "0, length 2, bytes 78 00", query_path),

    Q("parse6-firmware", PARSE6 "none of our options", "0, type 8", parse6_firmware),
    Q("parse6", PARSE6 "option 50011", "0, type 10", parse6_nbp),
    Q("parse6-bcd", PARSE6 "option 50014", "0, type 14", parse6_bcd),
    Q("parse6-vendor", PARSE6 "50011 inside option 17 of enterprise 311", "0, type 10",
      parse6_vendor),
    Q("parse6-relayed", PARSE6 "50011 in a relayed message", "0, type 10", parse6_relayed),
    Q("parse6-no-message", PARSE6 "RELAY-FORW without a message", NO_PARSE,
      parse6_relay_no_message),
    Q("parse6-short", PARSE6 "3 bytes", NO_PARSE, parse6_short),
    Q("parse6-broken", PARSE6 "broken option behind 50011", "0, type 10", parse6_broken),
    Q("query6", QUERY "DHCPv6 option, USHORT 08 00 on the wire", VERSION, query6_number),
    Q("query6-family", QUERY "DHCPv4 option of a DHCPv6 packet", "87, " NO_LENGTH, query6_family),
};

const struct question_group wdsbp_questions = QUESTION_GROUP(questions);
