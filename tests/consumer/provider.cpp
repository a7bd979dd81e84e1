// In C++: callbacks without a cast, and the header of our own additions.
#include <wdspxe.h>
#include <wdspxe_ext.h>

namespace
{

HANDLE provider;

DWORD PXEAPI stop(PVOID)
{
    WDSPXE_EXT_COUNTERS counters = {};
    counters.uSizeOfStruct = sizeof(counters);
    return WdsPxeExtServerGetCounters(&counters);
}

} // namespace

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY)
{
    const ULONG filter = PXE_PROV_FILTER_PXE_ONLY;

    provider = hProvider;
    PxeProviderSetAttribute(provider, PXE_PROV_ATTR_FILTER, &filter, sizeof(filter));
    return PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, stop, nullptr);
}
