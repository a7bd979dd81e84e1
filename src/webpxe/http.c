#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <winhttp.h>

#include "base/error_words.h"
#include "os/stack.h"
#include "os/wine.h"
#include "trust.h"

#define HOST_CHARS 256

/* A URL of the settings. */
struct target {
    HINTERNET connection;
    WCHAR path[SETTINGS_TEXT_CHARS];
    DWORD flags; /* of WinHttpOpenRequest */
};

struct http {
    const struct web_settings *settings;
    struct http_events events;
    HINTERNET session;
    struct target targets[SETTINGS_URLS_MAX];
    ULONG count;
    struct trust *trust; /* NULL: Windows' own */
    WCHAR headers[SETTINGS_TEXT_CHARS + 80];
};

/* One question. */
struct http_call {
    struct http *http;
    HINTERNET request;
    void *context;
    LONG volatile users;   /* the handle, until its last callback, and http_ask, until its return */
    LONG volatile is_done; /* `done` was called */
    BOOL is_distrusted;    /* the certificate is not of the CA file */
    DWORD secure_errors;   /* WINHTTP_CALLBACK_STATUS_FLAG_... */
    DWORD length;          /* of the answer, as it says; 0: it does not say */
    SIZE_T used;
    char body[]; /* answer_max + 1 bytes: one more than may come */
};

/* ---- the end of a question ---- */

static void finish(struct http_call *call, const struct http_result *result)
{
    if (InterlockedExchange(&call->is_done, TRUE) == FALSE)
        call->http->events.done(call->context, result);
}

static void fail(struct http_call *call, DWORD status, LPCWSTR reason)
{
    struct http_result result = {.status = status};

    wcsncpy(result.reason, reason, HTTP_REASON_CHARS - 1);
    finish(call, &result);
}

static LPCWSTR secure_reason(DWORD errors)
{
    if ((errors & WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID) != 0)
        return L"its certificate is for another host";
    if ((errors & WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID) != 0)
        return L"its certificate is not valid now";
    if ((errors & WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED) != 0)
        return L"its certificate has been revoked";
    return L"its certificate is not trusted, or TLS could not be agreed on";
}

static LPCWSTR error_reason(const struct http_call *call, DWORD error)
{
    if (call->is_distrusted)
        return L"its certificate does not come from the CA file";
    switch (error) {
    case ERROR_WINHTTP_TIMEOUT:
        return L"it does not answer in time";
    case ERROR_WINHTTP_NAME_NOT_RESOLVED:
        return L"its host has no address";
    case ERROR_WINHTTP_CANNOT_CONNECT:
        return L"nobody listens there";
    case ERROR_WINHTTP_CONNECTION_ERROR:
        return L"the connection broke";
    case ERROR_WINHTTP_INVALID_SERVER_RESPONSE:
        return L"it does not speak HTTP";
    case ERROR_WINHTTP_SECURE_CERT_CN_INVALID:
        return secure_reason(WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID);
    case ERROR_WINHTTP_SECURE_CERT_DATE_INVALID:
        return secure_reason(WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID);
    case ERROR_WINHTTP_SECURE_FAILURE:
    case ERROR_WINHTTP_SECURE_INVALID_CA:
    case ERROR_WINHTTP_SECURE_CHANNEL_ERROR:
        return secure_reason(call->secure_errors);
    default:
        return NULL;
    }
}

static void fail_error(struct http_call *call, DWORD error)
{
    LPCWSTR reason = error_reason(call, error);
    WCHAR text[HTTP_REASON_CHARS];

    _snwprintf(text, HTTP_REASON_CHARS - 1, L"WinHTTP's error %u", (unsigned)error);
    text[HTTP_REASON_CHARS - 1] = L'\0';
    fail(call, 0, reason == NULL ? text : reason);
}

/* ---- the way of a question ---- */

static DWORD read_status(const struct http_call *call)
{
    DWORD status = 0;
    DWORD size = sizeof(status);

    if (!WinHttpQueryHeaders(call->request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                             WINHTTP_HEADER_NAME_BY_INDEX, &status, &size, WINHTTP_NO_HEADER_INDEX))
        return 0;
    return status;
}

