"""The hive file: what is refused, what is in it, and changes to it, made with hivex."""
import struct
from dataclasses import dataclass

import hivex

from .refusal import Refusal

SZ, EXPAND_SZ, BINARY, DWORD, MULTI_SZ = 1, 2, 3, 4, 7
HEADER_SIZE = 4096
VERSIONS = {(1, 3), (1, 4), (1, 5), (1, 6)}
LONG_VALUE = 16344  # longer ones are stored in pieces, which hivex reads and cannot write


@dataclass(frozen=True)
class AddKey:
    path: tuple

    def __str__(self):
        return "add key      %s" % "\\".join(self.path)


@dataclass(frozen=True)
class SetValue:
    path: tuple
    name: str
    kind: int
    data: bytes

    def __str__(self):
        return "set value    %s : %s = %s" % ("\\".join(self.path), self.name,
                                              shown(self.kind, self.data))


@dataclass(frozen=True)
class RemoveKey:
    path: tuple

    def __str__(self):
        return "remove key   %s" % "\\".join(self.path)


@dataclass(frozen=True)
class RemoveValue:
    path: tuple
    name: str

    def __str__(self):
        return "remove value %s : %s" % ("\\".join(self.path), self.name)


def dword(number):
    return DWORD, struct.pack("<I", number)


def text(string, kind=SZ):
    return kind, (string + "\0").encode("utf-16-le")


def strings(names):
    return MULTI_SZ, ("".join(name + "\0" for name in names) + "\0").encode("utf-16-le")


def text_of(data):
    return data.decode("utf-16-le", "replace").split("\0")[0]


def strings_of(data):
    return [name for name in data.decode("utf-16-le", "replace").split("\0") if name]


def shown(kind, data):
    if kind in (SZ, EXPAND_SZ):
        return '"%s"' % text_of(data)
    if kind == MULTI_SZ:
        return " ".join('"%s"' % name for name in strings_of(data)) or "(empty list)"
    if kind == DWORD and len(data) == 4:
        return str(struct.unpack("<I", data)[0])
    return data.hex()


# ---- what is refused -----------------------------------------------------------------------------


