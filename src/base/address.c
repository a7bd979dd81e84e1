#include "base/address.h"

#include <stdio.h>
#include <string.h>

enum { GROUPS = 8, SCOPE_DIGITS_MAX = 10 };

bool address_read_ipv4(const char **text, uint8_t out[4])
{
    const char *at = *text;

    for (int i = 0; i < 4; ++i) {
        unsigned part = 0;
        int digits = 0;

        if (i > 0 && *at++ != '.')
            return false;
        for (; digits < 3 && *at >= '0' && *at <= '9'; ++digits)
            part = part * 10 + (unsigned)(*at++ - '0');
        if (digits == 0 || part > 255)
            return false;
        out[i] = (uint8_t)part;
    }
    *text = at;
    return true;
}

/* One group of at most four digits at *text, which moves behind it. */
static bool read_group(const char **text, uint16_t *out)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    unsigned value = 0;
    int count = 0;

    for (; count < 5; ++count, ++*text) {
        const char *digit = **text == '\0' ? NULL : strchr(digits, **text);

        if (digit == NULL)
            break;
        value = value * 16 + (unsigned)((digit - digits) & 15);
    }
    *out = (uint16_t)value;
    return count > 0 && count <= 4;
}

/* Groups with colons between, the last two maybe as IPv4, up to "::" or the end. */
static bool read_groups(const char **text, uint16_t groups[GROUPS], int *count)
{
    while (**text != '\0' && *count < GROUPS) {
        const char *start = *text;
        uint8_t tail[4];

        if (!read_group(text, &groups[*count]))
            return false;
        if (**text == '.') {
            if (*count > GROUPS - 2 || !address_read_ipv4(&start, tail) || *start != '\0')
                return false;
            groups[(*count)++] = (uint16_t)(tail[0] << 8 | tail[1]);
            groups[(*count)++] = (uint16_t)(tail[2] << 8 | tail[3]);
            *text = start;
            return true;
        }
        ++*count;
        if (**text == '\0' || (*text)[1] == ':')
            return true;
        if (**text != ':' || (*text)[1] == '\0')
            return false;
        ++*text;
    }
    return true;
}

bool address_read_ipv6(const char *text, uint8_t out[16])
{
    uint16_t front[GROUPS], back[GROUPS];
    int front_count = 0, back_count = 0;

    if (text[0] != ':' && !read_groups(&text, front, &front_count))
        return false;
    if (text[0] == '\0') {
        if (front_count != GROUPS)
            return false;
    } else {
        if (text[0] != ':' || text[1] != ':')
            return false;
        text += 2;
        if (!read_groups(&text, back, &back_count) || *text != '\0' ||
            front_count + back_count >= GROUPS)
            return false;
    }
    memset(out, 0, 16);
    for (int i = 0; i < front_count; ++i) {
        out[2 * i] = (uint8_t)(front[i] >> 8);
        out[2 * i + 1] = (uint8_t)front[i];
    }
    for (int i = 0; i < back_count; ++i) {
        out[16 - 2 * (back_count - i)] = (uint8_t)(back[i] >> 8);
        out[16 - 2 * (back_count - i) + 1] = (uint8_t)back[i];
    }
    return true;
}

/* The decimal number of a scope; 0: it is none. */
static uint32_t read_scope(const char *text)
{
    uint64_t scope = 0;
    size_t digits = strspn(text, "0123456789");

    if (digits > SCOPE_DIGITS_MAX || text[digits] != '\0')
        return 0;
    for (; *text != '\0'; ++text)
        scope = scope * 10 + (unsigned)(*text - '0');
    return scope <= UINT32_MAX ? (uint32_t)scope : 0;
}

/* An IPv6 address, and the scope that may stand behind it. */
static bool read_scoped(const char *text, uint8_t out[16], uint32_t *out_scope)
{
    const char *percent = strchr(text, '%');
    char address[ADDRESS_TEXT_SIZE];

    *out_scope = 0;
    if (percent == NULL)
        return address_read_ipv6(text, out);
    size_t length = (size_t)(percent - text);
    uint32_t scope = read_scope(percent + 1);
    if (length >= sizeof(address) || scope == 0)
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    *out_scope = scope;
    return address_read_ipv6(address, out);
}

size_t address_read(const char *text, uint8_t out[16], uint32_t *out_scope)
{
    uint8_t bytes[16] = {0};
    uint32_t scope = 0;
    const char *at = text;
    size_t length = 0;

    if (address_read_ipv4(&at, bytes) && *at == '\0')
        length = 4;
    else if (read_scoped(text, bytes, &scope) && (scope == 0 || out_scope != NULL))
        length = 16;
    if (length > 0)
        memcpy(out, bytes, sizeof(bytes));
    if (length > 0 && out_scope != NULL)
        *out_scope = scope;
    return length;
}

/* The longest run of zero groups, at least two; its length, 0: there is none. */
static int find_zeros(const uint16_t groups[GROUPS], int *out_start)
{
    int longest = 1;

    for (int i = 0; i < GROUPS; ++i) {
        int length = 0;

        while (i + length < GROUPS && groups[i + length] == 0)
            ++length;
        if (length > longest) {
            longest = length;
            *out_start = i;
        }
    }
    return longest > 1 ? longest : 0;
}

static void format_ipv6(const uint8_t address[16], char out[ADDRESS_TEXT_SIZE])
{
    uint16_t groups[GROUPS];
    int start = GROUPS, used = 0;

    for (int i = 0; i < GROUPS; ++i)
        groups[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
    int length = find_zeros(groups, &start);
    for (int i = 0; i < GROUPS; ++i) {
        if (length > 0 && i == start) {
            used += snprintf(out + used, ADDRESS_TEXT_SIZE - (size_t)used, "::");
            i += length - 1;
            continue;
        }
        const char *colon = i == 0 || i == start + length ? "" : ":";
        used += snprintf(out + used, ADDRESS_TEXT_SIZE - (size_t)used, "%s%x", colon, groups[i]);
    }
}

const char *address_format(const uint8_t *address, size_t length, char out[ADDRESS_TEXT_SIZE])
{
    if (length == 16)
        format_ipv6(address, out);
    else if (length == 4)
        (void)snprintf(out, ADDRESS_TEXT_SIZE, "%u.%u.%u.%u", address[0], address[1], address[2],
                       address[3]);
    else
        (void)snprintf(out, ADDRESS_TEXT_SIZE, "?");
    return out;
}
