#include "text/wide.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(wchar_t) == sizeof(uint16_t), "Windows' wchar_t is a unit of UTF-16");

wchar_t *wide_of(const char *string)
{
    wchar_t *wide = string != NULL ? malloc((strlen(string) + 1) * sizeof(*wide)) : NULL;
    if (wide != NULL)
        (void)text_to_utf16(string, wide);
    else if (string != NULL)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return wide;
}

void text_put_wide(struct text *text, const wchar_t *string)
{
    if (string != NULL)
        text_put_utf16(text, string, wcslen(string));
}

void write_wide(struct writer *writer, const char *name, const wchar_t *string, const char *words)
{
    SCOPED_MEMORY char *utf8 = utf8_of(string);
    writer->text.failed |= string != NULL && utf8 == NULL;
    write_string(writer, name, utf8, words);
}

char *utf8_of(const wchar_t *string)
{
    struct text text = TEXT_EMPTY;
    if (string == NULL)
        return NULL;
    text_put_wide(&text, string);
    if (text.chars == NULL && !text.failed)
        return calloc(1, 1);
    if (text.failed)
        text_free(&text);
    return text.chars;
}

bool is_same_name(const char *a, const char *b)
{
    SCOPED_MEMORY wchar_t *wide_a = wide_of(a), *wide_b = wide_of(b);
    return wide_a != NULL && wide_b != NULL &&
           CompareStringOrdinal(wide_a, -1, wide_b, -1, TRUE) == CSTR_EQUAL;
}
