#include "arguments/calls.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "arguments/wild.h"
#include "wdsbp.h"
#include "wdspxe_ext.h"

struct open_things open_things;
void (*calls_before_close)(void);

/* The original's entry point, which no header declares. */
DWORD PXEAPI WdsProviderInitialize(PVOID pHost);

/* ---- packets ---- */

enum { MESSAGE_SIZE = 320 };

/* A DISCOVER of a PXE client with options of a boot program. */
static const uint8_t *message4(void)
{
    static const uint8_t options[] = {0x63, 0x82, 0x53, 0x63, 53,  1,   1,   60, 9,   'P', 'X', 'E',
                                      'C',  'l',  'i',  'e',  'n', 't', 250, 10, 1,   2,   0,   6,
                                      13,   2,    8,    0,    255, 0,   252, 4,  'b', 'c', 'd', 0,
                                      43,   4,    71,   2,    0,   1,   93,  2,  0,   0,   255};
    static uint8_t message[MESSAGE_SIZE];

    memset(message, 0, sizeof(message));
    message[0] = 1;
    message[1] = 1;
    message[2] = 6;
    message[28] = 2;
    memcpy(message + 236, options, sizeof(options));
    if (wild_chance(4))
        message[236 + wild_number(MESSAGE_SIZE - 236)] = (uint8_t)wild_number(256);
    return message;
}

/* A SOLICIT with options of a boot program. */
static const uint8_t SOLICIT[] = {
    1,   0,   0,    1,    0, 16, 0, 15, 0,  0, 1,  55, 0, 9, 'P',  'X',  'E',  'C', 'l', 'i', 'e',
    'n', 't', 0xc3, 0x51, 0, 1,  5, 0,  17, 0, 10, 0,  0, 1, 0x37, 0xc3, 0x51, 0,   2,   1,   2};

enum { RELAY_SIZE = 38, RELAYED_SIZE = RELAY_SIZE + sizeof(SOLICIT) };

/* It, relayed once or not at all. */
static const uint8_t *message6(size_t *out_size)
{
    static uint8_t message[RELAYED_SIZE];

    memset(message, 0, sizeof(message));
    message[0] = 12;
    message[35] = 9;
    message[37] = sizeof(SOLICIT);
    memcpy(message + RELAY_SIZE, SOLICIT, sizeof(SOLICIT));
    if (wild_chance(4))
        message[wild_number(sizeof(message))] = (uint8_t)wild_number(256);
    *out_size = wild_chance(2) ? sizeof(message) : sizeof(SOLICIT);
    return message + (sizeof(message) - *out_size);
}

static WORD a_code6(void)
{
    static const WORD codes[] = {9, 16, 17, 50001};

    return wild_chance(4) ? (WORD)wild_number(65536) : codes[wild_number(4)];
}

/* ---- handles ---- */

static HANDLE handle_near(HANDLE handle)
{
    static const int offsets[] = {-8, -4, -2, -1, 1, 2, 4, 8};

    return (HANDLE)((intptr_t)handle + offsets[wild_number(8)]);
}

/* A handle that this is for; a closed one, one of another kind, one that is off, or none. */
static HANDLE handle_of(HANDLE good)
{
    switch (wild_number(12)) {
    case 0:
        return NULL;
    case 1:
        return INVALID_HANDLE_VALUE;
    case 2:
        return open_things.stale;
    case 3:
        return handle_near(good);
    case 4:
        return wild_chance(2) ? open_things.builds[0] : open_things.enumerations[0];
    case 5:
        return wild_chance(2) ? open_things.provider : open_things.request;
    case 6:
        return sound(0, NULL, 64);
    default:
        return good;
    }
}

static HANDLE any_of(const HANDLE things[OPEN_MAX])
{
    return handle_of(things[wild_number(OPEN_MAX)]);
}

/* Keeps a new one in a place; what was there is closed. */
static void keep(HANDLE things[OPEN_MAX], HANDLE opened, DWORD(PXEAPI *close)(HANDLE handle))
{
    const uint32_t place = wild_number(OPEN_MAX);

    if (things[place] != NULL)
        (void)close(things[place]);
    things[place] = opened;
}

static DWORD PXEAPI bp_close(HANDLE handle)
{
    calls_before_close();
    return WdsBpCloseHandle(handle);
}

