/* wdspxectl: runs the PXE server, manages its settings and providers, tests providers. */
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "wdspxe_ext.h"

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/tables.h"
#include "text/wide.h"

int wmain(int argc, wchar_t **argv);

/*
 * The version resource starts with a header of 40 bytes (three WORDs, the key "VS_VERSION_INFO",
 * padding); the fixed part follows.
 */
static bool read_file_version(HMODULE module, VS_FIXEDFILEINFO *out_version)
{
    enum { HEADER = 40 };
    const DWORD signature = 0xfeef04bd;
    HRSRC resource = FindResourceW(module, MAKEINTRESOURCEW(VS_VERSION_INFO), (LPCWSTR)RT_VERSION);
    if (resource == NULL || SizeofResource(module, resource) < HEADER + sizeof(*out_version))
        return false;
    HGLOBAL loaded = LoadResource(module, resource);
    const BYTE *bytes = loaded == NULL ? NULL : LockResource(loaded);
    if (bytes == NULL)
        return false;
    VS_FIXEDFILEINFO version;
    memcpy(&version, bytes + HEADER, sizeof(version));
    if (version.dwSignature != signature)
        return false;
    *out_version = version;
    return true;
}

/* "1.0.0.0"; nothing if the module does not tell. */
static void put_file_version(struct text *text, HMODULE module)
{
    VS_FIXEDFILEINFO version;

    if (module != NULL && read_file_version(module, &version))
        text_format(text, "%u.%u.%u.%u", HIWORD(version.dwFileVersionMS),
                    LOWORD(version.dwFileVersionMS), HIWORD(version.dwFileVersionLS),
                    LOWORD(version.dwFileVersionLS));
}

static enum exit_code version_run(const struct arguments *arguments)
{
    /* The module that our imports were bound to, whatever its file is called. */
    HMODULE module = NULL;
    wchar_t path[MAX_PATH * 4] = L"?";
    SCOPED_TEXT version = TEXT_EMPTY;
    struct writer writer;

    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, L"wdspxe.dll", &module))
        (void)GetModuleFileNameW(module, path, sizeof(path) / sizeof(path[0]));
    put_file_version(&version, module);
    writer_start(&writer, option_given(arguments, "json"));
    write_begin(&writer, NULL);
    write_string(&writer, "wdspxectl", WDSPXE_VERSION, "wdspxectl %\n");
    write_string_or(&writer, "wdspxe", version.length > 0 ? text_chars(&version) : NULL,
                    "of unknown version", "wdspxe.dll %, ");
    write_wide(&writer, "path", path, "%");
    write_end(&writer);
    writer.text.failed |= version.failed;
    return output_result(&writer, EXIT_CODE_OK);
}

/* What `tables_run` describes: set before anything runs. */
static const struct command *program;

static enum exit_code tables_run(const struct arguments *arguments)
{
    SCOPED_TEXT path = TEXT_EMPTY;
    struct writer writer;

    (void)arguments;
    writer_start_indented(&writer);
    tables_write(&writer, program, &path);
    writer.text.failed |= path.failed;
    return output_result(&writer, EXIT_CODE_OK);
}

/* The arguments behind the program's name; as long as the process runs. NULL: no memory. */
static char **words_of(size_t count, wchar_t *const *arguments)
{
    char **words = calloc(count + 1, sizeof(*words));
    for (size_t i = 0; words != NULL && i < count; i++) {
        words[i] = utf8_of(arguments[i]);
        if (words[i] == NULL)
            return NULL;
    }
    return words;
}

int wmain(int argc, wchar_t **argv)
{
    static const struct command end = {0};
    const struct command version = {
        .name = "version",
        .usage = "[--json]",
        .summary = "Show the versions of this program and of wdspxe.dll.",
        .options = json_object_options,
        .run = version_run,
    };
    const struct command tables = {
        .name = "tables",
        .usage = "",
        .summary = "Write the tables of commands and options as JSON, for tools/manuals.",
        .is_hidden = true,
        .run = tables_run,
    };
    const struct command commands[] = {serve_command,    service_command, status_command,
                                       provider_command, config_command,  replay_command,
                                       fuzz_command,     static_command,  share_command,
                                       version,          tables,          end};
    const struct command root = {
        .name = "wdspxectl",
        .usage = "COMMAND ...",
        .summary = "Runs the PXE server of wdspxe.dll, manages its settings and providers, tests "
                   "providers.",
        .details = "\"wdspxectl COMMAND --help\" tells more about a command.\n",
        .subcommands = commands,
    };

    program = &root;
    output_start();
    size_t count = argc > 0 ? (size_t)argc - 1 : 0;
    char **words = words_of(count, argv + (argc > 0 ? 1 : 0));
    if (words == NULL)
        return (int)output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "cannot read the command line");
    return (int)command_run(&root, count, words);
}
