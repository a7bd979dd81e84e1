/* Registry files: what is read from one, what is refused, and that nothing is read beyond its end.
 */
#include "wdspxectl/config/reg_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIRST "Windows Registry Editor Version 5.00\r\n"

/* What was visited, as text: "line key|name|type|bytes;" */
static struct text seen;
static struct text problem;

static bool note(const struct reg_item *item, void *context)
{
    (void)context;
    text_format(&seen, "%lu %s|", (unsigned long)item->line, item->key);
    if (item->deletes_key) {
        text_put(&seen, "gone;");
        return true;
    }
    text_format(&seen, item->deletes_value ? "%s|-" : "%s|%lu|", item->name, item->type);
    for (size_t i = 0; !item->deletes_value && i < item->size; i++)
        text_format(&seen, "%02x", item->bytes[i]);
    text_put_char(&seen, ';');
    return true;
}

/* From a block of exactly that size. */
static bool read_bytes(const void *bytes, size_t size)
{
    uint8_t *exact = malloc(size + (size == 0));

    assert_non_null(exact);
    memcpy(exact, bytes, size);
    text_free(&seen);
    text_free(&problem);
    bool is_fine = reg_file_read(exact, size, note, NULL, &problem);
    free(exact);
    return is_fine;
}

static bool read_lines(const char *lines)
{
    struct text file = TEXT_EMPTY;

    text_put_bytes(&file, FIRST, strlen(FIRST));
    text_put_bytes(&file, lines, strlen(lines));
    bool is_fine = read_bytes(text_chars(&file), file.length);
    text_free(&file);
    return is_fine;
}

static void assert_seen(const char *lines, const char *expected)
{
    assert_true(read_lines(lines));
    if (strcmp(text_chars(&seen), expected) != 0)
        fail_msg("seen %s, expected %s", text_chars(&seen), expected);
}

static void assert_refused(const char *lines, const char *expected)
{
    assert_false(read_lines(lines));
    if (strstr(text_chars(&problem), expected) == NULL)
        fail_msg("refused with %s, expected %s", text_chars(&problem), expected);
}

static void kinds_of_values(void **state)
{
    (void)state;
    assert_seen("[A\\b]\r\n\"n\"=dword:0000001f\r\n", "3 A\\b|n|4|1f000000;");
    assert_seen("[A]\n\"n\"=DWORD:Ff\n", "3 A|n|4|ff000000;");
    assert_seen("[A]\n\"n\"=\"a\\\"\\\\\"\n", "3 A|n|1|610022005c000000;");
    assert_seen("[A]\n\"n\"=\"\"\n", "3 A|n|1|0000;");
    assert_seen("[A]\n\"n\"=hex:01,0a,ff\n", "3 A|n|3|010aff;");
    assert_seen("[A]\n\"n\"=hex:\n", "3 A|n|3|;");
    assert_seen("[A]\n\"n\"=hex(7):00,00\n", "3 A|n|7|0000;");
    assert_seen("[A]\n\"n\"=hex(b):1,2,\\\r\n  3,\\\r\n  4\n", "3 A|n|11|01020304;");
    assert_seen("[A]\n\"n\"=-\n", "3 A|n|-;");
    assert_seen("[A]\n@=\"x\"\n", "3 A||1|78000000;");
    assert_seen("[-A\\b]\n", "2 A\\b|gone;");
    assert_seen("[A[1]]\n\"a=b\"=-", "3 A[1]|a=b|-;");
    assert_seen("\r\n; [B]\r\n  [A]\r\n\r\n\t\"n\" = dword:1 \r\n", "6 A|n|4|01000000;");
    assert_seen("[A]\n\"n\"=-\n[B]\n\"n\"=-\n", "3 A|n|-;5 B|n|-;");
    assert_seen("[A]\n\"n\"=hex:1,\\\n2\n\"m\"=-\n", "3 A|n|3|0102;5 A|m|-;");
    assert_seen("", "");
}

static void mistakes_are_told_with_their_line(void **state)
{
    (void)state;
    assert_refused("\"n\"=-\n", "line 2: a value comes before any [key]");
    assert_refused("[A\n", "line 2: a [key] is not complete");
    assert_refused("[]\n", "line 2: a [key] is not complete");
    assert_refused("[A] x\n", "line 2: something follows");
    assert_refused("[A]\n\"n=-\n", "line 3: a quotation mark is missing");
    assert_refused("[A]\n\"n\"=\"a\\\n", "line 3: a quotation mark is missing");
    assert_refused("[A]\n\"n\"\n", "line 3: an equals sign is missing");
    assert_refused("[A]\nn=-\n", "line 3: this is no line");
    assert_refused("[A]\n\"n\"=1\n", "line 3: the value is none of");
    assert_refused("[A]\n\"n\"=dword:\n", "line 3: dword: needs");
    assert_refused("[A]\n\"n\"=dword:123456789\n", "line 3: dword: needs");
    assert_refused("[A]\n\"n\"=hex(\n", "line 3: hex( needs");
    assert_refused("[A]\n\"n\"=hex(2:\n", "line 3: hex( needs");
    assert_refused("[A]\n\"n\"=hex 1\n", "line 3: hex needs a colon");
    assert_refused("[A]\n\"n\"=hex:123\n", "line 3: something follows");
    assert_refused("[A]\n\"n\"=hex:1,\\\n2;3\n", "line 4: something follows");
}

