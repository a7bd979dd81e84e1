#include "win32/server/pend_watch.h"

#include <windows.h>

#include "verify/verify.h"

enum { PERIOD = 500 /* milliseconds */ };

static PTP_TIMER timer;

static VOID CALLBACK look(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_TIMER which)
{
    (void)instance;
    (void)which;
    verify_pended(context);
}

void pend_watch_start(struct engine *engine)
{
    FILETIME at_once = {0};

    timer = CreateThreadpoolTimer(look, engine, NULL);
    if (timer != NULL)
        SetThreadpoolTimer(timer, &at_once, PERIOD, 0);
}

void pend_watch_stop(void)
{
    if (timer == NULL)
        return;
    SetThreadpoolTimer(timer, NULL, 0, 0);
    WaitForThreadpoolTimerCallbacks(timer, TRUE);
    CloseThreadpoolTimer(timer);
    timer = NULL;
}
