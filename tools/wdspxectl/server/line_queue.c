#include "server/line_queue.h"

#include "os/stack.h"
#include "server/losses.h"

/* Waits for a line. Returns false when the queue is ending and empty. */
static bool take_line(struct line_queue *queue, struct queued_line *out_line, uint64_t *out_lost)
{
    bool taken = false;
    EnterCriticalSection(&queue->lock);
    while (queue->count == 0 && !queue->is_ending)
        SleepConditionVariableCS(&queue->changed, &queue->lock, INFINITE);
    if (queue->count > 0) {
        *out_line = queue->lines[queue->first];
        queue->first = (queue->first + 1) % LINE_QUEUE_SIZE;
        queue->count--;
        taken = true;
    }
    *out_lost = 0;
    /* Told once the reader has caught up, not with every line that it is behind. */
    if (queue->count < LINE_QUEUE_SIZE / 2) {
        *out_lost = queue->lost;
        queue->lost = 0;
    }
    LeaveCriticalSection(&queue->lock);
    return taken;
}

static void tell_lost(uint64_t lost)
{
    if (lost > 0)
        output_warning("%llu lines are lost, their reader is too slow", lost);
}

/* A stream that fails does not hold up the other, and the other tells. */
static void write_line(struct line_queue *queue, const struct queued_line *line)
{
    const ULONGLONG now = GetTickCount64();
    struct loss *loss = &queue->losses[line->stream];
    uint64_t lost;

    if (!loss_may_try(loss, now))
        return;
    const DWORD error = output_line(line->stream, &line->text);
    const enum loss_news news = loss_tried(loss, error == ERROR_SUCCESS, now, &lost);
    if (line->stream == STREAM_OUT)
        losses_tell("standard output", "lines", news, lost, error);
    else
        losses_tell_log("standard error", "lines", news, lost, error);
}

static DWORD WINAPI write_lines(void *context)
{
    struct line_queue *queue = context;
    struct queued_line line;
    uint64_t lost = 0;

    stack_trim();
    while (take_line(queue, &line, &lost)) {
        write_line(queue, &line);
        text_free(&line.text);
        tell_lost(lost);
    }
    tell_lost(lost);
    return 0;
}

DWORD line_queue_start(struct line_queue *queue)
{
    InitializeCriticalSection(&queue->lock);
    InitializeConditionVariable(&queue->changed);
    queue->thread = CreateThread(NULL, 0, write_lines, queue, 0, NULL);
    return queue->thread == NULL ? GetLastError() : ERROR_SUCCESS;
}

void line_queue_put(struct line_queue *queue, enum stream stream, struct text *line)
{
    EnterCriticalSection(&queue->lock);
    bool fits = queue->count < LINE_QUEUE_SIZE && !queue->is_ending;
    if (fits) {
        size_t at = (queue->first + queue->count) % LINE_QUEUE_SIZE;
        queue->lines[at] = (struct queued_line){stream, *line};
        queue->count++;
        *line = TEXT_EMPTY;
    } else {
        queue->lost++;
    }
    LeaveCriticalSection(&queue->lock);
    WakeConditionVariable(&queue->changed);
    if (!fits)
        text_free(line);
}

bool line_queue_stop(struct line_queue *queue, DWORD milliseconds)
{
    EnterCriticalSection(&queue->lock);
    queue->is_ending = true;
    LeaveCriticalSection(&queue->lock);
    WakeConditionVariable(&queue->changed);

    bool ended = WaitForSingleObject(queue->thread, milliseconds) == WAIT_OBJECT_0;
    /* A thread that hangs in a write goes down with the process. */
    CloseHandle(queue->thread);
    return ended;
}
