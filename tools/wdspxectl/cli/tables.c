#include "cli/tables.h"

static void write_options(struct writer *writer, const struct option_spec *options)
{
    write_begin_list(writer, "options");
    for (const struct option_spec *option = options; option != NULL && option->name != NULL;
         option++) {
        write_begin(writer, NULL);
        write_string(writer, "name", option->name, NULL);
        write_string(writer, "value", option->value_name, NULL);
        write_bool(writer, "repeatable", option->repeatable, NULL);
        write_string(writer, "help", option->help, NULL);
        write_end(writer);
    }
    write_end_list(writer);
}

/* The calls go as deep as commands are nested: three. */
/* NOLINTNEXTLINE(misc-no-recursion) */
void tables_write(struct writer *writer, const struct command *command, struct text *path)
{
    const size_t length = path->length;

    text_format(path, "%s%s", length > 0 ? " " : "", command->name);
    write_begin(writer, NULL);
    write_string(writer, "name", command->name, NULL);
    write_string(writer, "path", text_chars(path), NULL);
    write_string(writer, "usage", command->usage, NULL);
    write_string(writer, "summary", command->summary, NULL);
    write_string(writer, "details", command->details, NULL);
    write_options(writer, command->options);
    write_begin_list(writer, "commands");
    for (const struct command *next = command->subcommands; next != NULL && next->name != NULL;
         next++)
        if (!next->is_hidden)
            tables_write(writer, next, path);
    write_end_list(writer);
    write_end(writer);
    text_shorten(path, length);
}
