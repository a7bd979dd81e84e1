#include "cli/commands.h"

#include <string.h>
#include <stdlib.h>
#include <windows.h>

#include "wdspxe_ext.h"

#include "cli/file.h"
#include "provider/module.h"
#include "provider/registry_path.h"
#include "text/wide.h"

#define PROVIDERS_KEY "HKEY_LOCAL_MACHINE\\" PROVIDERS_PATH

/* A name is a registry key's name (API-7.3): up to 255 characters, no backslash. */
enum { NAME_MAX_CHARS = 255 };

/* As the registry counts: in units of UTF-16. */
static size_t name_units(const char *name)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(name);
    return wide != NULL ? wcslen(wide) : 0;
}

static enum exit_code check_name(const char *name)
{
    if (name[0] == '\0')
        return usage_error("the name of the provider is empty");
    if (strchr(name, '\\') != NULL)
        return usage_error("a provider's name has no backslash, but \"%s\" has one", name);
    if (name_units(name) > NAME_MAX_CHARS)
        return usage_error("a provider's name has at most %d characters", (int)NAME_MAX_CHARS);
    return EXIT_CODE_OK;
}

/* ---- where to put it ---- */

/* "top", "bottom" or a number. BOTTOM itself is no number that a user may write. */
static bool parse_place(const char *word, PXE_REG_INDEX *out_index)
{
    uint32_t number = 0;
    if (_stricmp(word, "top") == 0)
        *out_index = PXE_REG_INDEX_TOP;
    else if (_stricmp(word, "bottom") == 0)
        *out_index = PXE_REG_INDEX_BOTTOM;
    else if (number_parse(word, 0, PXE_REG_INDEX_BOTTOM - 1, &number))
        *out_index = number;
    else
        return false;
    return true;
}

/* What came of a call about that provider. */
static enum exit_code report(DWORD error, const char *what, const char *name)
{
    if (error == ERROR_SUCCESS)
        return EXIT_CODE_OK;
    if (error != ERROR_NOT_FOUND)
        return output_win32_error(error, "cannot %s provider \"%s\"", what, name);
    output_error("no provider is named \"%s\"; \"wdspxectl provider list\" shows them", name);
    return EXIT_CODE_NOT_FOUND;
}

static DWORD index_of(const char *name, ULONG *out_index)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(name);
    return wide != NULL ? PxeProviderQueryIndex(wide, out_index) : ERROR_NOT_ENOUGH_MEMORY;
}

static enum exit_code query_index(const char *name, ULONG *out_index)
{
    return report(index_of(name, out_index), "find", name);
}

/* Exactly one of the three says where; NULL means not given. */
struct place {
    const char *index;
    const char *before;
    const char *after;
};

static unsigned place_count(const struct place *place)
{
    return (unsigned)(place->index != NULL) + (unsigned)(place->before != NULL) +
           (unsigned)(place->after != NULL);
}

/*
 * Turns a place into an index. The answer may be stale when it is used, because others may change
 * the list in between (API-1.1.8).
 */
static enum exit_code resolve_place(const struct place *place, PXE_REG_INDEX *out_index)
{
    if (place->index != NULL) {
        if (!parse_place(place->index, out_index))
            return usage_error("the place is a number from 0, \"top\" or \"bottom\", "
                               "not \"%s\"",
                               place->index);
        return EXIT_CODE_OK;
    }
    ULONG index = 0;
    enum exit_code code = query_index(place->before != NULL ? place->before : place->after, &index);
    if (code == EXIT_CODE_OK)
        *out_index = place->before != NULL ? index : index + 1;
    return code;
}

/* ---- add ---- */

static const struct option_spec add_options[] = {
    TEXT_OPTION("index", "PLACE", "a number from 0, top or bottom (default)"),
    TEXT_OPTION("before", "NAME", "put it before this provider"),
    TEXT_OPTION("after", "NAME", "put it after this provider"),
    FLAG_OPTION("critical", "the server does not start without it"),
    FLAG_OPTION("force", "register also a file that does not exist"),
    {0},
};

