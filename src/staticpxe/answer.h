/*
 * From a request to the reply: decide whether and how to answer, then write the message. answer4.c
 * does it for DHCP, answer6.c for DHCPv6.
 * No state and no side effects; safe on any number of threads.
 */
#ifndef STATICPXE_ANSWER_H
#define STATICPXE_ANSWER_H

#include "client.h"
#include "config.h"
#include "urls.h"
#include "wdspxe.h"

/* Who answers; the same for every request. */
struct answerer {
    const struct static_config *config;
    BYTE duid[RULE_DUID_MAX]; /* what DHCPv6 calls this server */
    ULONG duid_length;        /* 0 = this server has no DHCPv6 */
};

enum answer_kind {
    ANSWER_NOT_MINE,   /* another provider may answer */
    ANSWER_NOBODY,     /* the configuration says ignore=yes */
    ANSWER_IMPOSSIBLE, /* it is ours to answer, but the configuration lacks something */
    ANSWER_SEND,       /* build the reply */
};

struct answer {
    enum answer_kind kind;
    LPCWSTR reason;                  /* a sentence fragment for the trace; a constant */
    WCHAR client[CLIENT_NAME_CHARS]; /* the client's name for the trace: its MAC address or DUID */

    /* For ANSWER_SEND only. */
    const struct boot_rule *rule;
    enum facts_boot boot_class;
    BYTE type; /* message type of the reply */
    LPCWSTR type_name;
    BOOL with_file;      /* TRUE: the final reply; FALSE: "there is a boot server" */
    CHAR boot[URL_SIZE]; /* what the client shall load: a file of `next_server` (PXE
                            over IPv4), or a URL */
    CHAR url[URL_SIZE];  /* DHCPv6: the URL that this reply has; "" = none */
    BYTE server[4];      /* DHCP: our own address, network order */
    BYTE next_server[4]; /* DHCP: where the file is, or who names it */
    ULONG size_limit;    /* most bytes of the reply */
};

#endif
