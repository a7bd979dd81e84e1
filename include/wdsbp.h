/*
 * wdsbp.h - programming interface of the packet options of Windows' network boot programs.
 *
 * This header declares the whole published interface of wdsbp.dll: seven functions and the
 * constants that go with them. It was written from public documentation and published facts, and is
 * binary compatible with the original. Where the public documentation is silent, the comments below
 * say what *this* implementation does; docs/behaviour-wdsbp.md lists every such decision.
 *
 * What it is for
 *   Read   A boot program such as wdsnbp.com reports about itself in private options of its DHCP
 *          request. WdsBpParseInitialize (IPv6: WdsBpParseInitializev6) takes the received packet,
 *          WdsBpQueryOption reads the options, WdsBpCloseHandle ends it.
 *   Build  WdsBpInitialize begins, WdsBpAddOption adds values, WdsBpGetOptionBuffer returns them as
 *          encoded DHCP options, which PxeDhcpAppendOptionRaw (IPv6: PxeDhcpv6AppendOptionRaw) adds
 *          to the reply; WdsBpCloseHandle ends it. The End option of the packet is not included.
 *
 * Where the options are in a packet
 *   IPv4  Those of packet type WDSNBP are sub-options in DHCP option 250, ended by a byte 255. The
 *         path of the boot configuration (BCD) is DHCP option 252.
 *   IPv6  Each is a DHCPv6 option of its own, 50001 to 50018. When a packet is read, they are also
 *         found in OPTION_VENDOR_OPTS (17) of enterprise 311.
 *
 * Rules that hold for every function, unless its own comment says otherwise
 *   Result      ERROR_SUCCESS (0) or a Win32 error code, never an HRESULT. The last error is not
 *               set.
 *   Numbers     given as arguments or inside values (WDSBP_OPT_TYPE_USHORT and _ULONG) are in host
 *               byte order, and are converted. Address bytes are in network byte order everywhere.
 *   Lengths     are bytes.
 *   Strings     are 8-bit characters, passed through unchanged; their code page is the provider's
 *               business (file names: ANSI). Every encoded string ends in exactly one zero byte.
 *   Ownership   of nothing passes to the DLL: packets and values are copied during the call.
 *   Handles     are numbers, not pointers: a stale, foreign or invented one is found out, as is one
 *               of the wrong kind, and gives ERROR_INVALID_HANDLE (6).
 *   Threads     any function may be called from any thread, also with the same handle.
 *   Alignment   packets, values and buffers may start at any address.
 *
 * Compilers: C11 and C++11 or later with GCC, Clang (MinGW-w64 targets) and MSVC; x86, x64, ARM64.
 * Under C++ a few inline overloads are added at the end, so that constant data can be passed
 * without a cast. Define WDSBP_NO_CXX_OVERLOADS before inclusion to leave them out.
 */
#ifndef WDSBP_H
#define WDSBP_H

/*
 * MinGW-w64 ships an incomplete header of the same name: without the options, without IPv6, and
 * with results declared as HRESULT. Its guard is taken here so that it stays out afterwards.
 */
#ifdef _INC_WDSBP
#error "another wdsbp.h (MinGW-w64's?) was included first: put this one first in the include path"
#endif
#define _INC_WDSBP

#include <windows.h>

#include <sal.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calling convention of all functions. Names are exported undecorated on every architecture. */
#define WDSBPAPI __stdcall

/* ---- Packet types -------------------------------------------------------------------------------
 *
 * Flags in one BYTE. A parsed packet has DHCP or DHCPV6, never both, and possibly others:
 *   DHCP    a DHCPv4 packet.
 *   WDSNBP  from a boot program of ours: it carries its private options. When absent, the client
 *           is of another kind, which is no error. IPv4: option 250 holds a complete sub-option,
 *           and option 60 starts with "PXEClient". IPv6: any of the options 50001 to 50018 exists.
 *   BCD     carries the path of a boot configuration. IPv4: option 252 exists and is not empty
 *           (elsewhere 252 is also used for proxy configuration: the content is not judged).
 *   DHCPV6  a DHCPv6 packet.
 * WdsBpInitialize takes WDSNBP, BCD, WDSNBP | BCD, or DHCPV6 alone.
 */
