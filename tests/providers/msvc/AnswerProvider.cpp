/*
 * A provider as it is written with Microsoft's compiler and a Windows 7 SDK: answers every PXE
 * client with a boot program and, in an option made by wdsbp.dll, the path of a boot configuration.
 * It makes the calls that the published sample provider makes, in the same order.
 *
 * Values in its registry key, all REG_SZ and optional:
 *   BiosProgram  boot program for BIOS clients; default bios.0
 *   EfiProgram   boot program for x64 UEFI clients; default x64.efi
 *   NextServer   IPv4 address of the TFTP server; default: the one the request arrived at
 *   ServerName   host name of the server; default: none
 *   BcdPath      path of the boot configuration; default Boot\lab.bcd
 *
 * Nothing in this file is there for the sake of one compiler or of this project's DLLs.
 */
#include <windows.h>

#include <stdio.h>
#include <string.h>
#include <strsafe.h>

#include "wdsbp.h"
#include "wdspxe.h"
#include "wdspxe_sal1.h"

#define DHCP_DISCOVER 1
#define DHCP_OFFER 2
#define DHCP_REQUEST 3
#define DHCP_ACK 5

#define OPTION_MESSAGE_TYPE 53
#define OPTION_SERVER_ID 54
#define OPTION_VENDOR_CLASS 60
#define OPTION_ARCHITECTURE 93
#define OPTION_END 255

#define ARCHITECTURE_BIOS 0
#define ARCHITECTURE_EFI_X64 7

#define REPLY_SIZE 300
#define BCD_PATH_SIZE 128

#define GOTO_CLEANUP_IF_FAILED(dwResult)                                                           \
    if ((dwResult) != ERROR_SUCCESS)                                                               \
    goto Cleanup

HANDLE g_hProvider;
CHAR g_szBiosProgram[PXE_DHCP_FILE_SIZE] = "bios.0";
CHAR g_szEfiProgram[PXE_DHCP_FILE_SIZE] = "x64.efi";
CHAR g_szServerName[PXE_DHCP_SERVER_SIZE] = "";
CHAR g_szBcdPath[BCD_PATH_SIZE] = "Boot\\lab.bcd";
CHAR g_szNextServer[16] = "";
BYTE g_NextServer[4];

DWORD PXEAPI AnswerRecvRequest(__in HANDLE hClientRequest, __in_bcount(uPacketLen) PVOID pPacket,
                               __in ULONG uPacketLen, __in PXE_ADDRESS *pLocalAddress,
                               __in PXE_ADDRESS *pRemoteAddress, __out PXE_BOOT_ACTION *pAction,
                               __in_opt PVOID pContext);

BOOL WINAPI DllMain(__in HINSTANCE hInstance, __in DWORD dwReason, __reserved LPVOID lpReserved)
{
    UNREFERENCED_PARAMETER(lpReserved);
    switch (dwReason) {
    case DLL_PROCESS_ATTACH:
        DisableThreadLibraryCalls(hInstance);
        break;
    case DLL_PROCESS_DETACH:
        g_hProvider = NULL;
        break;
    }
    return TRUE;
}

static DWORD Trace(__in PXE_SEVERITY Severity, __in_z __format_string LPCWSTR pszFormat, ...)
{
    va_list Params;
    va_start(Params, pszFormat);
    DWORD dwError = PxeTraceV(g_hProvider, Severity, pszFormat, Params);
    va_end(Params);
    return dwError;
}

/* A missing value leaves the default. */
static DWORD ReadSetting(__in HKEY hKey, __in_z LPCSTR pszValue,
                         __inout_bcount(cbText) LPSTR pszText, __in DWORD cbText)
{
    CHAR szText[PXE_DHCP_FILE_SIZE];
    DWORD cbRead = sizeof(szText) - 1;
    DWORD dwType = 0;
    DWORD dwError = RegQueryValueExA(hKey, pszValue, NULL, &dwType, (LPBYTE)szText, &cbRead);
    if (dwError == ERROR_FILE_NOT_FOUND) {
        return ERROR_SUCCESS;
    }
    if (dwError != ERROR_SUCCESS) {
        return dwError;
    }
    szText[cbRead] = '\0';
    if (dwType != REG_SZ || FAILED(StringCbCopyA(pszText, cbText, szText))) {
        return ERROR_INVALID_DATA;
    }
    /* The published sample hands a narrow string to %s, which means a wide one. So does this. */
    Trace(PXE_TRACE_INFO, L"%S is %S (as the sample has it: %s)", pszValue, pszText, pszText);
    return ERROR_SUCCESS;
}

