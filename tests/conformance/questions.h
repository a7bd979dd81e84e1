/*
 * The questions: where the public documentation is silent, what does a given DLL do?
 *
 * A question is a short experiment. It runs in a process of its own, so it may do what crashes a
 * careless DLL. What it observes it writes down with answer(); the text must come out equal to
 * `choice` from a DLL that decides as ours does. Both are therefore made of the same words.
 *
 * Rules for questions: no network; nothing outside the process is changed, unless the question says
 * so in `needs`; at most one thing is asked; an identifier is never used again for something else.
 */
#ifndef CONFORMANCE_QUESTIONS_H
#define CONFORMANCE_QUESTIONS_H

#include <stddef.h>

/* What a question needs, beside the DLL. */
enum question_needs {
    NEEDS_NOTHING = 0,
    NEEDS_REGISTRY_CHANGE = 1, /* asked with --registry only; undone afterwards */
    NEEDS_WDSBP = 2,           /* asked with --wdsbp only */
};

struct question {
    const char *id;     /* short, stable: what reports of different machines are compared by */
    const char *text;   /* ASCII without '|' */
    const char *choice; /* what ours does; ASCII without '|' */
    void (*ask)(void);
    enum question_needs needs;
};

struct question_group {
    const struct question *questions;
    size_t count;
};

#define QUESTION_GROUP(array) {array, sizeof(array) / sizeof((array)[0])}

extern const struct question_group registry_questions;
extern const struct question_group dhcp4_questions;
extern const struct question_group dhcp6_questions;
extern const struct question_group trace_questions;
extern const struct question_group handle_questions;
extern const struct question_group wdsbp_questions;

#endif
