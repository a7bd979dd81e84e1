/*
 * Network boot program of the lab for x64 UEFI clients: says on the console (the serial port under
 * OVMF) that it runs and which file and server the firmware has on record, and switches the
 * machine off. Needs no headers and no runtime:
 *   x86_64-w64-mingw32-gcc -std=c11 -O2 -ffreestanding -fno-stack-protector -nostdlib \
 *       -Wl,--subsystem,10 -e efi_main efi.c -o x64.efi
 * Structures: UEFI 2.10 sections 4.3, 4.4, 8.1, 9.1, 12.4 and 24.3, cut after the last field used.
 */
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

/* A cached packet: the BOOTP header, then what is left of the firmware's 1472 bytes. */
struct pxe_packet {
    uint8_t before_siaddr[20];
    uint8_t siaddr[4];
    uint8_t before_file[84];
    char file[128];
    uint8_t options[1236];
};

struct pxe_mode {
    uint8_t before_ack_received[9];
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

_Static_assert(offsetof(struct efi_boot_services, handle_protocol) == 152, "boot services");
_Static_assert(offsetof(struct efi_runtime_services, reset_system) == 104, "runtime services");
_Static_assert(sizeof(struct pxe_packet) == 1472, "EFI_PXE_BASE_CODE_PACKET");
_Static_assert(offsetof(struct pxe_mode, dhcp_discover) == 52, "EFI_PXE_BASE_CODE_MODE");

static struct efi_guid loaded_image_guid = {
    0x5b1b31a1, 0x9562, 0x11d2, {0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
static struct efi_guid pxe_base_code_guid = {
    0x03c4e603, 0xac28, 0x11d3, {0x9a, 0x2d, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};

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

static const struct pxe_packet *packet_find(void *image, struct efi_boot_services *boot)
{
    void *loaded = NULL;
    void *base_code = NULL;

    if (boot->handle_protocol(image, &loaded_image_guid, &loaded) != 0)
        return NULL;
    if (boot->handle_protocol(((struct efi_loaded_image *)loaded)->device_handle,
                              &pxe_base_code_guid, &base_code) != 0)
        return NULL;
    return packet_choose(((struct pxe_base_code *)base_code)->mode);
}

efi_status EFIAPI efi_main(void *image, struct efi_system_table *system);

efi_status EFIAPI efi_main(void *image, struct efi_system_table *system)
{
    static const char marker[] = "\r\nWDSPXE-BOOT-OK uefi-x64\r\n";
    struct efi_text_output *out = system->console_out;
    const struct pxe_packet *packet;

    print(out, marker, sizeof(marker));
    packet = packet_find(image, system->boot);
    if (packet != NULL) {
        print(out, "boot file ", 16);
        print(out, packet->file, sizeof(packet->file));
        print(out, " from ", 16);
        print_address(out, packet->siaddr);
        print(out, "\r\n", 2);
    }
    system->runtime->reset_system(2 /* EfiResetShutdown */, 0, 0, NULL);
    return 0;
}