static DWORD forget(HANDLE things[OPEN_MAX], HANDLE closed, DWORD status)
{
    for (size_t i = 0; status == ERROR_SUCCESS && i < OPEN_MAX; i++)
        if (things[i] == closed)
            things[i] = NULL;
    if (status == ERROR_SUCCESS)
        open_things.stale = closed;
    return status;
}

/* ---- DHCPv4 and DHCPv6 ---- */

static DWORD make_dhcp_initialize(void)
{
    ULONG size = wild_length(MESSAGE_SIZE);

    return PxeDhcpInitialize(wild_in(0, message4(), MESSAGE_SIZE), size, wild_out(1, MESSAGE_SIZE),
                             wild_length(MESSAGE_SIZE), wild_out(2, sizeof(ULONG)));
}

/* Lengths that are used as an offset stay where nothing is behind the packet. What is nowhere has
 * this thread's stack behind it. */
static ULONG used_length(const void *packet, size_t size)
{
    if (wild_is_nowhere(packet))
        return (ULONG)wild_number(WILD_NOWHERE_BEHIND);
    return wild_chance(4) ? (ULONG)wild_number(WILD_BEHIND / 2) : (ULONG)size;
}

static DWORD make_dhcp_append(void)
{
    uint8_t *packet = wild_in(0, NULL, MESSAGE_SIZE);
    ULONG used = used_length(packet, 250);
    BYTE length = (BYTE)wild_length(40);

    return PxeDhcpAppendOption(packet, WILD_BEHIND / 2, wild_in(1, &used, sizeof(used)),
                               (BYTE)wild_number(256), length, wild_in(2, NULL, length));
}

static DWORD make_dhcp_append_raw(void)
{
    uint8_t *packet = wild_in(0, NULL, MESSAGE_SIZE);
    ULONG used = used_length(packet, 250);
    USHORT length = (USHORT)wild_length(40);

    return PxeDhcpAppendOptionRaw(packet, WILD_BEHIND / 2, wild_in(1, &used, sizeof(used)), length,
                                  wild_in(2, NULL, length));
}

static DWORD make_dhcp_is_valid(void)
{
    return PxeDhcpIsValid(wild_in(0, message4(), MESSAGE_SIZE), wild_length(MESSAGE_SIZE),
                          (BOOL)wild_number(3), wild_out(1, sizeof(BOOL)));
}

static BYTE a_code(void)
{
    static const BYTE codes[] = {53, 60, 250, 252, 43, 93, 71};

    return wild_chance(4) ? (BYTE)wild_number(256) : codes[wild_number(7)];
}

static DWORD make_dhcp_get(void)
{
    return PxeDhcpGetOptionValue(wild_in(0, message4(), MESSAGE_SIZE), wild_length(MESSAGE_SIZE),
                                 wild_number(3), (BYTE)wild_number(256), wild_out(1, sizeof(BYTE)),
                                 wild_out(2, sizeof(PVOID)));
}

static DWORD make_dhcp_get_vendor(void)
{
    return PxeDhcpGetVendorOptionValue(wild_in(0, message4(), MESSAGE_SIZE),
                                       wild_length(MESSAGE_SIZE), a_code(), wild_number(3),
                                       wild_out(1, sizeof(BYTE)), wild_out(2, sizeof(PVOID)));
}

static DWORD make_dhcp6_initialize(void)
{
    size_t size;
    const uint8_t *message = message6(&size);

    return PxeDhcpv6Initialize(wild_in(0, message, size), wild_length(size),
                               wild_out(1, MESSAGE_SIZE), wild_length(MESSAGE_SIZE),
                               wild_out(2, sizeof(ULONG)));
}

static DWORD make_dhcp6_append(void)
{
    uint8_t *packet = wild_in(0, NULL, MESSAGE_SIZE);
    ULONG used = used_length(packet, 38);
    WORD length = (WORD)wild_length(40);

    return PxeDhcpv6AppendOption(packet, WILD_BEHIND / 2, wild_in(1, &used, sizeof(used)),
                                 (WORD)wild_number(65536), length, wild_in(2, NULL, length));
}

