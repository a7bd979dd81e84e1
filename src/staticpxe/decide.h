/*
 * Which sections of the configuration are for a request, and what they say together, as a plan for
 * answer/answer.h. No state and no side effects; safe on any number of threads.
 */
#ifndef STATICPXE_DECIDE_H
#define STATICPXE_DECIDE_H

#include "answer/answer.h"
#include "rules/journal.h"
#include "rules/match.h"
#include "wdspxe.h"

/* An answer, and what counts the boots of its machine. */
struct decision {
    struct answer answer;
    struct boot_plan plan; /* what the sections for this client say; the answer refers to it */
    BOOL has_key;          /* the machine has a name that its boots are counted by */
    CHAR key[JOURNAL_KEY_SIZE];
    enum boot_step step;
    ULONG xid;
};

/*
 * Decides about one request.
 *   request   from answer_read
 *   is_spent  the machine has had its `boots`: it gets `then`, or nothing
 *   out       refers to itself and to the configuration: it is not copied
 */
void decide(const struct static_config *config, const struct answer_request *request, BOOL is_spent,
            struct decision *out);

#endif
