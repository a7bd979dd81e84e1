/*
 * Calls every export with arguments by chance (arguments/calls.c), catches the faults, and looks at
 * what they may have left behind: a lock, a mutex of other processes, a block of memory, a handle,
 * a change of the registry. fuzz_arguments [--calls N] [--seed N] [--each-from CALL]
 *
 * Memory and handles are counted for each call. Locks are tried, and the registry is read, for some
 * calls together, because that takes longer than all of them, but always before a call that could
 * hide what an earlier one has left. When something is found then, the same calls are made again by
 * the seed, and looked after one by one from the first of those calls on (--each-from).
 */
#include <inttypes.h>
#include <process.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <windows.h>

#include <cmocka.h>

#include "arguments/blocks.h"
#include "arguments/calls.h"
#include "arguments/fault_catch.h"
#include "arguments/wild.h"
#include "support/child_process.h"
#include "support/wdspxe_key.h"
#include "wdsbp.h"
#include "wdspxe_ext.h"

enum {
    HELD = 20000,        /* milliseconds after which a lock counts as held for ever */
    HANGS = 200000,      /* the same for a call, or what stands between two of them */
    CHILD_WAIT = 120000, /* the same for another process, which has to be started first */
    CALLS_TOGETHER = 32, /* in one room, that are looked after at once */
    CALLS_PER_SERVER = 4000,
    CALLS_PER_CALLBACK = 100,
};

/* Exit code of a run that found something after several calls: it and the number of the first. */
enum { FOUND_TOGETHER = 0x20000000, CALLS_MOST = 100000000 };

static ULONG calls_wanted = 200000;
static ULONG each_from = ULONG_MAX;
static uint64_t seed = 1;

static struct {
    ULONG calls, faults, errors;
} counts[64];
static volatile ULONG calls_made;
static const struct call *now_made; /* for messages */
static struct {
    ULONG count, first; /* calls that failed since the last look, and the number of the first */
} unlooked[ROOMS];
static bool is_registry_unlooked;
static ULONG registry_looked; /* how many calls had been made then */
static uint64_t registry_state;
static unsigned callback_depth;
static ULONG callbacks;

static void say_found(const char *format, va_list arguments)
{
    fprintf(stderr, "seed %" PRIu64 ", call %lu, %s: ", seed, calls_made,
            now_made != NULL ? now_made->name : "-");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    fflush(stderr);
}

static __attribute__((noreturn)) void end(UINT code)
{
    TerminateProcess(GetCurrentProcess(), code);
    abort();
}

static __attribute__((noreturn, format(gnu_printf, 1, 2))) void die(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_found(format, arguments);
    va_end(arguments);
    end(1);
}

/* Something that this call has left, or one of those from `first` on. */
static __attribute__((noreturn, format(gnu_printf, 2, 3))) void found(ULONG first,
                                                                      const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_found(format, arguments);
    va_end(arguments);
    end(first < calls_made && each_from > first ? FOUND_TOGETHER + first : 1);
}

/* ---- the registry ---- */

