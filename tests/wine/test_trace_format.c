/*
 * The formatter behind PxeTrace, alone: like the C runtime's where that is well defined, and
 * harmless where it is not.
 */
#include "api/trace_format.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include <cmocka.h>

enum { UNITS = 2048, CANARY = 0x5aa5, MANY = 100000 };

static wchar_t buffer[UNITS + 8];

/* Formats into `buffer`, as if it had `size` units; checks length, end, and what lies behind it. */
static const wchar_t *formatted_in(size_t size, const wchar_t *format, va_list arguments)
{
    for (size_t i = 0; i < UNITS + 8; i++)
        buffer[i] = CANARY;
    size_t length = trace_format(buffer, size, format, arguments);
    assert_in_range(length, 0, size - 1);
    assert_int_equal(wcslen(buffer), length);
    for (size_t i = size; i < UNITS + 8; i++)
        assert_int_equal(buffer[i], CANARY);
    return buffer;
}

static const wchar_t *formatted(const wchar_t *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)formatted_in(UNITS, format, arguments);
    va_end(arguments);
    return buffer;
}

static const wchar_t *formatted_short(size_t size, const wchar_t *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)formatted_in(size, format, arguments);
    va_end(arguments);
    return buffer;
}

static void expect_text(const wchar_t *got, const wchar_t *expected, int line)
{
    if (wcscmp(got, expected) == 0)
        return;
    print_error("line %d: '%S', expected '%S'\n", line, got, expected);
    fail();
}

#define EXPECT(expected, ...) expect_text(formatted(__VA_ARGS__), expected, __LINE__)

/* What the C runtime makes of it. */
static void like_the_runtime(int line, const wchar_t *format, ...)
{
    static wchar_t expected[UNITS];
    va_list arguments;

    va_start(arguments, format);
    int length = _vsnwprintf(expected, UNITS, format, arguments);
    va_end(arguments);
    assert_in_range(length, 0, UNITS - 1);
    va_start(arguments, format);
    expect_text(formatted_in(UNITS, format, arguments), expected, line);
    va_end(arguments);
}

#define LIKE(...) like_the_runtime(__LINE__, __VA_ARGS__)

/* ---- a page with nothing readable behind it ---- */

enum behind { UNMAPPED, NO_ACCESS, GUARD };

static char *page;
static size_t page_size;

static void page_make(enum behind behind)
{
    SYSTEM_INFO info;
    DWORD old;

    GetSystemInfo(&info);
    page_size = info.dwPageSize;
    page = VirtualAlloc(NULL, 2 * page_size, MEM_RESERVE, PAGE_NOACCESS);
    assert_non_null(page);
    assert_non_null(VirtualAlloc(page, page_size, MEM_COMMIT, PAGE_READWRITE));
    if (behind == UNMAPPED)
        return;
    assert_non_null(VirtualAlloc(page + page_size, page_size, MEM_COMMIT, PAGE_READWRITE));
    memset(page + page_size, 'x', page_size);
    assert_true(VirtualProtect(page + page_size, page_size,
                               behind == GUARD ? PAGE_READWRITE | PAGE_GUARD : PAGE_NOACCESS,
                               &old));
}

static void page_free(void)
{
    assert_true(VirtualFree(page, 0, MEM_RELEASE));
}

/* Puts the bytes at the very end of the page. */
static void *at_the_end(const void *bytes, size_t length)
{
    return memcpy(page + page_size - length, bytes, length);
}

/* ---- like the runtime ---- */

static void integers(void **state)
{
    (void)state;
    LIKE(L"%d %i %u %o %x %X %#x %#o", -17, 42, 4000000000u, 8, 0xbeef, 0xbeef, 255, 8);
    LIKE(L"[%5d] [%-5d] [%05d] [%+d] [% d]", 17, 17, 17, 17, 17);
    LIKE(L"[%.3d] [%8.3d] [%-8.3d]", 17, 17, 17);
    LIKE(L"[%*d] [%-*d] [%*d] [%.*d] [%*.*d]", 6, 1, 6, 2, -6, 3, 3, 4, 7, 3, 5);
    LIKE(L"%ld %lu %lx %hd %hu", -2L, 4000000000ul, 0xfffffffful, 65537, 70000);
    LIKE(L"%I64d %I64u %I64x %I32d %I32u", -(1LL << 40), 1ULL << 63, ~0ULL, -5, 5);
    LIKE(L"%d %I64d %d", 1, 1LL << 50, 2);
    LIKE(L"%p", (void *)(uintptr_t)0xabc);
    LIKE(L"no conversion at all, 100%% sure");
    EXPECT(L"-1 255 -1 65535 -1", L"%hhd %hhu %hd %hu %lld", 255, 255, 65535, 65535, -1LL);
    EXPECT(L"-2 -2 -3", L"%zd %Id %jd", (intptr_t)-2, (intptr_t)-2, (intmax_t)-3);
    EXPECT(L"00000000deadbeef", L"%016I64x", 0xdeadbeefULL);
    EXPECT(sizeof(void *) == 8 ? L"ffffffffffffffff" : L"ffffffff", L"%Ix", (uintptr_t)-1);
}

