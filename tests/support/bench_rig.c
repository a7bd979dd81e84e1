#include "support/bench_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

struct bench bench;

static WDSPXE_EXT_PROVIDER one_provider; /* what the config's pProviders points to */
static WCHAR one_path[2 * MAX_PATH];

/* ---- the host's callbacks ---- */

static DWORD CALLBACK reply_keep(const WDSPXE_EXT_REPLY *reply, PVOID context)
{
    LONG place = InterlockedIncrement(&bench.replies) - 1;

    if (context != &rig || reply->uSizeOfStruct != sizeof(*reply))
        abort();
    if (place < BENCH_REPLIES && reply->uPacketLen <= sizeof(bench.kept[place].bytes)) {
        struct bench_reply *kept = &bench.kept[place];
        kept->reply = *reply;
        wcsncpy(kept->provider, reply->pszProvider, 63);
        memcpy(kept->bytes, reply->pPacket, reply->uPacketLen);
    }
    return bench.reply_result;
}

static VOID CALLBACK finding_keep(const WDSPXE_EXT_FINDING *finding, PVOID context)
{
    LONG place = InterlockedIncrement(&bench.findings) - 1;

    if (context != &rig || finding->uSizeOfStruct != sizeof(*finding) || place >= BENCH_FINDINGS)
        abort();
    struct bench_finding *kept = &bench.found[place];
    kept->finding = *finding;
    wcsncpy(kept->rule, finding->pszRule, 63);
    wcsncpy(kept->call, finding->pszCall, 63);
    wcsncpy(kept->text, finding->pszText, 767);
    if (finding->pszProvider != NULL)
        wcsncpy(kept->provider, finding->pszProvider, 63);
    if (finding->pszModule != NULL)
        wcsncpy(kept->module, finding->pszModule, 63);
    if (finding->pPacket != NULL)
        kept->first_byte = finding->pPacket[0];
    if (finding->pExceptionPointers != NULL)
        kept->record_code = ((const EXCEPTION_POINTERS *)finding->pExceptionPointers)
                                ->ExceptionRecord->ExceptionCode;
}

/* ---- the bench ---- */

int bench_setup(void **state)
{
    memset(&bench, 0, sizeof(bench));
    if (rig_setup(state) != 0)
        return 1;
    rig.config.uFlags = WDSPXE_EXT_NO_NETWORK;
    rig.config.cInterfaces = 0;
    rig.config.pfnReply = reply_keep;
    rig.config.pfnFinding = finding_keep;
    rig.config.uSlowCallback = BENCH_NEVER;
    rig.config.uPendTimeout = BENCH_NEVER;
    return 0;
}

void bench_provider(const WCHAR *name, const WCHAR *dll, HKEY key)
{
    wcscpy(one_path, rig_dll_path(dll));
    one_provider = (WDSPXE_EXT_PROVIDER){.pszName = name, .pszPath = one_path, .hKey = key};
    rig.config.cProviders = 1;
    rig.config.pProviders = &one_provider;
}

WDSPXE_EXT_DATAGRAM bench_datagram(const void *packet, ULONG length)
{
    return (WDSPXE_EXT_DATAGRAM){
        .uSizeOfStruct = sizeof(WDSPXE_EXT_DATAGRAM),
        .pPacket = packet,
        .uPacketLen = length,
        .uNumber = BENCH_NUMBER,
        .Local = {.bAddress = {10, 0, 0, 1}, .uAddrLen = 4, .uPort = 67},
        .Remote = {.bAddress = {10, 0, 0, 9}, .uAddrLen = 4, .uPort = 68},
    };
}

DWORD bench_discover(uint32_t id)
{
    uint8_t request[RIG_REQUEST_SIZE] = {0};
    WDSPXE_EXT_DATAGRAM datagram = bench_datagram(request, sizeof(request));

    rig_discover(request, id, 1);
    return WdsPxeExtServerReceive(&datagram);
}

static void findings_show(void)
{
    for (LONG i = 0; i < bench.findings; i++)
        print_error("finding: %S: %S: %S: %S\n", bench.found[i].rule, bench.found[i].provider,
                    bench.found[i].call, bench.found[i].text);
}

size_t bench_finding_count(ULONG rule)
{
    size_t count = 0;

    for (LONG i = 0; i < bench.findings; i++)
        count += bench.found[i].finding.uRule == rule;
    return count;
}

const struct bench_finding *bench_finding(ULONG rule)
{
    for (LONG i = 0; i < bench.findings; i++)
        if (bench.found[i].finding.uRule == rule)
            return &bench.found[i];
    findings_show();
    fail_msg("no finding of rule %lu", rule);
    return NULL;
}

const struct bench_finding *bench_only_finding(ULONG rule)
{
    if (bench.findings != 1)
        findings_show();
    assert_int_equal(bench.findings, 1);
    return bench_finding(rule);
}
