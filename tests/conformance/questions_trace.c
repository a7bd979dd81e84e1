/* The export table, PxeTrace..., PxeGetServerInfo... */
#include "questions.h"

#include <stdarg.h>
#include <string.h>
#include <wchar.h>

#include "subject.h"

/* All names, in the order of the alphabet. */
static const char *const export_names[] = {
    "PxeAsyncRecvDone",
    "PxeDhcpAppendOption",
    "PxeDhcpAppendOptionRaw",
    "PxeDhcpGetOptionValue",
    "PxeDhcpGetVendorOptionValue",
    "PxeDhcpInitialize",
    "PxeDhcpIsValid",
    "PxeDhcpv6AppendOption",
    "PxeDhcpv6AppendOptionRaw",
    "PxeDhcpv6CreateRelayRepl",
    "PxeDhcpv6GetOptionValue",
    "PxeDhcpv6GetVendorOptionValue",
    "PxeDhcpv6Initialize",
    "PxeDhcpv6IsValid",
    "PxeDhcpv6ParseRelayForw",
    "PxeGetServerInfo",
    "PxeGetServerInfoEx",
    "PxePacketAllocate",
    "PxePacketFree",
    "PxeProviderEnumClose",
    "PxeProviderEnumFirst",
    "PxeProviderEnumNext",
    "PxeProviderFreeInfo",
    "PxeProviderQueryIndex",
    "PxeProviderRegister",
    "PxeProviderSetAttribute",
    "PxeProviderUnRegister",
    "PxeRegisterCallback",
    "PxeSendReply",
    "PxeTrace",
    "PxeTraceV",
    "WdsProviderInitialize",
};
enum { EXPORTS = sizeof(export_names) / sizeof(export_names[0]) };

/* ---- exports ---- */

static void exports_names(void)
{
    unsigned missing = 0;

    for (size_t i = 0; i < EXPORTS; i++)
        if (GetProcAddress(subject_wdspxe(), export_names[i]) == NULL) {
            answer("no %s", export_names[i]);
            missing++;
        }
    if (missing == 0)
        answer("all %d", EXPORTS);
}

static void exports_ordinals(void)
{
    for (size_t i = 0; i < EXPORTS; i++) {
        FARPROC by_name = GetProcAddress(subject_wdspxe(), export_names[i]);
        FARPROC by_ordinal =
            GetProcAddress(subject_wdspxe(), (LPCSTR)MAKEINTRESOURCEA((WORD)(i + 1)));
        if (by_name == NULL || by_name != by_ordinal) {
            answer("no, %s is not %u", export_names[i], (unsigned)i + 1);
            return;
        }
    }
    answer("yes");
}

/* ---- PxeTrace, PxeTraceV ---- */

/* Something that is no provider: zeros, so that a DLL that takes it for a structure finds NULLs. */
static BYTE no_provider[4096];

static void trace_null_handle(void)
{
    answer("%lu", PXE(PxeTrace)(NULL, PXE_TRACE_VERBOSE, L"conformance %d\n", 1));
}

static void trace_unknown_handle(void)
{
    answer("%lu", PXE(PxeTrace)(no_provider, PXE_TRACE_VERBOSE, L"conformance\n"));
}

static void trace_null_format(void)
{
    answer("%lu", PXE(PxeTrace)(NULL, PXE_TRACE_VERBOSE, NULL));
}

static void trace_severity_0(void)
{
    answer("%lu", PXE(PxeTrace)(NULL, 0, L"conformance\n"));
}

static void trace_severity_odd(void)
{
    answer("%lu", PXE(PxeTrace)(NULL, 0x40000001, L"conformance\n"));
}

static void trace_strings(void)
{
    answer("%lu",
           PXE(PxeTrace)(NULL, PXE_TRACE_VERBOSE, L"conformance %s %S\n", L"wide", "narrow"));
}

static void trace_no_line_break(void)
{
    answer("%lu", PXE(PxeTrace)(NULL, PXE_TRACE_VERBOSE, L"conformance"));
}

