#include "boots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define FILE_SIZE_MAX (64UL * 1024 * 1024)

struct boots {
    SRWLOCK lock; /* the members below, and the file as far as this process is concerned */
    struct journal journal;
    ULONGLONG identity; /* of the file that `used` counts in */
    ULONG used;         /* bytes of it that are in the journal */
    LPWSTR path;
    LPWSTR lock_path;
    LPWSTR new_path;
};

/* ---- the lock between processes ---- */

static HANDLE open_shared(LPCWSTR path, DWORD access, DWORD disposition)
{
    return CreateFileW(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                       disposition, FILE_ATTRIBUTE_NORMAL, NULL);
}

/* Waits for whoever has it; that is for one line at most. Ends by itself with the process. NULL: it
 * cannot be had, GetLastError tells why. */
static HANDLE take_lock(const struct boots *boots)
{
    OVERLAPPED start = {0};
    HANDLE file = open_shared(boots->lock_path, GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS);

    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    if (!LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &start)) {
        DWORD error = GetLastError();

        CloseHandle(file);
        SetLastError(error);
        return NULL;
    }
    return file;
}

static void give_lock(HANDLE lock)
{
    OVERLAPPED start = {0};

    UnlockFileEx(lock, 0, 1, 0, &start);
    CloseHandle(lock);
}

/* ---- reading ---- */

static BOOL look_at(HANDLE file, ULONGLONG *out_identity, ULONG *out_size)
{
    BY_HANDLE_FILE_INFORMATION information;

    if (!GetFileInformationByHandle(file, &information) || information.nFileSizeHigh != 0 ||
        information.nFileSizeLow > FILE_SIZE_MAX)
        return FALSE;
    *out_identity = (ULONGLONG)information.nFileIndexHigh << 32 | information.nFileIndexLow;
    *out_size = information.nFileSizeLow;
    return TRUE;
}

static void forget_all(struct boots *boots)
{
    journal_free(&boots->journal);
    boots->used = 0;
}

