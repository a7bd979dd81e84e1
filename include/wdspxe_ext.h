/*
 * wdspxe_ext.h - what this wdspxe.dll offers beyond Microsoft's published interface.
 *
 * The original is hosted by the Windows Deployment Services service through a private interface.
 * Ours is hosted by any program: these few functions start, stop and watch the server, move a
 * provider in the list, and run a provider on a test bench without a network. Nothing here is part
 * of wdspxe.h, and a provider never needs it.
 *
 * All functions return ERROR_SUCCESS or a Win32 code and are safe to call from any thread. Start,
 * Stop, Control and WaitIdle return ERROR_INVALID_STATE from inside a provider's callback or one of
 * the host's, for they would wait for themselves. No lock is held while the host is called. Every
 * name starts with WdsPxeExt and is exported at ordinal 100 or above.
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
 * Called on any thread, also on several at once; must not block for long. WdsPxeExtServerStart,
 * WdsPxeExtServerStop, WdsPxeExtServerControl and WdsPxeExtServerWaitIdle return
 * ERROR_INVALID_STATE in it. A line that it writes itself, by PxeTrace, does not come back to it.
 */
typedef VOID(CALLBACK *WDSPXE_EXT_LOG_CALLBACK)(PXE_SEVERITY Severity, LPCWSTR pszText,
                                                PVOID pContext);

/* How one request ended. Everything it points to is valid during the callback only. */
typedef struct WDSPXE_EXT_REQUEST {
    ULONG uSizeOfStruct;      /* bytes of this struct as the DLL knows it; it only ever grows   */
    PXE_ADDRESS Local;        /* as pLocalAddress of the receive callback                       */
    PXE_ADDRESS Remote;       /* as pRemoteAddress of the receive callback                      */
    const BYTE *pPacket;      /* the request as providers got it: received, and maybe repaired  */
    ULONG uPacketLen;         /* its length in bytes                                            */
    LPCWSTR pszProvider;      /* who decided, or failed, or has replied and passed it on; NULL:
                                 none did                                                      */
    PXE_BOOT_ACTION Action;   /* PXE_BA_*; PXE_BA_REJECTED if every provider passed it on       */
    LPCWSTR pszDropReason;    /* why nobody answered, or how its callback failed after a reply;
                                 else NULL                                                     */
    ULONG uReplies;           /* replies sent                                                   */
    PXE_ADDRESS ReplyAddress; /* where the last one went: USE_ADDR | USE_PORT, host-order port  */
    ULONG uReplyLen;          /* its length in bytes                                            */
    BYTE bReplyType;          /* its DHCP message type (option 53; DHCPv6: first byte), else 0  */
    CHAR szBootFile[256];     /* its boot file (file field, option 67) or DHCPv6 boot URL
                                 (option 59), "" if it has none                                */
    ULONGLONG uMicroseconds;  /* from receipt to end                                            */
    ULONGLONG uNumber;        /* of WDSPXE_EXT_DATAGRAM; 0: came from the network               */
    LPCWSTR pszRepair;        /* what was done to make it valid; NULL: it is as it came         */
    BOOL bLeftOut;            /* the log leaves out its lines, as there are too many, and tells
                                 their number later: a host that writes lines should, too      */
} WDSPXE_EXT_REQUEST;

/* Called once per received datagram, when its request has ended. Same rules as the log callback. */
typedef VOID(CALLBACK *WDSPXE_EXT_REQUEST_CALLBACK)(const WDSPXE_EXT_REQUEST *pRequest,
                                                    PVOID pContext);

/* ---- the test bench: any provider, without a network, under the verifier ---- */

/* A provider to load instead of the registered ones. */
typedef struct WDSPXE_EXT_PROVIDER {
    LPCWSTR pszName; /* as it is named in the log, in reports and findings; not empty           */
    LPCWSTR pszPath; /* full path of the DLL                                                    */
    BOOL bIsCritical;
    HKEY hKey; /* handed to PxeProviderInitialize as hProviderKey; stays the caller's.
                  NULL: the key of the registered provider of that name; where none is
                  registered, an empty volatile key that is gone when the server stops    */
} WDSPXE_EXT_PROVIDER;