static void reals(void **state)
{
    (void)state;
    LIKE(L"%f %e %E %g %G", 3.25, 1e10, 1e-10, 0.0001, 1e100);
    LIKE(L"[%10.2f] [%-10.2f] [%010.2f] [%+.0f] [%*.*f]", 1.5, 1.5, 1.5, 2.0, 9, 1, 2.25);
    LIKE(L"%d %f %d", 1, 2.5, 3);
    LIKE(L"%f", 1.7e308);
    EXPECT(L"2.50 2.5 7", L"%.2F %.1Lf %d", 2.5, 2.5, 7);
}

static void strings(void **state)
{
    (void)state;
    LIKE(L"%s %S %ls %hs %ws", L"wide", "narrow", L"wide", "narrow", L"wide");
    LIKE(L"%s %S %lS %hS", L"wide", "narrow", L"wide", "narrow");
    LIKE(L"[%8s] [%-8s] [%.2s] [%8.2s] [%-8.2s]", L"abc", L"abc", L"abc", L"abc", L"abc");
    LIKE(L"[%8S] [%-8S] [%.2S] [%.0S] [%.0s]", "abc", "abc", "abc", "abc", L"abc");
    LIKE(L"[%*s] [%.*s] [%*.*s] [%.*S]", 5, L"ab", 1, L"ab", -5, 1, L"ab", 1, "ab");
    LIKE(L"%c%C%lc%hc%wc [%3c] [%-3c]", L'a', 'b', L'c', 'd', L'e', L'f', L'g');
    LIKE(L"%s %S", (wchar_t *)NULL, (char *)NULL);
    LIKE(L"%s", L"");
    LIKE(L"\u20ac %s %c", L"caf\u00e9 \U0001f600", 0x20ac);
    EXPECT(L"abc", L"a%cb%Cc", 0, 0); /* a line has no zeros in it */
    EXPECT(L"[whole]", L"[%.*s]", -1, L"whole");
}

static void narrow_strings_are_ansi(void **state)
{
    const char *text = "\xe4\xf6\xfc!";
    wchar_t expected[16];

    (void)state;
    assert_in_range(MultiByteToWideChar(CP_ACP, 0, text, -1, expected, 16), 1, 16);
    EXPECT(expected, L"%S", text);
    EXPECT(expected, L"%hs", text);
}

static void counted_strings(void **state)
{
    static struct {
        USHORT length, size;
        void *buffer;
    } wide = {6, 8, (void *)(uintptr_t)L"abcdef"}, narrow = {4, 5, (void *)(uintptr_t)"uvwxyz"},
      empty = {0, 0, NULL}, bad = {6, 6, (void *)(uintptr_t)16};

    (void)state;
    EXPECT(L"abc uvwx", L"%wZ %Z", &wide, &narrow);
    EXPECT(L"abc uvwx 5", L"%lZ %hZ %d", &wide, &narrow, 5);
    EXPECT(L"[    ab] [(null)] (null)", L"[%6.2wZ] [%Z] %Z", &wide, &empty, NULL);
    EXPECT(L"(unreadable) (unreadable)", L"%wZ %Z", &bad, (void *)(uintptr_t)16);
}

/* ---- where the runtime would fall ---- */

static void narrow_string_for_a_wide_one(void **state)
{
    const enum behind kinds[] = {UNMAPPED, NO_ACCESS, GUARD};
    MEMORY_BASIC_INFORMATION region;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        page_make(kinds[i]);
        /* "boot.0" and its zero are seven bytes: three units, one byte left over. */
        EXPECT(L"file \u6f62\u746f\u302e!", L"file %s!", at_the_end("boot.0", 7));
        EXPECT(L"[\u6f62\u746f]", L"[%s]", at_the_end("boot", 5));
        EXPECT(L"[\u6f62]", L"[%.1s]", at_the_end("boot", 5));
        EXPECT(L"[(unreadable)]", L"[%s]", at_the_end("", 1));
        EXPECT(L"[boot]", L"[%S]", at_the_end("boot", 5));
        assert_in_range(VirtualQuery(page + page_size, &region, sizeof(region)), 1, sizeof(region));
        if (kinds[i] == GUARD)
            assert_true((region.Protect & PAGE_GUARD) != 0); /* nobody touched it */
        page_free();
    }
}

