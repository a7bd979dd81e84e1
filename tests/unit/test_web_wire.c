/* What webpxe asks and is told, as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "support/pxe_clients.h"
#include "webpxe/wire/question.h"
#include "webpxe/wire/verdict.h"

/* ---- questions ---- */

static json_t *ask(const uint8_t *packet, size_t length, bool is_ipv6, struct question_text *out)
{
    static struct facts_store store;
    static struct client_facts facts;
    struct question_source source = {.facts = &facts,
                                     .message = packet,
                                     .length = length,
                                     .server = {{10, 77, 0, 2}, 4},
                                     .port = 67,
                                     .is_first = true};
    json_t *question;

    if (is_ipv6)
        facts6_read(packet, length, &store, &facts);
    else
        facts4_read(packet, length, &store, &facts);
    assert_true(question_write(&source, out));
    assert_int_equal(out->size, strlen(out->body));
    question = json_loads(out->body, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(question);
    return question;
}

static void expect_text(const json_t *object, const char *member, const char *text)
{
    const char *value = json_string_value(json_object_get(object, member));

    assert_non_null(value);
    assert_string_equal(value, text);
}

static void expect_number(const json_t *object, const char *member, json_int_t number)
{
    assert_true(json_is_integer(json_object_get(object, member)));
    assert_int_equal(json_integer_value(json_object_get(object, member)), number);
}

static void a_question_tells_who_asks(void **state)
{
    struct question_text text;
    json_t *question = ask(bios_discover, sizeof(bios_discover), false, &text);
    const json_t *client = json_object_get(question, "client");
    const json_t *message = json_object_get(question, "message");
    const json_t *options = json_object_get(message, "options");

    (void)state;
    expect_number(question, "version", 1);
    expect_text(question, "asks", "server");
    expect_text(json_object_get(question, "server"), "address", "10.77.0.2");
    expect_number(json_object_get(question, "server"), "port", 67);
    expect_text(client, "mac", "52-54-00-77-00-01");
    expect_text(client, "guid", "00112233-4455-6677-8899-aabbccddeeff");
    expect_text(client, "boot", "pxe");
    expect_text(client, "vendor_class", "PXEClient:Arch:00000:UNDI:002001");
    expect_text(client, "architecture_name", "bios");
    expect_number(client, "architecture", 0);
    expect_number(client, "family", 4);
    assert_true(json_is_true(json_object_get(client, "ipxe")));
    assert_int_equal(json_array_size(json_object_get(client, "user_classes")), 1);
    expect_text(message, "name", "DISCOVER");
    expect_text(message, "transaction", "0x5b37757e");
    expect_number(json_array_get(options, 0), "code", 53);
    expect_text(json_array_get(options, 0), "hex", "01");
    expect_number(json_array_get(options, json_array_size(options) - 1), "code", 97);
    json_decref(question);
    question_text_free(&text);
}

/* SOLICIT of a UEFI x64 machine, options 1, 61 and 62. */
static const uint8_t solicit[] = {1, 0x12, 0x34, 0x56, 0,    1,    0,    10, 0,  3, 0,
                                  1, 0x52, 0x54, 0x00, 0x77, 0x00, 0x02, 0,  61, 0, 2,
                                  0, 7,    0,    62,   0,    3,    1,    3,  16};

static void a_question_over_ipv6_has_its_own_names(void **state)
{
    struct question_text text;
    json_t *question = ask(solicit, sizeof(solicit), true, &text);
    const json_t *client = json_object_get(question, "client");

    (void)state;
    expect_number(client, "family", 6);
    expect_text(json_object_get(question, "message"), "name", "SOLICIT");
    expect_text(client, "duid", "00030001525400770002");
    expect_text(client, "mac", "52-54-00-77-00-02");
    expect_text(client, "architecture_name", "x64");
    expect_text(json_object_get(question, "message"), "transaction", "0x00123456");
    assert_int_equal(json_array_size(json_object_get(json_object_get(question, "message"),
                                                     "options")),
                     3);
    json_decref(question);
    question_text_free(&text);
}

/* What changes when a machine asks again is not in the key; who asks for what is. */
static void the_key_is_that_of_machine_and_step(void **state)
{
    static uint8_t again[sizeof(bios_discover)];
    struct question_text first;
    struct question_text second;
    struct question_text other;

    (void)state;
    memcpy(again, bios_discover, sizeof(again));
    again[4] ^= 0xff; /* transaction */
    again[9] ^= 0x10; /* seconds */
    json_decref(ask(bios_discover, sizeof(bios_discover), false, &first));
    json_decref(ask(again, sizeof(again), false, &second));
    assert_string_equal(first.key, second.key);
    assert_string_not_equal(first.body, second.body);
    again[33] ^= 1; /* the MAC address */
    json_decref(ask(again, sizeof(again), false, &other));
    assert_string_not_equal(first.key, other.key);
    question_text_free(&first);
    question_text_free(&second);
    question_text_free(&other);
}

/* Overload (RFC 2132, section 9.3): options in the fields file and sname, and one that is cut off.
 */
static void all_areas_of_options_are_told(void **state)
{
    static uint8_t packet[260];
    static const uint8_t options[] = {99, 130, 83, 99, 53, 1, 1, 52, 1, 3, 60, 9, 80, 88, 69};
    struct question_text text;
    json_t *question;
    const json_t *list;

    (void)state;
    memset(packet, 0, sizeof(packet));
    packet[0] = 1;
    memcpy(packet + 236, options, sizeof(options));
    memcpy(packet + 108, (uint8_t[]){67, 1, 'f', 255}, 4);
    memcpy(packet + 44, (uint8_t[]){66, 1, 's', 255}, 4);
    question = ask(packet, 236 + sizeof(options), false, &text);
    list = json_object_get(json_object_get(question, "message"), "options");
    assert_int_equal(json_array_size(list), 4);
    expect_number(json_array_get(list, 1), "code", 52);
    expect_number(json_array_get(list, 2), "code", 67);
    expect_text(json_array_get(list, 2), "hex", "66");
    expect_number(json_array_get(list, 3), "code", 66);
    json_decref(question);
    question_text_free(&text);
}

/* ---- answers ---- */

static struct verdict verdict;
static char problem[VERDICT_PROBLEM_SIZE];

static bool is_read(const char *text, bool is_ipxe)
{
    return verdict_read(text, strlen(text), is_ipxe, &verdict, problem);
}

static void an_answer_becomes_a_plan(void **state)
{
    (void)state;
    assert_true(
        is_read("{\"do\": \"answer\", \"file\": \"a.0\", \"ipxe_file\": \"b.ipxe\","
                "\"url\": \"tftp://[fd00::1]/a\", \"http_url\": \"http://h/a.efi\","
                "\"next_server\": \"10.0.0.9\", \"next_server6\": \"fd00::9\","
                "\"server_name\": \"boot\", \"file_in_offer\": true, \"keep\": 60,"
                "\"options\": {\"210\": \"/pxe/\", \"252\": \"hex:0102\"},"
                "\"options6\": {\"23\": \"ip6:fd00::5\"}, \"boot_params\": \"a b\","
                "\"note\": \"why\\n not\", \"unknown\": [1, {\"x\": null}], \"menu\": null}",
                false));
    assert_int_equal(verdict.kind, VERDICT_ANSWER);
    assert_int_equal(verdict.keep_seconds, 60);
    assert_string_equal(verdict.note, "why not");
    assert_string_equal(verdict.plan.file, "a.0");
    assert_string_equal(verdict.plan.ipxe_file, "b.ipxe");
    assert_string_equal(verdict.plan.url, "tftp://[fd00::1]/a");
    assert_string_equal(verdict.plan.http_url, "http://h/a.efi");
    assert_string_equal(verdict.plan.server_name, "boot");
    assert_memory_equal(verdict.plan.next_server, ((uint8_t[]){10, 0, 0, 9}), 4);
    assert_int_equal(verdict.plan.next_server6[15], 9);
    assert_true(verdict.plan.file_in_offer);
    assert_memory_equal(verdict.plan.options.bytes, "\xd2\x05/pxe/\xfc\x02\x01\x02", 11);
    assert_int_equal(verdict.plan.options.length, 11);
    assert_int_equal(verdict.plan.options6.length, 20);
    assert_memory_equal(verdict.plan.boot_params.bytes, "\0\1a\0\1b", 6);
    assert_null(verdict.plan.menu);
}

static void the_other_kinds_need_nothing_else(void **state)
{
    (void)state;
    assert_true(is_read("{\"do\": \"pass\"}", false));
    assert_int_equal(verdict.kind, VERDICT_PASS);
    assert_true(is_read("{\"do\": \"ignore\"}", false));
    assert_int_equal(verdict.kind, VERDICT_IGNORE);
    assert_true(is_read("{\"do\": \"later\", \"keep\": 86400, \"version\": 1}", false));
    assert_int_equal(verdict.kind, VERDICT_LATER);
    assert_int_equal(verdict.keep_seconds, 86400);
}

static void options_for_ipxe_replace_the_others(void **state)
{
    static const char text[] = "{\"do\": \"answer\", \"file\": \"a\","
                               "\"options\": {\"66\": \"one\", \"209\": \"cfg\"},"
                               "\"ipxe_options\": {\"66\": \"two\"}}";

    (void)state;
    assert_true(is_read(text, false));
    assert_memory_equal(verdict.plan.options.bytes, "\x42\3one\xd1\3cfg", 10);
    assert_true(is_read(text, true));
    assert_memory_equal(verdict.plan.options.bytes, "\xd1\3cfg\x42\3two", 10);
    assert_int_equal(verdict.plan.options.length, 10);
}

static void a_menu_is_read(void **state)
{
    (void)state;
    assert_true(is_read("{\"do\": \"answer\", \"file\": \"a\", \"menu\": {\"prompt\": \"Choose\","
                        "\"timeout\": 7, \"items\": [{\"title\": \"Disk\"},"
                        "{\"title\": \"Install\", \"type\": 32769}]}}",
                        false));
    assert_non_null(verdict.plan.menu);
    assert_int_equal(verdict.plan.menu->item_count, 2);
    assert_int_equal(verdict.plan.menu->items[0].type, 0);
    assert_int_equal(verdict.plan.menu->items[1].type, 32769);
    assert_string_equal(verdict.plan.menu->items[1].title, "Install");
    assert_int_equal(verdict.plan.menu->timeout, 7);
}

/* Where it is wrong is told, and nothing of what it says. */
static void wrong_answers_are_refused(void **state)
{
    static const struct {
        const char *text;
        const char *problem;
    } wrong[] = {
        {"", "it is no JSON: an error in line 1"},
        {"{\"do\": \"answer\", \"file\": \"a\"", "it is no JSON"},
        {"{\"do\": \"answer\", \"file\": \"a\\u0000b\"}", "it is no JSON"},
        {"{\"do\": \"pass\"} x", "it is no JSON"},
        {"{\"do\": \"pass\", \"do\": \"answer\"}", "it is no JSON"},
        {"[]", "it is no JSON object"},
        {"{}", "\"do\": write \"answer\""},
        {"{\"do\": \"answer\"}", "\"do\": an answer has file"},
        {"{\"do\": [\"answer\"]}", "\"do\": it is no text"},
        {"{\"do\": \"ANSWER\"}", "\"do\": write"},
        {"{\"version\": 2, \"do\": \"pass\"}", "\"version\": this server knows"},
        {"{\"do\": \"pass\", \"keep\": 86401}", "\"keep\": write a whole number from 0 to 86400"},
        {"{\"do\": \"pass\", \"keep\": 1.5}", "\"keep\""},
        {"{\"do\": \"pass\", \"keep\": true}", "\"keep\""},
        {"{\"do\": \"answer\", \"file\": \"a\", \"file_in_offer\": 1}",
         "\"file_in_offer\": write true"},
        {"{\"do\": \"answer\", \"file\": \"evil\\u0007%n\"}", "\"file\": only ASCII"},
        {"{\"do\": \"answer\", \"http_url\": \"tftp://h/a\"}", "\"http_url\""},
        {"{\"do\": \"answer\", \"file\": \"a\", \"next_server6\": \"fe80::1\"}",
         "\"next_server6\""},
        {"{\"do\": \"answer\", \"file\": \"a\", \"options\": {\"\": \"x\"}}", "\"options\""},
        {"{\"do\": \"answer\", \"file\": \"a\", \"options\": {\"82\": \"x\"}}", "\"options\""},
        {"{\"do\": \"answer\", \"file\": \"a\", \"options\": {\"66\": 1}}",
         "\"options\": the value"},
        {"{\"do\": \"answer\", \"file\": \"a\", \"options6\": {\"59\": \"x\"}}", "\"options6\""},
        {"{\"do\": \"answer\", \"file\": \"a\", \"menu\": []}", "\"menu\": it is no object"},
        {"{\"do\": \"answer\", \"file\": \"a\", \"menu\": {\"items\": [7]}}", "\"title\""},
        {"{\"do\": \"answer\", \"file\": \"a\", \"menu\": {\"items\": {}}}",
         "\"items\": it is no array"},
        {"{\"do\": \"answer\", \"file\": \"a\", \"menu\": {\"timeout\": 256, \"items\": "
         "[{\"title\": "
         "\"x\"}]}}",
         "\"timeout\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
        assert_false(is_read(wrong[i].text, false));
        if (strncmp(problem, wrong[i].problem, strlen(wrong[i].problem)) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", wrong[i].text, problem, wrong[i].problem);
        assert_null(strstr(problem, "evil"));
    }
}

/* Jansson by itself overlooks the one behind the number. */
static void an_answer_has_no_zero_bytes(void **state)
{
    static const char bytes[] = "{\"do\": \"pass\", \"keep\": 1\0}";
    (void)state;
    assert_false(verdict_read(bytes, sizeof(bytes) - 1, false, &verdict, problem));
    assert_string_equal(problem, "it is no JSON: an error in line 1, column 1");
}

static void deep_answers_are_refused(void **state)
{
    static char deep[200000];

    (void)state;
    memset(deep, '[', sizeof(deep));
    assert_false(verdict_read(deep, sizeof(deep), false, &verdict, problem));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_tells_who_asks),
        cmocka_unit_test(a_question_over_ipv6_has_its_own_names),
        cmocka_unit_test(the_key_is_that_of_machine_and_step),
        cmocka_unit_test(all_areas_of_options_are_told),
        cmocka_unit_test(an_answer_becomes_a_plan),
        cmocka_unit_test(the_other_kinds_need_nothing_else),
        cmocka_unit_test(options_for_ipxe_replace_the_others),
        cmocka_unit_test(a_menu_is_read),
        cmocka_unit_test(wrong_answers_are_refused),
        cmocka_unit_test(deep_answers_are_refused),
        cmocka_unit_test(an_answer_has_no_zero_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
