#include "fuzz/hunt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/server.h"
#include "cli/output.h"
#include "bench/reproducer.h"
#include "text/wide.h"
#include "bench/page.h"

enum {
    MINIMISE_ATTEMPTS = 400,
    PENDED_MS = 6000,     /* how long a pended case is waited for: until the verifier has told */
    PENDED_AGAIN_MS = 20, /* the same, when it is known that the provider completes not all */
    NEVER_MS = 2000,      /* what is pended for longer, the verifier tells */
    STEP = 1000000,       /* microseconds of the server's clock from case to case */
};

/* ---- what the server tells ---- */

static DWORD CALLBACK on_reply(const WDSPXE_EXT_REPLY *reply, PVOID context)
{
    (void)reply, (void)context;
    return ERROR_SUCCESS;
}

static struct finding_kind kind_of(const WDSPXE_EXT_FINDING *finding)
{
    struct finding_kind kind = {.rule = finding->uRule};
    SCOPED_TEXT call = TEXT_EMPTY;
    text_put_wide(&call, finding->pszCall);
    (void)snprintf(kind.call, sizeof(kind.call), "%s", text_chars(&call));
    if (finding->uRule == WDSPXE_EXT_RULE_FAULT)
        kind.offset = finding->uOffset;
    return kind;
}

static bool is_same_kind(const struct finding_kind *a, const struct finding_kind *b)
{
    return a->rule == b->rule && a->offset == b->offset && strcmp(a->call, b->call) == 0;
}

static bool is_known(const struct hunt *hunt, const struct finding_kind *kind)
{
    for (size_t i = 0; i < hunt->kind_count; i++) {
        if (is_same_kind(&hunt->kinds[i], kind))
            return true;
    }
    return false;
}

static VOID CALLBACK on_finding(const WDSPXE_EXT_FINDING *finding, PVOID context)
{
    struct hunt *hunt = context;
    struct finding_kind kind = kind_of(finding);
    EnterCriticalSection(&hunt->lock);
    hunt->faults += finding->uRule == WDSPXE_EXT_RULE_FAULT;
    if (finding->uRule == WDSPXE_EXT_RULE_NEVER_COMPLETED && finding->uNumber == hunt->asked_number)
        hunt->never_completed = hunt->has_ended = true;
    bool is_present = finding->uNumber == hunt->asked_number || finding->uNumber == 0;
    if (hunt->is_wanted) {
        hunt->was_seen |= is_present && is_same_kind(&kind, &hunt->wanted);
    } else if (is_present && !hunt->has_new && !is_known(hunt, &kind)) {
        hunt->has_new = true;
        hunt->new_kind = kind;
        text_clear(&hunt->new_text);
        text_put_wide(&hunt->new_text, finding->pszRule);
        text_format(&hunt->new_text, ": %s: ", kind.call[0] != '\0' ? kind.call : "?");
        text_put_wide(&hunt->new_text, finding->pszText);
    }
    LeaveCriticalSection(&hunt->lock);
}

/* ---- asking ---- */

/* "fuzz-1-case22": the run and the case, from which both can be made again. */
static void put_case_name(const struct hunt *hunt, struct text *name)
{
    text_format(name, "fuzz-%llu-case%llu", (unsigned long long)hunt->run,
                (unsigned long long)hunt->cases);
}

static void note_case(const struct hunt *hunt, const struct message *message)
{
    SCOPED_TEXT name = TEXT_EMPTY;
    put_case_name(hunt, &name);
    page_case_begin(0, message, text_chars(&name));
}

static bool is_stopped(struct hunt *hunt)
{
    return InterlockedCompareExchange(&hunt->is_stopped, 0, 0) != 0;
}

static struct message message_of(const struct hunt *hunt, const struct fuzz_case *made,
                                 uint64_t number)
{
    struct message message = *hunt->list->exchanges[made->seed].request;
    message.number = number;
    message.packet = (uint8_t *)(uintptr_t)made->packet;
    message.length = made->length;
    return message;
}

