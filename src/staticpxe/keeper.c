#include "keeper.h"
#include "base/error_words.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "event.h"
#include "os/stack.h"

#define FOLDERS_MAX 16
#define POLL_MS                                                                                    \
    1000              /* where nobody tells of changes: some file systems, other machines' shares  \
                       */
#define SETTLE_MS 100 /* a file counts when it is the same twice, so long after one another */
#define PATIENCE 20   /* looks; then what is good counts although it changes all the time */
#define STOP 0        /* of the handles that the thread waits for */

struct keeper {
    HANDLE provider;
    LPWSTR path;
    struct boots *boots;
    SRWLOCK lock; /* `current` */
    struct snapshot *current;
    /* From here on the thread's alone, once it runs. */
    HANDLE thread;
    HANDLE stop;
    struct port_files files;     /* of the last reading, good or bad */
    ULONGLONG last_checksum;     /* the same */
    BOOL is_refused;             /* it was bad */
    HANDLE folders[FOLDERS_MAX]; /* change notifications */
    ULONG folder_count;
};

/* ---- snapshots ---- */

static struct snapshot *make_snapshot(const struct static_config *config)
{
    struct snapshot *snapshot = malloc(sizeof(*snapshot));

    if (snapshot != NULL) {
        snapshot->config = config;
        snapshot->users = 1; /* being the current one */
    }
    return snapshot;
}

struct snapshot *keeper_take(struct keeper *keeper)
{
    struct snapshot *snapshot;

    AcquireSRWLockShared(&keeper->lock);
    snapshot = keeper->current;
    InterlockedIncrement(&snapshot->users);
    ReleaseSRWLockShared(&keeper->lock);
    return snapshot;
}

void keeper_give(struct snapshot *snapshot)
{
    if (InterlockedDecrement(&snapshot->users) > 0)
        return;
    config_free(snapshot->config);
    free(snapshot);
}

static void replace(struct keeper *keeper, struct snapshot *snapshot)
{
    struct snapshot *old;

    AcquireSRWLockExclusive(&keeper->lock);
    old = keeper->current;
    keeper->current = snapshot;
    ReleaseSRWLockExclusive(&keeper->lock);
    if (old != NULL)
        keeper_give(old);
}

struct boots *keeper_boots(const struct keeper *keeper)
{
    return keeper->boots;
}

/* ---- reading ---- */

static void tell_loaded(const struct keeper *keeper, const struct static_config *config,
                        LPCWSTR how)
{
    PxeTrace(keeper->provider, PXE_TRACE_INFO, L"staticpxe: %s: %s%u rules, %u machines of lists",
             keeper->path, how, (unsigned)config->rule_count, (unsigned)config->machine_count);
}

/* What ends a warning is one: whoever looks for the last finds that it is over. */
static void tell_right_again(const struct keeper *keeper, const struct static_config *config)
{
    PxeTrace(keeper->provider, PXE_TRACE_WARNING,
             L"staticpxe: %s: right again; in force now: %u rules, %u machines of lists (event %u)",
             keeper->path, (unsigned)config->rule_count, (unsigned)config->machine_count,
             EVENT_CONFIG_RIGHT);
    event_config_right(keeper->path);
}

/* Where boots are counted; the file is needed only if some section says boots=. */
static DWORD check_boots(struct keeper *keeper, const struct static_config *config,
                         struct problem_list *problems)
{
    DWORD error = config->counts_boots ? boots_check(keeper->boots) : ERROR_SUCCESS;
    char *path = error == ERROR_SUCCESS ? NULL : port_narrow(keeper->path);

    if (path != NULL)
        problem_addf(problems, &(struct place){path, 0, "server", "boots_file"},
                     "cannot write the file that counts boots, error %u%s; name one in a folder "
                     "that the server may write to",
                     (unsigned)error, error_words(error));
    free(path);
    return error;
}

/* Reads all files; tells nothing yet. */
static DWORD read_all(struct keeper *keeper, const struct static_config **out_config,
                      struct problem_list *problems)
{
    const struct rules_port port = windows_port(&keeper->files);

    port_files_free(&keeper->files);
    return config_read_files(&port, keeper->path, out_config, problems);
}

/* Puts it into force, or fails and leaves it the caller's. */
static DWORD take_over(struct keeper *keeper, const struct static_config *config,
                       struct problem_list *problems)
{
    DWORD error = check_boots(keeper, config, problems);
    struct snapshot *snapshot = error == ERROR_SUCCESS ? make_snapshot(config) : NULL;

    if (snapshot == NULL)
        return error == ERROR_SUCCESS ? ERROR_NOT_ENOUGH_MEMORY : error;
    replace(keeper, snapshot);
    config_warn(keeper->provider, keeper->path, problems);
    if (keeper->is_refused)
        tell_right_again(keeper, config);
    else
        tell_loaded(keeper, config, L"changed; in force now: ");
    keeper->is_refused = FALSE;
    return ERROR_SUCCESS;
}

