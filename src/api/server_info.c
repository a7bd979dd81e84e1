/* PxeGetServerInfo, PxeGetServerInfoEx */
#include "wdspxe.h"

#include <string.h>

#include "win32/trace.h"

static DWORD trace_enabled_out(PVOID pBuffer)
{
    BOOL enabled = trace_is_on();

    memcpy(pBuffer, &enabled, sizeof enabled); /* the buffer need not be aligned */
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeGetServerInfo(PXE_GSI_TYPE uInfoType, PVOID pBuffer, ULONG uBufferLen)
{
    if (pBuffer == NULL || uInfoType != PXE_GSI_TRACE_ENABLED)
        return ERROR_INVALID_PARAMETER;
    if (uBufferLen < sizeof(BOOL))
        return ERROR_INSUFFICIENT_BUFFER;
    return trace_enabled_out(pBuffer);
}

DWORD PXEAPI PxeGetServerInfoEx(PXE_GSI_TYPE uInfoType, PVOID pBuffer, ULONG uBufferLen,
                                PULONG puBufferUsed)
{
    if (pBuffer == NULL || puBufferUsed == NULL)
        return ERROR_INVALID_PARAMETER;
    if (uInfoType == PXE_GSI_SERVER_DUID)
        return ERROR_NOT_SUPPORTED; /* comes with DHCPv6 */
    if (uInfoType != PXE_GSI_TRACE_ENABLED)
        return ERROR_INVALID_PARAMETER;
    *puBufferUsed = sizeof(BOOL);
    if (uBufferLen < sizeof(BOOL))
        return ERROR_INSUFFICIENT_BUFFER;
    return trace_enabled_out(pBuffer);
}