static DWORD make_dhcp6_append_raw(void)
{
    uint8_t *packet = wild_in(0, NULL, MESSAGE_SIZE);
    ULONG used = used_length(packet, 38);
    USHORT length = (USHORT)wild_length(40);

    return PxeDhcpv6AppendOptionRaw(packet, WILD_BEHIND / 2, wild_in(1, &used, sizeof(used)),
                                    length, wild_in(2, NULL, length));
}

static DWORD make_dhcp6_is_valid(void)
{
    size_t size;
    const uint8_t *message = message6(&size);

    return PxeDhcpv6IsValid(wild_in(0, message, size), wild_length(size), (BOOL)wild_number(3),
                            wild_out(1, sizeof(BOOL)));
}

static DWORD make_dhcp6_get(void)
{
    size_t size;
    const uint8_t *message = message6(&size);

    return PxeDhcpv6GetOptionValue(wild_in(0, message, size), wild_length(size), wild_number(3),
                                   a_code6(), wild_out(1, sizeof(WORD)),
                                   wild_out(2, sizeof(PVOID)));
}

static DWORD make_dhcp6_get_vendor(void)
{
    size_t size;
    const uint8_t *message = message6(&size);

    return PxeDhcpv6GetVendorOptionValue(wild_in(0, message, size), wild_length(size), 311,
                                         a_code6(), wild_number(3), wild_out(1, sizeof(WORD)),
                                         wild_out(2, sizeof(PVOID)));
}

static DWORD make_dhcp6_parse_relay(void)
{
    const size_t layers = 32 * sizeof(PXE_DHCPV6_NESTED_RELAY_MESSAGE);
    size_t size;
    const uint8_t *message = message6(&size);

    return PxeDhcpv6ParseRelayForw(wild_in(0, message, size), wild_length(size),
                                   wild_out(1, layers), wild_number(33), wild_out(2, sizeof(ULONG)),
                                   wild_out(3, sizeof(PBYTE)), wild_out(4, sizeof(ULONG)));
}

static DWORD make_dhcp6_create_relay(void)
{
    PXE_DHCPV6_NESTED_RELAY_MESSAGE layers[3];
    size_t size;
    const uint8_t *message = message6(&size);

    for (size_t i = 0; i < 3; i++)
        layers[i] = (PXE_DHCPV6_NESTED_RELAY_MESSAGE){wild_in(3, message, size), wild_length(size),
                                                      wild_in(4, NULL, 8), (WORD)wild_length(8)};
    return PxeDhcpv6CreateRelayRepl(wild_in(0, layers, sizeof(layers)), wild_number(5),
                                    wild_in(1, message, size), wild_length(size), wild_out(2, 1024),
                                    wild_length(1024), sound(4, NULL, 4));
}

/* ---- the provider list ---- */

static const WCHAR *a_name(void)
{
    static WCHAR longer[40000];
    static const size_t lengths[] = {255, 256, 300, 32766, 32767, 39000};

    switch (wild_number(10)) {
    case 0:
        return L"";
    case 1:
        return L"fuzz\\below";
    case 2:
        for (size_t i = 0; i < 39999; i++)
            longer[i] = L'x';
        longer[lengths[wild_number(6)]] = L'\0';
        return longer;
    case 3:
        return L"fuzz-other name";
    default:
        return wild_chance(2) ? L"fuzz-a" : L"FUZZ-b";
    }
}

static DWORD make_register(void)
{
    HKEY *key = wild_out(2, sizeof(*key));
    const WCHAR *name = wild_text(0, a_name()),
                *path = wild_text(1, wild_chance(8) ? a_name() : L"C:\\fuzz.dll");
    DWORD status = PxeProviderRegister(name, path, wild_number(3), TRUE, key);

    if (status == ERROR_SUCCESS && key != NULL) {
        HKEY opened;
        memcpy(&opened, key, sizeof(opened));
        RegCloseKey(opened);
    }
    return status;
}

static DWORD make_unregister(void)
{
    return PxeProviderUnRegister(wild_text(0, a_name()));
}

static DWORD make_query_index(void)
{
    return PxeProviderQueryIndex(wild_text(0, a_name()), wild_out(1, sizeof(ULONG)));
}

static DWORD make_move(void)
{
    return WdsPxeExtProviderMove(wild_text(0, a_name()), wild_number(3));
}

