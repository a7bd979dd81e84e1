/*
 * The load generator: DHCP clients by the thousand. See usage(). Prints one line of numbers with
 * names; tools/perf/server makes tables of them.
 */
#define _GNU_SOURCE /* getopt_long, cpu_set_t */

#include <arpa/inet.h>
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "process.h"

enum {
    REPEATS_MAX = 31,
    WATCHED_MAX = 8,
    SEARCH_STEPS = 9,
    SEARCH_LOWEST = 64,
    SEARCH_RETREATS = 5,
    DEFAULT_WINDOW = 128,
};

#define LOSS_LIMIT 0.001
#define BEHIND_LIMIT 0.02 /* seconds: more, and the generator is what is slow */
#define PROBE_SECONDS 0.5
#define SETTLE_SECONDS 0.5
#define SEARCH_PRECISION 1.04
#define SEARCH_UP 1.25
#define RETREAT 0.95

static struct settings {
    struct sockaddr_in server;
    uint16_t from;
    const char *interface;
    const char *captures;
    enum exchange exchange;
    struct load_plan plan;
    bool search;
    double warmup;
    unsigned repeats;
    uint32_t clients;
    uint8_t mac_prefix;
    bool echo;
    int cpu;
    int watched[WATCHED_MAX];
    unsigned watched_count;
} settings = {
    .from = 68,
    .captures = "tests/captures",
    .plan = {.window = DEFAULT_WINDOW, .seconds = 1, .settle = SETTLE_SECONDS},
    .warmup = 0.3,
    .repeats = 3,
    .clients = 1000,
    .mac_prefix = 0x52,
    .cpu = -1,
};

static const char usage_text[] =
    "usage: loadgen --to ADDRESS:PORT [options]\n"
    "  --exchange KIND    discover (default), relayed, boot or inform\n"
    "  --from PORT        port to send from (68)\n"
    "  --interface NAME   use only this interface\n"
    "  --captures FOLDER  where the clients' messages are (tests/captures)\n"
    "  --clients N        clients that take turns (1000)\n"
    "  --rate N           open loop: so many requests a second, each at its time\n"
    "  --window N         closed loop: so many requests on their way (128)\n"
    "  --search           find the highest rate with less than 0.1 % loss, then measure there\n"
    "  --warmup SECONDS   before it (0.3)\n"
    "  --seconds SECONDS  a measurement takes (1)\n"
    "  --repeats N        measurements; medians are told (3)\n"
    "  --limit N          end each after so many requests\n"
    "  --settle SECONDS   wait so long for late replies (0.5)\n"
    "  --mac-prefix HEX   first byte of the hardware addresses (52)\n"
    "  --echo             the reply is the request itself\n"
    "  --cpu N            run on this CPU\n"
    "  --watch PID        also tell this process's CPU time and memory; may be repeated\n";

/* ---- figures ---- */

struct measurement {
    double replies;        /* a second */
    double loss;           /* of 1 */
    double cpu;            /* seconds for 100,000 replies */
    double p50, p99, p999; /* microseconds */
    uint64_t sent, answered, duplicates, strange;
    bool generator_was_late;
};

static double watched_cpu(void)
{
    double seconds = 0;

    for (unsigned i = 0; i < settings.watched_count; i++)
        seconds += process_cpu_seconds(settings.watched[i]);
    return seconds;
}

static uint64_t watched_resident(void)
{
    uint64_t kilobytes = 0;

    for (unsigned i = 0; i < settings.watched_count; i++)
        kilobytes += process_resident(settings.watched[i]);
    return kilobytes;
}

static struct measurement measure(struct load *load, const struct load_plan *plan)
{
    static struct load_result result;
    double cpu_before = watched_cpu();

    load_run(load, plan, &result);
    double cpu = watched_cpu() - cpu_before;
    struct measurement measurement = {
        .replies = result.seconds > 0 ? (double)result.answered / result.seconds : 0,
        .loss = result.sent > 0 ? 1 - (double)result.answered / (double)result.sent : 1,
        .cpu = result.answered > 0 ? cpu * 100000 / (double)result.answered : 0,
        .p50 = (double)histogram_permille(&result.latency, 500) / 1000,
        .p99 = (double)histogram_permille(&result.latency, 990) / 1000,
        .p999 = (double)histogram_permille(&result.latency, 999) / 1000,
        .sent = result.sent,
        .answered = result.answered,
        .duplicates = result.duplicates,
        .strange = result.strange,
        .generator_was_late = result.behind > BEHIND_LIMIT,
    };
    return measurement;
}

