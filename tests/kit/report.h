/* The kit's summary: one line for each step, on the console and in results\summary.txt. */
#ifndef TESTS_KIT_REPORT_H
#define TESTS_KIT_REPORT_H

#include <stdbool.h>
#include <wchar.h>

enum verdict { PASSED, FAILED, SKIPPED };

/* Opens the file. False: it cannot be written. */
bool report_open(const wchar_t *path);

/* A line as printf writes it, without a verdict. */
void report_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The line of a step, and what there is to tell of it, as printf writes it. */
void report_step(enum verdict verdict, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* How many steps have failed until now. */
unsigned report_failures(void);

/* Writes the sums, closes the file. */
void report_close(void);

#endif
