#include "win32/call/call_guard.h"

#include <windows.h>

#include <stdatomic.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/callback.h"
#include "win32/call/guard_thunk.h"
#include "os/inside.h"
#include "win32/call/guard_pages.h"
#include "win32/call/stack_guard.h"

#define CPP_EXCEPTION_MSVC 0xe06d7363u /* "msc" */
#define CPP_EXCEPTION_GCC 0x20474343u  /* "CCG " */

enum {
    NAME_SIZE = 3 * MAX_PATH, /* UTF-8 */
    /* Milliseconds. A provider may have much to read when it starts; a stop is waited for. */
    INITIALIZE_LIMIT = 30000,
    SHUTDOWN_LIMIT = 4000,
    CONTROL_LIMIT = 10000,
};

/* The file name of the module around an address; *out_offset counts from its start. */
static bool module_at(const void *address, char *name, uint64_t *out_offset)
{
    wchar_t path[MAX_PATH];
    HMODULE module;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            address, &module) ||
        GetModuleFileNameW(module, path, MAX_PATH) == 0)
        return false;
    path[MAX_PATH - 1] = L'\0';
    const wchar_t *slash = wcsrchr(path, L'\\');
    *out_offset = (uint64_t)((const char *)address - (const char *)module);
    return WideCharToMultiByte(CP_UTF8, 0, slash != NULL ? slash + 1 : path, -1, name, NAME_SIZE,
                               NULL, NULL) > 0;
}

static const struct {
    DWORD code;
    const char *words;
} EXCEPTIONS[] = {
    {(DWORD)EXCEPTION_ACCESS_VIOLATION, "access violation"},
    {(DWORD)EXCEPTION_BREAKPOINT, "breakpoint"},
    {(DWORD)EXCEPTION_DATATYPE_MISALIGNMENT, "misaligned data"},
    {(DWORD)EXCEPTION_FLT_DIVIDE_BY_ZERO, "floating-point division by zero"},
    {(DWORD)EXCEPTION_ILLEGAL_INSTRUCTION, "illegal instruction"},
    {(DWORD)EXCEPTION_INT_DIVIDE_BY_ZERO, "division by zero"},
    {(DWORD)EXCEPTION_INT_OVERFLOW, "integer overflow"},
    {(DWORD)EXCEPTION_IN_PAGE_ERROR, "page that cannot be read in"},
    {(DWORD)EXCEPTION_PRIV_INSTRUCTION, "privileged instruction"},
    {(DWORD)EXCEPTION_STACK_OVERFLOW, "stack overflow"},
    {CPP_EXCEPTION_MSVC, "C++ exception"},
    {CPP_EXCEPTION_GCC, "C++ exception"},
};

/* In words, as far as there are some. */
static void describe(const EXCEPTION_RECORD *record, char *text, size_t size)
{
    static const char *const access[] = {"reading", "writing"};
    const char *words = "";

    for (size_t i = 0; i < sizeof(EXCEPTIONS) / sizeof(EXCEPTIONS[0]); i++)
        if (EXCEPTIONS[i].code == record->ExceptionCode)
            words = EXCEPTIONS[i].words;
    if (record->ExceptionCode == (DWORD)EXCEPTION_ACCESS_VIOLATION && record->NumberParameters >= 2)
        snprintf(text, size, "%s %s %#" PRIx64, words,
                 record->ExceptionInformation[0] < 2 ? access[record->ExceptionInformation[0]]
                                                     : "executing",
                 (uint64_t)record->ExceptionInformation[1]);
    else
        snprintf(text, size, "%s", words);
}

static void packet_look(const EXCEPTION_RECORD *record, struct fault *fault)
{
    struct packet_place place;

    if (record->ExceptionCode != (DWORD)EXCEPTION_ACCESS_VIOLATION ||
        record->NumberParameters < 2 ||
        !guard_pages_find((const void *)record->ExceptionInformation[1], &place))
        return;
    fault->is_in_packet = true;
    fault->is_packet_freed = place.is_freed;
    fault->packet_offset = place.offset;
    fault->packet_size = place.size;
}

static void fault_tell(const struct callback *callback, EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    char module[NAME_SIZE], words[80];
    struct fault fault = {
        .code = record->ExceptionCode,
        .address = (uint64_t)(uintptr_t)record->ExceptionAddress,
        .pointers = pointers,
        .words = words,
    };

    describe(record, words, sizeof(words));
    if (module_at(record->ExceptionAddress, module, &fault.offset))
        fault.module = module;
    packet_look(record, &fault);
    callback_faulted(callback, &fault);
}

static void guard_filter(struct guard_frame *frame, EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode == (DWORD)EXCEPTION_STACK_OVERFLOW) {
        frame->is_overflowed = true;
        frame->record = *pointers->ExceptionRecord;
        frame->record.ExceptionRecord = NULL;
        frame->context = *pointers->ContextRecord;
    } else if (!frame->is_telling) {
        frame->is_telling = true;
        fault_tell(frame->callback, pointers);
    }
}

