/*
 * From a request to the reply: decide whether and how to answer, then write the message. answer4.c
 * does it for DHCP, answer6.c for DHCPv6.
 * No state and no side effects; safe on any number of threads.
 */
#ifndef STATICPXE_ANSWER_H
#define STATICPXE_ANSWER_H

#include "client.h"
#include "rules/journal.h"
#include "rules/match.h"
#include "wdspxe.h"

/* Who answers one request. */
struct answerer {
    const struct static_config *config;
    const BYTE *duid;  /* what DHCPv6 calls this server */
    ULONG duid_length; /* 0 = this server has no DHCPv6 */
    BOOL is_spent;     /* the machine has had its `boots`: it gets `then`, or nothing */
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
    struct boot_plan plan; /* what the sections for this client say */
    enum facts_boot boot_class;
    BOOL has_key; /* the machine has a name that its boots are counted by */
    CHAR key[JOURNAL_KEY_SIZE];
    enum boot_step step;
    ULONG xid;
    BOOL is_ipxe;
    const struct menu *menu; /* that this reply offers, or NULL */
    BYTE type;               /* message type of the reply */
    LPCWSTR type_name;
    BOOL with_file;      /* TRUE: the final reply; FALSE: "there is a boot server" */
    CHAR boot[URL_SIZE]; /* what the client shall load: a file of `next_server` (PXE
                            over IPv4), or a URL */
    CHAR url[URL_SIZE];  /* DHCPv6: the URL that this reply has; "" = none */
    BYTE server[4];      /* DHCP: our own address, network order */
    BYTE next_server[4]; /* DHCP: where the file is, or who names it */
    ULONG size_limit;    /* most bytes of the reply */
};

/*
 * What is the same over both: puts together what the sections of the client say.
 *   match   from config_match; changed by what goes before all sections
 *   chosen  the item of a menu, or NULL
 * FALSE: it is not answered; kind and reason say why.
 */
BOOL answer_plan(struct answer *answer, const struct answerer *us, const struct asker *asker,
                 struct match *match, const struct layer *chosen);

#endif
