#include "base/error_words.h"

#include <stddef.h>

/* By code. */
static const struct {
    uint32_t code;
    const char *words;
} table[] = {
    {1, " (the function is not supported)"},
    {2, " (there is no such file)"},
    {3, " (there is no such folder)"},
    {4, " (too many files are open)"},
    {5, " (access denied)"},
    {6, " (the handle is not valid)"},
    {8, " (not enough memory)"},
    {13, " (the data is not valid)"},
    {14, " (not enough memory)"},
    {15, " (there is no such drive)"},
    {19, " (the disk is write-protected)"},
    {21, " (the drive is not ready)"},
    {23, " (the data on the disk is damaged)"},
    {29, " (the disk cannot be written to)"},
    {30, " (the disk cannot be read)"},
    {31, " (a device does not work)"},
    {32, " (another program has it open)"},
    {33, " (another program has locked a part of it)"},
    {39, " (the disk is full)"},
    {50, " (not supported)"},
    {53, " (the network path is not found)"},
    {80, " (the file exists)"},
    {87, " (a parameter is wrong)"},
    {110, " (it cannot be opened)"},
    {111, " (the file name is too long)"},
    {112, " (the disk is full)"},
    {122, " (the buffer is too small)"},
    {123, " (the name is not valid)"},
    {126, " (the file, or a DLL that it needs, is not found)"},
    {127, " (a function that it needs is not found)"},
    {161, " (the path is not valid)"},
    {170, " (it is in use)"},
    {183, " (it exists already)"},
    {193, " (it is no program for this machine)"},
    {206, " (the path is too long)"},
    {234, " (there is more data)"},
    {259, " (there are no more items)"},
    {267, " (this is no folder)"},
    {487, " (the address is not valid)"},
    {574, " (an exception that nobody handled)"},
    {665, " (a limit of the file system)"},
    {995, " (it was cancelled)"},
    {997, " (it is not finished yet)"},
    {998, " (no access to this memory)"},
    {1001, " (the stack is used up)"},
    {1009, " (the registry is damaged)"},
    {1010, " (the registry key is not valid)"},
    {1011, " (the registry key cannot be opened)"},
    {1012, " (the registry cannot be read)"},
    {1013, " (the registry cannot be written)"},
    {1018, " (the registry key is marked for deletion)"},
    {1063, " (no service manager started it)"},
    {1077, " (it was never started)"},
    {1112, " (no medium is in the drive)"},
    {1114, " (the DLL's own start failed)"},
    {1117, " (a device's input or output failed)"},
    {1168, " (not found)"},
    {1223, " (the user cancelled it)"},
    {1231, " (the network cannot be reached)"},
    {1306, " (the versions do not fit)"},
    {1314, " (a privilege is missing)"},
    {1392, " (the file or folder is damaged)"},
    {1450, " (the system is short of resources)"},
    {1455, " (the paging file is too small)"},
    {1460, " (it took too long)"},
    {1627, " (a function failed)"},
    {1629, " (the data's type is wrong)"},
    {1630, " (the data's type is not supported)"},
    {1784, " (the buffer is not valid)"},
    {5023, " (not in this state)"},
    {10004, " (it was interrupted)"},
    {10013, " (no right to it, or another program has it to itself)"},
    {10014, " (the address is not valid)"},
    {10022, " (a parameter is wrong)"},
    {10024, " (too many sockets are open)"},
    {10035, " (the socket has no room now)"},
    {10038, " (this is no socket)"},
    {10040, " (the message is too long)"},
    {10042, " (a protocol option is unknown)"},
    {10043, " (the protocol is not supported)"},
    {10045, " (the operation is not supported)"},
    {10047, " (the address family is not supported)"},
    {10048, " (the address is in use)"},
    {10049, " (the address is none of this machine's)"},
    {10050, " (the network is down)"},
    {10051, " (there is no route to it)"},
    {10052, " (the network has reset the connection)"},
    {10053, " (the connection was given up)"},
    {10054, " (the other side refuses it)"},
    {10055, " (the network's buffers are full)"},
    {10060, " (no answer in time)"},
    {10061, " (the other side refuses it)"},
    {10064, " (the host is down)"},
    {10065, " (the host cannot be reached)"},
    {10091, " (the network is not ready)"},
    {10093, " (Winsock was not started)"},
    {11001, " (there is no such host)"},
    {11002, " (the name server does not answer)"},
    {11004, " (the host has no such address)"},
    {UINT32_C(0xc107010c), " (every provider failed)"},
};

const char *error_words(uint32_t code)
{
    size_t low = 0, high = sizeof(table) / sizeof(table[0]);

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (table[middle].code == code)
            return table[middle].words;
        if (table[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return "";
}
