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

static bool datagram_is_valid(const WDSPXE_EXT_DATAGRAM *datagram)
{
    return datagram->uPacketLen <= UDP_LENGTH_MAX &&
           (datagram->uPacketLen == 0 || datagram->pPacket != NULL) &&
           (datagram->Remote.uAddrLen == IPV4_LENGTH || datagram->Remote.uAddrLen == IPV6_LENGTH) &&
           datagram->Local.uAddrLen == datagram->Remote.uAddrLen;
}

DWORD host_network_datagram(const WDSPXE_EXT_DATAGRAM *given, struct caller_copy *out_bytes,
                            struct datagram *out_datagram)
{
    WDSPXE_EXT_DATAGRAM own;

    if (given == NULL || given->uSizeOfStruct != sizeof(own))
        return ERROR_INVALID_PARAMETER;
    own = *given;
    if (!datagram_is_valid(&own))
        return ERROR_INVALID_PARAMETER;
    if (!caller_copy_take(out_bytes, own.pPacket, own.uPacketLen))
        return ERROR_NOT_ENOUGH_MEMORY;
    *out_datagram = (struct datagram){
        .bytes = out_bytes->bytes,
        .length = own.uPacketLen,
        .local = endpoint_of(&own.Local),
        .remote = endpoint_of(&own.Remote),
        .broadcast = own.bBroadcast && own.Remote.uAddrLen == IPV4_LENGTH,
        .boot_server_port = own.bBootServerPort != FALSE,
        .number = own.uNumber,
    };
    return ERROR_SUCCESS;
}
