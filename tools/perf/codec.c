/*
 * The codec bench: ours, the floor and libkea-dhcp++ side by side on real clients' requests, in one
 * run, taking turns, so that whatever else the machine does hits all of them.
 * Prints tables, a row a line, columns divided by tabs; "# title" starts a table.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "clock.h"
#include "contestant.h"
#include "made_packets.h"
#include "step_count.h"

enum {
    ROUNDS = 101,
    ROUNDS_MAX = 1001,
    BATCH_NANOSECONDS = 200000,
    PATH_SIZE = 512,
    OPTION_END = 255,
    ABSENT4 = 224, /* site-specific (RFC 3942): no client sends it */
    ABSENT6 = 65000,
    OFFER_OPTIONS = 8,
};

static const struct contestant *const contestants[] = {
    &contestant_ours,
    &contestant_floor,
#ifdef PERF_KEA
    &contestant_kea,
#endif
};

enum { CONTESTANTS = sizeof(contestants) / sizeof(contestants[0]), OURS = 0, FLOOR = 1, KEA = 2 };

static struct settings {
    const char *sources; /* the source tree, for captures */
    unsigned rounds;
    bool check_only; /* that all agree; measure nothing */
} settings = {".", ROUNDS, false};

/* ---- measuring ---- */

struct figures {
    double median, minimum, maximum;
};

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static struct figures figures_of(const double *samples, size_t count)
{
    double sorted[ROUNDS_MAX];

    memcpy(sorted, samples, count * sizeof(sorted[0]));
    qsort(sorted, count, sizeof(sorted[0]), compare_doubles);
    return (struct figures){sorted[count / 2], sorted[0], sorted[count - 1]};
}

/* Nanoseconds for one operation, from a batch of them. */
static double batch(run_function *run, const struct task *task, size_t times)
{
    static struct outcome outcome;
    uint64_t start = clock_nanoseconds();

    run(task, times, &outcome);
    return (double)(clock_nanoseconds() - start) / (double)times;
}

/* How often, so that a batch takes long enough to be timed; the shortest of three counts, as any of
 * them may have been interrupted. */
static size_t batch_size(run_function *run, const struct task *task)
{
    size_t times = 1;

    for (;;) {
        double shortest = batch(run, task, times);
        for (int i = 1; i < 3; i++) {
            double again = batch(run, task, times);
            if (again < shortest)
                shortest = again;
        }
        if (shortest * (double)times >= BATCH_NANOSECONDS)
            return times;
        times *= 2;
    }
}

struct counted {
    run_function *run;
    const struct task *task;
    size_t times;
};

static void run_counted(void *argument)
{
    static struct outcome outcome;
    const struct counted *counted = argument;

    counted->run(counted->task, counted->times, &outcome);
}

/* What one more time in the loop costs; the first two go on what is set up once. */
static uint64_t instructions(run_function *run, const struct task *task)
{
    struct counted counted = {run, task, 2};
    uint64_t two = step_count(run_counted, &counted);

    counted.times = 3;
    return step_count(run_counted, &counted) - two;
}

/* What came of one operation, for each contestant that has it. */
struct result {
    bool took_part[CONTESTANTS];
    struct figures time[CONTESTANTS];
    struct figures ratio[CONTESTANTS]; /* its time to ours, pair by pair */
    uint64_t instructions[CONTESTANTS];
};

/* The first `count` contestants. */
static struct result measure(enum operation operation, const struct task *task, size_t count)
{
    static double times[CONTESTANTS][ROUNDS_MAX], ratios[CONTESTANTS][ROUNDS_MAX];
    struct result result = {0};
    size_t sizes[CONTESTANTS];

    for (size_t c = 0; c < count; c++) {
        run_function *run = contestants[c]->run[operation];
        result.took_part[c] = run != NULL;
        if (run == NULL)
            continue;
        sizes[c] = batch_size(run, task);
        result.instructions[c] = instructions(run, task);
    }
    for (unsigned round = 0; round < settings.rounds; round++) {
        for (size_t c = 0; c < count; c++) {
            if (!result.took_part[c])
                continue;
            times[c][round] = batch(contestants[c]->run[operation], task, sizes[c]);
            ratios[c][round] = times[c][round] / times[OURS][round];
        }
    }
    for (size_t c = 0; c < count; c++) {
        result.time[c] = figures_of(times[c], settings.rounds);
        result.ratio[c] = figures_of(ratios[c], settings.rounds);
    }
    return result;
}

/* ---- agreeing ---- */

static unsigned disagreements;

