/*
 * Fuzzer for the codec of wdsbp.dll. The input is taken three times: as a DHCPv4 packet, as a
 * DHCPv6 packet, and as a list of options to build. Beyond what the sanitizers see, everything that
 * is read or built is compared with a second, deliberately naive codec that lives here.
 *
 *   clang -fsanitize=fuzzer,address,undefined ...   the fuzzer
 *   cc ... replay.c                                 replays the files and directories in argv;
 *                                                   fails if there was nothing to replay
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dhcp/dhcp4.h"
#include "wdsbp/build.h"
#include "wdsbp/option.h"
#include "wdsbp/parse.h"
#include "fuzzer.h"

static const uint32_t published4[] = {
    0x00010202, 0x00020201, 0x00030202, 0x00040202, 0x00050203, 0x00060205, 0x00070200, 0x00080203,
    0x00090206, 0x000b0201, 0x000c0201, 0x000d0202, 0x000e0201, 0x000f0201, 0x00100203,
};
static const uint32_t published6[] = {
    0xc3510801, 0xc3520802, 0xc3530802, 0xc3540803, 0xc3550805, 0xc3560800,
    0xc3570803, 0xc3580807, 0xc3590801, 0xc35a0801, 0xc35b0802, 0xc35c0801,
    0xc35d0801, 0xc35e0805, 0xc35f0805, 0xc3600807, 0xc3610805, 0xc3620803,
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A value by position; `found` false: there is none. */
struct naive {
    const uint8_t *bytes;
    size_t length;
    bool found;
};

/* What the caller must see of a wire value; returns its length, or -1 if the size is wrong. */
static long expected_value(unsigned type, struct naive value, uint8_t *out)
{
    static const long sizes[] = {0, 1, 2, 4, -1, -1, 4, 16};
    size_t length = value.length;

    if (type == VALUE_STR) {
        while (length > 0 && value.bytes[length - 1] == 0)
            length--;
        memcpy(out, value.bytes, length);
        out[length] = 0;
        return (long)length + 1;
    }
    if ((long)length != sizes[type])
        return -1;
    for (size_t i = 0; i < length; i++) { /* this machine is little-endian */
        bool is_number = type == VALUE_USHORT || type == VALUE_ULONG;

        out[i] = value.bytes[is_number ? length - 1 - i : i];
    }
    return (long)length;
}

static void compare_query(const struct wdsbp_parsed *parsed, uint32_t name, struct naive value)
{
    static uint8_t expected[PARSE_PACKET_MAX + 1];
    size_t length = SIZE_MAX;
    pxe_status status = wdsbp_parsed_query(parsed, name, NULL, 0, &length);
    long wanted;

    if (!value.found) {
        REQUIRE(status == PXE_FILE_NOT_FOUND && length == 0);
        return;
    }
    wanted = expected_value(name & 0xff, value, expected);
    if (wanted < 0) {
        REQUIRE(status == PXE_INVALID_DATA && length == 0);
        return;
    }
    REQUIRE(length == (size_t)wanted);
    REQUIRE(status == (wanted > 0 ? PXE_INSUFFICIENT_BUFFER : PXE_OK));

    uint8_t *buffer = (uint8_t *)malloc(length); /* exact, so that a sanitizer sees its end */
    REQUIRE(buffer || length == 0);
    if (length > 0) {
        REQUIRE(wdsbp_parsed_query(parsed, name, buffer, length - 1, &length) ==
                PXE_INSUFFICIENT_BUFFER);
        REQUIRE(wdsbp_parsed_query(parsed, name, buffer, length, &length) == PXE_OK);
        REQUIRE(length == (size_t)wanted && memcmp(buffer, expected, length) == 0);
    }
    free(buffer);
}

/* ---- DHCPv4 ---- */

static struct naive first4(const uint8_t *list, size_t end, unsigned code)
{
    size_t at = 0;

    while (at < end && list[at] != 255) {
        if (list[at] == 0) {
            at++;
            continue;
        }
        if (at + 1 >= end || at + 2 + list[at + 1] > end)
            break;
        if (code == 0 || list[at] == code)
            return (struct naive){list + at + 2, list[at + 1], true};
        at += 2u + list[at + 1];
    }
    return (struct naive){list, 0, false};
}

/* Whole options are looked up with dhcp4_option_find, which has a fuzzer of its own. */
static struct naive whole4(const uint8_t *data, size_t size, uint8_t code, uint32_t instance)
{
    uint8_t length = 0;
    struct naive value = {data, 0, false};

    value.found = dhcp4_option_find(data, size, code, instance, &value.bytes, &length) == PXE_OK;
    value.length = length;
    return value;
}

static unsigned expected_types4(const uint8_t *data, size_t size, struct naive any,
                                struct naive path)
{
    struct naive class = whole4(data, size, DHCP4_OPT_VENDOR_CLASS, 1);
    unsigned types = PACKET_DHCP;

    if (any.found && class.found && class.length >= 9 && memcmp(class.bytes, "PXEClient", 9) == 0)
        types |= PACKET_NBP;
    if (path.found && path.length > 0)
        types |= PACKET_BCD;
    return types;
}

