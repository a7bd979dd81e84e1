#include "cli/commands.h"

#include <string.h>
#include <windows.h>

#include "wdspxe_ext.h"

#include "server/deadline.h"
#include "server/describe.h"
#include "server/fault_dump.h"
#include "server/host.h"
#include "server/line_queue.h"
#include "server/live_capture.h"
#include "server/losses.h"
#include "server/termination.h"
#include "cli/file.h"
#include "config/setting.h"
#include "text/wide.h"

enum {
    STOP_FILE_POLL_MS = 200,
    QUEUE_DRAIN_MS = 3000,
};

enum { TERMINATED = 100 }; /* beside the CTRL_*_EVENTs */

static const struct option_spec serve_options[] = {
    HOST_OPTION_SPECS,
    TEXT_OPTION("stop-file", "PATH", "stop when this file appears, and delete it"),
    NUMBER_OPTION("for", 1, UINT32_MAX, "SECONDS", "stop after this time"),
    FLAG_OPTION("json", "one JSON object per line on standard output"),
    FLAG_OPTION("quiet", "no line per request"),
    FLAG_OPTION("verbose", "also the server's information messages"),
    TEXT_OPTION("capture", "FILE",
                "write what is received and sent as pcapng, with who decided what"),
    {0},
};

/* Read-only while the server runs; the callbacks get a pointer to it. */
struct session {
    bool as_json;
    bool is_quiet;
    struct line_queue *queue;
};

/* A console handler has no context argument, hence file scope. */
static struct line_queue queue;
static HANDLE stop_event;
static HANDLE finished_event;
static const char *stop_path;            /* NULL: none */
static volatile LONG console_event = -1; /* the first CTRL_*_EVENT or TERMINATED, -1: none */
static volatile LONG has_halted;         /* by a provider's fault */

/* ---- output ---- */

static void put_time(struct text *line)
{
    SYSTEMTIME now;
    GetLocalTime(&now);
    describe_local_time(line, &now);
}

/* Starts with the time. `words`: what an event of this kind is called in the text. */
static void start_event(struct writer *writer, const struct session *session, const char *event,
                        const char *words)
{
    SCOPED_TEXT time = TEXT_EMPTY;
    SYSTEMTIME now;
    writer_start_event(writer, session->as_json, event);
    if (session->as_json) {
        GetSystemTime(&now);
        describe_utc_time(&time, &now);
    } else {
        put_time(&time);
    }
    write_text(writer, "time", &time, words);
}

static VOID CALLBACK on_log(PXE_SEVERITY severity, LPCWSTR line_text, PVOID context)
{
    const struct session *session = context;
    SCOPED_TEXT line = TEXT_EMPTY;
    put_time(&line);
    text_format(&line, " %s: ", severity_name(severity));
    text_put_wide(&line, line_text);
    line_queue_put(session->queue, STREAM_ERROR, &line);
}

static VOID CALLBACK on_request(const WDSPXE_EXT_REQUEST *request, PVOID context)
{
    const struct session *session = context;
    /* The struct only ever grows; a smaller one would lack members that are read here. */
    if (request->uSizeOfStruct < sizeof(*request))
        return;
    live_capture_request(request);
    if (session->is_quiet || request->bLeftOut)
        return;

    struct writer writer;
    start_event(&writer, session, "request", "% ");
    describe_request(&writer, request);
    write_end(&writer);
    line_queue_put(session->queue, STREAM_OUT, &writer.text);
}

static DWORD CALLBACK on_reply(const WDSPXE_EXT_REPLY *reply, PVOID context)
{
    (void)context;
    live_capture_reply(reply);
    return ERROR_SUCCESS;
}

static void write_finding(struct writer *writer, const WDSPXE_EXT_FINDING *finding,
                          const char *dump)
{
    write_wide(writer, "rule", finding->pszRule, NULL);
    if (finding->pszProvider == NULL)
        say(writer, "provider unknown, ");
    write_wide(writer, "provider", finding->pszProvider, "provider %, ");
    write_wide(writer, "call", finding->pszCall, "%");
    say(writer, ": ");
    write_wide(writer, "text", finding->pszText, "%");
    if (!writer->as_json)
        write_wide(writer, NULL, finding->pszRule, " [%]");
    write_string(writer, "dump", dump, "; minidump: %");
    write_end(writer);
}

