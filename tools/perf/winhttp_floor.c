/*
 * The floor of webpxe: questions by WinHTTP and nothing else, to http://127.0.0.1:PORT/boot.
 *   winhttp_floor PORT QUESTIONS AT-A-TIME RATE      RATE: questions a second at most
 * Prints a line: answered, the seconds that all of it took, this process's processor time for each
 * in ms.
 */
#include <windows.h>
#include <winhttp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char question[600] = "{"; /* of about the size of webpxe's */
static HANDLE room;                    /* a semaphore: so many more may be under way */
static LONG volatile answered;

struct call {
    HINTERNET request;
    char body[16384];
};

static void CALLBACK go_on(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID information,
                           DWORD length)
{
    struct call *call = (struct call *)context;

    (void)handle;
    (void)information;
    if (call == NULL)
        return;
    if (status == WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE) {
        WinHttpReceiveResponse(call->request, NULL);
    } else if (status == WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE) {
        WinHttpReadData(call->request, call->body, sizeof(call->body), NULL);
    } else if (status == WINHTTP_CALLBACK_STATUS_READ_COMPLETE) {
        if (length > 0)
            InterlockedIncrement(&answered);
        WinHttpCloseHandle(call->request);
    } else if (status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
        WinHttpCloseHandle(call->request);
    } else if (status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        free(call);
        ReleaseSemaphore(room, 1, NULL);
    }
}

static BOOL ask(HINTERNET connection)
{
    struct call *call = calloc(1, sizeof(*call));
    DWORD_PTR context = (DWORD_PTR)call;

    if (call == NULL)
        return FALSE;
    call->request = WinHttpOpenRequest(connection, L"POST", L"/boot", NULL, WINHTTP_NO_REFERER,
                                       WINHTTP_DEFAULT_ACCEPT_TYPES, 0);
    if (call->request == NULL) {
        free(call);
        return FALSE;
    }
    if (!WinHttpSetOption(call->request, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof(context)) ||
        !WinHttpSendRequest(call->request, L"Content-Type: application/json\r\n", (DWORD)-1,
                            (LPVOID)(ULONG_PTR)question, sizeof(question), sizeof(question),
                            context))
        WinHttpCloseHandle(call->request);
    return TRUE;
}

static double processor_ms(void)
{
    FILETIME created, ended, kernel, user;

    if (!GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user))
        return 0;
    return (kernel.dwLowDateTime + user.dwLowDateTime) / 1e4; /* below seven minutes */
}

int main(int argc, char **argv)
{
    const unsigned questions = argc == 5 ? (unsigned)atoi(argv[2]) : 0;
    const unsigned at_a_time = argc == 5 ? (unsigned)atoi(argv[3]) : 0;
    const unsigned rate = argc == 5 ? (unsigned)atoi(argv[4]) : 0;
    HINTERNET session =
        WinHttpOpen(L"floor/1", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, WINHTTP_FLAG_ASYNC);
    HINTERNET connection;

    if (questions == 0 || at_a_time == 0 || rate == 0 || session == NULL) {
        fputs("usage: winhttp_floor PORT QUESTIONS AT-A-TIME RATE\n", stderr);
        return 2;
    }
    room = CreateSemaphoreW(NULL, (LONG)at_a_time, (LONG)at_a_time, NULL);
    if (room == NULL || WinHttpSetStatusCallback(session, go_on,
                                                 WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS |
                                                     WINHTTP_CALLBACK_FLAG_HANDLES,
                                                 0) == WINHTTP_INVALID_STATUS_CALLBACK)
        return 1;
    connection = WinHttpConnect(session, L"127.0.0.1", (INTERNET_PORT)atoi(argv[1]), 0);
    if (connection == NULL)
        return 1;
    const ULONGLONG begin = GetTickCount64();
    for (unsigned i = 0; i < questions; i++) {
        while (GetTickCount64() - begin < 1000ULL * i / rate)
            Sleep(1);
        WaitForSingleObject(room, INFINITE);
        if (!ask(connection))
            return 1;
    }
    for (unsigned i = 0; i < at_a_time; i++)
        WaitForSingleObject(room, INFINITE);
    printf("answered %ld seconds %.2f cpu %.3f\n", answered,
           (double)(GetTickCount64() - begin) / 1000, processor_ms() / questions);
    return answered == (LONG)questions ? 0 : 1;
}
