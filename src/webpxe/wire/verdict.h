/*
 * What a web service says about one machine: JSON in, checked as a configuration file's values are.
 * docs/webpxe/answer.schema.json describes it. Portable, no state; any thread.
 */
#ifndef WEBPXE_WIRE_VERDICT_H
#define WEBPXE_WIRE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/plan.h"

#define VERDICT_PROBLEM_SIZE 200
#define VERDICT_SECONDS_MAX 86400

enum verdict_kind {
    VERDICT_PASS,   /* the next provider is asked */
    VERDICT_ANSWER, /* with `plan` */
    VERDICT_IGNORE, /* nobody answers */
    VERDICT_LATER,  /* nobody answers now; the machine asks again by itself */
};

/* Refers to itself: it is not copied. */
struct verdict {
    enum verdict_kind kind;
    uint32_t keep_seconds; /* how long it holds for the same question; 0: for this one */
    char note[120];        /* for the trace, printable ASCII; "" = none */
    struct answer_plan plan;

    /* What the plan refers to. */
    char file[URL_MAX + 1];
    char ipxe_file[URL_MAX + 1];
    char url[URL_MAX + 1];
    char http_url[URL_MAX + 1];
    char server_name[ANSWER_SERVER_NAME_MAX + 1];
    uint8_t params[VALUE_PARAMS_MAX];
    struct option_draft options;
    struct option_draft options6;
    struct menu menu;
    struct menu_item items[MENU_ITEMS_MAX];
    char prompt[MENU_BYTES_MAX + 1];
    char titles[MENU_ITEMS_MAX][MENU_BYTES_MAX + 1];
};

/*
 * Reads an answer.
 *   is_ipxe  who asks is iPXE: `ipxe_options` count
 *   problem  what is wrong: where, what, what to write instead; printable ASCII
 * False: there is a problem, and `out` is not to be used.
 */
bool verdict_read(const char *bytes, size_t length, bool is_ipxe, struct verdict *out,
                  char problem[VERDICT_PROBLEM_SIZE]);

#endif
