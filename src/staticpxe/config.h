/*
 * The configuration as the provider has it: read by rules/book.h, its mistakes told in the trace,
 * and read anew when a file changes. docs/staticpxe.md describes the files; staticpxe.ini.sample is
 * an example.
 */
#ifndef STATICPXE_CONFIG_H
#define STATICPXE_CONFIG_H

#include "port.h"
#include "rules/match.h"
#include "wdspxe.h"

/*
 * Reads the file at `path` (absolute), and what it includes.
 *   hProvider   for the trace: each mistake with file, line, section, key and what to do
 *   out_config  the configuration, released with config_free
 * Errors: ERROR_FILE_NOT_FOUND (no such file), ERROR_INVALID_DATA (something in it is wrong),
 *   ERROR_NOT_ENOUGH_MEMORY, or the code of opening or reading the file.
 */
DWORD config_load(HANDLE hProvider, LPCWSTR path, const struct static_config **out_config);

/* NULL is fine. */
void config_free(const struct static_config *config);

/*
 * The same for whoever watches the files.
 *   port       remembers which files were read; made with windows_port
 *   problems   what is wrong with them, not yet told
 */
DWORD config_read_files(const struct rules_port *port, LPCWSTR path,
                        const struct static_config **out_config, struct problem_list *problems);

/*
 * Hands out what is wrong, a line each, without a break: each mistake and warning (of more than a
 * hundred the number), or why there is nothing to read. A line is valid during its call.
 */
typedef void (*config_line_function)(void *context, LPCWSTR line);
void config_each_line(LPCWSTR path, DWORD error, const struct problem_list *problems,
                      config_line_function line_function, void *context);

/* The same to the trace, at level ERROR. */
void config_tell(HANDLE hProvider, LPCWSTR path, DWORD error, const struct problem_list *problems);

/* Traces the warnings of a file that is used, at level WARNING, a line each. */
void config_warn(HANDLE hProvider, LPCWSTR path, const struct problem_list *warnings);

#endif
