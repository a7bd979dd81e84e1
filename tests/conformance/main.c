/*
 * conformance: asks a wdspxe.dll (and a wdsbp.dll) what the public documentation leaves open, and
 * compares the answers with the choices of this project. docs/conformance.md tells how to use it.
 */
#include "questions.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "registry_guard.h"
#include "report.h"
#include "run.h"
#include "subject.h"

int wmain(int argc, wchar_t **argv);

enum { EXIT_SAME = 0, EXIT_DIFFERS = 1, EXIT_NOT_RUN = 2 };
enum { PATH_UNITS = 1024, ARGUMENTS_UNITS = 3 * PATH_UNITS, LIMIT_SECONDS = 10 };

static const struct question_group *const groups[] = {
    &registry_questions, &dhcp4_questions,  &dhcp6_questions,
    &trace_questions,    &handle_questions, &wdsbp_questions,
};
enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

struct options {
    bool list;
    bool json;
    bool registry;
    const WCHAR *ask;  /* identifier; "load" asks nothing */
    const WCHAR *only; /* what identifiers must start with */
    DWORD limit;       /* seconds */
    bool has_wdspxe;
    bool has_wdsbp;
    WCHAR wdspxe[PATH_UNITS];
    WCHAR wdsbp[PATH_UNITS];
};

static volatile LONG stopping;

/* Ends after the question that is being asked, so that the registry is put back. */
static BOOL WINAPI stop(DWORD event)
{
    InterlockedExchange(&stopping, 1);
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT)
        Sleep(INFINITE); /* our process ends when this returns; the other thread ends it earlier */
    return TRUE;
}

static bool path_take(const WCHAR *argument, WCHAR *path, bool *out_has)
{
    DWORD units = GetFullPathNameW(argument, PATH_UNITS, path, NULL);

    *out_has = units > 0 && units < PATH_UNITS && wcschr(path, L'"') == NULL;
    return *out_has;
}

static bool options_read(int argc, wchar_t **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        const WCHAR *next = i + 1 < argc ? argv[i + 1] : NULL;

        if (wcscmp(argv[i], L"--list") == 0) {
            options->list = true;
        } else if (wcscmp(argv[i], L"--json") == 0) {
            options->json = true;
        } else if (wcscmp(argv[i], L"--registry") == 0) {
            options->registry = true;
        } else if (wcscmp(argv[i], L"--ask") == 0 && next != NULL) {
            options->ask = argv[++i];
        } else if (wcscmp(argv[i], L"--only") == 0 && next != NULL) {
            options->only = argv[++i];
        } else if (wcscmp(argv[i], L"--limit") == 0 && next != NULL) {
            options->limit = wcstoul(argv[++i], NULL, 10);
        } else if (wcscmp(argv[i], L"--wdsbp") == 0 && next != NULL) {
            if (!path_take(argv[++i], options->wdsbp, &options->has_wdsbp))
                return false;
        } else if (wcsncmp(argv[i], L"--", 2) == 0 || options->has_wdspxe ||
                   !path_take(argv[i], options->wdspxe, &options->has_wdspxe)) {
            return false;
        }
    }
    return (options->list || options->has_wdspxe) && options->limit > 0 && options->limit <= 600;
}

static int usage(void)
{
    fputs("usage: conformance WDSPXE.DLL [--wdsbp WDSBP.DLL] [--registry] [--json]\n"
          "                   [--limit SECONDS] [--only BEGINNING-OF-ID]\n"
          "       conformance --list\n"
          "Asks a DLL what the documentation leaves open. Changes nothing on this machine, except\n"
          "with --registry: then providers named wdspxe-conformance-... are registered and\n"
          "removed (needs an administrator; do not change the provider list meanwhile).\n",
          stderr);
    return EXIT_NOT_RUN;
}

static const struct question *question_find(const WCHAR *id)
{
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "%ls", id);
    for (size_t i = 0; i < GROUPS; i++)
        for (size_t j = 0; j < groups[i]->count; j++)
            if (strcmp(groups[i]->questions[j].id, wanted) == 0)
                return &groups[i]->questions[j];
    return NULL;
}

