/* wdspxectl: golden files made and compared; exchanges as ladder, JSON and report. */
#include "wdspxectl/exchange/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire.h"
#include "support/wire6.h"
#include "wdspxectl/decode/fields.h"
#include "wdspxectl/exchange/exchange_json.h"
#include "wdspxectl/exchange/ladder.h"
#include "wdspxectl/exchange/report.h"

/* ---- a run of two exchanges ---- */

static uint8_t discover[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_ARCH(7), WIRE_END};
/* clang-format off */
static uint8_t offer[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(2), 54, 4, 10, 0, 0, 2,
                          60,          9,                    WIRE_PXE_CLIENT,
                          43,          6,                    6, 1, 8, 71, 0, 255, WIRE_END};
/* clang-format on */
static uint8_t solicit[] = {WIRE6_OVMF_SOLICIT};
static uint8_t reply6[] = {WIRE6_ISC_REPLY};

static struct message messages[2];
static struct exchange_list list;
static struct text text;

static const struct endpoint client4 = {{0}, 4, 68}, server4 = {{10, 0, 0, 2}, 4, 67};
static const struct endpoint all4 = {{255, 255, 255, 255}, 4, 68};
static const struct endpoint client6 = {{0xfe, 0x80, [15] = 9}, 16, 546};
static const struct endpoint server6 = {{0xfe, 0x80, [15] = 1}, 16, 547};

static void answer(struct exchange *exchange, const struct endpoint *from,
                   const struct endpoint *to, uint8_t *packet, size_t length)
{
    const struct exchange_reply reply = {
        {.source = *from, .destination = *to, .packet = packet, .length = length}, "prov"};
    assert_true(exchange_add_reply(exchange, &reply));
    exchange->has_ended = true;
    exchange->provider = "prov";
    exchange->action = "nbp";
}

static int start(void **state)
{
    (void)state;
    offer[0] = 2;
    messages[0] = (struct message){.number = 1,
                                   .source = client4,
                                   .destination = server4,
                                   .is_request = true,
                                   .packet = discover,
                                   .length = sizeof(discover)};
    messages[1] = (struct message){.number = 5,
                                   .source = client6,
                                   .destination = server6,
                                   .is_request = true,
                                   .packet = solicit,
                                   .length = sizeof(solicit)};
    list = (struct exchange_list){.count = 2};
    list.exchanges = calloc(2, sizeof(*list.exchanges));
    list.capture_names = calloc(2, sizeof(*list.capture_names));
    assert_true(list.exchanges != NULL && list.capture_names != NULL);
    list.capture_names[0] = string_copy("a.pcap");
    list.exchanges[0] = (struct exchange){.request = &messages[0], .local = server4};
    list.exchanges[1] =
        (struct exchange){.request = &messages[1], .local = server6, .time = 1500000};
    answer(&list.exchanges[0], &server4, &all4, offer, sizeof(offer));
    answer(&list.exchanges[1], &server6, &client6, reply6, sizeof(reply6));
    return 0;
}

static int end(void **state)
{
    (void)state;
    exchanges_free(&list);
    text_free(&text);
    return 0;
}

/* ---- comparing ---- */

static struct text differences;

static void collect(const char *line, void *context)
{
    text_put(context, line);
    text_put_char(context, '\n');
}

/* The golden file as bytes; it is ASCII. */
static json_t *parse(const struct text *golden)
{
    json_error_t error;
    char *bytes = malloc(golden->length + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < golden->length; i++) {
        assert_true(golden->chars[i] < 0x80);
        bytes[i] = (char)golden->chars[i];
    }
    json_t *root = golden_read(bytes, golden->length, &error);
    if (root == NULL)
        fail_msg("%d:%d: %s", error.line, error.column, error.text);
    free(bytes);
    return root;
}

static const char *compare(const struct text *golden, size_t ignored_count,
                           const char *const *ignored, size_t *out_differences)
{
    json_t *root = parse(golden);
    const struct golden_sink sink = {collect, &differences};
    const char *problem = NULL;
    struct golden_result result;
    text_clear(&differences);
    bool good = golden_compare(root, &list, ignored_count, ignored, &sink, &result, &problem);
    assert_int_equal(good, problem == NULL);
    json_decref(root);
    *out_differences = result.differences;
    return problem;
}

static void assert_same(size_t ignored_count, const char *const *ignored)
{
    size_t count = 99;
    assert_null(compare(&text, ignored_count, ignored, &count));
    if (count != 0)
        fail_msg("%s", text_chars(&differences));
}