/* A datagram for WdsPxeExtServerReceive. Addresses are those of PXE_ADDRESS: 4 or 16 bytes, port in
 * host order; their flags are ignored. */
typedef struct WDSPXE_EXT_DATAGRAM {
    ULONG uSizeOfStruct;  /* sizeof(WDSPXE_EXT_DATAGRAM) of the caller                         */
    ULONG uPacketLen;     /* bytes of UDP payload                                              */
    const BYTE *pPacket;  /* copied before the call returns                                    */
    ULONGLONG uNumber;    /* the caller's name for it, such as the number of its frame         */
    PXE_ADDRESS Local;    /* unicast address of the interface it arrived at, port of arrival   */
    PXE_ADDRESS Remote;   /* where it came from                                                */
    BOOL bBroadcast;      /* it was sent to a broadcast address (IPv4)                         */
    BOOL bBootServerPort; /* it arrived at the boot server port (4011), not at the DHCP port   */
} WDSPXE_EXT_DATAGRAM;

/* A reply that a provider sent. Everything it points to is valid during the callback only. */
typedef struct WDSPXE_EXT_REPLY {
    ULONG uSizeOfStruct; /* bytes of this struct as the DLL knows it; it only ever grows        */
    ULONG uPacketLen;
    const BYTE *pPacket;
    ULONGLONG uNumber; /* of the datagram that it answers                                     */
    LPCWSTR pszProvider;
    PXE_ADDRESS Local;  /* where it would be sent from: address and port of arrival            */
    PXE_ADDRESS Remote; /* where it would be sent to; 255.255.255.255 is broadcast             */
} WDSPXE_EXT_REPLY;

/* Called by PxeSendReply, on the provider's thread. Returns ERROR_SUCCESS or the code that
 * PxeSendReply is to return. Same rules as the log callback. */
typedef DWORD(CALLBACK *WDSPXE_EXT_REPLY_CALLBACK)(const WDSPXE_EXT_REPLY *pReply, PVOID pContext);

/* The time that the server shall see: microseconds, never less than before. */
typedef ULONGLONG(CALLBACK *WDSPXE_EXT_CLOCK_CALLBACK)(PVOID pContext);

/* The rules that the verifier holds a provider against. Numbers are never used again. Their short
 * names are these in lower case, with hyphens: "packet-leaked". */
#define WDSPXE_EXT_RULE_PACKET_LEAKED 1 /* a packet was not freed when the request ended   */
#define WDSPXE_EXT_RULE_PACKET_FREED_TWICE 2
#define WDSPXE_EXT_RULE_PACKET_FOREIGN                                                             \
    3                                    /* freed or sent with the wrong request or provider,      \
                                            or no packet at all                             */
#define WDSPXE_EXT_RULE_PACKET_OVERRUN 4 /* written past its end or before its start        */
#define WDSPXE_EXT_RULE_PACKET_USED_AFTER_FREE 5
#define WDSPXE_EXT_RULE_SENT_AFTER_END 6  /* a request's handle used after its completion    */
#define WDSPXE_EXT_RULE_NOT_SENT 7        /* PXE_BA_NBP or PXE_BA_CUSTOM without a reply      */
#define WDSPXE_EXT_RULE_NEVER_COMPLETED 8 /* pended longer than uPendTimeout                 */
#define WDSPXE_EXT_RULE_COMPLETED_TWICE 9
#define WDSPXE_EXT_RULE_END_MISSING 10 /* DHCPv4 reply without option 255                 */
#define WDSPXE_EXT_RULE_OPTION_AFTER_END 11
#define WDSPXE_EXT_RULE_OPTION_OVERRUN 12    /* an option of the reply runs past its end        */
#define WDSPXE_EXT_RULE_WRONG_TRANSACTION 13 /* reply with another transaction id or no reply   */
#define WDSPXE_EXT_RULE_ADDRESS_FLAGS 14     /* PXE_ADDRESS flags that contradict each other    */
#define WDSPXE_EXT_RULE_STALE_PROVIDER 15    /* hProvider used after its shutdown               */
#define WDSPXE_EXT_RULE_SLOW_CALLBACK 16     /* a callback took longer than uSlowCallback       */
#define WDSPXE_EXT_RULE_BAD_ACTION 17        /* an action that is none of PXE_BA_*              */
#define WDSPXE_EXT_RULE_BAD_ARGUMENT 18      /* an export refused an argument as invalid        */
#define WDSPXE_EXT_RULE_FAULT 19             /* an exception left a callback                    */
#define WDSPXE_EXT_RULE_PENDED_AND_DONE 20   /* PxeAsyncRecvDone, then not ERROR_IO_PENDING      */
#define WDSPXE_EXT_RULE_REPLY_TYPE 21 /* such as an ACK to a DISCOVER                          */
#define WDSPXE_EXT_RULE_NEXT 22       /* one more than the last; grows                          */

