#include "cli/commands.h"

#include <string.h>
#include <windows.h>

#include "service/event_source.h"
#include "service/manager.h"
#include "service/run.h"
#include "text/wide.h"

/* ---- what goes wrong ---- */

static enum exit_code report(DWORD error, const char *what)
{
    if (error == ERROR_SERVICE_DOES_NOT_EXIST) {
        output_error("the service is not installed; \"wdspxectl service install\" does it");
        return EXIT_CODE_NOT_FOUND;
    }
    if (error == ERROR_SERVICE_EXISTS) {
        output_error("the service is installed already; \"wdspxectl service uninstall\" first");
        return EXIT_CODE_ALREADY_EXISTS;
    }
    if (error == ERROR_SERVICE_NOT_ACTIVE) {
        output_error("the service does not run; \"wdspxectl service start\" starts it");
        return EXIT_CODE_FAILED;
    }
    return output_win32_error(error, "cannot %s the service", what);
}

/* ---- install ---- */

static const struct option_spec install_options[] = {
    RUN_OPTION_SPECS,
    TEXT_OPTION("account", "NAME", "local-service (default), network-service or local-system"),
    FLAG_OPTION("on-demand", "do not start it with the machine"),
    {0},
};

/* The account of each word; NULL: the system's own. */
static const char *const accounts[] = {"NT AUTHORITY\\LocalService", "NT AUTHORITY\\NetworkService",
                                       NULL};
static const struct choice account_words[] = {
    {"local-service", 0}, {"network-service", 1}, {"local-system", 2}, {0}};

/* A backslash before the closing quotation mark would make a part of the text of it. */
static void put_quoted(struct text *line, const char *text)
{
    size_t length = strlen(text);

    text_format(line, "\"%s", text);
    for (; length > 0 && text[length - 1] == '\\'; length--)
        text_put_char(line, '\\');
    text_put_char(line, '"');
}

static void put_option(struct text *line, const struct option_spec *spec,
                       const struct option_value *value)
{
    for (size_t i = 0; i < value->times; i++) {
        text_format(line, " --%s", spec->name);
        if (spec->kind == OPTION_FLAG)
            continue;
        text_put_char(line, ' ');
        put_quoted(line, value->texts[i]);
    }
}

/* The service manager replaces what stands between two percent signs as the environment says. */
static bool has_variable(const char *text)
{
    const char *percent = strchr(text, '%');

    return percent != NULL && strchr(percent + 1, '%') != NULL;
}

/* What a command line of a service cannot carry, also a quotation mark in a quoted text. NULL: it
 * can. */
static const char *unfit(const char *text)
{
    if (has_variable(text))
        return "has two percent signs, between which the service manager puts a variable of the "
               "environment";
    return strchr(text, '"') != NULL ? "has a quotation mark" : NULL;
}

static enum exit_code check_options(const struct arguments *arguments)
{
    for (const struct option_spec *spec = service_run_options; spec->name != NULL; spec++) {
        const struct option_value *value = option_values(arguments, spec->name);

        for (size_t j = 0; spec->kind != OPTION_FLAG && j < value->times; j++) {
            const char *problem = value->texts[j] == NULL ? NULL : unfit(value->texts[j]);
            if (problem != NULL)
                return usage_error("--%s \"%s\" %s; a service cannot have that", spec->name,
                                   value->texts[j], problem);
        }
    }
    return EXIT_CODE_OK;
}

/* The command line begins with it. */
static enum exit_code check_program(const char *command_line)
{
    if (!has_variable(command_line))
        return EXIT_CODE_OK;
    output_error("the service would be %s, and the service manager puts a variable of the "
                 "environment between two percent signs; move the program to a folder without",
                 command_line);
    return EXIT_CODE_FAILED;
}

