/* PxeTrace, PxeTraceV */
#include "wdspxe.h"

#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

#include "engine/core.h"
#include "api/argument.h"
#include "win32/server/runtime.h"
#include "win32/log/trace.h"
#include "api/trace_format.h"

enum {
    TEXT_UNITS = 2048,
    NAME_UNITS = 256,
    BAD_SEVERITIES = PXE_TRACE_WARNING | PXE_TRACE_ERROR | PXE_TRACE_FATAL,
};

/* Puts "[provider] " in front; a NULL handle is fine and has no name. Returns the units used. */
static int prefix(const struct provider *provider, wchar_t *text)
{
    wchar_t name[NAME_UNITS];

    if (provider == NULL ||
        MultiByteToWideChar(CP_UTF8, 0, provider->name, -1, name, NAME_UNITS) == 0)
        return 0;
    int units = _snwprintf(text, NAME_UNITS + 4, L"[%s] ", name);
    return units > 0 ? units : 0;
}

/* For whoever asks for the status, whether anybody traces or not. */
static void keep(struct engine *engine, struct provider *provider, const wchar_t *line)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    metrics_tell(&engine->metrics, provider, (const uint16_t *)line,
                 (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime);
}

DWORD PXEAPI PxeTraceV(HANDLE hProvider, PXE_SEVERITY Severity, LPCWSTR pszFormat, va_list Params)
{
    struct engine *engine = runtime_engine();
    struct provider *provider = NULL;
    wchar_t text[TEXT_UNITS];
    DWORD status = ERROR_SUCCESS;

    if (pszFormat == NULL)
        return argument_status("PxeTrace", ERROR_INVALID_PARAMETER);
    if (hProvider != NULL) {
        provider = engine != NULL ? provider_resolve(engine, (uintptr_t)hProvider) : NULL;
        status = provider != NULL ? ERROR_SUCCESS : ERROR_INVALID_HANDLE;
        if (provider == NULL && engine != NULL)
            WATCH(engine, refused, engine,
                  &(struct refused){
                      .why = REFUSED_PROVIDER, .call = "PxeTrace", .handle = (uintptr_t)hProvider});
    }
    const bool is_kept = provider != NULL && (Severity & BAD_SEVERITIES) != 0;
    const bool is_wanted = trace_wants(Severity) &&
                           (engine == NULL || summary_admits_other(engine, (uint32_t)Severity));
    if (!is_kept && !is_wanted)
        return status;
    int used = prefix(provider, text);
    trace_format(text + used, (size_t)(TEXT_UNITS - used), pszFormat, Params);
    if (is_kept)
        keep(engine, provider, text + used);
    if (is_wanted)
        trace_write(Severity, text);
    return status;
}

DWORD __cdecl PxeTrace(HANDLE hProvider, PXE_SEVERITY Severity, LPCWSTR pszFormat, ...)
{
    va_list parameters;

    va_start(parameters, pszFormat);
    DWORD status = PxeTraceV(hProvider, Severity, pszFormat, parameters);
    va_end(parameters);
    return status;
}
