#include "config/setting.h"
#include "cli/command.h"
#include "text/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_TRIES = 16 };

void setting_value_free(struct setting_value *value)
{
    free(value->bytes);
    *value = (struct setting_value){0};
}

void setting_free(struct setting *setting)
{
    setting_value_free(&setting->value);
}

const char *setting_source_name(enum setting_source source)
{
    static const char *const names[] = {"default", "registry", "option"};
    return names[source];
}

const char *registry_type_name(DWORD type)
{
    static const char *const names[] = {"REG_NONE",   "REG_SZ",      "REG_EXPAND_SZ",
                                        "REG_BINARY", "REG_DWORD",   "REG_DWORD_BIG_ENDIAN",
                                        "REG_LINK",   "REG_MULTI_SZ"};
    return type < sizeof(names) / sizeof(names[0]) ? names[type] : "another type";
}

/* ---- the server's calls ---- */

enum { NAME_SIZE = sizeof(((struct setting *)0)->name) };

/* Names are ASCII, and as long as the struct has them. */
static const wchar_t *name_of(const struct setting *setting, wchar_t out_name[NAME_SIZE])
{
    (void)text_to_utf16(setting->name, out_name);
    return out_name;
}

DWORD setting_check(const struct setting *setting, DWORD type, const uint8_t *bytes, size_t size,
                    char out_problem[SETTING_PROBLEM_SIZE])
{
    wchar_t name[NAME_SIZE], problem[WDSPXE_EXT_PROBLEM_SIZE] = L"cannot be checked";
    SCOPED_TEXT text = TEXT_EMPTY;
    DWORD error = WdsPxeExtSettingCheck(name_of(setting, name), type, bytes, (ULONG)size, problem,
                                        WDSPXE_EXT_PROBLEM_SIZE);
    text_put_wide(&text, problem);
    (void)snprintf(out_problem, SETTING_PROBLEM_SIZE, "%s", text_chars(&text));
    return error;
}

DWORD setting_write(const struct setting *setting, const struct setting_value *value)
{
    wchar_t name[NAME_SIZE];
    return WdsPxeExtSettingWrite(name_of(setting, name), value->type, value->bytes, value->size);
}

/* ---- reading ---- */

/* Two NUL characters stand behind what was read, so that any text in it ends. */
static DWORD read_value(const wchar_t *name, struct setting_value *out_value)
{
    enum { NULS = 2 * sizeof(wchar_t) };
    struct setting_value value = {0};
    DWORD error = ERROR_MORE_DATA;

    for (int i = 0; i < READ_TRIES && error == ERROR_MORE_DATA; i++) {
        ULONG room = value.size;
        free(value.bytes);
        value.bytes = calloc(1, (size_t)room + NULS);
        if (value.bytes == NULL)
            return ERROR_NOT_ENOUGH_MEMORY;
        error = WdsPxeExtSettingRead(name, &value.type, value.bytes, &value.size);
    }
    if (error == ERROR_SUCCESS)
        *out_value = value;
    else
        free(value.bytes);
    return error;
}

static DWORD read_and_check(struct setting *setting)
{
    wchar_t name[NAME_SIZE];
    DWORD error = read_value(name_of(setting, name), &setting->value);

    if (error == ERROR_FILE_NOT_FOUND)
        return ERROR_SUCCESS;
    if (error != ERROR_SUCCESS)
        return error;
    setting->source = SOURCE_REGISTRY;
    error = setting_check(setting, setting->value.type, setting->value.bytes, setting->value.size,
                          setting->problem);
    setting->is_wrong = error == ERROR_INVALID_DATA;
    if (!setting->is_wrong)
        setting->problem[0] = '\0';
    return setting->is_wrong ? ERROR_SUCCESS : error;
}