/* What a provider did wrong. Everything it points to is valid during the callback only. */
typedef struct WDSPXE_EXT_FINDING {
    ULONG uSizeOfStruct; /* bytes of this struct as the DLL knows it; it only ever grows       */
    ULONG uRule;         /* WDSPXE_EXT_RULE_*                                                  */
    LPCWSTR pszRule;     /* its short name, such as L"packet-leaked"                           */
    LPCWSTR pszProvider; /* NULL: not known, as for a made-up handle                           */
    LPCWSTR pszCall;     /* the export or callback in which it was seen: L"PxePacketFree"      */
    LPCWSTR pszText;     /* one line: what was seen, and what the rule asks                    */
    ULONGLONG uNumber;   /* of the datagram concerned; 0: of none                              */
    const BYTE *pPacket; /* the datagram's bytes; NULL: of none                                */
    ULONG uPacketLen;
    /* If an exception left a callback: RULE_FAULT, or PACKET_OVERRUN and PACKET_USED_AFTER_FREE
     * with GUARD_PAGES. Else all zero. */
    DWORD dwException;  /* its code                                                           */
    ULONGLONG uAddress; /* where                                                              */
    LPCWSTR pszModule;  /* file name of the module there; NULL: in none                       */
    ULONGLONG uOffset;  /* bytes from that module's start                                     */
    PVOID pExceptionPointers; /* EXCEPTION_POINTERS, for a dump                                  */
    ULONG uConsequence;       /* WDSPXE_EXT_FAULT_STOP, _DISABLE or _CONTINUE: what is done now;
                                 0: nothing, the provider was starting or being shut down           */
} WDSPXE_EXT_FINDING;

/* On the thread that broke the rule. Same rules as the log callback. */
typedef VOID(CALLBACK *WDSPXE_EXT_FINDING_CALLBACK)(const WDSPXE_EXT_FINDING *pFinding,
                                                    PVOID pContext);

/* How long one callback took; for receive callbacks only. */
typedef VOID(CALLBACK *WDSPXE_EXT_TIMING_CALLBACK)(LPCWSTR pszProvider, ULONGLONG uNumber,
                                                   ULONGLONG uNanoseconds, PVOID pContext);

#define WDSPXE_EXT_NO_IPV6 1     /* serve IPv4 only                                               */
#define WDSPXE_EXT_NO_NETWORK 2  /* open no socket: datagrams come from WdsPxeExtServerReceive  */
#define WDSPXE_EXT_VERIFY 4      /* hold the providers against the rules; costs time and memory   */
#define WDSPXE_EXT_GUARD_PAGES 8 /* with VERIFY: an overrun of a packet faults where it happens */
/* Which network to use; at most one of the two. Without: under Wine the native half, where
 * wdspxenet.dll.so lies beside this DLL, else Windows' sockets. The log says which, and why. */
#define WDSPXE_EXT_WINSOCK_ONLY 16
#define WDSPXE_EXT_NATIVE_ONLY 32 /* without it no start: ERROR_NOT_SUPPORTED */
#define WDSPXE_EXT_LOG_WARNINGS                                                                    \
    64                           /* pfnLog gets warnings, errors and fatal lines only; what is     \
                                    not asked for is not even made                             */
#define WDSPXE_EXT_EVENT_LOG 128 /* events go to Windows' event log, too: source WDSPXE */

/* What happens to the provider whose callback an exception has left. Its request is dropped. Not
 * every failure is an exception that can be caught: docs/extensions.md tells. */
#define WDSPXE_EXT_FAULT_DEFAULT 0 /* critical provider: STOP, else DISABLE                     */
#define WDSPXE_EXT_FAULT_STOP                                                                      \
    1                               /* the server takes no further request; pfnFinding and the log \
                                       tell, and the host is to stop it                          */
