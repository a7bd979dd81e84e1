/*
 * The formatting behind PxeTrace. Providers are careless here: the published sample hands a narrow
 * string to %s, where a wide one is meant, and the C runtime would read on until it meets a wide
 * zero or the end of the memory. A log line must never bring the server down, so this formatter
 * looks before it reads, stops at the end of its buffer, and writes nowhere else.
 */
#ifndef API_TRACE_FORMAT_H
#define API_TRACE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Formats as the wide printf functions of Microsoft's C runtime do: %s and %c are wide, %S and %C
 * are narrow (ANSI), the prefixes h (narrow), l and w (wide) decide otherwise; %Z is an
 * ANSI_STRING, %wZ a UNICODE_STRING; integers have h, hh, l, ll, j, z, t, I, I32, I64. Other than
 * there:
 *   - a string that is not terminated ends where the readable memory ends; one that begins in
 *     unreadable memory gives "(unreadable)", NULL gives "(null)";
 *   - %n prints and writes nothing;
 *   - unknown conversions appear as they are written and take no argument;
 *   - when the arguments end (the stack is at its end), so does the conversion;
 *   - numbers are at most 255 wide and precise.
 * Memory that another thread releases at this very moment is not safe, as it is nowhere.
 *
 *   text       receives the result, always terminated; cut if it does not fit.
 *   size       its size in units, at least 1.
 *   format     may be unreadable or not terminated as well.
 *   arguments  as passed by the caller; its state afterwards is undefined.
 * Returns the length without the terminator. Never fails.
 */
size_t trace_format(wchar_t *text, size_t size, const wchar_t *format, va_list arguments);

#endif
