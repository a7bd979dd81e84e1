/*
 * The native floor: a server that sends every datagram back as it came, with recvmmsg and sendmmsg,
 * on as many ports as it is given. Prints "serving" when it is ready; ends when it is killed.
 *   udp_echo PORT...
 */
#define _GNU_SOURCE /* recvmmsg, sendmmsg */

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { PORTS_MAX = 8, BATCH = 64, DATAGRAM_MAX = 2048, SOCKET_BUFFER = 4 << 20 };

static int open_port(uint16_t port)
{
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(port)};
    int size = SOCKET_BUFFER;
    int opened = socket(AF_INET, SOCK_DGRAM, 0);

    if (opened < 0)
        return -1;
    if (setsockopt(opened, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
        (void)setsockopt(opened, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    return bind(opened, (const struct sockaddr *)&local, sizeof(local)) == 0 ? opened : -1;
}

static void echo_batch(int socket)
{
    static uint8_t bytes[BATCH][DATAGRAM_MAX];
    struct sockaddr_in sources[BATCH];
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];

    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){bytes[i], DATAGRAM_MAX};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &sources[i],
                                                   .msg_namelen = sizeof(sources[i]),
                                                   .msg_iov = &vectors[i],
                                                   .msg_iovlen = 1}};
    }
    int count = recvmmsg(socket, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++)
        vectors[i].iov_len = messages[i].msg_len;
    if (count > 0)
        (void)sendmmsg(socket, messages, (unsigned)count, 0);
}

int main(int count, char **words)
{
    struct pollfd ports[PORTS_MAX];
    nfds_t opened = 0;

    for (int i = 1; i < count && opened < PORTS_MAX; i++) {
        ports[opened] = (struct pollfd){open_port((uint16_t)atoi(words[i])), POLLIN, 0};
        if (ports[opened++].fd < 0) {
            perror(words[i]);
            return 1;
        }
    }
    puts("serving");
    fflush(stdout);
    while (opened > 0 && poll(ports, opened, -1) >= 0)
        for (nfds_t i = 0; i < opened; i++)
            if (ports[i].revents & POLLIN)
                echo_batch(ports[i].fd);
    return 1;
}