static DWORD make_enum_first(void)
{
    HANDLE *out = wild_out(0, sizeof(*out)), opened;
    DWORD status = PxeProviderEnumFirst(out);

    if (status == ERROR_SUCCESS) {
        memcpy(&opened, out, sizeof(opened));
        keep(open_things.enumerations, opened, PxeProviderEnumClose);
    }
    return status;
}

static DWORD PXEAPI info_free(HANDLE info)
{
    return PxeProviderFreeInfo((PPXE_PROVIDER)info);
}

static DWORD make_enum_next(void)
{
    PPXE_PROVIDER *out = wild_out(1, sizeof(*out)), info;
    DWORD status = PxeProviderEnumNext(any_of(open_things.enumerations), out);

    if (status == ERROR_SUCCESS) {
        memcpy(&info, out, sizeof(info));
        keep(open_things.infos, info, info_free);
    }
    return status;
}

static DWORD make_enum_close(void)
{
    HANDLE handle = any_of(open_things.enumerations);

    return forget(open_things.enumerations, handle, PxeProviderEnumClose(handle));
}

static DWORD make_free_info(void)
{
    void *info = wild_chance(2) ? wild_in(0, NULL, sizeof(PXE_PROVIDER))
                                : open_things.infos[wild_number(OPEN_MAX)];
    DWORD status = PxeProviderFreeInfo(info);

    for (size_t i = 0; status == ERROR_SUCCESS && i < OPEN_MAX; i++)
        if (open_things.infos[i] == info)
            open_things.infos[i] = NULL;
    return status;
}

/* ---- server and provider ---- */

static PXE_GSI_TYPE a_type(void)
{
    static const PXE_GSI_TYPE types[] = {PXE_GSI_TRACE_ENABLED, PXE_GSI_SERVER_DUID};

    return wild_chance(8) ? (PXE_GSI_TYPE)wild_number(10) : types[wild_number(2)];
}

static DWORD make_info(void)
{
    return PxeGetServerInfo(a_type(), wild_out(0, 130), wild_length(130));
}

static DWORD make_info_ex(void)
{
    return PxeGetServerInfoEx(a_type(), wild_out(0, 130), wild_length(130),
                              wild_out(1, sizeof(ULONG)));
}

static DWORD make_attribute(void)
{
    ULONG value = wild_number(4), all = 0;
    DWORD status =
        PxeProviderSetAttribute(handle_of(open_things.provider), wild_number(4),
                                wild_in(1, &value, sizeof(value)), wild_length(sizeof(value)));

    /* The filter keeps what follows away from nobody. */
    if (status == ERROR_SUCCESS && open_things.provider != NULL) {
        (void)PxeProviderSetAttribute(open_things.provider, PXE_PROV_ATTR_FILTER, &all, 4);
        (void)PxeProviderSetAttribute(open_things.provider, PXE_PROV_ATTR_FILTER_IPV6, &all, 4);
    }
    return status;
}

static DWORD make_callback(void)
{
    return PxeRegisterCallback(handle_of(open_things.provider), wild_number(5),
                               wild_in(0, NULL, 64), wild_in(1, NULL, 64));
}

static DWORD make_allocate(void)
{
    void *packet = PxePacketAllocate(handle_of(open_things.provider),
                                     handle_of(open_things.request), wild_length(300));

    if (packet != NULL)
        open_things.packets[wild_number(OPEN_MAX)] = packet;
    return packet != NULL ? ERROR_SUCCESS : GetLastError();
}

static void *a_packet(void)
{
    return wild_chance(4) ? wild_in(0, NULL, 300) : open_things.packets[wild_number(OPEN_MAX)];
}

static DWORD make_free(void)
{
    return PxePacketFree(handle_of(open_things.provider), handle_of(open_things.request),
                         a_packet());
}

static DWORD make_send(void)
{
    PXE_ADDRESS address = {
        .uFlags = wild_number(16), .uAddrLen = wild_chance(4) ? 16 : 4, .uPort = 68};

    return PxeSendReply(handle_of(open_things.request), a_packet(), wild_length(300),
                        wild_in(1, &address, sizeof(address)));
}

static DWORD make_done(void)
{
    return PxeAsyncRecvDone(handle_of(open_things.request), wild_number(6));
}