/* ---- the search ---- */

/* What fails once may have been hit by something else that the machine did. */
static bool holds(struct load *load, double rate)
{
    struct load_plan plan = {
        .rate = (uint32_t)rate, .seconds = PROBE_SECONDS, .settle = SETTLE_SECONDS};

    for (int tries = 0; tries < 2; tries++) {
        struct measurement measurement = measure(load, &plan);

        if (measurement.loss < LOSS_LIMIT && !measurement.generator_was_late)
            return true;
    }
    return false;
}

/* From what the closed loop gives: up until it does not hold, then half the way, as a factor, again
 * and again, between a rate that holds and one that does not. */
static uint32_t search(struct load *load)
{
    struct load_plan closed = {
        .window = DEFAULT_WINDOW, .seconds = PROBE_SECONDS, .settle = SETTLE_SECONDS};
    double rate = measure(load, &closed).replies + 1;
    double low = rate / SEARCH_LOWEST, high = rate;
    int steps = SEARCH_STEPS;

    while (steps > 0 && holds(load, high)) {
        low = high;
        high *= SEARCH_UP;
        steps--;
    }
    while (steps > 0 && high / low > SEARCH_PRECISION) {
        rate = low < high / 2 ? high / 2 : (low + high) / 2;
        if (holds(load, rate))
            low = rate;
        else
            high = rate;
        steps--;
    }
    return (uint32_t)low;
}

/* ---- telling ---- */

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

struct spread {
    double median, minimum, maximum;
};

static struct spread spread_of(const struct measurement *all, unsigned count,
                               double (*value)(const struct measurement *one))
{
    double values[REPEATS_MAX];

    for (unsigned i = 0; i < count; i++)
        values[i] = value(&all[i]);
    qsort(values, count, sizeof(values[0]), compare_doubles);
    return (struct spread){values[count / 2], values[0], values[count - 1]};
}

#define VALUE_OF(member)                                                                           \
    static double value_##member(const struct measurement *one)                                    \
    {                                                                                              \
        return one->member;                                                                        \
    }
VALUE_OF(replies)
VALUE_OF(loss)
VALUE_OF(cpu)
VALUE_OF(p50)
VALUE_OF(p99)
VALUE_OF(p999)

static void tell_spread(const char *name, struct spread spread)
{
    printf("%s %.6g %s_min %.6g %s_max %.6g ", name, spread.median, name, spread.minimum, name,
           spread.maximum);
}

static void tell(uint32_t rate, const struct measurement *all, unsigned count)
{
    uint64_t sent = 0, answered = 0, duplicates = 0, strange = 0;
    unsigned late = 0;

    for (unsigned i = 0; i < count; i++) {
        sent += all[i].sent;
        answered += all[i].answered;
        duplicates += all[i].duplicates;
        strange += all[i].strange;
        late += all[i].generator_was_late;
    }
    printf("rate %" PRIu32 " ", rate);
    tell_spread("replies", spread_of(all, count, value_replies));
    tell_spread("loss", spread_of(all, count, value_loss));
    tell_spread("cpu", spread_of(all, count, value_cpu));
    tell_spread("p50", spread_of(all, count, value_p50));
    tell_spread("p99", spread_of(all, count, value_p99));
    tell_spread("p999", spread_of(all, count, value_p999));
    printf("sent %" PRIu64 " answered %" PRIu64 " lost %" PRIu64 " duplicates %" PRIu64
           " strange %" PRIu64 " late %u resident %" PRIu64 "\n",
           sent, answered, sent - answered, duplicates, strange, late, watched_resident());
}

/* ---- the program ---- */

static bool read_server(const char *text)
{
    char address[64];
    unsigned port;

    settings.server.sin_family = AF_INET;
    if (sscanf(text, "%63[0-9.]:%u", address, &port) != 2 || port == 0 || port > 65535)
        return false;
    settings.server.sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, address, &settings.server.sin_addr) == 1;
}

static bool read_exchange(const char *text)
{
    static const char *const names[] = {"discover", "relayed", "boot", "inform"};

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            settings.exchange = (enum exchange)i;
            return true;
        }
    }
    return false;
}

