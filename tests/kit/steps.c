/* Before windows.h, as it wants. */
#include <winsock2.h>

#include "steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "child.h"
#include "report.h"

enum { NAME_SIZE = 64, TEXT_SIZE = 256, SERVED_PORT = 20067, TRIES = 1200 };

#define SERVE_OPTIONS L"--interface 127.0.0.1 --port 20067 --boot-port 24011"

static bool stopped(const struct kit *kit)
{
    return WaitForSingleObject(kit->stop, 0) == WAIT_OBJECT_0;
}

static bool wanted(const struct kit *kit, const char *name)
{
    return !stopped(kit) && strncmp(name, kit->only, strlen(kit->only)) == 0;
}

static bool file_exists(const wchar_t *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static void output_of(const struct kit *kit, const char *name, wchar_t *out)
{
    swprintf(out, PATH_UNITS, L"%ls\\%hs.txt", kit->results, name);
}

/* Runs a command; its output is results\NAME.txt. */
static enum child_end run(const struct kit *kit, const char *name, const wchar_t *command,
                          DWORD *out_code)
{
    wchar_t output[PATH_UNITS];

    output_of(kit, name, output);
    return child_run(command, output, kit->limit, kit->stop, out_code);
}

/* NULL for a program that has ended; else what became of it. */
static const char *trouble(enum child_end end)
{
    switch (end) {
    case CHILD_TOO_LONG:
        return "did not end in time";
    case CHILD_INTERRUPTED:
        return "interrupted";
    case CHILD_NOT_STARTED:
        return "could not be started";
    case CHILD_ENDED:
        break;
    }
    return NULL;
}

/* ---- cmocka ---- */

struct counts {
    unsigned begun, passed, failed, skipped;
};

static bool number_after(const char *line, const char *words, unsigned *sum)
{
    const size_t length = strlen(words);

    if (strncmp(line, words, length) != 0)
        return false;
    *sum += (unsigned)strtoul(line + length, NULL, 10);
    return true;
}

static void counts_read(const struct kit *kit, const char *name, struct counts *out_counts)
{
    wchar_t path[PATH_UNITS];
    char line[1024];

    output_of(kit, name, path);
    memset(out_counts, 0, sizeof(*out_counts));
    FILE *file = _wfopen(path, L"r");
    if (file == NULL)
        return;
    while (fgets(line, sizeof(line), file) != NULL)
        if (!number_after(line, "[==========] Running ", &out_counts->begun) &&
            !number_after(line, "[  PASSED  ] ", &out_counts->passed) &&
            strstr(line, "test(s)") != NULL &&
            !number_after(line, "[  SKIPPED ] ", &out_counts->skipped))
            number_after(line, "[  FAILED  ] ", &out_counts->failed);
    fclose(file);
}

/* A program that ends with 0 and has run nothing is no success. */
static void test_judge(const struct kit *kit, const char *name, enum child_end end, DWORD code,
                       ULONGLONG began)
{
    const double seconds = (double)(GetTickCount64() - began) / 1000;
    struct counts counts;

    counts_read(kit, name, &counts);
    if (trouble(end) != NULL)
        report_step(FAILED, name, "%s, see %s.txt", trouble(end), name);
    else if (code != 0 || counts.passed == 0 || counts.passed + counts.skipped != counts.begun)
        report_step(FAILED, name, "exit code %lu, %u of %u passed, %u failed, see %s.txt", code,
                    counts.passed, counts.begun, counts.failed, name);
    else
        report_step(PASSED, name, "%u tests, %u skipped, %.1f s", counts.passed, counts.skipped,
                    seconds);
}

static void test_run(const struct kit *kit, const wchar_t *file)
{
    const wchar_t *extension = wcsrchr(file, L'.');
    wchar_t command[COMMAND_UNITS];
    char name[NAME_SIZE];
    DWORD code;

    snprintf(name, sizeof(name), "%.*ls", (int)(extension - file), file);
    if (!wanted(kit, name))
        return;
    /* The only one that wants to be told something: the provider of the README. */
    const bool minimal = strcmp(name, "test_minimal_provider") == 0;
    swprintf(command, COMMAND_UNITS,
             minimal ? L"\"%ls\\%ls\" \"%ls\\providers\\minimal.dll\"" : L"\"%ls\\%ls\"", kit->bin,
             file, kit->bin);
    const ULONGLONG began = GetTickCount64();
    const enum child_end end = run(kit, name, command, &code);
    test_judge(kit, name, end, code, began);
}

void steps_tests(const struct kit *kit)
{
    wchar_t pattern[PATH_UNITS];
    WIN32_FIND_DATAW found;

    swprintf(pattern, PATH_UNITS, L"%ls\\test_*.exe", kit->bin);
    HANDLE search = FindFirstFileW(pattern, &found);
    if (search == INVALID_HANDLE_VALUE) {
        report_step(FAILED, "tests", "there is no test_*.exe beside this program");
        return;
    }
    do
        test_run(kit, found.cFileName);
    while (FindNextFileW(search, &found));
    FindClose(search);
}

/* ---- conformance ---- */

/* The last line that begins so, without its end; "" if there is none. */
static void line_find(const struct kit *kit, const char *name, const char *beginning,
                      char text[TEXT_SIZE])
{
    wchar_t path[PATH_UNITS];
    char line[TEXT_SIZE];

    text[0] = '\0';
    output_of(kit, name, path);
    FILE *file = _wfopen(path, L"r");
    if (file == NULL)
        return;
    while (fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, beginning, strlen(beginning)) == 0)
            snprintf(text, TEXT_SIZE, "%.*s", (int)strcspn(line, "\r\n"), line);
    fclose(file);
}