static void strings_without_an_end(void **state)
{
    (void)state;
    page_make(UNMAPPED);
    EXPECT(L"[ab] 7", L"[%s] %d", at_the_end(L"ab", 4), 7);
    EXPECT(L"[ab] 7", L"[%S] %d", at_the_end("ab", 2), 7);
    EXPECT(L"[ab] 7", L"[%.2s] %d", at_the_end(L"ab", 4), 7);
    EXPECT(L"[ab] 7", L"[%.2S] %d", at_the_end("ab", 2), 7);
    EXPECT(L"[   ab] 7", L"[%*.*s] %d", 5, 100, at_the_end(L"ab", 4), 7);
    EXPECT(L"[(unreadable)] [] 7", L"[%s] [%.0s] %d", page + page_size, page + page_size, 7);
    EXPECT(L"[(unreadable)] [] 7", L"[%S] [%.0S] %d", page + page_size, page + page_size, 7);
    page_free();
}

static void pointers_to_nowhere(void **state)
{
    const uintptr_t places[] = {1,
                                16,
                                0xffff,
                                UINTPTR_MAX,
                                UINTPTR_MAX - 1,
                                UINTPTR_MAX / 2 + 1,
                                (uintptr_t)0x8000000000000000ULL};

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        void *nowhere = (void *)places[i];
        if (nowhere == NULL)
            continue;
        EXPECT(L"(unreadable) (unreadable) (unreadable) 9", L"%s %S %Z %d", nowhere, nowhere,
               nowhere, 9);
        formatted(nowhere);
        assert_int_equal(buffer[0], L'\0');
    }
}

/* A number where a string is expected is the commonest mistake of all. */
static void numbers_for_strings(void **state)
{
    (void)state;
    EXPECT(L"error (unreadable) in (unreadable)", L"error %s in %S", (intptr_t)5, (intptr_t)42);
}

static void format_without_an_end(void **state)
{
    (void)state;
    page_make(UNMAPPED);
    EXPECT(L"ab 5", at_the_end(L"ab %d", 10), 5);
    EXPECT(L"ab %", at_the_end(L"ab %", 8), 5);
    EXPECT(L"ab %08l", at_the_end(L"ab %08l", 14), 5);
    EXPECT(L"ab %5.", at_the_end(L"ab %5.", 12), 5);
    EXPECT(L"\u6f62", at_the_end("bo!", 3));
    EXPECT(L"", (wchar_t *)(void *)(page + page_size));
    page_free();
    EXPECT(L"%", L"%");
    EXPECT(L"100%", L"100%");
}

static void percent_n_writes_nothing(void **state)
{
    int victim = 1234;
    long long wide_victim = 1234;

    (void)state;
    EXPECT(L"ab 7", L"a%nb %d", &victim, 7);
    EXPECT(L"ab 7", L"a%hnb %d", &victim, 7);
    EXPECT(L"ab 7", L"a%llnb %d", &wide_victim, 7);
    EXPECT(L"ab 7", L"a%*nb %d", 5, (void *)(uintptr_t)1, 7);
    assert_int_equal(victim, 1234);
    assert_int_equal(wide_victim, 1234);
}

static void unknown_conversions_are_shown(void **state)
{
    (void)state;
    EXPECT(L"%y 7", L"%y %d", 7);
    EXPECT(L"%-08.3ly %! 7", L"%-08.3ly %! %d", 7);
    EXPECT(L"%\u20ac%b 7", L"%\u20ac%b %d", 7);
    EXPECT(L"%h 7", L"%h %d", 7);
}

static void widths_without_measure(void **state)
{
    (void)state;
    assert_int_equal(wcslen(formatted(L"%1000000d", 7)), 255);
    assert_int_equal(wcslen(formatted(L"%99999999999999999999d", 7)), 255);
    assert_int_equal(wcslen(formatted(L"%.1000000d", 7)), 255);
    assert_int_equal(wcslen(formatted(L"%*d", INT_MAX, 7)), 255);
    assert_int_equal(wcslen(formatted(L"%*d", INT_MIN, 7)), 255);
    assert_int_equal(wcslen(formatted(L"%.*f", INT_MAX, 1.0)), 257);
    assert_int_equal(wcslen(formatted(L"%.*f", 300, 1.7e308)), 309 + 1 + 255);
    assert_int_equal(wcslen(formatted(L"%*s", INT_MAX, L"x")), UNITS - 1);
    assert_int_equal(buffer[UNITS - 2], L'x');
    assert_int_equal(wcslen(formatted(L"%*s", INT_MIN, L"x")), UNITS - 1);
    assert_int_equal(buffer[0], L'x');
    assert_int_equal(wcslen(formatted(L"%*c%s", INT_MAX, L'x', L"yyyy")), UNITS - 1);
    EXPECT(L"abc", L"%.*s", INT_MAX, L"abc");
    EXPECT(L"abc", L"%.*S", INT_MAX, "abc");
}

