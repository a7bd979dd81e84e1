#include "provider/module.h"

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

/* The flag maps the DLL and its exports, but neither its imports nor DllMain come into play. */
static void look_up_export(const char *path, struct module_facts *facts)
{
    wchar_t *wide = wide_of(path);
    HMODULE module = wide != NULL ? LoadLibraryExW(wide, NULL, DONT_RESOLVE_DLL_REFERENCES) : NULL;
    if (module == NULL) {
        facts->load_error = GetLastError();
        free(wide);
        return;
    }
    facts->has_initialize = GetProcAddress(module, "PxeProviderInitialize") != NULL;
#if OWN_MACHINE == IMAGE_FILE_MACHINE_I386
    /* A provider linked without a .def exports the decorated name; the server accepts it. */
    if (!facts->has_initialize)
        facts->has_initialize = GetProcAddress(module, "_PxeProviderInitialize@8") != NULL;
#endif
    FreeLibrary(module);
    free(wide);
}

void module_inspect(const char *path, struct module_facts *out_facts)
{
    memset(out_facts, 0, sizeof(*out_facts));
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

const char *module_defect(const struct module_facts *facts)
{
    if (!facts->exists)
        return "there is no such file";
    if (facts->open_error != 0)
        return "the file cannot be read";
    if (!facts->is_image)
        return "the file is no Windows DLL";
    if (!facts->is_dll)
        return "the file is a program, not a DLL";
    if (!facts->fits)
        return "the DLL is for another machine type than this wdspxe.dll";
    if (facts->load_error != 0)
        return "the DLL cannot be loaded";
    if (!facts->has_initialize)
        return "the DLL does not export PxeProviderInitialize";
    return NULL;
}
