#include <winsock2.h> /* must stand before the windows.h of wdspxe.h */

#include "urls.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <ws2tcpip.h>

#include "values.h"

#define IPV6_TEXT_SIZE 46 /* INET6_ADDRSTRLEN */
#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define PATH_CHARACTERS LETTERS_AND_DIGITS "-._~!$&'()*+,;=:@/" /* RFC 3986, section 3.3 */

/* ---- reading ---- */

/* The windows function also takes scope ids; they mean nothing to another machine. */
static BOOL read_ipv6(const CHAR *text, BYTE out[IPV6_SIZE])
{
    return strspn(text, "0123456789abcdefABCDEF:.") == strlen(text) &&
           InetPtonA(AF_INET6, text, out) == 1;
}

BOOL url_can_name(const BYTE address[IPV6_SIZE])
{
    static const BYTE none[IPV6_SIZE];
    BOOL is_link_local = address[0] == 0xfe && (address[1] & 0xc0) == 0x80; /* fe80::/10 */
    BOOL is_multicast = address[0] == 0xff;

    return !is_link_local && !is_multicast && memcmp(address, none, sizeof(none)) != 0;
}

LPCWSTR url_read_address(LPCWSTR text, BYTE out[IPV6_SIZE])
{
    CHAR ascii[IPV6_TEXT_SIZE];
    BYTE address[IPV6_SIZE];

    if (value_text(text, ascii, sizeof(ascii)) != NULL || !read_ipv6(ascii, address))
        return L"write an IPv6 address such as fd00::2, without brackets (names are not looked up)";
    if (!url_can_name(address))
        return L"a link-local, multicast or empty address does not tell clients where the server "
               L"is; write one that they can reach";
    memcpy(out, address, sizeof(address));
    return NULL;
}

/* The part behind "scheme://", or NULL if the scheme is not one of this kind. */
static const CHAR *skip_scheme(const CHAR *url, enum url_kind kind)
{
    static const CHAR *const schemes[] = {"http://", "https://", "tftp://"};
    SIZE_T count = kind == URL_HTTP ? 2 : 3;

    for (SIZE_T i = 0; i < count; ++i) {
        if (_strnicmp(url, schemes[i], strlen(schemes[i])) == 0)
            return url + strlen(schemes[i]);
    }
    return NULL;
}

/* Behind "[fd00::2]", or behind a name or IPv4 address; NULL if there is none. */
static const CHAR *skip_host(const CHAR *host)
{
    CHAR address[IPV6_TEXT_SIZE];
    BYTE bytes[IPV6_SIZE];
    SIZE_T length;

    if (host[0] != '[') {
        length = strspn(host, LETTERS_AND_DIGITS "-.");
        return length == 0 ? NULL : host + length;
    }
    length = strcspn(++host, "]");
    if (host[length] == '\0' || length >= sizeof(address))
        return NULL;
    memcpy(address, host, length);
    address[length] = '\0';
    return read_ipv6(address, bytes) && url_can_name(bytes) ? host + length + 1 : NULL;
}

/* Behind ":8080", if that is there; NULL if it is no port. */
static const CHAR *skip_port(const CHAR *text)
{
    ULONG port = 0;
    SIZE_T digits;

    if (text[0] != ':')
        return text;
    digits = strspn(++text, "0123456789");
    for (SIZE_T i = 0; i < digits && port <= 65535; ++i)
        port = port * 10 + (ULONG)(text[i] - '0');
    return port == 0 || port > 65535 ? NULL : text + digits;
}

LPCWSTR url_read(LPCWSTR text, enum url_kind kind, CHAR out[URL_MAX + 1])
{
    CHAR url[URL_MAX + 1];
    LPCWSTR problem = value_text(text, url, sizeof(url));
    const CHAR *at;

    if (problem != NULL)
        return problem;
    at = skip_scheme(url, kind);
    if (at == NULL && kind == URL_HTTP)
        return L"write a URL that starts with http:// or https://";
    if (at == NULL)
        return L"write a URL that starts with tftp://, http:// or https://";
    at = skip_host(at);
    if (at == NULL)
        return L"behind :// stands the server: a name, an IPv4 address, or an IPv6 address in "
               L"brackets that is not link-local, such as tftp://[fd00::2]/file";
    at = skip_port(at);
    if (at == NULL)
        return L"the port must be a number from 1 to 65535";
    if (at[0] != '/' || at[1] == '\0')
        return L"behind the server the URL needs a slash and the file, such as "
               L"tftp://[fd00::2]/file";
    if (strspn(at, PATH_CHARACTERS "%?") != strlen(at))
        return L"the file has a character that no URL may have; write % and two hexadecimal "
               L"digits, such as %20 for a blank";
    memcpy(out, url, sizeof(url));
    return NULL;
}

/* ---- making ---- */

static void format_ipv6(const BYTE address[IPV6_SIZE], CHAR out[IPV6_TEXT_SIZE])
{
    BYTE copy[IPV6_SIZE]; /* some versions of the function want to write */

    memcpy(copy, address, sizeof(copy));
    if (InetNtopA(AF_INET6, copy, out, IPV6_TEXT_SIZE) == NULL)
        out[0] = '\0'; /* cannot be: the family is known and there is room */
}

BOOL url_is_url(const CHAR *file)
{
    return strstr(file, "://") != NULL;
}

void url_of_file(const BYTE server[IPV6_SIZE], const CHAR *file, CHAR out[URL_SIZE])
{
    CHAR host[IPV6_TEXT_SIZE];
    int used;

    if (url_is_url(file)) {
        snprintf(out, URL_SIZE, "%s", file);
        return;
    }
    format_ipv6(server, host);
    if (file[0] == '/' || file[0] == '\\')
        ++file;
    used = snprintf(out, URL_SIZE, "tftp://[%s]/", host);
    for (; *file != '\0' && used < URL_SIZE - 4; ++file) {
        CHAR c = *file == '\\' ? '/' : *file;

        if (strchr(PATH_CHARACTERS, c) != NULL)
            out[used++] = c;
        else
            used += snprintf(out + used, 4, "%%%02X", (unsigned)(BYTE)c);
    }
    out[used] = '\0';
}

void url_on_host(const CHAR *url, const BYTE server[IPV6_SIZE], CHAR out[URL_SIZE])
{
    CHAR address[IPV6_TEXT_SIZE];
    const CHAR *host = strstr(url, "://") + 3;
    const CHAR *path = host + strcspn(host, "/");

    format_ipv6(server, address);
    snprintf(out, URL_SIZE, "%.*s[%s]%s", (int)(host - url), url, address, path);
}
