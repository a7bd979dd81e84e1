/*
 * wdspxe.h - programming interface of the PXE server of Windows Deployment Services.
 *
 * This header declares the whole published interface of wdspxe.dll: 31 functions, 9 structures, and
 * the constants that go with them. It was written from public documentation and published facts,
 * and is binary compatible with the original. It is the reference documentation of this project.
 *
 * Where the public documentation is silent, the comments below say what *this* implementation does;
 * docs/behaviour.md lists every such decision with its reason.
 *
 * How a provider works
 *   1. An installer calls PxeProviderRegister once.
 *   2. The server loads the provider's DLL and calls its export PxeProviderInitialize, which
 *      registers callbacks (PxeRegisterCallback) and chooses a filter (PxeProviderSetAttribute).
 *   3. Every packet that passes the filter is handed to the receive callback. The provider
 *      allocates a reply (PxePacketAllocate), fills it (PxeDhcp...), sends it (PxeSendReply), frees
 *      it (PxePacketFree) and returns an action (PXE_BA_...).
 *   4. When the server stops, the shutdown callback is called last.
 *
 * Rules that hold for every function, unless its own comment says otherwise
 *   Result      ERROR_SUCCESS (0) or a Win32 error code. The last error is not set.
 *   Outputs     are written on success only.
 *   Strings     are zero-terminated UTF-16.
 *   Numbers     given as arguments or returned through them are in host byte order; lengths are
 *               bytes. Numbers inside packets, and address bytes, are in network byte order.
 *   Ownership   of nothing passes to the server; buffers are used during the call only.
 *   Threads     any function may be called from any thread, several at once; what one call
 *               writes to must not be used by another call at the same time.
 *   Alignment   packets may start at any address.
 *
 * Compilers: C11 and C++11 or later with GCC, Clang (MinGW-w64 targets) and MSVC; x86, x64, ARM64.
 * Under C++ a few inline overloads are added at the end, so that callbacks and constant data can be
 * passed without a cast. Define WDSPXE_NO_CXX_OVERLOADS before inclusion to leave them out, for
 * example to write decltype(&PxeRegisterCallback).
 */
#ifndef WDSPXE_H
#define WDSPXE_H

/*
 * MinGW-w64 ships an incomplete header of the same name, which cannot be compiled and lays out
 * PXE_DHCP_MESSAGE wrongly. Its guard is taken here so that it stays out afterwards.
 */
#ifdef _INC_WDSPXE
#error "another wdspxe.h (MinGW-w64's?) was included first: put this one first in the include path"
#endif
#define _INC_WDSPXE

#include <windows.h>

#include <sal.h>
#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Types -------------------------------------------------------------------------------------
 *
 * Calling convention of all functions and callbacks; only PxeTrace differs (it is variadic).
 * Names are exported undecorated on every architecture.
 */
#define PXEAPI __stdcall

typedef ULONG PXE_REG_INDEX;          /* place in the provider list, PXE_REG_INDEX_... */
typedef ULONG PXE_CALLBACK_TYPE;      /* PXE_CALLBACK_... */
typedef ULONG PXE_GSI_TYPE;           /* PXE_GSI_... */
typedef ULONG PXE_BOOT_ACTION;        /* PXE_BA_... */
typedef ULONG PXE_SEVERITY;           /* PXE_TRACE_... */
typedef ULONG PXE_PROVIDER_ATTRIBUTE; /* PXE_PROV_ATTR_... */

/* ---- Constants ---- */

/* UDP ports, host byte order. 4011 is the boot server (binl) port of the PXE specification. */
#define PXE_DHCP_SERVER_PORT 67
#define PXE_DHCP_CLIENT_PORT 68
#define PXE_SERVER_PORT 4011
#define PXE_DHCPV6_SERVER_PORT 547
#define PXE_DHCPV6_CLIENT_PORT 546

/* Sizes in bytes. HWAADR is spelled so in the published interface. */
#define PXE_DHCP_HWAADR_SIZE 16      /* chaddr */
#define PXE_DHCP_SERVER_SIZE 64      /* sname */
#define PXE_DHCP_FILE_SIZE 128       /* file */
#define PXE_DHCP_MAGIC_COOKIE_SIZE 4 /* the four bytes before the first option */
#define PXE_MAX_ADDRESS 16           /* the longest address: IPv6 */

/* The cookie 63 82 53 63 (hexadecimal) as a little-endian machine reads it into uMagicCookie. */
#define PXEDHCP_MAGIC_COOKIE ((ULONG)0x63538263)

/* Relay layers that PxeDhcpv6ParseRelayForw follows at most; a safe size for its array. */
#define PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT 32

/* PXE_REG_INDEX: before all other providers, or after all of them. Others: zero-based place. */
#define PXE_REG_INDEX_TOP 0
#define PXE_REG_INDEX_BOTTOM 0xFFFFFFFF

/* PXE_CALLBACK_TYPE. MAX is no callback, but the first invalid value. */
#define PXE_CALLBACK_RECV_REQUEST 0    /* a packet arrived; mandatory */
#define PXE_CALLBACK_SHUTDOWN 1        /* the provider is dropped; mandatory */
#define PXE_CALLBACK_SERVICE_CONTROL 2 /* the service got a control code; optional */
#define PXE_CALLBACK_MAX 3

/* PXE_GSI_TYPE */
#define PXE_GSI_TRACE_ENABLED 1 /* BOOL: tracing is on */
#define PXE_GSI_SERVER_DUID 2   /* bytes: its DHCPv6 identifier; PxeGetServerInfoEx only */

/*
 * PXE_ADDRESS.uFlags. When a reply is sent:
 *   BROADCAST       broadcast it, IPv4 only; not together with USE_ADDR.
 *   USE_PORT        uPort is the destination port; else the source port of the request is.
 *   USE_ADDR        bAddress, uAddrLen are the destination; else the source of the request is.
 *   USE_DHCP_RULES  the request decides alone (see PxeSendReply); other members are ignored.
 * In addresses given to the receive callback:
 *   USE_ADDR        always set.
 *   BROADCAST       local address only: the packet was broadcast.
 *   USE_PORT        the packet was not broadcast; always set in the remote address.
 */
#define PXE_ADDR_BROADCAST 0x0001
#define PXE_ADDR_USE_PORT 0x0002
#define PXE_ADDR_USE_ADDR 0x0004
#define PXE_ADDR_USE_DHCP_RULES 0x0008

/*
 * PXE_BOOT_ACTION: what the provider decided.
 *   NBP       answered with a DHCP reply that names a boot program; no other provider is asked.
 *   CUSTOM    answered with something else; no other provider is asked.
 *   IGNORE    nobody shall answer: the request is dropped, no other provider is asked.
 *   REJECTED  not mine: the next provider in the list is asked; after the last one it is dropped.
 * With NBP and CUSTOM at least one PxeSendReply is expected; this is not enforced, only traced.
 */
#define PXE_BA_NBP 1
#define PXE_BA_CUSTOM 2
#define PXE_BA_IGNORE 3
#define PXE_BA_REJECTED 4

/* PXE_SEVERITY, also the bits of the trace mask in the registry. */
#define PXE_TRACE_VERBOSE 0x00010000
#define PXE_TRACE_INFO 0x00020000
#define PXE_TRACE_WARNING 0x00040000
#define PXE_TRACE_ERROR 0x00080000
#define PXE_TRACE_FATAL 0x00100000

/* PXE_PROVIDER_ATTRIBUTE */
#define PXE_PROV_ATTR_FILTER 0       /* ULONG, PXE_PROV_FILTER_...: IPv4 packets to deliver */
#define PXE_PROV_ATTR_FILTER_IPV6 1  /* the same for IPv6 */
#define PXE_PROV_ATTR_IPV6_CAPABLE 2 /* BOOL: deliver IPv6 packets at all; default FALSE */

