#include "provider/module.h"

#include <string.h>

#if defined(__x86_64__) || defined(_M_X64)
#define OWN_MACHINE IMAGE_FILE_MACHINE_AMD64
#elif defined(__i386__) || defined(_M_IX86)
#define OWN_MACHINE IMAGE_FILE_MACHINE_I386
#elif defined(__aarch64__) || defined(_M_ARM64)
#define OWN_MACHINE IMAGE_FILE_MACHINE_ARM64
#else
#error "unknown machine"
#endif

const wchar_t *module_machine_name(uint16_t machine)
{
    switch (machine) {
    case IMAGE_FILE_MACHINE_I386:
        return L"x86";
    case IMAGE_FILE_MACHINE_AMD64:
        return L"x64";
    case IMAGE_FILE_MACHINE_ARMNT:
        return L"ARM32";
    case IMAGE_FILE_MACHINE_ARM64:
        return L"ARM64";
    case IMAGE_FILE_MACHINE_IA64:
        return L"Itanium";
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
static void look_up_export(const wchar_t *path, struct module_facts *facts)
{
    HMODULE module = LoadLibraryExW(path, NULL, DONT_RESOLVE_DLL_REFERENCES);
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
    FreeLibrary(module);
}

void module_inspect(const wchar_t *path, struct module_facts *out_facts)
{
    memset(out_facts, 0, sizeof(*out_facts));
    DWORD attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES) {
        out_facts->open_error = GetLastError();
        return;
    }
    if (attributes & FILE_ATTRIBUTE_DIRECTORY)
        return;

    out_facts->exists = true;
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        out_facts->open_error = GetLastError();
        return;
    }
    read_headers(file, out_facts);
    CloseHandle(file);
    if (out_facts->is_dll && out_facts->fits)
        look_up_export(path, out_facts);
}

const wchar_t *module_defect(const struct module_facts *facts)
{
    if (!facts->exists)
        return L"there is no such file";
    if (facts->open_error != 0)
        return L"the file cannot be read";
    if (!facts->is_image)
        return L"the file is no Windows DLL";
    if (!facts->is_dll)
        return L"the file is a program, not a DLL";
    if (!facts->fits)
        return L"the DLL is for another machine type than this wdspxe.dll";
    if (facts->load_error != 0)
        return L"the DLL cannot be loaded";
    if (!facts->has_initialize)
        return L"the DLL does not export PxeProviderInitialize";
    return NULL;
}
