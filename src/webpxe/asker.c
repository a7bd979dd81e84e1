#include "asker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/error_words.h"
#include "http.h"

#define TICK_MS 25
#define CLOSE_LIMIT_MS 2000
#define BUCKETS 1024
#define REASON_CHARS 300
#define WHY_CHARS (REASON_CHARS + 50)
#define TOO_MANY L"too many questions are under way to ask in time"

struct attempt;

/* One machine in one step. It is in the list and in a bucket until it has ended. */
struct question {
    struct question *next; /* the list, oldest first */
    struct question *previous;
    struct question *next_in_bucket;
    struct question_text text;
    ULONGLONG hash;
    struct waiter *first;
    struct waiter **last;       /* where the next one goes */
    struct attempt *attempt;    /* the one whose result counts; NULL: it waits for a free one */
    ULONGLONG deadline;         /* ms of GetTickCount64 */
    ULONG tried;                /* bit n: service n */
    WCHAR reason[REASON_CHARS]; /* of the last failure */
};

/* A question on its way to a service, until WinHTTP has let go of it. */
struct attempt {
    struct attempt *next; /* all of them */
    struct attempt *previous;
    struct asker *asker;
    struct question *question; /* NULL: its result does not count any more */
    struct http_call *call;
    char *body; /* WinHTTP reads it until the end */
    ULONG service;
    ULONG answers_before; /* its service's `answers` when it was sent */
    ULONGLONG sent_at;
    ULONGLONG deadline;
    BOOL is_ended; /* http_end is whose set it */
};

struct service {
    ULONG failures; /* one after the other */
    ULONGLONG paused_until;
    BOOL is_probed; /* after a pause one question goes ahead */
    ULONG answers;  /* all there were */
    ULONG usual_ms; /* what an answer takes, the latest ones counting most */
};

struct asker {
    const struct web_settings *settings;
    struct teller *teller;
    asker_answered answered;
    void *context;
    struct http *http;
    PTP_POOL pool; /* of two threads, one for each of these: no question can take them */
    PTP_TIMER timer;
    PTP_WORK sender;

    SRWLOCK lock;             /* all below, and all questions and attempts */
    CONDITION_VARIABLE empty; /* no attempts */
    BOOL is_closing;
    BOOL is_sending; /* the sender is called, and will look for questions once more */
    BOOL is_ticking;
    struct service services[SETTINGS_URLS_MAX];
    struct question *oldest;
    struct question *youngest;
    struct question *buckets[BUCKETS];
    struct attempt *attempts;
    ULONG attempt_count;
    ULONG waiting;
    WCHAR reason[REASON_CHARS]; /* of the last failure of all */
    struct kept kept;
};

static ULONGLONG now_ms(void)
{
    return GetTickCount64();
}

/* ---- services; caller holds the lock ---- */

static BOOL is_usable(const struct asker *asker, ULONG number, ULONGLONG now)
{
    const struct service *service = &asker->services[number];

    return service->failures < asker->settings->failures_max ||
           (now >= service->paused_until && !service->is_probed);
}

/* The first service that is usable and not in `tried`; the count of services: there is none. */
static ULONG find_service(const struct asker *asker, ULONG tried)
{
    ULONGLONG now = now_ms();
    ULONG count = http_count(asker->http);

    for (ULONG i = 0; i < count; ++i) {
        if ((tried >> i & 1) == 0 && is_usable(asker, i, now))
            return i;
    }
    return count;
}

/* TRUE: it was in a pause until now. */
static BOOL note_success(struct asker *asker, const struct attempt *attempt)
{
    struct service *service = &asker->services[attempt->service];
    BOOL was_paused = service->failures >= asker->settings->failures_max;
    ULONG took = (ULONG)(now_ms() - attempt->sent_at);

    *service = (struct service){
        .answers = service->answers + 1,
        .usual_ms = service->answers == 0 ? took : (7 * service->usual_ms + took) / 8,
    };
    return was_paused;
}

/*
 * TRUE: this is the failure after which it is not asked for a while. A service that has answered
 * others since this one was sent is there, and at most slow: what comes after is worth asking.
 */
static BOOL note_failure(struct asker *asker, const struct attempt *attempt)
{
    struct service *service = &asker->services[attempt->service];
    BOOL was_paused = service->failures >= asker->settings->failures_max;

    if (service->answers != attempt->answers_before)
        return FALSE;
    if (service->failures < asker->settings->failures_max)
        ++service->failures;
    service->is_probed = FALSE;
    if (service->failures < asker->settings->failures_max)
        return FALSE;
    service->paused_until = now_ms() + asker->settings->pause;
    return !was_paused;
}

