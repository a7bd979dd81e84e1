/* From the captures of the command line to the exchanges that are to take place. */
#ifndef WDSPXECTL_BENCH_LOAD_H
#define WDSPXECTL_BENCH_LOAD_H

#include "exchange/exchange.h"
#include "bench/options.h"

/*
 * Reads the captures, chooses the requests and finds the address at which each was heard. What is
 * odd about a capture is told on standard error. Lists that were begun are to be freed in any case.
 */
enum exit_code replay_load(const struct replay_options *options, struct message_list *messages,
                           struct exchange_list *exchanges);

#endif
