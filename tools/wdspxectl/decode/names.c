#include "decode/names.h"

/* RFC 2132, 3203, 4388, 6926, 7724 */
static const wchar_t *const message_types[] = {
    [1] = L"DISCOVER",
    [2] = L"OFFER",
    [3] = L"REQUEST",
    [4] = L"DECLINE",
    [5] = L"ACK",
    [6] = L"NAK",
    [7] = L"RELEASE",
    [8] = L"INFORM",
    [9] = L"FORCERENEW",
    [10] = L"LEASEQUERY",
    [11] = L"LEASEUNASSIGNED",
    [12] = L"LEASEUNKNOWN",
    [13] = L"LEASEACTIVE",
    [14] = L"BULKLEASEQUERY",
    [15] = L"LEASEQUERYDONE",
    [16] = L"ACTIVELEASEQUERY",
    [17] = L"LEASEQUERYSTATUS",
    [18] = L"TLS",
};

/* RFC 8415 section 7.3 */
static const wchar_t *const message6_types[] = {
    [1] = L"SOLICIT",
    [2] = L"ADVERTISE",
    [3] = L"REQUEST",
    [4] = L"CONFIRM",
    [5] = L"RENEW",
    [6] = L"REBIND",
    [7] = L"REPLY",
    [8] = L"RELEASE",
    [9] = L"DECLINE",
    [10] = L"RECONFIGURE",
    [11] = L"INFORMATION-REQUEST",
    [12] = L"RELAY-FORW",
    [13] = L"RELAY-REPL",
};

/* IANA, "Processor Architecture Types" */
static const wchar_t *const architectures[] = {
    [0] = L"BIOS x86",
    [1] = L"NEC PC-98",
    [2] = L"UEFI Itanium",
    [3] = L"DEC Alpha",
    [4] = L"Arc x86",
    [5] = L"Intel Lean Client",
    [6] = L"UEFI IA32",
    [7] = L"UEFI x64",
    [8] = L"UEFI Xscale",
    [9] = L"UEFI EBC",
    [10] = L"UEFI ARM32",
    [11] = L"UEFI ARM64",
    [12] = L"PowerPC Open Firmware",
    [13] = L"PowerPC ePAPR",
    [14] = L"POWER OPAL v3",
    [15] = L"UEFI HTTP x86",
    [16] = L"UEFI HTTP x64",
    [17] = L"UEFI HTTP EBC",
    [18] = L"UEFI HTTP ARM32",
    [19] = L"UEFI HTTP ARM64",
    [20] = L"BIOS HTTP x86",
    [21] = L"U-Boot ARM32",
    [22] = L"U-Boot ARM64",
    [23] = L"U-Boot HTTP ARM32",
    [24] = L"U-Boot HTTP ARM64",
    [25] = L"UEFI RISC-V 32",
    [26] = L"UEFI HTTP RISC-V 32",
    [27] = L"UEFI RISC-V 64",
    [28] = L"UEFI HTTP RISC-V 64",
    [29] = L"UEFI RISC-V 128",
    [30] = L"UEFI HTTP RISC-V 128",
    [31] = L"s390 Basic",
    [32] = L"s390 Extended",
    [33] = L"UEFI MIPS32",
    [34] = L"UEFI MIPS64",
    [35] = L"UEFI Sunway32",
    [36] = L"UEFI Sunway64",
    [37] = L"UEFI LoongArch32",
    [38] = L"UEFI HTTP LoongArch32",
    [39] = L"UEFI LoongArch64",
    [40] = L"UEFI HTTP LoongArch64",
    [41] = L"Raspberry Pi boot ARM",
};

const wchar_t *message_type_name(uint8_t type)
{
    if (type >= sizeof(message_types) / sizeof(message_types[0]))
        return NULL;
    return message_types[type];
}

const wchar_t *message6_type_name(uint8_t type)
{
    if (type >= sizeof(message6_types) / sizeof(message6_types[0]))
        return NULL;
    return message6_types[type];
}

const wchar_t *architecture_name(uint16_t architecture)
{
    if (architecture >= sizeof(architectures) / sizeof(architectures[0]))
        return NULL;
    return architectures[architecture];
}
