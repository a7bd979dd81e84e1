/* wdsbp.dll through its exports: what providers see. The bytes are tested in test_wdsbp_codec.c. */
#include "wdsbp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire.h"

/* The boot program's request: header, class, capture C (request id 17), and a path. */
static uint8_t request[] = {WIRE_HEADER, 60,   9,    WIRE_PXE_CLIENT,
                            0xfa,        0x15, 0x0c, 0x01,
                            0x01,        0x0d, 0x02, 0x08,
                            0x00,        0x01, 0x02, 0x00,
                            0x07,        0x0e, 0x01, 0x01,
                            0x05,        0x04, 0x00, 0x00,
                            0x00,        0x11, 0xff, 252,
                            2,           'b',  0,    WIRE_END};
static uint8_t request6[] = {1, 0, 0, 1, 0xc3, 0x51, 0, 1, 5, 0xc3, 0x54, 0, 4, 0, 0, 1, 2};

static const HANDLE untouched = (HANDLE)(uintptr_t)0x1234;

static HANDLE parse(void)
{
    HANDLE handle = NULL;
    BYTE types = 0;

    assert_int_equal(WdsBpParseInitialize(request, sizeof(request), &types, &handle), 0);
    assert_int_equal(types, WDSBP_PK_TYPE_DHCP | WDSBP_PK_TYPE_WDSNBP | WDSBP_PK_TYPE_BCD);
    assert_non_null(handle);
    return handle;
}

static HANDLE build(BYTE types)
{
    HANDLE handle = NULL;

    assert_int_equal(WdsBpInitialize(types, &handle), ERROR_SUCCESS);
    assert_non_null(handle);
    return handle;
}

/* The published sample provider's calls, step by step. */
static void test_sample_provider(void **state)
{
    static const BYTE expected[] = {0xfc, 0x0c, 'b', 'o', 'o', 't', '\\',
                                    'm',  'y',  '.', 'b', 'c', 'd', 0};
    char path[] = "boot\\my.bcd";
    BYTE buffer[sizeof(expected) + 1];
    HANDLE handle = build(WDSBP_PK_TYPE_BCD);
    ULONG length = 0;

    (void)state;
    assert_int_equal(WdsBpAddOption(handle, WDSBP_OPT_BCD_FILE_PATH, 11, path), ERROR_SUCCESS);
    memset(path, 'x', sizeof(path)); /* it was copied */
    assert_int_equal(WdsBpGetOptionBuffer(handle, 0, NULL, &length), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(length, 14);
    memset(buffer, 0xee, sizeof(buffer));
    assert_int_equal(WdsBpGetOptionBuffer(handle, length, buffer, &length), ERROR_SUCCESS);
    assert_int_equal(length, 14);
    assert_memory_equal(buffer, expected, sizeof(expected));
    assert_int_equal(buffer[14], 0xee);
    assert_int_equal(WdsBpCloseHandle(handle), ERROR_SUCCESS);
}

static void test_extend_after_reading(void **state)
{
    HANDLE handle = build(WDSBP_PK_TYPE_WDSNBP);
    BYTE action = WDSBP_OPTVAL_ACTION_REFERRAL;
    ULONG id = 17;
    BYTE buffer[32];
    ULONG length = 77;

    (void)state;
    assert_int_equal(WdsBpGetOptionBuffer(handle, 0, NULL, &length), ERROR_SUCCESS);
    assert_int_equal(length, 0);
    assert_int_equal(WdsBpAddOption(handle, WDSBP_OPT_NEXT_ACTION, 1, &action), ERROR_SUCCESS);
    assert_int_equal(WdsBpGetOptionBuffer(handle, sizeof(buffer), buffer, &length), ERROR_SUCCESS);
    assert_int_equal(length, 6);
    assert_int_equal(WdsBpAddOption(handle, WDSBP_OPT_REQUEST_ID, 4, &id), ERROR_SUCCESS);
    assert_int_equal(WdsBpGetOptionBuffer(handle, sizeof(buffer), buffer, &length), ERROR_SUCCESS);
    assert_int_equal(length, 12);
    assert_memory_equal(buffer, "\xfa\x0a\x02\x01\x03\x05\x04\x00\x00\x00\x11\xff", 12);
    assert_int_equal(WdsBpCloseHandle(handle), ERROR_SUCCESS);
}

static void test_query(void **state)
{
    HANDLE handle = parse();
    USHORT version = 0;
    ULONG id = 0;
    BYTE bytes[8];
    ULONG length = 77;

    (void)state;
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPT_NBP_VER, 0, NULL, &length),
                     ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(length, 2);
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPT_NBP_VER, 2, &version, &length), 0);
    assert_int_equal(version, WDSBP_OPTVAL_NBP_VER_8);
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPT_REQUEST_ID, 4, &id, NULL), 0);
    assert_int_equal(id, 17);
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPT_REQUEST_ID, 3, &id, NULL),
                     ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPT_REQUEST_ID, 0, NULL, NULL),
                     ERROR_INSUFFICIENT_BUFFER);
    memset(bytes, 0xee, sizeof(bytes));
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPT_BCD_FILE_PATH, 8, bytes, &length), 0);
    assert_int_equal(length, 2);
    assert_memory_equal(bytes, "b\0\xee", 3);
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPT_MESSAGE, 8, bytes, &length),
                     ERROR_FILE_NOT_FOUND);
    assert_int_equal(length, 0);
    length = 77;
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPT_NBP_VER, 2, NULL, &length),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPTV6_NBP_VER, 2, &version, &length),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(length, 77);
    assert_int_equal(WdsBpCloseHandle(handle), ERROR_SUCCESS);
}

