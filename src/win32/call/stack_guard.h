/* Lets the overflow of a thread's stack be survived: some of the stack is kept for reporting it. */
#ifndef WIN32_CALL_STACK_GUARD_H
#define WIN32_CALL_STACK_GUARD_H

/* For the calling thread; after the first time it costs next to nothing. */
void stack_guard_prepare(void);

/* After an overflow, when the stack has been unwound: the next one is noticed, too. */
void stack_guard_renew(void);

#endif
