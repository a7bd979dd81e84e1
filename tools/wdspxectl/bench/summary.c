#include "bench/summary.h"

#include "text/json.h"
#include "exchange/ladder.h"

static uint64_t rate(const struct drive *drive)
{
    uint64_t milliseconds = drive->milliseconds > 0 ? drive->milliseconds : 1;
    return drive->measured * 1000 / milliseconds;
}

/* ---- in words ---- */

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void show_counts(const struct replay_outcome *outcome)
{
    const struct record *record = outcome->record;
    const struct drive *drive = outcome->drive;
    output_format(STREAM_OUT,
                  "replayed %llu request%s of %lu capture%s: %llu answered, %llu ignored, "
                  "%llu without answer; %llu repl%s, %llu finding%s",
                  drive->asked, plural(drive->asked),
                  (unsigned long)outcome->options->capture_count,
                  plural(outcome->options->capture_count), record->answered, record->ignored,
                  record->unanswered, record->replies, record->replies == 1 ? "y" : "ies",
                  record->findings, plural(record->findings));
    if (record->changed_replies > 0)
        output_format(STREAM_OUT, "%llu repl%s unlike those of the first pass",
                      record->changed_replies,
                      record->changed_replies == 1 ? "y of a later pass is"
                                                   : "ies of later passes are");
}

static void show_tallies(const struct record *record)
{
    for (size_t i = 0; i < record->tally_count; i++) {
        const struct finding_tally *tally = &record->tallies[i];
        struct text line = TEXT_EMPTY;
        text_format(&line, "  %llu x %s, %s in %s", (unsigned long long)tally->count,
                    tally->rule_name != NULL ? tally->rule_name : "?",
                    tally->provider != NULL ? tally->provider : "(unknown provider)",
                    tally->call != NULL ? tally->call : "(unknown call)");
        if (tally->first_number != 0) {
            text_put(&line, ", first at ");
            exchanges_put_frame(record->list, &line, tally->first_number);
        }
        output_line(STREAM_OUT, &line);
        text_free(&line);
    }
}

static void put_microseconds(struct text *line, uint64_t nanoseconds)
{
    text_format(line, "%llu.%u \u00b5s", (unsigned long long)(nanoseconds / 1000),
                (unsigned)(nanoseconds % 1000 / 100));
}

static void show_timing(const struct provider_timing *timing)
{
    const struct histogram *histogram = &timing->nanoseconds;
    struct text line = TEXT_EMPTY;
    text_format(&line, "%s: %llu callback%s, median ", timing->provider,
                (unsigned long long)histogram->count, plural(histogram->count));
    put_microseconds(&line, histogram_percentile(histogram, 50));
    text_put(&line, ", p99 ");
    put_microseconds(&line, histogram_percentile(histogram, 99));
    text_put(&line, ", maximum ");
    put_microseconds(&line, histogram->maximum);
    output_line(STREAM_OUT, &line);
    text_free(&line);
}

static void show_memory(const struct drive *drive, const char *name, uint64_t first, uint64_t last)
{
    enum { KIB = 1024 };
    output_format(STREAM_OUT, "%s: %llu KiB after %llu requests, %llu KiB at the end (%+lld)", name,
                  first / KIB, drive->memory_first_asked, last / KIB,
                  (long long)(last / KIB) - (long long)(first / KIB));
}

static void show_passes(const struct replay_outcome *outcome)
{
    const struct drive *drive = outcome->drive;
    if (outcome->options->passes == 1)
        return;
    output_format(STREAM_OUT, "%llu requests in %llu.%03u s on %lu thread%s: %llu per second",
                  drive->measured, drive->milliseconds / 1000,
                  (unsigned)(drive->milliseconds % 1000), (unsigned long)outcome->options->threads,
                  plural(outcome->options->threads), rate(drive));
    show_memory(drive, "private memory", drive->memory_first.private_bytes,
                drive->memory_last.private_bytes);
    show_memory(drive, "working set", drive->memory_first.working_set,
                drive->memory_last.working_set);
}

static void show_golden(const struct replay_outcome *outcome)
{
    if (!outcome->has_golden)
        return;
    output_format(STREAM_OUT, "golden file: %lu request%s compared, %lu difference%s",
                  (unsigned long)outcome->golden.compared, plural(outcome->golden.compared),
                  (unsigned long)outcome->golden.differences, plural(outcome->golden.differences));
}