/* The packet may be overwritten or freed after the call. */
static void test_packet_is_copied(void **state)
{
    uint8_t *packet = wire_copy(request, sizeof(request));
    HANDLE handle = NULL;
    USHORT arch = 0;

    (void)state;
    assert_int_equal(WdsBpParseInitialize(packet, sizeof(request), NULL, &handle), ERROR_SUCCESS);
    memset(packet, 0xee, sizeof(request));
    free(packet);
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPT_ARCHITECTURE, 2, &arch, NULL), 0);
    assert_int_equal(arch, 7);
    assert_int_equal(WdsBpCloseHandle(handle), ERROR_SUCCESS);
}

static void test_dhcpv6(void **state)
{
    HANDLE handle = NULL;
    BYTE types = 0;
    BYTE action = 0;
    ULONG id = 0;

    (void)state;
    assert_int_equal(WdsBpParseInitializev6(request6, sizeof(request6), &types, &handle), 0);
    assert_int_equal(types, WDSBP_PK_TYPE_DHCPV6 | WDSBP_PK_TYPE_WDSNBP);
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPTV6_NEXT_ACTION, 1, &action, NULL), 0);
    assert_int_equal(action, WDSBP_OPTVAL_ACTION_ABORT);
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPTV6_REQUEST_ID, 4, &id, NULL), 0);
    assert_int_equal(id, 258);
    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPT_REQUEST_ID, 4, &id, NULL),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsBpCloseHandle(handle), ERROR_SUCCESS);

    char path[300];
    BYTE buffer[305];
    ULONG length = 0;
    memset(path, 'p', sizeof(path));
    handle = build(WDSBP_PK_TYPE_DHCPV6);
    assert_int_equal(WdsBpAddOption(handle, WDSBP_OPTV6_BOOT_PROGRAM_TFTP_PATH, 300, path), 0);
    assert_int_equal(WdsBpGetOptionBuffer(handle, sizeof(buffer), buffer, &length), ERROR_SUCCESS);
    assert_int_equal(length, 305);
    assert_memory_equal(buffer, "\xc3\x61\x01\x2d", 4);
    assert_memory_equal(buffer + 4, path, 300);
    assert_int_equal(buffer[304], 0);
    assert_int_equal(WdsBpCloseHandle(handle), ERROR_SUCCESS);
}

