/*
 * wdspxe_ext.h - what this wdspxe.dll offers beyond Microsoft's published interface.
 *
 * The original is hosted by the Windows Deployment Services service through a private interface.
 * Ours is hosted by any program: these few functions start, stop and watch the server, and move a
 * provider in the list. Nothing here is part of wdspxe.h, and a provider never needs it.
 *
 * All functions return ERROR_SUCCESS or a Win32 code and are safe to call from any thread. Start,
 * Stop and Control return ERROR_INVALID_STATE from inside a provider callback.
 * Every name starts with WdsPxeExt and is exported at ordinal 100 or above.
 */
#ifndef WDSPXE_EXT_H
#define WDSPXE_EXT_H

#include "wdspxe.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One line of the server's log.
 *   Severity  one PXE_TRACE_* bit.
 *   pszText   the line, without line break; valid during the call only.
 * Called on any thread, also on several at once; must not block for long, and must not call
 * WdsPxeExtServerStart, WdsPxeExtServerStop or WdsPxeExtServerControl.
 */
typedef VOID(CALLBACK *WDSPXE_EXT_LOG_CALLBACK)(PXE_SEVERITY Severity, LPCWSTR pszText,
                                                PVOID pContext);

/* How one request ended. Everything it points to is valid during the callback only. */
typedef struct WDSPXE_EXT_REQUEST {
    ULONG uSizeOfStruct;        /* bytes of this struct as the DLL knows it; it only ever grows   */
    PXE_ADDRESS Local;          /* as pLocalAddress of the receive callback                       */
    PXE_ADDRESS Remote;         /* as pRemoteAddress of the receive callback                      */
    const BYTE *pPacket;        /* the request as it was received                                 */
    ULONG uPacketLen;           /* its length in bytes                                            */
    LPCWSTR pszProvider;        /* who decided; NULL if no provider did                           */
    PXE_BOOT_ACTION Action;     /* PXE_BA_*; PXE_BA_REJECTED if every provider passed it on       */
    LPCWSTR pszDropReason;      /* why nobody answered; NULL if a reply was sent                  */
    ULONG uReplies;             /* replies sent                                                   */
    PXE_ADDRESS ReplyAddress;   /* where the last one went: USE_ADDR | USE_PORT, host-order port  */
    ULONG uReplyLen;            /* its length in bytes                                            */
    BYTE bReplyType;            /* its DHCP message type (option 53; DHCPv6: first byte), else 0  */
    CHAR szBootFile[256];       /* its boot file (file field, option 67) or DHCPv6 boot URL
                                   (option 59), "" if it has none                                */
    ULONGLONG uMicroseconds;    /* from receipt to end                                            */
} WDSPXE_EXT_REQUEST;

/* Called once per received datagram, when its request has ended. Same rules as the log callback. */
typedef VOID(CALLBACK *WDSPXE_EXT_REQUEST_CALLBACK)(const WDSPXE_EXT_REQUEST *pRequest,
                                                    PVOID pContext);

#define WDSPXE_EXT_NO_IPV6 1 /* serve IPv4 only */

/* How to run the server. Zero in a member means its default. */
typedef struct WDSPXE_EXT_SERVER_CONFIG {
    ULONG uSizeOfStruct;               /* sizeof(WDSPXE_EXT_SERVER_CONFIG) of the caller           */
    USHORT uDhcpPort;                  /* host order; 0 = 67                                       */
    USHORT uBootServerPort;            /* host order, IPv4 and IPv6; 0 = 4011                      */
    USHORT uDhcpv6Port;                /* host order; 0 = 547                                      */
    USHORT uFlags;                     /* WDSPXE_EXT_NO_IPV6 or 0                                  */
    ULONG uStopTimeout;                /* milliseconds to wait for running callbacks; 0 = 10 000   */
    ULONG cInterfaces;                 /* entries in ppszInterfaces; 0 = every interface that is up,
                                          without loopback                                         */
    const LPCWSTR *ppszInterfaces;     /* addresses of local interfaces, "10.0.0.2" or "fd77::2";
                                          the interface is served over IPv4 and IPv6               */
    WDSPXE_EXT_LOG_CALLBACK pfnLog;    /* may be NULL                                              */
    WDSPXE_EXT_REQUEST_CALLBACK pfnRequest; /* may be NULL                                         */
    PVOID pContext;                    /* handed to both callbacks                                 */
} WDSPXE_EXT_SERVER_CONFIG;

