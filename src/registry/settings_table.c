#include "registry/settings.h"

#define INTERFACE_FORM "MAC:001122AABBCC or IP:10.10.2.2 in each line"
#define GUID_FORM "{32 hexadecimal digits} in each line"
#define DELAY_FORM                                                                                 \
    "ALL=MS, IP:10.10.2.2=MS or MAC:001122=MS in each line, at most 60000 milliseconds"

static const struct setting table[SETTING_COUNT] = {
    [SETTING_USE_DHCP_PORTS] =
        {
            .name = "UseDhcpPorts",
            .key = SETTING_IN_SERVER,
            .type = SETTING_NUMBER,
            .effect = SETTING_AT_START,
            .maximum = 1,
            .number = 1,
            .form = "0 or 1",
            .meaning = "listen on the DHCP ports 67 and 547; 0 where a DHCP server has them",
        },
    [SETTING_BIND_POLICY] =
        {
            .name = "BindPolicy",
            .key = SETTING_IN_SERVER,
            .type = SETTING_NUMBER,
            .effect = SETTING_LIVE,
            .maximum = 1,
            .number = 0,
            .form = "0 or 1",
            .meaning = "BindInterfaces names 0: what not to serve, 1: all there is to serve",
        },
    [SETTING_BIND_INTERFACES] =
        {
            .name = "BindInterfaces",
            .key = SETTING_IN_SERVER,
            .type = SETTING_LIST,
            .effect = SETTING_LIVE,
            .entry = rule_parse_interface,
            .form = INTERFACE_FORM,
            .meaning = "the interfaces that BindPolicy speaks of; empty: serve all",
        },
    [SETTING_BANNED_GUIDS] =
        {
            .name = "BannedGuids",
            .key = SETTING_IN_SERVER,
            .type = SETTING_LIST,
            .effect = SETTING_AT_START,
            .entry = rule_parse_guid,
            .form = GUID_FORM,
            .meaning = "GUIDs that several machines have: these go by their MAC address",
        },
    [SETTING_RESPONSE_DELAYS] =
        {
            .name = "ResponseDelays",
            .key = SETTING_IN_SERVER,
            .type = SETTING_LIST,
            .effect = SETTING_AT_START,
            .is_ours = true,
            .entry = rule_parse_delay,
            .form = DELAY_FORM,
            .meaning = "how long requests wait, by interface or client",
        },
    [SETTING_MULTICAST_GROUPS] =
        {
            .name = "MulticastGroups",
            .key = SETTING_IN_SERVER,
            .type = SETTING_LIST,
            .effect = SETTING_AT_START,
            .is_ours = true,
            .entry = rule_parse_group,
            .form = "an address from 224.0.0.0 to 239.255.255.255 in each line",
            .meaning = "groups that option 43.7 of providers names, besides 224.0.1.2",
        },
    [SETTING_BALANCE_BUCKETS] =
        {
            .name = "LoadBalanceBuckets",
            .key = SETTING_IN_SERVER,
            .type = SETTING_TEXT,
            .effect = SETTING_AT_START,
            .is_ours = true,
            .text = "0-255",
            .form = "numbers from 0 to 255 and ranges of them, such as 0-63,128",
            .meaning = "this server's share of the clients (RFC 3074)",
        },
    [SETTING_BALANCE_TAKEOVER] =
        {
            .name = "LoadBalanceTakeover",
            .key = SETTING_IN_SERVER,
            .type = SETTING_NUMBER,
            .effect = SETTING_AT_START,
            .is_ours = true,
            .maximum = 65535,
            .number = 8,
            .form = "seconds from 0 to 65535",
            .meaning = "answer others' clients that have waited so long; 0: never",
        },
    [SETTING_STRICT_REQUESTS] =
        {
            .name = "StrictRequests",
            .key = SETTING_IN_SERVER,
            .type = SETTING_NUMBER,
            .effect = SETTING_AT_START,
            .is_ours = true,
            .maximum = 1,
            .number = 0,
            .form = "0 or 1",
            .meaning =
                "1: what clients send is not repaired; requests that are not valid are dropped",
        },
    [SETTING_MAX_PENDING] =
        {
            .name = "MaxPendingRequests",
            .key = SETTING_IN_SERVER,
            .type = SETTING_NUMBER,
            .effect = SETTING_AT_START,
            .is_ours = true,
            .minimum = 1,
            .maximum = 100000,
            .number = 10000,
            .form = "a number from 1 to 100000",
            .meaning = "requests that providers may have pended at a time; the oldest give way",
        },
    [SETTING_AUTH_RECHECK_TIME] =
        {
            .name = "AuthRecheckTime",
            .key = SETTING_IN_SERVER,
            .type = SETTING_NUMBER,
            .effect = SETTING_UNUSED,
            .maximum = UINT32_MAX,
            .number = 3600,
            .form = "seconds",
            .meaning = "between authorization checks; this server makes none",
        },
    [SETTING_AUTH_FAILURE_RETRY_TIME] =
        {
            .name = "AuthFailureRetryTime",
            .key = SETTING_IN_SERVER,
            .type = SETTING_NUMBER,
            .effect = SETTING_UNUSED,
            .maximum = UINT32_MAX,
            .number = 30,
            .form = "seconds",
            .meaning = "until a failed authorization check is made again; this server makes none",
        },
    [SETTING_DISABLE_ROGUE_DETECTION] =
        {
            .name = "DisableRogueDetection",
            .key = SETTING_IN_SERVER,
            .type = SETTING_NUMBER,
            .effect = SETTING_UNUSED,
            .maximum = 1,
            .number = 0,
            .form = "0 or 1",
            .meaning = "no authorization checks; this server never makes any",
        },
    [SETTING_SHARED_PORTS] =
        {
            .name = "SharedPorts",
            .key = SETTING_IN_HOST,
            .type = SETTING_NUMBER,
            .effect = SETTING_AT_START,
            .maximum = 1,
            .number = 0,
            .form = "0 or 1",
            .meaning = "let other programs bind the same ports",
        },
    [SETTING_TRACE_DISABLED] =
        {
            .name = "TraceDisabled",
            .key = SETTING_IN_SERVER,
            .type = SETTING_NUMBER,
            .effect = SETTING_LIVE,
            .maximum = UINT32_MAX,
            .number = 0,
            .form = "0: no, anything else: yes",
            .meaning = "write no log at all, whatever the Enable... values say",
        },
    [SETTING_TRACING_DISABLED] =
        {
            .name = "TracingDisabled",
            .key = SETTING_IN_SERVER,
            .type = SETTING_NUMBER,
            .effect = SETTING_LIVE,
            .maximum = UINT32_MAX,
            .number = 0,
            .form = "0: no, anything else: yes",
            .meaning = "the same as TraceDisabled, by the name that some guides have",
        },
    [SETTING_FILE_TRACING] =
        {
            .name = "EnableFileTracing",
            .key = SETTING_IN_TRACING,
            .type = SETTING_NUMBER,
            .effect = SETTING_LIVE,
            .maximum = 1,
            .number = 0,
            .form = "0 or 1",
            .meaning = "write the log to the file wdsserver.log",
        },
    [SETTING_CONSOLE_TRACING] =
        {
            .name = "EnableConsoleTracing",
            .key = SETTING_IN_TRACING,
            .type = SETTING_NUMBER,
            .effect = SETTING_LIVE,
            .maximum = 1,
            .number = 0,
            .form = "0 or 1",
            .meaning = "write the log to standard error",
        },
    [SETTING_FILE_MASK] =
        {
            .name = "FileTracingMask",
            .key = SETTING_IN_TRACING,
            .type = SETTING_NUMBER,
            .effect = SETTING_LIVE,
            .is_hexadecimal = true,
            .maximum = UINT32_MAX,
            .number = 0xfffe0000u, /* all but verbose */
            .form = "a sum of PXE_TRACE_* bits",
            .meaning = "which severities go to the file",
        },
    [SETTING_CONSOLE_MASK] =
        {
            .name = "ConsoleTracingMask",
            .key = SETTING_IN_TRACING,
            .type = SETTING_NUMBER,
            .effect = SETTING_LIVE,
            .is_hexadecimal = true,
            .maximum = UINT32_MAX,
            .number = 0xfffe0000u, /* all but verbose */
            .form = "a sum of PXE_TRACE_* bits",
            .meaning = "which severities go to standard error",
        },
    [SETTING_FILE_SIZE] =
        {
            .name = "MaxFileSize",
            .key = SETTING_IN_TRACING,
            .type = SETTING_NUMBER,
            .effect = SETTING_LIVE,
            .minimum = 0x400,
            .maximum = 0x7fffffff,
            .number = 0x10000,
            .form = "bytes from 1024 to 2147483647",
            .meaning = "a log file of this size becomes wdsserver.OLD, and a new one begins",
        },
    [SETTING_FILE_DIRECTORY] =
        {
            .name = "FileDirectory",
            .key = SETTING_IN_TRACING,
            .type = SETTING_PATH,
            .effect = SETTING_LIVE,
            .text = "%windir%\\tracing",
            .form = "the path of a folder",
            .meaning = "where the log file is",
        },
};

const struct setting *setting_at(enum setting_id id)
{
    return &table[id];
}

static uint16_t upper(uint16_t unit)
{
    return unit >= 'a' && unit <= 'z' ? (uint16_t)(unit - 'a' + 'A') : unit;
}

static bool is_name(const uint16_t *text, const char *name)
{
    while (*name != '\0' && upper(*text) == upper((uint8_t)*name)) {
        text++;
        name++;
    }
    return *text == 0 && *name == '\0';
}

const struct setting *setting_find(const uint16_t *name)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (is_name(name, table[i].name))
            return &table[i];
    return NULL;
}
