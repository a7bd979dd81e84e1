/*
 * Shows what our DHCPv4 codec makes of packets, for comparison with an independent decoder.
 *
 *   dhcp4_dump dump FILE...                     per packet: a line "packet FILE DEFECT PXE" (defect
 *                                               number, 0 or 1), then a line "CODE INSTANCE HEX"
 *                                               per option and "43.CODE INSTANCE HEX" per vendor
 *                                               sub-option; "-" stands for an empty value
 *   dhcp4_dump build REQUEST OUT [CODE:HEX]...  writes the reply to a request, with these options
 *                                               in this order; a bare ":HEX" is appended raw
 *
 * Exit code 0, or 1 with a message.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dhcp/dhcp4.h"

enum { PACKET_MAX = 65536 };

typedef pxe_status find_function(const uint8_t *packet, size_t length, uint8_t code,
                                 uint32_t instance, const uint8_t **out_value, uint8_t *out_length);

static int fail(const char *what, const char *detail)
{
    fprintf(stderr, "dhcp4_dump: %s: %s\n", what, detail);
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

static void print_options(find_function *find, const char *prefix, const uint8_t *packet,
                          size_t length)
{
    for (unsigned code = 0; code <= 255; code++) {
        const uint8_t *value;
        uint8_t value_length;

        for (uint32_t instance = 1;
             find(packet, length, (uint8_t)code, instance, &value, &value_length) == PXE_OK;
             instance++) {
            printf("%s%u %lu ", prefix, code, (unsigned long)instance);
            for (size_t i = 0; i < value_length; i++) {
                printf("%02x", value[i]);
            }
            puts(value_length == 0 ? "-" : "");
        }
    }
}

static int dump(const char *path)
{
    size_t length;
    uint8_t *packet = file_read(path, &length);

    if (!packet) {
        return fail("cannot read", path);
    }
    bool is_pxe;
    enum dhcp4_defect defect =
        dhcp4_check(packet, length, packet[DHCP4_OP] == DHCP4_BOOTREQUEST, &is_pxe);
    printf("packet %s %d %d\n", path, (int)defect, is_pxe ? 1 : 0);
    print_options(dhcp4_option_find, "", packet, length);
    print_options(dhcp4_vendor_option_find, "43.", packet, length);
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

    if (*colon != ':' || code > 255 || !hex_decode(colon + 1, bytes, sizeof(bytes), &count)) {
        return PXE_INVALID_PARAMETER;
    }
    if (colon == argument) {
        return dhcp4_raw_append(reply, PACKET_MAX, length, bytes, count);
    }
    if (count > UINT8_MAX) {
        return PXE_INVALID_PARAMETER;
    }
    return dhcp4_option_append(reply, PACKET_MAX, length, (uint8_t)code, bytes, (uint8_t)count);
}

static int build(const char *request_path, const char *out_path, char **options, int count)
{
    static uint8_t reply[PACKET_MAX];
    size_t length;
    uint8_t *request = file_read(request_path, &length);

    if (!request) {
        return fail("cannot read", request_path);
    }
    pxe_status status = dhcp4_reply_start(request, length, reply, sizeof(reply), &length);
    free(request);
    if (status != PXE_OK) {
        return fail("not a DHCP packet", request_path);
    }
    for (int i = 0; i < count; i++) {
        if (append_argument(reply, &length, options[i]) != PXE_OK) {
            return fail("cannot append", options[i]);
        }
    }
    FILE *file = fopen(out_path, "wb");
    if (!file) {
        return fail("cannot write", out_path);
    }
    bool is_written = fwrite(reply, 1, length, file) == length;
    if (fclose(file) != 0 || !is_written) {
        return fail("cannot write", out_path);
    }
    return 0;
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
    return fail("usage", "dump FILE... | build REQUEST OUT [CODE:HEX]...");
}
