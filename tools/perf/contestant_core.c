/* Ours as the portable C that it is. contestant_dll.c is its twin for the built DLL. */
#include "contestant.h"
#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"
#include "outcome.h"

static void find4(const struct task *task, size_t times, struct outcome *outcome)
{
    const uint8_t *value;
    uint8_t length;
    pxe_status status = PXE_FILE_NOT_FOUND;

    for (size_t i = 0; i < times; i++)
        status =
            dhcp4_option_find(task->packet, task->length, (uint8_t)task->code, 1, &value, &length);
    if (status == PXE_OK)
        outcome_value(outcome, value, length);
    else
        outcome_none(outcome);
}

static void check4(const struct task *task, size_t times, struct outcome *outcome)
{
    enum dhcp4_defect defect = DHCP4_TOO_SHORT;
    bool is_pxe = false;

    for (size_t i = 0; i < times; i++)
        defect = dhcp4_check(task->packet, task->length, /* want_request */ true, &is_pxe);
    outcome_check(outcome, defect == DHCP4_VALID, is_pxe);
}

static size_t offer_build(const struct task *task, uint8_t *reply, size_t capacity)
{
    size_t length;
    pxe_status status = dhcp4_reply_start(task->packet, task->length, reply, capacity, &length);

    for (size_t i = 0; i < task->option_count && status == PXE_OK; i++)
        status = dhcp4_option_append(reply, capacity, &length, task->options[i].code,
                                     task->options[i].value, task->options[i].length);
    if (status == PXE_OK)
        status = dhcp4_option_append(reply, capacity, &length, DHCP4_OPT_END, NULL, 0);
    return status == PXE_OK ? length : 0;
}

static void offer4(const struct task *task, size_t times, struct outcome *outcome)
{
    uint8_t reply[OFFER_CAPACITY];
    size_t length = 0;

    for (size_t i = 0; i < times; i++)
        length = offer_build(task, reply, sizeof(reply));
    outcome_packet(outcome, reply, length);
}

static void find6(const struct task *task, size_t times, struct outcome *outcome)
{
    const uint8_t *value;
    uint16_t length;
    pxe_status status = PXE_FILE_NOT_FOUND;

    for (size_t i = 0; i < times; i++)
        status = dhcp6_option_find(task->packet, task->length, task->code, 1, &value, &length);
    if (status == PXE_OK)
        outcome_value(outcome, value, length);
    else
        outcome_none(outcome);
}

static void check6(const struct task *task, size_t times, struct outcome *outcome)
{
    enum dhcp6_defect defect = DHCP6_TOO_SHORT;
    bool is_pxe = false;

    for (size_t i = 0; i < times; i++)
        defect = dhcp6_check(task->packet, task->length, /* want_request */ true, &is_pxe);
    outcome_check(outcome, defect == DHCP6_VALID, is_pxe);
}

static void parse_relay6(const struct task *task, size_t times, struct outcome *outcome)
{
    struct dhcp6_relay_layer layers[LAYERS_MAX];
    const uint8_t *inner = NULL;
    size_t inner_length = 0;
    size_t count = 0;

    for (size_t i = 0; i < times; i++)
        (void)dhcp6_relay_parse(task->packet, task->length, layers, LAYERS_MAX, &count, &inner,
                                &inner_length);
    outcome_start(outcome);
    outcome_put_number(outcome, count);
    for (size_t i = 0; i < count; i++)
        outcome_put_value(outcome, layers[i].interface_id, layers[i].interface_id_length);
    outcome_put(outcome, inner, inner_length);
}

static void create_relay6(const struct task *task, size_t times, struct outcome *outcome)
{
    struct dhcp6_relay_layer layers[LAYERS_MAX];
    uint8_t reply[PACKET_MAX];
    const uint8_t *inner;
    size_t inner_length;
    size_t length = 0;
    size_t count = 0;

    (void)dhcp6_relay_parse(task->packet, task->length, layers, LAYERS_MAX, &count, &inner,
                            &inner_length);
    for (size_t i = 0; i < times; i++)
        (void)dhcp6_relay_create(layers, count, task->inner, task->inner_length, reply,
                                 sizeof(reply), &length);
    outcome_packet(outcome, reply, length);
}

const struct contestant contestant_ours = {
    .name = "ours",
    .run = {find4, check4, offer4, find6, check6, parse_relay6, create_relay6},
};
