/*
 * Catches what a call raises, as a caller with structured exception handling would, with a compiler
 * that has none: by a vectored handler, which sends the thread back to where the call was made.
 */
#ifndef TESTS_WINE_ARGUMENTS_FAULT_CATCH_H
#define TESTS_WINE_ARGUMENTS_FAULT_CATCH_H

#include <stdbool.h>

#include <windows.h>

/* Once, before anything is caught. Faults are caught on this thread only; `other` is told of its
 * other exceptions that are errors. */
void fault_catch_start(void (*other)(const EXCEPTION_POINTERS *pointers));

/*
 * Runs `run`; false if an access violation or a guard page ended it. Calls may be nested: the
 * innermost one is left. Faults of this program's own code are not caught: they end it.
 */
bool fault_catch(void (*run)(void *context), void *context);

/* Where the last one that was caught happened. */
const void *fault_catch_address(void);

#endif
