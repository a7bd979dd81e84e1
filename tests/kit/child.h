/* Programs that the kit runs: with a time limit, their output in a file, and gone afterwards with
 * all that they started. */
#ifndef TESTS_KIT_CHILD_H
#define TESTS_KIT_CHILD_H

#include <stdbool.h>

#include <windows.h>

enum child_end { CHILD_ENDED, CHILD_TOO_LONG, CHILD_INTERRUPTED, CHILD_NOT_STARTED };

struct child {
    HANDLE process;
    HANDLE job;  /* ends what it has started; NULL: this system would not make one */
    DWORD error; /* of CHILD_NOT_STARTED */
};

/*
 * Starts a program without a window of its own, in the current folder.
 *   command  its command line, program first.
 *   output   file for both of its outputs; overwritten. NULL: nowhere.
 */
bool child_start(const wchar_t *command, const wchar_t *output, struct child *out_child);

/*
 * Waits for its end, `limit` milliseconds at most, and ends it then, and whatever it has started in
 * any case. out_code receives its exit code, if it ended by itself. `stop` is an event that cuts
 * the wait short.
 */
enum child_end child_finish(struct child *child, DWORD limit, HANDLE stop, DWORD *out_code);

/* Both. */
enum child_end child_run(const wchar_t *command, const wchar_t *output, DWORD limit, HANDLE stop,
                         DWORD *out_code);

#endif
