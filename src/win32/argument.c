#include "win32/argument.h"

#include "engine/callback.h"
#include "engine/verify.h"
#include "win32/inside.h"

DWORD argument_status(const char *call, DWORD status)
{
    const struct callback *callback;

    if (status == ERROR_INVALID_PARAMETER && (callback = inside_callback()) != NULL)
        verify_bad_argument(callback->engine, 0, call, "ERROR_INVALID_PARAMETER was returned");
    return status;
}
