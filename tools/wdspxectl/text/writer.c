#include "text/writer.h"

#include <stdlib.h>
#include <string.h>

void writer_start(struct writer *writer, bool as_json)
{
    writer->text = TEXT_EMPTY;
    writer->json = json_start(&writer->text);
    writer->as_json = as_json;
}

void writer_free(struct writer *writer)
{
    text_free(&writer->text);
}

void writer_start_event(struct writer *writer, bool as_json, const char *event)
{
    writer_start(writer, as_json);
    write_begin(writer, NULL);
    write_string(writer, "event", event, NULL);
}

/* ---- the two sinks ---- */

/* True: JSON it is, and its value may follow. */
static bool begins_json(struct writer *writer, const char *name)
{
    if (writer->as_json && name != NULL)
        json_key(&writer->json, name);
    return writer->as_json;
}

static void put_words(struct text *out, const char *words, const char *value)
{
    const char *mark = words != NULL ? strchr(words, '%') : NULL;
    char *rest = NULL;

    if (mark == NULL) {
        text_put(out, words != NULL ? words : "");
        return;
    }
    size_t width = strtoul(mark + 1, &rest, 10);
    text_put_span(out, words, (size_t)(mark - words));
    text_put_visible(out, value);
    for (size_t used = text_width(value); used < width; used++)
        text_put_char(out, ' ');
    text_put(out, rest);
}

/* ---- objects and lists ---- */

void write_begin(struct writer *writer, const char *name)
{
    if (begins_json(writer, name))
        json_begin_object(&writer->json);
}

void write_end(struct writer *writer)
{
    if (writer->as_json)
        json_end_object(&writer->json);
}

void write_begin_list(struct writer *writer, const char *name)
{
    if (begins_json(writer, name))
        json_begin_array(&writer->json);
}

void write_end_list(struct writer *writer)
{
    if (writer->as_json)
        json_end_array(&writer->json);
}

/* ---- values ---- */

void write_string(struct writer *writer, const char *name, const char *string, const char *words)
{
    if (begins_json(writer, name))
        json_text(&writer->json, string);
    else if (string != NULL)
        put_words(&writer->text, words, string);
}

void write_string_or(struct writer *writer, const char *name, const char *string,
                     const char *otherwise, const char *words)
{
    write_string(writer, name, string == NULL && !writer->as_json ? otherwise : string, words);
}

void write_text(struct writer *writer, const char *name, const struct text *string,
                const char *words)
{
    writer->text.failed |= string->failed;
    write_string(writer, name, string->length > 0 ? text_chars(string) : NULL, words);
}

void write_number(struct writer *writer, const char *name, uint64_t number, const char *words)
{
    SCOPED_TEXT digits = TEXT_EMPTY;

    if (begins_json(writer, name)) {
        json_number(&writer->json, number);
        return;
    }
    text_format(&digits, "%llu", (unsigned long long)number);
    write_text(writer, name, &digits, words);
}

void write_thousandths(struct writer *writer, const char *name, uint64_t number, const char *words)
{
    SCOPED_TEXT digits = TEXT_EMPTY;

    if (begins_json(writer, name)) {
        json_thousandths(&writer->json, number);
        return;
    }
    text_format(&digits, "%llu.%03u", (unsigned long long)(number / 1000),
                (unsigned)(number % 1000));
    write_text(writer, name, &digits, words);
}

void write_bool(struct writer *writer, const char *name, bool value, const char *words)
{
    if (begins_json(writer, name))
        json_bool(&writer->json, value);
    else
        put_words(&writer->text, words, value ? "yes" : "no");
}

void write_null(struct writer *writer, const char *name)
{
    if (begins_json(writer, name))
        json_nothing(&writer->json);
}

void say(struct writer *writer, const char *format, ...)
{
    SCOPED_TEXT words = TEXT_EMPTY;
    va_list arguments;

    if (writer->as_json)
        return;
    va_start(arguments, format);
    text_format_v(&words, format, arguments);
    va_end(arguments);
    text_put_visible(&writer->text, text_chars(&words));
    writer->text.failed |= words.failed;
}

void say_break(struct writer *writer)
{
    if (!writer->as_json)
        text_put_char(&writer->text, '\n');
}
