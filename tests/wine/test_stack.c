/* A thread's stack, trimmed: what is in use stays, the rest is given back and there again when it
 * is used. */
#include "os/stack.h"

#include <psapi.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { DEPTH = 512 * 1024, PAGE = 4096 };

/* Far below the caller, and below what a trim keeps. */
static char *place_below(void)
{
    char here;

    return (char *)(((ULONG_PTR)&here - DEPTH) & ~(ULONG_PTR)(PAGE - 1));
}

static BOOL is_in_memory(void *address)
{
    PSAPI_WORKING_SET_EX_INFORMATION page = {.VirtualAddress = address};

    assert_true(K32QueryWorkingSetEx(GetCurrentProcess(), &page, sizeof(page)));
    return page.VirtualAttributes.Valid;
}

/* Writes DEPTH bytes of stack and returns their sum. */
static __attribute__((noinline)) ULONG stack_use(void)
{
    volatile char bytes[DEPTH];
    ULONG sum = 0;

    for (size_t i = 0; i < DEPTH; i += PAGE / 2)
        bytes[i] = 1;
    for (size_t i = 0; i < DEPTH; i += PAGE / 2)
        sum += (ULONG)bytes[i];
    return sum;
}

struct seen {
    BOOL before, after, again;
    ULONG sum, kept;
};

static DWORD WINAPI trimmed_thread(void *argument)
{
    struct seen *seen = argument;
    volatile ULONG kept = 4711;

    stack_use();
    seen->before = is_in_memory(place_below());
    stack_trim();
    seen->after = is_in_memory(place_below());
    seen->sum = stack_use();
    seen->again = is_in_memory(place_below());
    seen->kept = kept;
    return 0;
}

static void the_rest_is_given_back(void **state)
{
    struct seen seen = {0};
    HANDLE thread = CreateThread(NULL, 0, trimmed_thread, &seen, 0, NULL);

    (void)state;
    assert_non_null(thread);
    assert_int_equal(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
    CloseHandle(thread);
    assert_true(seen.before);
    assert_int_equal(seen.sum, DEPTH / (PAGE / 2));
    assert_true(seen.again);
    assert_int_equal(seen.kept, 4711);
    /* Windows may keep in memory what nobody asks for. */
    if (GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL)
        assert_false(seen.after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rest_is_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
