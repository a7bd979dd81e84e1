/*
 * A provider that forgets to catch: every receive callback is left by a C++ exception, through the
 * destructor of what holds its packet.
 */
#include <windows.h>

#include <stdexcept>

#include "wdspxe.h"

static HANDLE g_hProvider;

namespace
{
class CPacket
{
  public:
    explicit CPacket(HANDLE hRequest)
        : m_hRequest(hRequest), m_pPacket(PxePacketAllocate(g_hProvider, hRequest, 300))
    {
    }

    ~CPacket()
    {
        PxePacketFree(g_hProvider, m_hRequest, m_pPacket);
    }

    CPacket(const CPacket &) = delete;
    CPacket &operator=(const CPacket &) = delete;

  private:
    HANDLE m_hRequest;
    PVOID m_pPacket;
};
} // namespace

static DWORD PXEAPI ThrowRecvRequest(HANDLE hClientRequest, PVOID, ULONG, PXE_ADDRESS *,
                                     PXE_ADDRESS *, PXE_BOOT_ACTION *, PVOID)
{
    CPacket Packet(hClientRequest);
    throw std::runtime_error("nobody catches this");
}

static DWORD PXEAPI ThrowShutdown(PVOID)
{
    return ERROR_SUCCESS;
}

extern "C" DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY)
{
    g_hProvider = hProvider;
    DWORD dwError = PxeRegisterCallback(hProvider, PXE_CALLBACK_RECV_REQUEST,
                                        reinterpret_cast<PVOID>(ThrowRecvRequest), nullptr);
    if (dwError == ERROR_SUCCESS) {
        dwError = PxeRegisterCallback(hProvider, PXE_CALLBACK_SHUTDOWN,
                                      reinterpret_cast<PVOID>(ThrowShutdown), nullptr);
    }
    return dwError;
}
