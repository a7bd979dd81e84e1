#include "exchange/golden_fields.h"

#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "exchange/exchange.h"
#include "decode/fields.h"
#include "text/text_net.h"

/* A copy, or NULL for NULL. */
static char *copy(struct golden_fields *fields, const char *string)
{
    char *result = string == NULL ? NULL : string_copy(string);
    fields->failed |= string != NULL && result == NULL;
    return result;
}

/* Room for one more, zeroed; NULL if memory is short. */
static struct golden_field *add(struct golden_fields *fields)
{
    bool is_full = (fields->count & (fields->count - 1)) == 0;
    if (is_full) {
        size_t room = fields->count == 0 ? 1 : fields->count * 2;
        struct golden_field *grown = realloc(fields->fields, room * sizeof(*grown));
        if (grown == NULL) {
            fields->failed = true;
            return NULL;
        }
        fields->fields = grown;
    }
    struct golden_field *field = &fields->fields[fields->count++];
    memset(field, 0, sizeof(*field));
    return field;
}

/* ---- of a packet ---- */

/* The path of the field that is being visited: the length of the path of each depth. */
struct path {
    struct golden_fields *fields;
    struct text text;
    size_t length[FIELD_DEPTH_MAX + 1];
};

static void set_path(struct path *path, unsigned depth, const char *id)
{
    if (depth > FIELD_DEPTH_MAX)
        return;
    text_shorten(&path->text, depth == 0 ? 0 : path->length[depth - 1]);
    if (depth > 0)
        text_put_char(&path->text, '.');
    text_put(&path->text, id);
    path->length[depth] = path->text.length;
}

static void take_field(const struct field *field, void *context)
{
    struct path *path = context;
    set_path(path, field->depth, field->kind == FIELD_REMARK ? "remark" : field->id);
    struct golden_field *added = add(path->fields);
    if (added == NULL)
        return;
    struct text hex = TEXT_EMPTY;
    if (field->bytes != NULL)
        text_put_hex(&hex, field->bytes, field->length);
    added->path = copy(path->fields, text_chars(&path->text));
    added->name = copy(path->fields, field->name);
    added->value = copy(path->fields, field->value);
    added->hex = copy(path->fields, text_chars(&hex));
    added->has_parts = field->has_parts;
    path->fields->failed |= hex.failed || path->text.failed;
    text_free(&hex);
}

void golden_fields_of_packet(struct golden_fields *out_fields, size_t address_length,
                             const uint8_t *packet, size_t length)
{
    memset(out_fields, 0, sizeof(*out_fields));
    struct path path = {.fields = out_fields, .text = TEXT_EMPTY};
    if (!fields_visit(address_length, packet, length, take_field, &path))
        out_fields->failed = true;
    text_free(&path.text);
}

/* ---- of a golden file ---- */

/* An id, or the number of an option; a remark has the id "remark". NULL if it has none. */
static const char *id_of(const struct json_value *field, char number[FIELD_ID_SIZE])
{
    uint64_t code = 0;
    const char *id = json_member_string(field, "id");
    if (id != NULL)
        return id;
    if (json_member_integer(field, "id", &code) && code <= UINT32_MAX) {
        (void)snprintf(number, FIELD_ID_SIZE, "%lu", (unsigned long)code);
        return number;
    }
    return json_member(field, "remark") != NULL ? "remark" : NULL;
}

/* As it is, but in small letters. */
static void lower_hex(char *hex)
{
    for (; hex != NULL && *hex != '\0'; hex++) {
        if (*hex >= 'A' && *hex <= 'F')
            *hex = (char)(*hex - 'A' + 'a');
    }
}

static const char *take_json_field(struct path *path, unsigned depth,
                                   const struct json_value *field)
{
    char number[FIELD_ID_SIZE];
    const char *id = id_of(field, number);
    const char *remark = json_member_string(field, "remark");
    if (id == NULL)
        return "a field has no \"id\"";
    set_path(path, depth, id);
    struct golden_field *added = add(path->fields);
    if (added == NULL)
        return "out of memory";
    added->path = copy(path->fields, text_chars(&path->text));
    added->name = copy(path->fields, json_member_string(field, "name"));
    added->value = copy(path->fields, remark != NULL ? remark : json_member_string(field, "value"));
    added->hex = copy(path->fields, remark != NULL ? "" : json_member_string(field, "hex"));
    lower_hex(added->hex);
    added->has_parts = json_member(field, "parts") != NULL;
    if (added->value == NULL && added->hex == NULL && !added->has_parts)
        return "a field has neither \"value\" nor \"hex\" nor \"parts\"";
    path->fields->failed |= path->text.failed;
    return NULL;
}

/* Goes down into parts and up again without recursion: `next` is what to read after the parts. */
const char *golden_fields_of_json(struct golden_fields *out_fields, const struct json_value *fields)
{
    const struct json_value *next[FIELD_DEPTH_MAX];
    const char *problem = NULL;
    unsigned depth = 0;
    memset(out_fields, 0, sizeof(*out_fields));
    if (fields == NULL || fields->kind != JSON_ARRAY)
        return "a reply has no array \"fields\"";
    struct path path = {.fields = out_fields, .text = TEXT_EMPTY};
    const struct json_value *field = fields->items;
    while (problem == NULL && (field != NULL || depth > 0)) {
        if (field == NULL) {
            field = next[--depth];
            continue;
        }
        problem = take_json_field(&path, depth, field);
        const struct json_value *parts = json_member(field, "parts");
        field = field->next;
        if (parts == NULL || problem != NULL)
            continue;
        if (parts->kind != JSON_ARRAY || depth == FIELD_DEPTH_MAX) {
            problem = "the \"parts\" of a field are no array, or nested too deeply";
            continue;
        }
        next[depth++] = field;
        field = parts->items;
    }
    text_free(&path.text);
    return problem;
}

/* ---- both ---- */

struct golden_field *golden_fields_find(const struct golden_fields *fields, const char *path)
{
    for (size_t i = 0; i < fields->count; i++) {
        struct golden_field *field = &fields->fields[i];
        if (!field->is_matched && field->path != NULL && strcmp(field->path, path) == 0)
            return field;
    }
    return NULL;
}

void golden_fields_free(struct golden_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        free(fields->fields[i].path);
        free(fields->fields[i].name);
        free(fields->fields[i].value);
        free(fields->fields[i].hex);
    }
    free(fields->fields);
    memset(fields, 0, sizeof(*fields));
}
