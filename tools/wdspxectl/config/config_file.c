#include "config/config_file.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "cli/file.h"
#include "config/reg_file.h"
#include "config/setting.h"
#include "text/wide.h"

#define ROOT "HKEY_LOCAL_MACHINE\\"

enum { CHANGES_MAX = 64, FILE_SIZE_MAX = 1 << 24 };

const struct option_spec config_export_options[] = {
    FLAG_OPTION("exact", "an import also unsets what is not set here"),
    FLAG_OPTION("utf8", "write UTF-8, which regedit does not read"),
    {0},
};

const struct option_spec config_import_options[] = {
    FLAG_OPTION("dry-run", "only tell what would change"),
    {0},
};

static void put_key(struct text *text, const struct setting *setting)
{
    text_format(text, ROOT "%s", setting->facts.pszKey);
}

/* ---- export ---- */

struct export
{
    struct text *file;
    bool is_exact;
    const char *last_key; /* NULL: none yet */
};

/* A wrong value is not carried on to other machines. */
static enum exit_code put_setting(struct setting *setting, void *context)
{
    struct export *export = context;
    SCOPED_TEXT key = TEXT_EMPTY;

    if (setting->is_wrong) {
        output_error("%s %s; nothing is exported", setting->name, setting->problem);
        return EXIT_CODE_FAILED;
    }
    if (setting->value.bytes == NULL && !export->is_exact)
        return EXIT_CODE_OK;
    if (export->last_key == NULL || strcmp(export->last_key, setting->facts.pszKey) != 0) {
        put_key(&key, setting);
        reg_file_put_key(export->file, text_chars(&key));
        export->last_key = setting->facts.pszKey;
    }
    if (setting->value.bytes == NULL)
        reg_file_put_deletion(export->file, setting->name);
    else
        reg_file_put_value(export->file, setting->name, setting->value.type, setting->value.bytes,
                           setting->value.size);
    return EXIT_CODE_OK;
}

static enum exit_code save(const char *path, const struct text *text, bool as_utf8)
{
    static const BYTE mark[2] = {0xff, 0xfe};
    SCOPED_MEMORY wchar_t *wide = as_utf8 ? NULL : wide_of(text_chars(text));
    struct file_writer writer;

    if (!as_utf8 && wide == NULL)
        return output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "cannot create \"%s\"", path);
    file_writer_open(&writer, path);
    const bool is_created = writer.error == ERROR_SUCCESS;
    if (as_utf8) {
        file_writer_put_text(&writer, text);
    } else {
        file_writer_put(&writer, mark, sizeof(mark));
        file_writer_put(&writer, wide, wcslen(wide) * sizeof(*wide));
    }
    DWORD error = file_writer_close(&writer);
    return error == ERROR_SUCCESS ? EXIT_CODE_OK
                                  : output_win32_error(error, "cannot %s \"%s\"",
                                                       is_created ? "write" : "create", path);
}

enum exit_code config_export_run(const struct arguments *arguments)
{
    SCOPED_TEXT file = TEXT_EMPTY;
    struct export export = {.file = &file, .is_exact = option_given(arguments, "exact")};

    reg_file_put_header(&file);
    enum exit_code code = settings_walk(put_setting, &export);
    if (code == EXIT_CODE_OK && file.failed)
        code = output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "cannot export");
    if (code == EXIT_CODE_OK)
        code = save(arguments->positional[0], &file, option_given(arguments, "utf8"));
    return code;
}

/* ---- import: what the file wants ---- */

struct change {
    struct setting setting;     /* as it is now */
    struct setting_value value; /* as it is to be; no bytes: unset */
};

struct import {
    struct change changes[CHANGES_MAX];
    size_t count;
    size_t wrong;
    size_t passed_over;
};

static void change_free(struct change *change)
{
    setting_free(&change->setting);
    setting_value_free(&change->value);
}

/* "HKLM\..." is what people write. */
static bool is_key_of(const char *key, const struct setting *setting)
{
    SCOPED_TEXT own = TEXT_EMPTY;

    put_key(&own, setting);
    const char *below = text_chars(&own) + strlen(ROOT);
    bool is_short = _strnicmp(key, "HKLM\\", 5) == 0;
    return !own.failed &&
           (is_same_name(key, text_chars(&own)) || (is_short && is_same_name(key + 5, below)));
}

/* The change of this setting, also if the file has it already; NULL: there is no room. */
static struct change *change_get(struct import *import, const struct setting *setting)
{
    for (size_t i = 0; i < import->count; i++)
        if (strcmp(import->changes[i].setting.name, setting->name) == 0)
            return &import->changes[i];
    return import->count < CHANGES_MAX ? &import->changes[import->count++] : NULL;
}

static void tell_wrong(struct import *import, const struct reg_item *item, const char *problem)
{
    import->wrong++;
    output_error("line %lu: %s %s", (unsigned long)item->line, item->name, problem);
}

