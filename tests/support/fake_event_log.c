#include "support/fake_event_log.h"

#include <wchar.h>

struct fake_event_log fake_event_log;

static void keep(WCHAR *out, SIZE_T size, LPCWSTR text)
{
    SIZE_T length = wcslen(text) < size ? wcslen(text) : size - 1;

    wmemcpy(out, text, length);
    out[length] = L'\0';
}

static BOOL WINAPI report_event(HANDLE log, WORD type, WORD category, DWORD id, PSID user,
                                WORD strings, DWORD data_size, LPCWSTR *texts, LPVOID data)
{
    if (log == NULL || category != 1 || user != NULL || strings != 2 || data_size != 0 ||
        data != NULL)
        return FALSE;
    fake_event_log.type = type;
    fake_event_log.id = id;
    keep(fake_event_log.provider, 64, texts[0]);
    keep(fake_event_log.text, FAKE_EVENT_CHARS, texts[1]);
    InterlockedIncrement(&fake_event_log.count);
    return TRUE;
}

/* What a call of an imported function goes through. */
#if defined(__i386__)
#define IMPORTED "__imp__ReportEventW@36"
#else
#define IMPORTED "__imp_ReportEventW"
#endif
typedef BOOL(WINAPI *report_event_function)(HANDLE, WORD, WORD, DWORD, PSID, WORD, DWORD, LPCWSTR *,
                                            LPVOID);
extern const report_event_function imported_report_event __asm__(IMPORTED);
const report_event_function imported_report_event = report_event;