static void trace_long(void)
{
    static WCHAR text[20001];

    wmemset(text, L'x', 20000);
    answer("%lu", PXE(PxeTrace)(NULL, PXE_TRACE_VERBOSE, L"%s\n", text));
}

static DWORD trace_list(HANDLE handle, LPCWSTR format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    DWORD error = PXE(PxeTraceV)(handle, PXE_TRACE_VERBOSE, format, arguments);
    va_end(arguments);
    return error;
}

static void tracev_null_handle(void)
{
    answer("%lu", trace_list(NULL, L"conformance %d %s\n", 1, L"wide"));
}

static void tracev_unknown_handle(void)
{
    answer("%lu", trace_list(no_provider, L"conformance\n"));
}

static void tracev_null_format(void)
{
    answer("%lu", trace_list(NULL, NULL));
}

/* ---- PxeGetServerInfo, PxeGetServerInfoEx ---- */

enum { UNTOUCHED = 0xee };

static BYTE info[256];

/* How many bytes of the buffer were written, at least. */
static void written_answer(void)
{
    size_t count = sizeof(info);

    while (count > 0 && info[count - 1] == UNTOUCHED)
        count--;
    answer("%u bytes written", (unsigned)count);
}

static DWORD get(ULONG type, ULONG size)
{
    memset(info, UNTOUCHED, sizeof(info));
    return PXE(PxeGetServerInfo)(type, info, size);
}

static void info_trace(void)
{
    BOOL value;

    answer("%lu", get(PXE_GSI_TRACE_ENABLED, sizeof(value)));
    memcpy(&value, info, sizeof(value));
    answer(value == FALSE || value == TRUE ? "FALSE or TRUE" : "other value");
    written_answer();
}

static void info_large(void)
{
    answer("%lu", get(PXE_GSI_TRACE_ENABLED, 64));
    written_answer();
}

static void info_small(void)
{
    answer("%lu", get(PXE_GSI_TRACE_ENABLED, 3));
    written_answer();
}

static void info_no_room(void)
{
    answer("%lu", get(PXE_GSI_TRACE_ENABLED, 0));
    written_answer();
}

static void info_duid(void)
{
    answer("%lu", get(PXE_GSI_SERVER_DUID, sizeof(info)));
    written_answer();
}

static void info_type_0(void)
{
    answer("%lu", get(0, sizeof(info)));
    written_answer();
}

static void info_type_3(void)
{
    answer("%lu", get(3, sizeof(info)));
    written_answer();
}

static void info_null_buffer(void)
{
    answer("%lu", PXE(PxeGetServerInfo)(PXE_GSI_TRACE_ENABLED, NULL, 4));
}

static void get_ex(ULONG type, ULONG size)
{
    ULONG used = 0xeeeeeeee;

    memset(info, UNTOUCHED, sizeof(info));
    answer("%lu", PXE(PxeGetServerInfoEx)(type, info, size, &used));
    written_answer();
    if (used == 0xeeeeeeee)
        answer("used not written");
    else
        answer("used %lu", used);
}

static void ex_trace(void)
{
    get_ex(PXE_GSI_TRACE_ENABLED, sizeof(info));
}

static void ex_small(void)
{
    get_ex(PXE_GSI_TRACE_ENABLED, 3);
}

static void ex_type_3(void)
{
    get_ex(3, sizeof(info));
}

static void ex_null_buffer(void)
{
    ULONG used = 0;

    answer("%lu", PXE(PxeGetServerInfoEx)(PXE_GSI_TRACE_ENABLED, NULL, 4, &used));
}

static void ex_null_used(void)
{
    answer("%lu", PXE(PxeGetServerInfoEx)(PXE_GSI_TRACE_ENABLED, info, 4, NULL));
}

static void ex_duid(void)
{
    ULONG used = 0;
    DWORD error = PXE(PxeGetServerInfoEx)(PXE_GSI_SERVER_DUID, info, sizeof(info), &used);

    answer("%lu", error);
    if (error == ERROR_SUCCESS)
        answer("type %u, %lu bytes", info[0] << 8 | info[1], used);
}

