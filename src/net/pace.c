#include "net/pace.h"

#include <string.h>

enum {
    FAST_WINDOW_CALLBACKS = 128, /* so many in a window are no sign of slow ones */
    FAST_OF_EACH = 64,           /* nor, with several handlers, so many of each */
    MANY_HANDLERS = 8,
    HOLD_WINDOWS = PACE_TICKS_PER_SECOND / PACE_WINDOW_TICKS,
    QUIET_TICKS = PACE_TICKS_PER_SECOND,
    LATE = 3 * PACE_TICK * 1000, /* microseconds */
};

void pace_init(struct pace *pace, uint32_t most)
{
    memset(pace, 0, sizeof(*pace));
    atomic_init(&pace->handler_limit, 1);
    pace->most = most;
}

bool pace_is_on_time(struct pace *pace, uint64_t microseconds)
{
    const bool is_on_time = microseconds - pace->ticked_at < LATE;

    pace->ticked_at = microseconds;
    return is_on_time;
}

static void limit_raise(struct pace *pace, uint32_t limit)
{
    pace->is_trial = true;
    pace->trial_base = pace->window_done;
    atomic_store(&pace->handler_limit, limit < pace->most / 2 ? 2 * limit : pace->most);
}

static void limit_lower(struct pace *pace, uint32_t limit)
{
    atomic_store(&pace->handler_limit, limit > 1 ? limit / 2 : 1);
}

/* A thread that did not get its turn from the system looks like one whose callback is slow. Then
 * more handle than are needed, and those who receive stand aside, which costs much of the rate. */
static bool is_quick_with_each(uint32_t done, uint32_t limit)
{
    return done / limit >= FAST_OF_EACH;
}

/*
 * After a window of time. While something waits, a higher limit is tried now and then, and kept if
 * it brings something: callbacks that seem slow may also just wait for a processor, and more
 * threads do not help them. A lower one if much is done, or, once a second, if nothing waits.
 */
static void limit_adjust(struct pace *pace)
{
    const uint32_t limit = pace_handler_limit(pace), done = pace->window_done;
    const bool was_trial = pace->is_trial;

    pace->is_trial = false;
    if (!pace->window_waited) {
        if (pace->ticks % PACE_TICKS_PER_SECOND < PACE_WINDOW_TICKS ||
            is_quick_with_each(done, limit))
            limit_lower(pace, limit);
    } else if (done == 0) {
        /* The more there are, the less likely that just one more is missing. */
        if (limit < MANY_HANDLERS || pace->was_idle_window)
            limit_raise(pace, limit);
    } else if (done >= FAST_WINDOW_CALLBACKS) {
        limit_lower(pace, limit);
    } else if (was_trial && done < pace->trial_base + pace->trial_base / 4) {
        limit_lower(pace, limit);
        pace->hold_windows = HOLD_WINDOWS;
    } else if (was_trial || pace->hold_windows == 0) {
        limit_raise(pace, limit);
    } else {
        pace->hold_windows--;
    }
}

static void window_begin(struct pace *pace)
{
    pace->was_idle_window = pace->window_waited && pace->window_done == 0;
    pace->window_done = 0;
    pace->window_waited = true;
}

void pace_tick(struct pace *pace, const struct pace_look *look)
{
    pace->ticks++;
    pace->window_done += look->done;
    pace->window_waited &= look->waiting > 0;
    if (!look->is_on_time)
        window_begin(pace);
    if (look->has_stuck && pace_is_quick(pace))
        atomic_store(&pace->handler_limit, 2);
    if (pace->ticks % PACE_WINDOW_TICKS == 0) {
        limit_adjust(pace);
        window_begin(pace);
    }
    pace->quiet_ticks = look->done == 0 && look->waiting == 0 ? pace->quiet_ticks + 1 : 0;
}

bool pace_is_second(const struct pace *pace)
{
    return pace->ticks % PACE_TICKS_PER_SECOND == 0;
}

bool pace_is_quiet(struct pace *pace)
{
    const bool is_quiet = pace->quiet_ticks >= QUIET_TICKS;

    if (is_quiet)
        pace->quiet_ticks = 0;
    return is_quiet;
}
