#include "service/manager.h"

#include <stdlib.h>
#include <string.h>

#include "text/wide.h"

enum {
    POLL_MS = 100,
    PATIENCE_MS = 90000, /* without any sign of progress */
};

static const wchar_t display_name[] = L"wdspxe PXE server";
static const wchar_t description[] =
    L"Tells machines that start from the network where to boot from, through the registered "
    L"providers (wdspxe.dll).";

/* Both handles; NULL if they are not open. */
struct opened {
    SC_HANDLE manager;
    SC_HANDLE service;
};

static void service_close(const struct opened *opened)
{
    if (opened->service != NULL)
        CloseServiceHandle(opened->service);
    if (opened->manager != NULL)
        CloseServiceHandle(opened->manager);
}

#define SCOPED_SERVICE __attribute__((cleanup(service_close))) struct opened

static DWORD service_open(const char *name, DWORD rights, struct opened *out_opened)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(name);

    *out_opened = (struct opened){OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT), NULL};
    if (out_opened->manager != NULL && wide != NULL)
        out_opened->service = OpenServiceW(out_opened->manager, wide, rights);
    return out_opened->service != NULL ? ERROR_SUCCESS : GetLastError();
}

/* ---- creating ---- */

/* Not every system can do each of these. */
static void configure(SC_HANDLE service, DWORD level, void *info, const char *what,
                      struct text *out_missing)
{
    if (ChangeServiceConfig2W(service, level, info))
        return;
    if (out_missing->length > 0)
        text_put(out_missing, ", ");
    text_put(out_missing, what);
}

/* Three attempts, further apart; then it takes a human being. An hour without failure starts anew.
 */
static void configure_restarts(SC_HANDLE service, struct text *out_missing)
{
    SC_ACTION actions[] = {{SC_ACTION_RESTART, 5000},
                           {SC_ACTION_RESTART, 30000},
                           {SC_ACTION_RESTART, 60000},
                           {SC_ACTION_NONE, 0}};
    SERVICE_FAILURE_ACTIONSW failures = {.dwResetPeriod = 3600,
                                         .cActions = sizeof(actions) / sizeof(actions[0]),
                                         .lpsaActions = actions};
    SERVICE_FAILURE_ACTIONS_FLAG also_for_codes = {TRUE};

    configure(service, SERVICE_CONFIG_FAILURE_ACTIONS, &failures, "restarts after failures",
              out_missing);
    configure(service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &also_for_codes,
              "restarts after a stop with an error", out_missing);
}

/* A server of UDP datagrams needs no privilege. These two every account has; naming them takes the
 * others away. The service's own identity is there for rights on files of providers. */
static void configure_rights(SC_HANDLE service, struct text *out_missing)
{
    wchar_t privileges[] = L"SeChangeNotifyPrivilege\0SeCreateGlobalPrivilege\0";
    SERVICE_REQUIRED_PRIVILEGES_INFOW required = {privileges};
    SERVICE_SID_INFO identity = {SERVICE_SID_TYPE_UNRESTRICTED};

    configure(service, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &required, "fewer privileges",
              out_missing);
    configure(service, SERVICE_CONFIG_SERVICE_SID_INFO, &identity, "an identity of its own",
              out_missing);
}

DWORD service_create(const struct service_plan *plan, struct text *out_missing)
{
    wchar_t text[sizeof(description) / sizeof(description[0])];
    SERVICE_DESCRIPTIONW described = {text};
    SCOPED_SERVICE opened = {OpenSCManagerW(NULL, NULL, SC_MANAGER_CREATE_SERVICE), NULL};
    SCOPED_MEMORY wchar_t *command_line = wide_of(plan->command_line),
                          *account = wide_of(plan->account);

    if (command_line == NULL || (plan->account != NULL && account == NULL))
        return ERROR_NOT_ENOUGH_MEMORY;
    if (opened.manager != NULL)
        opened.service =
            CreateServiceW(opened.manager, SERVICE_NAME_W, display_name, SERVICE_ALL_ACCESS,
                           SERVICE_WIN32_OWN_PROCESS,
                           plan->on_demand ? SERVICE_DEMAND_START : SERVICE_AUTO_START,
                           SERVICE_ERROR_NORMAL, command_line, /* load order group */ NULL,
                           /* tag */ NULL,
                           /* dependencies */ NULL, account, /* password */ NULL);
    if (opened.service == NULL)
        return GetLastError();
    memcpy(text, description, sizeof(description));
    configure(opened.service, SERVICE_CONFIG_DESCRIPTION, &described, "a description", out_missing);
    configure_restarts(opened.service, out_missing);
    configure_rights(opened.service, out_missing);
    return ERROR_SUCCESS;
}

