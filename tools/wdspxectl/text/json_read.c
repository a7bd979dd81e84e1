#include "text/json_read.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

/* Reads on from `at`; the first error stays. */
struct parser {
    const char *bytes;
    size_t length;
    size_t at;
    size_t error_at;
    const char *error;
};

static bool fail(struct parser *parser, const char *error)
{
    if (parser->error == NULL) {
        parser->error = error;
        parser->error_at = parser->at;
    }
    return false;
}

/* The next byte; 0 at the end, which no token begins with. */
static char peek(const struct parser *parser)
{
    return parser->at < parser->length ? parser->bytes[parser->at] : '\0';
}

static void skip_space(struct parser *parser)
{
    while (peek(parser) == ' ' || peek(parser) == '\t' || peek(parser) == '\n' ||
           peek(parser) == '\r')
        parser->at++;
}

static bool take(struct parser *parser, char wanted)
{
    if (peek(parser) != wanted || parser->at == parser->length)
        return false;
    parser->at++;
    return true;
}

static bool take_word(struct parser *parser, const char *word)
{
    size_t length = strlen(word);
    if (parser->length - parser->at < length ||
        memcmp(parser->bytes + parser->at, word, length) != 0)
        return fail(parser, "this is no value");
    parser->at += length;
    return true;
}