static VOID CALLBACK on_request(const WDSPXE_EXT_REQUEST *request, PVOID context)
{
    struct hunt *hunt = context;
    EnterCriticalSection(&hunt->lock);
    if (request->uNumber == hunt->asked_number)
        hunt->has_ended = true;
    LeaveCriticalSection(&hunt->lock);
    WakeAllConditionVariable(&hunt->changed);
}

/* Until the request has ended, or the verifier has given it up, or it takes too long. */
static void wait_for_end(struct hunt *hunt)
{
    ULONGLONG begin = GetTickCount64();
    EnterCriticalSection(&hunt->lock);
    DWORD limit = hunt->never_completed ? PENDED_AGAIN_MS : PENDED_MS;
    while (!hunt->has_ended && GetTickCount64() - begin < limit) {
        (void)SleepConditionVariableCS(&hunt->changed, &hunt->lock, PENDED_AGAIN_MS);
        InterlockedIncrement64(&hunt->moves);
    }
    LeaveCriticalSection(&hunt->lock);
}

/*
 * Waits for a provider that pends, but not for long. *out_found: what was looked for has shown,
 * which is `wanted` or what is new. False: the server takes no more.
 */
static bool ask(struct hunt *hunt, const struct fuzz_case *made, bool is_wanted, bool *out_found)
{
    EnterCriticalSection(&hunt->lock);
    uint64_t number = ++hunt->asked_number;
    hunt->has_ended = hunt->has_new = hunt->was_seen = false;
    hunt->is_wanted = is_wanted;
    LeaveCriticalSection(&hunt->lock);
    hunt->asked = made;
    struct message message = message_of(hunt, made, number);
    InterlockedIncrement64(&hunt->moves);
    note_case(hunt, &message);
    DWORD error = bench_server_ask(&message, &hunt->list->exchanges[made->seed].local);
    if (error == ERROR_SUCCESS)
        wait_for_end(hunt);
    page_case_end(0);
    InterlockedIncrement64(&hunt->moves);
    EnterCriticalSection(&hunt->lock);
    *out_found = is_wanted ? hunt->was_seen : hunt->has_new;
    LeaveCriticalSection(&hunt->lock);
    return error == ERROR_SUCCESS;
}

/* ---- what is new ---- */

static bool does_it(void *context, const uint8_t *packet, size_t length)
{
    struct hunt *hunt = context;
    static struct fuzz_case attempt;
    if (is_stopped(hunt))
        return false;
    attempt.seed = hunt->made.seed;
    attempt.length = length;
    memmove(attempt.packet, packet, length);
    bool was_seen;
    (void)ask(hunt, &attempt, true, &was_seen);
    return was_seen;
}

static void put_mutations(struct text *text, const struct fuzz_case *made)
{
    for (size_t i = 0; i < made->mutation_count; i++)
        text_format(text, "%s%s", i > 0 ? ", " : "", fuzz_mutation_name(made->mutations[i]));
}

static bool write_reproducer(struct hunt *hunt, const struct fuzz_case *made, struct text *path)
{
    struct message message = message_of(hunt, made, 1);
    SCOPED_TEXT name = TEXT_EMPTY;
    put_case_name(hunt, &name);
    bool is_written = !name.failed && reproducer_write(hunt->options->crash_folder, hunt->provider,
                                                       text_chars(&name), &message, path);
    if (!is_written)
        hunt->failed = true;
    return is_written;
}

static void tell_found(struct hunt *hunt, const char *what)
{
    const uint64_t number = hunt->list->exchanges[hunt->made.seed].request->number;
    SCOPED_TEXT at = TEXT_EMPTY, mutations = TEXT_EMPTY, path = TEXT_EMPTY;
    struct writer writer;
    put_mutations(&mutations, &hunt->made);
    if (!write_reproducer(hunt, &hunt->smaller, &path))
        text_clear(&path);
    exchanges_put_frame(hunt->list, &at, number);
    writer_start_event(&writer, hunt->options->as_json, "found");
    write_string(&writer, "text", what, "FOUND %; ");
    write_number(&writer, "case", (uint64_t)hunt->cases, "case % of ");
    say(&writer, "%s ", text_chars(&at));
    write_number(&writer, "seed_frame", message_frame(number), NULL);
    write_string(&writer, "mutations", text_chars(&mutations), "(%), ");
    write_number(&writer, "bytes", hunt->smaller.length, "% bytes; ");
    write_string_or(&writer, "reproducer", path.length > 0 ? text_chars(&path) : NULL, "none",
                    "reproducer: %");
    write_end(&writer);
    output_record(STREAM_OUT, &writer);
}

