#include "urls.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "ini.h"
#include "values.h"

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define PATH_CHARACTERS LETTERS_AND_DIGITS "-._~!$&'()*+,;=:@/" /* RFC 3986, section 3.3 */

/* ---- reading ---- */

bool url_can_name(const uint8_t address[IPV6_SIZE])
{
    static const uint8_t none[IPV6_SIZE];
    bool is_link_local = address[0] == 0xfe && (address[1] & 0xc0) == 0x80; /* fe80::/10 */
    bool is_multicast = address[0] == 0xff;

    return !is_link_local && !is_multicast && memcmp(address, none, sizeof(none)) != 0;
}

const char *url_read_address(const char *text, uint8_t out[IPV6_SIZE])
{
    char ascii[ADDRESS_TEXT_SIZE];
    uint8_t address[IPV6_SIZE];

    if (value_text(text, ascii, sizeof(ascii)) != NULL || !address_read_ipv6(ascii, address))
        return "write an IPv6 address such as fd00::2, without brackets";
    if (!url_can_name(address))
        return "a link-local, multicast or empty address does not tell clients where the server "
               "is; write one that they can reach";
    memcpy(out, address, sizeof(address));
    return NULL;
}

/* The part behind "scheme://", or NULL if the scheme is not one of this kind. */
static const char *skip_scheme(const char *url, enum url_kind kind)
{
    static const char *const schemes[] = {"http://", "https://", "tftp://"};
    size_t count = kind == URL_HTTP ? 2 : 3;

    for (size_t i = 0; i < count; ++i) {
        if (ini_starts(url, schemes[i]))
            return url + strlen(schemes[i]);
    }
    return NULL;
}

/* Behind "[fd00::2]", or behind a name or IPv4 address; NULL if there is none. */
static const char *skip_host(const char *host)
{
    char address[ADDRESS_TEXT_SIZE];
    uint8_t bytes[IPV6_SIZE];
    size_t length;

    if (host[0] != '[') {
        length = strspn(host, LETTERS_AND_DIGITS "-.");
        return length == 0 ? NULL : host + length;
    }
    length = strcspn(++host, "]");
    if (host[length] == '\0' || length >= sizeof(address))
        return NULL;
    memcpy(address, host, length);
    address[length] = '\0';
    return address_read_ipv6(address, bytes) && url_can_name(bytes) ? host + length + 1 : NULL;
}

/* Behind ":8080", if that is there; NULL if it is no port. */
static const char *skip_port(const char *text)
{
    uint32_t port = 0;
    size_t digits;

    if (text[0] != ':')
        return text;
    digits = strspn(++text, "0123456789");
    for (size_t i = 0; i < digits && port <= 65535; ++i)
        port = port * 10 + (uint32_t)(text[i] - '0');
    return port == 0 || port > 65535 ? NULL : text + digits;
}

const char *url_read(const char *text, enum url_kind kind, char out[URL_MAX + 1])
{
    char url[URL_MAX + 1];
    const char *problem = value_text(text, url, sizeof(url));
    const char *at;

    if (problem != NULL)
        return problem;
    at = skip_scheme(url, kind);
    if (at == NULL && kind == URL_HTTP)
        return "write a URL that starts with http:// or https://";
    if (at == NULL)
        return "write a URL that starts with tftp://, http:// or https://";
    at = skip_host(at);
    if (at == NULL)
        return "behind :// stands the server: a name, an IPv4 address, or an IPv6 address in "
               "brackets that is not link-local, such as tftp://[fd00::2]/file";
    at = skip_port(at);
    if (at == NULL)
        return "the port must be a number from 1 to 65535";
    if (at[0] != '/' || at[1] == '\0')
        return "behind the server the URL needs a slash and the file, such as "
               "tftp://[fd00::2]/file";
    if (strspn(at, PATH_CHARACTERS "%?") != strlen(at))
        return "the file has a character that no URL may have; write % and two hexadecimal "
               "digits, such as %20 for a blank";
    memcpy(out, url, strlen(url) + 1);
    return NULL;
}

/* ---- making ---- */

bool url_is_url(const char *file)
{
    return strstr(file, "://") != NULL;
}

void url_of_file(const uint8_t server[IPV6_SIZE], const char *file, char out[URL_SIZE])
{
    char host[ADDRESS_TEXT_SIZE];
    int used;

    if (url_is_url(file)) {
        snprintf(out, URL_SIZE, "%s", file);
        return;
    }
    address_format(server, 16, host);
    if (file[0] == '/' || file[0] == '\\')
        ++file;
    used = snprintf(out, URL_SIZE, "tftp://[%s]/", host);
    for (; *file != '\0' && used < URL_SIZE - 4; ++file) {
        char c = *file == '\\' ? '/' : *file;

        if (strchr(PATH_CHARACTERS, c) != NULL)
            out[used++] = c;
        else
            used += snprintf(out + used, 4, "%%%02X", (unsigned)(uint8_t)c);
    }
    out[used] = '\0';
}

void url_on_host(const char *url, const uint8_t server[IPV6_SIZE], char out[URL_SIZE])
{
    char address[ADDRESS_TEXT_SIZE];
    const char *host = strstr(url, "://") + 3;
    const char *path = host + strcspn(host, "/");

    address_format(server, 16, address);
    snprintf(out, URL_SIZE, "%.*s[%s]%s", (int)(host - url), url, address, path);
}
