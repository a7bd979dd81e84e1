/*
 * Keeps the list of PXE providers as it is: looks at it before a question that changes it, and puts
 * it back afterwards, whatever the DLL or a crash in it has left. Prints nothing.
 */
#ifndef CONFORMANCE_REGISTRY_GUARD_H
#define CONFORMANCE_REGISTRY_GUARD_H

#include <stdbool.h>
#include <windows.h>

/* The PXE server's key below HKEY_LOCAL_MACHINE. */
#define PXE_SERVER_KEY L"SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE"

/* 0 if this account may change the list, else the registry's code. Changes nothing. */
DWORD registry_guard_access(void);

/* Takes out what a run that was killed has left: names of ours in the order, and their keys. */
void registry_guard_clean(void);

/* Remembers the server's key. False: it cannot be read or is larger than expected; do not ask. */
bool registry_guard_save(void);

/* False: not everything could be put back. */
bool registry_guard_restore(void);

#endif
