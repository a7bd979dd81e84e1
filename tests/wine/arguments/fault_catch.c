#include "arguments/fault_catch.h"

#include <stdint.h>

struct frame {
    struct frame *outer;
    void *jump[5];
    void *exceptions; /* the thread's chain of handlers; those of the call that is left are gone */
};

static struct frame *volatile innermost;
static DWORD catching_thread;
static const void *last_address;
static HMODULE own_module;
static void (*tell_other)(const EXCEPTION_POINTERS *pointers);

enum { STATUS_ERRORS = 0xc0000000 }; /* exceptions that are no errors are below */

static __attribute__((noreturn)) void leave(void)
{
    __builtin_longjmp(innermost->jump, 1);
}

static bool is_own_code(const void *address)
{
    HMODULE module = NULL;

    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                  GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                              address, &module) &&
           module == own_module;
}

/* Puts the thread into leave(), with a stack as after a call. */
static void redirect(CONTEXT *context)
{
#ifdef _WIN64
    context->Rsp = ((context->Rsp - 256) & ~(DWORD64)15) - 8;
    context->Rip = (DWORD64)(uintptr_t)leave;
#else
    context->Esp = ((context->Esp - 256) & ~(DWORD)15) - 4;
    context->Eip = (DWORD)(uintptr_t)leave;
#endif
}

static bool is_fault(const EXCEPTION_RECORD *record)
{
    return (record->ExceptionCode == (DWORD)EXCEPTION_ACCESS_VIOLATION ||
            record->ExceptionCode == (DWORD)EXCEPTION_GUARD_PAGE) &&
           !is_own_code(record->ExceptionAddress);
}

static LONG CALLBACK handle(EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;

    if (GetCurrentThreadId() != catching_thread || innermost == NULL)
        return EXCEPTION_CONTINUE_SEARCH;
    if (!is_fault(record)) {
        if (record->ExceptionCode >= STATUS_ERRORS)
            tell_other(pointers);
        return EXCEPTION_CONTINUE_SEARCH;
    }
    last_address = record->ExceptionAddress;
    redirect(pointers->ContextRecord);
    return EXCEPTION_CONTINUE_EXECUTION;
}

void fault_catch_start(void (*other)(const EXCEPTION_POINTERS *pointers))
{
    tell_other = other;
    catching_thread = GetCurrentThreadId();
    own_module = GetModuleHandleW(NULL);
    AddVectoredExceptionHandler(/* First= */ 1, handle);
}

static NT_TIB *thread_block(void)
{
    NT_TIB *block;

#ifdef _WIN64
    __asm__("movq %%gs:0x30, %0" : "=r"(block));
#else
    __asm__("movl %%fs:0x18, %0" : "=r"(block));
#endif
    return block;
}

bool __attribute__((noinline)) fault_catch(void (*run)(void *context), void *context)
{
    struct frame frame;

    frame.outer = innermost;
    frame.exceptions = thread_block()->ExceptionList;
    if (__builtin_setjmp(frame.jump) == 0) {
        innermost = &frame;
        run(context);
        innermost = frame.outer;
        return true;
    }
    thread_block()->ExceptionList = innermost->exceptions;
    innermost = innermost->outer;
    return false;
}

const void *fault_catch_address(void)
{
    return last_address;
}