#define WDSPXE_EXT_FAULT_DISABLE 2  /* the provider gets no further request                      */
#define WDSPXE_EXT_FAULT_CONTINUE 3 /* it goes on being called */
#define WDSPXE_EXT_FAULT_UNHANDLED 4 /* the exception is not caught: for a debugger */

/* How to run the server. Zero in a member means its default. */
typedef struct WDSPXE_EXT_SERVER_CONFIG {
    ULONG uSizeOfStruct;            /* sizeof(WDSPXE_EXT_SERVER_CONFIG) of the caller           */
    USHORT uDhcpPort;               /* host order; 0 = 67                                       */
    USHORT uBootServerPort;         /* host order, IPv4 and IPv6; 0 = 4011                      */
    USHORT uDhcpv6Port;             /* host order; 0 = 547                                      */
    USHORT uFlags;                  /* WDSPXE_EXT_NO_IPV6 and so on, or 0                       */
    ULONG uStopTimeout;             /* milliseconds to wait for running callbacks; 0 = 10 000   */
    ULONG cInterfaces;              /* entries in ppszInterfaces; 0 = every interface that is up,
                                       without loopback                                         */
    const LPCWSTR *ppszInterfaces;  /* addresses of local interfaces, "10.0.0.2", "fd77::2" or, with
                                       the index of the interface, "fe80::1%3"; the interface is
                                       served over IPv4 and IPv6                                */
    WDSPXE_EXT_LOG_CALLBACK pfnLog; /* may be NULL                                              */
    WDSPXE_EXT_REQUEST_CALLBACK pfnRequest; /* may be NULL */
    PVOID pContext; /* handed to every callback                                 */
    /* From here on: added later. A caller whose struct ends above gets zeros. */
    ULONG cProviders;   /* entries in pProviders; 0: the registered providers       */
    ULONG uFaultPolicy; /* WDSPXE_EXT_FAULT_*                                       */
    const WDSPXE_EXT_PROVIDER *pProviders;
    WDSPXE_EXT_REPLY_CALLBACK pfnReply; /* needed with NO_NETWORK; else may be NULL: hears of what
                                      the network has taken, and what it returns is not used   */
    WDSPXE_EXT_CLOCK_CALLBACK pfnClock; /* NULL: the system's                                  */
    WDSPXE_EXT_FINDING_CALLBACK pfnFinding; /* faults and, with VERIFY, broken rules; may be NULL */
    WDSPXE_EXT_TIMING_CALLBACK pfnTiming; /* may be NULL                                         */
    ULONG uSlowCallback; /* with VERIFY: milliseconds of the system's clock; 0 = 1000 */
    ULONG uPendTimeout;  /* with VERIFY: milliseconds of the system's clock;
                            0 = 30 000                                               */
} WDSPXE_EXT_SERVER_CONFIG;

/* What the server has done since it was last started, and what it holds at this moment. */
typedef struct WDSPXE_EXT_COUNTERS {
    ULONG uSizeOfStruct;   /* in: sizeof(of) the caller; out: unchanged                          */
    ULONG uOpenRequests;   /* requests that have not ended, pended ones included                */
    ULONG uOpenPackets;    /* packets allocated and not yet freed                               */
    ULONG uReserved;       /* 0                                                                 */
    ULONGLONG uReceived;   /* datagrams received, but for those that were dropped unseen        */
    ULONGLONG uAnswered;   /* ended with NBP or CUSTOM, a reply was sent                        */
    ULONGLONG uIgnored;    /* requests that ended with IGNORE                                   */
    ULONGLONG uDropped;    /* requests that ended without a provider's decision                 */
    ULONGLONG uReplies;    /* replies handed to the network                                     */
    ULONGLONG uSendErrors; /* replies that the network refused                                  */
    ULONGLONG uReclaimed;  /* packets that a provider forgot to free                            */
    /* From here on: added later. A caller whose struct ends above does not get them. */
    ULONGLONG uUnseenRepeats; /* datagrams dropped before any provider saw them, because more came
                                 in than could be handled: those that were sent again since */
    ULONGLONG uUnseenOthers; /* and those that were not                                           */
    ULONGLONG uRepaired;     /* requests that were made valid before providers got them           */
} WDSPXE_EXT_COUNTERS;