static DWORD put_command_line(struct text *line, const struct arguments *arguments)
{
    wchar_t path[MAX_PATH * 4];
    DWORD room = sizeof(path) / sizeof(path[0]);
    DWORD length = GetModuleFileNameW(NULL, path, room);

    if (length == 0 || length == room)
        return length == 0 ? GetLastError() : ERROR_INSUFFICIENT_BUFFER;
    text_put_char(line, '"');
    text_put_wide(line, path);
    text_put(line, "\" service run");
    for (const struct option_spec *spec = service_run_options; spec->name != NULL; spec++)
        put_option(line, spec, option_values(arguments, spec->name));
    return line->failed ? ERROR_NOT_ENOUGH_MEMORY : ERROR_SUCCESS;
}

/* Both would answer the same clients, or fight for the ports. */
static enum exit_code check_wds(const struct arguments *arguments)
{
    SCOPED_SERVICE_FACTS wds = {0};

    if (option_given(arguments, "beside-wds") ||
        service_query(WDS_SERVICE_NAME, &wds) != ERROR_SUCCESS)
        return EXIT_CODE_OK;
    if (wds.status.dwCurrentState == SERVICE_STOPPED && wds.start_type != SERVICE_AUTO_START)
        return EXIT_CODE_OK;
    output_error("Microsoft's service " WDS_SERVICE_NAME " runs or starts with the machine; stop "
                 "and disable it, or install with --beside-wds (docs/service.md tells what that "
                 "takes)");
    return EXIT_CODE_FAILED;
}

/* The account that will run the server may not write there: the server's identity is made now. */
static void make_duid(void)
{
    BYTE duid[130];
    ULONG used;
    DWORD error = PxeGetServerInfoEx(PXE_GSI_SERVER_DUID, duid, sizeof(duid), &used);

    output_win32_warning(error, "the server has no DHCPv6 identity");
}

static enum exit_code create(const struct service_plan *plan)
{
    SCOPED_TEXT missing = TEXT_EMPTY;
    DWORD error = service_create(plan, &missing);

    if (error == ERROR_SUCCESS && missing.length > 0)
        output_warning("this system does not know: %s", text_chars(&missing));
    if (error != ERROR_SUCCESS)
        return report(error, "install");
    make_duid();
    output_win32_warning(event_source_add(),
                         "the event viewer will not have the words of the events");
    output_format(STREAM_OUT, "installed: %s", plan->command_line);
    return EXIT_CODE_OK;
}

/* A service runs in a folder of the system's. NULL: not given. */
static bool is_full_path(const char *path)
{
    return path == NULL || strncmp(path, "\\\\", 2) == 0 ||
           (path[0] != '\0' && path[1] == ':' && (path[2] == '\\' || path[2] == '/'));
}

static enum exit_code install_run(const struct arguments *arguments)
{
    const char *account_word = option_text(arguments, "account");
    const struct choice *account = choice_find(account_words, account_word);
    const char *dump_folder = option_text(arguments, "dump-dir");
    struct service_plan plan = {.on_demand = option_given(arguments, "on-demand")};
    SCOPED_TEXT line = TEXT_EMPTY;
    enum exit_code code = host_check(arguments);

    if (code == EXIT_CODE_OK && account == NULL)
        code = usage_error("--account is local-service, network-service or local-system, "
                           "not \"%s\"",
                           account_word);
    if (code == EXIT_CODE_OK)
        code = check_options(arguments);
    if (code == EXIT_CODE_OK && !is_full_path(dump_folder))
        code = usage_error("--dump-dir needs a full path for a service, not \"%s\"", dump_folder);
    if (code == EXIT_CODE_OK)
        code = check_wds(arguments);
    if (code != EXIT_CODE_OK)
        return code;
    DWORD error = put_command_line(&line, arguments);
    plan.account = accounts[account->value];
    plan.command_line = text_chars(&line);
    code = error == ERROR_SUCCESS ? check_program(plan.command_line) : report(error, "install");
    if (code == EXIT_CODE_OK)
        code = create(&plan);
    return code;
}

