/* How many blocks of memory a DLL has, and what else of the process it could lose. */
#ifndef TESTS_WINE_ARGUMENTS_BLOCKS_H
#define TESTS_WINE_ARGUMENTS_BLOCKS_H

#include <windows.h>

/*
 * From now on this DLL's calls of calloc and free are counted, by its import table: those that this
 * thread makes, for the server's own threads allocate and free when they like. Ends the program if
 * the DLL does not import them.
 */
void blocks_count(HMODULE module);

/* What the counted DLLs have allocated and not yet freed on that thread. */
LONG blocks_outstanding(void);

/* Handles of this process: keys, mutexes, threads. */
DWORD blocks_handles(void);

#endif
