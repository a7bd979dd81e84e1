/*
 * Fails in the way that the environment variable FAULT names, when a client whose hardware address
 * begins with 02:fa asks, or in another of its callbacks; passes everything else on.
 */
#include "wdspxe.h"

#include <stdlib.h>
#include <string.h>

static HANDLE provider;
static HKEY key;
static HMODULE ourselves;
static char fault[40];
static SRWLOCK lock = SRWLOCK_INIT;
static volatile int zero;

struct call {
    HANDLE request;
    BYTE *packet;
    ULONG length;
};

static BOOL is(const char *name)
{
    return strcmp(fault, name) == 0;
}

/* ---- exceptions ---- */

static void access_violation(const struct call *call)
{
    (void)call;
    *(volatile int *)(ULONG_PTR)8 = 1;
}

static int __attribute__((noinline)) deeper(volatile const char *above)
{
    volatile char here[4096];

    here[0] = above[0];
    return deeper(here) + here[0];
}

static void stack_overflow(const struct call *call)
{
    const char one = (char)call->packet[0];
    zero = deeper(&one);
}

static void cpp_exception(const struct call *call)
{
    (void)call;
    RaiseException(0xe06d7363, EXCEPTION_NONCONTINUABLE, 0, NULL);
}

static void other_exception(const struct call *call)
{
    (void)call;
    RaiseException(0xe0001234, EXCEPTION_NONCONTINUABLE, 0, NULL);
}

static void division(const struct call *call)
{
    (void)call;
    zero = 100 / zero; /* 1 divided by anything needs no division: GCC knows that */
}

static void breakpoint(const struct call *call)
{
    (void)call;
    DebugBreak();
}

static void jump_to_null(const struct call *call)
{
    void (*volatile nowhere)(void) = NULL;

    (void)call;
    nowhere();
}

#if defined(__x86_64__) || defined(__i386__)
static void privileged(const struct call *call)
{
    (void)call;
    __asm__ volatile("cli");
}

static void fast_fail(const struct call *call)
{
    (void)call;
    __asm__ volatile("int $0x29" ::"c"(5));
}

static void lost_stack(const struct call *call)
{
    (void)call;
    __asm__ volatile("xorl %%esp, %%esp\n\tpush %0" ::"r"((ULONG_PTR)1) : "memory");
}
#endif

/* ---- ends of a thread or of the process ---- */

static void abort_process(const struct call *call)
{
    (void)call;
    abort();
}

static void exit_c(const struct call *call)
{
    (void)call;
    exit(3);
}

static void exit_process(const struct call *call)
{
    (void)call;
    ExitProcess(4);
}

static void terminate_thread(const struct call *call)
{
    (void)call;
    TerminateThread(GetCurrentThread(), 5);
}

static void exit_thread(const struct call *call)
{
    (void)call;
    ExitThread(6);
}

static DWORD WINAPI faulting_thread(void *argument)
{
    (void)argument;
    *(volatile int *)(ULONG_PTR)16 = 1;
    return 0;
}

static void fault_of_own_thread(const struct call *call)
{
    HANDLE thread = CreateThread(NULL, 0, faulting_thread, NULL, 0, NULL);

    (void)call;
    if (thread == NULL)
        return;
    WaitForSingleObject(thread, 200);
    CloseHandle(thread);
}

/* ---- what never returns ---- */

static void loop(const struct call *call)
{
    (void)call;
    for (;;)
        zero++;
}

static void sleep_for_ever(const struct call *call)
{
    (void)call;
    Sleep(INFINITE);
}

static void suspend(const struct call *call)
{
    (void)call;
    SuspendThread(GetCurrentThread());
}

static void deadlock(const struct call *call)
{
    (void)call;
    AcquireSRWLockExclusive(&lock);
    AcquireSRWLockExclusive(&lock);
}

static void hold_loader_lock(const struct call *call)
{
    typedef LONG(WINAPI * lock_function)(ULONG flags, ULONG * state, ULONG_PTR * cookie);
    FARPROC function = GetProcAddress(GetModuleHandleA("ntdll.dll"), "LdrLockLoaderLock");
    lock_function lock_loader;
    ULONG_PTR cookie;
    ULONG state;

    (void)call;
    memcpy(&lock_loader, &function, sizeof(lock_loader));
    lock_loader(0, &state, &cookie);
    Sleep(INFINITE);
}

/* ---- the server's things ---- */

static void free_request(const struct call *call)
{
    HeapFree(GetProcessHeap(), 0, call->packet);
}

