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
#include <unistd.h>

#include "clock.h"
#include "load.h"
#include "process.h"

enum { WATCHED_MAX = 8, DEFAULT_WINDOW = 128 };

#define BEHIND_LIMIT 0.02 /* seconds: more, and the generator is what is slow */
#define OTHERS_LIMIT 0.15 /* CPUs: more, and the machine was not ours */
#define STEAL_LIMIT 0.05
#define SETTLE_SECONDS 0.5

static struct settings {
    struct sockaddr_in server;
    uint16_t from;
    const char *interface;
    const char *captures;
    enum exchange exchange;
    struct load_plan plan;
    double warmup;
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
    .clients = 1000,
    .mac_prefix = 0x52,
    .cpu = -1,
};

static const char usage_text[] =
    "usage: loadgen --to ADDRESS:PORT [options]\n"
    "One measurement, as one line of names and figures. quiet 0: others had the machine too.\n"
    "  --exchange KIND    discover (default), relayed, boot or inform\n"
    "  --from PORT        port to send from (68)\n"
    "  --interface NAME   use only this interface\n"
    "  --captures FOLDER  where the clients' messages are (tests/captures)\n"
    "  --clients N        clients that take turns (1000)\n"
    "  --rate N           open loop: so many requests a second, each at its time\n"
    "  --window N         closed loop: so many requests on their way (128)\n"
    "  --warmup SECONDS   before it (0.3)\n"
    "  --seconds SECONDS  the measurement takes (1)\n"
    "  --limit N          end each after so many requests\n"
    "  --settle SECONDS   wait so long for late replies (0.5)\n"
    "  --mac-prefix HEX   first byte of the hardware addresses (52)\n"
    "  --echo             the reply is the request itself\n"
    "  --cpu N            run on this CPU\n"
    "  --watch PID        also tell this process's CPU time and memory; may be repeated\n";

/* ---- figures ---- */

struct measurement {
    struct load_result load;
    double cpu;      /* seconds of the watched processes */
    double others;   /* CPUs that others' programs had, of the time measured */
    double steal;    /* CPUs that the host of a virtual machine did not give */
    uint64_t memory; /* KiB */
};

static double watched_cpu(void)
{
    double seconds = 0;

    for (unsigned i = 0; i < settings.watched_count; i++)
        seconds += process_cpu_seconds(settings.watched[i]);
    return seconds;
}

/* Of programs' time only what they calculate is told apart here: the kernel's part of the traffic
 * is counted for whom it interrupts. */
static double known_user_seconds(void)
{
    double seconds = process_user_seconds(getpid());

    for (unsigned i = 0; i < settings.watched_count; i++)
        seconds += process_user_seconds(settings.watched[i]);
    return seconds;
}

static uint64_t watched_resident(void)
{
    uint64_t kilobytes = 0;

    for (unsigned i = 0; i < settings.watched_count; i++)
        kilobytes += process_resident(settings.watched[i]);
    return kilobytes;
}

static void measure(struct load *load, const struct load_plan *plan, struct measurement *out)
{
    const struct machine_time machine = machine_time_read();
    const uint64_t start = clock_nanoseconds();
    const double known = known_user_seconds(), cpu = watched_cpu();

    load_run(load, plan, &out->load);
    out->cpu = watched_cpu() - cpu;
    const double known_since = known_user_seconds() - known;
    const double seconds = (double)(clock_nanoseconds() - start) / 1e9;
    const struct machine_time now = machine_time_read();
    out->others = (now.user - machine.user - known_since) / seconds;
    out->steal = (now.steal - machine.steal) / seconds;
    out->memory = watched_resident();
}

/* ---- telling ---- */

static double microseconds(const struct load_result *load, unsigned permille)
{
    return (double)histogram_permille(&load->latency, permille) / 1000;
}

static void tell(const struct measurement *one)
{
    const struct load_result *load = &one->load;
    const double answered = (double)load->answered, sent = (double)load->sent;
    const bool is_late = load->behind > BEHIND_LIMIT;
    const bool is_quiet = one->others < OTHERS_LIMIT && one->steal < STEAL_LIMIT && !is_late;

    printf("replies %.6g loss %.6g ", load->seconds > 0 ? answered / load->seconds : 0,
           sent > 0 ? 1 - answered / sent : 1);
    printf("cpu %.6g ", answered > 0 ? one->cpu * 100000 / answered : 0);
    printf("p50 %.6g p99 %.6g p999 %.6g ", microseconds(load, 500), microseconds(load, 990),
           microseconds(load, 999));
    printf("sent %" PRIu64 " answered %" PRIu64 " lost %" PRIu64 " duplicates %" PRIu64
           " strange %" PRIu64 " ",
           load->sent, load->answered, load->sent - load->answered, load->duplicates,
           load->strange);
    printf("late %d others %.3f steal %.3f quiet %d resident %" PRIu64 "\n", is_late, one->others,
           one->steal, is_quiet, one->memory);
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
    case 'u':
        settings.warmup = strtod(value, NULL);
        return true;
    case 's':
        settings.plan.seconds = strtod(value, NULL);
        return settings.plan.seconds > 0;
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
        {"warmup", required_argument, NULL, 'u'},
        {"seconds", required_argument, NULL, 's'},
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
    static struct load_result unused;
    const struct load_plan plan = {
        .window = 16, .seconds = settings.warmup, .settle = SETTLE_SECONDS};

    if (settings.warmup > 0)
        load_run(load, &plan, &unused);
}

int main(int count, char **words)
{
    static struct measurement measured;
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
    measure(&load, &settings.plan, &measured);
    tell(&measured);
    load_close(&load);
    return 0;
}