/*
 * Loads the registered providers, opens the sockets and serves, on threads of its own.
 * Errors: ERROR_INVALID_PARAMETER (NULL, wrong size, unknown flag or policy, GUARD_PAGES without
 *   VERIFY, an interface that is no address, a provider without name or path, no
 *   pfnReply without a network),
 *   ERROR_INVALID_STATE (already running), ERROR_NOT_FOUND (no provider is registered; an interface
 *   that this machine does not have), ERROR_NOT_SUPPORTED (WDSPXE_EXT_NATIVE_ONLY where there is no
 *   native network), the code of a critical provider that failed (574, ERROR_UNHANDLED_EXCEPTION,
 * if an exception left its PxeProviderInitialize), the code of the first failure if every provider
 * failed, or the WinSock code of a socket that did not open. Each leaves the server stopped and the
 * reason in the log.
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
 * After SERVICE_CONTROL_PAUSE (2) new requests are dropped, until SERVICE_CONTROL_CONTINUE (3).
 * Errors: ERROR_INVALID_STATE (not running); ERROR_INVALID_PARAMETER for SERVICE_CONTROL_STOP (1)
 *   and SERVICE_CONTROL_SHUTDOWN (5): call WdsPxeExtServerStop instead.
 */
DWORD PXEAPI WdsPxeExtServerControl(DWORD dwControl);

/*
 * Hands a datagram to a server that was started with WDSPXE_EXT_NO_NETWORK, as if it had been
 * received. Returns when its request has ended or a provider has pended it. May be called on
 * several threads at once, not from a callback. Errors: ERROR_INVALID_PARAMETER (NULL, wrong size,
 * an address of neither 4 nor 16 bytes, addresses of two families, more than 65 535 bytes),
 * ERROR_INVALID_STATE (not running, with a network, or halted by WDSPXE_EXT_FAULT_STOP).
 */
DWORD PXEAPI WdsPxeExtServerReceive(const WDSPXE_EXT_DATAGRAM *pDatagram);

/*
 * Waits until no request is open, pended ones included.
 * Errors: ERROR_TIMEOUT (after uMilliseconds some are still open), ERROR_INVALID_STATE (not
 * running, or called from inside a callback).
 */
DWORD PXEAPI WdsPxeExtServerWaitIdle(ULONG uMilliseconds);

/* Errors: ERROR_INVALID_PARAMETER (NULL or wrong size). Works also when the server is stopped. */
DWORD PXEAPI WdsPxeExtServerGetCounters(WDSPXE_EXT_COUNTERS *pCounters);

/*
 * Moves a registered provider to another place of the list in one atomic step; the others keep
 * their order. Takes effect at the next start of the server.
 *   Index  as in PxeProviderRegister, counted in the list without the moved provider.
 * Errors: ERROR_INVALID_PARAMETER (NULL or empty name), ERROR_NOT_FOUND, codes of the registry.
 */
DWORD PXEAPI WdsPxeExtProviderMove(LPCWSTR pszProviderName, PXE_REG_INDEX Index);

/* ---- what the server has done ---- */

/* Microseconds. A percentile may be up to a quarter too high. */
typedef struct WDSPXE_EXT_DURATION {
    ULONGLONG uCount;
    ULONGLONG uSum;
    ULONGLONG uMaximum;
    ULONGLONG uP50;
    ULONGLONG uP90;
    ULONGLONG uP99;
} WDSPXE_EXT_DURATION;

/* Why nobody answered a request; places in uDropped. */
#define WDSPXE_EXT_DROP_IGNORED 0   /* a provider chose to ignore it                              */
#define WDSPXE_EXT_DROP_PASSED_ON 1 /* every provider passed it on */
#define WDSPXE_EXT_DROP_FILTERED 2  /* no provider takes such packets  */
#define WDSPXE_EXT_DROP_MALFORMED 3
#define WDSPXE_EXT_DROP_SHARED 4 /* another server's client (LoadBalanceBuckets)               */
#define WDSPXE_EXT_DROP_PAUSED 5
#define WDSPXE_EXT_DROP_STOPPING 6
#define WDSPXE_EXT_DROP_NO_MEMORY 7 /* too many are pended (MaxPendingRequests), or no memory   */
#define WDSPXE_EXT_DROP_FAULTED 8   /* an exception left a provider's callback                    */
#define WDSPXE_EXT_DROP_ADDRESS 9   /* source, giaddr, ciaddr or peer-address of nobody           */
#define WDSPXE_EXT_DROP_OWN 10      /* the server sent it itself                                 */
#define WDSPXE_EXT_DROP_RULES6 11   /* RFC 8415 sections 16 and 18.4                             */
#define WDSPXE_EXT_DROP_UNSENT 12   /* the answer could not be sent                              */
#define WDSPXE_EXT_DROP_KINDS 13

