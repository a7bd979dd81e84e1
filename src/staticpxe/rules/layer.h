/* What one section of the configuration says; what it does not say is NULL or unset. */
#ifndef STATICPXE_RULES_LAYER_H
#define STATICPXE_RULES_LAYER_H

#include "answer/plan.h"

#define LAYER_USE_MAX 16 /* groups that one section may use, those of groups included */

enum {
    SAID_NEXT_SERVER = 1,
    SAID_NEXT_SERVER6 = 2,
    SAID_FILE_IN_OFFER = 4,
    SAID_BOOTS = 8,
};

struct layer;

/* Sections whose keys count where this one's own say nothing, the first first. */
struct layer_list {
    const struct layer *const *items;
    uint32_t count;
};

struct layer {
    const char *name; /* as in the file: "mac:52-54-00-12-34-56" */
    uint32_t line;
    uint16_t file_number; /* of static_config.files */
    uint8_t said;         /* SAID_* */
    bool ignore;          /* nobody shall answer this client */
    bool leave;           /* this provider does not answer it; the next may */
    bool file_in_offer;
    bool is_unsure; /* while files are read: a line that may say what it boots is wrong */
    uint8_t next_server[4];
    uint8_t next_server6[IPV6_SIZE];
    const char *file;
    const char *ipxe_file;
    const char *url;
    const char *http_url;
    const char *server_name;
    struct option_bytes options;
    struct option_bytes ipxe_options; /* in place of `options`, code by code, for iPXE */
    struct option_bytes options6;
    struct option_bytes boot_params; /* value of option 60 of DHCPv6 */
    const struct menu *menu;
    struct layer_list use;    /* of every depth, in order */
    const struct layer *then; /* group for a machine that has had its `boots`; NULL: leave it */
    uint32_t boots;
};

#endif
