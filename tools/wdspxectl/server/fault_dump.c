#include "server/fault_dump.h"

#include <dbghelp.h>
#include <string.h>

#include "cli/file.h"
#include "server/dump_check.h"
#include "server/losses.h"
#include "text/wide.h"

typedef BOOL(WINAPI *dump_function)(HANDLE process, DWORD process_id, HANDLE file,
                                    MINIDUMP_TYPE type, MINIDUMP_EXCEPTION_INFORMATION *exception,
                                    MINIDUMP_USER_STREAM_INFORMATION *streams,
                                    MINIDUMP_CALLBACK_INFORMATION *callback);

/* A finding has no room for more than the host's one context, hence file scope. */
static const char *given_folder;
static dump_function write_dump;          /* NULL: there is none here */
static SRWLOCK write_lock = SRWLOCK_INIT; /* dbghelp.dll is for one thread at a time */
static SRWLOCK dump_lock = SRWLOCK_INIT;  /* guards what follows; not held while one is written */
static ULONGLONG
    dumped[FAULT_DUMPS_MAX]; /* the addresses of the exceptions that were, or are being */
static unsigned dump_count;
static unsigned tried_count; /* numbers the files */
static struct loss dump_loss;

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
    SCOPED_TEXT part = TEXT_EMPTY;
    DWORD error = ERROR_SUCCESS;

    for (size_t i = 0; i < path->length; i++) {
        const char c = path->chars[i];
        const bool is_end = i + 1 == path->length;
        text_put_char(&part, c);
        if (!is_end && path->chars[i + 1] != '\\' && path->chars[i + 1] != '/')
            continue;
        error = folder_create(text_chars(&part)) ? ERROR_SUCCESS : GetLastError();
    }
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
static void name_put(struct text *path, const wchar_t *provider, unsigned number)
{
    SYSTEMTIME now;

    GetLocalTime(&now);
    text_put_char(path, '\\');
    SCOPED_TEXT name = TEXT_EMPTY;
    text_put_wide(&name, provider != NULL ? provider : L"unknown");
    file_name_put(path, text_chars(&name));
    text_format(path, "-%04u%02u%02u-%02u%02u%02u-%u.dmp", now.wYear, now.wMonth, now.wDay,
                now.wHour, now.wMinute, now.wSecond, number);
}

/* ERROR_SUCCESS, or why what was written is not on the disk. */
static DWORD file_check(HANDLE file)
{
    LARGE_INTEGER size;

    if (!FlushFileBuffers(file) || !GetFileSizeEx(file, &size))
        return GetLastError();
    HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL);
    if (mapping == NULL)
        return GetLastError();
    const uint8_t *bytes = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
    DWORD error = bytes == NULL                                 ? GetLastError()
                  : dump_is_whole(bytes, (size_t)size.QuadPart) ? ERROR_SUCCESS
                                                                : ERROR_DISK_FULL;
    if (bytes != NULL)
        UnmapViewOfFile(bytes);
    CloseHandle(mapping);
    return error;
}

static DWORD file_write(const char *path, const WDSPXE_EXT_FINDING *finding)
{
    const MINIDUMP_TYPE type =
        (MINIDUMP_TYPE)(MiniDumpWithIndirectlyReferencedMemory | MiniDumpWithUnloadedModules);
    MINIDUMP_EXCEPTION_INFORMATION exception = {
        .ThreadId = GetCurrentThreadId(),
        .ExceptionPointers = finding->pExceptionPointers,
    };
    HANDLE file =
        file_open(path, GENERIC_READ | GENERIC_WRITE, 0, CREATE_NEW, FILE_ATTRIBUTE_NORMAL);

    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    DWORD error =
        write_dump(GetCurrentProcess(), GetCurrentProcessId(), file, type, &exception, NULL, NULL)
            ? ERROR_SUCCESS
            : GetLastError();
    if (error == ERROR_SUCCESS)
        error = file_check(file);
    CloseHandle(file);
    if (error != ERROR_SUCCESS)
        (void)file_delete(path); /* half a dump helps nobody */
    return error;
}

/* Caller holds dump_lock. ERROR_SUCCESS: one is to be made, and nobody else makes it meanwhile. */
static DWORD dump_admit(ULONGLONG address, unsigned *out_number)
{
    for (unsigned i = 0; i < dump_count; i++)
        if (dumped[i] == address)
            return ERROR_ALREADY_EXISTS;
    if (dump_count == FAULT_DUMPS_MAX || tried_count == FAULT_DUMPS_TRIED_MAX)
        return ERROR_NOT_ENOUGH_QUOTA;
    if (!loss_may_try(&dump_loss, GetTickCount64()))
        return ERROR_BUSY;
    dumped[dump_count++] = address;
    *out_number = ++tried_count;
    return ERROR_SUCCESS;
}

/* Caller holds dump_lock. It may be tried again. */
static void dump_take_back(ULONGLONG address)
{
    for (unsigned i = 0; i < dump_count; i++)
        if (dumped[i] == address) {
            dumped[i] = dumped[--dump_count];
            return;
        }
}

static DWORD dump_make(const WDSPXE_EXT_FINDING *finding, unsigned number, struct text *out_path)
{
    SCOPED_TEXT path = TEXT_EMPTY;

    if (write_dump == NULL)
        return ERROR_NOT_SUPPORTED;
    folder_put(&path);
    DWORD error = path.failed ? ERROR_NOT_ENOUGH_MEMORY : folders_make(&path);
    name_put(&path, finding->pszProvider, number);
    if (error == ERROR_SUCCESS)
        error = path.failed ? ERROR_NOT_ENOUGH_MEMORY : file_write(text_chars(&path), finding);
    if (error == ERROR_SUCCESS)
        text_put(out_path, text_chars(&path));
    return error;
}

DWORD fault_dump_write(const WDSPXE_EXT_FINDING *finding, struct text *out_path)
{
    unsigned number = 0;
    uint64_t lost = 0;

    if (finding->pExceptionPointers == NULL)
        return ERROR_NOT_FOUND;
    AcquireSRWLockExclusive(&dump_lock);
    DWORD error = dump_admit(finding->uAddress, &number);
    ReleaseSRWLockExclusive(&dump_lock);
    if (error != ERROR_SUCCESS)
        return error;

    AcquireSRWLockExclusive(&write_lock);
    error = dump_make(finding, number, out_path);
    ReleaseSRWLockExclusive(&write_lock);

    AcquireSRWLockExclusive(&dump_lock);
    if (error != ERROR_SUCCESS)
        dump_take_back(finding->uAddress);
    const enum loss_news news =
        loss_tried(&dump_loss, error == ERROR_SUCCESS, GetTickCount64(), &lost);
    ReleaseSRWLockExclusive(&dump_lock);
    losses_tell("a minidump", "minidumps", news, lost, error);
    return error;
}
