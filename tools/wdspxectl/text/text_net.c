#include "text/text_net.h"

#include "text/bytes.h"

enum { IPV4_SIZE = 4, IPV6_SIZE = 16, IPV6_GROUPS = 8 };

void text_put_ipv4(struct text *text, const uint8_t *bytes)
{
    text_format(text, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
}

/* The longest run of at least two zero groups, which RFC 5952 section 4.2 writes as "::". */
static void find_zero_run(const uint16_t *groups, unsigned *out_start, unsigned *out_length)
{
    unsigned best = 0, best_length = 0;
    for (unsigned i = 0; i < IPV6_GROUPS; i++) {
        unsigned end = i;
        while (end < IPV6_GROUPS && groups[end] == 0)
            end++;
        if (end - i > best_length) {
            best = i;
            best_length = end - i;
        }
    }
    *out_start = best_length > 1 ? best : IPV6_GROUPS;
    *out_length = best_length > 1 ? best_length : 0;
}

void text_put_ipv6(struct text *text, const uint8_t *bytes)
{
    uint16_t groups[IPV6_GROUPS];
    for (unsigned i = 0; i < IPV6_GROUPS; i++)
        groups[i] = get_be16(bytes + 2 * i);

    unsigned run, run_length;
    find_zero_run(groups, &run, &run_length);
    for (unsigned i = 0; i < IPV6_GROUPS; i++) {
        if (i == run) {
            text_put(text, "::");
            i += run_length - 1;
        } else {
            if (i > 0 && i != run + run_length)
                text_put_char(text, ':');
            text_format(text, "%x", (unsigned)groups[i]);
        }
    }
}

void text_put_address(struct text *text, const uint8_t *bytes, size_t length)
{
    if (length == IPV4_SIZE)
        text_put_ipv4(text, bytes);
    else if (length == IPV6_SIZE)
        text_put_ipv6(text, bytes);
    else
        text_put_char(text, '?');
}

void text_put_endpoint(struct text *text, const uint8_t *bytes, size_t length, unsigned port)
{
    bool brackets = length == IPV6_SIZE;
    if (brackets)
        text_put_char(text, '[');
    text_put_address(text, bytes, length);
    if (brackets)
        text_put_char(text, ']');
    text_format(text, ":%u", port);
}

void text_put_mac(struct text *text, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        text_format(text, i == 0 ? "%02X" : ":%02X", (unsigned)bytes[i]);
}

void text_put_hex(struct text *text, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        text_put_char(text, digits[bytes[i] >> 4]);
        text_put_char(text, digits[bytes[i] & 15]);
    }
}

void text_put_guid(struct text *text, const uint8_t *g)
{
    text_format(text, "{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
                g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10], g[11], g[12],
                g[13], g[14], g[15]);
}
