/* PxeSendReply, PxeAsyncRecvDone */
#include "wdspxe.h"

#include <assert.h>
#include <stddef.h>

#include "engine/chain.h"
#include "engine/reply.h"
#include "win32/server/runtime.h"

/* The engine knows PXE_ADDRESS under a portable name. */
static_assert(sizeof(struct pxe_address) == sizeof(PXE_ADDRESS), "same size");
static_assert(offsetof(struct pxe_address, flags) == offsetof(PXE_ADDRESS, uFlags), "uFlags");
static_assert(offsetof(struct pxe_address, address) == offsetof(PXE_ADDRESS, bAddress), "bAddress");
static_assert(offsetof(struct pxe_address, address_length) == offsetof(PXE_ADDRESS, uAddrLen),
              "uAddrLen");
static_assert(offsetof(struct pxe_address, port) == offsetof(PXE_ADDRESS, uPort), "uPort");
static_assert(ADDR_BROADCAST == PXE_ADDR_BROADCAST && ADDR_USE_PORT == PXE_ADDR_USE_PORT &&
                  ADDR_USE_ADDR == PXE_ADDR_USE_ADDR &&
                  ADDR_USE_DHCP_RULES == PXE_ADDR_USE_DHCP_RULES,
              "same address flags");
static_assert(ACTION_NBP == PXE_BA_NBP && ACTION_CUSTOM == PXE_BA_CUSTOM &&
                  ACTION_IGNORE == PXE_BA_IGNORE && ACTION_REJECTED == PXE_BA_REJECTED,
              "same actions");
static_assert(CALLBACK_RECV_REQUEST == PXE_CALLBACK_RECV_REQUEST &&
                  CALLBACK_SHUTDOWN == PXE_CALLBACK_SHUTDOWN &&
                  CALLBACK_SERVICE_CONTROL == PXE_CALLBACK_SERVICE_CONTROL &&
                  CALLBACK_MAX == PXE_CALLBACK_MAX,
              "same callbacks");
static_assert(ATTR_FILTER == PXE_PROV_ATTR_FILTER &&
                  ATTR_FILTER_IPV6 == PXE_PROV_ATTR_FILTER_IPV6 &&
                  ATTR_IPV6_CAPABLE == PXE_PROV_ATTR_IPV6_CAPABLE,
              "same attributes");
static_assert(FILTER_ALL == PXE_PROV_FILTER_ALL && FILTER_DHCP_ONLY == PXE_PROV_FILTER_DHCP_ONLY &&
                  FILTER_PXE_ONLY == PXE_PROV_FILTER_PXE_ONLY,
              "same filters");
static_assert(LOG_VERBOSE == PXE_TRACE_VERBOSE && LOG_INFO == PXE_TRACE_INFO &&
                  LOG_WARNING == PXE_TRACE_WARNING && LOG_ERROR == PXE_TRACE_ERROR &&
                  LOG_FATAL == PXE_TRACE_FATAL,
              "same severities");

DWORD PXEAPI PxeSendReply(HANDLE hClientRequest, PVOID pPacket, ULONG uPacketLen,
                          PXE_ADDRESS *pAddress)
{
    struct engine *engine = runtime_engine();

    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    return reply_send(engine, (uintptr_t)hClientRequest, pPacket, uPacketLen,
                      (const struct pxe_address *)pAddress);
}

DWORD PXEAPI PxeAsyncRecvDone(HANDLE hClientRequest, PXE_BOOT_ACTION Action)
{
    struct engine *engine = runtime_engine();

    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    return chain_complete(engine, (uintptr_t)hClientRequest, Action);
}
