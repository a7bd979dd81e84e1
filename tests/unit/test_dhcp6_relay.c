#include "dhcp/dhcp6.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire6.h"

enum { ROOM = 8000, DEPTH_MAX = DHCP6_RELAY_LAYERS_MAX };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t ovmf_solicit[] = {WIRE6_OVMF_SOLICIT};
static const uint8_t isc_reply[] = {WIRE6_ISC_REPLY};
static const uint8_t relayed_solicit[] = {WIRE6_RELAYED_SOLICIT};

/* ---- a second way to build, for comparison ---- */

struct message {
    uint8_t bytes[ROOM];
    size_t length;
};

static struct message message_of(const uint8_t *bytes, size_t length)
{
    struct message m = {{0}, length};

    assert_true(length <= ROOM);
    memcpy(m.bytes, bytes, length);
    return m;
}

/* Wraps the message into one layer; `mark` fills its addresses. No Interface-Id if it is NULL. */
static void wrap(struct message *m, uint8_t type, uint8_t hops, uint8_t mark, const char *id)
{
    uint8_t header[100] = {type, hops};
    size_t size = 34;

    memset(header + 2, mark, 32);
    if (id) {
        header[size + 1] = DHCP6_OPT_INTERFACE_ID;
        header[size + 3] = (uint8_t)strlen(id);
        memcpy(header + size + 4, id, strlen(id));
        size += 4 + strlen(id);
    }
    header[size + 1] = DHCP6_OPT_RELAY_MESSAGE;
    header[size + 2] = (uint8_t)(m->length >> 8);
    header[size + 3] = (uint8_t)m->length;
    size += 4;
    assert_true(size + m->length <= ROOM);
    memmove(m->bytes + size, m->bytes, m->length);
    memcpy(m->bytes, header, size);
    m->length += size;
}

/* None, an empty one, and some of growing length. */
static const char *id_of_level(size_t level)
{
    static const char text[] = "eth0.0123456789abcdef";

    return level % 4 == 3 ? NULL : text + (sizeof(text) - 1) - level % (sizeof(text) - 1);
}

/* Level 0 is what the client's relay made; the last one is the outermost. */
static struct message nested(const uint8_t *inner, size_t inner_length, uint8_t type, size_t depth)
{
    struct message m = message_of(inner, inner_length);

    for (size_t level = 0; level < depth; level++) {
        wrap(&m, type, (uint8_t)level, (uint8_t)(level + 100), id_of_level(level));
    }
    return m;
}

/* ---- parsing a copy of exactly the packet's size ---- */

struct parsed {
    uint8_t *copy; /* what the pointers point into; given back by parsed_free */
    struct dhcp6_relay_layer layers[DEPTH_MAX + 8];
    size_t count;
    const uint8_t *inner;
    size_t inner_length;
};

static pxe_status parse(const uint8_t *packet, size_t length, size_t capacity, struct parsed *p)
{
    static const uint8_t nowhere = 0;
    const uint8_t *client = &nowhere;
    size_t client_length = 4711;

    assert_true(capacity <= COUNT(p->layers));
    memset(p->layers, 0xcc, sizeof(p->layers));
    p->copy = wire6_copy(packet, length);
    p->count = 4711;
    p->inner = &nowhere;
    p->inner_length = 4711;
    pxe_status status = dhcp6_relay_parse(p->copy, length, p->layers, capacity, &p->count,
                                          &p->inner, &p->inner_length);
    if (status != PXE_OK) {
        assert_int_equal(p->count, 4711);
        assert_ptr_equal(p->inner, &nowhere);
        assert_int_equal(p->inner_length, 4711);
    }
    /* the elements behind the capacity were not touched */
    for (size_t i = 0; i < sizeof(p->layers[0]) && capacity < COUNT(p->layers); i++) {
        assert_int_equal(((const uint8_t *)&p->layers[capacity])[i], 0xcc);
    }
    pxe_status client_status = dhcp6_client_message(p->copy, length, &client, &client_length);
    if (status == PXE_OK) { /* both ways lead to the same place */
        assert_int_equal(client_status, PXE_OK);
        assert_ptr_equal(client, p->inner);
        assert_int_equal(client_length, p->inner_length);
    } else if (client_status != PXE_OK) {
        assert_int_equal(client_status, PXE_INVALID_DATA);
        assert_ptr_equal(client, &nowhere);
        assert_int_equal(client_length, 4711);
    }
    return status;
}

