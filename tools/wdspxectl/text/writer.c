#include "text/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_SIZE = 24 };

void writer_start(struct writer *writer, bool as_json)
{
    *writer = (struct writer){.text = TEXT_EMPTY, .as_json = as_json};
}

void writer_start_indented(struct writer *writer)
{
    *writer = (struct writer){.text = TEXT_EMPTY, .as_json = true, .is_indented = true};
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

/* ---- text ---- */

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

/* ---- JSON ---- */

static bool is_flat(const struct writer *writer)
{
    return !writer->is_indented || (writer->flat_depth != 0 && writer->depth >= writer->flat_depth);
}

static void put_break(struct writer *writer)
{
    text_put_char(&writer->text, '\n');
    for (unsigned i = 0; i < writer->depth; i++)
        text_put(&writer->text, "  ");
}

/* What stands between a value and the one before it. */
static void separate(struct writer *writer)
{
    if (writer->needs_comma)
        text_put_char(&writer->text, ',');
    if (writer->depth > 0 && !is_flat(writer))
        put_break(writer);
    else if (writer->depth > 0 && writer->needs_comma && writer->is_indented)
        text_put_char(&writer->text, ' ');
    writer->needs_comma = true;
}

/* The letter that stands for a character behind a backslash; NUL: none does. */
static char escape_of(uint32_t character)
{
    static const char escaped[] = "\"\\\n\r\t", letters[] = "\"\\nrt";
    const char *at = character > 0 && character < 0x80 ? strchr(escaped, (int)character) : NULL;
    return at != NULL ? letters[at - escaped] : '\0';
}

static void put_json_character(struct text *out, uint32_t character)
{
    if (escape_of(character) != '\0')
        text_format(out, "\\%c", escape_of(character));
    else if (text_is_control(character))
        text_format(out, "\\u%04x", (unsigned)character);
    else
        text_put_character(out, text_is_surrogate(character) ? 0xfffd : character);
}

static void put_json_string(struct text *out, const char *string)
{
    uint32_t character = 0;
    text_put_char(out, '"');
    for (const char *at = string; *at != '\0';) {
        at += text_read_character(at, &character);
        put_json_character(out, character);
    }
    text_put_char(out, '"');
}

/* True: JSON it is, and the value may follow. */
static bool begins_json(struct writer *writer, const char *name)
{
    if (!writer->as_json)
        return false;
    separate(writer);
    if (name != NULL) {
        put_json_string(&writer->text, name);
        text_put(&writer->text, writer->is_indented ? ": " : ":");
    }
    return true;
}

/* ---- objects and lists ---- */

static void open_bracket(struct writer *writer, const char *name, char bracket)
{
    if (!begins_json(writer, name))
        return;
    text_put_char(&writer->text, bracket);
    writer->needs_comma = false;
    writer->depth++;
}

static void close_bracket(struct writer *writer, char bracket)
{
    if (!writer->as_json)
        return;
    bool breaks = writer->needs_comma && !is_flat(writer);
    if (writer->flat_depth == writer->depth)
        writer->flat_depth = 0;
    writer->depth--;
    if (breaks)
        put_break(writer);
    text_put_char(&writer->text, bracket);
    writer->needs_comma = true;
}

void write_begin(struct writer *writer, const char *name)
{
    open_bracket(writer, name, '{');
}

void write_end(struct writer *writer)
{
    close_bracket(writer, '}');
}

void write_begin_list(struct writer *writer, const char *name)
{
    open_bracket(writer, name, '[');
}

void write_end_list(struct writer *writer)
{
    close_bracket(writer, ']');
}

void write_flat(struct writer *writer)
{
    writer->flat_depth = writer->depth;
}

/* ---- values ---- */

void write_string(struct writer *writer, const char *name, const char *string, const char *words)
{
    if (string == NULL)
        write_null(writer, name);
    else if (begins_json(writer, name))
        put_json_string(&writer->text, string);
    else
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

/* What JSON has without quotation marks. */
static void write_bare(struct writer *writer, const char *name, const char *value,
                       const char *words)
{
    if (begins_json(writer, name))
        text_put(&writer->text, value);
    else
        put_words(&writer->text, words, value);
}

void write_number(struct writer *writer, const char *name, uint64_t number, const char *words)
{
    char digits[DIGITS_SIZE];
    (void)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
    write_bare(writer, name, digits, words);
}

void write_thousandths(struct writer *writer, const char *name, uint64_t number, const char *words)
{
    char digits[DIGITS_SIZE];
    (void)snprintf(digits, sizeof(digits), "%llu.%03u", (unsigned long long)(number / 1000),
                   (unsigned)(number % 1000));
    write_bare(writer, name, digits, words);
}

void write_bool(struct writer *writer, const char *name, bool value, const char *words)
{
    if (writer->as_json)
        write_bare(writer, name, value ? "true" : "false", NULL);
    else
        put_words(&writer->text, words, value ? "yes" : "no");
}

void write_null(struct writer *writer, const char *name)
{
    if (begins_json(writer, name))
        text_put(&writer->text, "null");
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