static DWORD make_trace(void)
{
    static const WCHAR *const formats[] = {L"plain", L"%s %S", L"%d %p", L"%*.*s", L"%wZ", L"%n%s"};

    return PxeTrace(handle_of(open_things.provider), (PXE_SEVERITY)wild_length(0x80000),
                    wild_text(0, formats[wild_number(6)]), wild_text(1, L"text"),
                    wild_in(2, "narrow", 7), wild_in(3, NULL, 16));
}

static DWORD trace_list(const WCHAR *format, ...)
{
    va_list list;

    va_start(list, format);
    DWORD status = PxeTraceV(handle_of(open_things.provider), PXE_TRACE_ERROR, format, list);
    va_end(list);
    return status;
}

static DWORD make_trace_v(void)
{
    return trace_list(wild_text(0, L"%s %S %d"), wild_text(1, L"text"), wild_in(2, "narrow", 7), 1);
}

static DWORD make_host(void)
{
    return WdsProviderInitialize(wild_in(0, NULL, 64));
}

/* ---- ours: server ---- */

static DWORD CALLBACK host_reply(const WDSPXE_EXT_REPLY *reply, PVOID context)
{
    (void)reply;
    (void)context;
    return ERROR_SUCCESS;
}

static VOID CALLBACK host_log(PXE_SEVERITY severity, LPCWSTR text, PVOID context)
{
    (void)severity;
    (void)text;
    (void)context;
}

static WDSPXE_EXT_SERVER_CONFIG config_of(const WDSPXE_EXT_PROVIDER *providers, USHORT flags)
{
    return (WDSPXE_EXT_SERVER_CONFIG){
        .uSizeOfStruct = sizeof(WDSPXE_EXT_SERVER_CONFIG),
        .uFlags = WDSPXE_EXT_NO_NETWORK | flags,
        .uFaultPolicy = WDSPXE_EXT_FAULT_CONTINUE,
        .cProviders = 1,
        .pProviders = providers,
        .pfnReply = host_reply,
        .pfnLog = host_log,
    };
}

DWORD calls_start_server(USHORT flags)
{
    const WDSPXE_EXT_PROVIDER provider = {L"hosted", open_things.provider_path, TRUE, NULL};
    const WDSPXE_EXT_SERVER_CONFIG config = config_of(&provider, flags);

    return WdsPxeExtServerStart(&config);
}

/* In a callback the handles that it has are worth more than a restart: it would be refused. */
static DWORD make_start(void)
{
    WDSPXE_EXT_PROVIDER provider = {wild_text(0, L"hosted"), wild_text(1, L"C:\\nowhere.dll"), TRUE,
                                    NULL};
    const LPCWSTR address = wild_text(3, L"127.0.0.1");
    WDSPXE_EXT_SERVER_CONFIG config = config_of(wild_in(2, &provider, sizeof(provider)), 0);

    config.cProviders = wild_chance(4) ? wild_length(1) : 1;
    if (wild_chance(4)) {
        config.cInterfaces = wild_number(3);
        config.ppszInterfaces = wild_in(4, &address, sizeof(address));
    }
    return WdsPxeExtServerStart(wild_chance(8) ? wild_in(4, &config, sizeof(config)) : &config);
}

static WDSPXE_EXT_DATAGRAM datagram_of(const void *packet, ULONG length)
{
    return (WDSPXE_EXT_DATAGRAM){
        .uSizeOfStruct = sizeof(WDSPXE_EXT_DATAGRAM),
        .uPacketLen = length,
        .pPacket = packet,
        .Local = {.uAddrLen = 4, .bAddress = {10, 0, 0, 1}, .uPort = 67},
        .Remote = {.uAddrLen = 4, .bAddress = {10, 0, 0, 9}, .uPort = 68},
    };
}

DWORD calls_receive(void)
{
    static uint8_t packet[MESSAGE_SIZE];

    memcpy(packet, message4(), MESSAGE_SIZE);
    const WDSPXE_EXT_DATAGRAM datagram = datagram_of(packet, MESSAGE_SIZE);
    return WdsPxeExtServerReceive(&datagram);
}

static DWORD make_receive(void)
{
    static const size_t sizes[] = {MESSAGE_SIZE, 0, 2048, 2049, 65535};
    const size_t size = sizes[wild_number(5)];
    void *packet = wild_in(0, size == MESSAGE_SIZE ? message4() : NULL, size);
    WDSPXE_EXT_DATAGRAM datagram = datagram_of(packet, wild_length(size));

    return WdsPxeExtServerReceive(wild_in(1, &datagram, sizeof(datagram)));
}