static void state_add(uint64_t *state, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        *state = (*state ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
}

static void state_of_values(HKEY key, uint64_t *state)
{
    static BYTE data[200000];
    WCHAR name[256];

    for (DWORD i = 0;; i++) {
        DWORD name_units = 256, type = 0, size = sizeof(data);
        LSTATUS status = RegEnumValueW(key, i, name, &name_units, NULL, &type, data, &size);
        if (status == ERROR_NO_MORE_ITEMS)
            return;
        if (status != ERROR_SUCCESS)
            die("a value of the registry cannot be read: error %ld", status);
        state_add(state, name, name_units * sizeof(name[0]));
        state_add(state, &type, sizeof(type));
        state_add(state, data, size);
    }
}

static void state_of_key(HKEY parent, const WCHAR *path, uint64_t *state)
{
    WCHAR name[256];
    HKEY key;

    state_add(state, path, wcslen(path) * sizeof(*path));
    if (RegOpenKeyExW(parent, path, 0, KEY_READ, &key) != ERROR_SUCCESS)
        return;
    state_of_values(key, state);
    for (DWORD i = 0;; i++) {
        DWORD units = 256;
        if (RegEnumKeyExW(key, i, name, &units, NULL, NULL, NULL, NULL) != ERROR_SUCCESS)
            break;
        state_of_key(key, name, state);
    }
    RegCloseKey(key);
}

static uint64_t registry_read(void)
{
    uint64_t state = UINT64_C(0xcbf29ce484222325);

    state_of_key(HKEY_LOCAL_MACHINE, WDSPXE_KEY, &state);
    return state;
}

/* ---- another thread, which takes what may be held ---- */

enum { NOTHING_TO_TRY = -1 };

/* Not by events of Windows', which are the wineserver's and cost more than what is tried. */
static struct {
    SRWLOCK lock;
    CONDITION_VARIABLE changed;
    int room;       /* enum calls_room that is to be tried */
    const char *at; /* what it is doing */
} prober = {.lock = SRWLOCK_INIT, .changed = CONDITION_VARIABLE_INIT, .room = NOTHING_TO_TRY};

static void probe_mutex(void)
{
    HANDLE mutex = OpenMutexW(SYNCHRONIZE, FALSE, L"Global\\wdspxe-provider-list");

    prober.at = "the mutex of the provider list";
    if (mutex == NULL) /* nobody has it open, so nobody holds it */
        return;
    (void)WaitForSingleObject(mutex, INFINITE);
    ReleaseMutex(mutex);
    CloseHandle(mutex);
}

static void probe_wdsbp(void)
{
    static BYTE buffer[70000];
    ULONG length;

    for (size_t i = 0; i < OPEN_MAX; i++) {
        prober.at = "a session of wdsbp.dll that builds";
        if (open_things.builds[i] != NULL)
            (void)WdsBpGetOptionBuffer(open_things.builds[i], sizeof(buffer), buffer, &length);
        prober.at = "a session of wdsbp.dll that reads";
        if (open_things.parsed[i] != NULL)
            (void)WdsBpQueryOption(open_things.parsed[i], WDSBP_OPT_MESSAGE, 0, NULL, &length);
    }
    prober.at = "the list of wdsbp.dll's sessions";
    (void)WdsBpCloseHandle(NULL);
}

static void probe_server(void)
{
    static WDSPXE_EXT_STATUS status;

    prober.at = "the state of the server";
    (void)WdsPxeExtServerControl(200);
    prober.at = "the server's metrics";
    status.uSizeOfStruct = sizeof(status);
    (void)WdsPxeExtServerGetStatus(&status);
    prober.at = "the trace";
    (void)PxeTrace(NULL, PXE_TRACE_ERROR, L"probe");
    if (open_things.request == NULL)
        return;
    prober.at = "the request of the callback";
    void *packet = PxePacketAllocate(open_things.provider, open_things.request, 64);
    if (packet != NULL)
        (void)PxePacketFree(open_things.provider, open_things.request, packet);
}

static void probe_enumerations(void)
{
    prober.at = "the table of enumerations";
    (void)PxeProviderEnumClose(NULL);
    (void)PxeProviderFreeInfo(NULL);
}

static bool is_of_registry(int room)
{
    return room == ROOM_REGISTRY || room == ROOM_CHANGES;
}

static void probe_room(int room)
{
    if (is_of_registry(room)) {
        probe_mutex();
        probe_enumerations();
    } else if (room == ROOM_WDSBP) {
        probe_wdsbp();
    } else if (room == ROOM_SERVER) {
        probe_server();
    }
}

static DWORD WINAPI prober_run(void *context)
{
    (void)context;
    AcquireSRWLockExclusive(&prober.lock);
    for (;;) {
        while (prober.room == NOTHING_TO_TRY)
            (void)SleepConditionVariableSRW(&prober.changed, &prober.lock, INFINITE, 0);
        const int room = prober.room;
        ReleaseSRWLockExclusive(&prober.lock);
        probe_room(room);
        AcquireSRWLockExclusive(&prober.lock);
        prober.room = NOTHING_TO_TRY;
        WakeAllConditionVariable(&prober.changed);
    }
    return 0;
}

/* Has the other thread take what calls of this room may hold. False: it does not get it. */
static bool probe(enum calls_room room)
{
    bool is_in_time = true;

    AcquireSRWLockExclusive(&prober.lock);
    prober.room = (int)room;
    WakeAllConditionVariable(&prober.changed);
    while (prober.room != NOTHING_TO_TRY && is_in_time)
        is_in_time = SleepConditionVariableSRW(&prober.changed, &prober.lock, HELD, 0);
    const bool is_done = prober.room == NOTHING_TO_TRY;
    ReleaseSRWLockExclusive(&prober.lock);
    return is_done;
}

static void prober_start(void)
{
    CloseHandle(CreateThread(NULL, 0, prober_run, NULL, 0, NULL));
    /* Once: what is made at the first use is not what a call has lost. */
    for (enum calls_room room = ROOM_PURE; room < ROOMS; room++)
        (void)probe(room);
}

/* ---- what calls have left ---- */

static void look_for_locks(enum calls_room room)
{
    if (unlooked[room].count > 0 && !probe(room))
        found(unlooked[room].first, "held: %s", prober.at);
    unlooked[room].count = 0;
}

static void look_for_locks_of_wdsbp(void)
{
    look_for_locks(ROOM_WDSBP);
}

static void look_at_registry(void)
{
    for (enum calls_room room = ROOM_REGISTRY; room <= ROOM_CHANGES; room++)
        look_for_locks(room);
    if (is_registry_unlooked && registry_read() != registry_state)
        found(registry_looked, "the registry is not as it was");
    is_registry_unlooked = false;
    registry_looked = calls_made;
}

static void look_at_everything(void)
{
    look_at_registry();
    for (enum calls_room room = ROOM_PURE; room < ROOMS; room++)
        look_for_locks(room);
}

/* ---- another process ---- */

/* Takes the way through the list's mutex. Its exit code is 0 if it could. */
static int other_process(void)
{
    DWORD status = PxeProviderRegister(L"fuzz-other-process", L"C:\\x.dll", 0, FALSE, NULL);

    if (status == ERROR_SUCCESS)
        status = PxeProviderUnRegister(L"fuzz-other-process");
    return status == ERROR_SUCCESS ? 0 : 1;
}

static void ask_another_process(void)
{
    HANDLE process = child_process_start(NULL, L"--other", NULL, 0);
    DWORD exit_code = MAXDWORD;

    if (WaitForSingleObject(process, CHILD_WAIT) != WAIT_OBJECT_0 ||
        !GetExitCodeProcess(process, &exit_code) || exit_code != 0)
        die("another process cannot change the provider list");
    CloseHandle(process);
}

/* ---- hangs ---- */

/* Of the calls that may have left something; `now` if there is none. */
static ULONG first_unlooked(ULONG now)
{
    ULONG first = now;

    for (size_t room = 0; room < ROOMS; room++)
        if (unlooked[room].count > 0 && unlooked[room].first < first)
            first = unlooked[room].first;
    return first;
}

/* A lock that was left hangs the next call that takes it. */
static DWORD WINAPI hang_watch(void *context)
{
    (void)context;
    for (;;) {
        const ULONG before = calls_made;
        Sleep(HANGS);
        if (calls_made == before)
            found(first_unlooked(before), "does not return");
    }
}

/* ---- other exceptions ---- */

static void die_of_exception(const EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;

    die("exception 0x%lx at %p; it touched %p, the stack is at %p", record->ExceptionCode,
        record->ExceptionAddress,
        (void *)(record->NumberParameters > 1 ? record->ExceptionInformation[1] : 0),
        (const void *)&record);
}

/* ---- one call ---- */

struct making {
    const struct call *call;
    DWORD status;
};

static void make(void *context)
{
    struct making *making = context;

    making->status = making->call->make();
}

/* What nests others, which have been looked at themselves. */
static bool is_nesting(const struct call *call)
{
    return strcmp(call->name, "WdsPxeExtServerReceive") == 0;
}

/* It may have left a lock, or a change. */
static void note_failed(const struct call *call)
{
    if (call->room == ROOM_PURE)
        return;
    if (unlooked[call->room].count++ == 0)
        unlooked[call->room].first = calls_made;
    if (is_of_registry(call->room))
        is_registry_unlooked = true;
    if (calls_made >= each_from)
        look_at_everything();
    else if (unlooked[call->room].count >= CALLS_TOGETHER)
        look_for_locks(call->room);
}

static void look_after(const struct call *call, LONG blocks, DWORD handles)
{
    if (!is_nesting(call) && blocks_outstanding() != blocks)
        die("%ld blocks of memory lost; the last fault was at %p", blocks_outstanding() - blocks,
            fault_catch_address());
    if (is_of_registry(call->room) && blocks_handles() != handles)
        die("%ld handles lost", (long)blocks_handles() - (long)handles);
    note_failed(call);
}

static void make_one(const struct call *call)
{
    const LONG blocks = blocks_outstanding();
    struct making making = {.call = call};
    const size_t index = (size_t)(call - CALLS);
    const struct call *outer = now_made;

    /* What others have left is not to be taken for what it does. */
    if (call->room == ROOM_CHANGES)
        look_at_registry();
    const DWORD handles = is_of_registry(call->room) ? blocks_handles() : 0;
    now_made = call;
    calls_made++;
    counts[index].calls++;
    if (!fault_catch(make, &making)) {
        counts[index].faults++;
        look_after(call, blocks, handles);
    } else if (making.status != ERROR_SUCCESS) {
        counts[index].errors++;
        look_after(call, blocks, handles);
    } else if (call->room == ROOM_CHANGES) {
        registry_state = registry_read();
        registry_looked = calls_made;
    }
    now_made = outer;
}

static void make_any(void)
{
    unsigned total = 0;

    for (size_t i = 0; i < CALLS_COUNT; i++)
        total += CALLS[i].weight;
    uint32_t chosen = wild_number(total);
    size_t i = 0;
    for (; chosen >= CALLS[i].weight; i++)
        chosen -= CALLS[i].weight;
    make_one(&CALLS[i]);
}

/* ---- the tests ---- */

static void everything_is_closed_again(LONG blocks)
{
    look_at_everything();
    calls_close_all();
    now_made = NULL;
    if (blocks_outstanding() != blocks)
        die("%ld blocks of memory lost in all", blocks_outstanding() - blocks);
    ask_another_process();
    is_registry_unlooked = true;
    look_at_registry();
}

static void without_a_server(void **state)
{
    const LONG blocks = blocks_outstanding();
    const ULONG end = calls_made + calls_wanted / 4;

    (void)state;
    while (calls_made < end)
        make_any();
    everything_is_closed_again(blocks);
}

static USHORT server_flags(void)
{
    static const USHORT flags[] = {0, WDSPXE_EXT_VERIFY, WDSPXE_EXT_VERIFY | WDSPXE_EXT_GUARD_PAGES,
                                   WDSPXE_EXT_LOG_WARNINGS};

    return flags[wild_number(4)];
}

static void server_start(void)
{
    DWORD status = calls_start_server(server_flags());

    if (status != ERROR_SUCCESS)
        die("the server does not start: error %lu", status);
}

static void server_stop(void)
{
    DWORD status = WdsPxeExtServerStop();

    if (status != ERROR_SUCCESS)
        die("the server does not stop: error %lu", status);
}

/* Callbacks come, too: of the datagrams that the server is handed. */
static void beside_a_server(void **state)
{
    const ULONG end = calls_made + calls_wanted / 4;

    (void)state;
    while (calls_made < end) {
        const ULONG server_end = calls_made + CALLS_PER_SERVER;
        server_start();
        while (calls_made < end && calls_made < server_end)
            make_any();
        look_at_everything();
        calls_close_all();
        server_stop();
    }
    everything_is_closed_again(blocks_outstanding());
}

/* What the provider of the server does in its callback (providers/prov_hosted.c). */
__declspec(dllexport) DWORD __cdecl hosted_receive(HANDLE provider, HANDLE request, PVOID packet,
                                                   ULONG length, PXE_BOOT_ACTION *action);

DWORD __cdecl hosted_receive(HANDLE provider, HANDLE request, PVOID packet, ULONG length,
                             PXE_BOOT_ACTION *action)
{
    (void)packet;
    (void)length;
    *action = PXE_BA_IGNORE;
    if (callback_depth++ == 0) {
        callbacks++;
        open_things.provider = provider;
        open_things.request = request;
        for (int i = 0; i < CALLS_PER_CALLBACK; i++)
            make_any();
        look_for_locks(ROOM_SERVER);
        open_things.stale = wild_chance(2) ? provider : request;
        open_things.provider = NULL;
        open_things.request = NULL;
        memset(open_things.packets, 0, sizeof(open_things.packets));
    }
    callback_depth--;
    return ERROR_SUCCESS;
}

static void inside_callbacks(void **state)
{
    (void)state;
    while (calls_made < calls_wanted) {
        const ULONG server_end = calls_made + CALLS_PER_SERVER;
        server_start();
        while (calls_made < calls_wanted && calls_made < server_end)
            if (calls_receive() != ERROR_SUCCESS)
                die("the server takes no datagram");
        look_at_everything();
        calls_close_all();
        server_stop();
    }
    everything_is_closed_again(blocks_outstanding());
    assert_true(callbacks > 0);
}

/* A fuzzer that reaches nothing finds nothing: all of it is tried in as many calls. */
enum { CALLS_ENOUGH = 100000 };

static void every_export_was_called_and_faulted(void **state)
{
    (void)state;
    for (size_t i = 0; i < CALLS_COUNT; i++) {
        printf("  %-30s %8lu calls %8lu faults %8lu errors\n", CALLS[i].name, counts[i].calls,
               counts[i].faults, counts[i].errors);
        if (calls_wanted < CALLS_ENOUGH)
            continue;
        assert_true(counts[i].calls > 0);
        if (CALLS[i].takes_memory)
            assert_true(counts[i].faults > 0);
        else
            assert_int_equal(counts[i].faults, 0);
        if (strncmp(CALLS[i].name, "WdsProvider", 11) != 0 &&
            strcmp(CALLS[i].name, "WdsPxeExtServerStart") != 0 &&
            strcmp(CALLS[i].name, "WdsPxeExtServerStop") != 0 &&
            strcmp(CALLS[i].name, "PxeRegisterCallback") != 0)
            assert_true(counts[i].errors + counts[i].faults < counts[i].calls);
    }
    printf("  %lu calls, %lu callbacks\n", calls_made, callbacks);
}

static size_t names_count(HMODULE module, size_t *out_known)
{
    const BYTE *base = (const BYTE *)(const void *)module;
    const IMAGE_NT_HEADERS *headers =
        (const void *)(base + ((const IMAGE_DOS_HEADER *)(const void *)base)->e_lfanew);
    const IMAGE_EXPORT_DIRECTORY *exports =
        (const void *)(base + headers->OptionalHeader.DataDirectory[0].VirtualAddress);
    const DWORD *names = (const void *)(base + exports->AddressOfNames);

    for (DWORD i = 0; i < exports->NumberOfNames; i++)
        for (size_t j = 0; j < CALLS_COUNT; j++)
            *out_known += strcmp(CALLS[j].name, (const char *)base + names[i]) == 0;
    return exports->NumberOfNames;
}

static void no_export_is_missing(void **state)
{
    size_t known = 0;

    (void)state;
    size_t names = names_count(GetModuleHandleW(L"wdspxe.dll"), &known);
    names += names_count(GetModuleHandleW(L"wdsbp.dll"), &known);
    assert_int_equal(known, names);
    assert_int_equal(names, CALLS_COUNT);
}

static WCHAR provider_path[MAX_PATH + 32];

static int set_up(void **state)
{
    DWORD length = GetModuleFileNameW(NULL, provider_path, MAX_PATH);
    BYTE duid[130];
    ULONG duid_length;

    (void)state;
    if (!wdspxe_key_is_ours() || length == 0 || length >= MAX_PATH)
        return -1;
    wdspxe_key_clear();
    wcscpy(wcsrchr(provider_path, L'\\'), L"\\providers\\prov_hosted.dll");
    open_things.provider_path = provider_path;
    blocks_count(GetModuleHandleW(L"wdspxe.dll"));
    blocks_count(GetModuleHandleW(L"wdsbp.dll"));
    wild_start(seed);
    fault_catch_start(die_of_exception);
    calls_before_close = look_for_locks_of_wdsbp;
    prober_start();
    CloseHandle(CreateThread(NULL, 0, hang_watch, NULL, 0, NULL));
    /* Again once: what the first start and the first request make stays. */
    server_start();
    callback_depth = 1;
    (void)calls_receive();
    callback_depth = 0;
    server_stop();
    /* So does the server's DUID, even if the buffer is too small for it. */
    (void)PxeGetServerInfoEx(PXE_GSI_SERVER_DUID, duid, sizeof(duid), &duid_length);
    ask_another_process();
    registry_state = registry_read();
    printf("seed %" PRIu64 ", %lu calls\n", seed, calls_wanted);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    wdspxe_key_clear();
    wdspxe_key_remove_parents();
    return 0;
}

static int run(void)
{
    const struct CMUnitTest fuzz[] = {
        cmocka_unit_test(no_export_is_missing),
        cmocka_unit_test(without_a_server),
        cmocka_unit_test(beside_a_server),
        cmocka_unit_test(inside_callbacks),
        cmocka_unit_test(every_export_was_called_and_faulted),
    };
    return cmocka_run_group_tests(fuzz, set_up, tear_down);
}

/* Runs this program for the calls; its exit code. */
static int run_inside(ULONG from)
{
    WCHAR own[MAX_PATH], quoted[MAX_PATH + 2], calls[16], seed_text[32], each[16];

    GetModuleFileNameW(NULL, own, MAX_PATH);
    _snwprintf(quoted, MAX_PATH + 2, L"\"%ls\"", own);
    _snwprintf(calls, 16, L"%lu", calls_wanted);
    _snwprintf(seed_text, 32, L"%I64u", seed);
    _snwprintf(each, 16, L"%lu", from);
    const WCHAR *const words[] = {quoted,    L"--inside",    L"--calls", calls, L"--seed",
                                  seed_text, L"--each-from", each,       NULL};
    return (int)_wspawnv(_P_WAIT, own, words);
}

/* In a process of its own, which may hold what it has found for ever. */
static int run_and_find(void)
{
    int code = run_inside(each_from);

    if (code < FOUND_TOGETHER || (ULONG)(code - FOUND_TOGETHER) > CALLS_MOST)
        return code != 0;
    fprintf(stderr, "again, looking after each call from %d on\n", code - FOUND_TOGETHER);
    (void)run_inside((ULONG)(code - FOUND_TOGETHER));
    return 1;
}

int main(int argc, char **argv)
{
    bool is_inside = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--other") == 0)
            return other_process();
        if (strcmp(argv[i], "--inside") == 0)
            is_inside = true;
        else if (strcmp(argv[i], "--calls") == 0 && i + 1 < argc)
            calls_wanted = strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--each-from") == 0 && i + 1 < argc)
            each_from = strtoul(argv[++i], NULL, 10);
        else
            return fprintf(stderr,
                           "usage: fuzz_arguments [--calls N] [--seed N] [--each-from CALL]\n"),
                   2;
    }
    return is_inside ? run() : run_and_find();
}
