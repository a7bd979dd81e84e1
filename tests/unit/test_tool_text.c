/* wdspxectl: text, JSON out and in, HTML. */
#include "wdspxectl/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wdspxectl/text/html.h"
#include "wdspxectl/text/json.h"
#include "wdspxectl/text/json_read.h"
#include "wdspxectl/text/text_net.h"

static struct text text;

static int end(void **state)
{
    (void)state;
    text_free(&text);
    return 0;
}

static void assert_text(const char *expected)
{
    assert_false(text.failed);
    if (strcmp(text_chars(&text), expected) != 0)
        fail_msg("is \"%s\", expected \"%s\"", text_chars(&text), expected);
    assert_int_equal(text.length, strlen(expected));
    text_clear(&text);
}

/* ---- text ---- */

static void formats_of_any_length(void **state)
{
    static char longer[5000];
    (void)state;
    text_format(&text, "%s %u %llu %3s|", "a", 7u, 1ull << 60, "b");
    assert_text("a 7 1152921504606846976   b|");
    text_format(&text, "%s", "");
    assert_text("");
    for (size_t i = 0; i < 4999; i++)
        longer[i] = (char)('a' + i % 26);
    text_format(&text, "%s%s", longer, longer);
    assert_int_equal(text.length, 2 * 4999);
    assert_memory_equal(text.chars + 4999, longer, 5000 * sizeof(char));
    text_shorten(&text, 3);
    text_shorten(&text, 9);
    assert_text("abc");
}

static void bytes_are_utf8_or_latin1(void **state)
{
    static const struct {
        const char *bytes;
        const char *text;
    } rows[] = {
        {"", ""},
        {"abc", "abc"},
        {"gr\xc3\xb6\xc3\x9f", "gr\u00f6\u00df"},
        {"\xe6\x97\xa5", "\u65e5"},
        {"\xf0\x9f\x98\x80", "\U0001f600"},
        {"\xf4\x8f\xbf\xbf", "\U0010ffff"},
        {"a\xf6", "a\u00f6"},         /* cut off */
        {"\xc0\xaf", "\u00c0\u00af"}, /* longer than need be */
        {"\xc1\xbf", "\u00c1\u00bf"},
        {"\xe0\x9f\xbf", "\u00e0\xc2\x9f\u00bf"},
        {"\xf0\x8f\xbf\xbf", "\u00f0\xc2\x8f\u00bf\u00bf"},
        {"\xed\xa0\x80", "\u00ed\u00a0\xc2\x80"}, /* a surrogate */
        {"\xf4\x90\x80\x80", "\u00f4\xc2\x90\xc2\x80\xc2\x80"},
        {"\xf5\x80\x80\x80", "\u00f5\xc2\x80\xc2\x80\xc2\x80"},
        {"\x80", "\xc2\x80"},
        {"\xc3(", "\u00c3("},
        {"\xe6\x97", "\u00e6\xc2\x97"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        text_put_bytes(&text, rows[i].bytes, strlen(rows[i].bytes));
        assert_text(rows[i].text);
    }
}

static void quoted_bytes_show_everything(void **state)
{
    (void)state;
    text_put_quoted(&text, "a\0\"\\\n\x7f\xc2\x85\xe2\x80\xa8\xc3\xb6", 13);
    assert_text("\"a\\x00\\\"\\\\x0a\\x7f\\x85\\u2028\u00f6\"");
    text_put_quoted(&text, "", 0);
    assert_text("\"\"");
}

/* What Windows hands over comes back as it was, also if it is not Unicode. */
static void utf16_there_and_back(void **state)
{
    static const struct {
        uint16_t units[6];
        const char *text;
        size_t width;
    } rows[] = {
        {{0}, "", 0},
        {{'a', 0xf6, 0x65e5, 0}, "a\u00f6\u65e5", 3},
        {{0xd83d, 0xde00, 'x', 0}, "\U0001f600x", 2},
        {{0xdbff, 0xdfff, 0}, "\U0010ffff", 1},
        {{0xd83d, 'x', 0xde00, 0}, "\xed\xa0\xbdx\xed\xb8\x80", 3},
        {{0xde00, 0xd83d, 0}, "\xed\xb8\x80\xed\xa0\xbd", 2},
        {{0xd83d, 0xd83d, 0xde00, 0}, "\xed\xa0\xbd\U0001f600", 2},
    };
    uint16_t units[32];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t count = 0;
        while (rows[i].units[count] != 0)
            count++;
        text_put_utf16(&text, rows[i].units, count);
        assert_int_equal(text_width(text_chars(&text)), rows[i].width);
        assert_int_equal(text_to_utf16(text_chars(&text), units), count);
        assert_memory_equal(units, rows[i].units, (count + 1) * sizeof(units[0]));
        assert_text(rows[i].text);
    }
    assert_true(text_has_surrogates(rows[4].text));
    assert_false(text_has_surrogates("\ud7ff\ue000\U0001f600"));
    text_put_unicode(&text, rows[4].text);
    assert_text("\ufffdx\ufffd");
    text_put_padded(&text, "\u00f6\u65e5", 4);
    text_put_padded(&text, "longer", 4);
    assert_text("\u00f6\u65e5  longer");
    assert_int_equal(text_span_of("\u00f6\u65e5x", 2), 5);
    assert_int_equal(text_span_of("\u00f6\u65e5x", 9), 6);
    /* Bytes that are no UTF-8 do not stop the reading. */
    assert_int_equal(text_to_utf16("a\xff\xe6\x97", units), 4);
    assert_int_equal(units[1], 0xfffd);
}

