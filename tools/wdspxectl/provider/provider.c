#include "provider/provider.h"

#include <stdlib.h>
#include <windows.h>

#include "wdspxe_ext.h"

#include "cli/file.h"
#include "text/json.h"
#include "provider/module.h"
#include "provider/registry_path.h"

#define PROVIDERS_KEY L"HKEY_LOCAL_MACHINE\\" PROVIDERS_PATH

/* A name is a registry key's name (contract, section 7.3): up to 255 characters, no backslash. */
enum { NAME_MAX_CHARS = 255 };

static bool same_name(const wchar_t *a, const wchar_t *b)
{
    return CompareStringOrdinal(a, -1, b, -1, TRUE) == CSTR_EQUAL;
}

static enum exit_code check_name(const struct arguments *arguments, const wchar_t *name)
{
    if (name[0] == L'\0')
        return command_usage_error(arguments->command, L"the name of the provider is empty");
    if (wcschr(name, L'\\') != NULL)
        return command_usage_error(arguments->command,
                                   L"a provider's name has no backslash, but \"%ls\" has one",
                                   name);
    if (wcslen(name) > NAME_MAX_CHARS)
        return command_usage_error(arguments->command,
                                   L"a provider's name has at most %d characters",
                                   (int)NAME_MAX_CHARS);
    return EXIT_CODE_OK;
}

static const wchar_t *yes_no(bool value)
{
    return value ? L"yes" : L"no";
}

/* ---- where to put it ---- */

/* "top", "bottom" or a number. BOTTOM itself is no number that a user may write. */
static bool parse_place(const wchar_t *word, PXE_REG_INDEX *out_index)
{
    uint32_t number = 0;
    if (_wcsicmp(word, L"top") == 0)
        *out_index = PXE_REG_INDEX_TOP;
    else if (_wcsicmp(word, L"bottom") == 0)
        *out_index = PXE_REG_INDEX_BOTTOM;
    else if (number_parse(word, 0, PXE_REG_INDEX_BOTTOM - 1, &number))
        *out_index = number;
    else
        return false;
    return true;
}

static enum exit_code report_missing(const wchar_t *name)
{
    output_error(L"no provider is named \"%ls\"; \"wdspxectl provider list\" shows them", name);
    return EXIT_CODE_NOT_FOUND;
}

static enum exit_code query_index(const wchar_t *name, ULONG *out_index)
{
    DWORD error = PxeProviderQueryIndex(name, out_index);
    if (error == ERROR_NOT_FOUND)
        return report_missing(name);
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, L"cannot find provider \"%ls\"", name);
    return EXIT_CODE_OK;
}

/* Exactly one of the three says where; NULL means not given. */
struct place {
    const wchar_t *index;
    const wchar_t *before;
    const wchar_t *after;
};

static unsigned place_count(const struct place *place)
{
    return (unsigned)(place->index != NULL) + (unsigned)(place->before != NULL) +
           (unsigned)(place->after != NULL);
}

/*
 * Turns a place into an index. The answer may be stale when it is used, because others may change
 * the list in between (contract, section 1.1, PxeProviderQueryIndex).
 */
