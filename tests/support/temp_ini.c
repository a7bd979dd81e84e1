#include "support/temp_ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static WCHAR path[MAX_PATH];
static unsigned number;

LPCWSTR temp_ini_write(const void *bytes, size_t size)
{
    WCHAR folder[MAX_PATH];
    DWORD written = 0;
    HANDLE file;

    temp_ini_remove();
    assert_in_range(GetTempPathW(MAX_PATH, folder), 1, MAX_PATH - 40);
    wsprintfW(path, L"%sspxe-%u-%u.ini", folder, (unsigned)GetCurrentProcessId(), ++number);
    file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_true(WriteFile(file, bytes, (DWORD)size, &written, NULL));
    assert_int_equal(written, size);
    CloseHandle(file);
    return path;
}

LPCWSTR temp_ini_text(const char *text)
{
    return temp_ini_write(text, strlen(text));
}

void temp_ini_remove(void)
{
    if (path[0] != L'\0')
        DeleteFileW(path);
    path[0] = L'\0';
}
