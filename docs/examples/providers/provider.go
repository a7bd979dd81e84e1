// A provider in Go: the boot file follows from the architecture that the client names.
//
// Go's runtime cannot be unloaded, and the server unloads a provider when it stops: so the DLL pins itself. A
// request runs on the server's thread, into Go and back.
package main

/*
#include "wdspxe.h"

#define REPLY_SIZE 400

// Go's callbacks, as C sees them.
DWORD PXEAPI providerReceive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local, PXE_ADDRESS *remote,
                             PXE_BOOT_ACTION *action, PVOID context);
DWORD PXEAPI providerStop(PVOID context);

static DWORD provider_open(HANDLE provider)
{
	ULONG filter = PXE_PROV_FILTER_PXE_ONLY;
	HMODULE module;
	DWORD error;

	if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
	                        (LPCWSTR)(void *)providerStop, &module))
		return GetLastError();
	error = PxeProviderSetAttribute(provider, PXE_PROV_ATTR_FILTER, &filter, sizeof(filter));
	if (error == ERROR_SUCCESS)
		error = PxeRegisterCallback(provider, PXE_CALLBACK_RECV_REQUEST, (PVOID)providerReceive, NULL);
	if (error == ERROR_SUCCESS)
		error = PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, (PVOID)providerStop, NULL);
	return error;
}

// An unnamed union is beyond Go.
static PVOID address_bytes(PXE_ADDRESS *address)
{
	return address->bAddress;
}

// PxeTrace is variadic, which is beyond Go as well.
static void provider_trace(HANDLE provider, DWORD error)
{
	PxeTrace(provider, PXE_TRACE_ERROR, L"no reply: error %u", error);
}
*/
import "C"

import "unsafe"

const (
	discover = 1
	offer    = 2
	request  = 3
	ack      = 5
	inform   = 8
)

var provider C.HANDLE

// One received message. The bytes are C's, and valid as long as the receive callback.
type message struct {
	handle C.HANDLE
	packet C.PVOID
	length C.ULONG
	local  *C.PXE_ADDRESS
}

// The value of a DHCP option; nil if the message does not have it.
func (m *message) option(code byte) []byte {
	var size C.BYTE
	var value C.PVOID
	if C.PxeDhcpGetOptionValue(m.packet, m.length, 1, C.BYTE(code), &size, &value) != C.ERROR_SUCCESS {
		return nil
	}
	return C.GoBytes(unsafe.Pointer(value), C.int(size))
}

// 0: not for a boot server. A REQUEST to port 67 is for the DHCP server.
func (m *message) replyType() byte {
	kind := m.option(53)
	switch {
	case len(kind) != 1:
		return 0
	case kind[0] == discover:
		return offer
	case (kind[0] == request || kind[0] == inform) && m.local.uPort != C.PXE_DHCP_SERVER_PORT:
		return ack
	}
	return 0
}

// The first architecture of option 93; a client without it is a BIOS.
func (m *message) bootFile() string {
	architecture := m.option(93)
	if len(architecture) < 2 {
		return "go/bios.0"
	}
	switch int(architecture[0])<<8 | int(architecture[1]) {
	case 0:
		return "go/bios.0"
	case 7, 9:
		return "go/x64.efi"
	case 11:
		return "go/arm64.efi"
	}
	return ""
}

// Fills the reply, and tells how long it is.
func (m *message) fill(reply C.PVOID, kind byte, file string) (C.ULONG, C.DWORD) {
	var used C.ULONG
	if failed := C.PxeDhcpInitialize(m.packet, m.length, reply, C.REPLY_SIZE, &used); failed != C.ERROR_SUCCESS {
		return 0, failed
	}
	server := C.GoBytes(unsafe.Pointer(C.address_bytes(m.local)), 4)
	fields := (*C.PXE_DHCP_MESSAGE)(reply)
	copy((*[4]byte)(unsafe.Pointer(&fields.BootstrapServerAddress))[:], server)
	copy((*[C.PXE_DHCP_FILE_SIZE]byte)(unsafe.Pointer(&fields.BootFileName))[:], file)
	options := []struct {
		code  byte
		value []byte
	}{{53, []byte{kind}}, {54, server}, {60, []byte("PXEClient")}, {255, nil}}
	for _, option := range options {
		value := C.CBytes(option.value)
		failed := C.PxeDhcpAppendOption(reply, C.REPLY_SIZE, &used, C.BYTE(option.code),
			C.BYTE(len(option.value)), C.PVOID(value))
		C.free(value)
		if failed != C.ERROR_SUCCESS {
			return 0, failed
		}
	}
	return used, C.ERROR_SUCCESS
}

// true: the client was answered. false: the next provider may.
func (m *message) answer() (bool, C.DWORD) {
	kind, file := m.replyType(), m.bootFile()
	if kind == 0 || file == "" {
		return false, C.ERROR_SUCCESS
	}
	reply := C.PxePacketAllocate(provider, m.handle, C.REPLY_SIZE)
	if reply == nil {
		return false, C.ERROR_NOT_ENOUGH_MEMORY
	}
	defer C.PxePacketFree(provider, m.handle, reply)
	used, failed := m.fill(reply, kind, file)
	if failed == C.ERROR_SUCCESS {
		to := C.PXE_ADDRESS{uFlags: C.PXE_ADDR_USE_DHCP_RULES}
		failed = C.PxeSendReply(m.handle, reply, used, &to)
	}
	return failed == C.ERROR_SUCCESS, failed
}

//export providerReceive
func providerReceive(handle C.HANDLE, packet C.PVOID, length C.ULONG, local, remote *C.PXE_ADDRESS,
	action *C.PXE_BOOT_ACTION, context C.PVOID) C.DWORD {
	// A panic must not leave the callback: the request goes to the next provider.
	defer func() {
		if recover() != nil {
			C.provider_trace(provider, C.ERROR_INTERNAL_ERROR)
		}
	}()
	m := message{handle, packet, length, local}
	answered, failed := m.answer()
	if answered {
		*action = C.PXE_BA_NBP
	} else if failed != C.ERROR_SUCCESS {
		C.provider_trace(provider, failed)
	}
	return C.ERROR_SUCCESS
}

//export providerStop
func providerStop(context C.PVOID) C.DWORD {
	return C.ERROR_SUCCESS
}

//export PxeProviderInitialize
func PxeProviderInitialize(handle C.HANDLE, key C.HKEY) C.DWORD {
	provider = handle
	return C.provider_open(handle)
}

func main() {}
