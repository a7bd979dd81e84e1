/* Asks one question in a process of its own, under a time limit. */
#ifndef CONFORMANCE_RUN_H
#define CONFORMANCE_RUN_H

#include <windows.h>

#include "protocol.h"

enum run_result {
    RUN_ANSWERED,  /* also when the DLL crashed or did not return: that is an answer, too */
    RUN_NOT_ASKED, /* the text says why */
};

struct run_outcome {
    enum run_result result;
    char text[PROTOCOL_LINE_MAX];
};

/*
 *   arguments     command line behind the program's name.
 *   milliseconds  after which the process is ended.
 */
void run_question(const WCHAR *arguments, DWORD milliseconds, struct run_outcome *out_outcome);

#endif
