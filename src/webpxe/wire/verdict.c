#include "webpxe/wire/verdict.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "answer/values/ini.h"

/* The answer that is being read. The first problem counts. */
struct reader {
    struct verdict *out;
    char *problem;
    bool failed;
};

/* A problem in one member. Nothing of the answer itself is repeated: it may be hostile. */
static void tell(struct reader *reader, const char *member, const char *problem)
{
    if (problem == NULL || reader->failed)
        return;
    reader->failed = true;
    snprintf(reader->problem, VERDICT_PROBLEM_SIZE, "\"%s\": %s", member, problem);
}

/* ---- values ---- */

/* NULL: the member is not there, is null, or is no text, which is told. */
static const char *text_of(struct reader *reader, const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);

    if (value == NULL || json_is_null(value))
        return NULL;
    if (!json_is_string(value))
        tell(reader, member, "it is no text; write it in quotes");
    return json_string_value(value);
}

static bool bool_of(struct reader *reader, const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);

    if (value != NULL && !json_is_boolean(value) && !json_is_null(value))
        tell(reader, member, "write true or false");
    return json_is_true(value);
}

static uint32_t number_of(struct reader *reader, const json_t *object, const char *member,
                          uint32_t max, uint32_t otherwise)
{
    const json_t *value = json_object_get(object, member);
    char problem[80];

    if (value == NULL || json_is_null(value))
        return otherwise;
    if (json_is_integer(value) && json_integer_value(value) >= 0 &&
        json_integer_value(value) <= (json_int_t)max)
        return (uint32_t)json_integer_value(value);
    snprintf(problem, sizeof(problem), "write a whole number from 0 to %lu", (unsigned long)max);
    tell(reader, member, problem);
    return otherwise;
}

/* The object or array of a member, or NULL. */
static const json_t *part_of(struct reader *reader, const json_t *object, const char *member,
                             json_type type)
{
    const json_t *value = json_object_get(object, member);

    if (value == NULL || json_is_null(value))
        return NULL;
    if (json_typeof(value) == type)
        return value;
    tell(reader, member, type == JSON_OBJECT ? "it is no object" : "it is no array");
    return NULL;
}

/* ---- what a machine gets ---- */

/* At most 127 characters, or a URL of at most 255. */
static void read_file(struct reader *reader, const json_t *object, const char *member,
                      char out[URL_MAX + 1])
{
    const char *text = text_of(reader, object, member);

    if (text != NULL)
        tell(reader, member,
             value_text(text, out, url_is_url(text) ? URL_MAX + 1 : ANSWER_FILE_MAX + 1));
}

static void read_url(struct reader *reader, const json_t *object, const char *member,
                     enum url_kind kind, char out[URL_MAX + 1])
{
    const char *text = text_of(reader, object, member);

    if (text != NULL)
        tell(reader, member, url_read(text, kind, out));
}

static void read_servers(struct reader *reader, const json_t *object)
{
    struct answer_plan *plan = &reader->out->plan;
    const char *text = text_of(reader, object, "next_server");

    if (text != NULL)
        tell(reader, "next_server", value_ipv4(text, plan->next_server));
    text = text_of(reader, object, "next_server6");
    if (text != NULL)
        tell(reader, "next_server6", url_read_address(text, plan->next_server6));
    text = text_of(reader, object, "server_name");
    if (text != NULL)
        tell(reader, "server_name",
             value_text(text, reader->out->server_name, sizeof(reader->out->server_name)));
}

typedef const char *(*option_adder)(struct option_draft *draft, const char *number,
                                    const char *value);

/* In staticpxe.ini text has quotes around it, which JSON has already. */
static const char *add_value(option_adder add, struct option_draft *draft, const char *number,
                             const char *value)
{
    static const char *const forms[] = {"\"", "hex:", "ip:", "ip6:", "u8:", "u16:", "u32:"};
    char quoted[VALUE_OPTION_MAX + 4];

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); ++i) {
        if (ini_starts(value, forms[i]))
            return add(draft, number, value);
    }
    /* What is cut off here is too long anyway. */
    snprintf(quoted, sizeof(quoted), "\"%s\"", value);
    return add(draft, number, strlen(value) > VALUE_OPTION_MAX ? value : quoted);
}

