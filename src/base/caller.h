/*
 * Memory of a caller's, which may lead anywhere. An export that is handed a wild pointer is left by
 * an exception, which its caller may catch and live on; so nothing may be held, made or changed at
 * that moment. The rule of every export:
 *   1. what comes in is copied into memory of our own;
 *   2. what will be written to is touched, if something is made that must not be lost;
 *   3. only then is anything locked, allocated, opened or written;
 *   4. results are made in memory of our own, and copied out when everything has been let go.
 * Nothing here asks whether memory could be read: to ask is no safer than to read.
 *
 * What another thread unmaps while it is being copied may cost one allocation; a lock, never.
 */
#ifndef BASE_CALLER_H
#define BASE_CALLER_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Units of the longest text that is taken, its NUL not counted: Windows' longest path. */
enum { CALLER_TEXT_MAX = 32766 };

/* Reads of these bytes as much as it takes for the exception to come now or not at all. */
void caller_look(const void *bytes, size_t size);

/* The same for writing; they keep their values. NULL: an output that is not wanted. */
void caller_touch(void *bytes, size_t size);

/* A copy of bytes. Ends with caller_copy_release, if it has begun with success. */
struct caller_copy {
    uint8_t *bytes; /* aligned for any type */
    size_t length;
    alignas(16) uint8_t few[2048]; /* what fits in here needs no allocation */
};

/* `bytes` may be NULL if length is 0. False: no memory. */
bool caller_copy_take(struct caller_copy *copy, const void *bytes, size_t length);
/* The same with room for `length` bytes, all of them 0. */
bool caller_copy_make(struct caller_copy *copy, size_t length);
void caller_copy_release(struct caller_copy *copy);

/* A copy of a text, which may start at an odd address. Ends with caller_text_release, if it has
 * begun with success. */
struct caller_text {
    uint16_t *units; /* NULL: none was given */
    uint16_t few[264];
};

/* PXE_INVALID_PARAMETER: longer than CALLER_TEXT_MAX. PXE_NOT_ENOUGH_MEMORY. */
pxe_status caller_text_take(struct caller_text *text, const uint16_t *units);
void caller_text_release(struct caller_text *text);

/* The length of a text, without its NUL; above CALLER_TEXT_MAX: the text is longer. */
size_t caller_text_length(const uint16_t *units);

/* Copies a text into `room` units (at least 1), cut and terminated there. Returns the units that it
 * takes, with its NUL. */
size_t caller_text_copy(const uint16_t *units, uint16_t *own, size_t room);

#endif