static void tell_refused(struct keeper *keeper, DWORD error, const struct problem_list *problems)
{
    keeper->is_refused = TRUE;
    config_tell(keeper->provider, keeper->path, error, problems);
    PxeTrace(keeper->provider, PXE_TRACE_ERROR,
             L"staticpxe: %s: changed, but wrong (%u mistakes); what was in force before still is "
             L"(event %u)",
             keeper->path, (unsigned)problems->count, EVENT_CONFIG_REFUSED);
    event_config_refused(keeper->path, error, problems);
}

/*
 * Acts on files that are as they shall be, with the config and error of reading them. Those that
 * are right themselves and still refused are looked at again when they are saved as they were.
 */
static void act(struct keeper *keeper, const struct static_config *config, DWORD error,
                struct problem_list *problems)
{
    const BOOL is_right = error == ERROR_SUCCESS;

    if (is_right)
        error = take_over(keeper, config, problems);
    if (error == ERROR_SUCCESS)
        return;
    tell_refused(keeper, error, problems);
    config_free(config);
    if (is_right)
        keeper->last_checksum = 0;
}

/* An editor may have taken a file away to put another in its place. */
static BOOL all_were_read(const struct keeper *keeper)
{
    for (ULONG i = 0; i < keeper->files.count; ++i) {
        if (keeper->files.items[i].written == 0)
            return FALSE;
    }
    return TRUE;
}

/*
 * Reads the files and acts if they are as they were one look ago. What has the same bytes as what
 * was acted on last is neither taken nor told again.
 *   seen          what the last look saw
 *   is_impatient  take what is good although it changes, or although a file is missing or in use
 * FALSE: look again.
 */
static BOOL look(struct keeper *keeper, ULONGLONG *seen, BOOL is_impatient)
{
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    const struct static_config *config;
    DWORD error = read_all(keeper, &config, &problems);
    ULONGLONG checksum = port_files_checksum(&keeper->files);
    BOOL is_stable = checksum == *seen;
    BOOL is_done = (is_stable && all_were_read(keeper)) ||
                   (is_impatient && (is_stable || error == ERROR_SUCCESS));

    *seen = checksum;
    if (!is_done || checksum == keeper->last_checksum) {
        config_free(config);
    } else {
        keeper->last_checksum = checksum;
        act(keeper, config, error, &problems);
    }
    problem_list_free(&problems);
    return is_done;
}

/* ---- watching ---- */

static void watch_folder(struct keeper *keeper, LPCWSTR file)
{
    const DWORD what =
        FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE;
    LPWSTR folder = _wcsdup(file);
    LPWSTR end = folder == NULL ? NULL : wcsrchr(folder, L'\\');
    HANDLE change = INVALID_HANDLE_VALUE;

    if (end != NULL && keeper->folder_count < FOLDERS_MAX) {
        end[1] = L'\0';
        change = FindFirstChangeNotificationW(folder, FALSE, what);
    }
    if (change != INVALID_HANDLE_VALUE)
        keeper->folders[keeper->folder_count++] = change;
    free(folder);
}

static void close_folders(struct keeper *keeper)
{
    for (ULONG i = 0; i < keeper->folder_count; ++i)
        FindCloseChangeNotification(keeper->folders[i]);
    keeper->folder_count = 0;
}

static size_t folder_length(LPCWSTR path)
{
    LPCWSTR end = wcsrchr(path, L'\\');

    return end == NULL ? 0 : (size_t)(end - path);
}

static BOOL is_watched(const struct keeper *keeper, ULONG file)
{
    LPCWSTR path = keeper->files.items[file].path;
    size_t length = folder_length(path);

    for (ULONG i = 0; i < file; ++i) {
        LPCWSTR other = keeper->files.items[i].path;

        if (folder_length(other) == length && wcsncmp(other, path, length) == 0)
            return TRUE;
    }
    return FALSE;
}

/* The folders of all files that were read last. */
static void watch_folders(struct keeper *keeper)
{
    close_folders(keeper);
    for (ULONG i = 0; i < keeper->files.count; ++i) {
        if (!is_watched(keeper, i))
            watch_folder(keeper, keeper->files.items[i].path);
    }
}

/* FALSE: it is time to end. */
static BOOL wait(struct keeper *keeper, DWORD milliseconds)
{
    HANDLE handles[1 + FOLDERS_MAX] = {keeper->stop};
    DWORD woken;

    memcpy(handles + 1, keeper->folders, keeper->folder_count * sizeof(handles[0]));
    woken = WaitForMultipleObjects(1 + keeper->folder_count, handles, FALSE, milliseconds);
    if (woken > WAIT_OBJECT_0 && woken <= WAIT_OBJECT_0 + keeper->folder_count)
        FindNextChangeNotification(handles[woken - WAIT_OBJECT_0]);
    return woken != WAIT_OBJECT_0 + STOP;
}

