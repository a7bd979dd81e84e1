"""Which machine a Windows program is for."""
import struct

from .refusal import Refusal

MACHINES = {0x14C: "x86", 0x8664: "x64", 0xAA64: "arm64", 0x1C4: "arm"}
HEADER_LIMIT = 4096


def machine(path, shown):
    """The name of the machine of the program in the file; `shown` is what a refusal calls it."""
    with open(path, "rb") as file:
        head = file.read(HEADER_LIMIT)
    if head[:2] != b"MZ" or len(head) < 64:
        raise Refusal("%s is no Windows program" % shown)
    (at,) = struct.unpack_from("<I", head, 60)
    if at > len(head) - 6 or head[at:at + 4] != b"PE\0\0":
        raise Refusal("%s is no Windows program" % shown)
    (number,) = struct.unpack_from("<H", head, at + 4)
    if number not in MACHINES:
        raise Refusal("%s is for an unknown machine, 0x%04x" % (shown, number))
    return MACHINES[number]
