/* How a machine is called in the trace. */
#ifndef ANSWER_CLIENT_H
#define ANSWER_CLIENT_H

#include "facts/facts.h"
#include "wdspxe.h"

/* What a reply to that class of clients has as its own vendor class: "PXEClient", "HTTPClient". */
const CHAR *client_class_name(enum facts_boot boot);

#define CLIENT_NAME_CHARS (3 * 24 + 1)

/*
 * The machine's name for the trace, its first bytes in hexadecimal as "52-54-00-12-34-56": the MAC
 * address, or without one the client identifier, or the GUID, or words that say that there is none.
 * Over DHCPv6 it is the DUID. What does not fit is cut off.
 */
void client_name(const struct client_facts *facts, WCHAR out[CLIENT_NAME_CHARS]);

#endif
