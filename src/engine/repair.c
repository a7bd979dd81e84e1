#include "engine/repair.h"

#include <assert.h>
#include <stdio.h>

#include "dhcp/dhcp4_repair.h"
#include "dhcp/dhcp6_repair.h"
#include "engine/core.h"
#include "engine/endpoint.h"
#include "engine/policy.h"

static_assert(sizeof(((struct request *)NULL)->repair) >= DHCP4_REPAIR_TEXT_SIZE,
              "the words have room");

static void log_repair(struct request *request, size_t length)
{
    char from[ENDPOINT_TEXT_SIZE];

    request_log(request, LOG_INFO, "repaired %zu bytes from %s to port %u: %s", length,
                endpoint_text(&request->arrival.remote, from), request->arrival.local.port,
                request->repair);
}

void request_repair(struct request *request)
{
    const struct policy *policy = request->engine->ports.policy;
    const size_t length = request->length;

    request->repair[0] = '\0';
    if (policy != NULL && policy->is_strict)
        return;
    if (!endpoint_is_ipv6(&request->arrival.remote))
        dhcp4_repair_text(dhcp4_repair(request->received, &request->length, request->capacity),
                          request->repair);
    else if (dhcp6_repair(request->received, &request->length))
        snprintf(request->repair, sizeof(request->repair), "%zu bytes behind the options cut",
                 length - request->length);
    if (request->repair[0] == '\0')
        return;
    metrics_count(&request->engine->counters.repaired);
    log_repair(request, length);
}