static DWORD ReadSettings(__in HKEY hKey)
{
    UINT uPart[4];
    DWORD dwError = ReadSetting(hKey, "BiosProgram", g_szBiosProgram, sizeof(g_szBiosProgram));
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError = ReadSetting(hKey, "EfiProgram", g_szEfiProgram, sizeof(g_szEfiProgram));
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError = ReadSetting(hKey, "ServerName", g_szServerName, sizeof(g_szServerName));
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError = ReadSetting(hKey, "BcdPath", g_szBcdPath, sizeof(g_szBcdPath));
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError = ReadSetting(hKey, "NextServer", g_szNextServer, sizeof(g_szNextServer));
    GOTO_CLEANUP_IF_FAILED(dwError);
    if (g_szNextServer[0] != '\0') {
        if (sscanf(g_szNextServer, "%u.%u.%u.%u", &uPart[0], &uPart[1], &uPart[2], &uPart[3]) !=
            4) {
            return ERROR_INVALID_DATA;
        }
        for (int i = 0; i < 4; i++) {
            if (uPart[i] > 255) {
                return ERROR_INVALID_DATA;
            }
            g_NextServer[i] = (BYTE)uPart[i];
        }
    }

Cleanup:
    return dwError;
}

/* What the network boot program tells about itself, if it is one that WDS knows. */
static BOOL QueryNbpArchitecture(__in_bcount(uPacketLen) PVOID pPacket, __in ULONG uPacketLen,
                                 __out PUSHORT puArchitecture)
{
    HANDLE hParse = NULL;
    BYTE bPacketType = 0;
    ULONG cbValue = 0;
    BOOL bFound = FALSE;

    if (WdsBpParseInitialize(pPacket, uPacketLen, &bPacketType, &hParse) != ERROR_SUCCESS) {
        return FALSE;
    }
    Trace(PXE_TRACE_VERBOSE, L"Packet type %u", bPacketType);
    if (WDSBP_IS_PK_TYPE(bPacketType, WDSBP_PK_TYPE_WDSNBP)) {
        bFound = WdsBpQueryOption(hParse, WDSBP_OPT_ARCHITECTURE, sizeof(*puArchitecture),
                                  puArchitecture, &cbValue) == ERROR_SUCCESS;
    }
    WdsBpCloseHandle(hParse);
    return bFound;
}

static LPCSTR ChooseProgram(__in_bcount(uPacketLen) PVOID pPacket, __in ULONG uPacketLen)
{
    BYTE cbValue = 0;
    PVOID pValue = NULL;
    USHORT uArchitecture = ARCHITECTURE_BIOS;

    if (PxeDhcpGetOptionValue(pPacket, uPacketLen, 1, OPTION_ARCHITECTURE, &cbValue, &pValue) ==
            ERROR_SUCCESS &&
        cbValue >= 2) {
        uArchitecture = (USHORT)(((PBYTE)pValue)[0] << 8 | ((PBYTE)pValue)[1]);
    }
    USHORT uNbpArchitecture = 0;
    if (QueryNbpArchitecture(pPacket, uPacketLen, &uNbpArchitecture)) {
        uArchitecture = uNbpArchitecture;
    }
    switch (uArchitecture) {
    case ARCHITECTURE_BIOS:
        return g_szBiosProgram;
    case ARCHITECTURE_EFI_X64:
        return g_szEfiProgram;
    default:
        return NULL;
    }
}

