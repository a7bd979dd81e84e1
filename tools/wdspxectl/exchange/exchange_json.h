/* Exchanges and findings as records; docs/replay.md names the members. */
#ifndef WDSPXECTL_EXCHANGE_EXCHANGE_JSON_H
#define WDSPXECTL_EXCHANGE_EXCHANGE_JSON_H

#include "exchange/exchange.h"
#include "text/writer.h"

/* JSON only: the members of an object for an exchange that the caller has begun. */
void exchange_write(struct writer *writer, const struct exchange_list *list,
                    const struct exchange *exchange);

/* Of a finding; as text one line: "provider: call: text [rule, frame 7]; reproducer: file". */
void finding_write(struct writer *writer, const struct exchange_list *list,
                   const struct finding *finding);

/* JSON only: file name and number of the frame that a request's number stands for; 0: null. */
void frame_write(struct writer *writer, const char *capture, const char *frame,
                 const struct exchange_list *list, uint64_t number);

/* JSON only: members "from", "to", "type", "bytes" and "fields". */
void reply_write(struct writer *writer, const struct message *reply);

#endif
