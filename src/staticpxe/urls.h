/* IPv6 addresses and the URLs of boot files. */
#ifndef STATICPXE_URLS_H
#define STATICPXE_URLS_H

#include "wdspxe.h"

/* Longest URL in the configuration: DHCP's option 67 carries no more. */
#define URL_MAX 255
/* Room, with NUL, for any URL that is made here. */
#define URL_SIZE 512

#define IPV6_SIZE 16

enum url_kind {
    URL_BOOT, /* tftp, http or https */
    URL_HTTP, /* http or https */
};

/*
 * Values of the configuration, as in values.h: NULL, or what is wrong.
 * url_read takes scheme://host/path: host is a name, an IPv4 address, or an IPv6 address in
 * brackets, then maybe a port; path is not empty. url_read_address takes one IPv6 address that
 * other machines can reach.
 */
LPCWSTR url_read(LPCWSTR text, enum url_kind kind, CHAR out[URL_MAX + 1]);
LPCWSTR url_read_address(LPCWSTR text, BYTE out[IPV6_SIZE]);

/* FALSE for what no URL can name: link-local, which means nothing without a link; multicast; :: */
BOOL url_can_name(const BYTE address[IPV6_SIZE]);

/*
 * tftp://[server]/file. Backslashes become slashes, and what a URL may not have is encoded. A file
 * that is a URL already is copied. `file` has at most 127 characters.
 */
void url_of_file(const BYTE server[IPV6_SIZE], const CHAR *file, CHAR out[URL_SIZE]);

BOOL url_is_url(const CHAR *file);

/* The same URL on another host. `url` has at most URL_SIZE - 1 - 64 characters. */
void url_on_host(const CHAR *url, const BYTE server[IPV6_SIZE], CHAR out[URL_SIZE]);

#endif
