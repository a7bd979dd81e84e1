/* The server on the test bench: one provider or the registered ones, no network. */
#ifndef WDSPXECTL_BENCH_SERVER_H
#define WDSPXECTL_BENCH_SERVER_H

#include <windows.h>

#include "wdspxe_ext.h"

#include "bench/options.h"

/* A configuration without callbacks. */
void bench_server_config(const struct replay_options *options,
                         WDSPXE_EXT_SERVER_CONFIG *out_config);

/* Starts it; `key` may be NULL. EXIT_CODE_OK, or the code of the error that was told. */
enum exit_code bench_server_start(const struct replay_options *options,
                                  WDSPXE_EXT_SERVER_CONFIG *config, HKEY key);

/* Appends the name of the one provider; nothing if there may be several. */
void bench_server_put_name(const struct replay_options *options, struct text *name);

/* Hands the request in, as heard at `local`. Codes of WdsPxeExtServerReceive. */
DWORD bench_server_ask(const struct message *request, const struct endpoint *local);

#endif
