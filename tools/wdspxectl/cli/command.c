#include "cli/command.h"
#include "cli/suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char exit_codes_help[] = "\nExit codes:\n"
                                      "  0  ok\n"
                                      "  1  failed\n"
                                      "  2  usage: the command line is wrong\n"
                                      "  3  not found\n"
                                      "  4  already exists\n"
                                      "  5  access denied\n"
                                      "  6  a provider broke rules (test bench)\n"
                                      "  7  replies differ from the golden file (test bench)\n";

/* The names of the command, as typed: "wdspxectl provider add". */
static char path[64];

const struct option_spec json_options[] = {FLAG_OPTION("json", "write JSON, on one line"), {0}};
const struct option_spec json_object_options[] = {FLAG_OPTION("json", "as one JSON object"), {0}};

enum exit_code usage_error(const char *format, ...)
{
    SCOPED_TEXT line = TEXT_EMPTY;
    va_list arguments;
    va_start(arguments, format);
    text_format(&line, "%s: ", path);
    text_format_v(&line, format, arguments);
    va_end(arguments);
    text_format(&line, "; see \"%s --help\"", path);
    output_line(STREAM_ERROR, &line);
    return EXIT_CODE_USAGE;
}

/* ARGUMENT_OPTIONS_MAX if the table has no option whose name these characters are. */
static size_t find_option_spec(const struct option_spec *options, const char *name,
                               size_t name_length)
{
    if (options == NULL)
        return ARGUMENT_OPTIONS_MAX;
    for (size_t i = 0; i < ARGUMENT_OPTIONS_MAX && options[i].name != NULL; i++) {
        if (strlen(options[i].name) == name_length &&
            strncmp(options[i].name, name, name_length) == 0)
            return i;
    }
    return ARGUMENT_OPTIONS_MAX;
}

const struct option_value *option_values(const struct arguments *arguments, const char *name)
{
    size_t index = find_option_spec(arguments->command->options, name, strlen(name));
    if (index < ARGUMENT_OPTIONS_MAX)
        return &arguments->options[index];
    output_error("\"%s\" has no option --%s, but asks for it", path, name);
    abort();
}

bool option_given(const struct arguments *arguments, const char *name)
{
    return option_values(arguments, name)->times > 0;
}

uint32_t option_number(const struct arguments *arguments, const char *name, uint32_t otherwise)
{
    const struct option_value *given = option_values(arguments, name);
    return given->times > 0 ? given->number : otherwise;
}

const char *option_text(const struct arguments *arguments, const char *name)
{
    return option_values(arguments, name)->texts[0];
}

const struct choice *choice_find(const struct choice *choices, const char *word)
{
    if (word == NULL)
        return choices;
    while (choices->word != NULL && strcmp(word, choices->word) != 0)
        choices++;
    return choices->word != NULL ? choices : NULL;
}

bool number_parse(const char *string, uint32_t minimum, uint32_t maximum, uint32_t *out_number)
{
    uint64_t number = 0;
    if (*string == '\0')
        return false;
    for (const char *at = string; *at != '\0'; at++) {
        if (*at < '0' || *at > '9')
            return false;
        number = number * 10 + (uint64_t)(*at - '0');
        if (number > maximum)
            return false;
    }
    if (number < minimum)
        return false;
    *out_number = (uint32_t)number;
    return true;
}

static void put_row(struct text *help, const char *left, const char *right)
{
    text_format(help, "  %-21s %s\n", left, right);
}

static void put_commands(struct text *help, const struct command *commands)
{
    text_put(help, "\nCommands:\n");
    for (const struct command *command = commands; command->name != NULL; command++)
        if (!command->is_hidden)
            put_row(help, command->name, command->summary);
}

static void put_options(struct text *help, const struct option_spec *options)
{
    text_put(help, "\nOptions:\n");
    for (const struct option_spec *spec = options; spec != NULL && spec->name != NULL; spec++) {
        SCOPED_TEXT left = TEXT_EMPTY;
        text_format(&left, "--%s", spec->name);
        if (spec->value_name != NULL)
            text_format(&left, " %s", spec->value_name);
        put_row(help, text_chars(&left), spec->help);
    }
    put_row(help, "-h, --help", "show this text");
}

/* The whole program's: the same as its command of that name. */
static const char version_option[] = "--version";

static const struct command *find_command(const struct command *commands, const char *name)
{
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}

static bool has_version(const struct command *command)
{
    return command->subcommands != NULL && find_command(command->subcommands, "version") != NULL;
}

