#include "webpxe/wire/question.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/values/values.h"
#include "base/address.h"

enum {
    OPTIONS4_AT = 240, /* behind header and cookie (RFC 2131, figure 1) */
    SNAME_AT = 44,
    FILE_AT = 108,
    FILE_END = 236,
    OPTION4_PAD = 0,
    OPTION4_OVERLOAD = 52,
    OPTION4_END = 255,
    OVERLOAD_FILE = 1,
    OVERLOAD_SNAME = 2,

    OPTIONS6_AT = 4, /* behind type and transaction id */

    VALUE_MAX = 1500, /* of one option that is told: no longer than a datagram of Ethernet */
};

/* A member that could not be made fails the whole: json_object_set_new returns -1 for NULL. */
struct writer {
    json_t *object;
    bool failed;
};

static void put(struct writer *writer, const char *name, json_t *value)
{
    if (json_object_set_new(writer->object, name, value) != 0)
        writer->failed = true;
}

/* ---- values ---- */

static json_t *hex(const uint8_t *bytes, size_t length, const char *separator)
{
    char text[3 * VALUE_MAX + 1] = "";
    size_t used = 0;

    if (length > VALUE_MAX)
        length = VALUE_MAX;
    for (size_t i = 0; i < length; ++i)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%02x",
                                 i == 0 ? "" : separator, bytes[i]);
    return json_stringn(text, used);
}

/* Text of a client; what is no printable ASCII becomes '?', as its bytes are among the options. */
static json_t *text(struct fact_bytes bytes)
{
    char out[256];
    size_t length = bytes.length < sizeof(out) ? bytes.length : sizeof(out);

    for (size_t i = 0; i < length; ++i) {
        char c = (char)bytes.bytes[i];

        out[i] = '?';
        if (c >= ' ' && c <= '~')
            out[i] = c;
    }
    return json_stringn(out, length);
}

static json_t *address(const struct fact_address *from)
{
    char out[ADDRESS_TEXT_SIZE];

    return json_string(address_format(from->bytes, from->length, out));
}

/* As a firmware's set-up prints it. */
static json_t *guid(const struct client_facts *facts)
{
    const uint8_t *g = facts->guid_swapped;
    char out[40];

    snprintf(out, sizeof(out),
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", g[0], g[1],
             g[2], g[3], g[4], g[5], g[6], g[7], g[8], g[9], g[10], g[11], g[12], g[13], g[14],
             g[15]);
    return json_string(out);
}

/* ---- members that are there only if the client told them ---- */

static void put_hex(struct writer *writer, const char *name, struct fact_bytes bytes)
{
    if (bytes.length > 0)
        put(writer, name, hex(bytes.bytes, bytes.length, ""));
}

static void put_address(struct writer *writer, const char *name, const struct fact_address *from)
{
    if (from->length != 0)
        put(writer, name, address(from));
}

static void put_names(struct writer *writer, const struct client_facts *facts)
{
    if (facts->mac.length == FACTS_MAC_SIZE)
        put(writer, "mac", hex(facts->mac.bytes, facts->mac.length, "-"));
    if (facts->has_guid)
        put(writer, "guid", guid(facts));
    put_hex(writer, "duid", facts->duid);
    put_hex(writer, "client_id", facts->client_id);
}

static void put_architectures(struct writer *writer, const struct client_facts *facts)
{
    json_t *list = json_array();
    const char *name;

    if (facts->architecture_count > 0) {
        put(writer, "architecture", json_integer(facts->architectures[0]));
        name = value_arch_name(facts->architectures[0]);
        if (name != NULL)
            put(writer, "architecture_name", json_string(name));
    }
    for (size_t i = 0; i < facts->architecture_count; ++i)
        writer->failed |= json_array_append_new(list, json_integer(facts->architectures[i])) != 0;
    put(writer, "architectures", list);
}

static void put_classes(struct writer *writer, const struct client_facts *facts)
{
    json_t *list = json_array();

    if (facts->vendor_class.length > 0)
        put(writer, "vendor_class", text(facts->vendor_class));
    for (size_t i = 0; i < facts->user_class_count; ++i)
        writer->failed |= json_array_append_new(list, text(facts->user_classes[i])) != 0;
    put(writer, "user_classes", list);
}

static void put_relay(struct writer *writer, const struct client_facts *facts)
{
    put(writer, "relays", json_integer((json_int_t)facts->relay_count));
    put_address(writer, "relay", &facts->relay);
    put_address(writer, "link", &facts->link);
    put_hex(writer, "circuit_id", facts->circuit_id);
    put_hex(writer, "remote_id", facts->remote_id);
}

static const char *boot_name(enum facts_boot boot)
{
    static const char *const names[] = {"other", "pxe", "http"};

    return names[boot];
}