DWORD service_delete(void)
{
    SCOPED_SERVICE opened = {0};
    DWORD error = service_open(SERVICE_NAME, DELETE, &opened);

    return error == ERROR_SUCCESS && !DeleteService(opened.service) ? GetLastError() : error;
}

/* ---- looking ---- */

static DWORD status_read(SC_HANDLE service, SERVICE_STATUS_PROCESS *out_status)
{
    DWORD needed;

    return QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)out_status,
                                sizeof(*out_status), &needed)
               ? ERROR_SUCCESS
               : GetLastError();
}

static DWORD config_read(SC_HANDLE service, struct service_facts *facts)
{
    DWORD size = 0;

    (void)QueryServiceConfigW(service, NULL, 0, &size);
    if (GetLastError() != ERROR_INSUFFICIENT_BUFFER)
        return GetLastError();
    SCOPED_MEMORY QUERY_SERVICE_CONFIGW *config = malloc(size);
    if (config == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (!QueryServiceConfigW(service, config, size, &size))
        return GetLastError();
    facts->start_type = config->dwStartType;
    text_put_wide(&facts->command_line, config->lpBinaryPathName);
    text_put_wide(&facts->account, config->lpServiceStartName);
    return ERROR_SUCCESS;
}

DWORD service_query(const char *name, struct service_facts *out_facts)
{
    SCOPED_SERVICE opened = {0};
    DWORD error = service_open(name, SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG, &opened);

    *out_facts = (struct service_facts){.command_line = TEXT_EMPTY, .account = TEXT_EMPTY};
    if (error == ERROR_SUCCESS)
        error = status_read(opened.service, &out_facts->status);
    return error == ERROR_SUCCESS ? config_read(opened.service, out_facts) : error;
}

void service_facts_free(struct service_facts *facts)
{
    text_free(&facts->command_line);
    text_free(&facts->account);
}

const char *service_state_name(DWORD state)
{
    static const char *const names[] = {"unknown", "stopped",    "starting", "stopping",
                                        "running", "continuing", "pausing",  "paused"};
    return state < sizeof(names) / sizeof(names[0]) ? names[state] : names[0];
}

/* ---- acting ---- */

DWORD service_begin(void)
{
    SCOPED_SERVICE opened = {0};
    DWORD error = service_open(SERVICE_NAME, SERVICE_START, &opened);

    return error == ERROR_SUCCESS && !StartServiceW(opened.service, 0, NULL) ? GetLastError()
                                                                             : error;
}

static DWORD right_for(DWORD control)
{
    switch (control) {
    case SERVICE_CONTROL_STOP:
        return SERVICE_STOP;
    case SERVICE_CONTROL_PAUSE:
    case SERVICE_CONTROL_CONTINUE:
    case SERVICE_CONTROL_PARAMCHANGE:
        return SERVICE_PAUSE_CONTINUE;
    case SERVICE_CONTROL_INTERROGATE:
        return SERVICE_INTERROGATE;
    default:
        return SERVICE_USER_DEFINED_CONTROL;
    }
}

DWORD service_send(DWORD control)
{
    SERVICE_STATUS status;
    SCOPED_SERVICE opened = {0};
    DWORD error = service_open(SERVICE_NAME, right_for(control), &opened);

    return error == ERROR_SUCCESS && !ControlService(opened.service, control, &status)
               ? GetLastError()
               : error;
}

DWORD service_wait_while(DWORD state, SERVICE_STATUS_PROCESS *out_status)
{
    DWORD checkpoint = 0;
    ULONGLONG progress = GetTickCount64();
    SCOPED_SERVICE opened = {0};
    DWORD error = service_open(SERVICE_NAME, SERVICE_QUERY_STATUS, &opened);

    if (error != ERROR_SUCCESS)
        return error;
    while ((error = status_read(opened.service, out_status)) == ERROR_SUCCESS &&
           out_status->dwCurrentState == state) {
        if (out_status->dwCheckPoint != checkpoint)
            progress = GetTickCount64();
        checkpoint = out_status->dwCheckPoint;
        if (GetTickCount64() - progress > PATIENCE_MS)
            return ERROR_SERVICE_REQUEST_TIMEOUT;
        Sleep(POLL_MS);
    }
    return error;
}
