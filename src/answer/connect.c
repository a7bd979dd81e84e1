#include "answer/answer.h"
#include "base/error_words.h"

ULONG answer_find_duid(HANDLE provider, LPCWSTR name, BYTE duid[VALUE_DUID_MAX])
{
    ULONG length = 0;
    DWORD error = PxeGetServerInfoEx(PXE_GSI_SERVER_DUID, duid, VALUE_DUID_MAX, &length);

    if (error == ERROR_SUCCESS)
        return length;
    PxeTrace(provider, PXE_TRACE_WARNING,
             L"%s: the server has no DUID, error %u%hs; clients are answered over IPv4 only", name,
             (unsigned)error, error_words(error));
    return 0;
}

static DWORD set_attribute(HANDLE provider, PXE_PROVIDER_ATTRIBUTE attribute, ULONG value)
{
    return PxeProviderSetAttribute(provider, attribute, &value, sizeof(value));
}

/*
 * Which packets to deliver. PXE_PROV_FILTER_PXE_ONLY would keep machines away that boot over HTTP,
 * so a provider asks for valid DHCP messages of all machines; answer_read looks at the class.
 */
static DWORD choose_packets(HANDLE provider, BOOL has_dhcp6)
{
    DWORD error = set_attribute(provider, PXE_PROV_ATTR_FILTER, PXE_PROV_FILTER_DHCP_ONLY);

    if (error != ERROR_SUCCESS || !has_dhcp6)
        return error;
    error = set_attribute(provider, PXE_PROV_ATTR_FILTER_IPV6, PXE_PROV_FILTER_DHCP_ONLY);
    if (error == ERROR_SUCCESS)
        error = set_attribute(provider, PXE_PROV_ATTR_IPV6_CAPABLE, TRUE);
    return error;
}

DWORD answer_connect(HANDLE provider, LPCWSTR name, BOOL has_dhcp6, PFN_WDSPXE_RECV_REQUEST receive,
                     PFN_WDSPXE_SHUTDOWN shut_down, PVOID context)
{
    DWORD error = choose_packets(provider, has_dhcp6);

    if (error == ERROR_SUCCESS)
        error = PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, (PVOID)shut_down, context);
    if (error == ERROR_SUCCESS)
        error = PxeRegisterCallback(provider, PXE_CALLBACK_RECV_REQUEST, (PVOID)receive, context);
    if (error != ERROR_SUCCESS)
        PxeTrace(provider, PXE_TRACE_ERROR, L"%s: the server refused the provider, error %u%hs",
                 name, (unsigned)error, error_words(error));
    return error;
}
