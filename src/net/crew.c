#include "net/crew.h"

#include <windows.h>

#include <string.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/inside.h"
#include "os/stack.h"
#include "net/backend.h"
#include "net/outbox.h"
#include "net/pace.h"

enum {
    MEMBERS_MAX = 128,
    INTAKE_LIMIT = 8192, /* what is older is sent again by its client before it is answered */
    HELD_MAX = 1024,     /* of one source; more are not held back */
    DRAIN_BATCHES = 16,  /* full ones received before something is handled in between */
    NO_SLOT_PAUSE = 50,  /* milliseconds */
    SECOND = 1000,       /* milliseconds */
    STUCK_TICKS = 3, /* in one callback; on a busy machine a thread may just wait for its turn */
    RECEIVING = 1,   /* in crew_source.holder: inside its receive */
    COUNT_SHIFT = 16,
};

/* Datagrams that one member handles one after the other, without a lock. Should it get stuck in one
 * of them, the foreman takes the rest away. */
struct batch {
    _Atomic uint32_t claimed; /* how many there are << COUNT_SHIFT | those claimed; 0: taken away */
    struct intake_slot *slots[NET_BATCH];
};

struct crew_member {
    struct crew *crew;
    HANDLE thread;
    _Atomic uint32_t beat;                /* odd: inside the handler */
    struct intake_slot *slots[NET_BATCH]; /* to receive into */
    size_t slot_count;
    struct batch batch;
    struct outbox outbox;
    struct intake_slot *handling; /* of the batch */
    bool is_working;              /* is counted in crew->working; guarded by crew->lock */
    uint32_t full_batches;        /* received one after the other */
    /* the foreman's own */
    uint32_t seen_beat;
    uint32_t still_ticks; /* inside one and the same callback */
};

struct crew {
    struct crew_events events;
    struct intake *intake;
    _Atomic bool is_stopping;
    _Atomic bool is_active; /* the foreman is awake */
    bool is_watching;       /* the foreman's own: asleep, it wakes up once a second */
    struct pace pace;       /* how many members may handle what waits; the foreman ticks it */
    _Atomic uint32_t stuck; /* members that do not count, for they do not come back */
    SRWLOCK lock;           /* guards what follows */
    CONDITION_VARIABLE work;
    CONDITION_VARIABLE activity;
    struct crew_source *sources;
    uint32_t idle;            /* members that wait for work */
    uint32_t called;          /* of these, how many have been woken */
    uint32_t starting;        /* members whose threads have not begun yet */
    _Atomic uint32_t working; /* members that handle what waits; changed by holders of `lock` */
    uint32_t member_count;
    struct crew_member members[MEMBERS_MAX];
    HANDLE foreman;
};

/* ---- more members ---- */

static DWORD WINAPI member_thread(void *argument);

/* Caller holds crew->lock. */
static bool member_start(struct crew *crew)
{
    if (crew->member_count == MEMBERS_MAX || atomic_load(&crew->is_stopping))
        return false;
    struct crew_member *member = &crew->members[crew->member_count];
    member->crew = crew;
    member->thread = CreateThread(NULL, 0, member_thread, member, 0, NULL);
    if (member->thread == NULL)
        return false;
    crew->member_count++;
    crew->starting++;
    return true;
}

/* Caller holds crew->lock: gets one more member to look for work. */
static bool member_call(struct crew *crew)
{
    if (crew->called >= crew->idle)
        return member_start(crew);
    crew->called++;
    WakeConditionVariable(&crew->work);
    return true;
}

/* How many members may handle what waits, those included that do not come back. */
static uint32_t crew_handlers(const struct crew *crew)
{
    return pace_handler_limit(&crew->pace) + atomic_load(&crew->stuck);
}

/* Gets members to handle what waits, as many as may, `wanted` at most. */
static void crew_call_handlers(struct crew *crew, size_t wanted)
{
    AcquireSRWLockExclusive(&crew->lock);
    uint32_t most = crew_handlers(crew);
    while (wanted-- > 0 && atomic_load(&crew->working) + crew->called + crew->starting < most &&
           member_call(crew))
        continue;
    ReleaseSRWLockExclusive(&crew->lock);
}

/* Gets members to take over sources. False: there are not so many. */
static bool crew_call_receivers(struct crew *crew, size_t count)
{
    AcquireSRWLockExclusive(&crew->lock);
    while (count > 0 && member_call(crew))
        count--;
    ReleaseSRWLockExclusive(&crew->lock);
    return count == 0;
}

