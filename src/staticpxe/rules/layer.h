/* What one section of the configuration says; what it does not say is NULL or unset. */
#ifndef STATICPXE_RULES_LAYER_H
#define STATICPXE_RULES_LAYER_H

#include "urls.h"
#include "values.h"

/* Wire bytes of all extra options of one client; leaves room in a 1024-byte reply for the others.
 */
#define RULE_OPTIONS_MAX 700
/* The same for DHCPv6, with four bytes before each value. */
#define RULE_OPTIONS6_MAX 400

#define RULE_FILE_MAX 127       /* the field `file` of DHCP */
#define RULE_SERVER_NAME_MAX 63 /* the field `sname` */
#define LAYER_USE_MAX 16        /* groups that one section may use, those of groups included */

enum {
    SAID_NEXT_SERVER = 1,
    SAID_NEXT_SERVER6 = 2,
    SAID_FILE_IN_OFFER = 4,
    SAID_BOOTS = 8,
};

/* Options as they go on the wire: code, length, value, one behind the other. */
struct option_bytes {
    const uint8_t *bytes;
    uint16_t length;
};

struct menu;
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

/* One line of a boot menu. */
struct menu_item {
    const char *title;
    const struct layer *group; /* NULL: go on with the next boot device */
    uint16_t type;             /* of the boot server, PXE 2.1, table 2-2 */
};

enum menu_discovery { MENU_UNICAST, MENU_BROADCAST, MENU_MULTICAST };

struct menu {
    const char *name;
    const char *prompt;
    uint8_t timeout; /* seconds; 0: the first item at once, 255: for ever */
    enum menu_discovery discovery;
    const struct menu_item *items;
    uint32_t item_count;
};

#endif
