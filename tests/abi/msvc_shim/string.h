/* See windows.h beside this file. */
#ifndef SHIM_STRING_H
#define SHIM_STRING_H

#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
void *__cdecl memcpy(void *to, const void *from, size_t count);
void *__cdecl memset(void *to, int value, size_t count);
char *__cdecl strcpy(char *to, const char *from);
#ifdef __cplusplus
}
#endif

#endif