static DWORD make_control(void)
{
    DWORD status = WdsPxeExtServerControl(wild_number(256));

    (void)WdsPxeExtServerControl(SERVICE_CONTROL_CONTINUE);
    return status;
}

static DWORD make_stop(void)
{
    /* Outside a callback it would end what the others are tried on. */
    return open_things.request != NULL ? WdsPxeExtServerStop() : ERROR_INVALID_STATE;
}

static DWORD make_wait(void)
{
    return WdsPxeExtServerWaitIdle(open_things.request != NULL ? 0 : wild_number(2));
}

static DWORD make_counters(void)
{
    WDSPXE_EXT_COUNTERS counters = {.uSizeOfStruct = wild_length(sizeof(counters))};

    return WdsPxeExtServerGetCounters(wild_in(0, &counters, sizeof(counters)));
}

static DWORD make_status(void)
{
    static WDSPXE_EXT_STATUS status;

    status.uSizeOfStruct = wild_length(sizeof(status));
    return WdsPxeExtServerGetStatus(wild_in(0, &status, sizeof(status)));
}

/* ---- ours: settings ---- */

static const WCHAR *a_setting(void)
{
    static const WCHAR *const names[] = {L"BindPolicy",         L"ResponseDelays",  L"BannedGuids",
                                         L"LoadBalanceBuckets", L"no such setting", L""};

    return wild_text(0, names[wild_number(6)]);
}

static DWORD make_describe(void)
{
    WDSPXE_EXT_SETTING setting = {.uSizeOfStruct = wild_length(sizeof(setting))};

    return WdsPxeExtSettingDescribe(wild_number(30), wild_in(0, &setting, sizeof(setting)));
}

static size_t a_size(void)
{
    static const size_t sizes[] = {0, 4, 7, 100, 3000, 100000};

    return sizes[wild_number(6)];
}

static const DWORD ONE = 1; /* a value that BindPolicy may have */

static DWORD make_check(void)
{
    const size_t size = a_size();

    if (wild_chance(3))
        return WdsPxeExtSettingCheck(wild_text(0, L"BindPolicy"), REG_DWORD,
                                     wild_in(1, &ONE, sizeof(ONE)), sizeof(ONE), wild_out(2, 640),
                                     320);
    return WdsPxeExtSettingCheck(a_setting(), wild_number(9), wild_in(1, NULL, size),
                                 wild_length(size), wild_out(2, 640), wild_length(320));
}

static DWORD make_read(void)
{
    const size_t size = a_size();
    ULONG room = wild_length(size);

    if (wild_chance(3)) {
        room = sizeof(ONE);
        return WdsPxeExtSettingRead(wild_text(0, L"BindPolicy"), wild_out(1, sizeof(DWORD)),
                                    wild_out(2, room), wild_in(3, &room, sizeof(room)));
    }

    return WdsPxeExtSettingRead(a_setting(), wild_out(1, sizeof(DWORD)), wild_out(2, size),
                                wild_in(3, &room, sizeof(room)));
}

static DWORD make_write(void)
{
    const size_t size = a_size();

    if (wild_chance(3))
        return WdsPxeExtSettingWrite(wild_text(0, L"BindPolicy"), REG_DWORD,
                                     wild_in(1, &ONE, sizeof(ONE)), sizeof(ONE));
    return WdsPxeExtSettingWrite(a_setting(), wild_number(9), wild_in(1, NULL, size),
                                 wild_length(size));
}

/* ---- boot program options ---- */

static DWORD parsed(DWORD status, HANDLE *out)
{
    HANDLE opened;

    if (status == ERROR_SUCCESS) {
        memcpy(&opened, out, sizeof(opened));
        keep(open_things.parsed, opened, bp_close);
    }
    return status;
}

static DWORD make_bp_parse(void)
{
    const BOOL is_large = wild_chance(8);
    const size_t size = is_large ? 60000 : MESSAGE_SIZE;
    HANDLE *out = wild_out(2, sizeof(*out));

    return parsed(WdsBpParseInitialize(wild_in(0, is_large ? NULL : message4(), size),
                                       wild_length(size), wild_out(1, 1), out),
                  out);
}

