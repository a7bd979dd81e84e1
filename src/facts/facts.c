#include "facts/facts.h"

#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp4.h"
#include "facts/read.h"

enum {
    DUID_LLT = 1, /* RFC 8415 section 11 */
    DUID_LL = 3,
    DUID_UUID = 4,
    DUID_HEADER = 2,
    DUID_TIME = 4,
    HARDWARE_MAX = 16, /* longest address, as chaddr has it */

    UNDI_TYPE = 1, /* RFC 4578 section 2.2 */
    UNDI_SIZE = 3,
    ARCHITECTURE_DIGITS = 5, /* "Arch:00007" */
    UNDI_DIGITS = 6,         /* "UNDI:003016" */
};

static bool starts_with(const uint8_t *text, size_t length, const char *start)
{
    return length >= strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

enum facts_boot facts_boot_of(const uint8_t *vendor_class, size_t length)
{
    if (length > 0 && starts_with(vendor_class, length, "PXEClient"))
        return FACTS_BOOT_PXE;
    if (length > 0 && starts_with(vendor_class, length, "HTTPClient"))
        return FACTS_BOOT_HTTP;
    return FACTS_BOOT_OTHER;
}

uint32_t facts_seconds(uint16_t secs)
{
    return secs > 0xff && (secs & 0xff) == 0 ? secs >> 8 : secs;
}

/* ---- joining ---- */

uint8_t *facts_join_begin(struct facts_store *store)
{
    return store->bytes + store->used;
}

bool facts_join(struct facts_store *store, struct fact_bytes piece)
{
    if (piece.length > sizeof(store->bytes) - store->used)
        return false;
    if (piece.length > 0)
        memcpy(store->bytes + store->used, piece.bytes, piece.length);
    store->used += piece.length;
    return true;
}

/* ---- one fact each ---- */

void facts_take_class(struct client_facts *facts, struct fact_bytes class)
{
    facts->vendor_class = class;
    facts->boot = facts_boot_of(class.bytes, class.length);
}

void facts_add_user_class(struct client_facts *facts, struct fact_bytes class)
{
    static const uint8_t ipxe[4] = {'i', 'P', 'X', 'E'};

    /* Looked for beyond the maximum too: nobody shall hide it behind a long list. */
    if (class.length == sizeof(ipxe) && memcmp(class.bytes, ipxe, sizeof(ipxe)) == 0)
        facts->is_ipxe = true;
    if (facts->user_class_count < FACTS_USER_CLASSES_MAX)
        facts->user_classes[facts->user_class_count++] = class;
}

bool facts_has_user_class(const struct client_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->user_class_count; i++) {
        const struct fact_bytes *class = &facts->user_classes[i];

        if (class->length == strlen(name) && memcmp(class->bytes, name, class->length) == 0)
            return true;
    }
    return false;
}

void facts_take_architectures(struct client_facts *facts, struct fact_bytes list)
{
    size_t count = list.length / 2;

    if (count > FACTS_ARCHITECTURES_MAX)
        count = FACTS_ARCHITECTURES_MAX;
    for (size_t i = 0; i < count; i++)
        facts->architectures[i] = be16_get(list.bytes + 2 * i);
    facts->architecture_count = count;
}

void facts_take_undi(struct client_facts *facts, struct fact_bytes value)
{
    if (value.length != UNDI_SIZE || value.bytes[0] != UNDI_TYPE)
        return;
    facts->has_undi = true;
    facts->undi_major = value.bytes[1];
    facts->undi_minor = value.bytes[2];
}

void facts_take_guid(struct client_facts *facts, const uint8_t *guid)
{
    static const uint8_t order[FACTS_GUID_SIZE] = {3, 2, 1,  0,  5,  4,  7,  6,
                                                   8, 9, 10, 11, 12, 13, 14, 15};

    facts->has_guid = true;
    memcpy(facts->guid, guid, FACTS_GUID_SIZE);
    for (size_t i = 0; i < FACTS_GUID_SIZE; i++)
        facts->guid_swapped[i] = guid[order[i]];
}

