/* The registry keys that the tests write to: kept before, given back as they were. Works through
 * reg.exe. */
#ifndef TESTS_KIT_KEYS_H
#define TESTS_KIT_KEYS_H

#include <stdbool.h>

#include <windows.h>

/*
 * Writes what the keys hold to files in a folder: before-N.reg; nothing for a key that is not
 * there. Files of an earlier run that was cut short are kept, and count as what was there before:
 * they are deleted by keys_restore only. False: it could not be done, and nothing may be changed.
 */
bool keys_save(const wchar_t *folder);

/* Deletes the list of providers and the settings, as the tests want it. */
void keys_empty(void);

/*
 * Puts the keys back and compares. `changed` is set if they had to be. Returns true if they are as
 * they were; then the files are gone.
 */
bool keys_restore(const wchar_t *folder, bool *changed);

#endif
