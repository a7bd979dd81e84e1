#include "cli/commands.h"

#include <string.h>
#include <windows.h>

#include "base/address.h"
#include "config/config_file.h"
#include "config/setting.h"

/* ---- one setting by name ---- */

static enum exit_code find_setting(const char *name, struct setting *out_setting)
{
    DWORD error = setting_read_named(name, out_setting);
    if (error == ERROR_NOT_FOUND) {
        output_error("no setting is named \"%s\"; \"wdspxectl config show\" lists them", name);
        return EXIT_CODE_NOT_FOUND;
    }
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "cannot read %s", out_setting->name);
    return EXIT_CODE_OK;
}

static const char *effect_of(const struct setting *setting)
{
    if (setting->facts.uFlags & WDSPXE_EXT_SETTING_UNUSED)
        return "nothing in this server depends on it";
    return setting->facts.uFlags & WDSPXE_EXT_SETTING_LIVE
               ? "a running server follows within seconds"
               : "takes effect at the next start of the server";
}

/* ---- show ---- */

static const struct option_spec show_options[] = {
    FLAG_OPTION("json", "write JSON, on one line"),
    TEXTS_OPTION("interface", "IP", "as it would be with this option of serve"),
    NUMBER_OPTION("port", 1, 65535, "N", "the same"),
    {0},
};

/* The value that an option of serve stands for; false: it stands for none of this setting. */
static bool option_value_of(const struct arguments *arguments, const struct setting *setting,
                            size_t *out_count, struct text *out_words)
{
    const struct option_value *interfaces = option_values(arguments, "interface");

    *out_count = 1;
    if (strcmp(setting->name, "UseDhcpPorts") == 0 && option_given(arguments, "port"))
        text_put(&out_words[0], "1");
    else if (strcmp(setting->name, "BindPolicy") == 0 && interfaces->times > 0)
        text_put(&out_words[0], "1");
    else if (strcmp(setting->name, "BindInterfaces") == 0 && interfaces->times > 0)
        for (*out_count = 0; *out_count < interfaces->times; (*out_count)++)
            text_format(&out_words[*out_count], "IP:%s", interfaces->texts[*out_count]);
    else
        return false;
    return true;
}

/* serve takes IPv6, which the registry's entries do not have. */
static bool are_addresses(const struct setting *setting, const struct option_value *interfaces)
{
    uint8_t bytes[16];
    uint32_t scope;
    bool are = strcmp(setting->name, "BindInterfaces") == 0;

    for (size_t i = 0; i < interfaces->times; i++)
        are = are && address_read(interfaces->texts[i], bytes, &scope) != 0;
    return are;
}

/* Options win over the registry, as they do in serve. */
static enum exit_code apply_options(const struct arguments *arguments, struct setting *setting)
{
    struct text words[ARGUMENT_REPEAT_MAX] = {{0}};
    const char *chars[ARGUMENT_REPEAT_MAX];
    SCOPED_TEXT problem = TEXT_EMPTY;
    struct setting_value value;
    enum exit_code code = EXIT_CODE_OK;
    size_t count;

    if (!option_value_of(arguments, setting, &count, words))
        return EXIT_CODE_OK;
    for (size_t i = 0; i < count; i++)
        chars[i] = text_chars(&words[i]);
    if (are_addresses(setting, option_values(arguments, "interface"))
            ? setting_lines(setting, count, chars, &value)
            : setting_parse(setting, count, chars, &value, &problem)) {
        setting_value_free(&setting->value);
        setting->value = value;
        setting->source = SOURCE_OPTION;
        setting->is_wrong = false;
        setting->problem[0] = '\0';
    } else {
        code = usage_error("%s %s", setting->name, text_chars(&problem));
    }
    for (size_t i = 0; i < count; i++)
        text_free(&words[i]);
    return code;
}

static void write_row(struct writer *writer, const struct setting *setting)
{
    SCOPED_TEXT value = TEXT_EMPTY, initial = TEXT_EMPTY;

    setting_put_value(&value, setting);
    setting_put_default(&initial, setting);
    say_break(writer);
    say(writer, "%-22s %-13s  %-8s  %-16s  %s%s%s", setting->name,
        registry_type_name(setting->facts.dwType), setting_source_name(setting->source),
        text_chars(&initial), text_chars(&value), setting->is_wrong ? "  WRONG: " : "",
        setting->problem);
}

