/* Where Windows enters a console program that has a wmain. */
#include <stdlib.h>
#include <wchar.h>

/* Of the runtime's start-up functions, MinGW-w64's headers do not have these. */
enum { ARGV_WITHOUT_WILDCARDS = 1 };
__declspec(dllimport) int __cdecl _configure_wide_argv(int mode);

int wmain(int argc, wchar_t **argv);
void mainCRTStartup(void);

void mainCRTStartup(void)
{
    if (_configure_wide_argv(ARGV_WITHOUT_WILDCARDS) != 0)
        abort();
    exit(wmain(__argc, __wargv));
}
