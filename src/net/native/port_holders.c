/* By proc(5): /proc/self/net/udp and udp6 have the sockets, /proc/PID/fd who has which. */
#define _GNU_SOURCE
#include "net/native/port_holders.h"

#include <arpa/inet.h>
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/native/errors.h"
#include "net/native/half.h"

static_assert(NATIVE_ADDRESS_CHARS >= INET6_ADDRSTRLEN, "an address of any length");

/* A program of Wine's has its sockets together with this one, which is nobody's answer. */
static const char wine_server[] = "wineserver";

static void program_read(pid_t process, char program[NATIVE_PROGRAM_CHARS])
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/comm", (int)process);
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(program, NATIVE_PROGRAM_CHARS, file) == NULL)
        program[0] = '\0';
    program[strcspn(program, "\n")] = '\0';
    if (file != NULL)
        fclose(file);
}

static bool process_has(pid_t process, const char *link)
{
    char path[64];
    char target[64];
    bool found = false;

    snprintf(path, sizeof(path), "/proc/%d/fd", (int)process);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false; /* it has gone, or is another user's */
    for (struct dirent *entry; !found && (entry = readdir(folder)) != NULL;) {
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);
        target[length > 0 ? length : 0] = '\0';
        found = strcmp(target, link) == 0;
    }
    closedir(folder);
    return found;
}

/* Process 0: nobody who may be asked. */
static void holder_find(unsigned long inode, struct native_port_holder *holder)
{
    char link[64];
    DIR *folder = opendir("/proc");
    bool is_settled = false;

    snprintf(link, sizeof(link), "socket:[%lu]", inode);
    for (struct dirent *entry;
         folder != NULL && !is_settled && (entry = readdir(folder)) != NULL;) {
        const pid_t process = atoi(entry->d_name);
        if (process <= 0 || !process_has(process, link))
            continue;
        holder->process = process;
        program_read(process, holder->program);
        is_settled = strcmp(holder->program, wine_server) != 0;
    }
    if (folder != NULL)
        closedir(folder);
}

/* The kernel prints each 32-bit word of an address as a number of this machine's. */
static bool address_read(const char *hex, bool is_ipv6, char address[NATIVE_ADDRESS_CHARS])
{
    const size_t words = is_ipv6 ? 4 : 1;
    uint32_t word[4];

    for (size_t i = 0; i < words; i++)
        if (sscanf(hex + 8 * i, "%8" SCNx32, &word[i]) != 1)
            return false;
    return inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, word, address, NATIVE_ADDRESS_CHARS) != NULL;
}

static void table_read(bool is_ipv6, struct native_port_holders *asked)
{
    FILE *file = fopen(is_ipv6 ? "/proc/self/net/udp6" : "/proc/self/net/udp", "re");
    char line[512];
    char hex[33];
    unsigned port;
    unsigned long inode;

    while (file != NULL && asked->count < asked->capacity &&
           fgets(line, sizeof(line), file) != NULL) {
        struct native_port_holder *holder = &asked->holders[asked->count];
        /* sl local:port remote:port st tx:rx tr:when retransmits uid timeout inode */
        if (sscanf(line, " %*[^:]: %32[0-9A-F]:%X %*s %*s %*s %*s %*s %*s %*s %lu", hex, &port,
                   &inode) != 3 ||
            port != asked->port)
            continue;
        memset(holder, 0, sizeof(*holder));
        if (!address_read(hex, is_ipv6, holder->address))
            continue;
        holder_find(inode, holder);
        asked->count += holder->process != getpid();
    }
    if (file != NULL)
        fclose(file);
}

int32_t port_holders(void *arguments)
{
    struct native_port_holders *asked = arguments;

    asked->count = 0;
    if (access("/proc/self/net/udp", R_OK) != 0)
        return winsock_error(errno);
    table_read(false, asked);
    table_read(true, asked);
    return 0;
}
