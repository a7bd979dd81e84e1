#include "bench/record.h"

#include <string.h>

#include "server/describe.h"
#include "exchange/exchange_json.h"
#include "exchange/ladder.h"
#include "bench/reproducer.h"
#include "text/wide.h"

/* As UTF-8, kept. NULL for NULL. Caller holds record->lock. */
static const char *keep(struct record *record, const wchar_t *string)
{
    const char *kept = NULL;
    text_clear(&record->word);
    text_put_wide(&record->word, string);
    if (string != NULL && !record->word.failed)
        kept = string_pool_keep(&record->list->strings, text_chars(&record->word));
    record->is_out_of_memory |= string != NULL && kept == NULL;
    return kept;
}

/* ---- log ---- */

static VOID CALLBACK on_log(PXE_SEVERITY severity, LPCWSTR text, PVOID context)
{
    const PXE_SEVERITY always = PXE_TRACE_WARNING | PXE_TRACE_ERROR | PXE_TRACE_FATAL;
    const struct record *record = context;
    SCOPED_TEXT line = TEXT_EMPTY;
    if (!record->options->is_verbose && (severity & always) == 0)
        return;
    text_format(&line, "%s: ", severity_name(severity));
    text_put_wide(&line, text);
    output_line(STREAM_ERROR, &line);
}

/* ---- replies ---- */

/* Is it one of those of the first pass? */
static bool is_known(const struct exchange *exchange, const WDSPXE_EXT_REPLY *reply)
{
    for (size_t i = 0; i < exchange->reply_count; i++) {
        const struct message *known = &exchange->replies[i].message;
        if (known->length == reply->uPacketLen &&
            memcmp(known->packet, reply->pPacket, known->length) == 0)
            return true;
    }
    return exchange->more_replies > 0;
}

static void keep_reply(struct record *record, struct exchange *exchange,
                       const WDSPXE_EXT_REPLY *reply)
{
    struct exchange_reply kept = {
        .message.source = endpoint_of(&reply->Local),
        .message.destination = endpoint_of(&reply->Remote),
        .message.packet = (uint8_t *)(uintptr_t)reply->pPacket,
        .message.length = reply->uPacketLen,
        .provider = keep(record, reply->pszProvider),
    };
    record->is_out_of_memory |= !exchange_add_reply(exchange, &kept);
}

static DWORD CALLBACK on_reply(const WDSPXE_EXT_REPLY *reply, PVOID context)
{
    struct record *record = context;
    EnterCriticalSection(&record->lock);
    struct exchange *exchange = exchanges_find(record->list, reply->uNumber);
    record->replies++;
    if (exchange != NULL && record->is_first_pass)
        keep_reply(record, exchange, reply);
    else if (exchange != NULL && !is_known(exchange, reply))
        record->changed_replies++;
    LeaveCriticalSection(&record->lock);
    return ERROR_SUCCESS;
}

/* ---- ends ---- */

static void count_end(struct record *record, const WDSPXE_EXT_REQUEST *request)
{
    if (request->uReplies > 0)
        record->answered++;
    else if (request->Action == PXE_BA_IGNORE)
        record->ignored++;
    else
        record->unanswered++;
}

static const char *keep_reason(struct record *record, const WDSPXE_EXT_REQUEST *request)
{
    SCOPED_TEXT reason = TEXT_EMPTY;
    put_refusal_reason(&reason, request);
    const char *kept = string_pool_keep(&record->list->strings, text_chars(&reason));
    record->is_out_of_memory |= reason.failed || kept == NULL;
    return kept;
}

/* Caller holds record->lock. */
static void keep_repaired(struct record *record, struct exchange *exchange,
                          const WDSPXE_EXT_REQUEST *request)
{
    if (request->pszRepair == NULL)
        return;
    exchange->repair = keep(record, request->pszRepair);
    record->is_out_of_memory |=
        !exchange_keep_repaired(exchange, request->pPacket, request->uPacketLen);
}