/* What it says that is to come; 0: it does not say. */
static DWORD read_length(const struct http_call *call)
{
    DWORD length = 0;
    DWORD size = sizeof(length);

    if (!WinHttpQueryHeaders(call->request,
                             WINHTTP_QUERY_CONTENT_LENGTH | WINHTTP_QUERY_FLAG_NUMBER,
                             WINHTTP_HEADER_NAME_BY_INDEX, &length, &size, WINHTTP_NO_HEADER_INDEX))
        return 0;
    return length;
}

static void read_on(struct http_call *call)
{
    SIZE_T room = call->http->settings->answer_max + 1 - call->used;

    if (!WinHttpReadData(call->request, call->body + call->used, (DWORD)room, NULL))
        fail_error(call, GetLastError());
}

static void fail_too_large(struct http_call *call)
{
    WCHAR text[HTTP_REASON_CHARS];

    _snwprintf(text, HTTP_REASON_CHARS - 1, L"its answer has more than %u bytes (MaxAnswer)",
               (unsigned)call->http->settings->answer_max);
    fail(call, HTTP_STATUS_OK, text);
}

static void fail_status(struct http_call *call, DWORD status)
{
    WCHAR text[HTTP_REASON_CHARS];

    _snwprintf(text, HTTP_REASON_CHARS - 1,
               status >= 300 && status < 400
                   ? L"its answer is a redirect (HTTP %u), which is not followed"
                   : L"its answer has HTTP status %u, not 200",
               (unsigned)status);
    fail(call, status, text);
}

static void headers_came(struct http_call *call)
{
    DWORD status = read_status(call);

    if (status == HTTP_STATUS_NO_CONTENT)
        finish(call, &(struct http_result){.is_answered = TRUE, .status = status, .body = ""});
    else if (status != HTTP_STATUS_OK)
        fail_status(call, status);
    else if ((call->length = read_length(call)) > call->http->settings->answer_max)
        fail_too_large(call);
    else
        read_on(call);
}

/* The end of an answer that said how long it is may be missing. */
static void all_came(struct http_call *call)
{
    struct http_result result = {.is_answered = TRUE, .status = HTTP_STATUS_OK};

    if (call->length != 0 && call->length != call->used) {
        fail(call, HTTP_STATUS_OK, L"its answer is cut off");
        return;
    }
    result.body = call->body;
    result.size = call->used;
    finish(call, &result);
}

static void bytes_came(struct http_call *call, DWORD count)
{
    call->used += count;
    if (count == 0 || (call->length != 0 && call->used == call->length))
        all_came(call);
    else if (call->used > call->http->settings->answer_max)
        fail_too_large(call);
    else
        read_on(call);
}

/* Behind TLS and before the question: is the certificate one of the CA file's? */
static void check_trust(struct http_call *call)
{
    const CERT_CONTEXT *certificate = NULL;
    DWORD size = sizeof(certificate);

    if (call->http->trust == NULL)
        return;
    if (WinHttpQueryOption(call->request, WINHTTP_OPTION_SERVER_CERT_CONTEXT, &certificate,
                           &size) &&
        trust_holds(call->http->trust, certificate)) {
        CertFreeCertificateContext(certificate);
        return;
    }
    if (certificate != NULL)
        CertFreeCertificateContext(certificate);
    call->is_distrusted = TRUE;
    fail_error(call, ERROR_WINHTTP_SECURE_INVALID_CA);
}

static void give(struct http_call *call)
{
    struct http_events events = call->http->events;
    void *context = call->context;

    if (InterlockedDecrement(&call->users) != 0)
        return;
    free(call);
    events.gone(context);
}

static void CALLBACK status_changed(HINTERNET handle, DWORD_PTR context, DWORD status,
                                    LPVOID information, DWORD length)
{
    struct http_call *call = (struct http_call *)context;

    (void)handle;
    if (call == NULL)
        return; /* session and connections have none */
    switch (status) {
    case WINHTTP_CALLBACK_STATUS_SENDING_REQUEST:
        stack_trim(); /* Wine's thread will wait for the answer */
        check_trust(call);
        break;
    case WINHTTP_CALLBACK_STATUS_SECURE_FAILURE:
        call->secure_errors = *(const DWORD *)information;
        break;
    case WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE:
        if (!call->is_done && !WinHttpReceiveResponse(call->request, NULL))
            fail_error(call, GetLastError());
        break;
    case WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE:
        if (!call->is_done)
            headers_came(call);
        break;
    case WINHTTP_CALLBACK_STATUS_READ_COMPLETE:
        if (!call->is_done)
            bytes_came(call, length);
        break;
    case WINHTTP_CALLBACK_STATUS_REQUEST_ERROR:
        fail_error(call, ((const WINHTTP_ASYNC_RESULT *)information)->dwError);
        break;
    case WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING:
        give(call);
        break;
    default:
        break;
    }
}

