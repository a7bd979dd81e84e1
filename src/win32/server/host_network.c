#include "win32/server/host_network.h"

#include <string.h>

#include "win32/server/host_callbacks.h"

enum { IPV4_LENGTH = 4, IPV6_LENGTH = 16, UDP_LENGTH_MAX = 65535 };

static pxe_status bench_send(void *context, const struct net_reply *reply)
{
    return host_reply(context, reply);
}

struct net_port host_network_port(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    return (struct net_port){.context = (void *)(uintptr_t)config, .send = bench_send};
}

static struct net_endpoint endpoint_of(const PXE_ADDRESS *address)
{
    struct net_endpoint endpoint = {.length = (uint8_t)address->uAddrLen, .port = address->uPort};

    memcpy(endpoint.address, address->bAddress, address->uAddrLen);
    return endpoint;
}

DWORD host_network_datagram(const WDSPXE_EXT_DATAGRAM *given, struct datagram *out_datagram)
{
    if (given == NULL || given->uSizeOfStruct != sizeof(*given) ||
        given->uPacketLen > UDP_LENGTH_MAX || (given->uPacketLen > 0 && given->pPacket == NULL) ||
        (given->Remote.uAddrLen != IPV4_LENGTH && given->Remote.uAddrLen != IPV6_LENGTH) ||
        given->Local.uAddrLen != given->Remote.uAddrLen)
        return ERROR_INVALID_PARAMETER;
    *out_datagram = (struct datagram){
        .bytes = given->pPacket,
        .length = given->uPacketLen,
        .local = endpoint_of(&given->Local),
        .remote = endpoint_of(&given->Remote),
        .broadcast = given->bBroadcast && given->Remote.uAddrLen == IPV4_LENGTH,
        .boot_server_port = given->bBootServerPort != FALSE,
        .number = given->uNumber,
    };
    return ERROR_SUCCESS;
}