static void parsed_free(struct parsed *p)
{
    free(p->copy);
}

static void expect_parse(const uint8_t *packet, size_t length, size_t capacity, pxe_status status)
{
    struct parsed p;

    assert_int_equal(parse(packet, length, capacity, &p), status);
    parsed_free(&p);
}

#define REFUSED(packet) expect_parse(packet, sizeof(packet), DEPTH_MAX, PXE_INVALID_DATA)

static void test_parse_real_packet(void **state)
{
    struct parsed p;

    (void)state;
    assert_int_equal(parse(relayed_solicit, sizeof(relayed_solicit), 1, &p), PXE_OK);
    assert_int_equal(p.count, 1);
    assert_ptr_equal(p.layers[0].message, p.copy);
    assert_int_equal(p.layers[0].length, sizeof(relayed_solicit));
    assert_null(p.layers[0].interface_id);
    assert_int_equal(p.layers[0].interface_id_length, 0);
    assert_ptr_equal(p.inner, p.copy + 38);
    assert_int_equal(p.inner_length, 115);
    parsed_free(&p);
}

static void check_layer(const struct dhcp6_relay_layer *layer, size_t level, const uint8_t *end)
{
    const char *id = id_of_level(level);

    assert_int_equal(layer->message[DHCP6_RELAY_HOP_COUNT], level);
    assert_int_equal(layer->message[DHCP6_RELAY_LINK_ADDRESS], level + 100);
    assert_ptr_equal(layer->message + layer->length, end); /* nothing follows in these packets */
    if (!id) {
        assert_null(layer->interface_id);
        assert_int_equal(layer->interface_id_length, 0);
    } else {
        assert_ptr_equal(layer->interface_id, layer->message + 38);
        assert_int_equal(layer->interface_id_length, strlen(id));
        assert_memory_equal(layer->interface_id, id, strlen(id));
    }
}

/* Parse, answer, compare with the same answer built the other way, for every depth. */
static void test_every_depth_there_and_back(void **state)
{
    (void)state;
    for (size_t depth = 1; depth <= DEPTH_MAX; depth++) {
        struct message request = nested(ovmf_solicit, sizeof(ovmf_solicit), 12, depth);
        struct message expected = nested(isc_reply, sizeof(isc_reply), 13, depth);
        uint8_t *reply = (uint8_t *)malloc(expected.length);
        size_t length = 0;
        bool is_pxe = false;
        struct parsed p;

        assert_non_null(reply);
        assert_int_equal(parse(request.bytes, request.length, depth, &p), PXE_OK);
        assert_int_equal(p.count, depth);
        for (size_t i = 0; i < depth; i++) {
            check_layer(&p.layers[i], depth - 1 - i, p.copy + request.length);
        }
        assert_ptr_equal(p.inner + p.inner_length, p.copy + request.length);
        assert_int_equal(p.inner_length, sizeof(ovmf_solicit));
        assert_memory_equal(p.inner, ovmf_solicit, sizeof(ovmf_solicit));

        assert_int_equal(dhcp6_relay_create(p.layers, p.count, isc_reply, sizeof(isc_reply), reply,
                                            expected.length, &length),
                         PXE_OK);
        assert_int_equal(length, expected.length);
        assert_memory_equal(reply, expected.bytes, length);
        assert_int_equal(dhcp6_check(reply, length, false, NULL), DHCP6_VALID);
        assert_int_equal(dhcp6_check(p.copy, request.length, true, &is_pxe), DHCP6_VALID);
        assert_true(is_pxe);
        parsed_free(&p);
        free(reply);
    }
}

static void test_too_many_layers(void **state)
{
    struct message m = nested(ovmf_solicit, sizeof(ovmf_solicit), 12, DEPTH_MAX + 1);
    bool is_pxe = true;
    const uint8_t *client;
    size_t length;

    (void)state;
    m.bytes[DHCP6_RELAY_HOP_COUNT] = 32;
    expect_parse(m.bytes, m.length, DEPTH_MAX, PXE_INVALID_DATA);
    expect_parse(m.bytes, m.length, DEPTH_MAX + 8, PXE_INVALID_DATA);
    expect_parse(m.bytes, m.length, 1, PXE_INVALID_DATA); /* more room would not help */
    assert_int_equal(dhcp6_client_message(m.bytes, m.length, &client, &length), PXE_INVALID_DATA);
    /* the outer message is well-formed, but what the client sent is out of reach */
    assert_int_equal(dhcp6_check(m.bytes, m.length, true, &is_pxe), DHCP6_VALID);
    assert_false(is_pxe);
}

