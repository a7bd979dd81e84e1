#include "verify/report.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/callback.h"
#include "engine/core.h"

enum { SEEN_SIZE = 512, TEXT_SIZE = 768 };

#define NAME_AND_DEMAND(constant, name, demand) [RULE_##constant] = {name, demand},

/* What each rule is called and asks. */
static const struct {
    const char *name;
    const char *demand;
} RULES[RULE_COUNT] = {VERIFY_RULES(NAME_AND_DEMAND)};
static_assert(RULE_COUNT <= 32, "each rule has a bit in verifier.told");

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

/* A provider that breaks a rule with each request does not flood whoever reads it. */
static bool is_admitted(struct verifier *verifier, struct engine *engine, enum verify_rule rule)
{
    const uint32_t bit = UINT32_C(1) << rule;
    const bool is_first = (atomic_fetch_or(&verifier->told, bit) & bit) == 0;

    return summary_admits_finding(engine) || is_first;
}

static void finding_tell(struct verifier *verifier, struct engine *engine, enum verify_rule rule,
                         const struct verify_subject *subject, const char *text)
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
    if (atomic_load(&engine->is_observed) && is_admitted(verifier, engine, rule))
        verifier->finding(verifier->context, &finding);
    engine_leave(engine);
}

void verify_report(struct verifier *verifier, struct engine *engine, enum verify_rule rule,
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
