/*
 * Network boot program of the lab for x64 UEFI clients: says on the console (the serial port under
 * OVMF) that it runs and from where the firmware says it has it (PXE over IPv4 or IPv6, HTTP), and
 * switches the machine off. Needs no headers and no runtime:
 *   x86_64-w64-mingw32-gcc -std=c11 -O2 -ffreestanding -fno-stack-protector -nostdlib \
 *       -Wl,--subsystem,10 -e efi_main efi.c -o x64.efi
 * Structures: UEFI 2.10 sections 4.3, 4.4, 8.1, 9.1, 9.2, 10.2, 10.3.4.22, 12.4 and 24.3, cut after
 * the last field used.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define EFIAPI __attribute__((ms_abi))

typedef uint64_t efi_status;

struct efi_guid {
    uint32_t a;
    uint16_t b;
    uint16_t c;
    uint8_t d[8];
};

struct efi_table_header {
    uint64_t signature;
    uint32_t revision;
    uint32_t size;
    uint32_t crc32;
    uint32_t reserved;
};

struct efi_text_output {
    void *reset;
    efi_status(EFIAPI *output_string)(struct efi_text_output *self, uint16_t *text);
};

struct efi_boot_services {
    struct efi_table_header header;
    void *before_handle_protocol[16];
    efi_status(EFIAPI *handle_protocol)(void *handle, struct efi_guid *protocol, void **interface);
};

struct efi_runtime_services {
    struct efi_table_header header;
    void *before_reset_system[10];
    void(EFIAPI *reset_system)(uint32_t type, efi_status status, uint64_t size, void *data);
};

struct efi_system_table {
    struct efi_table_header header;
    uint16_t *vendor;
    uint32_t firmware_revision;
    void *console_in_handle;
    void *console_in;
    void *console_out_handle;
    struct efi_text_output *console_out;
    void *error_handle;
    struct efi_text_output *error;
    struct efi_runtime_services *runtime;
    struct efi_boot_services *boot;
};

struct efi_loaded_image {
    uint32_t revision;
    void *parent;
    struct efi_system_table *system_table;
    void *device_handle;
};

enum {
    DEVICE_PATH_MESSAGING = 3,
    DEVICE_PATH_URI = 24,
    DEVICE_PATH_END = 0x7f,
    OPTION_BOOT_FILE_URL = 59 /* RFC 5970 section 3.1 */
};

struct efi_device_path {
    uint8_t type;
    uint8_t subtype;
    uint8_t length[2]; /* little-endian, with these four bytes */
    char data[];
};

/* A cached packet: the BOOTP header, then what is left of the firmware's 1472 bytes. */
struct pxe_packet4 {
    uint8_t before_siaddr[20];
    uint8_t siaddr[4];
    uint8_t before_file[84];
    char file[128];
    uint8_t options[1236];
};

/* The same with IPv6; zeroes behind the last option. */
struct pxe_packet6 {
    uint8_t type_and_transaction[4];
    uint8_t options[1024];
};

struct pxe_packet {
    union {
        struct pxe_packet4 v4;
        struct pxe_packet6 v6;
    } u;
};

struct pxe_mode {
    uint8_t before_using_ipv6[3];
    uint8_t using_ipv6;
    uint8_t before_ack_received[5];
    uint8_t dhcp_ack_received;
    uint8_t proxy_offer_received;
    uint8_t pxe_discover_valid;
    uint8_t pxe_reply_received;
    uint8_t before_packets[39]; /* flags, two addresses and alignment: up to offset 52 */
    struct pxe_packet dhcp_discover;
    struct pxe_packet dhcp_ack;
    struct pxe_packet proxy_offer;
    struct pxe_packet pxe_discover;
    struct pxe_packet pxe_reply;
};

struct pxe_base_code {
    uint64_t revision;
    void *functions[12];
    struct pxe_mode *mode;
};

static_assert(offsetof(struct efi_boot_services, handle_protocol) == 152, "boot services");
static_assert(offsetof(struct efi_runtime_services, reset_system) == 104, "runtime services");
static_assert(sizeof(struct pxe_packet) == 1472, "EFI_PXE_BASE_CODE_PACKET");
static_assert(offsetof(struct pxe_mode, dhcp_discover) == 52, "EFI_PXE_BASE_CODE_MODE");