/* ---- lists; caller holds the lock ---- */

static struct question *find_question(const struct asker *asker, ULONGLONG hash, const char *key)
{
    struct question *question = asker->buckets[hash % BUCKETS];

    while (question != NULL && (question->hash != hash || strcmp(question->text.key, key) != 0))
        question = question->next_in_bucket;
    return question;
}

static void link_question(struct asker *asker, struct question *question)
{
    struct question **bucket = &asker->buckets[question->hash % BUCKETS];

    question->next_in_bucket = *bucket;
    *bucket = question;
    question->previous = asker->youngest;
    if (asker->youngest == NULL)
        asker->oldest = question;
    else
        asker->youngest->next = question;
    asker->youngest = question;
}

static void unlink_question(struct asker *asker, struct question *question)
{
    struct question **at = &asker->buckets[question->hash % BUCKETS];

    while (*at != question)
        at = &(*at)->next_in_bucket;
    *at = question->next_in_bucket;
    if (question->previous == NULL)
        asker->oldest = question->next;
    else
        question->previous->next = question->next;
    if (question->next == NULL)
        asker->youngest = question->previous;
    else
        question->next->previous = question->previous;
    for (const struct waiter *waiter = question->first; waiter != NULL; waiter = waiter->next)
        --asker->waiting;
}

static void link_attempt(struct asker *asker, struct attempt *attempt)
{
    attempt->next = asker->attempts;
    if (asker->attempts != NULL)
        asker->attempts->previous = attempt;
    asker->attempts = attempt;
    ++asker->attempt_count;
}

static void unlink_attempt(struct asker *asker, struct attempt *attempt)
{
    if (attempt->previous == NULL)
        asker->attempts = attempt->next;
    else
        attempt->previous->next = attempt->next;
    if (attempt->next != NULL)
        attempt->next->previous = attempt->previous;
    if (--asker->attempt_count == 0)
        WakeAllConditionVariable(&asker->empty);
}

static void add_waiter(struct asker *asker, struct question *question, struct waiter *waiter)
{
    waiter->next = NULL;
    *question->last = waiter;
    question->last = &waiter->next;
    ++asker->waiting;
}

/* TRUE: the caller is to call http_end. */
static BOOL begin_end(struct attempt *attempt)
{
    BOOL is_ours = !attempt->is_ended;

    attempt->is_ended = TRUE;
    return is_ours;
}

/* ---- the end of a question; without the lock ---- */

static void free_question(struct question *question)
{
    struct waiter *next;

    for (struct waiter *waiter = question->first; waiter != NULL; waiter = next) {
        next = waiter->next;
        free(waiter);
    }
    question_text_free(&question->text);
    free(question);
}

/* It has left the lists: nobody else sees it. */
static void end_question(struct asker *asker, struct question *question,
                         const struct shared_verdict *shared)
{
    if (shared == NULL)
        tell_problem(asker->teller, question->first->client, question->reason);
    for (const struct waiter *waiter = question->first; waiter != NULL; waiter = waiter->next)
        asker->answered(asker->context, waiter, shared);
    free_question(question);
}

/* Caller holds the lock. */
static void set_reason(struct asker *asker, struct question *question, ULONG service,
                       LPCWSTR reason)
{
    _snwprintf(question->reason, REASON_CHARS - 1, L"no answer of service %u: %s",
               (unsigned)service + 1, reason);
    question->reason[REASON_CHARS - 1] = L'\0';
    wcscpy(asker->reason, question->reason);
}

static void tell_pause(const struct asker *asker, ULONG service, BOOL begins)
{
    if (begins)
        PxeTrace(asker->teller->provider, PXE_TRACE_WARNING,
                 L"webpxe: service %u failed %u times in a row; it is left in peace for %u ms at a "
                 L"time until it answers",
                 (unsigned)service + 1, (unsigned)asker->settings->failures_max,
                 (unsigned)asker->settings->pause);
    else
        PxeTrace(asker->teller->provider, PXE_TRACE_INFO, L"webpxe: service %u answers again",
                 (unsigned)service + 1);
}

/* ---- asking ---- */

/* The oldest that is in time and under way to no service; or NULL. Caller holds the lock. */
static struct question *oldest_unsent(const struct asker *asker)
{
    struct question *question = asker->oldest;
    ULONGLONG now = now_ms();