static VOID CALLBACK on_finding(const WDSPXE_EXT_FINDING *finding, PVOID context)
{
    const struct session *session = context;
    SCOPED_TEXT path = TEXT_EMPTY;
    struct writer writer;
    const bool is_dumped = fault_dump_write(finding, &path) == ERROR_SUCCESS;
    const char *dump = is_dumped ? text_chars(&path) : NULL;

    start_event(&writer, session, "finding", "% finding: ");
    write_finding(&writer, finding, dump);
    line_queue_put(session->queue, session->as_json ? STREAM_OUT : STREAM_ERROR, &writer.text);
    if (finding->uConsequence == WDSPXE_EXT_FAULT_STOP) {
        InterlockedExchange(&has_halted, 1);
        SetEvent(stop_event);
    }
}

static bool has_bind_interfaces(void)
{
    SCOPED_SETTING setting = {0};

    return setting_read_named("BindInterfaces", &setting) == ERROR_SUCCESS &&
           setting.source == SOURCE_REGISTRY;
}

static void say_serving(const struct session *session, const WDSPXE_EXT_SERVER_CONFIG *config)
{
    const unsigned dhcp_port = host_dhcp_port(config);
    struct writer writer;

    start_event(&writer, session, "serving", NULL);
    say(&writer, "serving on ");
    write_begin_list(&writer, "interfaces");
    for (ULONG i = 0; i < config->cInterfaces; i++)
        write_wide(&writer, NULL, config->ppszInterfaces[i], i > 0 ? ", %" : "%");
    write_end_list(&writer);
    if (config->cInterfaces == 0)
        say(&writer, "%s",
            has_bind_interfaces() ? "the interfaces of BindPolicy and BindInterfaces"
                                  : "all interfaces");
    if (dhcp_port != 0) {
        write_number(&writer, "port", dhcp_port, ", ports % and");
    } else {
        write_null(&writer, "port");
        say(&writer, ", port");
    }
    write_number(&writer, "boot_port", host_boot_port(config), " %");
    write_end(&writer);
    line_queue_put(session->queue, STREAM_OUT, &writer.text);
}

static void say_stopped(const struct session *session, const char *reason)
{
    WDSPXE_EXT_COUNTERS counters = {.uSizeOfStruct = sizeof(counters)};
    struct writer writer;
    /* Cannot fail: the size is right. Should it all the same, zeros are shown. */
    (void)WdsPxeExtServerGetCounters(&counters);
    start_event(&writer, session, "stopped", NULL);
    write_string(&writer, "reason", reason, "stopped (%): ");
    write_begin(&writer, "counters");
    write_number(&writer, "received", counters.uReceived, "% received, ");
    write_number(&writer, "answered", counters.uAnswered, "% answered, ");
    write_number(&writer, "ignored", counters.uIgnored, "% ignored, ");
    write_number(&writer, "dropped", counters.uDropped, "% dropped, ");
    write_number(&writer, "replies", counters.uReplies, "% replies, ");
    write_number(&writer, "send_errors", counters.uSendErrors, "% send errors, ");
    write_number(&writer, "reclaimed", counters.uReclaimed, "% packets reclaimed, ");
    write_number(&writer, "repaired", counters.uRepaired, NULL);
    write_number(&writer, "open_requests", counters.uOpenRequests, NULL);
    write_number(&writer, "open_packets", counters.uOpenPackets, NULL);
    write_number(&writer, "unseen_repeats", counters.uUnseenRepeats, NULL);
    write_number(&writer, "unseen_others", counters.uUnseenOthers, NULL);
    say(&writer, "%llu dropped before handling",
        (unsigned long long)(counters.uUnseenRepeats + counters.uUnseenOthers));
    write_end(&writer);
    write_end(&writer);
    output_record(STREAM_OUT, &writer);
}

/* ---- stopping ---- */