#define WDSBP_PK_TYPE_DHCP 1
#define WDSBP_PK_TYPE_WDSNBP 2
#define WDSBP_PK_TYPE_BCD 4
#define WDSBP_PK_TYPE_DHCPV6 8

/* True if all flags of `type` are set in `value`. */
#define WDSBP_IS_PK_TYPE(value, type) (((value) & (type)) == (type))

/* ---- Value types --------------------------------------------------------------------------------
 *
 * What a value looks like to the caller, and how many bytes it has.
 */
#define WDSBP_OPT_TYPE_NONE 0   /* 0: the option has no value, it is there or not */
#define WDSBP_OPT_TYPE_BYTE 1   /* 1 */
#define WDSBP_OPT_TYPE_USHORT 2 /* 2: USHORT, host byte order */
#define WDSBP_OPT_TYPE_ULONG 3  /* 4: ULONG, host byte order */
#define WDSBP_OPT_TYPE_WSTR 4   /* no option has it: it is refused */
#define WDSBP_OPT_TYPE_STR 5    /* any number: 8-bit characters */
#define WDSBP_OPT_TYPE_IP4 6    /* 4: IPv4 address, network byte order */
#define WDSBP_OPT_TYPE_IP6 7    /* 16: IPv6 address, network byte order */

/* ---- Options ------------------------------------------------------------------------------------
 *
 * An option is named by one ULONG: its number on the wire (16 bits), packet type and value type (8
 * bits each), from high to low. The macro's arguments are in the published order, which is another.
 * "Client" is the boot program, "server" the provider.
 */
#define WDSBP_MAKE_OPTION(packetType, valueType, id)                                               \
    (((ULONG)(id) << 16) | ((ULONG)(packetType) << 8) | (ULONG)(valueType))

/* Sub-options of DHCP option 250. Client: its processor; 7 is x64 (UEFI), 6 x64 (wdsnbp.com). */
#define WDSBP_OPT_ARCHITECTURE WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_USHORT, 1)
/* Server: what to do, WDSBP_OPTVAL_ACTION_... */
#define WDSBP_OPT_NEXT_ACTION WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_BYTE, 2)
/* Server: seconds between two requests while the client waits for approval. */
#define WDSBP_OPT_POLL_INTERVAL WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_USHORT, 3)
/* Server: how often it asks before it gives up. */
#define WDSBP_OPT_POLL_RETRY_COUNT WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_USHORT, 4)
/* Both: number of the pending request; the client returns what it was given. */
#define WDSBP_OPT_REQUEST_ID WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_ULONG, 5)
/* Server: text for the user of a client that waits. */
#define WDSBP_OPT_MESSAGE WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_STR, 6)
/* Client: asks for the server's version. */
#define WDSBP_OPT_VERSION_QUERY WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_NONE, 7)
/* Server: its version; the meaning of the bits is not published. */
#define WDSBP_OPT_SERVER_VERSION WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_ULONG, 8)
/* Server: the server to ask instead. */
#define WDSBP_OPT_REFERRAL_SERVER WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_IP4, 9)
/* Server: must the user press a key to boot? WDSBP_OPTVAL_PXE_PROMPT_... */
#define WDSBP_OPT_PXE_CLIENT_PROMPT WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_BYTE, 11)
/* Client: the user was asked. WDSBP_OPTVAL_PXE_PROMPT_...; 0 is also seen. */
#define WDSBP_OPT_PXE_PROMPT_DONE WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_BYTE, 12)
/* Client: version of the boot program, WDSBP_OPTVAL_NBP_VER_... */
#define WDSBP_OPT_NBP_VER WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_USHORT, 13)
/* Client: 1 if it carried out the last action, else 0. */
#define WDSBP_OPT_ACTION_DONE WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_BYTE, 14)
/* Server: 1 if the user may choose a server. */
#define WDSBP_OPT_ALLOW_SERVER_SELECTION                                                           \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_BYTE, 15)
/* Server: what it can do; the meaning of the bits is not published. Windows 8 and later. */
#define WDSBP_OPT_SERVER_FEATURES WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_WDSNBP, WDSBP_OPT_TYPE_ULONG, 16)

