#include "win32/net_backend.h"

const struct net_backend *net_native_load(const char **out_reason)
{
    *out_reason = "no native half";
    return NULL;
}
