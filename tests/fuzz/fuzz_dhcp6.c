/*
 * Fuzzer for the DHCPv6 codec. The input is a packet. Beyond what the sanitizers see, everything
 * the codec finds is compared with a second, deliberately naive reader that lives here; a relayed
 * packet is answered, and the answer taken apart again; a reply is built and read.
 *
 *   clang -fsanitize=fuzzer,address,undefined ...   the fuzzer
 *   cc ... replay.c                                 replays the files and directories in argv;
 *                                                   fails if there was nothing to replay
 */
#include <stdlib.h>
#include <string.h>

#include "dhcp/dhcp6.h"
#include "fuzzer.h"

/* ---- the naive reader: positions in the packet, no pointers ---- */

enum { PACKET_MAX = 65535, ITEMS_MAX = PACKET_MAX / 4, ITEMS_COMPARED = 512 };
struct item {
    size_t value;
    size_t length;
    unsigned code;
};
struct items {
    struct item item[ITEMS_MAX];
    size_t count;
    bool is_whole; /* the list ended exactly at its end */
};

static unsigned number(const uint8_t *data, size_t at)
{
    return data[at] * 256u + data[at + 1];
}

/* Adds the options between two positions. */
static void read_list(const uint8_t *data, size_t at, size_t end, struct items *items)
{
    while (at + 4 <= end && at + 4 + number(data, at + 2) <= end) {
        items->item[items->count++] = (struct item){at + 4, number(data, at + 2), number(data, at)};
        at += 4 + number(data, at + 2);
    }
    items->is_whole = at == end;
}

static size_t header_size(const uint8_t *data, size_t at)
{
    return data[at] == 12 || data[at] == 13 ? 34 : 4;
}

static const struct item *first_item(const struct items *items, unsigned code)
{
    for (size_t i = 0; i < items->count; i++) {
        if (items->item[i].code == code) {
            return &items->item[i];
        }
    }
    return NULL;
}

/* The options of the message between two positions; false if there is no whole header. */
static bool read_message(const uint8_t *data, size_t at, size_t end, struct items *items)
{
    items->count = 0;
    if (end - at < 4 || end - at < header_size(data, at)) {
        return false;
    }
    read_list(data, at + header_size(data, at), end, items);
    return true;
}

/* Is it a relay message that can be taken apart? Its options are in items then. */
static bool read_layer(const uint8_t *data, size_t at, size_t end, struct items *items)
{
    return read_message(data, at, end, items) && header_size(data, at) == 34 && items->is_whole &&
           data[at + 1] <= 32 && first_item(items, 9) && first_item(items, 9)->length > 0;
}

struct descent {
    size_t layer[33]; /* where each layer starts */
    size_t layer_end[33];
    size_t count;
    size_t inner;
    size_t inner_end;
};

/* Down to the client's message; false if the codec must refuse the packet. */
static bool read_descent(const uint8_t *data, size_t size, struct descent *descent)
{
    static struct items items;
    size_t at = 0;
    size_t end = size;

    descent->count = 0;
    while (end > at && data[at] == 12) {
        if (descent->count == 32 || !read_layer(data, at, end, &items)) {
            return false;
        }
        descent->layer[descent->count] = at;
        descent->layer_end[descent->count++] = end;
        at = first_item(&items, 9)->value;
        end = at + first_item(&items, 9)->length;
    }
    descent->inner = at;
    descent->inner_end = end;
    return end - at >= 4 && data[at] != 13;
}

/* ---- options ---- */

static pxe_status find(const uint8_t *data, size_t size, int64_t enterprise, unsigned code,
                       uint32_t instance, const uint8_t **out_value, uint16_t *out_length)
{
    return enterprise < 0
               ? dhcp6_option_find(data, size, (uint16_t)code, instance, out_value, out_length)
               : dhcp6_vendor_option_find(data, size, (uint32_t)enterprise, (uint16_t)code,
                                          instance, out_value, out_length);
}

static uint32_t count_code(const struct items *items, size_t until, unsigned code)
{
    uint32_t count = 0;

    for (size_t i = 0; i < until; i++) {
        count += items->item[i].code == code;
    }
    return count;
}

static void require_missing(const uint8_t *data, size_t size, int64_t enterprise, unsigned code,
                            uint32_t instance)
{
    const uint8_t *value = data;
    uint16_t length = 7777;

    REQUIRE(find(data, size, enterprise, code, instance, &value, &length) == PXE_FILE_NOT_FOUND);
    REQUIRE(value == data && length == 7777);
}

