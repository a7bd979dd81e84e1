#!/usr/bin/env python3
"""Makes man pages and completions.

    manuals.py make VERSION OUT      from tools/wdspxectl/commands.json, docs/staticpxe.md and
                                     include/wdspxe.h: OUT/manN, the same compressed in OUT/gz/manN,
                                     OUT/completions
    manuals.py compare TABLES.json   whether commands.json is what `wdspxectl tables` wrote
    manuals.py update TABLES.json    makes it so

Exit code 1: they differ, or a source cannot be read.
"""
import gzip
import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import completions  # noqa: E402
import pages  # noqa: E402

ROOT = HERE.parents[1]
COMMANDS = ROOT / "tools/wdspxectl/commands.json"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_compressed(path, text):
    """The same text, the same bytes: neither name nor time of the file are in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))


def make(version, out):
    program = json.loads(COMMANDS.read_text(encoding="utf-8"))
    made = dict(pages.of_program(program, version))
    made["staticpxe.ini.5"] = pages.of_document(
        (ROOT / "docs/staticpxe.md").read_text(encoding="utf-8"), version,
        name="staticpxe.ini", section="5", summary="settings of the provider staticpxe.dll")
    made["wdspxe.3"] = pages.of_header(
        (ROOT / "include/wdspxe.h").read_text(encoding="utf-8"), version)
    shutil.rmtree(out, ignore_errors=True)
    for name, text in made.items():
        folder = "man" + name[-1]
        write(out / folder / name, text)
        write_compressed(out / "gz" / folder / (name + ".gz"), text)
    write(out / "completions/wdspxectl.bash", completions.bash(program))
    write(out / "completions/_wdspxectl", completions.zsh(program))


def compare(tables):
    if json.loads(tables.read_text(encoding="utf-8")) == \
            json.loads(COMMANDS.read_text(encoding="utf-8")):
        return 0
    print(f"{COMMANDS.relative_to(ROOT)} is not what `wdspxectl tables` writes. "
          "tools/manuals/update makes it so", file=sys.stderr)
    return 1


def main(arguments):
    match arguments:
        case ["make", version, out]:
            make(version, pathlib.Path(out))
        case ["compare", tables]:
            return compare(pathlib.Path(tables))
        case ["update", tables]:
            text = json.dumps(json.loads(pathlib.Path(tables).read_text(encoding="utf-8")), indent=1)
            write(COMMANDS, text + "\n")
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
