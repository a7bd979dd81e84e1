/* "status": what the servers that run on this machine have done. */
#ifndef WDSPXECTL_STATUS_STATUS_H
#define WDSPXECTL_STATUS_STATUS_H

#include "cli/command.h"
#include "server/status_page.h"
#include "text/writer.h"

/* Writes several lines for people, or one JSON object. */
void status_write(struct writer *writer, const struct server_status *server);

/* What both begin with: process, state, how long. */
void status_write_head(struct writer *writer, const struct server_status *server);

/* What is there only at times: its share, held threads, a slow network, the last warning of a
 * provider that did not start. */
void status_write_told(struct writer *writer, const struct server_status *server);

/* A provider's last warning, in a line of its own; the text has nothing where there is none. */
void status_write_warning(struct writer *writer, const WDSPXE_EXT_PROVIDER_STATUS *provider);

/* The same in 80 columns for whoever watches; `before` is the last look, NULL: this is the first.
 */
void status_put_watch(struct text *text, const struct server_status *now,
                      const struct server_status *before);

/* Appends the text exposition format of Prometheus, version 0.0.4. */
void status_put_prometheus(struct text *text, const struct server_status *server);

/* "no_memory" and so on: WDSPXE_EXT_DROP_*. */
const char *status_drop_name(unsigned kind);

/* Appends an interface's name: its address, "(others)" if it has none. */
void status_put_interface(struct text *text, const WDSPXE_EXT_INTERFACE_STATUS *nic);

#endif
