/*
 * The floor under Wine: a server that sends every datagram back as it came, with blocking
 * WSARecvMsg and sendto, a thread for each port, as simple servers do it.
 *   udp_echo_wine PORT...
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>

#include <stdio.h>
#include <stdlib.h>

enum { PORTS_MAX = 8, DATAGRAM_MAX = 2048, SOCKET_BUFFER = 1 << 20 };

struct port {
    SOCKET socket;
    LPFN_WSARECVMSG receive_message;
};

static BOOL open_port(struct port *port, u_short number)
{
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(number)};
    GUID id = WSAID_WSARECVMSG;
    DWORD bytes;
    BOOL on = TRUE;
    int size = SOCKET_BUFFER;

    port->socket = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (port->socket == INVALID_SOCKET)
        return FALSE;
    (void)setsockopt(port->socket, SOL_SOCKET, SO_RCVBUF, (const char *)&size, sizeof(size));
    return setsockopt(port->socket, IPPROTO_IP, IP_PKTINFO, (const char *)&on, sizeof(on)) == 0 &&
           WSAIoctl(port->socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id),
                    &port->receive_message, sizeof(port->receive_message), &bytes, NULL,
                    NULL) == 0 &&
           bind(port->socket, (const struct sockaddr *)&local, sizeof(local)) == 0;
}

static DWORD WINAPI echo(void *argument)
{
    const struct port *port = argument;
    char bytes[DATAGRAM_MAX];

    do {
        struct sockaddr_in source;
        char control[64];
        WSABUF data = {.len = DATAGRAM_MAX, .buf = bytes};
        WSAMSG message = {.name = (struct sockaddr *)&source,
                          .namelen = sizeof(source),
                          .lpBuffers = &data,
                          .dwBufferCount = 1,
                          .Control = {.len = sizeof(control), .buf = control}};
        DWORD length;

        if (port->receive_message(port->socket, &message, &length, NULL, NULL) == 0)
            (void)sendto(port->socket, bytes, (int)length, 0, (const struct sockaddr *)&source,
                         sizeof(source));
    } while (WSAGetLastError() != WSAENOTSOCK);
    return 1;
}

int main(int count, char **words)
{
    static struct port ports[PORTS_MAX];
    HANDLE threads[PORTS_MAX];
    DWORD opened = 0;
    WSADATA data;

    WSAStartup(MAKEWORD(2, 2), &data);
    for (int i = 1; i < count && opened < PORTS_MAX; i++) {
        if (!open_port(&ports[opened], (u_short)atoi(words[i]))) {
            fprintf(stderr, "port %s: error %d\n", words[i], WSAGetLastError());
            return 1;
        }
        threads[opened] = CreateThread(NULL, 0, echo, &ports[opened], 0, NULL);
        opened++;
    }
    puts("serving");
    fflush(stdout);
    WaitForMultipleObjects(opened, threads, TRUE, INFINITE);
    return 0;
}
