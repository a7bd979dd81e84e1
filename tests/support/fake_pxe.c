#include "support/fake_pxe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

struct fake_pxe fake_pxe;

const BYTE fake_duid[FAKE_DUID_SIZE] = {0,    1,    0,    1,    0x32, 0x95, 0xdb,
                                        0x6c, 0x02, 0x42, 0xac, 0x11, 0x00, 0x02};

static int provider_object;
static int request_object;

HANDLE fake_provider(void)
{
    return &provider_object;
}

HANDLE fake_request(void)
{
    return &request_object;
}

void fake_pxe_reset(void)
{
    for (int i = 0; i < FAKE_PACKETS_MAX; ++i)
        free(fake_pxe.packets[i].bytes);
    memset(&fake_pxe, 0, sizeof(fake_pxe));
}

static struct fake_packet *find_packet(const void *bytes)
{
    for (int i = 0; i < FAKE_PACKETS_MAX; ++i) {
        if (fake_pxe.packets[i].bytes == bytes)
            return &fake_pxe.packets[i];
    }
    return NULL;
}

DWORD PXEAPI PxeRegisterCallback(HANDLE hProvider, PXE_CALLBACK_TYPE CallbackType,
                                 PVOID pCallbackFunction, PVOID pContext)
{
    assert_ptr_equal(hProvider, fake_provider());
    assert_non_null(pCallbackFunction);
    if (fake_pxe.fail_register != ERROR_SUCCESS)
        return fake_pxe.fail_register;
    if (CallbackType == PXE_CALLBACK_RECV_REQUEST) {
        fake_pxe.receive = (PFN_WDSPXE_RECV_REQUEST)pCallbackFunction;
        fake_pxe.receive_context = pContext;
    } else if (CallbackType == PXE_CALLBACK_SHUTDOWN) {
        fake_pxe.shutdown = (PFN_WDSPXE_SHUTDOWN)pCallbackFunction;
        fake_pxe.shutdown_context = pContext;
    } else {
        return ERROR_INVALID_PARAMETER;
    }
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderSetAttribute(HANDLE hProvider, PXE_PROVIDER_ATTRIBUTE Attribute,
                                     PVOID pParameterBuffer, ULONG uParamLen)
{
    assert_ptr_equal(hProvider, fake_provider());
    if (fake_pxe.fail_attribute != ERROR_SUCCESS)
        return fake_pxe.fail_attribute;
    assert_int_equal(uParamLen, sizeof(ULONG));
    if (Attribute == PXE_PROV_ATTR_FILTER) {
        memcpy(&fake_pxe.filter, pParameterBuffer, sizeof(fake_pxe.filter));
    } else if (Attribute == PXE_PROV_ATTR_FILTER_IPV6) {
        memcpy(&fake_pxe.filter_ipv6, pParameterBuffer, sizeof(fake_pxe.filter_ipv6));
    } else {
        assert_int_equal(Attribute, PXE_PROV_ATTR_IPV6_CAPABLE);
        memcpy(&fake_pxe.ipv6_capable, pParameterBuffer, sizeof(fake_pxe.ipv6_capable));
    }
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeGetServerInfoEx(PXE_GSI_TYPE uInfoType, PVOID pBuffer, ULONG uBufferLen,
                                PULONG puBufferUsed)
{
    assert_int_equal(uInfoType, PXE_GSI_SERVER_DUID);
    assert_in_range(uBufferLen, 130, 1024);
    if (fake_pxe.fail_duid != ERROR_SUCCESS)
        return fake_pxe.fail_duid;
    memcpy(pBuffer, fake_duid, sizeof(fake_duid));
    *puBufferUsed = sizeof(fake_duid);
    return ERROR_SUCCESS;
}

/* The content is not zero, as nothing promises that it is. */
PVOID PXEAPI PxePacketAllocate(HANDLE hProvider, HANDLE hClientRequest, ULONG uSize)
{
    struct fake_packet *packet = find_packet(NULL);

    assert_ptr_equal(hProvider, fake_provider());
    assert_ptr_equal(hClientRequest, fake_request());
    assert_non_null(packet);
    if (fake_pxe.fail_allocate != ERROR_SUCCESS) {
        SetLastError(fake_pxe.fail_allocate);
        return NULL;
    }
    packet->bytes = malloc(uSize);
    assert_non_null(packet->bytes);
    memset(packet->bytes, 0xa5, uSize);
    packet->size = uSize;
    ++fake_pxe.open_packets;
    return packet->bytes;
}

DWORD PXEAPI PxePacketFree(HANDLE hProvider, HANDLE hClientRequest, PVOID pPacket)
{
    struct fake_packet *packet = find_packet(pPacket);

    assert_ptr_equal(hProvider, fake_provider());
    assert_ptr_equal(hClientRequest, fake_request());
    assert_non_null(pPacket);
    assert_non_null(packet);
    free(packet->bytes);
    packet->bytes = NULL;
    --fake_pxe.open_packets;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeSendReply(HANDLE hClientRequest, PVOID pPacket, ULONG uPacketLen,
                          PXE_ADDRESS *pAddress)
{
    const struct fake_packet *packet = find_packet(pPacket);

    assert_ptr_equal(hClientRequest, fake_request());
    assert_non_null(pPacket);
    assert_non_null(packet);
    assert_in_range(uPacketLen, 1, packet->size);
    assert_in_range(uPacketLen, 1, FAKE_REPLY_MAX);
    assert_non_null(pAddress);
    if (fake_pxe.fail_send != ERROR_SUCCESS)
        return fake_pxe.fail_send;
    memcpy(fake_pxe.reply, pPacket, uPacketLen);
    fake_pxe.reply_length = uPacketLen;
    fake_pxe.destination = *pAddress;
    ++fake_pxe.replies;
    return ERROR_SUCCESS;
}

/* The runtime's own formatter reads the format as Windows does: %s is wide, %S is narrow. */
DWORD __cdecl PxeTrace(HANDLE hProvider, PXE_SEVERITY Severity, LPCWSTR pszFormat, ...)
{
    size_t used = wcslen(fake_pxe.trace);
    va_list parameters;
    int count;

    assert_ptr_equal(hProvider, fake_provider());
    assert_in_range(used, 0, FAKE_TRACE_CHARS - 2);
    va_start(parameters, pszFormat);
    count = _vsnwprintf(fake_pxe.trace + used, FAKE_TRACE_CHARS - 2 - used, pszFormat, parameters);
    va_end(parameters);
    assert_in_range(count, 1, FAKE_TRACE_CHARS);
    wcscpy(fake_pxe.trace + used + (size_t)count, L"\n");
    fake_pxe.severities |= Severity;
    return ERROR_SUCCESS;
}