/* What the server has done since it was last started, and what it holds at this moment. */
typedef struct WDSPXE_EXT_COUNTERS {
    ULONG uSizeOfStruct;      /* in: sizeof of the caller; out: unchanged                          */
    ULONG uOpenRequests;      /* requests that have not ended, pended ones included                */
    ULONG uOpenPackets;       /* packets allocated and not yet freed                               */
    ULONG uReserved;          /* 0                                                                 */
    ULONGLONG uReceived;      /* datagrams received                                                */
    ULONGLONG uAnswered;      /* requests that ended with NBP or CUSTOM                            */
    ULONGLONG uIgnored;       /* requests that ended with IGNORE                                   */
    ULONGLONG uDropped;       /* requests that ended without a provider's decision                 */
    ULONGLONG uReplies;       /* replies handed to the network                                     */
    ULONGLONG uSendErrors;    /* replies that the network refused                                  */
    ULONGLONG uReclaimed;     /* packets that a provider forgot to free                            */
} WDSPXE_EXT_COUNTERS;

/*
 * Loads the registered providers, opens the sockets and serves, on threads of its own.
 * Errors: ERROR_INVALID_PARAMETER (NULL, wrong size, unknown flag, an interface that is no address),
 *   ERROR_INVALID_STATE (already running), ERROR_NOT_FOUND (no provider is registered; an interface
 *   that this machine does not have), the code of a critical provider that failed, the code of the
 *   first failure if every provider failed, or the WinSock code of a socket that did not open.
 *   Each leaves the server stopped and the reason in the log.
 */
DWORD PXEAPI WdsPxeExtServerStart(const WDSPXE_EXT_SERVER_CONFIG *pConfig);

/*
 * Stops receiving, waits for running callbacks (bounded by uStopTimeout), calls each provider's
 * shutdown callback in reverse order, drops open requests, closes the sockets.
 * Errors: ERROR_INVALID_STATE (not running), ERROR_TIMEOUT (a callback did not return in time: its
 *   provider was not shut down and stays loaded; everything else was stopped).
 */
DWORD PXEAPI WdsPxeExtServerStop(VOID);

/*
 * Hands a service control code to every provider that registered PXE_CALLBACK_SERVICE_CONTROL.
 * Errors: ERROR_INVALID_STATE (not running); ERROR_INVALID_PARAMETER for SERVICE_CONTROL_STOP (1)
 *   and SERVICE_CONTROL_SHUTDOWN (5): call WdsPxeExtServerStop instead.
 */
DWORD PXEAPI WdsPxeExtServerControl(DWORD dwControl);

/* Errors: ERROR_INVALID_PARAMETER (NULL or wrong size). Works also when the server is stopped. */
DWORD PXEAPI WdsPxeExtServerGetCounters(WDSPXE_EXT_COUNTERS *pCounters);

/*
 * Moves a registered provider to another place of the list in one atomic step; the others keep
 * their order. Takes effect at the next start of the server.
 *   Index  as in PxeProviderRegister, counted in the list without the moved provider.
 * Errors: ERROR_INVALID_PARAMETER (NULL or empty name), ERROR_NOT_FOUND, codes of the registry.
 */
DWORD PXEAPI WdsPxeExtProviderMove(LPCWSTR pszProviderName, PXE_REG_INDEX Index);

#ifdef __cplusplus
}
#endif

#endif