static void arguments_without_measure(void **state)
{
    wchar_t *wide = malloc((MANY + 1) * sizeof(*wide));
    char *narrow = malloc(MANY + 1);

    (void)state;
    assert_non_null(wide);
    assert_non_null(narrow);
    wmemset(wide, L'w', MANY);
    wide[MANY] = L'\0';
    memset(narrow, 'n', MANY);
    narrow[MANY] = '\0';
    assert_int_equal(wcslen(formatted(L"<%s> %d", wide, 7)), UNITS - 1);
    assert_int_equal(buffer[UNITS - 2], L'w');
    assert_int_equal(wcslen(formatted(L"<%S> %d", narrow, 7)), UNITS - 1);
    assert_int_equal(buffer[UNITS - 2], L'n');
    assert_int_equal(wcslen(formatted(L"%s%S%s", wide, narrow, wide)), UNITS - 1);
    assert_int_equal(wcslen(formatted(L"<%.10s|%.10S>", wide, narrow)), 23);
    assert_int_equal(wcslen(formatted(wide)), UNITS - 1); /* as the format itself */
    EXPECT(L"<ww|nn> 7", L"<%.2s|%.2S> %d", wide, narrow, 7);
    free(wide);
    free(narrow);
}

static void small_buffers(void **state)
{
    (void)state;
    for (size_t size = 1; size < 40; size++) {
        const wchar_t *whole = L"ab 00007    x nar wide";
        (void)formatted_short(size, L"ab %05d %4c %S %s", 7, L'x', "nar", L"wide");
        size_t length = size - 1 < wcslen(whole) ? size - 1 : wcslen(whole);
        assert_int_equal(wcslen(buffer), length);
        /* A field that is cut may have lost its padding, but not its place. */
        if (size <= 10 || size > 13)
            assert_memory_equal(buffer, whole, length * sizeof(wchar_t));
    }
    assert_int_equal(wcslen(formatted_short(1, L"%s%S%d%c%C%Z", L"a", "b", 3, 'c', 'd', NULL)), 0);
}

/* ---- more conversions than arguments ---- */

static DWORD WINAPI near_the_end_of_the_stack(void *format)
{
    formatted(format);
    return 0;
}

static void conversions_without_arguments(void **state)
{
    static const wchar_t *const units[] = {L"%d", L"%s", L"%S", L"%I64d",
                                           L"%Z", L"%n", L"%f", L"%.*s"};
    static wchar_t format[8 * 1000 + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        format[0] = L'\0';
        wchar_t *end = format;
        while (end - format + 8 < 8000)
            end = wcscpy(end, units[i]) + wcslen(units[i]);
        formatted(format);
        /* A new thread has little on its stack. */
        HANDLE thread = CreateThread(NULL, 0, near_the_end_of_the_stack, format, 0, NULL);
        assert_non_null(thread);
        assert_int_equal(WaitForSingleObject(thread, 30000), WAIT_OBJECT_0);
        CloseHandle(thread);
    }
}

int main(void)
{
    const struct CMUnitTest trace_formatting[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(reals),
        cmocka_unit_test(strings),
        cmocka_unit_test(narrow_strings_are_ansi),
        cmocka_unit_test(counted_strings),
        cmocka_unit_test(narrow_string_for_a_wide_one),
        cmocka_unit_test(strings_without_an_end),
        cmocka_unit_test(pointers_to_nowhere),
        cmocka_unit_test(numbers_for_strings),
        cmocka_unit_test(format_without_an_end),
        cmocka_unit_test(percent_n_writes_nothing),
        cmocka_unit_test(unknown_conversions_are_shown),
        cmocka_unit_test(widths_without_measure),
        cmocka_unit_test(arguments_without_measure),
        cmocka_unit_test(small_buffers),
        cmocka_unit_test(conversions_without_arguments),
    };

    return cmocka_run_group_tests(trace_formatting, NULL, NULL);
}
