/* Boot menus: [menu:NAME] with its items. What of them goes on the wire is in match.c. */
#include <stdio.h>
#include <string.h>

#include "answer/values/ini.h"
#include "answer/values/menu_wire.h"
#include "reader.h"

#define TITLE_MAX 80
#define FIRST_TYPE 0x8000 /* PXE 2.1, table 2-2: 32768 and above are the vendor's own */
#define LOCAL_TYPE 0      /* the same: the client goes on with its next boot device */

static const char *read_text(struct reader *reader, const char *value, const char **out)
{
    char text[TITLE_MAX + 1];

    if (value_text(value, text, sizeof(text)) != NULL)
        return "write 1 to 80 ASCII characters; in quotes if a comma or ' ;' is among them";
    *out = reader_keep(reader, text);
    return *out == NULL ? OUT_OF_MEMORY : NULL;
}

static const char *read_timeout(struct menu *menu, const char *value)
{
    uint32_t seconds = 0;

    if (ini_same(value, "never"))
        seconds = 255;
    else if (value_number(value, 254, &seconds) != NULL)
        return "write seconds from 0 (the first item at once) to 254, or never";
    menu->timeout = (uint8_t)seconds;
    return NULL;
}

static const char *read_discovery(struct menu *menu, const char *value)
{
    static const char *const names[] = {"unicast", "broadcast", "multicast"};

    for (int i = 0; i < 3; ++i) {
        if (ini_same(value, names[i])) {
            menu->discovery = (enum menu_discovery)(MENU_UNICAST + i);
            return NULL;
        }
    }
    return "write unicast (the usual), broadcast or multicast";
}

/* item=GROUP, "Title"; the group may be `local` */
static const char *read_item(struct reader *reader, char *value)
{
    struct menu_draft *draft = &reader->section.menu;
    char *rest = value;
    char *group = ini_next_item(&rest);

    if (rest == NULL || *group == '\0')
        return "write item=GROUP, \"Title\": the group [group:GROUP] says what is booted; "
               "item=local, \"Title\" goes on with the machine's next boot device";
    if (draft->item_count == MENU_ITEMS_MAX) {
        bool is_told = draft->has_too_many;

        draft->has_too_many = true;
        return is_told ? NULL : "a menu has at most 24 items; remove some";
    }
    struct menu_item *item = &draft->items[draft->item_count];
    const char *problem = read_text(reader, ini_trim(rest), &item->title);
    if (problem != NULL)
        return problem;
    if (ini_same(group, "local")) {
        item->type = LOCAL_TYPE;
        ++draft->item_count;
        return NULL;
    }
    item->type = (uint16_t)(FIRST_TYPE + draft->item_count++);
    return reader_refer(reader, REFERENCE_ITEM, "item", NULL, item, group);
}

bool menu_knows_key(const char *key)
{
    return ini_same(key, "prompt") || ini_same(key, "timeout") || ini_same(key, "discovery") ||
           ini_same(key, "item");
}

const char *menu_read_key(struct reader *reader, const char *key, char *value, bool *out_known)
{
    struct menu *menu = reader->section.menu.menu;

    *out_known = menu_knows_key(key);
    if (ini_same(key, "prompt"))
        return read_text(reader, value, &menu->prompt);
    if (ini_same(key, "timeout"))
        return read_timeout(menu, value);
    if (ini_same(key, "discovery"))
        return read_discovery(menu, value);
    if (ini_same(key, "item"))
        return read_item(reader, value);
    return "unknown key; use prompt, timeout, discovery or item";
}

/* The references to items must go where the items go. */
static void move_references(struct reader *reader, const struct menu_item *from,
                            struct menu_item *to)
{
    for (size_t i = reader->references.count; i > 0; --i) {
        struct reference *reference = reader->references.items[i - 1];

        if (reference->kind == REFERENCE_ITEM && reference->item >= from &&
            reference->item < from + MENU_ITEMS_MAX)
            reference->item = to + (reference->item - from);
    }
}

const char *menu_finish(struct reader *reader)
{
    struct menu_draft *draft = &reader->section.menu;

    if (draft->item_count == 0 && reader->section.is_unsure)
        return NULL;
    if (draft->item_count == 0)
        return "the menu has no item; write item=GROUP, \"Title\"";
    struct menu_item *items =
        arena_copy(reader->arena, draft->items, draft->item_count * sizeof(*items));
    if (items == NULL)
        return OUT_OF_MEMORY;
    move_references(reader, draft->items, items);
    draft->menu->items = items;
    draft->menu->item_count = draft->item_count;
    if (draft->menu->prompt == NULL)
        draft->menu->prompt = "Press F8 for a boot menu";
    uint8_t bytes[MENU_BYTES_MAX];
    static const uint8_t any[4] = {255, 255, 255, 255};
    if (menu_encode(draft->menu, any, bytes) == 0)
        return "the menu does not fit into option 43, which has room for 255 bytes: write shorter "
               "titles, a shorter prompt, or fewer items";
    return NULL;
}
