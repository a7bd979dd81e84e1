#!/usr/bin/env python3
"""Network boot clients of two servers that share them, for tests/e2e/balance.sh.

  balance_clients.py owner MAC
      prints whose the client with this hardware address is: first or second
  balance_clients.py once|relayed|takeover COUNT FIRST SECOND [SECONDS DEAD]
      COUNT clients DISCOVER at the servers with the addresses FIRST (buckets 0-127) and SECOND
      (128-255). Runs where eth0 has the address 10.77.0.1.
      once      by broadcast, one DISCOVER each: one OFFER each, by the server that it belongs to
      relayed   the same through a relay agent, which hands each DISCOVER to both servers
      takeover  the server DEAD (first or second) is silent. Its clients send again after 4, 8, 16,
                32 s; all are answered by the other server, none before it has asked for SECONDS

Prints what was seen. Exit code 0: all of that is so.
"""
import collections
import heapq
import pathlib
import random
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from wire import dhcp4, option, options4_of

ADDRESS, INTERFACE = "10.77.0.1", "eth0"
WINDOW = 32  # clients that wait for a living server at the same time
PACE = 0.002  # seconds between two DISCOVERs: the other server gets all of them, too
LIMIT = 60  # seconds until something that must happen has not
QUIET = 2  # seconds of silence at the end, in which a second OFFER would come
# Each part has clients of its own: one that asked seconds ago would seem to go on asking.
GROUPS = {"once": 0, "relayed": 100000, "takeover": 200000}
REPEATS = (4, 8, 16, 32)  # RFC 2131 section 4.1

# RFC 3074 section 6: Pearson's permutation.
TABLE = bytes.fromhex(
    "fbaf77d7510e4fbf6731b58fba9d00e81f20373c983a11edae46a090dc5a39df3b03128c6fa6cbc4"
    "86f37c5fdeb3c541b430240f6b2ee982a51e7ba1d1176110285bdb3d640ad26dfa7f168a1d6cf443"
    "cf09b2cc4a627ef9a774224dc1c8790514714723800db65e19e2e3c74b1b29f5e6e02be1b11a9b96"
    "d48eda73f149586927723effc0c991d6a89edd949a7a0c5452a32c8be4eccdf2d90bbb929f4056ef"
    "c32a6ac67670b8ac5702ad75b0e5f7fd89b963a466932d42e7348dd3c2cef6ee386e4ef83ff0bd5d"
    "5c3335b713ab48322168654508fc53784c875536ca7dbcd560eb88d0a281be849c262f0107fe1804"
    "d88359151c8525999550aa4406a9ea97"
)


def owner(identifier):
    """The server whose the client is: first (buckets 0-127) or second."""
    bucket = len(identifier) & 255
    for byte in reversed(identifier):
        bucket = TABLE[bucket ^ byte]
    return "first" if bucket < 128 else "second"


class Client:
    """Every fourth one has a client identifier (option 61), which counts more than its address.
    How it tells that it has been asking for long: 0 by secs and by repeats of one transaction, as
    firmware does; 1 only by repeats; 2 only by secs, each repeat being a new transaction."""

    def __init__(self, number, start, group):
        self.number, self.transaction = number, start + number * len(REPEATS) * 2
        # Different ones without a pattern, which could share themselves evenly by it: an odd factor.
        self.mac = bytes((2, 0, 0x77)) + ((number + group) * 9699691 & 0xFFFFFF).to_bytes(3, "big")
        self.identifier = b"\x01" + self.mac if number % 4 == 3 else b""
        self.owner = owner(self.identifier or self.mac)
        self.kind = number % 3
        self.sent, self.replies = [], []

    def discover(self, now, relay):
        """The next DISCOVER; with a relay's address as a relay hands it on."""
        waited = int(now - self.sent[0]) if self.sent else 0
        transaction = self.transaction + (len(self.sent) if self.kind == 2 else 0)
        options = option(55, bytes((1, 3, 43, 54, 60, 66, 67))) + option(94, b"\x01\x02\x01")
        if self.identifier:
            options += option(61, self.identifier)
        self.sent.append(now)
        return dhcp4(1, self.mac, relay, xid=transaction, secs=0 if self.kind == 1 else waited,
                     uuid=b"balance test" + struct.pack(">I", self.number), options=options)


