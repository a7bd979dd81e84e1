/* PxeGetServerInfo, PxeGetServerInfoEx */
#include "wdspxe.h"

#include <string.h>

#include "api/argument.h"
#include "api/duid.h"
#include "base/caller.h"
#include "win32/log/trace.h"

enum { INFO_MAX = DUID_MAX };

/* The information itself, at most INFO_MAX bytes. */
static DWORD info_get(PXE_GSI_TYPE uInfoType, BYTE *info, size_t *out_length)
{
    BOOL trace_enabled;

    switch (uInfoType) {
    case PXE_GSI_TRACE_ENABLED:
        trace_enabled = trace_is_on();
        memcpy(info, &trace_enabled, sizeof(trace_enabled));
        *out_length = sizeof(trace_enabled);
        return ERROR_SUCCESS;
    case PXE_GSI_SERVER_DUID: /* the first one to ask makes it */
        return duid_get(info, out_length);
    default:
        return ERROR_INVALID_PARAMETER;
    }
}

DWORD PXEAPI PxeGetServerInfo(PXE_GSI_TYPE uInfoType, PVOID pBuffer, ULONG uBufferLen)
{
    ULONG used;

    if (uInfoType == PXE_GSI_SERVER_DUID)
        return argument_status(__func__, ERROR_INVALID_PARAMETER); /* of unknown length: the Ex
                                                                      function only */
    return PxeGetServerInfoEx(uInfoType, pBuffer, uBufferLen, &used);
}

DWORD PXEAPI PxeGetServerInfoEx(PXE_GSI_TYPE uInfoType, PVOID pBuffer, ULONG uBufferLen,
                                PULONG puBufferUsed)
{
    BYTE info[INFO_MAX];
    size_t length;

    if (pBuffer == NULL || puBufferUsed == NULL)
        return argument_status(__func__, ERROR_INVALID_PARAMETER);
    if (uInfoType == PXE_GSI_SERVER_DUID) {
        caller_touch(puBufferUsed, sizeof(*puBufferUsed));
        caller_touch(pBuffer, uBufferLen < INFO_MAX ? uBufferLen : INFO_MAX);
    }
    DWORD status = info_get(uInfoType, info, &length);
    if (status != ERROR_SUCCESS)
        return argument_status(__func__, status);
    *puBufferUsed = (ULONG)length;
    if (uBufferLen < length)
        return ERROR_INSUFFICIENT_BUFFER;
    memcpy(pBuffer, info, length); /* the buffer need not be aligned */
    return ERROR_SUCCESS;
}