static bool call_guarded(void *context, struct callback *callback)
{
    struct inside inside;
    struct guard_frame frame;

    (void)context;
    frame.run = callback->run;
    frame.callback = callback;
    frame.filter = guard_filter;
    frame.is_telling = false;
    frame.is_overflowed = false;
    stack_guard_prepare();
    inside_enter(&inside, callback);
    bool is_whole = guard_thunk(&frame);
    inside_leave(&inside);
    if (!is_whole && frame.is_overflowed) {
        EXCEPTION_POINTERS pointers = {&frame.record, &frame.context};
        stack_guard_renew();
        fault_tell(callback, &pointers);
    }
    return is_whole;
}

/* For a debugger, which is to see the exception where nobody has caught it. */
static bool call_unguarded(void *context, struct callback *callback)
{
    struct inside inside;

    (void)context;
    inside_enter(&inside, callback);
    callback->run(callback);
    inside_leave(&inside);
    return true;
}

/* ---- calls with a limit ---- */

/* Belongs to whoever comes last: the caller, or the thread. */
struct limited_call {
    bool (*make)(void *context, struct callback *callback);
    void *context;
    struct callback *callback;
    bool returned_normally;
    _Atomic bool has_ended;
    _Atomic uint32_t owners;
};

static void limited_release(struct limited_call *call)
{
    if (atomic_fetch_sub(&call->owners, 1) == 1)
        mem_free(call);
}

static DWORD WINAPI limited_thread(void *argument)
{
    struct limited_call *call = argument;

    call->returned_normally = call->make(call->context, call->callback);
    atomic_store(&call->has_ended, true);
    limited_release(call);
    return 0;
}

static enum call_end limited_end(const struct limited_call *call)
{
    if (!atomic_load(&call->has_ended))
        return CALL_THREAD_ENDED;
    return call->returned_normally ? CALL_RETURNED : CALL_FAULTED;
}

static enum call_end limited_wait(HANDLE thread, struct limited_call *call, uint32_t milliseconds)
{
    const bool is_over = WaitForSingleObject(thread, milliseconds) == WAIT_OBJECT_0;
    const enum call_end end = is_over ? limited_end(call) : CALL_STUCK;

    CloseHandle(thread);
    limited_release(call);
    return end;
}

/* Without memory or a thread it is made here, as without a limit. */
static enum call_end call_limited(struct callback *callback, uint32_t milliseconds,
                                  bool (*make)(void *context, struct callback *callback))
{
    struct limited_call *call = mem_alloc(sizeof(*call));
    HANDLE thread = NULL;

    if (call != NULL) {
        call->make = make;
        call->callback = callback;
        atomic_init(&call->owners, 2);
        thread = CreateThread(NULL, 0, limited_thread, call, 0, NULL);
    }
    if (thread != NULL)
        return limited_wait(thread, call, milliseconds);
    mem_free(call);
    return make(NULL, callback) ? CALL_RETURNED : CALL_FAULTED;
}

static enum call_end call_guarded_limited(void *context, struct callback *callback,
                                          uint32_t milliseconds)
{
    (void)context;
    return call_limited(callback, milliseconds, call_guarded);
}

static uintptr_t call_thread(void *context)
{
    (void)context;
    return GetCurrentThreadId();
}

static bool thread_has_ended(void *context, uintptr_t thread)
{
    HANDLE handle = OpenThread(SYNCHRONIZE, FALSE, (DWORD)thread);

    (void)context;
    if (handle == NULL)
        return GetLastError() == ERROR_INVALID_PARAMETER; /* no thread of that number */
    const bool has_ended = WaitForSingleObject(handle, 0) == WAIT_OBJECT_0;
    CloseHandle(handle);
    return has_ended;
}

static const struct callback *call_current(void *context)
{
    (void)context;
    return inside_callback();
}

struct call_port call_guard_port(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    const bool is_guarded = config->uFaultPolicy != WDSPXE_EXT_FAULT_UNHANDLED;

    return (struct call_port){
        .context = (void *)(uintptr_t)config,
        .make = is_guarded ? call_guarded : call_unguarded,
        /* A debugger finds its callbacks where they have always been, for as long as it likes. */
        .make_limited = is_guarded ? call_guarded_limited : NULL,
        .initialize_limit = INITIALIZE_LIMIT,
        .shutdown_limit = SHUTDOWN_LIMIT,
        .control_limit = CONTROL_LIMIT,
        .thread = call_thread,
        .thread_has_ended = thread_has_ended,
        .current = call_current,
        .policy = is_guarded ? (enum fault_policy)config->uFaultPolicy : FAULT_DEFAULT,
    };
}