static DWORD describe(ULONG index, struct setting *out_setting)
{
    memset(out_setting, 0, sizeof(*out_setting));
    out_setting->facts.uSizeOfStruct = sizeof(out_setting->facts);
    DWORD error = WdsPxeExtSettingDescribe(index, &out_setting->facts);
    if (error != ERROR_SUCCESS)
        return error;
    (void)snprintf(out_setting->name, sizeof(out_setting->name), "%s", out_setting->facts.pszName);
    return ERROR_SUCCESS;
}

DWORD setting_read(ULONG index, struct setting *out_setting)
{
    DWORD error = describe(index, out_setting);
    return error == ERROR_SUCCESS ? read_and_check(out_setting) : error;
}

enum exit_code settings_walk(enum exit_code (*visit)(struct setting *setting, void *context),
                             void *context)
{
    enum exit_code code = EXIT_CODE_OK;

    for (ULONG index = 0; code == EXIT_CODE_OK; index++) {
        SCOPED_SETTING setting = {0};
        DWORD error = setting_read(index, &setting);
        if (error == ERROR_NO_MORE_ITEMS)
            break;
        code = error == ERROR_SUCCESS ? visit(&setting, context)
                                      : output_win32_error(error, "cannot read %s", setting.name);
    }
    return code;
}

DWORD setting_read_named(const char *name, struct setting *out_setting)
{
    for (ULONG index = 0; describe(index, out_setting) == ERROR_SUCCESS; index++)
        if (is_same_name(name, out_setting->name))
            return read_and_check(out_setting);
    return ERROR_NOT_FOUND;
}

/* ---- words to value ---- */

static bool parse_hex(const char *digits, uint32_t *out_number)
{
    size_t length = strlen(digits);

    if (length == 0 || length > 8 || strspn(digits, "0123456789abcdefABCDEF") != length)
        return false;
    *out_number = strtoul(digits, NULL, 16);
    return true;
}

static bool parse_number(const char *word, struct setting_value *value)
{
    uint32_t number;
    bool is_hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');

    if (!(is_hex ? parse_hex(word + 2, &number) : number_parse(word, 0, UINT32_MAX, &number)))
        return false;
    value->size = sizeof(number);
    value->bytes = malloc(sizeof(number));
    if (value->bytes != NULL)
        memcpy(value->bytes, &number, sizeof(number));
    return value->bytes != NULL;
}

/* The words with a NUL each, and one more behind a list. */
static bool parse_texts(size_t count, const char *const *words, bool is_list,
                        struct setting_value *value)
{
    size_t room = 1, used = 0;
    wchar_t *units;

    for (size_t i = 0; i < count; i++)
        room += strlen(words[i]) + 1;
    units = calloc(room, sizeof(*units));
    for (size_t i = 0; i < count && units != NULL; i++)
        used += text_to_utf16(words[i], units + used) + 1;
    value->bytes = (uint8_t *)units;
    value->size = (ULONG)((used + is_list) * sizeof(*units));
    return units != NULL;
}

bool setting_lines(const struct setting *setting, size_t count, const char *const *words,
                   struct setting_value *out_value)
{
    *out_value = (struct setting_value){.type = setting->facts.dwType};
    return parse_texts(count, words, true, out_value);
}

bool setting_parse(const struct setting *setting, size_t count, const char *const *words,
                   struct setting_value *out_value, struct text *out_problem)
{
    struct setting_value value = {.type = setting->facts.dwType};
    char problem[SETTING_PROBLEM_SIZE];
    bool is_list = value.type == REG_MULTI_SZ;

    if (!is_list && count != 1) {
        text_put(out_problem, "takes one value");
        return false;
    }
    bool parsed = value.type == REG_DWORD ? parse_number(words[0], &value)
                                          : parse_texts(count, words, is_list, &value);
    if (!parsed) {
        text_format(out_problem, "cannot be \"%s\"; allowed: %s", words[0], setting->facts.pszForm);
        return false;
    }
    if (setting_check(setting, value.type, value.bytes, value.size, problem) != ERROR_SUCCESS) {
        text_put(out_problem, problem);
        setting_value_free(&value);
        return false;
    }
    *out_value = value;
    return true;
}

