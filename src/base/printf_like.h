/* Lets the compiler hold arguments against a format, which is C's on every system. */
#ifndef BASE_PRINTF_LIKE_H
#define BASE_PRINTF_LIKE_H

/* By "printf", gcc means the format of Microsoft's old runtime there. */
#if defined(__MINGW32__) && !defined(__clang__)
#define PRINTF_LIKE(text, arguments) __attribute__((format(gnu_printf, text, arguments)))
#else
#define PRINTF_LIKE(text, arguments) __attribute__((format(printf, text, arguments)))
#endif

#endif
