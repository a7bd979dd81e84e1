#include "contestant.h"
#include "floor.h"
#include "outcome.h"

static void find4(const struct task *task, size_t times, struct outcome *outcome)
{
    const uint8_t *value = NULL;
    uint8_t length = 0;

    for (size_t i = 0; i < times; i++)
        value = floor_find4(task->packet, task->length, (uint8_t)task->code, &length);
    if (value != NULL)
        outcome_value(outcome, value, length);
    else
        outcome_none(outcome);
}

static void check4(const struct task *task, size_t times, struct outcome *outcome)
{
    bool is_pxe = false;
    bool is_valid = false;

    for (size_t i = 0; i < times; i++)
        is_valid = floor_check4(task->packet, task->length, &is_pxe);
    outcome_check(outcome, is_valid, is_pxe);
}

#ifdef _WIN32
/* Into the DLL as often as a provider goes into ours. */
static size_t offer_build(const struct task *task, uint8_t *reply, size_t capacity)
{
    size_t at = floor_start4(task->packet, reply, capacity);

    for (size_t i = 0; i < task->option_count; i++)
        if (!floor_append4(reply, capacity, &at, &task->options[i]))
            return 0;
    return floor_end4(reply, capacity, at);
}
#else
static size_t offer_build(const struct task *task, uint8_t *reply, size_t capacity)
{
    return floor_offer4(task, reply, capacity);
}
#endif

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
    const uint8_t *value = NULL;
    uint16_t length = 0;

    for (size_t i = 0; i < times; i++)
        value = floor_find6(task->packet, task->length, task->code, &length);
    if (value != NULL)
        outcome_value(outcome, value, length);
    else
        outcome_none(outcome);
}

static void check6(const struct task *task, size_t times, struct outcome *outcome)
{
    bool is_pxe = false;
    bool is_valid = false;

    for (size_t i = 0; i < times; i++)
        is_valid = floor_check6(task->packet, task->length, &is_pxe);
    outcome_check(outcome, is_valid, is_pxe);
}

static void parse_relay6(const struct task *task, size_t times, struct outcome *outcome)
{
    struct floor_layer layers[LAYERS_MAX];
    const uint8_t *inner = NULL;
    size_t inner_length = 0;
    size_t count = 0;

    for (size_t i = 0; i < times; i++)
        count = floor_parse_relay6(task->packet, task->length, layers, LAYERS_MAX, &inner,
                                   &inner_length);
    outcome_start(outcome);
    outcome_put_number(outcome, count);
    for (size_t i = 0; i < count; i++)
        outcome_put_value(outcome, layers[i].interface_id, layers[i].interface_id_length);
    outcome_put(outcome, inner, inner_length);
}

static void create_relay6(const struct task *task, size_t times, struct outcome *outcome)
{
    struct floor_layer layers[LAYERS_MAX];
    uint8_t reply[PACKET_MAX];
    const uint8_t *inner;
    size_t inner_length;
    size_t length = 0;
    size_t count =
        floor_parse_relay6(task->packet, task->length, layers, LAYERS_MAX, &inner, &inner_length);

    for (size_t i = 0; i < times; i++)
        length = floor_create_relay6(layers, count, task->inner, task->inner_length, reply,
                                     sizeof(reply));
    outcome_packet(outcome, reply, length);
}

const struct contestant contestant_floor = {
    .name = "floor",
    .run = {find4, check4, offer4, find6, check6, parse_relay6, create_relay6},
};
