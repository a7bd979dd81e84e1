#include "win32/registry/settings_watch.h"

#include <windows.h>

#include "base/mem.h"
#include "os/inside.h"
#include "os/stack.h"
#include "win32/registry/store_winreg.h"

enum {
    SETTLE_PAUSE = 300,  /* milliseconds: two values that belong together are written one by one */
    REOPEN_PAUSE = 2000, /* milliseconds: the key is not there, or has gone */
};

struct settings_watch {
    void (*changed)(void *context);
    void *context;
    HANDLE thread;
    HANDLE stop;
    HANDLE news;
};

static bool is_stopped(const struct settings_watch *watch, DWORD milliseconds)
{
    return WaitForSingleObject(watch->stop, milliseconds) != WAIT_TIMEOUT;
}

static bool arm(const struct settings_watch *watch, HKEY key)
{
    return RegNotifyChangeKeyValue(key, FALSE, REG_NOTIFY_CHANGE_LAST_SET, watch->news, TRUE) ==
           ERROR_SUCCESS;
}

/* Until the key goes away or the watch is stopped. Looks only after asking to be told of what comes
 * next: nothing falls in between. */
static void watch_key(struct settings_watch *watch, HKEY key)
{
    const HANDLE both[2] = {watch->stop, watch->news};

    while (arm(watch, key)) {
        watch->changed(watch->context);
        if (WaitForMultipleObjects(2, both, FALSE, INFINITE) != WAIT_OBJECT_0 + 1 ||
            is_stopped(watch, SETTLE_PAUSE))
            return;
    }
}

static DWORD WINAPI watch_thread(void *argument)
{
    struct settings_watch *watch = argument;
    struct inside inside;
    HKEY key;

    stack_trim();
    inside_enter(&inside, NULL);
    do {
        if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, STORE_WINREG_BASE, 0, KEY_NOTIFY, &key) !=
            ERROR_SUCCESS)
            continue;
        watch_key(watch, key);
        RegCloseKey(key);
    } while (!is_stopped(watch, REOPEN_PAUSE));
    inside_leave(&inside);
    return 0;
}

static void watch_free(struct settings_watch *watch)
{
    if (watch->stop != NULL)
        CloseHandle(watch->stop);
    if (watch->news != NULL)
        CloseHandle(watch->news);
    mem_free(watch);
}

struct settings_watch *settings_watch_start(void (*changed)(void *context), void *context)
{
    struct settings_watch *watch = mem_alloc(sizeof(*watch));

    if (watch == NULL)
        return NULL;
    watch->changed = changed;
    watch->context = context;
    watch->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    watch->news = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (watch->stop != NULL && watch->news != NULL)
        watch->thread = CreateThread(NULL, 0, watch_thread, watch, 0, NULL);
    if (watch->thread != NULL)
        return watch;
    watch_free(watch);
    return NULL;
}

void settings_watch_stop(struct settings_watch *watch)
{
    if (watch == NULL)
        return;
    SetEvent(watch->stop);
    WaitForSingleObject(watch->thread, INFINITE);
    CloseHandle(watch->thread);
    watch_free(watch);
}
