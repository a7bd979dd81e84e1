/* Which sections are for a client, and what they say together. */
#ifndef STATICPXE_RULES_MATCH_H
#define STATICPXE_RULES_MATCH_H

#include "book.h"

enum {
    MATCH_SECTIONS_MAX = 5, /* an item or `then`; machine, rule, architecture, default */
    MATCH_LAYERS_MAX = MATCH_SECTIONS_MAX * (1 + LAYER_USE_MAX) + 1,
};

/*
 * The sections of a client, the most particular first, each followed by its groups; [server] is
 * the last. A section that has a boot file of its own for this way of booting hides those of rules
 * and architectures below it.
 */
struct match {
    const struct layer *section;   /* the most particular; NULL: none is for the client */
    const struct machine *machine; /* or NULL */
    const char *machine_key;       /* "mac", "duid" or "guid": by what it was found */
    const struct rule *rule;       /* the first that holds, or NULL */
    const struct layer *arch;      /* or NULL */
    const struct layer *layers[MATCH_LAYERS_MAX];
    size_t layer_count;
    bool ignore; /* the section says so */
    bool leave;
};

/* Everything that the client gets. Texts are "" and addresses zero where nothing is said. */
struct boot_plan {
    const char *section;             /* its name, for the log */
    const char *file;                /* for PXE */
    const char *ipxe_file;           /* "" = the same file for iPXE */
    const char *url;                 /* for PXE over IPv6; "" = made of next_server6 and file */
    const char *http_url;            /* for UEFI HTTP boot */
    const char *server_name;         /* field `sname` */
    uint8_t next_server[4];          /* 0.0.0.0 = the address the request came in on */
    uint8_t next_server6[IPV6_SIZE]; /* :: = the same */
    bool file_in_offer;              /* the first reply says everything that the second says */
    bool is_too_much;                /* the options together do not fit; none are here */
    const struct menu *menu;         /* or NULL */
    uint32_t boots;                  /* 0: any number */
    const struct layer *then;
    struct option_bytes boot_params;
    uint16_t options_length;
    uint8_t options[ANSWER_OPTIONS_MAX]; /* of DHCP, ready to append */
    uint16_t options6_length;
    uint8_t options6[ANSWER_OPTIONS6_MAX];
};

/*
 * Finds the sections. Vendor classes other than PXEClient and HTTPClient: U-Boot gets what machine,
 * rule or architecture say, never [default]; anything else only rules that ask for a vendor class.
 */
void config_match(const struct static_config *config, const struct asker *asker, struct match *out);

/*
 * Puts a group before all sections: the item of a menu that was chosen, or `then`. If it has a boot
 * file, only [default] and [server] are left behind it.
 */
void match_prefer(const struct static_config *config, const struct layer *group,
                  struct match *match);

/* Puts a section and its groups behind those that are there. */
void match_push(struct match *match, const struct layer *section);

/* Do the options of all of them fit into a reply together, of iPXE and of others? */
bool match_options_fit(const struct match *match);

/* The menu that the sections name, or NULL. */
const struct menu *match_menu(const struct match *match);

/* What the sections say together. There is at least one. */
void match_plan(const struct match *match, const struct asker *asker, struct boot_plan *out);

/* The file that a PXE client of this kind gets, or "". */
const char *plan_file(const struct boot_plan *plan, bool is_ipxe);

#endif
