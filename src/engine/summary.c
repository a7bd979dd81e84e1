#include "engine/summary.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "engine/callback.h"
#include "engine/core.h"
#include "engine/event.h"

enum {
    LINE_SIZE = 1024,
    OFTEN = 5, /* so many are told second by second, then it takes longer */
};
/* microseconds */
static const uint64_t PAUSE = 10 * 1000000;
static const uint64_t FLOOD = 1000000; /* so long after a request without lines it still is one */

void summary_init(struct summary *summary)
{
    mutex_init(&summary->lock);
}

void summary_destroy(struct summary *summary)
{
    mutex_destroy(&summary->lock);
}

static uint64_t clock_now(const struct engine *engine)
{
    const struct clock_port *clock = &engine->ports.clock;
    return clock->microseconds(clock->context);
}

void summary_reset(struct engine *engine)
{
    struct summary *summary = &engine->summary;
    const uint64_t now = clock_now(engine);

    mutex_lock(&summary->lock);
    log_budget_fill(&summary->refused, now);
    log_budget_fill(&summary->requests, now);
    log_budget_fill(&summary->reports, now);
    log_budget_fill(&summary->others, now);
    log_budget_fill(&summary->errors, now);
    log_budget_fill(&summary->findings, now);
    for (size_t i = 0; i <= DROP_KINDS; i++)
        atomic_store(&summary->left_out[i], 0);
    atomic_store(&summary->other_left_out, 0);
    atomic_store(&summary->flood_until, 0);
    summary->told_repeats = 0;
    summary->told_others = 0;
    summary->told_given_way = atomic_load(&engine->pending.given_way);
    summary->told = 0;
    summary->due = 0;
    mutex_unlock(&summary->lock);
}

/* ---- which lines are written ---- */

/* `out_now`: when that was, if not. */
static bool budget_take(struct engine *engine, struct log_budget *budget, uint64_t *out_now)
{
    if (!engine->ports.is_on_network)
        return true;
    *out_now = clock_now(engine);
    mutex_lock(&engine->summary.lock);
    bool is_written = log_budget_take(budget, *out_now);
    mutex_unlock(&engine->summary.lock);
    return is_written;
}

/* Several threads may be the first to ask: one choice counts. */
static bool request_choose(struct request *request, struct log_budget *budget)
{
    int choice = atomic_load(&request->lines);
    uint64_t now;

    if (choice == LINES_OPEN) {
        int made = LINES_WRITTEN;
        if (!budget_take(request->engine, budget, &now)) {
            made = LINES_LEFT_OUT;
            atomic_store(&request->engine->summary.flood_until, now + FLOOD);
        }
        if (atomic_compare_exchange_strong(&request->lines, &choice, made))
            choice = made;
    }
    return choice == LINES_WRITTEN;
}

static bool request_is_written(struct request *request)
{
    struct summary *summary = &request->engine->summary;
    const bool is_refused = request->arrival.defect != NULL || request->refusal[0] != '\0';

    return request_choose(request, is_refused ? &summary->refused : &summary->requests);
}

static bool error_is_written(struct engine *engine, uint32_t severity)
{
    uint64_t now;

    return severity == LOG_ERROR && budget_take(engine, &engine->summary.errors, &now);
}

/* An error is told even where the other lines of its request are left out, but not without limit.
 */
static bool line_is_written(struct request *request, uint32_t severity)
{
    return request_is_written(request) || error_is_written(request->engine, severity);
}

void request_log(struct request *request, uint32_t severity, const char *format, ...)
{
    const struct log_port *log = &request->engine->ports.log;
    char line[LINE_SIZE];
    va_list arguments;

    if (log->write == NULL || !log->enabled(log->context, severity) ||
        !line_is_written(request, severity))
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    log->write(log->context, severity, line);
}

bool summary_end(struct request *request, enum drop_kind kind, bool with_report)
{
    struct summary *summary = &request->engine->summary;

    if (with_report)
        (void)request_choose(request, &summary->reports);
    if (atomic_load(&request->lines) != LINES_LEFT_OUT)
        return true;
    metrics_count(&summary->left_out[kind]);
    return false;
}

static bool single_admit(struct engine *engine, struct log_budget *budget)
{
    uint64_t now;

    if (budget_take(engine, budget, &now))
        return true;
    metrics_count(&engine->summary.other_left_out);
    return false;
}

bool summary_admits_single(struct engine *engine)
{
    return single_admit(engine, &engine->summary.others);
}

bool summary_admits_finding(struct engine *engine)
{
    return single_admit(engine, &engine->summary.findings);
}

bool summary_admits_other(struct engine *engine, uint32_t severity)
{
    const struct call_port *calls = &engine->ports.calls;

    if (!atomic_load(&engine->is_serving))
        return true;
    const struct callback *callback =
        calls->current != NULL ? calls->current(calls->context) : NULL;
    if (callback != NULL && callback->request != NULL)
        return line_is_written(callback->request, severity);
    return callback != NULL || clock_now(engine) >= atomic_load(&engine->summary.flood_until) ||
           error_is_written(engine, severity) || summary_admits_single(engine);
}