/* Exactly one difference, and what it says. */
static void assert_differs(const char *expected)
{
    size_t count = 0;
    assert_null(compare(&text, 0, NULL, &count));
    struct text line = TEXT_EMPTY;
    text_format(&line, "%s\n", expected);
    if (count != 1 || strcmp(text_chars(&differences), text_chars(&line)) != 0)
        fail_msg("is: %sexpected: %s", text_chars(&differences), text_chars(&line));
    text_free(&line);
}

static void make(void)
{
    text_clear(&text);
    golden_put(&text, &list, 0, NULL);
    assert_false(text.failed);
}

/* Puts other text for the first occurrence. */
static void edit(const char *old, const char *new)
{
    const char *at = strstr(text_chars(&text), old);
    assert_non_null(at);
    struct text edited = TEXT_EMPTY;
    text_put_span(&edited, text.chars, (size_t)(at - text.chars));
    text_put(&edited, new);
    text_put(&edited, at + strlen(old));
    text_free(&text);
    text = edited;
}

#define REPLY4 "frame 1, DISCOVER of 52:54:00:77:00:02 UEFI x64, reply 1: "
#define REPLY6 "frame 5, SOLICIT of {00112233-4455-6677-8899-AABBCCDDEEFF} UEFI x64, reply 1: "

static void what_was_made_compares_equal(void **state)
{
    (void)state;
    make();
    assert_same(0, NULL);
}

