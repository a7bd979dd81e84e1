/* Uses wdsbp.dll beside wdspxe.dll. */
#include <wdsbp.h>
#include <wdspxe.h>

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    BYTE action = WDSBP_OPTVAL_ACTION_ABORT;
    HANDLE options;
    DWORD error;

    (void)hProviderKey;
    error = WdsBpInitialize(WDSBP_PK_TYPE_WDSNBP, &options);
    if (error == ERROR_SUCCESS) {
        error = WdsBpAddOption(options, WDSBP_OPT_NEXT_ACTION, sizeof(action), &action);
        PxeTrace(hProvider, PXE_TRACE_INFO, L"added: %u", (unsigned)error);
        WdsBpCloseHandle(options);
    }
    return error;
}
