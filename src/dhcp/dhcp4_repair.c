#include "dhcp/dhcp4_repair.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp4.h"

/* ---- looking ---- */

/* One field that holds options. */
struct field {
    size_t used;    /* offset behind its last option, from the start of the field */
    size_t carried; /* bytes of its options that would move with it: without Pad and option 52 */
    bool has_end;
    bool has_type;
    uint8_t overload; /* what the first option 52 says; 0 if there is none that is well-formed */
    bool has_overload;
};

static bool is_type(const uint8_t *option)
{
    return option[0] == DHCP4_OPT_MESSAGE_TYPE;
}

static void note_option(struct field *field, const uint8_t *option)
{
    const uint8_t known = DHCP4_OVERLOAD_FILE | DHCP4_OVERLOAD_SNAME;

    field->has_type |= is_type(option);
    if (option[0] != DHCP4_OPT_OVERLOAD) {
        field->carried += (size_t)2 + option[1];
        return;
    }
    if (!field->has_overload && option[1] == 1 && option[2] <= known)
        field->overload = option[2];
    field->has_overload = true;
}

/* False: an option does not fit into it. */
static bool field_read(const uint8_t *bytes, size_t size, struct field *out_field)
{
    struct dhcp4_walk walk = {bytes, size};
    const uint8_t *option;

    *out_field = (struct field){.used = 0};
    for (;;) {
        switch (dhcp4_walk_step(&walk, &option)) {
        case DHCP4_STEP_PAD:
            break;
        case DHCP4_STEP_OPTION:
            note_option(out_field, option);
            out_field->used = (size_t)(walk.next - bytes);
            break;
        case DHCP4_STEP_END:
            out_field->has_end = true;
            /* End keeps its place: what is before it may be Pad. */
            out_field->used = (size_t)(walk.next - bytes) - 1;
            return true;
        case DHCP4_STEP_EXHAUSTED:
            return true;
        case DHCP4_STEP_OVERRUN:
            return false;
        }
    }
}

/* All that decides what has to be done. */
struct look {
    struct field options;
    struct field file; /* nothing in it unless overloaded, like */
    struct field sname;
    bool is_file_open; /* no terminating zero */
    bool is_sname_open;
};

static bool is_open(const uint8_t *field, size_t size)
{
    return memchr(field, 0, size) == NULL;
}

/* False: it cannot be understood. */
static bool look_at(const uint8_t *packet, size_t length, struct look *out_look)
{
    *out_look = (struct look){.is_file_open = false};
    if (length < DHCP4_OPTIONS || packet[DHCP4_OP] != DHCP4_BOOTREQUEST ||
        packet[DHCP4_HLEN] > DHCP4_HARDWARE_ADDRESS_MAX ||
        be32_get(packet + DHCP4_COOKIE) != DHCP4_MAGIC)
        return false;
    out_look->is_file_open = is_open(packet + DHCP4_FILE, DHCP4_FILE_SIZE);
    out_look->is_sname_open = is_open(packet + DHCP4_SNAME, DHCP4_SNAME_SIZE);
    if (!field_read(packet + DHCP4_OPTIONS, length - DHCP4_OPTIONS, &out_look->options))
        return false;
    uint8_t overload = out_look->options.overload;
    if ((overload & DHCP4_OVERLOAD_FILE) != 0 &&
        !field_read(packet + DHCP4_FILE, DHCP4_FILE_SIZE, &out_look->file))
        return false;
    if ((overload & DHCP4_OVERLOAD_SNAME) != 0 &&
        !field_read(packet + DHCP4_SNAME, DHCP4_SNAME_SIZE, &out_look->sname))
        return false;
    return out_look->options.has_type || out_look->file.has_type || out_look->sname.has_type;
}

static bool is_dirty(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != DHCP4_OPT_PAD)
            return true;
    }
    return false;
}

