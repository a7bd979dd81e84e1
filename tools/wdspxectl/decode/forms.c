/* The forms of option values that DHCPv4 and DHCPv6 share, or that need only the bytes. */
#include "text/bytes.h"
#include "decode/names.h"
#include "decode/fields.h"
#include "text/text_net.h"

enum {
    HARDWARE_ETHERNET = 1,
    DUID_LLT = 1, /* RFC 8415 section 11 */
    DUID_EN = 2,
    DUID_LL = 3,
    DUID_UUID = 4,
    LABEL_MAX = 63, /* RFC 1035 section 2.3.4 */
};

bool put_name(struct text *value, const char *name)
{
    text_put(value, name != NULL ? name : "");
    return name != NULL;
}

void put_named_number(struct text *value, unsigned number, const char *name)
{
    text_format(value, "%u", number);
    if (name != NULL && name[0] != '\0')
        text_format(value, " (%s)", name);
}

size_t piece_size(const struct pieces *kind, const uint8_t *bytes, size_t length)
{
    if (length < kind->head)
        return 0;
    const uint8_t *end = bytes + kind->head;
    size_t count = kind->width == 2 ? get_be16(end - 2) : kind->width == 1 ? end[-1] : 0;
    size_t size = kind->head + count * kind->unit;
    return size <= length ? size : 0;
}

bool are_pieces(const struct pieces *kind, const uint8_t *bytes, size_t length)
{
    size_t at = 0, size = 0;
    while (at < length && (size = piece_size(kind, bytes + at, length - at)) > 0)
        at += size;
    return length > 0 && at == length;
}

bool put_pieces(const struct pieces *kind, struct text *value, const uint8_t *bytes, size_t length)
{
    if (!are_pieces(kind, bytes, length))
        return false;
    for (size_t at = 0, size; at < length; at += size) {
        size = piece_size(kind, bytes + at, length - at);
        text_put(value, at == 0 ? "" : kind->separator != NULL ? kind->separator : ", ");
        kind->put(value, bytes + at, size);
    }
    return true;
}

bool form_empty(struct text *value, const uint8_t *bytes, size_t length)
{
    (void)value, (void)bytes;
    return length == 0;
}

bool form_hex(struct text *value, const uint8_t *bytes, size_t length)
{
    text_put_hex(value, bytes, length);
    return true;
}

bool form_string(struct text *value, const uint8_t *bytes, size_t length)
{
    text_put_quoted(value, (const char *)bytes, length);
    return true;
}

bool form_u8(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length == 1)
        text_format(value, "%u", (unsigned)bytes[0]);
    return length == 1;
}

bool form_u16_intel(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length == 2)
        text_format(value, "%u", bytes[0] | (unsigned)bytes[1] << 8);
    return length == 2;
}

bool form_u16(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length == 2)
        text_format(value, "%u", (unsigned)get_be16(bytes));
    return length == 2;
}

bool form_u32(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length == 4)
        text_format(value, "%lu", (unsigned long)get_be32(bytes));
    return length == 4;
}

bool form_s32(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length == 4)
        text_format(value, "%ld", (long)(int32_t)get_be32(bytes));
    return length == 4;
}

static void put_u16(struct text *value, const uint8_t *bytes, size_t length)
{
    (void)form_u16(value, bytes, length);
}

bool form_u16_list(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_pieces(&(struct pieces){.head = 2, .put = put_u16}, value, bytes, length);
}

bool form_yes_no(struct text *value, const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {"no", "yes"};
    return put_name(value, length == 1 && bytes[0] <= 1 ? names[bytes[0]] : NULL);
}

bool form_seconds(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length != 4)
        return false;
    if (get_be32(bytes) == UINT32_MAX)
        text_put(value, "infinite");
    else
        text_format(value, "%lu s", (unsigned long)get_be32(bytes));
    return true;
}

bool form_ipv4_list(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_pieces(&(struct pieces){.head = 4, .put = text_put_address}, value, bytes, length);
}

