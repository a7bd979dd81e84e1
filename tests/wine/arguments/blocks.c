#include "arguments/blocks.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static DWORD counted_thread;
static LONG outstanding;
static void *(*real_calloc)(size_t count, size_t size);
static void (*real_free)(void *block);

static void *counted_calloc(size_t count, size_t size)
{
    void *block = real_calloc(count, size);

    if (block != NULL && GetCurrentThreadId() == counted_thread)
        outstanding++;
    return block;
}

static void counted_free(void *block)
{
    if (block != NULL && GetCurrentThreadId() == counted_thread)
        outstanding--;
    real_free(block);
}

static const void *at(HMODULE module, DWORD offset)
{
    return (const uint8_t *)(const void *)module + offset;
}

/* Where the address of an imported function is kept; NULL: it is not imported. */
static void **import_find(HMODULE module, const char *name)
{
    const IMAGE_DOS_HEADER *dos = at(module, 0);
    const IMAGE_NT_HEADERS *headers = at(module, (DWORD)dos->e_lfanew);
    const IMAGE_DATA_DIRECTORY *directory =
        &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    const IMAGE_IMPORT_DESCRIPTOR *dll = at(module, directory->VirtualAddress);

    for (; dll->Name != 0; dll++) {
        const IMAGE_THUNK_DATA *names = at(module, dll->OriginalFirstThunk);
        const IMAGE_THUNK_DATA *addresses = at(module, dll->FirstThunk);
        for (size_t i = 0; names[i].u1.AddressOfData != 0; i++) {
            if (IMAGE_SNAP_BY_ORDINAL(names[i].u1.Ordinal))
                continue;
            const IMAGE_IMPORT_BY_NAME *import = at(module, (DWORD)names[i].u1.AddressOfData);
            if (strcmp((const char *)import->Name, name) == 0)
                return (void **)(uintptr_t)&addresses[i].u1.Function;
        }
    }
    return NULL;
}

static void import_replace(HMODULE module, const char *name, void *counted, void *out_real)
{
    void **import = import_find(module, name);
    DWORD protection;

    if (import == NULL || !VirtualProtect(import, sizeof(*import), PAGE_READWRITE, &protection)) {
        fprintf(stderr, "a DLL does not import %s: its blocks cannot be counted\n", name);
        exit(2);
    }
    memcpy(out_real, import, sizeof(*import));
    *import = counted;
    VirtualProtect(import, sizeof(*import), protection, &protection);
}

void blocks_count(HMODULE module)
{
    counted_thread = GetCurrentThreadId();
    import_replace(module, "calloc", (void *)(uintptr_t)counted_calloc, &real_calloc);
    import_replace(module, "free", (void *)(uintptr_t)counted_free, &real_free);
}

LONG blocks_outstanding(void)
{
    return outstanding;
}

DWORD blocks_handles(void)
{
    DWORD count = 0;

    GetProcessHandleCount(GetCurrentProcess(), &count);
    return count;
}