    while (question != NULL && (question->attempt != NULL || question->deadline <= now))
        question = question->next;
    return question;
}

/* In less time than answers usually take none will come; but a quarter of all the time is enough to
 * try, for what took longer once need not do so again. Caller holds the lock. */
static BOOL is_in_time(const struct asker *asker, const struct question *question, ULONG service)
{
    ULONG needed = asker->services[service].usual_ms;

    if (needed > asker->settings->time_limit / 4)
        needed = asker->settings->time_limit / 4;
    return now_ms() + needed <= question->deadline;
}

/* NULL: no memory. Caller holds the lock. */
static struct attempt *make_attempt(struct asker *asker, struct question *question, ULONG service)
{
    struct attempt *attempt = calloc(1, sizeof(*attempt));

    if (attempt != NULL)
        attempt->body = _strdup(question->text.body);
    if (attempt == NULL || attempt->body == NULL) {
        free(attempt);
        return NULL;
    }
    attempt->asker = asker;
    attempt->service = service;
    attempt->answers_before = asker->services[service].answers;
    attempt->question = question;
    attempt->sent_at = now_ms();
    attempt->deadline = question->deadline;
    question->attempt = attempt;
    question->tried |= 1UL << service;
    /* Another one shall have its time, too. */
    if (find_service(asker, question->tried) != http_count(asker->http))
        attempt->deadline = attempt->sent_at + (question->deadline - attempt->sent_at) / 2;
    if (asker->services[service].failures >= asker->settings->failures_max)
        asker->services[service].is_probed = TRUE;
    link_attempt(asker, attempt);
    return attempt;
}

static void set_default_reason(struct question *question, LPCWSTR reason)
{
    if (question->reason[0] == L'\0')
        wcscpy(question->reason, reason);
}

/* The oldest that is to go to a service now, with an attempt that is not sent yet; or NULL.
 * Questions that no service is left for come out as *out_lost. Caller holds the lock. */
static struct attempt *next_attempt(struct asker *asker, struct question **out_lost)
{
    struct attempt *attempt = NULL;
    struct question *question = asker->is_closing ? NULL : oldest_unsent(asker);
    ULONG count = http_count(asker->http);
    ULONG service;

    *out_lost = NULL;
    if (question == NULL)
        return NULL;
    service = find_service(asker, question->tried);
    if (service != count && asker->attempt_count >= asker->settings->questions_max)
        return NULL;
    if (service != count && !is_in_time(asker, question, service))
        set_default_reason(question, TOO_MANY);
    else if (service != count)
        attempt = make_attempt(asker, question, service);
    if (attempt == NULL) {
        set_default_reason(question, L"no service can be asked now");
        unlink_question(asker, question);
        *out_lost = question;
    }
    return attempt;
}

static void attempt_gone(void *context);
static void attempt_done(void *context, const struct http_result *result);

static void send_attempt(struct asker *asker, struct attempt *attempt)
{
    DWORD error = http_ask(asker->http, attempt->service, attempt->body, strlen(attempt->body),
                           attempt, &attempt->call);

    if (error != ERROR_SUCCESS) {
        struct http_result result = {0};

        /* There is no call, which only this function knows: nobody ends it. */
        AcquireSRWLockExclusive(&asker->lock);
        attempt->is_ended = TRUE;
        ReleaseSRWLockExclusive(&asker->lock);
        _snwprintf(result.reason, HTTP_REASON_CHARS - 1, L"error %u%hs", (unsigned)error,
                   error_words(error));
        attempt_done(attempt, &result);
        attempt_gone(attempt);
    }
}

/* One question that there is room for, and one for which there is no service; FALSE: neither. */
static BOOL send_one(struct asker *asker)
{
    struct question *lost;
    struct attempt *attempt;

    AcquireSRWLockExclusive(&asker->lock);
    attempt = next_attempt(asker, &lost);
    asker->is_sending = attempt != NULL || lost != NULL;
    ReleaseSRWLockExclusive(&asker->lock);
    if (attempt != NULL)
        send_attempt(asker, attempt);
    if (lost != NULL)
        end_question(asker, lost, NULL);
    return attempt != NULL || lost != NULL;
}

/*
 * On a thread of the asker's own: WinHTTP may take its time to send, and the callers are the
 * server's threads, which shall receive, and WinHTTP's, whose stacks would grow by the ends of
 * questions.
 */