/* Everyone must come to what ours comes to, and to something. */
static void agree(const char *name, const char *on, enum operation operation,
                  const struct task *task)
{
    static struct outcome ours, other;

    contestants[OURS]->run[operation](task, 1, &ours);
    for (size_t c = 1; c < CONTESTANTS; c++) {
        if (contestants[c]->run[operation] == NULL)
            continue;
        contestants[c]->run[operation](task, 1, &other);
        if (ours.length != 0 && ours.length == other.length &&
            memcmp(ours.bytes, other.bytes, ours.length) == 0)
            continue;
        fprintf(stderr, "%s on %s: %s comes to another result than ours\n", name, on,
                contestants[c]->name);
        disagreements++;
    }
}

/* ---- the table of operations ---- */

static void print_heading(void)
{
    printf("operation\ton\tours : floor");
    for (size_t c = FLOOR + 1; c < CONTESTANTS; c++)
        printf("\t%s : ours", contestants[c]->name);
    for (size_t c = 0; c < CONTESTANTS; c++)
        printf("\t%s, ns", contestants[c]->name);
    for (size_t c = 0; c < CONTESTANTS; c++)
        printf("\t%s, instr.", contestants[c]->name);
    putchar('\n');
}

static void print_time(const struct figures *time)
{
    const int digits = time->median < 1000 ? 1 : 0;
    printf("\t%.*f (%.*f-%.*f)", digits, time->median, digits, time->minimum, digits,
           time->maximum);
}

static void print_count(uint64_t count)
{
    if (count != 0)
        printf("\t%" PRIu64, count);
    else
        fputs("\t-", stdout);
}

static void row(const char *name, const char *on, enum operation operation, const struct task *task)
{
    agree(name, on, operation, task);
    if (settings.check_only)
        return;
    struct result result = measure(operation, task, CONTESTANTS);
    printf("%s\t%s\t%.2f", name, on, 1 / result.ratio[FLOOR].median);
    for (size_t c = FLOOR + 1; c < CONTESTANTS; c++)
        printf("\t%.0f", result.ratio[c].median);
    for (size_t c = 0; c < CONTESTANTS; c++)
        print_time(&result.time[c]);
    for (size_t c = 0; c < CONTESTANTS; c++)
        print_count(result.instructions[c]);
    putchar('\n');
    fflush(stdout);
}

/* The codes of a real request's options, in order. */
static size_t option_codes(const uint8_t *packet, size_t length, uint8_t *codes)
{
    size_t count = 0;

    for (size_t at = 240; at + 1 < length && packet[at] != OPTION_END; at += 2u + packet[at + 1])
        codes[count++] = packet[at];
    return count;
}

/* As much as a boot server says, in the order in which Kea writes it. */
static size_t offer_options(struct offer_option *options)
{
    static const uint8_t vendor[] = {6, 1, 8, 255}, type[] = {2}, server[] = {10, 77, 0, 2};
    static const uint8_t machine[17] = {0, 0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66};
    static const char class[] = "PXEClient", host[] = "10.77.0.1", file[] = "boot/x64/wdsmgfw.efi",
                      bcd[] = "\\Tmp\\x64{0B2A7A04}.bcd";
    const struct offer_option all[OFFER_OPTIONS] = {
        {53, sizeof(type), type},
        {43, sizeof(vendor), vendor},
        {54, sizeof(server), server},
        {60, sizeof(class) - 1, (const uint8_t *)class},
        {66, sizeof(host) - 1, (const uint8_t *)host},
        {67, sizeof(file) - 1, (const uint8_t *)file},
        {97, sizeof(machine), machine},
        {252, sizeof(bcd) - 1, (const uint8_t *)bcd},
    };

    memcpy(options, all, sizeof(all));
    return OFFER_OPTIONS;
}

static bool rows4(const char *on, const char *capture)
{
    uint8_t packet[PACKET_MAX], codes[PACKET_MAX];
    struct offer_option options[OFFER_OPTIONS];
    struct task task = {.packet = packet, .options = options};
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "%s/tests/captures/%s", settings.sources, capture);
    if (!capture_find(path, 67, 1, packet, sizeof(packet), &task.length))
        return false;
    size_t count = option_codes(packet, task.length, codes);
    const struct {
        const char *name;
        uint8_t code;
    } places[] = {{"find first option", codes[0]},
                  {"find middle option", codes[count / 2]},
                  {"find last option", codes[count - 1]},
                  {"find absent option", ABSENT4}};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        task.code = places[i].code;
        row(places[i].name, on, FIND4, &task);
    }
    row("is it valid", on, CHECK4, &task);
    task.option_count = offer_options(options);
    row("OFFER of 8 options", on, OFFER4, &task);
    return true;
}

/* An answer as a boot server gives it, to be wrapped for relays. */
static const uint8_t advertise[] = {
    2,   0x12, 0x34, 0x56,                  /* ADVERTISE */
    0,   1,    0,    4,    1,  2,   3,   4, /* client */
    0,   2,    0,    4,    5,  6,   7,   8, /* server */
    0,   16,   0,    15,   0,  0,   1,   0x57, 0,   9,   'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n',
    't', 0,    59,   0,    13, 't', 'f', 't',  'p', ':', '/', '/', 'b', 'o', 'o', 't', '/', 'x',
};

