#include "verify/reply_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/printf_like.h"
#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"

/* Of several flaws of one kind the first counts: the others follow from it, mostly. */
static void flaw_add(struct reply_flaws *flaws, enum verify_rule rule, const char *format, ...)
    PRINTF_LIKE(3, 4);

static void flaw_add(struct reply_flaws *flaws, enum verify_rule rule, const char *format, ...)
{
    va_list arguments;

    for (size_t i = 0; i < flaws->count; i++)
        if (flaws->entries[i].rule == rule)
            return;
    if (flaws->count == REPLY_FLAWS_MAX)
        return;
    struct reply_flaw *flaw = &flaws->entries[flaws->count++];
    flaw->rule = rule;
    va_start(arguments, format);
    vsnprintf(flaw->text, sizeof(flaw->text), format, arguments);
    va_end(arguments);
}

/* ---- DHCPv4 ---- */

/* Offset of the first byte that is not Pad, or `length`. */
static size_t pads_end(const uint8_t *bytes, size_t length)
{
    size_t i = 0;

    while (i < length && bytes[i] == DHCP4_OPT_PAD)
        i++;
    return i;
}

/* Walks one field that holds options; *overload keeps what an option 52 says. */
static void field4_lint(const char *name, const uint8_t *packet, size_t start, size_t size,
                        struct reply_flaws *flaws, uint8_t *overload)
{
    struct dhcp4_walk walk = {packet + start, size};
    const uint8_t *option;
    enum dhcp4_step step;

    while ((step = dhcp4_walk_step(&walk, &option)) <= DHCP4_STEP_OPTION)
        if (step == DHCP4_STEP_OPTION && option[0] == DHCP4_OPT_OVERLOAD && option[1] == 1)
            *overload = option[2];
    if (step == DHCP4_STEP_OVERRUN)
        flaw_add(flaws, RULE_OPTION_OVERRUN,
                 "option %u at byte %zu runs past the end of %s, which has %zu bytes", walk.next[0],
                 (size_t)(walk.next - packet), name, size);
    else if (step == DHCP4_STEP_EXHAUSTED)
        flaw_add(flaws, RULE_END_MISSING, "%s has no option 255 in its %zu bytes", name, size);
    else if (pads_end(walk.next, walk.left) < walk.left)
        flaw_add(flaws, RULE_OPTION_AFTER_END, "byte %zu, behind option 255 of %s, is 0x%02x",
                 (size_t)(walk.next - packet) + pads_end(walk.next, walk.left), name,
                 walk.next[pads_end(walk.next, walk.left)]);
}

/* What option 53 says; 0: it is not there, or none of one byte. */
static uint8_t type4(const uint8_t *packet, size_t length)
{
    const uint8_t *value;
    uint8_t size;

    return dhcp4_option_find(packet, length, DHCP4_OPT_MESSAGE_TYPE, 1, &value, &size) == PXE_OK &&
                   size == 1
               ? value[0]
               : 0;
}

static bool is_rapid4(const struct reply_request *request)
{
    const uint8_t *value;
    uint8_t size;

    return dhcp4_option_find(request->bytes, request->length, DHCP4_OPT_RAPID_COMMIT, 1, &value,
                             &size) == PXE_OK;
}

/* RFC 2131 sections 3.1 and 4.3.2, table 3. A request of a type that is not there is not judged. */
static bool type4_fits(const struct reply_request *request, uint8_t asked, uint8_t type)
{
    if (request->to_boot_server)
        return type == DHCP4_OFFER || type == DHCP4_ACK || type == DHCP4_NAK;
    switch (asked) {
    case DHCP4_DISCOVER:
        return type == DHCP4_OFFER || (type == DHCP4_ACK && is_rapid4(request));
    case DHCP4_REQUEST:
        return type == DHCP4_ACK || type == DHCP4_NAK;
    case DHCP4_INFORM:
        return type == DHCP4_ACK;
    case DHCP4_DECLINE:
    case DHCP4_RELEASE:
        return false;
    default:
        return true;
    }
}

/* A reply without a type is BOOTP's, and fits whatever is asked. */
static void type4_lint(const struct reply_request *request, const uint8_t *reply, size_t length,
                       struct reply_flaws *flaws)
{
    const uint8_t asked = type4(request->bytes, request->length), type = type4(reply, length);

    if (type != 0 && !type4_fits(request, asked, type))
        flaw_add(flaws, RULE_REPLY_TYPE, "message type %u answers one of type %u", type, asked);
}

void reply_lint4(const struct reply_request *asked, const uint8_t *reply, size_t length,
                 struct reply_flaws *flaws)
{
    const uint8_t *const request = asked->bytes;
    uint8_t overload = 0, nested = 0;

    flaws->count = 0;
    if (reply[DHCP4_OP] != DHCP4_BOOTREPLY)
        flaw_add(flaws, RULE_WRONG_TRANSACTION, "op is %u, not 2 (BOOTREPLY)", reply[DHCP4_OP]);
    if (memcmp(reply + DHCP4_XID, request + DHCP4_XID, 4) != 0)
        flaw_add(flaws, RULE_WRONG_TRANSACTION, "xid is 0x%08x, that of the request is 0x%08x",
                 be32_get(reply + DHCP4_XID), be32_get(request + DHCP4_XID));
    field4_lint("the options field", reply, DHCP4_OPTIONS, length - DHCP4_OPTIONS, flaws,
                &overload);
    if (overload & DHCP4_OVERLOAD_FILE)
        field4_lint("the file field", reply, DHCP4_FILE, DHCP4_FILE_SIZE, flaws, &nested);
    if (overload & DHCP4_OVERLOAD_SNAME)
        field4_lint("the sname field", reply, DHCP4_SNAME, DHCP4_SNAME_SIZE, flaws, &nested);
    if (reply[DHCP4_OP] == DHCP4_BOOTREPLY) /* else it is no reply: told */
        type4_lint(asked, reply, length, flaws);
}

