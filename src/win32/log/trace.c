#include "win32/log/trace.h"

#include <stdatomic.h>
#include <stdio.h>
#include <wchar.h>

#include "base/mem.h"
#include "win32/registry/settings_winreg.h"

enum {
    LINE_MAX_UNITS = 2048,
    SWITCHES_AGE = 1000, /* milliseconds until they are read again */
};

static struct {
    SRWLOCK lock; /* guards all below but the atomics */
    _Atomic uint64_t read_at;
    _Atomic bool is_watched;
    PTP_TIMER watch;
    _Atomic uint32_t file_mask;    /* 0: off */
    _Atomic uint32_t console_mask; /* 0: off */
    DWORD file_size_max;
    wchar_t directory[MAX_PATH];
    HANDLE file;
    SRWLOCK listener_lock; /* shared while a listener is called, exclusive to change it */
    trace_listener listener;
    void *listener_context;
    _Atomic uint32_t listener_mask; /* 0: nobody listens */
} trace = {.lock = SRWLOCK_INIT, .listener_lock = SRWLOCK_INIT, .file = INVALID_HANDLE_VALUE};

/* ---- switches ---- */

static uint32_t switch_read(enum setting_id id)
{
    return settings_number(settings_winreg_port(), /* listener= */ NULL, id);
}

/* FileDirectory, or its default if it is missing or wrong; environment strings expanded. */
static void directory_read(void)
{
    const struct settings_port *port = settings_winreg_port();
    const struct setting *setting = setting_at(SETTING_FILE_DIRECTORY);
    wchar_t initial[MAX_PATH];
    struct setting_value value = {0};
    char problem[SETTING_PROBLEM_SIZE];

    _snwprintf(initial, MAX_PATH, L"%hs", setting->text);
    bool is_right = port->read(port->context, setting, &value) == PXE_OK &&
                    setting_check(setting, &value, problem);
    if (ExpandEnvironmentStringsW(is_right ? value.units : initial, trace.directory, MAX_PATH) -
            1 >=
        MAX_PATH)
        trace.directory[0] = L'\0';
    mem_free(value.units);
}

static void file_close(void)
{
    if (trace.file != INVALID_HANDLE_VALUE)
        CloseHandle(trace.file);
    trace.file = INVALID_HANDLE_VALUE;
}

/* Caller holds trace.lock. */
static void switches_read(void)
{
    wchar_t old_directory[MAX_PATH];
    uint32_t file_mask = 0, console_mask = 0;

    wcscpy(old_directory, trace.directory);
    bool is_off =
        switch_read(SETTING_TRACE_DISABLED) != 0 || switch_read(SETTING_TRACING_DISABLED) != 0;
    if (!is_off && switch_read(SETTING_FILE_TRACING) != 0)
        file_mask = switch_read(SETTING_FILE_MASK);
    if (!is_off && switch_read(SETTING_CONSOLE_TRACING) != 0)
        console_mask = switch_read(SETTING_CONSOLE_MASK);
    trace.file_size_max = switch_read(SETTING_FILE_SIZE);
    directory_read();
    if (file_mask == 0 || wcscmp(old_directory, trace.directory) != 0)
        file_close();
    atomic_store(&trace.file_mask, file_mask);
    atomic_store(&trace.console_mask, console_mask);
    atomic_store(&trace.read_at, GetTickCount64() + 1);
}

static void switches_refresh(void)
{
    uint64_t read_at = atomic_load(&trace.read_at);

    if (atomic_load(&trace.is_watched))
        return;
    if (read_at != 0 && GetTickCount64() < read_at + SWITCHES_AGE)
        return;
    AcquireSRWLockExclusive(&trace.lock);
    if (atomic_load(&trace.read_at) == read_at) /* nobody else did it meanwhile */
        switches_read();
    ReleaseSRWLockExclusive(&trace.lock);
}

static void switches_read_now(void)
{
    AcquireSRWLockExclusive(&trace.lock);
    switches_read();
    ReleaseSRWLockExclusive(&trace.lock);
}

static VOID CALLBACK watch_tick(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_TIMER timer)
{
    (void)instance;
    (void)context;
    (void)timer;
    switches_read_now();
}

void trace_watch_begin(void)
{
    LARGE_INTEGER due = {.QuadPart = -10000LL * SWITCHES_AGE}; /* from now, in 100 ns */
    FILETIME begin = {due.LowPart, (DWORD)due.HighPart};

    trace.watch = CreateThreadpoolTimer(watch_tick, NULL, NULL);
    if (trace.watch == NULL)
        return;
    switches_read_now();
    SetThreadpoolTimer(trace.watch, &begin, SWITCHES_AGE, SWITCHES_AGE / 10);
    atomic_store(&trace.is_watched, true);
}

