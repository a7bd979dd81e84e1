#!/usr/bin/env python3
"""What tests/e2e/hostile.sh sends, in the namespace of whoever asks the server.

hostile.py floods MAC LOG NAME…   10,000 datagrams of each kind; lines of the server's log, packets
hostile.py routes MAC BACKEND     answers that follow the routing table, RFC 8357, multicast
hostile.py growth MAC             how much larger than its request an answer is, by road
hostile.py loop MAC               one request for a provider that broadcasts

MAC is the server's on eth0. Exit code 0: all is as it should be.
"""
import collections
import os
import pathlib
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from wire import (PXE, Wire, dhcp4, dhcp6, option, option6, relayed6, udp4, udp6)

SERVER, SERVER6 = "10.77.0.2", "fd77::2"
OWN, OWN6 = "10.77.0.1", "fd77::1"
FAR = "10.88.0.254"  # behind the second link
COUNT, LINES, WAIT = 10000, 100, 120
OFFER, ACK = b"\x35\x01\x02", b"\x35\x01\x05"

failures = []


def check(condition, what):
    print(("ok      " if condition else "FAILED  ") + what, flush=True)
    if not condition:
        failures.append(what)


def ask(wire, packet, want, group=True, listen=None):
    """Sends until an answer fits that the server sent since; None after WAIT seconds."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        wire.send(packet, group)
        for answer in (listen or wire).sent_by_server(1):
            if want(answer):
                return answer
    return None


def alive(wire):
    """The server has handled what was sent before."""
    packet = dhcp4(1)
    found = ask(wire, udp4("0.0.0.0", 68, "255.255.255.255", 67, packet),
                lambda answer: answer[3][4:8] == packet[4:8])
    check(found is not None, "a client is served after it")


# ---- floods

def discover(**fields):
    return udp4(OWN, 67, SERVER, 67, dhcp4(1, **fields))


# name: (packet, is it to be answered)
FLOODS = {
    "rubbish": lambda: udp4(OWN, 1234, SERVER, 67, b"rubbish"),
    "4011 from port 0": lambda: udp4(OWN, 0, SERVER, 4011, dhcp4(3)),
    "giaddr loopback": lambda: discover(giaddr="127.0.0.1"),
    "giaddr multicast": lambda: discover(giaddr="224.0.0.1"),
    "giaddr class E": lambda: discover(giaddr="250.0.0.1"),
    "giaddr of the subnet's broadcast": lambda: discover(giaddr="10.77.0.255"),
    "giaddr of no network": lambda: discover(giaddr="0.1.2.3"),
    "ciaddr loopback": lambda: discover(ciaddr="127.0.0.1"),
    "giaddr without a route": lambda: discover(giaddr="203.0.113.9"),
    "ciaddr without a route": lambda: discover(ciaddr="203.0.113.9"),
    "BOOTREPLY": lambda: udp4(OWN, 67, SERVER, 67, dhcp4(2, op=2)),
    "v6 rubbish": lambda: udp6(OWN6, 546, SERVER6, 547, b"\x01rubbish"),
    "v6 from a v4-mapped source": lambda: udp6("::ffff:10.77.0.1", 546, SERVER6, 547, dhcp6(1)),
    "v6 from port 0": lambda: udp6(OWN6, 0, SERVER6, 4011, dhcp6(3)),
    "v6 unicast SOLICIT": lambda: udp6(OWN6, 546, SERVER6, 547, dhcp6(1)),
    "v6 unicast REQUEST of another link": lambda: udp6("2001:db8::1", 546, SERVER6, 547, dhcp6(3)),
    "v6 without a client identifier": lambda: udp6(OWN6, 546, SERVER6, 4011,
                                                   dhcp6(11, client=None)),
    "v6 ADVERTISE": lambda: udp6(OWN6, 547, SERVER6, 547, dhcp6(2)),
    "v6 relay with an unspecified peer": lambda: udp6(OWN6, 547, SERVER6, 547,
                                                      relayed6(dhcp6(1), peer="::")),
    "v6 relay with a loopback peer": lambda: udp6(OWN6, 547, SERVER6, 547,
                                                  relayed6(dhcp6(1), peer="::1")),
}
ANSWERED = {
    "answered requests": lambda: udp4("0.0.0.0", 68, "255.255.255.255", 67, dhcp4(1)),
    "v6 answered requests": lambda: udp6(OWN6, 546, SERVER6, 4011, dhcp6(3)),
}


def lines_of(path):
    with open(path, "rb") as log:
        return log.read().count(b"\n")


def flood(wire, name, make, log):
    before, group, begin = lines_of(log), name == "answered requests", time.monotonic()
    for i in range(COUNT):
        wire.send(make(), group)
        if i % 50 == 0:
            time.sleep(0.004)
    packets = len(wire.sent_by_server(1))
    alive(wire)
    lines = lines_of(log) - before
    # Where a server takes long for them (Winsock on a busy machine), the log's budget grows meanwhile:
    # 10 requests a second, with at most two lines each.
    seconds = time.monotonic() - begin
    check(lines < max(LINES, 60 + 20 * seconds),
          f"{name}: {COUNT} datagrams in {seconds:.0f} s, {lines} lines")
    if name not in ANSWERED:
        check(packets == 0, f"{name}: {packets} packets of the server's")


def floods(mac, log, *names):
    wire = Wire("eth0", mac)
    alive(wire)
    for name, make in {**FLOODS, **ANSWERED}.items():
        if not names or name in names:
            flood(wire, name, make, log)


# ---- routes

# PXE 2.1, section 2.2.3: boot server discovery by multicast
def multicast_is_answered(wire, mac, group):
    packet = dhcp4(3, ciaddr=OWN)
    frame = udp4(OWN, 4011, group, 4011, packet)
    address = bytes(int(part) for part in group.split("."))
    listener, end = Wire("eth0", mac), time.monotonic() + WAIT
    unicast, wire.server = wire.server, b"\x01\0\x5e" + bytes((address[1] & 0x7f,)) + address[2:]
    found = False
    while not found and time.monotonic() < end:
        wire.send(frame)
        found = any(answer[3][4:8] == packet[4:8] and ACK in answer[3]
                    for answer in listener.sent_by_server(1))
    wire.server = unicast
    return found


def routes(mac, backend):
    wire, second = Wire("eth0", mac), Wire("eth8", mac)
    second.server = bytes.fromhex(os.environ["SECOND_MAC"].replace(":", ""))
    packet = dhcp4(1, giaddr=FAR)
    check(ask(wire, udp4(FAR, 67, SERVER, 67, packet), lambda answer: answer[1] == FAR
              and answer[2] == 67 and answer[3][4:8] == packet[4:8] and OFFER in answer[3],
              group=False, listen=second) is not None,
          "the relay's OFFER comes by the way that the server's routes say")
    check(not [1 for answer in wire.sent_by_server(1) if answer[1] == FAR], "and by no other")
    packet = dhcp4(3, ciaddr=FAR)
    check(ask(wire, udp4(FAR, 4011, SERVER, 4011, packet), lambda answer: answer[1] == FAR
              and answer[2] == 4011 and answer[3][4:8] == packet[4:8] and ACK in answer[3],
              group=False, listen=second) is not None,
          "the boot server's ACK for a client there, too")
    packet = dhcp4(1)
    check(ask(wire, udp4("0.0.0.0", 68, "255.255.255.255", 67, packet),
              lambda answer: answer[1] == "255.255.255.255" and answer[3][4:8] == packet[4:8])
          is not None, "a broadcast is answered where it came from")
    for group in ("224.0.1.2", "239.129.2.3"):  # PXE's own, and one of MulticastGroups
        check(multicast_is_answered(wire, mac, group), f"{group}:4011 is answered")
    # RFC 8357: another port of the relay's
    packet = dhcp4(1, giaddr=OWN, options=option(82, bytes((1, 1, 7, 19, 0))))
    check(ask(wire, udp4(OWN, 1067, SERVER, 67, packet), lambda answer: answer[1] == OWN
              and answer[2] == 1067 and answer[3][4:8] == packet[4:8], group=False) is not None,
          "sub-option 19 of option 82: answered at the relay's port")
    packet = relayed6(dhcp6(1), options=option6(135, b"\0\0"))
    check(ask(wire, udp6(OWN6, 1547, SERVER6, 547, packet), lambda answer: answer[2] == 1547
              and option6(135, b"\0\0") in answer[3], group=False) is not None,
          "option 135 of a RELAY-FORW: answered at the relay's port, the option comes back")


# ---- how much larger answers are

def growth(mac):
    wire = Wire("eth0", mac)
    short = b"\0\4\1"  # as short as an identifier may be
    bare4 = bytes((1, 1, 6, 0, 1, 2, 3, 4)) + bytes(20) + b"\2\2\2\2\2\2" + bytes(202)
    bare4 += b"\x63\x82\x53\x63"
    pxe, pxe6 = option(60, PXE[:9]), option6(16, b"\0\0\0\0\0\x09PXEClient")
    http6 = option6(16, b"\0\0\0\0\0\x0aHTTPClient")
    best = collections.defaultdict(float)
    for name, limit, requests in (
            ("IPv4, broadcast", 1.5, [
                udp4("0.0.0.0", 68, "255.255.255.255", 67,
                     bare4 + option(53, b"\1") + pxe + b"\xff")]),
            ("IPv4, port 4011", 2.0, [
                udp4(OWN, 4011, SERVER, 4011, bare4 + option(53, b"\3") + pxe + b"\xff")]),
            ("IPv4, relay agent", 1.5, [
                udp4(OWN, 67, SERVER, 67, bare4[:24] + socket.inet_aton(OWN) + bare4[28:]
                     + option(53, b"\1") + pxe + b"\xff")]),
            ("IPv6, multicast", 13, [
                udp6(OWN6, 546, "ff02::1:2", 547, kind + b"\1\2\3" + option6(1, short) + vendor)
                for kind in (b"\1", b"\x0b") for vendor in (pxe6, http6)] + [
                udp6(OWN6, 546, "ff02::1:2", 547, b"\x0b\1\2\3" + vendor)
                for vendor in (pxe6, http6)]),
            ("IPv6, port 4011", 10.5, [
                udp6(OWN6, 4011, SERVER6, 4011, kind + b"\1\2\3" + option6(1, short) + vendor)
                for kind in (b"\3", b"\x0b") for vendor in (pxe6, http6)] + [
                udp6(OWN6, 4011, SERVER6, 4011, b"\x0b\1\2\3" + vendor)
                for vendor in (pxe6, http6)]),
            ("IPv6, relay agent", 6, [
                udp6(OWN6, 547, SERVER6, 547, relayed6(kind + b"\1\2\3" + who + vendor))
                for kind, who in ((b"\1", option6(1, short)), (b"\x0b", option6(1, short)),
                                  (b"\x0b", b"")) for vendor in (pxe6, http6)]),
    ):
        for packet in requests:
            payload = len(packet) - (28 if packet[0] >> 4 == 4 else 48)
            wire.send(packet, "broadcast" in name or "multicast" in name)
            answers = wire.sent_by_server(2)
            best[name] = max(best[name], sum(len(answer[3]) for answer in answers) / payload)
        check(best[name] <= limit, f"{name}: at most {best[name]:.1f} times as large")
    check(best["IPv4, port 4011"] > 0 and best["IPv6, relay agent"] > 0, "there are answers")


# ---- a provider that broadcasts

def loop(mac):
    wire = Wire("eth0", mac)
    packet = dhcp4(1, giaddr=OWN)
    wire.send(udp4(OWN, 67, SERVER, 67, packet))
    answers = [answer for answer in wire.sent_by_server(3) if answer[3][4:8] == packet[4:8]]
    check(len(answers) == 1, f"one request, {len(answers)} broadcasts")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
    sys.exit(bool(failures))