class Crowd:
    def __init__(self, mode, count, servers):
        self.relay = ADDRESS if mode == "relayed" else None
        self.servers = servers  # name: address
        self.names = {address: name for name, address in servers.items()}
        start = random.getrandbits(30)
        self.clients = [Client(number, start, GROUPS[mode]) for number in range(count)]
        self.by_mac = {client.mac: client for client in self.clients}
        self.errors = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, INTERFACE.encode())
        self.socket.bind((ADDRESS, 67) if self.relay else ("", 68))

    def send(self, client):
        packet = client.discover(time.monotonic(), self.relay)
        for address in self.servers.values() if self.relay else ["255.255.255.255"]:
            self.socket.sendto(packet, (address, 67))

    def receive(self, seconds):
        """Takes one OFFER, if one comes within that time."""
        self.socket.settimeout(max(seconds, 0.0001))
        try:
            packet, (address, _) = self.socket.recvfrom(2048)
        except (TimeoutError, BlockingIOError):
            return False
        if len(packet) < 240 or packet[0] != 2:
            return True  # a DISCOVER of our own that came back
        client = self.by_mac.get(packet[28:34])
        transaction = struct.unpack(">I", packet[4:8])[0]
        options = options4_of(packet)
        if client is None or not 0 <= transaction - client.transaction < len(REPEATS) * 2:
            self.errors.append("a reply to nobody's request, from " + address)
        elif (options.get(53) != b"\x02" or options.get(60) != b"PXEClient"
              or options.get(54) != socket.inet_aton(address)):
            self.errors.append("not a boot server's OFFER, from " + address)
        else:
            client.replies.append((self.names.get(address, address), time.monotonic()))
        return True

    def asking(self, names):
        return [client for client in self.clients
                if client.sent and not client.replies and client.owner in names]

    def first_requests(self, living):
        """Each client's first DISCOVER, as fast as those servers that live answer."""
        for client in self.clients:
            self.send(client)
            self.receive(PACE)
            if client.number % (WINDOW // 2) == 0:
                self.until(lambda: len(self.asking(living)) < WINDOW)

    def until(self, condition):
        end = time.monotonic() + LIMIT
        while not condition() and time.monotonic() < end:
            self.receive(0.05)

    def settle(self):
        while self.receive(QUIET):
            pass

    def once(self):
        self.first_requests(self.servers)
        self.until(lambda: not self.asking(self.servers))
        self.settle()
        for client in self.clients:
            if [name for name, _ in client.replies] != [client.owner]:
                self.errors.append("client %d of %s: answered by %s" % (
                    client.number, client.owner, [name for name, _ in client.replies]))
        shares = collections.Counter(client.owner for client in self.clients)
        for name in self.servers:
            if not 0.4 <= shares[name] / len(self.clients) <= 0.6:
                self.errors.append("%s has %d clients" % (name, shares[name]))
        print("%d clients, one OFFER each: %d of first, %d of second" % (
            len(self.clients), shares["first"], shares["second"]))

    def takeover(self, seconds, dead):
        living = next(name for name in self.servers if name != dead)
        self.first_requests([living])
        due = [(client.sent[0] + REPEATS[0], client.number) for client in self.clients]
        heapq.heapify(due)
        end = time.monotonic() + LIMIT
        while self.asking(self.servers) and time.monotonic() < end:
            wait = due[0][0] - time.monotonic() if due else 0.05
            if wait > 0:
                self.receive(min(wait, 0.05))
                continue
            client = self.clients[heapq.heappop(due)[1]]
            if client.replies:
                continue
            self.send(client)
            if len(client.sent) <= len(REPEATS):
                heapq.heappush(due, (client.sent[-1] + REPEATS[len(client.sent) - 1],
                                     client.number))
        self.settle()
        self.check_takeover(seconds, dead, living)

    def check_takeover(self, seconds, dead, living):
        waits, repeats = [], collections.Counter()
        for client in self.clients:
            if not client.replies or {name for name, _ in client.replies} != {living}:
                self.errors.append("client %d of %s: answered by %s" % (
                    client.number, client.owner, [name for name, _ in client.replies]))
                continue
            entitled = client.sent
            if client.owner == dead:
                entitled = [at for at in client.sent if at - client.sent[0] >= seconds]
                waits.append(client.replies[0][1] - client.sent[0])
                repeats[len(client.sent)] += 1
                if waits[-1] < seconds:
                    self.errors.append("client %d was answered after %.3f s" % (
                        client.number, waits[-1]))
            if len(client.replies) > len(entitled):
                self.errors.append("client %d: %d replies to %d requests" % (
                    client.number, len(client.replies), len(entitled)))
        print("%d clients of the living server, %d of the dead one: these were answered after "
              "%.1f to %.1f s (takeover: %d s), DISCOVERs sent: %s" % (
                  len(self.clients) - len(waits), len(waits), min(waits, default=0),
                  max(waits, default=0), seconds,
                  ", ".join("%d each by %d" % item for item in sorted(repeats.items()))))


def main(mode, *arguments):
    if mode == "owner":
        print(owner(bytes.fromhex(arguments[0].replace(":", ""))))
        return
    crowd = Crowd(mode, int(arguments[0]), {"first": arguments[1], "second": arguments[2]})
    if mode == "takeover":
        crowd.takeover(int(arguments[3]), arguments[4])
    else:
        crowd.once()
    if crowd.errors:
        sys.exit("%d errors: %s" % (len(crowd.errors), "; ".join(crowd.errors[:10])))


main(*sys.argv[1:])
