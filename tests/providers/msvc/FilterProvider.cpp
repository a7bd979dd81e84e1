/*
 * A provider as it is written with Microsoft's compiler and a Windows 7 SDK: it decides who may
 * boot at all, and leaves the answer to the next provider.
 *
 * Values in its registry key, each a REG_MULTI_SZ of MAC addresses such as 52-54-00-77-00-01:
 *   Deny   these are ignored, by everyone.
 *   Allow  if there is such a value, all others are ignored too.
 *
 * Nothing in this file is there for the sake of one compiler or of this project's DLL.
 */
#include <windows.h>

#include <stdlib.h>
#include <string.h>
#include <strsafe.h>

#include "wdspxe.h"
#include "wdspxe_sal1.h"

#define MAC_SIZE 6
#define MAC_TEXT_SIZE 18

typedef struct _MAC_LIST {
    BOOL bPresent;
    ULONG cMacs;
    BYTE (*pMacs)[MAC_SIZE];
} MAC_LIST, *PMAC_LIST;

HINSTANCE g_hInstance;
HANDLE g_hProvider;
MAC_LIST g_Allow;
MAC_LIST g_Deny;

DWORD PXEAPI FilterRecvRequest(__in HANDLE hClientRequest, __in_bcount(uPacketLen) PVOID pPacket,
                               __in ULONG uPacketLen, __in PXE_ADDRESS *pLocalAddress,
                               __in PXE_ADDRESS *pRemoteAddress, __out PXE_BOOT_ACTION *pAction,
                               __in_opt PVOID pContext);
DWORD PXEAPI FilterShutdown(__in_opt PVOID pContext);

BOOL WINAPI DllMain(__in HINSTANCE hInstance, __in DWORD dwReason, __reserved LPVOID lpReserved)
{
    UNREFERENCED_PARAMETER(lpReserved);
    if (dwReason == DLL_PROCESS_ATTACH) {
        g_hInstance = hInstance;
        DisableThreadLibraryCalls(hInstance);
    }
    return TRUE;
}

/* Six hexadecimal pairs; what stands between them does not matter, nor does what follows. */
static BOOL ParseMac(__in_z LPCWSTR pszText, __out_bcount(MAC_SIZE) PBYTE pMac)
{
    for (ULONG i = 0; i < MAC_SIZE; i++) {
        WCHAR szPair[3];
        LPWSTR pszEnd = NULL;
        if (FAILED(StringCchCopyNW(szPair, ARRAYSIZE(szPair), pszText, 2)) || wcslen(szPair) != 2) {
            return FALSE;
        }
        pMac[i] = (BYTE)wcstoul(szPair, &pszEnd, 16);
        if (*pszEnd != L'\0') {
            return FALSE;
        }
        pszText += 2;
        if (*pszText == L':' || *pszText == L'-') {
            pszText++;
        }
    }
    return TRUE;
}

static DWORD KeepMacs(__in_ecount(cchText) LPCWSTR pszText, __in ULONG cchText,
                      __inout PMAC_LIST pList)
{
    pList->pMacs = (BYTE(*)[MAC_SIZE])HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY,
                                                (cchText / 2 + 1) * MAC_SIZE);
    if (pList->pMacs == NULL) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    for (LPCWSTR psz = pszText; *psz != L'\0'; psz += wcslen(psz) + 1) {
        if (ParseMac(psz, pList->pMacs[pList->cMacs])) {
            pList->cMacs++;
        } else {
            PxeTrace(g_hProvider, PXE_TRACE_WARNING, L"'%s' is not a MAC address", psz);
        }
    }
    pList->bPresent = TRUE;
    return ERROR_SUCCESS;
}

/* A missing value leaves the list absent. */
static DWORD ReadMacs(__in HKEY hKey, __in_z LPCWSTR pszValue, __inout PMAC_LIST pList)
{
    DWORD dwType = 0;
    DWORD cbText = 0;
    DWORD dwError = RegQueryValueExW(hKey, pszValue, NULL, &dwType, NULL, &cbText);
    if (dwError == ERROR_FILE_NOT_FOUND) {
        return ERROR_SUCCESS;
    }
    if (dwError != ERROR_SUCCESS) {
        return dwError;
    }
    if (dwType != REG_MULTI_SZ) {
        return ERROR_INVALID_DATA;
    }

    /* What is stored need not end in two zeros. */
    LPWSTR pszText =
        (LPWSTR)HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, cbText + 2 * sizeof(WCHAR));
    if (pszText == NULL) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    dwError = RegQueryValueExW(hKey, pszValue, NULL, NULL, (LPBYTE)pszText, &cbText);
    if (dwError == ERROR_SUCCESS) {
        dwError = KeepMacs(pszText, cbText / sizeof(WCHAR), pList);
    }
    HeapFree(GetProcessHeap(), 0, pszText);
    PxeTrace(g_hProvider, PXE_TRACE_INFO, L"%s: %u addresses", pszValue, pList->cMacs);
    return dwError;
}

