// A provider in Rust, without a crate: the boot file follows from the architecture that the client names. What
// it needs of wdspxe.h is declared below, in `pxe`; `answer` is the provider itself, and has no unsafe code.
//
// A panic must not leave a callback: `receive` catches it, traces it, and leaves the request to the next provider.

use std::ffi::c_void;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicPtr, Ordering};

const ERROR_SUCCESS: u32 = 0;
const ERROR_NOT_ENOUGH_MEMORY: u32 = 8;

/// What of wdspxe.h is needed. Functions are `extern "system"`: __stdcall on x86.
mod pxe {
    use std::ffi::c_void;

    pub type Handle = *mut c_void;
    pub const BA_NBP: u32 = 1;
    pub const ADDR_USE_DHCP_RULES: u32 = 8;
    pub const CALLBACK_RECV_REQUEST: u32 = 0;
    pub const CALLBACK_SHUTDOWN: u32 = 1;
    pub const PROV_ATTR_FILTER: u32 = 0;
    pub const PROV_FILTER_PXE_ONLY: u32 = 2;
    pub const TRACE_ERROR: u32 = 0x0008_0000;
    pub const DHCP_SERVER_PORT: u16 = 67;

    // Offsets in PXE_DHCP_MESSAGE.
    pub const SIADDR: usize = 20;
    pub const FILE: usize = 108;
    pub const FILE_SIZE: usize = 128;

    #[repr(C)]
    #[derive(Clone, Copy, Default)]
    pub struct Address {
        pub flags: u32,
        pub address: [u32; 4], // a union of bytes and one ULONG, which aligns it
        pub length: u32,
        pub port: u16, // in host byte order
    }

    #[link(name = "wdspxe")]
    extern "system" {
        pub fn PxeRegisterCallback(provider: Handle, kind: u32, function: *const c_void, context: *mut c_void) -> u32;
        pub fn PxeProviderSetAttribute(provider: Handle, attribute: u32, value: *const c_void, size: u32) -> u32;
        pub fn PxePacketAllocate(provider: Handle, request: Handle, size: u32) -> *mut u8;
        pub fn PxePacketFree(provider: Handle, request: Handle, packet: *mut u8) -> u32;
        pub fn PxeSendReply(request: Handle, packet: *mut u8, length: u32, to: *const Address) -> u32;
        pub fn PxeDhcpInitialize(request: *const u8, length: u32, reply: *mut u8, size: u32, used: *mut u32) -> u32;
        pub fn PxeDhcpAppendOption(reply: *mut u8, size: u32, used: *mut u32, code: u8, length: u8, value: *const u8) -> u32;
        pub fn PxeDhcpGetOptionValue(packet: *const u8, length: u32, instance: u32, code: u8, size: *mut u8,
                                     value: *mut *const u8) -> u32;
    }
    extern "C" {
        pub fn PxeTrace(provider: Handle, severity: u32, format: *const u16, ...) -> u32;
    }
}

static PROVIDER: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

/// One received message. The slice is valid as long as the receive callback.
struct Request<'a> {
    handle: pxe::Handle,
    packet: &'a [u8],
    local: &'a pxe::Address,
}

impl<'a> Request<'a> {
    /// The value of a DHCP option.
    fn option(&self, code: u8) -> Option<&'a [u8]> {
        let (mut size, mut value) = (0, std::ptr::null());
        // SAFETY: the packet is as long as the slice says; the value lies in it.
        unsafe {
            let error = pxe::PxeDhcpGetOptionValue(self.packet.as_ptr(), self.packet.len() as u32, 1, code, &mut size,
                                                   &mut value);
            (error == ERROR_SUCCESS).then(|| std::slice::from_raw_parts(value, size.into()))
        }
    }
}

/// A reply in the making, given back when it is dropped.
struct Reply<'a> {
    request: &'a Request<'a>,
    packet: *mut u8,
    used: u32,
}

impl<'a> Reply<'a> {
    const SIZE: u32 = 400;

    fn new(request: &'a Request) -> Result<Reply<'a>, u32> {
        let provider = PROVIDER.load(Ordering::Relaxed);
        // SAFETY: both handles are valid, and PxeDhcpInitialize checks the sizes that it is given.
        unsafe {
            let packet = pxe::PxePacketAllocate(provider, request.handle, Self::SIZE);
            if packet.is_null() {
                return Err(ERROR_NOT_ENOUGH_MEMORY);
            }
            let mut reply = Reply { request, packet, used: 0 };
            check(pxe::PxeDhcpInitialize(request.packet.as_ptr(), request.packet.len() as u32, packet, Self::SIZE,
                                         &mut reply.used))?;
            Ok(reply)
        }
    }

    /// Fills one of the fixed fields of the message.
    fn field(&mut self, at: usize, value: &[u8]) -> Result<(), u32> {
        // SAFETY: PxeDhcpInitialize has written self.used bytes.
        let message = unsafe { std::slice::from_raw_parts_mut(self.packet, self.used as usize) };
        message.get_mut(at..at + value.len()).ok_or(ERROR_NOT_ENOUGH_MEMORY)?.copy_from_slice(value);
        Ok(())
    }

    fn option(&mut self, code: u8, value: &[u8]) -> Result<(), u32> {
        let length = u8::try_from(value.len()).map_err(|_| ERROR_NOT_ENOUGH_MEMORY)?;
        // SAFETY: the function checks the room that is left.
        check(unsafe {
            pxe::PxeDhcpAppendOption(self.packet, Self::SIZE, &mut self.used, code, length, value.as_ptr())
        })
    }

    fn send(self) -> Result<(), u32> {
        let to = pxe::Address { flags: pxe::ADDR_USE_DHCP_RULES, ..Default::default() };
        // SAFETY: the packet was filled up to self.used; it is freed when self is dropped.
        check(unsafe { pxe::PxeSendReply(self.request.handle, self.packet, self.used, &to) })
    }
}

impl Drop for Reply<'_> {
    fn drop(&mut self) {
        // SAFETY: allocated for this request, and freed here only.
        unsafe { pxe::PxePacketFree(PROVIDER.load(Ordering::Relaxed), self.request.handle, self.packet) };
    }
}

