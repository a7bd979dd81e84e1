#include "journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conditions.h"

#define SMALLEST 64
#define LINES_ALWAYS_GOOD 1000

/* ---- keys ---- */

static void put_hex(const uint8_t *bytes, size_t length, size_t from, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length && from + 2 < JOURNAL_KEY_SIZE; ++i) {
        out[from++] = digits[bytes[i] >> 4];
        out[from++] = digits[bytes[i] & 15];
    }
    out[from] = '\0';
}

bool journal_key(const struct client_facts *facts, char out[JOURNAL_KEY_SIZE])
{
    const uint8_t *mac = asker_mac(facts);

    if (mac != NULL) {
        memcpy(out, "mac-", 4);
        put_hex(mac, FACTS_MAC_SIZE, 4, out);
    } else if (facts->has_guid) {
        memcpy(out, "guid-", 5);
        put_hex(facts->guid, sizeof(facts->guid), 5, out);
    } else if (facts->duid.length > 0 && facts->duid.length <= 130) {
        memcpy(out, "duid-", 5);
        put_hex(facts->duid.bytes, facts->duid.length, 5, out);
    } else {
        return false;
    }
    return true;
}

/* ---- the table ---- */

static uint32_t hash_of(const char *key)
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    for (; *key != '\0'; ++key)
        hash = (hash ^ (uint8_t)*key) * 16777619U;
    return hash ^ hash >> 15;
}

static struct journal_entry **find_slot(struct journal_entry **slots, size_t size, const char *key)
{
    size_t at = hash_of(key) & (size - 1);

    while (slots[at] != NULL && strcmp(slots[at]->key, key) != 0)
        at = (at + 1) & (size - 1);
    return &slots[at];
}

static bool grow(struct journal *journal)
{
    size_t size = journal->size == 0 ? SMALLEST : journal->size * 2;
    struct journal_entry **slots = calloc(size, sizeof(struct journal_entry *));

    if (slots == NULL)
        return false;
    for (size_t i = 0; i < journal->size; ++i) {
        if (journal->slots[i] != NULL)
            *find_slot(slots, size, journal->slots[i]->key) = journal->slots[i];
    }
    free(journal->slots);
    journal->slots = slots;
    journal->size = size;
    return true;
}

struct journal_entry *journal_find(const struct journal *journal, const char *key)
{
    return journal->size == 0 ? NULL : *find_slot(journal->slots, journal->size, key);
}

struct journal_entry *journal_get(struct journal *journal, const char *key)
{
    if (journal->count * 4 >= journal->size * 3 && !grow(journal))
        return NULL;
    struct journal_entry **slot = find_slot(journal->slots, journal->size, key);
    if (*slot != NULL)
        return *slot;
    struct journal_entry *entry = calloc(1, sizeof(*entry));
    if (entry == NULL)
        return NULL;
    snprintf(entry->key, sizeof(entry->key), "%s", key);
    entry->limit = JOURNAL_NO_LIMIT;
    *slot = entry;
    ++journal->count;
    return entry;
}

/* The entries behind the hole are put in again, for their own slots may be before it. */
void journal_forget(struct journal *journal, const char *key)
{
    struct journal_entry **slot =
        journal->size == 0 ? NULL : find_slot(journal->slots, journal->size, key);

    if (slot == NULL || *slot == NULL)
        return;
    free(*slot);
    *slot = NULL;
    --journal->count;
    size_t at = (size_t)(slot - journal->slots);
    while (journal->slots[at = (at + 1) & (journal->size - 1)] != NULL) {
        struct journal_entry *moved = journal->slots[at];

        journal->slots[at] = NULL;
        *find_slot(journal->slots, journal->size, moved->key) = moved;
    }
}

void journal_free(struct journal *journal)
{
    for (size_t i = 0; i < journal->size; ++i)
        free(journal->slots[i]);
    free(journal->slots);
    *journal = JOURNAL_EMPTY;
}

bool journal_is_long(const struct journal *journal)
{
    return journal->lines > LINES_ALWAYS_GOOD + 2 * journal->count;
}

/* ---- lines ---- */

/* CRC-32 as Ethernet has it. */
static uint32_t checksum(const char *text, size_t length)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < length; ++i) {
        crc ^= (uint8_t)text[i];
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ (0xedb88320U & (0U - (crc & 1)));
    }
    return ~crc;
}

/* "mac-525400123456 1 - 12345678 0 bci 89abcdef"; the last word is the checksum of what is before
 * it. */
