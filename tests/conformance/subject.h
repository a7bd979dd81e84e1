/*
 * The asking process: it has loaded the DLLs in question, calls them, and writes the answer down.
 * Everything here ends the process when it cannot go on, which is no loss: there is one process for
 * every question.
 */
#ifndef CONFORMANCE_SUBJECT_H
#define CONFORMANCE_SUBJECT_H

#include "wdsbp.h"
#include "wdspxe.h"

#include <stddef.h>

#include "questions.h"

/* Begins every name that questions put into the registry. */
#define SUBJECT_NAME_PREFIX L"wdspxe-conformance-"

/* Windows paths or NULL, as for LoadLibraryExW: full, with backslashes. */
struct subject_paths {
    const WCHAR *wdspxe;
    const WCHAR *wdsbp;
};

/*
 * Loads the DLLs, asks, writes one line to standard output and ends the process: with 0 if there is
 * an answer or a reason why there is none, else with the exception that the DLL has caused.
 *   question  NULL: only tells whether the DLLs can be loaded.
 */
_Noreturn void subject_ask(const struct subject_paths *paths, const struct question *question);

/* Adds to the answer; parts are separated by commas. */
void answer(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));

/* Adds up to 48 bytes in hexadecimal, behind a word. */
void answer_bytes(const char *word, const void *bytes, size_t count);

/* Ends the process: the question cannot be asked here. */
_Noreturn void not_asked(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));

/* An export by its plain name; if it is missing, the question is not asked. */
typedef void (*subject_any_function)(void);
subject_any_function subject_wdspxe_function(const char *name);
subject_any_function subject_wdsbp_function(const char *name);

/* For looking at the export table itself. */
HMODULE subject_wdspxe(void);

/* The function of the DLL in question, to be called like the published one. */
#define PXE(name) ((__typeof__(name) *)subject_wdspxe_function(#name))
#define BP(name) ((__typeof__(name) *)subject_wdsbp_function(#name))

#endif