/*
 * Values of both filters; the default is ALL.
 *   ALL        every packet, also ones that are no DHCP at all.
 *   DHCP_ONLY  requests that PxeDhcpIsValid (IPv6: PxeDhcpv6IsValid) accepts.
 *   PXE_ONLY   of these, the ones for which it also reports a PXE client.
 */
#define PXE_PROV_FILTER_ALL 0
#define PXE_PROV_FILTER_DHCP_ONLY 1
#define PXE_PROV_FILTER_PXE_ONLY 2

/* ---- Structures as on the wire ------------------------------------------------------------------
 *
 * Byte-packed. Multi-byte members are in network byte order. Each ends in an array of one element
 * that stands for any number of bytes, so sizeof(is) never a minimum length of a packet.
 */
#ifdef _MSC_VER
#pragma warning(push)
#pragma warning(disable : 4201) /* unnamed unions: standard since C11, an extension in older C */
#endif
#pragma pack(push, 1)

/* One DHCPv4 option (RFC 2132). Pad (0) and End (255) consist of OptionType alone. */
typedef struct tagPXE_DHCP_OPTION {
    BYTE OptionType;     /* code */
    BYTE OptionLength;   /* bytes in OptionValue */
    BYTE OptionValue[1]; /* OptionLength bytes */
} PXE_DHCP_OPTION, *PPXE_DHCP_OPTION;

/* A DHCPv4 message (RFC 2131); the fixed part is 240 bytes long. RFC names in brackets. */
typedef struct tagPXE_DHCP_MESSAGE {
    BYTE Operation;                             /* [op] 1 from a client, 2 from a server */
    BYTE HardwareAddressType;                   /* [htype] */
    BYTE HardwareAddressLength;                 /* [hlen] bytes used in HardwareAddress */
    BYTE HopCount;                              /* [hops] */
    DWORD TransactionID;                        /* [xid] */
    WORD SecondsSinceBoot;                      /* [secs] */
    WORD Reserved;                              /* [flags] first bit on the wire: broadcast */
    ULONG ClientIpAddress;                      /* [ciaddr] */
    ULONG YourIpAddress;                        /* [yiaddr] */
    ULONG BootstrapServerAddress;               /* [siaddr] */
    ULONG RelayAgentIpAddress;                  /* [giaddr] */
    BYTE HardwareAddress[PXE_DHCP_HWAADR_SIZE]; /* [chaddr] */
    BYTE HostName[PXE_DHCP_SERVER_SIZE];        /* [sname] zero-terminated server name */
    BYTE BootFileName[PXE_DHCP_FILE_SIZE];      /* [file] zero-terminated path */
    union {
        BYTE bMagicCookie[PXE_DHCP_MAGIC_COOKIE_SIZE];
        ULONG uMagicCookie; /* equals PXEDHCP_MAGIC_COOKIE on a little-endian machine */
    };
    PXE_DHCP_OPTION Option; /* the first option */
} PXE_DHCP_MESSAGE, *PPXE_DHCP_MESSAGE;

/* One DHCPv6 option (RFC 8415, section 21.1). */
typedef struct tagPXE_DHCPV6_OPTION {
    WORD OptionCode; /* network byte order, like DataLength */
    WORD DataLength; /* bytes in Data */
    BYTE Data[1];
} PXE_DHCPV6_OPTION, *PPXE_DHCPV6_OPTION;

/* What all DHCPv6 messages have in common; the type tells what follows. */
typedef struct tagPXE_DHCPV6_MESSAGE_HEADER {
    BYTE MessageType;
    BYTE Message[1];
} PXE_DHCPV6_MESSAGE_HEADER, *PPXE_DHCPV6_MESSAGE_HEADER;

/* A DHCPv6 message between client and server (RFC 8415, section 8); fixed part 4 bytes. */
typedef struct tagPXE_DHCPV6_MESSAGE {
    BYTE MessageType;
    BYTE TransactionIDByte1; /* most significant byte */
    BYTE TransactionIDByte2;
    BYTE TransactionIDByte3;
    PXE_DHCPV6_OPTION Options[1];
} PXE_DHCPV6_MESSAGE, *PPXE_DHCPV6_MESSAGE;

/* A DHCPv6 message between relay and server (RFC 8415, section 9); fixed part 34 bytes. */
typedef struct tagPXE_DHCPV6_RELAY_MESSAGE {
    BYTE MessageType; /* 12 RELAY-FORW, 13 RELAY-REPL */
    BYTE HopCount;    /* relays that the message has passed before */
    BYTE LinkAddress[16];
    BYTE PeerAddress[16];
    PXE_DHCPV6_OPTION Options[1];
} PXE_DHCPV6_RELAY_MESSAGE, *PPXE_DHCPV6_RELAY_MESSAGE;

#pragma pack(pop)

/* ---- Structures in memory, naturally aligned ---- */

/* One end of a packet's way. For the meaning of the members by flag see PXE_ADDR_... above. */
typedef struct tagPXE_ADDRESS {
    ULONG uFlags; /* PXE_ADDR_... */
    union {
        BYTE bAddress[PXE_MAX_ADDRESS]; /* address bytes in network byte order */
        ULONG uIpAddress;               /* the same for IPv4, network byte order */
    };
    ULONG uAddrLen; /* bytes used in bAddress: 4 for IPv4, 16 for IPv6 */
    USHORT uPort;   /* in *host* byte order */
} PXE_ADDRESS, *PPXE_ADDRESS;

/* One registered provider, as PxeProviderEnumNext returns it. */
typedef struct tagPXE_PROVIDER {
    ULONG uSizeOfStruct; /* sizeof(PXE_PROVIDER), written by the DLL */
    LPWSTR pwszName;     /* display name */
    LPWSTR pwszFilePath; /* full path of the provider's DLL */
    BOOL bIsCritical;    /* TRUE: the server does not run without this provider */
    ULONG uIndex;        /* zero-based place in the list */
} PXE_PROVIDER, *PPXE_PROVIDER;

/* One relay layer of a RELAY-FORW message. The pointers point into the parsed packet. */
typedef struct tagPXE_DHCPV6_NESTED_RELAY_MESSAGE {
    PPXE_DHCPV6_RELAY_MESSAGE pRelayMessage; /* this layer, with everything nested in it */
    ULONG cbRelayMessage;                    /* its length in bytes */
    PVOID pInterfaceIdOption;                /* data of its OPTION_INTERFACE_ID; NULL if absent */
    WORD cbInterfaceIdOption;                /* length of that data in bytes; 0 if absent */
} PXE_DHCPV6_NESTED_RELAY_MESSAGE, *PPXE_DHCPV6_NESTED_RELAY_MESSAGE;

#ifdef _MSC_VER
#pragma warning(pop)
#endif

/* ---- What a provider implements -----------------------------------------------------------------
 *
 * PxeProviderInitialize is found by its exported name (on x86 also as _PxeProviderInitialize@8);
 * the other three are registered by address and may have any name. The published interface has no
 * names for these types; the PFN_WDSPXE_... names are ours.
 *
 * Threads: receive callbacks may run on several threads at once, each for another request; a
 * request is in the hands of one provider at a time. Initialize, shutdown and service control never
 * run at the same time as one another. Shutdown starts when no receive callback of that
 * provider is running. Exceptions must not leave a callback. One that does is contained as far as
 * it can be: its request is dropped; a critical provider's ends the service of requests, another
 * provider gets no further one. A host of the server may have chosen otherwise, even that it is not
 * caught; and not every failure is an exception that can be caught (docs/extensions.md).
 */

/*
 * PxeProviderInitialize: called once, after the DLL was loaded. Must register the two mandatory
 * callbacks, and must be ready to serve when it returns.
 *   hProvider     this provider, for later calls; valid until its shutdown callback has returned.
 *   hProviderKey  the provider's registry key, open until shutdown has returned, for reading and,
 *                 if the server has that right itself, writing. It may be kept, but not closed:
 *                 the server owns it.
 * Returns 0, or any error code: then the provider is dropped without its shutdown callback being
 * called, and if it is critical the server does not start. If it returns 0 without having
 * registered both mandatory callbacks, it is dropped too (a shutdown callback is called first).
 */
