/*
 * Lines in the trace about what goes wrong, bounded: a broken service that is asked a thousand
 * times a second shall not fill a disk. Any thread.
 */
#ifndef WEBPXE_TELL_H
#define WEBPXE_TELL_H

#include "wdspxe.h"

struct teller {
    HANDLE provider;
    SRWLOCK lock;           /* the members below */
    ULONGLONG window_start; /* ms of GetTickCount64 */
    ULONG told;             /* lines in this window */
    ULONG untold;           /* that were left out since the last line */
};

void teller_open(struct teller *teller, HANDLE provider);

/*
 * At most TELL_LINES lines in TELL_WINDOW_MS; the next one says how many were left out.
 *   client  who asked, or NULL
 *   text    the rest of the line, at most 400 characters count
 */
#define TELL_LINES 50
#define TELL_WINDOW_MS 10000
void tell_problem(struct teller *teller, LPCWSTR client, LPCWSTR text);

#endif