typedef struct WDSPXE_EXT_PROVIDER_STATUS {
    WCHAR szName[256];            /* cut if it is longer                                        */
    ULONGLONG uOffered;           /* requests that its callback was called with                 */
    ULONGLONG uFiltered;          /* requests that its filter kept away from it                 */
    ULONGLONG uAnswered;          /* its decisions: NBP or CUSTOM                               */
    ULONGLONG uIgnored;           /* IGNORE                                                     */
    ULONGLONG uRejected;          /* REJECTED, the failed ones as well                          */
    ULONGLONG uFailed;            /* its callback returned an error, or an exception left it    */
    ULONGLONG uPended;            /* its callback returned ERROR_IO_PENDING                     */
    WDSPXE_EXT_DURATION Duration; /* from the callback's beginning to the decision              */
    ULONGLONG uWarnings;          /* lines at level WARNING or worse that it has traced         */
    ULONGLONG uAnsweredSince;     /* of uAnswered: since the last of these lines                */
    ULONGLONG uLastWarning;       /* when that was: 100 ns since 1601, UTC; 0: there was none   */
    WCHAR szLastWarning[400];     /* the line, without the provider's name; cut if it is longer */
} WDSPXE_EXT_PROVIDER_STATUS;

typedef struct WDSPXE_EXT_INTERFACE_STATUS {
    PXE_ADDRESS Address; /* the server's own there; uAddrLen 0: all that have no place */
    ULONG uScope;        /* of an IPv6 address that only counts there: its index, or 0 */
    ULONG uReserved;
    ULONGLONG uReceived;
    ULONGLONG uAnswered;
    ULONGLONG uReplies;
    ULONGLONG uSendErrors;
    ULONGLONG uDropped[WDSPXE_EXT_DROP_KINDS];
} WDSPXE_EXT_INTERFACE_STATUS;

#define WDSPXE_EXT_STOPPED 0
#define WDSPXE_EXT_SERVING 1
#define WDSPXE_EXT_PAUSED 2

#define WDSPXE_EXT_STATUS_PLACES                                                                   \
    65 /* the last one is for those that have no place of their own                                \
        */

typedef struct WDSPXE_EXT_STATUS {
    ULONG uSizeOfStruct;     /* in: sizeof(of) the caller; out: unchanged                   */
    ULONG uState;            /* WDSPXE_EXT_STOPPED and so on                               */
    ULONGLONG uMilliseconds; /* since it was started; 0 if it is stopped                   */
    WDSPXE_EXT_COUNTERS Counters;
    ULONGLONG uDropped[WDSPXE_EXT_DROP_KINDS];
    WDSPXE_EXT_DURATION Duration; /* of answered requests, from receipt to end                  */
    ULONG cProviders;
    ULONG cInterfaces;
    WDSPXE_EXT_PROVIDER_STATUS Providers[WDSPXE_EXT_STATUS_PLACES]; /* in calling order          */
    WDSPXE_EXT_INTERFACE_STATUS Interfaces[WDSPXE_EXT_STATUS_PLACES];
    ULONGLONG uTakenOver; /* other servers' clients that it answered, once for each boot: a partner
                             is silent while this grows */
    ULONG cBuckets;       /* its share of the 256 (LoadBalanceBuckets) */
    ULONG uReserved;
    ULONGLONG uLastTakenOver; /* milliseconds since the latest of uTakenOver; 0 if that is 0 */
    ULONGLONG uAllHeld;  /* seconds in which requests waited while every thread was in a receive
                            callback that did not return */
    WCHAR szNetwork[16]; /* what the network is made of: "native", "Winsock"; empty: it has none */
    WCHAR szNotNative[80]; /* why it is not the native one, where it should be; else empty */
} WDSPXE_EXT_STATUS;

