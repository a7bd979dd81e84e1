#include "bench/supervise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/reproducer.h"
#include "bench/server.h"
#include "cli/file.h"
#include "text/wide.h"

enum { GRACE_SECONDS = 30, PATH_UNITS = 32768 };

static struct bench_page *page;

/* ---- the supervised process ---- */

void supervise_describe(const struct replay_options *options, uint32_t hang_seconds)
{
    SCOPED_TEXT name = TEXT_EMPTY;
    if (page == NULL)
        return;
    bench_server_put_name(options, &name);
    page->as_json = options->as_json;
    page->patience_ms = hang_seconds > 0 ? (hang_seconds + GRACE_SECONDS) * 1000 : 0;
    (void)snprintf(page->folder, sizeof(page->folder), "%s", options->crash_folder);
    (void)snprintf(page->provider, sizeof(page->provider), "%s", text_chars(&name));
}

/* Runtimes that own threads crash when they are unloaded. */
_Noreturn void supervise_leave(enum exit_code code)
{
    running_remove();
    InterlockedExchange(&page->has_finished, 1);
    TerminateProcess(GetCurrentProcess(), (UINT)code);
    for (;;)
        Sleep(INFINITE);
}

/* ---- the supervisor ---- */

static BOOL WINAPI leave_it_to_the_bench(DWORD event)
{
    (void)event;
    return TRUE;
}

/* With a page that the child inherits. NULL with the last error. */
static HANDLE page_make(void)
{
    SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
    wchar_t digits[32];
    HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, &inherited, PAGE_READWRITE, 0,
                                        sizeof(*page), NULL);
    page = section != NULL ? MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, sizeof(*page)) : NULL;
    if (page == NULL)
        return NULL;
    (void)_snwprintf(digits, 32, L"%llu", (unsigned long long)(uintptr_t)section);
    return SetEnvironmentVariableW(L"WDSPXECTL_BENCH_PAGE", digits) ? section : NULL;
}

/* The child goes down with us. Not every system has it; then it ends by itself. */
static void tie(HANDLE process)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE job = CreateJobObjectW(NULL, NULL);
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if (job == NULL)
        return;
    (void)SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits));
    (void)AssignProcessToJobObject(job, process);
}

static HANDLE child_start(void)
{
    static wchar_t path[PATH_UNITS], line[PATH_UNITS];
    STARTUPINFOW start = {
        .cb = sizeof(start),
        .dwFlags = STARTF_USESTDHANDLES,
        .hStdInput = GetStdHandle(STD_INPUT_HANDLE),
        .hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE),
        .hStdError = GetStdHandle(STD_ERROR_HANDLE),
    };
    PROCESS_INFORMATION child;
    DWORD length = GetModuleFileNameW(NULL, path, PATH_UNITS);
    (void)_snwprintf(line, PATH_UNITS - 1, L"%ls", GetCommandLineW());
    if (length == 0 || length == PATH_UNITS ||
        !CreateProcessW(path, line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &start, &child))
        return NULL;
    tie(child.hProcess);
    ResumeThread(child.hThread);
    CloseHandle(child.hThread);
    return child.hProcess;
}

/* Until it ends. False: nothing moves in it; then it was ended. */
static bool child_wait(HANDLE process)
{
    ULONGLONG since = GetTickCount64();
    LONG beats = -1;
    while (WaitForSingleObject(process, WATCH_MS) == WAIT_TIMEOUT) {
        LONG now = InterlockedCompareExchange(&page->beats, 0, 0);
        if (now != beats)
            since = GetTickCount64();
        beats = now;
        if (page->patience_ms == 0 || GetTickCount64() - since < page->patience_ms)
            continue;
        TerminateProcess(process, EXIT_CODE_FINDINGS);
        (void)WaitForSingleObject(process, INFINITE);
        return false;
    }
    return true;
}

static void put_end(struct text *text, DWORD code, bool is_hanging)
{
    if (is_hanging)
        text_put(text, "it hangs: the process did not come to its end and was ended");
    else if (page->exception != 0)
        text_format(text, "exception 0x%08lx at %#llx on a thread of its own ended the process",
                    page->exception, (unsigned long long)page->address);
    else
        text_format(text, "the process ended within the run, exit code 0x%08lx", code);
}

static void tell(const struct text *what, const char *reproducer)
{
    const char *provider = page->provider[0] != '\0' ? page->provider : NULL;
    struct writer writer;
    writer_start_event(&writer, page->as_json, "finding");
    write_string(&writer, "rule", "process-ended", NULL);
    write_string_or(&writer, "provider", provider, "(unknown provider)", "FINDING %: ");
    write_null(&writer, "call");
    write_string(&writer, "text", text_chars(what), "% [process-ended]");
    write_string_or(&writer, "reproducer", reproducer, "none", "; reproducer: %");
    write_end(&writer);
    output_record(STREAM_OUT, &writer);
}

/* One line for each request that was with the provider, or one without. */
static void tell_end(DWORD code, bool is_hanging)
{
    SCOPED_TEXT what = TEXT_EMPTY;
    unsigned told = 0;
    put_end(&what, code, is_hanging);
    for (unsigned i = 0; i < PAGE_CASES; i++) {
        struct page_case *place = &page->cases[i];
        SCOPED_TEXT path = TEXT_EMPTY;
        if (!place->is_running) {
            if (place->on_disk[0] != '\0')
                (void)file_delete(place->on_disk);
            continue;
        }
        place->message.packet = place->packet;
        bool is_written =
            reproducer_write(page->folder, page->provider, place->name, &place->message, &path);
        const char *on_disk = place->on_disk[0] != '\0' ? place->on_disk : NULL;
        tell(&what, is_written ? text_chars(&path) : on_disk);
        if (is_written && on_disk != NULL)
            (void)file_delete(on_disk);
        told++;
    }
    if (told == 0)
        tell(&what, NULL);
}

enum exit_code supervise(const struct arguments *arguments,
                         enum exit_code (*run)(const struct arguments *arguments))
{
    DWORD code = EXIT_CODE_FAILED;
    page = page_open();
    if (page != NULL)
        supervise_leave(run(arguments));
    (void)SetConsoleCtrlHandler(leave_it_to_the_bench, TRUE);
    HANDLE section = page_make();
    HANDLE process = section != NULL ? child_start() : NULL;
    if (process == NULL)
        return output_win32_error(GetLastError(), "cannot start the test bench");
    bool is_hanging = !child_wait(process);
    (void)GetExitCodeProcess(process, &code);
    CloseHandle(process);
    if (page->has_finished && !is_hanging)
        return (enum exit_code)code;
    if (code == (DWORD)STATUS_CONTROL_C_EXIT)
        return EXIT_CODE_FAILED;
    tell_end(code, is_hanging);
    return EXIT_CODE_FINDINGS;
}
