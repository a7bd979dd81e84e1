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
    text_put_char(json->out, L'\n');
    for (unsigned i = 0; i < json->depth; i++)
        text_put(json->out, L"  ");
}

/* Called before each value, key, object and array. */
static void json_separate(struct json *json)
{
    bool was_comma = json->needs_comma;
    json->needs_comma = true;
    if (was_comma)
        text_put_char(json->out, L',');
    if (json->after_key || json->depth == 0) {
        json->after_key = false;
        return;
    }
    if (!is_flat(json))
        json_break(json);
    else if (was_comma && json->is_indented)
        text_put_char(json->out, L' ');
}

static void json_open(struct json *json, wchar_t bracket)
{
    json_separate(json);
    text_put_char(json->out, bracket);
    json->needs_comma = false;
    json->depth++;
}

static void json_close(struct json *json, wchar_t bracket)
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
    json_open(json, L'{');
}

void json_end_object(struct json *json)
{
    json_close(json, L'}');
}

void json_begin_array(struct json *json)
{
    json_open(json, L'[');
}

void json_end_array(struct json *json)
{
    json_close(json, L']');
}

static bool is_high_surrogate(wchar_t c)
{
    return c >= 0xd800 && c <= 0xdbff;
}

static bool is_low_surrogate(wchar_t c)
{
    return c >= 0xdc00 && c <= 0xdfff;
}

static void json_put_escaped(struct text *out, wchar_t c)
{
    switch (c) {
    case L'"':
        text_put(out, L"\\\"");
        break;
    case L'\\':
        text_put(out, L"\\\\");
        break;
    case L'\n':
        text_put(out, L"\\n");
        break;
    case L'\r':
        text_put(out, L"\\r");
        break;
    case L'\t':
        text_put(out, L"\\t");
        break;
    default:
        if (text_is_control(c))
            text_format(out, L"\\u%04x", (unsigned)c);
        else
            text_put_char(out, c);
    }
}

static void json_put_quoted(struct text *out, const wchar_t *string)
{
    text_put_char(out, L'"');
    for (const wchar_t *at = string; *at != L'\0'; at++) {
        if (is_high_surrogate(*at) && is_low_surrogate(at[1])) {
            text_put_span(out, at, 2);
            at++;
        } else if (is_high_surrogate(*at) || is_low_surrogate(*at)) {
            text_put_char(out, 0xfffd);
        } else {
            json_put_escaped(out, *at);
        }
    }
    text_put_char(out, L'"');
}

void json_key(struct json *json, const wchar_t *name)
{
    json_separate(json);
    json_put_quoted(json->out, name);
    text_put(json->out, json->is_indented ? L": " : L":");
    json->needs_comma = false;
    json->after_key = true;
}

void json_string(struct json *json, const wchar_t *string)
{
    if (string == NULL) {
        json_null(json);
        return;
    }
    json_separate(json);
    json_put_quoted(json->out, string);
}

void json_number(struct json *json, uint64_t number)
{
    json_separate(json);
    text_format(json->out, L"%llu", (unsigned long long)number);
}

void json_thousandths(struct json *json, uint64_t thousandths)
{
    json_separate(json);
    text_format(json->out, L"%llu.%03u", (unsigned long long)(thousandths / 1000),
                (unsigned)(thousandths % 1000));
}

void json_bool(struct json *json, bool value)
{
    json_separate(json);
    text_put(json->out, value ? L"true" : L"false");
}

void json_null(struct json *json)
{
    json_separate(json);
    text_put(json->out, L"null");
}