static void addresses(void **state)
{
    static const struct {
        const char *bytes;
        const char *text;
    } rows[] = {
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "::"},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", "::1"},
        {"\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "fe80::"},
        {"\x20\1\xd\xb8\0\0\0\1\0\0\0\0\0\0\0\1", "2001:db8:0:1::1"},
        {"\x20\1\xd\xb8\0\0\0\0\0\1\0\0\0\0\0\1", "2001:db8::1:0:0:1"},
        {"\0\1\0\2\0\3\0\4\0\5\0\6\0\0\0\7", "1:2:3:4:5:6:0:7"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        text_put_address(&text, (const uint8_t *)rows[i].bytes, 16);
        assert_text(rows[i].text);
    }
    text_put_endpoint(&text, (const uint8_t *)"\x0a\0\0\2", 4, 67);
    assert_text("10.0.0.2:67");
    text_put_endpoint(&text, (const uint8_t *)rows[1].bytes, 16, 547);
    assert_text("[::1]:547");
    text_put_address(&text, (const uint8_t *)"x", 1);
    assert_text("?");
    text_put_mac(&text, (const uint8_t *)"\x52\0\xff", 3);
    assert_text("52:00:FF");
}

/* ---- JSON out ---- */

static void write_sample(struct json *json)
{
    json_begin_object(json);
    json_key(json, "a");
    json_number(json, 1);
    json_key(json, "empty");
    json_begin_array(json);
    json_end_array(json);
    json_key(json, "list");
    json_begin_array(json);
    json_begin_object(json);
    json_flatten(json);
    json_key(json, "x");
    json_string(json, "\u00fc\"\\\n\x01");
    json_key(json, "y");
    json_begin_array(json);
    json_bool(json, true);
    json_null(json);
    json_end_array(json);
    json_end_object(json);
    json_thousandths(json, 1500);
    json_end_array(json);
    json_key(json, "b");
    json_string(json, NULL);
    json_end_object(json);
}

static void json_on_one_line_and_indented(void **state)
{
    struct json json = json_start(&text);
    (void)state;
    write_sample(&json);
    assert_text("{\"a\":1,\"empty\":[],\"list\":[{\"x\":\"\u00fc\\\"\\\\\\n\\u0001\","
                "\"y\":[true,null]},1.500],\"b\":null}");
    json = json_start_indented(&text);
    write_sample(&json);
    assert_text("{\n  \"a\": 1,\n  \"empty\": [],\n  \"list\": [\n"
                "    {\"x\": \"\u00fc\\\"\\\\\\n\\u0001\", \"y\": [true, null]},\n    1.500\n  ],\n"
                "  \"b\": null\n}");
}

/* ---- JSON in ---- */

static struct json_value *read(const char *bytes)
{
    struct json_value *root = NULL;
    struct json_error error;
    size_t length = strlen(bytes);
    char *exact = malloc(length + 1); /* the NUL is not part of what is given */
    assert_non_null(exact);
    memcpy(exact, bytes, length);
    if (!json_tree_read(exact, length, &root, &error))
        fail_msg("%s: %zu:%zu: %s", bytes, error.line, error.column, error.text);
    free(exact);
    return root;
}

static void json_values(void **state)
{
    uint64_t number = 0;
    struct json_value *root =
        read(" {\"a\" : [1, -2, 3.5e+1, 18446744073709551615, 18446744073709551616, 0],\r\n"
             "\t\"s\": \"x\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\xc3\xa9\", \"t\": true,"
             "\"f\":false, \"n\":null, \"e\":{}, \"ee\":[], \"\":\"\", \"a\": 9}\n");
    (void)state;
    assert_int_equal(root->kind, JSON_OBJECT);
    assert_int_equal(root->count, 9);
    const struct json_value *a = json_member(root, "a"), *item = a->items;
    assert_int_equal(a->count, 6);
    assert_true(item->is_integer && item->integer == 1);
    item = item->next;
    assert_false(item->is_integer);
    item = item->next;
    assert_false(item->is_integer);
    item = item->next;
    assert_true(item->is_integer && item->integer == UINT64_MAX);
    item = item->next;
    assert_false(item->is_integer);
    assert_true(item->next->is_integer && item->next->next == NULL);
    text_put(&text, json_member_string(root, "s"));
    assert_text("x\"\\/\b\f\n\r\t\u00e9\U0001f600\u00e9");
    assert_true(json_member(root, "t")->boolean);
    assert_false(json_member(root, "f")->boolean);
    assert_int_equal(json_member(root, "n")->kind, JSON_NULL);
    assert_int_equal(json_member(root, "e")->count, 0);
    text_put(&text, json_member_string(root, ""));
    assert_text("");
    assert_null(json_member(root, "x"));
    assert_null(json_member(a, "a"));
    assert_null(json_member(NULL, "a"));
    assert_null(json_member_string(root, "a"));
    assert_false(json_member_integer(root, "s", &number));
    json_tree_free(root);
    json_tree_free(read("\"\""));
    json_tree_free(read("0"));
    json_tree_free(NULL);
}

static void json_errors_have_a_place(void **state)
{
    static const struct {
        const char *bytes;
        size_t line;
        size_t column;
        const char *text;
    } rows[] = {
        {"", 1, 1, "this is no value"},
        {"  ", 1, 3, "this is no value"},
        {"nul", 1, 1, "this is no value"},
        {"tru\xc3\xa9", 1, 1, "this is no value"},
        {"{\n  \"a\" 1}", 2, 7, "a colon is expected here"},
        {"{\"a\":1,}", 1, 8, "a string is expected here"},
        {"{a:1}", 1, 2, "a string is expected here"},
        {"{\"a\":1 \"b\":2}", 1, 8, "a comma or } is expected here"},
        {"[1 2]", 1, 4, "a comma or ] is expected here"},
        {"[1,]", 1, 4, "this is no value"},
        {"[,1]", 1, 2, "this is no value"},
        {"[1", 1, 3, "a comma or ] is expected here"},
        {"[1}", 1, 3, "a comma or ] is expected here"},
        {"{\"a\":", 1, 6, "this is no value"},
        {"1 2", 1, 3, "nothing may follow here"},
        {"\"abc", 1, 5, "the string does not end"},
        {"\"a\nb\"", 1, 3, "a control character in a string must be escaped"},
        {"\"\\x\"", 1, 3, "this escape is not known"},
        {"\"\\u12\"", 1, 6, "\\u needs four hexadecimal digits"},
        {"\"\\u0000\"", 1, 8, "a string may not have the character 0"},
        {"\"\\ud800\"", 1, 8, "the second half of a surrogate pair is missing"},
        {"\"\\ud800\\n\"", 1, 9, "the second half of a surrogate pair is missing"},
        {"\"\\ud800\\u0041\"", 1, 14, "the second half of a surrogate pair is missing"},
        {"\"\\udc00\"", 1, 8, "the first half of a surrogate pair is missing"},
        {"\"\xff\"", 1, 2, "this is not UTF-8"},
        {"\"\xc3\"", 1, 2, "this is not UTF-8"},
        {"01", 1, 3, "a number may not begin with 0"},
        {"-", 1, 2, "this is no value"},
        {"1.", 1, 3, "digits are missing behind the point"},
        {"1e", 1, 3, "digits of the exponent are missing"},
        {"1e+", 1, 4, "digits of the exponent are missing"},
        {"+1", 1, 1, "this is no value"},
        {".5", 1, 1, "this is no value"},
        {"\xef\xbb\xbf{}", 1, 1, "this is no value"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct json_value *root = NULL;
        struct json_error error;
        assert_false(json_tree_read(rows[i].bytes, strlen(rows[i].bytes), &root, &error));
        assert_null(root);
        if (error.line != rows[i].line || error.column != rows[i].column ||
            strcmp(error.text, rows[i].text) != 0)
            fail_msg("%s: %zu:%zu: %s", rows[i].bytes, error.line, error.column, error.text);
    }
}

static void json_depth_is_bounded(void **state)
{
    enum { DEEP = 100000 };
    static char bytes[DEEP];
    struct json_value *root = NULL;
    struct json_error error;
    (void)state;
    memset(bytes, '[', DEEP);
    assert_false(json_tree_read(bytes, DEEP, &root, &error));
    assert_string_equal(error.text, "nested too deeply");
    assert_int_equal(error.column, JSON_DEPTH_MAX + 1);
    memset(bytes + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    assert_true(json_tree_read(bytes, 2 * JSON_DEPTH_MAX, &root, &error));
    json_tree_free(root);
}

/* A byte that is 0 is nothing that ends the text. */
static void json_with_zero_bytes(void **state)
{
    struct json_value *root = NULL;
    struct json_error error;
    (void)state;
    assert_false(json_tree_read("1\0", 2, &root, &error));
    assert_false(json_tree_read("\0", 1, &root, &error));
    assert_false(json_tree_read("\"\0\"", 3, &root, &error));
    assert_false(json_tree_read("[1\0]", 4, &root, &error));
}

/* ---- HTML ---- */

static void html_escapes_everything(void **state)
{
    (void)state;
    html_text(&text, "a<script>&\"'</script>\u00fc\u65e5\n\u202e\u200b\ufeff\xc2\x85");
    assert_text("a&lt;script&gt;&amp;&quot;&#39;&lt;/script&gt;\u00fc\u65e5\\u000a\\u202e\\u200b"
                "\\ufeff\\u0085");
    html_text(&text, "x\xed\xa0\x80y\xed\xb0\x80"); /* halves of surrogate pairs */
    assert_text("x\\ud800y\\udc00");
}

int main(void)
{
    const struct CMUnitTest texts[] = {
        cmocka_unit_test_teardown(formats_of_any_length, end),
        cmocka_unit_test_teardown(bytes_are_utf8_or_latin1, end),
        cmocka_unit_test_teardown(quoted_bytes_show_everything, end),
        cmocka_unit_test_teardown(utf16_there_and_back, end),
        cmocka_unit_test_teardown(addresses, end),
        cmocka_unit_test_teardown(json_on_one_line_and_indented, end),
        cmocka_unit_test_teardown(json_values, end),
        cmocka_unit_test(json_errors_have_a_place),
        cmocka_unit_test(json_depth_is_bounded),
        cmocka_unit_test(json_with_zero_bytes),
        cmocka_unit_test_teardown(html_escapes_everything, end),
    };
    return cmocka_run_group_tests(texts, NULL, NULL);
}
