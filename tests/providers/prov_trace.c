/*
 * Traces in every way there is while it starts: before and after it knows its handle, in every
 * severity, with wide and narrow strings, far too long, with a stale and an invented handle. What
 * the calls return goes into its key.
 */
#include "answer.h"

#include <stdarg.h>

static const PXE_SEVERITY severities[] = {PXE_TRACE_VERBOSE, PXE_TRACE_INFO, PXE_TRACE_WARNING,
                                          PXE_TRACE_ERROR, PXE_TRACE_FATAL};
static const WCHAR *const severity_names[] = {L"verbose", L"info", L"warning", L"error", L"fatal"};

static DWORD trace_v(HANDLE provider, PXE_SEVERITY severity, const WCHAR *format, ...)
{
    va_list parameters;

    va_start(parameters, format);
    DWORD error = PxeTraceV(provider, severity, format, parameters);
    va_end(parameters);
    return error;
}

static void trace_all(HANDLE provider, HKEY key)
{
    WCHAR long_text[5001];

    key_put(key, L"NullHandle", PxeTrace(NULL, PXE_TRACE_INFO, L"no handle yet %d", 17));
    for (int i = 0; i < 5; i++)
        key_put(key, severity_names[i],
                PxeTrace(provider, severities[i], L"line of severity %s", severity_names[i]));
    key_put(key, L"Strings",
            PxeTrace(provider, PXE_TRACE_INFO, L"wide %s narrow %S number %u hex %08x", L"W\u00e9",
                     "thin", 42u, 0xbeefu));
    key_put(key, L"LineBreak", PxeTrace(provider, PXE_TRACE_INFO, L"has a line break\r\n"));
    for (int i = 0; i < 5000; i++)
        long_text[i] = (WCHAR)(L'a' + i % 26);
    long_text[5000] = L'\0';
    key_put(key, L"Long", PxeTrace(provider, PXE_TRACE_INFO, L"long %s", long_text));
    key_put(key, L"LongFormat", PxeTrace(provider, PXE_TRACE_INFO, long_text));
    key_put(key, L"OtherSeverity", PxeTrace(provider, 0x80000000u, L"an unknown severity"));
    key_put(key, L"NoSeverity", PxeTrace(provider, 0, L"no severity"));
    key_put(key, L"MadeUpHandle",
            PxeTrace((HANDLE)(ULONG_PTR)0x12345671, PXE_TRACE_WARNING, L"from a made-up handle"));
    key_put(key, L"NullFormat", PxeTrace(provider, PXE_TRACE_INFO, NULL));
    key_put(key, L"V", trace_v(provider, PXE_TRACE_INFO, L"by va_list %s %d", L"text", 3));
    key_put(key, L"VNullFormat", trace_v(provider, PXE_TRACE_INFO, NULL));
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)packet;
    (void)length;
    (void)local;
    (void)remote;
    /* A request is no provider. */
    key_put(context, L"RequestHandle",
            PxeTrace(request, PXE_TRACE_WARNING, L"from a request handle"));
    *action = PXE_BA_IGNORE;
    return ERROR_SUCCESS;
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    (void)context;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    ULONG_PTR old = 0;
    DWORD size = sizeof(old);

    trace_all(hProvider, hProviderKey);
    /* The handle of an earlier start, if there was one. */
    if (RegQueryValueExW(hProviderKey, L"Handle", NULL, NULL, (BYTE *)&old, &size) == ERROR_SUCCESS)
        key_put(hProviderKey, L"StaleHandle",
                PxeTrace((HANDLE)old, PXE_TRACE_WARNING, L"from a stale handle"));
    key_put_bytes(hProviderKey, L"Handle", &hProvider, sizeof(hProvider));
    return answer_register(hProvider, receive, shutdown_provider, hProviderKey);
}
