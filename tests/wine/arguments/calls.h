/*
 * Every export of both DLLs, each called with arguments by chance; and what of theirs is open while
 * that goes on.
 */
#ifndef TESTS_WINE_ARGUMENTS_CALLS_H
#define TESTS_WINE_ARGUMENTS_CALLS_H

#include <stdbool.h>
#include <stddef.h>

#include <windows.h>

/* What a call may leave held, and so what is looked at when it has faulted. */
enum calls_room {
    ROOM_PURE,
    ROOM_REGISTRY, /* reads it */
    ROOM_CHANGES,  /* changes the registry */
    ROOM_WDSBP,
    ROOM_SERVER,
    ROOMS,
};

struct call {
    const char *name; /* of the export */
    enum calls_room room;
    unsigned weight;     /* how often, beside the others; 0: never by chance */
    bool takes_memory;   /* so there must have been faults, when enough calls were made */
    DWORD (*make)(void); /* calls it; what it returned */
};

extern const struct call CALLS[];
extern const size_t CALLS_COUNT;

enum { OPEN_MAX = 4 };

/* What is open. Zeros are no handles. */
struct open_things {
    HANDLE builds[OPEN_MAX];
    HANDLE parsed[OPEN_MAX];
    HANDLE enumerations[OPEN_MAX];
    void *infos[OPEN_MAX];
    void *packets[OPEN_MAX];
    HANDLE provider; /* of the callback that this is in, or NULL */
    HANDLE request;
    HANDLE stale; /* one that was good once */
    const WCHAR *provider_path;
};

extern struct open_things open_things;

/* Is called before a handle of wdsbp.dll is closed, and with it the lock that may be held. */
extern void (*calls_before_close)(void);

/* Closes and frees them all. */
void calls_close_all(void);

/* Starts a server without a network, with the hosted provider. */
DWORD calls_start_server(USHORT flags);
/* Hands it a request that its provider gets. */
DWORD calls_receive(void);

#endif
