#include "config/reg_file.h"

#include <stdlib.h>
#include <string.h>

#define SIGNATURE L"Windows Registry Editor Version 5.00"
#define OLD_SIGNATURE L"REGEDIT4"

enum { LINE_WIDTH = 79, FILE_MAX = 1 << 24 };

/* Where reading stands. Lines end with NUL, LF or CR LF. */
struct reader {
    wchar_t *at;
    size_t line;
    struct text key;  /* of the lines that follow; empty: none yet */
    struct text name; /* of the value being read */
    uint8_t *bytes;   /* room for the longest value: as many as the file has characters */
    reg_visitor visit;
    void *context;
    struct text *error;
};

static bool complain(struct reader *reader, size_t line, const wchar_t *what)
{
    text_format(reader->error, L"line %lu: %ls", (unsigned long)line, what);
    return false;
}

/* ---- characters ---- */

/* Both have room for a NUL behind. Return the number of characters; 0: these bytes are no text. */
static size_t decode_utf16(const uint8_t *bytes, size_t size, wchar_t *out_text)
{
    memcpy(out_text, bytes, size);
    return size % 2 == 0 ? size / 2 : 0;
}

static size_t decode_utf8(const uint8_t *bytes, size_t size, wchar_t *out_text)
{
    int count = size == 0 ? 0
                          : MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, (const char *)bytes,
                                                (int)size, out_text, (int)size);
    return (size_t)count;
}

/* Released with free. NULL: no memory, or no text; a NUL inside is none. */
static wchar_t *decode(const uint8_t *bytes, size_t size)
{
    wchar_t *text = calloc(size + 1, sizeof(*text));
    size_t length;

    if (text == NULL)
        return NULL;
    if (size >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe)
        length = decode_utf16(bytes + 2, size - 2, text);
    else if (size >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf)
        length = decode_utf8(bytes + 3, size - 3, text);
    else
        length = decode_utf8(bytes, size, text);
    if (length > 0 && wcslen(text) == length)
        return text;
    free(text);
    return NULL;
}

static void skip_blanks(struct reader *reader)
{
    while (*reader->at == L' ' || *reader->at == L'\t')
        reader->at++;
}

static bool is_line_end(wchar_t c)
{
    return c == L'\0' || c == L'\n' || c == L'\r';
}

static void skip_line_break(struct reader *reader)
{
    if (*reader->at == L'\r')
        reader->at++;
    if (*reader->at == L'\n')
        reader->at++;
    reader->line++;
}

