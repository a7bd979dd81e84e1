/* Starts programs from tests. */
#ifndef TESTS_SUPPORT_CHILD_PROCESS_H
#define TESTS_SUPPORT_CHILD_PROCESS_H

#include <windows.h>

/*
 * Starts a program, patiently: Wine now and then refuses one while another is being ended.
 *   program    its path; NULL for the program that runs.
 *   arguments  of its command line.
 *   folder     its current folder; NULL for that of the program that runs.
 *   flags      of CreateProcessW.
 * Returns the process, to be closed by the caller. A failure fails the test.
 */
HANDLE child_process_start(const WCHAR *program, const WCHAR *arguments, const WCHAR *folder,
                           DWORD flags);

#endif