/* DHCP option 252. Server: path of the boot configuration, such as \Boot\x64\default.bcd. */
#define WDSBP_OPT_BCD_FILE_PATH WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_BCD, WDSBP_OPT_TYPE_STR, 252)

/*
 * DHCPv6 options, Windows 8 and later. The same in IPv6; an architecture option is missing because
 * PXE over IPv6 is UEFI only.
 */
#define WDSBP_OPTV6_NEXT_ACTION WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_BYTE, 50001)
#define WDSBP_OPTV6_POLL_INTERVAL                                                                  \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_USHORT, 50002)
#define WDSBP_OPTV6_POLL_RETRY_COUNT                                                               \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_USHORT, 50003)
#define WDSBP_OPTV6_REQUEST_ID WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_ULONG, 50004)
#define WDSBP_OPTV6_MESSAGE WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_STR, 50005)
#define WDSBP_OPTV6_VERSION_QUERY                                                                  \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_NONE, 50006)
#define WDSBP_OPTV6_SERVER_VERSION                                                                 \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_ULONG, 50007)
#define WDSBP_OPTV6_REFERRAL_SERVER                                                                \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_IP6, 50008)
#define WDSBP_OPTV6_PXE_CLIENT_PROMPT                                                              \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_BYTE, 50009)
#define WDSBP_OPTV6_PXE_PROMPT_DONE                                                                \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_BYTE, 50010)
#define WDSBP_OPTV6_NBP_VER WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_USHORT, 50011)
#define WDSBP_OPTV6_ACTION_DONE WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_BYTE, 50012)
#define WDSBP_OPTV6_ALLOW_SERVER_SELECTION                                                         \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_BYTE, 50013)
#define WDSBP_OPTV6_BCD_FILE_PATH WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_STR, 50014)
/* These three have no IPv4 counterpart: who answers, and where the boot program is. */
#define WDSBP_OPTV6_REPLYING_SERVER_NAME                                                           \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_STR, 50015)
#define WDSBP_OPTV6_REPLYING_SERVER_ADDRESS                                                        \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_IP6, 50016)
#define WDSBP_OPTV6_BOOT_PROGRAM_TFTP_PATH                                                         \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_STR, 50017)
#define WDSBP_OPTV6_SERVER_FEATURES                                                                \
    WDSBP_MAKE_OPTION(WDSBP_PK_TYPE_DHCPV6, WDSBP_OPT_TYPE_ULONG, 50018)

/* ---- Option values ---- */

/* NEXT_ACTION: wait for approval; ask another server; give up. */
#define WDSBP_OPTVAL_ACTION_APPROVAL 1
#define WDSBP_OPTVAL_ACTION_REFERRAL 3
#define WDSBP_OPTVAL_ACTION_ABORT 5

/* PXE_CLIENT_PROMPT, PXE_PROMPT_DONE: boot if a key is pressed; always; unless one is pressed. */
#define WDSBP_OPTVAL_PXE_PROMPT_OPTIN 1
#define WDSBP_OPTVAL_PXE_PROMPT_NOPROMPT 2
#define WDSBP_OPTVAL_PXE_PROMPT_OPTOUT 3

/* NBP_VER: Windows 7; Windows 8 and later. */
#define WDSBP_OPTVAL_NBP_VER_7 0x0700
#define WDSBP_OPTVAL_NBP_VER_8 0x0800

/* ---- Functions ---- */

/*
 * Takes a DHCPv4 packet for reading. What is broken in its options ends the reading there; what
 * stands before it counts. Several options 250 are joined (RFC 3396), up to 32 of them; of 252 the
 * first counts.
 *   pPacket        the packet as received from the client; copied.
 *   uPacketLen     its length.
 *   pbPacketType   may be NULL; receives WDSBP_PK_TYPE_...: DHCP, possibly with WDSNBP and BCD.
 *   phHandle       receives a handle for WdsBpQueryOption; the caller closes it.
 * Errors: *phHandle is set to NULL, *pbPacketType to 0.
 *   ERROR_NOT_ENOUGH_MEMORY (8)
 *   ERROR_INVALID_DATA (13)       shorter than 240 bytes, longer than 65535 bytes, no DHCP cookie,
 *                                 or op is neither 1 nor 2.
 *   ERROR_INVALID_PARAMETER (87)  pPacket or phHandle is NULL.
 */
