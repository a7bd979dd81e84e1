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

static void service_close(struct opened *opened)
{
    if (opened->service != NULL)
        CloseServiceHandle(opened->service);
    if (opened->manager != NULL)
        CloseServiceHandle(opened->manager);
}

static DWORD service_open(const char *name, DWORD rights, struct opened *out_opened)
{
    wchar_t *wide = wide_of(name);
    struct opened opened = {OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT), NULL};

    if (opened.manager != NULL && wide != NULL)
        opened.service = OpenServiceW(opened.manager, wide, rights);
    if (opened.service == NULL) {
        DWORD error = GetLastError();
        service_close(&opened);
        free(wide);
        return error;
    }
    free(wide);
    *out_opened = opened;
    return ERROR_SUCCESS;
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
    struct opened opened = {OpenSCManagerW(NULL, NULL, SC_MANAGER_CREATE_SERVICE), NULL};

    wchar_t *command_line = wide_of(plan->command_line), *account = wide_of(plan->account);

    if (opened.manager != NULL && command_line != NULL)
        opened.service =
            CreateServiceW(opened.manager, SERVICE_NAME_W, display_name, SERVICE_ALL_ACCESS,
                           SERVICE_WIN32_OWN_PROCESS,
                           plan->on_demand ? SERVICE_DEMAND_START : SERVICE_AUTO_START,
                           SERVICE_ERROR_NORMAL, command_line, /* load order group */ NULL,
                           /* tag */ NULL,
                           /* dependencies */ NULL, account, /* password */ NULL);
    DWORD error = opened.service != NULL ? ERROR_SUCCESS : GetLastError();
    free(command_line);
    free(account);
    if (error == ERROR_SUCCESS) {
        memcpy(text, description, sizeof(description));
        configure(opened.service, SERVICE_CONFIG_DESCRIPTION, &described, "a description",
                  out_missing);
        configure_restarts(opened.service, out_missing);
        configure_rights(opened.service, out_missing);
    }
    service_close(&opened);
    return error;
}

DWORD service_delete(void)
{
    struct opened opened = {NULL, NULL};
    DWORD error = service_open(SERVICE_NAME, DELETE, &opened);

    if (error != ERROR_SUCCESS)
        return error;
    if (!DeleteService(opened.service))
        error = GetLastError();
    service_close(&opened);
    return error;
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
    QUERY_SERVICE_CONFIGW *config = malloc(size);
    if (config == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    DWORD error = ERROR_SUCCESS;
    if (QueryServiceConfigW(service, config, size, &size)) {
        facts->start_type = config->dwStartType;
        text_put_wide(&facts->command_line, config->lpBinaryPathName);
        text_put_wide(&facts->account, config->lpServiceStartName);
    } else {
        error = GetLastError();
    }
    free(config);
    return error;
}

DWORD service_query(const char *name, struct service_facts *out_facts)
{
    struct service_facts facts = {.command_line = TEXT_EMPTY, .account = TEXT_EMPTY};
    struct opened opened = {NULL, NULL};
    DWORD error = service_open(name, SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG, &opened);

    if (error != ERROR_SUCCESS)
        return error;
    error = status_read(opened.service, &facts.status);
    if (error == ERROR_SUCCESS)
        error = config_read(opened.service, &facts);
    service_close(&opened);
    if (error == ERROR_SUCCESS)
        *out_facts = facts;
    else
        service_facts_free(&facts);
    return error;
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
    struct opened opened = {NULL, NULL};
    DWORD error = service_open(SERVICE_NAME, SERVICE_START, &opened);

    if (error != ERROR_SUCCESS)
        return error;
    if (!StartServiceW(opened.service, 0, NULL))
        error = GetLastError();
    service_close(&opened);
    return error;
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
    struct opened opened = {NULL, NULL};
    DWORD error = service_open(SERVICE_NAME, right_for(control), &opened);

    if (error != ERROR_SUCCESS)
        return error;
    if (!ControlService(opened.service, control, &status))
        error = GetLastError();
    service_close(&opened);
    return error;
}

DWORD service_wait_while(DWORD state, SERVICE_STATUS_PROCESS *out_status)
{
    DWORD checkpoint = 0;
    ULONGLONG progress = GetTickCount64();
    struct opened opened = {NULL, NULL};
    DWORD error = service_open(SERVICE_NAME, SERVICE_QUERY_STATUS, &opened);

    if (error != ERROR_SUCCESS)
        return error;
    while ((error = status_read(opened.service, out_status)) == ERROR_SUCCESS &&
           out_status->dwCurrentState == state) {
        if (out_status->dwCheckPoint != checkpoint)
            progress = GetTickCount64();
        checkpoint = out_status->dwCheckPoint;
        if (GetTickCount64() - progress > PATIENCE_MS) {
            error = ERROR_SERVICE_REQUEST_TIMEOUT;
            break;
        }
        Sleep(POLL_MS);
    }
    service_close(&opened);
    return error;
}
