/*
 * Shows what our DHCPv6 codec makes of packets, for comparison with an independent decoder.
 *
 *   dhcp6_dump dump FILE...                     per packet: a line "packet FILE DEFECT PXE" (defect
 *                                               number, 0 or 1), then a line "CODE INSTANCE HEX"
 *                                               per option and "17.ENTERPRISE.CODE INSTANCE HEX"
 *                                               per vendor sub-option; of a RELAY-FORW "relay
 *                                               STATUS" and, if that is 0, per layer "layer NUMBER
 *                                               OFFSET LENGTH ID" and "inner OFFSET LENGTH". "-"
 *                                               stands for an empty value, "none" for no Id
 *   dhcp6_dump build REQUEST OUT [CODE:HEX]...  writes the reply to a request, with these options
 *                                               in this order; a bare ":HEX" is appended raw
 *   dhcp6_dump answer REQUEST ANSWER OUT        writes the answer wrapped into the relay layers of
 *                                               the request
 *
 * Exit code 0, or 1 with a message.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dhcp/dhcp6.h"

enum { PACKET_MAX = 65536 };

static int fail(const char *what, const char *detail)
{
    fprintf(stderr, "dhcp6_dump: %s: %s\n", what, detail);
    return 1;
}

/* The file's bytes in a block of exactly their number, which the caller frees; NULL: no such file,
 * an empty or a huge one. */
static uint8_t *file_read(const char *path, size_t *out_length)
{
    static uint8_t buffer[PACKET_MAX];
    FILE *file = fopen(path, "rb");

    if (!file) {
        return NULL;
    }
    size_t length = fread(buffer, 1, sizeof(buffer), file);
    fclose(file);
    uint8_t *bytes = length > 0 && length < sizeof(buffer) ? (uint8_t *)malloc(length) : NULL;
    if (bytes) {
        memcpy(bytes, buffer, length);
        *out_length = length;
    }
    return bytes;
}

static int file_write(const char *path, const uint8_t *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");

    if (!file) {
        return fail("cannot write", path);
    }
    bool is_written = fwrite(bytes, 1, length, file) == length;
    if (fclose(file) != 0 || !is_written) {
        return fail("cannot write", path);
    }
    return 0;
}

static void print_value(const uint8_t *value, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        printf("%02x", value[i]);
    }
    puts(length == 0 ? "-" : "");
}

static void print_options(const uint8_t *packet, size_t length)
{
    for (unsigned code = 0; code <= UINT16_MAX; code++) {
        const uint8_t *value;
        uint16_t value_length;

        for (uint32_t instance = 1; dhcp6_option_find(packet, length, (uint16_t)code, instance,
                                                      &value, &value_length) == PXE_OK;
             instance++) {
            printf("%u %lu ", code, (unsigned long)instance);
            print_value(value, value_length);
        }
    }
}

static void print_vendor_options(const uint8_t *packet, size_t length, uint32_t enterprise)
{
    for (unsigned code = 0; code <= UINT16_MAX; code++) {
        const uint8_t *value;
        uint16_t value_length;

        for (uint32_t instance = 1;
             dhcp6_vendor_option_find(packet, length, enterprise, (uint16_t)code, instance, &value,
                                      &value_length) == PXE_OK;
             instance++) {
            printf("17.%lu.%u %lu ", (unsigned long)enterprise, code, (unsigned long)instance);
            print_value(value, value_length);
        }
    }
}

/* Prints the sub-options of each enterprise that occurs; a line may be printed more than once. */
static void print_all_vendor_options(const uint8_t *packet, size_t length)
{
    const uint8_t *value;
    uint16_t value_length;

    for (uint32_t instance = 1; dhcp6_option_find(packet, length, DHCP6_OPT_VENDOR_OPTIONS,
                                                  instance, &value, &value_length) == PXE_OK;
         instance++) {
        if (value_length >= 4) {
            print_vendor_options(packet, length,
                                 (uint32_t)value[0] << 24 | (uint32_t)value[1] << 16 |
                                     (uint32_t)value[2] << 8 | value[3]);
        }
    }
}

static void print_relay(const uint8_t *packet, size_t length)
{
    struct dhcp6_relay_layer layers[DHCP6_RELAY_LAYERS_MAX];
    const uint8_t *inner;
    size_t inner_length;
    size_t count;
    pxe_status status = dhcp6_relay_parse(packet, length, layers, DHCP6_RELAY_LAYERS_MAX, &count,
                                          &inner, &inner_length);

    printf("relay %lu\n", (unsigned long)status);
    if (status != PXE_OK) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        printf("layer %lu %lu %lu ", (unsigned long)i, (unsigned long)(layers[i].message - packet),
               (unsigned long)layers[i].length);
        if (layers[i].interface_id) {
            print_value(layers[i].interface_id, layers[i].interface_id_length);
        } else {
            puts("none");
        }
    }
    printf("inner %lu %lu\n", (unsigned long)(inner - packet), (unsigned long)inner_length);
}

