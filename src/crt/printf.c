/* The printf family, of which the Universal C Runtime exports nothing but the engine. */
#include <stdarg.h>
#include <stdio.h>

int vsnprintf(char *out, size_t size, const char *format, va_list arguments)
{
    return __stdio_common_vsprintf(_CRT_INTERNAL_PRINTF_STANDARD_SNPRINTF_BEHAVIOR, out, size,
                                   format, NULL, arguments);
}

int snprintf(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(out, size, format, arguments);
    va_end(arguments);
    return length;
}

/* As older runtimes do: without a zero byte where there is no room for it. */
int _vsnprintf(char *out, size_t size, const char *format, va_list arguments)
{
    return __stdio_common_vsprintf(_CRT_INTERNAL_PRINTF_LEGACY_VSPRINTF_NULL_TERMINATION, out, size,
                                   format, NULL, arguments);
}

/*
 * These two are inline in the headers of older MinGW-w64 and functions of its runtime in newer ones
 * (12, Debian 13): under names of their own here, so that both headers compile.
 */
int crt_snprintf(char *out, size_t size, const char *format, ...) __asm__("_snprintf");
int crt_snwprintf(wchar_t *out, size_t size, const wchar_t *format, ...) __asm__("_snwprintf");

int crt_snprintf(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = __stdio_common_vsprintf(_CRT_INTERNAL_PRINTF_LEGACY_VSPRINTF_NULL_TERMINATION, out,
                                     size, format, NULL, arguments);
    va_end(arguments);
    return length < 0 ? -1 : length;
}

int crt_snwprintf(wchar_t *out, size_t size, const wchar_t *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = __stdio_common_vswprintf(_CRT_INTERNAL_PRINTF_LEGACY_VSPRINTF_NULL_TERMINATION, out,
                                      size, format, NULL, arguments);
    va_end(arguments);
    return length < 0 ? -1 : length;
}
