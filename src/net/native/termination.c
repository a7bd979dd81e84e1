#define _GNU_SOURCE
#include "net/native/termination.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "net/native/errors.h"

static int told = -1; /* an eventfd that is readable once SIGTERM has come */

/* Interrupts any thread anywhere. */
static void on_signal(int number)
{
    const uint64_t one = 1;
    const int before = errno;

    (void)number;
    while (write(told, &one, sizeof(one)) < 0 && errno == EINTR)
        continue;
    errno = before;
}

/* Wine's threads run on stacks that Windows' side may have used up: the handler has one of its own.
 */
int32_t termination_catch(void *arguments)
{
    const struct sigaction once = {
        .sa_handler = on_signal,
        .sa_flags = SA_ONSTACK | SA_RESTART | (int)SA_RESETHAND,
    };
    struct sigaction before;

    (void)arguments;
    if (told < 0)
        told = eventfd(0, EFD_CLOEXEC);
    if (told < 0 || sigaction(SIGTERM, NULL, &before) != 0)
        return winsock_error(errno);
    if (before.sa_handler == SIG_IGN)
        return 0;
    return sigaction(SIGTERM, &once, NULL) == 0 ? 0 : winsock_error(errno);
}

int32_t termination_wait(void *arguments)
{
    uint64_t count;

    (void)arguments;
    while (read(told, &count, sizeof(count)) < 0)
        if (errno != EINTR)
            return winsock_error(errno);
    return 0;
}
