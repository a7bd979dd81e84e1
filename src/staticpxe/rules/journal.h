/*
 * How often machines have booted, in a file that only grows: a line for each change, with a
 * checksum, and the last line about a machine counts. A line that was cut off by a crash is no
 * line.
 */
#ifndef STATICPXE_RULES_JOURNAL_H
#define STATICPXE_RULES_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/facts.h"

/* "duid-" and 130 bytes of two digits. */
#define JOURNAL_KEY_SIZE 272
#define JOURNAL_LINE_SIZE (JOURNAL_KEY_SIZE + 64)

/* No limit of its own: that of the machine's section counts. */
#define JOURNAL_NO_LIMIT UINT32_MAX

struct journal_entry {
    char key[JOURNAL_KEY_SIZE];
    uint32_t served; /* boots since the last `again` */
    uint32_t limit;  /* boots that it gets in all, or JOURNAL_NO_LIMIT */
    uint32_t xid;    /* of the DISCOVER or SOLICIT that began the boot under way; 0: none did */
    uint32_t ask;    /* of the request for its file; 0: none yet */
    bool is_counted; /* that boot is among `served` */
    bool saw_ipxe;   /* iPXE has asked in it */
};

struct journal {
    struct journal_entry **slots; /* by hash of the key; 2^n */
    size_t size;
    size_t count;
    size_t lines; /* that the file has for them */
};

#define JOURNAL_EMPTY ((struct journal){NULL, 0, 0, 0})

/* What a machine is called: its MAC address, else its GUID, else its DUID. False: it has none. */
bool journal_key(const struct client_facts *facts, char out[JOURNAL_KEY_SIZE]);

struct journal_entry *journal_find(const struct journal *journal, const char *key);

/* The entry of this key, made if there is none. NULL: no memory. */
struct journal_entry *journal_get(struct journal *journal, const char *key);

void journal_forget(struct journal *journal, const char *key);

/* Takes the lines of a file, or of what was added to it. Returns how many bytes were whole lines.
 */
size_t journal_read(struct journal *journal, const char *text, size_t length);

/* One line with its end. Returns its length. `is_forgotten`: the machine has no entry any more. */
size_t journal_write(const struct journal_entry *entry, bool is_forgotten,
                     char out[JOURNAL_LINE_SIZE]);

/* Is the file so much longer than it needs to be that it should be written anew? */
bool journal_is_long(const struct journal *journal);

void journal_free(struct journal *journal);

/* ---- which requests are one boot ---- */

enum boot_step {
    BOOT_SEARCH, /* DISCOVER or SOLICIT: may begin a boot */
    BOOT_ASK,    /* REQUEST, INFORM or INFORMATION-REQUEST: goes on with one, or begins one if the
                    search went to somebody else only */
    BOOT_CHOOSE, /* the same with the item of a menu: always goes on */
};

/*
 * Tells what a request means for the machine: it belongs to the boot under way, or begins the next.
 *   boots  of the machine's section
 * Returns false if the machine has had its boots: leave it. The entry changes only in what is not
 * written to the file.
 */
bool journal_admit(struct journal_entry *entry, enum boot_step step, uint32_t xid, bool is_ipxe,
                   uint32_t boots);

/* The reply names the boot file. True: this counts, and the entry is to be written. */
bool journal_count(struct journal_entry *entry);

#endif