DWORD WDSBPAPI WdsBpParseInitialize(_In_reads_bytes_(uPacketLen) PVOID pPacket,
                                    _In_ ULONG uPacketLen, _Out_opt_ PBYTE pbPacketType,
                                    _Out_ HANDLE *phHandle);

/*
 * The same for a DHCPv6 packet; Windows 8 and Server 2012 and later. Of a relayed packet
 * the innermost message is read.
 *   pbPacketType   may be NULL; receives DHCPV6, possibly with WDSNBP and BCD.
 * Errors: *phHandle is set to NULL, *pbPacketType to 0.
 *   ERROR_NOT_ENOUGH_MEMORY (8)
 *   ERROR_INVALID_DATA (13)       shorter than the fixed part (4 bytes; relay messages 34), longer
 *                                 than 65535 bytes, a relay message without a message inside, or
 *                                 more than 32 relays.
 *   ERROR_INVALID_PARAMETER (87)  pPacket or phHandle is NULL.
 */
DWORD WDSBPAPI WdsBpParseInitializev6(_In_reads_bytes_(uPacketLen) PVOID pPacket,
                                      _In_ ULONG uPacketLen, _Out_opt_ PBYTE pbPacketType,
                                      _Out_ HANDLE *phHandle);

/*
 * Begins the building of options.
 *   bPacketType  WDSBP_PK_TYPE_...: which options will be added.
 *                  WDSNBP  those for wdsnbp.com (IPv4, BIOS). WDSBP_OPT_BCD_FILE_PATH is
 *                          accepted as well.
 *                  BCD     WDSBP_OPT_BCD_FILE_PATH only; for any boot program.
 *                  DHCPV6  every IPv6 option.
 *                WDSNBP | BCD is the same as WDSNBP.
 *   phHandle     receives a handle for WdsBpAddOption and WdsBpGetOptionBuffer; the caller closes
 *                it.
 * Errors: *phHandle is set to NULL.
 *   ERROR_NOT_ENOUGH_MEMORY (8)
 *   ERROR_INVALID_PARAMETER (87)  any other packet type; phHandle is NULL.
 */
DWORD WDSBPAPI WdsBpInitialize(_In_ BYTE bPacketType, _Out_ HANDLE *phHandle);

/*
 * Ends reading or building and frees all that belongs to it.
 *   hHandle  from WdsBpParseInitialize, WdsBpParseInitializev6 or WdsBpInitialize. Calls that are
 *            still using it on another thread finish normally.
 * Errors
 *   ERROR_INVALID_HANDLE (6)  not a handle, or closed before.
 */
DWORD WDSBPAPI WdsBpCloseHandle(_In_ HANDLE hHandle);

/*
 * Reads an option of a parsed packet. If it occurs several times, the first counts.
 *   hHandle    from WdsBpParseInitialize or WdsBpParseInitializev6.
 *   uOption    WDSBP_OPT_... or WDSBP_OPTV6_..., or one made with WDSBP_MAKE_OPTION.
 *   uValueLen  size of the buffer; 0 with pValue NULL asks for the size.
 *   pValue     receives the value. Strings end in exactly one zero byte, also if the packet has
 *              none or several; the bytes behind the value stay as they were.
 *   puBytes    may be NULL; receives the length of the value, a string's zero byte included: bytes
 *              copied, or with ERROR_INSUFFICIENT_BUFFER bytes needed; 0 with codes 2 and 13.
 * An option of type NONE has no bytes: ERROR_SUCCESS says that it is there.
 * Errors: *pValue is not changed.
 *   ERROR_FILE_NOT_FOUND (2)         the packet does not have this option.
 *   ERROR_INVALID_HANDLE (6)         not a handle, or one from WdsBpInitialize.
 *   ERROR_INVALID_DATA (13)          the option in the packet has another size than its type.
 *   ERROR_INVALID_PARAMETER (87)     uOption is malformed, contradicts a published option's type,
 *                                    or is of the other address family; pValue is NULL, but
 *                                    uValueLen is not 0.
 *   ERROR_INSUFFICIENT_BUFFER (122)  uValueLen is too small; also the answer to asking the size.
 */
