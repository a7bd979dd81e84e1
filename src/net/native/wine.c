/* What Wine's loader and Windows' side of the program see of the native half. */
#include "net/native/half.h"

__attribute__((ms_abi)) const struct native_half *wdspxenet_get(void);
__attribute__((ms_abi)) int32_t wdspxenet_main(void *instance, uint32_t reason, void *reserved);

__attribute__((ms_abi)) const struct native_half *wdspxenet_get(void)
{
    return native_half_get();
}

/* A DLL's entry point. */
__attribute__((ms_abi)) int32_t wdspxenet_main(void *instance, uint32_t reason, void *reserved)
{
    (void)instance, (void)reason, (void)reserved;
    return 1;
}
