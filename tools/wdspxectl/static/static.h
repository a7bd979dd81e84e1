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

/* A configuration, or why there is none. */
struct reading {
    const struct static_config *config;
    struct problem_list problems;
    uint32_t error; /* as config_read's */
};

/* For a variable within a block, all zero until static_read fills it in; freed at the block's end.
 */
#define SCOPED_READING __attribute__((cleanup(reading_free))) struct reading
void reading_free(struct reading *reading);

/* Reads the file as the provider does; `path` may be any path. */
void static_read(const char *path, struct reading *out_reading);

/* Says on standard error why there is no configuration. */
enum exit_code static_tell(const char *path, const struct reading *reading);

#endif
