#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "child.h"

enum { PATH_UNITS = 1024, COMMAND_UNITS = 2200, REG_LIMIT = 120000 };

#define SERVICES L"SYSTEM\\CurrentControlSet\\Services\\"

/* The server's settings and providers; the source of events that the service makes. */
static const wchar_t *const keys[] = {
    SERVICES L"WDSServer",
    SERVICES L"EventLog\\Application\\WDSPXE",
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static bool key_exists(const wchar_t *path)
{
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key) != ERROR_SUCCESS)
        return false;
    RegCloseKey(key);
    return true;
}

static bool file_exists(const wchar_t *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

/* Without a stop event: what is begun here is finished. */
static bool reg_run(const wchar_t *command)
{
    HANDLE never = CreateEventW(NULL, TRUE, FALSE, NULL);
    DWORD code;
    const enum child_end end = child_run(command, NULL, REG_LIMIT, never, &code);

    CloseHandle(never);
    return end == CHILD_ENDED && code == 0;
}

/* True too if there is no such key; then there is no file. */
static bool key_export(const wchar_t *path, const wchar_t *file)
{
    wchar_t command[COMMAND_UNITS];

    if (!key_exists(path))
        return true;
    swprintf(command, COMMAND_UNITS, L"reg.exe export \"HKLM\\%ls\" \"%ls\" /y", path, file);
    return reg_run(command) && file_exists(file);
}

static void name_of(wchar_t *out, const wchar_t *folder, const wchar_t *when, int number)
{
    swprintf(out, PATH_UNITS, L"%ls\\%ls-%d.reg", folder, when, number);
}

bool keys_save(const wchar_t *folder)
{
    wchar_t done[PATH_UNITS], file[PATH_UNITS];
    bool saved = true;

    /* Written last: without it nothing has been changed yet. */
    swprintf(done, PATH_UNITS, L"%ls\\before.txt", folder);
    if (file_exists(done))
        return true;
    for (int i = 0; i < KEYS && saved; i++) {
        name_of(file, folder, L"before", i);
        DeleteFileW(file);
        saved = key_export(keys[i], file);
    }
    FILE *mark = saved ? _wfopen(done, L"w") : NULL;
    if (mark == NULL)
        return false;
    fputs("The tests are changing the registry. If a run was cut short, the next one puts back "
          "what before-*.reg\n"
          "hold, or by hand: delete the keys that they name, and import them.\n",
          mark);
    return fclose(mark) == 0;
}

void keys_empty(void)
{
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, SERVICES L"WDSServer\\Providers\\WDSPXE");
}

static bool same_content(const wchar_t *first, const wchar_t *second)
{
    FILE *files[2] = {_wfopen(first, L"rb"), _wfopen(second, L"rb")};
    bool same = (files[0] == NULL) == (files[1] == NULL);

    while (same && files[0] != NULL) {
        const int one = fgetc(files[0]);

        same = one == fgetc(files[1]);
        if (one == EOF)
            break;
    }
    for (int i = 0; i < 2; i++)
        if (files[i] != NULL)
            fclose(files[i]);
    return same;
}

static bool key_is_as_before(const wchar_t *folder, int number)
{
    wchar_t before[PATH_UNITS], after[PATH_UNITS];

    name_of(before, folder, L"before", number);
    name_of(after, folder, L"after", number);
    DeleteFileW(after);
    const bool same = key_export(keys[number], after) && same_content(before, after);
    DeleteFileW(after);
    return same;
}

static void key_put_back(const wchar_t *folder, int number)
{
    wchar_t before[PATH_UNITS], command[COMMAND_UNITS];

    name_of(before, folder, L"before", number);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, keys[number]);
    if (!file_exists(before))
        return;
    swprintf(command, COMMAND_UNITS, L"reg.exe import \"%ls\"", before);
    reg_run(command);
}

static void files_delete(const wchar_t *folder)
{
    wchar_t file[PATH_UNITS];

    for (int i = 0; i < KEYS; i++) {
        name_of(file, folder, L"before", i);
        DeleteFileW(file);
    }
    swprintf(file, PATH_UNITS, L"%ls\\before.txt", folder);
    DeleteFileW(file);
}

bool keys_restore(const wchar_t *folder, bool *changed)
{
    bool as_before = true;

    *changed = false;
    for (int i = 0; i < KEYS; i++) {
        if (key_is_as_before(folder, i))
            continue;
        *changed = true;
        key_put_back(folder, i);
        as_before = key_is_as_before(folder, i) && as_before;
    }
    if (as_before)
        files_delete(folder);
    return as_before;
}
