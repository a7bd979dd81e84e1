/*
 * The end of a server that does not stop: a provider may hold a thread for ever, the loader's lock
 * with it, so that not even the process's own end comes. Here it comes all the same.
 */
#ifndef SERVER_DEADLINE_H
#define SERVER_DEADLINE_H

#include <windows.h>

#include <stdbool.h>

enum {
    DEADLINE_MS = 12000 /* from the wish to stop: what WdsPxeExtServerStop waits, and a rest */
};

/* What is watched, by a thread of its own that takes no lock of anybody's. */
struct deadline {
    HANDLE stop_wanted;           /* an event that stays set; */
    bool (*is_stop_wanted)(void); /* asked five times a second, may be NULL: sets that event */
    void (*before_end)(void);     /* may be NULL: the last words */
    unsigned exit_code;
};

/* Starts the thread: it cannot be started any more when somebody holds the loader's lock.
 * ERROR_SUCCESS or why not. */
DWORD deadline_start(const struct deadline *deadline);

#endif
