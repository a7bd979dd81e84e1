/*
 * Fuzzer for the DHCPv4 codec. The input is a packet. Beyond what the sanitizers see, everything
 * the codec finds is compared with a second, deliberately naive reader that lives here, and a reply
 * is built from the packet and read again.
 *
 *   clang -fsanitize=fuzzer,address,undefined ...   the fuzzer
 *   cc ... replay.c                                 replays the files and directories in argv;
 *                                                   fails if there was nothing to replay
 */
#include <stdlib.h>
#include <string.h>

#include "dhcp/dhcp4.h"
#include "fuzzer.h"

/* What the naive reader found, by position in the packet. */
enum { ITEMS_MAX = 4096 };
struct item {
    size_t value;
    unsigned code;
    unsigned length;
};
struct items {
    struct item item[ITEMS_MAX];
    size_t count;
};

/* Reads the options between two positions; false if one of them does not fit. */
static bool read_list(const uint8_t *data, size_t at, size_t end, struct items *items)
{
    while (at < end && data[at] != 255) {
        if (data[at] == 0) {
            at++;
            continue;
        }
        if (at + 1 >= end || at + 2 + data[at + 1] > end) {
            return false;
        }
        if (items->count < ITEMS_MAX) {
            items->item[items->count++] = (struct item){at + 2, data[at], data[at + 1]};
        }
        at += 2u + data[at + 1];
    }
    return true;
}

static void read_packet(const uint8_t *data, size_t size, struct items *options)
{
    unsigned overload = 0;

    options->count = 0;
    if (!read_list(data, DHCP4_OPTIONS, size, options)) {
        return;
    }
    for (size_t i = 0; i < options->count; i++) {
        if (options->item[i].code == DHCP4_OPT_OVERLOAD) {
            overload = options->item[i].length == 1 ? data[options->item[i].value] : 0;
            break;
        }
    }
    if (overload != 1 && overload != 2 && overload != 3) {
        return;
    }
    if (overload != 2 && !read_list(data, DHCP4_FILE, DHCP4_FILE + DHCP4_FILE_SIZE, options)) {
        return;
    }
    if (overload != 1) {
        read_list(data, DHCP4_SNAME, DHCP4_SNAME + DHCP4_SNAME_SIZE, options);
    }
}

typedef pxe_status find_function(const uint8_t *packet, size_t length, uint8_t code,
                                 uint32_t instance, const uint8_t **out_value, uint8_t *out_length);

/* Each item must be found under its instance number, and nothing beyond the last one. */
static void compare_items(const uint8_t *data, size_t size, find_function *find,
                          const struct items *items)
{
    uint32_t instances[256] = {0};
    const uint8_t *value = NULL;
    uint8_t length = 0;

    if (items->count == ITEMS_MAX) {
        return; /* the naive reader's table is full */
    }
    for (size_t i = 0; i < items->count; i++) {
        const struct item *item = &items->item[i];
        uint32_t instance = ++instances[item->code];

        REQUIRE(find(data, size, (uint8_t)item->code, instance, &value, &length) == PXE_OK);
        REQUIRE(value == data + item->value);
        REQUIRE(length == item->length);
        REQUIRE((size_t)(data + size - value) >= length);
    }
    for (unsigned code = 0; code < 256; code++) {
        value = data;
        length = 77;
        REQUIRE(find(data, size, (uint8_t)code, instances[code] + 1, &value, &length) ==
                PXE_FILE_NOT_FOUND);
        REQUIRE(value == data && length == 77);
    }
}

static void compare_find(const uint8_t *data, size_t size)
{
    static struct items options;
    static struct items vendor;

    read_packet(data, size, &options);
    vendor.count = 0;
    for (size_t i = 0; i < options.count; i++) {
        const struct item *item = &options.item[i];

        if (item->code == DHCP4_OPT_VENDOR) {
            read_list(data, item->value, item->value + item->length, &vendor);
        }
    }
    compare_items(data, size, dhcp4_option_find, &options);
    if (options.count < ITEMS_MAX) {
        compare_items(data, size, dhcp4_vendor_option_find, &vendor);
    }
}

