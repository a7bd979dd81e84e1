#include "engine/core.h"

#include <stdarg.h>
#include <stdio.h>

#define NANOSECONDS_PER_MS ((uint64_t)1000000)

void engine_log(struct engine *engine, uint32_t severity, const char *format, ...)
{
    const struct log_port *log = &engine->ports.log;
    char line[1024];
    va_list arguments;

    if (log->write == NULL || !log->enabled(log->context, severity))
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    log->write(log->context, severity, line);
}

void engine_hold(struct engine *engine)
{
    atomic_fetch_add(&engine->active, 1);
}

bool engine_enter(struct engine *engine)
{
    engine_hold(engine);
    if (atomic_load(&engine->is_serving))
        return true;
    engine_leave(engine);
    return false;
}

static void engine_wake(struct engine *engine)
{
    mutex_lock(&engine->lock);
    signal_wake_all(&engine->idle);
    mutex_unlock(&engine->lock);
}

void engine_leave(struct engine *engine)
{
    const uint32_t inside = atomic_fetch_sub(&engine->active, 1) - 1;

    if (inside <= atomic_load(&engine->left_behind) && !atomic_load(&engine->is_serving))
        engine_wake(engine);
}

/* Waits until the count is at most `rest`; whoever makes it so wakes the waiters. False: it is not,
 * after the time. */
static bool engine_wait_count(struct engine *engine, _Atomic uint32_t *count,
                              const _Atomic uint32_t *rest, uint32_t milliseconds)
{
    const struct stopwatch_port *stopwatch = &engine->ports.stopwatch;
    uint64_t end = stopwatch->nanoseconds(stopwatch->context) + milliseconds * NANOSECONDS_PER_MS;

    mutex_lock(&engine->lock);
    while (atomic_load(count) > atomic_load(rest)) {
        uint64_t now = stopwatch->nanoseconds(stopwatch->context);
        if (now >= end)
            break;
        (void)signal_wait(&engine->idle, &engine->lock,
                          (uint32_t)((end - now) / NANOSECONDS_PER_MS) + 1);
    }
    mutex_unlock(&engine->lock);
    return atomic_load(count) <= atomic_load(rest);
}

bool engine_wait_ended(struct engine *engine, uint32_t milliseconds)
{
    static const _Atomic uint32_t none;

    atomic_fetch_add(&engine->waiting, 1);
    bool ended = engine_wait_count(engine, &engine->pool.open, &none, milliseconds);
    atomic_fetch_sub(&engine->waiting, 1);
    return ended;
}

bool engine_wait_left(struct engine *engine, uint32_t milliseconds)
{
    return engine_wait_count(engine, &engine->active, &engine->left_behind, milliseconds);
}

void engine_all_ended(struct engine *engine)
{
    if (atomic_load(&engine->waiting) != 0)
        engine_wake(engine);
}

void engine_halt(struct engine *engine)
{
    atomic_store(&engine->is_serving, false);
}
