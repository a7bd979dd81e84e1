/*
 * The server rig without a network: one provider by its path, datagrams by hand, replies and
 * findings kept.
 */
#ifndef TESTS_SUPPORT_BENCH_RIG_H
#define TESTS_SUPPORT_BENCH_RIG_H

#include "support/server_rig.h"

enum {
    BENCH_REPLIES = 4096,
    BENCH_FINDINGS = 256,
    BENCH_WAIT = 60000,    /* milliseconds until something that must happen has not */
    BENCH_NEVER = 3600000, /* the verifier's limits of time, unless a test changes them */
    BENCH_NUMBER = 4711    /* of every datagram */
};

struct bench_reply {
    WDSPXE_EXT_REPLY reply; /* its pointers are dead */
    WCHAR provider[64];
    BYTE bytes[512];
};

struct bench_finding {
    WDSPXE_EXT_FINDING finding; /* its pointers are dead, but for whether they are NULL */
    WCHAR rule[64];
    WCHAR provider[64];
    WCHAR call[64];
    WCHAR text[768];
    WCHAR module[64];
    DWORD record_code; /* from pExceptionPointers */
    BYTE first_byte;   /* of the datagram */
};

/* What the host has heard. */
struct bench {
    volatile LONG replies;
    struct bench_reply kept[BENCH_REPLIES];
    DWORD reply_result; /* what its reply callback returns */
    volatile LONG findings;
    struct bench_finding found[BENCH_FINDINGS];
};

extern struct bench bench;

int bench_setup(void **state);

#define BENCH_TEST(test) cmocka_unit_test_setup_teardown(test, bench_setup, rig_teardown)

/* Makes providers/<dll>.dll the one provider; `key` is that of the config. */
void bench_provider(const WCHAR *name, const WCHAR *dll, HKEY key);

/* From 10.0.0.9:68 to 10.0.0.1:67. */
WDSPXE_EXT_DATAGRAM bench_datagram(const void *packet, ULONG length);
DWORD bench_discover(uint32_t id);

/* The only finding there is; fails the test if there is another number of them, or it is another
 * rule. */
const struct bench_finding *bench_only_finding(ULONG rule);
/* The first one of a rule; fails the test if there is none. */
const struct bench_finding *bench_finding(ULONG rule);
size_t bench_finding_count(ULONG rule);

#endif
