/* The six PxeDhcp* functions. */
#include "wdspxe.h"

#include "dhcp/dhcp4.h"
#include "api/argument.h"

DWORD PXEAPI PxeDhcpInitialize(PVOID pRecvPacket, ULONG uRecvPacketLen, PVOID pReplyPacket,
                               ULONG uMaxReplyPacketLen, PULONG puReplyPacketLen)
{
    size_t length;

    if (pRecvPacket == NULL || pReplyPacket == NULL || puReplyPacketLen == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    DWORD status =
        dhcp4_reply_start(pRecvPacket, uRecvPacketLen, pReplyPacket, uMaxReplyPacketLen, &length);
    if (status == ERROR_SUCCESS)
        *puReplyPacketLen = (ULONG)length;
    return argument_status(__func__, status);
}

DWORD PXEAPI PxeDhcpAppendOption(PVOID pReplyPacket, ULONG uMaxReplyPacketLen,
                                 PULONG puReplyPacketLen, BYTE bOption, BYTE bOptionLen,
                                 PVOID pValue)
{
    if (pReplyPacket == NULL || puReplyPacketLen == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    size_t length = *puReplyPacketLen;
    DWORD status =
        dhcp4_option_append(pReplyPacket, uMaxReplyPacketLen, &length, bOption, pValue, bOptionLen);
    if (status == ERROR_SUCCESS)
        *puReplyPacketLen = (ULONG)length;
    return argument_status(__func__, status);
}

DWORD PXEAPI PxeDhcpAppendOptionRaw(PVOID pReplyPacket, ULONG uMaxReplyPacketLen,
                                    PULONG puReplyPacketLen, USHORT uBufferLen, PVOID pBuffer)
{
    if (pReplyPacket == NULL || puReplyPacketLen == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    size_t length = *puReplyPacketLen;
    DWORD status = dhcp4_raw_append(pReplyPacket, uMaxReplyPacketLen, &length, pBuffer, uBufferLen);
    if (status == ERROR_SUCCESS)
        *puReplyPacketLen = (ULONG)length;
    return argument_status(__func__, status);
}

DWORD PXEAPI PxeDhcpIsValid(PVOID pPacket, ULONG uPacketLen, BOOL bRequestPacket,
                            PBOOL pbPxeOptionPresent)
{
    bool is_pxe = false;
    DWORD status = ERROR_INVALID_PARAMETER;

    if (pPacket != NULL)
        status = dhcp4_check(pPacket, uPacketLen, bRequestPacket != FALSE, &is_pxe) == DHCP4_VALID
                     ? ERROR_SUCCESS
                     : ERROR_INVALID_DATA;
    if (pbPxeOptionPresent != NULL)
        *pbPxeOptionPresent = is_pxe;
    return argument_status(__func__, status);
}

/* Hands a found value out; each output may be NULL. */
static DWORD value_out(DWORD status, const uint8_t *value, uint8_t length, PBYTE pbOptionLen,
                       PVOID *ppOptionValue)
{
    if (status != ERROR_SUCCESS)
        return status;
    if (pbOptionLen != NULL)
        *pbOptionLen = length;
    if (ppOptionValue != NULL)
        *ppOptionValue = (PVOID)(uintptr_t)value;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeDhcpGetOptionValue(PVOID pPacket, ULONG uPacketLen, ULONG uInstance, BYTE bOption,
                                   PBYTE pbOptionLen, PVOID *ppOptionValue)
{
    const uint8_t *value = NULL;
    uint8_t length = 0;

    if (pPacket == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    DWORD status = dhcp4_option_find(pPacket, uPacketLen, bOption, uInstance, &value, &length);
    return value_out(argument_status(__func__, status), value, length, pbOptionLen, ppOptionValue);
}

DWORD PXEAPI PxeDhcpGetVendorOptionValue(PVOID pPacket, ULONG uPacketLen, BYTE bOption,
                                         ULONG uInstance, PBYTE pbOptionLen, PVOID *ppOptionValue)
{
    const uint8_t *value = NULL;
    uint8_t length = 0;

    if (pPacket == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    DWORD status =
        dhcp4_vendor_option_find(pPacket, uPacketLen, bOption, uInstance, &value, &length);
    return value_out(argument_status(__func__, status), value, length, pbOptionLen, ppOptionValue);
}
