/* base/sync.h for the native build. */
#include "base/sync.h"

#include <errno.h>
#include <time.h>

void mutex_init(struct mutex *mutex)
{
    pthread_mutex_init(&mutex->native, NULL);
}

void mutex_destroy(struct mutex *mutex)
{
    pthread_mutex_destroy(&mutex->native);
}

void mutex_lock(struct mutex *mutex)
{
    pthread_mutex_lock(&mutex->native);
}

void mutex_unlock(struct mutex *mutex)
{
    pthread_mutex_unlock(&mutex->native);
}

void signal_init(struct signal *signal)
{
    pthread_cond_init(&signal->native, NULL);
}

void signal_destroy(struct signal *signal)
{
    pthread_cond_destroy(&signal->native);
}

void signal_wake_all(struct signal *signal)
{
    pthread_cond_broadcast(&signal->native);
}

bool signal_wait(struct signal *signal, struct mutex *mutex, uint32_t milliseconds)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(milliseconds / 1000);
    until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return pthread_cond_timedwait(&signal->native, &mutex->native, &until) != ETIMEDOUT;
}
