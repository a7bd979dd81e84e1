#include "bench/drive.h"

#include <string.h>

#include <psapi.h>

#include "bench/server.h"
#include "bench/page.h"

enum { SECOND = 1000000 };

void drive_stop(struct drive *drive)
{
    InterlockedExchange(&drive->is_stopped, 1);
}

static bool is_stopped(struct drive *drive)
{
    return InterlockedCompareExchange(&drive->is_stopped, 0, 0) != 0;
}

static LONG64 read64(volatile LONG64 *value)
{
    return InterlockedCompareExchange64(value, 0, 0);
}

/* ---- threads ---- */

/* How long pended requests may keep us: until the verifier has told of them, or as of callbacks. */
static ULONG idle_limit(const struct replay_options *options)
{
    enum { DEFAULT_PEND = 30000, GRACE = 5000 };
    uint64_t limit = (uint64_t)options->hang_seconds * 1000;
    uint64_t pend = options->pend_ms > 0 ? options->pend_ms : DEFAULT_PEND;
    if (!options->without_verifier && (limit == 0 || pend + GRACE < limit))
        limit = pend + GRACE;
    return limit > 0 && limit < INFINITE ? (ULONG)limit : INFINITE;
}

struct worker {
    struct drive *drive;
    unsigned index;
};

/* Takes the next request; NULL if there is none. */
static struct exchange *take_next(struct drive *drive)
{
    LONG64 turn = InterlockedIncrement64(&drive->next) - 1;
    if (turn >= read64(&drive->end) || is_stopped(drive))
        return NULL;
    uint64_t pass = (uint64_t)turn / drive->list->count;
    struct exchange *exchange = &drive->list->exchanges[(uint64_t)turn % drive->list->count];
    record_set_clock(drive->record, exchange->clock + pass * drive->span);
    return exchange;
}

/* For the supervisor, should the provider end the process. */
static void note_case(const struct drive *drive, unsigned slot, const struct exchange *exchange)
{
    SCOPED_TEXT name = TEXT_EMPTY;
    record_put_name(drive->record, exchange, &name);
    page_case_begin(slot, exchange->request, text_chars(&name));
}

/*
 * What is pended ends before the next request is asked; on N threads, fewer than N are open then.
 * In turns, so that nobody takes the waiting for a hang.
 */
static void wait_for_ends(struct drive *drive)
{
    ULONGLONG begin = GetTickCount64();
    ULONG limit = idle_limit(drive->options);
    while (!record_wait(drive->record, drive->options->threads - 1, WATCH_MS) &&
           !is_stopped(drive) && (limit == INFINITE || GetTickCount64() - begin < limit))
        InterlockedIncrement64(&drive->moves);
}

static DWORD WINAPI work(void *context)
{
    const struct worker *worker = context;
    struct drive *drive = worker->drive;
    volatile LONG64 *in_work = &drive->in_work[worker->index];
    struct exchange *exchange;

    while ((exchange = take_next(drive)) != NULL) {
        InterlockedExchange64(in_work, (LONG64)exchange->request->number);
        InterlockedIncrement64(&drive->moves);
        exchange->is_asked = true;
        note_case(drive, worker->index, exchange);
        record_count_start(drive->record, 1);
        if (bench_server_ask(exchange->request, &exchange->local) == ERROR_SUCCESS) {
            InterlockedIncrement64(&drive->taken);
        } else {
            /* Refused, because a fault has stopped the server: that is told by its finding. */
            exchange->is_asked = false;
            record_count_start(drive->record, -1);
            drive_stop(drive);
        }
        InterlockedIncrement64(&drive->moves);
        wait_for_ends(drive);
        page_case_end(worker->index);
        InterlockedIncrement64(&drive->moves);
        InterlockedExchange64(in_work, 0);
        if (drive->record->is_first_pass)
            drive->on_progress(drive->context);
    }
    return 0;
}

/* Asks the passes from `first` to before `end`. */
static DWORD run_passes(struct drive *drive, uint64_t first, uint64_t end)
{
    /* Static: a thread that hangs outlives this call. */
    static struct worker workers[DRIVE_THREADS_MAX];
    HANDLE threads[DRIVE_THREADS_MAX];
    DWORD count = 0, error = ERROR_SUCCESS;

    drive->next = (LONG64)(first * drive->list->count);
    drive->end = (LONG64)(end * drive->list->count);
    for (; count < drive->options->threads; count++) {
        workers[count] = (struct worker){drive, count};
        threads[count] = CreateThread(NULL, 0, work, &workers[count], 0, NULL);
        if (threads[count] == NULL) {
            error = GetLastError();
            drive_stop(drive);
            break;
        }
    }
    if (count > 0 && !page_watch(count, threads, &drive->moves,
                                 (ULONGLONG)drive->options->hang_seconds * 1000, NULL))
        drive->is_hanging = true;
    for (DWORD i = 0; i < count; i++)
        CloseHandle(threads[i]);
    return error;
}

/* ---- passes ---- */

static void find_span(struct drive *drive)
{
    const struct exchange *exchanges = drive->list->exchanges;
    drive->span = exchanges[drive->list->count - 1].clock - exchanges[0].clock + SECOND;
}

/* PagefileUsage is the same as PrivateUsage, which Wine does not tell. */
static struct drive_memory memory_now(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof(counters)};
    if (!K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters)))
        return (struct drive_memory){0, 0};
    return (struct drive_memory){counters.PagefileUsage, counters.WorkingSetSize};
}

/* Until no request is pended any more. */
static void wait_idle(struct drive *drive)
{
    page_beat();
    if (!drive->is_hanging && WdsPxeExtServerWaitIdle(idle_limit(drive->options)) == ERROR_TIMEOUT)
        drive->has_open_requests = true;
}

/* Passes, and the waiting for what they left pended; adds to what was measured. */
static DWORD measure_passes(struct drive *drive, uint64_t first, uint64_t end)
{
    LONG64 taken = read64(&drive->taken);
    ULONGLONG begin = GetTickCount64();
    DWORD error = run_passes(drive, first, end);
    wait_idle(drive);
    uint64_t asked = (uint64_t)(read64(&drive->taken) - taken);
    drive->milliseconds += GetTickCount64() - begin;
    drive->measured += asked;
    drive->asked += asked;
    return error;
}

static bool may_go_on(struct drive *drive, DWORD error)
{
    return error == ERROR_SUCCESS && !drive->is_hanging && !drive->has_open_requests &&
           !is_stopped(drive);
}

/* The passes behind the first one, which is not measured: it records and prints. */
static DWORD repeat(struct drive *drive)
{
    uint64_t passes = drive->options->passes, warm = 1 + (passes - 1) / 10;
    DWORD error = ERROR_SUCCESS;
    drive->measured = drive->milliseconds = 0;
    if (warm > 1)
        error = measure_passes(drive, 1, warm);
    drive->memory_first = memory_now();
    drive->memory_first_asked = drive->asked;
    if (passes > warm && may_go_on(drive, error))
        error = measure_passes(drive, warm, passes);
    drive->memory_last = memory_now();
    return error;
}

DWORD drive_run(struct drive *drive)
{
    find_span(drive);
    DWORD error = measure_passes(drive, 0, 1);
    drive->on_progress(drive->context);
    record_end_first_pass(drive->record);
    return may_go_on(drive, error) && drive->options->passes > 1 ? repeat(drive) : error;
}
