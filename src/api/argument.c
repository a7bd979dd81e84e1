#include "api/argument.h"

#include "engine/callback.h"
#include "verify/verify.h"
#include "os/inside.h"

void argument_refused(const char *call)
{
    const struct callback *callback = inside_callback();

    if (callback != NULL)
        verify_bad_argument(callback->engine, 0, call, "ERROR_INVALID_PARAMETER was returned");
}