static void take_hardware(struct client_facts *facts, const uint8_t *type, struct fact_bytes mac)
{
    if (facts->mac.bytes != NULL || mac.length == 0 || mac.length > HARDWARE_MAX)
        return;
    facts->mac = mac;
    facts->hardware_type = type[0] == 0 ? type[1] : 0; /* of two bytes in a DUID */
}

void facts_take_duid(struct client_facts *facts, struct fact_bytes duid)
{
    const uint8_t *bytes = duid.bytes;
    unsigned type = duid.length > DUID_HEADER ? be16_get(bytes) : 0;
    size_t header = 2 * DUID_HEADER + (type == DUID_LLT ? DUID_TIME : 0);

    facts->duid = duid;
    if (type == DUID_UUID && duid.length == DUID_HEADER + FACTS_GUID_SIZE && !facts->has_guid) {
        facts_take_guid(facts, bytes + DUID_HEADER);
        facts->is_guid_order_unsure = true;
    } else if ((type == DUID_LLT || type == DUID_LL) && duid.length > header) {
        take_hardware(facts, bytes + DUID_HEADER, fact_part(bytes + header, duid.length - header));
    }
}

struct fact_bytes facts_vendor_find(const struct client_facts *facts, uint8_t code)
{
    struct dhcp4_walk walk = {facts->vendor.bytes, facts->vendor.length};
    enum dhcp4_step step;
    const uint8_t *option;

    while ((step = dhcp4_walk_step(&walk, &option)) <= DHCP4_STEP_OPTION) {
        if (step == DHCP4_STEP_OPTION && *option == code)
            return fact_part(option + 2, option[1]);
    }
    return fact_part(NULL, 0);
}

/* ---- what the class tells ---- */

/* The decimal number behind `name`: at most `digits` of them. */
static bool class_number(struct fact_bytes class, const char *name, size_t digits,
                         uint32_t *out_number)
{
    size_t size = strlen(name);
    size_t at = 0;
    uint32_t number = 0;
    size_t read = 0;

    while (at < class.length && !starts_with(class.bytes + at, class.length - at, name))
        at++;
    for (at += size; at < class.length && read < digits; at++, read++) {
        if (class.bytes[at] < '0' || class.bytes[at] > '9')
            break;
        number = 10 * number + (uint32_t)(class.bytes[at] - '0');
    }
    *out_number = number;
    return read > 0;
}

/* iPXE's DUID has the UUID in network order; made the same as its option 97 and as firmware's. */
static void settle_guid_order(struct client_facts *facts)
{
    uint8_t swapped[FACTS_GUID_SIZE];

    if (facts->is_ipv6 && facts->is_ipxe && facts->is_guid_order_unsure) {
        memcpy(swapped, facts->guid_swapped, sizeof(swapped));
        facts_take_guid(facts, swapped);
    }
}

void facts_finish(struct client_facts *facts)
{
    uint32_t number;

    settle_guid_order(facts);
    if (facts->boot == FACTS_BOOT_OTHER)
        return;
    if (facts->architecture_count == 0 &&
        class_number(facts->vendor_class, ":Arch:", ARCHITECTURE_DIGITS, &number) &&
        number <= UINT16_MAX) {
        facts->architectures[0] = (uint16_t)number;
        facts->architecture_count = 1;
        facts->is_architecture_of_class = true;
    }
    if (!facts->has_undi && class_number(facts->vendor_class, ":UNDI:", UNDI_DIGITS, &number) &&
        number / 1000 <= UINT8_MAX && number % 1000 <= UINT8_MAX) {
        facts->has_undi = true;
        facts->undi_major = (uint8_t)(number / 1000);
        facts->undi_minor = (uint8_t)(number % 1000);
    }
}
