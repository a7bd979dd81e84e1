#include "event.h"

#include <wchar.h>

/* As wdspxe_events.mc has it: the severity in the two highest bits, then the facility. */
#define ERROR_ID(id) (0xC1070000UL | (id))
#define WARNING_ID(id) (0x81070000UL | (id))
#define CATEGORY 1
#define TEXT_CHARS 8192 /* Windows takes 31,839 characters in one text */
#define REST_CHARS 80   /* kept for how much did not fit */

struct event_text {
    WCHAR chars[TEXT_CHARS];
    SIZE_T length;
    unsigned left_out; /* lines */
};

static void add_line(void *context, LPCWSTR line)
{
    struct event_text *text = context;
    SIZE_T length = wcslen(line);

    if (text->left_out > 0 || text->length + length + 2 > TEXT_CHARS - REST_CHARS) {
        ++text->left_out;
        return;
    }
    wmemcpy(text->chars + text->length, line, length);
    text->length += length;
    text->chars[text->length++] = L'\r';
    text->chars[text->length++] = L'\n';
    text->chars[text->length] = L'\0';
}

/* A log that is full or gone is no reason to serve less. */
static void report(WORD type, DWORD id, LPCWSTR text)
{
    LPCWSTR strings[] = {L"staticpxe", text};
    HANDLE source = RegisterEventSourceW(NULL, L"WDSPXE");

    if (source == NULL)
        return;
    ReportEventW(source, type, CATEGORY, id, NULL, 2, 0, strings, NULL);
    DeregisterEventSource(source);
}

void event_config_refused(LPCWSTR path, DWORD error, const struct problem_list *problems)
{
    struct event_text text = {.length = 0};

    config_each_line(path, error, problems, add_line, &text);
    if (text.left_out > 0)
        swprintf(text.chars + text.length, TEXT_CHARS - text.length,
                 L"%u more lines: wdspxectl static check shows all", text.left_out);
    report(EVENTLOG_ERROR_TYPE, ERROR_ID(EVENT_CONFIG_REFUSED), text.chars);
}

void event_config_right(LPCWSTR path)
{
    report(EVENTLOG_WARNING_TYPE, WARNING_ID(EVENT_CONFIG_RIGHT), path);
}
