/*
 * The packet helpers through the exports of the built DLL: calling convention, argument order and
 * result codes (API-1.4). What they do inside is tested natively, in tests/unit.
 */
#include "wdspxe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/pxe_clients.h"
#include "support/wire6.h"

static BYTE request[sizeof(bios_discover)];
static BYTE reply[512];

static int setup(void **state)
{
    (void)state;
    memcpy(request, bios_discover, sizeof(request));
    memset(reply, 0xa5, sizeof(reply));
    return 0;
}

/* ---- PxeDhcpInitialize ---- */

static void initialize_copies_and_clears(void **state)
{
    BYTE expected[300] = {0};
    ULONG length = 0;

    (void)state;
    memset(request + 3, 0x11, 1);   /* hops */
    memset(request + 8, 0x22, 20);  /* secs, flags, the four addresses */
    memset(request + 44, 0x33, 10); /* sname */
    assert_int_equal(PxeDhcpInitialize(request, sizeof(request), reply, 300, &length),
                     ERROR_SUCCESS);
    assert_int_equal(length, 240);
    memcpy(expected, request, 44);
    expected[0] = 2;
    expected[3] = 0;
    memset(expected + 10, 0, 2);
    memcpy(expected + 236, request + 236, 4);
    assert_memory_equal(reply, expected, sizeof(expected));
    assert_int_equal(reply[300], 0xa5);
}

static void initialize_in_place(void **state)
{
    BYTE id[4];
    ULONG length = 0;

    (void)state;
    memcpy(id, request + 4, 4);
    assert_int_equal(PxeDhcpInitialize(request, 300, request, sizeof(request), &length),
                     ERROR_SUCCESS);
    assert_int_equal(request[0], 2);
    assert_memory_equal(request + 4, id, 4);
    assert_int_equal(request[240], 0);
}

