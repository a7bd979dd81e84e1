#include "status/status.h"

#include <string.h>

#include "cli/commands.h"
#include "server/describe.h"

enum { WATCH_MS = 1000 };

static const struct option_spec status_options[] = {
    FLAG_OPTION("watch", "in place every second, with rates, until the server ends"),
    FLAG_OPTION("json", "write JSON, on one line"),
    FLAG_OPTION("prometheus", "as text that Prometheus reads"),
    NUMBER_OPTION("process", 1, UINT32_MAX, "ID", "of this process; needed if several servers run"),
    {0},
};

/* ---- what both forms say in the same words ---- */

const char *status_drop_name(unsigned kind)
{
    static const char *const names[WDSPXE_EXT_DROP_KINDS] = {
        [WDSPXE_EXT_DROP_IGNORED] = "ignored",   [WDSPXE_EXT_DROP_PASSED_ON] = "passed_on",
        [WDSPXE_EXT_DROP_FILTERED] = "filtered", [WDSPXE_EXT_DROP_MALFORMED] = "malformed",
        [WDSPXE_EXT_DROP_SHARED] = "shared",     [WDSPXE_EXT_DROP_PAUSED] = "paused",
        [WDSPXE_EXT_DROP_STOPPING] = "stopping", [WDSPXE_EXT_DROP_NO_MEMORY] = "no_memory",
        [WDSPXE_EXT_DROP_FAULTED] = "faulted",   [WDSPXE_EXT_DROP_ADDRESS] = "address",
        [WDSPXE_EXT_DROP_OWN] = "own",           [WDSPXE_EXT_DROP_RULES6] = "rfc8415",
        [WDSPXE_EXT_DROP_UNSENT] = "unsent",
    };
    return names[kind];
}

void status_put_interface(struct text *text, const WDSPXE_EXT_INTERFACE_STATUS *nic)
{
    if (nic->Address.uAddrLen == 0) {
        text_put(text, "(others)");
        return;
    }
    describe_address(text, &nic->Address);
    if (nic->uScope != 0)
        text_format(text, "%%%lu", nic->uScope);
}

/* ---- finding the server ---- */

/*
 * Reads the one server of this process, or the only one if `process` is 0. Appends to out_others
 * the processes of all if there are several. ERROR_FILE_NOT_FOUND: none.
 */
static DWORD server_find(DWORD process, struct server_status *out_server, struct text *out_others)
{
    static struct server_status server; /* large */
    DWORD result = ERROR_FILE_NOT_FOUND;
    unsigned found = 0;

    for (unsigned place = 0; place < STATUS_PLACES; place++) {
        DWORD error = status_page_read(place, &server);
        if (error == ERROR_FILE_NOT_FOUND ||
            (process != 0 && (error != ERROR_SUCCESS || server.process != process)))
            continue;
        if (error == ERROR_SUCCESS) {
            text_format(out_others, "%s%lu", out_others->length > 0 ? ", " : "", server.process);
            *out_server = server;
        }
        result = found++ == 0 ? error : ERROR_MORE_DATA;
    }
    return result;
}

static enum exit_code report(DWORD error, const struct text *others)
{
    if (error == ERROR_FILE_NOT_FOUND) {
        output_error("no such server runs on this machine");
        return EXIT_CODE_NOT_FOUND;
    }
    if (error == ERROR_MORE_DATA) {
        output_error("several servers run, processes %s; --process says which is meant",
                     text_chars(others));
        return EXIT_CODE_FAILED;
    }
    return output_win32_error(error, "the server's numbers cannot be read");
}

/* ---- the command ---- */

/* Over what stood there, if this is a console. `before` is the last look; its process is 0 at the
 * first. */
static void show_watch(const struct server_status *server, struct server_status *before)
{
    SCOPED_TEXT page = TEXT_EMPTY;

    status_put_watch(&page, server, before->process != 0 ? before : NULL);
    output_to_top();
    output_block(STREAM_OUT, &page);
    *before = *server;
}

/* In the form that was asked for. */
static void show_one(const struct server_status *server, const struct arguments *arguments)
{
    static struct server_status before; /* large */
    SCOPED_TEXT page = TEXT_EMPTY;
    struct writer writer;

    if (option_given(arguments, "watch") && !option_given(arguments, "prometheus") &&
        !option_given(arguments, "json")) {
        show_watch(server, &before);
        return;
    }
    if (option_given(arguments, "prometheus")) {
        status_put_prometheus(&page, server);
        output_block(STREAM_OUT, &page);
        return;
    }
    writer_start(&writer, option_given(arguments, "json"));
    status_write(&writer, server);
    output_record(STREAM_OUT, &writer);
}

static enum exit_code show(DWORD *process, const struct arguments *arguments)
{
    static struct server_status server; /* large */
    SCOPED_TEXT others = TEXT_EMPTY;
    enum exit_code code = EXIT_CODE_OK;

    DWORD error = server_find(*process, &server, &others);
    if (error != ERROR_SUCCESS) {
        code = report(error, &others);
    } else {
        *process = server.process;
        show_one(&server, arguments);
    }
    return code;
}

static enum exit_code status_run(const struct arguments *arguments)
{
    DWORD process = option_number(arguments, "process", 0);

    if (option_given(arguments, "json") && option_given(arguments, "prometheus"))
        return usage_error("--json and --prometheus are two forms; give one of them");
    enum exit_code code = show(&process, arguments);
    if (!option_given(arguments, "watch"))
        return code;
    while (code == EXIT_CODE_OK && output_is_intact()) {
        Sleep(WATCH_MS);
        code = show(&process, arguments);
    }
    return code;
}

const struct command status_command = {
    .name = "status",
    .usage = "[options]",
    .summary = "Show what the running server has done: by provider, interface and reason.",
    .details = "The numbers count from the server's start and are at most a second old. Exit code\n"
               "3: no server runs, or it has ended while it was watched.\n",
    .options = status_options,
    .run = status_run,
};
