#include "win32/server/delay_queue.h"

#include <windows.h>

#include <stddef.h>

#include "base/mem.h"

struct waiting {
    struct waiting *earlier, *later;
    ULONGLONG due; /* of GetTickCount64 */
    void (*run)(void *argument);
    void *argument;
};

struct delay_queue {
    PTP_TIMER timer;
    SRWLOCK lock;                 /* guards the list */
    struct waiting *first, *last; /* in the order of their time */
};

/* Caller holds queue->lock. Sets the timer to the time of the first one. */
static void timer_set(struct delay_queue *queue)
{
    ULONGLONG now = GetTickCount64();
    ULONGLONG wait = queue->first->due > now ? queue->first->due - now : 0;
    LARGE_INTEGER relative = {.QuadPart = -(LONGLONG)wait * 10000};
    FILETIME due = {relative.LowPart, (DWORD)relative.HighPart};

    SetThreadpoolTimer(queue->timer, &due, 0, 0);
}

/* Caller holds queue->lock. Most wait equally long, so the place is near the end. */
static void insert(struct delay_queue *queue, struct waiting *waiting)
{
    struct waiting *before = queue->last;

    while (before != NULL && before->due > waiting->due)
        before = before->earlier;
    waiting->earlier = before;
    waiting->later = before != NULL ? before->later : queue->first;
    *(before != NULL ? &before->later : &queue->first) = waiting;
    *(waiting->later != NULL ? &waiting->later->earlier : &queue->last) = waiting;
}

/* The first one if its time has come; NULL: not yet, the timer is set, or nothing waits. */
static struct waiting *take_due(struct delay_queue *queue, ULONGLONG now)
{
    AcquireSRWLockExclusive(&queue->lock);
    struct waiting *first = queue->first;
    if (first != NULL && first->due > now) {
        timer_set(queue);
        first = NULL;
    } else if (first != NULL) {
        queue->first = first->later;
        *(first->later != NULL ? &first->later->earlier : &queue->last) = NULL;
    }
    ReleaseSRWLockExclusive(&queue->lock);
    return first;
}

static void run_due(struct delay_queue *queue, ULONGLONG now)
{
    struct waiting *waiting;

    while ((waiting = take_due(queue, now)) != NULL) {
        waiting->run(waiting->argument);
        mem_free(waiting);
    }
}

static VOID CALLBACK timer_fired(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_TIMER timer)
{
    (void)instance;
    (void)timer;
    run_due(context, GetTickCount64());
}

struct delay_queue *delay_queue_create(void)
{
    struct delay_queue *queue = mem_alloc(sizeof(*queue));

    if (queue == NULL)
        return NULL;
    InitializeSRWLock(&queue->lock);
    queue->timer = CreateThreadpoolTimer(timer_fired, queue, NULL);
    if (queue->timer != NULL)
        return queue;
    mem_free(queue);
    return NULL;
}

bool delay_queue_submit(void *context, uint32_t milliseconds, void (*run)(void *argument),
                        void *argument)
{
    struct delay_queue *queue = context;
    struct waiting *waiting = mem_alloc(sizeof(*waiting));

    if (waiting == NULL)
        return false;
    waiting->due = GetTickCount64() + milliseconds;
    waiting->run = run;
    waiting->argument = argument;
    AcquireSRWLockExclusive(&queue->lock);
    insert(queue, waiting);
    if (queue->first == waiting)
        timer_set(queue);
    ReleaseSRWLockExclusive(&queue->lock);
    return true;
}

void delay_queue_destroy(struct delay_queue *queue)
{
    if (queue == NULL)
        return;
    SetThreadpoolTimer(queue->timer, NULL, 0, 0);
    WaitForThreadpoolTimerCallbacks(queue->timer, /* fCancelPendingCallbacks= */ TRUE);
    run_due(queue, ULLONG_MAX);
    CloseThreadpoolTimer(queue->timer);
    mem_free(queue);
}
