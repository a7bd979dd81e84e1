/* What wdspxectl suggests for a word that it does not know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wdspxectl/cli/suggest.h"

static const char *suggested(const char *typed)
{
    static const char *const known[] = {"serve",   "service", "status", "provider",
                                        "config",  "replay",  "fuzz",   "share",
                                        "version", "add",     "list",   "x"};
    struct suggestion suggestion = {.typed = typed, .length = strlen(typed)};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        suggestion_look(&suggestion, known[i]);
    return suggestion.found == NULL ? "" : suggestion.found;
}

static void a_mistake_of_the_fingers_is_mended(void **state)
{
    (void)state;
    assert_string_equal(suggested("sevre"), "serve");
    assert_string_equal(suggested("sttaus"), "status");
    assert_string_equal(suggested("lst"), "list");
    assert_string_equal(suggested("lisst"), "list");
    assert_string_equal(suggested("confog"), "config");
    assert_string_equal(suggested("providrs"), "provider");
}

static void the_nearest_wins(void **state)
{
    (void)state;
    assert_string_equal(suggested("servic"), "service");
    assert_string_equal(suggested("server"), "serve");
    assert_string_equal(suggested("shere"), "share");
}

static void a_beginning_is_enough(void **state)
{
    (void)state;
    assert_string_equal(suggested("prov"), "provider");
    assert_string_equal(suggested("ver"), "version");
}

static void what_is_far_suggests_nothing(void **state)
{
    (void)state;
    assert_string_equal(suggested("nonsense"), "");
    assert_string_equal(suggested(""), "");
    assert_string_equal(suggested("q"), "");
    assert_string_equal(suggested("p"), "");
    assert_string_equal(suggested("fu-ll"), "");
    assert_string_equal(suggested("statusstatusstatusstatusstatusstatus"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistake_of_the_fingers_is_mended),
        cmocka_unit_test(the_nearest_wins),
        cmocka_unit_test(a_beginning_is_enough),
        cmocka_unit_test(what_is_far_suggests_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
