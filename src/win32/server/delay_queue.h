/* What waits for its time: the engine's delay_port on one timer of the thread pool. */
#ifndef WIN32_SERVER_DELAY_QUEUE_H
#define WIN32_SERVER_DELAY_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct delay_queue;

/* NULL: out of memory, or no timer. */
struct delay_queue *delay_queue_create(void);

/* delay_port.submit; `queue` is the queue. What is run must not block. False: out of memory. */
bool delay_queue_submit(void *queue, uint32_t milliseconds, void (*run)(void *argument),
                        void *argument);

/* Runs what still waits, on this thread. Nothing may be submitted any more. NULL is allowed. */
void delay_queue_destroy(struct delay_queue *queue);

#endif
