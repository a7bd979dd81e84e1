/*
 * What every store_port has to do, as one cmocka group. It runs on the store in memory and on the
 * registry, so that what is tested on the former holds for the latter.
 */
#ifndef TESTS_SUPPORT_STORE_CONTRACT_H
#define TESTS_SUPPORT_STORE_CONTRACT_H

#include "registry/store.h"

/*
 * Runs the group; the result is that of cmocka_run_group_tests.
 *   clear  empties the store; called before and after every test
 */
int store_contract_run(const struct store_port *port, void (*clear)(void));

#endif