static void CALLBACK send_all(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_WORK work)
{
    (void)instance;
    (void)work;
    while (send_one(context))
        ;
}

/* There may be a question to send, or room for one. Caller holds the lock. */
static void call_sender(struct asker *asker)
{
    if (asker->is_sending || asker->is_closing || asker->oldest == NULL)
        return;
    asker->is_sending = TRUE;
    SubmitThreadpoolWork(asker->sender);
}

/* ---- answers ---- */

/* NULL: it is no answer, and `reason` says why. */
static struct shared_verdict *read_verdict(const struct http_result *result, BOOL is_ipxe,
                                           WCHAR reason[HTTP_REASON_CHARS])
{
    struct shared_verdict *shared = calloc(1, sizeof(*shared));
    char problem[VERDICT_PROBLEM_SIZE] = "there is not enough memory for it";

    if (shared == NULL)
        return NULL;
    shared->users = 1;
    if (result->status == 204 ||
        verdict_read(result->body, result->size, is_ipxe, &shared->verdict, problem))
        return shared;
    free(shared);
    _snwprintf(reason, HTTP_REASON_CHARS - 1, L"its answer: %S", problem);
    reason[HTTP_REASON_CHARS - 1] = L'\0';
    return NULL;
}

/* Takes a question that has its answer out. Caller holds the lock. */
static void take_out(struct asker *asker, struct question *question, struct shared_verdict *shared)
{
    unlink_question(asker, question);
    if (shared->verdict.keep_seconds > 0)
        kept_add(&asker->kept, question->hash, question->text.key, shared,
                 now_ms() + 1000ULL * shared->verdict.keep_seconds);
}

/* The attempt's result, on a thread of WinHTTP. */
static void attempt_done(void *context, const struct http_result *result)
{
    struct attempt *attempt = context;
    struct asker *asker = attempt->asker;
    struct shared_verdict *shared = NULL;
    struct question *question;
    WCHAR reason[HTTP_REASON_CHARS];
    BOOL pauses = FALSE;
    BOOL recovers = FALSE;
    BOOL is_ours;
    BOOL is_ipxe;

    AcquireSRWLockShared(&asker->lock);
    /* All that wait for one question are of one kind: it is in the key. */
    is_ipxe = attempt->question != NULL && attempt->question->first->is_ipxe;
    ReleaseSRWLockShared(&asker->lock);
    wcscpy(reason, result->reason);
    if (result->is_answered)
        shared = read_verdict(result, is_ipxe, reason);

    AcquireSRWLockExclusive(&asker->lock);
    question = attempt->question;
    attempt->question = NULL;
    is_ours = begin_end(attempt);
    if (question != NULL) {
        if (result->is_answered)
            recovers = note_success(asker, attempt);
        else
            pauses = note_failure(asker, attempt);
        question->attempt = NULL;
        set_reason(asker, question, attempt->service, reason);
        if (shared != NULL)
            take_out(asker, question, shared);
        else
            call_sender(asker); /* there may be another service */
    }
    ReleaseSRWLockExclusive(&asker->lock);

    if (pauses || recovers)
        tell_pause(asker, attempt->service, pauses);
    if (question != NULL && shared != NULL)
        end_question(asker, question, shared);
    verdict_give(shared);
    if (is_ours)
        http_end(attempt->call);
}

/* WinHTTP has let go of it. */
static void attempt_gone(void *context)
{
    struct attempt *attempt = context;
    struct asker *asker = attempt->asker;

    AcquireSRWLockExclusive(&asker->lock);
    unlink_attempt(asker, attempt);
    call_sender(asker);
    ReleaseSRWLockExclusive(&asker->lock); /* after the last one the asker may be gone */
    free(attempt->body);
    free(attempt);
}

/* ---- time ---- */

/* An attempt that is too slow, with the right to end it; or NULL. Caller holds the lock. */
static struct attempt *take_slow_attempt(struct asker *asker, ULONGLONG now, BOOL *out_pauses)
{
    struct attempt *attempt = asker->attempts;

    while (attempt != NULL && (attempt->question == NULL || attempt->is_ended ||
                               attempt->call == NULL || attempt->deadline > now))
        attempt = attempt->next;
    if (attempt == NULL)
        return NULL;
    *out_pauses = note_failure(asker, attempt);
    set_reason(asker, attempt->question, attempt->service, L"it does not answer in time");
    attempt->question->attempt = NULL;
    attempt->question = NULL;
    begin_end(attempt);
    return attempt;
}

