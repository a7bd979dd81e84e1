/*
 * The values of the registry that configure the server: one table of names, types, defaults and
 * ranges, and what a value must be like to be taken. Values are somebody else's work: whatever is
 * there may be of the wrong type, cut off or out of range, and is told so in words.
 *
 * Where they are kept is behind settings_port: the registry, or memory in tests.
 */
#ifndef REGISTRY_SETTINGS_H
#define REGISTRY_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "registry/rules.h"

enum setting_key {
    SETTING_IN_SERVER,  /* ...\WDSServer\Providers\WDSPXE */
    SETTING_IN_HOST,    /* ...\WDSServer\Parameters */
    SETTING_IN_TRACING, /* ...\Tracing\WDSServer */
};

/* Numerically the types of the registry. */
enum setting_type {
    SETTING_TEXT = 1,   /* REG_SZ */
    SETTING_PATH = 2,   /* REG_EXPAND_SZ; REG_SZ is taken too */
    SETTING_NUMBER = 4, /* REG_DWORD */
    SETTING_LIST = 7,   /* REG_MULTI_SZ */
};

enum setting_effect {
    SETTING_LIVE, /* shown to people: a running server follows a change (test_live_settings.c) */
    SETTING_AT_START, /* read when the server starts */
    SETTING_UNUSED,   /* the original's; known here, but nothing depends on it */
};

enum setting_id {
    SETTING_USE_DHCP_PORTS,
    SETTING_BIND_POLICY,
    SETTING_BIND_INTERFACES,
    SETTING_BANNED_GUIDS,
    SETTING_RESPONSE_DELAYS,
    SETTING_MULTICAST_GROUPS,
    SETTING_BALANCE_BUCKETS,
    SETTING_BALANCE_TAKEOVER,
    SETTING_STRICT_REQUESTS,
    SETTING_MAX_PENDING,
    SETTING_AUTH_RECHECK_TIME,
    SETTING_AUTH_FAILURE_RETRY_TIME,
    SETTING_DISABLE_ROGUE_DETECTION,
    SETTING_SHARED_PORTS,
    SETTING_TRACE_DISABLED,
    SETTING_TRACING_DISABLED,
    SETTING_FILE_TRACING,
    SETTING_CONSOLE_TRACING,
    SETTING_FILE_MASK,
    SETTING_CONSOLE_MASK,
    SETTING_FILE_SIZE,
    SETTING_FILE_DIRECTORY,
    SETTING_COUNT,
};

struct setting {
    const char *name;
    enum setting_key key;
    enum setting_type type;
    enum setting_effect effect;
    bool is_ours;                      /* the original does not know it */
    bool is_hexadecimal;               /* how people write this number */
    uint32_t minimum, maximum, number; /* SETTING_NUMBER: range and default */
    const char *text;                  /* default of the other types; a list's is empty */
    bool (*entry)(const char *text, struct rule *out_rule); /* SETTING_LIST: reads one */
    const char *form;                                       /* what a value looks like, in words */
    const char *meaning;
};

/* A value as it was read: `size` bytes in `units`, released with mem_free. */
struct setting_value {
    uint32_t type;
    size_t size;
    uint16_t *units;
};

enum { SETTING_PROBLEM_SIZE = 320 };

/* The table; `id` below SETTING_COUNT. */
const struct setting *setting_at(enum setting_id id);
/* By its name, without case; NULL: there is no such setting. */
const struct setting *setting_find(const uint16_t *name);

/* Whether the setting can have this value. False: out_problem (SETTING_PROBLEM_SIZE bytes) says why
 * not and what it may be. Without memory for the test: false, too. */
bool setting_check(const struct setting *setting, const struct setting_value *value,
                   char *out_problem);

/* True: a wrong value keeps the server from starting. A list or a share of the clients is vital,
 * because the default would let in what it keeps away; a wrong number or path is replaced by its
 * default. */
bool setting_is_vital(const struct setting *setting);

struct settings_port {
    void *context;
    /* PXE_FILE_NOT_FOUND: there is no such value, or no key. out_value->units becomes the
     * caller's. */
    pxe_status (*read)(void *context, const struct setting *setting,
                       struct setting_value *out_value);
};

struct settings_listener {
    void *context;
    /* `text` goes on after the setting's name: "is 7; allowed: 0 or 1". */
    void (*problem)(void *context, const struct setting *setting, const char *text, bool is_vital);
};

/* Everything that is read at the start. Released with settings_free. */
struct settings {
    bool use_dhcp_ports;
    bool shared_ports;
    struct bind_rules bind;
    struct rule_list banned_guids;
    struct rule_list delays;
    struct rule_list groups; /* joined by the boot server port, besides PXE's own */
    struct bucket_set buckets;
    uint32_t takeover; /* seconds */
    bool strict_requests;
    uint32_t max_pended;
};

/*
 * Reads them all; every problem is told. PXE_INVALID_DATA: a vital one is wrong.
 * PXE_NOT_ENOUGH_MEMORY, codes of the port. On failure *out_settings is untouched.
 */
pxe_status settings_load(const struct settings_port *port, const struct settings_listener *listener,
                         struct settings *out_settings);
void settings_free(struct settings *settings);

/* BindPolicy and BindInterfaces alone, for a server that runs. Released with bind_rules_free. */
pxe_status settings_load_bind(const struct settings_port *port,
                              const struct settings_listener *listener,
                              struct bind_rules *out_rules);
void bind_rules_free(struct bind_rules *rules);

/* One number; its default if it is missing, wrong or cannot be read. `listener` may be NULL. */
uint32_t settings_number(const struct settings_port *port, const struct settings_listener *listener,
                         enum setting_id id);

#endif
