/* What a client shall get, as a provider has decided it. Any protocol, any way of booting. */
#ifndef ANSWER_PLAN_H
#define ANSWER_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "answer/values/menu_wire.h"
#include "answer/values/options.h"
#include "answer/values/urls.h"
#include "answer/values/values.h"

#define ANSWER_FILE_MAX 127       /* the field `file` of DHCP */
#define ANSWER_SERVER_NAME_MAX 63 /* the field `sname` */

/*
 * Options as they go on the wire, one behind the other: code, length, value. DHCP has one byte of
 * code and one of length, DHCPv6 two of each, in network order, and no value above 255 bytes.
 */
struct option_bytes {
    const uint8_t *bytes;
    uint16_t length;
};

/*
 * Texts are never NULL; "" says nothing. Each text and value is as the functions of answer/values/
 * read it: whoever takes it from somewhere else checks it first. All zero but for the texts is a
 * plan that says nothing.
 */
struct answer_plan {
    const char *file;        /* PXE: at most ANSWER_FILE_MAX characters, or a URL of URL_MAX */
    const char *ipxe_file;   /* the same in place of `file` for iPXE; "" = `file` */
    const char *url;         /* PXE over IPv6; "" = made of next_server6 and file */
    const char *http_url;    /* UEFI HTTP boot */
    const char *server_name; /* field `sname`, at most ANSWER_SERVER_NAME_MAX characters */
    uint8_t next_server[4];  /* network order; 0.0.0.0 = the address the request came in on */
    uint8_t next_server6[IPV6_SIZE]; /* :: = the same */
    bool file_in_offer;              /* the first reply says everything that the second says */
    const struct menu *menu;         /* that PXE clients over IPv4 are offered, or NULL */
    bool menu_leads_away; /* the files of its items are on other hosts than this; EDK II takes them
                             from the server that it asked by unicast, and no other */
    struct option_bytes options;     /* of DHCP; at most ANSWER_OPTIONS_MAX */
    struct option_bytes options6;    /* of DHCPv6; at most ANSWER_OPTIONS6_MAX */
    struct option_bytes boot_params; /* value of DHCPv6's option 60, by value_params */
};

/* Which of the two files a PXE client of this kind gets. */
static inline const char *plan_pick_file(const char *file, const char *ipxe_file, bool is_ipxe)
{
    return is_ipxe && ipxe_file[0] != '\0' ? ipxe_file : file;
}

#endif
