/* DHCPv4 messages in words (RFC 2131, RFC 2132 and those that add options, PXE 2.1). */
#include <string.h>

#include "text/bytes.h"
#include "decode/walk.h"
#include "decode/fields.h"
#include "decode/dhcp4_tables.h"
#include "text/text_net.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* ---- options with options in them ---- */

/* Is it a list of sub-options that ends where it should, with an END or without? */
static bool is_list(const uint8_t *bytes, size_t length)
{
    struct dhcp_walk walk = dhcp4_walk_list(bytes, length);
    struct dhcp_option option;
    size_t count = 0;
    while (dhcp4_next(&walk, &option))
        count++;
    return walk.result != WALK_OVERRUN && count > 0;
}

static void emit_list(struct field_writer *writer, const struct option_table *table,
                      const struct dhcp_option *parent)
{
    struct dhcp_walk walk = dhcp4_walk_list(parent->value, parent->length);
    struct dhcp_option option;
    writer->depth++;
    while (dhcp4_next(&walk, &option)) {
        const struct option_form *row = option_form_find(table->rows, table->count, option.code);
        option_form_put(&writer->value, row, option.value, option.length);
        field_emit_option(writer, option.code, row == NULL ? "" : row->name, option.value,
                          option.length, false);
    }
    writer->depth--;
}

/* Of options 124 and 125: enterprise, length, data. */
static const struct pieces blocks = {.head = 5, .width = 1, .unit = 1};

/* RFC 3925: of several vendors. The id of such a part is the enterprise number. */
static void emit_blocks(struct field_writer *writer, const struct dhcp_option *option)
{
    writer->depth++;
    for (size_t at = 0; at < option->length;) {
        const uint8_t *block = option->value + at;
        size_t size = piece_size(&blocks, block, option->length - at);
        struct dhcp_option data = {0, block + 5, size - 5};
        bool has_parts = option->code == OPTION4_VENDOR_OPTIONS && is_list(data.value, data.length);
        if (!has_parts && (option->code == OPTION4_VENDOR_OPTIONS ||
                           !form_items8(&writer->value, data.value, data.length)))
            text_put_hex(&writer->value, data.value, data.length);
        field_emit_option(writer, get_be32(block), "enterprise", data.value, data.length,
                          has_parts);
        if (has_parts)
            emit_list(writer, &(struct option_table){NULL, 0}, &data);
        at += size;
    }
    writer->depth--;
}

static void emit_option(struct field_writer *writer, const struct dhcp_option *option, bool is_pxe)
{
    struct option_table table;
    bool has_list =
        option4_sub_table(option->code, is_pxe, &table) && is_list(option->value, option->length);
    bool has_blocks =
        (option->code == OPTION4_VENDOR_CLASS || option->code == OPTION4_VENDOR_OPTIONS) &&
        are_pieces(&blocks, option->value, option->length);
    if (!has_list && !has_blocks)
        option_form_put(&writer->value, option4_find(option->code), option->value, option->length);
    field_emit_option(writer, option->code, option4_name(option->code), option->value,
                      option->length, has_list || has_blocks);
    if (has_list)
        emit_list(writer, &table, option);
    else if (has_blocks)
        emit_blocks(writer, option);
}

/* ---- the fixed part ---- */

static bool form_op(struct text *value, const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {NULL, "BOOTREQUEST", "BOOTREPLY"};
    return put_name(value, length == 1 && bytes[0] <= 2 ? names[bytes[0]] : NULL);
}

static bool form_hardware_type(struct text *value, const uint8_t *bytes, size_t length)
{
    text_format(value, bytes[0] == 1 ? "Ethernet" : "%u", (unsigned)bytes[0]);
    return length == 1;
}

static bool form_transaction(struct text *value, const uint8_t *bytes, size_t length)
{
    text_format(value, "0x%08lx", (unsigned long)get_be32(bytes));
    return length == 4;
}

static bool form_flags(struct text *value, const uint8_t *bytes, size_t length)
{
    unsigned flags = get_be16(bytes);
    text_format(value, "0x%04x%s", flags, flags & 0x8000 ? " (broadcast)" : "");
    return length == 2;
}

static bool form_seconds16(struct text *value, const uint8_t *bytes, size_t length)
{
    text_format(value, "%u s", (unsigned)get_be16(bytes));
    return length == 2;
}

enum { CHADDR_AT = 28, HLEN_AT = 2 };

