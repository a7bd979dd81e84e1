#include "support/server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/pxe_clients.h"
#include "support/wdspxe_key.h"

enum { LINES_MAX = 20000, REPORTS_MAX = 8192, KEYS_MAX = 64, LOOPBACK = 0x7f000001 };

struct line {
    PXE_SEVERITY severity;
    WCHAR *text;
};

struct rig rig;

static CRITICAL_SECTION lock; /* guards what follows */
static CONDITION_VARIABLE changed;
static struct line lines[LINES_MAX];
static size_t line_count;
static struct rig_report reports[REPORTS_MAX];
static size_t report_count;

static HKEY keys[KEYS_MAX];
static size_t key_count;

/* ---- what the server tells ---- */

static VOID CALLBACK log_keep(PXE_SEVERITY severity, LPCWSTR text, PVOID context)
{
    WCHAR *copy = _wcsdup(text);

    if (context != &rig || copy == NULL)
        abort();
    EnterCriticalSection(&lock);
    if (line_count < LINES_MAX)
        lines[line_count++] = (struct line){severity, copy};
    else
        free(copy);
    LeaveCriticalSection(&lock);
}

static void text_copy(WCHAR *to, size_t size, const WCHAR *from)
{
    wcsncpy(to, from, size - 1);
    to[size - 1] = L'\0';
}

static VOID CALLBACK report_keep(const WDSPXE_EXT_REQUEST *request, PVOID context)
{
    struct rig_report report = {
        .local = request->Local,
        .remote = request->Remote,
        .reply_address = request->ReplyAddress,
        .packet_length = request->uPacketLen,
        .first_byte = request->uPacketLen > 0 ? request->pPacket[0] : 0,
        .action = request->Action,
        .has_provider = request->pszProvider != NULL,
        .has_reason = request->pszDropReason != NULL,
        .replies = request->uReplies,
        .reply_length = request->uReplyLen,
        .reply_type = request->bReplyType,
        .microseconds = request->uMicroseconds,
        .number = request->uNumber,
    };

    if (context != &rig || request->uSizeOfStruct != sizeof(*request))
        abort();
    memcpy(report.boot_file, request->szBootFile, sizeof(report.boot_file));
    if (report.has_provider)
        text_copy(report.provider, 64, request->pszProvider);
    if (report.has_reason)
        text_copy(report.reason, 128, request->pszDropReason);
    EnterCriticalSection(&lock);
    if (report_count < REPORTS_MAX)
        reports[report_count++] = report;
    LeaveCriticalSection(&lock);
    WakeAllConditionVariable(&changed);
}

struct rig_report rig_report(size_t count)
{
    ULONGLONG end = GetTickCount64() + RIG_WAIT;
    struct rig_report report = {0};
    size_t got;

    EnterCriticalSection(&lock);
    while (report_count < count && GetTickCount64() < end)
        SleepConditionVariableCS(&changed, &lock, 100);
    got = report_count;
    if (got >= count)
        report = reports[count - 1];
    LeaveCriticalSection(&lock);
    if (got < count)
        fail_msg("%u request reports within %d ms, expected %u", (unsigned)got, RIG_WAIT,
                 (unsigned)count);
    return report;
}

size_t rig_report_count(void)
{
    EnterCriticalSection(&lock);
    size_t count = report_count;
    LeaveCriticalSection(&lock);
    return count;
}

static size_t log_find(PXE_SEVERITY severities, const WCHAR *text, bool last)
{
    size_t found = 0;

    EnterCriticalSection(&lock);
    for (size_t i = 0; i < line_count && (found == 0 || last); i++)
        if (((lines[i].severity & severities) != 0 || severities == MAXDWORD) &&
            wcsstr(lines[i].text, text) != NULL)
            found = i + 1;
    LeaveCriticalSection(&lock);
    return found;
}

size_t rig_logged(PXE_SEVERITY severities, const WCHAR *text)
{
    return log_find(severities, text, false);
}

size_t rig_logged_last(PXE_SEVERITY severities, const WCHAR *text)
{
    return log_find(severities, text, true);
}

size_t rig_log_count(const WCHAR *text)
{
    size_t count = 0;

    EnterCriticalSection(&lock);
    for (size_t i = 0; i < line_count; i++)
        count += wcsstr(lines[i].text, text) != NULL;
    LeaveCriticalSection(&lock);
    return count;
}

/* Scanning alone does not look at what follows the number. */
ULONGLONG rig_log_sum(const WCHAR *format)
{
    const WCHAR *rest = wcsstr(format, L"%I64u") + 5;
    ULONGLONG sum = 0, number;

    EnterCriticalSection(&lock);
    for (size_t i = 0; i < line_count; i++)
        if (swscanf(lines[i].text, format, &number) == 1 && wcsstr(lines[i].text, rest) != NULL)
            sum += number;
    LeaveCriticalSection(&lock);
    return sum;
}

