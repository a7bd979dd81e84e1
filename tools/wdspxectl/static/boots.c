/* Showing and setting how often machines have booted. */
#include "staticpxe/boots.h"

#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "cli/output.h"
#include "static/static.h"
#include "staticpxe/port.h"
#include "answer/values/ini.h"
#include "answer/values/values.h"
#include "text/text_net.h"

/* ---- the file ---- */

/* Where the configuration says that boots are counted; to be freed. NULL: told. */
static char *find_boots_file(const char *path, enum exit_code *out_code)
{
    SCOPED_MEMORY char *full = file_absolute_path(path);
    SCOPED_READING reading = {0};
    struct text file = TEXT_EMPTY;

    static_read(path, &reading);
    if (reading.config == NULL)
        *out_code = static_tell(path, &reading);
    else if (reading.config->boots_file != NULL)
        text_put(&file, reading.config->boots_file);
    else if (full != NULL)
        text_format(&file, "%s.boots", full);
    if (reading.config != NULL && (file.length == 0 || file.failed)) {
        *out_code =
            output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "cannot name the boots of %s", path);
        text_free(&file);
    }
    return file.chars;
}

static struct boots *open_boots(const char *path, enum exit_code *out_code)
{
    SCOPED_MEMORY char *file = find_boots_file(path, out_code);
    SCOPED_MEMORY wchar_t *wide = file == NULL ? NULL : port_wide(file);
    struct boots *boots = NULL;
    DWORD error = wide == NULL ? ERROR_NOT_ENOUGH_MEMORY : boots_open(wide, &boots);

    if (file != NULL && error != ERROR_SUCCESS)
        *out_code = output_win32_error(error, "cannot read %s", file);
    return boots;
}

/* ---- machines ---- */

static bool read_machine(char *name, char out[JOURNAL_KEY_SIZE])
{
    struct client_facts facts = {.is_dhcp = true};
    uint8_t bytes[VALUE_DUID_MAX];
    size_t length = VALUE_MAC_SIZE;
    bool is_good;

    if (ini_starts(name, "guid:")) {
        is_good = value_guid(name + 5, facts.guid) == NULL;
        facts.has_guid = is_good;
    } else if (ini_starts(name, "duid:")) {
        is_good = value_duid(name + 5, bytes, &length) == NULL;
        facts.duid = (struct fact_bytes){bytes, length};
    } else {
        is_good = value_mac(ini_starts(name, "mac:") ? name + 4 : name, bytes) == NULL;
        facts.mac = (struct fact_bytes){bytes, length};
    }
    return is_good && journal_key(&facts, out);
}

/* What is done with one machine. */
typedef DWORD machine_work(struct boots *boots, const char *key);

static enum exit_code with_machine(const struct arguments *arguments, machine_work *work)
{
    enum exit_code code = EXIT_CODE_OK;
    char key[JOURNAL_KEY_SIZE];
    SCOPED_TEXT name = TEXT_EMPTY;

    text_put(&name, arguments->positional[1]);
    bool is_good = name.chars != NULL && read_machine(name.chars, key);
    if (!is_good)
        return usage_error("\"%s\" is neither a MAC address nor guid:GUID nor duid:DUID",
                           arguments->positional[1]);
    struct boots *boots = open_boots(arguments->positional[0], &code);
    if (boots == NULL)
        return code;
    DWORD error = work(boots, key);
    boots_close(boots);
    if (error == ERROR_NOT_FOUND) {
        output_error("nothing is known about %s", arguments->positional[1]);
        return EXIT_CODE_NOT_FOUND;
    }
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "cannot write where boots are counted");
    return EXIT_CODE_OK;
}

static DWORD set_once(struct boots *boots, const char *key)
{
    return boots_set(boots, key, 0, 1);
}

static DWORD set_again(struct boots *boots, const char *key)
{
    return boots_set(boots, key, 0, JOURNAL_NO_LIMIT);
}

enum exit_code once_run(const struct arguments *arguments)
{
    return with_machine(arguments, set_once);
}

enum exit_code again_run(const struct arguments *arguments)
{
    return with_machine(arguments, set_again);
}

enum exit_code forget_run(const struct arguments *arguments)
{
    return with_machine(arguments, boots_forget);
}

/* ---- all machines ---- */

static int compare(const void *a, const void *b)
{
    const struct journal_entry *const *first = a;
    const struct journal_entry *const *second = b;

    return strcmp((*first)->key, (*second)->key);
}

static void put_bytes(struct text *text, const char *before, const uint8_t *bytes, size_t length)
{
    text_put(text, before);
    for (size_t i = 0; i < length; i++)
        text_format(text, "%s%02x", i == 0 ? "" : "-", bytes[i]);
}

/* As `once`, `again` and `forget` take it, and as a section's name has it. */
static void put_machine(struct text *text, const char *key)
{
    const char *dash = strchr(key, '-');
    uint8_t bytes[VALUE_DUID_MAX];
    size_t length;

    if (dash == NULL || !value_hex(dash + 1, bytes, sizeof(bytes), &length)) {
        text_put(text, key); /* of a file that is not ours */
    } else if (ini_starts(key, "guid-") && length == VALUE_GUID_SIZE) {
        text_put(text, "guid:");
        text_put_guid(text, bytes);
    } else {
        put_bytes(text, ini_starts(key, "duid-") ? "duid:" : "", bytes, length);
    }
}

static void write_one(struct writer *writer, const struct journal_entry *entry)
{
    SCOPED_TEXT machine = TEXT_EMPTY;

    put_machine(&machine, entry->key);
    write_begin(writer, NULL);
    write_text(writer, "machine", &machine, "%");
    write_number(writer, "boots", entry->served, "  boots %");
    if (entry->limit != JOURNAL_NO_LIMIT)
        write_number(writer, "limit", entry->limit, " of %");
    else
        write_null(writer, "limit");
    write_end(writer);
}

static void write_all(struct writer *writer, const struct journal *journal,
                      const struct journal_entry **sorted)
{
    size_t count = 0;

    for (size_t i = 0; i < journal->size; i++) {
        if (journal->slots[i] != NULL)
            sorted[count++] = journal->slots[i];
    }
    qsort(sorted, count, sizeof(sorted[0]), compare);
    write_begin(writer, NULL);
    write_begin_list(writer, "machines");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            say_break(writer);
        write_one(writer, sorted[i]);
    }
    write_end_list(writer);
    write_end(writer);
}

static void tell_all(const struct journal *journal, const struct journal_entry **sorted,
                     bool as_json)
{
    struct writer writer;

    if (journal->count == 0 && !as_json)
        return;
    writer_start(&writer, as_json);
    write_all(&writer, journal, sorted);
    output_record(STREAM_OUT, &writer);
}

enum exit_code list_run(const struct arguments *arguments)
{
    enum exit_code code = EXIT_CODE_OK;
    struct boots *boots = open_boots(arguments->positional[0], &code);

    if (boots == NULL)
        return code;
    const struct journal *journal = boots_journal(boots);
    SCOPED_MEMORY const struct journal_entry **sorted = calloc(journal->count + 1, sizeof(*sorted));
    if (sorted != NULL)
        tell_all(journal, sorted, option_given(arguments, "json"));
    else
        code = output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "cannot list them");
    boots_close(boots);
    return code;
}
