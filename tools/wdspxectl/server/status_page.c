#include "server/status_page.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <sddl.h>

#include "os/stack.h"
#include "text/text.h"

enum {
    PERIOD_MS = 1000,
    READ_ATTEMPTS = 200, /* 5 ms between them: a page is written in far less */
    READ_PAUSE_MS = 5,
    PAGE_NAME_SIZE = 64,
};

/* Whoever may log on may look; only the process that made it writes. */
#define PAGE_RIGHTS L"D:P(A;;GR;;;AU)(A;;GR;;;BA)(A;;GA;;;SY)"

/* What both sides see, whether they have 32 bits or 64. */
struct page {
    ULONG size; /* of this struct: another version has another one; 0: not yet written */
    volatile LONG sequence; /* odd while the rest is being written */
    struct server_status content;
};

/* A process has one server at most, hence file scope. */
static HANDLE section;
static HANDLE stop_event;
static HANDLE thread;
static struct page *page;

static SRWLOCK told_lock = SRWLOCK_INIT; /* `told` */
static struct server_told told;

/* The first half is seen by all sessions, and needs a privilege that services and administrators
 * have; the second half is for everybody else, and seen in the same session only. */
static void page_name(unsigned place, wchar_t out_name[PAGE_NAME_SIZE])
{
    char name[PAGE_NAME_SIZE];
    (void)snprintf(name, sizeof(name), "%s\\wdspxe-status-%u",
                   place < STATUS_PLACES / 2 ? "Global" : "Local", place);
    (void)text_to_utf16(name, out_name);
}

/* ---- the server's side ---- */

/* Providers' lines begin with their name in brackets. */
void status_page_note(PXE_SEVERITY severity, LPCWSTR line)
{
    const PXE_SEVERITY bad = PXE_TRACE_WARNING | PXE_TRACE_ERROR | PXE_TRACE_FATAL;

    if ((severity & bad) == 0 || line[0] != L'[')
        return;
    AcquireSRWLockExclusive(&told_lock);
    GetSystemTimeAsFileTime(&told.when);
    wcsncpy(told.text, line, STATUS_TOLD_SIZE - 1);
    ReleaseSRWLockExclusive(&told_lock);
}

static void page_write(void)
{
    static WDSPXE_EXT_STATUS status; /* large; only one thread at a time is here */

    status.uSizeOfStruct = sizeof(status);
    if (WdsPxeExtServerGetStatus(&status) != ERROR_SUCCESS)
        return;
    InterlockedIncrement(&page->sequence);
    page->content.process = GetCurrentProcessId();
    GetSystemTimeAsFileTime(&page->content.taken);
    AcquireSRWLockShared(&told_lock);
    page->content.told = told;
    ReleaseSRWLockShared(&told_lock);
    memcpy(&page->content.status, &status, sizeof(status));
    page->size = sizeof(*page);
    InterlockedIncrement(&page->sequence);
}

static DWORD WINAPI write_pages(void *context)
{
    (void)context;
    stack_trim();
    while (WaitForSingleObject(stop_event, PERIOD_MS) == WAIT_TIMEOUT)
        page_write();
    return 0;
}

/* A section that nobody had made before, or NULL. */
static HANDLE section_create(unsigned place, SECURITY_ATTRIBUTES *rights)
{
    wchar_t name[PAGE_NAME_SIZE];

    page_name(place, name);
    HANDLE made = CreateFileMappingW(INVALID_HANDLE_VALUE, rights, PAGE_READWRITE, 0,
                                     sizeof(struct page), name);
    bool is_other = made != NULL && GetLastError() == ERROR_ALREADY_EXISTS;
    if (!is_other)
        return made;
    CloseHandle(made);
    return NULL;
}

static DWORD section_find(SECURITY_ATTRIBUTES *rights)
{
    for (unsigned place = 0; place < STATUS_PLACES && section == NULL; place++)
        section = section_create(place, rights);
    return section != NULL ? ERROR_SUCCESS : ERROR_NO_MORE_ITEMS;
}

static DWORD page_create(void)
{
    SECURITY_ATTRIBUTES rights = {.nLength = sizeof(rights)};

    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(PAGE_RIGHTS, SDDL_REVISION_1,
                                                              &rights.lpSecurityDescriptor, NULL))
        return GetLastError();
    DWORD error = section_find(&rights);
    LocalFree(rights.lpSecurityDescriptor);
    if (error != ERROR_SUCCESS)
        return error;
    page = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, sizeof(*page));
    return page != NULL ? ERROR_SUCCESS : GetLastError();
}

DWORD status_page_publish(void)
{
    DWORD error = page_create();

    if (error == ERROR_SUCCESS) {
        page_write();
        stop_event = CreateEventW(NULL, TRUE, FALSE, NULL);
        thread = stop_event != NULL ? CreateThread(NULL, 0, write_pages, NULL, 0, NULL) : NULL;
        error = thread != NULL ? ERROR_SUCCESS : GetLastError();
    }
    if (error != ERROR_SUCCESS)
        status_page_withdraw();
    return error;
}

void status_page_withdraw(void)
{
    if (thread != NULL) {
        SetEvent(stop_event);
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
    }
    if (stop_event != NULL)
        CloseHandle(stop_event);
    if (page != NULL)
        UnmapViewOfFile(page);
    if (section != NULL)
        CloseHandle(section);
    thread = stop_event = section = NULL;
    page = NULL;
}

/* ---- the reader's side ---- */

static HANDLE section_open(unsigned place)
{
    wchar_t name[PAGE_NAME_SIZE];

    page_name(place, name);
    return OpenFileMappingW(FILE_MAP_READ, FALSE, name);
}

/* A copy that the writer did not touch meanwhile. */
static DWORD page_copy(const struct page *from, struct server_status *out_status)
{
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        LONG before = from->sequence;
        MemoryBarrier();
        if (before % 2 == 0 && from->size != 0) {
            if (from->size != sizeof(*from))
                return ERROR_REVISION_MISMATCH;
            *out_status = from->content;
            out_status->told.text[STATUS_TOLD_SIZE - 1] = L'\0';
            MemoryBarrier();
            if (from->sequence == before)
                return ERROR_SUCCESS;
        }
        Sleep(READ_PAUSE_MS);
    }
    return ERROR_BUSY;
}

/* Counts that index arrays are not taken from another process unseen. */
static bool is_sound(const WDSPXE_EXT_STATUS *status)
{
    return status->uSizeOfStruct == sizeof(*status) &&
           status->cProviders <= WDSPXE_EXT_STATUS_PLACES &&
           status->cInterfaces <= WDSPXE_EXT_STATUS_PLACES;
}

DWORD status_page_read(unsigned place, struct server_status *out_status)
{
    HANDLE opened = section_open(place);

    if (opened == NULL)
        return GetLastError();
    const struct page *from = MapViewOfFile(opened, FILE_MAP_READ, 0, 0, 0);
    DWORD error = from != NULL ? page_copy(from, out_status) : GetLastError();
    if (error == ERROR_SUCCESS && !is_sound(&out_status->status))
        error = ERROR_REVISION_MISMATCH;
    if (from != NULL)
        UnmapViewOfFile(from);
    CloseHandle(opened);
    return error;
}
