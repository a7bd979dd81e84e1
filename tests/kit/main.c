/*
 * The kit for Windows: runs everything that can be tested on one machine without a network, and
 * puts what came out into one folder and one ZIP. Whatever happens, the registry is as it was
 * before, and no service or process is left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "archive.h"
#include "keys.h"
#include "report.h"
#include "steps.h"

int wmain(int argc, wchar_t **argv);

enum { EXIT_PASSED = 0, EXIT_FAILED = 1, EXIT_NOT_RUN = 2, LIMIT_SECONDS = 1800 };

static struct kit kit;
static char only[128], questions[128];

static void usage(void)
{
    fputs("usage: run.cmd [--only BEGINNING] [--questions BEGINNING] [--results FOLDER] [--limit "
          "SECONDS]\n"
          "               [--beside-wds]\n"
          "Tests wdspxe on this machine, as an administrator; sends nothing into the network.\n"
          "  --only BEGINNING   only steps whose names begin so, such as test_dhcp or conformance\n"
          "  --questions BEGINNING   only conformance's questions whose names begin so\n"
          "  --results FOLDER   where to write to; made anew (default: results beside run.cmd)\n"
          "  --limit SECONDS    time for one program (1800)\n"
          "  --beside-wds       run although the service WDSServer runs; its settings are away\n"
          "                     meanwhile, so do not change them, and restart it afterwards\n"
          "Exit codes: 0 all passed, 1 something failed, 2 not run\n",
          stderr);
}

/* Ctrl-C, the console's end, the machine's: what runs is ended, and everything is put back. */
static BOOL WINAPI interrupted(DWORD event)
{
    (void)event;
    SetEvent(kit.stop);
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT)
        Sleep(INFINITE); /* our process ends when this returns; the other thread ends it earlier */
    return TRUE;
}

/* ---- before ---- */

static bool is_administrator(void)
{
    SID_IDENTIFIER_AUTHORITY authority = {SECURITY_NT_AUTHORITY};
    PSID group;
    BOOL member = FALSE;

    if (!AllocateAndInitializeSid(&authority, 2, SECURITY_BUILTIN_DOMAIN_RID,
                                  DOMAIN_ALIAS_RID_ADMINS, 0, 0, 0, 0, 0, 0, &group))
        return false;
    CheckTokenMembership(NULL, group, &member);
    FreeSid(group);
    return member;
}

static bool service_exists(const wchar_t *name, bool *runs)
{
    SERVICE_STATUS status = {.dwCurrentState = SERVICE_STOPPED};
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    SC_HANDLE service = OpenServiceW(manager, name, SERVICE_QUERY_STATUS);

    if (service != NULL) {
        QueryServiceStatus(service, &status);
        CloseServiceHandle(service);
    }
    CloseServiceHandle(manager);
    *runs = status.dwCurrentState != SERVICE_STOPPED;
    return service != NULL;
}

/* NULL, or why nothing is done. */
static const char *refusal(bool beside_wds)
{
    bool runs;

    if (!is_administrator())
        return "run.cmd must be run as an administrator: it installs a service, and writes to "
               "HKEY_LOCAL_MACHINE";
    if (service_exists(L"wdspxe", &runs))
        return "the service wdspxe is installed here already: uninstall it first (wdspxectl "
               "service uninstall)";
    if (!beside_wds && service_exists(L"WDSServer", &runs) && runs)
        return "the service WDSServer runs, whose settings the tests take away for a while: stop "
               "it first\n"
               "(net stop WDSServer), or say --beside-wds";
    return NULL;
}

static bool options_read(int argc, wchar_t **argv, bool *beside_wds)
{
    for (int i = 1; i < argc; i++) {
        const wchar_t *next = i + 1 < argc ? argv[i + 1] : NULL;

        if (wcscmp(argv[i], L"--beside-wds") == 0) {
            *beside_wds = true;
            continue;
        }
        if (next == NULL)
            return false;
        if (wcscmp(argv[i], L"--only") == 0)
            snprintf(only, sizeof(only), "%ls", next);
        else if (wcscmp(argv[i], L"--questions") == 0)
            snprintf(questions, sizeof(questions), "%ls", next);
        else if (wcscmp(argv[i], L"--results") == 0)
            GetFullPathNameW(next, PATH_UNITS, kit.results, NULL);
        else if (wcscmp(argv[i], L"--limit") == 0)
            kit.limit = wcstoul(next, NULL, 10) * 1000;
        else
            return false;
        i++;
    }
    return kit.limit > 0;
}

