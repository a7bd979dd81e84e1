/*
 * A provider written as providers for the original are: callbacks passed without a cast, string
 * literals as option values, constant data as attributes, wide format strings. It must compile
 * unchanged with every C++ compiler; check_headers.py sees to that. It is not run.
 */
#include <windows.h>

#include <stdio.h>
#include <string.h>

#include "wdspxe.h"

static HANDLE g_hProvider;
static HKEY g_hProviderKey;

#define DHCP_MSGTYPE 53
#define DHCP_VENDOR_CLASS 60
#define DHCP_SERVER_ID 54
#define DHCP_END 255

DWORD PXEAPI MyShutdown(PVOID pContext)
{
    UNREFERENCED_PARAMETER(pContext);
    PxeTrace(g_hProvider, PXE_TRACE_INFO, L"Shutdown");
    return ERROR_SUCCESS;
}

DWORD PXEAPI MyServiceControl(PVOID pContext, DWORD dwControl)
{
    UNREFERENCED_PARAMETER(pContext);
    PxeTrace(g_hProvider, PXE_TRACE_VERBOSE, L"Control %u %s %S", dwControl, L"wide", "narrow");
    return ERROR_SUCCESS;
}

static DWORD TraceError(LPCWSTR pszFormat, ...)
{
    va_list Params;
    va_start(Params, pszFormat);
    DWORD dwError = PxeTraceV(g_hProvider, PXE_TRACE_ERROR, pszFormat, Params);
    va_end(Params);
    return dwError;
}

static DWORD FillReply(PVOID pRecv, ULONG cbRecv, PVOID pReply, ULONG cbMax, PULONG pcbReply,
                       const PXE_ADDRESS *pLocal)
{
    BYTE bType = 2;
    const BYTE Tlv[] = {43, 3, 6, 1, 8};
    DWORD dwError = PxeDhcpInitialize(pRecv, cbRecv, pReply, cbMax, pcbReply);
    if (dwError != ERROR_SUCCESS) {
        return dwError;
    }
    PPXE_DHCP_MESSAGE pMessage = static_cast<PPXE_DHCP_MESSAGE>(pReply);
    memcpy(&pMessage->BootstrapServerAddress, pLocal->bAddress, pLocal->uAddrLen);
    strcpy(reinterpret_cast<char *>(pMessage->BootFileName), "boot\\x64\\wdsnbp.com");

    dwError = PxeDhcpAppendOption(pReply, cbMax, pcbReply, DHCP_MSGTYPE, sizeof(bType), &bType);
    if (dwError == ERROR_SUCCESS) {
        dwError = PxeDhcpAppendOption(pReply, cbMax, pcbReply, DHCP_VENDOR_CLASS, 9, "PXEClient");
    }
    if (dwError == ERROR_SUCCESS) {
        dwError = PxeDhcpAppendOption(pReply, cbMax, pcbReply, DHCP_SERVER_ID,
                                      static_cast<BYTE>(pLocal->uAddrLen), pLocal->bAddress);
    }
    if (dwError == ERROR_SUCCESS) {
        dwError = PxeDhcpAppendOptionRaw(pReply, cbMax, pcbReply, sizeof(Tlv), Tlv);
    }
    if (dwError == ERROR_SUCCESS) {
        dwError = PxeDhcpAppendOption(pReply, cbMax, pcbReply, DHCP_END, 0, NULL);
    }
    return dwError;
}

DWORD PXEAPI MyRecvRequest(HANDLE hClientRequest, PVOID pPacket, ULONG uPacketLen,
                           PXE_ADDRESS *pLocalAddress, PXE_ADDRESS *pRemoteAddress,
                           PXE_BOOT_ACTION *pAction, PVOID pContext)
{
    UNREFERENCED_PARAMETER(pRemoteAddress);
    UNREFERENCED_PARAMETER(pContext);
    BOOL bPxe = FALSE;
    BYTE cbType = 0;
    PVOID pType = NULL;
    *pAction = PXE_BA_REJECTED;
    if (PxeDhcpIsValid(pPacket, uPacketLen, TRUE, &bPxe) != ERROR_SUCCESS || !bPxe ||
        PxeDhcpGetOptionValue(pPacket, uPacketLen, 1, DHCP_MSGTYPE, &cbType, &pType) != 0) {
        return ERROR_SUCCESS;
    }
    ULONG cbReply = 0;
    PVOID pReply = PxePacketAllocate(g_hProvider, hClientRequest, 300);
    if (pReply == NULL) {
        return GetLastError();
    }
    DWORD dwError = FillReply(pPacket, uPacketLen, pReply, 300, &cbReply, pLocalAddress);
    if (dwError == ERROR_SUCCESS) {
        PXE_ADDRESS Address;
        ZeroMemory(&Address, sizeof(Address));
        Address.uFlags = PXE_ADDR_USE_DHCP_RULES;
        dwError = PxeSendReply(hClientRequest, pReply, cbReply, &Address);
    }
    PxePacketFree(g_hProvider, hClientRequest, pReply);
    *pAction = dwError == ERROR_SUCCESS ? PXE_BA_NBP : PXE_BA_IGNORE;
    return dwError;
}

