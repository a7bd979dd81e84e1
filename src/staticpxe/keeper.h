/*
 * Keeps the configuration up to date: a thread watches the files, reads them anew when one has
 * changed, and puts the new configuration in the place of the old one, as a whole. A file with a
 * mistake changes nothing and is told once. Whoever has a configuration in use keeps it until it
 * gives it back.
 */
#ifndef STATICPXE_KEEPER_H
#define STATICPXE_KEEPER_H

#include "boots.h"
#include "config.h"

struct keeper;

/* A configuration in use, counted. */
struct snapshot {
    const struct static_config *config;
    LONG volatile users;
};

/*
 * Reads the file, as config_load does and with its errors, and starts the thread.
 *   path         absolute; copied
 *   out_keeper   released with keeper_close
 */
DWORD keeper_open(HANDLE hProvider, LPCWSTR path, struct keeper **out_keeper);

/* Waits for the thread. No snapshot may be in use. NULL is fine. */
void keeper_close(struct keeper *keeper);

/* The configuration that counts now. From any thread; never fails, never waits for a file. */
struct snapshot *keeper_take(struct keeper *keeper);
void keeper_give(struct snapshot *snapshot);

/* How often machines have booted; lives as long as the keeper. */
struct boots *keeper_boots(const struct keeper *keeper);

#endif