const WCHAR *rig_log_line(const WCHAR *text)
{
    size_t number = log_find(MAXDWORD, text, false);
    return number > 0 ? lines[number - 1].text : NULL;
}

static void log_show(void)
{
    EnterCriticalSection(&lock);
    for (size_t i = line_count > 60 ? line_count - 60 : 0; i < line_count; i++)
        print_error("log %06lx: %S\n", lines[i].severity, lines[i].text);
    LeaveCriticalSection(&lock);
}

void rig_expect_log(PXE_SEVERITY severities, const WCHAR *text)
{
    if (log_find(severities, text, false) != 0)
        return;
    log_show();
    fail_msg("not in the log (%06lx): %S", severities, text);
}

void rig_await_log(PXE_SEVERITY severities, const WCHAR *text)
{
    enum { ROUNDS = 3000, PAUSE = 20 /* milliseconds */ };

    for (int i = 0; i < ROUNDS && log_find(severities, text, false) == 0; i++)
        Sleep(PAUSE);
    rig_expect_log(severities, text);
}

void rig_forget(void)
{
    EnterCriticalSection(&lock);
    while (line_count > 0)
        free(lines[--line_count].text);
    report_count = 0;
    LeaveCriticalSection(&lock);
}

/* ---- set-up and tear-down ---- */

int rig_group_setup(void **state)
{
    WSADATA data;

    (void)state;
    InitializeCriticalSection(&lock);
    InitializeConditionVariable(&changed);
    return WSAStartup(MAKEWORD(2, 2), &data);
}

int rig_group_teardown(void **state)
{
    (void)state;
    wdspxe_key_clear();
    wdspxe_key_remove_parents();
    return WSACleanup();
}

