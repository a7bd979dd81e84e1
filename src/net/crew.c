#include "net/crew.h"

#include <stdatomic.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/inside.h"
#include "net/backend.h"
#include "net/pace.h"

enum {
    MEMBERS_MAX = 128,
    INTAKE_LIMIT = 8192, /* what is older is sent again by its client before it is answered */
    HELD_MAX = 1024,     /* of one source; more are not held back */
    DRAIN_BATCHES = 16,  /* full ones received before something is handled in between */
    NO_SLOT_PAUSE = 50,  /* milliseconds */
    SECOND = 1000,       /* milliseconds */
    STUCK_TICKS = 3, /* in one callback; on a busy machine a thread may just wait for its turn */
};

struct crew_member {
    struct crew *crew;
    HANDLE thread;
    _Atomic uint32_t beat; /* odd: inside the handler */
    struct intake_slot *slots[NET_BATCH];
    size_t slot_count;
    struct intake_slot *handling; /* taken from the queue */
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

/* The oldest that wait, `most` at most. False: there are none left, or the end has come. */
static bool queue_handle(struct crew_member *member, size_t most)
{
    struct crew *crew = member->crew;

    for (size_t i = 0; i < most; i++) {
        struct intake_slot *slot =
            atomic_load(&crew->is_stopping) ? NULL : intake_take(crew->intake);
        if (slot == NULL)
            return false;
        member->handling = slot;
        slot_handle(member, slot);
        member->handling = NULL;
        slot_keep(member, slot);
    }
    return true;
}

/* ---- receiving ---- */

static bool source_claim(struct crew_source *source, struct crew_member *member)
{
    AcquireSRWLockExclusive(&source->lock);
    bool claimed = source->holder == NULL;
    if (claimed)
        source->holder = member;
    ReleaseSRWLockExclusive(&source->lock);
    return claimed;
}

/* False: it has been given to another one meanwhile, or to nobody. */
static bool source_enter(struct crew_source *source, const struct crew_member *member)
{
    AcquireSRWLockExclusive(&source->lock);
    bool is_ours = source->holder == member;
    source->is_receiving = is_ours;
    ReleaseSRWLockExclusive(&source->lock);
    return is_ours;
}

static void source_leave(struct crew_source *source)
{
    AcquireSRWLockExclusive(&source->lock);
    source->is_receiving = false;
    ReleaseSRWLockExclusive(&source->lock);
}

static void slots_refill(struct crew_member *member)
{
    while (member->slot_count < NET_BATCH) {
        struct intake_slot *slot = intake_reserve(member->crew->intake);
        if (slot == NULL)
            return;
        member->slots[member->slot_count++] = slot;
    }
}

/* The first `count` slots are the member's no more. */
static void slots_drop(struct crew_member *member, size_t count)
{
    member->slot_count -= count;
    for (size_t i = 0; i < member->slot_count; i++)
        member->slots[i] = member->slots[i + count];
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

/* What came in together waits in the queue, where others find it should this thread get stuck. A
 * full batch comes from a socket that has more: its buffer is smaller than the queue, and drops
 * without a choice. */
static void batch_handle(struct crew_member *member, size_t count)
{
    struct crew *crew = member->crew;
    bool is_quick = pace_is_quick(&crew->pace);

    if (count == 1 && is_quick && intake_waiting(crew->intake) == 0) {
        slot_handle(member, member->slots[0]); /* the straight way; the slot stays here */
        return;
    }
    if (count > 0) {
        intake_put(crew->intake, member->slots, count);
        slots_drop(member, count);
    }
    if (count == NET_BATCH && member->full_batches++ < DRAIN_BATCHES)
        return;
    member->full_batches = 0;
    if (is_quick)
        (void)queue_handle(member, NET_BATCH);
    else if (intake_waiting(crew->intake) > 0)
        crew_call_handlers(crew, count > 0 ? count : 1);
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

    inside_enter(&inside, NULL);
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
        AcquireSRWLockExclusive(&source->lock);
        if (source->holder != NULL && source->holder->still_ticks >= STUCK_TICKS &&
            !source->is_receiving) {
            source->holder = NULL;
            *out_has_stuck = true;
        }
        source->vacant_ticks = source->holder == NULL ? source->vacant_ticks + 1 : 0;
        to_call += source->vacant_ticks % PACE_TICKS_PER_SECOND == 1;
        ReleaseSRWLockExclusive(&source->lock);
    }
    ReleaseSRWLockExclusive(&crew->lock);
    return to_call;
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
    for (struct crew_source *source = crew->sources; source != NULL; source = source->next) {
        AcquireSRWLockExclusive(&source->lock);
        if (source->holder == member)
            source->holder = NULL;
        ReleaseSRWLockExclusive(&source->lock);
    }
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
        .waiting = intake_waiting(crew->intake),
        .is_on_time = crew_is_on_time(crew),
    };
    const uint32_t receivers = sources_free(crew, &look.has_stuck);

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
    bool is_receiving = true;

    AcquireSRWLockExclusive(&crew->lock);
    struct crew_source **link = &crew->sources;
    while (*link != source)
        link = &(*link)->next;
    *link = source->next;
    ReleaseSRWLockExclusive(&crew->lock);
    wake(source);
    while (is_receiving) {
        AcquireSRWLockExclusive(&source->lock);
        is_receiving = source->is_receiving;
        if (!is_receiving)
            source->holder = NULL;
        ReleaseSRWLockExclusive(&source->lock);
        if (is_receiving)
            Sleep(1);
    }
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
    intake_destroy(crew->intake);
    mem_free(crew);
    return true;
}
