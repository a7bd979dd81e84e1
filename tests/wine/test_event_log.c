/* The message file: every event has its words in wdspxe.dll, under the id that is reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <wchar.h>
#include <windows.h>

#include <cmocka.h>

#include "engine/abi.h"
#include "engine/event.h"
#include "staticpxe/event.h"

/* As the original has them: 0xC107010C is event 268. */
static DWORD message_id(enum event_id id)
{
    switch (event_severity(id)) {
    case LOG_INFO:
        return UINT32_C(0x41070000) | (DWORD)id;
    case LOG_WARNING:
        return UINT32_C(0x81070000) | (DWORD)id;
    default:
        return UINT32_C(0xC1070000) | (DWORD)id;
    }
}

static DWORD message(DWORD id, WCHAR *text, DWORD units)
{
    WCHAR provider[] = L"PROVIDER", what[] = L"WHAT HAPPENED";
    WCHAR *strings[] = {provider, what};

    return FormatMessageW(FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_ARGUMENT_ARRAY,
                          GetModuleHandleW(L"wdspxe.dll"), id, 0, text, units, (va_list *)strings);
}

static void every_event_has_its_words(void **state)
{
    WCHAR text[1024];
    size_t count;
    const enum event_id *ids = event_ids(&count);

    (void)state;
    assert_non_null(LoadLibraryW(L"wdspxe.dll"));
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_not_equal(message(message_id(ids[i]), text, 1024), 0);
        assert_non_null(wcsstr(text, L"WHAT HAPPENED"));
        if (ids[i] != EVENT_ALL_FAILED && ids[i] != EVENT_NONE_REGISTERED &&
            ids[i] != EVENT_THREADS_HELD && ids[i] != EVENT_OUTPUT_FAILS &&
            ids[i] != EVENT_OUTPUT_WORKS)
            assert_non_null(wcsstr(text, L"PROVIDER"));
    }
}

/* The severities are those of the trace lines that end with the same number. */
static void a_providers_own_events_have_their_words(void **state)
{
    const DWORD ids[] = {UINT32_C(0xC1070000) | EVENT_CONFIG_REFUSED,
                         UINT32_C(0x81070000) | EVENT_CONFIG_RIGHT};
    WCHAR text[1024];

    (void)state;
    assert_non_null(LoadLibraryW(L"wdspxe.dll"));
    for (size_t i = 0; i < 2; i++) {
        assert_int_not_equal(message(ids[i], text, 1024), 0);
        assert_non_null(wcsstr(text, L"provider PROVIDER"));
        assert_non_null(wcsstr(text, L"WHAT HAPPENED"));
    }
}

/* E6: what the event viewer shows as the category. */
static void the_category_has_its_name(void **state)
{
    WCHAR text[64];

    (void)state;
    assert_non_null(LoadLibraryW(L"wdspxe.dll"));
    assert_int_not_equal(message(1, text, 64), 0);
    assert_int_equal(wcscmp(text, L"WDSPXE\r\n"), 0);
}

static void no_other_id_has(void **state)
{
    WCHAR text[16];

    (void)state;
    assert_int_equal(message(UINT32_C(0x41070000) | 255, text, 16), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_has_its_words),
        cmocka_unit_test(a_providers_own_events_have_their_words),
        cmocka_unit_test(the_category_has_its_name),
        cmocka_unit_test(no_other_id_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
