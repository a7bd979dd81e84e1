/*
 * The eight PxeDhcpv6* functions of the DLL, through its import library: argument order, NULL
 * pointers, result codes, outputs and widths. What the codec makes of packets is tested natively.
 */
#include "wdspxe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire6.h"

/* Not const: the published prototypes take PVOID. */
static BYTE solicit[] = {WIRE6_OVMF_SOLICIT};
static BYTE isc_reply[] = {WIRE6_ISC_REPLY};
static BYTE ip_solicit[] = {WIRE6_IP_SOLICIT};
static BYTE relayed[] = {WIRE6_RELAYED_SOLICIT};
/* clang-format off */
static BYTE two_levels[] = {WIRE6_RELAY_HEADER(12, 1), 0, 18, 0, 4, 'e', 't', 'h', '0',
                            0, 9, 0, 161, WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 115,
                            WIRE6_OVMF_SOLICIT, 0, 18, 0, 4, 'p', 'o', 'r', 't'};
/* clang-format on */

#define UNTOUCHED_LENGTH 0xa5a5u
#define UNTOUCHED_COUNT 0xa5a5a5a5u
static BYTE untouched;

/* ---- Initialize ---- */

static void test_initialize(void **state)
{
    BYTE reply[64];
    ULONG used = 0;

    (void)state;
    memset(reply, 0xee, sizeof(reply));
    assert_int_equal(PxeDhcpv6Initialize(solicit, sizeof(solicit), reply, sizeof(reply), &used), 0);
    assert_int_equal(used, 4);
    assert_int_equal(reply[0], 2);
    assert_memory_equal(reply + 1, solicit + 1, 3);
    assert_int_equal(reply[4], 0xee);

    assert_int_equal(PxeDhcpv6Initialize(relayed, sizeof(relayed), reply, sizeof(reply), &used), 0);
    assert_int_equal(used, 34);
    assert_int_equal(reply[0], 13);
    assert_memory_equal(reply + 1, relayed + 1, 33);
    assert_int_equal(reply[34], 0xee);
}

static void expect_initialize(PVOID request, ULONG length, PVOID reply, ULONG capacity,
                              DWORD status)
{
    BYTE before[8];
    ULONG used = UNTOUCHED_COUNT;

    if (reply != NULL)
        memcpy(before, reply, sizeof(before));
    assert_int_equal(PxeDhcpv6Initialize(request, length, reply, capacity, &used), status);
    assert_int_equal(used, UNTOUCHED_COUNT);
    if (reply != NULL)
        assert_memory_equal(reply, before, sizeof(before));
}

