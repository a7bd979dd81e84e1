/* wdspxectl static: the configuration of staticpxe.dll, looked at without a server. */
#ifndef WDSPXECTL_STATIC_STATIC_H
#define WDSPXECTL_STATIC_STATIC_H

#include "cli/command.h"
#include "staticpxe/rules/book.h"

/* The parts. */
extern const struct option_spec explain_options[];
enum exit_code check_run(const struct arguments *arguments);
enum exit_code explain_run(const struct arguments *arguments);
enum exit_code once_run(const struct arguments *arguments);
enum exit_code again_run(const struct arguments *arguments);
enum exit_code forget_run(const struct arguments *arguments);
enum exit_code list_run(const struct arguments *arguments);

/*
 * Reads the file as the provider does.
 *   path           any path
 *   out_problems   what is wrong with it; to be freed
 *   out_error      as config_read's
 * NULL: *out_error says why. The result is released with config_release.
 */
const struct static_config *static_read(const char *path, struct problem_list *out_problems,
                                        uint32_t *out_error);

/* Says on standard error why there is no configuration. */
enum exit_code static_tell(const char *path, uint32_t error, const struct problem_list *problems);

#endif
