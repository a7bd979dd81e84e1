/* Exports without a handle: who calls is known only on the threads of the server. */
#ifndef API_ARGUMENT_H
#define API_ARGUMENT_H

#include <windows.h>

/* Tells the verifier that an argument was invalid, if the caller is a provider in a callback. */
void argument_refused(const char *call);

/* The status of an export, unchanged. */
static inline DWORD argument_status(const char *call, DWORD status)
{
    if (status == ERROR_INVALID_PARAMETER)
        argument_refused(call);
    return status;
}

#endif