static bool read_option(int option, const char *value)
{
    switch (option) {
    case 't':
        return read_server(value);
    case 'x':
        return read_exchange(value);
    case 'f':
        settings.from = (uint16_t)strtoul(value, NULL, 10);
        return true;
    case 'i':
        settings.interface = value;
        return true;
    case 'c':
        settings.captures = value;
        return true;
    case 'n':
        settings.clients = (uint32_t)strtoul(value, NULL, 10);
        return settings.clients > 0;
    case 'r':
        settings.plan.rate = (uint32_t)strtoul(value, NULL, 10);
        return settings.plan.rate > 0;
    case 'w':
        settings.plan.window = (uint32_t)strtoul(value, NULL, 10);
        return settings.plan.window > 0 && settings.plan.window <= LOAD_WINDOW_MAX;
    case 'S':
        settings.search = true;
        return true;
    case 'u':
        settings.warmup = strtod(value, NULL);
        return true;
    case 's':
        settings.plan.seconds = strtod(value, NULL);
        return settings.plan.seconds > 0;
    case 'N':
        settings.repeats = (unsigned)strtoul(value, NULL, 10);
        return settings.repeats > 0 && settings.repeats <= REPEATS_MAX;
    case 'l':
        settings.plan.limit = strtoull(value, NULL, 10);
        return true;
    case 'q':
        settings.plan.settle = strtod(value, NULL);
        return true;
    case 'm':
        settings.mac_prefix = (uint8_t)strtoul(value, NULL, 16);
        return true;
    case 'e':
        settings.echo = true;
        return true;
    case 'p':
        settings.cpu = (int)strtol(value, NULL, 10);
        return true;
    case 'W':
        if (settings.watched_count == WATCHED_MAX)
            return false;
        settings.watched[settings.watched_count++] = (int)strtol(value, NULL, 10);
        return true;
    default:
        return false;
    }
}

static bool read_arguments(int count, char **words)
{
    static const struct option options[] = {
        {"to", required_argument, NULL, 't'},
        {"exchange", required_argument, NULL, 'x'},
        {"from", required_argument, NULL, 'f'},
        {"interface", required_argument, NULL, 'i'},
        {"captures", required_argument, NULL, 'c'},
        {"clients", required_argument, NULL, 'n'},
        {"rate", required_argument, NULL, 'r'},
        {"window", required_argument, NULL, 'w'},
        {"search", no_argument, NULL, 'S'},
        {"warmup", required_argument, NULL, 'u'},
        {"seconds", required_argument, NULL, 's'},
        {"repeats", required_argument, NULL, 'N'},
        {"limit", required_argument, NULL, 'l'},
        {"settle", required_argument, NULL, 'q'},
        {"mac-prefix", required_argument, NULL, 'm'},
        {"echo", no_argument, NULL, 'e'},
        {"cpu", required_argument, NULL, 'p'},
        {"watch", required_argument, NULL, 'W'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(count, words, "", options, NULL)) != -1)
        if (!read_option(option, optarg))
            return false;
    return optind == count && settings.server.sin_port != 0;
}

static void pin(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((unsigned)cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0)
        fprintf(stderr, "loadgen: cannot run on CPU %d alone\n", cpu);
}

static void warm_up(struct load *load)
{
    struct load_plan plan = {.window = 16, .seconds = settings.warmup, .settle = SETTLE_SECONDS};

    if (settings.warmup > 0)
        (void)measure(load, &plan);
}

/* At the rate that the search found, and a little lower as long as it does not hold there. */
static unsigned measure_all(struct load *load, struct load_plan *plan, struct measurement *all)
{
    for (int retreat = 0; retreat <= SEARCH_RETREATS; retreat++) {
        for (unsigned i = 0; i < settings.repeats; i++)
            all[i] = measure(load, plan);
        if (!settings.search || spread_of(all, settings.repeats, value_loss).median < LOSS_LIMIT)
            break;
        plan->rate = (uint32_t)(plan->rate * RETREAT) + 1;
    }
    return settings.repeats;
}

int main(int count, char **words)
{
    static struct measurement all[REPEATS_MAX];
    struct load load;
    uint32_t own_address;

    if (!read_arguments(count, words)) {
        fputs(usage_text, stderr);
        return 2;
    }
    if (settings.cpu >= 0)
        pin(settings.cpu);
    if (!load_open(&load, &settings.server, settings.from, settings.interface, &own_address))
        return 1;
    load.clients.count = settings.clients;
    load.clients.mac_prefix = settings.mac_prefix;
    load.clients.echo = settings.echo;
    if (!clients_load(&load.clients, settings.captures, settings.exchange, own_address)) {
        load_close(&load);
        return 1;
    }
    warm_up(&load);
    if (settings.search)
        settings.plan.rate = search(&load);
    unsigned measured = measure_all(&load, &settings.plan, all);
    tell(settings.plan.rate, all, measured);
    load_close(&load);
    return 0;
}