typedef DWORD(PXEAPI *PFN_WDSPXE_INITIALIZE)(_In_ HANDLE hProvider, _In_ HKEY hProviderKey);

/* To be defined and exported by a provider; wdspxe.dll does not contain it. */
DWORD PXEAPI PxeProviderInitialize(_In_ HANDLE hProvider, _In_ HKEY hProviderKey);

/*
 * PXE_CALLBACK_RECV_REQUEST: a packet passed the provider's filter.
 *   hClientRequest  this provider's turn with the request. Every provider that is asked gets a
 *                   value of its own. Valid until the turn ends: return with anything but
 *                   ERROR_IO_PENDING, or PxeAsyncRecvDone.
 *   pPacket         the received UDP payload, a fresh copy for each provider; may be changed.
 *   uPacketLen      its length in bytes.
 *   pLocalAddress   unicast address of the receiving interface and the port it arrived on; flags
 *                   USE_ADDR with BROADCAST or USE_PORT. Fit for siaddr and option 54 as it is.
 *   pRemoteAddress  source address and source port; flags USE_ADDR | USE_PORT.
 *   pAction         receives PXE_BA_...; holds PXE_BA_REJECTED at the start. Any other value
 *                   counts as REJECTED and is traced as an error.
 *   pContext        as given to PxeRegisterCallback.
 * All pointers but pAction stay valid as long as hClientRequest.
 * Returns
 *   ERROR_SUCCESS     *pAction decides.
 *   ERROR_IO_PENDING  *pAction is ignored; the request stays open until PxeAsyncRecvDone is called.
 *                     There is no time limit; requests still open at shutdown are dropped.
 *   any other code    as PXE_BA_REJECTED.
 */
typedef DWORD(PXEAPI *PFN_WDSPXE_RECV_REQUEST)(_In_ HANDLE hClientRequest, _In_ PVOID pPacket,
                                               _In_ ULONG uPacketLen,
                                               _In_ PXE_ADDRESS *pLocalAddress,
                                               _In_ PXE_ADDRESS *pRemoteAddress,
                                               _Out_ PXE_BOOT_ACTION *pAction,
                                               _In_opt_ PVOID pContext);

/*
 * PXE_CALLBACK_SHUTDOWN: the last call. The provider releases all it holds; hProvider and
 * hProviderKey are invalid after the return. An error code is logged and changes nothing.
 */
typedef DWORD(PXEAPI *PFN_WDSPXE_SHUTDOWN)(_In_opt_ PVOID pContext);

/*
 * PXE_CALLBACK_SERVICE_CONTROL: the service received a control code.
 *   dwControl  as in a service's handler function, for example SERVICE_CONTROL_PARAMCHANGE (6) or
 *              a user code (128 to 255). STOP and SHUTDOWN are never delivered here: they lead to
 *              the shutdown callback.
 * An error code is logged and changes nothing.
 */
typedef DWORD(PXEAPI *PFN_WDSPXE_SERVICE_CONTROL)(_In_opt_ PVOID pContext, _In_ DWORD dwControl);

/* ---- Provider registration ----------------------------------------------------------------------
 *
 * For installers and administration; works in any process, whether a server runs or not. A running
 * server reads the list when it starts, so changes need a restart of it. Names are compared without
 * regard to case. Each of these functions may also return
 *   ERROR_ACCESS_DENIED (5)      the caller has no right to read or change the list.
 *   ERROR_NOT_ENOUGH_MEMORY (8)
 *   ERROR_INVALID_DATA (13)      the list in the registry is damaged: not a list of strings.
 *   ERROR_TIMEOUT (1460)         another process did not finish its own change.
 *   another code of the registry
 */

/*
 * Adds a provider to the list. The administrator may change the order later at any time.
 *   pszProviderName  display name, also the name of its registry key: 1 to 255 characters, no
 *                    backslash.
 *   pszModulePath    full path of the provider's DLL, not empty. It is not opened.
 *   Index            place in the list; what stands there and after it moves down. Values beyond
 *                    the end mean PXE_REG_INDEX_BOTTOM.
 *   bIsCritical      TRUE: if this provider cannot be loaded or initialized, the server stops.
 *   phProviderKey    may be NULL; receives the provider's registry key, open for reading and
 *                    writing, for its own settings. The caller closes it with RegCloseKey. It is
 *                    the key that PxeProviderInitialize is given.
 * Errors
 *   ERROR_INVALID_PARAMETER (87)  name or path NULL or empty; name too long or with a backslash.
 *   ERROR_ALREADY_EXISTS (183)    the name is registered; nothing was changed.
 */
DWORD PXEAPI PxeProviderRegister(_In_ LPCWSTR pszProviderName, _In_ LPCWSTR pszModulePath,
                                 _In_ PXE_REG_INDEX Index, _In_ BOOL bIsCritical,
                                 _Out_opt_ PHKEY phProviderKey);

/*
 * Takes a provider off the list and deletes its registry key with everything below it.
 * Errors
 *   ERROR_INVALID_PARAMETER (87)  NULL or empty name.
 *   ERROR_NOT_FOUND (1168)        not registered.
 */
DWORD PXEAPI PxeProviderUnRegister(_In_ LPCWSTR pszProviderName);

/*
 * Tells a provider's place in the list, to register another one before or after it. The answer may
 * be out of date when it arrives.
 *   puIndex  receives the zero-based place.
 * Errors
 *   ERROR_INVALID_PARAMETER (87)  NULL argument, empty name.
 *   ERROR_NOT_FOUND (1168)        not registered.
 */
DWORD PXEAPI PxeProviderQueryIndex(_In_ LPCWSTR pszProviderName, _Out_ PULONG puIndex);

/*
 * Begins an enumeration of the providers, in list order. The list is copied here: later changes do
 * not show. An empty or missing list is no error.
 *   phEnum  receives the enumeration; end it with PxeProviderEnumClose.
 * Errors
 *   ERROR_INVALID_PARAMETER (87)  NULL argument.
 */
DWORD PXEAPI PxeProviderEnumFirst(_Out_ HANDLE *phEnum);

/*
 * Returns the next provider, the first one at the first call. List entries whose key is missing or
 * unreadable are skipped, but count in uIndex.
 *   hEnum       from PxeProviderEnumFirst.
 *   ppProvider  receives one block with the structure and its strings. The caller frees it with
 *               PxeProviderFreeInfo; it stays valid after PxeProviderEnumClose.
 * Errors: each sets *ppProvider to NULL if ppProvider is not NULL.
 *   ERROR_INVALID_HANDLE (6)      hEnum is no open enumeration.
 *   ERROR_INVALID_PARAMETER (87)  ppProvider is NULL.
 *   ERROR_NO_MORE_ITEMS (259)     the end; further calls give the same.
 */
DWORD PXEAPI PxeProviderEnumNext(_In_ HANDLE hEnum, _Outptr_ PPXE_PROVIDER *ppProvider);

/*
 * Ends an enumeration.
 * Errors
 *   ERROR_INVALID_HANDLE (6)  hEnum is no open enumeration, or was closed before.
 */
DWORD PXEAPI PxeProviderEnumClose(_In_ HANDLE hEnum);

/*
 * Frees what PxeProviderEnumNext returned, with its strings.
 * Errors
 *   ERROR_INVALID_PARAMETER (87)  NULL, not from PxeProviderEnumNext, or freed before.
 */
DWORD PXEAPI PxeProviderFreeInfo(_In_ PPXE_PROVIDER pProvider);

/* ---- Provider run time --------------------------------------------------------------------------
 *
 * Handles are numbers, not pointers: a stale, foreign or invented one is found out and gives
 * ERROR_INVALID_HANDLE (6). Any function that takes a handle may also return
 * ERROR_NOT_ENOUGH_MEMORY (8).
 */

