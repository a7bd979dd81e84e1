/*
 * The one place where an exception is caught: a call with an exception handler around it, which the
 * C of MinGW cannot express. A handler that the called code has of its own comes first.
 */
#ifndef WIN32_CALL_GUARD_THUNK_H
#define WIN32_CALL_GUARD_THUNK_H

#include <windows.h>

#include <stdbool.h>

struct callback;

struct guard_frame {
    void (*run)(struct callback *callback); /* the thunk knows these two by their offset */
    struct callback *callback;
    /* Looks at an exception, on top of the stack where it happened. */
    void (*filter)(struct guard_frame *frame, EXCEPTION_POINTERS *pointers);
    bool is_telling;    /* of an exception; another one that happens meanwhile is not told */
    bool is_overflowed; /* by an overflow of the stack, kept for when there is a stack again: */
    EXCEPTION_RECORD record;
    CONTEXT context;
};

/* frame->run(frame->callback). False: an exception has left it, and frame->filter has seen it.
 * Where we have no thunk for the processor, the exception is nobody's. */
bool guard_thunk(struct guard_frame *frame);

#endif
