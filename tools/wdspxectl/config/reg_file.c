#include "config/reg_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURE "Windows Registry Editor Version 5.00"
#define OLD_SIGNATURE "REGEDIT4"

enum { LINE_WIDTH = 79, FILE_MAX = 1 << 24 };

/* Where reading stands. Lines end with NUL, LF or CR LF. */
struct reader {
    char *at;
    size_t line;
    struct text key;  /* of the lines that follow; empty: none yet */
    struct text name; /* of the value being read */
    uint8_t *bytes;   /* room for the longest value: as many as the file has characters */
    reg_visitor visit;
    void *context;
    struct text *error;
};

static bool complain(struct reader *reader, size_t line, const char *what)
{
    text_format(reader->error, "line %lu: %s", (unsigned long)line, what);
    return false;
}

/* ---- characters ---- */

/*
 * Released with text_free. False: no memory, or no text; a NUL inside is none, and neither is
 * nothing at all.
 */
static bool decode(const uint8_t *bytes, size_t size, struct text *out_text)
{
    size_t mark = size >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf ? 3 : 0;
    bool is_text = true;

    if (size >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe) {
        is_text = size % 2 == 0;
        text_put_utf16(out_text, bytes + 2, size / 2 - 1);
    } else {
        is_text = text_is_utf8((const char *)bytes + mark, size - mark);
        text_put_span(out_text, (const char *)bytes + mark, size - mark);
    }
    return is_text && !out_text->failed && out_text->length > 0 &&
           strlen(out_text->chars) == out_text->length;
}

static void skip_blanks(struct reader *reader)
{
    while (*reader->at == ' ' || *reader->at == '\t')
        reader->at++;
}

static bool is_line_end(char c)
{
    return c == '\0' || c == '\n' || c == '\r';
}

static void skip_line_break(struct reader *reader)
{
    if (*reader->at == '\r')
        reader->at++;
    if (*reader->at == '\n')
        reader->at++;
    reader->line++;
}