static void ex_duid_again(void)
{
    static BYTE again[sizeof(info)];
    ULONG used = 0, used_again = 0;

    answer("%lu", PXE(PxeGetServerInfoEx)(PXE_GSI_SERVER_DUID, info, sizeof(info), &used));
    answer("%lu", PXE(PxeGetServerInfoEx)(PXE_GSI_SERVER_DUID, again, sizeof(again), &used_again));
    answer(used == used_again && memcmp(info, again, used) == 0 ? "the same" : "another one");
}

static void ex_duid_small(void)
{
    get_ex(PXE_GSI_SERVER_DUID, 3);
}

/* ---- table ---- */

#define Q(id, text, choice, ask) {id, text, choice, ask, NEEDS_NOTHING}
#define TRACE "PxeTrace: "
#define TRACEV "PxeTraceV: "
#define INFO "PxeGetServerInfo: "
#define EX "PxeGetServerInfoEx: "

static const struct question questions[] = {
    Q("export-names", "Exports by plain name, WdsProviderInitialize among them", "all 32",
      exports_names),
    Q("export-ordinals", "Are the ordinals 1 to 32 in the order of the alphabet?", "yes",
      exports_ordinals),
    Q("trace-null-handle", TRACE "handle NULL", "0", trace_null_handle),
    Q("trace-unknown-handle", TRACE "handle that is no provider", "6", trace_unknown_handle),
    Q("trace-null-format", TRACE "format NULL", "87", trace_null_format),
    Q("trace-severity-0", TRACE "severity 0", "0", trace_severity_0),
    Q("trace-severity-odd", TRACE "severity 0x40000001", "0", trace_severity_odd),
    Q("trace-strings", TRACE "%s with a wide string, %S with a narrow one", "0", trace_strings),
    Q("trace-no-line-break", TRACE "no line break at the end", "0", trace_no_line_break),
    Q("trace-long", TRACE "a string of 20000 characters", "0", trace_long),
    Q("tracev-null-handle", TRACEV "handle NULL", "0", tracev_null_handle),
    Q("tracev-unknown-handle", TRACEV "handle that is no provider", "6", tracev_unknown_handle),
    Q("tracev-null-format", TRACEV "format NULL", "87", tracev_null_format),

    Q("info-trace", INFO "TRACE_ENABLED", "0, FALSE or TRUE, 4 bytes written", info_trace),
    Q("info-large", INFO "buffer of 64 bytes", "0, 4 bytes written", info_large),
    Q("info-small", INFO "buffer of 3 bytes", "122, 0 bytes written", info_small),
    Q("info-no-room", INFO "buffer of 0 bytes", "122, 0 bytes written", info_no_room),
    Q("info-duid", INFO "SERVER_DUID", "87, 0 bytes written", info_duid),
    Q("info-type-0", INFO "type 0", "87, 0 bytes written", info_type_0),
    Q("info-type-3", INFO "type 3", "87, 0 bytes written", info_type_3),
    Q("info-null-buffer", INFO "buffer NULL", "87", info_null_buffer),
    Q("info-ex-trace", EX "TRACE_ENABLED, large buffer", "0, 4 bytes written, used 4", ex_trace),
    Q("info-ex-small", EX "buffer of 3 bytes", "122, 0 bytes written, used 4", ex_small),
    Q("info-ex-type-3", EX "type 3", "87, 0 bytes written, used not written", ex_type_3),
    Q("info-ex-null-buffer", EX "buffer NULL", "87", ex_null_buffer),
    Q("info-ex-null-used", EX "length pointer NULL", "87", ex_null_used),
    {"info-ex-duid", EX "SERVER_DUID", "0, type 4, 18 bytes", ex_duid, NEEDS_REGISTRY_CHANGE},
    {"info-ex-duid-again", EX "SERVER_DUID twice", "0, 0, the same", ex_duid_again,
     NEEDS_REGISTRY_CHANGE},
    {"info-ex-duid-small", EX "SERVER_DUID, buffer of 3 bytes", "122, 0 bytes written, used 18",
     ex_duid_small, NEEDS_REGISTRY_CHANGE},
};

const struct question_group trace_questions = QUESTION_GROUP(questions);
