#include "answer/answer.h"

#include <string.h>

#include "answer/protocol.h"

static BOOL is_ipv6(const PXE_ADDRESS *local)
{
    return local->uAddrLen == IPV6_SIZE;
}

void answer_read(const struct answer_server *us, PVOID packet, ULONG length,
                 const PXE_ADDRESS *local, struct answer_request *out)
{
    out->packet = packet;
    out->length = length;
    out->local = *local;
    out->relay_count = 0;
    out->type = 0;
    if (is_ipv6(local))
        answer6_read(us, out);
    else
        answer4_read(us, out);
    client_name(&out->facts, out->client);
}

BOOL answer_is_first(const struct answer_request *request)
{
    enum { FIRST = 2 }; /* OFFER (RFC 2132, section 9.6) and ADVERTISE (RFC 8415, section 7.3) */

    return request->type == FIRST;
}

void answer_decide(const struct answer_request *request, const struct answer_plan *plan,
                   struct answer *out)
{
    BOOL is_sent;

    memset(out, 0, sizeof(*out));
    out->kind = ANSWER_NOT_MINE;
    out->plan = *plan;
    out->type = request->type;
    out->reason = request->reason;
    out->is_first = answer_is_first(request);
    out->boot_class = request->facts.boot;
    is_sent =
        is_ipv6(&request->local) ? answer6_decide(request, out) : answer4_decide(request, out);
    if (is_sent)
        out->kind = ANSWER_SEND;
}

DWORD answer_build(const struct answer_server *us, const struct answer_request *request,
                   const struct answer *answer, PVOID reply, ULONG capacity, ULONG *out_used)
{
    if (is_ipv6(&request->local))
        return answer6_build(us, request, answer, reply, capacity, out_used);
    return answer4_build(request, answer, reply, capacity, out_used);
}
