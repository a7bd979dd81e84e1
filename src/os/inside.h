/*
 * What the calling thread is doing for the server. On a thread that is inside, the server cannot be
 * started, stopped or controlled, for it would wait for itself.
 */
#ifndef OS_INSIDE_H
#define OS_INSIDE_H

#include <stdbool.h>

struct callback;

/* One stay, on the stack of whoever enters. */
struct inside {
    struct inside *outer;
    const struct callback *callback; /* NULL: between callbacks */
    bool is_log;                     /* the host is being given a line of the log */
};

/* May be nested. Leaving also ends every stay that began later and was left by an exception. */
void inside_enter(struct inside *inside, const struct callback *callback);
void inside_leave(struct inside *inside);

/* Is the calling thread inside? */
bool inside_is(void);

/* While the host is given a line of the log; from inside_enter to inside_leave. */
bool inside_log(void);

/* The callback that the calling thread is in, or NULL. */
const struct callback *inside_callback(void);

#endif