size_t journal_write(const struct journal_entry *entry, bool is_forgotten,
                     char out[JOURNAL_LINE_SIZE])
{
    char limit[16] = "-";

    if (entry->limit != JOURNAL_NO_LIMIT)
        snprintf(limit, sizeof(limit), "%lu", (unsigned long)entry->limit);
    int length = snprintf(out, JOURNAL_LINE_SIZE, "%s %lu %s %08lx %08lx %s%s%s", entry->key,
                          (unsigned long)entry->served, limit, (unsigned long)entry->xid,
                          (unsigned long)entry->ask, is_forgotten ? "f" : "b",
                          entry->is_counted ? "c" : "", entry->saw_ipxe ? "i" : "");
    length += snprintf(out + length, JOURNAL_LINE_SIZE - (size_t)length, " %08lx\n",
                       (unsigned long)checksum(out, (size_t)length));
    return (size_t)length;
}

/* A number that ends at a blank; *text moves behind that. */
static bool take_number(char **text, int base, uint32_t *out)
{
    char *end;
    unsigned long value = strtoul(*text, &end, base);

    if (end == *text || *end != ' ' || value > UINT32_MAX)
        return false;
    *text = end + 1;
    *out = (uint32_t)value;
    return true;
}

/* `line` has its checksum cut off and is good. */
static bool take_line(struct journal *journal, char *line)
{
    char *key_end = strchr(line, ' ');
    struct journal_entry read = {.limit = JOURNAL_NO_LIMIT};

    if (key_end == NULL || key_end == line || key_end - line >= JOURNAL_KEY_SIZE)
        return false;
    *key_end = '\0';
    char *at = key_end + 1;
    if (!take_number(&at, 10, &read.served))
        return false;
    if (at[0] == '-' && at[1] == ' ')
        at += 2;
    else if (!take_number(&at, 10, &read.limit))
        return false;
    if (!take_number(&at, 16, &read.xid) || !take_number(&at, 16, &read.ask))
        return false;
    read.is_counted = strchr(at, 'c') != NULL;
    read.saw_ipxe = strchr(at, 'i') != NULL;
    if (strchr(at, 'f') != NULL) {
        journal_forget(journal, line);
        return true;
    }
    struct journal_entry *entry = journal_get(journal, line);
    if (entry == NULL)
        return false;
    memcpy(read.key, entry->key, sizeof(read.key));
    *entry = read;
    return true;
}

static bool is_whole(char *line, size_t length)
{
    char *last = strrchr(line, ' ');
    char expected[16];

    if (last == NULL || line + length - last != 9)
        return false;
    snprintf(expected, sizeof(expected), "%08lx",
             (unsigned long)checksum(line, (size_t)(last - line)));
    if (strcmp(last + 1, expected) != 0)
        return false;
    *last = '\0';
    return true;
}

size_t journal_read(struct journal *journal, const char *text, size_t length)
{
    size_t used = 0;
    const char *end;

    while (used < length && (end = memchr(text + used, '\n', length - used)) != NULL) {
        size_t size = (size_t)(end - (text + used));
        char line[JOURNAL_LINE_SIZE];

        if (size < sizeof(line)) {
            memcpy(line, text + used, size);
            line[size] = '\0';
            if (strlen(line) == size && is_whole(line, size))
                take_line(journal, line);
        }
        used += size + 1;
        ++journal->lines;
    }
    return used;
}

/* ---- which requests are one boot ---- */

/* Firmware loads iPXE, which then asks on its own account: that is one boot. */
static bool is_next_stage(const struct journal_entry *entry, bool is_ipxe)
{
    return is_ipxe && entry->is_counted && !entry->saw_ipxe;
}

/* What is the same once more, for a reply got lost, begins nothing. */
static bool begins_boot(const struct journal_entry *entry, enum boot_step step, uint32_t xid,
                        bool is_ipxe)
{
    if (is_next_stage(entry, is_ipxe))
        return false;
    if (step == BOOT_SEARCH)
        return xid != entry->xid;
    return step == BOOT_ASK && entry->ask != 0 && xid != entry->ask;
}

bool journal_admit(struct journal_entry *entry, enum boot_step step, uint32_t xid, bool is_ipxe,
                   uint32_t boots)
{
    uint32_t limit = entry->limit != JOURNAL_NO_LIMIT ? entry->limit : boots;
    bool has_more = limit == 0 || entry->served < limit;

    if (begins_boot(entry, step, xid, is_ipxe)) {
        entry->is_counted = false;
        entry->saw_ipxe = false;
        entry->xid = 0;
    }
    entry->saw_ipxe = entry->saw_ipxe || is_ipxe;
    if (step == BOOT_SEARCH) {
        entry->xid = xid;
        entry->ask = 0;
    } else {
        entry->ask = xid;
    }
    return entry->is_counted || has_more;
}

bool journal_count(struct journal_entry *entry)
{
    if (entry->is_counted)
        return false;
    entry->is_counted = true;
    ++entry->served;
    return true;
}
