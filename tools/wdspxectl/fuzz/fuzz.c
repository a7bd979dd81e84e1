#include "cli/commands.h"

#include "bench/server.h"
#include "fuzz/hunt.h"
#include "bench/key.h"
#include "bench/load.h"
#include "bench/page.h"
#include "bench/supervise.h"

enum {
    PROGRESS_MS = 10000,
    DEFAULT_SECONDS = 60,
    DEFAULT_HANG_SECONDS = 10,
    DEFAULT_RUN = 1,
};

static const struct option_spec fuzz_option_specs[] = {
    NUMBER_OPTION("time", 1, 86400, "SECONDS", "stop after this time (60)"),
    NUMBER_OPTION("count", 1, UINT32_MAX, "N",
                  "stop after so many cases; without --time no time counts"),
    NUMBER_OPTION("seed", 0, UINT32_MAX, "N", "the number that all cases are made from (1)"),
    TEXT_OPTION("out", "FOLDER", "where reproducers go (.)"),
    TEXT_OPTION("name", "NAME", "name of the provider in all output (default: that of the DLL)"),
    TEXT_OPTION("key", "NAME", "give it the key of this registered provider"),
    TEXTS_OPTION("set", "NAME=VALUE", "put a value into its key; VALUE may be dword:N"),
    NUMBER_OPTION("hang", 1, 86400, "SECONDS", "give up if a callback takes so long (10)"),
    NUMBER_OPTION("slow", 1, UINT32_MAX, "MS", "a callback may take so long (1000)"),
    FLAG_OPTION("json", "one JSON object per line on standard output"),
    FLAG_OPTION("no-guard-pages", "overruns are found later, or never: faster"),
    {0},
};

/* Static, because a thread that hangs outlives the command. */
static struct fuzz {
    struct replay_options options;
    struct message_list messages;
    struct exchange_list exchanges;
    struct hunt hunt;
    uint32_t hang_seconds;
    ULONGLONG begin;
    ULONGLONG shown; /* milliseconds from there to the last line of progress */
    bool is_hanging;
} fuzz;

static enum exit_code read_options(const struct arguments *arguments)
{
    const char *folder = option_text(arguments, "out");
    fuzz.options = (struct replay_options){
        .provider_path = arguments->positional[0],
        .provider_name = option_text(arguments, "name"),
        .captures = arguments->positional + 1,
        .capture_count = arguments->positional_count - 1,
        .slow_ms = option_number(arguments, "slow", 0),
        .as_json = option_given(arguments, "json"),
        .without_guard_pages = option_given(arguments, "no-guard-pages"),
        .crash_folder = folder != NULL ? folder : ".",
    };
    fuzz.hang_seconds = option_number(arguments, "hang", DEFAULT_HANG_SECONDS);
    fuzz.hunt.run = option_number(arguments, "seed", DEFAULT_RUN);
    fuzz.hunt.case_limit = option_number(arguments, "count", 0);
    fuzz.begin = GetTickCount64();
    if (option_given(arguments, "time") || fuzz.hunt.case_limit == 0)
        fuzz.hunt.end =
            fuzz.begin + (ULONGLONG)option_number(arguments, "time", DEFAULT_SECONDS) * 1000;
    return replay_settings_read(option_text(arguments, "key"), option_values(arguments, "set"),
                                &fuzz.options);
}

/* ---- what is told ---- */

/* Every ten seconds. */
static void show_progress(void)
{
    ULONGLONG elapsed = GetTickCount64() - fuzz.begin;
    if (elapsed < fuzz.shown + PROGRESS_MS || fuzz.options.as_json)
        return;
    fuzz.shown = elapsed;
    uint64_t cases = (uint64_t)InterlockedCompareExchange64(&fuzz.hunt.cases, 0, 0);
    output_format(STREAM_ERROR, "%llu cases in %llu s, %llu a second; %lu findings",
                  (unsigned long long)cases, (unsigned long long)(elapsed / 1000),
                  (unsigned long long)(cases * 1000 / (elapsed + 1)),
                  (unsigned long)fuzz.hunt.kind_count);
}