static bool take(struct reader *reader, const char *word)
{
    size_t length = strlen(word);

    if (_strnicmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

/* Nothing but blanks up to the end of the line. */
static bool end_line(struct reader *reader)
{
    skip_blanks(reader);
    if (!is_line_end(*reader->at))
        return complain(reader, reader->line, "something follows that does not belong there");
    if (*reader->at != '\0')
        skip_line_break(reader);
    return true;
}

static bool is_digit(char c)
{
    return isxdigit((unsigned char)c) != 0;
}

/* 1 to `digits` hexadecimal digits, which are at most 8. */
static bool take_hex(struct reader *reader, unsigned digits, uint32_t *out_number)
{
    char chars[9] = "";
    unsigned count = 0;

    for (; count < digits && is_digit(*reader->at); count++)
        chars[count] = *reader->at++;
    *out_number = strtoul(chars, NULL, 16);
    return count > 0;
}

/* ---- values ---- */

/* What stands between quotation marks, the first of which has been taken. */
static bool take_quoted(struct reader *reader, struct text *out_text)
{
    text_free(out_text);
    while (*reader->at != '"') {
        if (*reader->at == '\\')
            reader->at++;
        if (is_line_end(*reader->at))
            return complain(reader, reader->line, "a quotation mark is missing");
        text_put_char(out_text, *reader->at++);
    }
    reader->at++;
    return true;
}

static bool take_string(struct reader *reader, size_t *out_size)
{
    SCOPED_TEXT text = TEXT_EMPTY;
    bool taken = take_quoted(reader, &text) && !text.failed;

    if (taken) {
        size_t units = text_to_utf16(text_chars(&text), (uint16_t *)(void *)reader->bytes);
        *out_size = (units + 1) * sizeof(uint16_t);
    }
    return taken;
}

static bool take_dword(struct reader *reader, size_t *out_size)
{
    uint32_t number;

    if (!take_hex(reader, 8, &number) || is_digit(*reader->at))
        return complain(reader, reader->line, "dword: needs 1 to 8 hexadecimal digits");
    memcpy(reader->bytes, &number, sizeof(number));
    *out_size = sizeof(number);
    return true;
}

/* A line that ends in a backslash goes on in the next one. */
static void skip_continuation(struct reader *reader)
{
    skip_blanks(reader);
    while (reader->at[0] == '\\' && (reader->at[1] == '\r' || reader->at[1] == '\n')) {
        reader->at++;
        skip_line_break(reader);
        skip_blanks(reader);
    }
}

static bool take_bytes(struct reader *reader, size_t *out_size)
{
    uint32_t byte;
    size_t size = 0;

    skip_continuation(reader);
    while (is_digit(*reader->at)) {
        (void)take_hex(reader, 2, &byte);
        reader->bytes[size++] = (uint8_t)byte;
        skip_continuation(reader);
        if (*reader->at != ',')
            break;
        reader->at++;
        skip_continuation(reader);
    }
    *out_size = size;
    return true;
}

/* What follows "hex": its type. */
static bool take_hex_type(struct reader *reader, DWORD *out_type)
{
    uint32_t type = REG_BINARY;

    if (*reader->at == '(') {
        reader->at++;
        if (!take_hex(reader, 8, &type) || !take(reader, ")"))
            return complain(reader, reader->line, "hex( needs a type in hexadecimal and )");
    }
    if (!take(reader, ":"))
        return complain(reader, reader->line, "hex needs a colon");
    *out_type = type;
    return true;
}

/* What follows the equals sign. */
static bool take_data(struct reader *reader, struct reg_item *item)
{
    skip_blanks(reader);
    if (take(reader, "-")) {
        item->deletes_value = true;
        return true;
    }
    if (take(reader, "\"")) {
        item->type = REG_SZ;
        return take_string(reader, &item->size);
    }
    if (take(reader, "dword:")) {
        item->type = REG_DWORD;
        return take_dword(reader, &item->size);
    }
    if (take(reader, "hex"))
        return take_hex_type(reader, &item->type) && take_bytes(reader, &item->size);
    return complain(reader, reader->line,
                    "the value is none of \"text\", dword:, hex:, hex(N): and -");
}

/* ---- lines ---- */

static bool read_value(struct reader *reader)
{
    struct reg_item item = {.line = reader->line, .bytes = reader->bytes};

    if (reader->key.length == 0)
        return complain(reader, item.line, "a value comes before any [key]");
    text_free(&reader->name);
    if (take(reader, "\"")) {
        if (!take_quoted(reader, &reader->name))
            return false;
    } else if (!take(reader, "@")) {
        return complain(reader, item.line, "this is no line of such a file");
    }
    skip_blanks(reader);
    if (!take(reader, "="))
        return complain(reader, item.line, "an equals sign is missing");
    if (!take_data(reader, &item) || !end_line(reader))
        return false;
    item.key = text_chars(&reader->key);
    item.name = text_chars(&reader->name);
    return !reader->name.failed && reader->visit(&item, reader->context);
}

/* "[key]" or "[-key]"; a key's name may have brackets itself, so the last one of the line ends it.
 */
static bool read_key(struct reader *reader)
{
    struct reg_item item = {.line = reader->line};
    char *end;

    reader->at++;
    item.deletes_key = take(reader, "-");
    char *last = NULL;
    for (end = reader->at; !is_line_end(*end); end++)
        last = *end == ']' ? end : last;
    if (last == NULL || last == reader->at)
        return complain(reader, item.line, "a [key] is not complete");
    text_free(&reader->key);
    text_put_span(&reader->key, reader->at, (size_t)(last - reader->at));
    reader->at = last + 1;
    if (!end_line(reader) || reader->key.failed)
        return false;
    item.key = text_chars(&reader->key);
    return !item.deletes_key || reader->visit(&item, reader->context);
}

static bool read_line(struct reader *reader)
{
    skip_blanks(reader);
    if (*reader->at == '[')
        return read_key(reader);
    if (*reader->at == ';')
        while (!is_line_end(*reader->at))
            reader->at++;
    return is_line_end(*reader->at) ? end_line(reader) : read_value(reader);
}

static bool read_signature(struct reader *reader)
{
    if (take(reader, OLD_SIGNATURE))
        return complain(reader, 1,
                        "this is a file of version 4, whose characters are unknown; "
                        "export it again as version 5");
    if (!take(reader, SIGNATURE))
        return complain(reader, 1, "a registry file begins with \"" SIGNATURE "\"");
    return end_line(reader);
}

bool reg_file_read(const uint8_t *bytes, size_t size, reg_visitor visit, void *context,
                   struct text *out_error)
{
    SCOPED_TEXT text = TEXT_EMPTY;
    struct reader reader = {.line = 1, .visit = visit, .context = context, .error = out_error};

    if (size == 0) {
        text_put(out_error, "this is empty, no registry file");
        return false;
    }
    if (size > FILE_MAX || !decode(bytes, size, &text)) {
        text_put(out_error, "this is neither UTF-16 nor UTF-8 text, or too much of it");
        return false;
    }
    reader.at = text.chars;
    /* A byte makes at most one unit of a string, with a NUL, or half a byte. */
    reader.bytes = malloc((text.length + 2) * sizeof(uint16_t));
    bool is_fine = reader.bytes != NULL && read_signature(&reader);
    while (is_fine && *reader.at != '\0')
        is_fine = read_line(&reader);
    if (reader.bytes == NULL || reader.key.failed || reader.name.failed)
        out_error->failed = true;
    free(reader.bytes);
    text_free(&reader.key);
    text_free(&reader.name);
    return is_fine;
}

/* ---- writing ---- */

void reg_file_put_header(struct text *file)
{
    text_put(file, SIGNATURE "\r\n");
}

void reg_file_put_key(struct text *file, const char *key)
{
    text_format(file, "\r\n[%s]\r\n", key);
}

static void put_quoted(struct text *file, const char *string)
{
    text_put_char(file, '"');
    for (; *string != '\0'; string++) {
        if (*string == '"' || *string == '\\')
            text_put_char(file, '\\');
        text_put_char(file, *string);
    }
    text_put_char(file, '"');
}

/* UTF-16, of so many units; they need not be aligned. */
static void put_quoted_units(struct text *file, const uint8_t *units, size_t count)
{
    SCOPED_TEXT string = TEXT_EMPTY;
    text_put_utf16(&string, units, count);
    put_quoted(file, text_chars(&string));
    file->failed |= string.failed;
}

/* Whether the bytes are one string with its NUL that a line can hold between quotation marks. */
static bool is_plain_string(const uint8_t *bytes, size_t size)
{
    uint16_t c = 1;
    size_t at = 0;

    for (; at + sizeof(c) <= size; at += sizeof(c)) {
        memcpy(&c, bytes + at, sizeof(c));
        if (c < ' ')
            break;
    }
    return c == '\0' && at + sizeof(c) == size;
}

static void put_bytes(struct text *file, size_t column, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool is_last = i + 1 == size;
        text_format(file, is_last ? "%02x" : "%02x,", bytes[i]);
        column += 3;
        if (!is_last && column + 3 > LINE_WIDTH) {
            text_put(file, "\\\r\n  ");
            column = 2;
        }
    }
}

void reg_file_put_value(struct text *file, const char *name, DWORD type, const uint8_t *bytes,
                        size_t size)
{
    DWORD number;
    size_t begin = file->length;

    put_quoted(file, name);
    text_put_char(file, '=');
    if (type == REG_DWORD && size == sizeof(number)) {
        memcpy(&number, bytes, sizeof(number));
        text_format(file, "dword:%08lx", number);
    } else if (type == REG_SZ && is_plain_string(bytes, size)) {
        put_quoted_units(file, bytes, size / sizeof(uint16_t) - 1);
    } else {
        text_format(file, "hex(%lx):", type);
        put_bytes(file, file->length - begin, bytes, size);
    }
    text_put(file, "\r\n");
}

void reg_file_put_deletion(struct text *file, const char *name)
{
    put_quoted(file, name);
    text_put(file, "=-\r\n");
}
