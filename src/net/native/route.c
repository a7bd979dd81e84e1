#include "net/native/route.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "net/native/errors.h"
#include "net/native/half.h"

enum { IPV4_LENGTH = 4 };

struct question {
    struct nlmsghdr header;
    struct rtmsg route;
    uint8_t attributes[2 * RTA_SPACE(IPV4_LENGTH)];
};

union reply {
    struct nlmsghdr header;
    uint8_t bytes[4096];
};

static void address_put(struct question *question, size_t place, uint16_t type,
                        const uint8_t *address)
{
    const struct rtattr attribute = {.rta_len = RTA_LENGTH(IPV4_LENGTH), .rta_type = type};
    uint8_t *at = question->attributes + place * RTA_SPACE(IPV4_LENGTH);

    memcpy(at, &attribute, sizeof(attribute));
    memcpy(at + RTA_LENGTH(0), address, IPV4_LENGTH);
}

/* Returns 0 or an errno, as what follows. */
static int interface_read(const union reply *reply, uint32_t *out_index)
{
    const uint8_t *end = reply->bytes + reply->header.nlmsg_len;
    const uint8_t *at = reply->bytes + NLMSG_LENGTH(sizeof(struct rtmsg));
    struct rtattr attribute;

    while (at < end && (size_t)(end - at) >= sizeof(attribute)) {
        memcpy(&attribute, at, sizeof(attribute));
        if (attribute.rta_len < sizeof(attribute) || attribute.rta_len > (size_t)(end - at))
            break;
        if (attribute.rta_type == RTA_OIF && attribute.rta_len == RTA_LENGTH(sizeof(*out_index))) {
            memcpy(out_index, at + RTA_LENGTH(0), sizeof(*out_index));
            return 0;
        }
        at += RTA_ALIGN(attribute.rta_len);
    }
    return ENETUNREACH;
}

static int reply_read(const union reply *reply, size_t length, uint32_t *out_index)
{
    struct nlmsgerr error;

    if (length < sizeof(reply->header) || reply->header.nlmsg_len > length)
        return EBADMSG;
    if (reply->header.nlmsg_type == RTM_NEWROUTE)
        return interface_read(reply, out_index);
    if (reply->header.nlmsg_type != NLMSG_ERROR || length < NLMSG_LENGTH(sizeof(error)))
        return EBADMSG;
    memcpy(&error, reply->bytes + NLMSG_LENGTH(0), sizeof(error));
    return error.error < 0 ? -error.error : EBADMSG;
}

static int ask(int descriptor, const struct question *question, uint32_t *out_index)
{
    union reply reply;
    ssize_t length = send(descriptor, question, sizeof(*question), 0);

    while (length >= 0) {
        length = recv(descriptor, &reply, sizeof(reply), 0);
        if (length >= 0)
            return reply_read(&reply, (size_t)length, out_index);
        if (errno == EINTR)
            length = 0;
    }
    return errno;
}

int32_t route_find(void *arguments)
{
    struct native_route_find *call = arguments;
    struct question question = {
        .header = {.nlmsg_len = sizeof(question),
                   .nlmsg_type = RTM_GETROUTE,
                   .nlmsg_flags = NLM_F_REQUEST},
        .route = {.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_src_len = 32},
    };
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (descriptor < 0)
        return winsock_error(errno);
    address_put(&question, 0, RTA_DST, call->to->address);
    address_put(&question, 1, RTA_SRC, call->from->address);
    int error = ask(descriptor, &question, &call->interface_index);
    close(descriptor);
    return winsock_error(error);
}
