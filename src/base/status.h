/* Result codes of the portable part: numerically the Win32 codes that the exports return. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdint.h>

typedef uint32_t pxe_status;

enum {
    PXE_OK = 0,                    /* ERROR_SUCCESS */
    PXE_FILE_NOT_FOUND = 2,        /* ERROR_FILE_NOT_FOUND */
    PXE_ACCESS_DENIED = 5,         /* ERROR_ACCESS_DENIED */
    PXE_INVALID_HANDLE = 6,        /* ERROR_INVALID_HANDLE */
    PXE_NOT_ENOUGH_MEMORY = 8,     /* ERROR_NOT_ENOUGH_MEMORY */
    PXE_INVALID_DATA = 13,         /* ERROR_INVALID_DATA */
    PXE_NOT_SUPPORTED = 50,        /* ERROR_NOT_SUPPORTED */
    PXE_INVALID_PARAMETER = 87,    /* ERROR_INVALID_PARAMETER */
    PXE_INSUFFICIENT_BUFFER = 122, /* ERROR_INSUFFICIENT_BUFFER */
    PXE_ALREADY_EXISTS = 183,      /* ERROR_ALREADY_EXISTS */
    PXE_NO_MORE_ITEMS = 259,       /* ERROR_NO_MORE_ITEMS */
    PXE_UNHANDLED_EXCEPTION = 574, /* ERROR_UNHANDLED_EXCEPTION */
    PXE_PENDING = 997,             /* ERROR_IO_PENDING */
    PXE_NOT_FOUND = 1168,          /* ERROR_NOT_FOUND */
    PXE_TIMEOUT = 1460,            /* ERROR_TIMEOUT */
    PXE_INVALID_STATE = 5023,      /* ERROR_INVALID_STATE */
};

/* Every provider failed: the whole message id of event 268, as the original has it (E1). */
#define PXE_ALL_PROVIDERS_FAILED UINT32_C(0xc107010c)

#endif