/*
 * Names one of the provider's callbacks. Only while PxeProviderInitialize runs.
 *   hProvider          from PxeProviderInitialize.
 *   CallbackType       PXE_CALLBACK_...; a second call for one type replaces the first.
 *   pCallbackFunction  a PFN_WDSPXE_... of that type.
 *   pContext           handed back unchanged to the callback; may be NULL.
 * Errors
 *   ERROR_INVALID_HANDLE (6)      hProvider is no live provider.
 *   ERROR_INVALID_PARAMETER (87)  unknown type, NULL function.
 *   ERROR_INVALID_STATE (5023)    PxeProviderInitialize has returned.
 */
DWORD PXEAPI PxeRegisterCallback(_In_ HANDLE hProvider, _In_ PXE_CALLBACK_TYPE CallbackType,
                                 _In_ PVOID pCallbackFunction, _In_opt_ PVOID pContext);

/*
 * Sets an attribute of the provider. Allowed until shutdown; takes effect with the next packet.
 *   Attribute         PXE_PROV_ATTR_...
 *   pParameterBuffer  the value, a ULONG or BOOL. A BOOL other than 0 counts as TRUE.
 *   uParamLen         its length in bytes: 4.
 * Errors
 *   ERROR_INVALID_HANDLE (6)      hProvider is no live provider.
 *   ERROR_INVALID_PARAMETER (87)  unknown attribute or filter value, NULL buffer, wrong length.
 */
DWORD PXEAPI PxeProviderSetAttribute(_In_ HANDLE hProvider, _In_ PXE_PROVIDER_ATTRIBUTE Attribute,
                                     _In_reads_bytes_(uParamLen) PVOID pParameterBuffer,
                                     _In_ ULONG uParamLen);

/*
 * Allocates a zero-filled packet for a reply. Replies can be sent from such packets only.
 *   hProvider, hClientRequest  the provider and its turn with the request.
 *   uSize                      1 to 65535 bytes.
 * Returns the packet, or NULL with the reason in GetLastError:
 *   ERROR_INVALID_HANDLE (6)      a handle is not valid, or the turn is another provider's.
 *   ERROR_NOT_ENOUGH_MEMORY (8)
 *   ERROR_INVALID_PARAMETER (87)  uSize is out of range.
 * The provider frees it with PxePacketFree; what is left when its turn ends is freed by the server.
 */
_Ret_maybenull_ PVOID PXEAPI PxePacketAllocate(_In_ HANDLE hProvider, _In_ HANDLE hClientRequest,
                                               _In_ ULONG uSize);

/*
 * Frees a packet; both handles are those of the allocation. Allowed right after PxeSendReply.
 * Errors
 *   ERROR_INVALID_HANDLE (6)      a handle is not valid (any more): the packet is already freed.
 *   ERROR_INVALID_PARAMETER (87)  pPacket is NULL, foreign, or was freed before.
 */
DWORD PXEAPI PxePacketFree(_In_ HANDLE hProvider, _In_ HANDLE hClientRequest, _In_ PVOID pPacket);

/*
 * Sends a reply, exactly the bytes given: no padding, no End option is added. May be called several
 * times for a request, on any thread, until the turn ends.
 *   hClientRequest  the provider's turn with the request.
 *   pPacket         from PxePacketAllocate for this turn. It stays the provider's: the bytes are
 *                   sent or copied before the return.
 *   uPacketLen      bytes to send: 1 to the allocated size.
 *   pAddress        destination; NULL means the source of the request. What the flags leave out
 *                   (address, port) is taken from the source of the request. A request whose
 *                   source is 0.0.0.0 is answered by broadcast.
 * PXE_ADDR_USE_DHCP_RULES looks at the request alone. IPv4, the first that applies:
 *   1. giaddr is set: to giaddr, port 67.
 *   2. it arrived on port 4011: to its source address and port; source 0.0.0.0: to ciaddr if
 *      set, else broadcast.
 *   3. ciaddr is set: to ciaddr, port 68.
 *   4. otherwise: broadcast, port 68.
 * IPv6: to its source address; what arrived on port 4011 to its source port, else a RELAY-FORW to
 * port 547, else to port 546.
 * Broadcasts leave through the interface on which the request arrived.
 * Errors
 *   ERROR_INVALID_HANDLE (6)      the turn is over, or the handle was never one.
 *   ERROR_INVALID_DATA (13)       USE_DHCP_RULES, but the request is not a valid DHCP packet.
 *   ERROR_INVALID_PARAMETER (87)  pPacket NULL or not this turn's; length 0 or too large; unknown
 *                                 flags; BROADCAST with USE_ADDR, or for IPv6; USE_ADDR with
 *                                 a length other than 4 (IPv4 request) or 16 (IPv6 request).
 *   ERROR_INVALID_STATE (5023)    the server is stopping and has closed its sockets.
 *   a WinSock code                the network refused the packet.
 */
DWORD PXEAPI PxeSendReply(_In_ HANDLE hClientRequest, _In_reads_bytes_(uPacketLen) PVOID pPacket,
                          _In_ ULONG uPacketLen, _In_opt_ PXE_ADDRESS *pAddress);

/*
 * Completes a request whose receive callback returned ERROR_IO_PENDING. May be called on any
 * thread, also before the callback has returned; the action then takes effect at its return,
 * whatever the callback returns. With PXE_BA_REJECTED the next provider is asked on a thread of the
 * server, not on this one.
 *   hClientRequest  the provider's turn; invalid after the return, as are its packets.
 *   Action          PXE_BA_...
 * Errors
 *   ERROR_INVALID_HANDLE (6)      completed before (here, or by the callback's return), or unknown.
 *   ERROR_INVALID_PARAMETER (87)  unknown action; the request stays open.
 */
DWORD PXEAPI PxeAsyncRecvDone(_In_ HANDLE hClientRequest, _In_ PXE_BOOT_ACTION Action);

/*
 * Adds one line to the server's log, if its trace mask lets the severity through. Works anywhere
 * in the server's process.
 *   hProvider  the provider, or NULL.
 *   Severity   PXE_TRACE_...; not checked, only masked.
 *   pszFormat  format string by Microsoft's rules for wide strings: %s is a wide string, %S a
 *              narrow one. A line break is added if there is none.
 * Returns ERROR_SUCCESS also when nothing was logged.
 * Errors
 *   ERROR_INVALID_HANDLE (6)      hProvider is neither NULL nor a live provider; traced anyway.
 *   ERROR_INVALID_PARAMETER (87)  pszFormat is NULL.
 */
DWORD __cdecl PxeTrace(_In_opt_ HANDLE hProvider, _In_ PXE_SEVERITY Severity,
                       _In_ _Printf_format_string_ LPCWSTR pszFormat, ...);

/*
 * As PxeTrace.
 *   Params  the arguments; indeterminate after the call, as after vprintf.
 */
DWORD PXEAPI PxeTraceV(_In_opt_ HANDLE hProvider, _In_ PXE_SEVERITY Severity,
                       _In_ _Printf_format_string_ LPCWSTR pszFormat, _In_ va_list Params);

/* ---- Server information ---- */

/*
 * Tells something about the server. Works in any process, also when no server runs.
 *   uInfoType   PXE_GSI_TRACE_ENABLED only: a BOOL.
 *   pBuffer     receives the value.
 *   uBufferLen  its size in bytes, 4 or more; 4 are written.
 * Errors
 *   ERROR_INVALID_PARAMETER (87)     NULL buffer, other type.
 *   ERROR_INSUFFICIENT_BUFFER (122)  uBufferLen is too small.
 */
DWORD PXEAPI PxeGetServerInfo(_In_ PXE_GSI_TYPE uInfoType,
                              _Out_writes_bytes_(uBufferLen) PVOID pBuffer, _In_ ULONG uBufferLen);