static void files_may_be_utf16_or_utf8(void **state)
{
    static const wchar_t wide[] = L"\xfeff"
                                  L"Windows Registry Editor Version 5.00\n[\xf6]\n";
    static const char marked[] = "\xef\xbb\xbf" FIRST, latin[] = FIRST "[\xf6]\n";
    static const char hole[] = FIRST "\0[A]\n";

    (void)state;
    assert_true(read_bytes(wide, sizeof(wide) - sizeof(wide[0])));
    assert_true(read_bytes(marked, sizeof(marked) - 1));
    assert_false(read_bytes(wide, sizeof(wide) - sizeof(wide[0]) - 1));
    assert_false(read_bytes(wide, sizeof(wide))); /* with a NUL at its end */
    assert_false(read_bytes(latin, sizeof(latin) - 1));
    assert_false(read_bytes(hole, sizeof(hole) - 1));
    assert_false(read_bytes("", 0));
    assert_false(read_bytes("\xff\xfe", 2));
    assert_false(read_bytes("\xef\xbb\xbf", 3));
    assert_true(problem.length > 0);
}

static void cut_and_damaged_files_do_no_harm(void **state)
{
    static const char file[] = FIRST "[A\\b]\r\n\"n\"=dword:1f\r\n\"m\"=\"a\\\"b\"\r\n"
                                     "\"l\"=hex(7):01,\\\r\n  02\r\n[-B]\r\n@=-\r\n";
    char damaged[sizeof(file)];

    (void)state;
    for (size_t size = 0; size < sizeof(file); size++)
        (void)read_bytes(file, size);
    for (size_t at = 0; at < sizeof(file) - 1; at++) {
        static const char others[] = "\\\"[]=-,:;\r\n x";
        for (size_t i = 0; i < sizeof(others) - 1; i++) {
            memcpy(damaged, file, sizeof(file));
            damaged[at] = others[i];
            (void)read_bytes(damaged, sizeof(file) - 1);
            assert_false(seen.failed || problem.failed);
        }
    }
}

static void what_is_written_is_read_again(void **state)
{
    static const uint8_t bytes[100] = {1, 2, [50] = 0xff, [99] = 9};
    static const wchar_t text[] = L"a\\\"b\x00fc\xd83d\xde00", broken[] = L"a\nb";
    struct text file = TEXT_EMPTY, expected = TEXT_EMPTY;
    const DWORD number = 0xfffffffe;

    (void)state;
    reg_file_put_header(&file);
    reg_file_put_key(&file, "HKEY_LOCAL_MACHINE\\A");
    reg_file_put_value(&file, "n\"\\", REG_DWORD, (const uint8_t *)&number, sizeof(number));
    reg_file_put_value(&file, "t", REG_SZ, (const uint8_t *)text, sizeof(text));
    reg_file_put_value(&file, "u", REG_SZ, (const uint8_t *)broken, sizeof(broken));
    reg_file_put_value(&file, "b", REG_BINARY, bytes, sizeof(bytes));
    reg_file_put_value(&file, "d", REG_DWORD, bytes, 3);
    reg_file_put_value(&file, "e", REG_MULTI_SZ, bytes, 0);
    reg_file_put_deletion(&file, "g");

    text_put(&expected, "4 HKEY_LOCAL_MACHINE\\A|n\"\\|4|feffffff;");
    text_put(&expected, "5 HKEY_LOCAL_MACHINE\\A|t|1|61005c0022006200fc003dd800de0000;");
    text_put(&expected, "6 HKEY_LOCAL_MACHINE\\A|u|1|61000a0062000000;");
    text_put(&expected, "7 HKEY_LOCAL_MACHINE\\A|b|3|");
    for (size_t i = 0; i < sizeof(bytes); i++)
        text_format(&expected, "%02x", bytes[i]);
    text_put(&expected, ";12 HKEY_LOCAL_MACHINE\\A|d|4|010200;");
    text_put(&expected, "13 HKEY_LOCAL_MACHINE\\A|e|7|;14 HKEY_LOCAL_MACHINE\\A|g|-;");
    assert_true(read_bytes(file.chars, file.length));
    if (strcmp(text_chars(&seen), text_chars(&expected)) != 0)
        fail_msg("seen %s", text_chars(&seen));
    text_free(&file);
    text_free(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_values),
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(files_may_be_utf16_or_utf8),
        cmocka_unit_test(cut_and_damaged_files_do_no_harm),
        cmocka_unit_test(what_is_written_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
