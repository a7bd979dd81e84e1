#define _GNU_SOURCE /* REG_RIP */

#include "step_count.h"

#if defined(__linux__) && defined(__x86_64__)

#include <signal.h>
#include <string.h>
#include <ucontext.h>

static volatile uint64_t steps;
static uintptr_t last_instruction;

static void on_trap(int signal, siginfo_t *info, void *context)
{
    uintptr_t instruction = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];

    (void)signal;
    (void)info;
    if (instruction != last_instruction)
        steps++;
    last_instruction = instruction;
}

/* Changes the flags register; below the stack pointer there may be data of a leaf function's. */
#define FLAGS_CHANGE(how)                                                                          \
    __asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\t" how                                    \
                     "\n\tpopfq\n\tlea 128(%%rsp), %%rsp" ::                                       \
                         : "memory", "cc")
#define STEPPING_ON() FLAGS_CHANGE("orq $0x100, (%%rsp)")
#define STEPPING_OFF() FLAGS_CHANGE("andq $~0x100, (%%rsp)")

uint64_t step_count(void (*run)(void *argument), void *argument)
{
    struct sigaction ours, before;

    memset(&ours, 0, sizeof(ours));
    ours.sa_sigaction = on_trap;
    ours.sa_flags = SA_SIGINFO;
    sigaction(SIGTRAP, &ours, &before);
    steps = 0;
    last_instruction = 0;
    STEPPING_ON();
    run(argument);
    STEPPING_OFF();
    sigaction(SIGTRAP, &before, NULL);
    return steps;
}

#else

uint64_t step_count(void (*run)(void *argument), void *argument)
{
    (void)run;
    (void)argument;
    return 0;
}

#endif
