/* Is a minidump all there? Portable. */
#ifndef WDSPXECTL_SERVER_DUMP_CHECK_H
#define WDSPXECTL_SERVER_DUMP_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of a .dmp file (MINIDUMP_HEADER, as Microsoft documents it). True if its streams,
 * the threads' stacks and contexts, the exception's, and all memory that it lists lie within:
 * Wine's dbghelp.dll reports a dump as made when the disk was full. */
bool dump_is_whole(const uint8_t *bytes, size_t size);

#endif
