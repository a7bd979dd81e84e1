#include "support/child_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <wchar.h>

#include <cmocka.h>

#define TRIES 50
#define PAUSE 100 /* milliseconds between them */

HANDLE child_process_start(const WCHAR *program, const WCHAR *arguments, const WCHAR *folder,
                           DWORD flags)
{
    static WCHAR command[4096];
    WCHAR own[MAX_PATH];
    STARTUPINFOW startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;

    assert_in_range(GetModuleFileNameW(NULL, own, MAX_PATH), 1, MAX_PATH - 1);
    if (program == NULL)
        program = own;
    for (int i = 0; i < TRIES; i++) {
        /* CreateProcessW may write into it. */
        assert_in_range(_snwprintf(command, 4096, L"\"%ls\" %ls", program, arguments), 1, 4095);
        if (CreateProcessW(program, command, NULL, NULL, FALSE, flags, NULL, folder, &startup,
                           &process)) {
            CloseHandle(process.hThread);
            return process.hProcess;
        }
        Sleep(PAUSE);
    }
    fail_msg("%ls does not start: error %lu", program, GetLastError());
    return NULL;
}
