/* The registry key that a provider gets on the test bench. */
#ifndef WDSPXECTL_BENCH_KEY_H
#define WDSPXECTL_BENCH_KEY_H

#include <windows.h>

#include "bench/options.h"

struct replay_key {
    HKEY key;              /* NULL: the server makes or finds one itself */
    wchar_t temporary[64]; /* its path under HKEY_CURRENT_USER if it is ours; else "" */
};

/*
 * Opens the key of the registered provider that the options name, or makes a volatile one with the
 * values that they set. EXIT_CODE_OK, or the code of the error that was told.
 */
enum exit_code replay_key_open(const struct replay_options *options, struct replay_key *out_key);

/* Closes it; deletes it if it is ours. */
void replay_key_close(struct replay_key *key);

#endif