static bool load6(const char *name, uint8_t *packet, size_t *out_length)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/dhcp6/%s", settings.sources, name);
    return file_load(path, packet, PACKET_MAX, out_length);
}

static bool rows6(void)
{
    uint8_t packet[PACKET_MAX];
    struct task task = {
        .packet = packet, .inner = advertise, .inner_length = sizeof(advertise), .code = 16};

    if (!load6("ovmf-solicit.bin", packet, &task.length))
        return false;
    row("v6 find last option", "OVMF SOLICIT", FIND6, &task);
    task.code = ABSENT6;
    row("v6 find absent option", "OVMF SOLICIT", FIND6, &task);
    row("v6 is it valid", "OVMF SOLICIT", CHECK6, &task);
    if (!load6("relayed-solicit.bin", packet, &task.length))
        return false;
    row("v6 parse relay", "1 relay", PARSE_RELAY6, &task);
    row("v6 create relay", "1 relay", CREATE_RELAY6, &task);
    if (!load6("relay-two-levels.bin", packet, &task.length))
        return false;
    row("v6 parse relay", "2 relays", PARSE_RELAY6, &task);
    row("v6 create relay", "2 relays", CREATE_RELAY6, &task);
    return true;
}

/* ---- the tables of growth ---- */

static void growth_row(const char *name, enum operation operation, const struct task *task,
                       size_t count)
{
    char on[32];

    snprintf(on, sizeof(on), "%zu", count);
    agree(name, on, operation, task);
    if (settings.check_only)
        return;
    /* Not libkea: it looks for repeated codes, in more than linear time. */
    struct result result = measure(operation, task, FLOOR + 1);
    printf("%s\t%zu\t%.2f\t%.2f", name, count, 1 / result.ratio[FLOOR].median,
           result.time[OURS].median / (double)count);
    print_time(&result.time[OURS]);
    print_time(&result.time[FLOOR]);
    print_count(result.instructions[OURS]);
    putchar('\n');
    fflush(stdout);
}

static void title(const char *text)
{
    if (!settings.check_only)
        printf("# %s\n", text);
}

static void growth_heading(const char *what)
{
    if (!settings.check_only)
        printf("operation\t%ss\tours : floor\tours, ns a %s\tours, ns\tfloor, ns\tours, instr.\n",
               what, what);
}

static void growth4(void)
{
    static const size_t counts[] = {1, 2, 5, 10, 25, 50, 100, 250};
    uint8_t packet[PACKET_MAX];
    struct task task = {.packet = packet};

    growth_heading("option");
    for (enum operation operation = FIND4; operation <= CHECK4; operation++) {
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
            task.length = made_request4(packet, counts[i], &task.code);
            growth_row(operation == FIND4 ? "find last option" : "is it valid", operation, &task,
                       counts[i]);
        }
    }
}

static void growth6(void)
{
    static const size_t depths[] = {1, 2, 4, 8, 16, 32};
    uint8_t packet[PACKET_MAX];
    struct task task = {.packet = packet, .inner = advertise, .inner_length = sizeof(advertise)};

    growth_heading("relay");
    for (enum operation operation = PARSE_RELAY6; operation <= CREATE_RELAY6; operation++) {
        for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
            task.length = made_relay6(packet, sizeof(packet), depths[i]);
            growth_row(operation == PARSE_RELAY6 ? "v6 parse relay" : "v6 create relay", operation,
                       &task, depths[i]);
        }
    }
}

/* ---- the program ---- */

static int usage(void)
{
    fputs("usage: bench_codec [--sources FOLDER] [--rounds N] [--check]\n", stderr);
    return 2;
}

static bool read_arguments(int count, char **words)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--check") == 0)
            settings.check_only = true;
        else if (strcmp(words[i], "--sources") == 0 && i + 1 < count)
            settings.sources = words[++i];
        else if (strcmp(words[i], "--rounds") == 0 && i + 1 < count)
            settings.rounds = (unsigned)strtoul(words[++i], NULL, 10);
        else
            return false;
    }
    return settings.rounds >= 1 && settings.rounds <= ROUNDS_MAX;
}

int main(int count, char **words)
{
    if (!read_arguments(count, words))
        return usage();
    title("Operations on real clients' requests");
    if (!settings.check_only)
        print_heading();
    if (!rows4("iPXE DISCOVER", "bios-ipxe.pcap") || !rows4("OVMF DISCOVER", "uefi-ovmf.pcap") ||
        !rows6())
        return 1;
    title("Growth with the number of options");
    growth4();
    title("Growth with the number of relays");
    growth6();
    if (disagreements != 0)
        return 1;
    if (settings.check_only)
        printf("%d contestants agree\n", CONTESTANTS);
    return 0;
}
