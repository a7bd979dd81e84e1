/*
 * A running server's numbers, where "wdspxectl status" finds them: a section of shared memory that
 * the server's process writes once a second and others may only read.
 */
#ifndef WDSPXECTL_SERVER_STATUS_PAGE_H
#define WDSPXECTL_SERVER_STATUS_PAGE_H

#include <windows.h>

#include "wdspxe_ext.h"

/* Servers of one machine that can be told apart; what comes later is not seen. */
enum { STATUS_PLACES = 32 };

enum { STATUS_TOLD_SIZE = 400 };

/* The last line at level WARNING or worse that a provider has traced. */
struct server_told {
    FILETIME when; /* zero: none has */
    WCHAR text[STATUS_TOLD_SIZE];
};

struct server_status {
    DWORD process;
    FILETIME taken; /* when the numbers were */
    struct server_told told;
    WDSPXE_EXT_STATUS status;
};

/*
 * Begins to publish this process's server, on a thread of its own. Returns ERROR_SUCCESS or why
 * not: ERROR_NO_MORE_ITEMS when no place is free.
 */
DWORD status_page_publish(void);

/* A line of the server's log; those of providers are kept if they are bad enough. Any thread. */
void status_page_note(PXE_SEVERITY severity, LPCWSTR line);

/* Ends it, if it was begun. */
void status_page_withdraw(void);

/*
 * Reads the server in place 0 <= place < STATUS_PLACES.
 * Returns ERROR_SUCCESS; ERROR_FILE_NOT_FOUND: there is none; ERROR_REVISION_MISMATCH: it is of
 * another version of this program; ERROR_BUSY: it died while it was writing; or another Win32 code.
 */
DWORD status_page_read(unsigned place, struct server_status *out_status);

#endif
