#!/usr/bin/python3
"""Holds the golden files of staticpxe against the captures that they stand for.

    golden_capture.py TESTS_FOLDER

For every case of TESTS_FOLDER/golden/cases.json: each reply of the golden file is compared, field by
field, with what the server of the capture sent to the same request. The capture is taken apart by
scapy, which knows nothing of ours. Fields that a case excepts, with its reason, are not compared;
an exception that is not needed is an error too, and so is a reply without a counterpart.
Prints one line per case. Exit code 1 and the differences if there are any.
"""
import json
import os
import sys

from scapy.all import IP, UDP, IPv6, rdpcap
from scapy.layers.dhcp import BOOTP, DHCPOptions
from scapy.layers.dhcp import DHCP
from scapy.layers.dhcp6 import DHCP6, DHCP6_RelayForward, DHCP6_RelayReply, DHCP6OptRelayMsg

COOKIE = bytes([99, 130, 83, 99])
OPTIONS_FIELD = DHCP().get_field("options")
HEADER4 = {"op": "op", "htype": "htype", "hlen": "hlen", "hops": "hops", "xid": "xid",
           "secs": "secs", "flags": "flags", "ciaddr": "ciaddr", "yiaddr": "yiaddr",
           "siaddr": "siaddr", "giaddr": "giaddr", "chaddr": "chaddr", "sname": "sname",
           "file": "file"}
TYPES4 = {2: "OFFER", 5: "ACK"}
TYPES6 = {2: "ADVERTISE", 7: "REPLY"}
SERVER_PORTS = (67, 547, 4011)


def fields4(payload):
    """{field id: hex} of a DHCPv4 message, as scapy sees it."""
    message = BOOTP(payload)
    fields = {}
    for name, attribute in HEADER4.items():
        field = BOOTP().get_field(attribute)
        raw = field.addfield(message, b"", message.getfieldval(attribute))
        fields[name] = (raw.rstrip(b"\0") if name in ("sname", "file") else raw).hex()
    assert bytes(message.options)[:4] == COOKIE, "no cookie"
    for option in OPTIONS_FIELD.m2i(None, payload[240:]):
        if option == "pad":
            continue
        if option == "end":
            break
        raw = OPTIONS_FIELD.i2m(None, [option])
        assert str(raw[0]) not in fields, "scapy shows an option twice"
        fields[str(raw[0])] = raw[2:].hex()
    return fields


def options6(layer, prefix, fields):
    while layer and hasattr(layer, "optcode"):
        raw = bytes(layer.copy())[:4 + layer.optlen]
        if isinstance(layer, DHCP6OptRelayMsg):
            message6(bytes(layer.message), prefix + "9.", fields)
        else:
            name = prefix + str(layer.optcode)
            assert name not in fields, "an option twice"
            fields[name] = raw[4:].hex()
        layer = layer.payload


def message6(payload, prefix, fields):
    """Adds {path: hex} of a DHCPv6 message; what relays wrapped up has a path such as 9.xid."""
    fields[prefix + "type"] = payload[:1].hex()
    if payload[0] in (12, 13):
        message = (DHCP6_RelayForward if payload[0] == 12 else DHCP6_RelayReply)(payload)
        fields[prefix + "hops"] = "%02x" % message.hopcount
        fields[prefix + "link"] = payload[2:18].hex()
        fields[prefix + "peer"] = payload[18:34].hex()
    else:
        message = DHCP6(payload)
        fields[prefix + "xid"] = "%06x" % (int.from_bytes(payload[1:4], "big"))
    options6(message.payload, prefix, fields)


class Frame:
    """A DHCP message of the capture."""

    def __init__(self, packet):
        network = packet[IP] if IP in packet else packet[IPv6]
        self.is_ipv6 = IPv6 in packet
        self.payload = bytes(packet[UDP].payload)
        self.source, self.destination = network.src, network.dst
        self.source_port, self.destination_port = packet[UDP].sport, packet[UDP].dport
        if self.is_ipv6:
            self.fields = {}
            message6(self.payload, "", self.fields)
            self.is_reply = self.payload[0] in (2, 7, 13)
        else:
            self.fields = fields4(self.payload)
            self.is_reply = self.payload[0] == 2
        self.transaction = self.fields.get("9.xid") or self.fields["xid"]

    def endpoint(self, address, port):
        return f"[{address}]:{port}" if self.is_ipv6 else f"{address}:{port}"

    def everything(self):
        """The fields and what the golden file tells of the datagram."""
        return {**self.fields, "bytes": str(len(self.payload)),
                "from": self.endpoint(self.source, self.source_port),
                "to": self.endpoint(self.destination, self.destination_port)}


