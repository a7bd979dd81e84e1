/*
 * The providers of a running server: the rules by which they are started and stopped, their
 * callbacks and attributes. The list is fixed from start to stop, so that reading it takes no lock.
 *
 * Start, stop and control are never called at the same time; the caller sees to that.
 */
#ifndef ENGINE_PROVIDER_H
#define ENGINE_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/ports.h"

struct engine;

/*
 * Loads and initializes the entries in order (API-2.4). A provider that fails is left out,
 * unless it is critical. On failure nothing stays loaded; the log tells why.
 *   PXE_NOT_FOUND  no entries at all
 *   otherwise      the code of the critical provider's failure, or of the first one if all failed
 */
pxe_status provider_start_all(struct engine *engine, const struct provider_entry *entries,
                              size_t count);

/*
 * Shuts down all providers, last one first. One whose receive callback is still running is left
 * loaded and is not called.
 *   PXE_TIMEOUT  there was such a provider
 */
pxe_status provider_stop_all(struct engine *engine);

/* Calls every control callback, in order. */
void provider_control_all(struct engine *engine, uint32_t control);

/* PxeRegisterCallback: PXE_INVALID_HANDLE, PXE_INVALID_PARAMETER, PXE_INVALID_STATE. */
pxe_status provider_register_callback(struct engine *engine, uintptr_t handle, uint32_t type,
                                      void *function, void *context);

/* PxeProviderSetAttribute: PXE_INVALID_HANDLE, PXE_INVALID_PARAMETER. */
pxe_status provider_set_attribute(struct engine *engine, uintptr_t handle, uint32_t attribute,
                                  const void *value, uint32_t length);

#endif
