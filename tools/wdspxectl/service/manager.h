/*
 * The service control manager, in the words of this program. Functions return ERROR_SUCCESS or the
 * Win32 code; ERROR_SERVICE_DOES_NOT_EXIST where there is no such service.
 */
#ifndef WDSPXECTL_SERVICE_MANAGER_H
#define WDSPXECTL_SERVICE_MANAGER_H

#include <stdbool.h>
#include <windows.h>

#include "text/text.h"

#define SERVICE_NAME "wdspxe"
#define WDS_SERVICE_NAME "WDSServer" /* Microsoft's */
#define SERVICE_NAME_W L"wdspxe"

struct service_plan {
    const char *command_line;
    const char *account; /* NULL: the system's own */
    bool on_demand;      /* not when the machine starts */
};

/*
 * Creates our service: restarted after failures, with no more rights than it needs. Appends to
 * out_missing what this system cannot do of that, if anything; the service is there all the same.
 */
DWORD service_create(const struct service_plan *plan, struct text *out_missing);

/* Deletes our service, which must have stopped. */
DWORD service_delete(void);

/* What is known of a service; its texts are service_facts_free's. */
struct service_facts {
    SERVICE_STATUS_PROCESS status;
    DWORD start_type; /* SERVICE_AUTO_START and so on */
    struct text command_line;
    struct text account;
};

DWORD service_query(const char *name, struct service_facts *out_facts);
void service_facts_free(struct service_facts *facts);

/* For a variable within a block, which is all zero until it is asked for; freed at its end. */
#define SCOPED_SERVICE_FACTS __attribute__((cleanup(service_facts_free))) struct service_facts

DWORD service_begin(void);
/* ERROR_SERVICE_NOT_ACTIVE: it does not run. */
DWORD service_send(DWORD control);

/* Waits while our service is in this state, as long as it makes progress; its state then. */
DWORD service_wait_while(DWORD state, SERVICE_STATUS_PROCESS *out_status);

/* "running", "stopped", and so on. */
const char *service_state_name(DWORD state);

#endif
