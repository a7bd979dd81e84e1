#include "support/provider_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/fake_pxe.h"
#include "support/temp_ini.h"

#define OPTION_END 255

const BYTE bench_address[4] = {10, 77, 0, 2};
const BYTE bench_address6[16] = {0xfd, 0x77, [15] = 2};
const BYTE bench_link_local[16] = {0xfe, 0x80, [15] = 2};

static HKEY key;
static WCHAR key_name[64];

HKEY bench_key(void)
{
    return key;
}

void bench_set_config_file(DWORD type, LPCWSTR text)
{
    DWORD size = (DWORD)((wcslen(text) + 1) * sizeof(*text));

    assert_int_equal(RegSetValueExW(key, L"ConfigFile", 0, type, (const BYTE *)text, size), 0);
}

void bench_start(const char *config)
{
    DWORD error;

    bench_set_config_file(REG_SZ, temp_ini_text(config));
    error = PxeProviderInitialize(fake_provider(), key);
    if (error != ERROR_SUCCESS)
        print_error("%S", fake_pxe.trace);
    assert_int_equal(error, ERROR_SUCCESS);
    assert_non_null(fake_pxe.receive);
    assert_non_null(fake_pxe.shutdown);
}

void bench_stop(void)
{
    assert_int_equal(fake_pxe.shutdown(fake_pxe.shutdown_context), ERROR_SUCCESS);
    fake_pxe.shutdown = NULL;
}

static PXE_BOOT_ACTION deliver(const void *packet, ULONG length, PXE_ADDRESS *local)
{
    PXE_ADDRESS remote = {.uFlags = PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT};
    PXE_BOOT_ACTION action = 0;
    BYTE *copy = malloc(length);

    assert_non_null(copy);
    memcpy(copy, packet, length);
    local->uFlags = PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT;
    remote.uAddrLen = local->uAddrLen;
    fake_pxe.replies = 0;
    fake_pxe.reply_length = 0;
    fake_pxe.trace[0] = L'\0';
    fake_pxe.severities = 0;
    assert_int_equal(fake_pxe.receive(fake_request(), copy, length, local, &remote, &action,
                                      fake_pxe.receive_context),
                     ERROR_SUCCESS);
    assert_memory_equal(copy, packet, length);
    assert_int_equal(fake_pxe.open_packets, 0);
    free(copy);
    return action;
}

PXE_BOOT_ACTION bench_deliver_from(const void *packet, ULONG length, USHORT port, ULONG addr_len)
{
    PXE_ADDRESS local = {.uAddrLen = addr_len, .uPort = port};

    memcpy(local.bAddress, bench_address, sizeof(bench_address));
    return deliver(packet, length, &local);
}

PXE_BOOT_ACTION bench_deliver6(const void *packet, ULONG length, USHORT port,
                               const BYTE address[16])
{
    PXE_ADDRESS local = {.uAddrLen = 16, .uPort = port};

    memcpy(local.bAddress, address, sizeof(local.bAddress));
    return deliver(packet, length, &local);
}

PXE_BOOT_ACTION bench_deliver(const void *packet, ULONG length, USHORT port)
{
    return bench_deliver_from(packet, length, port, 4);
}

int bench_setup(void **state)
{
    (void)state;
    fake_pxe_reset();
    wsprintfW(key_name, L"Software\\wdspxe-test-%u", (unsigned)GetCurrentProcessId());
    return RegCreateKeyExW(HKEY_CURRENT_USER, key_name, 0, NULL, REG_OPTION_VOLATILE,
                           KEY_ALL_ACCESS, NULL, &key, NULL) == ERROR_SUCCESS
               ? 0
               : -1;
}

int bench_teardown(void **state)
{
    (void)state;
    if (fake_pxe.shutdown != NULL)
        fake_pxe.shutdown(fake_pxe.shutdown_context);
    temp_ini_remove();
    RegCloseKey(key);
    RegDeleteKeyW(HKEY_CURRENT_USER, key_name);
    fake_pxe_reset();
    return 0;
}

struct packet packet_copy(const BYTE *bytes, size_t length)
{
    struct packet packet = {.length = (ULONG)length};

    memcpy(packet.bytes, bytes, length);
    return packet;
}

BYTE *packet_find(struct packet *packet, BYTE code)
{
    PVOID value;
    BYTE length;

    assert_int_equal(PxeDhcpGetOptionValue(packet->bytes, packet->length, 1, code, &length, &value),
                     0);
    return value;
}

void packet_cut(struct packet *packet, BYTE code)
{
    BYTE *start = packet_find(packet, code) - 2;
    ULONG size = 2 + (ULONG)start[1];
    ULONG behind = packet->length - (ULONG)(start - packet->bytes) - size;

    memmove(start, start + size, behind);
    packet->length -= size;
}

/* Puts an option in place of END. */
void packet_add(struct packet *packet, BYTE code, const void *value, BYTE length)
{
    --packet->length;
    assert_int_equal(packet->bytes[packet->length], OPTION_END);
    packet->bytes[packet->length++] = code;
    packet->bytes[packet->length++] = length;
    memcpy(packet->bytes + packet->length, value, length);
    packet->length += length;
    packet->bytes[packet->length++] = OPTION_END;
}

PXE_BOOT_ACTION bench_deliver_packet(const struct packet *packet, USHORT port)
{
    return bench_deliver(packet->bytes, packet->length, port);
}

void packet6_add(struct packet *packet, BYTE code, const void *value, size_t length)
{
    assert_true(sizeof(packet->bytes) - packet->length >= 4 + length);
    packet->bytes[packet->length++] = 0;
    packet->bytes[packet->length++] = code;
    packet->bytes[packet->length++] = (BYTE)(length >> 8);
    packet->bytes[packet->length++] = (BYTE)length;
    if (length > 0)
        memcpy(packet->bytes + packet->length, value, length);
    packet->length += (ULONG)length;
}

PXE_BOOT_ACTION bench_deliver6_packet(const struct packet *packet, USHORT port)
{
    return bench_deliver6(packet->bytes, packet->length, port, bench_address6);
}
