/*
 * An asynchronous provider in C++17: what a machine boots stands in a text file, one line for each machine,
 * "52:54:00:77:00:01 x64.efi". The file may be on a slow share, so it is read by the thread pool of Windows: the
 * receive callback starts that and returns ERROR_IO_PENDING at once; the server's thread serves the next
 * client meanwhile. The value List of the provider's registry key is the file's path.
 */
#include "wdspxe.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr ULONG reply_size = 400;

HANDLE provider;
std::filesystem::path list;
PTP_CLEANUP_GROUP lookups; // all that are under way
TP_CALLBACK_ENVIRON environment;

// What is left of a request when its callback has returned. The pointers are valid until it is completed.
struct lookup {
    HANDLE request;
    PVOID packet;
    ULONG length;
    PXE_ADDRESS *local;
    BYTE reply_type;
};

// A reply's memory, given back when the block is left, however that happens.
class reply_packet {
public:
    explicit reply_packet(HANDLE request)
        : request_(request), bytes_(PxePacketAllocate(provider, request, reply_size))
    {
    }
    ~reply_packet()
    {
        if (bytes_ != nullptr)
            PxePacketFree(provider, request_, bytes_);
    }
    reply_packet(const reply_packet &) = delete;
    reply_packet &operator=(const reply_packet &) = delete;

    PXE_DHCP_MESSAGE *message() const
    {
        return static_cast<PXE_DHCP_MESSAGE *>(bytes_);
    }

private:
    HANDLE request_;
    PVOID bytes_;
};

std::string mac_of(const PXE_DHCP_MESSAGE *message)
{
    const int count = std::min<int>(message->HardwareAddressLength, PXE_DHCP_HWAADR_SIZE);
    std::string text;

    for (int i = 0; i < count; i++) {
        char byte[4];
        std::snprintf(byte, sizeof(byte), i == 0 ? "%02x" : ":%02x", message->HardwareAddress[i]);
        text += byte;
    }
    return text;
}

// Empty: the machine is not in the list.
std::string boot_file_of(const std::string &mac)
{
    std::ifstream lines(list);
    std::string name, file;

    while (lines >> name >> file)
        if (name == mac)
            return file;
    return {};
}

bool append(PXE_DHCP_MESSAGE *reply, ULONG &used, BYTE code, const void *value, BYTE length)
{
    return PxeDhcpAppendOption(reply, reply_size, &used, code, length, const_cast<void *>(value)) == ERROR_SUCCESS;
}

bool send(const lookup &asked, const std::string &file)
{
    const reply_packet packet(asked.request);
    PXE_DHCP_MESSAGE *reply = packet.message();
    ULONG used;

    if (reply == nullptr || file.size() > PXE_DHCP_FILE_SIZE ||
        PxeDhcpInitialize(asked.packet, asked.length, reply, reply_size, &used) != ERROR_SUCCESS)
        return false;
    reply->BootstrapServerAddress = asked.local->uIpAddress;
    std::memcpy(reply->BootFileName, file.data(), file.size());
    PXE_ADDRESS to = {};
    to.uFlags = PXE_ADDR_USE_DHCP_RULES;
    return append(reply, used, 53, &asked.reply_type, 1) && append(reply, used, 54, asked.local->bAddress, 4) &&
           append(reply, used, 60, "PXEClient", 9) && append(reply, used, 255, nullptr, 0) &&
           PxeSendReply(asked.request, reply, used, &to) == ERROR_SUCCESS;
}

// PXE_BA_REJECTED: the next provider is asked. No exception may leave a callback.
PXE_BOOT_ACTION answer(const lookup &asked) noexcept
try {
    const std::string file = boot_file_of(mac_of(static_cast<PXE_DHCP_MESSAGE *>(asked.packet)));

    return !file.empty() && send(asked, file) ? PXE_BA_NBP : PXE_BA_REJECTED;
} catch (const std::exception &error) {
    PxeTrace(provider, PXE_TRACE_ERROR, L"no answer: %S", error.what());
    return PXE_BA_REJECTED;
}