/* The bytes of the item become the change's; two NUL characters stand behind them. */
static bool copy_value(const struct reg_item *item, struct setting_value *out_value)
{
    uint8_t *bytes = calloc(1, item->size + 2 * sizeof(wchar_t));

    if (bytes == NULL)
        return false;
    memcpy(bytes, item->bytes, item->size);
    *out_value = (struct setting_value){item->type, bytes, (ULONG)item->size};
    return true;
}

static bool note_change(struct import *import, const struct reg_item *item, struct setting *setting)
{
    char problem[SETTING_PROBLEM_SIZE];
    struct change change = {*setting, {0}};

    if (!item->deletes_value &&
        setting_check(setting, item->type, item->bytes, item->size, problem) != ERROR_SUCCESS) {
        tell_wrong(import, item, problem);
        setting_free(setting);
        return true;
    }
    struct change *place = NULL;
    if (item->deletes_value || copy_value(item, &change.value))
        place = change_get(import, setting);
    if (place == NULL) {
        change_free(&change);
        return false;
    }
    change_free(place);
    *place = change;
    return true;
}

/* A key that goes takes settings with it, or providers: that is not what an import is for. */
static bool note_key_deletion(struct import *import, const struct reg_item *item)
{
    if (strstr(item->key, "WDSServer") != NULL || strstr(item->key, "Tracing") != NULL) {
        import->wrong++;
        output_error("line %lu: deletes the key %s; only values can be deleted",
                     (unsigned long)item->line, item->key);
    } else {
        import->passed_over++;
    }
    return true;
}

static bool note_item(const struct reg_item *item, void *context)
{
    struct import *import = context;
    struct setting setting;

    if (item->deletes_key)
        return note_key_deletion(import, item);
    DWORD error = setting_read_named(item->name, &setting);
    if (error == ERROR_SUCCESS && is_key_of(item->key, &setting))
        return note_change(import, item, &setting);
    if (error == ERROR_SUCCESS)
        setting_free(&setting);
    import->passed_over++;
    return true;
}

/* ---- import: doing it ---- */

/* The first `count` changes back to what was there before. A value that was wrong before cannot be
 * set again: that is said, and it stays as imported. */
static void undo(const struct import *import, size_t count)
{
    while (count-- > 0) {
        const struct setting *setting = &import->changes[count].setting;
        DWORD error = setting_write(setting, &setting->value);
        if (error != ERROR_SUCCESS)
            (void)output_win32_error(error, "cannot set %s back to what it was", setting->name);
    }
}

static enum exit_code apply(const struct import *import)
{
    for (size_t i = 0; i < import->count; i++) {
        const struct change *change = &import->changes[i];
        DWORD error = setting_write(&change->setting, &change->value);
        if (error != ERROR_SUCCESS) {
            undo(import, i);
            return output_win32_error(error, "cannot set %s; nothing is imported",
                                      change->setting.name);
        }
    }
    return EXIT_CODE_OK;
}

static void tell_changes(const struct import *import)
{
    for (size_t i = 0; i < import->count; i++) {
        struct setting now = import->changes[i].setting;
        SCOPED_TEXT line = TEXT_EMPTY;

        now.value = import->changes[i].value;
        text_format(&line, "%s = ", now.name);
        setting_put_value(&line, &now);
        if (now.value.bytes == NULL)
            text_put(&line, " (default)");
        output_line(STREAM_OUT, &line);
    }
    if (import->passed_over > 0)
        output_format(STREAM_OUT, "%lu other lines passed over: no settings of this server",
                      (unsigned long)import->passed_over);
}

static enum exit_code import_bytes(const struct arguments *arguments, const uint8_t *bytes,
                                   size_t size, struct import *import)
{
    SCOPED_TEXT problem = TEXT_EMPTY;
    bool is_read = reg_file_read(bytes, size, note_item, import, &problem);

    if (!is_read)
        output_error("\"%s\": %s; nothing is imported", arguments->positional[0],
                     problem.length > 0 ? text_chars(&problem) : "out of memory");
    else if (import->wrong > 0)
        output_error("\"%s\" has wrong values; nothing is imported", arguments->positional[0]);
    if (!is_read || import->wrong > 0)
        return EXIT_CODE_FAILED;
    enum exit_code code = option_given(arguments, "dry-run") ? EXIT_CODE_OK : apply(import);
    if (code == EXIT_CODE_OK)
        tell_changes(import);
    return code;
}

enum exit_code config_import_run(const struct arguments *arguments)
{
    static struct import import;
    SCOPED_MEMORY char *bytes = NULL;
    size_t size = 0;
    DWORD error = file_read_all(arguments->positional[0], FILE_SIZE_MAX, &bytes, &size);

    if (error == ERROR_FILE_TOO_LARGE) {
        output_error("\"%s\" has more than 16 MB, as no file of settings has; nothing is imported",
                     arguments->positional[0]);
        return EXIT_CODE_FAILED;
    }
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "cannot read \"%s\"", arguments->positional[0]);
    enum exit_code code = import_bytes(arguments, (const uint8_t *)bytes, size, &import);
    for (size_t i = 0; i < import.count; i++)
        change_free(&import.changes[i]);
    return code;
}
