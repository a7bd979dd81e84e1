#include "text/html.h"

/* Marks and overrides of direction (Unicode Standard Annex 9), zero width, no character at all. */
static bool is_deceptive(uint32_t c)
{
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0xfffe || c == 0xffff || c == 0x61c;
}

static const char *entity_of(uint32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(struct text *out, const char *string)
{
    uint32_t character = 0;
    for (const char *at = string; *at != '\0';) {
        size_t size = text_read_character(at, &character);
        const char *entity = entity_of(character);
        if (entity != NULL)
            text_put(out, entity);
        else if (text_is_control(character) || is_deceptive(character) ||
                 text_is_surrogate(character))
            text_format(out, "\\u%04x", (unsigned)character);
        else
            text_put_span(out, at, size);
        at += size;
    }
}

void html_text_of(struct text *out, const struct text *piece)
{
    html_text(out, text_chars(piece));
    out->failed |= piece->failed;
}
