#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "bench/server.h"
#include "exchange/exchange_json.h"
#include "cli/file.h"
#include "exchange/ladder.h"
#include "bench/key.h"
#include "bench/load.h"
#include "bench/summary.h"
#include "exchange/report.h"
#include "bench/reproducer.h"
#include "text/wide.h"
#include "bench/supervise.h"

/* All of a replay. Static, because threads that hang outlive the command. */
static struct replay {
    struct replay_options options;
    struct message_list messages;
    struct exchange_list exchanges;
    struct record record;
    struct drive drive;
    struct ladder ladder;
    size_t shown;           /* exchanges that were shown */
    wchar_t *provider_name; /* NULL: not known */
    struct replay_outcome outcome;
} replay;

/* ---- showing exchanges ---- */

static void show_as_json(const struct exchange *exchange)
{
    struct writer writer;
    writer_start_event(&writer, true, "exchange");
    exchange_write(&writer, &replay.exchanges, exchange);
    write_end(&writer);
    output_record(STREAM_OUT, &writer);
}

/* The text has line breaks; everything else that comes from packets is escaped already. */
static void show_as_ladder(const struct exchange *exchange)
{
    SCOPED_TEXT lines = TEXT_EMPTY;
    ladder_put(&replay.ladder, &lines, exchange);
    output_block(STREAM_OUT, &lines);
}

static void show_exchange(const struct exchange *exchange)
{
    if (replay.options.is_quiet)
        return;
    if (replay.options.as_json)
        show_as_json(exchange);
    else
        show_as_ladder(exchange);
}

/* Shows what has ended, in the order of the captures: behind a pended request all others wait. */
static void show_ended(void *context)
{
    (void)context;
    EnterCriticalSection(&replay.record.lock);
    while (replay.shown < replay.exchanges.count &&
           replay.exchanges.exchanges[replay.shown].has_ended)
        show_exchange(&replay.exchanges.exchanges[replay.shown++]);
    LeaveCriticalSection(&replay.record.lock);
}

/* Also what was asked, but did not end. */
static void show_rest(void)
{
    EnterCriticalSection(&replay.record.lock);
    for (; replay.shown < replay.exchanges.count; replay.shown++) {
        if (replay.exchanges.exchanges[replay.shown].is_asked)
            show_exchange(&replay.exchanges.exchanges[replay.shown]);
    }
    LeaveCriticalSection(&replay.record.lock);
}

/* ---- the server ---- */

/* Ctrl-C ends the asking; a second one ends the process. */
static BOOL WINAPI on_console_event(DWORD event)
{
    static volatile LONG pressed;
    (void)event;
    if (InterlockedExchange(&pressed, 1) != 0)
        return FALSE;
    drive_stop(&replay.drive);
    return TRUE;
}

static enum exit_code start_server(HKEY key)
{
    WDSPXE_EXT_SERVER_CONFIG config;
    SCOPED_TEXT name = TEXT_EMPTY;
    bench_server_config(&replay.options, &config);
    bench_server_put_name(&replay.options, &name);
    replay.provider_name = name.length > 0 ? wide_of(text_chars(&name)) : NULL;
    record_connect(&replay.record, &config);
    record_set_clock(&replay.record, replay.exchanges.exchanges[0].request->time);
    return bench_server_start(&replay.options, &config, key);
}

/* The provider has not come back, so nobody else tells of it. */
static void tell_hang(void)
{
    for (size_t i = 0; i < DRIVE_THREADS_MAX; i++) {
        uint64_t number = (uint64_t)InterlockedCompareExchange64(&replay.drive.in_work[i], 0, 0);
        if (number == 0)
            continue;
        const WDSPXE_EXT_FINDING finding = {
            .uRule = WDSPXE_EXT_RULE_SLOW_CALLBACK,
            .pszRule = L"slow-callback",
            .pszProvider = replay.provider_name,
            .pszCall = L"PXE_CALLBACK_RECV_REQUEST",
            .pszText = L"it does not return; gave up waiting for it",
            .uNumber = number,
        };
        record_finding(&replay.record, &finding, true);
    }
}

