/*
 * A wdspxe.dll that does what conformance.exe must survive and report: crashes, does not return,
 * ends the process, prints, answers otherwise, and leaves the provider list damaged. Its other
 * functions are missing, as in an older server.
 */
#include "wdspxe.h"

#include <stdio.h>
#include <string.h>

#define SERVER_KEY L"SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE"

static volatile int zero;

/* At an invalid address. */
DWORD PXEAPI PxeDhcpInitialize(PVOID pRecvPacket, ULONG uRecvPacketLen, PVOID pReplyPacket,
                               ULONG uMaxReplyPacketLen, PULONG puReplyPacketLen)
{
    (void)pRecvPacket;
    (void)uRecvPacketLen;
    (void)pReplyPacket;
    (void)uMaxReplyPacketLen;
    (void)puReplyPacketLen;
    *(volatile int *)(ULONG_PTR)zero = 1;
    return ERROR_SUCCESS;
}

/* Success for everything, and no output. */
DWORD PXEAPI PxeDhcpIsValid(PVOID pPacket, ULONG uPacketLen, BOOL bRequestPacket,
                            PBOOL pbPxeOptionPresent)
{
    (void)pPacket;
    (void)uPacketLen;
    (void)bRequestPacket;
    (void)pbPxeOptionPresent;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeDhcpAppendOptionRaw(PVOID pReplyPacket, ULONG uMaxReplyPacketLen,
                                    PULONG puReplyPacketLen, USHORT uBufferLen, PVOID pBuffer)
{
    (void)pReplyPacket;
    (void)uMaxReplyPacketLen;
    (void)puReplyPacketLen;
    (void)uBufferLen;
    (void)pBuffer;
    ExitProcess(0);
}

DWORD PXEAPI PxeTraceV(HANDLE hProvider, PXE_SEVERITY Severity, LPCWSTR pszFormat, va_list Params)
{
    (void)hProvider;
    (void)Severity;
    (void)pszFormat;
    (void)Params;
    for (;;)
        Sleep(INFINITE);
}

DWORD PXEAPI PxeGetServerInfo(PXE_GSI_TYPE uInfoType, PVOID pBuffer, ULONG uBufferLen)
{
    (void)uInfoType;
    (void)pBuffer;
    (void)uBufferLen;
    printf("text of the DLL");
    fflush(stdout);
    return ERROR_INVALID_PARAMETER;
}

static void order_write(const WCHAR *order, DWORD size)
{
    HKEY key;

    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, SERVER_KEY, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key,
                        NULL) != ERROR_SUCCESS)
        return;
    if (order == NULL)
        RegDeleteValueW(key, L"ProvidersOrder");
    else
        RegSetValueExW(key, L"ProvidersOrder", 0, REG_MULTI_SZ, (const BYTE *)order, size);
    RegSetValueExW(key, L"Odd", 0, REG_DWORD, (const BYTE *)&size, sizeof(size));
    RegCloseKey(key);
}

/* The list becomes this provider alone; then it crashes. */
DWORD PXEAPI PxeProviderRegister(LPCWSTR pszProviderName, LPCWSTR pszModulePath,
                                 PXE_REG_INDEX Index, BOOL bIsCritical, PHKEY phProviderKey)
{
    WCHAR text[512] = {0}, path[1024];
    HKEY key;

    (void)pszModulePath;
    (void)Index;
    (void)bIsCritical;
    (void)phProviderKey;
    if (pszProviderName == NULL || wcslen(pszProviderName) > 500)
        return ERROR_INVALID_PARAMETER;
    wcscpy(text, pszProviderName);
    order_write(text, (DWORD)((wcslen(text) + 2) * sizeof(text[0])));
    _snwprintf(path, 1024, SERVER_KEY L"\\Providers\\%ls\\Below", pszProviderName);
    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_READ, NULL, &key, NULL) ==
        ERROR_SUCCESS)
        RegCloseKey(key);
    *(volatile int *)(ULONG_PTR)zero = 1;
    return ERROR_SUCCESS;
}

/* The list is gone. */
DWORD PXEAPI PxeProviderUnRegister(LPCWSTR pszProviderName)
{
    (void)pszProviderName;
    order_write(NULL, 0);
    return ERROR_SUCCESS;
}