static void every_kind_of_difference_is_told(void **state)
{
    static const struct {
        const char *old;
        const char *new;
        const char *line;
    } rows[] = {
        {"\"value\": \"10.0.0.2\", \"hex\": \"0a000002\"",
         "\"value\": \"10.0.0.3\", \"hex\": \"0a000003\"",
         REPLY4 "54 (server identifier): expected 10.0.0.3, got 10.0.0.2"},
        {"\"hex\": \"0a000002\"", "\"hex\": \"0A000002\"", NULL},
        {", \"hex\": \"0a000002\"", "", NULL},
        {"\"value\": \"10.0.0.2\", ", "", NULL},
        {"\"value\": \"10.0.0.2\", \"hex\": \"0a000002\"", "\"hex\": \"0a000003\"",
         REPLY4 "54 (server identifier): expected 0a000003, got 0a000002"},
        {"\"id\": \"54\"", "\"id\": 54", NULL},
        {"\"0xdeadbeef\", \"hex\": \"deadbeef\"", "\"0x00000001\", \"hex\": \"00000001\"",
         REPLY4 "xid (transaction id): expected 0x00000001, got 0xdeadbeef"},
        {"\"bytes\": 2", "\"bytes\": 12", "*bytes: expected 12"},
        {"\"from\": \"10.0.0.2:67\"", "\"from\": \"10.0.0.9:67\"",
         REPLY4 "from: expected 10.0.0.9:67, got 10.0.0.2:67"},
        {"\"to\": \"255.255.255.255:68\"", "\"to\": \"10.0.0.9:68\"",
         REPLY4 "to: expected 10.0.0.9:68, got 255.255.255.255:68"},
        {"\"provider\": \"prov\"", "\"provider\": \"other\"",
         "frame 1, DISCOVER of 52:54:00:77:00:02 UEFI x64: provider: expected other, got prov"},
        {"\"action\": \"nbp\"", "\"action\": null",
         "frame 1, DISCOVER of 52:54:00:77:00:02 UEFI x64: action: expected (none), got nbp"},
        {"{\"id\": \"6\", \"name\": \"discovery control\", \"value\": \"8: boot file of this "
         "reply\""
         ", \"hex\": \"08\"}",
         "{\"id\": \"6\", \"value\": \"x\", \"hex\": \"09\"}",
         REPLY4 "43.6 (discovery control): expected x, got 8: boot file of this reply"},
        {"{\"id\": \"54\", \"name\"",
         "{\"id\": \"12\", \"hex\": \"61\"}, {\"id\": \"54\", \"name\"",
         REPLY4 "12: expected 61, but it is not there"},
        {"\"fd77::eb8a preferred 300 s, valid 600 s\", \"hex\": \"fd", "\"x\", \"hex\": \"ff",
         REPLY6 "3.5 (IA address): expected x, got fd77::eb8a preferred 300 s, valid 600 s"},
        {"\"capture\": \"a.pcap\",", "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        make();
        edit(rows[i].old, rows[i].new);
        if (rows[i].line == NULL) {
            assert_same(0, NULL);
        } else if (rows[i].line[0] == '*') {
            size_t count = 0;
            assert_null(compare(&text, 0, NULL, &count));
            assert_int_equal(count, 1);
            assert_non_null(strstr(text_chars(&differences), rows[i].line + 1));
        } else {
            assert_differs(rows[i].line);
        }
    }
    text_free(&differences);
}

static void missing_and_additional_things(void **state)
{
    size_t count = 0;
    (void)state;
    make();
    edit("{\"id\": \"54\", \"name\": \"server identifier\", \"value\": \"10.0.0.2\", "
         "\"hex\": \"0a000002\"},",
         "");
    assert_differs(REPLY4 "54 (server identifier): not expected, but there is 10.0.0.2");
    make();
    edit("\"frame\": 1,", "\"frame\": 2,");
    assert_null(compare(&text, 0, NULL, &count));
    assert_int_equal(count, 2);
    assert_non_null(strstr(text_chars(&differences),
                           "the golden file does not have this request\n"));
    assert_non_null(strstr(text_chars(&differences),
                           "golden file: 1 of its 2 requests are not in the run\n"));
    make();
    answer(&list.exchanges[0], &server4, &all4, offer, sizeof(offer));
    assert_differs("frame 1, DISCOVER of 52:54:00:77:00:02 UEFI x64: expected 1 replies, got 2");
    text_free(&differences);
}

static void ignored_fields_are_not_compared(void **state)
{
    static const char *const ignored[] = {"54", "43", "to", "bytes", "provider", "3.5"};
    size_t count = 0;
    (void)state;
    make();
    edit("\"hex\": \"0a000002\"", "\"hex\": \"0a000003\"");
    edit("\"hex\": \"08\"", "\"hex\": \"09\"");
    edit("\"to\": \"255", "\"to\": \"254");
    edit("\"bytes\": 2", "\"bytes\": 12");
    edit("\"provider\": \"prov\"", "\"provider\": \"other\"");
    edit("\"hex\": \"fd77", "\"hex\": \"ff77");
    assert_null(compare(&text, 0, NULL, &count));
    assert_int_equal(count, 6);
    assert_same(6, ignored);
    edit("\"ignore\": []",
         "\"ignore\": [\"54\", \"43.6\", \"to\", \"bytes\", \"provider\", \"3\"]");
    assert_same(0, NULL);
    edit("\"54\", \"43.6\"", "\"5\", \"43.66\"");
    assert_null(compare(&text, 0, NULL, &count));
    assert_int_equal(count, 2);

    text_clear(&text);
    golden_put(&text, &list, 1, ignored);
    assert_non_null(strstr(text_chars(&text), "\"ignore\": [\n    \"54\"\n  ]"));
    text_free(&differences);
}

static void what_is_no_golden_file_is_told(void **state)
{
    static const struct {
        const char *old;
        const char *new;
        const char *problem;
    } rows[] = {
        {"\"wdspxe_golden\": 1", "\"wdspxe_golden\": 2",
         "it has no member \"wdspxe_golden\" with the number 1"},
        {"\"exchanges\"", "\"exchange\"", "it has no array \"exchanges\""},
        {"\"replies\"", "\"reply\"", "an exchange has no array \"replies\""},
        {"\"fields\"", "\"field\"", "a reply has no array \"fields\""},
        {"\"id\": \"op\"", "\"ID\": \"op\"", "a field has no \"id\""},
        {"\"value\": \"10.0.0.2\", \"hex\": \"0a000002\"", "\"v\": 1",
         "a field has neither \"value\" nor \"hex\" nor \"parts\""},
        {"\"hex\": \"0a000002\"", "\"parts\": 5",
         "the \"parts\" of a field are no array, or nested too deeply"},
    };
    size_t count = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        make();
        edit(rows[i].old, rows[i].new);
        const char *problem = compare(&text, 0, NULL, &count);
        if (problem == NULL || strcmp(problem, rows[i].problem) != 0)
            fail_msg("row %zu: %s", i, problem != NULL ? problem : "no problem");
    }
    text_clear(&text);
    text_put(&text, "[1, 2]");
    assert_non_null(compare(&text, 0, NULL, &count));
    text_free(&differences);
}

/* ---- other ways to show it ---- */

