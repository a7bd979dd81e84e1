/* The two halves of answer.h: DHCP (PXE 2.1, RFC 4578) and DHCPv6 (RFC 5970, RFC 8415). */
#ifndef ANSWER_PROTOCOL_H
#define ANSWER_PROTOCOL_H

#include "answer/answer.h"

/* packet, length, local and relay_count of `out` are set. */
void answer4_read(const struct answer_server *us, struct answer_request *out);
void answer6_read(const struct answer_server *us, struct answer_request *out);

/* FALSE: it is not answered, and `kind` and `reason` say why. What is common is set. */
BOOL answer4_decide(const struct answer_request *request, struct answer *answer);
BOOL answer6_decide(const struct answer_request *request, struct answer *answer);

DWORD answer4_build(const struct answer_request *request, const struct answer *answer, PVOID reply,
                    ULONG capacity, ULONG *out_used);
DWORD answer6_build(const struct answer_server *us, const struct answer_request *request,
                    const struct answer *answer, PVOID reply, ULONG capacity, ULONG *out_used);

/* The reply so far. Once a step has failed the others do nothing, so one check at the end does. */
struct reply {
    PVOID packet;
    ULONG capacity;
    ULONG used;
    DWORD error;
};

/* The Pxe functions take pointers to non-const but only read; by number, as C has no other way. */
static inline PVOID readable(const void *bytes)
{
    return (PVOID)(ULONG_PTR)bytes;
}

#endif