static enum exit_code resolve_place(const struct arguments *arguments, const struct place *place,
                                    PXE_REG_INDEX *out_index)
{
    if (place->index != NULL) {
        if (!parse_place(place->index, out_index))
            return command_usage_error(arguments->command,
                                       L"the place is a number from 0, \"top\" or \"bottom\", "
                                       L"not \"%ls\"",
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

enum { ADD_INDEX, ADD_BEFORE, ADD_AFTER, ADD_CRITICAL, ADD_FORCE };

static const struct option_spec add_options[] = {
    {L"index", OPTION_TEXT, false, 0, 0, L"PLACE", L"a number from 0, top or bottom (default)"},
    {L"before", OPTION_TEXT, false, 0, 0, L"NAME", L"put it before this provider"},
    {L"after", OPTION_TEXT, false, 0, 0, L"NAME", L"put it after this provider"},
    {L"critical", OPTION_FLAG, false, 0, 0, NULL, L"the server does not start without it"},
    {L"force", OPTION_FLAG, false, 0, 0, NULL, L"register also a file that does not exist"},
    {0},
};

/* A missing file is refused; what would fail only when the server starts is said and accepted. */
static enum exit_code check_module(const wchar_t *path, bool force)
{
    struct module_facts facts;
    module_inspect(path, &facts);
    const wchar_t *defect = module_defect(&facts);
    if (defect == NULL)
        return EXIT_CODE_OK;
    if (!facts.exists && !force) {
        output_error(L"%ls: %ls; --force registers it all the same", path, defect);
        return EXIT_CODE_NOT_FOUND;
    }
    output_warning(L"%ls: %ls; the server will not load it", path, defect);
    return EXIT_CODE_OK;
}

static enum exit_code add_provider(const wchar_t *name, const wchar_t *path, PXE_REG_INDEX index,
                                   bool critical)
{
    HKEY key = NULL;
    DWORD error = PxeProviderRegister(name, path, index, critical ? TRUE : FALSE, &key);
    if (key != NULL)
        RegCloseKey(key);
    if (error == ERROR_ALREADY_EXISTS) {
        output_error(L"a provider named \"%ls\" exists; remove it first or choose another name",
                     name);
        return EXIT_CODE_ALREADY_EXISTS;
    }
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, L"cannot add provider \"%ls\"", name);

    ULONG place = 0;
    error = PxeProviderQueryIndex(name, &place);
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, L"added \"%ls\", but cannot find it again", name);
    output_format(STREAM_OUT, L"added \"%ls\" at index %lu: %ls", name, place, path);
    return EXIT_CODE_OK;
}

static enum exit_code add_run(const struct arguments *arguments)
{
    const wchar_t *name = arguments->positional[0];
    const struct option_value *given = arguments->options;
    struct place place = {given[ADD_INDEX].texts[0], given[ADD_BEFORE].texts[0],
                          given[ADD_AFTER].texts[0]};
    enum exit_code code = check_name(arguments, name);
    if (code != EXIT_CODE_OK)
        return code;
    if (place_count(&place) > 1)
        return command_usage_error(arguments->command,
                                   L"--index, --before and --after exclude each other");
    if (place_count(&place) == 0)
        place.index = L"bottom";

    PXE_REG_INDEX index = PXE_REG_INDEX_BOTTOM;
    code = resolve_place(arguments, &place, &index);
    if (code != EXIT_CODE_OK)
        return code;
    if (arguments->positional[1][0] == L'\0')
        return command_usage_error(arguments->command, L"the path of the DLL is empty");
    wchar_t *path = file_absolute_path(arguments->positional[1]);
    if (path == NULL)
        return output_win32_error(GetLastError(), L"cannot make \"%ls\" an absolute path",
                                  arguments->positional[1]);
    code = check_module(path, given[ADD_FORCE].times > 0);
    if (code == EXIT_CODE_OK)
        code = add_provider(name, path, index, given[ADD_CRITICAL].times > 0);
    free(path);
    return code;
}

/* ---- remove ---- */

static enum exit_code remove_run(const struct arguments *arguments)
{
    const wchar_t *name = arguments->positional[0];
    enum exit_code code = check_name(arguments, name);
    if (code != EXIT_CODE_OK)
        return code;

    DWORD error = PxeProviderUnRegister(name);
    if (error == ERROR_NOT_FOUND)
        return report_missing(name);
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, L"cannot remove provider \"%ls\"", name);
    output_format(STREAM_OUT, L"removed \"%ls\"", name);
    return EXIT_CODE_OK;
}

/* ---- list ---- */

enum { LIST_JSON };

