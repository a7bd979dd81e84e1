/*
 * Golden files: what a provider is to answer to the requests of a capture, as JSON that people can
 * read and edit; docs/replay.md describes the format. One is made from a run, and later runs are
 * compared with it field by field.
 */
#ifndef WDSPXECTL_EXCHANGE_GOLDEN_H
#define WDSPXECTL_EXCHANGE_GOLDEN_H

#include <jansson.h>

#include "exchange/exchange.h"
#include "text/text.h"

/* Appends the golden file of a run. `ignored`: written down in it, as what to leave out later. */
void golden_put(struct text *out, const struct exchange_list *list, size_t ignored_count,
                const char *const *ignored);

#define GOLDEN_SIZE_MAX (256 * 1024 * 1024) /* bytes */

/*
 * Reads a golden file; the caller gives it to json_decref. NULL: it is no JSON, or has two members
 * of one name; then out_error says where and why.
 */
json_t *golden_read(const char *bytes, size_t length, json_error_t *out_error);

/* Where the comparison tells its differences: one line each, without line break. */
struct golden_sink {
    void (*difference)(const char *line, void *context);
    void *context;
};

struct golden_result {
    size_t differences;
    size_t compared; /* exchanges of the file that were found in the run */
};

/*
 * Compares a run with a golden file.
 *   ignored   names of what not to compare: "xid", "54", "43.6", "from", "to", "bytes", "provider",
 *             "action"; what is inside of a field that is ignored is ignored too
 * False if the file is no golden file; then *out_problem says why.
 */
bool golden_compare(const json_t *golden, const struct exchange_list *list, size_t ignored_count,
                    const char *const *ignored, const struct golden_sink *sink,
                    struct golden_result *out_result, const char **out_problem);

#endif