/* ---- value to words ---- */

static void put_number(struct text *text, const struct setting *setting, DWORD number)
{
    text_format(text, setting->facts.uFlags & WDSPXE_EXT_SETTING_HEX ? "0x%08lx" : "%lu", number);
}

/* The next string of a list; NULL behind the last one. Two NULs stand behind the bytes. */
static const wchar_t *next_line(const struct setting_value *value, size_t *at)
{
    const wchar_t *chars = (const wchar_t *)(const void *)value->bytes;
    size_t count = value->size / sizeof(wchar_t);

    while (*at < count && chars[*at] == L'\0')
        (*at)++;
    if (*at >= count)
        return NULL;
    const wchar_t *line = chars + *at;
    *at += wcslen(line);
    return line;
}

static void put_lines(struct text *text, const struct setting_value *value)
{
    const wchar_t *line;
    size_t at = 0;
    bool any = false;

    while ((line = next_line(value, &at)) != NULL) {
        text_put(text, any ? ", " : "");
        text_put_wide(text, line);
        any = true;
    }
    if (!any)
        text_put(text, "(empty)");
}

void setting_put_default(struct text *text, const struct setting *setting)
{
    const char *string = setting->facts.pszDefault;

    if (setting->facts.dwType == REG_DWORD)
        put_number(text, setting, setting->facts.dwDefault);
    else
        text_put(text, string[0] != '\0' ? string : "(empty)");
}

static bool is_number(const struct setting_value *value)
{
    return value->type == REG_DWORD && value->size == sizeof(DWORD);
}

static DWORD number_of(const struct setting_value *value)
{
    DWORD number;
    memcpy(&number, value->bytes, sizeof(number));
    return number;
}

DWORD setting_number(const struct setting *setting)
{
    return setting->value.bytes != NULL && !setting->is_wrong ? number_of(&setting->value)
                                                              : setting->facts.dwDefault;
}

static bool is_string(const struct setting_value *value)
{
    return value->type == REG_SZ || value->type == REG_EXPAND_SZ;
}

void setting_put_value(struct text *text, const struct setting *setting)
{
    const struct setting_value *value = &setting->value;

    if (value->bytes == NULL)
        setting_put_default(text, setting);
    else if (is_number(value))
        put_number(text, setting, number_of(value));
    else if (is_string(value))
        text_put_wide(text, (const wchar_t *)(const void *)value->bytes);
    else if (value->type == REG_MULTI_SZ)
        put_lines(text, value);
    else
        text_format(text, "(%s, %lu bytes)", registry_type_name(value->type), value->size);
}

static void write_lines(struct writer *writer, const char *name, const struct setting_value *value)
{
    const wchar_t *line;
    size_t at = 0;

    write_begin_list(writer, name);
    while (value->bytes != NULL && (line = next_line(value, &at)) != NULL)
        write_wide(writer, NULL, line, NULL);
    write_end_list(writer);
}

static bool is_of_its_type(const struct setting *setting)
{
    switch (setting->facts.dwType) {
    case REG_DWORD:
        return is_number(&setting->value);
    case REG_MULTI_SZ:
        return setting->value.type == REG_MULTI_SZ;
    default:
        return is_string(&setting->value);
    }
}

void setting_write_value(struct writer *writer, const char *name, const struct setting *setting)
{
    const struct setting_value *value = &setting->value;
    SCOPED_TEXT text = TEXT_EMPTY;

    if (value->bytes != NULL && !is_of_its_type(setting)) {
        write_null(writer, name);
    } else if (setting->facts.dwType == REG_MULTI_SZ) {
        write_lines(writer, name, value);
    } else if (setting->facts.dwType == REG_DWORD) {
        write_number(writer, name,
                     value->bytes != NULL ? number_of(value) : setting->facts.dwDefault, NULL);
    } else {
        setting_put_value(&text, setting);
        write_string(writer, name, text_chars(&text), NULL);
    }
    writer->text.failed |= text.failed;
}
