/*
 * One question by HTTP(S): sent, read and ended by WinHTTP's own threads; nobody waits. Redirects,
 * cookies and proxies are not used, and what does not fit is not read on.
 */
#ifndef WEBPXE_HTTP_H
#define WEBPXE_HTTP_H

#include "settings.h"
#include "wdspxe.h"

#define HTTP_REASON_CHARS 200

struct http;
struct http_call;

/* How a question ended. */
struct http_result {
    BOOL is_answered; /* the service sent a whole message with status 200 or 204 */
    DWORD status;     /* of HTTP; 0: none came */
    const char *body; /* if is_answered; valid during the call only */
    SIZE_T size;
    WCHAR reason[HTTP_REASON_CHARS]; /* if not: what went wrong */
};

/* Both are called on threads of WinHTTP, without any lock of this module held. */
struct http_events {
    void (*done)(void *context, const struct http_result *result); /* at most once for each call */
    void (*gone)(void *context); /* the last word of each call: its resources are free */
};

/*
 * Connections to the services of the settings, which must outlive it.
 * Errors: ERROR_INVALID_DATA (told in the trace), or a code of WinHTTP or of reading the CA file.
 */
DWORD http_open(HANDLE provider, const struct web_settings *settings,
                const struct http_events *events, struct http **out);

/* No call may be open. NULL is fine. */
void http_close(struct http *http);

/* How many URLs there are. */
ULONG http_count(const struct http *http);

/*
 * Sends a question.
 *   url   its number
 *   body  stays the caller's, unchanged until `gone`
 * Errors: of WinHTTP; then neither event comes.
 */
DWORD http_ask(struct http *http, ULONG url, const char *body, SIZE_T size, void *context,
               struct http_call **out);

/* Ends a call; `gone` comes, maybe before the return, and `done` not after it began. Once for each
 * call that http_ask has returned, also after `done`. */
void http_end(struct http_call *call);

#endif