static void initialize_errors(void **state)
{
    ULONG length = 77;

    (void)state;
    assert_int_equal(PxeDhcpInitialize(NULL, 400, reply, 300, &length), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpInitialize(request, 400, NULL, 300, &length), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpInitialize(request, 400, reply, 300, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpInitialize(request, 239, reply, 300, &length), ERROR_INVALID_DATA);
    assert_int_equal(PxeDhcpInitialize(request, 400, reply, 239, &length),
                     ERROR_INSUFFICIENT_BUFFER);
    request[239]++;
    assert_int_equal(PxeDhcpInitialize(request, 400, reply, 300, &length), ERROR_INVALID_DATA);
    assert_int_equal(length, 77);
    assert_int_equal(reply[0], 0xa5);
    request[239]--;
    assert_int_equal(PxeDhcpInitialize(request, 240, reply, 240, &length), ERROR_SUCCESS);
}

/* ---- appending ---- */

static void append_writes_options(void **state)
{
    static BYTE value[] = {1, 2, 3}, raw[] = {67, 2, 'a', 'b', 255};
    static const BYTE expected[] = {9, 3, 1, 2, 3, 10, 0, 0, 67, 2, 'a', 'b', 255, 255};
    ULONG length = 240;

    (void)state;
    assert_int_equal(PxeDhcpAppendOption(reply, 300, &length, 9, 3, value), ERROR_SUCCESS);
    assert_int_equal(length, 245);
    assert_int_equal(PxeDhcpAppendOption(reply, 300, &length, 10, 0, NULL), ERROR_SUCCESS);
    assert_int_equal(PxeDhcpAppendOption(reply, 300, &length, 0, 3, value), ERROR_SUCCESS);
    assert_int_equal(length, 248);
    assert_int_equal(PxeDhcpAppendOptionRaw(reply, 300, &length, sizeof(raw), raw), ERROR_SUCCESS);
    assert_int_equal(PxeDhcpAppendOptionRaw(reply, 300, &length, 0, NULL), ERROR_SUCCESS);
    assert_int_equal(PxeDhcpAppendOption(reply, 300, &length, 255, 200, NULL), ERROR_SUCCESS);
    assert_int_equal(length, 240 + sizeof(expected));
    assert_memory_equal(reply + 240, expected, sizeof(expected));
    assert_int_equal(reply[length], 0xa5);
}

static void append_errors_change_nothing(void **state)
{
    static BYTE value[300];
    ULONG length = 240, low = 239, high = 301, nearly = 296;

    (void)state;
    assert_int_equal(PxeDhcpAppendOption(NULL, 300, &length, 9, 1, value), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpAppendOption(reply, 300, NULL, 9, 1, value), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpAppendOption(reply, 300, &length, 9, 1, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpAppendOption(reply, 300, &low, 9, 1, value), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpAppendOption(reply, 300, &high, 9, 1, value), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpAppendOption(reply, 300, &nearly, 9, 3, value),
                     ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(PxeDhcpAppendOptionRaw(NULL, 300, &length, 1, value), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpAppendOptionRaw(reply, 300, NULL, 1, value), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpAppendOptionRaw(reply, 300, &length, 1, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpAppendOptionRaw(reply, 300, &nearly, 5, value),
                     ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(PxeDhcpAppendOptionRaw(reply, 300, &low, 0, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(length, 240);
    assert_int_equal(nearly, 296);
    for (size_t i = 0; i < sizeof(reply); i++)
        assert_int_equal(reply[i], 0xa5);
    assert_int_equal(PxeDhcpAppendOption(reply, 300, &nearly, 9, 2, value), ERROR_SUCCESS);
    assert_int_equal(nearly, 300);
}

/* ---- PxeDhcpIsValid ---- */

static void is_valid_and_its_flag(void **state)
{
    BOOL is_pxe = 77;

    (void)state;
    assert_int_equal(PxeDhcpIsValid(request, sizeof(request), TRUE, &is_pxe), ERROR_SUCCESS);
    assert_int_equal(is_pxe, TRUE);
    assert_int_equal(PxeDhcpIsValid(request, sizeof(request), 17, NULL), ERROR_SUCCESS);
    assert_int_equal(PxeDhcpIsValid(request, sizeof(request), FALSE, &is_pxe), ERROR_INVALID_DATA);
    assert_int_equal(is_pxe, FALSE);
    request[258] = 'p'; /* "PXEClient" */
    is_pxe = 77;
    assert_int_equal(PxeDhcpIsValid(request, sizeof(request), TRUE, &is_pxe), ERROR_SUCCESS);
    assert_int_equal(is_pxe, FALSE);
    is_pxe = 77;
    assert_int_equal(PxeDhcpIsValid(NULL, 400, TRUE, &is_pxe), ERROR_INVALID_PARAMETER);
    assert_int_equal(is_pxe, FALSE);
    request[2] = 17;
    assert_int_equal(PxeDhcpIsValid(request, sizeof(request), TRUE, NULL), ERROR_INVALID_DATA);
}

/* ---- looking for options ---- */

/* Option 9 twice; option 43 twice, with sub-option 6 once in the first and twice in the second. */
/* clang-format off */
static const BYTE list[] = {53, 1, 1,  9, 2, 'a', 'b', 43, 3, 6,   1,   'x', 43, 8,  0,
                            6,  1, 'y', 6, 2, 'z', 'z', 9,  3, 'c', 'd', 'e', 11, 0, 255};
/* clang-format on */

/* The instance is the third argument of one, and the fourth of the other. */
static void instance_and_code_change_places(void **state)
{
    PVOID value = NULL;
    BYTE length = 0;

    (void)state;
    memcpy(request + 240, list, sizeof(list));
    assert_int_equal(PxeDhcpGetOptionValue(request, 400, 2, 9, &length, &value), ERROR_SUCCESS);
    assert_int_equal(length, 3);
    assert_memory_equal(value, "cde", 3);
    assert_int_equal(PxeDhcpGetOptionValue(request, 400, 9, 2, &length, &value),
                     ERROR_FILE_NOT_FOUND);
    assert_int_equal(PxeDhcpGetVendorOptionValue(request, 400, 6, 3, &length, &value),
                     ERROR_SUCCESS);
    assert_int_equal(length, 2);
    assert_memory_equal(value, "zz", 2);
    assert_int_equal(PxeDhcpGetVendorOptionValue(request, 400, 3, 6, &length, &value),
                     ERROR_FILE_NOT_FOUND);
}

static void found_values(void **state)
{
    PVOID value = NULL;
    BYTE length = 0;

    (void)state;
    memcpy(request + 240, list, sizeof(list));
    assert_int_equal(PxeDhcpGetOptionValue(request, 400, 1, 9, &length, &value), ERROR_SUCCESS);
    assert_ptr_equal(value, request + 245);
    assert_int_equal(length, 2);
    assert_int_equal(PxeDhcpGetOptionValue(request, 400, 1, 11, &length, &value), ERROR_SUCCESS);
    assert_int_equal(length, 0);
    assert_int_equal(PxeDhcpGetOptionValue(request, 400, 1, 9, NULL, NULL), ERROR_SUCCESS);
    assert_int_equal(PxeDhcpGetVendorOptionValue(request, 400, 6, 1, &length, &value),
                     ERROR_SUCCESS);
    assert_memory_equal(value, "x", 1);
    assert_int_equal(PxeDhcpGetVendorOptionValue(request, 400, 6, 2, NULL, &value), ERROR_SUCCESS);
    assert_memory_equal(value, "y", 1);
}

static void look_up_errors_write_nothing(void **state)
{
    PVOID value = &value;
    BYTE length = 77;

    (void)state;
    memcpy(request + 240, list, sizeof(list));
    assert_int_equal(PxeDhcpGetOptionValue(NULL, 400, 1, 9, &length, &value),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpGetOptionValue(request, 400, 0, 9, &length, &value),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpGetOptionValue(request, 239, 1, 9, &length, &value),
                     ERROR_INVALID_DATA);
    assert_int_equal(PxeDhcpGetOptionValue(request, 400, 3, 9, &length, &value),
                     ERROR_FILE_NOT_FOUND);
    assert_int_equal(PxeDhcpGetOptionValue(request, 400, 1, 0, &length, &value),
                     ERROR_FILE_NOT_FOUND);
    assert_int_equal(PxeDhcpGetOptionValue(request, 400, 1, 255, &length, &value),
                     ERROR_FILE_NOT_FOUND);
    assert_int_equal(PxeDhcpGetOptionValue(request, 246, 1, 9, &length, &value),
                     ERROR_FILE_NOT_FOUND); /* cut in its middle */
    assert_int_equal(PxeDhcpGetVendorOptionValue(NULL, 400, 6, 1, &length, &value),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpGetVendorOptionValue(request, 400, 6, 0, &length, &value),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpGetVendorOptionValue(request, 400, 6, 4, &length, &value),
                     ERROR_FILE_NOT_FOUND);
    memcpy(request, bios_discover, sizeof(request)); /* has no option 43 at all */
    assert_int_equal(PxeDhcpGetVendorOptionValue(request, 400, 6, 1, &length, &value),
                     ERROR_FILE_NOT_FOUND);
    assert_ptr_equal(value, &value);
    assert_int_equal(length, 77);
}

/* ---- DHCPv6 ---- */

static const BYTE solicit[] = {WIRE6_OVMF_SOLICIT};

static void v6_reply_is_begun_and_filled(void **state)
{
    static BYTE raw[] = {0, 7, 0, 1, 9};
    /* clang-format off */
    static const BYTE expected[] = {2,  0x7a, 0xaf, 0x44, 0, 59, 0, 3, 'u', 'r', 'l',
                                    0, 60,   0,    0,    0, 7,  0, 1, 9};
    /* clang-format on */
    static char url[] = "url";
    BYTE packet[sizeof(solicit)];
    ULONG length = 77;

    (void)state;
    memcpy(packet, solicit, sizeof(packet));
    assert_int_equal(PxeDhcpv6Initialize(packet, sizeof(packet), reply, 300, &length),
                     ERROR_SUCCESS);
    assert_int_equal(length, 4);
    assert_int_equal(PxeDhcpv6AppendOption(reply, 300, &length, 59, 3, url), ERROR_SUCCESS);
    assert_int_equal(PxeDhcpv6AppendOption(reply, 300, &length, 60, 0, NULL), ERROR_SUCCESS);
    assert_int_equal(PxeDhcpv6AppendOptionRaw(reply, 300, &length, sizeof(raw), raw),
                     ERROR_SUCCESS);
    assert_int_equal(length, sizeof(expected));
    assert_memory_equal(reply, expected, sizeof(expected));
    assert_int_equal(PxeDhcpv6AppendOption(reply, length + 6, &length, 59, 3, url),
                     ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(PxeDhcpv6AppendOption(reply, 300, &length, 59, 3, NULL),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpv6AppendOptionRaw(reply, 300, NULL, 1, raw), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpv6AppendOptionRaw(reply, 300, &length, 1, NULL),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(length, sizeof(expected));
    assert_int_equal(PxeDhcpv6IsValid(reply, length, FALSE, NULL), ERROR_SUCCESS);
    assert_int_equal(PxeDhcpv6Initialize(reply, length, packet, sizeof(packet), &length),
                     ERROR_INVALID_DATA); /* an ADVERTISE is no request */
    assert_int_equal(PxeDhcpv6Initialize(NULL, 4, reply, 300, &length), ERROR_INVALID_PARAMETER);
    memcpy(packet, solicit, sizeof(packet));
    assert_int_equal(PxeDhcpv6Initialize(packet, 4, reply, 3, &length), ERROR_INSUFFICIENT_BUFFER);
}

static void v6_is_valid_and_its_flag(void **state)
{
    BYTE packet[sizeof(solicit)];
    BOOL is_pxe = 77;

    (void)state;
    memcpy(packet, solicit, sizeof(packet));
    assert_int_equal(PxeDhcpv6IsValid(packet, sizeof(packet), TRUE, &is_pxe), ERROR_SUCCESS);
    assert_int_equal(is_pxe, TRUE);
    assert_int_equal(PxeDhcpv6IsValid(packet, sizeof(packet), FALSE, &is_pxe), ERROR_INVALID_DATA);
    assert_int_equal(is_pxe, FALSE);
    is_pxe = 77;
    assert_int_equal(PxeDhcpv6IsValid(packet, sizeof(packet) - 1, TRUE, &is_pxe),
                     ERROR_INVALID_DATA);
    assert_int_equal(is_pxe, FALSE);
    is_pxe = 77;
    assert_int_equal(PxeDhcpv6IsValid(packet, 4, TRUE, &is_pxe), ERROR_SUCCESS);
    assert_int_equal(is_pxe, FALSE);
    is_pxe = 77;
    assert_int_equal(PxeDhcpv6IsValid(NULL, 4, TRUE, &is_pxe), ERROR_INVALID_PARAMETER);
    assert_int_equal(is_pxe, FALSE);
}

/* As in DHCPv4: the instance stands before the code here, and behind it for vendor options. */
static void v6_options_are_found(void **state)
{
    /* clang-format off */
    BYTE packet[] = {WIRE6_HEADER(7), 0, 17, 0, 10, 0, 0, 1, 0x57, 0, 2, 0, 2, 'a', 'b', 0, 9, 0, 1,
                     'x',             0, 9,  0, 2,  'y', 'z'};
    /* clang-format on */
    PVOID value = NULL;
    WORD length = 0;

    (void)state;
    assert_int_equal(PxeDhcpv6GetOptionValue(packet, sizeof(packet), 2, 9, &length, &value),
                     ERROR_SUCCESS);
    assert_int_equal(length, 2);
    assert_ptr_equal(value, packet + sizeof(packet) - 2);
    assert_int_equal(PxeDhcpv6GetOptionValue(packet, sizeof(packet), 9, 2, &length, &value),
                     ERROR_FILE_NOT_FOUND);
    assert_int_equal(PxeDhcpv6GetVendorOptionValue(packet, sizeof(packet), 343, 2, 1, &length,
                                                   &value),
                     ERROR_SUCCESS);
    assert_memory_equal(value, "ab", 2);
    assert_int_equal(PxeDhcpv6GetVendorOptionValue(packet, sizeof(packet), 343, 1, 2, &length,
                                                   &value),
                     ERROR_FILE_NOT_FOUND);
    assert_int_equal(PxeDhcpv6GetVendorOptionValue(packet, sizeof(packet), 344, 2, 1, &length,
                                                   &value),
                     ERROR_FILE_NOT_FOUND);
    assert_int_equal(PxeDhcpv6GetOptionValue(packet, sizeof(packet), 0, 9, &length, &value),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpv6GetOptionValue(packet, 3, 1, 9, &length, &value), ERROR_INVALID_DATA);
    assert_int_equal(PxeDhcpv6GetOptionValue(packet, sizeof(packet), 1, 9, NULL, NULL),
                     ERROR_SUCCESS);
    assert_int_equal(PxeDhcpv6GetVendorOptionValue(NULL, sizeof(packet), 343, 2, 1, &length,
                                                   &value),
                     ERROR_INVALID_PARAMETER);
}

static void v6_relay_layers_there_and_back(void **state)
{
    /* Two layers; the inner one has an Interface-Id. */
    /* clang-format off */
    BYTE packet[] = {WIRE6_RELAY_HEADER(12, 1), 0, 9, 0, 48, WIRE6_RELAY_HEADER(12, 0), 0, 18, 0, 2,
                     'i', 'f', 0, 9, 0, 4, WIRE6_HEADER(1)};
    /* clang-format on */
    PXE_DHCPV6_NESTED_RELAY_MESSAGE layers[PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT];
    PBYTE inner = NULL;
    ULONG count = 0, inner_length = 0, length = 0;

    (void)state;
    assert_int_equal(PxeDhcpv6ParseRelayForw(packet, sizeof(packet), layers, 32, &count, &inner,
                                             &inner_length),
                     ERROR_SUCCESS);
    assert_int_equal(count, 2);
    assert_ptr_equal(layers[0].pRelayMessage, packet);
    assert_int_equal(layers[0].cbRelayMessage, sizeof(packet));
    assert_null(layers[0].pInterfaceIdOption);
    assert_ptr_equal(layers[1].pRelayMessage, packet + 38);
    assert_int_equal(layers[1].cbRelayMessage, 48);
    assert_memory_equal(layers[1].pInterfaceIdOption, "if", 2);
    assert_int_equal(layers[1].cbInterfaceIdOption, 2);
    assert_ptr_equal(inner, packet + sizeof(packet) - 4);
    assert_int_equal(inner_length, 4);
    assert_int_equal(PxeDhcpv6ParseRelayForw(packet, sizeof(packet), layers, 1, &count, &inner,
                                             &inner_length),
                     ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(PxeDhcpv6ParseRelayForw(NULL, 0, layers, 32, &count, &inner, &inner_length),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpv6ParseRelayForw(packet, sizeof(packet), layers, 32, &count, &inner,
                                             &inner_length),
                     ERROR_SUCCESS);
    assert_int_equal(PxeDhcpv6CreateRelayRepl(layers, 2, inner, 4, reply, 300, &length),
                     ERROR_SUCCESS);
    packet[0] = packet[38] = 13;
    assert_int_equal(length, sizeof(packet));
    assert_memory_equal(reply, packet, sizeof(packet));
    assert_int_equal(PxeDhcpv6CreateRelayRepl(layers, 2, inner, 4, reply, length - 1, &length),
                     ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(PxeDhcpv6CreateRelayRepl(layers, 0, inner, 4, reply, 300, &length),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeDhcpv6CreateRelayRepl(layers, 2, inner, 0, reply, 300, &length),
                     ERROR_INVALID_PARAMETER);
}

int main(void)
{
    const struct CMUnitTest dhcp_exports[] = {
        cmocka_unit_test_setup(initialize_copies_and_clears, setup),
        cmocka_unit_test_setup(initialize_in_place, setup),
        cmocka_unit_test_setup(initialize_errors, setup),
        cmocka_unit_test_setup(append_writes_options, setup),
        cmocka_unit_test_setup(append_errors_change_nothing, setup),
        cmocka_unit_test_setup(is_valid_and_its_flag, setup),
        cmocka_unit_test_setup(instance_and_code_change_places, setup),
        cmocka_unit_test_setup(found_values, setup),
        cmocka_unit_test_setup(look_up_errors_write_nothing, setup),
        cmocka_unit_test_setup(v6_reply_is_begun_and_filled, setup),
        cmocka_unit_test_setup(v6_is_valid_and_its_flag, setup),
        cmocka_unit_test_setup(v6_options_are_found, setup),
        cmocka_unit_test_setup(v6_relay_layers_there_and_back, setup),
    };

    return cmocka_run_group_tests(dhcp_exports, NULL, NULL);
}