void CALLBACK lookup_run(PTP_CALLBACK_INSTANCE, PVOID context)
{
    const std::unique_ptr<lookup> asked(static_cast<lookup *>(context));

    PxeAsyncRecvDone(asked->request, answer(*asked)); // from here on the request is not ours
}

// 0: not for a boot server. A REQUEST to port 67 is for the DHCP server.
BYTE reply_type_for(PVOID packet, ULONG length, const PXE_ADDRESS *local)
{
    constexpr BYTE discover = 1, offer = 2, request = 3, ack = 5, inform = 8;
    PVOID type;

    if (PxeDhcpGetOptionValue(packet, length, 1, 53, nullptr, &type) != ERROR_SUCCESS)
        return 0;
    const BYTE asked = *static_cast<BYTE *>(type);
    if (asked == discover)
        return offer;
    if (local->uPort == PXE_DHCP_SERVER_PORT)
        return 0;
    return asked == request || asked == inform ? ack : 0;
}

DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local, PXE_ADDRESS *,
                     PXE_BOOT_ACTION *, PVOID)
{
    const BYTE type = reply_type_for(packet, length, local);

    if (type == 0)
        return ERROR_SUCCESS; // *action holds PXE_BA_REJECTED
    std::unique_ptr<lookup> asked(new (std::nothrow) lookup{request, packet, length, local, type});
    if (!asked || !TrySubmitThreadpoolCallback(lookup_run, asked.get(), &environment))
        return ERROR_NOT_ENOUGH_MEMORY;
    asked.release(); // the pool's now; it may even be over already
    return ERROR_IO_PENDING;
}

// No callback of ours runs any more; those of the pool may, and are waited for.
DWORD PXEAPI stop(PVOID)
{
    CloseThreadpoolCleanupGroupMembers(lookups, FALSE, nullptr);
    CloseThreadpoolCleanupGroup(lookups);
    DestroyThreadpoolEnvironment(&environment);
    return ERROR_SUCCESS;
}

DWORD list_read(HKEY key)
{
    std::vector<WCHAR> path(32768); // with its end; a value in the registry need not have one
    DWORD type, size = static_cast<DWORD>((path.size() - 1) * sizeof(WCHAR));
    const DWORD error = static_cast<DWORD>(
        RegQueryValueExW(key, L"List", nullptr, &type, reinterpret_cast<BYTE *>(path.data()), &size));

    if (error != ERROR_SUCCESS)
        return error;
    if (type != REG_SZ)
        return ERROR_INVALID_DATA;
    list = path.data();
    return ERROR_SUCCESS;
}

DWORD pool_open()
{
    lookups = CreateThreadpoolCleanupGroup();
    if (lookups == nullptr)
        return GetLastError();
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackCleanupGroup(&environment, lookups, nullptr);
    return ERROR_SUCCESS;
}

DWORD start(HANDLE hProvider, HKEY key)
{
    ULONG filter = PXE_PROV_FILTER_PXE_ONLY;
    DWORD error = list_read(key);

    provider = hProvider;
    if (error != ERROR_SUCCESS) {
        PxeTrace(provider, PXE_TRACE_ERROR, L"the value List, the path of the list of machines: error %u", error);
        return error;
    }
    error = PxeProviderSetAttribute(provider, PXE_PROV_ATTR_FILTER, &filter, sizeof(filter));
    if (error == ERROR_SUCCESS)
        error = PxeRegisterCallback(provider, PXE_CALLBACK_RECV_REQUEST, reinterpret_cast<PVOID>(receive), nullptr);
    if (error == ERROR_SUCCESS)
        error = PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, reinterpret_cast<PVOID>(stop), nullptr);
    return error == ERROR_SUCCESS ? pool_open() : error;
}

} // namespace

extern "C" DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
try {
    return start(hProvider, hProviderKey);
} catch (const std::exception &) {
    return ERROR_NOT_ENOUGH_MEMORY;
}