static void say_details(struct writer *writer, const struct setting *setting)
{
    const WDSPXE_EXT_SETTING *facts = &setting->facts;
    bool is_ours = (facts->uFlags & WDSPXE_EXT_SETTING_OURS) != 0;
    SCOPED_TEXT value = TEXT_EMPTY, initial = TEXT_EMPTY;

    setting_put_value(&value, setting);
    setting_put_default(&initial, setting);
    write_string(writer, NULL, setting->name, "name:     %");
    say(writer, "%s", is_ours ? " (of this server; the original does not know it)" : "");
    write_string(writer, NULL, facts->pszMeaning, "\nmeaning:  %\n");
    write_string(writer, NULL, facts->pszKey, "key:      HKEY_LOCAL_MACHINE\\%\n");
    write_string(writer, NULL, registry_type_name(facts->dwType), "type:     %\n");
    write_string(writer, NULL, facts->pszForm, "allowed:  %\n");
    write_text(writer, NULL, &initial, "default:  %");
    say_break(writer);
    write_string(writer, NULL, text_chars(&value), "value:    %\n");
    write_string(writer, NULL, setting_source_name(setting->source), "from:     %\n");
    write_string(writer, NULL, effect_of(setting), "effect:   %");
    write_string(writer, NULL, setting->is_wrong ? setting->problem : NULL, "\nWRONG:    %");
    writer->text.failed |= value.failed;
}

static void write_setting(struct writer *writer, const struct setting *setting)
{
    const WDSPXE_EXT_SETTING *facts = &setting->facts;

    write_begin(writer, NULL);
    write_string(writer, "name", facts->pszName, NULL);
    write_string(writer, "key", facts->pszKey, NULL);
    write_string(writer, "type", registry_type_name(facts->dwType), NULL);
    setting_write_value(writer, "value", setting);
    write_string(writer, "source", setting_source_name(setting->source), NULL);
    if (facts->dwType == REG_DWORD) {
        write_number(writer, "default", facts->dwDefault, NULL);
        write_number(writer, "minimum", facts->dwMinimum, NULL);
        write_number(writer, "maximum", facts->dwMaximum, NULL);
    } else {
        write_string(writer, "default", facts->pszDefault, NULL);
    }
    write_string(writer, "allowed", facts->pszForm, NULL);
    write_string(writer, "meaning", facts->pszMeaning, NULL);
    write_bool(writer, "live", (facts->uFlags & WDSPXE_EXT_SETTING_LIVE) != 0, NULL);
    write_bool(writer, "unused", (facts->uFlags & WDSPXE_EXT_SETTING_UNUSED) != 0, NULL);
    write_bool(writer, "ours", (facts->uFlags & WDSPXE_EXT_SETTING_OURS) != 0, NULL);
    write_string(writer, "problem", setting->is_wrong ? setting->problem : NULL, NULL);
    write_end(writer);
}

struct showing {
    const struct arguments *arguments;
    struct writer writer;
};

static enum exit_code show_one(struct setting *setting, void *context)
{
    struct showing *showing = context;
    enum exit_code code = apply_options(showing->arguments, setting);

    if (code == EXIT_CODE_OK)
        (showing->writer.as_json ? write_setting : write_row)(&showing->writer, setting);
    return code;
}

static enum exit_code show_named(const struct arguments *arguments, struct writer *writer)
{
    SCOPED_SETTING setting = {0};
    enum exit_code code = find_setting(arguments->positional[0], &setting);

    if (code == EXIT_CODE_OK)
        code = apply_options(arguments, &setting);
    if (code != EXIT_CODE_OK)
        return code;
    (writer->as_json ? write_setting : say_details)(writer, &setting);
    return output_result(writer, code);
}

static enum exit_code show_run(const struct arguments *arguments)
{
    struct showing showing = {.arguments = arguments};
    struct writer *writer = &showing.writer;

    writer_start(writer, option_given(arguments, "json"));
    if (arguments->positional_count > 0)
        return show_named(arguments, writer);
    say(writer, "%-22s %-13s  %-8s  %-16s  VALUE", "NAME", "TYPE", "FROM", "DEFAULT");
    write_begin_list(writer, NULL);
    enum exit_code code = settings_walk(show_one, &showing);
    write_end_list(writer);
    return output_result(writer, code);
}

/* ---- set, unset ---- */

static enum exit_code write_value(const struct setting *setting, const struct setting_value *value)
{
    SCOPED_TEXT line = TEXT_EMPTY;
    struct setting now = *setting;
    DWORD error = setting_write(setting, value);

    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "cannot set %s", setting->name);
    now.value = *value;
    text_format(&line, "%s = ", setting->name);
    setting_put_value(&line, &now);
    text_put(&line, " (was ");
    setting_put_value(&line, setting);
    text_format(&line, ", from %s); %s", setting_source_name(setting->source), effect_of(setting));
    output_line(STREAM_OUT, &line);
    return EXIT_CODE_OK;
}

static enum exit_code set_run(const struct arguments *arguments)
{
    SCOPED_TEXT problem = TEXT_EMPTY;
    SCOPED_SETTING setting = {0};
    struct setting_value value;
    enum exit_code code = find_setting(arguments->positional[0], &setting);