static enum exit_code ask_server(void)
{
    replay.drive = (struct drive){
        .options = &replay.options,
        .list = &replay.exchanges,
        .record = &replay.record,
        .on_progress = show_ended,
    };
    (void)SetConsoleCtrlHandler(on_console_event, TRUE);
    DWORD error = drive_run(&replay.drive);
    if (replay.drive.is_hanging)
        tell_hang();
    if (replay.drive.has_open_requests)
        output_warning("requests are still pended; gave up waiting for them");
    page_beat();
    DWORD stop_error = WdsPxeExtServerStop();
    page_beat();
    show_rest();
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "cannot start threads");
    if (stop_error != ERROR_SUCCESS && !replay.drive.is_hanging)
        return output_win32_error(stop_error, "the server did not stop cleanly");
    if (replay.record.is_out_of_memory)
        return output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "not everything was recorded");
    return EXIT_CODE_OK;
}

/* ---- files ---- */

static enum exit_code write_text_file(const char *path, const struct text *text)
{
    struct file_writer writer;
    file_writer_open(&writer, path);
    file_writer_put_text(&writer, text);
    DWORD error = file_writer_close(&writer);
    return error == ERROR_SUCCESS ? EXIT_CODE_OK
                                  : output_win32_error(error, "cannot write \"%s\"", path);
}

static enum exit_code write_golden(void)
{
    SCOPED_TEXT golden = TEXT_EMPTY;
    golden_put(&golden, &replay.exchanges, replay.options.ignored_count, replay.options.ignored);
    return write_text_file(replay.options.golden_out_path, &golden);
}

static void put_report_piece(const struct text *piece, void *context)
{
    file_writer_put_text(context, piece);
}

static enum exit_code write_report(void)
{
    const char *path = replay.options.report_path;
    const struct record *record = &replay.record;
    const struct report report = {
        .title = replay.options.provider_path != NULL ? file_name_of(replay.options.provider_path)
                                                      : "the registered providers",
        .version = WDSPXE_VERSION,
        .list = &replay.exchanges,
        .asked = replay.drive.asked,
        .answered = record->answered,
        .ignored = record->ignored,
        .unanswered = record->unanswered,
        .replies = record->replies,
        .findings = record->findings,
        .differences = replay.outcome.golden.differences,
        .has_golden = replay.outcome.has_golden,
        .tally_count = record->tally_count,
        .tallies = record->tallies,
        .timing_count = record->timing_count,
        .timings = record->timings,
    };
    struct file_writer writer;
    file_writer_open(&writer, path);
    bool is_whole = writer.error == ERROR_SUCCESS &&
                    report_write(&report, &(struct report_sink){put_report_piece, &writer});
    DWORD error = file_writer_close(&writer);
    if (error == ERROR_SUCCESS && !is_whole)
        error = ERROR_NOT_ENOUGH_MEMORY;
    return error == ERROR_SUCCESS
               ? EXIT_CODE_OK
               : output_win32_error(error, "cannot write the report \"%s\"", path);
}

static void show_difference(const char *line, void *context)
{
    struct writer writer;
    (void)context;
    writer_start_event(&writer, replay.options.as_json, "difference");
    write_string(&writer, "text", line, "DIFFERS %");
    write_end(&writer);
    output_record(STREAM_OUT, &writer);
}

static enum exit_code compare_golden(const json_t *golden)
{
    const struct golden_sink sink = {show_difference, NULL};
    const char *problem = NULL;
    replay.outcome.has_golden = true;
    if (!golden_compare(golden, &replay.exchanges, replay.options.ignored_count,
                        replay.options.ignored, &sink, &replay.outcome.golden, &problem)) {
        output_error("%s: %s", replay.options.golden_path, problem);
        return EXIT_CODE_FAILED;
    }
    return replay.outcome.golden.differences == 0 ? EXIT_CODE_OK : EXIT_CODE_DIFFERS;
}