/* Each item must be found under its instance number, and nothing beyond the last one. */
static void compare_items(const uint8_t *data, size_t size, int64_t enterprise,
                          const struct items *items)
{
    if (items->count > ITEMS_COMPARED) {
        return; /* it would take too long */
    }
    for (size_t i = 0; i < items->count; i++) {
        const struct item *item = &items->item[i];
        uint32_t instance = count_code(items, i + 1, item->code);
        const uint8_t *value = NULL;
        uint16_t length = 0;

        REQUIRE(find(data, size, enterprise, item->code, instance, &value, &length) == PXE_OK);
        REQUIRE(value == data + item->value);
        REQUIRE(length == item->length);
        require_missing(data, size, enterprise, item->code,
                        count_code(items, items->count, item->code) + 1);
        for (unsigned bit = 1; bit < 0x10000; bit <<= 1) { /* all of the code must count */
            if (!first_item(items, item->code ^ bit)) {
                require_missing(data, size, enterprise, item->code ^ bit, 1);
            }
        }
    }
}

static int64_t enterprise_of(const uint8_t *data, const struct item *item)
{
    return item->code == DHCP6_OPT_VENDOR_OPTIONS && item->length >= 4
               ? (int64_t)number(data, item->value) * 65536 + number(data, item->value + 2)
               : -1;
}

static void compare_find(const uint8_t *data, size_t size)
{
    static struct items options;
    static struct items vendor;

    if (!read_message(data, 0, size, &options)) {
        REQUIRE(dhcp6_option_find(data, size, 1, 1, NULL, NULL) == PXE_INVALID_DATA);
        REQUIRE(dhcp6_vendor_option_find(data, size, 1, 1, 1, NULL, NULL) == PXE_INVALID_DATA);
        return;
    }
    compare_items(data, size, -1, &options);
    for (size_t i = 0; i < options.count && i < 40 && options.count <= ITEMS_COMPARED; i++) {
        int64_t enterprise = enterprise_of(data, &options.item[i]);

        if (enterprise < 0) {
            continue;
        }
        vendor.count = 0;
        for (size_t j = 0; j < options.count; j++) {
            const struct item *item = &options.item[j];

            if (enterprise_of(data, item) == enterprise) {
                read_list(data, item->value + 4, item->value + item->length, &vendor);
            }
        }
        compare_items(data, size, enterprise, &vendor);
    }
}

/* ---- validity ---- */