/* The folders: ours, and `results` beside run.cmd, which is one up. */
static void folders_find(void)
{
    GetModuleFileNameW(NULL, kit.bin, PATH_UNITS);
    *wcsrchr(kit.bin, L'\\') = L'\0';
    wcscpy(kit.results, kit.bin);
    wchar_t *last = wcsrchr(kit.results, L'\\');
    wcscpy(last != NULL ? last : kit.results, L"\\results");
}

/* The files of an earlier run, but for those from which the registry is to be put back. */
static void files_delete(const wchar_t *folder, const wchar_t *pattern)
{
    wchar_t path[PATH_UNITS];
    WIN32_FIND_DATAW found;

    swprintf(path, PATH_UNITS, L"%ls\\%ls", folder, pattern);
    HANDLE search = FindFirstFileW(path, &found);
    if (search == INVALID_HANDLE_VALUE)
        return;
    do {
        swprintf(path, PATH_UNITS, L"%ls\\%ls", folder, found.cFileName);
        if (wcsncmp(found.cFileName, L"before", 6) != 0)
            DeleteFileW(path);
    } while (FindNextFileW(search, &found));
    FindClose(search);
}

static bool results_make(void)
{
    wchar_t path[PATH_UNITS];

    CreateDirectoryW(kit.results, NULL);
    files_delete(kit.results, L"*.txt");
    swprintf(path, PATH_UNITS, L"%ls\\dumps", kit.results);
    files_delete(path, L"*.dmp");
    swprintf(path, PATH_UNITS, L"%ls\\summary.txt", kit.results);
    return report_open(path);
}

/* ---- the whole ---- */

static void say_where(void)
{
    char line[128] = "";
    wchar_t name[64] = L"Windows", build[64] = L"";
    DWORD size = sizeof(name);
    const wchar_t *key = L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
    const char *(CDECL * wine)(void);
    FARPROC found = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version");

    memcpy(&wine, &found, sizeof(wine));
    RegGetValueW(HKEY_LOCAL_MACHINE, key, L"ProductName", RRF_RT_REG_SZ, NULL, name, &size);
    size = sizeof(build);
    RegGetValueW(HKEY_LOCAL_MACHINE, key, L"CurrentBuildNumber", RRF_RT_REG_SZ, NULL, build, &size);
    if (wine != NULL)
        snprintf(line, sizeof(line), ", which is Wine %s", wine());
    report_say("wdspxe %s, on %ls, build %ls%s", WDSPXE_VERSION, name, build, line);
}

static void steps_run(void)
{
    steps_tests(&kit);
    steps_conformance(&kit);
    steps_service(&kit);
    steps_minidump(&kit);
}

static void registry_check(void)
{
    bool changed;

    if (!keys_restore(kit.results, &changed))
        report_step(FAILED, "registry", "is not as it was; before-*.reg in the results hold it");
    else
        report_step(PASSED, "registry",
                    changed ? "put back as it was before" : "is as it was before");
}

static int run(void)
{
    wchar_t zip[PATH_UNITS];

    say_where();
    if (!keys_save(kit.results)) {
        report_say("the registry could not be saved, so nothing was run");
        report_close();
        return EXIT_NOT_RUN;
    }
    keys_empty();
    SetEnvironmentVariableW(L"WDSPXE_TEST_MAY_WIPE", L"1"); /* all is kept and given back */
    steps_run();
    steps_clean_up(&kit);
    registry_check();
    const bool whole = WaitForSingleObject(kit.stop, 0) != WAIT_OBJECT_0;
    if (!whole)
        report_step(FAILED, "run", "interrupted: the other steps were not run");
    const int code = report_failures() == 0 ? EXIT_PASSED : EXIT_FAILED;
    report_close();
    swprintf(zip, PATH_UNITS, L"%ls\\..\\report.zip", kit.results);
    if (!archive_make(kit.results, zip)) {
        printf("report.zip could not be written; the results are in %ls\n", kit.results);
        return EXIT_FAILED;
    }
    printf("results: %ls\nand all of it in report.zip beside that folder\n", kit.results);
    return code;
}

int wmain(int argc, wchar_t **argv)
{
    bool beside_wds = false;

    kit.only = only;
    kit.questions = questions;
    kit.limit = LIMIT_SECONDS * 1000;
    kit.stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    folders_find();
    if (!options_read(argc, argv, &beside_wds)) {
        usage();
        return EXIT_NOT_RUN;
    }
    const char *why = refusal(beside_wds);
    if (why != NULL) {
        fprintf(stderr, "%s\n", why);
        return EXIT_NOT_RUN;
    }
    if (!results_make()) {
        fprintf(stderr, "%ls cannot be written\n", kit.results);
        return EXIT_NOT_RUN;
    }
    SetConsoleCtrlHandler(interrupted, TRUE);
    return run();
}