    if (code != EXIT_CODE_OK)
        return code;
    if (!setting_parse(&setting, arguments->positional_count - 1, arguments->positional + 1, &value,
                       &problem))
        return usage_error("%s %s", setting.name, text_chars(&problem));
    code = write_value(&setting, &value);
    setting_value_free(&value);
    return code;
}

static enum exit_code unset_run(const struct arguments *arguments)
{
    const struct setting_value none = {0};
    SCOPED_SETTING setting = {0};
    enum exit_code code = find_setting(arguments->positional[0], &setting);

    return code == EXIT_CODE_OK ? write_value(&setting, &none) : code;
}

/* ---- check ---- */

struct verdict {
    size_t wrong;
    size_t vital;
};

static enum exit_code check_one(struct setting *setting, void *context)
{
    struct verdict *verdict = context;
    bool is_vital = (setting->facts.uFlags & WDSPXE_EXT_SETTING_VITAL) != 0;

    if (!setting->is_wrong)
        return EXIT_CODE_OK;
    verdict->wrong++;
    verdict->vital += is_vital;
    output_format(STREAM_OUT, "%s %s; %s", setting->name, setting->problem,
                  is_vital ? "the server will not start" : "its default is used");
    return EXIT_CODE_OK;
}

/* The value in words; "" if the setting has none or a wrong one. */
static void put_if_right(struct text *text, const char *name)
{
    SCOPED_SETTING setting = {0};

    if (setting_read_named(name, &setting) == ERROR_SUCCESS && setting.value.bytes != NULL &&
        !setting.is_wrong)
        setting_put_value(text, &setting);
}

/* What a share asks of the other servers, which this one knows nothing of. */
static void tell_share(void)
{
    SCOPED_TEXT share = TEXT_EMPTY, takeover = TEXT_EMPTY;

    put_if_right(&share, "LoadBalanceBuckets");
    put_if_right(&takeover, "LoadBalanceTakeover");
    if (share.length > 0 && strcmp(text_chars(&share), "0-255") != 0) {
        output_format(STREAM_OUT,
                      "LoadBalanceBuckets %s: other servers must have the other buckets of 0-255; "
                      "\"wdspxectl config export\" on each and \"wdspxectl share check\" compare "
                      "them",
                      text_chars(&share));
        if (strcmp(text_chars(&takeover), "0") == 0)
            output_format(STREAM_OUT, "LoadBalanceTakeover 0: the clients of a server that is down "
                                      "are answered by nobody");
    }
}

static enum exit_code check_run(const struct arguments *arguments)
{
    struct verdict verdict = {0};
    enum exit_code code = settings_walk(check_one, &verdict);

    (void)arguments;
    if (code != EXIT_CODE_OK)
        return code;
    if (verdict.wrong == 0)
        output_format(STREAM_OUT, "every setting is right");
    tell_share();
    return verdict.wrong == 0 ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* ---- the commands ---- */

static const struct command config_commands[] = {
    {
        .name = "show",
        .usage = "[NAME] [--json]",
        .summary = "Show all settings, or everything about one.",
        .details = "FROM tells where a value comes from: default, registry, or an option of serve\n"
                   "that is given here, too.\n",
        .options = show_options,
        .positional = {0, 1},
        .run = show_run,
    },
    {
        .name = "set",
        .usage = "NAME VALUE ...",
        .summary = "Set a setting; a list takes several values.",
        .positional = {2, ARGUMENT_POSITIONAL_ANY},
        .run = set_run,
    },
    {
        .name = "unset",
        .usage = "NAME",
        .summary = "Take a setting out of the registry, back to its default.",
        .positional = {1, 1},
        .run = unset_run,
    },
    {
        .name = "check",
        .usage = "",
        .summary = "Look for wrong values in the registry; exit code 1 if there are any.",
        .run = check_run,
    },
    {
        .name = "export",
        .usage = "FILE [--exact] [--utf8]",
        .summary = "Write the settings that are set as a registry file.",
        .options = config_export_options,
        .positional = {1, 1},
        .run = config_export_run,
    },
    {
        .name = "import",
        .usage = "FILE [--dry-run]",
        .summary = "Set what a registry file sets, all of it or nothing.",
        .details =
            "FILE is one of \"config export\", of regedit or of \"reg export\". What it says\n"
            "about other keys and values is passed over. One wrong value, and nothing is\n"
            "changed.\n",
        .options = config_import_options,
        .positional = {1, 1},
        .run = config_import_run,
    },
    {0},
};

const struct command config_command = {
    .name = "config",
    .usage = "COMMAND ...",
    .summary = "Show and change the settings of the server.",
    .subcommands = config_commands,
};
