/* An exception that has left a callback, and what becomes of its provider. */
#ifndef ENGINE_FAULT_H
#define ENGINE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/* What an exception was, and where. Valid during the call only. */
struct fault {
    uint32_t code;     /* 0: it was no exception, but what `words` say */
    const char *words; /* what it was; NULL or "": there are none for it */
    uint64_t address;
    const char *module;   /* file name of the module there, UTF-8; NULL: in none */
    uint64_t offset;      /* from the module's start */
    void *pointers;       /* EXCEPTION_POINTERS */
    bool is_heap_damaged; /* nothing of the process can be trusted any more: FAULT_STOP in any case
                           */
    bool holds_all;       /* threads: FAULT_STOP in any case */
    bool is_in_packet;    /* a packet's guard pages were hit: */
    bool is_packet_freed;
    int64_t packet_offset; /* from the packet's start */
    uint32_t packet_size;
};

/* What becomes of a provider whose callback an exception has left. */
enum fault_policy {
    FAULT_DEFAULT, /* a critical one: FAULT_STOP, another: FAULT_DISABLE */
    FAULT_STOP,    /* the engine takes no further datagram */
    FAULT_DISABLE, /* it gets no further request */
    FAULT_CONTINUE,
};

#endif
