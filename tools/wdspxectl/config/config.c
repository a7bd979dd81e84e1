#include "config/config.h"

#include <string.h>
#include <windows.h>

#include "config/config_file.h"
#include "text/json.h"
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

enum { SHOW_JSON, SHOW_INTERFACE, SHOW_PORT };

static const struct option_spec show_options[] = {
    {"json", OPTION_FLAG, false, 0, 0, NULL, "write JSON, on one line"},
    {"interface", OPTION_TEXT, true, 0, 0, "IP", "as it would be with this option of serve"},
    {"port", OPTION_NUMBER, false, 1, 65535, "N", "the same"},
    {0},
};

/* The value that an option of serve stands for; false: it stands for none of this setting. */
static bool option_value_of(const struct option_value *given, const struct setting *setting,
                            size_t *out_count, struct text *out_words)
{
    size_t interfaces = given[SHOW_INTERFACE].times;

    *out_count = 1;
    if (strcmp(setting->name, "UseDhcpPorts") == 0 && given[SHOW_PORT].times > 0)
        text_put(&out_words[0], "1");
    else if (strcmp(setting->name, "BindPolicy") == 0 && interfaces > 0)
        text_put(&out_words[0], "1");
    else if (strcmp(setting->name, "BindInterfaces") == 0 && interfaces > 0)
        for (*out_count = 0; *out_count < interfaces; (*out_count)++)
            text_format(&out_words[*out_count], "IP:%s", given[SHOW_INTERFACE].texts[*out_count]);
    else
        return false;
    return true;
}

/* Options win over the registry, as they do in serve. */
static enum exit_code apply_options(const struct arguments *arguments, struct setting *setting)
{
    struct text words[ARGUMENT_REPEAT_MAX] = {{0}};
    const char *chars[ARGUMENT_REPEAT_MAX];
    struct text problem = TEXT_EMPTY;
    struct setting_value value;
    enum exit_code code = EXIT_CODE_OK;
    size_t count;

    if (!option_value_of(arguments->options, setting, &count, words))
        return EXIT_CODE_OK;
    for (size_t i = 0; i < count; i++)
        chars[i] = text_chars(&words[i]);
    if (setting_parse(setting, count, chars, &value, &problem)) {
        setting_value_free(&setting->value);
        setting->value = value;
        setting->source = SOURCE_OPTION;
        setting->is_wrong = false;
        setting->problem[0] = '\0';
    } else {
        code =
            command_usage_error(arguments->command, "%s %s", setting->name, text_chars(&problem));
    }
    for (size_t i = 0; i < count; i++)
        text_free(&words[i]);
    text_free(&problem);
    return code;
}

static void show_row(const struct setting *setting)
{
    struct text value = TEXT_EMPTY, initial = TEXT_EMPTY;

    setting_put_value(&value, setting);
    setting_put_default(&initial, setting);
    output_format(STREAM_OUT, "%-22s %-13s  %-8s  %-16s  %s%s%s", setting->name,
                  registry_type_name(setting->facts.dwType), setting_source_name(setting->source),
                  text_chars(&initial), text_chars(&value), setting->is_wrong ? "  WRONG: " : "",
                  setting->problem);
    text_free(&value);
    text_free(&initial);
}

static void show_line(const char *label, void (*put)(struct text *, const struct setting *),
                      const struct setting *setting)
{
    struct text line = TEXT_EMPTY;

    text_format(&line, "%-10s", label);
    put(&line, setting);
    output_line(STREAM_OUT, &line);
    text_free(&line);
}

static void put_ascii(struct text *text, const char *string)
{
    text_put_bytes(text, string, strlen(string));
}

static void put_key(struct text *text, const struct setting *setting)
{
    text_put(text, "HKEY_LOCAL_MACHINE\\");
    put_ascii(text, setting->facts.pszKey);
}

static void put_form(struct text *text, const struct setting *setting)
{
    put_ascii(text, setting->facts.pszForm);
}

static void put_meaning(struct text *text, const struct setting *setting)
{
    put_ascii(text, setting->facts.pszMeaning);
}

static void show_details(const struct setting *setting)
{
    output_format(STREAM_OUT, "name:     %s%s", setting->name,
                  setting->facts.uFlags & WDSPXE_EXT_SETTING_OURS
                      ? " (of this server; the original does not know it)"
                      : "");
    show_line("meaning:", put_meaning, setting);
    show_line("key:", put_key, setting);
    output_format(STREAM_OUT, "type:     %s", registry_type_name(setting->facts.dwType));
    show_line("allowed:", put_form, setting);
    show_line("default:", setting_put_default, setting);
    show_line("value:", setting_put_value, setting);
    output_format(STREAM_OUT, "from:     %s", setting_source_name(setting->source));
    output_format(STREAM_OUT, "effect:   %s", effect_of(setting));
    if (setting->is_wrong)
        output_format(STREAM_OUT, "WRONG:    %s", setting->problem);
}

