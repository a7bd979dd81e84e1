/*
 * Fuzzer for the configuration of staticpxe: the input is main.ini; what stands behind a line "%%"
 * is lab.csv, the machine list that it may name. A file is taken, or told with a line and what to
 * write; what is taken answers a client.
 *
 *   clang -fsanitize=fuzzer,address,undefined ...   the fuzzer
 *   cc ... replay.c                                 replays the files and directories in argv
 */
#include <stdlib.h>
#include <string.h>

#include "staticpxe/rules/journal.h"
#include "staticpxe/rules/match.h"
#include "answer/values/menu_wire.h"
#include "fuzzer.h"

struct input {
    const uint8_t *ini;
    size_t ini_size;
    const uint8_t *list;
    size_t list_size;
};

static uint32_t read_file(void *context, const char *path, uint8_t **out_bytes, size_t *out_size)
{
    const struct input *input = context;
    bool is_ini = strcmp(path, "main.ini") == 0;
    const uint8_t *bytes = is_ini ? input->ini : input->list;
    size_t size = is_ini ? input->ini_size : input->list_size;

    if (!is_ini && strcmp(path, "lab.csv") != 0)
        return 2;
    *out_bytes = malloc(size + 1);
    REQUIRE(*out_bytes != NULL);
    if (size > 0)
        memcpy(*out_bytes, bytes, size);
    *out_size = size;
    return 0;
}

static bool resolve(void *context, const char *name, uint8_t *out, size_t size)
{
    (void)context;
    memset(out, name[0], size);
    return name[0] != 'x';
}

static void *get_pages(size_t size)
{
    return calloc(1, size);
}

static void seal_pages(void *pages, size_t size)
{
    (void)pages, (void)size;
}

static void free_pages(void *pages, size_t size)
{
    (void)size;
    free(pages);
}

static void answer_client(const struct static_config *config, bool is_ipv6, enum facts_boot boot)
{
    static const uint8_t mac[] = {0x52, 0x54, 0, 0x77, 0, 1};
    static const uint8_t server[4] = {10, 0, 0, 2};
    struct client_facts facts = {.is_dhcp = true,
                                 .is_ipv6 = is_ipv6,
                                 .boot = boot,
                                 .architectures = {7},
                                 .architecture_count = 1};
    struct asker asker = {&facts, {{10, 0, 0, 2}, is_ipv6 ? 16 : 4}};
    uint8_t bytes[MENU_BYTES_MAX];
    struct match match;
    struct boot_plan plan;

    facts.mac = (struct fact_bytes){mac, sizeof(mac)};
    facts.vendor_class = (struct fact_bytes){mac, sizeof(mac)};
    config_match(config, &asker, &match);
    if (match.section == NULL)
        return;
    match_plan(&match, &asker, &plan);
    REQUIRE(strlen(plan_file(&plan, true)) <= URL_MAX && strlen(plan.http_url) <= URL_MAX);
    REQUIRE(plan.options_length <= ANSWER_OPTIONS_MAX &&
            plan.options6_length <= ANSWER_OPTIONS6_MAX);
    REQUIRE(plan.menu == NULL || menu_encode(plan.menu, server, bytes) > 0);
    if (plan.then == NULL)
        return;
    match_prefer(config, plan.then, &match);
    match_plan(&match, &asker, &plan);
}

/* The same bytes as a file of boots: what is read is written, and read again. */
static void read_journal(const uint8_t *data, size_t size)
{
    struct journal journal = JOURNAL_EMPTY;
    struct journal again = JOURNAL_EMPTY;

    REQUIRE(journal_read(&journal, (const char *)data, size) <= size);
    for (size_t i = 0; i < journal.size; ++i) {
        char line[JOURNAL_LINE_SIZE];

        if (journal.slots[i] == NULL)
            continue;
        size_t length = journal_write(journal.slots[i], false, line);
        REQUIRE(journal_read(&again, line, length) == length);
        const struct journal_entry *entry = journal_find(&again, journal.slots[i]->key);
        REQUIRE(entry != NULL && entry->served == journal.slots[i]->served);
    }
    journal_free(&journal);
    journal_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size, data, 0};
    const struct rules_port port = {&input, read_file, resolve, get_pages, seal_pages, free_pages};
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    uint32_t error = 0;

    for (size_t i = 0; i + 4 <= size; ++i) {
        if (memcmp(data + i, "\n%%\n", 4) == 0) {
            input = (struct input){data, i, data + i + 4, size - i - 4};
            break;
        }
    }
    const struct static_config *config = config_read(&port, "main.ini", &problems, &error);
    REQUIRE((config == NULL) == (error != 0) && (config == NULL) == (problems.count > 0));
    for (size_t i = 0; i < problems.kept; ++i) {
        char text[PROBLEM_TEXT_SIZE];

        problem_format(&problems.items[i], text);
        REQUIRE(problems.items[i].place.file != NULL && text[0] != '\0');
    }
    for (int i = 0; config != NULL && i < 6; ++i)
        answer_client(config, i % 2 != 0, (enum facts_boot)(i / 2));
    problem_list_free(&problems);
    config_release(config);
    read_journal(data, size);
    return 0;
}