/* ---- start, stop, uninstall ---- */

static enum exit_code explain_start(const SERVICE_STATUS_PROCESS *status)
{
    DWORD error = status->dwWin32ExitCode;

    if (error == ERROR_SERVICE_ALREADY_RUNNING) {
        output_error("the service did not start: Microsoft's "
                     "service " WDS_SERVICE_NAME " runs; stop it, or install with --beside-wds");
        return EXIT_CODE_FAILED;
    }
    WDSPXE_EXT_SERVER_CONFIG standard = {.uSizeOfStruct = sizeof(standard)};
    host_explain(error, &standard);
    (void)output_win32_error(error, "the service did not start");
    return EXIT_CODE_FAILED;
}

static enum exit_code start_run(const struct arguments *arguments)
{
    SERVICE_STATUS_PROCESS status;
    DWORD error = service_begin();

    (void)arguments;
    if (error == ERROR_SERVICE_ALREADY_RUNNING) {
        output_format(STREAM_OUT, "running already");
        return EXIT_CODE_OK;
    }
    if (error == ERROR_SUCCESS)
        error = service_wait_while(SERVICE_START_PENDING, &status);
    if (error != ERROR_SUCCESS)
        return report(error, "start");
    if (status.dwCurrentState != SERVICE_RUNNING)
        return explain_start(&status);
    output_format(STREAM_OUT, "running, process %lu", status.dwProcessId);
    return EXIT_CODE_OK;
}

/* Until it has stopped; a service that does not run has. */
static DWORD stop(SERVICE_STATUS_PROCESS *out_status)
{
    DWORD error = service_send(SERVICE_CONTROL_STOP);

    memset(out_status, 0, sizeof(*out_status));
    if (error == ERROR_SERVICE_NOT_ACTIVE)
        return ERROR_SUCCESS;
    /* A stop that is under way, and one that comes too early, are waited for like our own. */
    if (error != ERROR_SUCCESS && error != ERROR_SERVICE_CANNOT_ACCEPT_CTRL)
        return error;
    return service_wait_while(SERVICE_STOP_PENDING, out_status);
}

static enum exit_code stop_run(const struct arguments *arguments)
{
    SERVICE_STATUS_PROCESS status;
    DWORD error = stop(&status);

    (void)arguments;
    if (error != ERROR_SUCCESS)
        return report(error, "stop");
    if (status.dwWin32ExitCode != ERROR_SUCCESS)
        return output_win32_error(status.dwWin32ExitCode, "the service did not stop cleanly");
    output_format(STREAM_OUT, "stopped");
    return EXIT_CODE_OK;
}

static enum exit_code uninstall_run(const struct arguments *arguments)
{
    SERVICE_STATUS_PROCESS status;
    DWORD error = stop(&status);

    (void)arguments;
    if (error == ERROR_SUCCESS)
        error = service_delete();
    if (error != ERROR_SUCCESS)
        return report(error, "uninstall");
    output_win32_warning(event_source_remove(), "the event source WDSPXE stays");
    output_format(STREAM_OUT, "uninstalled; providers and settings stay");
    return EXIT_CODE_OK;
}

/* ---- status ---- */

static const char *start_name(DWORD start_type)
{
    return start_type == SERVICE_AUTO_START     ? "with the machine"
           : start_type == SERVICE_DEMAND_START ? "on demand"
                                                : "disabled";
}

