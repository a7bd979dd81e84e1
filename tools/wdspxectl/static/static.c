#include "static/static.h"

#include <stdlib.h>

#include "cli/commands.h"
#include "cli/file.h"
#include "cli/output.h"
#include "staticpxe/port.h"

static const struct command static_commands[] = {
    {
        .name = "check",
        .usage = "FILE [options]",
        .summary = "Tell every mistake of a configuration, with file, line and what to write.",
        .details = "Exit code 1: there are mistakes.\n",
        .options = json_object_options,
        .positional = {1, 1},
        .run = check_run,
    },
    {
        .name = "explain",
        .usage = "FILE [options]",
        .summary = "Tell which section a machine gets, why, and what would be sent.",
        .details =
            "Without --class the machine is a PXE client. Exit code 3: no section is for it.\n",
        .options = explain_options,
        .positional = {1, 1},
        .run = explain_run,
    },
    {
        .name = "list",
        .usage = "FILE [options]",
        .summary = "Show how often machines have booted, where boots are counted.",
        .options = json_object_options,
        .positional = {1, 1},
        .run = list_run,
    },
    {
        .name = "once",
        .usage = "FILE MACHINE",
        .summary = "Let a machine boot once from the network, then no more until `again`.",
        .details = "MACHINE is a MAC address, guid:GUID or duid:DUID. FILE is the configuration of "
                   "staticpxe; a server that runs with it follows at once.\n",
        .positional = {2, 2},
        .run = once_run,
    },
    {
        .name = "again",
        .usage = "FILE MACHINE",
        .summary = "Count the boots of a machine anew: it gets as many as its section says.",
        .positional = {2, 2},
        .run = again_run,
    },
    {
        .name = "forget",
        .usage = "FILE MACHINE",
        .summary = "Remove all that is known about the boots of a machine.",
        .positional = {2, 2},
        .run = forget_run,
    },
    {0},
};

const struct command static_command = {
    .name = "static",
    .usage = "COMMAND ...",
    .summary = "Check and explain the configuration of staticpxe, count boots.",
    .subcommands = static_commands,
};

void reading_free(struct reading *reading)
{
    problem_list_free(&reading->problems);
    config_release(reading->config);
}

void static_read(const char *path, struct reading *out_reading)
{
    static struct port_files files;
    const struct rules_port port = windows_port(&files);
    SCOPED_MEMORY char *full = file_absolute_path(path);

    *out_reading = (struct reading){.problems = PROBLEM_LIST_EMPTY};
    if (full != NULL)
        out_reading->config = config_read(&port, full, &out_reading->problems, &out_reading->error);
    else
        out_reading->error = GetLastError();
    port_files_free(&files);
}

enum exit_code static_tell(const char *path, const struct reading *reading)
{
    const size_t count = reading->problems.count;

    if (count == 0)
        return output_win32_error(reading->error, "cannot read %s", path);
    output_error("%s has %lu mistake%s; wdspxectl static check tells all", path,
                 (unsigned long)count, plural(count));
    return EXIT_CODE_FAILED;
}
