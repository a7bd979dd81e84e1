/* wdspxectl: golden files made and compared; exchanges as ladder, JSON and report. */
#include "wdspxectl/exchange/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire.h"
#include "support/wire6.h"
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
    const struct exchange_reply reply = {*from, *to, L"prov", packet, length};
    assert_true(exchange_add_reply(exchange, &reply));
    exchange->has_ended = true;
    exchange->provider = L"prov";
    exchange->action = L"nbp";
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
    list.capture_names[0] = string_copy(L"a.pcap");
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

static void collect(const wchar_t *line, void *context)
{
    text_put(context, line);
    text_put_char(context, L'\n');
}

/* The golden file as bytes; it is ASCII. */
static struct json_value *parse(const struct text *golden)
{
    struct json_value *root = NULL;
    struct json_error error;
    char *bytes = malloc(golden->length + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < golden->length; i++) {
        assert_true(golden->chars[i] < 0x80);
        bytes[i] = (char)golden->chars[i];
    }
    if (!json_tree_read(bytes, golden->length, &root, &error))
        fail_msg("%zu:%zu: %s", error.line, error.column, error.text);
    free(bytes);
    return root;
}

static const wchar_t *compare(const struct text *golden, size_t ignored_count,
                              const wchar_t *const *ignored, size_t *out_differences)
{
    struct json_value *root = parse(golden);
    const struct golden_sink sink = {collect, &differences};
    const wchar_t *problem = NULL;
    struct golden_result result;
    text_clear(&differences);
    bool good = golden_compare(root, &list, ignored_count, ignored, &sink, &result, &problem);
    assert_int_equal(good, problem == NULL);
    json_tree_free(root);
    *out_differences = result.differences;
    return problem;
}

static void assert_same(size_t ignored_count, const wchar_t *const *ignored)
{
    size_t count = 99;
    assert_null(compare(&text, ignored_count, ignored, &count));
    if (count != 0)
        fail_msg("%ls", text_chars(&differences));
}

/* Exactly one difference, and what it says. */
static void assert_differs(const wchar_t *expected)
{
    size_t count = 0;
    assert_null(compare(&text, 0, NULL, &count));
    struct text line = TEXT_EMPTY;
    text_format(&line, L"%ls\n", expected);
    if (count != 1 || wcscmp(text_chars(&differences), text_chars(&line)) != 0)
        fail_msg("is: %lsexpected: %ls", text_chars(&differences), text_chars(&line));
    text_free(&line);
}

static void make(void)
{
    text_clear(&text);
    golden_put(&text, &list, 0, NULL);
    assert_false(text.failed);
}

/* Puts other text for the first occurrence. */
static void edit(const wchar_t *old, const wchar_t *new)
{
    const wchar_t *at = wcsstr(text_chars(&text), old);
    assert_non_null(at);
    struct text edited = TEXT_EMPTY;
    text_put_span(&edited, text.chars, (size_t)(at - text.chars));
    text_put(&edited, new);
    text_put(&edited, at + wcslen(old));
    text_free(&text);
    text = edited;
}

#define REPLY4 L"frame 1, DISCOVER of 52:54:00:77:00:02 UEFI x64, reply 1: "
#define REPLY6 L"frame 5, SOLICIT of {00112233-4455-6677-8899-AABBCCDDEEFF} UEFI x64, reply 1: "

static void what_was_made_compares_equal(void **state)
{
    (void)state;
    make();
    assert_same(0, NULL);
}

