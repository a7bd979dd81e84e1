#include "bench/summary.h"

#include "exchange/exchange_json.h"

static uint64_t rate(const struct drive *drive)
{
    uint64_t milliseconds = drive->milliseconds > 0 ? drive->milliseconds : 1;
    return drive->measured * 1000 / milliseconds;
}

static void write_counts(struct writer *writer, const struct replay_outcome *outcome)
{
    const struct record *record = outcome->record;
    const struct replay_options *options = outcome->options;
    const uint64_t asked = outcome->drive->asked;
    say(writer, "replayed %llu request%s of ", (unsigned long long)asked, plural(asked));
    write_number(writer, "captures", options->capture_count,
                 options->capture_count == 1 ? "% capture: " : "% captures: ");
    write_number(writer, "passes", options->passes, NULL);
    write_number(writer, "threads", options->threads, NULL);
    write_number(writer, "requests", asked, NULL);
    write_number(writer, "answered", record->answered, "% answered, ");
    write_number(writer, "ignored", record->ignored, "% ignored, ");
    write_number(writer, "unanswered", record->unanswered, "% without answer; ");
    write_number(writer, "replies", record->replies,
                 record->replies == 1 ? "% reply, " : "% replies, ");
    write_number(writer, "changed_replies", record->changed_replies, NULL);
    write_number(writer, "findings", record->findings,
                 record->findings == 1 ? "% finding" : "% findings");
    if (record->changed_replies == 0)
        return;
    say_break(writer);
    say(writer, "%llu repl%s unlike those of the first pass",
        (unsigned long long)record->changed_replies,
        record->changed_replies == 1 ? "y of a later pass is" : "ies of later passes are");
}

static void write_tallies(struct writer *writer, const struct record *record)
{
    write_begin_list(writer, "rules");
    for (size_t i = 0; i < record->tally_count; i++) {
        const struct finding_tally *tally = &record->tallies[i];
        SCOPED_TEXT at = TEXT_EMPTY;
        if (tally->first_number != 0)
            exchanges_put_frame(record->list, &at, tally->first_number);
        write_begin(writer, NULL);
        say_break(writer);
        say(writer, "  %llu x ", (unsigned long long)tally->count);
        write_string_or(writer, "rule", tally->rule_name, "?", "%, ");
        write_number(writer, "rule_number", tally->rule, NULL);
        write_string_or(writer, "provider", tally->provider, "(unknown provider)", "% in ");
        write_string_or(writer, "call", tally->call, "(unknown call)", "%");
        write_number(writer, "count", tally->count, NULL);
        say(writer, "%s%s", at.length > 0 ? ", first at " : "", text_chars(&at));
        frame_write(writer, "first_capture", "first_frame", record->list, tally->first_number);
        write_end(writer);
    }
    write_end_list(writer);
}

/* JSON has all digits, the text one decimal. */
static void write_microseconds(struct writer *writer, const char *name, uint64_t nanoseconds,
                               const char *words)
{
    write_thousandths(writer, name, nanoseconds, NULL);
    say(writer, "%s %llu.%u \u00b5s", words, (unsigned long long)(nanoseconds / 1000),
        (unsigned)(nanoseconds % 1000 / 100));
}

static void write_timings(struct writer *writer, const struct record *record)
{
    write_begin_list(writer, "timing");
    for (size_t i = 0; i < record->timing_count; i++) {
        const struct histogram *histogram = &record->timings[i].nanoseconds;
        write_begin(writer, NULL);
        say_break(writer);
        write_string(writer, "provider", record->timings[i].provider, "%: ");
        write_number(writer, "callbacks", histogram->count,
                     histogram->count == 1 ? "% callback, " : "% callbacks, ");
        write_microseconds(writer, "median_us", histogram_permille(histogram, 500), "median");
        write_microseconds(writer, "p99_us", histogram_permille(histogram, 990), ", p99");
        write_microseconds(writer, "max_us", histogram->maximum, ", maximum");
        write_end(writer);
    }
    write_end_list(writer);
}

static void say_memory(struct writer *writer, const struct drive *drive, const char *name,
                       uint64_t first, uint64_t last)
{
    enum { KIB = 1024 };
    say_break(writer);
    say(writer, "%s: %llu KiB after %llu requests, %llu KiB at the end (%+lld)", name,
        (unsigned long long)(first / KIB), (unsigned long long)drive->memory_first_asked,
        (unsigned long long)(last / KIB), (long long)(last / KIB) - (long long)(first / KIB));
}

static void say_passes(struct writer *writer, const struct replay_outcome *outcome)
{
    const struct drive *drive = outcome->drive;
    if (outcome->options->passes == 1)
        return;
    say_break(writer);
    say(writer, "%llu requests in %llu.%03u s on %lu thread%s: %llu per second",
        (unsigned long long)drive->measured, (unsigned long long)(drive->milliseconds / 1000),
        (unsigned)(drive->milliseconds % 1000), (unsigned long)outcome->options->threads,
        plural(outcome->options->threads), (unsigned long long)rate(drive));
    say_memory(writer, drive, "private memory", drive->memory_first.private_bytes,
               drive->memory_last.private_bytes);
    say_memory(writer, drive, "working set", drive->memory_first.working_set,
               drive->memory_last.working_set);
}

static void write_passes(struct writer *writer, const struct drive *drive)
{
    write_number(writer, "measured_requests", drive->measured, NULL);
    write_thousandths(writer, "seconds", drive->milliseconds, NULL);
    write_number(writer, "requests_per_second", rate(drive), NULL);
    write_number(writer, "memory_first_requests", drive->memory_first_asked, NULL);
    write_number(writer, "private_bytes_first", drive->memory_first.private_bytes, NULL);
    write_number(writer, "private_bytes_last", drive->memory_last.private_bytes, NULL);
    write_number(writer, "working_set_first", drive->memory_first.working_set, NULL);
    write_number(writer, "working_set_last", drive->memory_last.working_set, NULL);
    write_bool(writer, "hanging", drive->is_hanging, NULL);
}

static void write_golden(struct writer *writer, const struct replay_outcome *outcome)
{
    const struct golden_result *golden = &outcome->golden;
    if (!outcome->has_golden) {
        write_null(writer, "golden");
        return;
    }
    write_begin(writer, "golden");
    say_break(writer);
    write_number(writer, "compared", golden->compared,
                 golden->compared == 1 ? "golden file: % request compared, "
                                       : "golden file: % requests compared, ");
    write_number(writer, "differences", golden->differences,
                 golden->differences == 1 ? "% difference" : "% differences");
    write_end(writer);
}

void replay_summary_show(const struct replay_outcome *outcome)
{
    struct writer writer;
    writer_start_event(&writer, outcome->options->as_json, "summary");
    write_counts(&writer, outcome);
    write_tallies(&writer, outcome->record);
    write_timings(&writer, outcome->record);
    say_passes(&writer, outcome);
    write_passes(&writer, outcome->drive);
    write_golden(&writer, outcome);
    write_number(&writer, "exit_code", (uint64_t)outcome->code, NULL);
    write_end(&writer);
    output_record(STREAM_OUT, &writer);
}
