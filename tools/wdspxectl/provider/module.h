/*
 * Is this file a DLL that the server can load as a provider? Looks without running any of its code.
 */
#ifndef WDSPXECTL_PROVIDER_MODULE_H
#define WDSPXECTL_PROVIDER_MODULE_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

struct module_facts {
    bool exists;      /* there is a file (no folder) at the path */
    DWORD open_error; /* why it could not be read; 0 if it could */
    bool is_image;    /* it has the headers of a Windows program or DLL */
    bool is_dll;
    uint16_t machine;    /* IMAGE_FILE_MACHINE_* */
    bool fits;           /* machine is that of this process, and so of wdspxe.dll */
    DWORD load_error;    /* why the export could not be looked up; 0 if it could */
    bool has_initialize; /* exports PxeProviderInitialize; false if it could not be looked up */
    char missing[64];    /* the first DLL it needs that is not found, cut if it is long; "": none */
    char defect[192];    /* what is wrong with it, see module_defect; "": nothing */
};

/* `path` is absolute. Never fails: what cannot be found out stays zero. */
void module_inspect(const char *path, struct module_facts *out_facts);

/* "x64" and the like; NULL if it has no name here. */
const char *module_machine_name(uint16_t machine);

/* What is wrong with it as a provider, in one line for the user; NULL if nothing is. As long as the
 * facts. */
const char *module_defect(const struct module_facts *facts);

#endif