static VOID CALLBACK on_request(const WDSPXE_EXT_REQUEST *request, PVOID context)
{
    struct record *record = context;
    EnterCriticalSection(&record->lock);
    struct exchange *exchange = exchanges_find(record->list, request->uNumber);
    count_end(record, request);
    record->ended++;
    WakeAllConditionVariable(&record->has_ended);
    if (exchange != NULL && record->is_first_pass) {
        exchange->has_ended = true;
        keep_repaired(record, exchange, request);
        exchange->provider = keep(record, request->pszProvider);
        exchange->action = boot_action_name(request->Action);
        exchange->no_answer = request->uReplies > 0 ? NULL : keep_reason(record, request);
    }
    LeaveCriticalSection(&record->lock);
}

/* ---- times ---- */

/* NULL if there are too many providers. */
static struct provider_timing *find_timing(struct record *record, const char *provider)
{
    for (size_t i = 0; i < record->timing_count; i++) {
        if (record->timings[i].provider == provider)
            return &record->timings[i];
    }
    if (provider == NULL || record->timing_count == RECORD_PROVIDERS_MAX)
        return NULL;
    struct provider_timing *timing = &record->timings[record->timing_count++];
    timing->provider = provider;
    return timing;
}

static VOID CALLBACK on_timing(LPCWSTR provider, ULONGLONG number, ULONGLONG nanoseconds,
                               PVOID context)
{
    struct record *record = context;
    EnterCriticalSection(&record->lock);
    const char *name = keep(record, provider);
    struct provider_timing *timing = find_timing(record, name);
    if (timing != NULL)
        histogram_add(&timing->nanoseconds, nanoseconds);
    if (record->is_first_pass) {
        struct exchange *exchange = exchanges_find(record->list, number);
        if (exchange != NULL && !exchange_add_call(exchange, name, nanoseconds))
            record->is_out_of_memory = true;
    }
    LeaveCriticalSection(&record->lock);
}

/* ---- findings ---- */

/* The tally that the finding belongs to; counts it. Names are of the pool, which has each once. */
static struct finding_tally *tally(struct record *record, const struct finding *finding)
{
    struct finding_tally *found = NULL;
    record->findings++;
    for (size_t i = 0; i < record->tally_count && found == NULL; i++) {
        struct finding_tally *known = &record->tallies[i];
        if (known->rule == finding->rule && known->provider == finding->provider &&
            known->call == finding->call)
            found = known;
    }
    if (found == NULL && record->tally_count == RECORD_RULES_MAX)
        found = &record->tallies[RECORD_RULES_MAX - 1];
    if (found == NULL) {
        found = &record->tallies[record->tally_count++];
        *found = (struct finding_tally){
            .rule = finding->rule,
            .rule_name = finding->rule_name,
            .provider = finding->provider,
            .call = finding->call,
            .first_number = finding->number,
        };
    }
    found->count++;
    return found;
}

static void show_finding(const struct record *record, const struct finding *finding)
{
    struct writer writer;
    writer_start_event(&writer, record->options->as_json, "finding");
    say(&writer, "FINDING ");
    finding_write(&writer, record->list, finding);
    write_end(&writer);
    output_record(STREAM_OUT, &writer);
}

void record_put_name(const struct record *record, const struct exchange *exchange,
                     struct text *name)
{
    uint64_t number = exchange->request->number;
    const char *capture = exchanges_capture_name(record->list, number);
    const char *dot = strrchr(capture, '.');
    text_put_span(name, capture, dot == NULL ? strlen(capture) : (size_t)(dot - capture));
    text_format(name, "-frame%llu", (unsigned long long)message_frame(number));
}

static bool write_reproducer(const struct record *record, const char *provider,
                             const struct exchange *exchange, struct text *out_path)
{
    SCOPED_TEXT name = TEXT_EMPTY;
    record_put_name(record, exchange, &name);
    return !name.failed && reproducer_write(record->options->crash_folder, provider,
                                            text_chars(&name), exchange->request, out_path);
}

/* Caller holds record->lock. */
static void take_finding(struct record *record, struct finding *finding)
{
    struct finding_tally *counted = tally(record, finding);
    bool is_shown = counted->count <= RECORD_SHOWN_MAX;
    SCOPED_TEXT reproducer = TEXT_EMPTY;
    struct exchange *exchange = exchanges_find(record->list, finding->number);
    if (finding->needs_reproducer && exchange != NULL && is_shown &&
        write_reproducer(record, finding->provider, exchange, &reproducer))
        finding->reproducer = text_chars(&reproducer);
    if (exchange != NULL && record->is_first_pass && !exchange_add_finding(exchange, finding))
        record->is_out_of_memory = true;
    if (is_shown)
        show_finding(record, finding);
    if (counted->count == RECORD_SHOWN_MAX && !record->options->as_json)
        output_format(STREAM_OUT, "FINDING further ones like this are only counted");
}

