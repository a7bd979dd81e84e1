/* Captures that the test bench writes: one request that shows a fault, or a whole run. */
#ifndef WDSPXECTL_BENCH_REPRODUCER_H
#define WDSPXECTL_BENCH_REPRODUCER_H

#include "exchange/exchange.h"
#include "bench/options.h"

/*
 * Writes one request into a capture of its own: "folder\fault-provider-name.pcap", so that two
 * providers do not overwrite each other's. The folder is made if it
 * is not there. Appends the path to `out_path`; false, and told on standard error, if it cannot be
 * written.
 */
bool reproducer_write(const char *folder, const char *provider, const char *name,
                      const struct message *request, struct text *out_path);

/* "folder\\kind-provider": how such a capture's path begins. */
void reproducer_put_path(struct text *path, const char *folder, const char *kind,
                         const char *provider);

/* What stands in front of the request's bytes in a capture; returns how much. */
size_t reproducer_headers(const struct message *request, uint8_t *out_headers);

/*
 * Writes the requests and their replies. A reply stands one microsecond behind what it follows, so
 * that two runs with the same replies give the same file.
 */
enum exit_code capture_write_run(const char *path, const struct exchange_list *list);

#endif
