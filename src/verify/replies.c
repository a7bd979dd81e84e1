#include "verify/replies.h"

#include "engine/core.h"
#include "verify/history.h"
#include "verify/reply_rules.h"
#include "verify/report.h"

enum { KNOWN_FLAGS = ADDR_BROADCAST | ADDR_USE_PORT | ADDR_USE_ADDR | ADDR_USE_DHCP_RULES };

static bool flags_contradict(const struct arrival *arrival, uint32_t flags)
{
    if ((flags & ADDR_USE_DHCP_RULES) != 0)
        return flags != ADDR_USE_DHCP_RULES;
    return (flags & ADDR_BROADCAST) != 0 &&
           ((flags & ADDR_USE_ADDR) != 0 || endpoint_is_ipv6(&arrival->remote));
}

void replies_addressed(void *context, struct request *request, const struct provider *provider,
                       const struct pxe_address *wanted, pxe_status status)
{
    const struct verify_subject subject = verify_subject_of(request, provider, CALL_SEND);

    if (wanted == NULL)
        return;
    if ((wanted->flags & ~(uint32_t)KNOWN_FLAGS) != 0 ||
        flags_contradict(&request->arrival, wanted->flags))
        verify_report(context, request->engine, RULE_ADDRESS_FLAGS, &subject, "uFlags is 0x%x",
                      (unsigned)wanted->flags);
    else if (status == PXE_INVALID_DATA)
        verify_report(context, request->engine, RULE_BAD_ARGUMENT, &subject,
                      "PXE_ADDR_USE_DHCP_RULES for a request that is no DHCP message");
    else if (status != PXE_OK)
        verify_report(context, request->engine, RULE_BAD_ARGUMENT, &subject,
                      "an address of %u bytes for a request from one of %u",
                      (unsigned)wanted->address_length, request->arrival.remote.length);
}

/* The action will tell whether that was meant. */
static void other_note(struct request *request)
{
    mutex_lock(&request->lock);
    if (history_of(request) != NULL)
        history_of(request)->has_sent_other = true;
    mutex_unlock(&request->lock);
}

void replies_leaving(void *context, struct request *request, const struct provider *provider,
                     const uint8_t *bytes, size_t length)
{
    const bool is_ipv6 = endpoint_is_ipv6(&request->arrival.remote);
    const struct verify_subject subject = verify_subject_of(request, provider, CALL_SEND);
    const struct reply_request asked = {request->received, request->length, &request->inner,
                                        request->arrival.boot_server_port};
    struct reply_flaws flaws;

    if (request->arrival.defect != NULL)
        return;
    if (!reply_is_dhcp(is_ipv6, bytes, length)) {
        other_note(request);
        return;
    }
    if (is_ipv6)
        reply_lint6(&asked, bytes, length, &flaws);
    else
        reply_lint4(&asked, bytes, length, &flaws);
    for (size_t i = 0; i < flaws.count; i++)
        verify_report(context, request->engine, flaws.entries[i].rule, &subject, "%s",
                      flaws.entries[i].text);
}
