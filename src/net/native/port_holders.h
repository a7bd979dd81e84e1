/* Which programs of this machine have a UDP port (half.h). */
#ifndef NET_NATIVE_PORT_HOLDERS_H
#define NET_NATIVE_PORT_HOLDERS_H

#include <stdint.h>

int32_t port_holders(void *arguments);

#endif
