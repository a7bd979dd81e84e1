/* Is this Wine? For what it does in another way than Windows. */
#ifndef OS_WINE_H
#define OS_WINE_H

#include <stdbool.h>
#include <windows.h>

/* Safe under the loader lock. */
static inline bool is_wine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

#endif
