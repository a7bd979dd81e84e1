/*
 * A provider that does everything wrong (tests/providers/prov_handles.c): each call must be refused
 * with the right code, and the server must survive it and still answer.
 */
#include "support/server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/wdspxe_key.h"

struct result {
    const WCHAR *name;
    DWORD expected;
};

#define HANDLE_CODE ERROR_INVALID_HANDLE
#define PARAMETER ERROR_INVALID_PARAMETER
#define STATE ERROR_INVALID_STATE

static const struct result in_initialize[] = {
    {L"StartInInitialize", STATE},
    {L"StopInInitialize", STATE},
    {L"AllocateInInitialize", HANDLE_CODE},
};

/* Of the first request; those that need a stale handle are in the second. */
static const struct result in_receive[] = {
    {L"ZeroFilled", TRUE},
    {L"FreeLargest", 0},
    {L"FreeLargestTwice", PARAMETER},
    {L"RegisterNull", HANDLE_CODE},
    {L"RegisterMadeUp", HANDLE_CODE},
    {L"RegisterPointer", HANDLE_CODE},
    {L"RegisterRequest", HANDLE_CODE},
    {L"RegisterType", PARAMETER},
    {L"RegisterTypeHuge", PARAMETER},
    {L"RegisterNoFunction", PARAMETER},
    {L"RegisterLate", STATE},
    {L"AttributeNull", HANDLE_CODE},
    {L"AttributeMadeUp", HANDLE_CODE},
    {L"AttributeRequest", HANDLE_CODE},
    {L"AttributeNoBuffer", PARAMETER},
    {L"AttributeLength0", PARAMETER},
    {L"AttributeLength3", PARAMETER},
    {L"AttributeLength8", PARAMETER},
    {L"AttributeUnknown", PARAMETER},
    {L"AttributeFilter3", PARAMETER},
    {L"AttributeFilter3V6", PARAMETER},
    {L"AttributeGood", 0},
    {L"AttributeGoodV6", 0},
    {L"AttributeBool", 0},
    {L"StartInside", STATE},
    {L"StopInside", STATE},
    {L"ControlInside", STATE},
    {L"CountersInside", 0},
    {L"SendGood", 0},
    {L"FreeGood", 0},
    {L"FreeTwice", PARAMETER},
    {L"SendAfterFree", PARAMETER},
};

static const struct result with_stale_handles[] = {
    {L"AllocateZero", PARAMETER},
    {L"Allocate65536", PARAMETER},
    {L"AllocateHuge", PARAMETER},
    {L"AllocateNullProvider", HANDLE_CODE},
    {L"AllocateNullRequest", HANDLE_CODE},
    {L"AllocateSwapped", HANDLE_CODE},
    {L"AllocateMadeUp", HANDLE_CODE},
    {L"AllocateStale", HANDLE_CODE},
    {L"FreeNullPacket", PARAMETER},
    {L"FreeForeign", PARAMETER},
    {L"FreeInside", PARAMETER},
    {L"FreeNullProvider", HANDLE_CODE},
    {L"FreeNullRequest", HANDLE_CODE},
    {L"FreeSwapped", HANDLE_CODE},
    {L"FreeStaleRequest", HANDLE_CODE},
    {L"FreeStalePacket", PARAMETER},
    {L"SendNullRequest", HANDLE_CODE},
    {L"SendProvider", HANDLE_CODE},
    {L"SendMadeUp", HANDLE_CODE},
    {L"SendNullPacket", PARAMETER},
    {L"SendForeign", PARAMETER},
    {L"SendInside", PARAMETER},
    {L"SendStaleRequest", HANDLE_CODE},
};

/* Of the first request, where the packet is a good one and only something else is wrong. */
static const struct result with_good_packet[] = {
    {L"SendNothing", PARAMETER},       {L"SendTooLong", PARAMETER},
    {L"SendMaxLength", PARAMETER},     {L"SendUnknownFlag", PARAMETER},
    {L"SendBroadcastAddr", PARAMETER}, {L"SendAddr3", PARAMETER},
    {L"SendAddr16", PARAMETER},        {L"SendAddrHuge", PARAMETER},
};

static const struct result on_another_thread[] = {
    {L"LateAllocate", TRUE},
    {L"DoneUnknownAction", PARAMETER},
    {L"DoneAction5", PARAMETER},
    {L"DoneNull", HANDLE_CODE},
    {L"DoneProvider", HANDLE_CODE},
    {L"DoneMadeUp", HANDLE_CODE},
    {L"DoneStale", HANDLE_CODE},
    {L"LateSend", 0},
    {L"Done", 0},
    {L"DoneTwice", HANDLE_CODE},
    {L"DoneTwiceOther", HANDLE_CODE},
    {L"SendAfterDone", HANDLE_CODE},
    {L"FreeAfterDone", HANDLE_CODE},
    {L"AllocateAfterDone", HANDLE_CODE},
    {L"RegisterFromThread", STATE},
};

static const struct result when_done_synchronously[] = {
    {L"SyncDone", 0},
    {L"SyncDoneTwice", HANDLE_CODE},
    {L"SyncAllocateAfterDone", HANDLE_CODE},
};

static const struct result in_control[] = {
    {L"StopInControl", STATE},
    {L"ControlInControl", STATE},
};

static const struct result in_shutdown[] = {
    {L"StopInShutdown", STATE},
    {L"AttributeInShutdown", 0},
    {L"RegisterInShutdown", STATE},
};

