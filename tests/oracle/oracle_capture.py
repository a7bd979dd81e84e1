#!/usr/bin/python3
"""Compares wdspxectl's capture reader with tshark, which knows nothing of it.

    oracle_capture.py CAPTURE_DUMP FOLDER...

CAPTURE_DUMP is the built tests/oracle/capture_dump.c. Every .pcap in the folders (a folder that does
not exist is passed over, but the first one must) is read as it is, and cut off in the middle of its
last frame. All of them together are read as pcap with nanoseconds and as pcapng (by mergecap), and
with their datagrams put into other links (VLAN tags, Linux cooked, raw IP, loopback), into IPv6
extension headers and into fragments (by scapy). What the reader finds must be what tshark finds:
frame, time, addresses, ports and payload. Prints 'N messages in M files compared'; exit code 1 and
the differences if any.
"""
import glob
import ipaddress
import logging
import os
import subprocess
import sys
import tempfile

logging.getLogger("scapy").setLevel(logging.ERROR)

from scapy.all import (IP, UDP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether, IPv6,
                       IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPOption_NOP,
                       Loopback,
                       PadN, Raw, fragment, rdpcap, wrpcap)
from scapy.layers.inet6 import fragment6

MAC = "52:54:00:77:00:01"
PORTS = "udp.port in {67, 547, 4011}"
FIELDS = ["frame.number", "frame.time_epoch", "ip.src", "ipv6.src", "udp.srcport", "ip.dst",
          "ipv6.dst", "udp.dstport", "udp.payload"]


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          universal_newlines=True).stdout


def address(ipv4, ipv6):
    return ipaddress.ip_address(ipv4 or ipv6).packed.hex()


def microseconds(epoch):
    seconds, _, fraction = epoch.partition(".")
    return str(int(seconds) * 1000000 + int((fraction + "000000")[:6]))


def by_tshark(path):
    """The same lines as the dump program has, by tshark."""
    words = ["tshark", "-n", "-r", path, "-Y", PORTS, "-T", "fields", "-E", "occurrence=f",
             "-o", "ip.defragment:TRUE", "-o", "ipv6.defragment:TRUE", "--disable-protocol", "dhcp",
             "--disable-protocol", "dhcpv6"]
    for field in FIELDS:
        words += ["-e", field]
    lines = []
    for line in run(*words).splitlines():
        number, time, src4, src6, sport, dst4, dst6, dport, payload = line.split("\t")
        lines.append(" ".join([number, microseconds(time), address(src4, src6), sport,
                               address(dst4, dst6), dport, payload.replace(":", "")]))
    return lines


def by_reader(program, path, wanted=0):
    result = subprocess.run([program, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            universal_newlines=True)
    if result.returncode != wanted:
        raise AssertionError(f"{path}: the reader ended with {result.returncode}: {result.stderr}")
    return result.stdout.splitlines()


class Links:
    """The same datagrams in other links; each method writes one file."""

    def __init__(self, packets, folder):
        self.packets = [(p, p[IP] if IP in p else p[IPv6]) for p in packets]
        self.folder = folder

    def write(self, name, make, linktype):
        path = os.path.join(self.folder, name + ".pcap")
        made = []
        for packet, network in self.packets:
            for new in make(network):
                new.time = packet.time
                made.append(new)
        wrpcap(path, made, linktype=linktype)
        return path

    def all(self):
        def kind(network):
            return 0x86dd if network.version == 6 else 0x0800

        ether = Ether(src=MAC, dst=MAC)
        yield self.write("vlan", lambda n: [ether / Dot1Q(vlan=5) / n], 1)
        yield self.write("qinq", lambda n: [ether / Dot1AD(vlan=7) / Dot1Q(vlan=5) / n], 1)
        yield self.write("padded", lambda n: [Ether(src=MAC, dst=MAC, type=kind(n)) /
                                              Raw(bytes(n) + b"\0\0")], 1)
        yield self.write("cooked", lambda n: [CookedLinux(proto=kind(n)) / n], 113)
        yield self.write("cooked2", lambda n: [CookedLinuxV2(proto=kind(n)) / n], 276)
        yield self.write("raw", lambda n: [n], 101)
        yield self.write("loopback", lambda n: [Loopback(type=24 if n.version == 6 else 2) / n], 0)
        yield self.write("headers", self.with_headers, 101)
        yield self.write("fragments", self.in_fragments, 101)

    @staticmethod
    def with_headers(network):
        if network.version == 4:
            copy = network.copy()
            copy.options = [IPOption_NOP()] * 8
            del copy.ihl, copy.len, copy.chksum
            return [IP(bytes(copy))]
        return [IPv6(src=network.src, dst=network.dst) / IPv6ExtHdrHopByHop(options=[PadN()]) /
                IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 12)]) / network[UDP]]

    count = 0

    @classmethod
    def in_fragments(cls, network):
        cls.count += 1
        if network.version == 4:
            copy = network.copy()
            copy.id, copy.flags = cls.count, 0
            del copy.chksum
            return [IP(bytes(part)) for part in fragment(IP(bytes(copy)), fragsize=104)]
        whole = IPv6(src=network.src, dst=network.dst) / \
            IPv6ExtHdrFragment(id=cls.count) / network[UDP]
        return [IPv6(bytes(part)) for part in fragment6(whole, 128)]


class Comparison:
    def __init__(self, program):
        self.program = program
        self.files = self.messages = self.problems = 0

    def compare(self, path, wanted=0, tshark_path=None):
        expected = by_tshark(tshark_path or path)
        got = by_reader(self.program, path, wanted)
        self.files += 1
        self.messages += len(got)
        if expected != got:
            self.problems += 1
            print(f"{path}: tshark has {len(expected)} messages, the reader {len(got)}")
            for one, other in zip(expected, got):
                if one != other:
                    print("  tshark:", one[:100], "\n  reader:", other[:100])
                    break
        return len(got)

    def cut(self, path, folder):
        """All but the last frame are found in a file that ends within its last frame."""
        with open(path, "rb") as file:
            whole = file.read()
        short = os.path.join(folder, "short.pcap")
        without = os.path.join(folder, "without.pcap")
        with open(short, "wb") as file:
            file.write(whole[:-1])
        last = run("tshark", "-n", "-r", path, "-T", "fields", "-e", "frame.number").split()[-1]
        run("editcap", "-F", "pcap", path, without, last)
        self.compare(short, 1, without)

    def one(self, path):
        with tempfile.TemporaryDirectory() as folder:
            if self.compare(path) == 0:
                raise AssertionError(f"{path}: no message in it")
            self.cut(path, folder)

    def together(self, paths):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("nsecpcap", "pcapng"):
                merged = os.path.join(folder, "merged." + name)
                run("mergecap", "-a", "-F", name, "-w", merged, *paths)
                self.compare(merged)
            packets = [packet for path in paths for packet in rdpcap(path)]
            for other in Links(packets, folder).all():
                self.compare(other)


def main():
    comparison = Comparison(sys.argv[1])
    for index, folder in enumerate(sys.argv[2:]):
        paths = sorted(glob.glob(os.path.join(folder, "*.pcap")))
        if index == 0 and len(paths) < 10:
            raise AssertionError(f"{folder} has only {len(paths)} captures")
        for path in paths:
            comparison.one(path)
        if paths:
            comparison.together(paths)
    print(f"{comparison.messages} messages in {comparison.files} files compared, "
          f"{comparison.problems} files differ")
    return 1 if comparison.problems else 0


if __name__ == "__main__":
    sys.exit(main())
