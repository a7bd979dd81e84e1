/* The keys that a section of the configuration file may have, and what each of them fills. */
#ifndef STATICPXE_KEYS_H
#define STATICPXE_KEYS_H

#include "config.h"

struct section;

/* One key: its name, and how to read its value. The function returns a problem or NULL. */
struct key {
    LPCWSTR name;
    LPCWSTR (*read)(struct section *section, LPCWSTR value);
};

/* Those of [server], and those of all other sections; one without a name is the last. */
extern const struct key keys_of_server[];
extern const struct key keys_of_rule[];

/* Where in the file we are, and what the lines found there fill. */
struct section {
    HANDLE provider;
    LPCWSTR path;
    LPCWSTR name;                 /* NULL outside of any section */
    struct static_config *config; /* what the keys of [server] fill besides the rule */
    struct boot_rule *rule;       /* what the keys fill */
    const struct key *keys;       /* keys_of_server or keys_of_rule */
    ULONG seen_keys;              /* bit n: keys[n] was there */
    BOOLEAN seen_options[256];
};

/* Reads one key of the section. Returns NULL, or what is wrong, as the functions of values.h do. */
LPCWSTR key_read(struct section *section, LPCWSTR name, LPCWSTR value);

/* Has the section had this key so far? */
BOOL key_was_seen(const struct section *section, LPCWSTR name);

#endif