bool form_ipv6_list(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_pieces(&(struct pieces){.head = 16, .put = text_put_address}, value, bytes, length);
}

static void put_architecture(struct text *value, const uint8_t *bytes, size_t length)
{
    (void)length;
    put_named_number(value, get_be16(bytes), architecture_name(get_be16(bytes)));
}

bool form_architectures(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_pieces(&(struct pieces){.head = 2, .put = put_architecture}, value, bytes, length);
}

/* RFC 4578 section 2.2: type 1 is UNDI; then its version. */
bool form_undi(struct text *value, const uint8_t *bytes, size_t length)
{
    if (length != 3 || bytes[0] != 1)
        return false;
    text_format(value, "UNDI %u.%u", (unsigned)bytes[1], (unsigned)bytes[2]);
    return true;
}

/* One name of RFC 1035 labels without compression; returns its bytes, 0 if it is none. */
static size_t put_domain(struct text *value, const uint8_t *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && bytes[at] != 0) {
        size_t label = bytes[at];
        if (label > LABEL_MAX || label >= length - at)
            return 0;
        if (at > 0)
            text_put_char(value, '.');
        for (size_t i = 1; i <= label; i++) {
            bool is_plain = bytes[at + i] > ' ' && bytes[at + i] < 0x7f;
            text_format(value, is_plain ? "%c" : "\\%03u", (unsigned)bytes[at + i]);
        }
        at += 1 + label;
    }
    return at < length ? at + 1 : 0;
}

bool form_domains(struct text *value, const uint8_t *bytes, size_t length)
{
    SCOPED_TEXT names = TEXT_EMPTY;
    size_t at = 0;
    while (at < length) {
        text_put(&names, at > 0 ? ", " : "");
        size_t size = put_domain(&names, bytes + at, length - at);
        if (size == 0)
            break;
        at += size;
    }
    bool good = length > 0 && at == length && !names.failed;
    if (good)
        text_put(value, text_chars(&names));
    return good;
}

void put_hardware_address(struct text *value, unsigned type, const uint8_t *bytes, size_t length)
{
    if (type == HARDWARE_ETHERNET)
        text_put(value, "Ethernet ");
    else
        text_format(value, "hardware type %u ", type);
    text_put_mac(value, bytes, length);
}

bool form_duid(struct text *value, const uint8_t *bytes, size_t length)
{
    unsigned type = length >= 2 ? get_be16(bytes) : 0;
    if (type == DUID_UUID && length == 18) {
        text_put(value, "UUID ");
        text_put_guid(value, bytes + 2);
    } else if (type == DUID_LLT && length > 8) {
        text_format(value, "LLT time %lu ", (unsigned long)get_be32(bytes + 4));
        put_hardware_address(value, get_be16(bytes + 2), bytes + 8, length - 8);
    } else if (type == DUID_LL && length > 4) {
        text_put(value, "LL ");
        put_hardware_address(value, get_be16(bytes + 2), bytes + 4, length - 4);
    } else if (type == DUID_EN && length > 6) {
        text_format(value, "EN enterprise %lu ", (unsigned long)get_be32(bytes + 2));
        text_put_hex(value, bytes + 6, length - 6);
    } else {
        return false;
    }
    return true;
}

static void put_item8(struct text *value, const uint8_t *bytes, size_t length)
{
    text_put_quoted(value, (const char *)bytes + 1, length - 1);
}

static void put_item16(struct text *value, const uint8_t *bytes, size_t length)
{
    text_put_quoted(value, (const char *)bytes + 2, length - 2);
}

bool form_items16(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_pieces(&(struct pieces){2, 2, 1, .put = put_item16}, value, bytes, length);
}

bool form_items8(struct text *value, const uint8_t *bytes, size_t length)
{
    return put_pieces(&(struct pieces){1, 1, 1, .put = put_item8}, value, bytes, length);
}