static void test_array_too_small(void **state)
{
    (void)state;
    for (size_t depth = 1; depth <= DEPTH_MAX; depth++) {
        struct message m = nested(ovmf_solicit, sizeof(ovmf_solicit), 12, depth);

        expect_parse(m.bytes, m.length, depth - 1, PXE_INSUFFICIENT_BUFFER);
        expect_parse(m.bytes, m.length, 0, PXE_INSUFFICIENT_BUFFER);
        m.bytes[m.length - sizeof(ovmf_solicit)] = DHCP6_RELAY_REPL;
        expect_parse(m.bytes, m.length, depth - 1, PXE_INVALID_DATA); /* broken beats too small */
    }
}

static void test_hop_count_of_every_layer(void **state)
{
    const struct message good = nested(ovmf_solicit, sizeof(ovmf_solicit), 12, 5);
    struct parsed p;

    (void)state;
    assert_int_equal(parse(good.bytes, good.length, 5, &p), PXE_OK);
    for (size_t i = 0; i < 5; i++) {
        struct message m = good;
        uint8_t *hops = m.bytes + (p.layers[i].message - p.copy) + DHCP6_RELAY_HOP_COUNT;

        *hops = 32;
        expect_parse(m.bytes, m.length, 5, PXE_OK);
        *hops = 33;
        expect_parse(m.bytes, m.length, 5, PXE_INVALID_DATA);
        *hops = 255;
        expect_parse(m.bytes, m.length, 5, PXE_INVALID_DATA);
    }
    parsed_free(&p);
}

/* No shorter packet is a whole one, in a block that ends exactly there. */
static void test_every_truncation(void **state)
{
    const struct message m = nested(ovmf_solicit, sizeof(ovmf_solicit), 12, 4);

    (void)state;
    for (size_t length = 0; length < m.length; length++) {
        expect_parse(m.bytes, length, DEPTH_MAX, PXE_INVALID_DATA);
    }
    expect_parse(m.bytes, m.length, DEPTH_MAX, PXE_OK);
}

/* The same with all lengths right: only the client's message is cut. */
static void test_inner_message_needs_four_bytes(void **state)
{
    (void)state;
    for (size_t length = 0; length <= 6; length++) {
        for (size_t depth = 1; depth <= 3; depth++) {
            struct message m = nested(ovmf_solicit, length, 12, depth);

            expect_parse(m.bytes, m.length, DEPTH_MAX, length < 4 ? PXE_INVALID_DATA : PXE_OK);
        }
    }
}

/* Every byte of a packet with every value: whatever comes out lies inside the packet. */
static void test_every_byte_with_every_value(void **state)
{
    struct message m = nested(ovmf_solicit, 4, 12, 3);
    size_t refused = 0;

    (void)state;
    for (size_t at = 0; at < m.length; at++) {
        const uint8_t saved = m.bytes[at];

        for (unsigned value = 0; value <= 255; value++) {
            struct parsed p;

            m.bytes[at] = (uint8_t)value;
            pxe_status status = parse(m.bytes, m.length, 4, &p);
            assert_true(status == PXE_OK || status == PXE_INVALID_DATA);
            refused += status != PXE_OK;
            for (size_t i = 0; status == PXE_OK && i < p.count; i++) {
                const uint8_t *inside = i + 1 < p.count ? p.layers[i + 1].message : p.inner;
                size_t size = i + 1 < p.count ? p.layers[i + 1].length : p.inner_length;

                assert_true(inside >= p.layers[i].message + 38); /* each is strictly smaller */
                assert_true(size <= p.layers[i].length - 38);
                assert_true(inside + size <= p.layers[i].message + p.layers[i].length);
            }
            parsed_free(&p);
        }
        m.bytes[at] = saved;
    }
    assert_true(refused > 1000);
}

