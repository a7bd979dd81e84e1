/*
 * Where the provider list is kept: a list of names in calling order and, per name, a key with the
 * path of the provider's DLL and its critical flag. The real store is the registry (win32);
 * tests have one in memory. All strings are UTF-16, NUL-terminated.
 *
 * Each operation is atomic by itself: a process that dies between two of them leaves everything
 * that either of them touched whole. Outputs are written on success only.
 */
#ifndef REGISTRY_STORE_H
#define REGISTRY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "registry/name_list.h"

/* What one provider's key holds; module_path is released with mem_free. */
struct provider_values {
    uint16_t *module_path;       /* environment strings of a REG_EXPAND_SZ are expanded */
    bool is_critical;            /* false if the value is missing or no number */
    bool is_critical_unreadable; /* it is there, but no number */
};

struct store_port {
    void *context;

    /*
     * Holds off every other writer on this machine, also in other processes, until unlock on the
     * same thread. A holder that died counts as having unlocked. PXE_TIMEOUT: it took too long.
     */
    pxe_status (*lock)(void *context);
    void (*unlock)(void *context);

    /*
     * Reads the order; a missing value or base key is an empty list. Released with name_list_free.
     * PXE_INVALID_DATA: the value is there but is no list of strings.
     */
    pxe_status (*read_order)(void *context, struct name_list *out_order);
    /* Replaces the order as one value; creates the base key if it is missing. */
    pxe_status (*write_order)(void *context, const struct name_list *order);

    /*
     * Reads one provider's key. PXE_FILE_NOT_FOUND: the key or its DLL value is missing, or the
     * value is empty. PXE_INVALID_DATA: the DLL value is no string.
     */
    pxe_status (*read_provider)(void *context, const uint16_t *name,
                                struct provider_values *out_values);
    /*
     * Creates or overwrites one provider's two values; whatever else the key holds stays. On
     * failure a key that it created is gone again. *out_created: there was no such key before.
     */
    pxe_status (*write_provider)(void *context, const uint16_t *name, const uint16_t *module_path,
                                 bool is_critical, bool *out_created);
    /* Deletes one provider's key with everything below; a missing key is success. */
    pxe_status (*delete_provider)(void *context, const uint16_t *name);

    /*
     * Opens one provider's key for its own settings, for reading and writing: in the registry an
     * HKEY. PXE_FILE_NOT_FOUND: there is none. Closed with close_provider, or by whoever gets it.
     */
    pxe_status (*open_provider)(void *context, const uint16_t *name, void **out_key);
    void (*close_provider)(void *context, void *key);

    /* Compares names as registry key names compare: without case, ordinal. */
    bool (*same_name)(void *context, const uint16_t *a, const uint16_t *b);
};

#endif
