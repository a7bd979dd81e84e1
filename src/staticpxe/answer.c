#include "answer.h"

/* Does the section say that the client is not to be answered, or do its options not fit? */
static BOOL is_refused(struct answer *answer, const struct match *match)
{
    if (match->ignore) {
        answer->kind = ANSWER_NOBODY;
        answer->reason = L"the configuration says ignore=yes";
    } else if (match->leave) {
        answer->reason = L"the configuration says leave=yes";
    } else if (answer->plan.is_too_much) {
        answer->kind = ANSWER_IMPOSSIBLE;
        answer->reason = L"the options of its sections do not fit into one reply together";
    } else {
        return FALSE;
    }
    return TRUE;
}

BOOL answer_plan(struct answer *answer, const struct answerer *us, const struct asker *asker,
                 struct match *match, const struct layer *chosen)
{
    const struct layer *preferred = chosen;

    if (match->section == NULL) {
        answer->reason = L"no section of the configuration is for it";
        return FALSE;
    }
    match_plan(match, asker, &answer->plan);
    if (is_refused(answer, match))
        return FALSE;
    if (us->is_spent) {
        preferred = answer->plan.then;
        answer->reason = L"has had its boots; left to the next provider";
        if (preferred == NULL)
            return FALSE;
    }
    if (preferred == NULL)
        return TRUE;
    match_prefer(us->config, preferred, match);
    match_plan(match, asker, &answer->plan);
    return !is_refused(answer, match);
}