/*
 * As PxeGetServerInfo, for every type. Windows 8 and Server 2012 and later.
 *   uInfoType     also PXE_GSI_SERVER_DUID: the identifier that belongs into OPTION_SERVERID, up
 *                 to 130 bytes (RFC 8415, section 11). It is made once and kept in the registry.
 *   puBufferUsed  receives the bytes written.
 * Errors
 *   ERROR_INVALID_PARAMETER (87)     NULL argument, unknown type.
 *   ERROR_INSUFFICIENT_BUFFER (122)  uBufferLen is too small; *puBufferUsed is the size needed.
 *   a registry code                  the identifier could be neither read nor stored.
 */
DWORD PXEAPI PxeGetServerInfoEx(_In_ PXE_GSI_TYPE uInfoType,
                                _Out_writes_bytes_to_(uBufferLen, *puBufferUsed) PVOID pBuffer,
                                _In_ ULONG uBufferLen, _Out_ PULONG puBufferUsed);

/* ---- DHCPv4 helpers -----------------------------------------------------------------------------
 *
 * Pure functions on the caller's buffers: no handle, no state, usable in any process.
 * Mind the argument order: the instance stands before the option code in PxeDhcpGetOptionValue,
 * but after it in PxeDhcpGetVendorOptionValue.
 */

/*
 * Begins a reply to a DHCP request. htype, hlen, xid, secs, ciaddr, yiaddr, siaddr, giaddr, chaddr
 * and the cookie are copied from it, op becomes 2, and everything else in the reply buffer,
 * flags included, becomes 0. Set Reserved yourself if a relay must broadcast the reply.
 *   pRecvPacket         the request. May be the same buffer as the reply.
 *   uRecvPacketLen      its length.
 *   pReplyPacket        the reply.
 *   uMaxReplyPacketLen  size of its buffer; all of it is cleared.
 *   puReplyPacketLen    receives 240, the place of the first option.
 * Errors
 *   ERROR_INVALID_DATA (13)          the request is shorter than 240 bytes, or has no cookie.
 *   ERROR_INVALID_PARAMETER (87)     NULL argument.
 *   ERROR_INSUFFICIENT_BUFFER (122)  uMaxReplyPacketLen is below 240.
 */
DWORD PXEAPI PxeDhcpInitialize(_In_reads_bytes_(uRecvPacketLen) PVOID pRecvPacket,
                               _In_ ULONG uRecvPacketLen,
                               _Inout_updates_bytes_(uMaxReplyPacketLen) PVOID pReplyPacket,
                               _In_ ULONG uMaxReplyPacketLen, _Out_ PULONG puReplyPacketLen);

/*
 * Appends an option. End (255) is an option like any other: it is never added by itself, and must
 * be the last one. Values over 255 bytes go into several options of the same code (RFC 3396).
 *   pReplyPacket        the reply.
 *   uMaxReplyPacketLen  size of its buffer.
 *   puReplyPacketLen    in: length so far, 240 or more; out: new length.
 *   bOption             code. Pad (0) and End (255) are one byte; length and value are ignored.
 *   bOptionLen          bytes in pValue; may be 0.
 *   pValue              the value, written as it is; may be NULL if bOptionLen is 0.
 * Errors: nothing is changed.
 *   ERROR_INVALID_PARAMETER (87)     packet or length NULL; value NULL with a length; length
 *                                    below 240 or above the size of the buffer.
 *   ERROR_INSUFFICIENT_BUFFER (122)  it does not fit.
 */
DWORD PXEAPI PxeDhcpAppendOption(_Inout_updates_bytes_(uMaxReplyPacketLen) PVOID pReplyPacket,
                                 _In_ ULONG uMaxReplyPacketLen, _Inout_ PULONG puReplyPacketLen,
                                 _In_ BYTE bOption, _In_ BYTE bOptionLen,
                                 _In_reads_bytes_opt_(bOptionLen) PVOID pValue);

/*
 * Appends bytes that already are options, with code and length; they are not looked at.
 *   uBufferLen  bytes in pBuffer; 0 succeeds and changes nothing.
 *   pBuffer     the bytes; may be NULL if uBufferLen is 0.
 * The other parameters and the errors are those of PxeDhcpAppendOption.
 */
DWORD PXEAPI PxeDhcpAppendOptionRaw(_Inout_updates_bytes_(uMaxReplyPacketLen) PVOID pReplyPacket,
                                    _In_ ULONG uMaxReplyPacketLen, _Inout_ PULONG puReplyPacketLen,
                                    _In_ USHORT uBufferLen,
                                    _In_reads_bytes_opt_(uBufferLen) PVOID pBuffer);

/*
 * Is this a complete, well-formed DHCP packet? Tested are: length at least 240; op; hlen at most
 * 16; a zero byte in sname and in file; the cookie; no option runs over the end; option 53 exists;
 * End exists, with nothing but zero bytes after it.
 *   bRequestPacket      TRUE: from a client (op 1); FALSE: from a server (op 2).
 *   pbPxeOptionPresent  may be NULL; receives TRUE if the first option 60 starts with "PXEClient".
 * Errors
 *   ERROR_INVALID_DATA (13)       a test failed; *pbPxeOptionPresent is FALSE.
 *   ERROR_INVALID_PARAMETER (87)  NULL packet; *pbPxeOptionPresent is FALSE.
 */
DWORD PXEAPI PxeDhcpIsValid(_In_reads_bytes_(uPacketLen) PVOID pPacket, _In_ ULONG uPacketLen,
                            _In_ BOOL bRequestPacket, _Out_opt_ PBOOL pbPxeOptionPresent);

/*
 * Finds an option, in a request or a reply. Searched are the options field up to End, then file and
 * sname if option 52 says that they hold options. Repeated options are not joined: ask for
 * instances 1, 2, ... until ERROR_FILE_NOT_FOUND, and join them (RFC 3396).
 *   uInstance      which occurrence of the code; the first one is 1.
 *   bOption        code.
 *   pbOptionLen    may be NULL; receives the length of the value in bytes.
 *   ppOptionValue  may be NULL; receives a pointer into pPacket: nothing to free. If the length is
 *                  0 it may point just behind the packet.
 * Errors
 *   ERROR_FILE_NOT_FOUND (2)      no such occurrence before the end of the options or before one
 *                                 that runs over the end of the packet; code 0 or 255.
 *   ERROR_INVALID_DATA (13)       shorter than 240 bytes, or no cookie. Nothing else is tested.
 *   ERROR_INVALID_PARAMETER (87)  NULL packet, instance 0.
 */
DWORD PXEAPI PxeDhcpGetOptionValue(_In_reads_bytes_(uPacketLen) PVOID pPacket,
                                   _In_ ULONG uPacketLen, _In_ ULONG uInstance, _In_ BYTE bOption,
                                   _Out_opt_ PBYTE pbOptionLen, _Outptr_opt_ PVOID *ppOptionValue);

/*
 * Finds a sub-option inside option 43. Occurrences are counted through all options 43 of the
 * packet; sub-option 255 ends one of them, and 0 is skipped.
 *   bOption    code of the sub-option.
 *   uInstance  which occurrence; the first one is 1. Mind the order of these two.
 * The other parameters and the errors are those of PxeDhcpGetOptionValue; ERROR_FILE_NOT_FOUND
 * also if there is no option 43.
 */
DWORD PXEAPI PxeDhcpGetVendorOptionValue(_In_reads_bytes_(uPacketLen) PVOID pPacket,
                                         _In_ ULONG uPacketLen, _In_ BYTE bOption,
                                         _In_ ULONG uInstance, _Out_opt_ PBYTE pbOptionLen,
                                         _Outptr_opt_ PVOID *ppOptionValue);

/* ---- DHCPv6 helpers -----------------------------------------------------------------------------
 *
 * As the DHCPv4 helpers; Windows 8 and Server 2012 and later. DHCPv6 options know no Pad, no End.
 * "Header" means the fixed part: 34 bytes for relay messages (types 12, 13), 4 for all others.
 * Option codes, lengths and enterprise numbers given as arguments are in host byte order.
 */

