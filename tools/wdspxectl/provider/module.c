#include "provider/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "text/wide.h"

#if defined(__x86_64__) || defined(_M_X64)
#define OWN_MACHINE IMAGE_FILE_MACHINE_AMD64
#elif defined(__i386__) || defined(_M_IX86)
#define OWN_MACHINE IMAGE_FILE_MACHINE_I386
#elif defined(__aarch64__) || defined(_M_ARM64)
#define OWN_MACHINE IMAGE_FILE_MACHINE_ARM64
#else
#error "unknown machine"
#endif

const char *module_machine_name(uint16_t machine)
{
    switch (machine) {
    case IMAGE_FILE_MACHINE_I386:
        return "x86";
    case IMAGE_FILE_MACHINE_AMD64:
        return "x64";
    case IMAGE_FILE_MACHINE_ARMNT:
        return "ARM32";
    case IMAGE_FILE_MACHINE_ARM64:
        return "ARM64";
    case IMAGE_FILE_MACHINE_IA64:
        return "Itanium";
    default:
        return NULL;
    }
}

static bool read_at(HANDLE file, LONG offset, void *buffer, DWORD size)
{
    DWORD read = 0;
    if (SetFilePointer(file, offset, NULL, FILE_BEGIN) == INVALID_SET_FILE_POINTER)
        return false;
    return ReadFile(file, buffer, size, &read, NULL) && read == size;
}

static void read_headers(HANDLE file, struct module_facts *facts)
{
    IMAGE_DOS_HEADER dos;
    struct {
        DWORD signature;
        IMAGE_FILE_HEADER file;
    } pe;

    if (!read_at(file, 0, &dos, sizeof(dos)) || dos.e_magic != IMAGE_DOS_SIGNATURE)
        return;
    if (dos.e_lfanew < 0 || !read_at(file, dos.e_lfanew, &pe, sizeof(pe)) ||
        pe.signature != IMAGE_NT_SIGNATURE)
        return;
    facts->is_image = true;
    facts->is_dll = (pe.file.Characteristics & IMAGE_FILE_DLL) != 0;
    facts->machine = pe.file.Machine;
    facts->fits = pe.file.Machine == OWN_MACHINE;
}

/* Sets of Windows' own; no file need have such a name. */
static bool is_api_set(const char *dll)
{
    return strncmp(dll, "api-ms-", 7) == 0 || strncmp(dll, "ext-ms-", 7) == 0;
}

/* Whether the server would find it: loaded already, beside the provider, or where Windows looks. */
static bool is_found(const char *provider_path, const char *dll)
{
    SCOPED_TEXT beside = TEXT_EMPTY;
    const size_t folder = (size_t)(file_name_of(provider_path) - provider_path);

    if (is_api_set(dll) || GetModuleHandleA(dll) != NULL)
        return true;
    text_put_span(&beside, provider_path, folder);
    text_put(&beside, dll);
    bool found = file_attributes(text_chars(&beside)) != INVALID_FILE_ATTRIBUTES;
    HMODULE module = found ? NULL : LoadLibraryExA(dll, NULL, LOAD_LIBRARY_AS_DATAFILE);
    if (module != NULL)
        FreeLibrary(module);
    return found || module != NULL;
}

/* Of a module that Windows has mapped and whose headers it has checked. */
static void look_for_imports(const char *path, HMODULE module, struct module_facts *facts)
{
    const BYTE *base = (const BYTE *)module;
    const IMAGE_DOS_HEADER *dos = (const void *)base;
    const IMAGE_NT_HEADERS *nt = (const void *)(base + dos->e_lfanew);
    const IMAGE_OPTIONAL_HEADER *optional = &nt->OptionalHeader;
    const IMAGE_DATA_DIRECTORY *imports = &optional->DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];

    if (imports->VirtualAddress == 0 || imports->VirtualAddress >= optional->SizeOfImage)
        return;
    const IMAGE_IMPORT_DESCRIPTOR *import = (const void *)(base + imports->VirtualAddress);
    for (; import->Name != 0 && import->Name < optional->SizeOfImage; import++) {
        const char *dll = (const char *)base + import->Name;
        if (!is_found(path, dll)) {
            snprintf(facts->missing, sizeof(facts->missing), "%s", dll);
            return;
        }
    }
}

/* The flag maps the DLL and its exports, but neither its imports nor DllMain come into play. */
static void look_up_export(const char *path, struct module_facts *facts)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(path);
    HMODULE module = wide != NULL ? LoadLibraryExW(wide, NULL, DONT_RESOLVE_DLL_REFERENCES) : NULL;
    if (module == NULL) {
        facts->load_error = GetLastError();
        return;
    }
    facts->has_initialize = GetProcAddress(module, "PxeProviderInitialize") != NULL;
#if OWN_MACHINE == IMAGE_FILE_MACHINE_I386
    /* A provider linked without a .def exports the decorated name; the server accepts it. */
    if (!facts->has_initialize)
        facts->has_initialize = GetProcAddress(module, "_PxeProviderInitialize@8") != NULL;
#endif
    look_for_imports(path, module, facts);
    FreeLibrary(module);
}

static void put_machine(struct module_facts *facts)
{
    const char *machine = module_machine_name(facts->machine);
    const char *own = module_machine_name(OWN_MACHINE);

    if (machine == NULL)
        machine = "another kind of machine";
    snprintf(facts->defect, sizeof(facts->defect),
             "the DLL is for %s, this wdspxe.dll for %s: it is of another machine type", machine,
             own);
}

/* The first thing that is wrong. */
static void judge(struct module_facts *facts)
{
    const char *defect = "";

    if (!facts->exists)
        defect = "there is no such file";
    else if (facts->open_error != 0)
        defect = "the file cannot be read";
    else if (!facts->is_image)
        defect = "the file is no Windows DLL";
    else if (!facts->is_dll)
        defect = "the file is a program, not a DLL";
    else if (facts->fits && facts->load_error != 0)
        defect = "the DLL cannot be loaded";
    else if (facts->fits && !facts->has_initialize)
        defect = "the DLL does not export PxeProviderInitialize";
    snprintf(facts->defect, sizeof(facts->defect), "%s", defect);
    if (facts->is_dll && !facts->fits)
        put_machine(facts);
    else if (facts->defect[0] == '\0' && facts->missing[0] != '\0')
        snprintf(facts->defect, sizeof(facts->defect),
                 "the DLL needs %s, which is neither beside it nor where Windows looks",
                 facts->missing);
}

static void gather(const char *path, struct module_facts *out_facts)
{
    DWORD attributes = file_attributes(path);
    if (attributes == INVALID_FILE_ATTRIBUTES) {
        out_facts->open_error = GetLastError();
        return;
    }
    if (attributes & FILE_ATTRIBUTE_DIRECTORY)
        return;

    out_facts->exists = true;
    HANDLE file =
        file_open(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, OPEN_EXISTING, 0);
    if (file == INVALID_HANDLE_VALUE) {
        out_facts->open_error = GetLastError();
        return;
    }
    read_headers(file, out_facts);
    CloseHandle(file);
    if (out_facts->is_dll && out_facts->fits)
        look_up_export(path, out_facts);
}

void module_inspect(const char *path, struct module_facts *out_facts)
{
    memset(out_facts, 0, sizeof(*out_facts));
    gather(path, out_facts);
    judge(out_facts);
}

const char *module_defect(const struct module_facts *facts)
{
    return facts->defect[0] != '\0' ? facts->defect : NULL;
}