/* ---- strings ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_hex4(struct parser *parser, uint32_t *out_unit)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(peek(parser));
        if (digit < 0)
            return fail(parser, "\\u needs four hexadecimal digits");
        unit = unit << 4 | (uint32_t)digit;
        parser->at++;
    }
    *out_unit = unit;
    return true;
}

/* Behind "\u": one unit, or the two of a surrogate pair. */
static bool read_unicode_escape(struct parser *parser, struct text *out)
{
    uint32_t unit, low;
    if (!read_hex4(parser, &unit))
        return false;
    if (unit == 0)
        return fail(parser, "a string may not have the character 0");
    if (unit >= 0xd800 && unit <= 0xdbff) {
        if (!take(parser, '\\') || !take(parser, 'u') || !read_hex4(parser, &low) || low < 0xdc00 ||
            low > 0xdfff)
            return fail(parser, "the second half of a surrogate pair is missing");
        text_put_character(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
        return true;
    }
    if (unit >= 0xdc00 && unit <= 0xdfff)
        return fail(parser, "the first half of a surrogate pair is missing");
    text_put_character(out, unit);
    return true;
}

static bool read_escape(struct parser *parser, struct text *out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char c = peek(parser);
    const char *letter = c == '\0' ? NULL : strchr(letters, c);
    if (letter != NULL) {
        parser->at++;
        text_put_char(out, (char)meanings[letter - letters]);
        return true;
    }
    if (!take(parser, 'u'))
        return fail(parser, "this escape is not known");
    return read_unicode_escape(parser, out);
}

static bool read_characters(struct parser *parser, struct text *out)
{
    while (!take(parser, '"')) {
        size_t left = parser->length - parser->at;
        if (left == 0)
            return fail(parser, "the string does not end");
        if (take(parser, '\\')) {
            if (!read_escape(parser, out))
                return false;
            continue;
        }
        uint32_t character;
        size_t size = utf8_read(parser->bytes + parser->at, left, &character);
        if (size == 0)
            return fail(parser, "this is not UTF-8");
        if (character < 0x20)
            return fail(parser, "a control character in a string must be escaped");
        text_put_character(out, character);
        parser->at += size;
    }
    return out->failed ? fail(parser, "out of memory") : true;
}

/* Allocates the string, also an empty one. */
static bool read_string(struct parser *parser, char **out_string)
{
    struct text text = TEXT_EMPTY;
    if (!take(parser, '"'))
        return fail(parser, "a string is expected here");
    bool good = read_characters(parser, &text);
    if (good && text.chars == NULL) {
        text.chars = calloc(1, sizeof(*text.chars));
        good = text.chars != NULL || fail(parser, "out of memory");
    }
    if (!good) {
        text_free(&text);
        return false;
    }
    *out_string = text.chars;
    return true;
}

/* ---- numbers ---- */

static size_t take_digits(struct parser *parser)
{
    size_t count = 0;
    while (peek(parser) >= '0' && peek(parser) <= '9') {
        parser->at++;
        count++;
    }
    return count;
}

/* The digits from `start`, as a number if it fits. */
static void keep_integer(const struct parser *parser, size_t start, struct json_value *value)
{
    uint64_t number = 0;
    for (size_t i = start; i < parser->at; i++) {
        unsigned digit = (unsigned)(parser->bytes[i] - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return;
        number = number * 10 + digit;
    }
    value->is_integer = true;
    value->integer = number;
}

static bool read_number(struct parser *parser, struct json_value *value)
{
    value->kind = JSON_NUMBER;
    bool is_negative = take(parser, '-');
    size_t start = parser->at;
    bool has_zero = peek(parser) == '0';
    size_t digits = take_digits(parser);
    if (digits == 0)
        return fail(parser, "this is no value");
    if (has_zero && digits > 1)
        return fail(parser, "a number may not begin with 0");
    bool is_plain = !is_negative;
    size_t end = parser->at;
    if (take(parser, '.')) {
        is_plain = false;
        if (take_digits(parser) == 0)
            return fail(parser, "digits are missing behind the point");
    }
    if (take(parser, 'e') || take(parser, 'E')) {
        is_plain = false;
        if (!take(parser, '+'))
            (void)take(parser, '-');
        if (take_digits(parser) == 0)
            return fail(parser, "digits of the exponent are missing");
    }
    if (is_plain && end == parser->at)
        keep_integer(parser, start, value);
    return true;
}

/* ---- values ---- */

/* Anything but the inside of an array or object. */
static bool read_scalar(struct parser *parser, struct json_value *value)
{
    switch (peek(parser)) {
    case '"':
        value->kind = JSON_STRING;
        return read_string(parser, &value->string);
    case 't':
    case 'f':
        value->kind = JSON_BOOL;
        value->boolean = peek(parser) == 't';
        return take_word(parser, value->boolean ? "true" : "false");
    case 'n':
        value->kind = JSON_NULL;
        return take_word(parser, "null");
    default:
        return read_number(parser, value);
    }
}

/* An open array or object. */
struct container {
    struct json_value *value;
    struct json_value **end; /* where the next item is hung up */
};

/* A new item behind the others, with its name if it is a member. */
static struct json_value *add_item(struct parser *parser, struct container *container)
{
    struct json_value *item = calloc(1, sizeof(*item));
    if (item == NULL) {
        (void)fail(parser, "out of memory");
        return NULL;
    }
    *container->end = item;
    container->end = &item->next;
    container->value->count++;
    if (container->value->kind == JSON_ARRAY)
        return item;
    if (!read_string(parser, &item->name))
        return NULL;
    skip_space(parser);
    if (!take(parser, ':')) {
        (void)fail(parser, "a colon is expected here");
        return NULL;
    }
    skip_space(parser);
    return item;
}

static char closing(const struct container *container)
{
    return container->value->kind == JSON_ARRAY ? ']' : '}';
}

struct containers {
    size_t count;
    struct container open[JSON_DEPTH_MAX];
};

/* Reads a scalar, or opens an array or object. */
static bool begin_value(struct parser *parser, struct containers *containers,
                        struct json_value *value)
{
    char c = peek(parser);
    if (c != '[' && c != '{')
        return read_scalar(parser, value);
    if (containers->count == JSON_DEPTH_MAX)
        return fail(parser, "nested too deeply");
    value->kind = c == '[' ? JSON_ARRAY : JSON_OBJECT;
    parser->at++;
    containers->open[containers->count++] = (struct container){value, &value->items};
    return true;
}

/* Goes on in the innermost open container: closes it, or reads its next item. */
static bool continue_container(struct parser *parser, struct containers *containers)
{
    struct container *container = &containers->open[containers->count - 1];
    skip_space(parser);
    if (take(parser, closing(container))) {
        containers->count--;
        return true;
    }
    if (container->value->count > 0 && !take(parser, ','))
        return fail(parser, container->value->kind == JSON_ARRAY ? "a comma or ] is expected here"
                                                                 : "a comma or } is expected here");
    skip_space(parser);
    struct json_value *item = add_item(parser, container);
    return item != NULL && begin_value(parser, containers, item);
}

static bool read_tree(struct parser *parser, struct json_value *root)
{
    struct containers containers = {.count = 0};
    skip_space(parser);
    if (!begin_value(parser, &containers, root))
        return false;
    while (containers.count > 0) {
        if (!continue_container(parser, &containers))
            return false;
    }
    skip_space(parser);
    return parser->at == parser->length || fail(parser, "nothing may follow here");
}

static void locate(const struct parser *parser, struct json_error *out_error)
{
    *out_error = (struct json_error){1, 1, parser->error};
    for (size_t i = 0; i < parser->error_at; i++) {
        out_error->column++;
        if (parser->bytes[i] == '\n') {
            out_error->line++;
            out_error->column = 1;
        }
    }
}

bool json_tree_read(const char *bytes, size_t length, struct json_value **out_root,
                    struct json_error *out_error)
{
    struct parser parser = {.bytes = bytes, .length = length};
    struct json_value *root = calloc(1, sizeof(*root));
    if (root == NULL)
        (void)fail(&parser, "out of memory");
    else if (length > JSON_TEXT_MAX)
        (void)fail(&parser, "the text is too long");
    else if (read_tree(&parser, root)) {
        *out_root = root;
        return true;
    }
    locate(&parser, out_error);
    json_tree_free(root);
    return false;
}

/* Without recursion: what is in a value is put in front of its successors, then it is freed. */
void json_tree_free(struct json_value *root)
{
    while (root != NULL) {
        struct json_value *rest = root->next;
        if (root->items != NULL) {
            struct json_value *last = root->items;
            while (last->next != NULL)
                last = last->next;
            last->next = rest;
            rest = root->items;
        }
        free(root->string);
        free(root->name);
        free(root);
        root = rest;
    }
}

const struct json_value *json_member(const struct json_value *value, const char *name)
{
    if (value == NULL || value->kind != JSON_OBJECT)
        return NULL;
    for (const struct json_value *item = value->items; item != NULL; item = item->next) {
        if (strcmp(item->name, name) == 0)
            return item;
    }
    return NULL;
}

const char *json_member_string(const struct json_value *value, const char *name)
{
    const struct json_value *member = json_member(value, name);
    return member != NULL && member->kind == JSON_STRING ? member->string : NULL;
}

bool json_member_integer(const struct json_value *value, const char *name, uint64_t *out_integer)
{
    const struct json_value *member = json_member(value, name);
    if (member == NULL || member->kind != JSON_NUMBER || !member->is_integer)
        return false;
    *out_integer = member->integer;
    return true;
}