static void put_help(struct text *help, const struct command *command)
{
    text_format(help, "Usage: %s%s%s\n\n%s\n", path, command->usage[0] == '\0' ? "" : " ",
                command->usage, command->summary);
    if (command->details != NULL)
        text_format(help, "\n%s", command->details);
    if (command->subcommands != NULL)
        put_commands(help, command->subcommands);
    put_options(help, command->options);
    if (has_version(command))
        put_row(help, version_option, "show the versions of this program and of wdspxe.dll");
    text_put(help, exit_codes_help);
}

static enum exit_code show_help(const struct command *command)
{
    SCOPED_TEXT help = TEXT_EMPTY;
    put_help(&help, command);
    output_block(STREAM_OUT, &help);
    return help.failed ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

static bool is_help_option(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static enum exit_code unknown_error(const char *kind, const char *word, const char *dashes,
                                    const char *meant)
{
    if (meant == NULL)
        return usage_error("unknown %s \"%s\"", kind, word);
    return usage_error("unknown %s \"%s\" (did you mean \"%s%s\"?)", kind, word, dashes, meant);
}

static enum exit_code unknown_command(const struct command *command, const char *word)
{
    struct suggestion meant = {.typed = word, .length = strlen(word)};
    for (const struct command *known = command->subcommands; known->name != NULL; known++)
        if (!known->is_hidden)
            suggestion_look(&meant, known->name);
    return unknown_error("command", word, "", meant.found);
}

/* `word` as it was typed; its first `name_length` characters behind the dashes name the option. */
static enum exit_code unknown_option(const struct command *command, const char *word,
                                     size_t name_length)
{
    struct suggestion meant = {.typed = word + 2, .length = name_length};
    for (const struct option_spec *known = command->options; known != NULL && known->name != NULL;
         known++)
        suggestion_look(&meant, known->name);
    suggestion_look(&meant, "help");
    return unknown_error("option", word, "--", meant.found);
}

static enum exit_code store_value(const struct option_spec *spec, const char *text,
                                  struct option_value *value)
{
    if (text[0] == '\0')
        return usage_error("--%s needs a value (%s) that is not empty", spec->name,
                           spec->value_name);
    if (spec->kind == OPTION_NUMBER &&
        !number_parse(text, spec->minimum, spec->maximum, &value->number))
        return usage_error("--%s needs a number from %lu to %lu, not \"%s\"", spec->name,
                           (unsigned long)spec->minimum, (unsigned long)spec->maximum, text);
    value->texts[value->times] = text;
    value->times++;
    return EXIT_CODE_OK;
}

/* Where parsing stands; `at` is the next word to read. */
struct reader {
    size_t count;
    char *const *words;
    size_t at;
};

static enum exit_code read_option(struct reader *reader, const char *word,
                                  struct arguments *arguments)
{
    const struct command *command = arguments->command;
    const char *name = word + 2;
    const char *equals = strchr(name, '=');
    size_t name_length = equals == NULL ? strlen(name) : (size_t)(equals - name);
    size_t index = find_option_spec(command->options, name, name_length);
    if (index == ARGUMENT_OPTIONS_MAX)
        return unknown_option(command, word, name_length);

    const struct option_spec *spec = &command->options[index];
    struct option_value *value = &arguments->options[index];
    size_t limit = spec->repeatable ? ARGUMENT_REPEAT_MAX : 1;
    if (value->times >= limit)
        return usage_error("--%s is given more than %lu time%s", spec->name, (unsigned long)limit,
                           limit == 1 ? "" : "s");
    if (spec->kind == OPTION_FLAG) {
        if (equals != NULL)
            return usage_error("--%s takes no value", spec->name);
        value->times = 1;
        return EXIT_CODE_OK;
    }
    if (equals != NULL)
        return store_value(spec, equals + 1, value);
    /* A value that looks like an option is more likely a forgotten value; "=" is there for it. */
    if (reader->at == reader->count || strncmp(reader->words[reader->at], "--", 2) == 0)
        return usage_error("--%s needs a %s after it", spec->name, spec->value_name);
    return store_value(spec, reader->words[reader->at++], value);
}

/* The files that match, in the place of the word. */
static enum exit_code read_pattern(const struct reader *reader, const char *word,
                                   struct arguments *arguments)
{
    struct paths *matched = &arguments->patterns_matched;
    const size_t before = matched->count;
    const DWORD error = paths_match(matched, word);
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "no file matches \"%s\"", word);
    /* Room for what is there, for these, for every word to come, and for the NULL. */
    const size_t room =
        arguments->positional_count + (matched->count - before) + (reader->count - reader->at) + 1;
    const char **grown = realloc(arguments->positional, room * sizeof(*grown));
    if (grown == NULL)
        return output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "cannot read the command line");
    arguments->positional = grown;
    memset(grown + arguments->positional_count, 0,
           (room - arguments->positional_count) * sizeof(*grown));
    for (size_t i = before; i < matched->count; i++) {
        if (arguments->positional_count == arguments->command->positional.maximum)
            return usage_error("\"%s\" is one argument too many", matched->items[i]);
        grown[arguments->positional_count++] = matched->items[i];
    }
    return EXIT_CODE_OK;
}

