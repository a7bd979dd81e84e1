/* Words for error codes: each code that the server itself returns or logs has some. */
#include "base/error_words.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"

static void own_codes_have_words(void **state)
{
    static const uint32_t codes[] = {
        PXE_FILE_NOT_FOUND, PXE_ACCESS_DENIED, PXE_INVALID_HANDLE,      PXE_NOT_ENOUGH_MEMORY,
        PXE_INVALID_DATA,   PXE_NOT_SUPPORTED, PXE_INVALID_PARAMETER,   PXE_INSUFFICIENT_BUFFER,
        PXE_ALREADY_EXISTS, PXE_NO_MORE_ITEMS, PXE_UNHANDLED_EXCEPTION, PXE_PENDING,
        PXE_NOT_FOUND,      PXE_TIMEOUT,       PXE_INVALID_STATE,       PXE_ALL_PROVIDERS_FAILED,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        const char *words = error_words(codes[i]);
        if (strncmp(words, " (", 2) != 0 || words[strlen(words) - 1] != ')')
            fail_msg("%u: \"%s\"", codes[i], words);
    }
}

/* What opening files, loading DLLs and sending fail with; the first and the last of the table. */
static void common_codes_have_their_words(void **state)
{
    (void)state;
    assert_string_equal(error_words(1), " (the function is not supported)");
    assert_string_equal(error_words(2), " (there is no such file)");
    assert_string_equal(error_words(32), " (another program has it open)");
    assert_string_equal(error_words(112), " (the disk is full)");
    assert_string_equal(error_words(126), " (the file, or a DLL that it needs, is not found)");
    assert_string_equal(error_words(193), " (it is no program for this machine)");
    assert_string_equal(error_words(1114), " (the DLL's own start failed)");
    assert_string_equal(error_words(10048), " (the address is in use)");
    assert_string_equal(error_words(10051), " (there is no route to it)");
    assert_string_equal(error_words(10065), " (the host cannot be reached)");
    assert_string_equal(error_words(0xc107010c), " (every provider failed)");
}

/* A table that is out of order would lose some. */
static void all_are_found(void **state)
{
    size_t found = 0;

    (void)state;
    for (uint32_t code = 0; code < 12000; code++)
        found += error_words(code)[0] != '\0';
    assert_int_equal(found, 99);
}

static void others_have_none(void **state)
{
    (void)state;
    assert_string_equal(error_words(0), "");
    assert_string_equal(error_words(4711), "");
    assert_string_equal(error_words(UINT32_MAX), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_codes_have_words),
        cmocka_unit_test(common_codes_have_their_words),
        cmocka_unit_test(all_are_found),
        cmocka_unit_test(others_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