/* {"66": "server", "210": "hex:0a0b"} */
static void read_options(struct reader *reader, const json_t *object, const char *member,
                         option_adder add, struct option_draft *draft)
{
    json_t *options = json_object_get(object, member);
    const char *number;
    json_t *value;

    if (part_of(reader, object, member, JSON_OBJECT) == NULL)
        return;
    json_object_foreach(options, number, value)
    {
        if (json_is_string(value))
            tell(reader, member, add_value(add, draft, number, json_string_value(value)));
        else
            tell(reader, member, "the value of an option is text, such as \"ip:10.0.0.1\"");
    }
}

/* An option of `draft` that iPXE has a value of its own for. */
static void remove_option(struct option_draft *draft, uint8_t code)
{
    for (size_t at = 0; at < draft->length;) {
        size_t size = 2 + (size_t)draft->bytes[at + 1];

        if (draft->bytes[at] == code) {
            draft->length -= size;
            memmove(draft->bytes + at, draft->bytes + at + size, draft->length - at);
        } else {
            at += size;
        }
    }
}

/* Options for iPXE take the place of the others, code by code. */
static void lay_over(struct reader *reader, const struct option_draft *added)
{
    struct option_draft *draft = &reader->out->options;

    for (size_t at = 0; at < added->length; at += 2 + (size_t)added->bytes[at + 1])
        remove_option(draft, added->bytes[at]);
    if (ANSWER_OPTIONS_MAX - draft->length < added->length) {
        tell(reader, "ipxe_options", "with \"options\" they have more than 700 bytes");
        return;
    }
    memcpy(draft->bytes + draft->length, added->bytes, added->length);
    draft->length += added->length;
}

static void read_all_options(struct reader *reader, const json_t *object, bool is_ipxe)
{
    struct option_draft ipxe = {.length = 0};
    struct verdict *out = reader->out;
    const char *words = text_of(reader, object, "boot_params");
    size_t length = 0;

    read_options(reader, object, "options", options_add, &out->options);
    read_options(reader, object, "ipxe_options", options_add, &ipxe);
    read_options(reader, object, "options6", options6_add, &out->options6);
    if (is_ipxe && !reader->failed)
        lay_over(reader, &ipxe);
    if (words != NULL)
        tell(reader, "boot_params", value_params(words, out->params, &length));
    out->plan.options = (struct option_bytes){out->options.bytes, (uint16_t)out->options.length};
    out->plan.options6 = (struct option_bytes){out->options6.bytes, (uint16_t)out->options6.length};
    out->plan.boot_params = (struct option_bytes){out->params, (uint16_t)length};
}

/* ---- menus ---- */

static void read_item(struct reader *reader, const json_t *item)
{
    struct verdict *out = reader->out;
    uint32_t at = out->menu.item_count;
    const char *title;

    if (at == MENU_ITEMS_MAX) {
        tell(reader, "menu", "it has more than 24 items");
        return;
    }
    title = text_of(reader, item, "title");
    tell(reader, "title",
         title == NULL ? "every item of a menu has one"
                       : value_text(title, out->titles[at], sizeof(out->titles[at])));
    out->items[at].title = out->titles[at];
    out->items[at].type = (uint16_t)number_of(reader, item, "type", 65535, 0);
    out->menu.item_count = at + 1;
}

static void read_menu(struct reader *reader, const json_t *object)
{
    static const uint8_t any[4] = {255, 255, 255, 255};
    struct verdict *out = reader->out;
    const json_t *menu = part_of(reader, object, "menu", JSON_OBJECT);
    const json_t *items;
    uint8_t bytes[MENU_BYTES_MAX];
    const char *prompt;

    if (menu == NULL)
        return;
    items = part_of(reader, menu, "items", JSON_ARRAY);
    for (size_t i = 0; items != NULL && i < json_array_size(items) && !reader->failed; ++i)
        read_item(reader, json_array_get(items, i));
    if (out->menu.item_count == 0)
        tell(reader, "menu", "it has no items");
    strcpy(out->prompt, "Press F8 for a boot menu");
    prompt = text_of(reader, menu, "prompt");
    if (prompt != NULL)
        tell(reader, "prompt", value_text(prompt, out->prompt, sizeof(out->prompt)));
    out->menu.name = "of the service";
    out->menu.prompt = out->prompt;
    out->menu.timeout = (uint8_t)number_of(reader, menu, "timeout", 255, 10);
    out->menu.items = out->items;
    out->plan.menu = &out->menu;
    if (!reader->failed && menu_encode(&out->menu, any, bytes) == 0)
        tell(reader, "menu", "it does not fit into option 43, which has room for 255 bytes");
}

