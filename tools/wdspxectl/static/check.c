#include "cli/output.h"
#include "static/static.h"

static void write_problem(struct writer *writer, const struct problem *problem)
{
    char line[PROBLEM_TEXT_SIZE];

    problem_format(problem, line);
    write_begin(writer, NULL);
    write_string(writer, "file", problem->place.file, NULL);
    write_number(writer, "line", problem->place.line, NULL);
    write_string(writer, "section", problem->place.section, NULL);
    write_string(writer, "key", problem->place.key, NULL);
    write_string(writer, "problem", problem->text, NULL);
    write_bool(writer, "is_warning", problem->is_warning, NULL);
    say(writer, "%s", line);
    say_break(writer);
    write_end(writer);
}

static void write_all(struct writer *writer, const char *path, const struct static_config *config,
                      const struct problem_list *problems)
{
    static const struct static_config none;
    const bool is_good = config != NULL;

    config = is_good ? config : &none;
    write_begin(writer, NULL);
    write_number(writer, "mistakes", problems->count, NULL);
    write_number(writer, "warnings", problems->warnings, NULL);
    write_begin_list(writer, "problems");
    for (size_t i = 0; i < problems->kept; i++)
        write_problem(writer, &problems->items[i]);
    write_end_list(writer);
    write_number(writer, "rules", config->rule_count, NULL);
    write_number(writer, "machines", config->machine_count, NULL);
    write_number(writer, "bytes", config->arena.total, NULL);
    if (is_good)
        say(writer, "%s: good; %lu rule%s, %lu machine%s of lists, %lu file%s, %lu bytes", path,
            (unsigned long)config->rule_count, plural(config->rule_count),
            (unsigned long)config->machine_count, plural(config->machine_count),
            (unsigned long)config->file_count, plural(config->file_count),
            (unsigned long)config->arena.total);
    else
        say(writer, "%s: %lu mistake%s", path, (unsigned long)problems->count,
            plural(problems->count));
    write_end(writer);
}

enum exit_code check_run(const struct arguments *arguments)
{
    const char *path = arguments->positional[0];
    SCOPED_READING reading = {0};
    struct writer writer;

    static_read(path, &reading);
    if (reading.config == NULL && reading.problems.count == 0)
        return static_tell(path, &reading);
    writer_start(&writer, option_given(arguments, "json"));
    write_all(&writer, path, reading.config, &reading.problems);
    output_record(STREAM_OUT, &writer);
    return reading.config != NULL ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}
