"""Messages of clients and relays for tests, and a raw socket for datagrams that no client would send.

Everything stays on loopback or inside the namespace in which the script runs.
"""
import random
import socket
import struct
import time

PXE = b"PXEClient:Arch:00000:UNDI:002001"
PXE_X64 = b"PXEClient:Arch:00007:UNDI:003016"
COOKIE = b"\x63\x82\x53\x63"
UNSPECIFIED = bytes(4)


def option(code, value):
    return bytes((code, len(value))) + value


def dhcp4(kind, mac=None, giaddr=None, ciaddr=None, options=b"", op=1, flags=0, xid=None, secs=0,
          vendor_class=PXE, uuid=None):
    """A PXE client's message; addresses as text. With a `giaddr` as a relay hands it on. `uuid`: made
    of the MAC address if None, left out if empty."""
    mac = mac or b"\x02" + random.randbytes(5)
    xid = random.getrandbits(32) if xid is None else xid
    if uuid is None:
        uuid = mac + bytes(10)
    arch = int(vendor_class[15:20]) if vendor_class[9:15] == b":Arch:" else 0
    return (struct.pack("!BBBBIHH", op, 1, 6, 1 if giaddr else 0, xid, secs, flags)
            + (socket.inet_aton(ciaddr) if ciaddr else UNSPECIFIED) + bytes(8)
            + (socket.inet_aton(giaddr) if giaddr else UNSPECIFIED)
            + mac + bytes(10 + 192) + COOKIE + option(53, bytes((kind,))) + option(60, vendor_class)
            + option(93, struct.pack("!H", arch)) + (option(97, b"\0" + uuid) if uuid else b"")
            + options + b"\xff")


def options4_of(packet):
    """{code: value} of a DHCPv4 message; of an option that comes twice the last."""
    found, at = {}, 240
    while at + 1 < len(packet) and packet[at] != 255:
        if packet[at] == 0:
            at += 1
            continue
        found[packet[at]] = packet[at + 2:at + 2 + packet[at + 1]]
        at += 2 + packet[at + 1]
    return found


def option6(code, value):
    return struct.pack("!HH", code, len(value)) + value


def vendor_class6(text=PXE_X64):
    return option6(16, struct.pack("!IH", 343, len(text)) + text)


def dhcp6(kind, options=b"", client=b"\0\3\0\1\2\0\0\0\0\1", xid=None):
    """A PXE client's message over IPv6; `client` None: without its identifier."""
    xid = random.getrandbits(24) if xid is None else xid
    return (struct.pack("!I", kind << 24 | xid)
            + (option6(1, client) if client is not None else b"")
            + option6(61, b"\0\7") + vendor_class6() + options)


def relayed6(message, link="fd88::fe", peer="fe80::1", options=b""):
    return (b"\x0c\0" + socket.inet_pton(socket.AF_INET6, link)
            + socket.inet_pton(socket.AF_INET6, peer) + options + option6(9, message))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff or 0xffff


def udp4(source, source_port, target, target_port, payload):
    """An IPv4 packet, whatever its source is."""
    addresses = socket.inet_aton(source) + socket.inet_aton(target)
    udp = struct.pack("!HHHH", source_port, target_port, 8 + len(payload), 0) + payload
    pseudo = addresses + struct.pack("!BBH", 0, 17, len(udp))
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp)) + udp[8:]
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), random.getrandbits(16), 0, 64, 17,
                         0) + addresses
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + udp


def udp6(source, source_port, target, target_port, payload):
    addresses = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6,
                                                                             target)
    udp = struct.pack("!HHHH", source_port, target_port, 8 + len(payload), 0) + payload
    pseudo = addresses + struct.pack("!IBBBB", len(udp), 0, 0, 0, 17)
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp)) + udp[8:]
    return struct.pack("!IHBB", 6 << 28, len(udp), 17, 64) + addresses + udp


class Wire:
    """One interface, frames as they are."""

    def __init__(self, interface, mac):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((interface, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)  # SO_RCVBUFFORCE
        self.socket.setsockopt(263, 23, 1)  # SOL_PACKET, PACKET_IGNORE_OUTGOING
        self.own = self.socket.getsockname()[4]
        self.server = bytes.fromhex(mac.replace(":", ""))

    def send(self, packet, group=False):
        """To the server, or to everybody."""
        is_ipv6 = packet[0] >> 4 == 6
        target = self.server
        if group:
            target = b"\x33\x33" + packet[36:40] if is_ipv6 else b"\xff" * 6
        frame = target + self.own + (b"\x86\xdd" if is_ipv6 else b"\x08\0") + packet
        while True:
            try:
                self.socket.send(frame)
                return
            except OSError as error:
                if error.errno not in (11, 105):  # the queue is full
                    raise
                time.sleep(0.001)

    def sent_by_server(self, seconds):
        """The UDP packets that the server sends in that time: (family, to, port, payload)."""
        found, end = [], time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                frame, address = self.socket.recvfrom(65536)
            except TimeoutError:
                break
            if address[2] == socket.PACKET_OUTGOING or frame[6:12] != self.server:
                continue
            if frame[12:14] == b"\x08\0" and frame[23] == 17:
                found.append((4, socket.inet_ntoa(frame[30:34]),
                              struct.unpack("!H", frame[36:38])[0], frame[42:42 + struct.unpack(
                                  "!H", frame[38:40])[0] - 8]))
            elif frame[12:14] == b"\x86\xdd" and frame[20] == 17:
                found.append((6, socket.inet_ntop(socket.AF_INET6, frame[38:54]),
                              struct.unpack("!H", frame[56:58])[0], frame[62:62 + struct.unpack(
                                  "!H", frame[58:60])[0] - 8]))
        return found
