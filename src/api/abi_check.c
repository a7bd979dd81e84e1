/*
 * What the portable code declares for itself equals what is published: layouts, constants and
 * result codes of include/wdspxe.h, and of our own wdspxe_ext.h. All of it is asserted here and
 * nowhere else; nothing in this file is code. (The layouts of the published structures themselves
 * are asserted at the end of include/wdspxe.h.)
 */
#include "wdspxe.h"
#include "wdspxe_ext.h"

#include <assert.h>
#include <stddef.h>

#include "base/status.h"
#include "dhcp/dhcp6.h"
#include "engine/abi.h"
#include "engine/callback.h"
#include "engine/metrics.h"
#include "registry/provider_enum.h"
#include "registry/provider_list.h"
#include "registry/settings.h"
#include "verify/verify.h"
#include "win32/call/call_guard.h"

/* ---- result codes: base/status.h ---- */

#ifndef ERROR_UNHANDLED_EXCEPTION
#define ERROR_UNHANDLED_EXCEPTION 574 /* published; MinGW-w64's headers lack it */
#endif

static_assert(PXE_OK == ERROR_SUCCESS, "PXE_OK");
static_assert(PXE_FILE_NOT_FOUND == ERROR_FILE_NOT_FOUND, "PXE_FILE_NOT_FOUND");
static_assert(PXE_ACCESS_DENIED == ERROR_ACCESS_DENIED, "PXE_ACCESS_DENIED");
static_assert(PXE_INVALID_HANDLE == ERROR_INVALID_HANDLE, "PXE_INVALID_HANDLE");
static_assert(PXE_NOT_ENOUGH_MEMORY == ERROR_NOT_ENOUGH_MEMORY, "PXE_NOT_ENOUGH_MEMORY");
static_assert(PXE_INVALID_DATA == ERROR_INVALID_DATA, "PXE_INVALID_DATA");
static_assert(PXE_NOT_SUPPORTED == ERROR_NOT_SUPPORTED, "PXE_NOT_SUPPORTED");
static_assert(PXE_INVALID_PARAMETER == ERROR_INVALID_PARAMETER, "PXE_INVALID_PARAMETER");
static_assert(PXE_INSUFFICIENT_BUFFER == ERROR_INSUFFICIENT_BUFFER, "PXE_INSUFFICIENT_BUFFER");
static_assert(PXE_ALREADY_EXISTS == ERROR_ALREADY_EXISTS, "PXE_ALREADY_EXISTS");
static_assert(PXE_NO_MORE_ITEMS == ERROR_NO_MORE_ITEMS, "PXE_NO_MORE_ITEMS");
static_assert(PXE_UNHANDLED_EXCEPTION == ERROR_UNHANDLED_EXCEPTION, "PXE_UNHANDLED_EXCEPTION");
static_assert(PXE_PENDING == ERROR_IO_PENDING, "PXE_PENDING");
static_assert(PXE_NOT_FOUND == ERROR_NOT_FOUND, "PXE_NOT_FOUND");
static_assert(PXE_TIMEOUT == ERROR_TIMEOUT, "PXE_TIMEOUT");
static_assert(PXE_INVALID_STATE == ERROR_INVALID_STATE, "PXE_INVALID_STATE");
static_assert(sizeof(pxe_status) == sizeof(DWORD), "pxe_status");

/* ---- PXE_ADDRESS: engine/abi.h ---- */

static_assert(sizeof(struct pxe_address) == sizeof(PXE_ADDRESS), "same size");
static_assert(offsetof(struct pxe_address, flags) == offsetof(PXE_ADDRESS, uFlags), "uFlags");
static_assert(offsetof(struct pxe_address, address) == offsetof(PXE_ADDRESS, bAddress), "bAddress");
static_assert(offsetof(struct pxe_address, address_length) == offsetof(PXE_ADDRESS, uAddrLen),
              "uAddrLen");
static_assert(offsetof(struct pxe_address, port) == offsetof(PXE_ADDRESS, uPort), "uPort");

/* ---- constants: engine/abi.h, registry/provider_list.h ---- */

static_assert(ADDR_BROADCAST == PXE_ADDR_BROADCAST && ADDR_USE_PORT == PXE_ADDR_USE_PORT &&
                  ADDR_USE_ADDR == PXE_ADDR_USE_ADDR &&
                  ADDR_USE_DHCP_RULES == PXE_ADDR_USE_DHCP_RULES,
              "same address flags");
static_assert(ACTION_NBP == PXE_BA_NBP && ACTION_CUSTOM == PXE_BA_CUSTOM &&
                  ACTION_IGNORE == PXE_BA_IGNORE && ACTION_REJECTED == PXE_BA_REJECTED,
              "same actions");
static_assert(CALLBACK_RECV_REQUEST == PXE_CALLBACK_RECV_REQUEST &&
                  CALLBACK_SHUTDOWN == PXE_CALLBACK_SHUTDOWN &&
                  CALLBACK_SERVICE_CONTROL == PXE_CALLBACK_SERVICE_CONTROL &&
                  CALLBACK_MAX == PXE_CALLBACK_MAX,
              "same callbacks");
static_assert(ATTR_FILTER == PXE_PROV_ATTR_FILTER &&
                  ATTR_FILTER_IPV6 == PXE_PROV_ATTR_FILTER_IPV6 &&
                  ATTR_IPV6_CAPABLE == PXE_PROV_ATTR_IPV6_CAPABLE,
              "same attributes");
static_assert(FILTER_ALL == PXE_PROV_FILTER_ALL && FILTER_DHCP_ONLY == PXE_PROV_FILTER_DHCP_ONLY &&
                  FILTER_PXE_ONLY == PXE_PROV_FILTER_PXE_ONLY,
              "same filters");