/* Lengths that claim to contain themselves, or the whole packet again. */
static void test_lengths_that_lie(void **state)
{
    struct message m = nested(ovmf_solicit, sizeof(ovmf_solicit), 12, 2);
    struct parsed p;

    (void)state;
    assert_int_equal(parse(m.bytes, m.length, 2, &p), PXE_OK);
    size_t inner_layer = (size_t)(p.layers[1].message - p.copy);
    parsed_free(&p);
    for (unsigned claimed = 0; claimed <= UINT16_MAX; claimed++) {
        struct message lie = m;
        bool is_true = claimed == m.length - inner_layer;

        lie.bytes[inner_layer - 2] = (uint8_t)(claimed >> 8);
        lie.bytes[inner_layer - 1] = (uint8_t)claimed;
        size_t count;
        const uint8_t *inner;
        size_t inner_length;
        assert_int_equal(dhcp6_relay_parse(lie.bytes, lie.length, p.layers, 2, &count, &inner,
                                           &inner_length),
                         is_true ? PXE_OK : PXE_INVALID_DATA);
    }
}

static void test_parse_refuses_other_types(void **state)
{
    uint8_t packet[sizeof(relayed_solicit)];
    struct message inside;

    (void)state;
    memcpy(packet, relayed_solicit, sizeof(packet));
    for (unsigned type = 0; type <= 255; type++) {
        packet[DHCP6_TYPE] = (uint8_t)type;
        expect_parse(packet, sizeof(packet), 8, type == 12 ? PXE_OK : PXE_INVALID_DATA);
    }
    /* of the inner message only the type RELAY-REPL is refused; 12 is too short a layer here */
    for (unsigned type = 0; type <= 255; type++) {
        inside = nested(ovmf_solicit, 4, 12, 2);
        inside.bytes[inside.length - 4] = (uint8_t)type;
        expect_parse(inside.bytes, inside.length, 8,
                     type == 12 || type == 13 ? PXE_INVALID_DATA : PXE_OK);
    }
}

static void test_parse_refuses_broken_layers(void **state)
{
    static const uint8_t no_options[] = {WIRE6_RELAY_HEADER(12, 0)};
    static const uint8_t no_relay_message[] = {WIRE6_RELAY_HEADER(12, 0), 0, 18, 0, 1, 'x'};
    static const uint8_t empty[] = {WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 0};
    /* clang-format off */
    static const uint8_t overrun_behind[] = {WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 4, 1, 2, 3, 4,
                                             0, 18, 0, 2, 'x'};
    /* clang-format on */
    static const uint8_t byte_behind[] = {WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 4, 1, 2, 3, 4, 0};
    /* clang-format off */
    static const uint8_t deeper_overrun[] = {WIRE6_RELAY_HEADER(12, 1), 0, 9, 0, 45,
                                             WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 4, 1, 2, 3, 4,
                                             0, 18, 0};
    /* clang-format on */
    /* clang-format off */
    static const uint8_t deeper_empty[] = {WIRE6_RELAY_HEADER(12, 1), 0, 9, 0, 34,
                                           WIRE6_RELAY_HEADER(12, 0)};
    /* clang-format on */
    /* clang-format off */
    static const uint8_t reply_inside[] = {WIRE6_RELAY_HEADER(12, 1), 0, 9, 0, 42,
                                           WIRE6_RELAY_HEADER(13, 0), 0, 9, 0, 4, 1, 2, 3, 4};
    /* clang-format on */

    (void)state;
    REFUSED(no_options);
    REFUSED(no_relay_message);
    REFUSED(empty);
    REFUSED(overrun_behind);
    REFUSED(byte_behind);
    REFUSED(deeper_overrun);
    REFUSED(deeper_empty);
    REFUSED(reply_inside);
}

