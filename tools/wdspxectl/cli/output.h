/*
 * What the program says: lines to standard output and standard error, and its exit codes.
 *
 * A line is written by one WriteFile as UTF-8 (to a console: by one WriteConsoleW), so that lines
 * of several threads never mix. Control characters inside a line are shown as \xNN or \uNNNN.
 */
#ifndef WDSPXECTL_CLI_OUTPUT_H
#define WDSPXECTL_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

#include "text/writer.h"

/* Documented in every help text; scripts rely on them. */
enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,
    EXIT_CODE_USAGE = 2,
    EXIT_CODE_NOT_FOUND = 3,
    EXIT_CODE_ALREADY_EXISTS = 4,
    EXIT_CODE_ACCESS_DENIED = 5,
    EXIT_CODE_FINDINGS = 6, /* of the test bench: a provider broke rules */
    EXIT_CODE_DIFFERS = 7,  /* of the test bench: replies are not those of the golden file */
};

enum stream { STREAM_OUT, STREAM_ERROR };

/* Call once, before anything else here. */
void output_start(void);

/* False once something could not be written to standard output (closed pipe, full disk). */
bool output_is_intact(void);

/* Writes `line` and a line break. A line that ran out of memory is replaced by a remark. What is
 * left of one that could not be written whole is ended before the next. ERROR_SUCCESS or why it was
 * not written. */
DWORD output_line(enum stream stream, const struct text *line);

/* The same with printf-style arguments as in text_format. */
TEXT_PRINTF(2, 3) void output_format(enum stream stream, const char *format, ...);

/* Writes text of several lines as it is. ERROR_SUCCESS or why not. */
DWORD output_block(enum stream stream, const struct text *block);

/* Makes the console's window empty, and goes on at its top. Does nothing if standard output is no
 * console. */
void output_to_top(void);

/* Writes what the writer has, with a line break at its end; frees it. */
void output_record(enum stream stream, struct writer *writer);

/*
 * The same on standard output, for what may be incomplete: JSON only if `code` is that all went
 * well. Returns `code`, or EXIT_CODE_FAILED if memory was short.
 */
enum exit_code output_result(struct writer *writer, enum exit_code code);

/* "wdspxectl: error: " and the message, to standard error. */
TEXT_PRINTF(1, 2) void output_error(const char *format, ...);
TEXT_PRINTF(1, 2) void output_warning(const char *format, ...);

/* A warning with what a code means; nothing for ERROR_SUCCESS. */
TEXT_PRINTF(2, 3) void output_win32_warning(DWORD code, const char *format, ...);

/* Appends what a Win32 or WinSock code means, without line break: "Access denied. (error 5)". */
void text_put_win32_error(struct text *text, DWORD code);

/*
 * Writes "wdspxectl: error: <message>: <meaning of code>" to standard error.
 * Returns the exit code that belongs to `code`.
 */
TEXT_PRINTF(2, 3) enum exit_code output_win32_error(DWORD code, const char *format, ...);

#endif
