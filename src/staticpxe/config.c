#include "config.h"

#include <stdlib.h>

/* More lines than these nobody reads. */
#define TOLD_MAX 100

static void tell_problem(HANDLE hProvider, const struct problem *problem)
{
    char text[PROBLEM_TEXT_SIZE];
    LPWSTR wide;

    problem_format(problem, text);
    wide = port_wide(text);
    if (wide != NULL)
        PxeTrace(hProvider, PXE_TRACE_ERROR, L"staticpxe: %s", wide);
    free(wide);
}

void config_tell(HANDLE hProvider, LPCWSTR path, DWORD error, const struct problem_list *problems)
{
    size_t told = problems->kept < TOLD_MAX ? problems->kept : TOLD_MAX;

    for (size_t i = 0; i < told; ++i)
        tell_problem(hProvider, &problems->items[i]);
    if (problems->count > told)
        PxeTrace(hProvider, PXE_TRACE_ERROR,
                 L"staticpxe: %s: %u more mistakes; wdspxectl static check shows all", path,
                 (unsigned)(problems->count - told));
    if (problems->count == 0)
        PxeTrace(hProvider, PXE_TRACE_ERROR,
                 L"staticpxe: cannot read the configuration %s, error %u; create the file, or name "
                 L"another in the value ConfigFile of the provider's registry key",
                 path, (unsigned)error);
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
    if (error != ERROR_SUCCESS)
        config_tell(hProvider, path, error, &problems);
    else
        *out_config = config;
    problem_list_free(&problems);
    port_files_free(files);
    free(files);
    return error;
}

void config_free(const struct static_config *config)
{
    config_release(config);
}
