#include "win32/call/guard_thunk.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

static_assert(offsetof(struct guard_frame, run) == 0 &&
                  offsetof(struct guard_frame, callback) == sizeof(void *),
              "the thunk knows them");

#if defined(__x86_64__)

#define GCC_THROW 0x20474343u /* the code of g++'s exceptions */

/* The frame lies at 40(%rsp); in a function without frame register the establisher frame that the
 * filter is given is %rsp. */
LONG guard_filter_x64(EXCEPTION_POINTERS *pointers, char *establisher);
extern const char guard_land_x64[] __asm__("guard_land_x64");

__asm__(".text\n"
        ".p2align 4\n"
        ".globl guard_thunk\n"
        ".def guard_thunk; .scl 2; .type 32; .endef\n"
        ".seh_proc guard_thunk\n"
        "guard_thunk:\n"
        "    subq $56, %rsp\n"
        "    .seh_stackalloc 56\n"
        "    .seh_endprologue\n"
        "    movq %rcx, 40(%rsp)\n"
        "    movq %rcx, %rax\n"
        "    movq 8(%rax), %rcx\n"
        ".Lguard_begin:\n"
        "    call *(%rax)\n"
        "    nop\n"
        ".Lguard_end:\n"
        "    movl $1, %eax\n"
        "    addq $56, %rsp\n"
        "    ret\n"
        "guard_land_x64:\n"
        "    xorl %eax, %eax\n"
        "    addq $56, %rsp\n"
        "    ret\n"
        "    .seh_handler __C_specific_handler, @except\n"
        "    .seh_handlerdata\n"
        "    .long 1\n"
        "    .rva .Lguard_begin, .Lguard_end, guard_filter_x64, guard_land_x64\n"
        "    .text\n"
        "    .seh_endproc\n");

/* The head of g++'s exception object, part of the ABI of C++; what `private` holds is libgcc's. */
struct gcc_exception {
    uint64_t class;
    void (*cleanup)(int reason, struct gcc_exception *exception);
    uint64_t private[6];
};

/* libgcc stops unwinding for each destructor that has to run, and goes on by itself: to the frame
 * and address that it has noted in the object, if it has found who catches. It has not: we do. */
static void gcc_target_set(const EXCEPTION_RECORD *record, const char *establisher)
{
    struct gcc_exception *exception;

    if (record->ExceptionCode != GCC_THROW || record->NumberParameters < 1)
        return;
    exception = (struct gcc_exception *)record->ExceptionInformation[0];
    exception->private[1] = (uintptr_t)establisher;
    exception->private[2] = (uintptr_t)guard_land_x64;
    exception->private[3] = 0;
}

__attribute__((used)) LONG guard_filter_x64(EXCEPTION_POINTERS *pointers, char *establisher)
{
    struct guard_frame *frame = *(struct guard_frame **)(void *)(establisher + 40);

    frame->filter(frame, pointers);
    gcc_target_set(pointers->ExceptionRecord, establisher);
    return EXCEPTION_EXECUTE_HANDLER;
}

#elif defined(__i386__)

/* A registration on the stack, in the list that starts at %fs:0, and what we have behind it. */
struct registration {
    struct registration *next;
    void *handler;
    struct guard_frame *frame;
};

EXCEPTION_DISPOSITION guard_handler_x86(EXCEPTION_RECORD *record, struct registration *registration,
                                        CONTEXT *context, void *dispatcher);
/* To the end of guard_thunk, which then returns false. */
void guard_land_x86(struct registration *registration) __attribute__((noreturn));

__asm__(".text\n"
        ".p2align 4\n"
        ".globl _guard_thunk\n"
        "_guard_thunk:\n"
        "    pushl %ebp\n"
        "    pushl %ebx\n"
        "    pushl %esi\n"
        "    pushl %edi\n"
        "    movl 20(%esp), %ebx\n"
        "    pushl %ebx\n"
        "    pushl $_guard_handler_x86\n"
        "    pushl %fs:0\n"
        "    movl %esp, %fs:0\n"
        "    subl $12, %esp\n"
        "    pushl 4(%ebx)\n"
        "    call *(%ebx)\n"
        "    addl $16, %esp\n"
        "    movl $1, %eax\n"
        "Lguard_leave:\n"
        "    popl %fs:0\n"
        "    addl $8, %esp\n"
        "    popl %edi\n"
        "    popl %esi\n"
        "    popl %ebx\n"
        "    popl %ebp\n"
        "    ret\n"
        ".globl _guard_land_x86\n"
        "_guard_land_x86:\n"
        "    movl 4(%esp), %esp\n"
        "    xorl %eax, %eax\n"
        "    jmp Lguard_leave\n");

__attribute__((used)) EXCEPTION_DISPOSITION guard_handler_x86(EXCEPTION_RECORD *record,
                                                              struct registration *registration,
                                                              CONTEXT *context, void *dispatcher)
{
    struct registration *volatile target = registration; /* RtlUnwind keeps no register */
    EXCEPTION_POINTERS pointers = {record, context};

    (void)dispatcher;
    if (record->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND))
        return ExceptionContinueSearch;
    registration->frame->filter(registration->frame, &pointers);
    RtlUnwind(target, NULL, record, NULL);
    guard_land_x86(target);
}

#else

bool guard_thunk(struct guard_frame *frame)
{
    frame->run(frame->callback);
    return true;
}

#endif
