#include "text/html.h"

static bool is_high_surrogate(wchar_t c)
{
    return c >= 0xd800 && c <= 0xdbff;
}

static bool is_low_surrogate(wchar_t c)
{
    return c >= 0xdc00 && c <= 0xdfff;
}

/* Marks and overrides of direction (Unicode Standard Annex 9), zero width, no character at all. */
static bool is_deceptive(wchar_t c)
{
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0xfffe || c == 0xffff || c == 0x61c;
}

static const wchar_t *entity_of(wchar_t c)
{
    switch (c) {
    case L'&':
        return L"&amp;";
    case L'<':
        return L"&lt;";
    case L'>':
        return L"&gt;";
    case L'"':
        return L"&quot;";
    case L'\'':
        return L"&#39;";
    default:
        return NULL;
    }
}

void html_text(struct text *out, const wchar_t *string)
{
    for (const wchar_t *at = string; *at != L'\0'; at++) {
        const wchar_t *entity = entity_of(*at);
        if (entity != NULL) {
            text_put(out, entity);
        } else if (is_high_surrogate(*at) && is_low_surrogate(at[1])) {
            text_put_span(out, at, 2);
            at++;
        } else if (text_is_control(*at) || is_deceptive(*at) || is_high_surrogate(*at) ||
                   is_low_surrogate(*at)) {
            text_format(out, L"\\u%04x", (unsigned)*at);
        } else {
            text_put_char(out, *at);
        }
    }
}

void html_text_of(struct text *out, struct text *piece)
{
    html_text(out, text_chars(piece));
    out->failed |= piece->failed;
    text_free(piece);
}
