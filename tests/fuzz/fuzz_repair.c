/*
 * Fuzzer for what happens to a request before providers see it: the repair of both protocols, and
 * the facts read from it. The first byte of the input tells the protocol, the rest is the packet.
 * After a repair the packet is valid; without one it is as it was; repairing twice is repairing
 * once.
 */
#include <stdlib.h>
#include <string.h>

#include "dhcp/dhcp4.h"
#include "dhcp/dhcp4_repair.h"
#include "dhcp/dhcp6.h"
#include "dhcp/dhcp6_repair.h"
#include "facts/facts.h"
#include "fuzzer.h"

/* In a block of exactly `capacity` bytes, so that a sanitizer sees the first one behind it. */
static uint8_t *copy_of(const uint8_t *data, size_t size, size_t capacity)
{
    uint8_t *copy = malloc(capacity > 0 ? capacity : 1);

    REQUIRE(copy != NULL);
    memcpy(copy, data, size);
    return copy;
}

static void repair4(const uint8_t *data, size_t size, size_t capacity)
{
    static struct facts_store store;
    struct client_facts facts;
    uint8_t *packet = copy_of(data, size, capacity);
    size_t length = size;
    enum dhcp4_defect before = dhcp4_check(packet, length, true, NULL);
    unsigned repairs = dhcp4_repair(packet, &length, capacity);

    if (repairs != 0) {
        REQUIRE(before != DHCP4_VALID);
        REQUIRE(dhcp4_check(packet, length, true, NULL) == DHCP4_VALID);
        REQUIRE(length >= size && length <= capacity);
        REQUIRE(dhcp4_repair(packet, &length, capacity) == 0);
    } else {
        REQUIRE(length == size && memcmp(packet, data, size) == 0);
    }
    facts4_read(packet, length, &store, &facts);
    REQUIRE(facts.is_dhcp || repairs == 0);
    REQUIRE(facts.has_type || repairs == 0 || before != DHCP4_NO_MESSAGE_TYPE);
    free(packet);
}

static void repair6(const uint8_t *data, size_t size)
{
    static struct facts_store store;
    struct client_facts facts;
    uint8_t *packet = copy_of(data, size, size);
    size_t length = size;
    enum dhcp6_defect before = dhcp6_check(packet, length, true, NULL);

    if (dhcp6_repair(packet, &length)) {
        enum dhcp6_defect after = dhcp6_check(packet, length, true, NULL);

        REQUIRE(length < size);
        REQUIRE(after != DHCP6_OPTION_OVERRUN);
        REQUIRE(after == before || before == DHCP6_OPTION_OVERRUN);
        REQUIRE(!dhcp6_repair(packet, &length));
    } else {
        REQUIRE(length == size && memcmp(packet, data, size) == 0);
    }
    facts6_read(packet, length, &store, &facts);
    free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] & 1) {
        repair6(data + 1, size - 1);
    } else {
        repair4(data + 1, size - 1, size - 1 + DHCP4_REPAIR_GROWTH);
        repair4(data + 1, size - 1, size - 1);
    }
    return 0;
}
