#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "config/reg_file.h"

enum { BUCKETS = 256, FILE_LIMIT = 1 << 20, SERVERS_MAX = 64, SHARE_ROOM = 1024 };

/* One server, as its exported settings tell. */
struct server {
    const char *file;
    char share[SHARE_ROOM]; /* "" is not set */
    bool has[BUCKETS];
};

/* ---- the files ---- */

static bool is_share(const struct reg_item *item)
{
    return !item->deletes_key && _stricmp(item->name, "LoadBalanceBuckets") == 0;
}

/* A registry string, if it is ASCII and fits; else a text that is no share. */
static void share_copy(const struct reg_item *item, char *out_share)
{
    size_t length = item->size / 2;

    (void)strcpy(out_share, "?");
    while (length > 0 && item->bytes[length * 2 - 2] == 0 && item->bytes[length * 2 - 1] == 0)
        length--;
    if (item->type != REG_SZ || length == 0 || length >= SHARE_ROOM)
        return;
    for (size_t i = 0; i < length; i++) {
        if (item->bytes[i * 2 + 1] != 0)
            return;
    }
    for (size_t i = 0; i < length; i++)
        out_share[i] = (char)item->bytes[i * 2];
    out_share[length] = '\0';
}

static bool visit(const struct reg_item *item, void *context)
{
    struct server *server = context;

    if (is_share(item) && item->deletes_value)
        server->share[0] = '\0';
    else if (is_share(item))
        share_copy(item, server->share);
    return true;
}

/* ---- shares ---- */

/* A decimal number up to 255; NULL if there is none. */
static const char *number_take(const char *at, unsigned *out_number)
{
    unsigned number = 0;
    const char *begin = at;

    for (; *at >= '0' && *at <= '9' && at - begin < 4; at++)
        number = number * 10 + (unsigned)(*at - '0');
    *out_number = number;
    return at != begin && number < BUCKETS ? at : NULL;
}

static const char *range_take(const char *at, bool *has)
{
    unsigned first, last;

    at = number_take(at, &first);
    last = first;
    if (at != NULL && *at == '-')
        at = number_take(at + 1, &last);
    if (at == NULL || last < first)
        return NULL;
    for (unsigned bucket = first; bucket <= last; bucket++)
        has[bucket] = true;
    return at;
}

/* "0-63,128"; what is not set is all. */
static bool share_read(struct server *server)
{
    const char *at = range_take(server->share[0] != '\0' ? server->share : "0-255", server->has);

    while (at != NULL && *at == ',')
        at = range_take(at + 1, server->has);
    return at != NULL && *at == '\0';
}

static bool server_read(const char *file, struct server *server)
{
    SCOPED_MEMORY char *bytes = NULL;
    size_t size = 0;
    DWORD error = file_read_all(file, FILE_LIMIT, &bytes, &size);

    server->file = file;
    if (error != ERROR_SUCCESS) {
        (void)output_win32_error(error, "cannot read \"%s\"", file);
        return false;
    }
    SCOPED_TEXT reason = TEXT_EMPTY;
    bool is_read = reg_file_read((const uint8_t *)bytes, size, visit, server, &reason);
    if (!is_read)
        output_error("%s: %s", file, text_chars(&reason));
    if (is_read && !share_read(server)) {
        output_error("%s: LoadBalanceBuckets is \"%s\"; a share is \"0-127\" or \"0-63,128\"", file,
                     server->share);
        is_read = false;
    }
    return is_read;
}

/* ---- together ---- */

/* The buckets that are marked, as ranges; how many. */
static unsigned put_marked(struct text *line, const bool *marked)
{
    unsigned count = 0;

    for (unsigned first = 0; first < BUCKETS; first++) {
        unsigned last = first;
        if (!marked[first])
            continue;
        while (last + 1 < BUCKETS && marked[last + 1])
            last++;
        text_put(line, count == 0 ? "" : ",");
        text_format(line, first == last ? "%u" : "%u-%u", first, last);
        count += last - first + 1;
        first = last;
    }
    return count;
}

/* True: buckets are marked, so there is a problem, and it was said. */
static bool tell_marked(struct text *line, const bool *marked, const char *what_clients_are)
{
    unsigned found = put_marked(line, marked);
    text_format(line, ": their clients are %s", what_clients_are);
    if (found > 0)
        output_line(STREAM_OUT, line);
    return found > 0;
}

static bool tell_gaps(const struct server *servers, size_t count)
{
    SCOPED_TEXT line = TEXT_EMPTY;
    bool marked[BUCKETS];

    for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
        marked[bucket] = true;
        for (size_t i = 0; i < count; i++)
            marked[bucket] = marked[bucket] && !servers[i].has[bucket];
    }
    text_put(&line, "no server has ");
    return tell_marked(&line, marked, "answered late, and by all");
}

static bool tell_overlap(const struct server *one, const struct server *other)
{
    SCOPED_TEXT line = TEXT_EMPTY;
    bool marked[BUCKETS];

    for (unsigned bucket = 0; bucket < BUCKETS; bucket++)
        marked[bucket] = one->has[bucket] && other->has[bucket];
    text_format(&line, "%s and %s both have ", one->file, other->file);
    return tell_marked(&line, marked, "answered twice");
}

static void tell_server(const struct server *server)
{
    unsigned count = 0;

    for (unsigned bucket = 0; bucket < BUCKETS; bucket++)
        count += server->has[bucket];
    output_format(STREAM_OUT, "%s: %s, %u of %u buckets", server->file,
                  server->share[0] != '\0' ? server->share : "not set", count, (unsigned)BUCKETS);
}

static enum exit_code check_all(struct server *servers, const struct arguments *arguments)
{
    const size_t count = arguments->positional_count;
    bool is_wrong = false;

    for (size_t i = 0; i < count; i++) {
        if (!server_read(arguments->positional[i], &servers[i]))
            return EXIT_CODE_FAILED;
    }
    for (size_t i = 0; i < count; i++)
        tell_server(&servers[i]);
    is_wrong = tell_gaps(servers, count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++)
            is_wrong = tell_overlap(&servers[i], &servers[j]) || is_wrong;
    }
    if (!is_wrong)
        output_format(STREAM_OUT, "every bucket has one server");
    return is_wrong ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

static enum exit_code check_run(const struct arguments *arguments)
{
    SCOPED_MEMORY struct server *servers = calloc(arguments->positional_count, sizeof(*servers));

    if (servers == NULL)
        return output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "cannot compare the servers");
    return check_all(servers, arguments);
}

static const struct command share_commands[] = {
    {
        .name = "check",
        .usage = "FILE...",
        .summary = "Look for buckets that no server has, or several; exit code 1 if there are any.",
        .details =
            "Each FILE is a \"config export\" of one of the servers that share the clients.\n",
        .positional = {1, SERVERS_MAX},
        .takes_files = true,
        .run = check_run,
    },
    {0},
};

const struct command share_command = {
    .name = "share",
    .usage = "COMMAND ...",
    .summary = "Compare servers that share clients (LoadBalanceBuckets).",
    .subcommands = share_commands,
};
