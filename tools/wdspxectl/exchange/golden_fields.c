#include "exchange/golden_fields.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/exchange.h"
#include "decode/fields.h"
#include "text/bytes.h"
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
    if (!array_make_room(&fields->fields, fields->count, sizeof(*fields->fields))) {
        fields->failed = true;
        return NULL;
    }
    fields->fields[fields->count] = (struct golden_field){0};
    return &fields->fields[fields->count++];
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
    SCOPED_TEXT hex = TEXT_EMPTY;
    if (field->bytes != NULL)
        text_put_hex(&hex, field->bytes, field->length);
    added->path = copy(path->fields, text_chars(&path->text));
    added->name = copy(path->fields, field->name);
    added->value = copy(path->fields, field->value);
    added->hex = copy(path->fields, text_chars(&hex));
    added->has_parts = field->has_parts;
    path->fields->failed |= hex.failed || path->text.failed;
}

void golden_fields_of_message(struct golden_fields *out_fields, const struct message *message)
{
    memset(out_fields, 0, sizeof(*out_fields));
    struct path path = {.fields = out_fields, .text = TEXT_EMPTY};
    if (!message_fields(message, take_field, &path))
        out_fields->failed = true;
    text_free(&path.text);
}

/* ---- of a golden file ---- */

/* An id, or the number of an option; a remark has the id "remark". NULL if it has none. */
static const char *id_of(const json_t *field, char number[FIELD_ID_SIZE])
{
    const json_t *id = json_object_get(field, "id");
    json_int_t code = json_integer_value(id);
    if (json_is_string(id))
        return json_string_value(id);
    if (json_is_integer(id) && code >= 0 && code <= UINT32_MAX) {
        (void)snprintf(number, FIELD_ID_SIZE, "%lu", (unsigned long)code);
        return number;
    }
    return json_object_get(field, "remark") != NULL ? "remark" : NULL;
}

/* NULL: the member is not there, or is no string. */
static const char *text_of(const json_t *field, const char *member)
{
    return json_string_value(json_object_get(field, member));
}

/* As it is, but in small letters. */
static void lower_hex(char *hex)
{
    for (; hex != NULL && *hex != '\0'; hex++)
        *hex = (char)tolower((unsigned char)*hex);
}

static const char *take_json_field(struct path *path, unsigned depth, const json_t *field)
{
    char number[FIELD_ID_SIZE];
    const char *id = id_of(field, number);
    const char *remark = text_of(field, "remark");
    if (id == NULL)
        return "a field has no \"id\"";
    set_path(path, depth, id);
    struct golden_field *added = add(path->fields);
    if (added == NULL)
        return "out of memory";
    added->path = copy(path->fields, text_chars(&path->text));
    added->name = copy(path->fields, text_of(field, "name"));
    added->value = copy(path->fields, remark != NULL ? remark : text_of(field, "value"));
    added->hex = copy(path->fields, remark != NULL ? "" : text_of(field, "hex"));
    lower_hex(added->hex);
    added->has_parts = json_object_get(field, "parts") != NULL;
    if (added->value == NULL && added->hex == NULL && !added->has_parts)
        return "a field has neither \"value\" nor \"hex\" nor \"parts\"";
    path->fields->failed |= path->text.failed;
    return NULL;
}

/* Goes down into parts and up again without recursion. */
const char *golden_fields_of_json(struct golden_fields *out_fields, const json_t *fields)
{
    struct {
        const json_t *fields;
        size_t next;
    } open[FIELD_DEPTH_MAX + 1] = {{fields, 0}};
    const char *problem = NULL;
    unsigned depth = 0;
    memset(out_fields, 0, sizeof(*out_fields));
    if (!json_is_array(fields))
        return "a reply has no array \"fields\"";
    struct path path = {.fields = out_fields, .text = TEXT_EMPTY};
    while (problem == NULL) {
        const json_t *field = json_array_get(open[depth].fields, open[depth].next++);
        if (field == NULL) {
            if (depth-- == 0)
                break;
            continue;
        }
        problem = take_json_field(&path, depth, field);
        const json_t *parts = json_object_get(field, "parts");
        if (parts == NULL || problem != NULL)
            continue;
        if (!json_is_array(parts) || depth == FIELD_DEPTH_MAX) {
            problem = "the \"parts\" of a field are no array, or nested too deeply";
            continue;
        }
        open[++depth].fields = parts;
        open[depth].next = 0;
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