/* ---- the whole ---- */

static void read_plan(struct reader *reader, const json_t *object, bool is_ipxe)
{
    struct verdict *out = reader->out;

    read_file(reader, object, "file", out->file);
    read_file(reader, object, "ipxe_file", out->ipxe_file);
    read_url(reader, object, "url", URL_BOOT, out->url);
    read_url(reader, object, "http_url", URL_HTTP, out->http_url);
    read_servers(reader, object);
    read_all_options(reader, object, is_ipxe);
    read_menu(reader, object);
    out->plan.file_in_offer = bool_of(reader, object, "file_in_offer");
    out->plan.file = out->file;
    out->plan.ipxe_file = out->ipxe_file;
    out->plan.url = out->url;
    out->plan.http_url = out->http_url;
    out->plan.server_name = out->server_name;
    if (out->kind == VERDICT_ANSWER && out->file[0] == '\0' && out->ipxe_file[0] == '\0' &&
        out->url[0] == '\0' && out->http_url[0] == '\0' && out->plan.menu == NULL)
        tell(reader, "do", "an answer has file, ipxe_file, url, http_url or menu");
}

static void read_kind(struct reader *reader, const json_t *object)
{
    static const char *const names[] = {"pass", "answer", "ignore", "later"};
    const char *text = text_of(reader, object, "do");

    for (size_t i = 0; text != NULL && i < sizeof(names) / sizeof(names[0]); ++i) {
        if (strcmp(text, names[i]) == 0) {
            reader->out->kind = (enum verdict_kind)i;
            return;
        }
    }
    tell(reader, "do", "write \"answer\", \"pass\", \"ignore\" or \"later\"");
}

/* A note is told, not obeyed: what does not fit or cannot be printed is left out. */
static void read_note(struct reader *reader, const json_t *object)
{
    const char *text = text_of(reader, object, "note");
    char *out = reader->out->note;
    size_t used = 0;

    for (; text != NULL && *text != '\0' && used + 1 < sizeof(reader->out->note); ++text) {
        if (*text >= ' ' && *text <= '~')
            out[used++] = *text;
    }
    out[used] = '\0';
}

static void read_answer(struct reader *reader, const json_t *object, bool is_ipxe)
{
    if (!json_is_object(object)) {
        reader->failed = true;
        strcpy(reader->problem, "it is no JSON object");
        return;
    }
    if (number_of(reader, object, "version", 65535, 1) != 1)
        tell(reader, "version", "this server knows version 1 only");
    read_kind(reader, object);
    read_note(reader, object);
    reader->out->keep_seconds = number_of(reader, object, "keep", VERDICT_SECONDS_MAX, 0);
    read_plan(reader, object, is_ipxe);
}

bool verdict_read(const char *bytes, size_t length, bool is_ipxe, struct verdict *out,
                  char problem[VERDICT_PROBLEM_SIZE])
{
    struct reader reader = {.out = out, .problem = problem};
    json_error_t error = {.line = 1, .column = 1};
    /* Jansson overlooks a NUL behind a number. */
    bool has_nul = length > 0 && memchr(bytes, '\0', length) != NULL;
    json_t *root = has_nul ? NULL : json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);

    memset(out, 0, sizeof(*out));
    if (root == NULL) {
        snprintf(problem, VERDICT_PROBLEM_SIZE, "it is no JSON: an error in line %d, column %d",
                 error.line, error.column);
        return false;
    }
    read_answer(&reader, root, is_ipxe);
    json_decref(root);
    return !reader.failed;
}