/*
 * Errors: ERROR_INVALID_PARAMETER (NULL or wrong size). From any thread, also inside callbacks. A
 * stopped server still tells what it had done.
 */
DWORD PXEAPI WdsPxeExtServerGetStatus(WDSPXE_EXT_STATUS *pStatus);

/* ---- the registry values that configure the server ---- */

#define WDSPXE_EXT_SETTING_LIVE                                                                    \
    1                               /* a running server follows a change; else its next start does \
                                     */
#define WDSPXE_EXT_SETTING_UNUSED 2 /* the original's; nothing here depends on it */
#define WDSPXE_EXT_SETTING_OURS 4   /* the original does not know it                              */
#define WDSPXE_EXT_SETTING_HEX 8    /* a number that people write in hexadecimal                  */
#define WDSPXE_EXT_SETTING_VITAL                                                                   \
    16 /* wrong: the server does not start; else: the default counts                               \
        */

/* One value that the server knows. The texts are ASCII and live as long as the DLL is loaded. */
typedef struct WDSPXE_EXT_SETTING {
    ULONG uSizeOfStruct; /* in: sizeof(of) the caller; out: unchanged                            */
    ULONG uFlags;        /* WDSPXE_EXT_SETTING_*                                                */
    LPCSTR pszName;      /* of the value; case does not count                                   */
    LPCSTR pszKey;       /* its key, below HKEY_LOCAL_MACHINE (64-bit view)                     */
    DWORD dwType;        /* REG_DWORD, REG_SZ, REG_EXPAND_SZ or REG_MULTI_SZ                    */
    DWORD dwMinimum;     /* of a REG_DWORD                                                      */
    DWORD dwMaximum;
    DWORD dwDefault;
    LPCSTR pszDefault; /* of the other types; "" is an empty list                             */
    LPCSTR pszForm;    /* what a value looks like, in words                                   */
    LPCSTR pszMeaning; /* what it is for, in one line                                         */
} WDSPXE_EXT_SETTING;

/*
 * Describes the values one by one: uIndex counts from 0.
 * Errors: ERROR_INVALID_PARAMETER (NULL or wrong size), ERROR_NO_MORE_ITEMS (none of that index).
 */
DWORD PXEAPI WdsPxeExtSettingDescribe(ULONG uIndex, WDSPXE_EXT_SETTING *pSetting);

#define WDSPXE_EXT_PROBLEM_SIZE 320 /* characters that any problem fits in, with its NUL */

/*
 * Tells whether a value could be set.
 *   pszProblem  may be NULL; else room for cchProblem characters, in which the reason is found
 * after ERROR_INVALID_DATA, with what is allowed: L"is 7; allowed: 0 or 1" Errors:
 * ERROR_INVALID_PARAMETER (NULL name, NULL data with a size), ERROR_NOT_FOUND (no such setting),
 * ERROR_INVALID_DATA (it could not).
 */
DWORD PXEAPI WdsPxeExtSettingCheck(LPCWSTR pszName, DWORD dwType, const VOID *pData, ULONG cbData,
                                   LPWSTR pszProblem, ULONG cchProblem);

/*
 * Reads a value as the registry has it, right or wrong.
 *   pcbData  in: bytes in pData; out: bytes of the value, also with ERROR_MORE_DATA
 * Errors: ERROR_INVALID_PARAMETER (a NULL), ERROR_NOT_FOUND (no such setting), ERROR_FILE_NOT_FOUND
 *   (not set), ERROR_MORE_DATA (does not fit), codes of the registry.
 */
DWORD PXEAPI WdsPxeExtSettingRead(LPCWSTR pszName, DWORD *pdwType, VOID *pData, ULONG *pcbData);

/*
 * Sets a value if it passes WdsPxeExtSettingCheck, whose errors it returns. NULL data of size 0:
 * deletes the value (dwType is ignored), which may be missing. Codes of the registry.
 */
DWORD PXEAPI WdsPxeExtSettingWrite(LPCWSTR pszName, DWORD dwType, const VOID *pData, ULONG cbData);

#ifdef __cplusplus
}
#endif

#endif