/* ---- handling ---- */

static void crew_activate(struct crew *crew)
{
    AcquireSRWLockExclusive(&crew->lock);
    atomic_store(&crew->is_active, true);
    ReleaseSRWLockExclusive(&crew->lock);
    WakeConditionVariable(&crew->activity);
}

static void slot_handle(struct crew_member *member, const struct intake_slot *slot)
{
    struct crew *crew = member->crew;

    atomic_fetch_add(&member->beat, 1);
    if (!atomic_load(&crew->is_active))
        crew_activate(crew);
    crew->events.handle(crew->events.context, &slot->datagram);
    atomic_fetch_add(&member->beat, 1);
}

/* Its datagram has been handled: the member keeps it to receive into, which costs no lock. */
static void slot_keep(struct crew_member *member, struct intake_slot *slot)
{
    if (member->slot_count < NET_BATCH)
        member->slots[member->slot_count++] = slot;
    else
        intake_release(member->crew->intake, slot);
}

/* The next one of the batch, or NULL: there is none left, or the foreman has the rest. */
static struct intake_slot *batch_claim(struct crew_member *member)
{
    const uint32_t claimed = atomic_fetch_add(&member->batch.claimed, 1);
    const uint32_t count = claimed >> COUNT_SHIFT;
    const uint32_t next = claimed & ((1u << COUNT_SHIFT) - 1);

    if (count == 0) { /* wait until the foreman has read it */
        AcquireSRWLockExclusive(&member->crew->lock);
        ReleaseSRWLockExclusive(&member->crew->lock);
    }
    return next < count ? member->batch.slots[next] : NULL;
}

/* The end has come: what is left is dropped, and counted. */
static void batch_drop(struct crew_member *member)
{
    struct intake *intake = member->crew->intake;
    struct intake_slot *slot;

    while ((slot = batch_claim(member)) != NULL)
        intake_put(intake, &slot, 1);
    intake_drop_waiting(intake);
}

/* `count` slots of member->batch. */
static void batch_run(struct crew_member *member, size_t count)
{
    struct intake_slot *slot;

    if (count > 1)
        outbox_collect(&member->outbox);
    atomic_store(&member->batch.claimed, (uint32_t)count << COUNT_SHIFT);
    while (!atomic_load(&member->crew->is_stopping) && (slot = batch_claim(member)) != NULL) {
        member->handling = slot;
        slot_handle(member, slot);
        member->handling = NULL;
        slot_keep(member, slot);
    }
    if (count > 1)
        outbox_end(&member->outbox);
    if (atomic_load(&member->crew->is_stopping))
        batch_drop(member);
}

/* Caller holds crew->lock: what the member has not begun waits for others from now on. */
static void batch_take_over(struct crew_member *member)
{
    const uint32_t claimed = atomic_exchange(&member->batch.claimed, 0);
    const uint32_t count = claimed >> COUNT_SHIFT;
    const uint32_t next = claimed & ((1u << COUNT_SHIFT) - 1);

    if (next < count)
        intake_put(member->crew->intake, &member->batch.slots[next], count - next);
}

/* The oldest that wait, `most` at most. False: there are none left. */
static bool queue_handle(struct crew_member *member, size_t most)
{
    while (most > 0) {
        size_t count = intake_take_batch(member->crew->intake, member->batch.slots,
                                         most < NET_BATCH ? most : NET_BATCH);
        if (count == 0)
            return false;
        batch_run(member, count);
        most -= count;
    }
    return true;
}

/* ---- receiving ---- */

static bool source_claim(struct crew_source *source, struct crew_member *member)
{
    uintptr_t nobody = 0;
    return atomic_compare_exchange_strong(&source->holder, &nobody, (uintptr_t)member);
}

/* False: it has been given to another one meanwhile, or to nobody. */
static bool source_enter(struct crew_source *source, struct crew_member *member)
{
    uintptr_t holder = (uintptr_t)member;
    return atomic_compare_exchange_strong(&source->holder, &holder, holder | RECEIVING);
}

static void source_leave(struct crew_source *source)
{
    atomic_fetch_and(&source->holder, ~(uintptr_t)RECEIVING);
}

/* Takes it away from whoever has it, unless it receives. `holder` is what was read before. */
static bool source_vacate(struct crew_source *source, uintptr_t holder)
{
    return (holder & RECEIVING) == 0 && atomic_compare_exchange_strong(&source->holder, &holder, 0);
}