static unsigned choose(const struct look *look, const uint8_t *packet, size_t length)
{
    uint8_t overload = look->options.overload;
    size_t behind_end = DHCP4_OPTIONS + look->options.used + 1;
    unsigned repairs = 0;

    if (!look->options.has_end)
        repairs |= DHCP4_REPAIRED_END;
    else if (is_dirty(packet + behind_end, length - behind_end))
        repairs |= DHCP4_REPAIRED_TAIL;
    if (!look->options.has_type || (look->is_file_open && (overload & DHCP4_OVERLOAD_FILE) != 0) ||
        (look->is_sname_open && (overload & DHCP4_OVERLOAD_SNAME) != 0))
        repairs |= DHCP4_REPAIRED_OVERLOAD;
    if (look->is_file_open && (overload & DHCP4_OVERLOAD_FILE) == 0)
        repairs |= DHCP4_REPAIRED_FILE;
    if (look->is_sname_open && (overload & DHCP4_OVERLOAD_SNAME) == 0)
        repairs |= DHCP4_REPAIRED_SNAME;
    return repairs;
}

/* ---- doing ---- */

/* Copies the options of a field to `to`, without Pad, End and option 52; returns behind them. */
static uint8_t *move_field(uint8_t *field, size_t size, uint8_t *to)
{
    struct dhcp4_walk walk = {field, size};
    enum dhcp4_step step;
    const uint8_t *option;

    while ((step = dhcp4_walk_step(&walk, &option)) <= DHCP4_STEP_OPTION) {
        if (step == DHCP4_STEP_OPTION && option[0] != DHCP4_OPT_OVERLOAD) {
            memcpy(to, option, (size_t)2 + option[1]);
            to += (size_t)2 + option[1];
        }
    }
    memset(field, 0, size);
    return to;
}

/* Makes Pad of each option 52, so that none of them counts any more. */
static void clear_overload(uint8_t *packet, size_t end)
{
    struct dhcp4_walk walk = {packet + DHCP4_OPTIONS, end - DHCP4_OPTIONS};
    enum dhcp4_step step;
    const uint8_t *option;

    while ((step = dhcp4_walk_step(&walk, &option)) <= DHCP4_STEP_OPTION) {
        if (step == DHCP4_STEP_OPTION && option[0] == DHCP4_OPT_OVERLOAD)
            memset(packet + (option - packet), DHCP4_OPT_PAD, (size_t)2 + option[1]);
    }
}

/* The options of both fields behind the others, in the order of RFC 3396 section 5. */
static size_t move_overload(uint8_t *packet, size_t end, uint8_t overload)
{
    uint8_t *to = packet + end;

    clear_overload(packet, end);
    if ((overload & DHCP4_OVERLOAD_FILE) != 0)
        to = move_field(packet + DHCP4_FILE, DHCP4_FILE_SIZE, to);
    if ((overload & DHCP4_OVERLOAD_SNAME) != 0)
        to = move_field(packet + DHCP4_SNAME, DHCP4_SNAME_SIZE, to);
    return (size_t)(to - packet);
}

unsigned dhcp4_repair(uint8_t *packet, size_t *length, size_t capacity)
{
    struct look look;
    unsigned repairs = look_at(packet, *length, &look) ? choose(&look, packet, *length) : 0;
    size_t end = DHCP4_OPTIONS + look.options.used; /* where End belongs */
    size_t moved = look.file.carried + look.sname.carried;

    if (repairs == 0)
        return 0;
    if ((repairs & DHCP4_REPAIRED_OVERLOAD) == 0)
        moved = 0;
    if (capacity < end + moved + 1)
        return 0;
    if (repairs & DHCP4_REPAIRED_OVERLOAD)
        end = move_overload(packet, end, look.options.overload);
    if (repairs & DHCP4_REPAIRED_FILE)
        packet[DHCP4_FILE + DHCP4_FILE_SIZE - 1] = 0;
    if (repairs & DHCP4_REPAIRED_SNAME)
        packet[DHCP4_SNAME + DHCP4_SNAME_SIZE - 1] = 0;
    packet[end] = DHCP4_OPT_END;
    if (*length < end + 1)
        *length = end + 1;
    memset(packet + end + 1, DHCP4_OPT_PAD, *length - end - 1);
    return repairs;
}

void dhcp4_repair_text(unsigned repairs, char text[DHCP4_REPAIR_TEXT_SIZE])
{
    static const char *const words[] = {
        "bytes behind option End cleared",
        "option End added",
        "sname terminated",
        "file terminated",
        "options in file and sname moved to the others",
    };
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if ((repairs & 1u << i) == 0)
            continue;
        int written = snprintf(text + used, DHCP4_REPAIR_TEXT_SIZE - used, "%s%s",
                               used > 0 ? ", " : "", words[i]);
        used += (size_t)written;
    }
}
