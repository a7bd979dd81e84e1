#include "replay_drive.h"

#include <string.h>

#include <psapi.h>

#include "bench_server.h"

enum { WATCH_MS = 200, SECOND = 1000000 };

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

/* --- threads ---------------------------------------------------------------------------------- */

struct worker {
    struct drive *drive;
    unsigned index;
};

/* Takes the next request; NULL if there is none. */
static const struct exchange *take_next(struct drive *drive)
{
    LONG64 turn = InterlockedIncrement64(&drive->next) - 1;
    if (turn >= read64(&drive->end) || is_stopped(drive))
        return NULL;
    uint64_t pass = (uint64_t)turn / drive->list->count;
    const struct exchange *exchange = &drive->list->exchanges[(uint64_t)turn % drive->list->count];
    record_set_clock(drive->record, exchange->clock + pass * drive->span);
    return exchange;
}

static DWORD WINAPI work(void *context)
{
    const struct worker *worker = context;
    struct drive *drive = worker->drive;
    volatile LONG64 *in_work = &drive->in_work[worker->index];
    const struct exchange *exchange;

    while ((exchange = take_next(drive)) != NULL) {
        InterlockedExchange64(in_work, (LONG64)exchange->request->number);
        InterlockedIncrement64(&drive->moves);
        /* Refused when a fault has stopped the server: that is told by its finding. */
        if (bench_server_ask(exchange->request, &exchange->local) != ERROR_SUCCESS)
            drive_stop(drive);
        InterlockedIncrement64(&drive->moves);
        InterlockedExchange64(in_work, 0);
        if (drive->record->is_first_pass)
            drive->on_progress(drive->context);
    }
    return 0;
}

/* Waits for the threads. False if nothing has moved for too long. */
static bool watch(struct drive *drive, DWORD count, const HANDLE *threads)
{
    ULONGLONG limit = (ULONGLONG)drive->options->hang_seconds * 1000;
    ULONGLONG since = GetTickCount64();
    LONG64 moves = -1;
    while (WaitForMultipleObjects(count, threads, TRUE, WATCH_MS) == WAIT_TIMEOUT) {
        LONG64 now = read64(&drive->moves);
        if (now != moves) {
            moves = now;
            since = GetTickCount64();
        } else if (limit > 0 && GetTickCount64() - since >= limit) {
            return false;
        }
    }
    return true;
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
    if (count > 0 && !watch(drive, count, threads))
        drive->is_hanging = true;
    for (DWORD i = 0; i < count; i++)
        CloseHandle(threads[i]);
    return error;
}

/* --- passes ----------------------------------------------------------------------------------- */

static void find_span(struct drive *drive)
{
    const struct exchange *exchanges = drive->list->exchanges;
    drive->span = exchanges[drive->list->count - 1].clock - exchanges[0].clock + SECOND;
}

static uint64_t private_bytes(void)
{
    PROCESS_MEMORY_COUNTERS_EX counters = {.cb = sizeof(counters)};
    if (!K32GetProcessMemoryInfo(GetCurrentProcess(), (PROCESS_MEMORY_COUNTERS *)&counters,
                                 sizeof(counters)))
        return 0;
    return counters.PrivateUsage;
}

/* Until no request is pended any more; a request that stays pended is a hang too. */
static void wait_idle(struct drive *drive)
{
    ULONG limit = drive->options->hang_seconds > 0 ? drive->options->hang_seconds * 1000 : INFINITE;
    if (!drive->is_hanging && WdsPxeExtServerWaitIdle(limit) == ERROR_TIMEOUT)
        drive->is_hanging = true;
}

/* Passes that are measured, and the waiting for what they left pended. */
static DWORD measure_passes(struct drive *drive, uint64_t first, uint64_t end)
{
    LONG64 moves = read64(&drive->moves);
    ULONGLONG begin = GetTickCount64();
    DWORD error = run_passes(drive, first, end);
    wait_idle(drive);
    drive->milliseconds = GetTickCount64() - begin;
    drive->measured = (uint64_t)(read64(&drive->moves) - moves) / 2;
    drive->asked += drive->measured;
    return error;
}

DWORD drive_run(struct drive *drive)
{
    find_span(drive);
    DWORD error = measure_passes(drive, 0, 1);
    drive->on_progress(drive->context);
    record_end_first_pass(drive->record);
    drive->memory_first = private_bytes();
    if (error == ERROR_SUCCESS && drive->options->passes > 1 && !drive->is_hanging &&
        !is_stopped(drive))
        error = measure_passes(drive, 1, drive->options->passes);
    drive->memory_last = private_bytes();
    return error;
}
