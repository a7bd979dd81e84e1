#include "win32/log/trace.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <wchar.h>

#include "base/error_words.h"
#include "base/loss.h"
#include "base/mem.h"
#include "engine/event.h"
#include "win32/log/event_log.h"
#include "win32/registry/settings_winreg.h"

enum {
    LINE_MAX_UNITS = 2048,
    SWITCHES_AGE = 1000,   /* milliseconds until they are read again */
    LISTENED_WAIT = 10000, /* milliseconds for a listener to return */
    LISTENED_POLL = 5,
    NEWS_UNITS = MAX_PATH + 160,
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
    bool is_torn; /* the file's last line is not whole */
    struct loss loss;
    _Atomic bool has_events; /* the event log is told of losses */
    SRWLOCK listener_lock;   /* guards the next two; not held while a listener is called */
    trace_listener listener;
    void *listener_context;
    _Atomic uint32_t listening;     /* calls of a listener that have not returned */
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
    trace.is_torn = false;
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
    if (file_mask == 0 || wcscmp(old_directory, trace.directory) != 0) {
        file_close();
        trace.loss = (struct loss){0}; /* another file, or none that could be told of */
    }
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

/* Ends when no call is under way any more. Not for ever: a call that was left by an exception never
 * returns. */
static void listener_wait(void)
{
    const uint64_t end = GetTickCount64() + LISTENED_WAIT;

    while (atomic_load(&trace.listening) != 0 && GetTickCount64() < end)
        Sleep(LISTENED_POLL);
}

void trace_listen(trace_listener listener, void *context, uint32_t severities)
{
    AcquireSRWLockExclusive(&trace.listener_lock);
    const bool had_one = trace.listener != NULL;
    trace.listener = NULL;
    atomic_store(&trace.listener_mask, 0);
    ReleaseSRWLockExclusive(&trace.listener_lock);
    if (had_one)
        listener_wait();
    AcquireSRWLockExclusive(&trace.listener_lock);
    trace.listener = listener;
    trace.listener_context = context;
    atomic_store(&trace.listener_mask, listener != NULL ? severities : 0);
    ReleaseSRWLockExclusive(&trace.listener_lock);
}

void trace_tell_events(bool are_told)
{
    atomic_store(&trace.has_events, are_told);
}

static void listener_call(uint32_t severity, const wchar_t *line)
{
    AcquireSRWLockShared(&trace.listener_lock);
    const trace_listener listener = trace.listener;
    void *const context = trace.listener_context;
    if (listener != NULL)
        atomic_fetch_add(&trace.listening, 1);
    ReleaseSRWLockShared(&trace.listener_lock);
    if (listener == NULL)
        return;
    listener(severity, line, context);
    atomic_fetch_sub(&trace.listening, 1);
}

/* ---- writing ---- */

/* Caller holds trace.lock. Opens the file if need be, starts a new one when it is full.
 * ERROR_SUCCESS or why there is none. */
static DWORD file_ready(void)
{
    wchar_t path[MAX_PATH + 16], old_path[MAX_PATH + 16];
    LARGE_INTEGER size;

    if (trace.directory[0] == L'\0')
        return ERROR_PATH_NOT_FOUND;
    _snwprintf(path, MAX_PATH + 16, L"%s\\wdsserver.log", trace.directory);
    _snwprintf(old_path, MAX_PATH + 16, L"%s\\wdsserver.OLD", trace.directory);
    if (trace.file != INVALID_HANDLE_VALUE && GetFileSizeEx(trace.file, &size) &&
        size.QuadPart >= (LONGLONG)trace.file_size_max) {
        file_close();
        (void)MoveFileExW(path, old_path, MOVEFILE_REPLACE_EXISTING);
    }
    if (trace.file != INVALID_HANDLE_VALUE)
        return ERROR_SUCCESS;
    (void)CreateDirectoryW(trace.directory, NULL);
    trace.file =
        CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    return trace.file != INVALID_HANDLE_VALUE ? ERROR_SUCCESS : GetLastError();
}

/* `out_written`: how much of it. ERROR_SUCCESS: all. */
static DWORD handle_write(HANDLE handle, const char *line, DWORD length, DWORD *out_written)
{
    *out_written = 0;
    if (handle == NULL || handle == INVALID_HANDLE_VALUE)
        return ERROR_INVALID_HANDLE;
    if (!WriteFile(handle, line, length, out_written, NULL))
        return GetLastError();
    return *out_written == length ? ERROR_SUCCESS : ERROR_DISK_FULL;
}

/* Caller holds trace.lock. What is left of a line that did not fit is ended before the next one. */
static DWORD file_write(const char *line, DWORD length)
{
    DWORD written;
    DWORD error = file_ready();

    if (error == ERROR_SUCCESS && trace.is_torn)
        error = handle_write(trace.file, "\r\n", 2, &written);
    if (error != ERROR_SUCCESS)
        return error;
    error = handle_write(trace.file, line, length, &written);
    trace.is_torn = error != ERROR_SUCCESS && (written > 0 || trace.is_torn);
    return error;
}

/* What became of the file, to be told when no lock is held any more. */
struct file_news {
    enum loss_news kind;
    uint64_t lost;
    DWORD error;
    wchar_t directory[MAX_PATH];
};

/* Caller holds trace.lock. */
static void file_put(const char *line, DWORD length, struct file_news *news)
{
    const uint64_t now = GetTickCount64();

    if (!loss_may_try(&trace.loss, now))
        return;
    news->error = file_write(line, length);
    news->kind = loss_tried(&trace.loss, news->error == ERROR_SUCCESS, now, &news->lost);
    wcscpy(news->directory, trace.directory);
}

/* Caller holds trace.lock. "[thread] hh:mm:ss: [WDSPXE] text", as the original's log has it; UTF-8.
 */
static void line_write(bool to_file, bool to_console, const wchar_t *text, struct file_news *news)
{
    wchar_t wide[LINE_MAX_UNITS + 48];
    char line[4 * LINE_MAX_UNITS];
    SYSTEMTIME now;
    DWORD written;

    GetLocalTime(&now);
    int units = _snwprintf(wide, LINE_MAX_UNITS + 47, L"[%lu] %02u:%02u:%02u: [WDSPXE] %s\r\n",
                           GetCurrentThreadId(), now.wHour, now.wMinute, now.wSecond, text);
    if (units < 0)
        return;
    int length = WideCharToMultiByte(CP_UTF8, 0, wide, units, line, sizeof(line), NULL, NULL);
    if (length <= 0)
        return;
    if (to_file)
        file_put(line, (DWORD)length, news);
    if (to_console)
        (void)handle_write(GetStdHandle(STD_ERROR_HANDLE), line, (DWORD)length, &written);
}

/* To wherever lines of this severity go. */
static void line_spread(uint32_t severity, const wchar_t *line, struct file_news *news)
{
    const bool to_file = (atomic_load(&trace.file_mask) & severity) != 0;
    const bool to_console = (atomic_load(&trace.console_mask) & severity) != 0;

    if (to_file || to_console) {
        AcquireSRWLockExclusive(&trace.lock);
        line_write(to_file, to_console, line, news);
        ReleaseSRWLockExclusive(&trace.lock);
    }
    if (listener_wants(severity))
        listener_call(severity, line);
}

/* By every way but the file, which has just failed or has just been written to. */
static void news_tell(const struct file_news *news)
{
    const bool is_loss = news->kind == LOSS_BEGINS;
    const enum event_id id = is_loss ? EVENT_OUTPUT_FAILS : EVENT_OUTPUT_WORKS;
    const struct event_port port = event_log_port();
    wchar_t line[NEWS_UNITS];
    char what[160], text[3 * NEWS_UNITS];
    struct file_news ignored = {0};

    if (is_loss)
        snprintf(what, sizeof(what), "cannot be written, error %lu%s: lines are lost", news->error,
                 error_words(news->error));
    else
        snprintf(what, sizeof(what), "is written again: %" PRIu64 " lines were lost", news->lost);
    _snwprintf(line, NEWS_UNITS, L"the trace file in \"%ls\" %hs (event %d)", news->directory, what,
               (int)id);
    line_spread(event_severity(id), line, &ignored);
    if (!atomic_load(&trace.has_events))
        return;
    if (WideCharToMultiByte(CP_UTF8, 0, line, -1, text, sizeof(text), NULL, NULL) > 0)
        port.report(port.context,
                    &(struct event){.id = id, .severity = event_severity(id), .text = text});
}

void trace_write(uint32_t severity, const wchar_t *text)
{
    wchar_t line[LINE_MAX_UNITS];
    struct file_news news = {.kind = LOSS_NO_NEWS};

    switches_refresh();
    wcsncpy(line, text, LINE_MAX_UNITS - 1);
    line[LINE_MAX_UNITS - 1] = L'\0';
    size_t length = wcslen(line);
    while (length > 0 && (line[length - 1] == L'\n' || line[length - 1] == L'\r'))
        line[--length] = L'\0';
    line_spread(severity, line, &news);
    if (news.kind != LOSS_NO_NEWS)
        news_tell(&news);
}

void trace_write_utf8(uint32_t severity, const char *text)
{
    wchar_t wide[LINE_MAX_UNITS];
    int units = MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, LINE_MAX_UNITS);

    if (units > 0)
        trace_write(severity, wide);
}