/* ---- sending ---- */

static BOOL set_number(HINTERNET handle, DWORD option, DWORD value)
{
    return WinHttpSetOption(handle, option, &value, sizeof(value));
}

/* A private CA is unknown to Windows; check_trust looks instead. */
static BOOL prepare(struct http_call *call)
{
    DWORD_PTR context = (DWORD_PTR)call;

    return WinHttpSetOption(call->request, WINHTTP_OPTION_CONTEXT_VALUE, &context,
                            sizeof(context)) &&
           set_number(call->request, WINHTTP_OPTION_DISABLE_FEATURE,
                      WINHTTP_DISABLE_REDIRECTS | WINHTTP_DISABLE_COOKIES |
                          WINHTTP_DISABLE_AUTHENTICATION) &&
           (call->http->trust == NULL || set_number(call->request, WINHTTP_OPTION_SECURITY_FLAGS,
                                                    SECURITY_FLAG_IGNORE_UNKNOWN_CA));
}

static DWORD send_question(struct http_call *call, const char *body, SIZE_T size)
{
    if (!prepare(call) ||
        !WinHttpSendRequest(call->request, call->http->headers, (DWORD)-1, (LPVOID)(ULONG_PTR)body,
                            (DWORD)size, (DWORD)size, (DWORD_PTR)call))
        return GetLastError();
    return ERROR_SUCCESS;
}

DWORD http_ask(struct http *http, ULONG url, const char *body, SIZE_T size, void *context,
               struct http_call **out)
{
    const struct target *target = &http->targets[url];
    struct http_call *call = calloc(1, sizeof(*call) + http->settings->answer_max + 1);
    DWORD error;