/*
 * Begins a reply to a DHCPv6 request: writes the header, no options. Message type and copied parts:
 *   SOLICIT 1                            ADVERTISE 2    transaction id
 *   REQUEST 3, CONFIRM 4, RENEW 5, REBIND 6, RELEASE 8, DECLINE 9, INFORMATION-REQUEST 11
 *                                        REPLY 7        transaction id
 *   RELAY-FORW 12                        RELAY-REPL 13  hop count, link and peer address
 * Identifiers and relay options are the caller's job. A SOLICIT with Rapid Commit is answered
 * by setting MessageType to 7 afterwards.
 *   pRequest      the request; cbRequest is its length. May be the same buffer as the reply.
 *   pReply        the reply; cbReply is the size of its buffer.
 *   pcbReplyUsed  receives the length of the header, 4 or 34.
 * Errors
 *   ERROR_INVALID_DATA (13)          shorter than its header, or of another type.
 *   ERROR_INVALID_PARAMETER (87)     NULL argument.
 *   ERROR_INSUFFICIENT_BUFFER (122)  cbReply is smaller than the header.
 */
DWORD PXEAPI PxeDhcpv6Initialize(_In_reads_bytes_(cbRequest) PVOID pRequest, _In_ ULONG cbRequest,
                                 _Inout_updates_bytes_(cbReply) PVOID pReply, _In_ ULONG cbReply,
                                 _Out_ PULONG pcbReplyUsed);

/*
 * Appends an option.
 *   pReply        the reply; cbReply is the size of its buffer.
 *   pcbReplyUsed  in: length so far, at least the header; out: new length.
 *   wOptionType   code.
 *   cbOption      bytes in pOption; may be 0.
 *   pOption       the data; may be NULL if cbOption is 0.
 * Errors: nothing is changed.
 *   ERROR_INVALID_PARAMETER (87)     reply or length NULL; data NULL with a length; length below
 *                                    the header or above cbReply.
 *   ERROR_INSUFFICIENT_BUFFER (122)  it does not fit.
 */
DWORD PXEAPI PxeDhcpv6AppendOption(_Inout_updates_bytes_(cbReply) PVOID pReply, _In_ ULONG cbReply,
                                   _Inout_ PULONG pcbReplyUsed, _In_ WORD wOptionType,
                                   _In_ WORD cbOption,
                                   _In_reads_bytes_opt_(cbOption) PVOID pOption);

/*
 * Appends bytes that already are options, with code and length; they are not looked at.
 *   cbBuffer  bytes in pBuffer; 0 succeeds and changes nothing.
 *   pBuffer   the bytes; may be NULL if cbBuffer is 0.
 * The other parameters and the errors are those of PxeDhcpv6AppendOption.
 */
DWORD PXEAPI PxeDhcpv6AppendOptionRaw(_Inout_updates_bytes_(cbReply) PVOID pReply,
                                      _In_ ULONG cbReply, _Inout_ PULONG pcbReplyUsed,
                                      _In_ USHORT cbBuffer,
                                      _In_reads_bytes_opt_(cbBuffer) PVOID pBuffer);

/*
 * Is this a well-formed DHCPv6 packet? Tested are: the header is complete; the type fits the
 * direction; the options end exactly at the end of the packet; relay messages: hop count at most 32
 * and a non-empty OPTION_RELAY_MSG.
 *   bRequestPacket      TRUE: a client's or relay's (types 1, 3 to 6, 8, 9, 11, 12);
 *                       FALSE: a server's (2, 7, 10, 13).
 *   pbPxeOptionPresent  may be NULL; receives TRUE if a class in OPTION_VENDOR_CLASS (16) starts
 *                       with "PXEClient"; for RELAY-FORW the innermost message counts.
 * Errors
 *   ERROR_INVALID_DATA (13)       a test failed; *pbPxeOptionPresent is FALSE.
 *   ERROR_INVALID_PARAMETER (87)  NULL packet; *pbPxeOptionPresent is FALSE.
 */
DWORD PXEAPI PxeDhcpv6IsValid(_In_reads_bytes_(uPacketLen) PVOID pPacket, _In_ ULONG uPacketLen,
                              _In_ BOOL bRequestPacket, _Out_opt_ PBOOL pbPxeOptionPresent);

/*
 * Finds an option of the outer message; nested messages and options are not searched.
 *   uInstance      which occurrence of the code; the first one is 1.
 *   wOption        code.
 *   pwOptionLen    may be NULL; receives the length of the data in bytes.
 *   ppOptionValue  may be NULL; receives a pointer into pPacket: nothing to free.
 * Errors
 *   ERROR_FILE_NOT_FOUND (2)      no such occurrence before the end of the packet or before an
 *                                 option that runs over it.
 *   ERROR_INVALID_DATA (13)       shorter than the header. Nothing else is tested.
 *   ERROR_INVALID_PARAMETER (87)  NULL packet, instance 0.
 */
DWORD PXEAPI PxeDhcpv6GetOptionValue(_In_reads_bytes_(uPacketLen) PVOID pPacket,
                                     _In_ ULONG uPacketLen, _In_ ULONG uInstance, _In_ WORD wOption,
                                     _Out_opt_ PWORD pwOptionLen,
                                     _Outptr_opt_ PVOID *ppOptionValue);

/*
 * Finds a sub-option inside OPTION_VENDOR_OPTS (17). Occurrences are counted through all options 17
 * of that enterprise.
 *   dwEnterpriseNumber  IANA enterprise number, host byte order; UEFI's PXE clients use 343.
 *   wOption             code of the sub-option.
 *   uInstance           which occurrence; the first one is 1. Mind the order of these two.
 * The other parameters and the errors are those of PxeDhcpv6GetOptionValue.
 */
DWORD PXEAPI PxeDhcpv6GetVendorOptionValue(_In_reads_bytes_(uPacketLen) PVOID pPacket,
                                           _In_ ULONG uPacketLen, _In_ DWORD dwEnterpriseNumber,
                                           _In_ WORD wOption, _In_ ULONG uInstance,
                                           _Out_opt_ PWORD pwOptionLen,
                                           _Outptr_opt_ PVOID *ppOptionValue);

/*
 * Takes a RELAY-FORW message apart, down to the client's own message. The first OPTION_RELAY_MSG
 * and the first OPTION_INTERFACE_ID of each layer count.
 *   pRelayForwPacket  the received packet; uRelayForwPacketLen is its length.
 *   pRelayMessages    array that receives the layers: element 0 is the outermost message itself.
 *   nRelayMessages    its elements; PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT are always enough.
 *   pnRelayMessages   receives the number of layers.
 *   ppInnerPacket     receives the innermost message, a pointer into the packet.
 *   pcbInnerPacket    receives its length in bytes.
 * Errors: the array's contents are undefined then.
 *   ERROR_INVALID_DATA (13)          not a RELAY-FORW; OPTION_RELAY_MSG missing; broken options;
 *                                    more than 32 layers or a hop count above 32; innermost
 *                                    message shorter than 4 bytes or a RELAY-REPL.
 *   ERROR_INVALID_PARAMETER (87)     NULL argument.
 *   ERROR_INSUFFICIENT_BUFFER (122)  more layers than array elements.
 */
DWORD PXEAPI PxeDhcpv6ParseRelayForw(_In_reads_bytes_(uRelayForwPacketLen) PVOID pRelayForwPacket,
                                     _In_ ULONG uRelayForwPacketLen,
                                     _Out_writes_to_(nRelayMessages, *pnRelayMessages)
                                         PPXE_DHCPV6_NESTED_RELAY_MESSAGE pRelayMessages,
                                     _In_ ULONG nRelayMessages, _Out_ PULONG pnRelayMessages,
                                     _Outptr_ PBYTE *ppInnerPacket, _Out_ PULONG pcbInnerPacket);

