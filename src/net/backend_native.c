/* backend.h by the native half (net/native_load.h). */
#include "net/native_load.h"

static int native_startup(void)
{
    return 0;
}

static void native_cleanup(void)
{
}

static int native_addresses_read(struct interface_address *out_addresses, size_t capacity,
                                 size_t *out_count)
{
    struct native_addresses_read call = {.addresses = out_addresses, .capacity = capacity};
    int error = native_call(NATIVE_ADDRESSES_READ, &call);

    if (error == 0)
        *out_count = call.count;
    return error;
}

static int native_route_find(const struct net_endpoint *from, const struct net_endpoint *to,
                             uint32_t *out_interface_index)
{
    struct native_route_find call = {.from = from, .to = to};
    int error = native_call(NATIVE_ROUTE_FIND, &call);

    if (error == 0)
        *out_interface_index = call.interface_index;
    return error;
}

static int native_socket_open(const struct net_socket_spec *spec, struct net_socket **out_socket)
{
    struct native_socket_open call = {.spec = spec};
    int error = native_call(NATIVE_SOCKET_OPEN, &call);

    if (error == 0)
        *out_socket = call.socket;
    return error;
}

static int native_socket_join(struct net_socket *socket, const uint8_t *group,
                              const struct net_interface *nic)
{
    struct native_socket_join call = {socket, group, nic};
    return native_call(NATIVE_SOCKET_JOIN, &call);
}

static int native_socket_receive(struct net_socket *socket, struct net_buffer *buffers,
                                 size_t capacity, uint32_t milliseconds, size_t *out_count)
{
    struct native_socket_receive call = {
        .socket = socket, .buffers = buffers, .capacity = capacity, .milliseconds = milliseconds};
    int error = native_call(NATIVE_SOCKET_RECEIVE, &call);

    *out_count = call.count;
    return error;
}

static void native_socket_wake(struct net_socket *socket)
{
    struct native_socket call = {socket};
    (void)native_call(NATIVE_SOCKET_WAKE, &call);
}

static int native_socket_send(struct net_socket *socket, const struct net_outgoing *datagrams,
                              size_t count, size_t *out_sent)
{
    struct native_socket_send call = {.socket = socket, .datagrams = datagrams, .count = count};
    int error = native_call(NATIVE_SOCKET_SEND, &call);

    *out_sent = call.sent;
    return error;
}

static void native_socket_close(struct net_socket *socket)
{
    struct native_socket call = {socket};
    (void)native_call(NATIVE_SOCKET_CLOSE, &call);
}

static int native_watch_open(struct net_watch **out_watch)
{
    struct native_watch call = {NULL};
    int error = native_call(NATIVE_WATCH_OPEN, &call);

    if (error == 0)
        *out_watch = call.watch;
    return error;
}

static enum net_news native_watch_wait(struct net_watch *watch, uint32_t milliseconds)
{
    struct native_watch_wait call = {.watch = watch, .milliseconds = milliseconds};

    (void)native_call(NATIVE_WATCH_WAIT, &call);
    return (enum net_news)call.news;
}

static void native_watch_wake(struct net_watch *watch)
{
    struct native_watch call = {watch};
    (void)native_call(NATIVE_WATCH_WAKE, &call);
}

static void native_watch_close(struct net_watch *watch)
{
    struct native_watch call = {watch};
    (void)native_call(NATIVE_WATCH_CLOSE, &call);
}

static const struct net_backend backend_native = {
    .name = "native",
    .is_free_to_send = true,
    .sends_batches = true,
    .watch_tells_all = true,
    .startup = native_startup,
    .cleanup = native_cleanup,
    .addresses_read = native_addresses_read,
    .route_find = native_route_find,
    .socket_open = native_socket_open,
    .socket_join = native_socket_join,
    .socket_receive = native_socket_receive,
    .socket_wake = native_socket_wake,
    .socket_send = native_socket_send,
    .socket_close = native_socket_close,
    .watch_open = native_watch_open,
    .watch_wait = native_watch_wait,
    .watch_wake = native_watch_wake,
    .watch_close = native_watch_close,
};

const struct net_backend *backend_native_load(struct native_refusal *out_refusal)
{
    return native_load(out_refusal) ? &backend_native : NULL;
}
