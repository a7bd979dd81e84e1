/* What the kit does on a Windows machine, step by step. */
#ifndef TESTS_KIT_STEPS_H
#define TESTS_KIT_STEPS_H

#include <stdbool.h>

#include <windows.h>

enum { PATH_UNITS = 1024, COMMAND_UNITS = 4096 };

struct kit {
    wchar_t bin[PATH_UNITS];     /* the folder of this program, with all others */
    wchar_t results[PATH_UNITS]; /* where everything is written to */
    const char *only;            /* steps whose names begin so; "": all */
    const char *questions;       /* those of conformance whose names begin so; "": all */
    DWORD limit;                 /* milliseconds for one program */
    HANDLE stop;                 /* set: end in order, now */
};

/* Every test_*.exe. */
void steps_tests(const struct kit *kit);

/* conformance.exe asks our DLLs, and those of System32 if there are any. */
void steps_conformance(const struct kit *kit);

/* The service: installed, started, asked, stopped, removed; its events. */
void steps_service(const struct kit *kit);

/* A provider that faults leaves a minidump. */
void steps_minidump(const struct kit *kit);

/* Removes whatever a step above may have left when it was cut short: the service. */
void steps_clean_up(const struct kit *kit);

#endif
