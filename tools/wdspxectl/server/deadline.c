#include "server/deadline.h"

#include <string.h>

enum { POLL_MS = 200 };

/* The thread outlives whoever started it. */
static struct deadline watched;

/* No heap, no lock of the C library's: either may be held for ever. */
static void say(const char *text)
{
    DWORD written;

    (void)WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, (DWORD)strlen(text), &written, NULL);
}

static DWORD WINAPI deadline_thread(void *argument)
{
    (void)argument;
    while (WaitForSingleObject(watched.stop_wanted,
                               watched.is_stop_wanted != NULL ? POLL_MS : INFINITE) == WAIT_TIMEOUT)
        if (watched.is_stop_wanted())
            SetEvent(watched.stop_wanted);
    Sleep(DEADLINE_MS);
    say("wdspxectl: error: the server has not stopped in time, a provider holds it: the process "
        "ends\n");
    if (watched.before_end != NULL)
        watched.before_end();
    TerminateProcess(GetCurrentProcess(), watched.exit_code);
    return 0;
}

DWORD deadline_start(const struct deadline *deadline)
{
    watched = *deadline;
    HANDLE thread = CreateThread(NULL, 0, deadline_thread, NULL, 0, NULL);

    if (thread == NULL)
        return GetLastError();
    CloseHandle(thread);
    return ERROR_SUCCESS;
}
