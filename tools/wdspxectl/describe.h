/*
 * A finished request of the server in words: one readable line or one JSON object.
 *
 * The request's bytes come from the network and may be anything. They are read with the option
 * functions of wdspxe.dll, within their length; what cannot be read is left out.
 */
#ifndef WDSPXECTL_DESCRIBE_H
#define WDSPXECTL_DESCRIBE_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

#include "wdspxe_ext.h"

#include "json.h"
#include "text.h"

enum { REQUEST_ARCHITECTURES_MAX = 8 };

/* What a request packet tells about its sender. */
struct request_facts {
    bool is_dhcp;      /* long enough for the fixed part and has the cookie; DHCPv6: its header */
    bool is_ipv6;
    bool has_type;     /* option 53 of one byte; DHCPv6: always */
    uint8_t type;
    wchar_t mac[48];   /* "00:11:22:33:44:55"; "" if the packet has none */
    wchar_t guid[39];  /* "{...}" from option 97; "" if not sent or of another type or length */
    uint8_t relay[4];  /* giaddr; all zero: came directly */
    uint8_t client[4]; /* ciaddr; all zero: the client has no address yet */
    unsigned architecture_count; /* option 93; 0 if not sent or of odd length */
    uint16_t architectures[REQUEST_ARCHITECTURES_MAX];
};

/* The DHCP message type (option 53) in capitals, e.g. L"DISCOVER"; NULL if it has no name. */
const wchar_t *message_type_name(uint8_t type);

/* The same for DHCPv6 (RFC 8415 section 7.3), e.g. L"SOLICIT". */
const wchar_t *message6_type_name(uint8_t type);

/*
 * The client architecture (option 93), e.g. L"UEFI x64"; NULL if it has no name. Numbers as in the
 * IANA list, which corrects RFC 4578: 7 is x64 and 9 is EBC.
 */
const wchar_t *architecture_name(uint16_t architecture);

/* Never fails; `packet` may be NULL if `length` is 0. */
void request_facts_read(const BYTE *packet, ULONG length, struct request_facts *out_facts);

/* The same for a DHCPv6 packet: of a relayed one, what the client's own message tells. */
void request6_facts_read(const BYTE *packet, ULONG length, struct request_facts *out_facts);

/* Appends "10.0.0.2" or, for addresses of 16 bytes, "fe80::1"; "?" for any other length. */
void describe_address(struct text *text, const PXE_ADDRESS *address);

/* Appends local time "2026-01-31 23:59:59.999". */
void describe_local_time(struct text *text, const SYSTEMTIME *local);

/* Appends a UTC time as RFC 3339: "2026-01-31T22:59:59.999Z". */
void describe_utc_time(struct text *text, const SYSTEMTIME *utc);

/* Appends who asked what, who decided, what was answered or why not, and how long it took. */
void describe_request(struct text *text, const WDSPXE_EXT_REQUEST *request);

/* Writes the same as members of the JSON object that the caller has begun. */
void describe_request_json(struct json *json, const WDSPXE_EXT_REQUEST *request);

/* One word for one PXE_TRACE_* bit: L"error". */
const wchar_t *severity_name(PXE_SEVERITY severity);

#endif
