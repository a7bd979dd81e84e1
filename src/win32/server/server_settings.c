#include "win32/server/server_settings.h"

#include <stdio.h>
#include <string.h>

#include "engine/abi.h"
#include "win32/server/delay_queue.h"
#include "win32/registry/settings_watch.h"
#include "win32/registry/settings_winreg.h"
#include "win32/log/trace.h"

static void tell(const struct setting *setting, const char *text, const char *consequence,
                 uint32_t severity)
{
    char line[SETTING_PROBLEM_SIZE + 128];

    snprintf(line, sizeof(line), "setting %s %s; %s", setting->name, text, consequence);
    trace_write_utf8(severity, line);
}

static void start_problem(void *context, const struct setting *setting, const char *text,
                          bool is_vital)
{
    (void)context;
    tell(setting, text, is_vital ? "the server does not start" : "its default is used",
         is_vital ? LOG_ERROR : LOG_WARNING);
}

static void change_problem(void *context, const struct setting *setting, const char *text,
                           bool is_vital)
{
    (void)context;
    tell(setting, text, is_vital ? "the server goes on as before" : "its default is used",
         LOG_WARNING);
}

void server_settings_ignore(struct server_settings *settings)
{
    *settings = (struct server_settings){.values.use_dhcp_ports = true};
    memset(&settings->values.buckets, 0xff, sizeof(settings->values.buckets));
    settings->policy.buckets = settings->values.buckets;
}

DWORD server_settings_load(struct server_settings *settings)
{
    const struct settings_listener listener = {.problem = start_problem};
    struct settings values;
    pxe_status status = settings_load(settings_winreg_port(), &listener, &values);

    if (status != PXE_OK)
        return status;
    *settings = (struct server_settings){
        .values = values,
        .policy = {.banned_guids = values.banned_guids,
                   .delays = values.delays,
                   .buckets = values.buckets,
                   .is_strict = values.strict_requests,
                   .takeover = values.takeover,
                   .max_pended = values.max_pended},
    };
    if (values.delays.count > 0) {
        settings->delays = delay_queue_create();
        if (settings->delays == NULL) {
            server_settings_free(settings);
            return ERROR_NOT_ENOUGH_MEMORY;
        }
    }
    return ERROR_SUCCESS;
}

struct delay_port server_settings_delay_port(struct server_settings *settings)
{
    return (struct delay_port){
        .context = settings->delays,
        .submit = settings->delays != NULL ? delay_queue_submit : NULL,
    };
}

/* ---- following ---- */

static bool rules_are_same(const struct bind_rules *a, const struct bind_rules *b)
{
    return a->policy == b->policy && a->list.count == b->list.count &&
           (a->list.count == 0 ||
            memcmp(a->list.rules, b->list.rules, a->list.count * sizeof(*a->list.rules)) == 0);
}

static void bind_rules_follow(struct server_settings *settings)
{
    const struct settings_listener listener = {.problem = change_problem};
    struct bind_rules rules;

    if (settings_load_bind(settings_winreg_port(), &listener, &rules) != PXE_OK)
        return;
    if (rules_are_same(&rules, &settings->values.bind)) {
        bind_rules_free(&rules);
        return;
    }
    trace_write(LOG_INFO, L"BindPolicy or BindInterfaces changed: listening anew");
    net_rebind(settings->net, &rules);
    bind_rules_free(&settings->values.bind);
    settings->values.bind = rules;
}

/* Something in the server's key has changed: one line for each setting that is followed. */
static void settings_changed(void *context)
{
    bind_rules_follow(context);
}

void server_settings_follow(struct server_settings *settings, struct net *net)
{
    settings->net = net;
    settings->watch = settings_watch_start(settings_changed, settings);
    if (settings->watch == NULL)
        trace_write(LOG_WARNING, L"changes of BindPolicy and BindInterfaces are not noticed before "
                                 L"the next start");
}

void server_settings_unfollow(struct server_settings *settings)
{
    settings_watch_stop(settings->watch);
    settings->watch = NULL;
}

void server_settings_free(struct server_settings *settings)
{
    delay_queue_destroy(settings->delays);
    settings->delays = NULL;
    settings_free(&settings->values);
}
