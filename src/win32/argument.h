/* Exports without a handle: who calls is known only on the threads of the server. */
#ifndef WIN32_ARGUMENT_H
#define WIN32_ARGUMENT_H

#include <windows.h>

/* The status of an export, unchanged. The verifier is told if it is ERROR_INVALID_PARAMETER and the
 * caller is a provider inside a callback. */
DWORD argument_status(const char *call, DWORD status);

#endif
