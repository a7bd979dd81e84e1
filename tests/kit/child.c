#include "child.h"

#include <wchar.h>

enum { COMMAND_UNITS = 4096 };

static HANDLE open_inherited(const wchar_t *path, DWORD access, DWORD disposition)
{
    SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};

    return CreateFileW(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, disposition,
                       FILE_ATTRIBUTE_NORMAL, NULL);
}

/* A job whose processes end with it. */
static HANDLE job_make(HANDLE process)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
        .BasicLimitInformation = {.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE}};
    HANDLE job = CreateJobObjectW(NULL, NULL);

    if (job != NULL &&
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits)) &&
        AssignProcessToJobObject(job, process))
        return job;
    if (job != NULL)
        CloseHandle(job);
    return NULL;
}

bool child_start(const wchar_t *command, const wchar_t *output, struct child *out_child)
{
    wchar_t writable[COMMAND_UNITS];
    PROCESS_INFORMATION process;
    STARTUPINFOW start = {.cb = sizeof(start), .dwFlags = STARTF_USESTDHANDLES};
    HANDLE out = open_inherited(output != NULL ? output : L"NUL", GENERIC_WRITE,
                                output != NULL ? CREATE_ALWAYS : OPEN_EXISTING);
    HANDLE in = open_inherited(L"NUL", GENERIC_READ, OPEN_EXISTING);

    ZeroMemory(out_child, sizeof(*out_child));
    swprintf(writable, COMMAND_UNITS, L"%ls", command);
    start.hStdInput = in;
    start.hStdOutput = start.hStdError = out;
    const bool started =
        CreateProcessW(NULL, writable, NULL, NULL, TRUE, CREATE_SUSPENDED | CREATE_NO_WINDOW, NULL,
                       NULL, &start, &process);
    out_child->error = started ? ERROR_SUCCESS : GetLastError();
    CloseHandle(out);
    CloseHandle(in);
    if (!started)
        return false;
    out_child->process = process.hProcess;
    out_child->job = job_make(process.hProcess);
    ResumeThread(process.hThread);
    CloseHandle(process.hThread);
    return true;
}

enum child_end child_finish(struct child *child, DWORD limit, HANDLE stop, DWORD *out_code)
{
    HANDLE both[2] = {child->process, stop};
    const DWORD waited = WaitForMultipleObjects(2, both, FALSE, limit);

    *out_code = 0;
    if (waited == WAIT_OBJECT_0)
        GetExitCodeProcess(child->process, out_code);
    else
        TerminateProcess(child->process, 1);
    if (child->job != NULL) {
        TerminateJobObject(child->job, 1);
        CloseHandle(child->job);
    }
    WaitForSingleObject(child->process, 30000);
    CloseHandle(child->process);
    if (waited == WAIT_OBJECT_0)
        return CHILD_ENDED;
    return waited == WAIT_OBJECT_0 + 1 ? CHILD_INTERRUPTED : CHILD_TOO_LONG;
}

enum child_end child_run(const wchar_t *command, const wchar_t *output, DWORD limit, HANDLE stop,
                         DWORD *out_code)
{
    struct child child;

    *out_code = 0;
    if (!child_start(command, output, &child))
        return CHILD_NOT_STARTED;
    return child_finish(&child, limit, stop, out_code);
}
