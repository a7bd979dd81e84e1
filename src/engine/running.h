/*
 * Receive callbacks that do not return: who holds how many threads is told at once, then ever more
 * rarely; a request whose thread has ended inside the callback is ended for it.
 */
#ifndef ENGINE_RUNNING_H
#define ENGINE_RUNNING_H

#include <stdint.h>

struct engine;

enum { RUNNING_LONG = 2 /* seconds from which on a callback is told of */ };

/* Looks at all callbacks that are running now. To be called about once a second, by one thread at a
 * time. */
void running_look(struct engine *engine);

enum { HELD_LIMIT = 30 /* seconds that a server without a thread goes on */ };

/*
 * The network's word, once a second: all its threads are in callbacks that do not return, and at
 * least so many datagrams wait; threads 0: they are not. An event at once, then after 2, 4, 8
 * seconds and so on. After HELD_LIMIT seconds without an end the server takes no further request:
 * nothing it could do, and whoever supervises it starts it again.
 */
void running_all_held(struct engine *engine, uint32_t threads, uint32_t waiting);

#endif
