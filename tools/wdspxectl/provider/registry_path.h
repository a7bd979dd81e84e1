/* Where the server keeps the registered providers, each with a key of its own. */
#ifndef WDSPXECTL_PROVIDER_REGISTRY_PATH_H
#define WDSPXECTL_PROVIDER_REGISTRY_PATH_H

/* Under HKEY_LOCAL_MACHINE. */
#define PROVIDERS_PATH                                                                             \
    "SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE\\Providers"

#endif
