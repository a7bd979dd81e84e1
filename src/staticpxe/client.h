/*
 * Who asks: what a request tells about the machine that sent it, the same over DHCP and DHCPv6, and
 * which section of the configuration is for that machine.
 */
#ifndef STATICPXE_CLIENT_H
#define STATICPXE_CLIENT_H

#include "config.h"
#include "wdspxe.h"

/* How the machine boots, by its vendor class: option 60 of DHCP, option 16 of DHCPv6. */
enum client_class { CLIENT_OTHER, CLIENT_PXE, CLIENT_HTTP };

/* The pointers go into the request. */
struct client {
    enum client_class boot_class;
    BOOL is_ipxe;
    const BYTE *mac;  /* RULE_MAC_SIZE bytes, or NULL if not known */
    const BYTE *duid; /* or NULL; always there over DHCPv6, never over DHCP */
    ULONG duid_length;
    const BYTE *guid;  /* RULE_GUID_SIZE bytes, or NULL */
    const BYTE *archs; /* architectures of two bytes each, or NULL */
    ULONG archs_length;
};

/* Vendor classes go on: "PXEClient:Arch:00007:UNDI:003000". */
enum client_class client_class_of(const BYTE *text, ULONG length);

/* What a reply to that class of clients has as its own vendor class: "PXEClient", "HTTPClient". */
const CHAR *client_class_name(enum client_class boot_class);

/* Is this the name that iPXE gives as its user class? */
BOOL client_is_ipxe(const BYTE *user_class, ULONG length);

/* The most particular rule: MAC, then DUID, then GUID, then architecture, then default; or NULL. */
const struct boot_rule *client_match(const struct static_config *config,
                                     const struct client *client);

#define CLIENT_NAME_CHARS (3 * 24 + 1)

/* Bytes for the trace: "52-54-00-12-34-56"; what does not fit is cut off. */
void client_name(const BYTE *bytes, ULONG length, WCHAR out[CLIENT_NAME_CHARS]);

#endif