static void test_first_options_of_a_layer_count(void **state)
{
    /* clang-format off */
    static const uint8_t packet[] = {WIRE6_RELAY_HEADER(12, 0),
                                     0, 37, 0, 2, 0, 18,           /* not inside another option */
                                     0, 9,  0, 4, 3, 'a', 'b', 'c',
                                     0, 18, 0, 1, 'p',
                                     0, 9,  0, 5, 1, 'd', 'e', 'f', 'g',
                                     0, 18, 0, 2, 'q', 'r',
                                     0, 79, 0, 0};
    /* clang-format on */
    struct parsed p;

    (void)state;
    assert_int_equal(parse(packet, sizeof(packet), 1, &p), PXE_OK);
    assert_int_equal(p.count, 1);
    assert_ptr_equal(p.layers[0].interface_id, p.copy + 34 + 6 + 8 + 4);
    assert_int_equal(p.layers[0].interface_id_length, 1);
    assert_ptr_equal(p.inner, p.copy + 34 + 6 + 4);
    assert_int_equal(p.inner_length, 4);
    assert_int_equal(p.layers[0].length, sizeof(packet));

    /* on the way back come the Interface-Id and the answer, and nothing else */
    /* clang-format off */
    static const uint8_t expected[] = {WIRE6_RELAY_HEADER(13, 0), 0, 18, 0, 1, 'p',
                                       0, 9, 0, 3, 7, 8, 9};
    /* clang-format on */
    uint8_t reply[sizeof(expected)];
    size_t length = 0;
    assert_int_equal(dhcp6_relay_create(p.layers, 1, expected + sizeof(expected) - 3, 3, reply,
                                        sizeof(reply), &length),
                     PXE_OK);
    assert_int_equal(length, sizeof(expected));
    assert_memory_equal(reply, expected, length);
    parsed_free(&p);
}

static void test_first_options_count_even_if_empty(void **state)
{
    /* clang-format off */
    static const uint8_t id[] = {WIRE6_RELAY_HEADER(12, 0), 0, 18, 0, 0, 0, 18, 0, 1, 'x',
                                 0, 9, 0, 4, 1, 2, 3, 4};
    /* clang-format on */
    /* clang-format off */
    static const uint8_t message[] = {WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 0,
                                      0, 9, 0, 4, 1, 2, 3, 4};
    /* clang-format on */
    struct parsed p;

    (void)state;
    assert_int_equal(parse(id, sizeof(id), 1, &p), PXE_OK);
    assert_ptr_equal(p.layers[0].interface_id, p.copy + 38);
    assert_int_equal(p.layers[0].interface_id_length, 0);
    parsed_free(&p);
    REFUSED(message);
}

/* ---- create ---- */

static const uint8_t header_bytes[] = {WIRE6_RELAY_HEADER(12, 3)};

static struct dhcp6_relay_layer layer_with_id(const uint8_t *id, uint16_t id_length)
{
    struct dhcp6_relay_layer layer = {header_bytes, sizeof(header_bytes), id, id_length};

    return layer;
}

static void test_interface_id_follows_the_pointer(void **state)
{
    static const uint8_t expected[] = {WIRE6_RELAY_HEADER(13, 3), 0, 18, 0, 0, 0, 9, 0, 1, 'z'};
    struct dhcp6_relay_layer empty = layer_with_id(header_bytes, 0);
    struct dhcp6_relay_layer none = layer_with_id(NULL, 7);
    uint8_t reply[64];
    size_t length = 0;

    (void)state;
    assert_int_equal(dhcp6_relay_create(&empty, 1, (const uint8_t *)"z", 1, reply, 64, &length), 0);
    assert_int_equal(length, sizeof(expected));
    assert_memory_equal(reply, expected, length);
    assert_int_equal(dhcp6_relay_create(&none, 1, (const uint8_t *)"z", 1, reply, 64, &length), 0);
    assert_int_equal(length, sizeof(expected) - 4);
    assert_memory_equal(reply, expected, 34);
    assert_memory_equal(reply + 34, expected + 38, 5);
}

/* RFC 8357: as it was, and wherever it was. */
static void test_relay_port_comes_back(void **state)
{
    static const uint8_t message[] = {
        WIRE6_RELAY_HEADER(12, 3), 0, 9, 0, 1, 'q', 0, 135, 0, 2, 0x12, 0x34};
    static const uint8_t expected[] = {
        WIRE6_RELAY_HEADER(13, 3), 0, 18, 0, 1, 'i', 0, 135, 0, 2, 0x12, 0x34, 0, 9, 0, 1, 'z'};
    struct dhcp6_relay_layer layer = {message, sizeof(message), (const uint8_t *)"i", 1};
    uint8_t reply[64];
    size_t length = 0;

    (void)state;
    assert_int_equal(dhcp6_relay_create(&layer, 1, (const uint8_t *)"z", 1, reply,
                                        sizeof(expected) - 1, &length),
                     PXE_INSUFFICIENT_BUFFER);
    assert_int_equal(dhcp6_relay_create(&layer, 1, (const uint8_t *)"z", 1, reply, sizeof(expected),
                                        &length),
                     PXE_OK);
    assert_int_equal(length, sizeof(expected));
    assert_memory_equal(reply, expected, length);
}

