/* PxeRegisterCallback, PxeProviderSetAttribute */
#include "wdspxe.h"

#include "engine/provider.h"
#include "win32/server/runtime.h"

DWORD PXEAPI PxeRegisterCallback(HANDLE hProvider, PXE_CALLBACK_TYPE CallbackType,
                                 PVOID pCallbackFunction, PVOID pContext)
{
    struct engine *engine = runtime_engine();

    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    return provider_register_callback(engine, (uintptr_t)hProvider, CallbackType, pCallbackFunction,
                                      pContext);
}

DWORD PXEAPI PxeProviderSetAttribute(HANDLE hProvider, PXE_PROVIDER_ATTRIBUTE Attribute,
                                     PVOID pParameterBuffer, ULONG uParamLen)
{
    struct engine *engine = runtime_engine();

    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    return provider_set_attribute(engine, (uintptr_t)hProvider, Attribute, pParameterBuffer,
                                  uParamLen);
}