static DWORD AppendV6(PVOID pReply, ULONG cbMax, PULONG pcbReply)
{
    const BYTE Raw[] = {0, 59, 0, 0};
    DWORD dwError = PxeDhcpv6AppendOption(pReply, cbMax, pcbReply, 59, 18, "tftp://[::1]/a.efi");
    if (dwError == ERROR_SUCCESS) {
        dwError = PxeDhcpv6AppendOption(pReply, cbMax, pcbReply, 14, 0, nullptr);
    }
    if (dwError == ERROR_SUCCESS) {
        dwError = PxeDhcpv6AppendOptionRaw(pReply, cbMax, pcbReply, sizeof(Raw), Raw);
    }
    return dwError;
}

/* What only reads takes a packet that is const, of whatever type; NULL finds the published
 * function. */
static DWORD ReadOnly(const BYTE *pPacket, const PXE_DHCP_MESSAGE *pMessage, PVOID pReply)
{
    const void *pAnything = pPacket;
    ULONG cb = 0;
    BYTE cbOption = 0;
    WORD cbOption6 = 0;
    BOOL bPxe = FALSE;
    PVOID pValue = NULL;
    PBYTE pInner = NULL;
    PXE_DHCPV6_NESTED_RELAY_MESSAGE Layer[1];

    return PxeDhcpGetOptionValue(pPacket, 300, 1, 53, &cbOption, &pValue) +
           PxeDhcpGetOptionValue(pAnything, 300, 1, 53, NULL, nullptr) +
           PxeDhcpGetOptionValue(pMessage, 300, 1, 53, &cbOption, &pValue) +
           PxeDhcpGetOptionValue(NULL, 300, 1, 53, &cbOption, &pValue) +
           PxeDhcpGetVendorOptionValue(pPacket, 300, 8, 1, &cbOption, &pValue) +
           PxeDhcpIsValid(pPacket, 300, TRUE, &bPxe) +
           PxeDhcpInitialize(pMessage, 300, pReply, 300, &cb) +
           PxeDhcpv6Initialize(pPacket, 300, pReply, 300, &cb) +
           PxeDhcpv6IsValid(pPacket, 300, TRUE, NULL) +
           PxeDhcpv6GetOptionValue(pPacket, 300, 1, 1, &cbOption6, &pValue) +
           PxeDhcpv6GetVendorOptionValue(pPacket, 300, 343, 1, 1, &cbOption6, &pValue) +
           PxeDhcpv6ParseRelayForw(pPacket, 300, Layer, 1, &cb, &pInner, &cb);
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    static const ULONG uFilterV6 = PXE_PROV_FILTER_PXE_ONLY;
    ULONG uFilter = PXE_PROV_FILTER_DHCP_ONLY;
    BYTE Scratch[64];
    ULONG cbUsed = 4;
    g_hProviderKey = hProviderKey;

    /* The published filter sample does this before it has stored its handle. */
    PxeTrace(NULL, PXE_TRACE_INFO, L"Initialize");
    g_hProvider = hProvider;

    DWORD dwError = PxeRegisterCallback(hProvider, PXE_CALLBACK_SHUTDOWN, MyShutdown, NULL);
    if (dwError == ERROR_SUCCESS) {
        dwError = PxeRegisterCallback(hProvider, PXE_CALLBACK_RECV_REQUEST, MyRecvRequest, NULL);
    }
    if (dwError == ERROR_SUCCESS) {
        dwError = PxeRegisterCallback(hProvider, PXE_CALLBACK_SERVICE_CONTROL, &MyServiceControl,
                                      &g_hProviderKey);
    }
    if (dwError == ERROR_SUCCESS) {
        dwError =
            PxeProviderSetAttribute(hProvider, PXE_PROV_ATTR_FILTER, &uFilter, sizeof(uFilter));
    }
    if (dwError == ERROR_SUCCESS) {
        dwError = PxeProviderSetAttribute(hProvider, PXE_PROV_ATTR_FILTER_IPV6, &uFilterV6,
                                          sizeof(uFilterV6));
    }
    if (dwError != ERROR_SUCCESS) {
        TraceError(L"Initialize failed: %u", dwError);
        TraceError(L"%u", ReadOnly(Scratch, NULL, Scratch));
    }

    /* Null pointers must still reach the published functions; a cast must still be allowed. */
    PxeRegisterCallback(hProvider, PXE_CALLBACK_MAX, NULL, NULL);
    PxeRegisterCallback(hProvider, PXE_CALLBACK_MAX, nullptr, nullptr);
    PxeRegisterCallback(hProvider, PXE_CALLBACK_SHUTDOWN, reinterpret_cast<PVOID>(MyShutdown),
                        NULL);
    PxeProviderSetAttribute(hProvider, PXE_PROV_ATTR_FILTER, NULL, 0);
    AppendV6(Scratch, sizeof(Scratch), &cbUsed);
    return dwError;
}