/* ---- DHCPv6 ---- */

/* The bytes of one message, or of one layer around it. */
struct message6 {
    const uint8_t *bytes;
    size_t length;
};

/* Walks the options of one message. False: they cannot be walked. *out_nested is the value of the
 * first option 9, of length 0 if there is none. */
static bool options6_lint(const struct message6 *message, struct reply_flaws *flaws,
                          struct message6 *out_nested)
{
    struct dhcp6_walk walk;
    struct dhcp6_option option;
    enum dhcp6_step step = DHCP6_STEP_OVERRUN;

    *out_nested = (struct message6){0};
    if (!dhcp6_walk_start(&walk, message->bytes, message->length)) {
        flaw_add(flaws, RULE_OPTION_OVERRUN, "a message of type %u has only %zu bytes",
                 message->bytes[DHCP6_TYPE], message->length);
        return false;
    }
    while ((step = dhcp6_walk_next(&walk, &option)) == DHCP6_STEP_OPTION)
        if (option.code == DHCP6_OPT_RELAY_MESSAGE && out_nested->length == 0)
            *out_nested = (struct message6){option.value, option.length};
    if (step == DHCP6_STEP_END)
        return true;
    flaw_add(flaws, RULE_OPTION_OVERRUN,
             "the option at byte %zu of a message of type %u runs past its end, %zu bytes further",
             (size_t)(walk.next - message->bytes), message->bytes[DHCP6_TYPE],
             (size_t)(walk.end - walk.next));
    return false;
}

static void transaction6_lint(const struct dhcp6_inner *request, const struct message6 *reply,
                              struct reply_flaws *flaws)
{
    const uint8_t type = reply->bytes[DHCP6_TYPE];

    if (type != DHCP6_ADVERTISE && type != DHCP6_REPLY)
        flaw_add(flaws, RULE_WRONG_TRANSACTION, "message type %u is no reply", type);
    else if (reply->length >= DHCP6_OPTIONS && request->length >= DHCP6_OPTIONS &&
             memcmp(reply->bytes + DHCP6_TRANSACTION_ID, request->message + DHCP6_TRANSACTION_ID,
                    3) != 0)
        flaw_add(flaws, RULE_WRONG_TRANSACTION,
                 "transaction id is 0x%06x, that of the request is 0x%06x",
                 be32_get(reply->bytes) & 0xffffff, be32_get(request->message) & 0xffffff);
}

static bool is_rapid6(const struct dhcp6_inner *request)
{
    const uint8_t *value;
    uint16_t size;

    return dhcp6_option_find(request->message, request->length, DHCP6_OPT_RAPID_COMMIT, 1, &value,
                             &size) == PXE_OK;
}

/* RFC 8415 sections 18.3.1 to 18.3.10: ADVERTISE answers SOLICIT, REPLY the rest, and SOLICIT with
 * Rapid Commit. */
static void type6_lint(const struct reply_request *asked, const struct message6 *reply,
                       struct reply_flaws *flaws)
{
    const struct dhcp6_inner *request = asked->inner;
    const uint8_t type = reply->bytes[DHCP6_TYPE];

    if (request->length == 0 || asked->to_boot_server)
        return;
    const uint8_t wanted = request->message[DHCP6_TYPE];
    const bool fits = wanted == DHCP6_SOLICIT ? type == DHCP6_ADVERTISE || is_rapid6(request)
                                              : type == DHCP6_REPLY;
    if ((type == DHCP6_ADVERTISE || type == DHCP6_REPLY) && !fits)
        flaw_add(flaws, RULE_REPLY_TYPE, "message type %u answers one of type %u", type, wanted);
}

void reply_lint6(const struct reply_request *asked, const uint8_t *bytes, size_t length,
                 struct reply_flaws *flaws)
{
    const struct dhcp6_inner *const request = asked->inner;
    size_t layers = 0;
    struct message6 reply = {bytes, length}, nested;

    flaws->count = 0;
    bool is_whole = options6_lint(&reply, flaws, &nested);
    while (is_whole && reply.bytes[DHCP6_TYPE] == DHCP6_RELAY_REPL) {
        layers++;
        if (nested.length == 0) {
            flaw_add(flaws, RULE_WRONG_TRANSACTION, "relay layer %zu has no message inside",
                     layers);
            return;
        }
        reply = nested;
        is_whole = options6_lint(&reply, flaws, &nested);
    }
    if (is_whole && layers != request->layers)
        flaw_add(flaws, RULE_WRONG_TRANSACTION,
                 "%zu relay layers are around the reply, %zu around the request", layers,
                 request->layers);
    if (reply.bytes[DHCP6_TYPE] == DHCP6_RELAY_REPL)
        return;
    transaction6_lint(request, &reply, flaws);
    type6_lint(asked, &reply, flaws);
}

/* ---- both ---- */

bool reply_is_dhcp(bool is_ipv6, const uint8_t *reply, size_t length)
{
    if (!is_ipv6)
        return length >= DHCP4_OPTIONS && be32_get(reply + DHCP4_COOKIE) == DHCP4_MAGIC;
    return length > 0 && reply[DHCP6_TYPE] > 0 && reply[DHCP6_TYPE] <= DHCP6_RELAY_REPL;
}
