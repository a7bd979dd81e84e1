#include "bench/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct bench_page *page;

/* Nobody handled it: what the supervisor is to tell, and an end without windows and debuggers. */
static LONG WINAPI on_exception(EXCEPTION_POINTERS *pointers)
{
    page->exception = pointers->ExceptionRecord->ExceptionCode;
    page->address = (uint64_t)(uintptr_t)pointers->ExceptionRecord->ExceptionAddress;
    TerminateProcess(GetCurrentProcess(), page->exception);
    return EXCEPTION_EXECUTE_HANDLER;
}

struct bench_page *page_open(void)
{
    wchar_t digits[32];
    DWORD length = GetEnvironmentVariableW(L"WDSPXECTL_BENCH_PAGE", digits, 32);
    if (length == 0 || length >= 32)
        return NULL;
    HANDLE section = (HANDLE)(uintptr_t)_wcstoui64(digits, NULL, 10);
    page = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, sizeof(*page));
    (void)SetEnvironmentVariableW(L"WDSPXECTL_BENCH_PAGE", NULL);
    if (page == NULL)
        return NULL;
    (void)SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    (void)SetUnhandledExceptionFilter(on_exception);
    return page;
}

void page_case_begin(unsigned slot, const struct message *message, const char *name)
{
    if (page == NULL)
        return;
    struct page_case *place = &page->cases[slot];
    place->message = *message;
    place->message.packet = NULL;
    if (place->message.length > sizeof(place->packet))
        place->message.length = sizeof(place->packet);
    memcpy(place->packet, message->packet, place->message.length);
    (void)snprintf(place->name, sizeof(place->name), "%s", name);
    running_put(slot, page->folder, page->provider, message, place->on_disk);
    InterlockedExchange(&place->is_running, 1);
}

void page_case_end(unsigned slot)
{
    if (page != NULL)
        InterlockedExchange(&page->cases[slot].is_running, 0);
}

void page_beat(void)
{
    if (page != NULL)
        InterlockedIncrement(&page->beats);
}

bool page_watch(DWORD count, const HANDLE *threads, volatile LONG64 *moves, ULONGLONG limit_ms,
                void (*each)(void))
{
    ULONGLONG since = GetTickCount64();
    LONG64 seen = -1;
    while (WaitForMultipleObjects(count, threads, TRUE, WATCH_MS) == WAIT_TIMEOUT) {
        page_beat();
        LONG64 now = InterlockedCompareExchange64(moves, 0, 0);
        if (now != seen)
            since = GetTickCount64();
        seen = now;
        if (limit_ms > 0 && GetTickCount64() - since >= limit_ms)
            return false;
        if (each != NULL)
            each();
    }
    return true;
}
