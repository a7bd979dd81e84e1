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

bool inside_is(void)
{
    InitOnceExecuteOnce(&mark_once, mark_create, NULL, NULL);
    return mark != TLS_OUT_OF_INDEXES && TlsGetValue(mark) != NULL;
}

bool inside_enter(void)
{
    if (inside_is() || mark == TLS_OUT_OF_INDEXES)
        return false;
    TlsSetValue(mark, &mark);
    return true;
}

void inside_leave(bool entered)
{
    if (entered)
        TlsSetValue(mark, NULL);
}