/* The boot configuration as a ready-made option. The caller frees it with HeapFree. */
static DWORD BuildBcdOption(__deref_out_bcount(*pcbOption) PBYTE *ppOption, __out PULONG pcbOption)
{
    HANDLE hOptions = NULL;
    PBYTE pOption = NULL;
    ULONG cbOption = 0;

    DWORD dwError = WdsBpInitialize(WDSBP_PK_TYPE_BCD, &hOptions);
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError =
        WdsBpAddOption(hOptions, WDSBP_OPT_BCD_FILE_PATH, (ULONG)strlen(g_szBcdPath), g_szBcdPath);
    GOTO_CLEANUP_IF_FAILED(dwError);

    dwError = WdsBpGetOptionBuffer(hOptions, 0, NULL, &cbOption);
    if (dwError != ERROR_SUCCESS && dwError != ERROR_INSUFFICIENT_BUFFER) {
        goto Cleanup;
    }
    pOption = (PBYTE)HeapAlloc(GetProcessHeap(), 0, cbOption);
    if (pOption == NULL) {
        dwError = ERROR_NOT_ENOUGH_MEMORY;
        goto Cleanup;
    }
    dwError = WdsBpGetOptionBuffer(hOptions, cbOption, pOption, &cbOption);
    GOTO_CLEANUP_IF_FAILED(dwError);
    *ppOption = pOption;
    *pcbOption = cbOption;
    pOption = NULL;

Cleanup:
    if (hOptions != NULL) {
        WdsBpCloseHandle(hOptions);
    }
    if (pOption != NULL) {
        HeapFree(GetProcessHeap(), 0, pOption);
    }
    return dwError;
}

static DWORD AppendOptions(__inout_bcount(REPLY_SIZE) PVOID pReply, __inout PULONG puReplyLen,
                           __in BYTE bMessageType, __in PXE_ADDRESS *pLocalAddress)
{
    PBYTE pBcdOption = NULL;
    ULONG cbBcdOption = 0;

    DWORD dwError =
        PxeDhcpAppendOption(pReply, REPLY_SIZE, puReplyLen, OPTION_MESSAGE_TYPE, 1, &bMessageType);
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError =
        PxeDhcpAppendOption(pReply, REPLY_SIZE, puReplyLen, OPTION_VENDOR_CLASS, 9, "PXEClient");
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError = PxeDhcpAppendOption(pReply, REPLY_SIZE, puReplyLen, OPTION_SERVER_ID,
                                  (BYTE)pLocalAddress->uAddrLen, pLocalAddress->bAddress);
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError = BuildBcdOption(&pBcdOption, &cbBcdOption);
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError = PxeDhcpAppendOptionRaw(pReply, REPLY_SIZE, puReplyLen, (BYTE)cbBcdOption, pBcdOption);
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError = PxeDhcpAppendOption(pReply, REPLY_SIZE, puReplyLen, OPTION_END, 0, NULL);

Cleanup:
    if (pBcdOption != NULL) {
        HeapFree(GetProcessHeap(), 0, pBcdOption);
    }
    return dwError;
}

static DWORD SendAnswer(__in HANDLE hClientRequest, __in_bcount(uPacketLen) PVOID pPacket,
                        __in ULONG uPacketLen, __in BYTE bMessageType, __in_z LPCSTR pszProgram,
                        __in PXE_ADDRESS *pLocalAddress)
{
    ULONG uReplyLen = 0;
    PXE_ADDRESS Address;
    PPXE_DHCP_MESSAGE pMessage;
    DWORD dwError = ERROR_SUCCESS;

    PVOID pReply = PxePacketAllocate(g_hProvider, hClientRequest, REPLY_SIZE);
    if (pReply == NULL) {
        return GetLastError();
    }
    dwError = PxeDhcpInitialize(pPacket, uPacketLen, pReply, REPLY_SIZE, &uReplyLen);
    GOTO_CLEANUP_IF_FAILED(dwError);

    pMessage = (PPXE_DHCP_MESSAGE)pReply;
    if (g_szNextServer[0] != '\0') {
        memcpy(&pMessage->BootstrapServerAddress, g_NextServer, sizeof(g_NextServer));
    } else {
        memcpy(&pMessage->BootstrapServerAddress, pLocalAddress->bAddress, pLocalAddress->uAddrLen);
    }
    if (FAILED(StringCbCopyA((LPSTR)pMessage->BootFileName, PXE_DHCP_FILE_SIZE, pszProgram)) ||
        FAILED(StringCbCopyA((LPSTR)pMessage->HostName, PXE_DHCP_SERVER_SIZE, g_szServerName))) {
        dwError = ERROR_INSUFFICIENT_BUFFER;
        goto Cleanup;
    }
    dwError = AppendOptions(pReply, &uReplyLen, bMessageType, pLocalAddress);
    GOTO_CLEANUP_IF_FAILED(dwError);

    ZeroMemory(&Address, sizeof(Address));
    Address.uFlags = PXE_ADDR_USE_DHCP_RULES;
    dwError = PxeSendReply(hClientRequest, pReply, uReplyLen, &Address);

Cleanup:
    PxePacketFree(g_hProvider, hClientRequest, pReply);
    return dwError;
}

