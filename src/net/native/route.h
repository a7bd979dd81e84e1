/* The routing table, asked as a sender would: by which interface does it leave? */
#ifndef NET_NATIVE_ROUTE_H
#define NET_NATIVE_ROUTE_H

#include <stdint.h>

/* NATIVE_ROUTE_FIND */
int32_t route_find(void *arguments);

#endif
