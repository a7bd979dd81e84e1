#include "win32/registry/winreg_value.h"

#include "base/mem.h"

/* A value that grows between asking for its size and reading it. */
#define GROW_TRIES 16

pxe_status winreg_value_read(HKEY key, const wchar_t *name, struct winreg_value *out_value)
{
    DWORD room = 256;
    LSTATUS status = ERROR_MORE_DATA;

    for (int i = 0; i < GROW_TRIES && status == ERROR_MORE_DATA; i++) {
        DWORD size = room;
        DWORD type;
        uint16_t *units = mem_alloc_array((size_t)room / 2 + 1, sizeof(*units));

        if (units == NULL)
            return PXE_NOT_ENOUGH_MEMORY;
        status = RegQueryValueExW(key, name, NULL, &type, (BYTE *)units, &size);
        if (status == ERROR_SUCCESS && size <= room) {
            units[size / 2] = 0; /* over an odd byte, if there is one */
            *out_value = (struct winreg_value){type, size, size / 2, units};
            return PXE_OK;
        }
        mem_free(units);
        if (status == ERROR_MORE_DATA) {
            if (size <= room)
                size = room < MAXDWORD / 2 ? room * 2 : MAXDWORD - 1;
            room = size + (size & 1u);
        }
    }
    /* The key was deleted while it was open: the same as not there. */
    if (status == ERROR_KEY_DELETED)
        return PXE_FILE_NOT_FOUND;
    return status == ERROR_SUCCESS ? PXE_INVALID_DATA : (pxe_status)status;
}