/* ---- what was left out ---- */

/* What there is to tell. */
struct account {
    uint64_t left_out[DROP_KINDS + 1];
    uint64_t requests; /* their sum */
    bool is_usual;     /* they are no fault */
    uint64_t others;
    uint64_t repeats; /* dropped before they were handled */
    uint64_t unseen;
    uint64_t given_way; /* pended ones */
};

static const char *kind_words(size_t kind)
{
    static const char *const words[DROP_KINDS + 1] = {
        [DROP_IGNORED] = "ignored by a provider",
        [DROP_PASSED_ON] = "passed on by every provider",
        [DROP_FILTERED] = "that no provider takes",
        [DROP_MALFORMED] = "malformed",
        [DROP_SHARED] = "of another server's clients",
        [DROP_PAUSED] = "while paused",
        [DROP_STOPPING] = "while stopping",
        [DROP_NO_MEMORY] = "without memory",
        [DROP_FAULTED] = "with an exception",
        [DROP_ADDRESS] = "with nobody to answer",
        [DROP_OWN] = "of this server itself",
        [DROP_RULES6] = "against RFC 8415",
        [DROP_UNSENT] = "whose answer could not be sent",
        [DROP_NONE] = "answered",
    };
    return words[kind];
}

/* How much a counter has grown since it was last told. */
static uint64_t growth(_Atomic uint64_t *counter, uint64_t *told)
{
    uint64_t now = atomic_load(counter);
    uint64_t since = now - *told;

    *told = now;
    return since;
}

/* Caller holds summary->lock. */
static void account_take(struct engine *engine, struct account *account)
{
    struct summary *summary = &engine->summary;
    struct intake_counters *dropped = &engine->counters.unhandled;

    for (size_t i = 0; i <= DROP_KINDS; i++) {
        account->left_out[i] = atomic_exchange(&summary->left_out[i], 0);
        account->requests += account->left_out[i];
        account->is_usual = account->is_usual && (account->left_out[i] == 0 ||
                                                  drop_weight((enum drop_kind)i) == DROP_USUAL);
    }
    account->others = atomic_exchange(&summary->other_left_out, 0);
    account->repeats = growth(&dropped->dropped_repeats, &summary->told_repeats);
    account->given_way = growth(&engine->pending.given_way, &summary->told_given_way);
    account->unseen = account->repeats + growth(&dropped->dropped_others, &summary->told_others);
}

/* Caller holds summary->lock. Is it time? Then the account is what there is to tell. */
static bool account_due(struct engine *engine, bool is_last, struct account *account)
{
    struct summary *summary = &engine->summary;
    const uint64_t now = clock_now(engine);

    if (!is_last && now < summary->due)
        return false;
    account_take(engine, account);
    if (account->requests + account->others + account->unseen + account->given_way == 0) {
        summary->told = 0;
        return false;
    }
    summary->told++;
    summary->due = summary->told >= OFTEN ? now + PAUSE : 0;
    return true;
}

static void account_write(struct engine *engine, const struct account *account)
{
    char kinds[LINE_SIZE] = "";
    size_t used = 0;

    for (size_t i = 0; i <= DROP_KINDS; i++) {
        if (account->left_out[i] == 0)
            continue;
        int length = snprintf(kinds + used, sizeof(kinds) - used, "%s%" PRIu64 " %s",
                              used > 0 ? ", " : "", account->left_out[i], kind_words(i));
        used += length > 0 ? (size_t)length : 0;
        if (used >= sizeof(kinds))
            used = sizeof(kinds) - 1;
    }
    if (account->given_way > 0)
        engine_log(engine, LOG_WARNING,
                   "dropped the %" PRIu64
                   " requests that were pended longest: more than MaxPendingRequests were pended",
                   account->given_way);
    if (account->requests > 0)
        engine_log(engine, account->is_usual ? LOG_INFO : LOG_WARNING,
                   "left out the lines of %" PRIu64 " more requests: %s", account->requests, kinds);
    if (account->others > 0)
        engine_log(engine, LOG_WARNING, "left out %" PRIu64 " more lines that belong to no request",
                   account->others);
    if (account->unseen > 0)
        engine_log(engine, LOG_WARNING,
                   "more came in than could be handled: %" PRIu64 " datagram%s dropped, %" PRIu64
                   " of them sent again since",
                   account->unseen, account->unseen == 1 ? "" : "s", account->repeats);
}

void summary_write(struct engine *engine, bool is_last)
{
    struct account account = {.is_usual = true};

    mutex_lock(&engine->summary.lock);
    bool is_due = account_due(engine, is_last, &account);
    mutex_unlock(&engine->summary.lock);
    if (is_due)
        account_write(engine, &account);
}
