/*
 * The two primitives that the portable part needs from its platform. Implemented in
 * os/sync_win32.c on slim locks and in tests/support/sync_pthread.c on pthreads, so that
 * ThreadSanitizer sees real locks in the native build.
 */
#ifndef BASE_SYNC_H
#define BASE_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#ifdef _WIN32
struct mutex {
    void *word; /* SRWLOCK */
};
struct signal {
    void *word; /* CONDITION_VARIABLE */
};
#else
#include <pthread.h>
struct mutex {
    pthread_mutex_t native;
};
struct signal {
    pthread_cond_t native;
};
#endif

void mutex_init(struct mutex *mutex);
void mutex_destroy(struct mutex *mutex);
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

void signal_init(struct signal *signal);
void signal_destroy(struct signal *signal);
void signal_wake_all(struct signal *signal);
/* Releases the mutex while waiting. False when the time is up; may also wake for no reason. */
bool signal_wait(struct signal *signal, struct mutex *mutex, uint32_t milliseconds);

#endif
