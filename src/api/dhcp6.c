/* The eight PxeDhcpv6* functions. */
#include "wdspxe.h"

#include "dhcp/dhcp6.h"
#include "api/argument.h"

DWORD PXEAPI PxeDhcpv6Initialize(PVOID pRequest, ULONG cbRequest, PVOID pReply, ULONG cbReply,
                                 PULONG pcbReplyUsed)
{
    size_t length;

    if (pRequest == NULL || pReply == NULL || pcbReplyUsed == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    DWORD status = dhcp6_reply_start(pRequest, cbRequest, pReply, cbReply, &length);
    if (status == ERROR_SUCCESS)
        *pcbReplyUsed = (ULONG)length;
    return argument_status(__func__, status);
}

DWORD PXEAPI PxeDhcpv6AppendOption(PVOID pReply, ULONG cbReply, PULONG pcbReplyUsed,
                                   WORD wOptionType, WORD cbOption, PVOID pOption)
{
    if (pReply == NULL || pcbReplyUsed == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    size_t length = *pcbReplyUsed;
    DWORD status = dhcp6_option_append(pReply, cbReply, &length, wOptionType, pOption, cbOption);
    if (status == ERROR_SUCCESS)
        *pcbReplyUsed = (ULONG)length;
    return argument_status(__func__, status);
}

DWORD PXEAPI PxeDhcpv6AppendOptionRaw(PVOID pReply, ULONG cbReply, PULONG pcbReplyUsed,
                                      USHORT cbBuffer, PVOID pBuffer)
{
    if (pReply == NULL || pcbReplyUsed == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    size_t length = *pcbReplyUsed;
    DWORD status = dhcp6_raw_append(pReply, cbReply, &length, pBuffer, cbBuffer);
    if (status == ERROR_SUCCESS)
        *pcbReplyUsed = (ULONG)length;
    return argument_status(__func__, status);
}

DWORD PXEAPI PxeDhcpv6IsValid(PVOID pPacket, ULONG uPacketLen, BOOL bRequestPacket,
                              PBOOL pbPxeOptionPresent)
{
    bool is_pxe = false;
    DWORD status = ERROR_INVALID_PARAMETER;

    if (pPacket != NULL)
        status = dhcp6_check(pPacket, uPacketLen, bRequestPacket != FALSE, &is_pxe) == DHCP6_VALID
                     ? ERROR_SUCCESS
                     : ERROR_INVALID_DATA;
    if (pbPxeOptionPresent != NULL)
        *pbPxeOptionPresent = is_pxe;
    return argument_status(__func__, status);
}

/* Hands a found value out; each output may be NULL. */
static DWORD value_out(DWORD status, const uint8_t *value, uint16_t length, PWORD pwOptionLen,
                       PVOID *ppOptionValue)
{
    if (status != ERROR_SUCCESS)
        return status;
    if (pwOptionLen != NULL)
        *pwOptionLen = length;
    if (ppOptionValue != NULL)
        *ppOptionValue = (PVOID)(uintptr_t)value;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeDhcpv6GetOptionValue(PVOID pPacket, ULONG uPacketLen, ULONG uInstance, WORD wOption,
                                     PWORD pwOptionLen, PVOID *ppOptionValue)
{
    const uint8_t *value = NULL;
    uint16_t length = 0;

    if (pPacket == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    DWORD status = dhcp6_option_find(pPacket, uPacketLen, wOption, uInstance, &value, &length);
    return value_out(argument_status(__func__, status), value, length, pwOptionLen, ppOptionValue);
}

DWORD PXEAPI PxeDhcpv6GetVendorOptionValue(PVOID pPacket, ULONG uPacketLen,
                                           DWORD dwEnterpriseNumber, WORD wOption, ULONG uInstance,
                                           PWORD pwOptionLen, PVOID *ppOptionValue)
{
    const uint8_t *value = NULL;
    uint16_t length = 0;

    if (pPacket == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    DWORD status = dhcp6_vendor_option_find(pPacket, uPacketLen, dwEnterpriseNumber, wOption,
                                            uInstance, &value, &length);
    return value_out(argument_status(__func__, status), value, length, pwOptionLen, ppOptionValue);
}

/*
 * The caller's array is filled in place: both structs hold the same members in the same places
 * (abi_check.c), and only dhcp6_relay.c looks into the elements.
 */
DWORD PXEAPI PxeDhcpv6ParseRelayForw(PVOID pRelayForwPacket, ULONG uRelayForwPacketLen,
                                     PPXE_DHCPV6_NESTED_RELAY_MESSAGE pRelayMessages,
                                     ULONG nRelayMessages, PULONG pnRelayMessages,
                                     PBYTE *ppInnerPacket, PULONG pcbInnerPacket)
{
    const uint8_t *inner;
    size_t inner_length;
    size_t count;

    if (pRelayForwPacket == NULL || pRelayMessages == NULL || pnRelayMessages == NULL ||
        ppInnerPacket == NULL || pcbInnerPacket == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    DWORD status = dhcp6_relay_parse(pRelayForwPacket, uRelayForwPacketLen,
                                     (struct dhcp6_relay_layer *)pRelayMessages, nRelayMessages,
                                     &count, &inner, &inner_length);
    if (status != ERROR_SUCCESS)
        return status;
    *pnRelayMessages = (ULONG)count;
    *ppInnerPacket = (PBYTE)(uintptr_t)inner;
    *pcbInnerPacket = (ULONG)inner_length;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeDhcpv6CreateRelayRepl(PPXE_DHCPV6_NESTED_RELAY_MESSAGE pRelayMessages,
                                      ULONG nRelayMessages, PBYTE pInnerPacket, ULONG cbInnerPacket,
                                      PVOID pReplyBuffer, ULONG cbReplyBuffer,
                                      PULONG pcbReplyBuffer)
{
    size_t length;

    if (pRelayMessages == NULL || pInnerPacket == NULL || pReplyBuffer == NULL ||
        pcbReplyBuffer == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    DWORD status =
        dhcp6_relay_create((const struct dhcp6_relay_layer *)pRelayMessages, nRelayMessages,
                           pInnerPacket, cbInnerPacket, pReplyBuffer, cbReplyBuffer, &length);
    if (status == ERROR_SUCCESS)
        *pcbReplyBuffer = (ULONG)length;
    return argument_status(__func__, status);
}