static enum exit_code read_and_compare_golden(void)
{
    const char *path = replay.options.golden_path;
    SCOPED_MEMORY char *bytes = NULL;
    size_t length = 0;
    json_error_t error;
    DWORD code = file_read_all(path, GOLDEN_SIZE_MAX, &bytes, &length);
    if (code != ERROR_SUCCESS)
        return output_win32_error(code, "cannot read the golden file \"%s\"", path);
    json_t *golden = golden_read(bytes, length, &error);
    if (golden == NULL) {
        output_error("%s:%d:%d: %s", path, error.line, error.column, error.text);
        return EXIT_CODE_FAILED;
    }
    enum exit_code result = compare_golden(golden);
    json_decref(golden);
    return result;
}

/* The files that the options ask for. The report tells of the comparison, so it comes behind it. */
static enum exit_code write_files(void)
{
    const struct replay_options *options = &replay.options;
    enum exit_code code = EXIT_CODE_OK, judgement = EXIT_CODE_OK;
    if (options->write_path != NULL)
        code = capture_write_run(options->write_path, &replay.exchanges);
    if (code == EXIT_CODE_OK && options->golden_out_path != NULL)
        code = write_golden();
    if (code == EXIT_CODE_OK && options->golden_path != NULL)
        judgement = read_and_compare_golden();
    if (code == EXIT_CODE_OK && options->report_path != NULL)
        code = write_report();
    return code != EXIT_CODE_OK ? code : judgement;
}

/* ---- the command ---- */

/* What a run that worked as such has to say of the provider. */
static enum exit_code judge(enum exit_code code)
{
    bool is_about_provider = code == EXIT_CODE_OK || code == EXIT_CODE_DIFFERS;
    return is_about_provider && replay.record.findings > 0 ? EXIT_CODE_FINDINGS : code;
}

static enum exit_code run_server(void)
{
    struct replay_key key;
    enum exit_code code = replay_key_open(&replay.options, &key);
    if (code != EXIT_CODE_OK)
        return code;
    record_start(&replay.record, &replay.options, &replay.exchanges);
    replay.ladder = (struct ladder){
        .list = &replay.exchanges,
        .is_brief = replay.options.is_brief,
        .is_empty = true,
    };
    code = start_server(key.key);
    if (code == EXIT_CODE_OK) {
        code = ask_server();
        if (code == EXIT_CODE_OK)
            code = write_files();
        code = judge(code);
        replay.outcome.options = &replay.options;
        replay.outcome.record = &replay.record;
        replay.outcome.drive = &replay.drive;
        replay.outcome.code = code;
        replay_summary_show(&replay.outcome);
    }
    replay_key_close(&key);
    /* A thread that hangs may wake up at any time: its memory stays, and the process ends here. */
    if (replay.drive.is_hanging)
        supervise_leave(code);
    record_end(&replay.record);
    return code;
}

static enum exit_code replay_here(const struct arguments *arguments)
{
    enum exit_code code = replay_options_read(arguments, &replay.options);
    if (code != EXIT_CODE_OK)
        return code;
    supervise_describe(&replay.options, replay.options.hang_seconds);
    code = replay_load(&replay.options, &replay.messages, &replay.exchanges);
    if (code == EXIT_CODE_OK)
        code = run_server();
    exchanges_free(&replay.exchanges);
    messages_free(&replay.messages);
    return code;
}

static enum exit_code replay_run(const struct arguments *arguments)
{
    return supervise(arguments, replay_here);
}

const struct command replay_command = {
    .name = "replay",
    .usage = "PROVIDER.dll | --registered CAPTURE... [options]",
    .summary = "Feed the requests of captures to a provider, without a network.",
    .details =
        "Captures are pcap or pcapng files; * and ? in a name stand for all that match, in their\n"
        "order. The provider is loaded into this process and\n"
        "asked as the server asks it, under the verifier; time and addresses are those of\n"
        "the capture. Prints what was asked and answered, then what the provider did\n"
        "wrong. docs/replay.md tells more.\n",
    .options = replay_option_specs,
    .positional = {1, ARGUMENT_POSITIONAL_ANY},
    .takes_files = true,
    .run = replay_run,
};
