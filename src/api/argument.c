#include "api/argument.h"

#include "engine/callback.h"
#include "engine/core.h"
#include "os/inside.h"

void argument_refused(const char *call)
{
    const struct callback *callback = inside_callback();

    if (callback != NULL)
        WATCH(callback->engine, refused, callback->engine,
              &(struct refused){.why = REFUSED_ARGUMENT, .call = call});
}
