#include "config.h"
#include "base/error_words.h"

#include <stdio.h>
#include <stdlib.h>

/* More lines than these nobody reads. */
#define TOLD_MAX 100

struct listener {
    config_line_function line_function;
    void *context;
};

static void tell_line(const struct listener *listener, const char *line)
{
    LPWSTR wide = port_wide(line);

    if (wide != NULL)
        listener->line_function(listener->context, wide);
    free(wide);
}

static void tell_mistakes(const struct listener *listener, const char *path,
                          const struct problem_list *problems)
{
    const size_t all = problems->count + problems->warnings;
    size_t told = problems->kept < TOLD_MAX ? problems->kept : TOLD_MAX;
    char line[PROBLEM_TEXT_SIZE];

    for (size_t i = 0; i < told; ++i) {
        problem_format(&problems->items[i], line);
        tell_line(listener, line);
    }
    if (all == told)
        return;
    snprintf(line, sizeof(line), "%s: %u more; wdspxectl static check shows all", path,
             (unsigned)(all - told));
    tell_line(listener, line);
}

static void tell_unreadable(const struct listener *listener, const char *path, DWORD error)
{
    char line[PROBLEM_TEXT_SIZE];

    snprintf(line, sizeof(line),
             "cannot read the configuration %s, error %u%s; create the file, or name another in "
             "the value ConfigFile of the provider's registry key",
             path, (unsigned)error, error_words(error));
    tell_line(listener, line);
}

void config_each_line(LPCWSTR path, DWORD error, const struct problem_list *problems,
                      config_line_function line_function, void *context)
{
    const struct listener listener = {line_function, context};
    char *narrow = port_narrow(path);

    if (narrow != NULL && problems->count > 0)
        tell_mistakes(&listener, narrow, problems);
    else if (narrow != NULL)
        tell_unreadable(&listener, narrow, error);
    free(narrow);
}

static void trace_warning(void *context, LPCWSTR line)
{
    PxeTrace(context, PXE_TRACE_WARNING, L"staticpxe: %s", line);
}

void config_warn(HANDLE hProvider, LPCWSTR path, const struct problem_list *warnings)
{
    const struct listener listener = {trace_warning, hProvider};
    char *narrow = port_narrow(path);

    if (narrow != NULL)
        tell_mistakes(&listener, narrow, warnings);
    free(narrow);
}

static void trace_line(void *context, LPCWSTR line)
{
    PxeTrace(context, PXE_TRACE_ERROR, L"staticpxe: %s", line);
}

void config_tell(HANDLE hProvider, LPCWSTR path, DWORD error, const struct problem_list *problems)
{
    config_each_line(path, error, problems, trace_line, hProvider);
}

DWORD config_read_files(const struct rules_port *port, LPCWSTR path,
                        const struct static_config **out_config, struct problem_list *problems)
{
    char *narrow = port_narrow(path);
    uint32_t error = ERROR_NOT_ENOUGH_MEMORY;

    *out_config = NULL;
    if (narrow != NULL)
        *out_config = config_read(port, narrow, problems, &error);
    free(narrow);
    return error;
}

DWORD config_load(HANDLE hProvider, LPCWSTR path, const struct static_config **out_config)
{
    static const struct port_files none;
    struct port_files *files = malloc(sizeof(*files));
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    const struct static_config *config = NULL;
    DWORD error = ERROR_NOT_ENOUGH_MEMORY;

    if (files == NULL)
        return error;
    *files = none;
    const struct rules_port port = windows_port(files);
    error = config_read_files(&port, path, &config, &problems);
    if (error != ERROR_SUCCESS) {
        config_tell(hProvider, path, error, &problems);
    } else {
        config_warn(hProvider, path, &problems);
        *out_config = config;
    }
    problem_list_free(&problems);
    port_files_free(files);
    free(files);
    return error;
}

void config_free(const struct static_config *config)
{
    config_release(config);
}
