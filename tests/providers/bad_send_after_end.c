/* sent-after-end: completes the request first, then sends what it was to be answered with. */
#include "bad.h"

#include <stdlib.h>

struct job {
    HANDLE request;
    BYTE *reply;
    ULONG length;
};

static DWORD WINAPI work(PVOID argument)
{
    struct job *job = argument;

    PxePacketFree(provider, job->request, job->reply);
    PxeAsyncRecvDone(job->request, PXE_BA_IGNORE);
    (void)answer_send(job->request, job->reply, job->length);
    free(job);
    return 0;
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;
    BYTE *reply = answer_make(request, packet, length, local, &reply_length);

    (void)remote, (void)context;
    if (reply == NULL)
        return GetLastError();
    struct job *job = malloc(sizeof(*job));
    if (job == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    *job = (struct job){request, reply, reply_length};
    (void)action;
    HANDLE worker = CreateThread(NULL, 0, work, job, 0, NULL);
    if (worker == NULL)
        return GetLastError();
    WaitForSingleObject(worker, INFINITE);
    CloseHandle(worker);
    return ERROR_IO_PENDING;
}
