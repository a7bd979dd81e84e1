/*
 * What the test bench leaves for its supervisor, in memory of both: which requests are with the
 * provider, and how it ended. It outlives a process that a provider takes down.
 */
#ifndef WDSPXECTL_BENCH_PAGE_H
#define WDSPXECTL_BENCH_PAGE_H

#include <windows.h>

#include "bench/running.h"
#include "capture/messages.h"

enum {
    PAGE_CASES = 32, /* as many as there may be threads */
    PAGE_NAME_SIZE = 256,
    PAGE_PACKET_MAX = 65536,
    WATCH_MS = 200, /* between two looks of whoever waits for the other */
};

/* A request that the provider has not ended. */
struct page_case {
    volatile LONG is_running; /* written last before the provider gets it */
    struct message message;   /* its packet is the one below */
    char name[PAGE_NAME_SIZE];
    char on_disk[RUNNING_PATH_SIZE]; /* the same as a capture (running.h); "": there is none */
    uint8_t packet[PAGE_PACKET_MAX];
};

struct bench_page {
    volatile LONG has_finished; /* the bench came to its end, whatever it found */
    volatile LONG beats;        /* rises while the bench watches */
    DWORD patience_ms;          /* how long it may not rise; 0: for ever */
    bool as_json;
    char provider[PAGE_NAME_SIZE];
    char folder[PAGE_NAME_SIZE]; /* where reproducers go */
    DWORD exception;             /* that nobody handled; 0: none */
    uint64_t address;
    struct page_case cases[PAGE_CASES];
};

/* The page of this process; NULL: nobody supervises it. */
struct bench_page *page_open(void);

/* Notes a request before the provider gets it, and that it is done with. `slot` < PAGE_CASES. */
void page_case_begin(unsigned slot, const struct message *message, const char *name);
void page_case_end(unsigned slot);

void page_beat(void);

/*
 * Waits for the threads, and beats. False: `moves` has not changed for so long; `limit_ms` 0 is for
 * ever. `each` is called from time to time, unless it is NULL.
 */
bool page_watch(DWORD count, const HANDLE *threads, volatile LONG64 *moves, ULONGLONG limit_ms,
                void (*each)(void));

#endif
