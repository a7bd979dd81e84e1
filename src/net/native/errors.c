#include "net/native/errors.h"

#include <errno.h>
#include <stddef.h>

int32_t winsock_error(int error)
{
    static const struct {
        int error;
        int32_t winsock;
    } known[] = {
        {EPERM, 10013},        {EACCES, 10013},       {EADDRINUSE, 10048},   {EADDRNOTAVAIL, 10049},
        {EAFNOSUPPORT, 10047}, {ECONNREFUSED, 10054}, {EHOSTUNREACH, 10065}, {EINVAL, 10022},
        {EMFILE, 10024},       {EMSGSIZE, 10040},     {ENETDOWN, 10050},     {ENETUNREACH, 10051},
        {ENFILE, 10024},       {ENOBUFS, 10055},      {ENODEV, 10049},       {ENOMEM, 8},
        {ENOPROTOOPT, 10042},
    };
    enum { WSASYSCALLFAILURE = 10107 };

    if (error == 0)
        return 0;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (known[i].error == error)
            return known[i].winsock;
    return WSASYSCALLFAILURE;
}