void trace_watch_end(void)
{
    if (trace.watch == NULL)
        return;
    atomic_store(&trace.is_watched, false);
    SetThreadpoolTimer(trace.watch, NULL, 0, 0);
    WaitForThreadpoolTimerCallbacks(trace.watch, TRUE);
    CloseThreadpoolTimer(trace.watch);
    trace.watch = NULL;
}

bool trace_is_on(void)
{
    switches_read_now();
    return atomic_load(&trace.file_mask) != 0 || atomic_load(&trace.console_mask) != 0;
}

/* A line without any severity goes to a listener that asked for all of them. */
static bool listener_wants(uint32_t severity)
{
    uint32_t mask = atomic_load(&trace.listener_mask);
    return (mask & severity) != 0 || mask == UINT32_MAX;
}

bool trace_wants(uint32_t severity)
{
    switches_refresh();
    return listener_wants(severity) ||
           ((atomic_load(&trace.file_mask) | atomic_load(&trace.console_mask)) & severity) != 0;
}

void trace_listen(trace_listener listener, void *context, uint32_t severities)
{
    AcquireSRWLockExclusive(&trace.listener_lock);
    trace.listener = listener;
    trace.listener_context = context;
    atomic_store(&trace.listener_mask, listener != NULL ? severities : 0);
    ReleaseSRWLockExclusive(&trace.listener_lock);
}

/* ---- writing ---- */

/* Caller holds trace.lock. Opens the file if need be, starts a new one when it is full. */
static bool file_ready(void)
{
    wchar_t path[MAX_PATH + 16], old_path[MAX_PATH + 16];
    LARGE_INTEGER size;

    if (trace.directory[0] == L'\0')
        return false;
    _snwprintf(path, MAX_PATH + 16, L"%s\\wdsserver.log", trace.directory);
    _snwprintf(old_path, MAX_PATH + 16, L"%s\\wdsserver.OLD", trace.directory);
    if (trace.file != INVALID_HANDLE_VALUE && GetFileSizeEx(trace.file, &size) &&
        size.QuadPart >= (LONGLONG)trace.file_size_max) {
        file_close();
        (void)MoveFileExW(path, old_path, MOVEFILE_REPLACE_EXISTING);
    }
    if (trace.file == INVALID_HANDLE_VALUE) {
        (void)CreateDirectoryW(trace.directory, NULL);
        trace.file = CreateFileW(path, FILE_APPEND_DATA,
                                 FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                 OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    }
    return trace.file != INVALID_HANDLE_VALUE;
}

static void handle_write(HANDLE handle, const char *line, int length)
{
    DWORD written;

    if (handle != NULL && handle != INVALID_HANDLE_VALUE && length > 0)
        (void)WriteFile(handle, line, (DWORD)length, &written, NULL);
}

/* Caller holds trace.lock. "[thread] hh:mm:ss: [WDSPXE] text", as the original's log has it; UTF-8.
 */
static void line_write(bool to_file, bool to_console, const wchar_t *text)
{
    wchar_t wide[LINE_MAX_UNITS + 48];
    char line[4 * LINE_MAX_UNITS];
    SYSTEMTIME now;

    GetLocalTime(&now);
    int units = _snwprintf(wide, LINE_MAX_UNITS + 47, L"[%lu] %02u:%02u:%02u: [WDSPXE] %s\r\n",
                           GetCurrentThreadId(), now.wHour, now.wMinute, now.wSecond, text);
    if (units < 0)
        return;
    int length = WideCharToMultiByte(CP_UTF8, 0, wide, units, line, sizeof(line), NULL, NULL);
    if (to_file && file_ready())
        handle_write(trace.file, line, length);
    if (to_console)
        handle_write(GetStdHandle(STD_ERROR_HANDLE), line, length);
}

void trace_write(uint32_t severity, const wchar_t *text)
{
    wchar_t line[LINE_MAX_UNITS];

    switches_refresh();
    wcsncpy(line, text, LINE_MAX_UNITS - 1);
    line[LINE_MAX_UNITS - 1] = L'\0';
    size_t length = wcslen(line);
    while (length > 0 && (line[length - 1] == L'\n' || line[length - 1] == L'\r'))
        line[--length] = L'\0';

    bool to_file = (atomic_load(&trace.file_mask) & severity) != 0;
    bool to_console = (atomic_load(&trace.console_mask) & severity) != 0;
    if (to_file || to_console) {
        AcquireSRWLockExclusive(&trace.lock);
        line_write(to_file, to_console, line);
        ReleaseSRWLockExclusive(&trace.lock);
    }
    if (!listener_wants(severity))
        return;
    AcquireSRWLockShared(&trace.listener_lock);
    if (trace.listener != NULL)
        trace.listener(severity, line, trace.listener_context);
    ReleaseSRWLockShared(&trace.listener_lock);
}

void trace_write_utf8(uint32_t severity, const char *text)
{
    wchar_t wide[LINE_MAX_UNITS];
    int units = MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, LINE_MAX_UNITS);

    if (units > 0)
        trace_write(severity, wide);
}
