/* base/sync.h on slim reader/writer locks and condition variables: nothing to give back. */
#include "base/sync.h"

#include <assert.h>
#include <windows.h>

static_assert(sizeof(struct mutex) == sizeof(SRWLOCK), "struct mutex holds an SRWLOCK");
static_assert(sizeof(struct signal) == sizeof(CONDITION_VARIABLE),
              "struct signal holds a CONDITION_VARIABLE");

void mutex_init(struct mutex *mutex)
{
    InitializeSRWLock((SRWLOCK *)mutex);
}

void mutex_destroy(struct mutex *mutex)
{
    (void)mutex;
}

void mutex_lock(struct mutex *mutex)
{
    AcquireSRWLockExclusive((SRWLOCK *)mutex);
}

void mutex_unlock(struct mutex *mutex)
{
    ReleaseSRWLockExclusive((SRWLOCK *)mutex);
}

void signal_init(struct signal *signal)
{
    InitializeConditionVariable((CONDITION_VARIABLE *)signal);
}

void signal_destroy(struct signal *signal)
{
    (void)signal;
}

void signal_wake_all(struct signal *signal)
{
    WakeAllConditionVariable((CONDITION_VARIABLE *)signal);
}

bool signal_wait(struct signal *signal, struct mutex *mutex, uint32_t milliseconds)
{
    return SleepConditionVariableSRW((CONDITION_VARIABLE *)signal, (SRWLOCK *)mutex, milliseconds,
                                     0) != 0;
}
