#include "json.h"

struct json json_start(struct text *out)
{
    return (struct json){out, false};
}

/* Called before each value, key, object and array. */
static void json_separate(struct json *json)
{
    if (json->needs_comma)
        text_put_char(json->out, L',');
    json->needs_comma = true;
}

static void json_open(struct json *json, wchar_t bracket)
{
    json_separate(json);
    text_put_char(json->out, bracket);
    json->needs_comma = false;
}

static void json_close(struct json *json, wchar_t bracket)
{
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
    text_put_char(json->out, L':');
    json->needs_comma = false;
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
