#include "service/run.h"

#include <string.h>

#include "server/deadline.h"
#include "server/fault_dump.h"
#include "service/manager.h"

enum { WAIT_HINT_MS = 30000 };

const struct option_spec service_run_options[] = {RUN_OPTION_SPECS, {0}};

/* The manager's functions have no context argument, hence file scope. */
static const struct arguments *given;
static SERVICE_STATUS_HANDLE handle;
static HANDLE stop_event;
static volatile LONG has_halted; /* by a provider's exception */
static SERVICE_STATUS status = {.dwServiceType = SERVICE_WIN32_OWN_PROCESS};

static void tell_state(DWORD state, DWORD error)
{
    const bool is_moving = state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING;

    status.dwCurrentState = state;
    status.dwWin32ExitCode = error;
    status.dwControlsAccepted = state == SERVICE_RUNNING || state == SERVICE_PAUSED
                                    ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN |
                                          SERVICE_ACCEPT_PAUSE_CONTINUE | SERVICE_ACCEPT_PARAMCHANGE
                                    : 0u;
    status.dwCheckPoint = is_moving ? status.dwCheckPoint + 1 : 0;
    status.dwWaitHint = is_moving ? WAIT_HINT_MS : 0;
    (void)SetServiceStatus(handle, &status);
}

/* Everything but the end is the providers' as well. */
static DWORD forward(DWORD control)
{
    DWORD error = WdsPxeExtServerControl(control);

    if (error == ERROR_SUCCESS && control == SERVICE_CONTROL_PAUSE)
        tell_state(SERVICE_PAUSED, ERROR_SUCCESS);
    if (error == ERROR_SUCCESS && control == SERVICE_CONTROL_CONTINUE)
        tell_state(SERVICE_RUNNING, ERROR_SUCCESS);
    return error;
}

static DWORD WINAPI on_control(DWORD control, DWORD event, void *data, void *context)
{
    (void)event;
    (void)data;
    (void)context;
    switch (control) {
    case SERVICE_CONTROL_STOP:
    case SERVICE_CONTROL_SHUTDOWN:
        tell_state(SERVICE_STOP_PENDING, ERROR_SUCCESS);
        SetEvent(stop_event);
        return NO_ERROR;
    case SERVICE_CONTROL_INTERROGATE:
        /* Asked at any time, also before there is a server. */
        (void)WdsPxeExtServerControl(control);
        return NO_ERROR;
    case SERVICE_CONTROL_PAUSE:
    case SERVICE_CONTROL_CONTINUE:
    case SERVICE_CONTROL_PARAMCHANGE:
        return forward(control);
    default:
        return control >= 128 && control <= 255 ? forward(control) : ERROR_CALL_NOT_IMPLEMENTED;
    }
}

static bool wds_runs(void)
{
    SCOPED_SERVICE_FACTS wds = {0};

    return service_query(WDS_SERVICE_NAME, &wds) == ERROR_SUCCESS &&
           wds.status.dwCurrentState != SERVICE_STOPPED;
}

/* The event log has the words; beside the minidump nobody hears of anything here. */
static VOID CALLBACK on_finding(const WDSPXE_EXT_FINDING *finding, PVOID context)
{
    SCOPED_TEXT path = TEXT_EMPTY;

    (void)context;
    (void)fault_dump_write(finding, &path);
    if (finding->uConsequence != WDSPXE_EXT_FAULT_STOP)
        return;
    InterlockedExchange(&has_halted, 1);
    SetEvent(stop_event);
}

/* The manager starts it again. */
static void abort_tell(void)
{
    tell_state(SERVICE_STOPPED, ERROR_PROCESS_ABORTED);
}

/* Starts, waits for the stop, stops. Returns what the manager is to know. */
static DWORD serve(void)
{
    WDSPXE_EXT_SERVER_CONFIG config;

    if (wds_runs() && !option_given(given, "beside-wds"))
        return ERROR_SERVICE_ALREADY_RUNNING;
    stop_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (stop_event == NULL)
        return GetLastError();
    const struct deadline deadline = {
        .stop_wanted = stop_event,
        .before_end = abort_tell,
        .exit_code = EXIT_CODE_FAILED,
    };
    DWORD error = deadline_start(&deadline);
    if (error != ERROR_SUCCESS)
        return error;
    host_fill(given, &config);
    config.pfnFinding = on_finding;
    error = host_start(&config);
    if (error != ERROR_SUCCESS)
        return error;
    tell_state(SERVICE_RUNNING, ERROR_SUCCESS);
    if (WaitForSingleObject(stop_event, INFINITE) == WAIT_FAILED) /* a provider has closed it */
        InterlockedExchange(&has_halted, 1);
    error = host_stop();
    /* The manager starts it again, as it does after a crash. */
    return InterlockedCompareExchange(&has_halted, 0, 0) != 0 ? ERROR_PROCESS_ABORTED : error;
}

static void WINAPI service_main(DWORD count, wchar_t **words)
{
    (void)count;
    (void)words;
    handle = RegisterServiceCtrlHandlerExW(SERVICE_NAME_W, on_control, NULL);
    if (handle == NULL)
        return;
    tell_state(SERVICE_START_PENDING, ERROR_SUCCESS);
    tell_state(SERVICE_STOPPED, serve());
}

enum exit_code service_run_run(const struct arguments *arguments)
{
    wchar_t name[] = SERVICE_NAME_W;
    const SERVICE_TABLE_ENTRYW table[] = {{name, service_main}, {NULL, NULL}};
    enum exit_code code = host_check(arguments);

    if (code != EXIT_CODE_OK)
        return code;
    given = arguments;
    if (StartServiceCtrlDispatcherW(table))
        return EXIT_CODE_OK;
    DWORD error = GetLastError();
    if (error != ERROR_FAILED_SERVICE_CONTROLLER_CONNECT)
        return output_win32_error(error, "the service control manager does not answer");
    output_error("only the service control manager can run the service; use \"wdspxectl service "
                 "start\", or \"wdspxectl serve\" for the foreground");
    return EXIT_CODE_FAILED;
}