fn check(error: u32) -> Result<(), u32> {
    if error == ERROR_SUCCESS { Ok(()) } else { Err(error) }
}

/// None: not for a boot server. A REQUEST to port 67 is for the DHCP server.
fn reply_type(request: &Request) -> Option<u8> {
    const DISCOVER: u8 = 1;
    const OFFER: u8 = 2;
    const REQUEST: u8 = 3;
    const ACK: u8 = 5;
    const INFORM: u8 = 8;
    match *request.option(53)? {
        [DISCOVER] => Some(OFFER),
        [REQUEST | INFORM] if request.local.port != pxe::DHCP_SERVER_PORT => Some(ACK),
        _ => None,
    }
}

/// The first architecture of option 93; a client without it is a BIOS.
fn boot_file(request: &Request) -> Option<&'static [u8]> {
    match request.option(93).unwrap_or(&[0, 0]) {
        [0, 0, ..] => Some(b"rust/bios.0"),
        [0, 7, ..] | [0, 9, ..] => Some(b"rust/x64.efi"),
        [0, 11, ..] => Some(b"rust/arm64.efi"),
        _ => None,
    }
}

/// True: the client was answered. False: the next provider may.
fn answer(request: &Request) -> Result<bool, u32> {
    let (kind, file) = match (reply_type(request), boot_file(request)) {
        (Some(kind), Some(file)) => (kind, file),
        _ => return Ok(false),
    };
    let server = request.local.address[0].to_ne_bytes();
    let mut reply = Reply::new(request)?;
    reply.field(pxe::SIADDR, &server)?;
    assert!(file.len() < pxe::FILE_SIZE);
    reply.field(pxe::FILE, file)?;
    reply.option(53, &[kind])?;
    reply.option(54, &server)?;
    reply.option(60, b"PXEClient")?;
    reply.option(255, &[])?;
    reply.send()?;
    Ok(true)
}

fn trace(text: &str) {
    let format: Vec<u16> = "%s\0".encode_utf16().collect();
    let wide: Vec<u16> = text.encode_utf16().chain([0]).collect();
    // SAFETY: both end in a zero.
    unsafe { pxe::PxeTrace(PROVIDER.load(Ordering::Relaxed), pxe::TRACE_ERROR, format.as_ptr(), wide.as_ptr()) };
}

unsafe extern "system" fn receive(handle: pxe::Handle, packet: *const u8, length: u32, local: *const pxe::Address,
                                  _remote: *const pxe::Address, action: *mut u32, _context: *mut c_void) -> u32 {
    let request = Request { handle, packet: std::slice::from_raw_parts(packet, length as usize), local: &*local };
    match catch_unwind(std::panic::AssertUnwindSafe(|| answer(&request))) {
        Ok(Ok(true)) => *action = pxe::BA_NBP,
        Ok(Ok(false)) => {} // *action holds PXE_BA_REJECTED
        Ok(Err(error)) => trace(&format!("no reply: error {}", error)),
        Err(_) => trace("no reply: this provider has a bug"),
    }
    ERROR_SUCCESS
}

unsafe extern "system" fn stop(_context: *mut c_void) -> u32 {
    ERROR_SUCCESS
}

/// # Safety
/// The server calls it, once.
#[no_mangle]
pub unsafe extern "system" fn PxeProviderInitialize(provider: pxe::Handle, _key: *mut c_void) -> u32 {
    PROVIDER.store(provider, Ordering::Relaxed);
    let filter = pxe::PROV_FILTER_PXE_ONLY;
    let attribute = pxe::PxeProviderSetAttribute(provider, pxe::PROV_ATTR_FILTER, &filter as *const u32 as *const c_void, 4);
    if attribute != ERROR_SUCCESS {
        return attribute;
    }
    let received = pxe::PxeRegisterCallback(provider, pxe::CALLBACK_RECV_REQUEST, receive as *const c_void, std::ptr::null_mut());
    if received != ERROR_SUCCESS {
        return received;
    }
    pxe::PxeRegisterCallback(provider, pxe::CALLBACK_SHUTDOWN, stop as *const c_void, std::ptr::null_mut())
}