static const struct header_field {
    size_t at;
    size_t length;
    const char *id;
    const char *name;
    value_form form;
} header_fields[] = {
    {0, 1, "op", "operation", form_op},
    {1, 1, "htype", "hardware type", form_hardware_type},
    {2, 1, "hlen", "hardware address length", form_u8},
    {3, 1, "hops", "hops", form_u8},
    {4, 4, "xid", "transaction id", form_transaction},
    {8, 2, "secs", "seconds", form_seconds16},
    {10, 2, "flags", "flags", form_flags},
    {12, 4, "ciaddr", "client address", form_ipv4_list},
    {16, 4, "yiaddr", "your address", form_ipv4_list},
    {20, 4, "siaddr", "next server", form_ipv4_list},
    {24, 4, "giaddr", "relay address", form_ipv4_list},
    {CHADDR_AT, DHCP4_CHADDR_SIZE, "chaddr", "hardware address", form_hex},
    {DHCP4_AT_SNAME, DHCP4_SNAME_SIZE, "sname", "server name", form_string},
    {DHCP4_AT_FILE, DHCP4_FILE_SIZE, "file", "boot file", form_string},
};

/* As many bytes as hlen says, and what should be zero behind them but is not. */
static void put_client_address(struct text *value, const uint8_t *packet)
{
    const uint8_t *address = packet + CHADDR_AT;
    size_t length = packet[HLEN_AT] < DHCP4_CHADDR_SIZE ? packet[HLEN_AT] : DHCP4_CHADDR_SIZE;
    text_put_mac(value, address, length);
    if (!all_zero(address + length, DHCP4_CHADDR_SIZE - length)) {
        text_put(value, length > 0 ? " and " : "and ");
        text_put_hex(value, address + length, DHCP4_CHADDR_SIZE - length);
    }
}

/* A string ends at the zeros that fill its field up; something behind its first NUL is shown too.
 */
static size_t used_length(const struct header_field *field, const uint8_t *bytes)
{
    size_t length = field->length;
    while (field->form == form_string && length > 0 && bytes[length - 1] == 0)
        length--;
    return length;
}

/* Those fields that are wholly there. */
static void emit_header(struct field_writer *writer, const uint8_t *packet, size_t length)
{
    for (size_t i = 0; i < ROWS(header_fields); i++) {
        const struct header_field *field = &header_fields[i];
        if (field->at + field->length > length)
            return;
        const uint8_t *bytes = packet + field->at;
        size_t used = used_length(field, bytes);
        if (field->at == CHADDR_AT)
            put_client_address(&writer->value, packet);
        else if (!field->form(&writer->value, bytes, used))
            text_put_hex(&writer->value, bytes, used);
        field_emit(writer, FIELD_HEADER, field->id, field->name, bytes, used, false);
    }
}

/* ---- messages ---- */

static bool has_pxe_class(const uint8_t *packet, size_t length)
{
    static const char pxe[] = "PXEClient";
    struct dhcp_option class = dhcp4_find(packet, length, OPTION4_CLASS);
    return class.value != NULL && class.length >= sizeof(pxe) - 1 &&
           memcmp(class.value, pxe, sizeof(pxe) - 1) == 0;
}

static void emit_options(struct field_writer *writer, const uint8_t *packet, size_t length)
{
    bool is_pxe = has_pxe_class(packet, length);
    struct dhcp_walk walk = dhcp4_walk(packet, length);
    struct dhcp_option option;
    while (dhcp4_next(&walk, &option))
        emit_option(writer, &option, is_pxe);
    if (walk.result == WALK_OVERRUN)
        field_emit_remark(writer, "the option here runs past the end");
    else if (walk.result == WALK_NO_END)
        field_emit_remark(writer, "no END behind the options");
}

bool fields4_visit(const uint8_t *packet, size_t length, field_visitor visit, void *context)
{
    struct field_writer writer = {.visit = visit, .context = context, .value = TEXT_EMPTY};
    emit_header(&writer, packet, length);
    if (dhcp4_is_message(packet, length))
        emit_options(&writer, packet, length);
    else
        field_emit_remark(&writer,
                          length < DHCP4_FIXED ? "%lu bytes are less than the fixed part has"
                                               : "no DHCP cookie, %lu bytes",
                          (unsigned long)length);
    text_free(&writer.value);
    return !writer.failed;
}
