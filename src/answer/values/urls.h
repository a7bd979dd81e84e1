/* IPv6 addresses of servers and the URLs of boot files. */
#ifndef ANSWER_VALUES_URLS_H
#define ANSWER_VALUES_URLS_H

#include <stdbool.h>
#include <stdint.h>

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
const char *url_read(const char *text, enum url_kind kind, char out[URL_MAX + 1]);
const char *url_read_address(const char *text, uint8_t out[IPV6_SIZE]);

/* False for what no URL can name: link-local, which means nothing without a link; multicast; :: */
bool url_can_name(const uint8_t address[IPV6_SIZE]);

/*
 * tftp://[server]/file. Backslashes become slashes, and what a URL may not have is encoded. A file
 * that is a URL already is copied. `file` has at most 127 characters, or is a URL of at most 255.
 */
void url_of_file(const uint8_t server[IPV6_SIZE], const char *file, char out[URL_SIZE]);

bool url_is_url(const char *file);

/* The same URL on another host. `url` has at most URL_SIZE - 1 - 64 characters. */
void url_on_host(const char *url, const uint8_t server[IPV6_SIZE], char out[URL_SIZE]);

#endif