static const struct option_spec json_options[] = {
    {L"json", OPTION_FLAG, false, 0, 0, NULL, L"write JSON, on one line"},
    {0},
};

/* Called per provider, in order. Returns false to end the walk. */
typedef bool (*provider_visitor)(const PXE_PROVIDER *provider, void *context);

static enum exit_code walk_providers(provider_visitor visit, void *context)
{
    HANDLE walk = NULL;
    DWORD error = PxeProviderEnumFirst(&walk);
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, L"cannot read the list of providers");

    bool go_on = true;
    while (go_on) {
        PPXE_PROVIDER provider = NULL;
        error = PxeProviderEnumNext(walk, &provider);
        if (error != ERROR_SUCCESS)
            break;
        go_on = visit(provider, context);
        PxeProviderFreeInfo(provider);
    }
    PxeProviderEnumClose(walk);
    if (error != ERROR_SUCCESS && error != ERROR_NO_MORE_ITEMS)
        return output_win32_error(error, L"cannot read the list of providers");
    return EXIT_CODE_OK;
}

static void json_provider_members(struct json *json, const PXE_PROVIDER *provider)
{
    json_key(json, L"index");
    json_number(json, provider->uIndex);
    json_key(json, L"name");
    json_string(json, provider->pwszName);
    json_key(json, L"path");
    json_string(json, provider->pwszFilePath);
    json_key(json, L"critical");
    json_bool(json, provider->bIsCritical != FALSE);
}

struct listing {
    struct text text;
    struct json json;
    ULONG next_index;
};

/* The DLL leaves out an entry of the order that has no readable key, but counts it. */
static void warn_of_gap(struct listing *listing, const PXE_PROVIDER *provider)
{
    for (; listing->next_index < provider->uIndex; listing->next_index++)
        output_warning(L"entry %lu of the list has no readable registry key", listing->next_index);
    listing->next_index = provider->uIndex + 1;
}

static bool list_as_json(const PXE_PROVIDER *provider, void *context)
{
    struct listing *listing = context;
    warn_of_gap(listing, provider);
    json_begin_object(&listing->json);
    json_provider_members(&listing->json, provider);
    json_end_object(&listing->json);
    return true;
}

static bool list_as_row(const PXE_PROVIDER *provider, void *context)
{
    struct listing *listing = context;
    warn_of_gap(listing, provider);
    output_format(STREAM_OUT, L"%5lu  %-8ls  %-24ls  %ls", provider->uIndex,
                  yes_no(provider->bIsCritical != FALSE), provider->pwszName,
                  provider->pwszFilePath);
    return true;
}

static enum exit_code list_run(const struct arguments *arguments)
{
    struct listing listing = {.text = TEXT_EMPTY};
    enum exit_code code;
    if (arguments->options[LIST_JSON].times == 0) {
        output_format(STREAM_OUT, L"INDEX  CRITICAL  %-24ls  PATH", L"NAME");
        return walk_providers(list_as_row, &listing);
    }

    listing.json = json_start(&listing.text);
    json_begin_array(&listing.json);
    code = walk_providers(list_as_json, &listing);
    json_end_array(&listing.json);
    if (listing.text.failed)
        code = EXIT_CODE_FAILED;
    if (code == EXIT_CODE_OK)
        output_line(STREAM_OUT, &listing.text);
    text_free(&listing.text);
    return code;
}

/* ---- move ---- */

enum { MOVE_BEFORE, MOVE_AFTER };

static const struct option_spec move_options[] = {
    {L"before", OPTION_TEXT, false, 0, 0, L"NAME", L"put it before this provider"},
    {L"after", OPTION_TEXT, false, 0, 0, L"NAME", L"put it after this provider"},
    {0},
};

/*
 * The index counts in the list without the moved provider, so a neighbour behind it stands one
 * place further up.
 */
