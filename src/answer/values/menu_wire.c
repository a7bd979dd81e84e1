#include "menu_wire.h"

#include <stdbool.h>
#include <string.h>

enum {
    DISCOVERY_CONTROL = 6,
    DISCOVERY_MULTICAST = 7,
    BOOT_SERVERS = 8,
    BOOT_MENU = 9,
    MENU_PROMPT = 10,
    END = 255,

    NO_BROADCAST = 1,
    NO_MULTICAST = 2,

    LOCAL_BOOT = 0,
};

/* The value so far; once it does not fit nothing more is put. */
struct writer {
    uint8_t *out;
    size_t used;
    bool is_full;
};

static void put(struct writer *writer, const void *bytes, size_t length)
{
    if (writer->is_full || length > MENU_BYTES_MAX - writer->used) {
        writer->is_full = true;
        return;
    }
    memcpy(writer->out + writer->used, bytes, length);
    writer->used += length;
}

static void put_byte(struct writer *writer, size_t byte)
{
    uint8_t value = (uint8_t)byte;

    if (byte > UINT8_MAX)
        writer->is_full = true;
    put(writer, &value, 1);
}

static void put_type(struct writer *writer, uint16_t type)
{
    put_byte(writer, type >> 8);
    put_byte(writer, type & 0xff);
}

static void put_discovery(struct writer *writer, enum menu_discovery discovery)
{
    static const uint8_t control[] = {
        [MENU_SUITABLE] = NO_BROADCAST | NO_MULTICAST,
        [MENU_UNICAST] = NO_BROADCAST | NO_MULTICAST,
        [MENU_BROADCAST] = NO_MULTICAST,
        [MENU_MULTICAST] = NO_BROADCAST,
    };
    static const uint8_t multicast[] = {DISCOVERY_MULTICAST, 4, 224, 0, 1, 2};

    put_byte(writer, DISCOVERY_CONTROL);
    put_byte(writer, 1);
    put_byte(writer, control[discovery]);
    if (discovery == MENU_MULTICAST)
        put(writer, multicast, sizeof(multicast));
}

static void put_servers(struct writer *writer, const struct menu *menu, const uint8_t server[4])
{
    size_t count = 0;

    for (uint32_t i = 0; i < menu->item_count; ++i)
        count += menu->items[i].type != LOCAL_BOOT;
    if (menu->discovery > MENU_UNICAST || count == 0)
        return;
    put_byte(writer, BOOT_SERVERS);
    put_byte(writer, count * 7);
    for (uint32_t i = 0; i < menu->item_count; ++i) {
        if (menu->items[i].type == LOCAL_BOOT)
            continue;
        put_type(writer, menu->items[i].type);
        put_byte(writer, 1);
        put(writer, server, 4);
    }
}

static void put_items(struct writer *writer, const struct menu *menu)
{
    size_t length = 0;

    for (uint32_t i = 0; i < menu->item_count; ++i)
        length += 3 + strlen(menu->items[i].title);
    put_byte(writer, BOOT_MENU);
    put_byte(writer, length);
    for (uint32_t i = 0; i < menu->item_count; ++i) {
        const char *title = menu->items[i].title;

        put_type(writer, menu->items[i].type);
        put_byte(writer, strlen(title));
        put(writer, title, strlen(title));
    }
}

static void put_prompt(struct writer *writer, const struct menu *menu)
{
    put_byte(writer, MENU_PROMPT);
    put_byte(writer, 1 + strlen(menu->prompt));
    put_byte(writer, menu->timeout);
    put(writer, menu->prompt, strlen(menu->prompt));
}

size_t menu_encode(const struct menu *menu, const uint8_t server[4], uint8_t out[MENU_BYTES_MAX])
{
    struct writer writer = {.out = out};

    put_discovery(&writer, menu->discovery);
    put_servers(&writer, menu, server);
    put_items(&writer, menu);
    put_prompt(&writer, menu);
    put_byte(&writer, END);
    return writer.is_full ? 0 : writer.used;
}

const struct menu_item *menu_find_item(const struct menu *menu, uint16_t type)
{
    for (uint32_t i = 0; i < menu->item_count; ++i) {
        if (menu->items[i].type == type)
            return &menu->items[i];
    }
    return NULL;
}
