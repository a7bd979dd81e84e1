/* Ours as providers call it: the exports of the built wdspxe.dll. */
#include "wdspxe.h"

#include "contestant.h"
#include "outcome.h"

/* The Pxe functions take pointers to non-const but only read; by number, as C has no other way. */
static PVOID readable(const void *bytes)
{
    return (PVOID)(ULONG_PTR)bytes;
}

static void find4(const struct task *task, size_t times, struct outcome *outcome)
{
    PVOID packet = readable(task->packet), value;
    BYTE length;
    DWORD status = ERROR_FILE_NOT_FOUND;

    for (size_t i = 0; i < times; i++)
        status = PxeDhcpGetOptionValue(packet, (ULONG)task->length, 1, (BYTE)task->code, &length,
                                       &value);
    if (status == ERROR_SUCCESS)
        outcome_value(outcome, value, length);
    else
        outcome_none(outcome);
}

static void check4(const struct task *task, size_t times, struct outcome *outcome)
{
    PVOID packet = readable(task->packet);
    DWORD status = ERROR_INVALID_DATA;
    BOOL is_pxe = FALSE;

    for (size_t i = 0; i < times; i++)
        status = PxeDhcpIsValid(packet, (ULONG)task->length, TRUE, &is_pxe);
    outcome_check(outcome, status == ERROR_SUCCESS, is_pxe != FALSE);
}

static ULONG offer_build(const struct task *task, PVOID packet, PVOID reply, ULONG capacity)
{
    ULONG length = 0;
    DWORD status = PxeDhcpInitialize(packet, (ULONG)task->length, reply, capacity, &length);

    for (size_t i = 0; i < task->option_count && status == ERROR_SUCCESS; i++)
        status = PxeDhcpAppendOption(reply, capacity, &length, task->options[i].code,
                                     task->options[i].length, readable(task->options[i].value));
    if (status == ERROR_SUCCESS)
        status = PxeDhcpAppendOption(reply, capacity, &length, 255, 0, NULL);
    return status == ERROR_SUCCESS ? length : 0;
}

static void offer4(const struct task *task, size_t times, struct outcome *outcome)
{
    uint8_t reply[OFFER_CAPACITY];
    ULONG length = 0;

    for (size_t i = 0; i < times; i++)
        length = offer_build(task, readable(task->packet), reply, sizeof(reply));
    outcome_packet(outcome, reply, length);
}

static void find6(const struct task *task, size_t times, struct outcome *outcome)
{
    PVOID packet = readable(task->packet), value;
    WORD length;
    DWORD status = ERROR_FILE_NOT_FOUND;

    for (size_t i = 0; i < times; i++)
        status =
            PxeDhcpv6GetOptionValue(packet, (ULONG)task->length, 1, task->code, &length, &value);
    if (status == ERROR_SUCCESS)
        outcome_value(outcome, value, length);
    else
        outcome_none(outcome);
}

static void check6(const struct task *task, size_t times, struct outcome *outcome)
{
    PVOID packet = readable(task->packet);
    DWORD status = ERROR_INVALID_DATA;
    BOOL is_pxe = FALSE;

    for (size_t i = 0; i < times; i++)
        status = PxeDhcpv6IsValid(packet, (ULONG)task->length, TRUE, &is_pxe);
    outcome_check(outcome, status == ERROR_SUCCESS, is_pxe != FALSE);
}

static void parse_relay6(const struct task *task, size_t times, struct outcome *outcome)
{
    PXE_DHCPV6_NESTED_RELAY_MESSAGE layers[LAYERS_MAX];
    PVOID packet = readable(task->packet);
    BYTE *inner = NULL;
    ULONG count = 0, inner_length = 0;

    for (size_t i = 0; i < times; i++)
        (void)PxeDhcpv6ParseRelayForw(packet, (ULONG)task->length, layers, LAYERS_MAX, &count,
                                      &inner, &inner_length);
    outcome_start(outcome);
    outcome_put_number(outcome, count);
    for (ULONG i = 0; i < count; i++)
        outcome_put_value(outcome, layers[i].pInterfaceIdOption, layers[i].cbInterfaceIdOption);
    outcome_put(outcome, inner, inner_length);
}

static void create_relay6(const struct task *task, size_t times, struct outcome *outcome)
{
    PXE_DHCPV6_NESTED_RELAY_MESSAGE layers[LAYERS_MAX];
    uint8_t reply[PACKET_MAX];
    BYTE *inner;
    ULONG count = 0, inner_length, length = 0;

    (void)PxeDhcpv6ParseRelayForw(readable(task->packet), (ULONG)task->length, layers, LAYERS_MAX,
                                  &count, &inner, &inner_length);
    for (size_t i = 0; i < times; i++)
        (void)PxeDhcpv6CreateRelayRepl(layers, count, readable(task->inner),
                                       (ULONG)task->inner_length, reply, sizeof(reply), &length);
    outcome_packet(outcome, reply, length);
}

const struct contestant contestant_ours = {
    .name = "ours",
    .run = {find4, check4, offer4, find6, check6, parse_relay6, create_relay6},
};