#define CHECK(key, results) check(key, results, sizeof(results) / sizeof(results)[0])

static void check(HKEY key, const struct result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        DWORD value = rig_value(key, results[i].name);
        if (value != results[i].expected)
            fail_msg("%S: %lu, expected %lu", results[i].name, value, results[i].expected);
    }
}

static void send_one(uint32_t id)
{
    uint8_t request[RIG_REQUEST_SIZE];

    rig_discover(request, id, 1);
    rig_send(rig.dhcp_port, request, sizeof(request));
}

static void every_misuse_is_refused(void **state)
{
    uint8_t reply[1024];

    (void)state;
    HKEY key = rig_add(L"misuser", L"prov_handles", true);
    rig_set_text(rig_add(L"good", L"prov_answer", true), L"ReplyMode", L"null");
    rig_start();
    CHECK(key, in_initialize);

    send_one(1);
    assert_int_equal(rig_report(1).action, PXE_BA_CUSTOM);
    assert_int_equal(rig_receive(reply, sizeof(reply)), 300); /* the one good one */
    CHECK(key, in_receive);
    CHECK(key, with_good_packet);

    send_one(2);
    struct rig_report report = rig_report(2);
    assert_int_equal(report.action, PXE_BA_CUSTOM);
    assert_int_equal(report.replies, 1);
    assert_int_equal(rig_receive(reply, sizeof(reply)), 1);
    CHECK(key, with_stale_handles);

    send_one(3);
    assert_int_equal(rig_report(3).action, PXE_BA_IGNORE);
    rig_expect_log(PXE_TRACE_WARNING, L"provider misuser: called PxeAsyncRecvDone but returned 0");
    CHECK(key, when_done_synchronously);

    (void)rig_exchange(rig.dhcp_port, 4, "boot\\x86\\wdsnbp.com");
    assert_int_equal(WdsPxeExtServerControl(128), ERROR_SUCCESS);
    CHECK(key, in_control);
    (void)rig_report(4);
    for (int i = 0; i < 500 && !rig_has_value(key, L"Finished"); i++)
        Sleep(10);
    CHECK(key, on_another_thread);
    rig_wait_idle();
    assert_int_equal(rig_counters().uReclaimed, 1); /* the late thread's */
    assert_int_equal(rig_counters().uReplies, 3);
    rig_stop();
    CHECK(key, in_shutdown);
    assert_false(rig_has_value(key, L"NeverCalled"));
}

/* What the provider held is worth nothing afterwards, from outside and in the next run. */
static void handles_of_an_earlier_run_are_dead(void **state)
{
    HANDLE provider, request;
    ULONG filter = PXE_PROV_FILTER_PXE_ONLY;

    (void)state;
    HKEY key = rig_add(L"misuser", L"prov_handles", true);
    rig_start();
    send_one(1);
    (void)rig_report(1);
    rig_stop();
    (void)rig_bytes(key, L"Provider", &provider, sizeof(provider));
    (void)rig_bytes(key, L"Request", &request, sizeof(request));
    assert_non_null(provider);
    assert_non_null(request);
    for (int run = 0; run < 2; run++) {
        assert_int_equal(PxeProviderSetAttribute(provider, PXE_PROV_ATTR_FILTER, &filter, 4),
                         ERROR_INVALID_HANDLE);
        assert_int_equal(PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, &filter, NULL),
                         ERROR_INVALID_HANDLE);
        assert_int_equal(PxeAsyncRecvDone(request, PXE_BA_NBP), ERROR_INVALID_HANDLE);
        assert_int_equal(PxeSendReply(request, &filter, 4, NULL), ERROR_INVALID_HANDLE);
        assert_null(PxePacketAllocate(provider, request, 300));
        assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
        assert_int_equal(PxePacketFree(provider, request, &filter), ERROR_INVALID_HANDLE);
        assert_int_equal(PxeTrace(provider, PXE_TRACE_INFO, L"stale"), ERROR_INVALID_HANDLE);
        if (run == 0)
            rig_start();
    }
    rig_stop();
}

/* Every bit pattern of a kind: nothing may be followed like a pointer. */
static void invented_handles(void **state)
{
    ULONG value = 0;

    (void)state;
    (void)rig_add(L"good", L"prov_reject", true);
    rig_start();
    for (unsigned bit = 0; bit < 8 * sizeof(ULONG_PTR); bit++)
        for (ULONG_PTR low = 0; low < 8; low++) {
            ULONG_PTR number = ((ULONG_PTR)1 << bit) | low;
            if (bit < 3)
                number = ~number;
            HANDLE handle = (HANDLE)number;
            assert_int_equal(PxeAsyncRecvDone(handle, PXE_BA_IGNORE), ERROR_INVALID_HANDLE);
            assert_int_equal(PxeSendReply(handle, &value, 4, NULL), ERROR_INVALID_HANDLE);
            assert_int_equal(PxePacketFree(handle, handle, &value), ERROR_INVALID_HANDLE);
        }
    rig_stop();
}

int main(void)
{
    const struct CMUnitTest server_misuse[] = {
        RIG_TEST(every_misuse_is_refused),
        RIG_TEST(handles_of_an_earlier_run_are_dead),
        RIG_TEST(invented_handles),
    };

    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(server_misuse, rig_group_setup, rig_group_teardown);
}