/*
 * Windows ends the process when the handler of a close, logoff or shutdown event returns, so that
 * one waits until the server has stopped (Windows itself waits for about 5 seconds).
 */
static BOOL WINAPI on_console_event(DWORD event)
{
    bool is_first = InterlockedCompareExchange(&console_event, (LONG)event, -1) == -1;
    bool is_key = event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
    if (!is_first && is_key)
        return FALSE; /* pressed again: the default handler ends the process at once */

    SetEvent(stop_event);
    if (!is_key)
        WaitForSingleObject(finished_event, INFINITE);
    return TRUE;
}

static void on_termination(void)
{
    (void)InterlockedCompareExchange(&console_event, TERMINATED, -1);
    SetEvent(stop_event);
}

/* Why stop_event was set. */
static const char *stop_reason(void)
{
    if (InterlockedCompareExchange(&has_halted, 0, 0) != 0)
        return "a provider's fault";
    switch (InterlockedCompareExchange(&console_event, 0, 0)) {
    case CTRL_C_EVENT:
        return "Ctrl-C";
    case CTRL_BREAK_EVENT:
        return "Ctrl-Break";
    case CTRL_CLOSE_EVENT:
        return "console closed";
    case CTRL_LOGOFF_EVENT:
        return "logoff";
    case TERMINATED:
        return "SIGTERM";
    default:
        return "system shutdown";
    }
}

static bool file_exists(const char *path)
{
    return file_attributes(path) != INVALID_FILE_ATTRIBUTES;
}

static bool stop_file_exists(void)
{
    return stop_path != NULL && file_exists(stop_path);
}

/* Returns why. `seconds` 0: no limit. */
static const char *wait_for_stop(uint32_t seconds)
{
    ULONGLONG begin = GetTickCount64();
    ULONGLONG limit = (ULONGLONG)seconds * 1000;
    for (;;) {
        DWORD wait = stop_path != NULL ? STOP_FILE_POLL_MS : INFINITE;
        if (seconds > 0) {
            ULONGLONG elapsed = GetTickCount64() - begin;
            if (elapsed >= limit)
                return "time is up";
            if (limit - elapsed < wait)
                wait = (DWORD)(limit - elapsed);
        }
        const DWORD waited = WaitForSingleObject(stop_event, wait);
        if (waited == WAIT_FAILED) /* a provider has closed handles that are not its own */
            InterlockedExchange(&has_halted, 1);
        /* Whoever watches the deadline sees the file, too, and sets the event. */
        if (stop_file_exists())
            return "stop file";
        if (waited != WAIT_TIMEOUT)
            return stop_reason();
    }
}

static bool delete_stop_file(const char *path)
{
    if (file_delete(path))
        return true;
    DWORD error = GetLastError();
    if (error == ERROR_FILE_NOT_FOUND)
        return true; /* taken back by whoever made it */
    (void)output_win32_error(error, "cannot delete the stop file \"%s\"", path);
    return false;
}

/* ---- the command ---- */

static enum exit_code check_serve_arguments(const struct arguments *arguments)
{
    enum exit_code code = host_check(arguments);
    if (code != EXIT_CODE_OK)
        return code;
    const char *stop_file = option_text(arguments, "stop-file");
    /* Somebody wanted a stop before there was anything to stop, or an old run left it. */
    if (stop_file != NULL && file_exists(stop_file)) {
        output_error("the stop file \"%s\" is there already; deleted, not serving", stop_file);
        (void)delete_stop_file(stop_file);
        return EXIT_CODE_FAILED;
    }
    return EXIT_CODE_OK;
}

static void fill_config(const struct arguments *arguments, struct session *session,
                        WDSPXE_EXT_SERVER_CONFIG *config)
{
    host_fill(arguments, config);
    /* Lines that would not be shown are not asked for, which saves the server making them. */
    if (!option_given(arguments, "verbose"))
        config->uFlags |= WDSPXE_EXT_LOG_WARNINGS;
    config->pfnLog = on_log;
    config->pfnFinding = on_finding;
    if (!session->is_quiet || option_given(arguments, "capture"))
        config->pfnRequest = on_request;
    if (option_given(arguments, "capture"))
        config->pfnReply = on_reply;
    config->pContext = session;
}