/* A missing file is refused; what would fail only when the server starts is said and accepted. */
static enum exit_code check_module(const char *path, bool force)
{
    struct module_facts facts;
    module_inspect(path, &facts);
    const char *defect = module_defect(&facts);
    if (defect == NULL)
        return EXIT_CODE_OK;
    if (!facts.exists && !force) {
        output_error("%s: %s; --force registers it all the same", path, defect);
        return EXIT_CODE_NOT_FOUND;
    }
    output_warning("%s: %s; the server will not load it", path, defect);
    return EXIT_CODE_OK;
}

static enum exit_code add_provider(const char *name, const char *path, PXE_REG_INDEX index,
                                   bool critical)
{
    HKEY key = NULL;
    SCOPED_MEMORY wchar_t *wide_name = wide_of(name), *wide_path = wide_of(path);
    DWORD error = wide_name != NULL && wide_path != NULL
                      ? PxeProviderRegister(wide_name, wide_path, index, critical, &key)
                      : ERROR_NOT_ENOUGH_MEMORY;
    if (key != NULL)
        RegCloseKey(key);
    if (error == ERROR_ALREADY_EXISTS) {
        output_error("a provider named \"%s\" exists; remove it first or choose another name",
                     name);
        return EXIT_CODE_ALREADY_EXISTS;
    }
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "cannot add provider \"%s\"", name);

    ULONG place = 0;
    error = index_of(name, &place);
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "added \"%s\", but cannot find it again", name);
    output_format(STREAM_OUT, "added \"%s\" at index %lu: %s", name, place, path);
    return EXIT_CODE_OK;
}

static enum exit_code add_run(const struct arguments *arguments)
{
    const char *name = arguments->positional[0];
    struct place place = {option_text(arguments, "index"), option_text(arguments, "before"),
                          option_text(arguments, "after")};
    enum exit_code code = check_name(name);
    if (code != EXIT_CODE_OK)
        return code;
    if (place_count(&place) > 1)
        return usage_error("--index, --before and --after exclude each other");
    if (place_count(&place) == 0)
        place.index = "bottom";

    PXE_REG_INDEX index = PXE_REG_INDEX_BOTTOM;
    code = resolve_place(&place, &index);
    if (code != EXIT_CODE_OK)
        return code;
    if (arguments->positional[1][0] == '\0')
        return usage_error("the path of the DLL is empty");
    SCOPED_MEMORY char *path = file_absolute_path(arguments->positional[1]);
    if (path == NULL)
        return output_win32_error(GetLastError(), "cannot make \"%s\" an absolute path",
                                  arguments->positional[1]);
    code = check_module(path, option_given(arguments, "force"));
    return code == EXIT_CODE_OK
               ? add_provider(name, path, index, option_given(arguments, "critical"))
               : code;
}

/* ---- remove ---- */

static enum exit_code remove_run(const struct arguments *arguments)
{
    const char *name = arguments->positional[0];
    enum exit_code code = check_name(name);
    if (code != EXIT_CODE_OK)
        return code;

    SCOPED_MEMORY wchar_t *wide = wide_of(name);
    DWORD error = wide != NULL ? PxeProviderUnRegister(wide) : ERROR_NOT_ENOUGH_MEMORY;
    code = report(error, "remove", name);
    if (code == EXIT_CODE_OK)
        output_format(STREAM_OUT, "removed \"%s\"", name);
    return code;
}

/* ---- list ---- */

struct registered {
    const char *name;
    const char *path;
    ULONG index;
    bool is_critical;
};

/* Called per provider, in order. Returns false to end the walk. */
typedef bool (*provider_visitor)(const struct registered *provider, void *context);

/* False: the walk is to end; no memory ends it, too. */
static bool visit_one(const PXE_PROVIDER *provider, provider_visitor visit, void *context)
{
    SCOPED_MEMORY char *name = utf8_of(provider->pwszName), *path = utf8_of(provider->pwszFilePath);
    const struct registered registered = {name, path, provider->uIndex,
                                          provider->bIsCritical != FALSE};
    return name != NULL && path != NULL && visit(&registered, context);
}