static json_t *client(const struct client_facts *facts, bool *failed)
{
    struct writer writer = {.object = json_object()};

    put_names(&writer, facts);
    put(&writer, "family", json_integer(facts->is_ipv6 ? 6 : 4));
    put(&writer, "boot", json_string(boot_name(facts->boot)));
    put(&writer, "ipxe", json_boolean(facts->is_ipxe));
    put_architectures(&writer, facts);
    put_classes(&writer, facts);
    put_address(&writer, "address", &facts->client);
    put_relay(&writer, facts);
    if (facts->has_boot_item)
        put(&writer, "menu_item", json_integer(facts->boot_item_type));
    *failed |= writer.failed;
    return writer.object;
}

static json_t *server(const struct question_source *source, bool *failed)
{
    struct writer writer = {.object = json_object()};

    put(&writer, "address", address(&source->server));
    put(&writer, "port", json_integer(source->port));
    *failed |= writer.failed;
    return writer.object;
}

/* ---- options ---- */

static void add_option(json_t *list, uint32_t code, const uint8_t *value, size_t length)
{
    struct writer writer = {.object = json_object()};

    put(&writer, "code", json_integer(code));
    put(&writer, "hex", hex(value, length, ""));
    json_array_append_new(list, writer.object);
}

/* One area of DHCP; what comes behind a broken option is not told. Returns option 52's value. */
static uint8_t add_area4(json_t *list, const uint8_t *at, const uint8_t *end)
{
    uint8_t overload = 0;

    while (at < end && *at != OPTION4_END) {
        if (*at == OPTION4_PAD) {
            ++at;
            continue;
        }
        if (end - at < 2 || end - at - 2 < at[1])
            break;
        if (at[0] == OPTION4_OVERLOAD && at[1] == 1)
            overload = at[2];
        add_option(list, at[0], at + 2, at[1]);
        at += 2 + at[1];
    }
    return overload;
}

static void add_options4(json_t *list, const uint8_t *message, size_t length)
{
    uint8_t overload;

    if (length < OPTIONS4_AT)
        return;
    overload = add_area4(list, message + OPTIONS4_AT, message + length);
    if ((overload & OVERLOAD_FILE) != 0)
        add_area4(list, message + FILE_AT, message + FILE_END);
    if ((overload & OVERLOAD_SNAME) != 0)
        add_area4(list, message + SNAME_AT, message + FILE_AT);
}

static void add_options6(json_t *list, const uint8_t *message, size_t length)
{
    for (size_t at = OPTIONS6_AT; at + 4 <= length;) {
        uint32_t code = (uint32_t)message[at] << 8 | message[at + 1];
        size_t size = (size_t)message[at + 2] << 8 | message[at + 3];

        if (length - at - 4 < size)
            return;
        add_option(list, code, message + at + 4, size);
        at += 4 + size;
    }
}

static json_t *options(const struct question_source *source)
{
    json_t *list = json_array();

    if (source->facts->is_ipv6)
        add_options6(list, source->message, source->length);
    else
        add_options4(list, source->message, source->length);
    return list;
}

/* ---- the whole ---- */

static const char *message_name(const struct client_facts *facts)
{
    static const char *const names4[] = {NULL,  "DISCOVER", "OFFER",   "REQUEST", "DECLINE",
                                         "ACK", "NAK",      "RELEASE", "INFORM"};
    static const char *const names6[] = {
        NULL,     "SOLICIT", "ADVERTISE", "REQUEST", "CONFIRM",     "RENEW",
        "REBIND", "REPLY",   "RELEASE",   "DECLINE", "RECONFIGURE", "INFORMATION-REQUEST"};

    if (facts->is_ipv6)
        return facts->type < sizeof(names6) / sizeof(names6[0]) ? names6[facts->type] : NULL;
    return facts->type < sizeof(names4) / sizeof(names4[0]) ? names4[facts->type] : NULL;
}

static json_t *message(const struct question_source *source, bool *failed)
{
    const struct client_facts *facts = source->facts;
    struct writer writer = {.object = json_object()};
    const char *name = message_name(facts);
    char transaction[16];

    snprintf(transaction, sizeof(transaction), "0x%08lx", (unsigned long)facts->transaction);
    put(&writer, "type", json_integer(facts->type));
    if (name != NULL)
        put(&writer, "name", json_string(name));
    put(&writer, "transaction", json_string(transaction));
    put(&writer, "seconds", json_integer(facts->seconds));
    put(&writer, "options", options(source));
    *failed |= writer.failed;
    return writer.object;
}

bool question_write(const struct question_source *source, struct question_text *out)
{
    struct writer writer = {.object = json_object()};
    const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII;

    put(&writer, "version", json_integer(QUESTION_VERSION));
    put(&writer, "asks", json_string(source->is_first ? "server" : "file"));
    put(&writer, "server", server(source, &writer.failed));
    put(&writer, "client", client(source->facts, &writer.failed));
    out->key = json_dumps(writer.object, flags);
    put(&writer, "message", message(source, &writer.failed));
    out->body = json_dumps(writer.object, flags);
    json_decref(writer.object);
    if (writer.failed || out->key == NULL || out->body == NULL) {
        question_text_free(out);
        return false;
    }
    out->size = strlen(out->body);
    return true;
}

void question_text_free(struct question_text *question)
{
    free(question->key);
    free(question->body);
    question->key = NULL;
    question->body = NULL;
}
