#include "server/fault_dump.h"

#include <dbghelp.h>
#include <string.h>

#include "cli/file.h"
#include "text/wide.h"

typedef BOOL(WINAPI *dump_function)(HANDLE process, DWORD process_id, HANDLE file,
                                    MINIDUMP_TYPE type, MINIDUMP_EXCEPTION_INFORMATION *exception,
                                    MINIDUMP_USER_STREAM_INFORMATION *streams,
                                    MINIDUMP_CALLBACK_INFORMATION *callback);

/* A finding has no room for more than the host's one context, hence file scope. */
static const char *given_folder;
static dump_function write_dump;          /* NULL: there is none here */
static SRWLOCK dump_lock = SRWLOCK_INIT;  /* dbghelp.dll is for one thread at a time */
static ULONGLONG dumped[FAULT_DUMPS_MAX]; /* the addresses of the exceptions that were */
static unsigned dump_count;

void fault_dump_prepare(const char *folder)
{
    /* From the system's folder only; never freed. Loaded now, for later may be too late. */
    HMODULE dbghelp = LoadLibraryExW(L"dbghelp.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    FARPROC function = dbghelp != NULL ? GetProcAddress(dbghelp, "MiniDumpWriteDump") : NULL;

    given_folder = folder;
    memcpy(&write_dump, &function, sizeof(write_dump));
}

/* Every folder of the path that is missing. */
static DWORD folders_make(const struct text *path)
{
    struct text part = TEXT_EMPTY;
    DWORD error = ERROR_SUCCESS;

    for (size_t i = 0; i < path->length; i++) {
        const char c = path->chars[i];
        const bool is_end = i + 1 == path->length;
        text_put_char(&part, c);
        if (!is_end && path->chars[i + 1] != '\\' && path->chars[i + 1] != '/')
            continue;
        error = folder_create(text_chars(&part)) ? ERROR_SUCCESS : GetLastError();
    }
    text_free(&part);
    /* That of the last part counts: what is above it may be there and not ours. */
    return error == ERROR_ALREADY_EXISTS ? ERROR_SUCCESS : error;
}

static void folder_put(struct text *path)
{
    wchar_t data[MAX_PATH];
    const DWORD room = sizeof(data) / sizeof(data[0]);
    const DWORD length = GetEnvironmentVariableW(L"ProgramData", data, room);

    if (given_folder != NULL) {
        text_put(path, given_folder);
        return;
    }
    text_put_wide(path, length > 0 && length < room ? data : L".");
    text_put(path, "\\wdspxe\\dumps");
}

/* The provider's name is a registry key's: not every character of it is one of a file's. */
static void name_put(struct text *path, const wchar_t *provider)
{
    SYSTEMTIME now;

    GetLocalTime(&now);
    text_put_char(path, '\\');
    struct text name = TEXT_EMPTY;
    text_put_wide(&name, provider != NULL ? provider : L"unknown");
    for (const char *c = text_chars(&name); *c != '\0'; c++)
        text_put_char(path,
                      (unsigned char)*c < ' ' || strchr("<>:\"/\\|?*", *c) != NULL ? '_' : *c);
    text_free(&name);
    text_format(path, "-%04u%02u%02u-%02u%02u%02u-%u.dmp", now.wYear, now.wMonth, now.wDay,
                now.wHour, now.wMinute, now.wSecond, dump_count);
}

static DWORD file_write(const char *path, const WDSPXE_EXT_FINDING *finding)
{
    const MINIDUMP_TYPE type =
        (MINIDUMP_TYPE)(MiniDumpWithIndirectlyReferencedMemory | MiniDumpWithUnloadedModules);
    MINIDUMP_EXCEPTION_INFORMATION exception = {
        .ThreadId = GetCurrentThreadId(),
        .ExceptionPointers = finding->pExceptionPointers,
    };
    HANDLE file = file_open(path, GENERIC_WRITE, 0, CREATE_NEW, FILE_ATTRIBUTE_NORMAL);

    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    DWORD error =
        write_dump(GetCurrentProcess(), GetCurrentProcessId(), file, type, &exception, NULL, NULL)
            ? ERROR_SUCCESS
            : GetLastError();
    CloseHandle(file);
    if (error != ERROR_SUCCESS)
        (void)file_delete(path); /* half a dump helps nobody */
    return error;
}

/* Caller holds dump_lock. */
static DWORD dump_next(const WDSPXE_EXT_FINDING *finding, struct text *out_path)
{
    struct text path = TEXT_EMPTY;

    for (unsigned i = 0; i < dump_count; i++)
        if (dumped[i] == finding->uAddress)
            return ERROR_ALREADY_EXISTS;
    if (dump_count == FAULT_DUMPS_MAX)
        return ERROR_NOT_ENOUGH_QUOTA;
    dumped[dump_count++] = finding->uAddress;
    folder_put(&path);
    DWORD error = path.failed ? ERROR_NOT_ENOUGH_MEMORY : folders_make(&path);
    name_put(&path, finding->pszProvider);
    if (error == ERROR_SUCCESS)
        error = path.failed ? ERROR_NOT_ENOUGH_MEMORY : file_write(text_chars(&path), finding);
    if (error == ERROR_SUCCESS)
        text_put(out_path, text_chars(&path));
    text_free(&path);
    return error;
}

DWORD fault_dump_write(const WDSPXE_EXT_FINDING *finding, struct text *out_path)
{
    if (finding->pExceptionPointers == NULL)
        return ERROR_NOT_FOUND;
    if (write_dump == NULL)
        return ERROR_NOT_SUPPORTED;
    AcquireSRWLockExclusive(&dump_lock);
    DWORD error = dump_next(finding, out_path);
    ReleaseSRWLockExclusive(&dump_lock);
    return error;
}
