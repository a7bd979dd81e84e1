/* The ways in which prov_fault leaves a callback: its value Fault. */
#ifndef TESTS_PROVIDERS_FAULT_H
#define TESTS_PROVIDERS_FAULT_H

enum fault {
    FAULT_READ = 1,
    FAULT_WRITE,
    FAULT_JUMP,
    FAULT_ILLEGAL,
    FAULT_DIVIDE,
    FAULT_CPP,
    FAULT_STACK,
    FAULT_HANDLED,      /* by itself: nobody else may see it */
    FAULT_WILD_POINTER, /* given to us */
};

#endif
