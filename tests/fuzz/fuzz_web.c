/*
 * Fuzzer for the JSON of webpxe. The first byte chooses: an answer of a service, for iPXE or not;
 * or a request, DHCP or DHCPv6, that is to become a question.
 *
 *   clang -fsanitize=fuzzer,address,undefined ...   the fuzzer
 *   cc ... replay.c                                 replays the files and directories in argv;
 *                                                   fails if there was nothing to replay
 */
#include <jansson.h>
#include <string.h>

#include "webpxe/wire/question.h"
#include "webpxe/wire/verdict.h"
#include "fuzzer.h"

/* Each option ends where the next begins. */
static void check_options(struct option_bytes options, size_t header)
{
    size_t at = 0;

    while (at < options.length)
        at += header + options.bytes[at + header - 1];
    REQUIRE(at == options.length);
}

static void check_text(const char *text, size_t size)
{
    REQUIRE(memchr(text, 0, size) != NULL);
    for (; *text != '\0'; ++text)
        REQUIRE(*text >= ' ' && *text <= '~');
}

static void read_answer(const uint8_t *data, size_t size, bool is_ipxe)
{
    static struct verdict verdict;
    char problem[VERDICT_PROBLEM_SIZE] = "";
    uint8_t bytes[MENU_BYTES_MAX];
    const struct answer_plan *plan = &verdict.plan;

    if (!verdict_read((const char *)data, size, is_ipxe, &verdict, problem)) {
        REQUIRE(problem[0] != '\0');
        check_text(problem, sizeof(problem));
        return;
    }
    check_text(verdict.note, sizeof(verdict.note));
    check_text(plan->file, URL_MAX + 1);
    check_text(plan->ipxe_file, URL_MAX + 1);
    check_text(plan->url, URL_MAX + 1);
    check_text(plan->http_url, URL_MAX + 1);
    check_text(plan->server_name, ANSWER_SERVER_NAME_MAX + 1);
    REQUIRE(plan->options.length <= ANSWER_OPTIONS_MAX);
    REQUIRE(plan->options6.length <= ANSWER_OPTIONS6_MAX);
    check_options(plan->options, 2);
    check_options(plan->options6, 4);
    REQUIRE(plan->menu == NULL || menu_encode(plan->menu, bytes, bytes) > 0);
}

static void write_question(const uint8_t *data, size_t size, bool is_ipv6)
{
    static struct facts_store store;
    static struct client_facts facts;
    struct question_source source = {.facts = &facts, .message = data, .length = size};
    struct question_text text;
    json_t *question;

    if (is_ipv6)
        facts6_read(data, size, &store, &facts);
    else
        facts4_read(data, size, &store, &facts);
    source.server = facts.client;
    REQUIRE(question_write(&source, &text));
    question = json_loadb(text.body, text.size, JSON_REJECT_DUPLICATES, NULL);
    REQUIRE(json_is_object(question));
    REQUIRE(strncmp(text.key, text.body, strlen(text.key) - 1) == 0);
    json_decref(question);
    question_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    switch (data[0] % 4) {
    case 0:
    case 1:
        read_answer(data + 1, size - 1, data[0] % 4 == 1);
        break;
    default:
        write_question(data + 1, size - 1, data[0] % 4 == 3);
        break;
    }
    return 0;
}