static struct crew_member *member_of(uintptr_t holder)
{
    return (struct crew_member *)(holder & ~(uintptr_t)RECEIVING);
}

static void slots_refill(struct crew_member *member)
{
    if (member->slot_count < NET_BATCH)
        member->slot_count +=
            intake_reserve_batch(member->crew->intake, &member->slots[member->slot_count],
                                 NET_BATCH - member->slot_count);
}

/* The first `count` slots are the member's no more. */
static void slots_drop(struct crew_member *member, size_t count)
{
    member->slot_count -= count;
    memmove(member->slots, member->slots + count, member->slot_count * sizeof(*member->slots));
}

/* While receiving: keeps the datagrams back; those that do not fit are put into the queue. */
static void source_hold(struct crew_member *member, struct crew_source *source, size_t count)
{
    uint64_t due = clock_microseconds() + (uint64_t)source->hold_back * 1000;

    for (size_t i = 0; i < count; i++) {
        struct intake_slot *slot = member->slots[i];
        if (source->held == HELD_MAX) {
            intake_put(member->crew->intake, &slot, 1);
            continue;
        }
        slot->due = due;
        slot->next = NULL;
        *(source->held_first != NULL ? &source->held_last->next : &source->held_first) = slot;
        source->held_last = slot;
        source->held++;
    }
    slots_drop(member, count);
}

/* While receiving: puts into the queue what has rested until `now`. */
static void source_let_go(struct crew *crew, struct crew_source *source, uint64_t now)
{
    while (source->held_first != NULL && source->held_first->due <= now) {
        struct intake_slot *slot = source->held_first;
        source->held_first = slot->next;
        source->held--;
        intake_put(crew->intake, &slot, 1);
    }
}

/* How long there is nothing to do but to receive. */
static uint32_t source_patience(const struct crew *crew, const struct crew_source *source)
{
    uint64_t now;

    if (intake_waiting(crew->intake) > 0 && pace_is_quick(&crew->pace))
        return 0;
    if (source->held_first == NULL)
        return NET_FOREVER;
    now = clock_microseconds();
    return source->held_first->due > now ? (uint32_t)((source->held_first->due - now) / 1000 + 1)
                                         : 0;
}

/* The straight way: nothing waits, and all that there was has been received. A full batch comes
 * from a socket that has more: its buffer is smaller than the queue, and drops without a choice. */
static bool is_straight(const struct crew_member *member, size_t count)
{
    return count < NET_BATCH && intake_waiting(member->crew->intake) == 0;
}

static void batch_handle(struct crew_member *member, size_t count)
{
    struct crew *crew = member->crew;
    const bool is_quick = pace_is_quick(&crew->pace);

    if (is_quick && count > 0 && is_straight(member, count)) {
        memcpy(member->batch.slots, member->slots, count * sizeof(*member->slots));
        slots_drop(member, count);
        batch_run(member, count);
        return;
    }
    if (count > 0) {
        intake_put(crew->intake, member->slots, count);
        slots_drop(member, count);
    }
    if (count == NET_BATCH && member->full_batches++ < DRAIN_BATCHES)
        return;
    if (is_quick)
        (void)queue_handle(member, (size_t)NET_BATCH * (1 + member->full_batches));
    else if (intake_waiting(crew->intake) > 0)
        crew_call_handlers(crew, count > 0 ? count : 1);
    member->full_batches = 0;
}

/* Until the source is no longer this member's. */
static void source_serve(struct crew_member *member, struct crew_source *source)
{
    struct crew *crew = member->crew;

    while (!atomic_load(&crew->is_stopping)) {
        slots_refill(member);
        if (!source_enter(source, member))
            return;
        size_t count = 0;
        if (member->slot_count > 0)
            count = source->receive(source->context, member->slots, member->slot_count,
                                    source_patience(crew, source));
        else
            Sleep(NO_SLOT_PAUSE);
        if (source->hold_back > 0) {
            source_hold(member, source, count);
            source_let_go(crew, source, clock_microseconds());
            count = 0;
        }
        source_leave(source);
        if (atomic_load(&crew->is_stopping))
            return;
        batch_handle(member, count);
    }
}

/* ---- a member ---- */

/* A source that nobody receives from, now this member's. Caller holds crew->lock. */
static struct crew_source *source_find(struct crew_member *member)
{
    for (struct crew_source *source = member->crew->sources; source != NULL; source = source->next)
        if (source_claim(source, member))
            return source;
    return NULL;
}