static void ladder_of_a_run(void **state)
{
    struct ladder ladder = {.list = &list, .is_brief = true, .is_empty = true};
    (void)state;
    ladder_put(&ladder, &text, &list.exchanges[0]);
    list.exchanges[1].reply_count = 0;
    list.exchanges[1].no_answer = "ignored";
    list.exchanges[1].nanoseconds = 1234567;
    ladder_put(&ladder, &text, &list.exchanges[1]);
    list.exchanges[1].reply_count = 1;
    const char expected[] =
        "frame 1  52:54:00:77:00:02 UEFI x64\n"
        "  0.000000  DISCOVER  0.0.0.0:68 -> 10.0.0.2:67  248 bytes\n"
        "  reply     OFFER  10.0.0.2:67 -> 255.255.255.255:68  269 bytes, by prov\n"
        "  outcome   nbp, by prov, 0.0 \u00b5s\n"
        "frame 5  {00112233-4455-6677-8899-AABBCCDDEEFF} UEFI x64\n"
        "  1.500000  SOLICIT  [fe80::9]:546 -> [fe80::1]:547  115 bytes\n"
        "  outcome   no answer, ignored, by prov, 1234.5 \u00b5s\n";
    if (strcmp(text_chars(&text), expected) != 0)
        fail_msg("is:\n%sexpected:\n%s", text_chars(&text), expected);
}

static void findings_are_kept_to_a_limit(void **state)
{
    const struct finding finding = {
        .number = 1,
        .rule = 1,
        .rule_name = "packet-leaked",
        .provider = "prov",
        .call = "PxePacketFree",
        .text = "a packet",
        .reproducer = "x.pcap",
    };
    struct writer writer;
    (void)state;
    for (size_t i = 0; i < EXCHANGE_FINDINGS_MAX + 5; i++)
        assert_true(exchange_add_finding(&list.exchanges[0], &finding));
    assert_int_equal(list.exchanges[0].finding_count, EXCHANGE_FINDINGS_MAX);
    writer_start(&writer, false);
    finding_write(&writer, &list, &list.exchanges[0].findings[3].finding);
    assert_string_equal(text_chars(&writer.text), "prov: PxePacketFree: a packet [packet-leaked, "
                                                  "frame 1]; reproducer: x.pcap");
    writer_free(&writer);
    for (size_t i = 1; i < EXCHANGE_REPLIES_MAX + 5; i++)
        answer(&list.exchanges[0], &server4, &all4, offer, sizeof(offer));
    assert_int_equal(list.exchanges[0].reply_count, EXCHANGE_REPLIES_MAX);
    assert_int_equal(list.exchanges[0].more_replies, 5);
}

/* The members that scripts rely on. */
static void broken_json_has_a_place(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        int line; /* the column is as Jansson counts */
    } rows[] = {
#define TEXT(bytes) bytes, sizeof(bytes) - 1
        {TEXT(""), 1},
        {TEXT("1"), 1},
        {TEXT("{\n  \"a\" 1}"), 2},
        {TEXT("{\"a\":1,}"), 1},
        {TEXT("{a:1}"), 1},
        {TEXT("[1 2]"), 1},
        {TEXT("[1"), 1},
        {TEXT("[] 2"), 1},
        {TEXT("[\"a\nb\"]"), 1},
        {TEXT("[\"\\u0000\"]"), 1},
        {TEXT("[\"\\ud800\"]"), 1},
        {TEXT("[\"\xff\"]"), 1},
        {TEXT("[01]"), 1},
        {TEXT("[99999999999999999999]"), 1},
        {TEXT("{\"a\": 1, \"a\": 2}"), 1},
        {TEXT("\xef\xbb\xbf{}"), 1},
        {TEXT("[1\0]"), 1},
        {TEXT("[]\0"), 1},
        {TEXT("[\"\0\"]"), 1},
#undef TEXT
    };
    json_error_t error;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(golden_read(rows[i].bytes, rows[i].length, &error));
        if (error.line != rows[i].line || error.text[0] == '\0')
            fail_msg("%s: %d:%d: %s", rows[i].bytes, error.line, error.column, error.text);
    }
}

/* As deep as fields nest, twice over, and not as deep as a stack. */
static void json_depth_is_bounded(void **state)
{
    enum { DEEP = 100000, GOOD = 2 * FIELD_DEPTH_MAX + 10 };
    static char bytes[DEEP];
    json_error_t error;
    (void)state;
    memset(bytes, '[', DEEP);
    assert_null(golden_read(bytes, DEEP, &error));
    memset(bytes + GOOD, ']', GOOD);
    json_t *root = golden_read(bytes, 2 * (size_t)GOOD, &error);
    assert_non_null(root);
    json_decref(root);
}

