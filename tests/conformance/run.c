#include "run.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { OUTPUT_MAX = 65536, COMMAND_MAX = 4096, START_TRIES = 5, START_PAUSE = 500 };

struct asking {
    HANDLE process;
    HANDLE output; /* our end of its standard output */
    HANDLE job;    /* ends the process when we end */
};

/* Our end stays ours; the other one is inherited. */
static bool pipe_make(HANDLE *out_read, HANDLE *out_write)
{
    SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};

    return CreatePipe(out_read, out_write, &inherited, OUTPUT_MAX) &&
           SetHandleInformation(*out_read, HANDLE_FLAG_INHERIT, 0);
}

static HANDLE job_make(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE job = CreateJobObjectW(NULL, NULL);

    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if (job != NULL)
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits));
    return job;
}

static bool start(const WCHAR *arguments, struct asking *out_asking)
{
    WCHAR program[MAX_PATH], command[COMMAND_MAX];
    STARTUPINFOW startup = {.cb = sizeof(startup), .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION process;

    GetModuleFileNameW(NULL, program, MAX_PATH);
    if (_snwprintf(command, COMMAND_MAX, L"\"%ls\" %ls", program, arguments) < 0 ||
        !pipe_make(&out_asking->output, &startup.hStdOutput))
        return false;
    startup.hStdError = startup.hStdOutput;
    command[COMMAND_MAX - 1] = L'\0';
    BOOL started =
        CreateProcessW(program, command, NULL, NULL, TRUE, CREATE_NO_WINDOW | CREATE_SUSPENDED,
                       NULL, NULL, &startup, &process);
    CloseHandle(startup.hStdOutput);
    if (!started) {
        CloseHandle(out_asking->output);
        return false;
    }
    out_asking->process = process.hProcess;
    out_asking->job = job_make();
    if (out_asking->job != NULL)
        AssignProcessToJobObject(out_asking->job, process.hProcess);
    ResumeThread(process.hThread);
    CloseHandle(process.hThread);
    return true;
}

/* A machine that is short of something for a moment refuses new processes (Wine: error 1359). */
static bool start_patiently(const WCHAR *arguments, struct asking *out_asking)
{
    for (int i = 0; i < START_TRIES; i++) {
        if (start(arguments, out_asking))
            return true;
        Sleep(START_PAUSE);
    }
    return false;
}

/* All that is in the pipe; does not wait for a writer that stays. */
static void output_read(HANDLE pipe, char *text, size_t size)
{
    size_t used = 0;
    DWORD available, count;

    while (used < size - 1 && PeekNamedPipe(pipe, NULL, 0, NULL, &available, NULL) &&
           available > 0 && ReadFile(pipe, text + used, (DWORD)(size - 1 - used), &count, NULL) &&
           count > 0)
        used += count;
    text[used] = '\0';
}

/* The rest of the last line that starts with a mark. */
static bool line_find(const char *output, const char *mark, char *out_text, size_t size)
{
    const char *line = NULL;

    for (const char *next = output; (next = strstr(next, mark)) != NULL; next++)
        line = next + strlen(mark);
    if (line == NULL)
        return false;
    snprintf(out_text, size, "%.*s", (int)strcspn(line, "\r\n"), line);
    return true;
}

/* What became of a process that did not end by itself with 0, behind what was seen before. */
static void end_describe(bool timed_out, DWORD code, DWORD milliseconds, char *text, size_t size)
{
    size_t used = strlen(text);
    const char *link = used > 0 ? ", then " : "";

    if (timed_out)
        snprintf(text + used, size - used, "%sno return within %lu s", link, milliseconds / 1000);
    else
        snprintf(text + used, size - used,
                 code >= 0x80000000 ? "%scrashed 0x%08lX" : "%sended the process with code %lu",
                 link, code);
}

static void outcome_make(const char *output, bool timed_out, DWORD code, DWORD milliseconds,
                         struct run_outcome *outcome)
{
    outcome->result = RUN_ANSWERED;
    outcome->text[0] = '\0';
    if (!timed_out && code == 0 &&
        line_find(output, PROTOCOL_NOT_ASKED, outcome->text, sizeof(outcome->text))) {
        outcome->result = RUN_NOT_ASKED;
        return;
    }
    bool answered = line_find(output, PROTOCOL_ANSWER, outcome->text, sizeof(outcome->text));
    if (timed_out || code != 0)
        end_describe(timed_out, code, milliseconds, outcome->text, sizeof(outcome->text));
    else if (!answered)
        snprintf(outcome->text, sizeof(outcome->text), "ended the process");
}

void run_question(const WCHAR *arguments, DWORD milliseconds, struct run_outcome *out_outcome)
{
    static char output[OUTPUT_MAX];
    struct asking asking;
    DWORD code = 0;

    if (!start_patiently(arguments, &asking)) {
        out_outcome->result = RUN_NOT_ASKED;
        snprintf(out_outcome->text, sizeof(out_outcome->text), "no process could be started");
        return;
    }
    bool timed_out = WaitForSingleObject(asking.process, milliseconds) != WAIT_OBJECT_0;
    if (timed_out) {
        TerminateProcess(asking.process, ERROR_TIMEOUT);
        WaitForSingleObject(asking.process, milliseconds);
    }
    GetExitCodeProcess(asking.process, &code);
    output_read(asking.output, output, sizeof(output));
    outcome_make(output, timed_out, code, milliseconds, out_outcome);
    CloseHandle(asking.output);
    CloseHandle(asking.process);
    if (asking.job != NULL)
        CloseHandle(asking.job);
}
