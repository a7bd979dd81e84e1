/* The seven exports of wdsbp.dll. */
#include "wdsbp.h"

#include <assert.h>

#include "base/caller.h"
#include "os/random.h"
#include "wdsbp/option.h"
#include "wdsbp/session.h"

static_assert(PACKET_DHCP == WDSBP_PK_TYPE_DHCP && PACKET_NBP == WDSBP_PK_TYPE_WDSNBP &&
                  PACKET_BCD == WDSBP_PK_TYPE_BCD && PACKET_DHCPV6 == WDSBP_PK_TYPE_DHCPV6,
              "packet types pass unchanged");
static_assert(VALUE_NONE == WDSBP_OPT_TYPE_NONE && VALUE_BYTE == WDSBP_OPT_TYPE_BYTE &&
                  VALUE_USHORT == WDSBP_OPT_TYPE_USHORT && VALUE_ULONG == WDSBP_OPT_TYPE_ULONG &&
                  VALUE_WSTR == WDSBP_OPT_TYPE_WSTR && VALUE_STR == WDSBP_OPT_TYPE_STR &&
                  VALUE_IP4 == WDSBP_OPT_TYPE_IP4 && VALUE_IP6 == WDSBP_OPT_TYPE_IP6,
              "value types pass unchanged");
static_assert(WDSBP_BUFFER_OVERFLOW == ERROR_BUFFER_OVERFLOW, "status codes pass unchanged");

static struct wdsbp_sessions sessions; /* a slim lock starts as zeros */

static BOOL CALLBACK sessions_seed(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    (void)once;
    (void)parameter;
    (void)context;
    scramble_seed(&sessions.numbers, random_seed());
    return TRUE;
}

/* Before the first handle is made. */
static void sessions_prepare(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

    InitOnceExecuteOnce(&once, sessions_seed, NULL, NULL);
}

/* Providers look at the outputs without looking at the result: failure writes them, too. */
static DWORD parse(enum wdsbp_family family, const void *packet, ULONG length, PBYTE packet_types,
                   HANDLE *out_handle)
{
    uintptr_t handle = 0;
    uint8_t types = 0;
    DWORD status = ERROR_INVALID_PARAMETER;

    caller_touch(packet_types, sizeof(*packet_types));
    caller_touch(out_handle, sizeof(*out_handle));
    sessions_prepare();
    if (packet != NULL && out_handle != NULL)
        status = wdsbp_session_parse(&sessions, family, packet, length, &types, &handle);
    if (packet_types != NULL)
        *packet_types = types;
    if (out_handle != NULL)
        *out_handle = (HANDLE)handle;
    return status;
}

DWORD WDSBPAPI WdsBpParseInitialize(PVOID pPacket, ULONG uPacketLen, PBYTE pbPacketType,
                                    HANDLE *phHandle)
{
    return parse(FAMILY_DHCP4, pPacket, uPacketLen, pbPacketType, phHandle);
}

DWORD WDSBPAPI WdsBpParseInitializev6(PVOID pPacket, ULONG uPacketLen, PBYTE pbPacketType,
                                      HANDLE *phHandle)
{
    return parse(FAMILY_DHCP6, pPacket, uPacketLen, pbPacketType, phHandle);
}

DWORD WDSBPAPI WdsBpInitialize(BYTE bPacketType, HANDLE *phHandle)
{
    uintptr_t handle = 0;
    DWORD status;

    if (phHandle == NULL)
        return ERROR_INVALID_PARAMETER;
    caller_touch(phHandle, sizeof(*phHandle));
    sessions_prepare();
    status = wdsbp_session_build(&sessions, bPacketType, &handle);
    *phHandle = (HANDLE)handle;
    return status;
}

DWORD WDSBPAPI WdsBpCloseHandle(HANDLE hHandle)
{
    return wdsbp_session_close(&sessions, (uintptr_t)hHandle);
}

DWORD WDSBPAPI WdsBpQueryOption(HANDLE hHandle, ULONG uOption, ULONG uValueLen, PVOID pValue,
                                PULONG puBytes)
{
    size_t length;
    DWORD status =
        wdsbp_session_query(&sessions, (uintptr_t)hHandle, uOption, pValue, uValueLen, &length);

    if (puBytes != NULL && status != ERROR_INVALID_HANDLE && status != ERROR_INVALID_PARAMETER)
        *puBytes = (ULONG)length;
    return status;
}

DWORD WDSBPAPI WdsBpAddOption(HANDLE hHandle, ULONG uOption, ULONG uValueLen, PVOID pValue)
{
    return wdsbp_session_add(&sessions, (uintptr_t)hHandle, uOption, pValue, uValueLen);
}

DWORD WDSBPAPI WdsBpGetOptionBuffer(HANDLE hHandle, ULONG uBufferLen, PVOID pBuffer, PULONG puBytes)
{
    size_t length;
    DWORD status;

    if (puBytes == NULL || (pBuffer == NULL && uBufferLen > 0))
        return ERROR_INVALID_PARAMETER;
    status = wdsbp_session_get(&sessions, (uintptr_t)hHandle, pBuffer, uBufferLen, &length);
    if (status != ERROR_INVALID_HANDLE)
        *puBytes = (ULONG)length;
    return status;
}