static enum exit_code walk_providers(provider_visitor visit, void *context)
{
    HANDLE walk = NULL;
    DWORD error = PxeProviderEnumFirst(&walk);
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "cannot read the list of providers");

    bool go_on = true;
    while (go_on) {
        PPXE_PROVIDER provider = NULL;
        error = PxeProviderEnumNext(walk, &provider);
        if (error != ERROR_SUCCESS)
            break;
        go_on = visit_one(provider, visit, context);
        PxeProviderFreeInfo(provider);
    }
    PxeProviderEnumClose(walk);
    if (error != ERROR_SUCCESS && error != ERROR_NO_MORE_ITEMS)
        return output_win32_error(error, "cannot read the list of providers");
    return EXIT_CODE_OK;
}

struct listing {
    struct writer writer;
    ULONG next_index;
};

/* The DLL leaves out an entry of the order that has no readable key, but counts it. */
static void warn_of_gap(struct listing *listing, const struct registered *provider)
{
    for (; listing->next_index < provider->index; listing->next_index++)
        output_warning("entry %lu of the list has no readable registry key", listing->next_index);
    listing->next_index = provider->index + 1;
}

static bool list_one(const struct registered *provider, void *context)
{
    struct listing *listing = context;
    struct writer *writer = &listing->writer;
    warn_of_gap(listing, provider);
    write_begin(writer, NULL);
    say_break(writer);
    say(writer, "%5lu  %-8s  ", provider->index, provider->is_critical ? "yes" : "no");
    write_number(writer, "index", provider->index, NULL);
    write_string(writer, "name", provider->name, "%24  ");
    write_string(writer, "path", provider->path, "%");
    write_bool(writer, "critical", provider->is_critical, NULL);
    write_end(writer);
    return true;
}

static enum exit_code list_run(const struct arguments *arguments)
{
    struct listing listing = {.next_index = 0};
    struct writer *writer = &listing.writer;
    writer_start(writer, option_given(arguments, "json"));
    say(writer, "INDEX  CRITICAL  %-24s  PATH", "NAME");
    write_begin_list(writer, NULL);
    enum exit_code code = walk_providers(list_one, &listing);
    write_end_list(writer);
    return output_result(writer, code);
}

/* ---- move ---- */

static const struct option_spec move_options[] = {
    TEXT_OPTION("before", "NAME", "put it before this provider"),
    TEXT_OPTION("after", "NAME", "put it after this provider"),
    {0},
};

/*
 * The index counts in the list without the moved provider, so a neighbour behind it stands one
 * place further up.
 */
static enum exit_code move_index(const struct arguments *arguments, const struct place *place,
                                 PXE_REG_INDEX *out_index)
{
    ULONG own = 0;
    enum exit_code code = resolve_place(place, out_index);
    if (code == EXIT_CODE_OK && place->index == NULL) {
        code = query_index(arguments->positional[0], &own);
        *out_index -= own < *out_index;
    }
    return code;
}

static enum exit_code move_run(const struct arguments *arguments)
{
    const char *name = arguments->positional[0];
    struct place place = {arguments->positional[1], option_text(arguments, "before"),
                          option_text(arguments, "after")};
    enum exit_code code = check_name(name);
    if (code != EXIT_CODE_OK)
        return code;
    if (place_count(&place) != 1)
        return usage_error("give exactly one of PLACE, --before and --after");
    const char *neighbour = place.before != NULL ? place.before : place.after;
    if (neighbour != NULL && is_same_name(neighbour, name))
        return usage_error("\"%s\" cannot stand before or after itself", name);

    PXE_REG_INDEX index = 0;
    code = move_index(arguments, &place, &index);
    if (code != EXIT_CODE_OK)
        return code;
    SCOPED_MEMORY wchar_t *wide = wide_of(name);
    DWORD error = wide != NULL ? WdsPxeExtProviderMove(wide, index) : ERROR_NOT_ENOUGH_MEMORY;
    ULONG now = 0;
    code = report(error, "move", name);
    if (code == EXIT_CODE_OK)
        code = query_index(name, &now);
    if (code == EXIT_CODE_OK)
        output_format(STREAM_OUT, "moved \"%s\" to index %lu", name, now);
    return code;
}

/* ---- show ---- */

struct showing {
    const char *name;
    struct writer writer;
    bool found;
};

