#include "values.h"

#include <string.h>

#include "base/address.h"
#include "ini.h"

#define DUID_MIN 3 /* RFC 8415, section 11.1: a type of two bytes, then at least one more */
#define PARAMS_TEXT_MAX 255
#define SEPARATORS "-:. "

/* ---- bytes ---- */

/* The value of one digit in base 16, or 16 if it is none. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 16;
}

/*
 * Reads pairs of hexadecimal digits with separators between the pairs. False if the text has
 * anything else, or more than `size` pairs; *out_count is the number of pairs.
 */
static bool read_hex(const char *text, const char *separators, uint8_t *out, size_t size,
                     size_t *out_count)
{
    size_t count = 0;

    for (text += strspn(text, separators); *text != '\0';) {
        unsigned high = digit_value(text[0]);
        unsigned low = high < 16 ? digit_value(text[1]) : 16;

        if (low > 15 || count == size)
            return false;
        out[count++] = (uint8_t)(high << 4 | low);
        text += 2;
        text += strspn(text, separators);
    }
    *out_count = count;
    return true;
}

static void put_big_endian(uint32_t value, uint8_t *out, size_t size)
{
    for (size_t i = size; i > 0; --i) {
        out[i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

static void swap_bytes(uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count / 2; ++i) {
        uint8_t first = bytes[i];

        bytes[i] = bytes[count - 1 - i];
        bytes[count - 1 - i] = first;
    }
}

bool value_hex(const char *text, uint8_t *out, size_t size, size_t *length)
{
    return read_hex(text, SEPARATORS, out, size, length) && *length > 0;
}

/* ---- text and numbers ---- */

const char *value_text(const char *text, char *out, size_t size)
{
    size_t length = strlen(text);

    if (text[0] == '"') {
        if (length < 2 || text[length - 1] != '"')
            return "the closing quote is missing; add it at the end of the line";
        ++text;
        length -= 2;
    }
    if (length == 0)
        return "the value is empty; give one or remove the line";
    if (length >= size)
        return "the value is too long; a boot file has at most 127 characters, a server name 63, "
               "an option, a URL or boot parameters 255";
    for (size_t i = 0; i < length; ++i) {
        if (text[i] == '"')
            return "a quote stands inside the value; quotes may only enclose it";
        if (text[i] < 0x20 || text[i] > 0x7e)
            return "only ASCII letters, digits and signs can be sent to a boot ROM; rename it";
    }
    memcpy(out, text, length);
    out[length] = '\0';
    return NULL;
}

const char *value_yes_no(const char *text, bool *out)
{
    if (ini_same(text, "yes"))
        *out = true;
    else if (ini_same(text, "no"))
        *out = false;
    else
        return "write yes or no";
    return NULL;
}

const char *value_number(const char *text, uint32_t max, uint32_t *out)
{
    bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    uint32_t base = is_hex ? 16 : 10;
    uint32_t value = 0;

    if (is_hex)
        text += 2;
    if (*text == '\0')
        return "write a number, decimal or hexadecimal after 0x";
    for (; *text != '\0'; ++text) {
        uint32_t digit = digit_value(*text);

        if (digit >= base)
            return "write a number, decimal or hexadecimal after 0x";
        if (digit > max || value > (max - digit) / base)
            return "the number is too large for its field; use a smaller one or a wider field";
        value = value * base + digit;
    }
    *out = value;
    return NULL;
}

/* ---- addresses and identities ---- */

const char *value_ipv4(const char *text, uint8_t out[4])
{
    static const uint8_t none[VALUE_IPV4_SIZE];
    uint8_t address[VALUE_IPV4_SIZE];

    if (!address_read_ipv4(&text, address) || *text != '\0')
        return "write an IPv4 address such as 192.168.0.1";
    if (memcmp(address, none, sizeof(none)) == 0)
        return "0.0.0.0 is no server; remove the line to send the server's own address";
    memcpy(out, address, sizeof(address));
    return NULL;
}

const char *value_mac(const char *text, uint8_t out[6])
{
    uint8_t mac[VALUE_MAC_SIZE];
    size_t count;

    if (!read_hex(text, SEPARATORS, mac, sizeof(mac), &count) || count != sizeof(mac))
        return "a MAC address has six bytes, such as [mac:52-54-00-12-34-56]";
    memcpy(out, mac, sizeof(mac));
    return NULL;
}

const char *value_mac_prefix(const char *text, uint8_t out[6], size_t *length)
{
    static const char problem[] =
        "write MAC addresses of six bytes, or the first bytes and a '*', with commas between: "
        "52-54-00-12-34-56, dc-a6-32-*";
    char start[64];
    size_t size = strlen(text);

    if (size == 0 || size >= sizeof(start))
        return problem;
    memcpy(start, text, size + 1);
    if (start[size - 1] != '*') {
        *length = VALUE_MAC_SIZE;
        return value_mac(start, out) == NULL ? NULL : problem;
    }
    start[size - 1] = '\0';
    if (!value_hex(start, out, VALUE_MAC_SIZE - 1, length))
        return problem;
    return NULL;
}

const char *value_guid(const char *text, uint8_t out[16])
{
    uint8_t guid[VALUE_GUID_SIZE];
    size_t count;

    if (!read_hex(text, "-{}", guid, sizeof(guid), &count) || count != sizeof(guid))
        return "a GUID has 32 hexadecimal digits, such as "
               "[guid:00112233-4455-6677-8899-aabbccddeeff]";
    swap_bytes(guid, 4);
    swap_bytes(guid + 4, 2);
    swap_bytes(guid + 6, 2);
    memcpy(out, guid, sizeof(guid));
    return NULL;
}

const char *value_duid(const char *text, uint8_t out[VALUE_DUID_MAX], size_t *length)
{
    uint8_t duid[VALUE_DUID_MAX];
    size_t count;

    if (!read_hex(text, SEPARATORS, duid, sizeof(duid), &count) || count < DUID_MIN)
        return "a DUID has 3 to 130 bytes of two hexadecimal digits each, such as "
               "[duid:00-03-00-01-52-54-00-12-34-56]";
    memcpy(out, duid, count);
    *length = count;
    return NULL;
}

/* Cuts "/24" off and reads it; UINT32_MAX: it is no number. */
static uint32_t cut_bits(char *text, uint32_t whole)
{
    char *slash = strchr(text, '/');
    uint32_t bits = whole;

    if (slash == NULL)
        return whole;
    *slash = '\0';
    return value_number(slash + 1, whole, &bits) == NULL ? bits : UINT32_MAX;
}

const char *value_subnet(const char *text, uint8_t out[16], uint8_t *size, uint8_t *bits)
{
    static const char problem[] = "write subnets or addresses with commas between, such as "
                                  "10.1.0.0/16, fd00:1::/64";
    char copy[ADDRESS_TEXT_SIZE + 8];
    const char *at = copy;

    if (strlen(text) >= sizeof(copy))
        return problem;
    memcpy(copy, text, strlen(text) + 1);
    *size = strchr(copy, ':') == NULL ? VALUE_IPV4_SIZE : VALUE_IPV6_SIZE;
    uint32_t count = cut_bits(copy, 8U * *size);
    if (count == UINT32_MAX)
        return "the number behind '/' is at most 32 for IPv4, 128 for IPv6";
    if (*size == VALUE_IPV6_SIZE ? !address_read_ipv6(copy, out)
                                 : !address_read_ipv4(&at, out) || *at != '\0')
        return problem;
    for (uint32_t i = count; i < 8U * *size; ++i) {
        if ((out[i / 8] >> (7 - i % 8) & 1) != 0)
            return "the address has bits set behind its prefix; write 10.1.0.0/16, not "
                   "10.1.2.3/16";
    }
    *bits = (uint8_t)count;
    return NULL;
}

static const struct {
    const char *name;
    uint16_t archs[VALUE_ARCHS_MAX];
    size_t count;
} arch_names[] = {
    {"bios", {0}, 1},
    {"ia32", {6}, 1},
    {"x86", {6}, 1},
    {"x64", {7, 9}, 2},
    {"arm32", {10}, 1},
    {"arm64", {11}, 1},
    {"ia32-http", {15}, 1},
    {"x64-http", {16}, 1},
    {"arm32-http", {18}, 1},
    {"arm64-http", {19}, 1},
    {"bios-http", {20}, 1},
    {"arm32-uboot", {21}, 1},
    {"arm64-uboot", {22}, 1},
    {"arm32-uboot-http", {23}, 1},
    {"arm64-uboot-http", {24}, 1},
    {"riscv32", {25}, 1},
    {"riscv64", {27}, 1},
    {"riscv64-http", {28}, 1},
    {"loongarch64", {39}, 1},
};

const char *value_arch_name(uint16_t arch)
{
    for (size_t i = 0; i < sizeof(arch_names) / sizeof(arch_names[0]); ++i) {
        for (size_t k = 0; k < arch_names[i].count; ++k) {
            if (arch_names[i].archs[k] == arch)
                return arch_names[i].name;
        }
    }
    return NULL;
}

const char *value_archs(const char *text, uint16_t out[VALUE_ARCHS_MAX], size_t *count)
{
    uint32_t number = 0;

    if (value_number(text, 65535, &number) == NULL) {
        out[0] = (uint16_t)number;
        *count = 1;
        return NULL;
    }
    for (size_t i = 0; i < sizeof(arch_names) / sizeof(arch_names[0]); ++i) {
        if (ini_same(text, arch_names[i].name)) {
            memcpy(out, arch_names[i].archs, sizeof(arch_names[i].archs));
            *count = arch_names[i].count;
            return NULL;
        }
    }
    return "write architectures by number (RFC 4578) or name, with commas between: bios, ia32, x64 "
           "(7 and 9), arm32, arm64, riscv64; with -http behind it for HTTP boot; arm64-uboot";
}

/* RFC 5970, section 3.2: each parameter has its length before it, in two bytes. */
const char *value_params(const char *text, uint8_t out[VALUE_PARAMS_MAX], size_t *length)
{
    char words[PARAMS_TEXT_MAX + 1];
    const char *problem = value_text(text, words, sizeof(words));
    size_t used = 0;
    size_t size;

    if (problem != NULL)
        return problem;
    for (const char *word = words + strspn(words, " "); *word != '\0';
         word += size + strspn(word + size, " ")) {
        size = strcspn(word, " ");
        put_big_endian((uint32_t)size, out + used, 2);
        memcpy(out + used + 2, word, size);
        used += 2 + size;
    }
    if (used == 0)
        return "the value is empty; give one or remove the line";
    *length = used;
    return NULL;
}

/* ---- options ---- */

static const char *option_hex(const char *text, uint8_t out[VALUE_OPTION_MAX], uint8_t *length)
{
    size_t count;

    if (!value_hex(text, out, VALUE_OPTION_MAX, &count))
        return "write hex: and 1 to 255 bytes of two digits each, such as hex:0a0b";
    *length = (uint8_t)count;
    return NULL;
}

static const char *option_addresses(const char *text, uint8_t out[VALUE_OPTION_MAX],
                                    uint8_t *length)
{
    size_t used = 0;

    while (VALUE_OPTION_MAX - used >= VALUE_IPV4_SIZE && address_read_ipv4(&text, out + used)) {
        used += VALUE_IPV4_SIZE;
        text += strspn(text, " ");
        if (*text == '\0') {
            *length = (uint8_t)used;
            return NULL;
        }
        if (*text != ',')
            break;
        ++text;
        text += strspn(text, " ");
    }
    return "write ip: and 1 to 63 addresses with commas between, such as ip:10.0.0.1,10.0.0.2";
}

static const char *option_addresses6(const char *text, uint8_t out[VALUE_OPTION_MAX],
                                     uint8_t *length)
{
    static const char problem[] =
        "write ip6: and 1 to 15 addresses with commas between, such as ip6:fd00::1,fd00::2";
    char copy[1024];
    char *rest = copy;
    size_t used = 0;

    if (strlen(text) >= sizeof(copy))
        return problem;
    memcpy(copy, text, strlen(text) + 1);
    for (char *item; (item = ini_next_item(&rest)) != NULL; used += VALUE_IPV6_SIZE) {
        if (VALUE_OPTION_MAX - used < VALUE_IPV6_SIZE || !address_read_ipv6(item, out + used))
            return problem;
    }
    *length = (uint8_t)used;
    return NULL;
}

static const char *option_number(const char *text, uint8_t size, uint8_t out[VALUE_OPTION_MAX],
                                 uint8_t *length)
{
    uint32_t number;
    const char *problem = value_number(text, 0xffffffffU >> (32 - 8 * size), &number);

    if (problem != NULL)
        return problem;
    put_big_endian(number, out, size);
    *length = size;
    return NULL;
}

static const char *option_text(const char *text, uint8_t out[VALUE_OPTION_MAX], uint8_t *length)
{
    char value[VALUE_OPTION_MAX + 1];
    const char *problem;

    if (strcmp(text, "\"\"") == 0) {
        *length = 0;
        return NULL;
    }
    problem = value_text(text, value, sizeof(value));
    if (problem != NULL)
        return problem;
    *length = (uint8_t)strlen(value);
    memcpy(out, value, *length); /* without NUL: RFC 2132, section 2 */
    return NULL;
}

const char *value_option(const char *text, uint8_t out[VALUE_OPTION_MAX], uint8_t *length)
{
    if (text[0] == '"')
        return option_text(text, out, length);
    if (ini_starts(text, "hex:"))
        return option_hex(text + 4, out, length);
    if (ini_starts(text, "ip:"))
        return option_addresses(text + 3, out, length);
    if (ini_starts(text, "ip6:"))
        return option_addresses6(text + 4, out, length);
    if (ini_starts(text, "u8:"))
        return option_number(text + 3, 1, out, length);
    if (ini_starts(text, "u16:"))
        return option_number(text + 4, 2, out, length);
    if (ini_starts(text, "u32:"))
        return option_number(text + 4, 4, out, length);
    return "say what it is: hex:0a0b, ip:10.0.0.1, ip6:fd00::1, u8:5, u16:5, u32:5, or \"text\" in "
           "quotes";
}
