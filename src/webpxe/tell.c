#include "tell.h"

void teller_open(struct teller *teller, HANDLE provider)
{
    *teller = (struct teller){.provider = provider, .lock = SRWLOCK_INIT};
}

/* FALSE: the line is left out. *out_untold: lines that were, before this one. */
static BOOL take_line(struct teller *teller, ULONG *out_untold)
{
    ULONGLONG now = GetTickCount64();
    BOOL is_told;

    AcquireSRWLockExclusive(&teller->lock);
    if (now - teller->window_start >= TELL_WINDOW_MS) {
        teller->window_start = now;
        teller->told = 0;
    }
    is_told = teller->told < TELL_LINES;
    *out_untold = is_told ? teller->untold : 0;
    if (is_told) {
        ++teller->told;
        teller->untold = 0;
    } else {
        ++teller->untold;
    }
    ReleaseSRWLockExclusive(&teller->lock);
    return is_told;
}

void tell_problem(struct teller *teller, LPCWSTR client, LPCWSTR text)
{
    ULONG untold;

    if (!take_line(teller, &untold))
        return;
    if (untold > 0)
        PxeTrace(teller->provider, PXE_TRACE_WARNING,
                 L"webpxe: %u problems like the following were not told", (unsigned)untold);
    PxeTrace(teller->provider, PXE_TRACE_WARNING, L"webpxe: %s%s%.400s",
             client == NULL ? L"" : client, client == NULL ? L"" : L": ", text);
}
