#include <winsock2.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>

#include "server/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "os/stack.h"

#include "server/fault_dump.h"
#include "server/port_owner.h"
#include "config/setting.h"
#include "server/status_page.h"
#include "text/wide.h"

enum { STOP_TIMEOUT_MS = 8000 /* well before server/deadline.h ends the process */ };

/* The index of the interface that Windows calls so ("Ethernet", under Wine "eth0"); 0: none. */
static NET_IFINDEX interface_index(const char *alias)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(alias);
    NET_IFINDEX index = 0;
    NET_LUID luid;

    if (wide == NULL || ConvertInterfaceAliasToLuid(wide, &luid) != NO_ERROR ||
        ConvertInterfaceLuidToIndex(&luid, &index) != NO_ERROR)
        index = 0;
    return index;
}

/* An address as the server takes it: a scope may be the name of an interface. False: it is none. */
static bool put_interface(struct text *out, const char *given)
{
    const char *percent = strchr(given, '%');
    uint8_t bytes[16];
    uint32_t scope;

    text_clear(out);
    text_put(out, given);
    if (address_read(given, bytes, &scope) != 0 || percent == NULL)
        return address_read(given, bytes, &scope) != 0;
    text_shorten(out, (size_t)(percent + 1 - given));
    text_format(out, "%lu", interface_index(percent + 1));
    return address_read(text_chars(out), bytes, &scope) != 0;
}

static const struct choice networks[] = {
    {"auto", 0}, {"native", WDSPXE_EXT_NATIVE_ONLY}, {"winsock", WDSPXE_EXT_WINSOCK_ONLY}, {0}};

static const struct choice fault_policies[] = {{"auto", WDSPXE_EXT_FAULT_DEFAULT},
                                               {"stop", WDSPXE_EXT_FAULT_STOP},
                                               {"disable", WDSPXE_EXT_FAULT_DISABLE},
                                               {"continue", WDSPXE_EXT_FAULT_CONTINUE},
                                               {0}};

enum exit_code host_check(const struct arguments *arguments)
{
    const struct option_value *interfaces = option_values(arguments, "interface");
    const char *network = option_text(arguments, "network");
    const char *on_fault = option_text(arguments, "on-fault");
    SCOPED_TEXT address = TEXT_EMPTY;

    for (size_t i = 0; i < interfaces->times; i++) {
        bool is_good = put_interface(&address, interfaces->texts[i]);
        if (!is_good)
            return usage_error("--interface needs an IPv4 or IPv6 address, which may have "
                               "a scope (fe80::1%%2), not \"%s\"",
                               interfaces->texts[i]);
    }
    if (choice_find(networks, network) == NULL)
        return usage_error("--network is auto, native or winsock, not \"%s\"", network);
    if (choice_find(fault_policies, on_fault) == NULL)
        return usage_error("--on-fault is auto, stop, disable or continue, not \"%s\"", on_fault);
    return EXIT_CODE_OK;
}

/* As long as the process lives. */
static const LPCWSTR *wide_interfaces(const struct option_value *given)
{
    static LPCWSTR interfaces[ARGUMENT_REPEAT_MAX];
    SCOPED_TEXT address = TEXT_EMPTY;
    for (size_t i = 0; i < given->times; i++) {
        (void)put_interface(&address, given->texts[i]);
        interfaces[i] = wide_of(text_chars(&address));
    }
    return interfaces;
}

void host_fill(const struct arguments *arguments, WDSPXE_EXT_SERVER_CONFIG *out_config)
{
    const struct option_value *interfaces = option_values(arguments, "interface");
    const char *network = option_text(arguments, "network");
    const char *on_fault = option_text(arguments, "on-fault");
    memset(out_config, 0, sizeof(*out_config));
    out_config->uSizeOfStruct = sizeof(*out_config);
    out_config->uStopTimeout = STOP_TIMEOUT_MS;
    out_config->uDhcpPort = (USHORT)option_number(arguments, "port", 0);
    out_config->uBootServerPort = (USHORT)option_number(arguments, "boot-port", 0);
    out_config->cInterfaces = (ULONG)interfaces->times;
    if (out_config->cInterfaces > 0)
        out_config->ppszInterfaces = wide_interfaces(interfaces);
    out_config->uFlags = WDSPXE_EXT_EVENT_LOG | choice_find(networks, network)->value;
    if (option_given(arguments, "verify"))
        out_config->uFlags |= WDSPXE_EXT_VERIFY;
    out_config->uFaultPolicy = choice_find(fault_policies, on_fault)->value;
    fault_dump_prepare(option_text(arguments, "dump-dir"));
}

unsigned host_dhcp_port(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    SCOPED_SETTING setting = {0};
    DWORD use = 1;

    if (config->uDhcpPort != 0)
        return config->uDhcpPort;
    if (setting_read_named("UseDhcpPorts", &setting) == ERROR_SUCCESS)
        use = setting_number(&setting);
    return use != 0 ? PXE_DHCP_SERVER_PORT : 0;
}

unsigned host_boot_port(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    return config->uBootServerPort != 0 ? config->uBootServerPort : PXE_SERVER_PORT;
}

/* Of the server that runs; NULL: nobody but "wdspxectl status" hears its log. */
static WDSPXE_EXT_LOG_CALLBACK log_listener;

static VOID CALLBACK on_line(PXE_SEVERITY severity, LPCWSTR line, PVOID context)
{
    status_page_note(severity, line);
    if (log_listener != NULL)
        log_listener(severity, line, context);
}

DWORD host_start(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    WDSPXE_EXT_SERVER_CONFIG heard = *config;

    log_listener = config->pfnLog;
    heard.pfnLog = on_line;
    if (log_listener == NULL)
        heard.uFlags |= WDSPXE_EXT_LOG_WARNINGS;
    DWORD error = WdsPxeExtServerStart(&heard);
    if (error != ERROR_SUCCESS)
        return error;
    output_win32_warning(status_page_publish(), "\"wdspxectl status\" will not see this server");
    stack_trim();
    return ERROR_SUCCESS;
}

DWORD host_stop(void)
{
    DWORD error = WdsPxeExtServerStop();
    status_page_withdraw();
    return error;
}

void host_explain(DWORD error, const WDSPXE_EXT_SERVER_CONFIG *config)
{
    const unsigned ports[] = {host_dhcp_port(config), host_boot_port(config)};

    if (error != WSAEADDRINUSE && error != WSAEACCES)
        return;
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        SCOPED_TEXT owners = TEXT_EMPTY;
        if (ports[i] != 0 && port_owners(ports[i], &owners) > 0)
            output_error("UDP port %u is taken: %s", ports[i], text_chars(&owners));
    }
    if (error == WSAEADDRINUSE)
        output_error("beside a DHCP server on this machine: wdspxectl config set UseDhcpPorts 0; "
                     "on Linux `ss -lunp` as root names the program");
}
