#include "report.h"

#include <stdio.h>
#include <string.h>

#ifdef _WIN64
#define ARCHITECTURE "x64"
#else
#define ARCHITECTURE "x86"
#endif

/* UTF-8; valid until the next call. */
static const char *narrow(const WCHAR *text)
{
    static char bytes[4 * MAX_PATH];

    if (WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof(bytes), NULL, NULL) == 0)
        return "?";
    return bytes;
}

/* Four numbers; "unknown" if the file has no version resource. */
static void file_version(const WCHAR *path, char *text, size_t size)
{
    static BYTE block[65536];
    VS_FIXEDFILEINFO *version;
    UINT length;

    snprintf(text, size, "unknown");
    if (GetFileVersionInfoW(path, 0, sizeof(block), block) &&
        VerQueryValueW(block, L"\\", (PVOID *)&version, &length) && length >= sizeof(*version))
        snprintf(text, size, "%u.%u.%u.%u", HIWORD(version->dwFileVersionMS),
                 LOWORD(version->dwFileVersionMS), HIWORD(version->dwFileVersionLS),
                 LOWORD(version->dwFileVersionLS));
}

/* The real version; GetVersionEx may tell an older one. */
static void system_version(char *text, size_t size)
{
    typedef LONG(WINAPI * get_version)(OSVERSIONINFOW *);
    typedef const char *(__cdecl * get_wine_version)(void);
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};
    get_version get = (get_version)(void (*)(void))GetProcAddress(ntdll, "RtlGetVersion");
    get_wine_version wine =
        (get_wine_version)(void (*)(void))GetProcAddress(ntdll, "wine_get_version");

    if (get != NULL)
        get(&version);
    snprintf(text, size, "Windows %lu.%lu.%lu%s%s", version.dwMajorVersion, version.dwMinorVersion,
             version.dwBuildNumber, wine != NULL ? ", Wine " : "", wine != NULL ? wine() : "");
}

/* With the quotes. */
static void json_text(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            printf("\\u%04x", (unsigned)*text);
        else
            putchar(*text);
    }
    putchar('"');
}

static void json_member(const char *name, const char *text, const char *behind)
{
    json_text(name);
    fputs(": ", stdout);
    json_text(text);
    fputs(behind, stdout);
}

static void module_report(const struct report *report, const char *name, const WCHAR *path)
{
    char version[64];

    file_version(path, version, sizeof(version));
    if (!report->as_json) {
        printf("# %s: %s, version %s\n", name, narrow(path), version);
        return;
    }
    printf("  \"%s\": {", name);
    json_member("path", narrow(path), ", ");
    json_member("version", version, "},\n");
}

void report_start(struct report *report, const WCHAR *wdspxe, const WCHAR *wdsbp)
{
    char version[128];

    system_version(version, sizeof(version));
    if (report->as_json) {
        fputs("{\n  ", stdout);
        json_member("system", version, ",\n  ");
        json_member("architecture", ARCHITECTURE, ",\n");
    } else {
        printf("# conformance " ARCHITECTURE " on %s\n", version);
    }
    module_report(report, "wdspxe", wdspxe);
    if (wdsbp != NULL)
        module_report(report, "wdsbp", wdsbp);
    if (report->as_json)
        fputs("  \"questions\": [\n", stdout);
    else
        puts("# id | question | our choice | what this DLL did | verdict");
}

static void question_as_json(const struct report *report, const struct question *question,
                             const char *did, const char *verdict, const char *reason)
{
    fputs(report->asked + report->not_asked > 1 ? ",\n    {" : "    {", stdout);
    json_member("id", question->id, ", ");
    json_member("question", question->text, ", ");
    json_member("choice", question->choice, ", ");
    if (did != NULL)
        json_member("did", did, ", ");
    if (reason != NULL)
        json_member("reason", reason, ", ");
    json_member("verdict", verdict, "}");
}

void report_question(struct report *report, const struct question *question,
                     const struct run_outcome *outcome)
{
    bool asked = outcome->result == RUN_ANSWERED;
    bool same = asked && strcmp(outcome->text, question->choice) == 0;
    const char *verdict = !asked ? "not asked" : same ? "same" : "differs";

    report->asked += asked;
    report->same += same;
    report->not_asked += !asked;
    if (report->as_json)
        question_as_json(report, question, asked ? outcome->text : NULL, verdict,
                         asked ? NULL : outcome->text);
    else if (asked)
        printf("%s | %s | %s | %s | %s\n", question->id, question->text, question->choice,
               outcome->text, verdict);
    else
        printf("%s | %s | %s | - | not asked (%s)\n", question->id, question->text,
               question->choice, outcome->text);
    fflush(stdout);
}

void report_end(const struct report *report, const char *trouble)
{
    unsigned differs = report->asked - report->same;

    if (report->as_json) {
        fputs("\n  ],\n", stdout);
        if (trouble != NULL) {
            fputs("  ", stdout);
            json_member("trouble", trouble, ",\n");
        }
        printf("  \"asked\": %u, \"same\": %u, \"differs\": %u, \"not_asked\": %u\n}\n",
               report->asked, report->same, differs, report->not_asked);
        return;
    }
    if (trouble != NULL)
        printf("# trouble: %s\n", trouble);
    printf("# %u asked: %u same, %u differ; %u not asked\n", report->asked, report->same, differs,
           report->not_asked);
}

void report_list(const struct question_group *const *groups, size_t count)
{
    puts("| Id | Question | Our choice |\n|---|---|---|");
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < groups[i]->count; j++) {
            const struct question *question = &groups[i]->questions[j];
            printf("| %s | %s | %s |\n", question->id, question->text, question->choice);
        }
}
