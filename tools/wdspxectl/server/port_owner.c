#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>

#include "net/native_load.h"
#include "server/port_owner.h"
#include "text/wide.h"

#include <stdlib.h>

enum { READ_TRIES = 8, HOLDERS_MAX = 16 };

/* Released with free; NULL: the system does not tell. */
static MIB_UDPTABLE_OWNER_PID *table_read(void)
{
    DWORD size = 0;
    DWORD error = ERROR_INSUFFICIENT_BUFFER;
    MIB_UDPTABLE_OWNER_PID *table = NULL;

    for (int i = 0; i < READ_TRIES && error == ERROR_INSUFFICIENT_BUFFER; i++) {
        free(table);
        table = size > 0 ? malloc(size) : NULL;
        error = GetExtendedUdpTable(table, &size, FALSE, AF_INET, UDP_TABLE_OWNER_PID, 0);
        if (error == ERROR_SUCCESS && table != NULL)
            return table;
    }
    free(table);
    return NULL;
}

/* The file name of a process's program; false: it may not be asked, or has gone. */
static bool put_program(struct text *text, DWORD process_id)
{
    wchar_t path[MAX_PATH * 4];
    DWORD length = sizeof(path) / sizeof(path[0]);
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process_id);

    if (process == NULL)
        return false;
    bool known = QueryFullProcessImageNameW(process, 0, path, &length) != 0;
    CloseHandle(process);
    if (!known)
        return false;
    const wchar_t *name = wcsrchr(path, L'\\');
    text_put_char(text, '"');
    text_put_wide(text, name != NULL ? name + 1 : path);
    text_put_char(text, '"');
    return true;
}

static void put_owner(struct text *text, const MIB_UDPROW_OWNER_PID *row)
{
    const BYTE *address = (const BYTE *)&row->dwLocalAddr;

    text_format(text, "%u.%u.%u.%u by ", address[0], address[1], address[2], address[3]);
    if (row->dwOwningPid == 0)
        text_put(text, "a program that the system does not name");
    else if (put_program(text, row->dwOwningPid))
        text_format(text, " (process %lu)", row->dwOwningPid);
    else
        text_format(text, "process %lu", row->dwOwningPid);
}

/* Windows' own word, and Wine's, which knows no programs but its own. */
static size_t put_windows_owners(unsigned port, struct text *out_owners)
{
    SCOPED_MEMORY MIB_UDPTABLE_OWNER_PID *table = table_read();
    size_t count = 0;

    for (DWORD i = 0; table != NULL && i < table->dwNumEntries; i++) {
        const MIB_UDPROW_OWNER_PID *row = &table->table[i];
        if (ntohs((u_short)row->dwLocalPort) != port || row->dwOwningPid == GetCurrentProcessId())
            continue;
        if (count++ > 0)
            text_put(out_owners, ", ");
        put_owner(out_owners, row);
    }
    return count;
}

/* Linux' word, whatever the program is. */
static size_t put_linux_owners(unsigned port, struct text *out_owners)
{
    struct native_port_holder holders[HOLDERS_MAX];
    struct native_port_holders asked = {.port = port, .holders = holders, .capacity = HOLDERS_MAX};
    struct native_refusal refusal;

    if (!native_load(&refusal) || native_call(NATIVE_PORT_HOLDERS, &asked) != 0)
        return 0;
    for (size_t i = 0; i < asked.count; i++) {
        text_format(out_owners, "%s%s by ", i > 0 ? ", " : "", holders[i].address);
        if (holders[i].process == 0)
            text_put(out_owners, "a program of another user's");
        else
            text_format(out_owners, "\"%s\" (Linux process %d)", holders[i].program,
                        (int)holders[i].process);
    }
    return asked.count;
}

size_t port_owners(unsigned port, struct text *out_owners)
{
    const size_t count = put_linux_owners(port, out_owners);

    return count > 0 ? count : put_windows_owners(port, out_owners);
}