static int dump(const char *path)
{
    size_t length;
    uint8_t *packet = file_read(path, &length);

    if (!packet) {
        return fail("cannot read", path);
    }
    bool is_request = dhcp6_check(packet, length, false, NULL) == DHCP6_WRONG_TYPE;
    bool is_pxe;
    enum dhcp6_defect defect = dhcp6_check(packet, length, is_request, &is_pxe);
    printf("packet %s %d %d\n", path, (int)defect, is_pxe ? 1 : 0);
    print_options(packet, length);
    print_all_vendor_options(packet, length);
    if (packet[DHCP6_TYPE] == DHCP6_RELAY_FORW) {
        print_relay(packet, length);
    }
    free(packet);
    return 0;
}

/* Decodes pairs of hexadecimal digits; false if there is anything else or too much of it. */
static bool hex_decode(const char *text, uint8_t *bytes, size_t capacity, size_t *out_count)
{
    size_t count = 0;

    for (; text[0] && text[1]; text += 2) {
        char pair[3] = {text[0], text[1], 0};
        char *end;
        unsigned long value = strtoul(pair, &end, 16);

        if (*end || count == capacity) {
            return false;
        }
        bytes[count++] = (uint8_t)value;
    }
    *out_count = count;
    return !text[0];
}

static pxe_status append_argument(uint8_t *reply, size_t *length, const char *argument)
{
    static uint8_t bytes[PACKET_MAX];
    size_t count;
    char *colon;
    unsigned long code = strtoul(argument, &colon, 10);

    if (*colon != ':' || code > UINT16_MAX ||
        !hex_decode(colon + 1, bytes, sizeof(bytes), &count)) {
        return PXE_INVALID_PARAMETER;
    }
    if (colon == argument) {
        return dhcp6_raw_append(reply, PACKET_MAX, length, bytes, count);
    }
    if (count > UINT16_MAX) {
        return PXE_INVALID_PARAMETER;
    }
    return dhcp6_option_append(reply, PACKET_MAX, length, (uint16_t)code, bytes, (uint16_t)count);
}

static int build(const char *request_path, const char *out_path, char **options, int count)
{
    static uint8_t reply[PACKET_MAX];
    size_t length;
    uint8_t *request = file_read(request_path, &length);

    if (!request) {
        return fail("cannot read", request_path);
    }
    pxe_status status = dhcp6_reply_start(request, length, reply, sizeof(reply), &length);
    free(request);
    if (status != PXE_OK) {
        return fail("not a DHCPv6 request", request_path);
    }
    for (int i = 0; i < count; i++) {
        if (append_argument(reply, &length, options[i]) != PXE_OK) {
            return fail("cannot append", options[i]);
        }
    }
    return file_write(out_path, reply, length);
}

static pxe_status relay_answer(const uint8_t *request, size_t request_length, const uint8_t *answer,
                               size_t answer_length, uint8_t *reply, size_t capacity,
                               size_t *out_length)
{
    struct dhcp6_relay_layer layers[DHCP6_RELAY_LAYERS_MAX];
    const uint8_t *inner;
    size_t inner_length;
    size_t count;
    pxe_status status = dhcp6_relay_parse(request, request_length, layers, DHCP6_RELAY_LAYERS_MAX,
                                          &count, &inner, &inner_length);

    return status != PXE_OK ? status
                            : dhcp6_relay_create(layers, count, answer, answer_length, reply,
                                                 capacity, out_length);
}

static int answer(const char *request_path, const char *answer_path, const char *out_path)
{
    static uint8_t reply[2 * PACKET_MAX];
    size_t request_length;
    size_t answer_length;
    size_t length;
    uint8_t *request = file_read(request_path, &request_length);
    uint8_t *inner = file_read(answer_path, &answer_length);
    int result = 1;

    if (!request || !inner) {
        fail("cannot read", request ? answer_path : request_path);
    } else if (relay_answer(request, request_length, inner, answer_length, reply, sizeof(reply),
                            &length) != PXE_OK) {
        fail("cannot answer", request_path);
    } else {
        result = file_write(out_path, reply, length);
    }
    free(request);
    free(inner);
    return result;
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "dump") == 0) {
        for (int i = 2; i < argc; i++) {
            if (dump(argv[i]) != 0) {
                return 1;
            }
        }
        return 0;
    }
    if (argc >= 4 && strcmp(argv[1], "build") == 0) {
        return build(argv[2], argv[3], argv + 4, argc - 4);
    }
    if (argc == 5 && strcmp(argv[1], "answer") == 0) {
        return answer(argv[2], argv[3], argv[4]);
    }
    return fail("usage", "dump FILE... | build REQUEST OUT [CODE:HEX]... | "
                         "answer REQUEST ANSWER OUT");
}
