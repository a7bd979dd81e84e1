#!/usr/bin/python3
"""Compares our DHCPv4 codec with scapy, which knows nothing of it.

    oracle_dhcp4.py DUMP_PROGRAM [--random N] [--seed S] [CAPTURE.pcap...]

DUMP_PROGRAM is the built tests/oracle/dhcp4_dump.c. Compared are
  - the options of every DHCPv4 packet in the captures, and its validity,
  - the options of N random packets, some of them cut short,
  - the replies that we build to all of these, decoded by scapy.
Prints 'N packets compared'. Exit code 1 and the differences if there are any, 1 also if there was
nothing to compare.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile

from scapy.all import IP, UDP, ByteField, IntField, IPField, ShortField, rdpcap
from scapy.layers.dhcp import BOOTP, DHCP, DHCPOptions

COOKIE = bytes([99, 130, 83, 99])
OPTIONS_FIELD = DHCP().get_field("options")
SIMPLE_FIELDS = (ByteField, IntField, IPField, ShortField)  # others hang on random bytes
VALID = 0


def scapy_options(packet):
    """[(code, value)] up to End, as scapy sees them; every value re-encoded by scapy itself."""
    found = []
    for option in OPTIONS_FIELD.m2i(None, packet[240:]):
        if option == "pad":
            continue
        if option == "end" or isinstance(option, bytes):  # bytes: the rest, which is no option
            break
        raw = OPTIONS_FIELD.i2m(None, [option])
        found.append((raw[0], raw[2:]))
    return found


def sub_options(options):
    """[(code, value)] of the vendor sub-options; each option 43 is a list of its own."""
    found = []
    for block in (value for code, value in options if code == 43):
        while block and block[0] != 255:
            if block[0] == 0:
                block = block[1:]
                continue
            if len(block) < 2 or len(block) - 2 < block[1]:
                break
            found.append((block[0], block[2:2 + block[1]]))
            block = block[2 + block[1]:]
    return found


def as_lines(options, prefix=""):
    """The same in the format of the dump program, as a set: (name, instance, hex)."""
    lines = set()
    counts = {}
    for code, value in options:
        counts[code] = counts.get(code, 0) + 1
        lines.add((f"{prefix}{code}", str(counts[code]), value.hex() or "-"))
    return lines


def is_pxe(options):
    classes = [value for code, value in options if code == 60]
    return bool(classes) and classes[0].startswith(b"PXEClient")


def dump_all(program, paths):
    """{path: (defect, is_pxe, lines)}"""
    results = {}
    for start in range(0, len(paths), 200):
        output = subprocess.run([program, "dump", *paths[start:start + 200]], check=True,
                                stdout=subprocess.PIPE, universal_newlines=True).stdout
        for line in output.splitlines():
            words = line.split()
            if words[0] == "packet":
                current = set()
                results[words[1]] = (int(words[2]), words[3] == "1", current)
            else:
                current.add(tuple(words))
    return results


def captured_packets(path):
    for frame in rdpcap(path):
        if IP in frame and UDP in frame:
            payload = bytes(frame[UDP].payload)
            if len(payload) >= 240 and payload[236:240] == COOKIE:
                yield payload


def random_option(rng):
    """One option whose length fits what scapy expects of its code: else scapy gives up on it."""
    while True:
        code = rng.choice([rng.randint(1, 254), 43, 60, 252])
        kind = DHCPOptions.get(code)
        if code == 52:  # overload: scapy reads the options field only
            continue
        if kind is None or isinstance(kind, str):
            size = rng.choice([0, 1, 2, 17, 32, 255, rng.randint(0, 255)])
        elif isinstance(kind, SIMPLE_FIELDS):
            size = kind.sz * rng.randint(1, 255 // kind.sz // 8 + 1)
        else:
            continue
        value = bytes(rng.randrange(256) for _ in range(size))
        if code == 43:
            value = b"".join(bytes([rng.choice([0, 6, 8, 9, 71]), rng.randint(0, 4), 1, 2, 3, 4])
                             for _ in range(rng.randint(0, 9)))
        raw = bytes([code, len(value)]) + value
        try:
            if OPTIONS_FIELD.i2m(None, OPTIONS_FIELD.m2i(None, raw)) == raw:
                return raw
        except Exception:  # scapy cannot re-encode what it decoded: useless as an oracle
            continue


def random_packet(rng):
    header = bytes([rng.choice([1, 2]), 1, rng.randint(0, 16), rng.randrange(256)])
    header += bytes(rng.randrange(256) for _ in range(40))
    packet = header + bytes(192) + COOKIE
    for _ in range(rng.randint(0, 12)):
        packet += bytes(rng.choice([0, 0, 0, 1, 3])) + random_option(rng)
    packet += rng.choice([b"", b"\xff", b"\xff", b"\xff\0\0\0", b"\xff\x0c\x01a"])
    if rng.random() < 0.3:
        packet = packet[:rng.randint(240, len(packet))]
    return packet


def expected_defect(packet, options):
    """For packets whose fixed part is fine. Names as in dhcp4.h: 7 overrun, 8 no End, ..."""
    items = OPTIONS_FIELD.m2i(None, packet[240:])
    if "end" not in items:
        return 7 if items and isinstance(items[-1], bytes) else 8
    end = next(i for i in range(240, len(packet))
               if packet[i] == 255 and OPTIONS_FIELD.m2i(None, packet[240:i + 1])[-1] == "end")
    if any(packet[end + 1:]):
        return 9
    return VALID if any(code == 53 for code, _ in options) else 10


def compare_packet(name, packet, result, must_be_valid):
    options = scapy_options(packet)
    defect, pxe, lines = result
    problems = []
    expected = as_lines(options) | as_lines(sub_options(options), "43.")
    if lines != expected:
        problems.append(f"only ours {sorted(lines - expected)}, "
                        f"only scapy {sorted(expected - lines)}")
    wanted = VALID if must_be_valid else expected_defect(packet, options)
    if defect != wanted:
        problems.append(f"defect {defect} instead of {wanted}")
    if pxe != (wanted == VALID and is_pxe(options)):
        problems.append(f"PXE flag is {pxe}")
    return [f"{name}: {problem}" for problem in problems]


def compare_reply(name, request, reply, options):
    """Our reply, decoded by scapy, against the documented table and the options asked for."""
    asked, answer = BOOTP(request), BOOTP(reply)
    problems = []
    for field in ("htype", "hlen", "xid", "secs", "ciaddr", "yiaddr", "siaddr", "giaddr", "chaddr"):
        if getattr(asked, field) != getattr(answer, field):
            problems.append(f"{field}: {getattr(answer, field)}")
    if (answer.op, answer.hops, int(answer.flags)) != (2, 0, 0):
        problems.append("op, hops or flags")
    if answer.sname.strip(b"\0") or answer.file.strip(b"\0"):
        problems.append("sname or file is not empty")
    if DHCP not in answer:
        problems.append("scapy sees no DHCP")
    if scapy_options(reply) != options:
        problems.append(f"options {scapy_options(reply)} instead of {options}")
    return [f"reply to {name}: {problem}" for problem in problems]


def check_replies(program, packets, rng, directory):
    problems = []
    for number, (name, path, packet, _) in enumerate(packets):
        options = [(53, b"\x02"), (60, b"PXEClient"), (54, bytes([10, 77, 0, 2]))]
        for _ in range(rng.randint(0, 4)):
            raw = random_option(rng)
            options.append((raw[0], raw[2:]))
        arguments = [f"{code}:{value.hex()}" for code, value in options] + ["255:"]
        if number % 2:  # the same bytes, appended raw
            raw = b"".join(bytes([code, len(value)]) + value for code, value in options)
            arguments = [":" + raw.hex(), "255:"]
        out = os.path.join(directory, "reply")
        subprocess.run([program, "build", path, out, *arguments], check=True)
        with open(out, "rb") as file:
            reply = file.read()
        problems += compare_reply(name, packet, reply, options)
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("captures", nargs="*")
    parser.add_argument("--random", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_intermixed_args()
    rng = random.Random(arguments.seed)
    packets = []
    problems = []
    with tempfile.TemporaryDirectory() as directory:
        def add(name, packet, must_be_valid):
            path = os.path.join(directory, f"packet{len(packets)}")
            with open(path, "wb") as file:
                file.write(packet)
            packets.append((name, path, packet, must_be_valid))

        for capture in arguments.captures:
            count = 0
            for packet in captured_packets(capture):
                count += 1
                add(f"{os.path.basename(capture)} #{count}", packet, True)
        for number in range(arguments.random):
            add(f"random #{number} (seed {arguments.seed})", random_packet(rng), False)
        results = dump_all(arguments.program, [path for _, path, _, _ in packets])
        for name, path, packet, must_be_valid in packets:
            problems += compare_packet(name, packet, results[path], must_be_valid)
        problems += check_replies(arguments.program, packets, rng, directory)
    print("\n".join(problems[:50]), end="\n" if problems else "")
    print(f"{len(packets)} packets compared")
    return 1 if problems or not packets else 0


if __name__ == "__main__":
    sys.exit(main())