static struct efi_guid loaded_image_guid = {
    0x5b1b31a1, 0x9562, 0x11d2, {0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
static struct efi_guid pxe_base_code_guid = {
    0x03c4e603, 0xac28, 0x11d3, {0x9a, 0x2d, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};
static struct efi_guid image_device_path_guid = {
    0xbc62157e, 0x3e33, 0x4fec, {0x99, 0x20, 0x2d, 0x3b, 0x36, 0xd7, 0x50, 0xdf}};

static void print(struct efi_text_output *out, const char *text, size_t limit)
{
    uint16_t wide[160];
    size_t count = 0;

    while (count < limit && count + 1 < sizeof(wide) / sizeof(wide[0]) && text[count] != '\0') {
        wide[count] = (uint8_t)text[count];
        count++;
    }
    wide[count] = 0;
    out->output_string(out, wide);
}

static void print_address(struct efi_text_output *out, const uint8_t address[4])
{
    char text[16];
    size_t count = 0;

    for (size_t i = 0; i < 4; i++) {
        uint8_t byte = address[i];

        if (i > 0)
            text[count++] = '.';
        if (byte >= 100)
            text[count++] = (char)('0' + byte / 100);
        if (byte >= 10)
            text[count++] = (char)('0' + byte / 10 % 10);
        text[count++] = (char)('0' + byte % 10);
    }
    print(out, text, count);
}

/* The packet that named the boot file: the boot server's reply, or an offer that had it already. */
static const struct pxe_packet *packet_choose(const struct pxe_mode *mode)
{
    if (mode->pxe_reply_received)
        return &mode->pxe_reply;
    if (mode->proxy_offer_received)
        return &mode->proxy_offer;
    return mode->dhcp_ack_received ? &mode->dhcp_ack : NULL;
}

static const struct pxe_mode *mode_find(void *image, struct efi_boot_services *boot)
{
    void *loaded = NULL;
    void *base_code = NULL;

    if (boot->handle_protocol(image, &loaded_image_guid, &loaded) != 0)
        return NULL;
    if (boot->handle_protocol(((struct efi_loaded_image *)loaded)->device_handle,
                              &pxe_base_code_guid, &base_code) != 0)
        return NULL;
    return ((struct pxe_base_code *)base_code)->mode;
}

static void report_packet4(struct efi_text_output *out, const struct pxe_packet4 *packet)
{
    print(out, "boot file ", 16);
    print(out, packet->file, sizeof(packet->file));
    print(out, " from ", 16);
    print_address(out, packet->siaddr);
    print(out, "\r\n", 2);
}

static void report_url(struct efi_text_output *out, const char *url, size_t length)
{
    print(out, "boot file ", 16);
    print(out, url, length);
    print(out, "\r\n", 2);
}

static void report_packet6(struct efi_text_output *out, const struct pxe_packet6 *packet)
{
    const uint8_t *at = packet->options;
    size_t left = sizeof(packet->options);

    while (left >= 4) {
        size_t code = (size_t)at[0] << 8 | at[1];
        size_t length = (size_t)at[2] << 8 | at[3];

        if (code == 0 || length > left - 4)
            return;
        if (code == OPTION_BOOT_FILE_URL) {
            report_url(out, (const char *)at + 4, length);
            return;
        }
        at += 4 + length;
        left -= 4 + length;
    }
}

/* HTTP boot: the URL is a part of the path from which the image was loaded. */
static void report_path(struct efi_text_output *out, void *image, struct efi_boot_services *boot)
{
    void *path = NULL;
    const struct efi_device_path *node;

    if (boot->handle_protocol(image, &image_device_path_guid, &path) != 0)
        return;
    for (node = path; node->type != DEVICE_PATH_END;) {
        size_t length = (size_t)node->length[1] << 8 | node->length[0];

        if (length < sizeof(*node))
            return;
        if (node->type == DEVICE_PATH_MESSAGING && node->subtype == DEVICE_PATH_URI)
            report_url(out, node->data, length - sizeof(*node));
        node = (const void *)((const uint8_t *)node + length);
    }
}

efi_status EFIAPI efi_main(void *image, struct efi_system_table *system);

efi_status EFIAPI efi_main(void *image, struct efi_system_table *system)
{
    static const char marker[] = "\r\nWDSPXE-BOOT-OK uefi-x64\r\n";
    struct efi_text_output *out = system->console_out;
    const struct pxe_mode *mode;
    const struct pxe_packet *packet = NULL;

    print(out, marker, sizeof(marker));
    mode = mode_find(image, system->boot);
    if (mode != NULL)
        packet = packet_choose(mode);
    if (packet == NULL)
        report_path(out, image, system->boot);
    else if (mode->using_ipv6)
        report_packet6(out, &packet->u.v6);
    else
        report_packet4(out, &packet->u.v4);
    system->runtime->reset_system(2 /* EfiResetShutdown */, 0, 0, NULL);
    return 0;
}