/* Remembers the kind, and writes the smallest request that still does it. */
static void take_new(struct hunt *hunt)
{
    if (hunt->kind_count == HUNT_KINDS_MAX) {
        hunt->kinds_lost++;
        return;
    }
    hunt->kinds[hunt->kind_count++] = hunt->new_kind;
    hunt->wanted = hunt->new_kind;
    hunt->smaller = hunt->made;
    /* Each try would take as long as the verifier waits. */
    if (hunt->new_kind.rule != WDSPXE_EXT_RULE_NEVER_COMPLETED)
        fuzz_minimise(&hunt->seeds[hunt->made.seed], hunt->smaller.packet, &hunt->smaller.length,
                      MINIMISE_ATTEMPTS, does_it, hunt);
    tell_found(hunt, text_chars(&hunt->new_text));
}

/* ---- the run ---- */

static bool is_over(struct hunt *hunt)
{
    return is_stopped(hunt) ||
           (hunt->case_limit > 0 && (uint64_t)hunt->cases >= hunt->case_limit) ||
           (hunt->end > 0 && GetTickCount64() >= hunt->end);
}

DWORD WINAPI hunt_run(void *argument)
{
    struct hunt *hunt = argument;
    while (!is_over(hunt)) {
        InterlockedIncrement64(&hunt->cases);
        fuzz_case_make(hunt->seeds, hunt->list->count, hunt->run, (uint64_t)hunt->cases,
                       &hunt->made);
        bool has_new;
        if (!ask(hunt, &hunt->made, false, &has_new))
            break;
        if (has_new)
            take_new(hunt);
    }
    return 0;
}

void hunt_tell_hang(struct hunt *hunt)
{
    hunt->kind_count++;
    hunt->smaller = *hunt->asked;
    tell_found(hunt, "hang: receive callback: does not return");
}

static ULONGLONG CALLBACK server_clock(PVOID context)
{
    struct hunt *hunt = context;
    return (ULONGLONG)InterlockedCompareExchange64(&hunt->cases, 0, 0) * STEP;
}

bool hunt_start(struct hunt *hunt)
{
    hunt->seeds = calloc(hunt->list->count, sizeof(*hunt->seeds));
    if (hunt->seeds == NULL)
        return false;
    for (size_t i = 0; i < hunt->list->count; i++) {
        const struct message *request = hunt->list->exchanges[i].request;
        hunt->seeds[i] =
            (struct fuzz_seed){request->packet, request->length, request->source.length != 4};
    }
    hunt->new_text = TEXT_EMPTY;
    InitializeCriticalSection(&hunt->lock);
    InitializeConditionVariable(&hunt->changed);
    SCOPED_TEXT provider = TEXT_EMPTY;
    bench_server_put_name(hunt->options, &provider);
    (void)snprintf(hunt->provider, sizeof(hunt->provider), "%s", text_chars(&provider));
    return true;
}

void hunt_connect(struct hunt *hunt, WDSPXE_EXT_SERVER_CONFIG *config)
{
    config->uPendTimeout = NEVER_MS;
    config->pfnRequest = on_request;
    config->pfnReply = on_reply;
    config->pfnFinding = on_finding;
    config->pfnClock = server_clock;
    config->pContext = hunt;
}

void hunt_end(struct hunt *hunt)
{
    DeleteCriticalSection(&hunt->lock);
    text_free(&hunt->new_text);
    free(hunt->seeds);
}