static enum exit_code move_index(const struct arguments *arguments, const struct place *place,
                                 PXE_REG_INDEX *out_index)
{
    PXE_REG_INDEX index = 0;
    enum exit_code code = resolve_place(arguments, place, &index);
    if (code == EXIT_CODE_OK && place->index == NULL) {
        ULONG own = 0;
        code = query_index(arguments->positional[0], &own);
        if (own < index)
            index--;
    }
    if (code == EXIT_CODE_OK)
        *out_index = index;
    return code;
}

static enum exit_code move_run(const struct arguments *arguments)
{
    const wchar_t *name = arguments->positional[0];
    struct place place = {arguments->positional[1], arguments->options[MOVE_BEFORE].texts[0],
                          arguments->options[MOVE_AFTER].texts[0]};
    enum exit_code code = check_name(arguments, name);
    if (code != EXIT_CODE_OK)
        return code;
    if (place_count(&place) != 1)
        return command_usage_error(arguments->command,
                                   L"give exactly one of PLACE, --before and --after");
    const wchar_t *neighbour = place.before != NULL ? place.before : place.after;
    if (neighbour != NULL && same_name(neighbour, name))
        return command_usage_error(arguments->command,
                                   L"\"%ls\" cannot stand before or after itself", name);

    PXE_REG_INDEX index = 0;
    code = move_index(arguments, &place, &index);
    if (code != EXIT_CODE_OK)
        return code;
    DWORD error = WdsPxeExtProviderMove(name, index);
    if (error == ERROR_NOT_FOUND)
        return report_missing(name);
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, L"cannot move provider \"%ls\"", name);

    ULONG now = 0;
    code = query_index(name, &now);
    if (code == EXIT_CODE_OK)
        output_format(STREAM_OUT, L"moved \"%ls\" to index %lu", name, now);
    return code;
}

/* ---- show ---- */

struct showing {
    const wchar_t *name;
    bool as_json;
    bool found;
    bool failed;
};

static void show_text(const PXE_PROVIDER *provider, const struct module_facts *facts)
{
    const wchar_t *machine = module_machine_name(facts->machine);
    const wchar_t *defect = module_defect(facts);
    output_format(STREAM_OUT, L"name:      %ls", provider->pwszName);
    output_format(STREAM_OUT, L"index:     %lu", provider->uIndex);
    output_format(STREAM_OUT, L"critical:  %ls", yes_no(provider->bIsCritical != FALSE));
    output_format(STREAM_OUT, L"path:      %ls", provider->pwszFilePath);
    output_format(STREAM_OUT, L"exists:    %ls", yes_no(facts->exists));
    if (facts->is_image && machine != NULL)
        output_format(STREAM_OUT, L"machine:   %ls", machine);
    else if (facts->is_image)
        output_format(STREAM_OUT, L"machine:   0x%04x", (unsigned)facts->machine);
    output_format(STREAM_OUT, L"exports PxeProviderInitialize: %ls", yes_no(facts->has_initialize));
    output_format(STREAM_OUT, L"usable:    %ls%ls%ls", yes_no(defect == NULL),
                  defect != NULL ? L", " : L"", defect != NULL ? defect : L"");
    output_format(STREAM_OUT, L"key:       " PROVIDERS_KEY L"\\%ls", provider->pwszName);
}

static void json_key_path(struct json *json, const PXE_PROVIDER *provider)
{
    struct text path = TEXT_EMPTY;
    text_format(&path, PROVIDERS_KEY L"\\%ls", provider->pwszName);
    json_key(json, L"key");
    json_string(json, text_chars(&path));
    if (path.failed)
        json->out->failed = true;
    text_free(&path);
}