def read_capture(path):
    """{frame number: Frame}"""
    return {number: Frame(packet) for number, packet in enumerate(rdpcap(path), 1)
            if UDP in packet and {packet[UDP].sport, packet[UDP].dport} & set(SERVER_PORTS)}


def golden_fields(reply):
    """The same of a reply of a golden file."""
    fields = {"bytes": str(reply["bytes"]), "from": reply["from"], "to": reply["to"]}

    def add(items, prefix):
        for item in items:
            path = prefix + item["id"]
            if item["id"] == "9" and "parts" in item:
                add(item["parts"], path + ".")
            else:
                assert path not in fields, f"{path} twice in a golden file"
                fields[path] = item["hex"]

    add(reply["fields"], "")
    return fields


def real_reply(frames, number, server):
    """The reply of the server to the request in frame `number`."""
    request = frames[number]
    for other in sorted(frames):
        frame = frames[other]
        if other > number and frame.is_reply and frame.source == server and \
                frame.transaction == request.transaction:
            return frame
    return None


class Exceptions:
    """What a case excepts: "field", or "TYPE field"."""

    def __init__(self, case, reasons):
        self.unused = set()
        for reason, fields in case["except"]:
            assert len(reasons.get(reason, reason)) > 20, f"no reason: {reason}"
            self.unused |= set(fields)
        self.all = set(self.unused)

    def take(self, kind, field):
        names = {field, f"{kind} {field}"} & self.all
        self.unused -= names
        return bool(names)


def kind_of(fields):
    code = fields.get("53") or fields.get("9.type") or fields["type"]
    return (TYPES4 if "53" in fields else TYPES6).get(int(code, 16), "?")


def compare_reply(frame, reply, exceptions):
    """Yields what differs."""
    expected, got = frame.everything(), golden_fields(reply)
    for field in sorted(set(expected) | set(got)):
        one, other = expected.get(field), got.get(field)
        if one != other and not exceptions.take(kind_of(got), field):
            yield f"{kind_of(got)} {field}: the server sent {one}, the golden file has {other}"


def check_case(folder, case, reasons):
    """Returns how many replies were compared, and what is wrong."""
    frames = read_capture(os.path.join(folder, "captures", case["capture"]))
    with open(os.path.join(folder, "golden", case["name"] + ".json"), encoding="utf-8") as file:
        golden = json.load(file)
    exceptions = Exceptions(case, reasons)
    problems = []
    compared = 0
    if golden["ignore"]:
        problems.append("the golden file ignores fields")
    for exchange in golden["exchanges"]:
        for reply in exchange["replies"]:
            frame = real_reply(frames, exchange["frame"], case["server"])
            if frame is None:
                problems.append(f"frame {exchange['frame']}: the server did not answer, ours does")
                continue
            compared += 1
            problems += [f"frame {exchange['frame']}: {text}"
                         for text in compare_reply(frame, reply, exceptions)]
    if compared != case["replies"]:
        problems.append(f"{compared} replies compared, not {case['replies']}")
    problems += [f"the exception is not needed: {field}" for field in sorted(exceptions.unused)]
    return compared, problems


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "golden", "cases.json"), encoding="utf-8") as file:
        table = json.load(file)
    total = failed = 0
    for case in table["cases"]:
        compared, problems = check_case(folder, case, table["exceptions"])
        total += compared
        failed += bool(problems)
        print(f"{case['name']}: {compared} replies compared, {len(problems)} problems")
        for problem in problems:
            print("   ", problem)
    print(f"{total} replies of real servers compared, {failed} cases differ")
    return 1 if failed or total < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