DWORD WDSBPAPI WdsBpQueryOption(_In_ HANDLE hHandle, _In_ ULONG uOption, _In_ ULONG uValueLen,
                                _Out_writes_bytes_opt_(uValueLen) PVOID pValue,
                                _Out_opt_ PULONG puBytes);

/*
 * Adds an option. If it was added before, its value is replaced and its place stays.
 *   hHandle    from WdsBpInitialize.
 *   uOption    WDSBP_OPT_... or WDSBP_OPTV6_..., or one made with WDSBP_MAKE_OPTION: sub-options 1
 *              to 254 of type WDSNBP, option 252 of type BCD, any number but 0 of type DHCPV6.
 *   uValueLen  length of the value: exactly that of its type; any for strings, with or without
 *              their zero byte.
 *   pValue     the value; copied. May be NULL if uValueLen is 0.
 * There is room for 254 bytes of WDSNBP options (2 and the value each), 254 characters of BCD path,
 * and 65535 bytes of DHCPv6 options (4 and the value each).
 * Errors: nothing is changed.
 *   ERROR_INVALID_HANDLE (6)       not a handle, or one of a parsed packet.
 *   ERROR_INVALID_PARAMETER (87)   uOption is malformed, contradicts a published option's type, or
 *                                  is not of the handle's packet type; wrong length; value NULL,
 *                                  but uValueLen is not 0.
 *   ERROR_BUFFER_OVERFLOW (111)    no room.
 */
DWORD WDSBPAPI WdsBpAddOption(_In_ HANDLE hHandle, _In_ ULONG uOption, _In_ ULONG uValueLen,
                              _In_reads_bytes_opt_(uValueLen) PVOID pValue);

/*
 * Returns all that was added, as complete DHCP options with code and length: option 250, then
 * option 252; or the DHCPv6 options in the order of adding. Changes nothing: more may be added, and
 * it may be called again.
 *   hHandle     from WdsBpInitialize.
 *   uBufferLen  size of the buffer; 0 with pBuffer NULL asks for the size.
 *   pBuffer     receives the options.
 *   puBytes     receives the length in bytes: copied, or with ERROR_INSUFFICIENT_BUFFER needed. It
 *               is 0 if nothing was added.
 * Errors: *pBuffer is not changed.
 *   ERROR_INVALID_HANDLE (6)         not a handle, or one of a parsed packet.
 *   ERROR_INVALID_PARAMETER (87)     puBytes is NULL; pBuffer is NULL, but uBufferLen is not 0.
 *   ERROR_INSUFFICIENT_BUFFER (122)  uBufferLen is too small; also the answer to asking the size.
 */
DWORD WDSBPAPI WdsBpGetOptionBuffer(_In_ HANDLE hHandle, _In_ ULONG uBufferLen,
                                    _Out_writes_bytes_to_opt_(uBufferLen, *puBytes) PVOID pBuffer,
                                    _Out_ PULONG puBytes);

/* ---- C++ conveniences -------------------------------------------------------------------------
 *
 * The published prototypes say PVOID where constant data is meant. These inline overloads only
 * cast. They are templates so that NULL and nullptr still find the published function.
 */
#if defined(__cplusplus) && !defined(WDSBP_NO_CXX_OVERLOADS)
extern "C++" {

template <typename Data>
inline DWORD WdsBpParseInitialize(const Data *pPacket, ULONG uPacketLen, PBYTE pbPacketType,
                                  HANDLE *phHandle)
{
    return WdsBpParseInitialize(const_cast<PVOID>(static_cast<const void *>(pPacket)), uPacketLen,
                                pbPacketType, phHandle);
}

template <typename Data>
inline DWORD WdsBpParseInitializev6(const Data *pPacket, ULONG uPacketLen, PBYTE pbPacketType,
                                    HANDLE *phHandle)
{
    return WdsBpParseInitializev6(const_cast<PVOID>(static_cast<const void *>(pPacket)), uPacketLen,
                                  pbPacketType, phHandle);
}

template <typename Data>
inline DWORD WdsBpAddOption(HANDLE hHandle, ULONG uOption, ULONG uValueLen, const Data *pValue)
{
    return WdsBpAddOption(hHandle, uOption, uValueLen,
                          const_cast<PVOID>(static_cast<const void *>(pValue)));
}

} /* extern "C++" */
#endif

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* WDSBP_H */