SOCKET rig_socket(USHORT *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int size = sizeof(address);
    BOOL on = TRUE;
    int buffer = 1 << 20;
    SOCKET made = socket(AF_INET, SOCK_DGRAM, 0);

    assert_true(made != INVALID_SOCKET);
    address.sin_addr.s_addr = htonl(LOOPBACK);
    assert_int_equal(bind(made, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(made, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(setsockopt(made, SOL_SOCKET, SO_BROADCAST, (const char *)&on, sizeof(on)), 0);
    setsockopt(made, SOL_SOCKET, SO_RCVBUF, (const char *)&buffer, sizeof(buffer));
    *out_port = ntohs(address.sin_port);
    return made;
}

/* Two ports that were free a moment ago. */
static void ports_choose(void)
{
    SOCKET first = rig_socket(&rig.dhcp_port);
    SOCKET second = rig_socket(&rig.boot_port);

    closesocket(first);
    closesocket(second);
}

/* WDSPXE_TEST_NETWORK=winsock|native; the server's own choice without. */
static USHORT network_flag(void)
{
    WCHAR name[16];
    DWORD length = GetEnvironmentVariableW(L"WDSPXE_TEST_NETWORK", name, 16);

    if (length == 0)
        return 0;
    if (length < 16 && wcscmp(name, L"winsock") == 0)
        return WDSPXE_EXT_WINSOCK_ONLY;
    if (length < 16 && wcscmp(name, L"native") == 0)
        return WDSPXE_EXT_NATIVE_ONLY;
    fail_msg("WDSPXE_TEST_NETWORK is neither winsock nor native");
    return 0;
}

int rig_setup(void **state)
{
    static const LPCWSTR loopback = L"127.0.0.1";

    (void)state;
    wdspxe_key_clear();
    rig_forget();
    rig.client = rig_socket(&rig.client_port);
    ports_choose();
    rig.config = (WDSPXE_EXT_SERVER_CONFIG){
        .uSizeOfStruct = sizeof(rig.config),
        .uDhcpPort = rig.dhcp_port,
        .uBootServerPort = rig.boot_port,
        .uFlags = WDSPXE_EXT_NO_IPV6 | network_flag(),
        .cInterfaces = 1,
        .ppszInterfaces = &loopback,
        .pfnLog = log_keep,
        .pfnRequest = report_keep,
        .pContext = &rig,
    };
    return 0;
}

int rig_teardown(void **state)
{
    (void)state;
    (void)WdsPxeExtServerStop();
    closesocket(rig.client);
    while (key_count > 0)
        RegCloseKey(keys[--key_count]);
    wdspxe_key_clear();
    return 0;
}

/* ---- providers ---- */

const WCHAR *rig_dll_path(const WCHAR *dll)
{
    static WCHAR path[2 * MAX_PATH];
    WCHAR *slash;

    assert_in_range(GetModuleFileNameW(NULL, path, MAX_PATH), 1, MAX_PATH - 1);
    slash = wcsrchr(path, L'\\');
    assert_non_null(slash);
    _snwprintf(slash, MAX_PATH, L"\\providers\\%ls.dll", dll);
    return path;
}

HKEY rig_add(const WCHAR *name, const WCHAR *dll, bool is_critical)
{
    HKEY key = NULL;

    assert_true(key_count < KEYS_MAX);
    assert_int_equal(PxeProviderRegister(name, rig_dll_path(dll), PXE_REG_INDEX_BOTTOM, is_critical,
                                         &key),
                     ERROR_SUCCESS);
    keys[key_count++] = key;
    return key;
}

void rig_set(HKEY key, const WCHAR *name, DWORD value)
{
    assert_int_equal(RegSetValueExW(key, name, 0, REG_DWORD, (const BYTE *)&value, sizeof(value)),
                     ERROR_SUCCESS);
}

void rig_set_text(HKEY key, const WCHAR *name, const WCHAR *text)
{
    DWORD size = (DWORD)((wcslen(text) + 1) * sizeof(*text));
    assert_int_equal(RegSetValueExW(key, name, 0, REG_SZ, (const BYTE *)text, size), ERROR_SUCCESS);
}

DWORD rig_value(HKEY key, const WCHAR *name)
{
    DWORD value = 0, size = sizeof(value), type = 0;

    if (RegQueryValueExW(key, name, NULL, &type, (BYTE *)&value, &size) != ERROR_SUCCESS ||
        type != REG_DWORD)
        fail_msg("the provider has not written the number %S", name);
    return value;
}

bool rig_has_value(HKEY key, const WCHAR *name)
{
    return RegQueryValueExW(key, name, NULL, NULL, NULL, NULL) == ERROR_SUCCESS;
}

DWORD rig_bytes(HKEY key, const WCHAR *name, void *bytes, DWORD size)
{
    if (RegQueryValueExW(key, name, NULL, NULL, bytes, &size) != ERROR_SUCCESS)
        fail_msg("the provider has not written the bytes %S", name);
    return size;
}

/* ---- server ---- */

DWORD rig_try_start(void)
{
    return WdsPxeExtServerStart(&rig.config);
}

void rig_start(void)
{
    DWORD error = rig_try_start();

    if (error != ERROR_SUCCESS) {
        log_show();
        fail_msg("the server did not start: error %lu", error);
    }
}

void rig_stop(void)
{
    assert_int_equal(WdsPxeExtServerStop(), ERROR_SUCCESS);
}

WDSPXE_EXT_COUNTERS rig_counters(void)
{
    WDSPXE_EXT_COUNTERS counters = {.uSizeOfStruct = sizeof(counters)};

    assert_int_equal(WdsPxeExtServerGetCounters(&counters), ERROR_SUCCESS);
    return counters;
}

void rig_wait_idle(void)
{
    for (int i = 0; i < RIG_WAIT / 10 && rig_counters().uOpenRequests != 0; i++)
        Sleep(10);
    assert_int_equal(rig_counters().uOpenRequests, 0);
    assert_int_equal(rig_counters().uOpenPackets, 0);
}

/* ---- client ---- */

void rig_discover(uint8_t request[RIG_REQUEST_SIZE], uint32_t id, uint8_t last_mac_byte)
{
    uint32_t wire_id = htonl(id);

    memcpy(request, bios_discover, RIG_REQUEST_SIZE);
    memcpy(request + 4, &wire_id, sizeof(wire_id));
    request[33] = last_mac_byte;
}

void rig_send(USHORT port, const void *bytes, size_t length)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};

    to.sin_addr.s_addr = htonl(LOOPBACK);
    assert_int_equal(sendto(rig.client, bytes, (int)length, 0, (struct sockaddr *)&to, sizeof(to)),
                     length);
}

size_t rig_receive_on(SOCKET from, void *bytes, size_t size, DWORD milliseconds)
{
    setsockopt(from, SOL_SOCKET, SO_RCVTIMEO, (const char *)&milliseconds, sizeof(milliseconds));
    int length = recv(from, bytes, (int)size, 0);
    return length > 0 ? (size_t)length : 0;
}

size_t rig_receive(void *bytes, size_t size)
{
    size_t length = rig_receive_on(rig.client, bytes, size, RIG_WAIT);

    if (length == 0) {
        log_show();
        fail_msg("no reply within %d ms", RIG_WAIT);
    }
    return length;
}

size_t rig_exchange(USHORT port, uint32_t id, const char *file)
{
    uint8_t request[RIG_REQUEST_SIZE], reply[1024];

    rig_discover(request, id, 1);
    rig_send(port, request, sizeof(request));
    size_t length = rig_receive(reply, sizeof(reply));
    assert_in_range(length, 240, 300);
    assert_int_equal(reply[0], 2);
    assert_memory_equal(reply + 4, request + 4, 4);
    assert_string_equal((const char *)reply + 108, file);
    return length;
}

const uint8_t *rig_option(const uint8_t *reply, size_t length, uint8_t code, uint8_t *out_length)
{
    PVOID value = NULL;

    if (PxeDhcpGetOptionValue((PVOID)(uintptr_t)reply, (ULONG)length, 1, code, out_length,
                              &value) != ERROR_SUCCESS)
        return NULL;
    return value;
}