/*
 * Wraps the answer to a relayed message into RELAY-REPL layers, the way back of
 * PxeDhcpv6ParseRelayForw. Each layer gets hop count, link and peer address and, if there was one,
 * the Interface-Id of its counterpart; other relay options are not echoed.
 *   pRelayMessages  the layers as parsed; the packet they point into must still be there.
 *   nRelayMessages  number of layers.
 *   pInnerPacket    the answer to the innermost message; cbInnerPacket is its length.
 *   pReplyBuffer    receives the whole packet; must not overlap the inputs.
 *   cbReplyBuffer   its size: answer + 38 per layer + 4 and the data per Interface-Id.
 *   pcbReplyBuffer  receives the length.
 * Errors
 *   ERROR_INVALID_PARAMETER (87)     NULL argument or element, no layer, empty answer, a layer
 *                                    longer than 65535 bytes.
 *   ERROR_INSUFFICIENT_BUFFER (122)  cbReplyBuffer is too small.
 */
DWORD PXEAPI PxeDhcpv6CreateRelayRepl(_In_reads_(nRelayMessages)
                                          PPXE_DHCPV6_NESTED_RELAY_MESSAGE pRelayMessages,
                                      _In_ ULONG nRelayMessages,
                                      _In_reads_bytes_(cbInnerPacket) PBYTE pInnerPacket,
                                      _In_ ULONG cbInnerPacket,
                                      _Out_writes_bytes_to_(cbReplyBuffer, *pcbReplyBuffer)
                                          PVOID pReplyBuffer,
                                      _In_ ULONG cbReplyBuffer, _Out_ PULONG pcbReplyBuffer);

/* ---- C++ conveniences -------------------------------------------------------------------------
 *
 * The published prototypes say PVOID where a function or constant data is meant. MSVC converts
 * both silently, standard C++ does not. These inline overloads only cast. They are templates
 * so that NULL and nullptr still find the published function.
 */
#if defined(__cplusplus) && !defined(WDSPXE_NO_CXX_OVERLOADS)
extern "C++" {

#ifndef _MSC_VER /* does it by itself */
template <typename Result, typename... Args>
inline DWORD PxeRegisterCallback(HANDLE hProvider, PXE_CALLBACK_TYPE CallbackType,
                                 Result(PXEAPI *pCallbackFunction)(Args...), PVOID pContext)
{
    return PxeRegisterCallback(hProvider, CallbackType, reinterpret_cast<PVOID>(pCallbackFunction),
                               pContext);
}
#endif

template <typename Data>
inline DWORD PxeProviderSetAttribute(HANDLE hProvider, PXE_PROVIDER_ATTRIBUTE Attribute,
                                     const Data *pParameterBuffer, ULONG uParamLen)
{
    return PxeProviderSetAttribute(hProvider, Attribute,
                                   const_cast<PVOID>(static_cast<const void *>(pParameterBuffer)),
                                   uParamLen);
}

template <typename Data>
inline DWORD PxeDhcpAppendOption(PVOID pReplyPacket, ULONG uMaxReplyPacketLen,
                                 PULONG puReplyPacketLen, BYTE bOption, BYTE bOptionLen,
                                 const Data *pValue)
{
    return PxeDhcpAppendOption(pReplyPacket, uMaxReplyPacketLen, puReplyPacketLen, bOption,
                               bOptionLen, const_cast<PVOID>(static_cast<const void *>(pValue)));
}

template <typename Data>
inline DWORD PxeDhcpAppendOptionRaw(PVOID pReplyPacket, ULONG uMaxReplyPacketLen,
                                    PULONG puReplyPacketLen, USHORT uBufferLen, const Data *pBuffer)
{
    return PxeDhcpAppendOptionRaw(pReplyPacket, uMaxReplyPacketLen, puReplyPacketLen, uBufferLen,
                                  const_cast<PVOID>(static_cast<const void *>(pBuffer)));
}

template <typename Data>
inline DWORD PxeDhcpv6AppendOption(PVOID pReply, ULONG cbReply, PULONG pcbReplyUsed,
                                   WORD wOptionType, WORD cbOption, const Data *pOption)
{
    return PxeDhcpv6AppendOption(pReply, cbReply, pcbReplyUsed, wOptionType, cbOption,
                                 const_cast<PVOID>(static_cast<const void *>(pOption)));
}

template <typename Data>
inline DWORD PxeDhcpv6AppendOptionRaw(PVOID pReply, ULONG cbReply, PULONG pcbReplyUsed,
                                      USHORT cbBuffer, const Data *pBuffer)
{
    return PxeDhcpv6AppendOptionRaw(pReply, cbReply, pcbReplyUsed, cbBuffer,
                                    const_cast<PVOID>(static_cast<const void *>(pBuffer)));
}

/*
 * The readers, for packets that are const. What they find is in the packet, and not const, as the
 * published functions have it: the caller keeps the promise.
 */
template <typename Data>
inline DWORD PxeDhcpInitialize(const Data *pRecvPacket, ULONG uRecvPacketLen, PVOID pReplyPacket,
                               ULONG uMaxReplyPacketLen, PULONG puReplyPacketLen)
{
    return PxeDhcpInitialize(const_cast<PVOID>(static_cast<const void *>(pRecvPacket)),
                             uRecvPacketLen, pReplyPacket, uMaxReplyPacketLen, puReplyPacketLen);
}

template <typename Data>
inline DWORD PxeDhcpIsValid(const Data *pPacket, ULONG uPacketLen, BOOL bRequestPacket,
                            PBOOL pbPxeOptionPresent)
{
    return PxeDhcpIsValid(const_cast<PVOID>(static_cast<const void *>(pPacket)), uPacketLen,
                          bRequestPacket, pbPxeOptionPresent);
}

template <typename Data>
inline DWORD PxeDhcpGetOptionValue(const Data *pPacket, ULONG uPacketLen, ULONG uInstance,
                                   BYTE bOption, PBYTE pbOptionLen, PVOID *ppOptionValue)
{
    return PxeDhcpGetOptionValue(const_cast<PVOID>(static_cast<const void *>(pPacket)), uPacketLen,
                                 uInstance, bOption, pbOptionLen, ppOptionValue);
}

template <typename Data>
inline DWORD PxeDhcpGetVendorOptionValue(const Data *pPacket, ULONG uPacketLen, BYTE bOption,
                                         ULONG uInstance, PBYTE pbOptionLen, PVOID *ppOptionValue)
{
    return PxeDhcpGetVendorOptionValue(const_cast<PVOID>(static_cast<const void *>(pPacket)),
                                       uPacketLen, bOption, uInstance, pbOptionLen, ppOptionValue);
}

template <typename Data>
inline DWORD PxeDhcpv6Initialize(const Data *pRequest, ULONG cbRequest, PVOID pReply, ULONG cbReply,
                                 PULONG pcbReplyUsed)
{
    return PxeDhcpv6Initialize(const_cast<PVOID>(static_cast<const void *>(pRequest)), cbRequest,
                               pReply, cbReply, pcbReplyUsed);
}

template <typename Data>
inline DWORD PxeDhcpv6IsValid(const Data *pPacket, ULONG uPacketLen, BOOL bRequestPacket,
                              PBOOL pbPxeOptionPresent)
{
    return PxeDhcpv6IsValid(const_cast<PVOID>(static_cast<const void *>(pPacket)), uPacketLen,
                            bRequestPacket, pbPxeOptionPresent);
}

template <typename Data>
inline DWORD PxeDhcpv6GetOptionValue(const Data *pPacket, ULONG uPacketLen, ULONG uInstance,
                                     WORD wOption, PWORD pwOptionLen, PVOID *ppOptionValue)
{
    return PxeDhcpv6GetOptionValue(const_cast<PVOID>(static_cast<const void *>(pPacket)),
                                   uPacketLen, uInstance, wOption, pwOptionLen, ppOptionValue);
}

template <typename Data>
inline DWORD PxeDhcpv6GetVendorOptionValue(const Data *pPacket, ULONG uPacketLen,
                                           DWORD dwEnterpriseNumber, WORD wOption, ULONG uInstance,
                                           PWORD pwOptionLen, PVOID *ppOptionValue)
{
    return PxeDhcpv6GetVendorOptionValue(const_cast<PVOID>(static_cast<const void *>(pPacket)),
                                         uPacketLen, dwEnterpriseNumber, wOption, uInstance,
                                         pwOptionLen, ppOptionValue);
}

template <typename Data>
inline DWORD PxeDhcpv6ParseRelayForw(const Data *pRelayForwPacket, ULONG uRelayForwPacketLen,
                                     PPXE_DHCPV6_NESTED_RELAY_MESSAGE pRelayMessages,
                                     ULONG nRelayMessages, PULONG pnRelayMessages,
                                     PBYTE *ppInnerPacket, PULONG pcbInnerPacket)
{
    return PxeDhcpv6ParseRelayForw(const_cast<PVOID>(static_cast<const void *>(pRelayForwPacket)),
                                   uRelayForwPacketLen, pRelayMessages, nRelayMessages,
                                   pnRelayMessages, ppInnerPacket, pcbInnerPacket);
}

} /* extern "C++" */
#endif

