"""What was done to an image, kept inside it, beside the hive: there Windows lets nobody else read."""
import dataclasses
import json
from dataclasses import dataclass, field

from . import paths
from .refusal import Refusal

HIVE = r"Windows\System32\config\SYSTEM"
FOLDER = r"Windows\System32\config\wdspxe.record"
FILE = FOLDER + r"\record.json"
HIVE_KEPT = FOLDER + r"\SYSTEM"
FRESH = FOLDER + r"\new"  # a file on its way to its place
FORMAT = 1


@dataclass
class Record:
    """Paths are as in paths.py; checksums are SHA-256 in hexadecimal digits."""
    machine: str
    folder: str                                   # where the files are
    hive_before: str                              # checksum of SYSTEM without us
    hive_after: str                               # and with
    files: dict = field(default_factory=dict)     # path: checksum, of all that was added
    kept: dict = field(default_factory=dict)      # path: where its original is now
    folders: list = field(default_factory=list)   # those that were made, outermost first
    times: dict = field(default_factory=dict)     # path: time of a folder before, nanoseconds
    service: str = ""
    providers: list = field(default_factory=list)
    keys: list = field(default_factory=list)      # registry keys that were made, outermost first
    order_made: bool = False                      # ProvidersOrder was not there
    original: str = ""                            # checksum of the WIM from before, if it was kept

    def to_json(self):
        return json.dumps({"format": FORMAT, **dataclasses.asdict(self)}, indent=2) + "\n"


def from_json(text):
    """The record comes out of an image: nothing in it is taken on trust."""
    try:
        data = json.loads(text)
        if data.pop("format") != FORMAT:
            raise Refusal("%s is of another version of this tool" % FILE)
        found = Record(**data)
        _check(found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal("%s is damaged (%s)" % (FILE, error)) from None
    return found


def _check(found):
    for each in dataclasses.fields(Record):
        if not isinstance(getattr(found, each.name), each.type):
            raise ValueError(each.name)
    for path in (found.folder, *found.files, *found.folders, *found.times):
        paths.parts(path)
    for path, kept in found.kept.items():
        paths.parts(path)
        if path not in found.files or not kept.startswith(FOLDER + "\\") or len(
                paths.parts(kept)) != len(paths.parts(FILE)):
            raise ValueError("kept")
    for name in (*found.files.values(), *found.providers, *found.keys):
        if not isinstance(name, str):
            raise ValueError("names")
    if not all(isinstance(time, int) for time in found.times.values()):
        raise ValueError("times")
