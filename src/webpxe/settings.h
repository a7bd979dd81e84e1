/* The values of the provider's registry key; docs/webpxe/README.md has them in a table. */
#ifndef WEBPXE_SETTINGS_H
#define WEBPXE_SETTINGS_H

#include "wdspxe.h"

#define SETTINGS_URLS_MAX 2
#define SETTINGS_TEXT_CHARS 1024

struct web_settings {
    WCHAR urls[SETTINGS_URLS_MAX][SETTINGS_TEXT_CHARS]; /* "" = none; the first is always there */
    WCHAR token[SETTINGS_TEXT_CHARS];                   /* a secret: told nowhere; "" = none */
    WCHAR ca_file[SETTINGS_TEXT_CHARS];                 /* certificates in PEM; "" = Windows' own */
    DWORD time_limit;                                   /* ms, of one question */
    DWORD questions_max;                                /* under way at a time */
    DWORD waiting_max;  /* requests that wait for an answer, those included */
    DWORD answer_max;   /* bytes of one answer */
    DWORD failures_max; /* one after the other, before a pause */
    DWORD pause;        /* ms */
    DWORD kept_max;     /* answers that are kept */
    DWORD dhcp_port;    /* as the server has them; all other ports are the boot server's */
    DWORD dhcp6_port;
};

/*
 * Reads them. What is wrong is told in the trace, with the value's name and what to do.
 * Errors: ERROR_INVALID_DATA (a value is wrong, or there is no Url), or the registry's code.
 */
DWORD settings_read(HANDLE provider, HKEY key, struct web_settings *out);

#endif
