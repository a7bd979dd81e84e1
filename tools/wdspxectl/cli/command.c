#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

static const wchar_t exit_codes_help[] = L"\nExit codes:\n"
                                         L"  0  ok\n"
                                         L"  1  failed\n"
                                         L"  2  usage: the command line is wrong\n"
                                         L"  3  not found\n"
                                         L"  4  already exists\n"
                                         L"  5  access denied\n"
                                         L"  6  a provider broke rules (test bench)\n"
                                         L"  7  replies differ from the golden file (test bench)\n";

enum exit_code command_usage_error(const struct command *command, const wchar_t *format, ...)
{
    struct text line = TEXT_EMPTY;
    va_list arguments;
    va_start(arguments, format);
    text_format(&line, L"%ls: ", command->path);
    text_format_v(&line, format, arguments);
    va_end(arguments);
    text_format(&line, L"; see \"%ls --help\"", command->path);
    output_line(STREAM_ERROR, &line);
    text_free(&line);
    return EXIT_CODE_USAGE;
}

uint32_t option_number(const struct arguments *arguments, size_t option, uint32_t otherwise)
{
    const struct option_value *given = &arguments->options[option];
    return given->times > 0 ? given->number : otherwise;
}

bool number_parse(const wchar_t *string, uint32_t minimum, uint32_t maximum, uint32_t *out_number)
{
    uint64_t number = 0;
    if (*string == L'\0')
        return false;
    for (const wchar_t *at = string; *at != L'\0'; at++) {
        if (*at < L'0' || *at > L'9')
            return false;
        number = number * 10 + (uint64_t)(*at - L'0');
        if (number > maximum)
            return false;
    }
    if (number < minimum)
        return false;
    *out_number = (uint32_t)number;
    return true;
}

static size_t padding(size_t used, size_t column)
{
    return used < column ? column - used : 1;
}

static void put_row(struct text *help, const wchar_t *left, const wchar_t *right)
{
    enum { COLUMN = 22 };
    text_format(help, L"  %ls%*ls%ls\n", left, (int)padding(wcslen(left), COLUMN), L"", right);
}

static void put_commands(struct text *help, const struct command *commands)
{
    text_put(help, L"\nCommands:\n");
    for (const struct command *command = commands; command->name != NULL; command++)
        if (!command->is_hidden)
            put_row(help, command->name, command->summary);
}

static void put_options(struct text *help, const struct option_spec *options)
{
    text_put(help, L"\nOptions:\n");
    for (const struct option_spec *spec = options; spec != NULL && spec->name != NULL; spec++) {
        struct text left = TEXT_EMPTY;
        text_format(&left, L"--%ls", spec->name);
        if (spec->value_name != NULL)
            text_format(&left, L" %ls", spec->value_name);
        put_row(help, text_chars(&left), spec->help);
        text_free(&left);
    }
    put_row(help, L"-h, --help", L"show this text");
}

static void put_help(struct text *help, const struct command *command)
{
    text_format(help, L"Usage: %ls%ls%ls\n\n%ls\n", command->path,
                command->usage[0] == L'\0' ? L"" : L" ", command->usage, command->summary);
    if (command->details != NULL)
        text_format(help, L"\n%ls", command->details);
    if (command->subcommands != NULL)
        put_commands(help, command->subcommands);
    put_options(help, command->options);
    text_put(help, exit_codes_help);
}

