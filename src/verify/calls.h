/* Calls that were refused: the event of engine/watch.h; the context is the verifier. */
#ifndef VERIFY_CALLS_H
#define VERIFY_CALLS_H

#include "engine/watch.h"

void calls_refused(void *context, struct engine *engine, const struct refused *refused);

#endif
