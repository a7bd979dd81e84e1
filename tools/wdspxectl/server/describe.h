/*
 * A finished request of the server in words: one readable line or one JSON object.
 *
 * The request's bytes come from the network and may be anything. What cannot be read is left out.
 */
#ifndef WDSPXECTL_SERVER_DESCRIBE_H
#define WDSPXECTL_SERVER_DESCRIBE_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

#include "wdspxe_ext.h"

#include "capture/frame.h"
#include "decode/facts.h"
#include "text/writer.h"

/* The same in our own words. */
struct endpoint endpoint_of(const PXE_ADDRESS *address);

/* Appends "10.0.0.2" or, for addresses of 16 bytes, "fe80::1"; "?" for any other length. */
void describe_address(struct text *text, const PXE_ADDRESS *address);

/* Appends local time "2026-01-31 23:59:59.999". */
void describe_local_time(struct text *text, const SYSTEMTIME *local);

/* Appends a UTC time as RFC 3339: "2026-01-31T22:59:59.999Z". */
void describe_utc_time(struct text *text, const SYSTEMTIME *utc);

/*
 * Writes who asked what, who decided, what was answered or why not, and how long it took; as JSON,
 * members of the object that the caller has begun.
 */
void describe_request(struct writer *writer, const WDSPXE_EXT_REQUEST *request);

/* Appends why a request that got no reply got none. */
void put_refusal_reason(struct text *text, const WDSPXE_EXT_REQUEST *request);

/* "nbp" and so on; NULL for what is no PXE_BA_*. */
const char *boot_action_name(PXE_BOOT_ACTION action);

/* One word for one PXE_TRACE_* bit: "error". */
const char *severity_name(PXE_SEVERITY severity);

#endif