/* `differs` is what it means that an answer is another than ours. */
static void conformance_ask(const struct kit *kit, const char *name, const wchar_t *folder,
                            enum verdict differs)
{
    wchar_t command[COMMAND_UNITS], wdsbp[PATH_UNITS];
    char counted[TEXT_SIZE];
    DWORD code;

    if (!wanted(kit, name))
        return;
    swprintf(wdsbp, PATH_UNITS, L"%ls\\wdsbp.dll", folder);
    swprintf(command, COMMAND_UNITS,
             L"\"%ls\\conformance.exe\" \"%ls\\wdspxe.dll\" --registry --limit 60 %hs%hs%ls%ls%ls",
             kit->bin, folder, kit->questions[0] != '\0' ? "--only " : "", kit->questions,
             file_exists(wdsbp) ? L" --wdsbp \"" : L"", file_exists(wdsbp) ? wdsbp : L"",
             file_exists(wdsbp) ? L"\"" : L"");
    const enum child_end end = run(kit, name, command, &code);
    line_find(kit, name, "# ", counted);
    if (trouble(end) != NULL || code > 1 || strstr(counted, " asked: ") == NULL)
        report_step(FAILED, name, "%s, exit code %lu, see %s.txt",
                    trouble(end) != NULL ? trouble(end) : "not asked", code, name);
    else
        report_step(code == 0 ? PASSED : differs, name, "%s", counted + 2);
}

void steps_conformance(const struct kit *kit)
{
    wchar_t system[PATH_UNITS], theirs[PATH_UNITS];

    conformance_ask(kit, "conformance-ours", kit->bin, FAILED);
    GetSystemDirectoryW(system, PATH_UNITS);
    swprintf(theirs, PATH_UNITS, L"%ls\\wdspxe.dll", system);
    if (file_exists(theirs)) /* each answer is a finding, and none is a failure */
        conformance_ask(kit, "conformance-system32", system, PASSED);
    else if (wanted(kit, "conformance-system32"))
        report_step(SKIPPED, "conformance-system32",
                    "there is no wdspxe.dll in System32: the role is not installed");
}

/* ---- the tool ---- */

/* Runs wdspxectl; reports only if the exit code is not as wanted. */
static bool ctl(const struct kit *kit, const char *name, const wchar_t *arguments,
                DWORD wanted_code)
{
    wchar_t command[COMMAND_UNITS];
    char said[TEXT_SIZE];
    DWORD code;

    swprintf(command, COMMAND_UNITS, L"\"%ls\\wdspxectl.exe\" %ls", kit->bin, arguments);
    const enum child_end end = run(kit, name, command, &code);
    if (trouble(end) == NULL && code == wanted_code)
        return true;
    line_find(kit, name, "", said);
    report_step(FAILED, name, "%s, exit code %lu: %s",
                trouble(end) != NULL ? trouble(end) : "ended", code, said);
    return false;
}