static void free_packet(const struct call *call)
{
    void *packet = PxePacketAllocate(provider, call->request, 300);

    HeapFree(GetProcessHeap(), 0, packet);
    free(packet);
}

/* Forwards, byte by byte: memset may begin at the end, and where no memory is there it has damaged
 * none. */
static void fill(BYTE *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((volatile BYTE *)bytes)[i] = 0x41;
}

static void overrun_packet(const struct call *call)
{
    BYTE *packet = PxePacketAllocate(provider, call->request, 100);

    if (packet != NULL)
        fill(packet, 5000);
}

static void overrun_request(const struct call *call)
{
    fill(call->packet, call->length + 8192);
}

static void leak(const struct call *call)
{
    for (int i = 0; i < 64; i++)
        (void)PxePacketAllocate(provider, call->request, 65535);
}

static void close_key(const struct call *call)
{
    (void)call;
    RegCloseKey(key);
    RegCloseKey(key);
}

static void close_handles(const struct call *call)
{
    (void)call;
    for (ULONG_PTR handle = 4; handle < 2000; handle += 4)
        CloseHandle((HANDLE)handle);
}

static void unload(const struct call *call)
{
    (void)call;
    for (int i = 0; i < 3; i++)
        FreeLibrary(ourselves);
}

static void stop_server(const struct call *call)
{
    typedef DWORD(PXEAPI * stop_function)(void);
    FARPROC function = GetProcAddress(GetModuleHandleA("wdspxe.dll"), "WdsPxeExtServerStop");
    stop_function stop;

    (void)call;
    memcpy(&stop, &function, sizeof(stop));
    PxeTrace(provider, PXE_TRACE_ERROR, L"stop from a callback: %u", stop());
}

static const struct {
    const char *name;
    void (*run)(const struct call *call);
} FAULTS[] = {
    {"av", access_violation},
    {"stack", stack_overflow},
    {"cpp", cpp_exception},
    {"raise", other_exception},
    {"div", division},
    {"int3", breakpoint},
    {"jump0", jump_to_null},
#if defined(__x86_64__) || defined(__i386__)
    {"privileged", privileged},
    {"fastfail", fast_fail},
    {"rsp", lost_stack},
#endif
    {"abort", abort_process},
    {"exit", exit_c},
    {"exitprocess", exit_process},
    {"terminatethread", terminate_thread},
    {"exitthread", exit_thread},
    {"threadav", fault_of_own_thread},
    {"loop", loop},
    {"sleep", sleep_for_ever},
    {"suspend", suspend},
    {"deadlock", deadlock},
    {"loaderlock", hold_loader_lock},
    {"heapfree", free_request},
    {"heapfree2", free_packet},
    {"overrun", overrun_packet},
    {"smash", overrun_request},
    {"leak", leak},
    {"closekey", close_key},
    {"closeall", close_handles},
    {"freelib", unload},
    {"serverstop", stop_server},
};

/* ---- the callbacks ---- */

static void fail(const struct call *call)
{
    for (size_t i = 0; i < sizeof(FAULTS) / sizeof(FAULTS[0]); i++)
        if (is(FAULTS[i].name))
            FAULTS[i].run(call);
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    const struct call call = {request, packet, length};

    (void)local, (void)remote, (void)context;
    if (length >= 240 && call.packet[28] == 2 && call.packet[29] == 0xfa) {
        fail(&call);
        if (is("pendall"))
            return ERROR_IO_PENDING;
    }
    *action = PXE_BA_REJECTED;
    return ERROR_SUCCESS;
}

static DWORD PXEAPI shut_down(PVOID context)
{
    const struct call call = {0};

    (void)context;
    if (is("avdown"))
        access_violation(&call);
    if (is("throwdown"))
        cpp_exception(&call);
    if (is("hangdown"))
        Sleep(INFINITE);
    if (is("exitthreaddown"))
        ExitThread(9);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    const struct call call = {0};

    provider = hProvider;
    key = hProviderKey;
    GetEnvironmentVariableA("FAULT", fault, sizeof(fault));
    GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                           GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                       (const char *)&provider, &ourselves);
    if (is("avinit"))
        access_violation(&call);
    if (is("hanginit"))
        Sleep(INFINITE);
    if (is("exitthreadinit"))
        ExitThread(1);
    DWORD error =
        PxeRegisterCallback(hProvider, PXE_CALLBACK_RECV_REQUEST, (PVOID)(ULONG_PTR)receive, NULL);
    return error != ERROR_SUCCESS ? error
                                  : PxeRegisterCallback(hProvider, PXE_CALLBACK_SHUTDOWN,
                                                        (PVOID)(ULONG_PTR)shut_down, NULL);
}
