/* Which threads are at work inside the server: on them it cannot be started, stopped or controlled,
 * for it would wait for itself. */
#ifndef WIN32_INSIDE_H
#define WIN32_INSIDE_H

#include <stdbool.h>

/* Returns what inside_leave needs; the two may be nested. */
bool inside_enter(void);
void inside_leave(bool entered);

/* Is the calling thread inside? */
bool inside_is(void);

#endif
