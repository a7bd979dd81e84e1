/*
 * The server's registry key as tests need it: to empty it and to write values by hand. It is the
 * real one, so these tests belong into a Wine prefix of their own.
 */
#ifndef TESTS_SUPPORT_WDSPXE_KEY_H
#define TESTS_SUPPORT_WDSPXE_KEY_H

#include <stdbool.h>

#include <windows.h>

#define WDSPXE_HOST_KEY L"SYSTEM\\CurrentControlSet\\Services\\WDSServer"
#define WDSPXE_KEY WDSPXE_HOST_KEY L"\\Providers\\WDSPXE"

/*
 * Whether tests may empty the key: always under Wine; on Windows only if it does not exist or the
 * environment has WDSPXE_TEST_MAY_WIPE. Says so on stderr if not.
 */
bool wdspxe_key_is_ours(void);

/* Deletes the key with everything below. */
void wdspxe_key_clear(void);

/* Deletes the keys above it as far as they are empty. */
void wdspxe_key_remove_parents(void);

/*
 * Opens (creates) the key, or that of the provider `name` if it is not NULL, with all rights.
 * Closed with RegCloseKey. A failure fails the test.
 */
HKEY wdspxe_key_open(const WCHAR *name);

/* Sets a value there. A failure fails the test. */
void wdspxe_key_set(const WCHAR *name, const WCHAR *value, DWORD type, const void *data,
                    DWORD size);

#endif
