#include "os/inside.h"

#include <windows.h>

#include <stdatomic.h>

static INIT_ONCE mark_once = INIT_ONCE_STATIC_INIT;
static _Atomic DWORD mark = TLS_OUT_OF_INDEXES;

static BOOL CALLBACK mark_create(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    (void)once;
    (void)parameter;
    (void)context;
    mark = TlsAlloc();
    return TRUE;
}

static struct inside *innermost(void)
{
    if (mark == TLS_OUT_OF_INDEXES)
        InitOnceExecuteOnce(&mark_once, mark_create, NULL, NULL);
    return mark != TLS_OUT_OF_INDEXES ? TlsGetValue(mark) : NULL;
}

void inside_enter(struct inside *inside, const struct callback *callback)
{
    inside->outer = innermost();
    inside->callback = callback;
    inside->is_log = false;
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

bool inside_log(void)
{
    const struct inside *inside = innermost();

    while (inside != NULL && !inside->is_log)
        inside = inside->outer;
    return inside != NULL;
}

const struct callback *inside_callback(void)
{
    DWORD error = GetLastError(); /* the provider may look at it after the export returns */
    const struct inside *inside = innermost();

    SetLastError(error);
    return inside != NULL ? inside->callback : NULL;
}