static_assert(LOG_VERBOSE == PXE_TRACE_VERBOSE && LOG_INFO == PXE_TRACE_INFO &&
                  LOG_WARNING == PXE_TRACE_WARNING && LOG_ERROR == PXE_TRACE_ERROR &&
                  LOG_FATAL == PXE_TRACE_FATAL,
              "same severities");
static_assert(PROVIDER_INDEX_TOP == PXE_REG_INDEX_TOP &&
                  PROVIDER_INDEX_BOTTOM == PXE_REG_INDEX_BOTTOM,
              "positions pass unchanged");

/* ---- PXE_PROVIDER: registry/provider_enum.h ---- */

static_assert(sizeof(struct provider_handout) == sizeof(PXE_PROVIDER), "same size");
static_assert(offsetof(struct provider_handout, size) == offsetof(PXE_PROVIDER, uSizeOfStruct) &&
                  offsetof(struct provider_handout, name) == offsetof(PXE_PROVIDER, pwszName) &&
                  offsetof(struct provider_handout, path) == offsetof(PXE_PROVIDER, pwszFilePath) &&
                  offsetof(struct provider_handout, is_critical) ==
                      offsetof(PXE_PROVIDER, bIsCritical) &&
                  offsetof(struct provider_handout, index) == offsetof(PXE_PROVIDER, uIndex),
              "same places");

/* ---- PXE_DHCPV6_NESTED_RELAY_MESSAGE: dhcp/dhcp6.h ---- */

/* PxeDhcpv6ParseRelayForw fills the caller's array in place, element by element. */
#define SAME_MEMBER(ours, published)                                                               \
    static_assert(offsetof(struct dhcp6_relay_layer, ours) ==                                      \
                      offsetof(PXE_DHCPV6_NESTED_RELAY_MESSAGE, published),                        \
                  "same place");                                                                   \
    static_assert(sizeof(((struct dhcp6_relay_layer *)0)->ours) ==                                 \
                      sizeof(((PXE_DHCPV6_NESTED_RELAY_MESSAGE *)0)->published),                   \
                  "same size")
SAME_MEMBER(message, pRelayMessage);
SAME_MEMBER(length, cbRelayMessage);
SAME_MEMBER(interface_id, pInterfaceIdOption);
SAME_MEMBER(interface_id_length, cbInterfaceIdOption);
static_assert(sizeof(struct dhcp6_relay_layer) == sizeof(PXE_DHCPV6_NESTED_RELAY_MESSAGE),
              "same size");
static_assert(DHCP6_RELAY_LAYERS_MAX == PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT, "same limit");

/* ---- wdspxe_ext.h ---- */

static_assert((int)WDSPXE_EXT_DROP_IGNORED == (int)DROP_IGNORED &&
                  (int)WDSPXE_EXT_DROP_PASSED_ON == (int)DROP_PASSED_ON &&
                  (int)WDSPXE_EXT_DROP_FILTERED == (int)DROP_FILTERED &&
                  (int)WDSPXE_EXT_DROP_MALFORMED == (int)DROP_MALFORMED &&
                  (int)WDSPXE_EXT_DROP_SHARED == (int)DROP_SHARED &&
                  (int)WDSPXE_EXT_DROP_PAUSED == (int)DROP_PAUSED &&
                  (int)WDSPXE_EXT_DROP_STOPPING == (int)DROP_STOPPING &&
                  (int)WDSPXE_EXT_DROP_NO_MEMORY == (int)DROP_NO_MEMORY &&
                  (int)WDSPXE_EXT_DROP_FAULTED == (int)DROP_FAULTED &&
                  (int)WDSPXE_EXT_DROP_ADDRESS == (int)DROP_ADDRESS &&
                  (int)WDSPXE_EXT_DROP_OWN == (int)DROP_OWN &&
                  (int)WDSPXE_EXT_DROP_RULES6 == (int)DROP_RULES6 &&
                  (int)WDSPXE_EXT_DROP_UNSENT == (int)DROP_UNSENT &&
                  (int)WDSPXE_EXT_DROP_KINDS == (int)DROP_KINDS,
              "reasons pass unchanged");
static_assert(WDSPXE_EXT_STATUS_PLACES == METRICS_PROVIDERS + 1 &&
                  WDSPXE_EXT_STATUS_PLACES == METRICS_INTERFACES + 1,
              "every place fits");
static_assert((DWORD)SETTING_TEXT == REG_SZ && (DWORD)SETTING_PATH == REG_EXPAND_SZ &&
                  (DWORD)SETTING_NUMBER == REG_DWORD && (DWORD)SETTING_LIST == REG_MULTI_SZ,
              "types pass unchanged");
static_assert(SETTING_PROBLEM_SIZE == WDSPXE_EXT_PROBLEM_SIZE, "problems pass unchanged");
static_assert(FAULT_DEFAULT == WDSPXE_EXT_FAULT_DEFAULT && FAULT_STOP == WDSPXE_EXT_FAULT_STOP &&
                  FAULT_DISABLE == WDSPXE_EXT_FAULT_DISABLE &&
                  FAULT_CONTINUE == WDSPXE_EXT_FAULT_CONTINUE,
              "same policies");

#define SAME_RULE(constant, name, demand)                                                          \
    static_assert((int)RULE_##constant == WDSPXE_EXT_RULE_##constant, name " passes unchanged");
VERIFY_RULES(SAME_RULE)
static_assert((int)RULE_COUNT == WDSPXE_EXT_RULE_NEXT, "every rule is public");
