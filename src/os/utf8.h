/* Text of ours, which is UTF-8, as Windows takes it. */
#ifndef OS_UTF8_H
#define OS_UTF8_H

#include <wchar.h>

/* Writes at most `units` UTF-16 code units, the zero included; "" if the text does not fit. */
void utf8_to_wide(const char *utf8, wchar_t *wide, int units);

#endif
