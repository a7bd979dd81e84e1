#!/usr/bin/python3
"""Compares our DHCPv6 codec with scapy, and with tshark if it is there; both know nothing of it.

    oracle_dhcp6.py DUMP_PROGRAM [--random N] [--seed S] [CAPTURE.pcap...]

DUMP_PROGRAM is the built tests/oracle/dhcp6_dump.c. Compared are
  - options, validity, PXE flag and relay layers of every DHCPv6 packet in the captures, as scapy
    takes them apart,
  - the same of N random packets that scapy built, some of them cut short, some of them relayed up
    to 33 times,
  - the replies and relay replies that we build to all of these: scapy takes them apart, and tshark
    must not find them malformed.
Prints 'N packets compared, M answers compared'. Exit code 1 and the differences if there are any,
1 also if there was nothing to compare.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple

from scapy.all import Ether, IPv6, NoPayload, Raw, UDP, rdpcap, wrpcap
from scapy.layers import dhcp6 as s6

# both addresses given: scapy would ask the network for them
ETHERNET = Ether(src="52:54:00:77:00:01", dst="52:54:00:77:00:02")
VALID, TOO_SHORT, WRONG_TYPE, BAD_HOP_COUNT, OVERRUN, NO_RELAY_MESSAGE = range(6)
LAYERS_MAX = 32
HEADER_SIZES = {12: 34, 13: 34}
REPLY_TYPES = {1: 2, 3: 7, 4: 7, 5: 7, 6: 7, 8: 7, 9: 7, 11: 7, 12: 13}

# what: a name; data: the bytes; parsed: scapy's view of them; cut: data was cut short
Packet = namedtuple("Packet", "what path data parsed cut")


# ---- scapy's view ----

# scapy takes nested messages apart in a time that doubles per level: one layer at a time, instead
s6.DHCP6OptRelayMsg.fields_desc[2].cls = Raw


def dissect(data):
    return getattr(s6, s6.dhcp6_cls_by_type[data[0]])(data)


def nested_message(packet):
    return dissect(bytes(packet[s6.DHCP6OptRelayMsg].message))


def option_layers(packet):
    """scapy chains the options of a message as payloads of one another."""
    layer = packet.payload
    while layer and not isinstance(layer, NoPayload):
        yield layer
        layer = layer.payload


def option_bytes(layer):
    whole = bytes(layer)
    return whole[:len(whole) - len(bytes(layer.payload))]


def options_of(packet):
    """[(code, value)] of the outer message."""
    return [(layer.optcode, option_bytes(layer)[4:]) for layer in option_layers(packet)]


def vendor_options_of(packet):
    """[(enterprise, code, value)] inside the options 17."""
    return [(layer.enterprisenum, option.optcode, option.optdata)
            for layer in option_layers(packet) if isinstance(layer, s6.DHCP6OptVendorSpecificInfo)
            for option in layer.vso]


def is_pxe(packet):
    while isinstance(packet, s6.DHCP6_RelayForward):
        packet = nested_message(packet)
    return any(item.data.startswith(b"PXEClient")
               for layer in option_layers(packet) if isinstance(layer, s6.DHCP6OptVendorClass)
               for item in layer.vcdata)


def relay_layers_of(packet):
    """([(offset, length, Interface-Id or None)], (offset, length) of the inner message)"""
    layers, offset = [], 0
    while isinstance(packet, s6.DHCP6_RelayForward):
        at, interface_id, message = offset + 34, None, None
        for layer in option_layers(packet):
            if isinstance(layer, s6.DHCP6OptIfaceId) and interface_id is None:
                interface_id = layer.ifaceid
            if isinstance(layer, s6.DHCP6OptRelayMsg) and message is None:
                message = (at + 4, dissect(bytes(layer.message)))
            at += len(option_bytes(layer))
        layers.append((offset, len(bytes(packet)), interface_id))
        offset, packet = message
    return layers, (offset, len(bytes(packet)))


# ---- random packets, built by scapy ----

UNKNOWN_CODES = [code for code in (0, 10, 255, 256, 258, 40000, 62 * 256, 65535)
                 if code not in s6.dhcp6opts_by_code]


def random_bytes(rng, *sizes):
    return bytes(rng.randrange(256) for _ in range(rng.choice(sizes)))


def random_option(rng):
    address = "2001:db8::%x" % rng.randrange(65536)
    return rng.choice([
        lambda: s6.DHCP6OptClientId(duid=s6.DUID_UUID(uuid=random_bytes(rng, 16))),
        lambda: s6.DHCP6OptServerId(duid=s6.DUID_LLT(timeval=rng.randrange(1 << 32),
                                                     lladdr="52:54:00:77:00:01")),
        lambda: s6.DHCP6OptIA_NA(iaid=rng.randrange(1 << 32), ianaopts=[
            s6.DHCP6OptIAAddress(addr=address, preflft=300, validlft=600)
            for _ in range(rng.randrange(3))]),
        lambda: s6.DHCP6OptOptReq(reqopts=[rng.randrange(256) for _ in range(rng.randrange(9))]),
        lambda: s6.DHCP6OptElapsedTime(elapsedtime=rng.randrange(65536)),
        lambda: s6.DHCP6OptStatusCode(statuscode=rng.randrange(7),
                                      statusmsg=random_bytes(rng, 0, 1, 40)),
        lambda: s6.DHCP6OptRapidCommit(),
        lambda: s6.DHCP6OptVendorClass(enterprisenum=rng.choice([343, 311, rng.randrange(1 << 32)]),
                                       vcdata=[s6.VENDOR_CLASS_DATA(data=rng.choice(
                                           [b"", b"PXEClient", b"PXEClient:Arch:00007", b"PXE",
                                            b"HTTPClient", b"xPXEClient"]))
                                               for _ in range(rng.randrange(3))]),
        lambda: s6.DHCP6OptVendorSpecificInfo(
            enterprisenum=rng.choice([343, 343, 311, rng.randrange(1 << 32)]),
            vso=[s6.VENDOR_SPECIFIC_OPTION(optcode=rng.choice([1, 2, 258, 65535]),
                                           optdata=random_bytes(rng, 0, 1, 30, 300))
                 for _ in range(rng.randrange(5))]),
        lambda: s6.DHCP6OptBootFileUrl(optdata=b"tftp://[fd77::2]/" + random_bytes(rng, 1, 9)),
        lambda: s6.DHCP6OptClientArchType(archtypes=[7, 16][:rng.randint(1, 2)]),
        lambda: s6.DHCP6OptUnknown(optcode=rng.choice(UNKNOWN_CODES),
                                   data=random_bytes(rng, 0, 1, 2, 17, 255, 256, 700)),
    ])()


def random_message(rng, cls=None):
    classes = [s6.DHCP6_Solicit, s6.DHCP6_Request, s6.DHCP6_Confirm, s6.DHCP6_Renew,
               s6.DHCP6_Rebind, s6.DHCP6_Release, s6.DHCP6_Decline, s6.DHCP6_InfoRequest]
    packet = (cls or rng.choice(classes))(trid=rng.randrange(1 << 24))
    for _ in range(rng.randint(0, 9)):
        packet = packet / random_option(rng)
    return packet


def relayed(rng, message, hops):
    """One layer around the bytes of a message, its options in any order."""
    options = [s6.DHCP6OptRelayMsg(message=Raw(message))]
    if rng.random() < 0.7:
        options.append(s6.DHCP6OptIfaceId(ifaceid=random_bytes(rng, 0, 1, 4, 20)))
    if rng.random() < 0.3:
        options.append(s6.DHCP6OptUnknown(optcode=79, data=random_bytes(rng, 8)))
    rng.shuffle(options)
    packet = s6.DHCP6_RelayForward(hopcount=hops, linkaddr="fd88::%x" % rng.randrange(65536),
                                   peeraddr="fe80::%x" % rng.randrange(65536))
    for option in options:
        packet = packet / option
    return bytes(packet)


def random_packet(rng, number):
    """(scapy's packet, its bytes, cut short?)"""
    levels = number if number <= LAYERS_MAX + 1 else rng.choice([0, 0, 0, 1, 2, 2, 3, 8])
    data = bytes(random_message(rng))
    for level in range(levels):
        data = relayed(rng, data, min(level, LAYERS_MAX))
    if levels == 0 and rng.random() < 0.1:
        data = bytes(random_message(rng, rng.choice([s6.DHCP6_Advertise, s6.DHCP6_Reply])))
    elif number > LAYERS_MAX + 1 and rng.random() < 0.3:
        return dissect(data), data[:rng.randint(1, len(data) - 1)], True
    return dissect(data), data, False


# ---- our view ----

Result = namedtuple("Result", "defect is_pxe lines relay layers inner")


def dump_all(program, paths):
    """{path: Result}"""
    results = {}
    for start in range(0, len(paths), 200):
        output = subprocess.run([program, "dump", *paths[start:start + 200]], check=True,
                                stdout=subprocess.PIPE, universal_newlines=True).stdout
        for line in output.splitlines():
            words = line.split()
            if words[0] == "packet":
                lines, relay, layers, inner = set(), [], [], []
                results[words[1]] = Result(int(words[2]), words[3] == "1", lines, relay, layers,
                                           inner)
            elif words[0] == "relay":
                relay.append(int(words[1]))
            elif words[0] == "layer":
                layers.append((int(words[2]), int(words[3]), words[4]))
            elif words[0] == "inner":
                inner.append((int(words[1]), int(words[2])))
            else:
                lines.add(tuple(words))
    return results


def as_lines(named_values):
    """{(name, instance, hex)}, as the dump program prints them."""
    lines, counts = set(), {}
    for name, value in named_values:
        counts[name] = counts.get(name, 0) + 1
        lines.add((name, str(counts[name]), value.hex() or "-"))
    return lines


# ---- comparison ----

def option_ends(packet):
    """Where each option of scapy's packet ends, from the header on."""
    ends = [HEADER_SIZES.get(packet.msgtype, 4)]
    for layer in option_layers(packet):
        ends.append(ends[-1] + len(option_bytes(layer)))
    return ends


def expected_lines(packet, length):
    """The options that are complete in the first `length` bytes."""
    whole = [layer for layer, end in zip(option_layers(packet), option_ends(packet)[1:])
             if end <= length]
    values = [(str(layer.optcode), option_bytes(layer)[4:]) for layer in whole]
    vendor = [(f"17.{layer.enterprisenum}.{option.optcode}", option.optdata)
              for layer in whole if isinstance(layer, s6.DHCP6OptVendorSpecificInfo)
              for option in layer.vso]
    return as_lines(values) | as_lines(vendor)


def expected_defect(packet, length):
    header = HEADER_SIZES.get(packet.msgtype, 4)
    if length < header:
        return TOO_SHORT
    if length not in option_ends(packet):
        return OVERRUN
    if header == 34:
        relay_message = [end for layer, end in zip(option_layers(packet), option_ends(packet)[1:])
                         if isinstance(layer, s6.DHCP6OptRelayMsg)]
        return VALID if relay_message[0] <= length else NO_RELAY_MESSAGE
    return VALID


def expected_flag(packet, data, cut):
    """Cut packets that still are valid: scapy reads what is left."""
    if cut:
        packet = dissect(data)
    layers = relay_layers_of(packet)[0]
    return len(layers) <= LAYERS_MAX and is_pxe(packet)


def expected_relay(packet, cut_away):
    """(status, layers, inner) of a RELAY-FORW"""
    if cut_away:
        return [13], [], []
    layers, inner = relay_layers_of(packet)
    if len(layers) > LAYERS_MAX:
        return [13], [], []
    return ([0], [(offset, length, "none" if value is None else value.hex() or "-")
                  for offset, length, value in layers], [inner])


def compare_packet(packet, result):
    problems = []
    lines = expected_lines(packet.parsed, len(packet.data))
    defect = expected_defect(packet.parsed, len(packet.data))
    if len(packet.data) < HEADER_SIZES.get(packet.data[0], 4):
        lines = set()
    if result.lines != lines:
        problems.append(f"only ours {sorted(result.lines - lines)}, "
                        f"only scapy {sorted(lines - result.lines)}")
    if result.defect != defect:
        problems.append(f"defect {result.defect} instead of {defect}")
    flag = defect == VALID and expected_flag(packet.parsed, packet.data, packet.cut)
    if result.is_pxe != flag:
        problems.append(f"PXE flag is {result.is_pxe}")
    if packet.data[0] == 12:
        relay = expected_relay(dissect(packet.data) if defect == VALID else packet.parsed,
                               defect != VALID)
        ours = (result.relay, result.layers, result.inner)
        if ours != relay:
            problems.append(f"relay layers {ours} instead of {relay}")
    return [f"{packet.what}: {problem}" for problem in problems]


def compare_reply(packet, reply, options):
    """Our reply, taken apart by scapy, against the table and the options asked for."""
    asked, answer = packet.parsed, dissect(reply)
    problems = []
    if answer.msgtype != REPLY_TYPES[asked.msgtype]:
        problems.append(f"type {answer.msgtype}")
    for field in ("trid",) if asked.msgtype != 12 else ("hopcount", "linkaddr", "peeraddr"):
        if getattr(asked, field) != getattr(answer, field):
            problems.append(f"{field}: {getattr(answer, field)}")
    if options_of(answer) != options:
        problems.append(f"options {options_of(answer)} instead of {options}")
    return [f"reply to {packet.what}: {problem}" for problem in problems]


def compare_relay_reply(packet, reply, answer):
    """Each of our RELAY-REPL layers against the RELAY-FORW layer of the request."""
    asked, got = packet.parsed, dissect(reply)
    while isinstance(asked, s6.DHCP6_RelayForward):
        if not isinstance(got, s6.DHCP6_RelayReply):
            return [f"relay reply to {packet.what}: layer is {got.summary()}"]
        for field in ("hopcount", "linkaddr", "peeraddr"):
            if getattr(asked, field) != getattr(got, field):
                return [f"relay reply to {packet.what}: {field} {getattr(got, field)}"]
        wanted = [(18, value) for code, value in options_of(asked) if code == 18][:1]
        if [(code, value) for code, value in options_of(got) if code != 9] != wanted:
            return [f"relay reply to {packet.what}: options {options_of(got)}"]
        asked, got = nested_message(asked), nested_message(got)
    return [] if bytes(got) == answer else [f"relay reply to {packet.what}: answer differs"]


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def check_answers(program, packets, rng, directory):
    """Problems, and the packets that were built, each with its number of empty Interface-Ids."""
    problems, built = [], []
    out, inner = os.path.join(directory, "reply"), os.path.join(directory, "answer")
    for number, packet in enumerate(packets):
        if packet.cut or packet.data[0] not in REPLY_TYPES:
            continue
        scapy_options = [random_option(rng) for _ in range(rng.randint(0, 5))]
        options = [(option.optcode, bytes(option)[4:]) for option in scapy_options]
        arguments = [f"{code}:{value.hex()}" for code, value in options]
        if number % 2:  # the same bytes, appended raw
            arguments = [":" + b"".join(bytes(option) for option in scapy_options).hex()]
        subprocess.run([program, "build", packet.path, out, *arguments], check=True)
        problems += compare_reply(packet, read_file(out), options)
        built.append((read_file(out), 0))
        layers = relay_layers_of(packet.parsed)[0]
        if 1 <= len(layers) <= LAYERS_MAX:
            answer = bytes(random_message(rng, s6.DHCP6_Reply))
            with open(inner, "wb") as file:
                file.write(answer)
            subprocess.run([program, "answer", packet.path, inner, out], check=True)
            problems += compare_relay_reply(packet, read_file(out), answer)
            built.append((read_file(out), sum(value == b"" for _, _, value in layers)))
    return problems, built


def check_with_tshark(packets, directory):
    """tshark must find nothing malformed, but for empty Interface-Ids: it wants one byte there."""
    capture = os.path.join(directory, "built.pcap")
    wrpcap(capture, [ETHERNET / IPv6(src="fd77::1", dst="fd77::fe") / UDP(sport=547, dport=547) /
                     data for data, _ in packets])
    output = subprocess.run(
        ["tshark", "-n", "-r", capture, "-T", "fields", "-e", "frame.number", "-e",
         "dhcpv6.msgtype", "-e", "_ws.malformed"], check=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, universal_newlines=True).stdout
    problems, lines = [], output.splitlines()
    if len(lines) != len(packets):
        problems.append(f"tshark sees {len(lines)} of {len(packets)} packets")
    for line, (data, empty_ids) in zip(lines, packets):
        number, types, malformed = (line.split("\t") + ["", ""])[:3]
        if malformed.count("_ws.malformed") != empty_ids or types.split(",")[0] != str(data[0]):
            problems.append(f"tshark, answer {number}: types {types}, {malformed} {data.hex()}")
    return problems


def captured_packets(path):
    for frame in rdpcap(path):
        if IPv6 in frame and UDP in frame:
            payload = bytes(frame[UDP].payload)
            if {frame[UDP].sport, frame[UDP].dport} & {546, 547, 4011} and payload:
                yield payload


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("captures", nargs="*")
    parser.add_argument("--random", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_intermixed_args()
    rng = random.Random(arguments.seed)
    packets, problems = [], []
    with tempfile.TemporaryDirectory() as directory:
        def add(what, data, parsed, cut):
            path = os.path.join(directory, f"packet{len(packets)}")
            with open(path, "wb") as file:
                file.write(data)
            packets.append(Packet(what, path, data, parsed, cut))

        for capture in arguments.captures:
            for count, data in enumerate(captured_packets(capture)):
                add(f"{os.path.basename(capture)} #{count + 1}", data, dissect(data), False)
        for number in range(arguments.random):
            parsed, data, cut = random_packet(rng, number)
            add(f"random #{number} (seed {arguments.seed})", data, parsed, cut)
        results = dump_all(arguments.program, [packet.path for packet in packets])
        for packet in packets:
            problems += compare_packet(packet, results[packet.path])
        more, built = check_answers(arguments.program, packets, rng, directory)
        problems += more
        if shutil.which("tshark"):
            problems += check_with_tshark(built, directory)
        else:
            print("tshark is not there: answers were not shown to it")
    print("\n".join(problems[:50]), end="\n" if problems else "")
    print(f"{len(packets)} packets compared, {len(built)} answers compared")
    return 1 if problems or not packets or not built else 0


if __name__ == "__main__":
    sys.exit(main())
