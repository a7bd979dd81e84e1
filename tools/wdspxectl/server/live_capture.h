/*
 * What a running server received and sent, as a pcapng file for Wireshark: each request with who
 * decided what about it, each reply with whose it is. Requests are written when they end, so behind
 * their replies; their times are those of their arrival.
 */
#ifndef WDSPXECTL_SERVER_LIVE_CAPTURE_H
#define WDSPXECTL_SERVER_LIVE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "wdspxe_ext.h"

/* Makes the file anew. ERROR_SUCCESS or why it cannot be written. */
DWORD live_capture_open(const char *path);

/* In the callbacks, on any thread. Nothing happens if no capture is open. */
void live_capture_request(const WDSPXE_EXT_REQUEST *request);
void live_capture_reply(const WDSPXE_EXT_REPLY *reply);

/* ERROR_SUCCESS if everything was written, else the first error: while a disk is full, what comes
 * is left out, which losses.h tells. `out_lost`: how many datagrams are not in the file. */
DWORD live_capture_close(uint64_t *out_lost);

#endif