/* Expects a failure that changes nothing. */
static void expect_refused(const struct dhcp6_relay_layer *layers, size_t count,
                           const uint8_t *inner, size_t inner_length, size_t capacity,
                           pxe_status status)
{
    uint8_t *reply = (uint8_t *)malloc(capacity + 1);
    size_t length = 4711;

    assert_non_null(reply);
    memset(reply, 0xee, capacity + 1);
    assert_int_equal(dhcp6_relay_create(layers, count, inner, inner_length, reply, capacity,
                                        &length),
                     status);
    assert_int_equal(length, 4711);
    for (size_t i = 0; i <= capacity; i++) {
        assert_int_equal(reply[i], 0xee);
    }
    free(reply);
}

static void test_create_refuses_bad_arguments(void **state)
{
    struct dhcp6_relay_layer layers[3];
    const uint8_t *inner = isc_reply;

    (void)state;
    for (size_t bad = 0; bad < 3; bad++) {
        for (size_t i = 0; i < 3; i++) {
            layers[i] = layer_with_id(NULL, 0);
        }
        layers[bad].message = NULL;
        expect_refused(layers, 3, inner, 10, 500, PXE_INVALID_PARAMETER);
        layers[bad] = layer_with_id(NULL, 0);
        layers[bad].length = 33;
        expect_refused(layers, 3, inner, 10, 500, PXE_INVALID_PARAMETER);
        layers[bad].length = 0;
        expect_refused(layers, 3, inner, 10, 500, PXE_INVALID_PARAMETER);
        layers[bad].length = 34;
        expect_refused(layers, 0, inner, 10, 500, PXE_INVALID_PARAMETER);
        expect_refused(layers, 3, inner, 0, 500, PXE_INVALID_PARAMETER);
    }
}

/* Room for every size below what is needed: refused and unchanged. Exactly enough: done. */
static void test_create_needs_room(void **state)
{
    struct dhcp6_relay_layer layers[3] = {layer_with_id(header_bytes, 5), layer_with_id(NULL, 0),
                                          layer_with_id(header_bytes, 0)};
    const size_t needed = 20 + 3 * 38 + (4 + 5) + 4;
    uint8_t *reply = (uint8_t *)malloc(needed);
    size_t length = 0;

    (void)state;
    for (size_t capacity = 0; capacity < needed; capacity++) {
        expect_refused(layers, 3, isc_reply, 20, capacity, PXE_INSUFFICIENT_BUFFER);
    }
    assert_non_null(reply);
    assert_int_equal(dhcp6_relay_create(layers, 3, isc_reply, 20, reply, needed, &length), PXE_OK);
    assert_int_equal(length, needed);
    free(reply);
}

/* What goes into an option has at most 65535 bytes. */
static void test_create_limits_lengths(void **state)
{
    const size_t capacity = 140000;
    uint8_t *inner = (uint8_t *)calloc(1, 65536);
    uint8_t *reply = (uint8_t *)malloc(capacity);
    struct dhcp6_relay_layer layers[2] = {layer_with_id(NULL, 0), layer_with_id(NULL, 0)};
    size_t length = 0;

    (void)state;
    assert_true(inner && reply);
    expect_refused(layers, 1, inner, 65536, 70000, PXE_INVALID_PARAMETER);
    assert_int_equal(dhcp6_relay_create(layers, 1, inner, 65535, reply, capacity, &length), PXE_OK);
    assert_int_equal(length, 65535 + 38);
    assert_memory_equal(reply + 34, "\0\x09\xff\xff", 4);

    expect_refused(layers, 2, inner, 65535 - 37, 70000, PXE_INVALID_PARAMETER);
    expect_refused(layers, 2, inner, 65536, 70000, PXE_INVALID_PARAMETER);
    assert_int_equal(dhcp6_relay_create(layers, 2, inner, 65535 - 38, reply, capacity, &length),
                     PXE_OK);
    assert_int_equal(length, 65535 + 38);
    expect_refused(layers, 1, inner, SIZE_MAX, 100, PXE_INVALID_PARAMETER);

    layers[0] = layer_with_id(inner, 65535); /* outermost: no option has to hold this layer */
    assert_int_equal(dhcp6_relay_create(layers, 2, inner, 1, reply, capacity, &length), PXE_OK);
    assert_int_equal(length, 1 + 38 + 38 + 4 + 65535);
    layers[1] = layers[0];
    expect_refused(layers, 2, inner, 1, capacity, PXE_INVALID_PARAMETER);
    free(inner);
    free(reply);
}