/* Creates what outlives the server: events, handler, queue. ERROR_SUCCESS or why not. */
static DWORD prepare(void)
{
    stop_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    finished_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (stop_event == NULL || finished_event == NULL)
        return GetLastError();
    const struct deadline deadline = {
        .stop_wanted = stop_event,
        .is_stop_wanted = stop_file_exists,
        .exit_code = EXIT_CODE_FAILED,
    };
    losses_tell_by(&queue);
    DWORD error = line_queue_start(&queue);
    if (error == ERROR_SUCCESS)
        error = deadline_start(&deadline);
    if (error != ERROR_SUCCESS)
        return error;
    termination_watch(on_termination);
    return SetConsoleCtrlHandler(on_console_event, TRUE) ? ERROR_SUCCESS : GetLastError();
}

/* Serves until it is told to stop. */
static enum exit_code serve(const struct arguments *arguments, struct session *session,
                            const char **out_reason)
{
    WDSPXE_EXT_SERVER_CONFIG config;
    fill_config(arguments, session, &config);

    DWORD error = host_start(&config);
    if (error != ERROR_SUCCESS) {
        /* What the server logged stands before the summary of it. */
        (void)line_queue_stop(session->queue, QUEUE_DRAIN_MS);
        host_explain(error, &config);
        return output_win32_error(error, "the server did not start");
    }
    say_serving(session, &config);
    *out_reason = wait_for_stop(option_number(arguments, "for", 0));
    SetEvent(stop_event); /* the deadline runs */
    error = host_stop();
    /* Past the queue, for the last line is not to be lost when the queue is full. */
    bool drained = line_queue_stop(session->queue, QUEUE_DRAIN_MS);
    if (drained)
        say_stopped(session, *out_reason);
    else
        output_error("nobody reads the output; what was not read is lost");
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "the server did not stop cleanly");
    return drained && InterlockedCompareExchange(&has_halted, 0, 0) == 0 ? EXIT_CODE_OK
                                                                         : EXIT_CODE_FAILED;
}

static enum exit_code serve_run(const struct arguments *arguments)
{
    const char *capture = option_text(arguments, "capture");
    struct session session = {option_given(arguments, "json"), option_given(arguments, "quiet"),
                              &queue};
    enum exit_code code = check_serve_arguments(arguments);
    if (code != EXIT_CODE_OK)
        return code;
    stop_path = option_text(arguments, "stop-file");
    DWORD error = prepare();
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "cannot prepare to serve");
    error = capture != NULL ? live_capture_open(capture) : ERROR_SUCCESS;
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "cannot write the capture \"%s\"", capture);

    const char *reason = NULL;
    uint64_t lost;
    code = serve(arguments, &session, &reason);
    error = live_capture_close(&lost);
    if (error != ERROR_SUCCESS)
        code = output_win32_error(error,
                                  "the capture \"%s\" is not complete, %llu datagrams are "
                                  "not in it",
                                  capture, (unsigned long long)lost);
    bool by_file = stop_path != NULL && reason != NULL && strcmp(reason, "stop file") == 0;
    if (by_file && !delete_stop_file(stop_path))
        code = EXIT_CODE_FAILED;
    SetEvent(finished_event);
    return code;
}

const struct command serve_command = {
    .name = "serve",
    .usage = "[options]",
    .summary = "Run the PXE server in the foreground.",
    .details =
        "Prints \"serving on ...\" when it is ready, then one line per request: time,\n"
        "MAC address, source address, GUID if sent, message type, architecture, port,\n"
        "provider, what was answered where or why not, duration. Warnings and errors go\n"
        "to standard error. Ctrl-C, Ctrl-Break, closing the console, SIGTERM (Wine, 64-bit),\n"
        "the stop file or the end of the time stop it; a last line shows the counters.\n"
        "Ctrl-C or SIGTERM again ends it at once. A server that cannot be stopped, because a "
        "provider does not return, ends\n"
        "after 12 seconds. When a critical provider or the last one has failed, it stops by\n"
        "itself, with exit code 1.\n",
    .options = serve_options,
    .run = serve_run,
};