/* Handles are closed by callers who look at nothing but NULL. */
static void test_failure_sets_outputs(void **state)
{
    static const BYTE bad[] = {0, 1, 3, 5, 7, 9, 10, 12, 14, 15, 16, 255};
    HANDLE handle = untouched;
    BYTE types = 77;

    (void)state;
    assert_int_equal(WdsBpParseInitialize(request, 239, &types, &handle), ERROR_INVALID_DATA);
    assert_null(handle);
    assert_int_equal(types, 0);
    handle = untouched;
    types = 77;
    assert_int_equal(WdsBpParseInitializev6(request6, 3, &types, &handle), ERROR_INVALID_DATA);
    assert_null(handle);
    assert_int_equal(types, 0);
    handle = untouched;
    types = 77;
    assert_int_equal(WdsBpParseInitialize(NULL, 300, &types, &handle), ERROR_INVALID_PARAMETER);
    assert_null(handle);
    assert_int_equal(types, 0);
    types = 77;
    assert_int_equal(WdsBpParseInitialize(request, sizeof(request), &types, NULL),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(types, 0);
    assert_int_equal(WdsBpParseInitializev6(NULL, 0, NULL, NULL), ERROR_INVALID_PARAMETER);
    for (size_t i = 0; i < sizeof(bad); i++) {
        handle = untouched;
        assert_int_equal(WdsBpInitialize(bad[i], &handle), ERROR_INVALID_PARAMETER);
        assert_null(handle);
    }
    assert_int_equal(WdsBpInitialize(WDSBP_PK_TYPE_BCD, NULL), ERROR_INVALID_PARAMETER);
}

static void test_add_and_get_refuse(void **state)
{
    HANDLE handle = build(WDSBP_PK_TYPE_BCD);
    char path[255];
    BYTE buffer[600];
    ULONG length = 77;

    (void)state;
    memset(path, 'p', sizeof(path));
    assert_int_equal(WdsBpAddOption(handle, WDSBP_OPT_NEXT_ACTION, 1, path),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsBpAddOption(handle, WDSBP_OPT_BCD_FILE_PATH, 3, NULL),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsBpAddOption(handle, WDSBP_OPT_BCD_FILE_PATH, 255, path),
                     ERROR_BUFFER_OVERFLOW);
    assert_int_equal(WdsBpAddOption(handle, WDSBP_OPT_BCD_FILE_PATH, 0xFFFFFFFFu, path),
                     ERROR_BUFFER_OVERFLOW);
    assert_int_equal(WdsBpGetOptionBuffer(handle, 0, NULL, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsBpGetOptionBuffer(handle, 5, NULL, &length), ERROR_INVALID_PARAMETER);
    assert_int_equal(length, 77);
    assert_int_equal(WdsBpAddOption(handle, WDSBP_OPT_BCD_FILE_PATH, 254, path), ERROR_SUCCESS);
    assert_int_equal(WdsBpGetOptionBuffer(handle, 256, buffer, &length), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(length, 257);
    assert_int_equal(WdsBpGetOptionBuffer(handle, 257, buffer, &length), ERROR_SUCCESS);
    assert_int_equal(buffer[1], 255);
    assert_int_equal(WdsBpCloseHandle(handle), ERROR_SUCCESS);
}

static void expect_dead(HANDLE handle)
{
    BYTE buffer[8] = {0};
    ULONG length = 77;

    assert_int_equal(WdsBpQueryOption(handle, WDSBP_OPT_NBP_VER, 8, buffer, &length),
                     ERROR_INVALID_HANDLE);
    assert_int_equal(WdsBpAddOption(handle, WDSBP_OPT_NEXT_ACTION, 1, buffer),
                     ERROR_INVALID_HANDLE);
    assert_int_equal(WdsBpGetOptionBuffer(handle, 8, buffer, &length), ERROR_INVALID_HANDLE);
    assert_int_equal(length, 77);
    assert_int_equal(WdsBpCloseHandle(handle), ERROR_INVALID_HANDLE);
}

static void test_handles(void **state)
{
    HANDLE packet = parse();
    HANDLE options = build(WDSBP_PK_TYPE_WDSNBP);
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    BYTE value = 1;
    ULONG length = 77;

    (void)state;
    assert_int_equal(WdsBpAddOption(packet, WDSBP_OPT_NEXT_ACTION, 1, &value),
                     ERROR_INVALID_HANDLE);
    assert_int_equal(WdsBpGetOptionBuffer(packet, 0, NULL, &length), ERROR_INVALID_HANDLE);
    assert_int_equal(WdsBpQueryOption(options, WDSBP_OPT_NEXT_ACTION, 1, &value, &length),
                     ERROR_INVALID_HANDLE);
    expect_dead(NULL);
    expect_dead(INVALID_HANDLE_VALUE);
    expect_dead(event);
    expect_dead(&packet);
    expect_dead((HANDLE)((uintptr_t)packet + 4));
    expect_dead((HANDLE)((uintptr_t)packet ^ 3));
    for (uintptr_t i = 1; i < 64; i++)
        expect_dead((HANDLE)i);
    assert_int_equal(WdsBpCloseHandle(packet), ERROR_SUCCESS);
    assert_int_equal(WdsBpCloseHandle(options), ERROR_SUCCESS);
    expect_dead(packet);
    expect_dead(options);
    assert_true(CloseHandle(event));
}

static volatile LONG thread_errors;

/* Its own handles, and one that all share. */
static DWORD WINAPI work(LPVOID argument)
{
    HANDLE shared = argument;

    for (ULONG i = 0; i < 2000; i++) {
        HANDLE own = NULL;
        ULONG value = 0;
        BYTE buffer[64];
        ULONG length = 0;
        BYTE types;
        DWORD wrong = 0;

        wrong |= WdsBpParseInitialize(request, sizeof(request), &types, &own);
        wrong |= WdsBpQueryOption(own, WDSBP_OPT_REQUEST_ID, 4, &value, NULL);
        wrong |= WdsBpCloseHandle(own);
        wrong |= value ^ 17;
        wrong |= WdsBpQueryOption(own, WDSBP_OPT_REQUEST_ID, 4, &value, NULL) ^
                 (DWORD)ERROR_INVALID_HANDLE;
        wrong |= WdsBpAddOption(shared, WDSBP_OPT_REQUEST_ID, 4, &i);
        wrong |= WdsBpGetOptionBuffer(shared, sizeof(buffer), buffer, &length);
        wrong |= length ^ 9;
        if (wrong != 0)
            InterlockedIncrement(&thread_errors);
    }
    return 0;
}

static void test_threads(void **state)
{
    HANDLE shared = build(WDSBP_PK_TYPE_WDSNBP);
    HANDLE threads[4];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        threads[i] = CreateThread(NULL, 0, work, shared, 0, NULL);
        assert_non_null(threads[i]);
    }
    assert_int_equal(WaitForMultipleObjects(4, threads, TRUE, 60000), WAIT_OBJECT_0);
    for (size_t i = 0; i < 4; i++)
        CloseHandle(threads[i]);
    assert_int_equal(thread_errors, 0);
    assert_int_equal(WdsBpCloseHandle(shared), ERROR_SUCCESS);
}

static void test_module(void **state)
{
    static const char *const names[] = {
        "WdsBpAddOption",       "WdsBpCloseHandle",       "WdsBpGetOptionBuffer", "WdsBpInitialize",
        "WdsBpParseInitialize", "WdsBpParseInitializev6", "WdsBpQueryOption",
    };
    HMODULE module = GetModuleHandleW(L"wdsbp.dll");

    (void)state;
    assert_non_null(module);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_ptr_not_equal(GetProcAddress(module, names[i]), NULL);
    assert_non_null(FindResourceW(module, MAKEINTRESOURCEW(1), (LPCWSTR)RT_VERSION));
}

/* The last error belongs to the caller. */
static void test_last_error_is_kept(void **state)
{
    HANDLE handle;

    (void)state;
    SetLastError(4711);
    handle = parse();
    WdsBpQueryOption(handle, WDSBP_OPT_MESSAGE, 0, NULL, NULL);
    WdsBpCloseHandle(handle);
    WdsBpCloseHandle(handle);
    WdsBpInitialize(0, &handle);
    assert_int_equal(GetLastError(), 4711);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sample_provider),
        cmocka_unit_test(test_extend_after_reading),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_packet_is_copied),
        cmocka_unit_test(test_dhcpv6),
        cmocka_unit_test(test_failure_sets_outputs),
        cmocka_unit_test(test_add_and_get_refuse),
        cmocka_unit_test(test_handles),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_module),
        cmocka_unit_test(test_last_error_is_kept),
    };

    return cmocka_run_group_tests_name("wdsbp", tests, NULL, NULL);
}
