/*
 * Gives back what a thread's stack does not need. Wine 8 clears 960 KiB of each new thread's stack
 * before the thread runs, so that they take memory, whatever the thread does with them.
 */
#ifndef OS_STACK_H
#define OS_STACK_H

#include <windows.h>

enum { STACK_KEPT = 64 * 1024 }; /* bytes below the caller that stay: what is to be used soon */

/*
 * For the beginning of a thread, or of a long wait. Below its caller the stack may lose what is in
 * it; nobody has anything there. On Windows, which commits a stack as it grows, there is nothing to
 * give back.
 */
static inline void stack_trim(void)
{
    MEMORY_BASIC_INFORMATION part = {0};

    if (VirtualQuery(&part, &part, sizeof(part)) == 0)
        return;
    const ULONG_PTR end = (ULONG_PTR)part.BaseAddress - STACK_KEPT; /* from the page of this */
    ULONG_PTR lowest = (ULONG_PTR)part.AllocationBase;
    /* Above what is only reserved, and the guard pages. */
    while (lowest < end && VirtualQuery((void *)lowest, &part, sizeof(part)) != 0 &&
           (part.State != MEM_COMMIT || part.Protect != PAGE_READWRITE))
        lowest += part.RegionSize;
    if (lowest < end)
        (void)VirtualAlloc((void *)lowest, end - lowest, MEM_RESET, PAGE_READWRITE);
}

#endif