static bool show_json(const PXE_PROVIDER *provider, const struct module_facts *facts)
{
    struct text line = TEXT_EMPTY;
    struct json json = json_start(&line);
    json_begin_object(&json);
    json_provider_members(&json, provider);
    json_key(&json, L"exists");
    json_bool(&json, facts->exists);
    json_key(&json, L"machine");
    json_string(&json, facts->is_image ? module_machine_name(facts->machine) : NULL);
    json_key(&json, L"machine_fits");
    json_bool(&json, facts->fits);
    json_key(&json, L"exports_initialize");
    json_bool(&json, facts->has_initialize);
    json_key(&json, L"usable");
    json_bool(&json, module_defect(facts) == NULL);
    json_key(&json, L"defect");
    json_string(&json, module_defect(facts));
    json_key_path(&json, provider);
    json_end_object(&json);
    bool written = !line.failed;
    output_line(STREAM_OUT, &line);
    text_free(&line);
    return written;
}

static bool show_if_named(const PXE_PROVIDER *provider, void *context)
{
    struct showing *showing = context;
    if (!same_name(provider->pwszName, showing->name))
        return true;

    struct module_facts facts;
    module_inspect(provider->pwszFilePath, &facts);
    showing->found = true;
    if (showing->as_json)
        showing->failed = !show_json(provider, &facts);
    else
        show_text(provider, &facts);
    return false;
}

static enum exit_code show_run(const struct arguments *arguments)
{
    struct showing showing = {arguments->positional[0], arguments->options[LIST_JSON].times > 0,
                              false, false};
    enum exit_code code = check_name(arguments, showing.name);
    if (code == EXIT_CODE_OK)
        code = walk_providers(show_if_named, &showing);
    if (code != EXIT_CODE_OK)
        return code;
    if (showing.found)
        return showing.failed ? EXIT_CODE_FAILED : EXIT_CODE_OK;

    ULONG index = 0;
    code = query_index(showing.name, &index);
    if (code != EXIT_CODE_OK)
        return code;
    output_error(L"\"%ls\" is entry %lu of the list, but its registry key cannot be read",
                 showing.name, index);
    return EXIT_CODE_FAILED;
}

/* ---- the commands ---- */

static const struct command provider_commands[] = {
    {
        .name = L"add",
        .path = L"wdspxectl provider add",
        .usage = L"NAME DLL [--index PLACE | --before NAME | --after NAME] [--critical] [--force]",
        .summary = L"Register a provider DLL.",
        .details = L"The path of the DLL is made absolute. A running server sees the change when\n"
                   L"it is started again.\n",
        .options = add_options,
        .positional_minimum = 2,
        .positional_maximum = 2,
        .run = add_run,
    },
    {
        .name = L"remove",
        .path = L"wdspxectl provider remove",
        .usage = L"NAME",
        .summary = L"Take a provider off the list and delete its settings.",
        .positional_minimum = 1,
        .positional_maximum = 1,
        .run = remove_run,
    },
    {
        .name = L"list",
        .path = L"wdspxectl provider list",
        .usage = L"[--json]",
        .summary = L"List the providers in the order in which they are asked.",
        .options = json_options,
        .run = list_run,
    },
    {
        .name = L"move",
        .path = L"wdspxectl provider move",
        .usage = L"NAME PLACE | --before NAME | --after NAME",
        .summary = L"Move a provider to another place of the list.",
        .details = L"PLACE is a number from 0, \"top\" or \"bottom\". It counts in the list\n"
                   L"without the moved provider, so it is the index that it will have.\n",
        .options = move_options,
        .positional_minimum = 1,
        .positional_maximum = 2,
        .run = move_run,
    },
    {
        .name = L"show",
        .path = L"wdspxectl provider show",
        .usage = L"NAME [--json]",
        .summary = L"Show one provider, and whether the server can load its DLL.",
        .options = json_options,
        .positional_minimum = 1,
        .positional_maximum = 1,
        .run = show_run,
    },
    {0},
};

const struct command provider_command = {
    .name = L"provider",
    .path = L"wdspxectl provider",
    .usage = L"COMMAND ...",
    .summary = L"Manage the list of providers.",
    .subcommands = provider_commands,
};
