"""Writes registry hives, after the published description of the regf format.

Debian has programs that read and change hives, and none that makes one. Nothing here is shared with
tools/lab_image: what is written wrongly here fails there, and in the readers that the tests compare.
"""
import struct

NONE = 0xFFFFFFFF
SZ, EXPAND_SZ, BINARY, DWORD, MULTI_SZ, QWORD = 1, 2, 3, 4, 7, 11
FIRST_BIN = 4096
BIN_HEADER = 32
SEGMENT = 16344  # of a value too long for one cell
TIME = struct.pack("<Q", 0x01D0000000000000)
# Owner and group Administrators, no lists: self-relative.
DESCRIPTOR = bytes.fromhex(
    "01000080140000002400000000000000000000000102000000000005200000002002000001020000000000052000"
    "000020020000")


def dword(number):
    return DWORD, struct.pack("<I", number)


def text(string, kind=SZ):
    return kind, (string + "\0").encode("utf-16-le")


def multi(*strings):
    return MULTI_SZ, ("".join(s + "\0" for s in strings) + "\0").encode("utf-16-le")


class Key:
    """A key to be written: values are {name: (type, bytes)}, keys are {name: Key}."""

    def __init__(self, values=None, keys=None, index="lh"):
        self.values = dict(values or {})
        self.keys = dict(keys or {})
        self.index = index  # lf, lh, li, or ri: lists of lists, as Windows has it from 512 keys on


class Writer:
    def __init__(self, minor):
        self.minor = minor
        self.bins = bytearray()
        self.at = 0  # next free byte of the last bin

    def new_bin(self, needed):
        start = len(self.bins)
        size = -(-(BIN_HEADER + needed) // 4096) * 4096
        self.bins += struct.pack("<4sII8x8sI", b"hbin", start, size, TIME, 0)
        self.bins += bytes(size - BIN_HEADER)
        self.at = start + BIN_HEADER

    def close_bin(self):
        rest = len(self.bins) - self.at
        if rest:
            struct.pack_into("<i", self.bins, self.at, rest)

    def cell(self, data):
        """Puts data into a cell of its own; its offset."""
        size = -(-(len(data) + 4) // 8) * 8
        if len(self.bins) - self.at < size:
            self.close_bin()
            self.new_bin(size)
        offset = self.at
        struct.pack_into("<i", self.bins, offset, -size)
        self.bins[offset + 4:offset + 4 + len(data)] = data
        self.at += size
        return offset

    def data(self, data):
        if len(data) <= SEGMENT or self.minor < 4:
            return self.cell(data)
        segments = [self.cell(data[at:at + SEGMENT]) for at in range(0, len(data), SEGMENT)]
        offsets = self.cell(struct.pack("<%dI" % len(segments), *segments))
        return self.cell(struct.pack("<2sHI", b"db", len(segments), offsets))

    def value(self, name, kind, data):
        raw, compressed = encode_name(name)
        if len(data) <= 4:
            length, place = len(data) | 0x80000000, int.from_bytes(data.ljust(4, b"\0"), "little")
        else:
            length, place = len(data), self.data(data)
        return self.cell(struct.pack("<2sHIIIHH", b"vk", len(raw), length, place, kind,
                                     1 if compressed else 0, 0) + raw)

    def list_of(self, kind, entries):
        """entries are [(offset, name)], in order of their names."""
        if kind == "ri":
            half = -(-len(entries) // 2)
            parts = [self.list_of("lh", part) for part in (entries[:half], entries[half:]) if part]
            return self.cell(struct.pack("<2sH%dI" % len(parts), b"ri", len(parts), *parts))
        data = struct.pack("<2sH", kind.encode(), len(entries))
        for offset, name in entries:
            data += struct.pack("<I", offset)
            if kind == "lh":
                data += struct.pack("<I", name_hash(name))
            elif kind == "lf":
                data += name.encode("latin-1", "replace")[:4].ljust(4, b"\0")
        return self.cell(data)

    def key(self, name, key, security, flags):
        ordered = sorted(key.keys, key=str.upper)
        children = [(self.key(child, key.keys[child], security, 0), child) for child in ordered]
        values = [self.value(n, *key.values[n]) for n in key.values]
        keys_at = self.list_of(key.index, children) if children else NONE
        values_at = self.cell(struct.pack("<%dI" % len(values), *values)) if values else NONE
        raw, compressed = encode_name(name)
        offset = self.cell(struct.pack(
            "<2sH8sIIIIIIIIIIIIIIIHH", b"nk", flags | (0x20 if compressed else 0), TIME, 0, NONE,
            len(children), 0, keys_at, NONE, len(values), values_at, security, NONE,
            max((len(n) for n in key.keys), default=0) * 2, 0,
            max((len(n) for n in key.values), default=0) * 2,
            max((len(d) for _, d in key.values.values()), default=0), 0, len(raw), 0) + raw)
        for child, _ in children:
            struct.pack_into("<I", self.bins, child + 4 + 16, offset)
        return offset


def encode_name(name):
    """The name as it is stored, and whether in one byte a character."""
    try:
        return name.encode("latin-1"), True
    except UnicodeEncodeError:
        return name.encode("utf-16-le"), False


def name_hash(name):
    value = 0
    for character in name.upper():
        value = (value * 37 + ord(character)) & 0xFFFFFFFF
    return value


def count_keys(key):
    return 1 + sum(count_keys(child) for child in key.keys.values())


def checksum(header):
    value = 0
    for (number,) in struct.iter_unpack("<I", header[:508]):
        value ^= number
    return {0: 1, NONE: 0xFFFFFFFE}.get(value, value)


def hive(root, minor=5, sequences=(7, 7), major=1, name="SYSTEM"):
    """The bytes of a hive with that root key."""
    writer = Writer(minor)
    writer.new_bin(4096)
    security = writer.cell(struct.pack("<2sHIIII", b"sk", 0, 0, 0, count_keys(root),
                                       len(DESCRIPTOR)) + DESCRIPTOR)
    struct.pack_into("<II", writer.bins, security + 8, security, security)
    root_at = writer.key("CMI-CreateHive{0}", root, security, 0x0C)
    writer.close_bin()
    header = bytearray(4096)
    struct.pack_into("<4sII8sIIIIIII", header, 0, b"regf", *sequences, TIME, major, minor, 0, 1,
                     root_at, len(writer.bins), 1)
    header[48:48 + 64] = name.encode("utf-16-le").ljust(64, b"\0")
    struct.pack_into("<I", header, 508, checksum(header))
    return bytes(header + writer.bins)
