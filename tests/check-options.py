#!/usr/bin/env python3
"""Each option that wdspxectl's code asks for by its name is in the table of a command.

A name that is in none would end the program, and only where it is asked for. The tables are those of
tools/wdspxectl/commands.json, which the manuals' test holds against the program.
"""

import json
import pathlib
import re
import sys

TOOL = pathlib.Path(__file__).resolve().parent.parent / "tools/wdspxectl"
ASKED = re.compile(r'\boption_(?:values|given|number|text)\(\s*\w+,\s*"([^"]+)"')


def options(command):
    """The names of a command's options and of those below it."""
    for option in command.get("options", []):
        yield option["name"]
    for part in command.get("commands", []):
        yield from options(part)


def main():
    known = set(options(json.loads((TOOL / "commands.json").read_text())))
    asked = [(path, name) for path in sorted(TOOL.rglob("*.c"))
             for name in ASKED.findall(path.read_text())]
    wrong = [place for place in asked if place[1] not in known]
    for path, name in wrong:
        print("%s: no command has an option --%s" % (path.relative_to(TOOL), name), file=sys.stderr)
    print("%d options asked for by name, %d mistakes" % (len(asked), len(wrong)))
    return 1 if wrong or not asked else 0


sys.exit(main())
