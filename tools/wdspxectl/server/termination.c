#include "server/termination.h"

#include <windows.h>

#include "net/native_load.h"
#include "os/stack.h"

static DWORD WINAPI wait_for_it(void *argument)
{
    void (*const *come)(void) = argument;

    stack_trim();
    if (native_call(NATIVE_TERMINATION_WAIT, NULL) == 0)
        (*come)();
    return 0;
}

void termination_watch(void (*come)(void))
{
    static void (*kept)(void);
    struct native_refusal refusal;

    kept = come;
    /* Caught only where somebody waits for it. The thread is inside until the process ends. */
    if (!native_load(&refusal))
        return;
    HANDLE thread = CreateThread(NULL, 0, wait_for_it, &kept, CREATE_SUSPENDED, NULL);
    if (thread == NULL)
        return;
    if (native_call(NATIVE_TERMINATION_CATCH, NULL) == 0)
        (void)ResumeThread(thread);
    CloseHandle(thread);
}