static void write_status(struct writer *writer, const struct service_facts *facts)
{
    const SERVICE_STATUS_PROCESS *status = &facts->status;
    SCOPED_TEXT ended = TEXT_EMPTY;

    if (status->dwWin32ExitCode != ERROR_SUCCESS &&
        status->dwWin32ExitCode != ERROR_SERVICE_NEVER_STARTED)
        text_put_win32_error(&ended, status->dwWin32ExitCode);
    write_begin(writer, NULL);
    write_string(writer, "state", service_state_name(status->dwCurrentState), "state:    %\n");
    write_number(writer, "process", status->dwProcessId,
                 status->dwProcessId != 0 ? "process:  %\n" : NULL);
    write_number(writer, "exit_code", status->dwWin32ExitCode, NULL);
    if (ended.length > 0 && !writer->as_json)
        write_string(writer, NULL, text_chars(&ended), "ended by: %\n");
    write_string(writer, "starts", start_name(facts->start_type), "starts:   %\n");
    write_string(writer, "account", text_chars(&facts->account), "account:  %\n");
    write_string(writer, "command_line", text_chars(&facts->command_line), "command:  %");
    write_end(writer);
}

static enum exit_code status_run(const struct arguments *arguments)
{
    SCOPED_SERVICE_FACTS facts = {0};
    struct writer writer;
    DWORD error = service_query(SERVICE_NAME, &facts);

    if (error != ERROR_SUCCESS)
        return report(error, "look at");
    writer_start(&writer, option_given(arguments, "json"));
    write_status(&writer, &facts);
    output_record(STREAM_OUT, &writer);
    return EXIT_CODE_OK;
}

/* ---- control ---- */

static bool control_of(const char *word, uint32_t *out_control)
{
    static const struct choice controls[] = {{"pause", SERVICE_CONTROL_PAUSE},
                                             {"continue", SERVICE_CONTROL_CONTINUE},
                                             {"interrogate", SERVICE_CONTROL_INTERROGATE},
                                             {"paramchange", SERVICE_CONTROL_PARAMCHANGE},
                                             {0}};
    const struct choice *control = choice_find(controls, word);

    if (control != NULL)
        *out_control = control->value;
    return control != NULL || number_parse(word, 128, 255, out_control);
}

static enum exit_code control_run(const struct arguments *arguments)
{
    const char *word = arguments->positional[0];
    uint32_t control;

    if (!control_of(word, &control))
        return usage_error("a control is 128 to 255, pause, continue, interrogate or "
                           "paramchange, not \"%s\"",
                           word);
    DWORD error = service_send(control);
    if (error != ERROR_SUCCESS)
        return report(error, "control");
    output_format(STREAM_OUT, "sent control %u", control);
    return EXIT_CODE_OK;
}

/* ---- the commands ---- */

static const struct command service_commands[] = {
    {
        .name = "install",
        .usage = "[options]",
        .summary = "Make the server a service, which starts with the machine.",
        .details = "The options are kept and win over the settings. The service runs from where\n"
                   "this program lies. It is not started.\n",
        .options = install_options,
        .run = install_run,
    },
    {
        .name = "uninstall",
        .usage = "",
        .summary = "Stop and remove the service; providers and settings stay.",
        .run = uninstall_run,
    },
    {
        .name = "start",
        .usage = "",
        .summary = "Start the service and wait until it serves.",
        .run = start_run,
    },
    {
        .name = "stop",
        .usage = "",
        .summary = "Stop the service and wait until it has stopped.",
        .run = stop_run,
    },
    {
        .name = "status",
        .usage = "[--json]",
        .summary = "Show the service: its state, process, account and command line.",
        .options = json_options,
        .run = status_run,
    },
    {
        .name = "control",
        .usage = "CODE",
        .summary = "Send the service a control, which the providers get.",
        .details = "CODE is 128 to 255, pause, continue, interrogate or paramchange. A paused\n"
                   "server drops every request.\n",
        .positional = {1, 1},
        .run = control_run,
    },
    {
        .name = "run",
        .usage = "[options]",
        .summary = "What the service control manager starts.",
        .options = service_run_options,
        .is_hidden = true,
        .run = service_run_run,
    },
    {0},
};

const struct command service_command = {
    .name = "service",
    .usage = "COMMAND ...",
    .summary = "Run the server as a Windows service.",
    .subcommands = service_commands,
};
