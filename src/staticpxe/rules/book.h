/*
 * The configuration: which client gets what. docs/staticpxe.md describes the files.
 *
 * A configuration does not change once it is read, lies in read-only memory and is used by any
 * number of threads without a lock. Portable: the provider, wdspxectl and the native tests read
 * files by it.
 */
#ifndef STATICPXE_RULES_BOOK_H
#define STATICPXE_RULES_BOOK_H

#include "arena.h"
#include "conditions.h"
#include "index.h"
#include "layer.h"
#include "problem.h"

#define CONFIG_FILES_MAX 64

/* A machine of a [mac:], [guid:] or [duid:] section or of a machine list. */
struct machine {
    const struct layer *layer; /* its own section, or the group that the list names */
    const char *name;          /* of the list, or NULL */
    const uint8_t *mac;        /* VALUE_MAC_SIZE bytes, or NULL */
    uint32_t line;
    uint16_t file_number;
};

/* A [rule:NAME] section. */
struct rule {
    struct layer *layer;
    struct conditions conditions;
};

struct static_config {
    uint16_t dhcp_port;  /* host order; any other port is the boot server's */
    uint16_t dhcp6_port; /* the same for IPv6 */
    uint32_t rule_count; /* sections that are for somebody; [default] among them if it answers */
    uint32_t machine_count;
    const char *boots_file;       /* full path; NULL: none is named */
    bool counts_boots;            /* some section has `boots` */
    const struct layer *server;   /* what [server] says, under all others */
    const struct layer *defaults; /* [default], or NULL */
    bool default_answers;         /* it has a boot file or says ignore=yes */
    const struct rule *const *rules;
    uint32_t ordered_rule_count;
    struct index
        index; /* INDEX_ARCH: struct layer; machines: struct machine; groups: struct layer */
    const char *files[CONFIG_FILES_MAX]; /* the first is the one that was asked for */
    uint32_t file_count;
    struct arena arena;
};

/*
 * Reads the file and what it includes.
 *   path          UTF-8, as port->read_file takes it
 *   problems      every mistake; not empty: there is no configuration
 *   out_error     0; the code of port->read_file if `path` itself could not be read; 13
 *                 (ERROR_INVALID_DATA) with problems; 8 (ERROR_NOT_ENOUGH_MEMORY)
 * The result is released with config_release. NULL: *out_error says why.
 */
const struct static_config *config_read(const struct rules_port *port, const char *path,
                                        struct problem_list *problems, uint32_t *out_error);

/* NULL is fine. */
void config_release(const struct static_config *config);

#endif