static void FreeMacs(__inout PMAC_LIST pList)
{
    if (pList->pMacs != NULL) {
        HeapFree(GetProcessHeap(), 0, pList->pMacs);
    }
    ZeroMemory(pList, sizeof(*pList));
}

static BOOL IsListed(__in const MAC_LIST *pList, __in const PXE_DHCP_MESSAGE *pMessage)
{
    if (pMessage->HardwareAddressLength != MAC_SIZE) {
        return FALSE;
    }
    for (ULONG i = 0; i < pList->cMacs; i++) {
        if (memcmp(pList->pMacs[i], pMessage->HardwareAddress, MAC_SIZE) == 0) {
            return TRUE;
        }
    }
    return FALSE;
}

DWORD PXEAPI FilterRecvRequest(__in HANDLE hClientRequest, __in_bcount(uPacketLen) PVOID pPacket,
                               __in ULONG uPacketLen, __in PXE_ADDRESS *pLocalAddress,
                               __in PXE_ADDRESS *pRemoteAddress, __out PXE_BOOT_ACTION *pAction,
                               __in_opt PVOID pContext)
{
    UNREFERENCED_PARAMETER(hClientRequest);
    UNREFERENCED_PARAMETER(pLocalAddress);
    UNREFERENCED_PARAMETER(pRemoteAddress);
    UNREFERENCED_PARAMETER(pContext);

    /* The filter lets DHCP packets of PXE clients through only, but debug builds like to look. */
    if (PxeDhcpIsValid(pPacket, uPacketLen, TRUE, NULL) != ERROR_SUCCESS) {
        *pAction = PXE_BA_REJECTED;
        return ERROR_SUCCESS;
    }

    const PXE_DHCP_MESSAGE *pMessage = (const PXE_DHCP_MESSAGE *)pPacket;
    const BYTE *pMac = pMessage->HardwareAddress;
    WCHAR szMac[MAC_TEXT_SIZE];
    StringCchPrintfW(szMac, ARRAYSIZE(szMac), L"%02X-%02X-%02X-%02X-%02X-%02X", pMac[0], pMac[1],
                     pMac[2], pMac[3], pMac[4], pMac[5]);

    if (IsListed(&g_Deny, pMessage) || (g_Allow.bPresent && !IsListed(&g_Allow, pMessage))) {
        PxeTrace(g_hProvider, PXE_TRACE_INFO, L"%s is denied", szMac);
        *pAction = PXE_BA_IGNORE;
    } else {
        PxeTrace(g_hProvider, PXE_TRACE_VERBOSE, L"%s is allowed", szMac);
        *pAction = PXE_BA_REJECTED;
    }
    return ERROR_SUCCESS;
}

DWORD PXEAPI FilterShutdown(__in_opt PVOID pContext)
{
    UNREFERENCED_PARAMETER(pContext);
    PxeTrace(g_hProvider, PXE_TRACE_INFO, L"Filter shuts down");
    FreeMacs(&g_Allow);
    FreeMacs(&g_Deny);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(__in HANDLE hProvider, __in HKEY hProviderKey)
{
    ULONG uFilter = PXE_PROV_FILTER_PXE_ONLY;

    /* The handle is not kept yet. Published samples do this as well. */
    PxeTrace(g_hProvider, PXE_TRACE_INFO, L"Filter starts");
    g_hProvider = hProvider;

    DWORD dwError = ReadMacs(hProviderKey, L"Allow", &g_Allow);
    if (dwError == ERROR_SUCCESS) {
        dwError = ReadMacs(hProviderKey, L"Deny", &g_Deny);
    }
    if (dwError == ERROR_SUCCESS) {
        dwError =
            PxeProviderSetAttribute(hProvider, PXE_PROV_ATTR_FILTER, &uFilter, sizeof(uFilter));
    }
    if (dwError == ERROR_SUCCESS) {
        dwError =
            PxeRegisterCallback(hProvider, PXE_CALLBACK_RECV_REQUEST, FilterRecvRequest, NULL);
    }
    if (dwError == ERROR_SUCCESS) {
        dwError = PxeRegisterCallback(hProvider, PXE_CALLBACK_SHUTDOWN, FilterShutdown, NULL);
    }
    if (dwError != ERROR_SUCCESS) {
        PxeTrace(hProvider, PXE_TRACE_FATAL, L"Filter cannot start: error %u", dwError);
        FreeMacs(&g_Allow);
        FreeMacs(&g_Deny);
    }
    return dwError;
}
