#include "bench/server.h"

#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "provider/module.h"
#include "text/wide.h"

enum { STOP_TIMEOUT = 3000 }; /* milliseconds; callbacks that hang were waited for already */

void bench_server_config(const struct replay_options *options, WDSPXE_EXT_SERVER_CONFIG *config)
{
    memset(config, 0, sizeof(*config));
    config->uSizeOfStruct = sizeof(*config);
    config->uFlags = WDSPXE_EXT_NO_NETWORK;
    if (!options->without_verifier)
        config->uFlags |= WDSPXE_EXT_VERIFY;
    if (!options->without_verifier && !options->without_guard_pages)
        config->uFlags |= WDSPXE_EXT_GUARD_PAGES;
    config->uFaultPolicy =
        options->stop_on_fault ? WDSPXE_EXT_FAULT_STOP : WDSPXE_EXT_FAULT_CONTINUE;
    config->uStopTimeout = STOP_TIMEOUT;
    config->uSlowCallback = options->slow_ms;
    config->uPendTimeout = options->pend_ms;
}

/* "C:\x\staticpxe.dll" is named "staticpxe". */
void bench_server_put_name(const struct replay_options *options, struct text *name)
{
    if (options->provider_path == NULL)
        return;
    const char *file = file_name_of(options->provider_path);
    const char *dot = strrchr(file, '.');
    size_t length = dot == NULL || dot == file ? strlen(file) : (size_t)(dot - file);
    if (options->provider_name != NULL)
        text_put(name, options->provider_name);
    else
        text_put_span(name, file, length);
}

/* Never unloaded: the process ends when the provider has been asked, and that by itself. */
static void pin(const wchar_t *path)
{
    HMODULE module;
    (void)GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN, path, &module);
}

static void pin_registered(void)
{
    PPXE_PROVIDER provider;
    HANDLE walk = NULL;
    if (PxeProviderEnumFirst(&walk) != ERROR_SUCCESS)
        return;
    while (PxeProviderEnumNext(walk, &provider) == ERROR_SUCCESS) {
        pin(provider->pwszFilePath);
        PxeProviderFreeInfo(provider);
    }
    PxeProviderEnumClose(walk);
}

/* Why it did not start, as far as the file itself tells: better words than a number's. */
static enum exit_code explain(const struct replay_options *options, const char *full_path,
                              DWORD error)
{
    struct module_facts facts;

    module_inspect(full_path, &facts);
    if (module_defect(&facts) == NULL)
        return output_win32_error(error, "\"%s\" did not start", options->provider_path);
    output_error("\"%s\" did not start: %s (error %lu)", options->provider_path,
                 module_defect(&facts), error);
    return facts.exists ? EXIT_CODE_FAILED : EXIT_CODE_NOT_FOUND;
}

static enum exit_code start_with_provider(const struct replay_options *options,
                                          WDSPXE_EXT_SERVER_CONFIG *config, HKEY key)
{
    SCOPED_MEMORY char *full_path = file_absolute_path(options->provider_path);
    SCOPED_TEXT words = TEXT_EMPTY;
    bench_server_put_name(options, &words);
    SCOPED_MEMORY wchar_t *path = wide_of(full_path), *name = wide_of(text_chars(&words));
    if (path == NULL || name == NULL)
        return output_win32_error(ERROR_NOT_ENOUGH_MEMORY, "\"%s\" did not start",
                                  options->provider_path);
    const WDSPXE_EXT_PROVIDER provider = {
        .pszName = name,
        .pszPath = path,
        .bIsCritical = TRUE,
        .hKey = key,
    };
    config->cProviders = 1;
    config->pProviders = &provider;
    DWORD error = WdsPxeExtServerStart(config);
    if (error != ERROR_SUCCESS)
        return explain(options, full_path, error);
    pin(path);
    return EXIT_CODE_OK;
}

enum exit_code bench_server_start(const struct replay_options *options,
                                  WDSPXE_EXT_SERVER_CONFIG *config, HKEY key)
{
    if (options->provider_path != NULL)
        return start_with_provider(options, config, key);
    DWORD error = WdsPxeExtServerStart(config);
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "the registered providers did not start");
    pin_registered();
    return EXIT_CODE_OK;
}

static PXE_ADDRESS address_of(const struct endpoint *endpoint)
{
    PXE_ADDRESS address = {0};
    address.uFlags = PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT;
    address.uAddrLen = endpoint->length;
    address.uPort = endpoint->port;
    memcpy(address.bAddress, endpoint->address, endpoint->length);
    return address;
}

DWORD bench_server_ask(const struct message *request, const struct endpoint *local)
{
    const WDSPXE_EXT_DATAGRAM datagram = {
        .uSizeOfStruct = sizeof(datagram),
        .uPacketLen = (ULONG)request->length,
        .pPacket = request->packet,
        .uNumber = request->number,
        .Local = address_of(local),
        .Remote = address_of(&request->source),
        .bBroadcast = request->is_broadcast,
        .bBootServerPort = request->destination.port == PORT_BOOT_SERVER,
    };
    return WdsPxeExtServerReceive(&datagram);
}
