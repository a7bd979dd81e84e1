/*
 * A program that runs the server with a wdspxe.dll of its caller's choice, loaded at run time:
 *   rob_host DLL EXPECTED-PATH DHCP-PORT BOOT-PORT EVENTS
 * Sets the event EVENTS-ready when it serves on 127.0.0.1, ends on EVENTS-stop. Exit code 0: it
 * served, and EXPECTED-PATH was the only wdspxe.dll in the process. 1: usage, 2: not loaded, 3: not
 * started, 4: another one, 5: several, 6: not stopped.
 */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tlhelp32.h>
#include <wchar.h>

#include "wdspxe_ext.h"

enum { STOP_WAIT = 60000 };

typedef DWORD(PXEAPI *start_fn)(const WDSPXE_EXT_SERVER_CONFIG *config);
typedef DWORD(PXEAPI *stop_fn)(VOID);

static unsigned modules_named(const WCHAR *name)
{
    MODULEENTRY32W entry = {.dwSize = sizeof(entry)};
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, GetCurrentProcessId());
    unsigned count = 0;

    for (BOOL more = Module32FirstW(snapshot, &entry); more; more = Module32NextW(snapshot, &entry))
        count += _wcsicmp(entry.szModule, name) == 0;
    CloseHandle(snapshot);
    return count;
}

static HANDLE event_open(const WCHAR *prefix, const WCHAR *suffix)
{
    WCHAR name[100];

    _snwprintf(name, 99, L"%ls-%ls", prefix, suffix);
    name[99] = L'\0';
    return CreateEventW(NULL, TRUE, FALSE, name);
}

static int serve(start_fn start, stop_fn stop, WCHAR **argv)
{
    const LPCWSTR loopback = L"127.0.0.1";
    WDSPXE_EXT_SERVER_CONFIG config = {
        .uSizeOfStruct = sizeof(config),
        .uDhcpPort = (USHORT)_wtoi(argv[3]),
        .uBootServerPort = (USHORT)_wtoi(argv[4]),
        .uFlags = WDSPXE_EXT_NO_IPV6,
        .cInterfaces = 1,
        .ppszInterfaces = &loopback,
    };
    DWORD error = start(&config);

    if (error != ERROR_SUCCESS) {
        fprintf(stderr, "rob_host: start: error %lu\n", error);
        return 3;
    }
    int result = modules_named(L"wdspxe.dll") == 1 ? 0 : 5;
    SetEvent(event_open(argv[5], L"ready"));
    if (WaitForSingleObject(event_open(argv[5], L"stop"), STOP_WAIT) != WAIT_OBJECT_0 ||
        stop() != ERROR_SUCCESS)
        return 6;
    return result;
}

int main(void)
{
    int argc;
    WCHAR **argv = CommandLineToArgvW(GetCommandLineW(), &argc), path[2 * MAX_PATH];
    start_fn start;
    stop_fn stop;

    if (argc != 6)
        return 1;
    HMODULE module =
        LoadLibraryExW(argv[1], NULL,
                       wcschr(argv[1], L'\\') != NULL ? LOAD_WITH_ALTERED_SEARCH_PATH : 0);
    if (module == NULL)
        return 2;
    FARPROC function = GetProcAddress(module, "WdsPxeExtServerStart");
    memcpy(&start, &function, sizeof(start));
    function = GetProcAddress(module, "WdsPxeExtServerStop");
    memcpy(&stop, &function, sizeof(stop));
    GetModuleFileNameW(module, path, 2 * MAX_PATH);
    if (_wcsicmp(path, argv[2]) != 0) {
        fprintf(stderr, "rob_host: '%ls', expected '%ls'\n", path, argv[2]);
        return 4;
    }
    return serve(start, stop, argv);
}
