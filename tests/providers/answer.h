/*
 * What the test providers share: numbers and texts in their registry key, and the reply that the
 * published sample provider sends. Only the public header is used, as in any provider.
 */
#ifndef TESTS_PROVIDERS_ANSWER_H
#define TESTS_PROVIDERS_ANSWER_H

#include "wdspxe.h"

#include <string.h>
#include <wchar.h>

#define ANSWER_SIZE 300 /* what the published sample allocates */
#define ANSWER_FILE "boot\\x86\\wdsnbp.com"
#define ANSWER_SNAME "server.test"
#define ANSWER_FILE_2 "second.0" /* put in by providers that must be told apart */

/* An option list that is encoded already, as the sample gets its boot data. */
static const BYTE answer_raw[] = {250, 4, 'r', 'a', 'w', '!', 251, 1, 7};

static inline DWORD key_get(HKEY key, const WCHAR *name, DWORD fallback)
{
    DWORD value, size = sizeof(value), type;

    if (RegQueryValueExW(key, name, NULL, &type, (BYTE *)&value, &size) != ERROR_SUCCESS ||
        type != REG_DWORD)
        return fallback;
    return value;
}

static inline void key_put(HKEY key, const WCHAR *name, DWORD value)
{
    RegSetValueExW(key, name, 0, REG_DWORD, (const BYTE *)&value, sizeof(value));
}

static inline void key_put_bytes(HKEY key, const WCHAR *name, const void *bytes, DWORD size)
{
    RegSetValueExW(key, name, 0, REG_BINARY, bytes, size);
}

/* Sets the filter if the key has a value Filter; else the default stays. */
static inline DWORD answer_filter(HANDLE provider, HKEY key)
{
    ULONG filter = key_get(key, L"Filter", MAXDWORD);

    if (filter == MAXDWORD)
        return ERROR_SUCCESS;
    return PxeProviderSetAttribute(provider, PXE_PROV_ATTR_FILTER, &filter, sizeof(filter));
}

/*
 * The sample's sequence on an allocated packet of ANSWER_SIZE bytes: PxeDhcpInitialize, siaddr,
 * file, sname, options 53, 60, 54, the encoded list, End.
 */
static inline DWORD answer_fill(PVOID packet, PVOID request, ULONG request_length,
                                const PXE_ADDRESS *local, const char *file, ULONG *length)
{
    PXE_DHCP_MESSAGE *reply = packet;
    PVOID type_value;
    BYTE type_length, type = 2;
    DWORD error = PxeDhcpInitialize(request, request_length, packet, ANSWER_SIZE, length);

    if (error != ERROR_SUCCESS)
        return error;
    error = PxeDhcpGetOptionValue(request, request_length, 1, 53, &type_length, &type_value);
    if (error == ERROR_SUCCESS && type_length == 1 && *(BYTE *)type_value == 3)
        type = 5;
    memcpy(&reply->BootstrapServerAddress, local->bAddress, local->uAddrLen);
    memcpy(reply->BootFileName, file, strlen(file));
    memcpy(reply->HostName, ANSWER_SNAME, sizeof(ANSWER_SNAME));
    error = PxeDhcpAppendOption(packet, ANSWER_SIZE, length, 53, 1, &type);
    if (error == ERROR_SUCCESS)
        error =
            PxeDhcpAppendOption(packet, ANSWER_SIZE, length, 60, 9, (PVOID)(ULONG_PTR) "PXEClient");
    if (error == ERROR_SUCCESS)
        error = PxeDhcpAppendOption(packet, ANSWER_SIZE, length, 54, (BYTE)local->uAddrLen,
                                    (PVOID)(ULONG_PTR)local->bAddress);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpAppendOptionRaw(packet, ANSWER_SIZE, length, sizeof(answer_raw),
                                       (PVOID)(ULONG_PTR)answer_raw);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpAppendOption(packet, ANSWER_SIZE, length, 255, 0, NULL);
    return error;
}

/* Registers the callbacks that every provider needs. */
static inline DWORD answer_register(HANDLE provider, PFN_WDSPXE_RECV_REQUEST receive,
                                    PFN_WDSPXE_SHUTDOWN shutdown, PVOID context)
{
    DWORD error = PxeRegisterCallback(provider, PXE_CALLBACK_RECV_REQUEST,
                                      (PVOID)(ULONG_PTR)receive, context);

    if (error == ERROR_SUCCESS)
        error = PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, (PVOID)(ULONG_PTR)shutdown,
                                    context);
    return error;
}

#endif