static void test_create_limits_the_sum(void **state)
{
    enum { MANY = 2000 };
    static struct dhcp6_relay_layer layers[MANY];

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        layers[i] = layer_with_id(NULL, 0);
    }
    expect_refused(layers, MANY, isc_reply, sizeof(isc_reply), 100000, PXE_INVALID_PARAMETER);
}

/* The answer may have been built in the reply buffer, anywhere in it. */
static void test_answer_may_lie_in_the_reply_buffer(void **state)
{
    struct message request = nested(ovmf_solicit, sizeof(ovmf_solicit), 12, 3);
    struct message expected = nested(isc_reply, sizeof(isc_reply), 13, 3);
    struct parsed p;

    (void)state;
    assert_int_equal(parse(request.bytes, request.length, 3, &p), PXE_OK);
    for (size_t at = 0; at + sizeof(isc_reply) <= expected.length; at++) {
        uint8_t *buffer = (uint8_t *)calloc(1, expected.length);
        size_t length = 0;

        assert_non_null(buffer);
        memcpy(buffer + at, isc_reply, sizeof(isc_reply));
        assert_int_equal(dhcp6_relay_create(p.layers, 3, buffer + at, sizeof(isc_reply), buffer,
                                            expected.length, &length),
                         PXE_OK);
        assert_int_equal(length, expected.length);
        assert_memory_equal(buffer, expected.bytes, length);
        free(buffer);
    }
    parsed_free(&p);
}

/* ---- the client's message ---- */

static void test_client_message_of_plain_packets(void **state)
{
    uint8_t packet[] = {WIRE6_HEADER(0)};
    const uint8_t *message = NULL;
    size_t length = 0;

    (void)state;
    for (unsigned type = 0; type <= 255; type++) {
        packet[DHCP6_TYPE] = (uint8_t)type;
        message = NULL;
        if (type == 12 || type == 13) {
            assert_int_equal(dhcp6_client_message(packet, 4, &message, &length), PXE_INVALID_DATA);
            assert_null(message);
        } else {
            assert_int_equal(dhcp6_client_message(packet, 4, &message, &length), PXE_OK);
            assert_ptr_equal(message, packet);
            assert_int_equal(length, 4);
        }
    }
    packet[DHCP6_TYPE] = 1;
    for (size_t size = 0; size < 4; size++) {
        uint8_t *copy = wire6_copy(packet, size);

        assert_int_equal(dhcp6_client_message(copy, size, &message, &length), PXE_INVALID_DATA);
        free(copy);
    }
    assert_int_equal(dhcp6_client_message(NULL, 0, &message, &length), PXE_INVALID_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_real_packet),
        cmocka_unit_test(test_every_depth_there_and_back),
        cmocka_unit_test(test_too_many_layers),
        cmocka_unit_test(test_array_too_small),
        cmocka_unit_test(test_hop_count_of_every_layer),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_inner_message_needs_four_bytes),
        cmocka_unit_test(test_every_byte_with_every_value),
        cmocka_unit_test(test_lengths_that_lie),
        cmocka_unit_test(test_parse_refuses_other_types),
        cmocka_unit_test(test_parse_refuses_broken_layers),
        cmocka_unit_test(test_first_options_of_a_layer_count),
        cmocka_unit_test(test_first_options_count_even_if_empty),
        cmocka_unit_test(test_interface_id_follows_the_pointer),
        cmocka_unit_test(test_relay_port_comes_back),
        cmocka_unit_test(test_create_refuses_bad_arguments),
        cmocka_unit_test(test_create_needs_room),
        cmocka_unit_test(test_create_limits_lengths),
        cmocka_unit_test(test_create_limits_the_sum),
        cmocka_unit_test(test_answer_may_lie_in_the_reply_buffer),
        cmocka_unit_test(test_client_message_of_plain_packets),
    };

    return cmocka_run_group_tests_name("dhcp6_relay", tests, NULL, NULL);
}