/* A valid packet has an option 53; no prefix of it that lacks End is valid. */
static void compare_check(const uint8_t *data, size_t size)
{
    for (int want_request = 0; want_request < 2; want_request++) {
        bool is_pxe = true;
        enum dhcp4_defect defect = dhcp4_check(data, size, want_request, &is_pxe);

        REQUIRE(strlen(dhcp4_defect_text(defect)) > 0);
        REQUIRE(dhcp4_check(data, size, want_request, NULL) == defect);
        REQUIRE(!is_pxe || defect == DHCP4_VALID);
        if (defect != DHCP4_VALID) {
            continue;
        }
        REQUIRE(data[DHCP4_OP] == (want_request ? DHCP4_BOOTREQUEST : DHCP4_BOOTREPLY));
        REQUIRE(dhcp4_option_find(data, size, DHCP4_OPT_MESSAGE_TYPE, 1, NULL, NULL) == PXE_OK);
        REQUIRE(dhcp4_check(data, size, !want_request, NULL) == DHCP4_WRONG_OP);
        while (data[size - 1] == DHCP4_OPT_PAD) {
            size--;
        }
        REQUIRE(data[size - 1] == DHCP4_OPT_END);
        REQUIRE(dhcp4_check(data, size, want_request, NULL) == DHCP4_VALID);
        REQUIRE(dhcp4_check(data, size - 1, want_request, NULL) == DHCP4_NO_END);
    }
}

/* A reply with the packet's own option bytes; its capacity also comes from the packet. */
static void build_reply(const uint8_t *data, size_t size)
{
    size_t capacity = (size_t)data[DHCP4_XID] * 4;
    uint8_t *reply = (uint8_t *)malloc(capacity);
    size_t length = 12345;
    pxe_status status;

    REQUIRE(reply || capacity == 0);
    status = dhcp4_reply_start(data, size, reply, capacity, &length);
    if (capacity < DHCP4_OPTIONS) {
        REQUIRE(status == PXE_INSUFFICIENT_BUFFER && length == 12345);
        free(reply);
        return;
    }
    REQUIRE(status == PXE_OK && length == DHCP4_OPTIONS);
    for (size_t at = DHCP4_OPTIONS; at + 2 <= size; at += 7) {
        size_t before = length;
        uint8_t count = (uint8_t)(size - at - 1 < data[at] ? size - at - 1 : data[at]);

        status =
            at % 2 ? dhcp4_raw_append(reply, capacity, &length, data + at, count)
                   : dhcp4_option_append(reply, capacity, &length, data[at], data + at + 1, count);
        REQUIRE(status == PXE_OK || status == PXE_INSUFFICIENT_BUFFER);
        REQUIRE(status == PXE_OK ? length <= capacity : length == before);
    }
    compare_check(reply, length);
    compare_find(reply, length);
    free(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t cookie[] = {99, 130, 83, 99};

    if (size < DHCP4_OPTIONS || memcmp(data + DHCP4_COOKIE, cookie, sizeof(cookie)) != 0) {
        size_t length = 0;
        uint8_t reply[DHCP4_OPTIONS];

        REQUIRE(dhcp4_check(data, size, true, NULL) != DHCP4_VALID);
        REQUIRE(dhcp4_option_find(data, size, 53, 1, NULL, NULL) == PXE_INVALID_DATA);
        REQUIRE(dhcp4_vendor_option_find(data, size, 6, 1, NULL, NULL) == PXE_INVALID_DATA);
        REQUIRE(dhcp4_reply_start(data, size, reply, sizeof(reply), &length) == PXE_INVALID_DATA);
        return 0;
    }
    compare_check(data, size);
    compare_find(data, size);
    build_reply(data, size);
    return 0;
}
