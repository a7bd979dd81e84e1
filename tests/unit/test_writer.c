/* wdspxectl: one description of a record, written as JSON and as text. */
#include "wdspxectl/text/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What both sinks make of the same description. */
static void assert_both(void (*describe)(struct writer *writer), const char *json, const char *text)
{
    struct writer writer;
    for (int as_json = 0; as_json < 2; as_json++) {
        const char *expected = as_json != 0 ? json : text;
        writer_start(&writer, as_json != 0);
        describe(&writer);
        assert_false(writer.text.failed);
        if (strcmp(text_chars(&writer.text), expected) != 0)
            fail_msg("is \"%s\", expected \"%s\"", text_chars(&writer.text), expected);
        writer_free(&writer);
    }
}

static void provider(struct writer *writer)
{
    write_begin(writer, NULL);
    write_number(writer, "index", 3, "%. ");
    write_string(writer, "name", "staticpxe", "%");
    write_number(writer, "place", UINT64_MAX, NULL);
    say(writer, ", %s", "running");
    write_bool(writer, "critical", true, ", critical: %");
    write_bool(writer, "broken", false, "");
    write_thousandths(writer, "ms", 1007, "; % ms");
    write_null(writer, "defect");
    write_end(writer);
}

static void members_have_a_name_and_words(void **state)
{
    (void)state;
    assert_both(provider,
                "{\"index\":3,\"name\":\"staticpxe\",\"place\":18446744073709551615,"
                "\"critical\":true,\"broken\":false,\"ms\":1.007,\"defect\":null}",
                "3. staticpxe, running, critical: yes; 1.007 ms");
}

static void absent(struct writer *writer)
{
    struct text none = TEXT_EMPTY, made = TEXT_EMPTY;
    text_format(&made, "%u", 7u);
    write_begin(writer, NULL);
    write_string(writer, "a", NULL, "a is %; ");
    write_string(writer, "b", "", "b is %; ");
    write_string_or(writer, "c", NULL, "(unknown)", "c is %; ");
    write_string_or(writer, "d", "x", "(unknown)", "d is %; ");
    write_string_or(writer, "e", NULL, NULL, "e is %; ");
    write_text(writer, "f", &none, "f is %; ");
    write_text(writer, "g", &made, "g is %");
    write_end(writer);
    text_free(&made);
}

static void null_is_null_or_nothing(void **state)
{
    (void)state;
    assert_both(absent,
                "{\"a\":null,\"b\":\"\",\"c\":null,\"d\":\"x\",\"e\":null,\"f\":null,\"g\":\"7\"}",
                "b is ; c is (unknown); d is x; g is 7");
}

static void rows(struct writer *writer)
{
    static const char *const names[] = {"ab", "\u00fc\u20ac", "longer than that"};
    say(writer, "NAME    END");
    write_begin_list(writer, NULL);
    for (size_t i = 0; i < 3; i++) {
        say_break(writer);
        write_string(writer, NULL, names[i], "%8.");
    }
    write_end_list(writer);
}

static void rows_are_padded_by_characters(void **state)
{
    (void)state;
    assert_both(rows, "[\"ab\",\"\u00fc\u20ac\",\"longer than that\"]",
                "NAME    END\nab      .\n\u00fc\u20ac      .\nlonger than that.");
}

static void hostile(struct writer *writer)
{
    write_begin(writer, NULL);
    write_begin_list(writer, "list");
    write_string(writer, NULL, "a\nb\x1b[2J\u2028%d%s", "<%>\n");
    write_end_list(writer);
    say(writer, "%s", "c\nd");
    write_end(writer);
}

static void values_forge_no_lines(void **state)
{
    (void)state;
    assert_both(hostile, "{\"list\":[\"a\\nb\\u001b[2J\\u2028%d%s\"]}",
                "<a\\x0ab\\x1b[2J\\u2028%d%s>\nc\\x0ad");
}

static void an_event_is_its_first_member(void **state)
{
    struct writer writer;
    (void)state;
    writer_start_event(&writer, true, "stopped");
    write_begin(&writer, "counters");
    write_end(&writer);
    write_end(&writer);
    assert_string_equal(text_chars(&writer.text), "{\"event\":\"stopped\",\"counters\":{}}");
    writer_free(&writer);
    writer_start_event(&writer, false, "stopped");
    write_end(&writer);
    assert_string_equal(text_chars(&writer.text), "");
    writer_free(&writer);
}

static void write_sample(struct writer *writer)
{
    write_begin(writer, NULL);
    write_number(writer, "a", 1, NULL);
    write_begin_list(writer, "empty");
    write_end_list(writer);
    write_begin_list(writer, "list");
    write_begin(writer, NULL);
    write_flat(writer);
    write_string(writer, "x", "\u00fc\"\\\n\x01", NULL);
    write_begin_list(writer, "y");
    write_bool(writer, NULL, true, NULL);
    write_null(writer, NULL);
    write_end_list(writer);
    write_end(writer);
    write_thousandths(writer, NULL, 1500, NULL);
    write_end_list(writer);
    write_string(writer, "b", NULL, NULL);
    write_end(writer);
}

static void json_on_one_line_and_indented(void **state)
{
    struct writer writer;
    (void)state;
    writer_start(&writer, true);
    write_sample(&writer);
    assert_string_equal(text_chars(&writer.text),
                        "{\"a\":1,\"empty\":[],\"list\":[{\"x\":\"\u00fc\\\"\\\\\\n\\u0001\","
                        "\"y\":[true,null]},1.500],\"b\":null}");
    writer_free(&writer);
    writer_start_indented(&writer);
    write_sample(&writer);
    assert_string_equal(
        text_chars(&writer.text),
        "{\n  \"a\": 1,\n  \"empty\": [],\n  \"list\": [\n"
        "    {\"x\": \"\u00fc\\\"\\\\\\n\\u0001\", \"y\": [true, null]},\n    1.500\n  ],\n"
        "  \"b\": null\n}");
    writer_free(&writer);
}

static void lost_memory_is_remembered(void **state)
{
    struct text lost = {.failed = true};
    struct writer writer;
    (void)state;
    for (int as_json = 0; as_json < 2; as_json++) {
        writer_start(&writer, as_json != 0);
        lost.failed = true;
        write_text(&writer, NULL, &lost, "%");
        assert_true(writer.text.failed);
        writer_free(&writer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_have_a_name_and_words),
        cmocka_unit_test(null_is_null_or_nothing),
        cmocka_unit_test(rows_are_padded_by_characters),
        cmocka_unit_test(values_forge_no_lines),
        cmocka_unit_test(an_event_is_its_first_member),
        cmocka_unit_test(json_on_one_line_and_indented),
        cmocka_unit_test(lost_memory_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