/* A question whose time is over, out of the lists; or NULL. Caller holds the lock. */
static struct question *take_late_question(struct asker *asker, ULONGLONG now)
{
    struct question *question = asker->oldest; /* all have the same time: the others are younger */

    if (question == NULL || question->deadline > now || question->attempt != NULL)
        return NULL;
    set_default_reason(question, TOO_MANY);
    unlink_question(asker, question);
    return question;
}

/* One that is late; FALSE: there is none. */
static BOOL end_one(struct asker *asker, ULONGLONG now)
{
    BOOL pauses = FALSE;
    struct attempt *attempt;
    struct question *question;
    ULONG service = 0;

    AcquireSRWLockExclusive(&asker->lock);
    attempt = take_slow_attempt(asker, now, &pauses);
    question = attempt == NULL ? take_late_question(asker, now) : NULL;
    if (attempt != NULL)
        service = attempt->service;
    ReleaseSRWLockExclusive(&asker->lock);
    if (pauses)
        tell_pause(asker, service, TRUE);
    if (attempt != NULL)
        http_end(attempt->call); /* frees it */
    if (question != NULL)
        end_question(asker, question, NULL);
    return attempt != NULL || question != NULL;
}

/* Caller holds the lock. */
static void set_timer(struct asker *asker, BOOL is_on)
{
    LARGE_INTEGER due = {.QuadPart = -10000LL * TICK_MS};
    FILETIME time = {due.LowPart, (DWORD)due.HighPart};

    if (is_on == asker->is_ticking)
        return;
    asker->is_ticking = is_on;
    SetThreadpoolTimer(asker->timer, is_on ? &time : NULL, is_on ? TICK_MS : 0, 0);
}

static void CALLBACK tick(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_TIMER timer)
{
    struct asker *asker = context;
    ULONGLONG now = now_ms();

    (void)instance;
    (void)timer;
    while (end_one(asker, now))
        ;
    AcquireSRWLockExclusive(&asker->lock);
    call_sender(asker);
    if (asker->oldest == NULL)
        set_timer(asker, FALSE);
    ReleaseSRWLockExclusive(&asker->lock);
}

/* ---- requests ---- */

static struct question *make_question(const struct asker *asker, struct question_text *text,
                                      ULONGLONG hash)
{
    struct question *question = calloc(1, sizeof(*question));

    if (question == NULL)
        return NULL;
    question->text = *text;
    *text = (struct question_text){0};
    question->hash = hash;
    question->last = &question->first;
    question->deadline = now_ms() + asker->settings->time_limit;
    return question;
}

/* `why`: only if it is not asked. Caller holds the lock. */
static enum asker_outcome admit(struct asker *asker, struct question_text *text, ULONGLONG hash,
                                struct waiter *waiter, struct shared_verdict **out_shared,
                                WCHAR why[WHY_CHARS])
{
    struct question *question;

    *out_shared = kept_find(&asker->kept, hash, text->key, now_ms());
    if (*out_shared != NULL)
        return ASKER_KEPT;
    wcscpy(why, L"not asked: too many requests wait (MaxWaiting)");
    if (asker->is_closing || asker->waiting >= asker->settings->waiting_max)
        return ASKER_UNAVAILABLE;
    question = find_question(asker, hash, text->key);
    if (question == NULL) {
        if (find_service(asker, 0) == http_count(asker->http)) {
            _snwprintf(why, WHY_CHARS, L"not asked: the services are in a pause; %s",
                       asker->reason);
            return ASKER_UNAVAILABLE;
        }
        wcscpy(why, L"not asked: no memory");
        question = make_question(asker, text, hash);
        if (question == NULL)
            return ASKER_UNAVAILABLE;
        link_question(asker, question);
        set_timer(asker, TRUE);
    }
    add_waiter(asker, question, waiter);
    return ASKER_WAITS;
}

enum asker_outcome asker_ask(struct asker *asker, struct question_text *text, struct waiter *waiter,
                             struct shared_verdict **out_shared)
{
    ULONGLONG hash = kept_hash(text->key);
    enum asker_outcome outcome;
    WCHAR why[WHY_CHARS];

    AcquireSRWLockExclusive(&asker->lock);
    outcome = admit(asker, text, hash, waiter, out_shared, why);
    call_sender(asker);
    ReleaseSRWLockExclusive(&asker->lock);
    question_text_free(text);
    if (outcome == ASKER_UNAVAILABLE)
        tell_problem(asker->teller, waiter->client, why);
    return outcome;
}

