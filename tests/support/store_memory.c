#include "support/store_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/utf16.h"

struct memory_provider {
    struct memory_provider *next;
    uint16_t *name;
    uint16_t *path;
    bool is_critical;
};

static pxe_status memory_lock(void *context)
{
    struct memory_store *store = context;

    assert_false(store->locked);
    store->locked = true;
    return PXE_OK;
}

static void memory_unlock(void *context)
{
    struct memory_store *store = context;

    assert_true(store->locked);
    store->locked = false;
}

static pxe_status copy_list(const struct name_list *from, struct name_list *out_list)
{
    struct name_list copy = {0};

    for (size_t i = 0; i < from->count; i++) {
        if (name_list_insert(&copy, i, from->names[i]) != PXE_OK) {
            name_list_free(&copy);
            return PXE_NOT_ENOUGH_MEMORY;
        }
    }
    *out_list = copy;
    return PXE_OK;
}

static pxe_status memory_read_order(void *context, struct name_list *out_order)
{
    const struct memory_store *store = context;

    return copy_list(&store->order, out_order);
}

static pxe_status memory_write_order(void *context, const struct name_list *order)
{
    struct memory_store *store = context;
    struct name_list copy;
    pxe_status status;

    assert_true(store->locked);
    status = copy_list(order, &copy);
    if (status != PXE_OK)
        return status;
    name_list_free(&store->order);
    store->order = copy;
    return PXE_OK;
}

/* ASCII and Latin-1 are enough for tests. */
static uint16_t fold(uint16_t unit)
{
    bool lower = (unit >= 'a' && unit <= 'z') || (unit >= 0xe0 && unit <= 0xfe && unit != 0xf7);

    return lower ? (uint16_t)(unit - 0x20) : unit;
}

static bool memory_same_name(void *context, const uint16_t *a, const uint16_t *b)
{
    size_t i = 0;

    (void)context;
    while (a[i] != 0 && fold(a[i]) == fold(b[i]))
        i++;
    return a[i] == b[i];
}

static struct memory_provider **find_link(struct memory_store *store, const uint16_t *name)
{
    struct memory_provider **link = &store->providers;

    while (*link != NULL && !memory_same_name(NULL, (*link)->name, name))
        link = &(*link)->next;
    return link;
}

static pxe_status memory_read_provider(void *context, const uint16_t *name,
                                       struct provider_values *out_values)
{
    const struct memory_provider *found = *find_link(context, name);
    uint16_t *path;

    if (!provider_name_is_valid(name))
        return PXE_INVALID_PARAMETER;
    if (found == NULL || found->path[0] == 0)
        return PXE_FILE_NOT_FOUND;
    path = utf16_duplicate(found->path);
    if (path == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    out_values->module_path = path;
    out_values->is_critical = found->is_critical;
    return PXE_OK;
}

static void free_provider(struct memory_provider *provider)
{
    mem_free(provider->name);
    mem_free(provider->path);
    mem_free(provider);
}

static pxe_status add_provider(struct memory_provider **link, const uint16_t *name)
{
    struct memory_provider *added = mem_alloc(sizeof(*added));

    if (added == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    added->name = utf16_duplicate(name);
    if (added->name == NULL) {
        mem_free(added);
        return PXE_NOT_ENOUGH_MEMORY;
    }
    *link = added;
    return PXE_OK;
}

static pxe_status memory_write_provider(void *context, const uint16_t *name,
                                        const uint16_t *module_path, bool is_critical,
                                        bool *out_created)
{
    struct memory_store *store = context;
    struct memory_provider **link = find_link(store, name);
    bool created = *link == NULL;
    uint16_t *path;

    assert_true(store->locked);
    if (!provider_name_is_valid(name))
        return PXE_INVALID_PARAMETER;
    path = utf16_duplicate(module_path);
    if (path == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    if (created && add_provider(link, name) != PXE_OK) {
        mem_free(path);
        return PXE_NOT_ENOUGH_MEMORY;
    }
    mem_free((*link)->path);
    (*link)->path = path;
    (*link)->is_critical = is_critical;
    *out_created = created;
    return PXE_OK;
}

static pxe_status memory_delete_provider(void *context, const uint16_t *name)
{
    struct memory_store *store = context;
    struct memory_provider **link = find_link(store, name);
    struct memory_provider *deleted = *link;

    assert_true(store->locked);
    if (!provider_name_is_valid(name))
        return PXE_INVALID_PARAMETER;
    if (deleted != NULL) {
        *link = deleted->next;
        free_provider(deleted);
    }
    return PXE_OK;
}

static pxe_status memory_open_provider(void *context, const uint16_t *name, void **out_key)
{
    struct memory_store *store = context;

    if (!provider_name_is_valid(name))
        return PXE_INVALID_PARAMETER;
    if (*find_link(store, name) == NULL)
        return PXE_FILE_NOT_FOUND;
    store->open_keys++;
    *out_key = store;
    return PXE_OK;
}

static void memory_close_provider(void *context, void *key)
{
    struct memory_store *store = context;

    assert_ptr_equal(key, store);
    assert_true(store->open_keys > 0);
    store->open_keys--;
}

void memory_store_init(struct memory_store *store)
{
    const struct store_port port = {
        .context = store,
        .lock = memory_lock,
        .unlock = memory_unlock,
        .read_order = memory_read_order,
        .write_order = memory_write_order,
        .read_provider = memory_read_provider,
        .write_provider = memory_write_provider,
        .delete_provider = memory_delete_provider,
        .open_provider = memory_open_provider,
        .close_provider = memory_close_provider,
        .same_name = memory_same_name,
    };

    memset(store, 0, sizeof(*store));
    store->port = port;
}

void memory_store_free(struct memory_store *store)
{
    name_list_free(&store->order);
    while (store->providers != NULL) {
        struct memory_provider *next = store->providers->next;

        free_provider(store->providers);
        store->providers = next;
    }
}

static size_t put(char *text, size_t size, size_t at, uint16_t unit)
{
    assert_true(at + 1 < size);
    text[at] = unit < 0x80 ? (char)unit : '?';
    text[at + 1] = '\0';
    return at + 1;
}

static size_t put_text(char *text, size_t size, size_t at, const uint16_t *units)
{
    for (size_t i = 0; units[i] != 0; i++)
        at = put(text, size, at, units[i]);
    return at;
}

void memory_store_dump(const struct memory_store *store, char *out_text, size_t size)
{
    size_t at = 0;

    for (size_t i = 0; i < store->order.count; i++) {
        at = put_text(out_text, size, at, store->order.names[i]);
        at = put(out_text, size, at, ' ');
    }
    at = put(out_text, size, at, '|');
    for (const struct memory_provider *p = store->providers; p != NULL; p = p->next) {
        at = put(out_text, size, at, ' ');
        at = put_text(out_text, size, at, p->name);
        at = put(out_text, size, at, '=');
        at = put_text(out_text, size, at, p->path);
        if (p->is_critical)
            at = put(out_text, size, at, '!');
    }
}
