#ifndef NET_NATIVE_ERRORS_H
#define NET_NATIVE_ERRORS_H

#include <stdint.h>

/* errno in WinSock's numbers, which is what users of this program may look up. */
int32_t winsock_error(int error);

#endif