static DWORD make_bp_parse6(void)
{
    size_t size;
    const uint8_t *message = message6(&size);
    HANDLE *out = wild_out(2, sizeof(*out));

    return parsed(WdsBpParseInitializev6(wild_in(0, message, size), wild_length(size),
                                         wild_out(1, 1), out),
                  out);
}

static DWORD make_bp_initialize(void)
{
    HANDLE *out = wild_out(0, sizeof(*out)), opened;
    static const BYTE types[] = {WDSBP_PK_TYPE_WDSNBP, WDSBP_PK_TYPE_BCD, WDSBP_PK_TYPE_DHCPV6};
    DWORD status =
        WdsBpInitialize(wild_chance(8) ? (BYTE)wild_number(256) : types[wild_number(3)], out);

    if (status == ERROR_SUCCESS) {
        memcpy(&opened, out, sizeof(opened));
        keep(open_things.builds, opened, bp_close);
    }
    return status;
}

static DWORD make_bp_close(void)
{
    HANDLE *things = wild_chance(2) ? open_things.builds : open_things.parsed;
    HANDLE handle = any_of(things);

    return forget(things, handle, bp_close(handle));
}

static ULONG an_option(void)
{
    static const ULONG options[] = {WDSBP_OPT_NEXT_ACTION,     WDSBP_OPT_MESSAGE,
                                    WDSBP_OPT_BCD_FILE_PATH,   WDSBP_OPT_NBP_VER,
                                    WDSBP_OPT_ARCHITECTURE,    WDSBP_OPTV6_MESSAGE,
                                    WDSBP_OPTV6_NEXT_ACTION,   WDSBP_OPTV6_BCD_FILE_PATH,
                                    WDSBP_OPTV6_POLL_INTERVAL, WDSBP_OPT_VERSION_QUERY};

    return wild_chance(8) ? wild_length(0x00060205) : options[wild_number(10)];
}

static DWORD make_bp_query(void)
{
    const size_t size = wild_chance(8) ? 3000 : wild_number(20);

    return WdsBpQueryOption(any_of(open_things.parsed), an_option(), wild_length(size),
                            wild_out(1, size), wild_out(2, sizeof(ULONG)));
}

static DWORD make_bp_add(void)
{
    static const size_t sizes[] = {1, 2, 4, 10, 200, 3000, 65535, 65536};
    const size_t size = sizes[wild_number(8)];

    return WdsBpAddOption(any_of(open_things.builds), an_option(), wild_length(size),
                          wild_in(1, NULL, size));
}

static DWORD make_bp_get(void)
{
    const size_t size = wild_chance(4) ? 70000 : wild_number(600);

    return WdsBpGetOptionBuffer(any_of(open_things.builds), wild_length(size), wild_out(1, size),
                                wild_out(2, sizeof(ULONG)));
}

/* ---- all of them ---- */