def check_header(path, name):
    """Refuses what is no hive, of another version, or not as its Windows would leave it."""
    with open(path, "rb") as file:
        head = file.read(HEADER_SIZE)
        file.seek(0, 2)
        size = file.tell()
    if len(head) < HEADER_SIZE or head[:4] != b"regf":
        raise Refusal("%s is no registry hive" % name)
    sequence, second, major, minor, kind, layout = struct.unpack_from("<II8xIIII", head, 4)
    if (major, minor) not in VERSIONS or kind != 0 or layout != 1:
        raise Refusal("%s is a hive of version %d.%d, which is not known here"
                      % (name, major, minor))
    if sequence != second:
        raise Refusal(
            "%s is dirty (sequence numbers %d and %d): changes wait in its .LOG files; let that "
            "Windows start and shut down once (no fast startup, no hibernation)"
            % (name, sequence, second))
    checksum = 0
    for (number,) in struct.iter_unpack("<I", head[:508]):
        checksum ^= number
    checksum = {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(checksum, checksum)
    (stored, bins) = (struct.unpack_from("<I", head, at)[0] for at in (508, 40))
    if checksum != stored:
        raise Refusal("%s is damaged: the checksum of its header is wrong" % name)
    if HEADER_SIZE + bins > size:
        raise Refusal("%s is damaged: it is shorter than its header says" % name)


# ---- reading -------------------------------------------------------------------------------------


class _File(hivex.Hivex):
    """Without hivex' complaint at the end of one that could not be opened."""

    def __del__(self):
        if hasattr(self, "_o"):
            super().__del__()


class Hive:
    """A hive that passed check_header. Upper and lower case of names are the same."""

    def __init__(self, path, name):
        check_header(path, name)
        self.name = name
        self._file = self._ask(lambda: _File(path, write=True))

    def _ask(self, function, *arguments):
        try:
            return function(*arguments)
        except (RuntimeError, UnicodeDecodeError) as error:
            raise Refusal("%s: hivex fails (%s)" % (self.name, error)) from None

    def _node(self, path):
        node = self._file.root()
        for name in path:
            node = self._ask(self._file.node_get_child, node, name)
            if node is None:
                return None
        return node

    def has(self, path):
        return self._node(path) is not None

    def children(self, path):
        node = self._node(path)
        return [] if node is None else [self._name(self._file.node_name, child) for child in
                                        self._ask(self._file.node_children, node)]

    def values(self, path):
        """{name: (type, data)} of a key, in their order; none if there is no such key."""
        node = self._node(path)
        if node is None:
            return {}
        return {self._ask(self._file.value_key, value):
                tuple(self._ask(self._file.value_value, value))
                for value in self._ask(self._file.node_values, node)}

    def value(self, path, wanted):
        """(name as it is written, type, data), or None."""
        for name, (kind, data) in self.values(path).items():
            if name.upper() == wanted.upper():
                return name, kind, data
        return None

    def snapshot(self):
        """{key: {value: (type, data)}} of everything, names in upper case."""
        found = {}
        waiting = [((), self._file.root())]
        while waiting:
            path, node = waiting.pop()
            found[path] = {self._name(self._file.value_key, value).upper(): self._data(value)
                           for value in self._ask(self._file.node_values, node)}
            for child in self._ask(self._file.node_children, node):
                waiting.append((path + (self._name(self._file.node_name, child).upper(),), child))
        return found

    @staticmethod
    def _name(ask, of):
        """Windows takes names that are no text; such a one is known by where it stands."""
        try:
            return ask(of)
        except (RuntimeError, UnicodeDecodeError):
            return "(%d)" % of

    def _data(self, value):
        """A value that hivex cannot read is compared by why."""
        try:
            return tuple(self._file.value_value(value))
        except RuntimeError as error:
            return str(error)

    # ---- changing ----

    def apply(self, changes):
        for change in changes:
            APPLY[type(change)](self, change)

    def _add_key(self, change):
        self._ask(self._file.node_add_child, self._node(change.path[:-1]), change.path[-1])

    def _remove_key(self, change):
        self._ask(self._file.node_delete_child, self._node(change.path))

    def _set_value(self, change):
        values = self._own_values(change.path)
        values[change.name] = (change.kind, change.data)
        self._write_values(change.path, values)

    def _remove_value(self, change):
        values = self._own_values(change.path)
        del values[change.name]
        self._write_values(change.path, values)

    def _own_values(self, path):
        values = self.values(path)
        if any(len(data) > LONG_VALUE for _, data in values.values()):
            raise Refusal("%s: a value of %s is too long to be written again"
                          % (self.name, "\\".join(path)))
        return values

    def _write_values(self, path, values):
        self._ask(self._file.node_set_values, self._node(path), [
            {"key": name, "t": kind, "value": data} for name, (kind, data) in values.items()])

    def write(self, path):
        self._ask(self._file.commit, path)


APPLY = {
    AddKey: Hive._add_key,
    SetValue: Hive._set_value,
    RemoveKey: Hive._remove_key,
    RemoveValue: Hive._remove_value,
}


# ---- proof ---------------------------------------------------------------------------------------


def expected(snapshot, changes):
    """What a hive with that snapshot must look like after the changes."""
    keys = {path: dict(values) for path, values in snapshot.items()}
    for change in changes:
        path = tuple(name.upper() for name in change.path)
        if isinstance(change, AddKey):
            keys[path] = {}
        elif isinstance(change, SetValue):
            keys[path][change.name.upper()] = (change.kind, change.data)
        elif isinstance(change, RemoveValue):
            del keys[path][change.name.upper()]
        else:
            keys = {each: values for each, values in keys.items() if each[:len(path)] != path}
    return keys


def edit(source, target, changes, name):
    """Writes source with the changes to target, then reads it again: nothing else may differ."""
    hive = Hive(source, name)
    wanted = expected(hive.snapshot(), changes)
    hive.apply(changes)
    hive.write(target)
    if Hive(target, name).snapshot() != wanted:
        raise Refusal("%s came out of the change with other differences than those wanted" % name)
