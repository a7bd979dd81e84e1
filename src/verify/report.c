#include "verify/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/callback.h"
#include "engine/core.h"

enum { SEEN_SIZE = 512, TEXT_SIZE = 768 };

/* What each rule is called and asks. */
static const struct {
    const char *name;
    const char *demand;
} RULES[RULE_COUNT] = {
    [RULE_PACKET_LEAKED] = {"packet-leaked",
                            "every packet has to be freed before its request ends"},
    [RULE_PACKET_FREED_TWICE] = {"packet-freed-twice", "a packet is freed once"},
    [RULE_PACKET_FOREIGN] = {"packet-foreign", "a packet stays with its provider and its request"},
    [RULE_PACKET_OVERRUN] = {"packet-overrun", "only what was allocated may be touched"},
    [RULE_PACKET_USED_AFTER_FREE] = {"packet-used-after-free",
                                     "a packet may not be touched after PxePacketFree"},
    [RULE_SENT_AFTER_END] = {"sent-after-end",
                             "a request's handle is good until it is decided about"},
    [RULE_NOT_SENT] = {"not-sent", "PXE_BA_NBP and PXE_BA_CUSTOM say that a reply was sent"},
    [RULE_NEVER_COMPLETED] = {"never-completed", "ERROR_IO_PENDING promises PxeAsyncRecvDone"},
    [RULE_COMPLETED_TWICE] = {"completed-twice", "a request is decided about once"},
    [RULE_END_MISSING] = {"end-missing", "the options of a DHCPv4 reply end with option 255"},
    [RULE_OPTION_AFTER_END] = {"option-after-end", "behind option 255 there is nothing but zeros"},
    [RULE_OPTION_OVERRUN] = {"option-overrun", "an option ends within its message"},
    [RULE_WRONG_TRANSACTION] = {"wrong-transaction",
                                "a reply is a server's message with its request's transaction id"},
    [RULE_ADDRESS_FLAGS] = {"address-flags",
                            "USE_DHCP_RULES stands alone, BROADCAST without USE_ADDR or IPv6"},
    [RULE_STALE_PROVIDER] = {"stale-provider",
                             "hProvider is good until the shutdown callback has returned"},
    [RULE_SLOW_CALLBACK] = {"slow-callback",
                            "what takes long is pended and done on another thread"},
    [RULE_BAD_ACTION] = {"bad-action", "an action is one of PXE_BA_*"},
    [RULE_BAD_ARGUMENT] = {"bad-argument", "arguments have to be valid"},
    [RULE_FAULT] = {"fault", "no exception may leave a callback"},
    [RULE_PENDED_AND_DONE] = {"pended-and-done",
                              "with PxeAsyncRecvDone, a callback returns ERROR_IO_PENDING"},
};

const char *verify_rule_name(enum verify_rule rule)
{
    return RULES[rule].name;
}

void verify_text(enum verify_rule rule, const char *seen, char *text, size_t size)
{
    snprintf(text, size, "%s; %s", seen, RULES[rule].demand);
}

/* What no handle tells may be known from the callback that this thread is in. */
static struct verify_subject subject_complete(const struct engine *engine,
                                              const struct verify_subject *subject)
{
    const struct call_port *calls = &engine->ports.calls;
    const struct callback *callback =
        calls->current != NULL ? calls->current(calls->context) : NULL;
    struct verify_subject complete = *subject;

    if (complete.provider == NULL && callback != NULL) {
        complete.provider = callback->provider->name;
        complete.number = callback->number;
        complete.packet = callback->packet;
        complete.length = callback->length;
    }
    return complete;
}

static void finding_tell(const struct verifier *verifier, struct engine *engine,
                         enum verify_rule rule, const struct verify_subject *subject,
                         const char *text)
{
    const struct finding finding = {
        .rule = rule,
        .rule_name = RULES[rule].name,
        .provider = subject->provider,
        .call = subject->call,
        .text = text,
        .number = subject->number,
        .packet = subject->packet,
        .length = subject->length,
    };

    /* Stopping waits, so that nobody is told after it. */
    engine_hold(engine);
    if (atomic_load(&engine->is_observed))
        verifier->finding(verifier->context, &finding);
    engine_leave(engine);
}

void verify_report(const struct verifier *verifier, struct engine *engine, enum verify_rule rule,
                   const struct verify_subject *subject, const char *format, ...)
{
    char seen[SEEN_SIZE], text[TEXT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(seen, sizeof(seen), format, arguments);
    va_end(arguments);
    verify_text(rule, seen, text, sizeof(text));
    const struct verify_subject complete = subject_complete(engine, subject);
    finding_tell(verifier, engine, rule, &complete, text);
}

struct verify_subject verify_subject_of(const struct request *request,
                                        const struct provider *provider, const char *call)
{
    return (struct verify_subject){
        .provider = provider != NULL ? provider->name : NULL,
        .call = call,
        .number = request->arrival.number,
        .packet = request->received,
        .length = request->length,
    };
}