/* Waits until there is something to do. NULL: it is in the queue, or the end has come. */
static struct crew_source *member_wait(struct crew_member *member)
{
    struct crew *crew = member->crew;
    struct crew_source *source = NULL;

    AcquireSRWLockExclusive(&crew->lock);
    while (!atomic_load(&crew->is_stopping) && (source = source_find(member)) == NULL &&
           (intake_waiting(crew->intake) == 0 ||
            atomic_load(&crew->working) >= crew_handlers(crew))) {
        crew->idle++;
        SleepConditionVariableSRW(&crew->work, &crew->lock, INFINITE, 0);
        crew->idle--;
        if (crew->called > 0)
            crew->called--;
    }
    if (source == NULL)
        atomic_fetch_add(&crew->working, 1);
    member->is_working = source == NULL;
    ReleaseSRWLockExclusive(&crew->lock);
    return source;
}

/* Handles what waits, as long as so many may. */
static void member_work(struct crew_member *member)
{
    struct crew *crew = member->crew;

    while (atomic_load(&crew->working) <= crew_handlers(crew) && queue_handle(member, 1))
        continue;
    AcquireSRWLockExclusive(&crew->lock);
    atomic_fetch_sub(&crew->working, 1);
    member->is_working = false;
    ReleaseSRWLockExclusive(&crew->lock);
}

static DWORD WINAPI member_thread(void *argument)
{
    struct crew_member *member = argument;
    struct crew *crew = member->crew;
    struct inside inside;

    stack_trim();
    inside_enter(&inside, NULL);
    outbox_own(&member->outbox);
    outbox_end(&member->outbox); /* the thread before may have ended inside a callback */
    AcquireSRWLockExclusive(&crew->lock);
    crew->starting--;
    ReleaseSRWLockExclusive(&crew->lock);
    while (!atomic_load(&crew->is_stopping)) {
        struct crew_source *source = member_wait(member);
        if (source != NULL)
            source_serve(member, source);
        else
            member_work(member);
    }
    outbox_own(NULL);
    inside_leave(&inside);
    return 0;
}

/* ---- the foreman: watches for stuck threads, tunes how many handle ---- */

/* Looks at every member: how often its beat changed since the last time, how long it is in one
 * callback. Returns how many callbacks came back. */
static uint32_t members_look(struct crew *crew, uint32_t count)
{
    uint32_t done = 0, stuck = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct crew_member *member = &crew->members[i];
        uint32_t beat = atomic_load(&member->beat);
        member->still_ticks =
            beat == member->seen_beat && beat % 2 == 1 ? member->still_ticks + 1 : 0;
        outbox_flush(&member->outbox);
        done += beat / 2 - member->seen_beat / 2;
        stuck += member->still_ticks >= PACE_TICKS_PER_SECOND;
        member->seen_beat = beat;
    }
    atomic_store(&crew->stuck, stuck);
    return done;
}

/* Takes their sources from those that are stuck; returns for how many somebody is to be called. A
 * busy machine may let whoever was called wait, too. */
static uint32_t sources_free(struct crew *crew, bool *out_has_stuck)
{
    uint32_t to_call = 0;

    *out_has_stuck = false;
    AcquireSRWLockExclusive(&crew->lock);
    for (struct crew_source *source = crew->sources; source != NULL; source = source->next) {
        const uintptr_t holder = atomic_load(&source->holder);
        *out_has_stuck |= holder != 0 && member_of(holder)->still_ticks >= STUCK_TICKS &&
                          source_vacate(source, holder);
        source->vacant_ticks = atomic_load(&source->holder) == 0 ? source->vacant_ticks + 1 : 0;
        to_call += source->vacant_ticks % PACE_TICKS_PER_SECOND == 1;
    }
    ReleaseSRWLockExclusive(&crew->lock);
    return to_call;
}

/* What those who are stuck have not begun waits for others. */
static void batches_free(struct crew *crew)
{
    AcquireSRWLockExclusive(&crew->lock);
    for (uint32_t i = 0; i < crew->member_count; i++)
        if (crew->members[i].still_ticks == STUCK_TICKS)
            batch_take_over(&crew->members[i]);
    ReleaseSRWLockExclusive(&crew->lock);
}

static uint32_t crew_size(struct crew *crew)
{
    AcquireSRWLockShared(&crew->lock);
    uint32_t count = crew->member_count;
    ReleaseSRWLockShared(&crew->lock);
    return count;
}

