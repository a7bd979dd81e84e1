/*
 * The provider that the README shows, built as the README says, answers real clients. Started by
 * test_minimal_provider.sh, with the path of the DLL as its argument.
 */
#include "support/server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/pxe_clients.h"
#include "support/wdspxe_key.h"

static WCHAR dll_path[MAX_PATH];

static void add_minimal(void)
{
    assert_int_equal(PxeProviderRegister(L"minimal", dll_path, PXE_REG_INDEX_BOTTOM, TRUE, NULL),
                     ERROR_SUCCESS);
}

/* The boot server port, because its rules answer the port that the client asked from. */
static void assert_answered(const uint8_t *request, size_t request_length, uint8_t type)
{
    static const uint8_t options[] = {60,  9,   'P', 'X', 'E', 'C', 'l', 'i', 'e',
                                      'n', 't', 54,  4,   127, 0,   0,   1,   255};
    uint8_t reply[1024];

    rig_send(rig.boot_port, request, request_length);
    size_t length = rig_receive(reply, sizeof(reply));
    assert_int_equal(length, 240 + 3 + sizeof(options));
    assert_int_equal(reply[0], 2);
    assert_memory_equal(reply + 4, request + 4, 4);
    assert_memory_equal(reply + 20, "\x7f\0\0\1", 4);
    assert_string_equal((char *)reply + 108, "pxelinux.0");
    assert_int_equal(reply[240], 53);
    assert_int_equal(reply[242], type);
    assert_memory_equal(reply + 243, options, sizeof(options));
    assert_int_equal(PxeDhcpIsValid(reply, (ULONG)length, FALSE, NULL), ERROR_SUCCESS);
}

static void answers_offer_and_ack(void **state)
{
    (void)state;
    add_minimal();
    rig_start();
    assert_answered(bios_discover, sizeof(bios_discover), 2);
    assert_answered(ovmf_discover, sizeof(ovmf_discover), 2);
    assert_answered(bios_request_boot, sizeof(bios_request_boot), 5);
    assert_answered(ovmf_request_boot, sizeof(ovmf_request_boot), 5);
    assert_int_equal(rig_report(4).action, PXE_BA_NBP);
    assert_int_equal(rig_logged(PXE_TRACE_WARNING | PXE_TRACE_ERROR, L"minimal"), 0);
    rig_stop();
}

static void leaves_others_alone(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE], reply[1024];

    (void)state;
    add_minimal();
    rig_start();
    rig_discover(request, 1, 1);
    request[258] = 'p'; /* no "PXEClient" */
    rig_send(rig.boot_port, request, sizeof(request));
    assert_int_equal(rig_report(1).action, PXE_BA_REJECTED);
    assert_int_equal(rig_receive_on(rig.client, reply, sizeof(reply), 300), 0);
    rig_stop();
}

int main(int count, char **arguments)
{
    const struct CMUnitTest minimal_provider[] = {
        RIG_TEST(answers_offer_and_ack),
        RIG_TEST(leaves_others_alone),
    };

    if (count != 2 || MultiByteToWideChar(CP_ACP, 0, arguments[1], -1, dll_path, MAX_PATH) == 0)
        return 2;
    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(minimal_provider, rig_group_setup, rig_group_teardown);
}