static void compare4(const uint8_t *data, size_t size, const struct wdsbp_parsed *parsed)
{
    static uint8_t joined[PARSE_NBP_INSTANCE_MAX * 255];
    size_t length = 0;
    struct naive path = whole4(data, size, 252, 1);

    for (uint32_t i = 1; i <= PARSE_NBP_INSTANCE_MAX; i++) {
        struct naive part = whole4(data, size, 250, i);

        memcpy(joined + length, part.bytes, part.found ? part.length : 0);
        length += part.found ? part.length : 0;
    }
    REQUIRE(parsed->packet_types == expected_types4(data, size, first4(joined, length, 0), path));
    for (size_t i = 0; i < COUNT(published4); i++)
        compare_query(parsed, published4[i], first4(joined, length, published4[i] >> 16));
    for (uint32_t id = 17; id <= 254; id++) /* unpublished, as every type that has a form */
        compare_query(parsed, id << 16 | 0x200 | (id % 2 ? VALUE_STR : VALUE_ULONG),
                      first4(joined, length, id));
    compare_query(parsed, 0x00fc0405, path);
}

/* ---- DHCPv6 ---- */

static struct naive first6(const uint8_t *list, size_t end, unsigned low, unsigned high)
{
    for (size_t at = 0; at + 4 <= end;) {
        unsigned code = list[at] * 256u + list[at + 1];
        size_t length = list[at + 2] * 256u + list[at + 3];

        if (at + 4 + length > end)
            break;
        if (code >= low && code <= high)
            return (struct naive){list + at + 4, length, true};
        at += 4 + length;
    }
    return (struct naive){list, 0, false};
}

static struct naive any6(struct naive list, unsigned low, unsigned high)
{
    struct naive found = first6(list.bytes, list.length, low, high);

    for (size_t at = 0; !found.found && at < list.length;) {
        struct naive vendor = first6(list.bytes + at, list.length - at, 17, 17);

        if (!vendor.found)
            break;
        if (vendor.length >= 4 && memcmp(vendor.bytes, "\0\0\x01\x37", 4) == 0)
            found = first6(vendor.bytes + 4, vendor.length - 4, low, high);
        at = (size_t)(vendor.bytes - list.bytes) + vendor.length;
    }
    return found;
}

/* The innermost options; not found: the packet must be refused. */
static struct naive unwrap6(const uint8_t *data, size_t size)
{
    struct naive message = {data, size, true};

    for (unsigned relays = 0;; relays++) {
        if (message.length < 4)
            break;
        if (message.bytes[0] != 12 && message.bytes[0] != 13)
            return (struct naive){message.bytes + 4, message.length - 4, true};
        if (relays == 32 || message.length < 34)
            break;
        message = first6(message.bytes + 34, message.length - 34, 9, 9);
        if (!message.found)
            break;
    }
    return (struct naive){data, 0, false};
}

static void compare6(struct naive options, const struct wdsbp_parsed *parsed)
{
    unsigned types = PACKET_DHCPV6;

    types |= any6(options, 50001, 50018).found ? PACKET_NBP : 0u;
    types |= any6(options, 50014, 50014).found ? PACKET_BCD : 0u;
    REQUIRE(parsed->packet_types == types);
    for (size_t i = 0; i < COUNT(published6); i++) {
        unsigned id = published6[i] >> 16;

        compare_query(parsed, published6[i], any6(options, id, id));
    }
    for (uint32_t id = 1; id < 66000; id += id < 20 ? 1 : 7000) {
        if (id < 50001 || (id > 50018 && id <= 65535))
            compare_query(parsed, id << 16 | 0x805, any6(options, id, id));
    }
}

static void read_packet(const uint8_t *data, size_t size, bool is_v6)
{
    uint8_t *packet = (uint8_t *)calloc(1, size);
    uint8_t *store = (uint8_t *)malloc(size);
    struct wdsbp_parsed parsed;
    struct naive options = unwrap6(data, size);
    pxe_status status;

    REQUIRE(size == 0 || (packet && store));
    if (size > 0)
        memcpy(packet, data, size);
    status = is_v6 ? wdsbp_parse6(packet, size, store, &parsed)
                   : wdsbp_parse4(packet, size, store, &parsed);
    free(packet); /* the result must not need it */
    if (size > PARSE_PACKET_MAX) {
        REQUIRE(status == PXE_INVALID_DATA);
    } else if (is_v6) {
        REQUIRE(status == (options.found ? PXE_OK : PXE_INVALID_DATA));
        if (status == PXE_OK)
            compare6(options, &parsed);
    } else {
        bool is_good = size >= 240 && (data[0] == 1 || data[0] == 2) &&
                       memcmp(data + 236, "\x63\x82\x53\x63", 4) == 0;

        REQUIRE(status == (is_good ? PXE_OK : PXE_INVALID_DATA));
        if (is_good)
            compare4(data, size, &parsed);
    }
    free(store);
}

/* ---- building ---- */