DWORD PXEAPI AnswerRecvRequest(__in HANDLE hClientRequest, __in_bcount(uPacketLen) PVOID pPacket,
                               __in ULONG uPacketLen, __in PXE_ADDRESS *pLocalAddress,
                               __in PXE_ADDRESS *pRemoteAddress, __out PXE_BOOT_ACTION *pAction,
                               __in_opt PVOID pContext)
{
    BYTE cbType = 0;
    PVOID pType = NULL;
    BYTE bMessageType = 0;
    UNREFERENCED_PARAMETER(pRemoteAddress);
    UNREFERENCED_PARAMETER(pContext);

    *pAction = PXE_BA_REJECTED;
    DWORD dwError =
        PxeDhcpGetOptionValue(pPacket, uPacketLen, 1, OPTION_MESSAGE_TYPE, &cbType, &pType);
    if (dwError != ERROR_SUCCESS || cbType != 1) {
        Trace(PXE_TRACE_WARNING, L"No message type: error %u", dwError);
        return ERROR_SUCCESS;
    }
    switch (*(PBYTE)pType) {
    case DHCP_DISCOVER:
        bMessageType = DHCP_OFFER;
        break;
    case DHCP_REQUEST:
        bMessageType = DHCP_ACK;
        break;
    default:
        return ERROR_SUCCESS;
    }
    LPCSTR pszProgram = ChooseProgram(pPacket, uPacketLen);
    if (pszProgram == NULL) {
        return ERROR_SUCCESS;
    }

    *pAction = PXE_BA_IGNORE;
    dwError =
        SendAnswer(hClientRequest, pPacket, uPacketLen, bMessageType, pszProgram, pLocalAddress);
    if (dwError != ERROR_SUCCESS) {
        Trace(PXE_TRACE_ERROR, L"No answer was sent: error %u", dwError);
        return ERROR_SUCCESS;
    }
    *pAction = PXE_BA_NBP;
    return ERROR_SUCCESS;
}

DWORD PXEAPI AnswerShutdown(__in_opt PVOID pContext)
{
    UNREFERENCED_PARAMETER(pContext);
    Trace(PXE_TRACE_INFO, L"Answer shuts down");
    return ERROR_SUCCESS;
}

DWORD PXEAPI AnswerServiceControl(__in_opt PVOID pContext, __in DWORD dwControl)
{
    UNREFERENCED_PARAMETER(pContext);
    Trace(PXE_TRACE_INFO, L"Control code %u", dwControl);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(__in HANDLE hProvider, __in HKEY hProviderKey)
{
    ULONG uFilter = PXE_PROV_FILTER_PXE_ONLY;

    Trace(PXE_TRACE_INFO, L"Answer starts");
    g_hProvider = hProvider;

    DWORD dwError = ReadSettings(hProviderKey);
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError = PxeRegisterCallback(hProvider, PXE_CALLBACK_SHUTDOWN, AnswerShutdown, NULL);
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError = PxeRegisterCallback(hProvider, PXE_CALLBACK_RECV_REQUEST, AnswerRecvRequest, NULL);
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError =
        PxeRegisterCallback(hProvider, PXE_CALLBACK_SERVICE_CONTROL, AnswerServiceControl, NULL);
    GOTO_CLEANUP_IF_FAILED(dwError);
    dwError = PxeProviderSetAttribute(hProvider, PXE_PROV_ATTR_FILTER, &uFilter, sizeof(uFilter));

Cleanup:
    if (dwError != ERROR_SUCCESS) {
        Trace(PXE_TRACE_FATAL, L"Answer cannot start: error %u", dwError);
    }
    return dwError;
}
