/* The eight PxeDhcpv6* functions: not in this version (README, "What works"). */
#include "wdspxe.h"

DWORD PXEAPI PxeDhcpv6Initialize(PVOID pRequest, ULONG cbRequest, PVOID pReply, ULONG cbReply,
                                 PULONG pcbReplyUsed)
{
    (void)pRequest;
    (void)cbRequest;
    (void)pReply;
    (void)cbReply;
    (void)pcbReplyUsed;
    return ERROR_NOT_SUPPORTED;
}

DWORD PXEAPI PxeDhcpv6AppendOption(PVOID pReply, ULONG cbReply, PULONG pcbReplyUsed, WORD
                                   wOptionType, WORD cbOption, PVOID pOption)
{
    (void)pReply;
    (void)cbReply;
    (void)pcbReplyUsed;
    (void)wOptionType;
    (void)cbOption;
    (void)pOption;
    return ERROR_NOT_SUPPORTED;
}

DWORD PXEAPI PxeDhcpv6AppendOptionRaw(PVOID pReply, ULONG cbReply, PULONG pcbReplyUsed, USHORT
                                      cbBuffer, PVOID pBuffer)
{
    (void)pReply;
    (void)cbReply;
    (void)pcbReplyUsed;
    (void)cbBuffer;
    (void)pBuffer;
    return ERROR_NOT_SUPPORTED;
}

DWORD PXEAPI PxeDhcpv6IsValid(PVOID pPacket, ULONG uPacketLen, BOOL bRequestPacket, PBOOL
                              pbPxeOptionPresent)
{
    (void)pPacket;
    (void)uPacketLen;
    (void)bRequestPacket;
    if (pbPxeOptionPresent != NULL)
        *pbPxeOptionPresent = FALSE;
    return ERROR_NOT_SUPPORTED;
}

DWORD PXEAPI PxeDhcpv6GetOptionValue(PVOID pPacket, ULONG uPacketLen, ULONG uInstance, WORD
                                     wOption, PWORD pwOptionLen, PVOID *ppOptionValue)
{
    (void)pPacket;
    (void)uPacketLen;
    (void)uInstance;
    (void)wOption;
    (void)pwOptionLen;
    (void)ppOptionValue;
    return ERROR_NOT_SUPPORTED;
}

DWORD PXEAPI PxeDhcpv6GetVendorOptionValue(PVOID pPacket, ULONG uPacketLen, DWORD
                                           dwEnterpriseNumber, WORD wOption, ULONG uInstance,
                                           PWORD pwOptionLen, PVOID *ppOptionValue)
{
    (void)pPacket;
    (void)uPacketLen;
    (void)dwEnterpriseNumber;
    (void)wOption;
    (void)uInstance;
    (void)pwOptionLen;
    (void)ppOptionValue;
    return ERROR_NOT_SUPPORTED;
}

DWORD PXEAPI PxeDhcpv6ParseRelayForw(PVOID pRelayForwPacket, ULONG uRelayForwPacketLen,
                                     PPXE_DHCPV6_NESTED_RELAY_MESSAGE pRelayMessages, ULONG
                                     nRelayMessages, PULONG pnRelayMessages, PBYTE *ppInnerPacket,
                                     PULONG pcbInnerPacket)
{
    (void)pRelayForwPacket;
    (void)uRelayForwPacketLen;
    (void)pRelayMessages;
    (void)nRelayMessages;
    (void)pnRelayMessages;
    (void)ppInnerPacket;
    (void)pcbInnerPacket;
    return ERROR_NOT_SUPPORTED;
}

DWORD PXEAPI PxeDhcpv6CreateRelayRepl(PPXE_DHCPV6_NESTED_RELAY_MESSAGE pRelayMessages, ULONG
                                      nRelayMessages, PBYTE pInnerPacket, ULONG cbInnerPacket,
                                      PVOID pReplyBuffer, ULONG cbReplyBuffer, PULONG
                                      pcbReplyBuffer)
{
    (void)pRelayMessages;
    (void)nRelayMessages;
    (void)pInnerPacket;
    (void)cbInnerPacket;
    (void)pReplyBuffer;
    (void)cbReplyBuffer;
    (void)pcbReplyBuffer;
    return ERROR_NOT_SUPPORTED;
}
