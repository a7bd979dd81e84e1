/* Exchanges and findings as JSON; docs/replay.md names the members. */
#ifndef WDSPXECTL_EXCHANGE_EXCHANGE_JSON_H
#define WDSPXECTL_EXCHANGE_EXCHANGE_JSON_H

#include "exchange/exchange.h"
#include "text/json.h"

/* A member whose value is the text, or null if it is empty; the text is freed. */
void json_text_member(struct json *json, const char *key, struct text *value);

/* The members of an object for an exchange that the caller has begun. */
void exchange_json_members(struct json *json, const struct exchange_list *list,
                           const struct exchange *exchange);

/* The same for a finding. */
void finding_json_members(struct json *json, const struct exchange_list *list,
                          const struct finding *finding);

/* A member "fields": the message taken apart, an array of objects, one field on one line. */
void fields_json_member(struct json *json, size_t address_length, const uint8_t *packet,
                        size_t length);

/* Members "from", "to", "type", "bytes" and "fields" of a reply. */
void reply_json_members(struct json *json, const struct exchange_reply *reply);

/* A member with the address and port: "10.0.0.2:67". */
void endpoint_json_member(struct json *json, const char *key, const struct endpoint *endpoint);

#endif