static bool provider_add(const struct kit *kit, const char *name, const wchar_t *provider)
{
    wchar_t arguments[COMMAND_UNITS];

    swprintf(arguments, COMMAND_UNITS, L"provider add kit \"%ls\\providers\\%ls.dll\"", kit->bin,
             provider);
    return ctl(kit, name, arguments, 0);
}

/* So that it answers whoever asked, not the whole network. */
static bool provider_answers_sender(void)
{
    return RegSetKeyValueW(
               HKEY_LOCAL_MACHINE,
               L"SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE\\Providers\\kit",
               L"ReplyMode", REG_SZ, L"null", sizeof(L"null")) == ERROR_SUCCESS;
}

/* A DISCOVER of a UEFI client to our own server on this machine. */
static void discover_send(SOCKET sender, unsigned number)
{
    static const BYTE options[] = {99, 130, 83,  99,  53,  1,   1,   93,  2,   0,   7,  60,
                                   9,  'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't', 255};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(SERVED_PORT)};
    BYTE packet[300] = {1, 1, 6, 0, 0, 0, (BYTE)(number >> 8), (BYTE)number};

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(packet + 28, "\x52\x54\x00\xab\xcd\xef", 6);
    memcpy(packet + 236, options, sizeof(options));
    sendto(sender, (const char *)packet, sizeof(packet), 0, (struct sockaddr *)&to, sizeof(to));
}

/* Sends one request after the other until `seen` says that it is enough; about two minutes. */
static bool ask_until(const struct kit *kit, bool (*seen)(SOCKET sender, const struct kit *kit))
{
    WSADATA data;
    u_long at_once = 1;
    bool done = false;

    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return false;
    SOCKET sender = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    ioctlsocket(sender, (long)FIONBIO, &at_once);
    for (unsigned i = 1; i <= TRIES && !done && !stopped(kit); i++) {
        discover_send(sender, i);
        WaitForSingleObject(kit->stop, 100);
        done = seen(sender, kit);
    }
    closesocket(sender);
    WSACleanup();
    return done;
}

static bool reply_seen(SOCKET sender, const struct kit *kit)
{
    char reply[1500];

    (void)kit;
    return recv(sender, reply, sizeof(reply), 0) > 240;
}

/* ---- the service, its events ---- */

/* Its own events, read back with Windows' program. Wine has a program of that name that prints
 * none. */
static void events_read(const struct kit *kit)
{
    char line[TEXT_SIZE];
    DWORD code;
    const enum child_end end = run(kit, "events",
                                   L"wevtutil.exe qe Application /c:20 /rd:true /f:text "
                                   L"\"/q:*[System[Provider[@Name='WDSPXE']]]\"",
                                   &code);

    line_find(kit, "events", "Event[", line);
    if (trouble(end) == NULL && code == 0 && line[0] != '\0')
        report_step(PASSED, "events", "wevtutil reads them, see events.txt");
    else if (GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL)
        report_step(SKIPPED, "events", "Wine keeps no events");
    else
        report_step(FAILED, "events", "%s, exit code %lu, none of WDSPXE, see events.txt",
                    trouble(end) != NULL ? trouble(end) : "ended", code);
}

static bool service_live(const struct kit *kit)
{
    if (!ctl(kit, "service-start", L"service start", 0))
        return false;
    bool fine = ctl(kit, "service-status", L"service status --json", 0);
    if (!ask_until(kit, reply_seen)) {
        report_step(FAILED, "service-answers", "no answer on 127.0.0.1, port %d", SERVED_PORT);
        fine = false;
    }
    return ctl(kit, "service-stop", L"service stop", 0) && fine;
}

void steps_service(const struct kit *kit)
{
    if (!wanted(kit, "service"))
        return;
    bool fine =
        provider_add(kit, "service-provider", L"prov_answer") && provider_answers_sender() &&
        ctl(kit, "service-install",
            L"service install --on-demand --beside-wds --account local-system " SERVE_OPTIONS, 0);
    if (fine) {
        fine = service_live(kit);
        fine = ctl(kit, "service-uninstall", L"service uninstall", 0) && fine;
        fine = ctl(kit, "service-gone", L"service status", 3) && fine;
        events_read(kit);
    }
    ctl(kit, "service-provider-away", L"provider remove kit", 0);
    if (fine)
        report_step(PASSED, "service", "installed, started, answered, stopped, uninstalled");
}

/* The service may be there from a step that was cut short; if not, that is told in a file that
 * nobody reads. */
void steps_clean_up(const struct kit *kit)
{
    wchar_t command[COMMAND_UNITS];
    HANDLE never = CreateEventW(NULL, TRUE, FALSE, NULL);
    DWORD code;

    swprintf(command, COMMAND_UNITS, L"\"%ls\\wdspxectl.exe\" service uninstall", kit->bin);
    child_run(command, NULL, kit->limit, never, &code);
    CloseHandle(never);
}

/* ---- a minidump ---- */

static bool dump_find(const struct kit *kit, wchar_t *path)
{
    wchar_t pattern[PATH_UNITS];
    WIN32_FIND_DATAW found;

    swprintf(pattern, PATH_UNITS, L"%ls\\dumps\\*.dmp", kit->results);
    HANDLE search = FindFirstFileW(pattern, &found);
    if (search == INVALID_HANDLE_VALUE)
        return false;
    swprintf(path, PATH_UNITS, L"%ls\\dumps\\%ls", kit->results, found.cFileName);
    FindClose(search);
    return true;
}

/* The server names the dump once it is written. */
static bool dump_seen(SOCKET sender, const struct kit *kit)
{
    wchar_t path[PATH_UNITS];
    char line[4096];
    bool seen = false;

    (void)sender;
    output_of(kit, "minidump", path);
    FILE *file = _wfopen(path, L"r");
    while (file != NULL && !seen && fgets(line, sizeof(line), file) != NULL)
        seen = strstr(line, "\"dump\":\"") != NULL;
    if (file != NULL)
        fclose(file);
    return seen;
}

static void dump_judge(const struct kit *kit)
{
    wchar_t path[PATH_UNITS];
    char signature[4] = {0};
    FILE *file = dump_find(kit, path) ? _wfopen(path, L"rb") : NULL;

    if (file == NULL) {
        report_step(FAILED, "minidump", "none was made, see minidump.txt");
        return;
    }
    const bool is_dump = fread(signature, 1, 4, file) == 4 && memcmp(signature, "MDMP", 4) == 0;
    fseek(file, 0, SEEK_END);
    report_step(is_dump ? PASSED : FAILED, "minidump", "%ld bytes, %ls", ftell(file),
                wcsrchr(path, L'\\') + 1);
    fclose(file);
}

/* Serves with a provider that reads where nothing is, until its dump is there. The stop file ends
 * the server. */
static void dump_make(const struct kit *kit)
{
    wchar_t command[COMMAND_UNITS], output[PATH_UNITS], stop_file[PATH_UNITS];
    struct child server;
    DWORD code;

    output_of(kit, "minidump", output);
    swprintf(stop_file, PATH_UNITS, L"%ls\\minidump.stop", kit->results);
    swprintf(command, COMMAND_UNITS,
             L"\"%ls\\wdspxectl.exe\" serve --json --on-fault continue --for "
             L"120 " SERVE_OPTIONS L" --dump-dir \"%ls\\dumps\" --stop-file \"%ls\"",
             kit->bin, kit->results, stop_file);
    if (!child_start(command, output, &server)) {
        report_step(FAILED, "minidump", "wdspxectl could not be started: error %lu", server.error);
        return;
    }
    ask_until(kit, dump_seen);
    FILE *file = _wfopen(stop_file, L"w");
    if (file != NULL)
        fclose(file);
    child_finish(&server, kit->limit, kit->stop, &code);
    DeleteFileW(stop_file);
    dump_judge(kit);
}

void steps_minidump(const struct kit *kit)
{
    if (!wanted(kit, "minidump"))
        return;
    if (provider_add(kit, "minidump-provider", L"bad_null"))
        dump_make(kit);
    ctl(kit, "minidump-provider-away", L"provider remove kit", 0);
}
