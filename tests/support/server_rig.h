/*
 * The built wdspxe.dll as a program sees it: registers providers, starts the server on loopback and
 * free high ports, is the client of it, keeps every log line and every request report.
 *
 * There is one rig. A failure inside any of these functions fails the running test, unless the
 * comment says otherwise.
 */
#ifndef TESTS_SUPPORT_SERVER_RIG_H
#define TESTS_SUPPORT_SERVER_RIG_H

#include <winsock2.h>
#include <windows.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wdspxe_ext.h"

enum { RIG_WAIT = 10000 /* milliseconds until something that must happen has not */ };

struct rig {
    USHORT dhcp_port; /* both chosen by rig_setup */
    USHORT boot_port;
    SOCKET client; /* bound to 127.0.0.1 */
    USHORT client_port;
    WDSPXE_EXT_SERVER_CONFIG config; /* what rig_start hands over; tests may change it */
};

extern struct rig rig;

/* A request report, copied. */
struct rig_report {
    PXE_ADDRESS local;
    PXE_ADDRESS remote;
    PXE_ADDRESS reply_address;
    ULONG packet_length;
    BYTE first_byte; /* of the packet */
    PXE_BOOT_ACTION action;
    bool has_provider;
    WCHAR provider[64];
    bool has_reason;
    WCHAR reason[128];
    ULONG replies;
    ULONG reply_length;
    BYTE reply_type;
    CHAR boot_file[sizeof(((WDSPXE_EXT_REQUEST *)0)->szBootFile)];
    ULONGLONG microseconds;
    ULONGLONG number;
};

/* cmocka's group set-up and tear-down: WinSock. */
int rig_group_setup(void **state);
int rig_group_teardown(void **state);

/* cmocka's set-up and tear-down: no provider, an empty log, new ports and client socket; stops a
 * server that a failed test left running. The environment chooses the network that it serves by. */
int rig_setup(void **state);
int rig_teardown(void **state);

#define RIG_TEST(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

/* ---- providers ---- */

/* Registers providers/<dll>.dll (beside this program) at the end of the list. The key stays open
 * until tear-down. */
HKEY rig_add(const WCHAR *name, const WCHAR *dll, bool is_critical);
/* The full path of that DLL; valid until the next call. */
const WCHAR *rig_dll_path(const WCHAR *dll);

void rig_set(HKEY key, const WCHAR *name, DWORD value);
void rig_set_text(HKEY key, const WCHAR *name, const WCHAR *text);
/* A value that the provider has written. */
DWORD rig_value(HKEY key, const WCHAR *name);
bool rig_has_value(HKEY key, const WCHAR *name);
/* Bytes that the provider has written; their number, `size` at most. */
DWORD rig_bytes(HKEY key, const WCHAR *name, void *bytes, DWORD size);

/* ---- server ---- */

/* Starts; returns what the server returns. */
DWORD rig_try_start(void);
void rig_start(void);
void rig_stop(void);
WDSPXE_EXT_COUNTERS rig_counters(void);
/* Waits until no request and no packet is open; a request ends just after its report. */
void rig_wait_idle(void);

/* ---- client ---- */

enum { RIG_REQUEST_SIZE = 400 };

/* A DISCOVER of a real PXE client, with this transaction id (host order) and last byte of the
 * hardware address. */
void rig_discover(uint8_t request[RIG_REQUEST_SIZE], uint32_t id, uint8_t last_mac_byte);
/* A new socket on 127.0.0.1; *out_port receives its port. The caller closes it. */
SOCKET rig_socket(USHORT *out_port);
void rig_send(USHORT port, const void *bytes, size_t length);
/* The length of a received datagram, 0 if none came in time. */
size_t rig_receive_on(SOCKET socket, void *bytes, size_t size, DWORD milliseconds);
/* Waits for a reply at the client's socket. */
size_t rig_receive(void *bytes, size_t size);
/* Sends a DISCOVER to the DHCP port, waits for the reply, checks xid and file; its length. */
size_t rig_exchange(USHORT port, uint32_t id, const char *file);
/* The value of an option, or NULL. */
const uint8_t *rig_option(const uint8_t *reply, size_t length, uint8_t code, uint8_t *out_length);

/* ---- what the server told ---- */

/* Waits until there are `count` reports since rig_setup or rig_forget; returns the last of them. */
struct rig_report rig_report(size_t count);
size_t rig_report_count(void);
/* The number (from 1) of the first log line with this text in it and one of these severities
 * (MAXDWORD: any or none); 0 if there is none. */
size_t rig_logged(PXE_SEVERITY severities, const WCHAR *text);
/* The same, for the last such line. */
size_t rig_logged_last(PXE_SEVERITY severities, const WCHAR *text);
/* How many lines have this text. */
size_t rig_log_count(const WCHAR *text);
/* The sum of the numbers in the lines that begin as this scan format does, which has one %I64u. */
ULONGLONG rig_log_sum(const WCHAR *format);
/* The first line with this text, or NULL; valid until rig_forget. */
const WCHAR *rig_log_line(const WCHAR *text);
/* Fails the test and shows the log if there is no such line. */
void rig_expect_log(PXE_SEVERITY severities, const WCHAR *text);
/* The same, but gives the line a minute to come. */
void rig_await_log(PXE_SEVERITY severities, const WCHAR *text);
void rig_forget(void);

#endif
