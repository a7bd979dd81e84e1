/* "service run": what the service control manager starts. */
#ifndef WDSPXECTL_SERVICE_RUN_H
#define WDSPXECTL_SERVICE_RUN_H

#include "server/host.h"

/* The options of "service run", which "service install" passes on. */
/* clang-format off: a table */
#define RUN_OPTION_SPECS                                                                           \
    HOST_OPTION_SPECS, FLAG_OPTION("beside-wds", "run although Microsoft's service runs, too")
/* clang-format on */

extern const struct option_spec service_run_options[];

/* Returns when the service has stopped. On a console: says that this is not the way. */
enum exit_code service_run_run(const struct arguments *arguments);

#endif
