/*
 * Just enough of the Windows SDK to let Clang read wdspxe.h the way MSVC does (_MSC_VER defined, no
 * GNU extensions) on a machine without MSVC. Used by check_headers.py for syntax checks only.
 */
#ifndef SHIM_WINDOWS_H
#define SHIM_WINDOWS_H

typedef unsigned char BYTE, *PBYTE;
typedef unsigned short WORD, *PWORD, USHORT;
typedef unsigned long DWORD, ULONG, *PULONG;
typedef unsigned __int64 ULONGLONG;
typedef int BOOL, *PBOOL;
typedef char CHAR;
typedef void *PVOID, *HANDLE;
typedef struct HKEY__ *HKEY, **PHKEY;
#ifdef __cplusplus
typedef wchar_t WCHAR;
#else
typedef unsigned short WCHAR;
#endif
typedef const CHAR *LPCSTR;
typedef WCHAR *LPWSTR;
typedef const WCHAR *LPCWSTR;

#define VOID void
#define TRUE 1
#define FALSE 0
#define CALLBACK __stdcall
#define ERROR_SUCCESS 0UL
#define UNREFERENCED_PARAMETER(p) (void)(p)
#define ZeroMemory(p, n) memset((p), 0, (n))
#ifndef NULL
#ifdef __cplusplus
#define NULL 0
#else
#define NULL ((void *)0)
#endif
#endif

#ifdef __cplusplus
extern "C"
#endif
DWORD __stdcall GetLastError(void);

#endif
