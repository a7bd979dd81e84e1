/* wdspxectl: text, JSON out and in, HTML. */
#include "wdspxectl/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wdspxectl/text/html.h"
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
        cmocka_unit_test_teardown(html_escapes_everything, end),
    };
    return cmocka_run_group_tests(texts, NULL, NULL);
}