static bool has_class(const uint8_t *data, const struct item *option)
{
    size_t end = option->value + option->length;

    for (size_t at = option->value + 4; at + 2 <= end && at + 2 + number(data, at) <= end;
         at += 2 + number(data, at)) {
        if (number(data, at) >= 9 && memcmp(data + at + 2, "PXEClient", 9) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_pxe_packet(const uint8_t *data, size_t size)
{
    static struct items items;
    struct descent descent = {{0}, {0}, 0, 0, size};

    if (data[0] == 12 && !read_descent(data, size, &descent)) {
        return false;
    }
    if (!read_message(data, descent.inner, descent.inner_end, &items)) {
        return false;
    }
    for (size_t i = 0; i < items.count; i++) {
        if (items.item[i].code == 16 && has_class(data, &items.item[i])) {
            return true;
        }
    }
    return false;
}

static bool is_valid_packet(const uint8_t *data, size_t size, bool want_request)
{
    static const char types[] = "?rsrrrrsrrsrrs";
    static struct items items;

    if (!read_message(data, 0, size, &items) || data[0] >= sizeof(types) - 1 ||
        types[data[0]] != (want_request ? 'r' : 's')) {
        return false;
    }
    return header_size(data, 0) == 34 ? read_layer(data, 0, size, &items) : items.is_whole;
}

static void compare_check(const uint8_t *data, size_t size)
{
    for (int want_request = 0; want_request < 2; want_request++) {
        bool is_pxe = true;
        enum dhcp6_defect defect = dhcp6_check(data, size, want_request, &is_pxe);

        REQUIRE(strlen(dhcp6_defect_text(defect)) > 0);
        REQUIRE(dhcp6_check(data, size, want_request, NULL) == defect);
        REQUIRE((defect == DHCP6_VALID) == is_valid_packet(data, size, want_request));
        REQUIRE(is_pxe == (defect == DHCP6_VALID && is_pxe_packet(data, size)));
    }
}

/* ---- relays ---- */

/* What the codec says of each layer, against the naive reader. */
static void compare_layers(const uint8_t *data, const struct descent *descent,
                           const struct dhcp6_relay_layer *layers)
{
    static struct items items;

    for (size_t i = 0; i < descent->count; i++) {
        REQUIRE(read_layer(data, descent->layer[i], descent->layer_end[i], &items));
        const struct item *id = first_item(&items, 18);

        REQUIRE(layers[i].message == data + descent->layer[i]);
        REQUIRE(layers[i].length == descent->layer_end[i] - descent->layer[i]);
        REQUIRE(layers[i].interface_id == (id ? data + id->value : NULL));
        REQUIRE(layers[i].interface_id_length == (id ? id->length : 0));
    }
}

/* Answers with the client's own message, and reads the answer as if it were a request. */
static void answer_and_read_back(const struct dhcp6_relay_layer *layers, size_t count,
                                 const uint8_t *inner, size_t inner_length)
{
    struct dhcp6_relay_layer back[32];
    static uint8_t reply[200000];
    const uint8_t *found;
    size_t found_length;
    size_t found_count;
    size_t length = 0;

    REQUIRE(dhcp6_relay_create(layers, count, inner, inner_length, reply, sizeof(reply), &length) ==
            PXE_OK);
    REQUIRE(dhcp6_relay_create(layers, count, inner, inner_length, reply, length - 1, &length) ==
            PXE_INSUFFICIENT_BUFFER);
    REQUIRE(dhcp6_check(reply, length, false, NULL) == DHCP6_VALID);

    uint8_t *message = reply;
    for (size_t i = 0; i < count; i++) { /* RELAY-REPL becomes RELAY-FORW, layer by layer */
        REQUIRE(message[0] == DHCP6_RELAY_REPL);
        REQUIRE(memcmp(message + 1, layers[i].message + 1, 33) == 0);
        message[0] = DHCP6_RELAY_FORW;
        message += 38 + (layers[i].interface_id ? 4u + layers[i].interface_id_length : 0u);
    }
    REQUIRE(dhcp6_relay_parse(reply, length, back, 32, &found_count, &found, &found_length) ==
            PXE_OK);
    REQUIRE(found_count == count && found == message && found == reply + length - inner_length);
    REQUIRE(found_length == inner_length && memcmp(found, inner, inner_length) == 0);
    for (size_t i = 0; i < count; i++) {
        REQUIRE(back[i].interface_id_length == layers[i].interface_id_length);
        REQUIRE((back[i].interface_id == NULL) == (layers[i].interface_id == NULL));
        REQUIRE(!back[i].interface_id || memcmp(back[i].interface_id, layers[i].interface_id,
                                                back[i].interface_id_length) == 0);
    }
}

static void compare_relay(const uint8_t *data, size_t size)
{
    struct dhcp6_relay_layer layers[32];
    struct descent descent;
    const uint8_t *inner = NULL;
    size_t inner_length = 0;
    size_t count = 4711;
    bool is_good = read_descent(data, size, &descent);
    bool is_relayed = is_good && descent.count > 0;
    pxe_status status = dhcp6_client_message(data, size, &inner, &inner_length);

    REQUIRE(status == (is_good ? PXE_OK : PXE_INVALID_DATA));
    REQUIRE(is_good ? inner == data + descent.inner : inner == NULL);
    inner = NULL;
    status = dhcp6_relay_parse(data, size, layers, 32, &count, &inner, &inner_length);
    REQUIRE(status == (is_relayed ? PXE_OK : PXE_INVALID_DATA));
    if (!is_relayed) {
        REQUIRE(count == 4711 && inner == NULL);
        return;
    }
    REQUIRE(count == descent.count && inner == data + descent.inner);
    REQUIRE(inner_length == descent.inner_end - descent.inner);
    compare_layers(data, &descent, layers);
    answer_and_read_back(layers, count, inner, inner_length);
    REQUIRE(dhcp6_relay_parse(data, size, layers, count - 1, &count, &inner, &inner_length) ==
            PXE_INSUFFICIENT_BUFFER);
}

/* ---- building ---- */

/* A reply with the packet's own option bytes; its capacity also comes from the packet. */
static void build_reply(const uint8_t *data, size_t size)
{
    size_t capacity = size > 1 ? (size_t)data[1] * 2 : 0;
    uint8_t *reply = (uint8_t *)malloc(capacity);
    size_t length = 12345;
    pxe_status status;

    REQUIRE(reply || capacity == 0);
    status = dhcp6_reply_start(data, size, reply, capacity, &length);
    if (status != PXE_OK) {
        REQUIRE(length == 12345);
        free(reply);
        return;
    }
    REQUIRE(size >= length && capacity >= length && length == header_size(data, 0));
    REQUIRE(memcmp(reply + 1, data + 1, length - 1) == 0);
    for (size_t at = length; at + 2 <= size; at += 7) {
        size_t before = length;
        uint16_t count = (uint16_t)(size - at - 1 < data[at] ? size - at - 1 : data[at]);

        status =
            at % 2 ? dhcp6_raw_append(reply, capacity, &length, data + at, count)
                   : dhcp6_option_append(reply, capacity, &length, data[at], data + at + 1, count);
        REQUIRE(status == PXE_OK || status == PXE_INSUFFICIENT_BUFFER);
        REQUIRE(status == PXE_OK ? length <= capacity : length == before);
    }
    compare_check(reply, length);
    compare_find(reply, length);
    free(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > PACKET_MAX) { /* no UDP payload */
        return 0;
    }
    if (size == 0) { /* data may be NULL */
        static const uint8_t nothing = 0;

        data = &nothing;
    }
    compare_check(data, size);
    compare_find(data, size);
    compare_relay(data, size);
    build_reply(data, size);
    return 0;
}
