#include "text/text_net.h"

#include "base/address.h"

void text_put_address(struct text *text, const uint8_t *bytes, size_t length)
{
    char address[ADDRESS_TEXT_SIZE];
    text_put(text, address_format(bytes, length, address));
}

void text_put_endpoint(struct text *text, const uint8_t *bytes, size_t length, unsigned port)
{
    char address[ADDRESS_TEXT_SIZE];
    text_format(text, length == 16 ? "[%s]:%u" : "%s:%u", address_format(bytes, length, address),
                port);
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
