/*
 * A good DLL that is no provider: its one export has another name, only almost the right one.
 */
#include <windows.h>

__declspec(dllexport) DWORD WINAPI PxeProviderInitialise(HANDLE hProvider, HKEY hProviderKey);

__declspec(dllexport) DWORD WINAPI PxeProviderInitialise(HANDLE hProvider, HKEY hProviderKey)
{
    (void)hProvider;
    (void)hProviderKey;
    return ERROR_SUCCESS;
}