static void every_kind_of_difference_is_told(void **state)
{
    static const struct {
        const wchar_t *old;
        const wchar_t *new;
        const wchar_t *line;
    } rows[] = {
        {L"\"value\": \"10.0.0.2\", \"hex\": \"0a000002\"",
         L"\"value\": \"10.0.0.3\", \"hex\": \"0a000003\"",
         REPLY4 L"54 (server identifier): expected 10.0.0.3, got 10.0.0.2"},
        {L"\"hex\": \"0a000002\"", L"\"hex\": \"0A000002\"", NULL},
        {L", \"hex\": \"0a000002\"", L"", NULL},
        {L"\"value\": \"10.0.0.2\", ", L"", NULL},
        {L"\"value\": \"10.0.0.2\", \"hex\": \"0a000002\"", L"\"hex\": \"0a000003\"",
         REPLY4 L"54 (server identifier): expected 0a000003, got 0a000002"},
        {L"\"id\": \"54\"", L"\"id\": 54", NULL},
        {L"\"0xdeadbeef\", \"hex\": \"deadbeef\"", L"\"0x00000001\", \"hex\": \"00000001\"",
         REPLY4 L"xid (transaction id): expected 0x00000001, got 0xdeadbeef"},
        {L"\"bytes\": 2", L"\"bytes\": 12", L"*bytes: expected 12"},
        {L"\"from\": \"10.0.0.2:67\"", L"\"from\": \"10.0.0.9:67\"",
         REPLY4 L"from: expected 10.0.0.9:67, got 10.0.0.2:67"},
        {L"\"to\": \"255.255.255.255:68\"", L"\"to\": \"10.0.0.9:68\"",
         REPLY4 L"to: expected 10.0.0.9:68, got 255.255.255.255:68"},
        {L"\"provider\": \"prov\"", L"\"provider\": \"other\"",
         L"frame 1, DISCOVER of 52:54:00:77:00:02 UEFI x64: provider: expected other, got prov"},
        {L"\"action\": \"nbp\"", L"\"action\": null",
         L"frame 1, DISCOVER of 52:54:00:77:00:02 UEFI x64: action: expected (none), got nbp"},
        {L"{\"id\": \"6\", \"name\": \"discovery control\", \"value\": \"8: boot file of this "
         L"reply\""
         L", \"hex\": \"08\"}",
         L"{\"id\": \"6\", \"value\": \"x\", \"hex\": \"09\"}",
         REPLY4 L"43.6 (discovery control): expected x, got 8: boot file of this reply"},
        {L"{\"id\": \"54\", \"name\"",
         L"{\"id\": \"12\", \"hex\": \"61\"}, {\"id\": \"54\", \"name\"",
         REPLY4 L"12: expected 61, but it is not there"},
        {L"\"fd77::eb8a preferred 300 s, valid 600 s\", \"hex\": \"fd", L"\"x\", \"hex\": \"ff",
         REPLY6 L"3.5 (IA address): expected x, got fd77::eb8a preferred 300 s, valid 600 s"},
        {L"\"capture\": \"a.pcap\",", L"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        make();
        edit(rows[i].old, rows[i].new);
        if (rows[i].line == NULL) {
            assert_same(0, NULL);
        } else if (rows[i].line[0] == L'*') {
            size_t count = 0;
            assert_null(compare(&text, 0, NULL, &count));
            assert_int_equal(count, 1);
            assert_non_null(wcsstr(text_chars(&differences), rows[i].line + 1));
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
    edit(L"{\"id\": \"54\", \"name\": \"server identifier\", \"value\": \"10.0.0.2\", "
         L"\"hex\": \"0a000002\"},",
         L"");
    assert_differs(REPLY4 L"54 (server identifier): not expected, but there is 10.0.0.2");
    make();
    edit(L"\"frame\": 1,", L"\"frame\": 2,");
    assert_null(compare(&text, 0, NULL, &count));
    assert_int_equal(count, 2);
    assert_non_null(wcsstr(text_chars(&differences),
                           L"the golden file does not have this request\n"));
    assert_non_null(wcsstr(text_chars(&differences),
                           L"golden file: 1 of its 2 requests are not in the run\n"));
    make();
    answer(&list.exchanges[0], &server4, &all4, offer, sizeof(offer));
    assert_differs(L"frame 1, DISCOVER of 52:54:00:77:00:02 UEFI x64: expected 1 replies, got 2");
    text_free(&differences);
}

static void ignored_fields_are_not_compared(void **state)
{
    static const wchar_t *const ignored[] = {L"54", L"43", L"to", L"bytes", L"provider", L"3.5"};
    size_t count = 0;
    (void)state;
    make();
    edit(L"\"hex\": \"0a000002\"", L"\"hex\": \"0a000003\"");
    edit(L"\"hex\": \"08\"", L"\"hex\": \"09\"");
    edit(L"\"to\": \"255", L"\"to\": \"254");
    edit(L"\"bytes\": 2", L"\"bytes\": 12");
    edit(L"\"provider\": \"prov\"", L"\"provider\": \"other\"");
    edit(L"\"hex\": \"fd77", L"\"hex\": \"ff77");
    assert_null(compare(&text, 0, NULL, &count));
    assert_int_equal(count, 6);
    assert_same(6, ignored);
    edit(L"\"ignore\": []",
         L"\"ignore\": [\"54\", \"43.6\", \"to\", \"bytes\", \"provider\", \"3\"]");
    assert_same(0, NULL);
    edit(L"\"54\", \"43.6\"", L"\"5\", \"43.66\"");
    assert_null(compare(&text, 0, NULL, &count));
    assert_int_equal(count, 2);

    text_clear(&text);
    golden_put(&text, &list, 1, ignored);
    assert_non_null(wcsstr(text_chars(&text), L"\"ignore\": [\n    \"54\"\n  ]"));
    text_free(&differences);
}

static void what_is_no_golden_file_is_told(void **state)
{
    static const struct {
        const wchar_t *old;
        const wchar_t *new;
        const wchar_t *problem;
    } rows[] = {
        {L"\"wdspxe_golden\": 1", L"\"wdspxe_golden\": 2",
         L"it has no member \"wdspxe_golden\" with the number 1"},
        {L"\"exchanges\"", L"\"exchange\"", L"it has no array \"exchanges\""},
        {L"\"replies\"", L"\"reply\"", L"an exchange has no array \"replies\""},
        {L"\"fields\"", L"\"field\"", L"a reply has no array \"fields\""},
        {L"\"id\": \"op\"", L"\"ID\": \"op\"", L"a field has no \"id\""},
        {L"\"value\": \"10.0.0.2\", \"hex\": \"0a000002\"", L"\"v\": 1",
         L"a field has neither \"value\" nor \"hex\" nor \"parts\""},
        {L"\"hex\": \"0a000002\"", L"\"parts\": 5",
         L"the \"parts\" of a field are no array, or nested too deeply"},
    };
    size_t count = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        make();
        edit(rows[i].old, rows[i].new);
        const wchar_t *problem = compare(&text, 0, NULL, &count);
        if (problem == NULL || wcscmp(problem, rows[i].problem) != 0)
            fail_msg("row %zu: %ls", i, problem != NULL ? problem : L"no problem");
    }
    text_clear(&text);
    text_put(&text, L"[1, 2]");
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
    list.exchanges[1].no_answer = L"ignored";
    list.exchanges[1].nanoseconds = 1234567;
    ladder_put(&ladder, &text, &list.exchanges[1]);
    list.exchanges[1].reply_count = 1;
    const wchar_t expected[] =
        L"frame 1  52:54:00:77:00:02 UEFI x64\n"
        L"  0.000000  DISCOVER  0.0.0.0:68 -> 10.0.0.2:67  248 bytes\n"
        L"  reply     OFFER  10.0.0.2:67 -> 255.255.255.255:68  269 bytes, by prov\n"
        L"  outcome   nbp, by prov, 0.0 us\n"
        L"frame 5  {00112233-4455-6677-8899-AABBCCDDEEFF} UEFI x64\n"
        L"  1.500000  SOLICIT  [fe80::9]:546 -> [fe80::1]:547  115 bytes\n"
        L"  outcome   no answer, ignored, by prov, 1234.5 us\n";
    if (wcscmp(text_chars(&text), expected) != 0)
        fail_msg("is:\n%lsexpected:\n%ls", text_chars(&text), expected);
}

static void findings_are_kept_to_a_limit(void **state)
{
    const struct finding finding = {
        .number = 1,
        .rule = 1,
        .rule_name = L"packet-leaked",
        .provider = L"prov",
        .call = L"PxePacketFree",
        .text = L"a packet",
        .reproducer = L"x.pcap",
    };
    (void)state;
    for (size_t i = 0; i < EXCHANGE_FINDINGS_MAX + 5; i++)
        assert_true(exchange_add_finding(&list.exchanges[0], &finding));
    assert_int_equal(list.exchanges[0].finding_count, EXCHANGE_FINDINGS_MAX + 5);
    assert_int_equal(exchange_findings_kept(&list.exchanges[0]), EXCHANGE_FINDINGS_MAX);
    finding_put(&text, &list, &list.exchanges[0].findings[3].finding);
    assert_int_equal(wcscmp(text_chars(&text),
                            L"prov: PxePacketFree: a packet [packet-leaked, frame 1]"),
                     0);
    for (size_t i = 1; i < EXCHANGE_REPLIES_MAX + 5; i++)
        answer(&list.exchanges[0], &server4, &all4, offer, sizeof(offer));
    assert_int_equal(list.exchanges[0].reply_count, EXCHANGE_REPLIES_MAX + 5);
    assert_int_equal(exchange_replies_kept(&list.exchanges[0]), EXCHANGE_REPLIES_MAX);
}

/* The members that scripts rely on. */
static void exchange_as_json(void **state)
{
    static const wchar_t *const members[] = {
        L"capture", L"frame",       L"time_us",   L"mac",      L"guid",   L"architectures",
        L"request", L"replies",     L"ended",     L"provider", L"action", L"no_answer_reason",
        L"us",      L"reply_count", L"callbacks", L"findings"};
    struct json json = json_start(&text);
    (void)state;
    json_begin_object(&json);
    exchange_json_members(&json, &list, &list.exchanges[0]);
    json_end_object(&json);
    assert_null(wcschr(text_chars(&text), L'\n'));
    struct json_value *root = parse(&text);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        assert_non_null(json_member(root, members[i]));
    assert_int_equal(root->count, sizeof(members) / sizeof(members[0]));
    const struct json_value *reply = json_member(root, L"replies")->items;
    assert_int_equal(wcscmp(json_member_string(reply, L"type"), L"OFFER"), 0);
    assert_int_equal(wcscmp(json_member_string(json_member(root, L"request"), L"local"),
                            L"10.0.0.2:67"),
                     0);
    json_tree_free(root);
}

static void append(const struct text *piece, void *context)
{
    text_put_span(context, text_chars(piece), piece->length);
}

/* Names, paths and packets that would break out of the page, if they could. */
static void report_escapes_hostile_bytes(void **state)
{
    static const wchar_t attack[] = L"\"'><script>alert(1)</script>&";
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
    memcpy(list.exchanges[0].replies[0].packet + 108, "<svg onload=x>", 14);
    assert_true(exchange_add_finding(&list.exchanges[0], &finding));
    assert_true(report_write(&report, &sink));
    memset(discover + 108, 0, 23);
    assert_null(wcsstr(text_chars(&text), L"<script"));
    assert_null(wcsstr(text_chars(&text), L"<svg onload"));
    assert_null(wcsstr(text_chars(&text), L"\"'>"));
    assert_non_null(wcsstr(text_chars(&text), L"&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_non_null(wcsstr(text_chars(&text), L"&lt;svg onload=x&gt;"));
    assert_null(wcsstr(text_chars(&text), L"http://"));
    assert_null(wcsstr(text_chars(&text), L"https://"));
    assert_null(wcsstr(text_chars(&text), L"url("));
    assert_null(wcsstr(text_chars(&text), L"@import"));
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
        cmocka_unit_test_setup_teardown(report_escapes_hostile_bytes, start, end),
    };
    return cmocka_run_group_tests(golden, NULL, NULL);
}