/* What has been added, in order: a slot per option, encoded anew whenever asked. */
enum { SLOTS_MAX = 64 };
struct slot {
    unsigned id;
    size_t length;
    uint8_t wire[1024];
};
struct model {
    struct slot slots[SLOTS_MAX];
    size_t count;
    struct slot path;
    bool has_path;
    bool is_v6;
};

static size_t model_encode(const struct model *model, uint8_t *out)
{
    size_t at = model->count > 0 && !model->is_v6 ? 2 : 0;

    for (size_t i = 0; i < model->count; i++) {
        const struct slot *slot = &model->slots[i];

        if (model->is_v6) {
            out[at++] = (uint8_t)(slot->id >> 8);
            out[at++] = (uint8_t)slot->id;
            out[at++] = (uint8_t)(slot->length >> 8);
        } else {
            out[at++] = (uint8_t)slot->id;
        }
        out[at++] = (uint8_t)slot->length;
        memcpy(out + at, slot->wire, slot->length);
        at += slot->length;
    }
    if (model->count > 0 && !model->is_v6) {
        out[at++] = 255;
        out[0] = 250;
        out[1] = (uint8_t)(at - 2);
    }
    if (model->has_path) {
        out[at++] = 252;
        out[at++] = (uint8_t)model->path.length;
        memcpy(out + at, model->path.wire, model->path.length);
        at += model->path.length;
    }
    return at;
}

/* The slot for an option, a new one at the end if there is none. */
static struct slot *model_slot(struct model *model, uint32_t name)
{
    if ((name >> 8 & 0xff) == PACKET_BCD) {
        model->has_path = true;
        return &model->path;
    }
    for (size_t i = 0; i < model->count; i++) {
        if (model->slots[i].id == name >> 16)
            return &model->slots[i];
    }
    REQUIRE(model->count < SLOTS_MAX);
    model->slots[model->count].id = name >> 16;
    return &model->slots[model->count++];
}

static void model_set(struct model *model, uint32_t name, const uint8_t *value, size_t length)
{
    struct slot *slot = model_slot(model, name);
    unsigned type = name & 0xff;

    if (type == VALUE_STR) {
        while (length > 0 && value[length - 1] == 0)
            length--;
    }
    for (size_t i = 0; i < length; i++) {
        bool is_number = type == VALUE_USHORT || type == VALUE_ULONG;

        slot->wire[i] = value[is_number ? length - 1 - i : i];
    }
    slot->wire[length] = 0;
    slot->length = length + (type == VALUE_STR ? 1 : 0);
}

/* Name from the input: mostly a published one, at times any number at all. */
static uint32_t pick_name(const uint8_t *data)
{
    unsigned choice = data[0];

    if (choice < 15)
        return published4[choice];
    if (choice < 33)
        return published6[choice - 15];
    if (choice < 40)
        return 0x00fc0405;
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)(data[2] % 16) << 8 |
           data[3] % 10u;
}

static void check_output(const struct wdsbp_build *build, const struct model *model)
{
    static uint8_t expected[SLOTS_MAX * 1100];
    size_t wanted = model_encode(model, expected);
    size_t length = SIZE_MAX;
    uint8_t *buffer = (uint8_t *)malloc(wanted);

    REQUIRE(buffer || wanted == 0);
    if (wanted > 0)
        REQUIRE(wdsbp_build_get(build, buffer, wanted - 1, &length) == PXE_INSUFFICIENT_BUFFER);
    REQUIRE(wdsbp_build_get(build, buffer, wanted, &length) == PXE_OK);
    REQUIRE(length == wanted && memcmp(buffer, expected, wanted) == 0);
    free(buffer);
}

static void build_options(const uint8_t *data, size_t size)
{
    static const uint8_t types[] = {PACKET_NBP, PACKET_BCD, PACKET_NBP | PACKET_BCD, PACKET_DHCPV6};
    static struct model model;
    struct wdsbp_build build;
    uint8_t type = types[size > 0 ? data[0] % 4 : 0];
    uint8_t *store = (uint8_t *)malloc(wdsbp_build_store_size(type));
    size_t at = 1;

    REQUIRE(store);
    model.count = 0;
    model.has_path = false;
    model.is_v6 = type == PACKET_DHCPV6;
    wdsbp_build_start(&build, type, store);
    for (unsigned adds = 0; adds < SLOTS_MAX - 1 && at + 5 <= size; adds++) {
        uint32_t name = pick_name(data + at);
        size_t length = data[at + 4] < 128 ? data[at + 4] : (data[at + 4] - 128u) * 6;
        pxe_status status;

        at += 5;
        if (length > size - at)
            length = size - at;
        status = wdsbp_build_add(&build, name, data + at, length);
        if (status == PXE_OK) {
            model_set(&model, name, data + at, length);
            REQUIRE(build.length <= build.capacity);
        } else {
            REQUIRE(status == PXE_INVALID_PARAMETER || status == WDSBP_BUFFER_OVERFLOW);
        }
        check_output(&build, &model); /* a failure changed nothing */
        at += length;
    }
    free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_packet(data, size, false);
    read_packet(data, size, true);
    build_options(data, size);
    return 0;
}