static enum exit_code show_help(const struct command *command)
{
    struct text help = TEXT_EMPTY;
    put_help(&help, command);
    output_block(STREAM_OUT, &help);
    bool failed = help.failed;
    text_free(&help);
    return failed ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

static bool is_help_option(const wchar_t *word)
{
    return wcscmp(word, L"--help") == 0 || wcscmp(word, L"-h") == 0;
}

static const struct command *find_command(const struct command *commands, const wchar_t *name)
{
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (wcscmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}

/*
 * `name_length` characters of `word` after the dashes name the option.
 * ARGUMENT_OPTIONS_MAX if the table has no such option.
 */
static size_t find_option_spec(const struct option_spec *options, const wchar_t *name,
                               size_t name_length)
{
    if (options == NULL)
        return ARGUMENT_OPTIONS_MAX;
    for (size_t i = 0; i < ARGUMENT_OPTIONS_MAX && options[i].name != NULL; i++) {
        if (wcslen(options[i].name) == name_length &&
            wcsncmp(options[i].name, name, name_length) == 0)
            return i;
    }
    return ARGUMENT_OPTIONS_MAX;
}

static enum exit_code store_value(const struct command *command, const struct option_spec *spec,
                                  const wchar_t *text, struct option_value *value)
{
    if (text[0] == L'\0')
        return command_usage_error(command, L"--%ls needs a %ls that is not empty", spec->name,
                                   spec->value_name);
    if (spec->kind == OPTION_NUMBER &&
        !number_parse(text, spec->minimum, spec->maximum, &value->number))
        return command_usage_error(command, L"--%ls needs a number from %lu to %lu, not \"%ls\"",
                                   spec->name, (unsigned long)spec->minimum,
                                   (unsigned long)spec->maximum, text);
    value->texts[value->times] = text;
    value->times++;
    return EXIT_CODE_OK;
}

/* Where parsing stands; `at` is the next word to read. */
struct reader {
    size_t count;
    wchar_t *const *words;
    size_t at;
};

static enum exit_code read_option(struct reader *reader, const wchar_t *word,
                                  struct arguments *arguments)
{
    const struct command *command = arguments->command;
    const wchar_t *name = word + 2;
    const wchar_t *equals = wcschr(name, L'=');
    size_t name_length = equals == NULL ? wcslen(name) : (size_t)(equals - name);
    size_t index = find_option_spec(command->options, name, name_length);
    if (index == ARGUMENT_OPTIONS_MAX)
        return command_usage_error(command, L"unknown option \"%ls\"", word);

    const struct option_spec *spec = &command->options[index];
    struct option_value *value = &arguments->options[index];
    size_t limit = spec->repeatable ? ARGUMENT_REPEAT_MAX : 1;
    if (value->times >= limit)
        return command_usage_error(command, L"--%ls is given more than %lu time%ls", spec->name,
                                   (unsigned long)limit, limit == 1 ? L"" : L"s");
    if (spec->kind == OPTION_FLAG) {
        if (equals != NULL)
            return command_usage_error(command, L"--%ls takes no value", spec->name);
        value->times = 1;
        return EXIT_CODE_OK;
    }
    if (equals != NULL)
        return store_value(command, spec, equals + 1, value);
    /* A value that looks like an option is more likely a forgotten value; "=" is there for it. */
    if (reader->at == reader->count || wcsncmp(reader->words[reader->at], L"--", 2) == 0)
        return command_usage_error(command, L"--%ls needs a %ls after it", spec->name,
                                   spec->value_name);
    return store_value(command, spec, reader->words[reader->at++], value);
}

static enum exit_code read_positional(const wchar_t *word, struct arguments *arguments)
{
    const struct command *command = arguments->command;
    if (arguments->positional_count == command->positional_maximum)
        return command_usage_error(command, L"\"%ls\" is one argument too many", word);
    arguments->positional[arguments->positional_count++] = word;
    return EXIT_CODE_OK;
}

static enum exit_code read_arguments(struct reader *reader, struct arguments *arguments)
{
    const struct command *command = arguments->command;
    bool only_positional = false;
    while (reader->at < reader->count) {
        const wchar_t *word = reader->words[reader->at++];
        enum exit_code code = EXIT_CODE_OK;
        if (only_positional || word[0] != L'-' || word[1] == L'\0')
            code = read_positional(word, arguments);
        else if (wcscmp(word, L"--") == 0)
            only_positional = true;
        else if (word[1] != L'-')
            code = command_usage_error(command, L"unknown option \"%ls\"", word);
        else
            code = read_option(reader, word, arguments);
        if (code != EXIT_CODE_OK)
            return code;
    }
    if (arguments->positional_count < command->positional_minimum)
        return command_usage_error(command, L"arguments are missing, it is used as \"%ls %ls\"",
                                   command->path, command->usage);
    return EXIT_CODE_OK;
}

/*
 * Help is help wherever it stands, also behind a mistake; but not behind "--". The bare word counts
 * only alone, for it may be a provider's name.
 */
static bool asks_for_help(const struct reader *reader)
{
    if (reader->count - reader->at == 1 && wcscmp(reader->words[reader->at], L"help") == 0)
        return true;
    for (size_t i = reader->at; i < reader->count; i++) {
        if (wcscmp(reader->words[i], L"--") == 0)
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
        return output_win32_error(ERROR_NOT_ENOUGH_MEMORY, L"cannot read the command line");
    enum exit_code code = read_arguments(reader, &arguments);
    if (code == EXIT_CODE_OK) {
        code = command->run(&arguments);
        if (code == EXIT_CODE_OK && !output_is_intact())
            code = EXIT_CODE_FAILED;
    }
    free(arguments.positional);
    return code;
}

enum exit_code command_run(const struct command *root, size_t count, wchar_t *const *words)
{
    struct reader reader = {count, words, 0};
    const struct command *command = root;
    bool help = false;

    while (command->subcommands != NULL) {
        if (reader.at == reader.count) {
            if (help)
                return show_help(command);
            return command_usage_error(command, L"a command is missing");
        }
        const wchar_t *word = words[reader.at];
        if (is_help_option(word) || wcscmp(word, L"help") == 0) {
            help = true;
            reader.at++;
            continue;
        }
        const struct command *next = find_command(command->subcommands, word);
        if (next == NULL && word[0] == L'-')
            return command_usage_error(command, L"unknown option \"%ls\"", word);
        if (next == NULL)
            return command_usage_error(command, L"unknown command \"%ls\"", word);
        command = next;
        reader.at++;
    }
    return help ? show_help(command) : run_command(command, &reader);
}
