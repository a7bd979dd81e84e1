/* How a finding is worded and told. */
#ifndef VERIFY_REPORT_H
#define VERIFY_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/printf_like.h"
#include "verify/verify.h"

struct engine;
struct provider;
struct request;

/* Whom and what a finding is about. */
struct verify_subject {
    const char *provider; /* NULL: not known */
    const char *call;
    uint64_t number;
    const uint8_t *packet;
    size_t length;
};

/* A request's datagram, and a provider that has to do with it (NULL: not known). */
struct verify_subject verify_subject_of(const struct request *request,
                                        const struct provider *provider, const char *call);

/* The text of a finding: what was seen, what the rule asks. */
void verify_text(enum verify_rule rule, const char *seen, char *text, size_t size);

/* One finding. The text says what was seen, printf-style; what the rule asks is added. The
 * subject's bytes must stay as they are meanwhile, and no lock may be held: the host is called. */
void verify_report(struct verifier *verifier, struct engine *engine, enum verify_rule rule,
                   const struct verify_subject *subject, const char *format, ...) PRINTF_LIKE(5, 6);

#endif