/* Caller holds crew->lock. Another thread for the member, if there is none. */
static void member_restart(struct crew_member *member)
{
    if (member->thread != NULL)
        return;
    member->thread = CreateThread(NULL, 0, member_thread, member, 0, NULL);
    if (member->thread != NULL)
        member->crew->starting++;
}

/* The member's thread has ended inside a callback: what it held goes back. */
static void member_bury(struct crew_member *member)
{
    struct crew *crew = member->crew;

    CloseHandle(member->thread);
    member->thread = NULL;
    if (member->handling != NULL)
        intake_release(crew->intake, member->handling);
    member->handling = NULL;
    if (member->is_working)
        atomic_fetch_sub(&crew->working, 1);
    member->is_working = false;
    member->still_ticks = 0;
    if (atomic_load(&member->beat) % 2 == 1)
        atomic_fetch_add(&member->beat, 1);
    batch_take_over(member);
    for (struct crew_source *source = crew->sources; source != NULL; source = source->next)
        if (member_of(atomic_load(&source->holder)) == member)
            atomic_store(&source->holder, 0);
}

/* Providers may end threads that are not theirs; others take their places. */
static void crew_replace_dead(struct crew *crew)
{
    AcquireSRWLockExclusive(&crew->lock);
    for (uint32_t i = 0; i < crew->member_count && !atomic_load(&crew->is_stopping); i++) {
        struct crew_member *member = &crew->members[i];
        if (member->thread != NULL && WaitForSingleObject(member->thread, 0) == WAIT_OBJECT_0)
            member_bury(member);
        member_restart(member);
    }
    ReleaseSRWLockExclusive(&crew->lock);
}

/* If the foreman has not got its turn in time, others may not have got theirs either: nobody seems
 * stuck for it. */
static bool crew_is_on_time(struct crew *crew)
{
    const bool is_on_time = pace_is_on_time(&crew->pace, clock_microseconds());

    for (uint32_t i = 0; i < crew_size(crew) && !is_on_time; i++)
        crew->members[i].still_ticks = 0;
    return is_on_time;
}

/* Does nobody receive from some source, for a second or more? Whoever is idle would. */
static bool has_vacant_source(const struct crew *crew)
{
    for (const struct crew_source *source = crew->sources; source != NULL; source = source->next)
        if (source->vacant_ticks >= PACE_TICKS_PER_SECOND)
            return true;
    return false;
}

/* Is all work left undone, because every thread is in a callback and no other one starts: there are
 * as many as may be, or somebody holds the loader's lock? */
static bool crew_is_held(struct crew *crew, uint32_t waiting)
{
    AcquireSRWLockShared(&crew->lock);
    const uint32_t started = crew->member_count - crew->starting;
    const bool is_full = crew->member_count == MEMBERS_MAX || crew->starting > 0;
    const bool is_idle =
        has_vacant_source(crew) || (waiting > 0 && atomic_load(&crew->stuck) >= started);
    ReleaseSRWLockShared(&crew->lock);
    return is_full && is_idle;
}

static void crew_tick(struct crew *crew)
{
    struct pace_look look = {
        .done = members_look(crew, crew_size(crew)),
        .is_on_time = crew_is_on_time(crew),
    };
    const uint32_t receivers = sources_free(crew, &look.has_stuck);

    batches_free(crew);
    look.waiting = intake_waiting(crew->intake);

    pace_tick(&crew->pace, &look);
    if (receivers > 0)
        (void)crew_call_receivers(crew, receivers);
    if (look.waiting > 0 && !pace_is_quick(&crew->pace))
        crew_call_handlers(crew, look.waiting);
    if (!pace_is_second(&crew->pace))
        return;
    (void)crew->events.second(crew->events.context);
    crew_replace_dead(crew);
    if (crew_is_held(crew, look.waiting))
        crew->events.all_held(crew->events.context, crew_size(crew), look.waiting);
    else
        crew->events.all_held(crew->events.context, 0, 0);
}

/* Falls asleep, unless a callback has begun meanwhile; wakes up once a second while requests are
 * open, whose callbacks may run on threads that are no members. A member bumps its beat, then reads
 * is_active; here is_active is cleared, then the beats are read again: one sees the other. */
