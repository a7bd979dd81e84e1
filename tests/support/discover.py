#!/usr/bin/env python3
"""Sends DISCOVERs of a UEFI x64 machine, 52:54:00:AB:CD:EF without a GUID, to a server on 127.0.0.1.

  discover.py PORT [--count N] [--first XID] [--secs N] [--junk N] [--pause SECONDS]
              [--log FILE --ready PATTERN [--told PATTERN]] [--answer SECONDS]

One DISCOVER, if not told otherwise, with the transaction ids XID (1), XID + 1, and so on, then N datagrams
of rubbish. --secs: for how long the machine says it has been asking (0). --log: waits until FILE has --ready before the first, and after each datagram until it has --told
once more than it had then. --answer: waits for a reply to each DISCOVER.
Exit code 0: all of that came; 1: something did not, in a minute or in SECONDS.
"""
import argparse
import re
import socket
import sys
import time

from wire import PXE_X64, dhcp4

MAC = bytes.fromhex("525400abcdef")
WAIT = 60
BOOTP_SIZE = 300  # RFC 1542: no message of a client is shorter


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--secs", type=int, default=0)
    parser.add_argument("--junk", type=int, default=0)
    parser.add_argument("--pause", type=float, default=0)
    parser.add_argument("--log")
    parser.add_argument("--ready", default="")
    parser.add_argument("--told")
    parser.add_argument("--answer", type=float)
    arguments = parser.parse_args()

    def times(pattern):
        with open(arguments.log, "rb") as log:
            return len(re.findall(pattern.encode(), log.read()))

    def wait_for(pattern, count):
        end = time.monotonic() + WAIT
        while times(pattern) < count:
            if time.monotonic() > end:
                sys.exit(f"not {count} times {pattern!r} in {WAIT} s")
            time.sleep(0.05)

    told = 0
    if arguments.log:
        wait_for(arguments.ready, 1)
        told = times(arguments.told) if arguments.told else 0
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.bind(("127.0.0.1", 0))
    client.settimeout(arguments.answer)
    packets = [dhcp4(1, MAC, xid=arguments.first + i, secs=arguments.secs, vendor_class=PXE_X64,
                     uuid=b"").ljust(BOOTP_SIZE, b"\0")
               for i in range(arguments.count)]
    for number, packet in enumerate(packets + [b"rubbish"] * arguments.junk, 1):
        client.sendto(packet, ("127.0.0.1", arguments.port))
        if arguments.answer and packet in packets:
            try:
                if client.recv(2000)[4:8] != packet[4:8]:
                    sys.exit("a reply to something else")
            except TimeoutError:
                sys.exit(f"no answer in {arguments.answer} s")
        if arguments.told:
            wait_for(arguments.told, told + number)
        time.sleep(arguments.pause)


if __name__ == "__main__":
    main()