static void json_ascii(struct json *json, const char *key, const char *string)
{
    struct text text = TEXT_EMPTY;

    put_ascii(&text, string);
    json_key(json, key);
    json_string(json, text_chars(&text));
    if (text.failed)
        json->out->failed = true;
    text_free(&text);
}

static void json_flag(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

static void json_setting(struct json *json, const struct setting *setting)
{
    const WDSPXE_EXT_SETTING *facts = &setting->facts;

    json_begin_object(json);
    json_ascii(json, "name", facts->pszName);
    json_ascii(json, "key", facts->pszKey);
    json_key(json, "type");
    json_string(json, registry_type_name(facts->dwType));
    json_key(json, "value");
    setting_json_value(json, setting);
    json_key(json, "source");
    json_string(json, setting_source_name(setting->source));
    if (facts->dwType == REG_DWORD) {
        json_key(json, "default");
        json_number(json, facts->dwDefault);
        json_key(json, "minimum");
        json_number(json, facts->dwMinimum);
        json_key(json, "maximum");
        json_number(json, facts->dwMaximum);
    } else {
        json_ascii(json, "default", facts->pszDefault);
    }
    json_ascii(json, "allowed", facts->pszForm);
    json_ascii(json, "meaning", facts->pszMeaning);
    json_flag(json, "live", (facts->uFlags & WDSPXE_EXT_SETTING_LIVE) != 0);
    json_flag(json, "unused", (facts->uFlags & WDSPXE_EXT_SETTING_UNUSED) != 0);
    json_flag(json, "ours", (facts->uFlags & WDSPXE_EXT_SETTING_OURS) != 0);
    json_key(json, "problem");
    json_string(json, setting->is_wrong ? setting->problem : NULL);
    json_end_object(json);
}

/* Reads them in the order of the table and hands each to `visit`. */
static enum exit_code walk_settings(const struct arguments *arguments, bool with_options,
                                    void (*visit)(const struct setting *setting, void *context),
                                    void *context)
{
    struct setting setting;
    DWORD error;

    for (ULONG index = 0; (error = setting_read(index, &setting)) != ERROR_NO_MORE_ITEMS; index++) {
        if (error != ERROR_SUCCESS)
            return output_win32_error(error, "cannot read %s", setting.name);
        enum exit_code code = with_options ? apply_options(arguments, &setting) : EXIT_CODE_OK;
        if (code == EXIT_CODE_OK)
            visit(&setting, context);
        setting_free(&setting);
        if (code != EXIT_CODE_OK)
            return code;
    }
    return EXIT_CODE_OK;
}

static void show_one_row(const struct setting *setting, void *context)
{
    (void)context;
    show_row(setting);
}

static void show_one_json(const struct setting *setting, void *context)
{
    json_setting(context, setting);
}

static enum exit_code show_named(const struct arguments *arguments, struct json *json)
{
    struct setting setting;
    enum exit_code code = find_setting(arguments->positional[0], &setting);

    if (code == EXIT_CODE_OK)
        code = apply_options(arguments, &setting);
    if (code != EXIT_CODE_OK)
        return code;
    if (json != NULL)
        json_setting(json, &setting);
    else
        show_details(&setting);
    setting_free(&setting);
    return EXIT_CODE_OK;
}

static enum exit_code show_json(const struct arguments *arguments)
{
    struct text line = TEXT_EMPTY;
    struct json json = json_start(&line);
    enum exit_code code;

    if (arguments->positional_count > 0) {
        code = show_named(arguments, &json);
    } else {
        json_begin_array(&json);
        code = walk_settings(arguments, true, show_one_json, &json);
        json_end_array(&json);
    }
    if (line.failed)
        code = EXIT_CODE_FAILED;
    if (code == EXIT_CODE_OK)
        output_line(STREAM_OUT, &line);
    text_free(&line);
    return code;
}

static enum exit_code show_run(const struct arguments *arguments)
{
    if (arguments->options[SHOW_JSON].times > 0)
        return show_json(arguments);
    if (arguments->positional_count > 0)
        return show_named(arguments, NULL);
    output_format(STREAM_OUT, "%-22s %-13s  %-8s  %-16s  VALUE", "NAME", "TYPE", "FROM", "DEFAULT");
    return walk_settings(arguments, true, show_one_row, NULL);
}

/* ---- set, unset ---- */

static enum exit_code write_value(const struct setting *setting, const struct setting_value *value)
{
    struct text line = TEXT_EMPTY;
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
    text_free(&line);
    return EXIT_CODE_OK;
}

static enum exit_code set_run(const struct arguments *arguments)
{
    struct text problem = TEXT_EMPTY;
    struct setting setting;
    struct setting_value value;
    enum exit_code code = find_setting(arguments->positional[0], &setting);

    if (code != EXIT_CODE_OK)
        return code;
    if (setting_parse(&setting, arguments->positional_count - 1, arguments->positional + 1, &value,
                      &problem)) {
        code = write_value(&setting, &value);
        setting_value_free(&value);
    } else {
        code = command_usage_error(arguments->command, "%s %s", setting.name, text_chars(&problem));
    }
    text_free(&problem);
    setting_free(&setting);
    return code;
}

static enum exit_code unset_run(const struct arguments *arguments)
{
    const struct setting_value none = {0};
    struct setting setting;
    enum exit_code code = find_setting(arguments->positional[0], &setting);

    if (code != EXIT_CODE_OK)
        return code;
    code = write_value(&setting, &none);
    setting_free(&setting);
    return code;
}

/* ---- check ---- */

struct verdict {
    size_t wrong;
    size_t vital;
};

static void check_one(const struct setting *setting, void *context)
{
    struct verdict *verdict = context;
    bool is_vital = (setting->facts.uFlags & WDSPXE_EXT_SETTING_VITAL) != 0;

    if (!setting->is_wrong)
        return;
    verdict->wrong++;
    verdict->vital += is_vital;
    output_format(STREAM_OUT, "%s %s; %s", setting->name, setting->problem,
                  is_vital ? "the server will not start" : "its default is used");
}

/* The value in words; "" if the setting has none or a wrong one. */
static void put_if_right(struct text *text, const char *name)
{
    struct setting setting;

    if (setting_read_named(name, &setting) != ERROR_SUCCESS)
        return;
    if (setting.value.bytes != NULL && !setting.is_wrong)
        setting_put_value(text, &setting);
    setting_free(&setting);
}

/* What a share asks of the other servers, which this one knows nothing of. */
static void tell_share(void)
{
    struct text share = TEXT_EMPTY, takeover = TEXT_EMPTY;

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
    text_free(&share);
    text_free(&takeover);
}

static enum exit_code check_run(const struct arguments *arguments)
{
    struct verdict verdict = {0};
    enum exit_code code = walk_settings(arguments, false, check_one, &verdict);

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
        .path = "wdspxectl config show",
        .usage = "[NAME] [--json]",
        .summary = "Show all settings, or everything about one.",
        .details = "FROM tells where a value comes from: default, registry, or an option of serve\n"
                   "that is given here, too.\n",
        .options = show_options,
        .positional_maximum = 1,
        .run = show_run,
    },
    {
        .name = "set",
        .path = "wdspxectl config set",
        .usage = "NAME VALUE ...",
        .summary = "Set a setting; a list takes several values.",
        .positional_minimum = 2,
        .positional_maximum = ARGUMENT_POSITIONAL_ANY,
        .run = set_run,
    },
    {
        .name = "unset",
        .path = "wdspxectl config unset",
        .usage = "NAME",
        .summary = "Take a setting out of the registry, back to its default.",
        .positional_minimum = 1,
        .positional_maximum = 1,
        .run = unset_run,
    },
    {
        .name = "check",
        .path = "wdspxectl config check",
        .usage = "",
        .summary = "Look for wrong values in the registry; exit code 1 if there are any.",
        .run = check_run,
    },
    {
        .name = "export",
        .path = "wdspxectl config export",
        .usage = "FILE [--exact] [--utf8]",
        .summary = "Write the settings that are set as a registry file.",
        .options = config_export_options,
        .positional_minimum = 1,
        .positional_maximum = 1,
        .run = config_export_run,
    },
    {
        .name = "import",
        .path = "wdspxectl config import",
        .usage = "FILE [--dry-run]",
        .summary = "Set what a registry file sets, all of it or nothing.",
        .details =
            "FILE is one of \"config export\", of regedit or of \"reg export\". What it says\n"
            "about other keys and values is passed over. One wrong value, and nothing is\n"
            "changed.\n",
        .options = config_import_options,
        .positional_minimum = 1,
        .positional_maximum = 1,
        .run = config_import_run,
    },
    {0},
};

const struct command config_command = {
    .name = "config",
    .path = "wdspxectl config",
    .usage = "COMMAND ...",
    .summary = "Show and change the settings of the server.",
    .subcommands = config_commands,
};
