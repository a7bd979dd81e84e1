/* Windows' strings, which are UTF-16, and ours, which are UTF-8. Only for calls of Windows. */
#ifndef WDSPXECTL_TEXT_WIDE_H
#define WDSPXECTL_TEXT_WIDE_H

#include <windows.h>

#include "text/writer.h"

/* A copy as Windows takes it, to be freed. NULL: there is no string, or no memory (last error). */
wchar_t *wide_of(const char *string);

/* A copy of a string of Windows, to be freed. NULL: no memory, or no string. */
char *utf8_of(const wchar_t *string);

/* Appends a string of Windows, nothing for NULL. */
void text_put_wide(struct text *text, const wchar_t *string);

/* Such a string as write_string has it. */
void write_wide(struct writer *writer, const char *name, const wchar_t *string, const char *words);

/* Whether both are the same to Windows, which tells no capitals from small letters in names. */
bool is_same_name(const char *a, const char *b);

#endif