/* ---- opening and closing ---- */

/* The time limit holds also when questions have all threads of the process' own pool. */
static DWORD open_pool(struct asker *asker)
{
    TP_CALLBACK_ENVIRON environment;

    asker->pool = CreateThreadpool(NULL);
    if (asker->pool == NULL)
        return GetLastError();
    SetThreadpoolThreadMaximum(asker->pool, 2);
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackPool(&environment, asker->pool);
    asker->timer = CreateThreadpoolTimer(tick, asker, &environment);
    asker->sender =
        asker->timer == NULL ? NULL : CreateThreadpoolWork(send_all, asker, &environment);
    DestroyThreadpoolEnvironment(&environment);
    return asker->sender == NULL ? GetLastError() : ERROR_SUCCESS;
}

static void close_pool(struct asker *asker)
{
    if (asker->sender != NULL)
        CloseThreadpoolWork(asker->sender);
    if (asker->timer != NULL)
        CloseThreadpoolTimer(asker->timer);
    if (asker->pool != NULL)
        CloseThreadpool(asker->pool);
}

DWORD asker_open(const struct web_settings *settings, struct teller *teller,
                 asker_answered answered, void *context, struct asker **out)
{
    static const struct http_events events = {attempt_done, attempt_gone};
    struct asker *asker = calloc(1, sizeof(*asker));
    DWORD error;

    if (asker == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    asker->settings = settings;
    asker->teller = teller;
    asker->answered = answered;
    asker->context = context;
    InitializeSRWLock(&asker->lock);
    InitializeConditionVariable(&asker->empty);
    error = open_pool(asker);
    if (error == ERROR_SUCCESS && !kept_open(&asker->kept, settings->kept_max))
        error = ERROR_NOT_ENOUGH_MEMORY;
    if (error == ERROR_SUCCESS)
        error = http_open(teller->provider, settings, &events, &asker->http);
    if (error != ERROR_SUCCESS) {
        asker_close(asker);
        return error;
    }
    *out = asker;
    return ERROR_SUCCESS;
}

/* Nobody is told any more: the server drops what was pended. */
static void forget_questions(struct asker *asker)
{
    struct question *question;

    AcquireSRWLockExclusive(&asker->lock);
    asker->is_closing = TRUE;
    while ((question = asker->oldest) != NULL) {
        if (question->attempt != NULL)
            question->attempt->question = NULL;
        unlink_question(asker, question);
        free_question(question);
    }
    ReleaseSRWLockExclusive(&asker->lock);
}

/* One call that is not ended yet; FALSE: there is none. */
static BOOL end_one_call(struct asker *asker)
{
    struct attempt *attempt;

    AcquireSRWLockExclusive(&asker->lock);
    attempt = asker->attempts;
    while (attempt != NULL && (attempt->is_ended || attempt->call == NULL))
        attempt = attempt->next;
    if (attempt != NULL)
        begin_end(attempt);
    ReleaseSRWLockExclusive(&asker->lock);
    if (attempt != NULL)
        http_end(attempt->call);
    return attempt != NULL;
}

/* Ends all calls, those too that are only being sent. */
static BOOL wait_empty(struct asker *asker)
{
    ULONGLONG end = now_ms() + CLOSE_LIMIT_MS;
    BOOL is_empty = FALSE;

    while (!is_empty && now_ms() < end) {
        while (end_one_call(asker))
            ;
        AcquireSRWLockExclusive(&asker->lock);
        if (asker->attempt_count > 0)
            SleepConditionVariableSRW(&asker->empty, &asker->lock, 100, 0);
        is_empty = asker->attempt_count == 0;
        ReleaseSRWLockExclusive(&asker->lock);
    }
    return is_empty;
}

BOOL asker_close(struct asker *asker)
{
    if (asker == NULL)
        return TRUE;
    forget_questions(asker);
    if (asker->timer != NULL) {
        SetThreadpoolTimer(asker->timer, NULL, 0, 0);
        WaitForThreadpoolTimerCallbacks(asker->timer, TRUE);
    }
    if (asker->sender != NULL)
        WaitForThreadpoolWorkCallbacks(asker->sender, TRUE);
    if (!wait_empty(asker))
        return FALSE;
    close_pool(asker);
    http_close(asker->http);
    kept_close(&asker->kept);
    free(asker);
    return TRUE;
}