static bool take(struct reader *reader, const wchar_t *word)
{
    size_t length = wcslen(word);

    if (_wcsnicmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

/* Nothing but blanks up to the end of the line. */
static bool end_line(struct reader *reader)
{
    skip_blanks(reader);
    if (!is_line_end(*reader->at))
        return complain(reader, reader->line, L"something follows that does not belong there");
    if (*reader->at != L'\0')
        skip_line_break(reader);
    return true;
}

static int hex_digit(wchar_t c)
{
    if (c >= L'0' && c <= L'9')
        return c - L'0';
    if (c >= L'a' && c <= L'f')
        return c - L'a' + 10;
    return c >= L'A' && c <= L'F' ? c - L'A' + 10 : -1;
}

/* 1 to `digits` hexadecimal digits. */
static bool take_hex(struct reader *reader, unsigned digits, uint32_t *out_number)
{
    uint32_t number = 0;
    unsigned count = 0;

    for (; count < digits && hex_digit(*reader->at) >= 0; count++)
        number = number << 4 | (uint32_t)hex_digit(*reader->at++);
    *out_number = number;
    return count > 0;
}

/* ---- values ---- */

/* What stands between quotation marks, the first of which has been taken. */
static bool take_quoted(struct reader *reader, struct text *out_text)
{
    text_free(out_text);
    while (*reader->at != L'"') {
        if (*reader->at == L'\\')
            reader->at++;
        if (is_line_end(*reader->at))
            return complain(reader, reader->line, L"a quotation mark is missing");
        text_put_char(out_text, *reader->at++);
    }
    reader->at++;
    return true;
}

static bool take_string(struct reader *reader, size_t *out_size)
{
    struct text text = TEXT_EMPTY;
    bool taken = take_quoted(reader, &text) && !text.failed;

    if (taken) {
        *out_size = (text.length + 1) * sizeof(wchar_t);
        memcpy(reader->bytes, text_chars(&text), *out_size);
    }
    text_free(&text);
    return taken;
}

static bool take_dword(struct reader *reader, size_t *out_size)
{
    uint32_t number;

    if (!take_hex(reader, 8, &number) || hex_digit(*reader->at) >= 0)
        return complain(reader, reader->line, L"dword: needs 1 to 8 hexadecimal digits");
    memcpy(reader->bytes, &number, sizeof(number));
    *out_size = sizeof(number);
    return true;
}

/* A line that ends in a backslash goes on in the next one. */
static void skip_continuation(struct reader *reader)
{
    skip_blanks(reader);
    while (reader->at[0] == L'\\' && (reader->at[1] == L'\r' || reader->at[1] == L'\n')) {
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
    while (hex_digit(*reader->at) >= 0) {
        (void)take_hex(reader, 2, &byte);
        reader->bytes[size++] = (uint8_t)byte;
        skip_continuation(reader);
        if (*reader->at != L',')
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

    if (*reader->at == L'(') {
        reader->at++;
        if (!take_hex(reader, 8, &type) || !take(reader, L")"))
            return complain(reader, reader->line, L"hex( needs a type in hexadecimal and )");
    }
    if (!take(reader, L":"))
        return complain(reader, reader->line, L"hex needs a colon");
    *out_type = type;
    return true;
}

/* What follows the equals sign. */
static bool take_data(struct reader *reader, struct reg_item *item)
{
    skip_blanks(reader);
    if (take(reader, L"-")) {
        item->deletes_value = true;
        return true;
    }
    if (take(reader, L"\"")) {
        item->type = REG_SZ;
        return take_string(reader, &item->size);
    }
    if (take(reader, L"dword:")) {
        item->type = REG_DWORD;
        return take_dword(reader, &item->size);
    }
    if (take(reader, L"hex"))
        return take_hex_type(reader, &item->type) && take_bytes(reader, &item->size);
    return complain(reader, reader->line,
                    L"the value is none of \"text\", dword:, hex:, hex(N): and -");
}

/* ---- lines ---- */

static bool read_value(struct reader *reader)
{
    struct reg_item item = {.line = reader->line, .bytes = reader->bytes};

    if (reader->key.length == 0)
        return complain(reader, item.line, L"a value comes before any [key]");
    text_free(&reader->name);
    if (take(reader, L"\"")) {
        if (!take_quoted(reader, &reader->name))
            return false;
    } else if (!take(reader, L"@")) {
        return complain(reader, item.line, L"this is no line of such a file");
    }
    skip_blanks(reader);
    if (!take(reader, L"="))
        return complain(reader, item.line, L"an equals sign is missing");
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
    wchar_t *end;

    reader->at++;
    item.deletes_key = take(reader, L"-");
    wchar_t *last = NULL;
    for (end = reader->at; !is_line_end(*end); end++)
        last = *end == L']' ? end : last;
    if (last == NULL || last == reader->at)
        return complain(reader, item.line, L"a [key] is not complete");
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
    if (*reader->at == L'[')
        return read_key(reader);
    if (*reader->at == L';')
        while (!is_line_end(*reader->at))
            reader->at++;
    return is_line_end(*reader->at) ? end_line(reader) : read_value(reader);
}

static bool read_signature(struct reader *reader)
{
    if (take(reader, OLD_SIGNATURE))
        return complain(reader, 1,
                        L"this is a file of version 4, whose characters are unknown; "
                        L"export it again as version 5");
    if (!take(reader, SIGNATURE))
        return complain(reader, 1, L"a registry file begins with \"" SIGNATURE L"\"");
    return end_line(reader);
}

bool reg_file_read(const uint8_t *bytes, size_t size, reg_visitor visit, void *context,
                   struct text *out_error)
{
    wchar_t *text = size <= FILE_MAX ? decode(bytes, size) : NULL;
    struct reader reader = {
        .at = text, .line = 1, .visit = visit, .context = context, .error = out_error};

    if (text == NULL) {
        text_put(out_error, L"this is neither UTF-16 nor UTF-8 text, or too much of it");
        return false;
    }
    /* A character makes at most one of a string's, with a NUL, or half a byte. */
    reader.bytes = malloc((wcslen(text) + 2) * sizeof(*text));
    bool is_fine = reader.bytes != NULL && read_signature(&reader);
    while (is_fine && *reader.at != L'\0')
        is_fine = read_line(&reader);
    if (reader.bytes == NULL || reader.key.failed || reader.name.failed)
        out_error->failed = true;
    free(reader.bytes);
    text_free(&reader.key);
    text_free(&reader.name);
    free(text);
    return is_fine;
}

/* ---- writing ---- */

void reg_file_put_header(struct text *file)
{
    text_put(file, SIGNATURE L"\r\n");
}

void reg_file_put_key(struct text *file, const wchar_t *key)
{
    text_format(file, L"\r\n[%ls]\r\n", key);
}

/* The characters need not be aligned. */
static void put_quoted(struct text *file, const void *chars, size_t length)
{
    text_put_char(file, L'"');
    for (size_t i = 0; i < length; i++) {
        wchar_t c;
        memcpy(&c, (const uint8_t *)chars + i * sizeof(c), sizeof(c));
        if (c == L'"' || c == L'\\')
            text_put_char(file, L'\\');
        text_put_char(file, c);
    }
    text_put_char(file, L'"');
}

/* Whether the bytes are one string with its NUL that a line can hold between quotation marks. */
static bool is_plain_string(const uint8_t *bytes, size_t size)
{
    wchar_t c = 1;
    size_t at = 0;

    for (; at + sizeof(c) <= size; at += sizeof(c)) {
        memcpy(&c, bytes + at, sizeof(c));
        if (c < L' ')
            break;
    }
    return c == L'\0' && at + sizeof(c) == size;
}

static void put_bytes(struct text *file, size_t column, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool is_last = i + 1 == size;
        text_format(file, is_last ? L"%02x" : L"%02x,", bytes[i]);
        column += 3;
        if (!is_last && column + 3 > LINE_WIDTH) {
            text_put(file, L"\\\r\n  ");
            column = 2;
        }
    }
}

void reg_file_put_value(struct text *file, const wchar_t *name, DWORD type, const uint8_t *bytes,
                        size_t size)
{
    DWORD number;
    size_t begin = file->length;

    put_quoted(file, name, wcslen(name));
    text_put_char(file, L'=');
    if (type == REG_DWORD && size == sizeof(number)) {
        memcpy(&number, bytes, sizeof(number));
        text_format(file, L"dword:%08lx", number);
    } else if (type == REG_SZ && is_plain_string(bytes, size)) {
        put_quoted(file, bytes, size / sizeof(wchar_t) - 1);
    } else {
        text_format(file, L"hex(%lx):", type);
        put_bytes(file, file->length - begin, bytes, size);
    }
    text_put(file, L"\r\n");
}

void reg_file_put_deletion(struct text *file, const wchar_t *name)
{
    put_quoted(file, name, wcslen(name));
    text_put(file, L"=-\r\n");
}
