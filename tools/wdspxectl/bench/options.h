/* What the command line of "wdspxectl replay" asks for. */
#ifndef WDSPXECTL_BENCH_OPTIONS_H
#define WDSPXECTL_BENCH_OPTIONS_H

#include "capture/messages.h"
#include "cli/command.h"

enum { REPLAY_TYPES_MAX = ARGUMENT_REPEAT_MAX };

/* Which requests to take; an empty list takes all. */
struct replay_filter {
    size_t mac_count;
    const char *const *macs;
    size_t type_count;
    const char *const *types;
    size_t architecture_count;
    uint16_t architectures[ARGUMENT_REPEAT_MAX];
    struct endpoint to; /* length 0: all */
};

struct replay_options {
    const char *provider_path; /* as typed; NULL: the registered providers */
    const char *provider_name; /* NULL: the file name without extension */
    size_t capture_count;
    const char *const *captures;
    struct endpoint local4; /* length 0: not given */
    struct endpoint local6;
    struct replay_filter filter;
    const char *key; /* of which registered provider; NULL: none */
    size_t setting_count;
    const char *const *settings; /* NAME=VALUE */
    uint32_t passes;
    uint32_t threads;
    uint32_t hang_seconds; /* 0: never */
    uint32_t slow_ms;      /* 0: the server's default */
    uint32_t pend_ms;
    bool stop_on_fault;
    bool without_verifier;
    bool without_guard_pages;
    bool take_all;
    bool as_json;
    bool is_brief;
    bool is_quiet;
    bool is_verbose;
    const char *write_path;  /* each NULL if not given */
    const char *golden_path; /* to compare with */
    const char *golden_out_path;
    const char *report_path;
    const char *crash_folder; /* never NULL */
    size_t ignored_count;
    const char *const *ignored;
};

extern const struct option_spec replay_option_specs[];

/* EXIT_CODE_OK, or the code of the usage error that was told. Points into `arguments`. */
enum exit_code replay_options_read(const struct arguments *arguments,
                                   struct replay_options *out_options);

/* --key and --set alone, as given; the same codes. */
enum exit_code replay_settings_read(const char *key, const struct option_value *given,
                                    struct replay_options *options);

/* Does the filter take this request? */
bool replay_filter_takes(const struct replay_filter *filter, const struct message *request);

#endif