#ifdef __cplusplus
} /* extern "C" */
#endif

/* ---- Layout, checked at compile time: two numbers are x86 and 64 bit ---- */

#if defined(__cplusplus)
#define WDSPXE_ASSERT(expression) static_assert(expression, #expression)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define WDSPXE_ASSERT(expression) _Static_assert(expression, #expression)
#else
#define WDSPXE_ASSERT(expression) extern char wdspxe_assert[(expression) ? 1 : -1]
#endif
#define WDSPXE_AT(type, member, offset) WDSPXE_ASSERT(offsetof(type, member) == (offset))
#define WDSPXE_SIZE(type, size) WDSPXE_ASSERT(sizeof(type) == (size))
#define WDSPXE_BY_WIDTH(x86, x64) (sizeof(void *) == 8 ? (x64) : (x86))

WDSPXE_AT(PXE_DHCP_OPTION, OptionType, 0);
WDSPXE_AT(PXE_DHCP_OPTION, OptionLength, 1);
WDSPXE_AT(PXE_DHCP_OPTION, OptionValue, 2);
WDSPXE_SIZE(PXE_DHCP_OPTION, 3);

WDSPXE_AT(PXE_DHCP_MESSAGE, Operation, 0);
WDSPXE_AT(PXE_DHCP_MESSAGE, HardwareAddressType, 1);
WDSPXE_AT(PXE_DHCP_MESSAGE, HardwareAddressLength, 2);
WDSPXE_AT(PXE_DHCP_MESSAGE, HopCount, 3);
WDSPXE_AT(PXE_DHCP_MESSAGE, TransactionID, 4);
WDSPXE_AT(PXE_DHCP_MESSAGE, SecondsSinceBoot, 8);
WDSPXE_AT(PXE_DHCP_MESSAGE, Reserved, 10);
WDSPXE_AT(PXE_DHCP_MESSAGE, ClientIpAddress, 12);
WDSPXE_AT(PXE_DHCP_MESSAGE, YourIpAddress, 16);
WDSPXE_AT(PXE_DHCP_MESSAGE, BootstrapServerAddress, 20);
WDSPXE_AT(PXE_DHCP_MESSAGE, RelayAgentIpAddress, 24);
WDSPXE_AT(PXE_DHCP_MESSAGE, HardwareAddress, 28);
WDSPXE_AT(PXE_DHCP_MESSAGE, HostName, 44);
WDSPXE_AT(PXE_DHCP_MESSAGE, BootFileName, 108);
WDSPXE_AT(PXE_DHCP_MESSAGE, bMagicCookie, 236);
WDSPXE_AT(PXE_DHCP_MESSAGE, uMagicCookie, 236);
WDSPXE_AT(PXE_DHCP_MESSAGE, Option, 240);
WDSPXE_SIZE(PXE_DHCP_MESSAGE, 243);

WDSPXE_AT(PXE_DHCPV6_OPTION, OptionCode, 0);
WDSPXE_AT(PXE_DHCPV6_OPTION, DataLength, 2);
WDSPXE_AT(PXE_DHCPV6_OPTION, Data, 4);
WDSPXE_SIZE(PXE_DHCPV6_OPTION, 5);

WDSPXE_AT(PXE_DHCPV6_MESSAGE_HEADER, MessageType, 0);
WDSPXE_AT(PXE_DHCPV6_MESSAGE_HEADER, Message, 1);
WDSPXE_SIZE(PXE_DHCPV6_MESSAGE_HEADER, 2);

WDSPXE_AT(PXE_DHCPV6_MESSAGE, MessageType, 0);
WDSPXE_AT(PXE_DHCPV6_MESSAGE, TransactionIDByte1, 1);
WDSPXE_AT(PXE_DHCPV6_MESSAGE, TransactionIDByte2, 2);
WDSPXE_AT(PXE_DHCPV6_MESSAGE, TransactionIDByte3, 3);
WDSPXE_AT(PXE_DHCPV6_MESSAGE, Options, 4);
WDSPXE_SIZE(PXE_DHCPV6_MESSAGE, 9);

WDSPXE_AT(PXE_DHCPV6_RELAY_MESSAGE, MessageType, 0);
WDSPXE_AT(PXE_DHCPV6_RELAY_MESSAGE, HopCount, 1);
WDSPXE_AT(PXE_DHCPV6_RELAY_MESSAGE, LinkAddress, 2);
WDSPXE_AT(PXE_DHCPV6_RELAY_MESSAGE, PeerAddress, 18);
WDSPXE_AT(PXE_DHCPV6_RELAY_MESSAGE, Options, 34);
WDSPXE_SIZE(PXE_DHCPV6_RELAY_MESSAGE, 39);

WDSPXE_AT(PXE_ADDRESS, uFlags, 0);
WDSPXE_AT(PXE_ADDRESS, bAddress, 4);
WDSPXE_AT(PXE_ADDRESS, uIpAddress, 4);
WDSPXE_AT(PXE_ADDRESS, uAddrLen, 20);
WDSPXE_AT(PXE_ADDRESS, uPort, 24);
WDSPXE_SIZE(PXE_ADDRESS, 28);

WDSPXE_AT(PXE_PROVIDER, uSizeOfStruct, 0);
WDSPXE_AT(PXE_PROVIDER, pwszName, WDSPXE_BY_WIDTH(4, 8));
WDSPXE_AT(PXE_PROVIDER, pwszFilePath, WDSPXE_BY_WIDTH(8, 16));
WDSPXE_AT(PXE_PROVIDER, bIsCritical, WDSPXE_BY_WIDTH(12, 24));
WDSPXE_AT(PXE_PROVIDER, uIndex, WDSPXE_BY_WIDTH(16, 28));
WDSPXE_SIZE(PXE_PROVIDER, WDSPXE_BY_WIDTH(20, 32));

WDSPXE_AT(PXE_DHCPV6_NESTED_RELAY_MESSAGE, pRelayMessage, 0);
WDSPXE_AT(PXE_DHCPV6_NESTED_RELAY_MESSAGE, cbRelayMessage, WDSPXE_BY_WIDTH(4, 8));
WDSPXE_AT(PXE_DHCPV6_NESTED_RELAY_MESSAGE, pInterfaceIdOption, WDSPXE_BY_WIDTH(8, 16));
WDSPXE_AT(PXE_DHCPV6_NESTED_RELAY_MESSAGE, cbInterfaceIdOption, WDSPXE_BY_WIDTH(12, 24));
WDSPXE_SIZE(PXE_DHCPV6_NESTED_RELAY_MESSAGE, WDSPXE_BY_WIDTH(16, 32));

#undef WDSPXE_ASSERT
#undef WDSPXE_AT
#undef WDSPXE_SIZE
#undef WDSPXE_BY_WIDTH

#endif /* WDSPXE_H */