static enum exit_code read_positional(const struct reader *reader, const char *word,
                                      struct arguments *arguments)
{
    const struct command *command = arguments->command;
    if (command->takes_files && path_is_pattern(word))
        return read_pattern(reader, word, arguments);
    if (arguments->positional_count == command->positional.maximum)
        return usage_error("\"%s\" is one argument too many", word);
    arguments->positional[arguments->positional_count++] = word;
    return EXIT_CODE_OK;
}

static enum exit_code read_arguments(struct reader *reader, struct arguments *arguments)
{
    const struct command *command = arguments->command;
    bool only_positional = false;
    while (reader->at < reader->count) {
        const char *word = reader->words[reader->at++];
        enum exit_code code = EXIT_CODE_OK;
        if (only_positional || word[0] != '-' || word[1] == '\0')
            code = read_positional(reader, word, arguments);
        else if (strcmp(word, "--") == 0)
            only_positional = true;
        else if (word[1] != '-')
            code = usage_error("unknown option \"%s\"", word);
        else
            code = read_option(reader, word, arguments);
        if (code != EXIT_CODE_OK)
            return code;
    }
    if (arguments->positional_count < command->positional.minimum)
        return usage_error("arguments are missing, it is used as \"%s %s\"", path, command->usage);
    return EXIT_CODE_OK;
}

/*
 * Help is help wherever it stands, also behind a mistake; but not behind "--". The bare word counts
 * only alone, for it may be a provider's name.
 */
static bool asks_for_help(const struct reader *reader)
{
    if (reader->count - reader->at == 1 && strcmp(reader->words[reader->at], "help") == 0)
        return true;
    for (size_t i = reader->at; i < reader->count; i++) {
        if (strcmp(reader->words[i], "--") == 0)
            return false;
        if (is_help_option(reader->words[i]))
            return true;
    }
    return false;
}

static enum exit_code run_command(const struct command *command, struct reader *reader)
{
    struct arguments arguments;
    memset(&arguments, 0, sizeof(arguments));
    arguments.command = command;
    if (asks_for_help(reader))
        return show_help(command);

    arguments.positional = calloc(reader->count + 1, sizeof(*arguments.positional));
    if (arguments.positional == NULL)
        return output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "cannot read the command line");
    enum exit_code code = read_arguments(reader, &arguments);
    if (code == EXIT_CODE_OK) {
        code = command->run(&arguments);
        if (code == EXIT_CODE_OK && !output_is_intact())
            code = EXIT_CODE_FAILED;
    }
    free(arguments.positional);
    paths_free(&arguments.patterns_matched);
    return code;
}

enum exit_code command_run(const struct command *root, size_t count, char *const *words)
{
    struct reader reader = {count, words, 0};
    const struct command *command = root;
    bool help = false;

    (void)snprintf(path, sizeof(path), "%s", root->name);
    while (command->subcommands != NULL) {
        if (reader.at == reader.count) {
            if (help)
                return show_help(command);
            return usage_error("a command is missing");
        }
        const char *word = words[reader.at];
        if (is_help_option(word) || strcmp(word, "help") == 0) {
            help = true;
            reader.at++;
            continue;
        }
        if (strcmp(word, version_option) == 0 && has_version(command))
            word += 2; /* the command's name */
        const struct command *next = find_command(command->subcommands, word);
        if (next == NULL && word[0] == '-')
            return usage_error("unknown option \"%s\"", word);
        if (next == NULL)
            return unknown_command(command, word);
        command = next;
        (void)snprintf(path + strlen(path), sizeof(path) - strlen(path), " %s", command->name);
        reader.at++;
    }
    return help ? show_help(command) : run_command(command, &reader);
}
