/*
 * Windows' side of the native half (src/net/native), which is there under Wine only:
 * wdspxenet.dll.so, an ELF library that Wine loads like a DLL. wdspxe.dll has its network by it,
 * wdspxectl hears of SIGTERM; each has a copy of this.
 */
#ifndef NET_NATIVE_LOAD_H
#define NET_NATIVE_LOAD_H

#include "net/native/half.h"

/*
 * Loads it from the folder of the DLL or program that this is compiled into, and nowhere else.
 * False: `out_refusal` says why not. It stays loaded; once more does no harm.
 */
bool native_load(struct native_refusal *out_refusal);

/* Calls a function of it, once it is loaded. 0 or a WinSock code. */
int native_call(enum native_number number, void *arguments);

#endif