static void exchange_as_json(void **state)
{
    static const char *const members[] = {
        "capture", "frame",       "time_us",   "mac",      "guid",   "architectures",
        "request", "replies",     "ended",     "provider", "action", "no_answer_reason",
        "us",      "reply_count", "callbacks", "findings"};
    struct writer writer;
    (void)state;
    writer_start(&writer, true);
    write_begin(&writer, NULL);
    exchange_write(&writer, &list, &list.exchanges[0]);
    write_end(&writer);
    assert_null(strchr(text_chars(&writer.text), '\n'));
    json_t *root = parse(&writer.text);
    writer_free(&writer);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        assert_non_null(json_object_get(root, members[i]));
    assert_int_equal(json_object_size(root), sizeof(members) / sizeof(members[0]));
    const json_t *reply = json_array_get(json_object_get(root, "replies"), 0);
    assert_string_equal(json_string_value(json_object_get(reply, "type")), "OFFER");
    assert_string_equal(json_string_value(json_object_get(json_object_get(root, "request"),
                                                          "local")),
                        "10.0.0.2:67");
    json_decref(root);
}

static void append(const struct text *piece, void *context)
{
    text_put_span(context, text_chars(piece), piece->length);
}

/* Names, paths and packets that would break out of the page, if they could. */
static void report_escapes_hostile_bytes(void **state)
{
    static const char attack[] = "\"'><script>alert(1)</script>&";
    const struct report_sink sink = {append, &text};
    struct finding_tally tally = {1, attack, attack, attack, 3, 1};
    static struct provider_timing timing;
    const struct report report = {
        .title = attack,
        .version = attack,
        .list = &list,
        .findings = 1,
        .tally_count = 1,
        .tallies = &tally,
        .timing_count = 1,
        .timings = &timing,
    };
    const struct finding finding = {
        .number = 1,
        .rule = 1,
        .rule_name = attack,
        .provider = attack,
        .call = attack,
        .text = attack,
        .reproducer = attack,
    };
    (void)state;
    timing.provider = attack;
    memcpy(discover + 108, "</td><script>x</script>", 23);
    free(list.capture_names[0]);
    list.capture_names[0] = string_copy(attack);
    list.exchanges[0].provider = list.exchanges[0].action = attack;
    list.exchanges[0].replies[0].provider = attack;
    memcpy(list.exchanges[0].replies[0].message.packet + 108, "<svg onload=x>", 14);
    assert_true(exchange_add_finding(&list.exchanges[0], &finding));
    assert_true(report_write(&report, &sink));
    memset(discover + 108, 0, 23);
    assert_null(strstr(text_chars(&text), "<script"));
    assert_null(strstr(text_chars(&text), "<svg onload"));
    assert_null(strstr(text_chars(&text), "\"'>"));
    assert_non_null(strstr(text_chars(&text), "&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_non_null(strstr(text_chars(&text), "&lt;svg onload=x&gt;"));
    assert_null(strstr(text_chars(&text), "http://"));
    assert_null(strstr(text_chars(&text), "https://"));
    assert_null(strstr(text_chars(&text), "url("));
    assert_null(strstr(text_chars(&text), "@import"));
}

int main(void)
{
    const struct CMUnitTest golden[] = {
        cmocka_unit_test_setup_teardown(what_was_made_compares_equal, start, end),
        cmocka_unit_test_setup_teardown(every_kind_of_difference_is_told, start, end),
        cmocka_unit_test_setup_teardown(missing_and_additional_things, start, end),
        cmocka_unit_test_setup_teardown(ignored_fields_are_not_compared, start, end),
        cmocka_unit_test_setup_teardown(what_is_no_golden_file_is_told, start, end),
        cmocka_unit_test_setup_teardown(ladder_of_a_run, start, end),
        cmocka_unit_test_setup_teardown(findings_are_kept_to_a_limit, start, end),
        cmocka_unit_test_setup_teardown(exchange_as_json, start, end),
        cmocka_unit_test(broken_json_has_a_place),
        cmocka_unit_test(json_depth_is_bounded),
        cmocka_unit_test_setup_teardown(report_escapes_hostile_bytes, start, end),
    };
    return cmocka_run_group_tests(golden, NULL, NULL);
}
