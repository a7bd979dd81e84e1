/* What the user sees: lines of text, or one JSON object. */
#ifndef CONFORMANCE_REPORT_H
#define CONFORMANCE_REPORT_H

#include <stdbool.h>
#include <windows.h>

#include "questions.h"
#include "run.h"

struct report {
    bool as_json;
    unsigned asked;
    unsigned same;
    unsigned not_asked;
};

/* The machine and the DLLs; wdsbp may be NULL. Must come first. */
void report_start(struct report *report, const WCHAR *wdspxe, const WCHAR *wdsbp);
void report_question(struct report *report, const struct question *question,
                     const struct run_outcome *outcome);
/*
 * The summary.
 *   trouble  NULL, or why the run ended early or has left something behind.
 */
void report_end(const struct report *report, const char *trouble);

/* The rows of a Markdown table: identifier, question, choice. */
void report_list(const struct question_group *const *groups, size_t count);

#endif
