#!/usr/bin/env python3
"""A crowd of network boot clients that tell no seconds, for tests/e2e/balance.sh --full.

  balance_table.py COUNT GROUP 4|6 same|new

COUNT clients DISCOVER or SOLICIT by broadcast or multicast, with secs or elapsed time 0; whoever is
not answered asks again 4, 12, 28, 60 and 92 seconds after the first time, with the same transaction
or with a new one each time. GROUP numbers the crowds: each has clients of its own. Runs where eth0
is on the servers' link.

Prints "once N twice N never N": a client that was answered by two servers, or twice for one message,
counts as twice. Exit code 0: none was, and none was never answered.
"""
import heapq
import pathlib
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from wire import PXE_X64, dhcp4, dhcp6, option, option6

REPEATS = (0, 4, 12, 28, 60, 92)
PACE = 0.004  # seconds between two clients' first messages
QUIET = 3  # seconds of silence at the end, in which a second answer would come
LAST = 40  # seconds after the last message


class Client:
    def __init__(self, number, group):
        self.identity = (number + group * 100003) * 9699691 & 0xFFFFFF
        self.mac = bytes((2, 0, 0x99)) + self.identity.to_bytes(3, "big")
        self.uuid = b"crowd of " + bytes((group,)) + self.mac
        self.transactions = []
        self.answers = []  # (transaction, server)


def discover(client, transaction):
    return dhcp4(1, client.mac, xid=transaction, flags=0x8000, uuid=client.uuid, vendor_class=PXE_X64,
                 options=option(55, bytes((1, 3, 43, 54, 60, 66, 67))) + option(94, b"\1\3\20"))


def solicit(client, transaction):
    return dhcp6(1, client=b"\0\4" + client.uuid, xid=transaction,
                 options=option6(8, b"\0\0") + option6(6, b"\0\x3b\0\x3c"))


class Crowd4:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        self.socket.bind(("", 68))
        self.to = ("255.255.255.255", 67)
        self.message = discover

    @staticmethod
    def transaction_of(packet):
        return struct.unpack(">I", packet[4:8])[0] if packet[:1] == b"\2" else None


class Crowd6:
    def __init__(self):
        index = socket.if_nametoindex("eth0")
        self.socket = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        self.socket.bind(("::", 546))
        self.to = ("ff02::1:2", 547, 0, index)
        self.message = solicit

    @staticmethod
    def transaction_of(packet):
        return struct.unpack(">I", packet[:4])[0] & 0xFFFFFF if packet[:1] == b"\2" else None


def run(clients, crowd, is_new, start):
    """Everybody asks until answered."""
    crowd.socket.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
    by_transaction = {}
    begin = time.monotonic()
    due = [(begin + PACE * number, number, 0) for number in range(len(clients))]
    end = due[-1][0] + REPEATS[-1] + LAST
    quiet = time.monotonic()

    def receive(seconds):
        crowd.socket.settimeout(max(seconds, 0.0001))
        try:
            packet, source = crowd.socket.recvfrom(2048)
        except (TimeoutError, BlockingIOError):
            return False
        client = by_transaction.get(crowd.transaction_of(packet))
        if client is not None:
            client.answers.append((crowd.transaction_of(packet), source[0]))
        return True

    def send(number, attempt):
        client = clients[number]
        if is_new or not client.transactions:
            client.transactions.append(start + number * len(REPEATS) + attempt)
            by_transaction[client.transactions[-1]] = client
        crowd.socket.sendto(crowd.message(client, client.transactions[-1]), crowd.to)
        if attempt + 1 < len(REPEATS):
            gap = REPEATS[attempt + 1] - REPEATS[attempt]
            heapq.heappush(due, (time.monotonic() + gap, number, attempt + 1))

    while time.monotonic() < end:
        if due and due[0][0] <= time.monotonic():
            _, number, attempt = heapq.heappop(due)
            if not clients[number].answers:
                send(number, attempt)
                quiet = time.monotonic()
            receive(0)
            continue
        if receive(min(0.05, due[0][0] - time.monotonic()) if due else 0.05):
            quiet = time.monotonic()
        if all(client.answers for client in clients) and time.monotonic() - quiet > QUIET:
            break


def is_twice(client, is_new):
    """By two servers; or, where each message has a transaction of its own, twice for one."""
    servers = {server for _, server in client.answers}
    return len(servers) > 1 or (is_new and len(client.answers) > len(set(client.answers)))


def main(count, group, family, transactions):
    is_new = transactions == "new"
    clients = [Client(number, int(group)) for number in range(int(count))]
    start = int(group) * 0x10000 + (0 if family == "6" else 0x33000000)
    run(clients, Crowd6() if family == "6" else Crowd4(), is_new, start)
    twice = sum(is_twice(client, is_new) for client in clients)
    never = sum(not client.answers for client in clients)
    print("once %d twice %d never %d" % (len(clients) - twice - never, twice, never))
    return 1 if twice or never else 0


sys.exit(main(*sys.argv[1:]))