static void show_words(const struct replay_outcome *outcome)
{
    show_counts(outcome);
    show_tallies(outcome->record);
    for (size_t i = 0; i < outcome->record->timing_count; i++)
        show_timing(&outcome->record->timings[i]);
    show_passes(outcome);
    show_golden(outcome);
}

/* ---- as JSON ---- */

static void write_number(struct json *json, const char *name, uint64_t number)
{
    json_key(json, name);
    json_number(json, number);
}

static void write_tallies(struct json *json, const struct record *record)
{
    json_key(json, "rules");
    json_begin_array(json);
    for (size_t i = 0; i < record->tally_count; i++) {
        const struct finding_tally *tally = &record->tallies[i];
        json_begin_object(json);
        json_key(json, "rule");
        json_string(json, tally->rule_name);
        write_number(json, "rule_number", tally->rule);
        json_key(json, "provider");
        json_string(json, tally->provider);
        json_key(json, "call");
        json_string(json, tally->call);
        write_number(json, "count", tally->count);
        json_key(json, "first_capture");
        json_string(json, tally->first_number != 0
                              ? exchanges_capture_name(record->list, tally->first_number)
                              : NULL);
        json_key(json, "first_frame");
        if (tally->first_number != 0)
            json_number(json, message_frame(tally->first_number));
        else
            json_null(json);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_timings(struct json *json, const struct record *record)
{
    json_key(json, "timing");
    json_begin_array(json);
    for (size_t i = 0; i < record->timing_count; i++) {
        const struct histogram *histogram = &record->timings[i].nanoseconds;
        json_begin_object(json);
        json_key(json, "provider");
        json_string(json, record->timings[i].provider);
        write_number(json, "callbacks", histogram->count);
        json_key(json, "median_us");
        json_thousandths(json, histogram_percentile(histogram, 50));
        json_key(json, "p99_us");
        json_thousandths(json, histogram_percentile(histogram, 99));
        json_key(json, "max_us");
        json_thousandths(json, histogram->maximum);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_golden(struct json *json, const struct replay_outcome *outcome)
{
    json_key(json, "golden");
    if (!outcome->has_golden) {
        json_null(json);
        return;
    }
    json_begin_object(json);
    write_number(json, "compared", outcome->golden.compared);
    write_number(json, "differences", outcome->golden.differences);
    json_end_object(json);
}

static void show_json(const struct replay_outcome *outcome)
{
    const struct record *record = outcome->record;
    const struct drive *drive = outcome->drive;
    struct text line = TEXT_EMPTY;
    struct json json = json_start(&line);
    json_begin_object(&json);
    json_key(&json, "event");
    json_string(&json, "summary");
    write_number(&json, "captures", outcome->options->capture_count);
    write_number(&json, "passes", outcome->options->passes);
    write_number(&json, "threads", outcome->options->threads);
    write_number(&json, "requests", drive->asked);
    write_number(&json, "answered", record->answered);
    write_number(&json, "ignored", record->ignored);
    write_number(&json, "unanswered", record->unanswered);
    write_number(&json, "replies", record->replies);
    write_number(&json, "changed_replies", record->changed_replies);
    write_number(&json, "findings", record->findings);
    write_tallies(&json, record);
    write_timings(&json, record);
    write_number(&json, "measured_requests", drive->measured);
    json_key(&json, "seconds");
    json_thousandths(&json, drive->milliseconds);
    write_number(&json, "requests_per_second", rate(drive));
    write_number(&json, "memory_first_requests", drive->memory_first_asked);
    write_number(&json, "private_bytes_first", drive->memory_first.private_bytes);
    write_number(&json, "private_bytes_last", drive->memory_last.private_bytes);
    write_number(&json, "working_set_first", drive->memory_first.working_set);
    write_number(&json, "working_set_last", drive->memory_last.working_set);
    json_key(&json, "hanging");
    json_bool(&json, drive->is_hanging);
    write_golden(&json, outcome);
    write_number(&json, "exit_code", (uint64_t)outcome->code);
    json_end_object(&json);
    output_line(STREAM_OUT, &line);
    text_free(&line);
}

void replay_summary_show(const struct replay_outcome *outcome)
{
    if (outcome->options->as_json)
        show_json(outcome);
    else
        show_words(outcome);
}