/* Looks until it is done. FALSE: it is time to end. */
static BOOL settle(struct keeper *keeper)
{
    ULONGLONG seen = 0;
    BOOL is_done = FALSE;

    for (int tries = 0; !is_done; ++tries) {
        if (WaitForSingleObject(keeper->stop, SETTLE_MS) == WAIT_OBJECT_0)
            return FALSE;
        is_done = look(keeper, &seen, tries >= PATIENCE);
    }
    return TRUE;
}

static DWORD WINAPI run(LPVOID argument)
{
    struct keeper *keeper = argument;

    stack_trim();
    while (wait(keeper, POLL_MS)) {
        boots_refresh(keeper->boots);
        if (!port_files_changed(&keeper->files))
            continue;
        if (!settle(keeper))
            break;
        watch_folders(keeper);
    }
    return 0;
}

/* ---- opening and closing ---- */

/* What the configuration names, else beside the file, with .boots behind its name. */
static DWORD open_boots(struct keeper *keeper, const struct static_config *config)
{
    char *beside = port_narrow(keeper->path);
    size_t size = beside == NULL ? 0 : strlen(beside) + sizeof(".boots");
    char *own = size == 0 ? NULL : realloc(beside, size);
    DWORD error = ERROR_NOT_ENOUGH_MEMORY;
    LPWSTR wide = NULL;

    if (own == NULL) {
        free(beside);
        return error;
    }
    strcat(own, ".boots");
    wide = port_wide(config->boots_file != NULL ? config->boots_file : own);
    if (wide != NULL)
        error = boots_open(wide, &keeper->boots);
    free(wide);
    free(own);
    if (error != ERROR_SUCCESS)
        PxeTrace(keeper->provider, PXE_TRACE_ERROR,
                 L"staticpxe: %s: cannot read the file that counts boots, error %u%hs",
                 keeper->path, (unsigned)error, error_words(error));
    return error;
}

static DWORD read_first(struct keeper *keeper)
{
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    const struct static_config *config;
    DWORD error = read_all(keeper, &config, &problems);
    BOOL is_told = FALSE;

    keeper->last_checksum = port_files_checksum(&keeper->files);
    if (error == ERROR_SUCCESS) {
        error = open_boots(keeper, config);
        is_told = error != ERROR_SUCCESS;
    }
    if (error == ERROR_SUCCESS)
        error = check_boots(keeper, config, &problems);
    if (error != ERROR_SUCCESS && !is_told)
        config_tell(keeper->provider, keeper->path, error, &problems);
    if (error == ERROR_SUCCESS)
        config_warn(keeper->provider, keeper->path, &problems);
    problem_list_free(&problems);
    if (error == ERROR_SUCCESS) {
        keeper->current = make_snapshot(config);
        error = keeper->current == NULL ? ERROR_NOT_ENOUGH_MEMORY : ERROR_SUCCESS;
    }
    if (error == ERROR_SUCCESS)
        tell_loaded(keeper, config, L"");
    else
        config_free(config);
    return error;
}

static DWORD start_thread(struct keeper *keeper)
{
    keeper->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (keeper->stop == NULL)
        return GetLastError();
    watch_folders(keeper);
    keeper->thread = CreateThread(NULL, 0, run, keeper, 0, NULL);
    return keeper->thread == NULL ? GetLastError() : ERROR_SUCCESS;
}

DWORD keeper_open(HANDLE hProvider, LPCWSTR path, struct keeper **out_keeper)
{
    struct keeper *keeper = calloc(1, sizeof(*keeper));
    DWORD error = ERROR_NOT_ENOUGH_MEMORY;

    if (keeper == NULL)
        return error;
    InitializeSRWLock(&keeper->lock);
    keeper->provider = hProvider;
    keeper->path = _wcsdup(path);
    if (keeper->path != NULL)
        error = read_first(keeper);
    if (error == ERROR_SUCCESS)
        error = start_thread(keeper);
    if (error == ERROR_SUCCESS)
        *out_keeper = keeper;
    else
        keeper_close(keeper);
    return error;
}

void keeper_close(struct keeper *keeper)
{
    if (keeper == NULL)
        return;
    if (keeper->thread != NULL) {
        SetEvent(keeper->stop);
        WaitForSingleObject(keeper->thread, INFINITE);
        CloseHandle(keeper->thread);
    }
    if (keeper->stop != NULL)
        CloseHandle(keeper->stop);
    close_folders(keeper);
    port_files_free(&keeper->files);
    if (keeper->current != NULL)
        keeper_give(keeper->current);
    boots_close(keeper->boots);
    free(keeper->path);
    free(keeper);
}