    if (call == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    call->http = http;
    call->context = context;
    call->request =
        WinHttpOpenRequest(target->connection, L"POST", target->path, NULL, WINHTTP_NO_REFERER,
                           WINHTTP_DEFAULT_ACCEPT_TYPES, target->flags);
    if (call->request == NULL) {
        error = GetLastError();
        free(call);
        return error;
    }
    call->users = 2;
    *out = call;
    error = send_question(call, body, size);
    /* From here on the handle's own callbacks end it. */
    if (error != ERROR_SUCCESS)
        fail_error(call, error);
    give(call);
    return ERROR_SUCCESS;
}

void http_end(struct http_call *call)
{
    WinHttpCloseHandle(call->request);
}

/* ---- opening and closing ---- */

static DWORD tell_url(HANDLE provider, ULONG number, LPCWSTR problem)
{
    PxeTrace(provider, PXE_TRACE_ERROR, L"webpxe: the value Url%s: %s", number == 0 ? L"" : L"2",
             problem);
    return ERROR_INVALID_DATA;
}

static DWORD open_target(HANDLE provider, struct http *http, ULONG number)
{
    struct target *target = &http->targets[number];
    WCHAR host[HOST_CHARS];
    URL_COMPONENTS parts = {.dwStructSize = sizeof(parts),
                            .lpszHostName = host,
                            .dwHostNameLength = HOST_CHARS,
                            .lpszUrlPath = target->path,
                            .dwUrlPathLength = SETTINGS_TEXT_CHARS};

    if (!WinHttpCrackUrl(http->settings->urls[number], 0, 0, &parts) ||
        (parts.nScheme != INTERNET_SCHEME_HTTP && parts.nScheme != INTERNET_SCHEME_HTTPS) ||
        host[0] == L'\0')
        return tell_url(provider, number,
                        L"it is no URL of a service; write one such as "
                        L"https://boot.example.org/boot, without a user's name");
    if (target->path[0] == L'\0')
        wcscpy(target->path, L"/");
    target->flags = parts.nScheme == INTERNET_SCHEME_HTTPS ? WINHTTP_FLAG_SECURE : 0;
    if (target->flags == 0 && http->settings->token[0] != L'\0')
        PxeTrace(provider, PXE_TRACE_WARNING,
                 L"webpxe: the token goes to %s unencrypted; use https, or a service on this "
                 L"machine",
                 host);
    target->connection = WinHttpConnect(http->session, host, parts.nPort, 0);
    return target->connection == NULL ? GetLastError() : ERROR_SUCCESS;
}

static DWORD open_session(struct http *http)
{
    int limit = (int)http->settings->time_limit;

    http->session = WinHttpOpen(L"webpxe/1", WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_NO_PROXY_NAME,
                                WINHTTP_NO_PROXY_BYPASS, WINHTTP_FLAG_ASYNC);
    if (http->session == NULL || !WinHttpSetTimeouts(http->session, limit, limit, limit, limit))
        return GetLastError();
    if (WinHttpSetStatusCallback(http->session, status_changed,
                                 WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS |
                                     WINHTTP_CALLBACK_FLAG_HANDLES |
                                     WINHTTP_CALLBACK_FLAG_SEND_REQUEST |
                                     WINHTTP_CALLBACK_FLAG_SECURE_FAILURE,
                                 0) == WINHTTP_INVALID_STATUS_CALLBACK)
        return GetLastError();
    return ERROR_SUCCESS;
}

/*
 * Windows ends a connection whose handle is closed in check_trust before it sends the question.
 * Wine 8 has the question on its way by then: without Windows' own check, which comes earlier, a
 * token would go to anybody.
 */
static DWORD open_trust(HANDLE provider, struct http *http)
{
    DWORD error;

    if (http->settings->ca_file[0] == L'\0')
        return ERROR_SUCCESS;
    if (http->settings->token[0] != L'\0' && is_wine()) {
        PxeTrace(
            provider, PXE_TRACE_ERROR,
            L"webpxe: under Wine there is either Token or CaFile, as Wine would send the token "
            L"before it asks about the certificate; add the CA to this machine's own "
            L"(update-ca-certificates) and remove CaFile");
        return ERROR_NOT_SUPPORTED;
    }
    error = trust_open(http->settings->ca_file, &http->trust);
    if (error != ERROR_SUCCESS)
        PxeTrace(provider, PXE_TRACE_ERROR,
                 L"webpxe: the value CaFile: %s has no certificates in PEM, error %u%hs",
                 http->settings->ca_file, (unsigned)error, error_words(error));
    return error;
}

static void write_headers(struct http *http)
{
    wcscpy(http->headers, L"Content-Type: application/json\r\nAccept: application/json\r\n");
    if (http->settings->token[0] == L'\0')
        return;
    wcscat(http->headers, L"Authorization: Bearer ");
    wcscat(http->headers, http->settings->token);
    wcscat(http->headers, L"\r\n");
}

DWORD http_open(HANDLE provider, const struct web_settings *settings,
                const struct http_events *events, struct http **out)
{
    struct http *http = calloc(1, sizeof(*http));
    DWORD error;

    if (http == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    http->settings = settings;
    http->events = *events;
    write_headers(http);
    error = open_session(http);
    if (error == ERROR_SUCCESS)
        error = open_trust(provider, http);
    for (; error == ERROR_SUCCESS && http->count < SETTINGS_URLS_MAX; ++http->count) {
        if (settings->urls[http->count][0] == L'\0')
            break;
        error = open_target(provider, http, http->count);
    }
    if (error != ERROR_SUCCESS) {
        http_close(http);
        return error;
    }
    *out = http;
    return ERROR_SUCCESS;
}

void http_close(struct http *http)
{
    if (http == NULL)
        return;
    for (ULONG i = 0; i < SETTINGS_URLS_MAX; ++i) {
        if (http->targets[i].connection != NULL)
            WinHttpCloseHandle(http->targets[i].connection);
    }
    if (http->session != NULL) {
        WinHttpSetStatusCallback(http->session, NULL, 0, 0);
        WinHttpCloseHandle(http->session);
    }
    trust_close(http->trust);
    SecureZeroMemory(http->headers, sizeof(http->headers));
    free(http);
}

ULONG http_count(const struct http *http)
{
    return http->count;
}
