#include "cli/output.h"
#include "static/static.h"
#include "text/json.h"

enum { CHECK_JSON };

const struct option_spec check_options[] = {
    {"json", OPTION_FLAG, false, 0, 0, NULL, "as one JSON object"},
    {0},
};

static void put_place(struct json *json, const struct problem *problem)
{
    json_begin_object(json);
    json_key(json, "file");
    json_string(json, problem->place.file);
    json_key(json, "line");
    json_number(json, problem->place.line);
    json_key(json, "section");
    json_string(json, problem->place.section);
    json_key(json, "key");
    json_string(json, problem->place.key);
    json_key(json, "problem");
    json_string(json, problem->text);
    json_end_object(json);
}

static void tell_json(const struct static_config *config, const struct problem_list *problems)
{
    struct text text = TEXT_EMPTY;
    struct json json = json_start(&text);

    json_begin_object(&json);
    json_key(&json, "mistakes");
    json_number(&json, problems->count);
    json_key(&json, "problems");
    json_begin_array(&json);
    for (size_t i = 0; i < problems->kept; i++)
        put_place(&json, &problems->items[i]);
    json_end_array(&json);
    json_key(&json, "rules");
    json_number(&json, config == NULL ? 0 : config->rule_count);
    json_key(&json, "machines");
    json_number(&json, config == NULL ? 0 : config->machine_count);
    json_key(&json, "bytes");
    json_number(&json, config == NULL ? 0 : config->arena.total);
    json_end_object(&json);
    output_line(STREAM_OUT, &text);
    text_free(&text);
}

static void tell_lines(const char *path, const struct static_config *config,
                       const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->kept; i++) {
        char line[PROBLEM_TEXT_SIZE];

        problem_format(&problems->items[i], line);
        output_format(STREAM_OUT, "%s", line);
    }
    if (config == NULL)
        output_format(STREAM_OUT, "%s: %lu %s", path, (unsigned long)problems->count,
                      problems->count == 1 ? "mistake" : "mistakes");
    else
        output_format(STREAM_OUT,
                      "%s: good; %lu rules, %lu machines of lists, %lu files, %lu bytes", path,
                      (unsigned long)config->rule_count, (unsigned long)config->machine_count,
                      (unsigned long)config->file_count, (unsigned long)config->arena.total);
}

enum exit_code check_run(const struct arguments *arguments)
{
    const char *path = arguments->positional[0];
    struct problem_list problems;
    uint32_t error;
    const struct static_config *config = static_read(path, &problems, &error);
    enum exit_code code = EXIT_CODE_OK;

    if (config == NULL && problems.count == 0) {
        code = output_win32_error(error, "cannot read %s", path);
    } else {
        if (arguments->options[CHECK_JSON].times > 0)
            tell_json(config, &problems);
        else
            tell_lines(path, config, &problems);
        if (config == NULL)
            code = EXIT_CODE_FAILED;
    }
    problem_list_free(&problems);
    config_release(config);
    return code;
}