static void show_summary(void)
{
    const struct hunt *hunt = &fuzz.hunt;
    ULONGLONG elapsed = GetTickCount64() - fuzz.begin;
    struct writer writer;
    writer_start_event(&writer, fuzz.options.as_json, "summary");
    say(&writer, "fuzzed with %llu cases of ", (unsigned long long)hunt->cases);
    write_number(&writer, "seeds", fuzz.exchanges.count,
                 fuzz.exchanges.count == 1 ? "% request in " : "% requests in ");
    say(&writer, "%llu s ", (unsigned long long)(elapsed / 1000));
    write_number(&writer, "run", hunt->run, "(seed %): ");
    write_number(&writer, "cases", (uint64_t)hunt->cases, NULL);
    write_number(&writer, "findings", hunt->kind_count + hunt->kinds_lost,
                 hunt->kind_count + hunt->kinds_lost == 1 ? "% finding" : "% findings");
    write_number(&writer, "faults", hunt->faults,
                 hunt->faults == 0 ? NULL
                                   : "; % faults were survived, so later findings may follow from "
                                     "earlier ones");
    write_bool(&writer, "hanging", fuzz.is_hanging, NULL);
    write_thousandths(&writer, "seconds", elapsed, NULL);
    write_end(&writer);
    output_record(STREAM_OUT, &writer);
}

/* ---- the run ---- */

static BOOL WINAPI on_console_event(DWORD event)
{
    (void)event;
    return InterlockedExchange(&fuzz.hunt.is_stopped, 1) == 0;
}

static enum exit_code hunt_on_thread(void)
{
    HANDLE thread = CreateThread(NULL, 0, hunt_run, &fuzz.hunt, 0, NULL);
    if (thread == NULL) {
        DWORD error = GetLastError();
        (void)WdsPxeExtServerStop();
        return output_win32_error(error, "cannot start a thread");
    }
    (void)SetConsoleCtrlHandler(on_console_event, TRUE);
    fuzz.is_hanging = !page_watch(1, &thread, &fuzz.hunt.moves, (ULONGLONG)fuzz.hang_seconds * 1000,
                                  show_progress);
    if (fuzz.is_hanging)
        hunt_tell_hang(&fuzz.hunt);
    else
        (void)WdsPxeExtServerStop();
    show_summary();
    CloseHandle(thread);
    if (fuzz.hunt.failed)
        return EXIT_CODE_FAILED;
    return fuzz.hunt.kind_count > 0 ? EXIT_CODE_FINDINGS : EXIT_CODE_OK;
}

static enum exit_code hunt_with_server(void)
{
    struct replay_key key;
    WDSPXE_EXT_SERVER_CONFIG config;
    enum exit_code code = replay_key_open(&fuzz.options, &key);
    if (code != EXIT_CODE_OK)
        return code;
    bench_server_config(&fuzz.options, &config);
    hunt_connect(&fuzz.hunt, &config);
    code = bench_server_start(&fuzz.options, &config, key.key);
    if (code == EXIT_CODE_OK)
        code = hunt_on_thread();
    replay_key_close(&key);
    if (fuzz.is_hanging)
        supervise_leave(code); /* its thread may wake up at any time */
    return code;
}

static enum exit_code fuzz_here(const struct arguments *arguments)
{
    enum exit_code code = read_options(arguments);
    if (code != EXIT_CODE_OK)
        return code;
    supervise_describe(&fuzz.options, fuzz.hang_seconds);
    code = replay_load(&fuzz.options, &fuzz.messages, &fuzz.exchanges);
    fuzz.hunt.options = &fuzz.options;
    fuzz.hunt.list = &fuzz.exchanges;
    if (code == EXIT_CODE_OK && !hunt_start(&fuzz.hunt))
        code = output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "cannot prepare the seeds");
    if (code == EXIT_CODE_OK) {
        code = hunt_with_server();
        hunt_end(&fuzz.hunt);
    }
    exchanges_free(&fuzz.exchanges);
    messages_free(&fuzz.messages);
    return code;
}

static enum exit_code fuzz_run(const struct arguments *arguments)
{
    return supervise(arguments, fuzz_here);
}

const struct command fuzz_command = {
    .name = "fuzz",
    .usage = "PROVIDER.dll CAPTURE... [options]",
    .summary = "Feed a provider with requests that no client would send.",
    .details = "Makes cases of the requests of the captures: wrong lengths, options doubled,\n"
               "dropped and moved, truncation, overload, nested relays. The provider is asked\n"
               "under the verifier, without a network. What it does wrong is told once, with a\n"
               "capture of the smallest request that shows it, for \"wdspxectl replay --all\".\n"
               "The same seed number and captures give the same cases.\n",
    .options = fuzz_option_specs,
    .positional = {2, ARGUMENT_POSITIONAL_ANY},
    .takes_files = true,
    .run = fuzz_run,
};
