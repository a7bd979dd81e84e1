#include "process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool proc_read(int pid, const char *name, char *text, size_t size)
{
    char path[350];

    snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    size_t length = fread(text, 1, size - 1, file);
    fclose(file);
    text[length] = '\0';
    return length > 0;
}

struct ticks {
    unsigned long user, system;
};

static struct ticks ticks_read(int pid)
{
    struct ticks ticks = {0, 0};
    char text[1024];

    if (!proc_read(pid, "stat", text, sizeof(text)))
        return ticks;
    /* The name in parentheses may hold anything; fields 14 and 15 are counted from behind it. */
    const char *rest = strrchr(text, ')');
    if (rest == NULL || sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                               &ticks.user, &ticks.system) != 2)
        return (struct ticks){0, 0};
    return ticks;
}

static double tick_seconds(unsigned long ticks)
{
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

/* The sum over its threads; 0: the kernel does not count. */
static uint64_t threads_nanoseconds(int pid)
{
    char path[64], name[300], text[128];
    uint64_t sum = 0, one;
    const struct dirent *entry;

    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *folder = opendir(path);
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        snprintf(name, sizeof(name), "task/%s/schedstat", entry->d_name);
        if (entry->d_name[0] != '.' && proc_read(pid, name, text, sizeof(text)) &&
            sscanf(text, "%" SCNu64, &one) == 1)
            sum += one;
    }
    if (folder != NULL)
        closedir(folder);
    return sum;
}

double process_cpu_seconds(int pid)
{
    const uint64_t nanoseconds = threads_nanoseconds(pid);
    const struct ticks ticks = ticks_read(pid);

    return nanoseconds > 0 ? (double)nanoseconds / 1e9 : tick_seconds(ticks.user + ticks.system);
}

double process_user_seconds(int pid)
{
    return tick_seconds(ticks_read(pid).user);
}

struct machine_time machine_time_read(void)
{
    unsigned long user = 0, nice = 0, steal = 0;
    FILE *file = fopen("/proc/stat", "r");

    if (file == NULL)
        return (struct machine_time){0, 0};
    if (fscanf(file, "cpu %lu %lu %*u %*u %*u %*u %*u %lu", &user, &nice, &steal) != 3)
        user = nice = steal = 0;
    fclose(file);
    return (struct machine_time){tick_seconds(user + nice), tick_seconds(steal)};
}

uint64_t process_resident(int pid)
{
    char text[256];
    uint64_t pages;

    if (!proc_read(pid, "statm", text, sizeof(text)) || sscanf(text, "%*u %" SCNu64, &pages) != 1)
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}
