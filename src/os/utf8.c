#include "os/utf8.h"

#include <windows.h>

void utf8_to_wide(const char *utf8, wchar_t *wide, int units)
{
    if (MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, units) == 0)
        wide[0] = L'\0';
}
