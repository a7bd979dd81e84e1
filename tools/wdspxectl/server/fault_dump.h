/*
 * Minidumps of the exceptions that left a provider's callback, for the provider's author. Written
 * by dbghelp.dll, in the process itself and at once: afterwards the stack is gone.
 */
#ifndef WDSPXECTL_SERVER_FAULT_DUMP_H
#define WDSPXECTL_SERVER_FAULT_DUMP_H

#include <windows.h>

#include "wdspxe_ext.h"

#include "text/text.h"

enum {
    FAULT_DUMPS_MAX = 16, /* of one run: a provider that goes on failing fills no disk */
    FAULT_DUMPS_TRIED_MAX = 32,
};

/*
 * Once, before the server starts. `folder` NULL: %ProgramData%\wdspxe\dumps. It must live as long
 * as the process, and is made when it is needed.
 */
void fault_dump_prepare(const char *folder);

/*
 * In the finding callback, any thread: writes PROVIDER-DATE-TIME-NUMBER.dmp and appends its path.
 * Takes seconds under Wine, so one is written for each place in the code, not for each exception.
 * A dump that cannot be written whole is deleted, and losses.h tells; it is tried again later.
 * The error says why there is none: ERROR_NOT_FOUND (the finding is no exception),
 * ERROR_NOT_SUPPORTED (no dbghelp.dll here), ERROR_ALREADY_EXISTS (there is or will be one of this
 * place), ERROR_NOT_ENOUGH_QUOTA (there are enough, or enough have failed), ERROR_BUSY (the last
 * one could not be written just now), or that of the file.
 */
DWORD fault_dump_write(const WDSPXE_EXT_FINDING *finding, struct text *out_path);

#endif
