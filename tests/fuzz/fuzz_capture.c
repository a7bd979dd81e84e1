/*
 * Fuzzer for what wdspxectl does with captures. The input is a capture file: it is read, and every
 * DHCP message in it is put into words, as ladder, JSON and HTML, into a golden file that is
 * compared with the message again, and into a capture that is read back.
 *
 *   clang -fsanitize=fuzzer,address,undefined ...   the fuzzer
 *   cc ... replay.c                                 replays the files and directories in argv;
 *                                                   fails if there was nothing to replay
 */
#include <stdlib.h>
#include <string.h>

#include "wdspxectl/capture/write_pcap.h"
#include "wdspxectl/exchange/golden_fields.h"
#include "wdspxectl/exchange/exchange_json.h"
#include "wdspxectl/exchange/ladder.h"
#include "wdspxectl/exchange/report.h"
#include "fuzzer.h"

enum { MESSAGES_LOOKED_AT = 4 };

struct memory {
    const uint8_t *at;
    size_t left;
};

static size_t read_memory(void *context, uint8_t *buffer, size_t size)
{
    struct memory *memory = context;
    if (size > memory->left)
        size = memory->left;
    if (size > 0)
        memcpy(buffer, memory->at, size);
    memory->at += size;
    memory->left -= size;
    return size;
}

static struct capture_source source_of(struct memory *memory)
{
    return (struct capture_source){read_memory, memory};
}

/* The text ends where it says, and has no character that a terminal or a page could take badly. */
static void check_text(const struct text *text)
{
    REQUIRE(!text->failed);
    REQUIRE(text->length == strlen(text_chars(text)));
    REQUIRE(text_is_utf8(text_chars(text), text->length));
    for (const char *at = text_chars(text); *at != '\0';) {
        uint32_t character;
        at += text_read_character(at, &character);
        REQUIRE(character == '\n' || !text_is_control(character));
    }
}

/* What is taken apart twice is the same. */
static void check_golden(const struct message *message)
{
    struct golden_fields one, other;
    golden_fields_of_message(&one, message);
    golden_fields_of_message(&other, message);
    REQUIRE(!one.failed && one.count == other.count);
    for (size_t i = 0; i < one.count; i++) {
        struct golden_field *match = golden_fields_find(&other, one.fields[i].path);
        REQUIRE(match != NULL && strcmp(match->hex, one.fields[i].hex) == 0);
        match->is_matched = true;
    }
    golden_fields_free(&one);
    golden_fields_free(&other);
}

/* A message that is written is read back as it was. */
static void check_writing(const struct message *message)
{
    static uint8_t file[CAPTURE_FILE_HEADER_SIZE + CAPTURE_FRAME_HEADERS_MAX + DATAGRAM_MAX];
    struct capture_summary summary;
    struct message_list list = {0};
    if (message->length > CAPTURE_PAYLOAD_MAX)
        return;
    capture_file_header(file);
    size_t size = CAPTURE_FILE_HEADER_SIZE;
    size += capture_frame_headers(&(struct capture_datagram){.source = &message->source,
                                                             .destination = &message->destination,
                                                             .payload = message->packet,
                                                             .length = message->length},
                                  file + size);
    memcpy(file + size, message->packet, message->length);
    struct memory memory = {file, size + message->length};
    REQUIRE(messages_read(&list, source_of(&memory), true, &summary) == CAPTURE_END);
    REQUIRE(list.count == 1 && list.messages[0].length == message->length);
    REQUIRE(memcmp(list.messages[0].packet, message->packet, message->length) == 0);
    REQUIRE(list.messages[0].is_request == message->is_request);
    messages_free(&list);
}

static void take_piece(const struct text *piece, void *context)
{
    (void)context;
    check_text(piece);
}

/* The message as a request, and as the reply to itself. */
static void show(const struct exchange_list *list)
{
    const struct report_sink sink = {take_piece, NULL};
    const struct report report = {.title = "fuzz", .version = "0", .list = list};
    struct ladder ladder = {.list = list, .is_empty = true};
    struct text text = TEXT_EMPTY;
    ladder_put(&ladder, &text, &list->exchanges[0]);
    check_text(&text);
    text_free(&text);
    struct writer writer;
    writer_start_event(&writer, true, "exchange");
    exchange_write(&writer, list, &list->exchanges[0]);
    write_end(&writer);
    check_text(&writer.text);
    writer_free(&writer);
    REQUIRE(report_write(&report, &sink));
}

static void look_at(const struct message *message, const struct server_table *table)
{
    static char name[] = "fuzz.pcap";
    char *names[] = {name, NULL};
    const struct endpoint none = {.length = 0};
    struct exchange exchange = {.request = message, .has_ended = true};
    struct exchange_list list = {.count = 1, .exchanges = &exchange, .capture_names = names};
    const struct exchange_reply reply = {{.source = message->destination,
                                          .destination = message->source,
                                          .packet = message->packet,
                                          .length = message->length},
                                         "fuzz"};
    exchange.origin = server_address_find(table, message, &none, &exchange.local);
    REQUIRE(exchange.local.length == message->destination.length);
    REQUIRE(exchange_add_reply(&exchange, &reply));
    show(&list);
    check_golden(message);
    check_writing(message);
    free(exchange.replies[0].message.packet);
    free(exchange.replies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory memory = {data, size};
    struct message_list list = {0};
    struct server_table table;
    struct capture_summary summary;
    enum capture_status status = messages_read(&list, source_of(&memory), true, &summary);
    REQUIRE(status != CAPTURE_OK && (status == CAPTURE_END) == (summary.problem[0] == '\0'));
    REQUIRE(server_table_build(&list, &table));
    for (size_t i = 0; i < list.count; i++) {
        REQUIRE(i == 0 || list.messages[i].number > list.messages[i - 1].number);
        if (i < MESSAGES_LOOKED_AT)
            look_at(&list.messages[i], &table);
    }
    server_table_free(&table);
    messages_free(&list);
    return 0;
}
