#include "win32/call/stack_guard.h"

#include <windows.h>

#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "os/wine.h"

enum { PAGE_SIZE = 4096, KEPT = 8 * PAGE_SIZE };

static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static _Atomic DWORD prepared = TLS_OUT_OF_INDEXES; /* a mark on threads that are */
static bool is_under_wine;

static BOOL CALLBACK process_prepare(PINIT_ONCE which, PVOID parameter, PVOID *context)
{
    (void)which;
    (void)parameter;
    (void)context;
    is_under_wine = is_wine();
    prepared = TlsAlloc();
    return TRUE;
}

/*
 * Wine commits a stack as a whole and has its guard page at the very end, where no room is left for
 * an exception, whatever was asked for. A guard page further up makes it count from there.
 */
static void wine_guard_move(void)
{
    MEMORY_BASIC_INFORMATION stack = {0};
    DWORD old;

    if (VirtualQuery(&stack, &stack, sizeof(stack)) == 0)
        return;
    uint8_t *page = (uint8_t *)stack.AllocationBase + KEPT + 2 * PAGE_SIZE;
    if ((uint8_t *)&stack > page + KEPT)
        (void)VirtualProtect(page, PAGE_SIZE, PAGE_READWRITE | PAGE_GUARD, &old);
}

void stack_guard_prepare(void)
{
    ULONG kept = KEPT;

    if (prepared == TLS_OUT_OF_INDEXES)
        InitOnceExecuteOnce(&once, process_prepare, NULL, NULL);
    if (prepared == TLS_OUT_OF_INDEXES || TlsGetValue(prepared) != NULL)
        return;
    TlsSetValue(prepared, &once); /* anything but NULL */
    if (SetThreadStackGuarantee(&kept) && is_under_wine)
        wine_guard_move();
}

void stack_guard_renew(void)
{
    (void)_resetstkoflw();
}
