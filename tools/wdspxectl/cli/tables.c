#include "cli/tables.h"

static void put_option(struct json *json, const struct option_spec *option)
{
    json_begin_object(json);
    json_key(json, "name");
    json_string(json, option->name);
    json_key(json, "value");
    json_string(json, option->value_name);
    json_key(json, "repeatable");
    json_bool(json, option->repeatable);
    json_key(json, "help");
    json_string(json, option->help);
    json_end_object(json);
}

static void put_options(struct json *json, const struct option_spec *options)
{
    json_key(json, "options");
    json_begin_array(json);
    for (const struct option_spec *option = options; option != NULL && option->name != NULL;
         option++)
        put_option(json, option);
    json_end_array(json);
}

static void put_words(struct json *json, const struct command *command)
{
    json_key(json, "name");
    json_string(json, command->name);
    json_key(json, "path");
    json_string(json, command->path);
    json_key(json, "usage");
    json_string(json, command->usage);
    json_key(json, "summary");
    json_string(json, command->summary);
    json_key(json, "details");
    json_string(json, command->details);
}

/* The calls go as deep as commands are nested: three. */
/* NOLINTNEXTLINE(misc-no-recursion) */
void tables_put(struct json *json, const struct command *command)
{
    json_begin_object(json);
    put_words(json, command);
    put_options(json, command->options);
    json_key(json, "commands");
    json_begin_array(json);
    for (const struct command *next = command->subcommands; next != NULL && next->name != NULL;
         next++)
        if (!next->is_hidden)
            tables_put(json, next);
    json_end_array(json);
    json_end_object(json);
}
