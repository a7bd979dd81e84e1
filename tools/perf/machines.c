/*
 * How staticpxe's configuration grows with its machines: time to read it, memory for each, and time
 * to find one, as sections of the INI file and as lines of a machine list. bench_machines
 * [MACHINES]     compared with 10 machines in the same run; prints a table
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "staticpxe/rules/match.h"

#define SMALL 10
#define LOOKUPS 2000000u

struct files {
    char *ini;
    char *list; /* or NULL */
};

static uint32_t read_file(void *context, const char *path, uint8_t **out_bytes, size_t *out_size)
{
    const struct files *files = context;
    const char *text = strcmp(path, "main.ini") == 0 ? files->ini : files->list;

    *out_size = strlen(text);
    *out_bytes = malloc(*out_size + 1);
    if (*out_bytes == NULL)
        return 8;
    memcpy(*out_bytes, text, *out_size + 1);
    return 0;
}

static bool resolve(void *context, const char *name, uint8_t *out, size_t size)
{
    (void)context, (void)name, (void)out, (void)size;
    return false;
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

/* The MAC address of machine `number`; neighbours are spread over the table. */
static void mac_of(unsigned number, uint8_t out[6])
{
    out[0] = 0x52;
    out[1] = 0x54;
    out[2] = (uint8_t)(number >> 24);
    out[3] = (uint8_t)(number >> 16);
    out[4] = (uint8_t)(number >> 8);
    out[5] = (uint8_t)number;
}

static void make_sections(struct files *files, unsigned count)
{
    char *at = files->ini = malloc(64 + (size_t)count * 48);

    if (at == NULL)
        exit(1);
    at += sprintf(at, "[default]\nfile=bios.0\n");
    for (unsigned i = 0; i < count; ++i)
        at += sprintf(at, "[mac:5254%08x]\nfile=lab%u.0\n", i, i);
    files->list = NULL;
}

static void make_list(struct files *files, unsigned count)
{
    static const char ini[] =
        "[server]\nmachines=lab.csv\n[default]\nfile=bios.0\n[group:lab]\nfile=lab.0\n";
    char *at = files->list = malloc(64 + (size_t)count * 48);

    files->ini = malloc(sizeof(ini));
    if (at == NULL || files->ini == NULL)
        exit(1);
    memcpy(files->ini, ini, sizeof(ini));
    at += sprintf(at, "mac,name,section\n");
    for (unsigned i = 0; i < count; ++i)
        at += sprintf(at, "5254%08x,pc%u,lab\n", i, i);
}

struct result {
    double load_ms;
    double bytes;     /* of the configuration, for each machine */
    double lookup_ns; /* match and plan of one client */
};

static double time_lookups(const struct static_config *config, unsigned count)
{
    struct client_facts facts = {.is_dhcp = true, .boot = FACTS_BOOT_PXE};
    struct asker asker = {.facts = &facts};
    struct match match;
    unsigned number = 0;
    uint8_t mac[6];
    unsigned found = 0;

    facts.mac = (struct fact_bytes){mac, sizeof(mac)};
    uint64_t start = clock_nanoseconds();
    for (unsigned i = 0; i < LOOKUPS; ++i) {
        number = (number * 1103515245u + 12345u) & 0x7fffffffu;
        mac_of(number % count, mac);
        config_match(config, &asker, &match);
        found += match.machine != NULL;
    }
    uint64_t time = clock_nanoseconds() - start;
    if (found != LOOKUPS) {
        fprintf(stderr, "a machine is not found\n");
        exit(1);
    }
    return (double)time / LOOKUPS;
}

static struct result measure(struct files *files, unsigned count)
{
    const struct rules_port port = {files, read_file, resolve, get_pages, seal_pages, free_pages};
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    struct result result;
    uint32_t error;
    uint64_t start = clock_nanoseconds();
    const struct static_config *config = config_read(&port, "main.ini", &problems, &error);

    result.load_ms = (double)(clock_nanoseconds() - start) / 1e6;
    if (config == NULL) {
        fprintf(stderr, "the configuration is not read: error %" PRIu32 "\n", error);
        exit(1);
    }
    result.bytes = (double)config->arena.total / count;
    result.lookup_ns = time_lookups(config, count);
    config_release(config);
    free(files->ini);
    free(files->list);
    return result;
}

static void compare(const char *name, void (*make)(struct files *files, unsigned count),
                    unsigned count)
{
    struct files files;

    make(&files, SMALL);
    struct result small = measure(&files, SMALL);
    make(&files, count);
    struct result large = measure(&files, count);
    printf("%-22s %9u  read %8.1f ms  %6.0f bytes each  found in %6.1f ns; of %d: %6.1f ns; "
           "ratio %.2f\n",
           name, count, large.load_ms, large.bytes, large.lookup_ns, SMALL, small.lookup_ns,
           large.lookup_ns / small.lookup_ns);
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;

    if (count < SMALL || count > 10000000 || argc > 2) {
        fprintf(stderr, "usage: bench_machines [MACHINES], 10 to 10000000\n");
        return 2;
    }
    compare("[mac:] sections", make_sections, (unsigned)count);
    compare("lines of a list", make_list, (unsigned)count);
    return 0;
}
