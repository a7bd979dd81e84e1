#include "engine/endpoint.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/printf_like.h"

struct text {
    char *buffer;
    size_t used;
};

static void put(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);

static void put(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length =
        vsnprintf(text->buffer + text->used, ENDPOINT_TEXT_SIZE - text->used, format, arguments);
    va_end(arguments);
    if (length > 0 && (size_t)length < ENDPOINT_TEXT_SIZE - text->used)
        text->used += (size_t)length;
}

static unsigned group(const uint8_t *address, int index)
{
    return (unsigned)address[2 * index] << 8 | address[2 * index + 1];
}

/* The longest run of zero groups, the first of equals; none if it is a single one. */
static int zero_run(const uint8_t *address, int *out_length)
{
    int best = -1, best_length = 1;

    for (int start = 0; start < 8; start++) {
        int length = 0;
        while (start + length < 8 && group(address, start + length) == 0)
            length++;
        if (length > best_length) {
            best = start;
            best_length = length;
        }
    }
    *out_length = best_length;
    return best;
}

static void put_ipv6(struct text *text, const uint8_t *address)
{
    int run_length;
    int run = zero_run(address, &run_length);

    for (int i = 0; i < 8; i++) {
        if (i == run) {
            put(text, "::");
            i += run_length - 1;
            continue;
        }
        put(text, "%s%x", i == 0 || i == run + run_length ? "" : ":", group(address, i));
    }
}

static void put_address(struct text *text, const struct net_endpoint *endpoint)
{
    const uint8_t *address = endpoint->address;

    if (endpoint_is_ipv6(endpoint))
        put_ipv6(text, address);
    else
        put(text, "%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
}

const char *endpoint_address_text(const struct net_endpoint *endpoint, char *buffer)
{
    struct text text = {.buffer = buffer};

    put_address(&text, endpoint);
    return buffer;
}

const char *endpoint_text(const struct net_endpoint *endpoint, char *buffer)
{
    struct text text = {.buffer = buffer};
    bool is_ipv6 = endpoint_is_ipv6(endpoint);

    if (is_ipv6)
        put(&text, "[");
    put_address(&text, endpoint);
    if (endpoint->scope != 0)
        put(&text, "%%%u", (unsigned)endpoint->scope);
    put(&text, is_ipv6 ? "]:%u" : ":%u", endpoint->port);
    return buffer;
}
