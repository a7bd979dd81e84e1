/*
 * One registry value that configures the server: what the DLL tells about it, what the registry
 * has, and both in words.
 */
#ifndef WDSPXECTL_CONFIG_SETTING_H
#define WDSPXECTL_CONFIG_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

#include "wdspxe_ext.h"

#include "cli/output.h"

/* The bytes of a value; released with setting_value_free. */
struct setting_value {
    DWORD type;
    uint8_t *bytes; /* NULL: there is no value */
    ULONG size;
};

enum { SETTING_PROBLEM_SIZE = 3 * WDSPXE_EXT_PROBLEM_SIZE };

enum setting_source { SOURCE_DEFAULT, SOURCE_REGISTRY, SOURCE_OPTION };

struct setting {
    WDSPXE_EXT_SETTING facts;
    char name[64];
    struct setting_value value; /* as in the registry, or given by an option */
    enum setting_source source;
    bool is_wrong;
    char problem[SETTING_PROBLEM_SIZE]; /* "" if it is right */
};

void setting_value_free(struct setting_value *value);

/*
 * Describes the setting of that index (as WdsPxeExtSettingDescribe) or name, and reads its value.
 * Returns ERROR_SUCCESS, ERROR_NO_MORE_ITEMS or ERROR_NOT_FOUND, a code of the registry (the
 * description is there all the same). Released with setting_free.
 */
DWORD setting_read(ULONG index, struct setting *out_setting);
DWORD setting_read_named(const char *name, struct setting *out_setting);
void setting_free(struct setting *setting);

/* For a variable within a block, which is all zero until it is read; freed at the block's end. */
#define SCOPED_SETTING __attribute__((cleanup(setting_free))) struct setting

/*
 * Reads all of them in the order of the table and hands each to `visit`, until one returns another
 * code than EXIT_CODE_OK. Returns that, or why one cannot be read, which was told.
 */
enum exit_code settings_walk(enum exit_code (*visit)(struct setting *setting, void *context),
                             void *context);

/*
 * Is the value right for the setting? ERROR_INVALID_DATA if not, with the reason; another code: it
 * could not be told.
 */
DWORD setting_check(const struct setting *setting, DWORD type, const uint8_t *bytes, size_t size,
                    char out_problem[SETTING_PROBLEM_SIZE]);

/* Puts the value into the registry; one without bytes takes it out. */
DWORD setting_write(const struct setting *setting, const struct setting_value *value);

/*
 * Makes a value of words: a number (decimal or 0x...), a text, or the lines of a list.
 * False: they are none for this setting; out_problem says what is allowed.
 */
bool setting_parse(const struct setting *setting, size_t count, const char *const *words,
                   struct setting_value *out_value, struct text *out_problem);

/* The lines of a list as they are, right or wrong. False: no memory. */
bool setting_lines(const struct setting *setting, size_t count, const char *const *words,
                   struct setting_value *out_value);

/* "0", "0xffff0000", "%windir%\tracing", "IP:10.0.0.2, MAC:001122AABBCC", "(empty)". */
void setting_put_value(struct text *text, const struct setting *setting);
void setting_put_default(struct text *text, const struct setting *setting);
/* JSON only: a number, string or array of strings; null for what is of a wrong type. */
void setting_write_value(struct writer *writer, const char *name, const struct setting *setting);

/* Of a setting of type REG_DWORD: the number that the server uses, its default if it is wrong. */
DWORD setting_number(const struct setting *setting);

const char *setting_source_name(enum setting_source source);
const char *registry_type_name(DWORD type);

#endif