static void foreman_doze(struct crew *crew)
{
    atomic_store(&crew->is_active, false);
    for (uint32_t i = 0; i < crew_size(crew); i++)
        if (atomic_load(&crew->members[i].beat) != crew->members[i].seen_beat ||
            crew->members[i].seen_beat % 2 == 1)
            atomic_store(&crew->is_active, true);
    crew->is_watching = crew->events.second(crew->events.context);
}

/* False: the end has come. */
static bool foreman_wait(struct crew *crew)
{
    AcquireSRWLockExclusive(&crew->lock);
    if (!atomic_load(&crew->is_stopping))
        SleepConditionVariableSRW(&crew->activity, &crew->lock,
                                  atomic_load(&crew->is_active) ? PACE_TICK
                                  : crew->is_watching           ? SECOND
                                                                : INFINITE,
                                  0);
    ReleaseSRWLockExclusive(&crew->lock);
    return !atomic_load(&crew->is_stopping);
}

static DWORD WINAPI foreman_thread(void *argument)
{
    struct crew *crew = argument;

    stack_trim();
    while (foreman_wait(crew)) {
        if (!atomic_load(&crew->is_active)) {
            crew->is_watching = crew->events.second(crew->events.context);
            continue;
        }
        crew_tick(crew);
        if (pace_is_quiet(&crew->pace))
            foreman_doze(crew);
    }
    return 0;
}

/* ---- the crew ---- */

pxe_status crew_create(const struct crew_events *events, struct crew **out_crew)
{
    struct crew *crew = mem_alloc(sizeof(*crew));

    if (crew == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    crew->events = *events;
    pace_init(&crew->pace, MEMBERS_MAX);
    InitializeSRWLock(&crew->lock);
    InitializeConditionVariable(&crew->work);
    InitializeConditionVariable(&crew->activity);
    crew->intake =
        intake_create(INTAKE_LIMIT, HELD_MAX + MEMBERS_MAX * (NET_BATCH + 1), events->dropped);
    if (crew->intake != NULL)
        crew->foreman = CreateThread(NULL, 0, foreman_thread, crew, 0, NULL);
    if (crew->foreman == NULL) {
        intake_destroy(crew->intake);
        mem_free(crew);
        return PXE_NOT_ENOUGH_MEMORY;
    }
    *out_crew = crew;
    return PXE_OK;
}

pxe_status crew_add(struct crew *crew, struct crew_source *source)
{
    AcquireSRWLockExclusive(&crew->lock);
    source->next = crew->sources;
    crew->sources = source;
    ReleaseSRWLockExclusive(&crew->lock);
    return crew_call_receivers(crew, 1) ? PXE_OK : PXE_NOT_ENOUGH_MEMORY;
}

void crew_remove(struct crew *crew, struct crew_source *source,
                 void (*wake)(struct crew_source *source))
{
    AcquireSRWLockExclusive(&crew->lock);
    struct crew_source **link = &crew->sources;
    while (*link != source)
        link = &(*link)->next;
    *link = source->next;
    ReleaseSRWLockExclusive(&crew->lock);
    wake(source);
    while (!source_vacate(source, atomic_load(&source->holder)))
        Sleep(1);
    source_let_go(crew, source, UINT64_MAX);
}

void crew_stop(struct crew *crew)
{
    AcquireSRWLockExclusive(&crew->lock);
    atomic_store(&crew->is_stopping, true);
    ReleaseSRWLockExclusive(&crew->lock);
    WakeAllConditionVariable(&crew->work);
    WakeAllConditionVariable(&crew->activity);
    intake_drop_waiting(crew->intake);
}

static bool thread_join(HANDLE thread, ULONGLONG end)
{
    ULONGLONG now = GetTickCount64();
    if (thread == NULL)
        return true;
    bool ended = WaitForSingleObject(thread, end > now ? (DWORD)(end - now) : 0) == WAIT_OBJECT_0;

    CloseHandle(thread);
    return ended;
}

bool crew_destroy(struct crew *crew, uint32_t milliseconds)
{
    ULONGLONG end = GetTickCount64() + milliseconds;
    bool all_ended;

    crew_stop(crew);
    all_ended = thread_join(crew->foreman, end);
    for (uint32_t i = 0; i < crew->member_count; i++)
        all_ended &= thread_join(crew->members[i].thread, end);
    if (!all_ended)
        return false;
    for (uint32_t i = 0; i < crew->member_count; i++)
        outbox_free(&crew->members[i].outbox);
    intake_destroy(crew->intake);
    mem_free(crew);
    return true;
}