static void write_machine(struct writer *writer, const struct module_facts *facts)
{
    const char *machine = facts->is_image ? module_machine_name(facts->machine) : NULL;
    write_string(writer, "machine", machine, "machine:   %\n");
    if (facts->is_image && machine == NULL) {
        say(writer, "machine:   0x%04x", (unsigned)facts->machine);
        say_break(writer);
    }
    write_bool(writer, "machine_fits", facts->fits, NULL);
}

static void write_provider(struct writer *writer, const struct registered *provider,
                           const struct module_facts *facts)
{
    const char *defect = module_defect(facts);
    SCOPED_TEXT key = TEXT_EMPTY;
    text_format(&key, PROVIDERS_KEY "\\%s", provider->name);
    write_begin(writer, NULL);
    write_number(writer, "index", provider->index, NULL);
    write_string(writer, "name", provider->name, "name:      %\n");
    if (!writer->as_json) {
        write_number(writer, NULL, provider->index, "index:     %\n");
        write_bool(writer, NULL, provider->is_critical, "critical:  %\n");
    }
    write_string(writer, "path", provider->path, "path:      %\n");
    write_bool(writer, "critical", provider->is_critical, NULL);
    write_bool(writer, "exists", facts->exists, "exists:    %\n");
    write_machine(writer, facts);
    write_bool(writer, "exports_initialize", facts->has_initialize,
               "exports PxeProviderInitialize: %\n");
    write_bool(writer, "usable", defect == NULL, "usable:    %");
    write_string(writer, "defect", defect, ", %");
    write_text(writer, "key", &key, "\nkey:       %");
    write_end(writer);
}

static bool show_if_named(const struct registered *provider, void *context)
{
    struct showing *showing = context;
    if (!is_same_name(provider->name, showing->name))
        return true;

    struct module_facts facts;
    module_inspect(provider->path, &facts);
    showing->found = true;
    write_provider(&showing->writer, provider, &facts);
    return false;
}

static enum exit_code show_run(const struct arguments *arguments)
{
    struct showing showing = {.name = arguments->positional[0]};
    writer_start(&showing.writer, option_given(arguments, "json"));
    enum exit_code code = check_name(showing.name);
    if (code == EXIT_CODE_OK)
        code = walk_providers(show_if_named, &showing);
    if (code != EXIT_CODE_OK)
        return code;
    if (showing.found)
        return output_result(&showing.writer, EXIT_CODE_OK);

    ULONG index = 0;
    code = query_index(showing.name, &index);
    if (code != EXIT_CODE_OK)
        return code;
    output_error("\"%s\" is entry %lu of the list, but its registry key cannot be read",
                 showing.name, index);
    return EXIT_CODE_FAILED;
}

/* ---- the commands ---- */

static const struct command provider_commands[] = {
    {
        .name = "add",
        .usage = "NAME DLL [--index PLACE | --before NAME | --after NAME] [--critical] [--force]",
        .summary = "Register a provider DLL.",
        .details = "The path of the DLL is made absolute. A running server sees the change when\n"
                   "it is started again.\n",
        .options = add_options,
        .positional = {2, 2},
        .run = add_run,
    },
    {
        .name = "remove",
        .usage = "NAME",
        .summary = "Take a provider off the list and delete its settings.",
        .positional = {1, 1},
        .run = remove_run,
    },
    {
        .name = "list",
        .usage = "[--json]",
        .summary = "List the providers in the order in which they are asked.",
        .options = json_options,
        .run = list_run,
    },
    {
        .name = "move",
        .usage = "NAME PLACE | --before NAME | --after NAME",
        .summary = "Move a provider to another place of the list.",
        .details = "PLACE is a number from 0, \"top\" or \"bottom\". It counts in the list\n"
                   "without the moved provider, so it is the index that it will have.\n",
        .options = move_options,
        .positional = {1, 2},
        .run = move_run,
    },
    {
        .name = "show",
        .usage = "NAME [--json]",
        .summary = "Show one provider, and whether the server can load its DLL.",
        .options = json_options,
        .positional = {1, 1},
        .run = show_run,
    },
    {0},
};

const struct command provider_command = {
    .name = "provider",
    .usage = "COMMAND ...",
    .summary = "Manage the list of providers.",
    .subcommands = provider_commands,
};