/* What is worth a capture of its own: it may show in another place at another time. */
static bool breaks_memory(ULONG rule)
{
    return rule == WDSPXE_EXT_RULE_FAULT || rule == WDSPXE_EXT_RULE_PACKET_OVERRUN ||
           rule == WDSPXE_EXT_RULE_PACKET_USED_AFTER_FREE;
}

void record_finding(struct record *record, const WDSPXE_EXT_FINDING *told, bool needs_reproducer)
{
    SCOPED_TEXT text = TEXT_EMPTY;
    text_put_wide(&text, told->pszText);
    if (told->uRule == WDSPXE_EXT_RULE_FAULT)
        InterlockedExchange(&record->has_fault, 1);
    EnterCriticalSection(&record->lock);
    struct finding finding = {
        .number = told->uNumber,
        .rule = told->uRule,
        .rule_name = keep(record, told->pszRule),
        .provider = keep(record, told->pszProvider),
        .call = keep(record, told->pszCall),
        .text = text_chars(&text),
        .needs_reproducer = needs_reproducer,
    };
    record->is_out_of_memory |= text.failed;
    take_finding(record, &finding);
    if (told->uRule == WDSPXE_EXT_RULE_NEVER_COMPLETED) {
        record->given_up++;
        WakeAllConditionVariable(&record->has_ended);
    }
    LeaveCriticalSection(&record->lock);
}

static VOID CALLBACK on_finding(const WDSPXE_EXT_FINDING *told, PVOID context)
{
    record_finding(context, told, breaks_memory(told->uRule));
}

bool record_wait(struct record *record, uint64_t open, DWORD milliseconds)
{
    ULONGLONG begin = GetTickCount64(), elapsed = 0;
    EnterCriticalSection(&record->lock);
    while (record->started > record->ended + record->given_up + open && elapsed < milliseconds) {
        (void)SleepConditionVariableCS(&record->has_ended, &record->lock,
                                       milliseconds - (DWORD)elapsed);
        elapsed = GetTickCount64() - begin;
    }
    bool has_ended = record->started <= record->ended + record->given_up + open;
    LeaveCriticalSection(&record->lock);
    return has_ended;
}

void record_count_start(struct record *record, int change)
{
    EnterCriticalSection(&record->lock);
    record->started += (uint64_t)(int64_t)change;
    LeaveCriticalSection(&record->lock);
}

/* ---- clock ---- */

static ULONGLONG CALLBACK on_clock(PVOID context)
{
    struct record *record = context;
    return (ULONGLONG)InterlockedCompareExchange64(&record->clock, 0, 0);
}

void record_set_clock(struct record *record, uint64_t time)
{
    LONG64 now = InterlockedCompareExchange64(&record->clock, 0, 0);
    while ((uint64_t)now < time) {
        LONG64 seen = InterlockedCompareExchange64(&record->clock, (LONG64)time, now);
        if (seen == now)
            return;
        now = seen;
    }
}

/* ---- life ---- */

void record_start(struct record *record, const struct replay_options *options,
                  struct exchange_list *list)
{
    record->options = options;
    record->list = list;
    record->is_first_pass = true;
    InitializeCriticalSection(&record->lock);
}

void record_connect(struct record *record, WDSPXE_EXT_SERVER_CONFIG *config)
{
    config->pContext = record;
    config->pfnLog = on_log;
    config->pfnReply = on_reply;
    config->pfnRequest = on_request;
    config->pfnTiming = on_timing;
    config->pfnFinding = on_finding;
    config->pfnClock = on_clock;
}

void record_end_first_pass(struct record *record)
{
    EnterCriticalSection(&record->lock);
    record->is_first_pass = false;
    LeaveCriticalSection(&record->lock);
}

void record_end(struct record *record)
{
    DeleteCriticalSection(&record->lock);
}
