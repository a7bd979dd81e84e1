/*
 * How often machines have booted (rules/journal.h), kept in a file that other processes may change
 * at the same time: wdspxectl does. Any thread.
 *
 * Whoever reads or writes the file holds a lock on FILE.lock. A line is written before the reply is
 * sent: a crash between the two costs a machine nothing, as it asks again with the same number.
 */
#ifndef STATICPXE_BOOTS_H
#define STATICPXE_BOOTS_H

#include "rules/journal.h"
#include "wdspxe.h"

struct boots;

/* Reads the file, which need not be there yet. `path` is copied. */
DWORD boots_open(LPCWSTR path, struct boots **out_boots);
void boots_close(struct boots *boots);

/* Can a line be written? Makes the file if there is none. */
DWORD boots_check(struct boots *boots);

/* Takes what others have written since. */
DWORD boots_refresh(struct boots *boots);

/* FALSE: the machine has had its boots. `limit` is that of its section, 0: none. */
BOOL boots_admit(struct boots *boots, const char *key, enum boot_step step, ULONG xid, BOOL is_ipxe,
                 ULONG limit);

/* The reply to a request that was admitted names the boot file. Code of writing the file. */
DWORD boots_count(struct boots *boots, const char *key);

/* ---- for wdspxectl ---- */

/*
 * Sets a machine's count and its own limit (JOURNAL_NO_LIMIT: that of its section).
 * boots_forget removes all that is known of it.
 */
DWORD boots_set(struct boots *boots, const char *key, ULONG served, ULONG limit);
DWORD boots_forget(struct boots *boots, const char *key);

/* What is known now, in no order. For one thread. */
const struct journal *boots_journal(const struct boots *boots);

#endif
