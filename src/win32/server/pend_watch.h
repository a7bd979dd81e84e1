/* Looks, once in a while, for requests that a provider has pended and never completes. */
#ifndef WIN32_SERVER_PEND_WATCH_H
#define WIN32_SERVER_PEND_WATCH_H

struct engine;

/* Without memory for a timer, only WdsPxeExtServerWaitIdle looks. */
void pend_watch_start(struct engine *engine);
/* On return it looks no more. Does nothing if it was not started. */
void pend_watch_stop(void);

#endif