/* This process is the one that asks. */
static int ask(const struct options *options)
{
    const struct question *question = NULL;
    struct subject_paths paths = {options->wdspxe, options->has_wdsbp ? options->wdsbp : NULL};

    if (wcscmp(options->ask, L"load") != 0) {
        question = question_find(options->ask);
        if (question == NULL || ((question->needs & NEEDS_WDSBP) != 0 && paths.wdsbp == NULL))
            return usage();
    }
    subject_ask(&paths, question);
}

static void run(const struct options *options, const char *id, struct run_outcome *out_outcome)
{
    WCHAR arguments[ARGUMENTS_UNITS];

    _snwprintf(arguments, ARGUMENTS_UNITS, L"--ask %hs \"%ls\"%ls%ls%ls", id, options->wdspxe,
               options->has_wdsbp ? L" --wdsbp \"" : L"", options->has_wdsbp ? options->wdsbp : L"",
               options->has_wdsbp ? L"\"" : L"");
    arguments[ARGUMENTS_UNITS - 1] = L'\0';
    run_question(arguments, options->limit * 1000, out_outcome);
}

static void not_run(struct run_outcome *outcome, const char *why)
{
    outcome->result = RUN_NOT_ASKED;
    snprintf(outcome->text, sizeof(outcome->text), "%s", why);
}

/* Under the eyes of the guard. False: stop here, the list is not as it was. */
static bool run_with_registry(const struct options *options, const struct question *question,
                              struct run_outcome *out_outcome)
{
    DWORD error = registry_guard_access();

    if (error != ERROR_SUCCESS) {
        not_run(out_outcome, "not allowed to change the registry: run as administrator");
        return true;
    }
    if (!registry_guard_save()) {
        not_run(out_outcome, "the provider list cannot be saved before");
        return true;
    }
    run(options, question->id, out_outcome);
    return registry_guard_restore();
}

static bool question_run(const struct options *options, struct report *report,
                         const struct question *question)
{
    struct run_outcome outcome;
    bool restored = true;

    if ((question->needs & NEEDS_WDSBP) != 0 && !options->has_wdsbp)
        not_run(&outcome, "no --wdsbp");
    else if ((question->needs & NEEDS_REGISTRY_CHANGE) == 0)
        run(options, question->id, &outcome);
    else if (!options->registry)
        not_run(&outcome, "no --registry");
    else
        restored = run_with_registry(options, question, &outcome);
    report_question(report, question, &outcome);
    return restored;
}

static bool is_wanted(const struct options *options, const struct question *question)
{
    char start[64];

    snprintf(start, sizeof(start), "%ls", options->only);
    return strncmp(question->id, start, strlen(start)) == 0;
}

/* NULL, or what went wrong. */
static const char *questions_run(const struct options *options, struct report *report)
{
    for (size_t i = 0; i < GROUPS; i++)
        for (size_t j = 0; j < groups[i]->count; j++) {
            if (stopping)
                return "stopped by the user";
            if (!is_wanted(options, &groups[i]->questions[j]))
                continue;
            if (!question_run(options, report, &groups[i]->questions[j]))
                return "the provider list could not be put back as it was";
        }
    return NULL;
}

int wmain(int argc, wchar_t **argv)
{
    static struct options options = {.only = L"", .limit = LIMIT_SECONDS};
    struct report report = {0};
    struct run_outcome outcome;

    if (!options_read(argc, argv, &options))
        return usage();
    if (options.list) {
        report_list(groups, GROUPS);
        return EXIT_SAME;
    }
    if (options.ask != NULL)
        return ask(&options);
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    SetConsoleCtrlHandler(stop, TRUE);
    run(&options, "load", &outcome);
    if (outcome.result == RUN_NOT_ASKED || outcome.text[0] != '\0') {
        fprintf(stderr, "conformance: %s\n", outcome.text);
        return EXIT_NOT_RUN;
    }
    report.as_json = options.json;
    report_start(&report, options.wdspxe, options.has_wdsbp ? options.wdsbp : NULL);
    if (options.registry)
        registry_guard_clean();
    const char *trouble = questions_run(&options, &report);
    report_end(&report, trouble);
    if (trouble != NULL)
        return EXIT_NOT_RUN;
    return report.asked == report.same ? EXIT_SAME : EXIT_DIFFERS;
}