static DWORD read_tail(struct boots *boots, HANDLE file, ULONG size)
{
    LARGE_INTEGER from = {.QuadPart = boots->used};
    DWORD length = 0;
    char *text;

    if (size == boots->used)
        return ERROR_SUCCESS;
    text = malloc(size - boots->used);
    if (text == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (!SetFilePointerEx(file, from, NULL, FILE_BEGIN) ||
        !ReadFile(file, text, size - boots->used, &length, NULL)) {
        DWORD error = GetLastError();

        free(text);
        return error;
    }
    boots->used += (ULONG)journal_read(&boots->journal, text, length);
    free(text);
    return ERROR_SUCCESS;
}

/* With both locks. *out_size is the file's. */
static DWORD refresh(struct boots *boots, HANDLE file, ULONG *out_size)
{
    ULONGLONG identity;

    if (!look_at(file, &identity, out_size))
        return ERROR_FILE_INVALID;
    if (identity != boots->identity || *out_size < boots->used)
        forget_all(boots);
    boots->identity = identity;
    return read_tail(boots, file, *out_size);
}

/* ---- writing ---- */

/* A crash may have left half a line; then a new one is begun first. */
static DWORD append_line(struct boots *boots, HANDLE file, ULONG size, const char *line,
                         size_t length)
{
    char text[JOURNAL_LINE_SIZE + 1] = "\n";
    size_t is_cut = size > boots->used ? 1 : 0;
    LARGE_INTEGER end = {.QuadPart = size};
    DWORD written = 0;

    memcpy(text + is_cut, line, length);
    length += is_cut;
    if (!SetFilePointerEx(file, end, NULL, FILE_BEGIN) ||
        !WriteFile(file, text, (DWORD)length, &written, NULL) || !FlushFileBuffers(file))
        return GetLastError();
    if (written != length)
        return ERROR_DISK_FULL;
    boots->used = size + written;
    boots->journal.lines += 1 + is_cut;
    return ERROR_SUCCESS;
}

static DWORD write_all(const struct boots *boots, HANDLE file)
{
    for (size_t i = 0; i < boots->journal.size; ++i) {
        char line[JOURNAL_LINE_SIZE];
        DWORD written;
        size_t length;

        if (boots->journal.slots[i] == NULL)
            continue;
        length = journal_write(boots->journal.slots[i], false, line);
        if (!WriteFile(file, line, (DWORD)length, &written, NULL) || written != length)
            return ERROR_WRITE_FAULT;
    }
    return FlushFileBuffers(file) ? ERROR_SUCCESS : GetLastError();
}

/* A new file takes the old one's place as a whole. If that fails the old one goes on growing. */
static void write_anew(struct boots *boots)
{
    HANDLE file = open_shared(boots->new_path, GENERIC_WRITE, CREATE_ALWAYS);
    DWORD error;

    if (file == INVALID_HANDLE_VALUE)
        return;
    error = write_all(boots, file);
    CloseHandle(file);
    if (error != ERROR_SUCCESS || !MoveFileExW(boots->new_path, boots->path,
                                               MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
        DeleteFileW(boots->new_path);
}

/* What is done with the file while both locks are held. */
typedef DWORD file_work(struct boots *boots, HANDLE file, ULONG size, const void *argument);

static DWORD with_file(struct boots *boots, DWORD disposition, file_work *work,
                       const void *argument)
{
    HANDLE lock = take_lock(boots);
    HANDLE file;
    ULONG size = 0;
    DWORD error;

    if (lock == NULL)
        return GetLastError();
    file = open_shared(boots->path, GENERIC_READ | GENERIC_WRITE, disposition);
    if (file == INVALID_HANDLE_VALUE) {
        error = GetLastError();
    } else {
        error = refresh(boots, file, &size);
        if (error == ERROR_SUCCESS && work != NULL)
            error = work(boots, file, size, argument);
        CloseHandle(file);
    }
    if (error == ERROR_SUCCESS && journal_is_long(&boots->journal))
        write_anew(boots);
    give_lock(lock);
    return error;
}

/* ---- admitting and counting ---- */

BOOL boots_admit(struct boots *boots, const char *key, enum boot_step step, ULONG xid, BOOL is_ipxe,
                 ULONG limit)
{
    struct journal_entry *entry;
    BOOL is_admitted = TRUE;

    AcquireSRWLockExclusive(&boots->lock);
    entry = limit > 0 ? journal_get(&boots->journal, key) : journal_find(&boots->journal, key);
    if (entry != NULL)
        is_admitted = journal_admit(entry, step, xid, is_ipxe != FALSE, limit);
    ReleaseSRWLockExclusive(&boots->lock);
    return is_admitted;
}

/* The file may have brought another entry of the machine since; the boot under way is this one's.
 */
static DWORD count_one(struct boots *boots, HANDLE file, ULONG size, const void *argument)
{
    const struct journal_entry *under_way = argument;
    struct journal_entry *entry = journal_get(&boots->journal, under_way->key);
    char line[JOURNAL_LINE_SIZE];

    if (entry == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    entry->xid = under_way->xid;
    entry->ask = under_way->ask;
    entry->saw_ipxe = under_way->saw_ipxe;
    entry->is_counted = false;
    journal_count(entry);
    return append_line(boots, file, size, line, journal_write(entry, false, line));
}

DWORD boots_count(struct boots *boots, const char *key)
{
    const struct journal_entry *entry;
    DWORD error = ERROR_SUCCESS;

    AcquireSRWLockExclusive(&boots->lock);
    entry = journal_find(&boots->journal, key);
    if (entry != NULL && !entry->is_counted) {
        const struct journal_entry under_way = *entry;

        error = with_file(boots, OPEN_ALWAYS, count_one, &under_way);
    }
    ReleaseSRWLockExclusive(&boots->lock);
    return error;
}

/* ---- setting ---- */

struct setting {
    const char *key;
    ULONG served;
    ULONG limit;
};

static DWORD set_one(struct boots *boots, HANDLE file, ULONG size, const void *argument)
{
    const struct setting *setting = argument;
    struct journal_entry *entry = journal_get(&boots->journal, setting->key);
    char line[JOURNAL_LINE_SIZE];

    if (entry == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    entry->served = setting->served;
    entry->limit = setting->limit;
    entry->xid = 0;
    entry->ask = 0;
    entry->is_counted = false;
    entry->saw_ipxe = false;
    return append_line(boots, file, size, line, journal_write(entry, false, line));
}

DWORD boots_set(struct boots *boots, const char *key, ULONG served, ULONG limit)
{
    const struct setting setting = {key, served, limit};
    DWORD error;

    AcquireSRWLockExclusive(&boots->lock);
    error = with_file(boots, OPEN_ALWAYS, set_one, &setting);
    ReleaseSRWLockExclusive(&boots->lock);
    return error;
}

static DWORD forget_one(struct boots *boots, HANDLE file, ULONG size, const void *argument)
{
    struct journal_entry *entry = journal_find(&boots->journal, argument);
    char line[JOURNAL_LINE_SIZE];
    size_t length;

    if (entry == NULL)
        return ERROR_NOT_FOUND;
    length = journal_write(entry, true, line);
    journal_forget(&boots->journal, argument);
    return append_line(boots, file, size, line, length);
}

DWORD boots_forget(struct boots *boots, const char *key)
{
    DWORD error;

    AcquireSRWLockExclusive(&boots->lock);
    error = with_file(boots, OPEN_EXISTING, forget_one, key);
    ReleaseSRWLockExclusive(&boots->lock);
    return error == ERROR_FILE_NOT_FOUND ? ERROR_NOT_FOUND : error;
}

/* ---- opening ---- */

/* Without a file there is nothing, and nothing to lock. */
DWORD boots_refresh(struct boots *boots)
{
    DWORD error = ERROR_SUCCESS;

    AcquireSRWLockExclusive(&boots->lock);
    if (GetFileAttributesW(boots->path) != INVALID_FILE_ATTRIBUTES)
        error = with_file(boots, OPEN_EXISTING, NULL, NULL);
    else
        forget_all(boots);
    ReleaseSRWLockExclusive(&boots->lock);
    return error;
}

DWORD boots_check(struct boots *boots)
{
    DWORD error;

    AcquireSRWLockExclusive(&boots->lock);
    error = with_file(boots, OPEN_ALWAYS, NULL, NULL);
    ReleaseSRWLockExclusive(&boots->lock);
    return error;
}

static LPWSTR join(LPCWSTR path, LPCWSTR tail)
{
    size_t size = wcslen(path) + wcslen(tail) + 1;
    LPWSTR joined = malloc(size * sizeof(*joined));

    if (joined != NULL) {
        wcscpy(joined, path);
        wcscat(joined, tail);
    }
    return joined;
}

DWORD boots_open(LPCWSTR path, struct boots **out_boots)
{
    struct boots *boots = calloc(1, sizeof(*boots));
    DWORD error;

    if (boots == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    InitializeSRWLock(&boots->lock);
    boots->path = join(path, L"");
    boots->lock_path = join(path, L".lock");
    boots->new_path = join(path, L".new");
    error = ERROR_NOT_ENOUGH_MEMORY;
    if (boots->path != NULL && boots->lock_path != NULL && boots->new_path != NULL)
        error = boots_refresh(boots);
    if (error == ERROR_SUCCESS)
        *out_boots = boots;
    else
        boots_close(boots);
    return error;
}

void boots_close(struct boots *boots)
{
    if (boots == NULL)
        return;
    journal_free(&boots->journal);
    free(boots->path);
    free(boots->lock_path);
    free(boots->new_path);
    free(boots);
}

const struct journal *boots_journal(const struct boots *boots)
{
    return &boots->journal;
}
