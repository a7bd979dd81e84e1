#include "decode/fields.h"

#include <stdio.h>

#include <string.h>

void field_emit(struct field_writer *writer, enum field_kind kind, const char *id, const char *name,
                const uint8_t *bytes, size_t length, bool has_parts)
{
    struct field field = {
        .kind = kind,
        .depth = writer->depth,
        .name = name,
        .value = text_chars(&writer->value),
        .has_parts = has_parts,
        .bytes = bytes,
        .length = length,
    };
    for (size_t i = 0; i < FIELD_ID_SIZE - 1 && id[i] != '\0'; i++)
        field.id[i] = id[i];
    writer->failed |= writer->value.failed;
    writer->visit(&field, writer->context);
    text_clear(&writer->value);
}

void field_emit_option(struct field_writer *writer, unsigned code, const char *name,
                       const uint8_t *bytes, size_t length, bool has_parts)
{
    char id[FIELD_ID_SIZE];
    (void)snprintf(id, FIELD_ID_SIZE, "%u", code);
    field_emit(writer, FIELD_OPTION, id, name, bytes, length, has_parts);
}

void field_emit_remark(struct field_writer *writer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_clear(&writer->value);
    text_format_v(&writer->value, format, arguments);
    va_end(arguments);
    field_emit(writer, FIELD_REMARK, "", "", NULL, 0, false);
}

const struct option_form *option_form_find(const struct option_form *table, size_t count,
                                           unsigned code)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && table[low].code == code ? &table[low] : NULL;
}

void option_form_put(struct text *value, const struct option_form *row, const uint8_t *bytes,
                     size_t length)
{
    if (row == NULL || !row->form(value, bytes, length))
        (void)form_hex(value, bytes, length);
}
