#include "decode/names.h"

#include <stddef.h>

/* RFC 2132, 3203, 4388, 6926, 7724 */
static const char *const message_types[] = {
    [1] = "DISCOVER",
    [2] = "OFFER",
    [3] = "REQUEST",
    [4] = "DECLINE",
    [5] = "ACK",
    [6] = "NAK",
    [7] = "RELEASE",
    [8] = "INFORM",
    [9] = "FORCERENEW",
    [10] = "LEASEQUERY",
    [11] = "LEASEUNASSIGNED",
    [12] = "LEASEUNKNOWN",
    [13] = "LEASEACTIVE",
    [14] = "BULKLEASEQUERY",
    [15] = "LEASEQUERYDONE",
    [16] = "ACTIVELEASEQUERY",
    [17] = "LEASEQUERYSTATUS",
    [18] = "TLS",
};

/* RFC 8415 section 7.3; 5007, 5460, 6977, 7341, 7653, 8156, 9686 */
static const char *const message6_types[] = {
    [1] = "SOLICIT",
    [2] = "ADVERTISE",
    [3] = "REQUEST",
    [4] = "CONFIRM",
    [5] = "RENEW",
    [6] = "REBIND",
    [7] = "REPLY",
    [8] = "RELEASE",
    [9] = "DECLINE",
    [10] = "RECONFIGURE",
    [11] = "INFORMATION-REQUEST",
    [12] = "RELAY-FORW",
    [13] = "RELAY-REPL",
    [14] = "LEASEQUERY",
    [15] = "LEASEQUERY-REPLY",
    [16] = "LEASEQUERY-DONE",
    [17] = "LEASEQUERY-DATA",
    [18] = "RECONFIGURE-REQUEST",
    [19] = "RECONFIGURE-REPLY",
    [20] = "DHCPV4-QUERY",
    [21] = "DHCPV4-RESPONSE",
    [22] = "ACTIVELEASEQUERY",
    [23] = "STARTTLS",
    [24] = "BNDUPD",
    [25] = "BNDREPLY",
    [26] = "POOLREQ",
    [27] = "POOLRESP",
    [28] = "UPDREQ",
    [29] = "UPDREQALL",
    [30] = "UPDDONE",
    [31] = "CONNECT",
    [32] = "CONNECTREPLY",
    [33] = "DISCONNECT",
    [34] = "STATE",
    [35] = "CONTACT",
    [36] = "ADDR-REG-INFORM",
    [37] = "ADDR-REG-REPLY",
};

/* IANA, "Processor Architecture Types" */
static const char *const architectures[] = {
    [0] = "BIOS x86",
    [1] = "NEC PC-98",
    [2] = "UEFI Itanium",
    [3] = "DEC Alpha",
    [4] = "Arc x86",
    [5] = "Intel Lean Client",
    [6] = "UEFI IA32",
    [7] = "UEFI x64",
    [8] = "UEFI Xscale",
    [9] = "UEFI EBC",
    [10] = "UEFI ARM32",
    [11] = "UEFI ARM64",
    [12] = "PowerPC Open Firmware",
    [13] = "PowerPC ePAPR",
    [14] = "POWER OPAL v3",
    [15] = "UEFI HTTP x86",
    [16] = "UEFI HTTP x64",
    [17] = "UEFI HTTP EBC",
    [18] = "UEFI HTTP ARM32",
    [19] = "UEFI HTTP ARM64",
    [20] = "BIOS HTTP x86",
    [21] = "U-Boot ARM32",
    [22] = "U-Boot ARM64",
    [23] = "U-Boot HTTP ARM32",
    [24] = "U-Boot HTTP ARM64",
    [25] = "UEFI RISC-V 32",
    [26] = "UEFI HTTP RISC-V 32",
    [27] = "UEFI RISC-V 64",
    [28] = "UEFI HTTP RISC-V 64",
    [29] = "UEFI RISC-V 128",
    [30] = "UEFI HTTP RISC-V 128",
    [31] = "s390 Basic",
    [32] = "s390 Extended",
    [33] = "UEFI MIPS32",
    [34] = "UEFI MIPS64",
    [35] = "UEFI Sunway32",
    [36] = "UEFI Sunway64",
    [37] = "UEFI LoongArch32",
    [38] = "UEFI HTTP LoongArch32",
    [39] = "UEFI LoongArch64",
    [40] = "UEFI HTTP LoongArch64",
    [41] = "Raspberry Pi boot ARM",
};

#define NAME_AT(names, number)                                                                     \
    ((number) < sizeof(names) / sizeof((names)[0]) ? (names)[number] : NULL)

const char *message_type_name(uint8_t type)
{
    return NAME_AT(message_types, type);
}

const char *message6_type_name(uint8_t type)
{
    return NAME_AT(message6_types, type);
}

const char *architecture_name(uint16_t architecture)
{
    return NAME_AT(architectures, architecture);
}
