/* Configuration files that exist for the length of one test. */
#ifndef TESTS_TEMP_INI_H
#define TESTS_TEMP_INI_H

#include <stddef.h>
#include <windows.h>

/*
 * Writes `size` bytes to a new file in the temp folder. The path is valid until temp_ini_remove.
 * Each file has a new name, because the profile functions keep a cache by name and time.
 */
LPCWSTR temp_ini_write(const void *bytes, size_t size);

/* The same for NUL-terminated ASCII text. */
LPCWSTR temp_ini_text(const char *text);

/* Deletes the file of the last call, if there is one. */
void temp_ini_remove(void);

#endif
