#include "bench/load.h"

#include <stdlib.h>

#include "cli/file.h"

static void tell_oddities(const char *path, const struct capture_summary *summary)
{
    if (summary->status == CAPTURE_CUT)
        output_warning("%s: %s; what came before is used", path, summary->problem);
    if (summary->damaged > 0)
        output_warning("%s: frame %llu: %s; %llu frames like this are left out", path,
                       (unsigned long long)summary->first_damaged, summary->first_problem,
                       (unsigned long long)summary->damaged);
    if (summary->incomplete > 0)
        output_warning("%s: %llu datagrams are left out, because fragments are missing", path,
                       (unsigned long long)summary->incomplete);
}

static enum exit_code read_capture(const struct replay_options *options, const char *path,
                                   struct message_list *messages)
{
    SCOPED_MEMORY struct file_reader *reader = malloc(sizeof(*reader));
    if (reader == NULL)
        return output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "%s", path);
    DWORD error = file_reader_open(reader, path);
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "cannot open the capture \"%s\"", path);
    struct capture_summary summary;
    (void)messages_read(messages, file_reader_source(reader), options->take_all, &summary);
    file_reader_close(reader);
    if (reader->error != ERROR_SUCCESS)
        return output_win32_error(reader->error, "cannot read the capture \"%s\"", path);
    if (summary.status == CAPTURE_BAD) {
        output_error("%s: %s", path, summary.problem);
        return EXIT_CODE_FAILED;
    }
    tell_oddities(path, &summary);
    return EXIT_CODE_OK;
}

/* The names end with a NULL. */
static bool keep_names(const struct replay_options *options, struct exchange_list *exchanges)
{
    exchanges->capture_names =
        calloc(options->capture_count + 1, sizeof(*exchanges->capture_names));
    for (size_t i = 0; exchanges->capture_names != NULL && i < options->capture_count; i++) {
        exchanges->capture_names[i] = string_copy(file_name_of(options->captures[i]));
        if (exchanges->capture_names[i] == NULL)
            return false;
    }
    return exchanges->capture_names != NULL;
}

/* Whether the list shows a request that the filter takes. */
static bool is_chosen(const struct replay_options *options, const struct message *message)
{
    return message->is_request && replay_filter_takes(&options->filter, message);
}

/*
 * Gives each exchange its times. The clock never goes back: not in a capture whose frames are out
 * of order, and not where a capture begins before the end of the one in front of it.
 */
static void set_times(struct exchange_list *exchanges)
{
    enum { SECOND = 1000000 };
    uint64_t start = 0, clock_start = 0;
    for (size_t i = 0; i < exchanges->count; i++) {
        struct exchange *exchange = &exchanges->exchanges[i];
        uint64_t time = exchange->request->time;
        const struct exchange *previous = i > 0 ? exchange - 1 : NULL;
        bool begins_capture = previous == NULL || message_capture(previous->request->number) !=
                                                      message_capture(exchange->request->number);
        if (begins_capture) {
            start = time;
            clock_start = previous == NULL ? time : previous->clock + SECOND;
        }
        exchange->time = time > start ? time - start : 0;
        exchange->clock = clock_start + exchange->time;
        if (previous != NULL && exchange->clock < previous->clock)
            exchange->clock = previous->clock;
    }
}

static bool make_exchanges(const struct replay_options *options,
                           const struct message_list *messages, struct exchange_list *exchanges)
{
    struct server_table servers = {0, NULL};
    exchanges->exchanges = calloc(messages->count + 1, sizeof(*exchanges->exchanges));
    if (exchanges->exchanges == NULL || !server_table_build(messages, &servers))
        return false;
    for (size_t i = 0; i < messages->count; i++) {
        const struct message *message = &messages->messages[i];
        if (!is_chosen(options, message))
            continue;
        struct exchange *exchange = &exchanges->exchanges[exchanges->count++];
        const struct endpoint *given =
            message->source.length == 4 ? &options->local4 : &options->local6;
        exchange->request = message;
        exchange->origin = server_address_find(&servers, message, given, &exchange->local);
    }
    server_table_free(&servers);
    set_times(exchanges);
    return true;
}

enum exit_code replay_load(const struct replay_options *options, struct message_list *messages,
                           struct exchange_list *exchanges)
{
    for (size_t i = 0; i < options->capture_count; i++) {
        enum exit_code code = read_capture(options, options->captures[i], messages);
        if (code != EXIT_CODE_OK)
            return code;
    }
    if (!keep_names(options, exchanges) || !make_exchanges(options, messages, exchanges))
        return output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "cannot prepare the requests");
    if (exchanges->count == 0) {
        output_error("no request to replay: %lu DHCP messages in the captures, none is a request "
                     "that the options choose",
                     (unsigned long)messages->count);
        return EXIT_CODE_FAILED;
    }
    return EXIT_CODE_OK;
}