static void test_initialize_codes(void **state)
{
    BYTE reply[64] = {1, 2, 3, 4, 5, 6, 7, 8};

    (void)state;
    expect_initialize(NULL, sizeof(solicit), reply, sizeof(reply), ERROR_INVALID_PARAMETER);
    expect_initialize(solicit, sizeof(solicit), NULL, sizeof(reply), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpv6Initialize(solicit, sizeof(solicit), reply, sizeof(reply), NULL),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(reply[0], 1);
    expect_initialize(solicit, 3, reply, sizeof(reply), ERROR_INVALID_DATA);
    expect_initialize(solicit, 0, reply, sizeof(reply), ERROR_INVALID_DATA);
    expect_initialize(relayed, 33, reply, sizeof(reply), ERROR_INVALID_DATA);
    expect_initialize(isc_reply, sizeof(isc_reply), reply, sizeof(reply), ERROR_INVALID_DATA);
    expect_initialize(solicit, sizeof(solicit), reply, 3, ERROR_INSUFFICIENT_BUFFER);
    expect_initialize(relayed, sizeof(relayed), reply, 33, ERROR_INSUFFICIENT_BUFFER);
}

/* ---- append ---- */

static void test_append(void **state)
{
    /* clang-format off */
    static const BYTE expected[] = {7, 0x7b, 0xaf, 0x44, 0x12, 0x34, 0, 3, 'a', 'b', 'c',
                                    0, 14, 0, 0, 0, 8, 0, 2, 1, 2};
    /* clang-format on */
    BYTE reply[64] = {7, 0x7b, 0xaf, 0x44};
    BYTE raw[] = {0, 8, 0, 2, 1, 2};
    BYTE text[] = "abc";
    ULONG used = 4;

    (void)state;
    /* code before length, the length before the value: all in host order */
    assert_int_equal(PxeDhcpv6AppendOption(reply, sizeof(reply), &used, 0x1234, 3, text), 0);
    assert_int_equal(used, 11);
    assert_int_equal(PxeDhcpv6AppendOption(reply, sizeof(reply), &used, 14, 0, NULL), 0);
    assert_int_equal(used, 15);
    assert_int_equal(PxeDhcpv6AppendOptionRaw(reply, sizeof(reply), &used, sizeof(raw), raw), 0);
    assert_int_equal(PxeDhcpv6AppendOptionRaw(reply, sizeof(reply), &used, 0, NULL), 0);
    assert_int_equal(used, sizeof(expected));
    assert_memory_equal(reply, expected, sizeof(expected));
}

/* Both ways of appending five bytes fail with this code and change nothing. */
static void expect_append(PVOID reply, ULONG capacity, ULONG used, PVOID value, DWORD status)
{
    BYTE before[64];
    ULONG length = used;

    if (reply != NULL)
        memcpy(before, reply, sizeof(before));
    assert_int_equal(PxeDhcpv6AppendOption(reply, capacity, &length, 1, 1, value), status);
    assert_int_equal(PxeDhcpv6AppendOptionRaw(reply, capacity, &length, 5, value), status);
    assert_int_equal(length, used);
    if (reply != NULL)
        assert_memory_equal(reply, before, sizeof(before));
}

static void test_append_codes(void **state)
{
    BYTE reply[64] = {7};
    BYTE value[5] = "abcd";

    (void)state;
    expect_append(NULL, 64, 4, value, ERROR_INVALID_PARAMETER);
    expect_append(reply, 64, 4, NULL, ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpv6AppendOption(reply, 64, NULL, 1, 1, value), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpv6AppendOptionRaw(reply, 64, NULL, 1, value), ERROR_INVALID_PARAMETER);
    expect_append(reply, 64, 3, value, ERROR_INVALID_PARAMETER);
    expect_append(reply, 64, 65, value, ERROR_INVALID_PARAMETER);
    expect_append(reply, 64, 0xffffffff, value, ERROR_INVALID_PARAMETER);
    expect_append(reply, 64, 60, value, ERROR_INSUFFICIENT_BUFFER);
    expect_append(reply, 8, 4, value, ERROR_INSUFFICIENT_BUFFER);
    reply[0] = 13;
    expect_append(reply, 64, 33, value, ERROR_INVALID_PARAMETER);
    expect_append(reply, 34, 34, value, ERROR_INSUFFICIENT_BUFFER);
}

/* ---- IsValid ---- */

static void expect_valid(PVOID packet, ULONG length, BOOL is_request, DWORD status, BOOL is_pxe)
{
    BOOL flag = 2;

    assert_int_equal(PxeDhcpv6IsValid(packet, length, is_request, &flag), status);
    assert_int_equal(flag, is_pxe);
    assert_int_equal(PxeDhcpv6IsValid(packet, length, is_request, NULL), status);
}

static void test_is_valid(void **state)
{
    (void)state;
    expect_valid(solicit, sizeof(solicit), TRUE, ERROR_SUCCESS, TRUE);
    expect_valid(solicit, sizeof(solicit), 2, ERROR_SUCCESS, TRUE); /* any TRUE */
    expect_valid(solicit, sizeof(solicit), FALSE, ERROR_INVALID_DATA, FALSE);
    expect_valid(ip_solicit, sizeof(ip_solicit), TRUE, ERROR_SUCCESS, FALSE);
    expect_valid(relayed, sizeof(relayed), TRUE, ERROR_SUCCESS, TRUE);
    expect_valid(two_levels, sizeof(two_levels), TRUE, ERROR_SUCCESS, TRUE);
    expect_valid(isc_reply, sizeof(isc_reply), FALSE, ERROR_SUCCESS, FALSE);
    expect_valid(isc_reply, sizeof(isc_reply), TRUE, ERROR_INVALID_DATA, FALSE);
    expect_valid(solicit, sizeof(solicit) - 1, TRUE, ERROR_INVALID_DATA, FALSE);
    expect_valid(solicit, 0, TRUE, ERROR_INVALID_DATA, FALSE);
    expect_valid(NULL, sizeof(solicit), TRUE, ERROR_INVALID_PARAMETER, FALSE);
}

/* ---- getters ---- */

/* Instance 2 of code 3, and instance 3 of code 2: swapped arguments find the other one. */
/* clang-format off */
static BYTE trap[] = {WIRE6_HEADER(1), 0, 2, 0, 1, 'a', 0, 2, 0, 1, 'b', 0, 2, 0, 2, 'c', 'd',
                      0, 3, 0, 1, 'e', 0, 3, 0, 3, 'f', 'g', 'h'};
/* clang-format on */
/* clang-format off */
static BYTE vendor_trap[] = {WIRE6_HEADER(1), 0, 17, 0, 32, 0, 0, 1, 0x57,
                             0, 2, 0, 1, 'a', 0, 2, 0, 1, 'b', 0, 2, 0, 2, 'c', 'd',
                             0, 3, 0, 1, 'e', 0, 3, 0, 3, 'f', 'g', 'h'};
/* clang-format on */

static void test_get_takes_instance_then_option(void **state)
{
    PVOID value = NULL;
    WORD length = 0;

    (void)state;
    assert_int_equal(PxeDhcpv6GetOptionValue(trap, sizeof(trap), 2, 3, &length, &value), 0);
    assert_int_equal(length, 3);
    assert_ptr_equal(value, trap + sizeof(trap) - 3);
    assert_int_equal(PxeDhcpv6GetOptionValue(trap, sizeof(trap), 3, 2, &length, &value), 0);
    assert_int_equal(length, 2);
    assert_memory_equal(value, "cd", 2);
}

static void test_get_vendor_takes_option_then_instance(void **state)
{
    PVOID value = NULL;
    WORD length = 0;

    (void)state;
    assert_int_equal(PxeDhcpv6GetVendorOptionValue(vendor_trap, sizeof(vendor_trap), 343, 3, 2,
                                                   &length, &value),
                     0);
    assert_int_equal(length, 3);
    assert_ptr_equal(value, vendor_trap + sizeof(vendor_trap) - 3);
    assert_int_equal(PxeDhcpv6GetVendorOptionValue(vendor_trap, sizeof(vendor_trap), 343, 2, 3,
                                                   &length, &value),
                     0);
    assert_int_equal(length, 2);
    assert_memory_equal(value, "cd", 2);
}

/* The length is a WORD: what lies beside it stays as it is, and 300 is not cut to a byte. */
static void test_get_writes_a_word(void **state)
{
    static BYTE packet[4 + 4 + 300] = {WIRE6_HEADER(1), 0xab, 0xcd, 1, 44};
    WORD length[2] = {0, UNTOUCHED_LENGTH};
    PVOID value = NULL;

    (void)state;
    assert_int_equal(PxeDhcpv6GetOptionValue(packet, sizeof(packet), 1, 0xabcd, length, &value), 0);
    assert_int_equal(length[0], 300);
    assert_int_equal(length[1], UNTOUCHED_LENGTH);
    assert_ptr_equal(value, packet + 8);
}

static void expect_get(PVOID packet, ULONG size, ULONG instance, WORD option, DWORD status)
{
    PVOID value = &untouched;
    WORD length = UNTOUCHED_LENGTH;

    assert_int_equal(PxeDhcpv6GetOptionValue(packet, size, instance, option, &length, &value),
                     status);
    assert_int_equal(PxeDhcpv6GetVendorOptionValue(packet, size, 343, option, instance, &length,
                                                   &value),
                     status);
    assert_int_equal(length, UNTOUCHED_LENGTH);
    assert_ptr_equal(value, &untouched);
}

static void test_get_codes(void **state)
{
    (void)state;
    expect_get(trap, sizeof(trap), 1, 99, ERROR_FILE_NOT_FOUND);
    expect_get(trap, sizeof(trap), 0, 2, ERROR_INVALID_PARAMETER);
    expect_get(NULL, sizeof(trap), 1, 2, ERROR_INVALID_PARAMETER);
    expect_get(trap, 3, 1, 2, ERROR_INVALID_DATA);
    expect_get(relayed, 33, 1, 2, ERROR_INVALID_DATA);
    assert_int_equal(PxeDhcpv6GetOptionValue(trap, sizeof(trap), 1, 2, NULL, NULL), 0);
    assert_int_equal(PxeDhcpv6GetVendorOptionValue(vendor_trap, sizeof(vendor_trap), 343, 2, 1,
                                                   NULL, NULL),
                     0);
    assert_int_equal(PxeDhcpv6GetVendorOptionValue(vendor_trap, sizeof(vendor_trap), 0x57010000, 2,
                                                   1, NULL, NULL),
                     ERROR_FILE_NOT_FOUND);
}

/* ---- relays ---- */

static void test_parse(void **state)
{
    PXE_DHCPV6_NESTED_RELAY_MESSAGE layers[3];
    ULONG count = 0;
    PBYTE inner = NULL;
    ULONG inner_length = 0;

    (void)state;
    memset(layers, 0xcc, sizeof(layers));
    assert_int_equal(PxeDhcpv6ParseRelayForw(two_levels, sizeof(two_levels), layers, 2, &count,
                                             &inner, &inner_length),
                     ERROR_SUCCESS);
    assert_int_equal(count, 2);
    assert_ptr_equal(layers[0].pRelayMessage, two_levels);
    assert_int_equal(layers[0].cbRelayMessage, sizeof(two_levels));
    assert_ptr_equal(layers[0].pInterfaceIdOption, two_levels + 38);
    assert_int_equal(layers[0].cbInterfaceIdOption, 4);
    assert_int_equal(layers[0].pRelayMessage->HopCount, 1);
    assert_ptr_equal(layers[1].pRelayMessage, two_levels + 46);
    assert_int_equal(layers[1].cbRelayMessage, 161);
    assert_ptr_equal(layers[1].pInterfaceIdOption, two_levels + sizeof(two_levels) - 4);
    assert_int_equal(layers[1].cbInterfaceIdOption, 4);
    assert_int_equal(layers[2].cbRelayMessage, 0xcccccccc); /* behind the array */
    assert_ptr_equal(inner, two_levels + 84);
    assert_int_equal(inner_length, sizeof(solicit));
}

/* Every result but success: the outputs, apart from the array, stay as they were. */
static void expect_parse(PVOID packet, ULONG length, ULONG elements, DWORD status)
{
    PXE_DHCPV6_NESTED_RELAY_MESSAGE layers[PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT];
    ULONG count = UNTOUCHED_COUNT;
    PBYTE inner = &untouched;
    ULONG inner_length = UNTOUCHED_COUNT;

    assert_int_equal(PxeDhcpv6ParseRelayForw(packet, length, layers, elements, &count, &inner,
                                             &inner_length),
                     status);
    assert_int_equal(count, UNTOUCHED_COUNT);
    assert_ptr_equal(inner, &untouched);
    assert_int_equal(inner_length, UNTOUCHED_COUNT);
}

static void test_parse_codes(void **state)
{
    PXE_DHCPV6_NESTED_RELAY_MESSAGE layers[2];
    ULONG count = UNTOUCHED_COUNT;
    PBYTE inner = &untouched;
    ULONG length = UNTOUCHED_COUNT;

    (void)state;
    expect_parse(NULL, sizeof(two_levels), 32, ERROR_INVALID_PARAMETER);
    expect_parse(solicit, sizeof(solicit), 32, ERROR_INVALID_DATA);
    expect_parse(two_levels, sizeof(two_levels) - 1, 32, ERROR_INVALID_DATA);
    expect_parse(two_levels, 0, 32, ERROR_INVALID_DATA);
    expect_parse(two_levels, sizeof(two_levels), 1, ERROR_INSUFFICIENT_BUFFER);
    expect_parse(two_levels, sizeof(two_levels), 0, ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(PxeDhcpv6ParseRelayForw(two_levels, sizeof(two_levels), NULL, 2, &count,
                                             &inner, &length),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpv6ParseRelayForw(two_levels, sizeof(two_levels), layers, 2, NULL,
                                             &inner, &length),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpv6ParseRelayForw(two_levels, sizeof(two_levels), layers, 2, &count,
                                             NULL, &length),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpv6ParseRelayForw(two_levels, sizeof(two_levels), layers, 2, &count,
                                             &inner, NULL),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(count, UNTOUCHED_COUNT);
    assert_ptr_equal(inner, &untouched);
    assert_int_equal(length, UNTOUCHED_COUNT);
}

/* An array filled by hand, member by member, with anything in the padding between them. */
static void test_create_from_own_array(void **state)
{
    /* clang-format off */
    static const BYTE expected[] = {WIRE6_RELAY_HEADER(13, 1), 0, 18, 0, 2, 'i', 'd', 0, 9, 0, 44,
                                    WIRE6_RELAY_HEADER(13, 0), 0, 9, 0, 6, 7, 1, 2, 3, 4, 5};
    /* clang-format on */
    BYTE answer[] = {7, 1, 2, 3, 4, 5};
    BYTE id[] = {'i', 'd'};
    PXE_DHCPV6_NESTED_RELAY_MESSAGE layers[2];
    BYTE reply[sizeof(expected) + 1];
    ULONG used = 0;

    (void)state;
    memset(layers, 0xcc, sizeof(layers));
    layers[0].pRelayMessage = (PPXE_DHCPV6_RELAY_MESSAGE)(PVOID)two_levels;
    layers[0].cbRelayMessage = sizeof(two_levels);
    layers[0].pInterfaceIdOption = id;
    layers[0].cbInterfaceIdOption = sizeof(id);
    layers[1].pRelayMessage = (PPXE_DHCPV6_RELAY_MESSAGE)(PVOID)relayed;
    layers[1].cbRelayMessage = sizeof(relayed);
    layers[1].pInterfaceIdOption = NULL;
    layers[1].cbInterfaceIdOption = 0;
    memset(reply, 0xee, sizeof(reply));
    assert_int_equal(PxeDhcpv6CreateRelayRepl(layers, 2, answer, sizeof(answer), reply,
                                              sizeof(expected), &used),
                     ERROR_SUCCESS);
    assert_int_equal(used, sizeof(expected));
    assert_memory_equal(reply, expected, sizeof(expected));
    assert_int_equal(reply[sizeof(expected)], 0xee);
}

static void test_create_codes(void **state)
{
    PXE_DHCPV6_NESTED_RELAY_MESSAGE layers[2];
    static BYTE reply[70000];
    static BYTE large[65536];
    ULONG count = 0;
    PBYTE inner = NULL;
    ULONG length = 0;
    ULONG used = UNTOUCHED_COUNT;

    (void)state;
    assert_int_equal(PxeDhcpv6ParseRelayForw(two_levels, sizeof(two_levels), layers, 2, &count,
                                             &inner, &length),
                     ERROR_SUCCESS);
#define CREATE(array, elements, answer, answer_size, buffer, size, out)                            \
    PxeDhcpv6CreateRelayRepl(array, elements, answer, answer_size, buffer, size, out)
    assert_int_equal(CREATE(NULL, 2, inner, 10, reply, 500, &used), ERROR_INVALID_PARAMETER);
    assert_int_equal(CREATE(layers, 0, inner, 10, reply, 500, &used), ERROR_INVALID_PARAMETER);
    assert_int_equal(CREATE(layers, 2, NULL, 10, reply, 500, &used), ERROR_INVALID_PARAMETER);
    assert_int_equal(CREATE(layers, 2, inner, 0, reply, 500, &used), ERROR_INVALID_PARAMETER);
    assert_int_equal(CREATE(layers, 2, inner, 10, NULL, 500, &used), ERROR_INVALID_PARAMETER);
    assert_int_equal(CREATE(layers, 2, inner, 10, reply, 500, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(CREATE(layers, 1, large, 65536, reply, 70000, &used), ERROR_INVALID_PARAMETER);
    assert_int_equal(CREATE(layers, 2, inner, 10, reply, 10 + 2 * 38 + 2 * 8 - 1, &used),
                     ERROR_INSUFFICIENT_BUFFER);
    layers[1].pRelayMessage = NULL;
    assert_int_equal(CREATE(layers, 2, inner, 10, reply, 500, &used), ERROR_INVALID_PARAMETER);
    assert_int_equal(used, UNTOUCHED_COUNT);
    for (size_t i = 0; i < sizeof(reply); i++)
        assert_int_equal(reply[i], 0);
    assert_int_equal(CREATE(layers, 1, inner, 10, reply, 500, &used), ERROR_SUCCESS);
    assert_int_equal(used, 10 + 38 + 8);
#undef CREATE
}

/* What a provider does with a relayed request, from end to end. */
static void test_answer_a_relayed_request(void **state)
{
    PXE_DHCPV6_NESTED_RELAY_MESSAGE layers[PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT];
    BYTE url[] = "tftp://[fd77::2]/nbp-x64.efi";
    BYTE answer[200], reply[400];
    ULONG count, length, used, reply_length;
    PBYTE inner;
    PVOID value;
    WORD size;
    BOOL is_pxe = FALSE;

    (void)state;
    assert_int_equal(PxeDhcpv6IsValid(two_levels, sizeof(two_levels), TRUE, &is_pxe), 0);
    assert_true(is_pxe);
    assert_int_equal(PxeDhcpv6ParseRelayForw(two_levels, sizeof(two_levels), layers,
                                             PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT, &count, &inner,
                                             &length),
                     ERROR_SUCCESS);
    assert_int_equal(PxeDhcpv6Initialize(inner, length, answer, sizeof(answer), &used), 0);
    assert_int_equal(PxeDhcpv6GetOptionValue(inner, length, 1, 1, &size, &value), 0);
    assert_int_equal(PxeDhcpv6AppendOption(answer, sizeof(answer), &used, 1, size, value), 0);
    assert_int_equal(PxeDhcpv6AppendOption(answer, sizeof(answer), &used, 59, 28, url), 0);
    assert_int_equal(PxeDhcpv6CreateRelayRepl(layers, count, answer, used, reply, sizeof(reply),
                                              &reply_length),
                     ERROR_SUCCESS);
    assert_int_equal(reply_length, used + 2 * (38 + 8));
    assert_int_equal(PxeDhcpv6IsValid(reply, reply_length, FALSE, NULL), ERROR_SUCCESS);
    assert_int_equal(PxeDhcpv6GetOptionValue(reply, reply_length, 1, 18, &size, &value), 0);
    assert_int_equal(size, 4);
    assert_memory_equal(value, "eth0", 4);
    assert_memory_equal(reply + reply_length - used, answer, used);
    assert_int_equal(answer[0], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_initialize),
        cmocka_unit_test(test_initialize_codes),
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_append_codes),
        cmocka_unit_test(test_is_valid),
        cmocka_unit_test(test_get_takes_instance_then_option),
        cmocka_unit_test(test_get_vendor_takes_option_then_instance),
        cmocka_unit_test(test_get_writes_a_word),
        cmocka_unit_test(test_get_codes),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_codes),
        cmocka_unit_test(test_create_from_own_array),
        cmocka_unit_test(test_create_codes),
        cmocka_unit_test(test_answer_a_relayed_request),
    };

    return cmocka_run_group_tests_name("dhcp6 exports", tests, NULL, NULL);
}
