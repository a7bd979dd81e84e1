#include "win32/inside.h"

#include <windows.h>

static INIT_ONCE mark_once = INIT_ONCE_STATIC_INIT;
static DWORD mark = TLS_OUT_OF_INDEXES;

static BOOL CALLBACK mark_create(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    (void)once;
    (void)parameter;
    (void)context;
    mark = TlsAlloc();
    return TRUE;
}

/* Called inside a provider's callbacks, which may look at the error of their last call after it. */
static struct inside *innermost(void)
{
    DWORD error = GetLastError();

    InitOnceExecuteOnce(&mark_once, mark_create, NULL, NULL);
    struct inside *inside = mark != TLS_OUT_OF_INDEXES ? TlsGetValue(mark) : NULL;
    SetLastError(error);
    return inside;
}

void inside_enter(struct inside *inside, const struct callback *callback)
{
    inside->outer = innermost();
    inside->callback = callback;
    if (mark != TLS_OUT_OF_INDEXES)
        TlsSetValue(mark, inside);
}

void inside_leave(struct inside *inside)
{
    if (mark != TLS_OUT_OF_INDEXES)
        TlsSetValue(mark, inside->outer);
}

bool inside_is(void)
{
    return innermost() != NULL;
}

const struct callback *inside_callback(void)
{
    const struct inside *inside = innermost();
    return inside != NULL ? inside->callback : NULL;
}