const struct call CALLS[] = {
    {"PxeDhcpInitialize", ROOM_PURE, 12, true, make_dhcp_initialize},
    {"PxeDhcpAppendOption", ROOM_PURE, 12, true, make_dhcp_append},
    {"PxeDhcpAppendOptionRaw", ROOM_PURE, 12, true, make_dhcp_append_raw},
    {"PxeDhcpIsValid", ROOM_PURE, 12, true, make_dhcp_is_valid},
    {"PxeDhcpGetOptionValue", ROOM_PURE, 12, true, make_dhcp_get},
    {"PxeDhcpGetVendorOptionValue", ROOM_PURE, 12, true, make_dhcp_get_vendor},
    {"PxeDhcpv6Initialize", ROOM_PURE, 12, true, make_dhcp6_initialize},
    {"PxeDhcpv6AppendOption", ROOM_PURE, 12, true, make_dhcp6_append},
    {"PxeDhcpv6AppendOptionRaw", ROOM_PURE, 12, true, make_dhcp6_append_raw},
    {"PxeDhcpv6IsValid", ROOM_PURE, 12, true, make_dhcp6_is_valid},
    {"PxeDhcpv6GetOptionValue", ROOM_PURE, 12, true, make_dhcp6_get},
    {"PxeDhcpv6GetVendorOptionValue", ROOM_PURE, 12, true, make_dhcp6_get_vendor},
    {"PxeDhcpv6ParseRelayForw", ROOM_PURE, 12, true, make_dhcp6_parse_relay},
    {"PxeDhcpv6CreateRelayRepl", ROOM_PURE, 12, true, make_dhcp6_create_relay},
    {"PxeProviderRegister", ROOM_CHANGES, 2, true, make_register},
    {"PxeProviderUnRegister", ROOM_CHANGES, 2, true, make_unregister},
    {"PxeProviderQueryIndex", ROOM_REGISTRY, 2, true, make_query_index},
    {"WdsPxeExtProviderMove", ROOM_CHANGES, 2, true, make_move},
    {"PxeProviderEnumFirst", ROOM_REGISTRY, 2, true, make_enum_first},
    {"PxeProviderEnumNext", ROOM_REGISTRY, 4, true, make_enum_next},
    {"PxeProviderEnumClose", ROOM_REGISTRY, 3, false, make_enum_close},
    {"PxeProviderFreeInfo", ROOM_REGISTRY, 3, false, make_free_info},
    {"PxeGetServerInfo", ROOM_REGISTRY, 2, true, make_info},
    {"PxeGetServerInfoEx", ROOM_REGISTRY, 2, true, make_info_ex},
    {"PxeProviderSetAttribute", ROOM_SERVER, 12, true, make_attribute},
    {"PxeRegisterCallback", ROOM_SERVER, 12, false, make_callback},
    {"PxePacketAllocate", ROOM_SERVER, 12, false, make_allocate},
    {"PxePacketFree", ROOM_SERVER, 8, false, make_free},
    {"PxeSendReply", ROOM_SERVER, 12, true, make_send},
    {"PxeAsyncRecvDone", ROOM_SERVER, 1, false, make_done},
    {"PxeTrace", ROOM_SERVER, 12, false, make_trace},
    {"PxeTraceV", ROOM_SERVER, 12, false, make_trace_v},
    {"WdsProviderInitialize", ROOM_SERVER, 2, false, make_host},
    {"WdsPxeExtServerStart", ROOM_SERVER, 4, true, make_start},
    {"WdsPxeExtServerStop", ROOM_SERVER, 1, false, make_stop},
    {"WdsPxeExtServerControl", ROOM_SERVER, 4, false, make_control},
    {"WdsPxeExtServerGetCounters", ROOM_SERVER, 8, true, make_counters},
    {"WdsPxeExtServerGetStatus", ROOM_SERVER, 8, true, make_status},
    {"WdsPxeExtServerReceive", ROOM_SERVER, 12, true, make_receive},
    {"WdsPxeExtServerWaitIdle", ROOM_SERVER, 1, false, make_wait},
    {"WdsPxeExtSettingDescribe", ROOM_PURE, 8, true, make_describe},
    {"WdsPxeExtSettingCheck", ROOM_PURE, 12, true, make_check},
    {"WdsPxeExtSettingRead", ROOM_REGISTRY, 2, true, make_read},
    {"WdsPxeExtSettingWrite", ROOM_CHANGES, 2, true, make_write},
    {"WdsBpParseInitialize", ROOM_WDSBP, 16, true, make_bp_parse},
    {"WdsBpParseInitializev6", ROOM_WDSBP, 16, true, make_bp_parse6},
    {"WdsBpInitialize", ROOM_WDSBP, 16, true, make_bp_initialize},
    {"WdsBpCloseHandle", ROOM_WDSBP, 8, false, make_bp_close},
    {"WdsBpQueryOption", ROOM_WDSBP, 16, true, make_bp_query},
    {"WdsBpAddOption", ROOM_WDSBP, 16, true, make_bp_add},
    {"WdsBpGetOptionBuffer", ROOM_WDSBP, 16, true, make_bp_get},
};
const size_t CALLS_COUNT = sizeof(CALLS) / sizeof(CALLS[0]);

static void close_all(HANDLE things[OPEN_MAX], DWORD(PXEAPI *close)(HANDLE handle))
{
    for (size_t i = 0; i < OPEN_MAX; i++) {
        if (things[i] != NULL)
            (void)close(things[i]);
        things[i] = NULL;
    }
}

void calls_close_all(void)
{
    close_all(open_things.builds, bp_close);
    close_all(open_things.parsed, bp_close);
    close_all(open_things.enumerations, PxeProviderEnumClose);
    close_all(open_things.infos, info_free);
}
