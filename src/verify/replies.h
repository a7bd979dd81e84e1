/* Replies on their way out: the events of engine/watch.h; the context is the verifier. */
#ifndef VERIFY_REPLIES_H
#define VERIFY_REPLIES_H

#include "engine/watch.h"

void replies_addressed(void *context, struct request *request, const struct provider *provider,
                       const struct pxe_address *wanted, pxe_status status);
void replies_leaving(void *context, struct request *request, const struct provider *provider,
                     const uint8_t *bytes, size_t length);

#endif
