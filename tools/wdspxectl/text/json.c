#include "text/json.h"

struct json json_start(struct text *out)
{
    return (struct json){.out = out};
}

struct json json_start_indented(struct text *out)
{
    return (struct json){.out = out, .is_indented = true};
}

void json_flatten(struct json *json)
{
    json->flat_depth = json->depth;
}

static bool is_flat(const struct json *json)
{
    return !json->is_indented || (json->flat_depth != 0 && json->depth >= json->flat_depth);
}

static void json_break(struct json *json)
{
    text_put_char(json->out, '\n');
    for (unsigned i = 0; i < json->depth; i++)
        text_put(json->out, "  ");
}

/* Called before each value, key, object and array. */
static void json_separate(struct json *json)
{
    bool was_comma = json->needs_comma;
    json->needs_comma = true;
    if (was_comma)
        text_put_char(json->out, ',');
    if (json->after_key || json->depth == 0) {
        json->after_key = false;
        return;
    }
    if (!is_flat(json))
        json_break(json);
    else if (was_comma && json->is_indented)
        text_put_char(json->out, ' ');
}

static void json_open(struct json *json, char bracket)
{
    json_separate(json);
    text_put_char(json->out, bracket);
    json->needs_comma = false;
    json->depth++;
}

static void json_close(struct json *json, char bracket)
{
    bool breaks = json->needs_comma && !is_flat(json);
    if (json->flat_depth == json->depth)
        json->flat_depth = 0;
    json->depth--;
    if (breaks)
        json_break(json);
    text_put_char(json->out, bracket);
    json->needs_comma = true;
}

void json_begin_object(struct json *json)
{
    json_open(json, '{');
}

void json_end_object(struct json *json)
{
    json_close(json, '}');
}

void json_begin_array(struct json *json)
{
    json_open(json, '[');
}

void json_end_array(struct json *json)
{
    json_close(json, ']');
}

/* The letter that stands for a character behind a backslash; NUL: none does. */
static char escape_of(uint32_t character)
{
    switch (character) {
    case '"':
    case '\\':
        return (char)character;
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return '\0';
    }
}

static void json_put_character(struct text *out, uint32_t character)
{
    if (escape_of(character) != '\0')
        text_format(out, "\\%c", escape_of(character));
    else if (text_is_control(character))
        text_format(out, "\\u%04x", (unsigned)character);
    else
        text_put_character(out, text_is_surrogate(character) ? 0xfffd : character);
}

static void json_put_quoted(struct text *out, const char *string)
{
    uint32_t character = 0;
    text_put_char(out, '"');
    for (const char *at = string; *at != '\0';) {
        at += text_read_character(at, &character);
        json_put_character(out, character);
    }
    text_put_char(out, '"');
}

void json_key(struct json *json, const char *name)
{
    json_separate(json);
    json_put_quoted(json->out, name);
    text_put(json->out, json->is_indented ? ": " : ":");
    json->needs_comma = false;
    json->after_key = true;
}

void json_text(struct json *json, const char *string)
{
    if (string == NULL) {
        json_nothing(json);
        return;
    }
    json_separate(json);
    json_put_quoted(json->out, string);
}

void json_number(struct json *json, uint64_t number)
{
    json_separate(json);
    text_format(json->out, "%llu", (unsigned long long)number);
}

void json_thousandths(struct json *json, uint64_t thousandths)
{
    json_separate(json);
    text_format(json->out, "%llu.%03u", (unsigned long long)(thousandths / 1000),
                (unsigned)(thousandths % 1000));
}

void json_bool(struct json *json, bool value)
{
    json_separate(json);
    text_put(json->out, value ? "true" : "false");
}

void json_nothing(struct json *json)
{
    json_separate(json);
    text_put(json->out, "null");
}
