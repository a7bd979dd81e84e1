/*
 * What the exports work on: open parsed packets and builds, behind handles. A handle is a number,
 * never a pointer: a closed, foreign or made-up one, or one of the wrong kind, is refused without
 * being followed. All functions may be called from any thread, also with the same handle.
 *
 * Packets, values and buffers are the caller's memory (base/caller.h): nothing is held and no
 * session is open while they are touched. Outputs of other kinds are memory of our own.
 *
 * Unless said otherwise a failing function writes no output. Any use of a bad handle gives
 * PXE_INVALID_HANDLE.
 */
#ifndef WDSBP_SESSION_H
#define WDSBP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/scramble.h"
#include "base/status.h"
#include "base/sync.h"

struct wdsbp_session;

/* All open handles. Starts as zeros with a usable mutex; `numbers` may be seeded before it is used.
 */
struct wdsbp_sessions {
    struct mutex lock; /* guards the list and the reference counts; not held while working */
    struct wdsbp_session *first;
    uintptr_t last_number;
    struct scramble numbers;
};

enum wdsbp_family { FAMILY_DHCP4, FAMILY_DHCP6 };

/* As wdsbp_parse4 or wdsbp_parse6; also PXE_NOT_ENOUGH_MEMORY. Both outputs are written. */
pxe_status wdsbp_session_parse(struct wdsbp_sessions *sessions, enum wdsbp_family family,
                               const uint8_t *packet, size_t length, uint8_t *out_packet_types,
                               uintptr_t *out_handle);

/* PXE_INVALID_PARAMETER (no allowed combination), PXE_NOT_ENOUGH_MEMORY. */
pxe_status wdsbp_session_build(struct wdsbp_sessions *sessions, uint8_t packet_types,
                               uintptr_t *out_handle);

/* Closes either kind. What is being used on another thread is freed when that use ends. */
pxe_status wdsbp_session_close(struct wdsbp_sessions *sessions, uintptr_t handle);

/* As wdsbp_parsed_query. */
pxe_status wdsbp_session_query(struct wdsbp_sessions *sessions, uintptr_t handle, uint32_t name,
                               uint8_t *buffer, size_t capacity, size_t *out_length);

/* As wdsbp_build_add and wdsbp_build_get. */
pxe_status wdsbp_session_add(struct wdsbp_sessions *sessions, uintptr_t handle, uint32_t name,
                             const uint8_t *value, size_t length);
pxe_status wdsbp_session_get(struct wdsbp_sessions *sessions, uintptr_t handle, uint8_t *buffer,
                             size_t capacity, size_t *out_length);

#endif
