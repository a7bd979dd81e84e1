/* What the two readers of facts share. Not for whoever uses facts. */
#ifndef FACTS_READ_H
#define FACTS_READ_H

#include "facts/facts.h"

static inline struct fact_bytes fact_part(const uint8_t *bytes, size_t length)
{
    return (struct fact_bytes){bytes, length};
}

/* Begins to join into the store; facts_join adds a piece, and is false once the store is full. */
uint8_t *facts_join_begin(struct facts_store *store);
bool facts_join(struct facts_store *store, struct fact_bytes piece);

/* The vendor class, and the way to boot that it tells. */
void facts_take_class(struct client_facts *facts, struct fact_bytes class);

/* One more user class; what is above the maximum is left out. */
void facts_add_user_class(struct client_facts *facts, struct fact_bytes class);

/* A list of architectures, two bytes each; an odd byte at the end is none. */
void facts_take_architectures(struct client_facts *facts, struct fact_bytes list);

/* Network interface identifier: type 1 and the version of UNDI. */
void facts_take_undi(struct client_facts *facts, struct fact_bytes value);

/* FACTS_GUID_SIZE bytes. */
void facts_take_guid(struct client_facts *facts, const uint8_t *guid);

/* A DUID, and the address or GUID that it holds, where nothing better has told them yet. */
void facts_take_duid(struct client_facts *facts, struct fact_bytes duid);

/* Last: what the vendor class tells that no option did. */
void facts_finish(struct client_facts *facts);

#endif
