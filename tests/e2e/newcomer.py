#!/usr/bin/python3
"""A reader at a terminal, who types what a page says, as it stands there: for newcomer.sh.

  newcomer.py PAGE[#FIRST[#BEHIND]] FOLDER COMMAND...
      PAGE     a document; of it only what is from the heading FIRST to before the heading BEHIND
      FOLDER   where the files client.wanted and client.booted are
      COMMAND  starts the reader's bash
  newcomer.py --check PAGE...      only looks whether all commands of these pages are marked

Blocks marked `sh` are typed. In those marked `console`, what is behind "# " is, and the other lines have to come, in
their order; digits may be others, and `…` is anything. `^C` is Ctrl-C. Where such a block shows a client's DISCOVER, one
is wanted: client.wanted is made, and when client.booted is there, it goes on. Blocks without a mark are nobody's
commands. A command that does not exit with 0, or does not print what the page says, ends this with exit code 1.
"""
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import terminal

LIMIT = 3 * 3600  # seconds for one command
CLIENT_LIMIT = 900

# What is not typed: the page, how the command begins, why, and what the test does in its place.
NOT_TYPED = [
    ("README.md", "./tools/test", "takes more than an hour: tools/test --in RELEASE runs it", None),
    ("debian.md", "editor /etc/wdspxe/staticpxe.ini", "wants a person",
     "printf '[server]\\nnext_server=10.77.0.1\\n[default]\\nfile=bios.0\\n' >/etc/wdspxe/staticpxe.ini"),
]

# A line that begins so is a command, whatever the block says.
COMMAND = re.compile(r"(# )?(\./|tools/|(cmake|ctest|wine|wdspxectl|apt|apt-get|systemctl|journalctl|cp|mkdir|export|git|"
                     r"x86_64-w64-mingw32-gcc)\s)")


def blocks(page):
    """(line, heading, mark, lines) of each block."""
    name, *headings = page.split("#")
    inside, heading, mark, lines, start = False, "", "", [], 0
    with open(name, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if line.startswith("```"):
                if inside:
                    yield start, heading, mark, lines
                inside, mark, lines, start = not inside, line[3:], [], number
            elif inside:
                lines.append(line)
            elif line.startswith("#"):
                heading = line.lstrip("# ")


def chosen(page):
    """Those under the headings that are asked for."""
    _, first, behind = (page.split("#") + ["", ""])[:3]
    begun = not first
    for block in blocks(page):
        begun = begun or block[1] == first
        if behind and block[1] == behind:
            return
        if begun:
            yield block


def unmarked(page):
    for start, _, mark, lines in blocks(page):
        if mark in ("", "text"):
            for number, line in enumerate(lines, start + 1):
                if COMMAND.match(line):
                    yield "%s:%d: looks like a command, in a block that is neither `sh` nor `console`: %s" % (
                        page, number, line)


def typed_whole(lines):
    """The commands of a block `sh`, each with all of its lines: what bash takes for a whole one."""
    part = []
    for line in lines:
        part.append(line)
        text = "\n".join(part)
        bash = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
        if not line.endswith("\\") and bash.returncode == 0 and "here-document" not in bash.stderr:
            if text.strip():
                yield text
            part = []
    if part:
        sys.exit("this is no whole command: " + "\n".join(part))


def commands(mark, lines):
    """(command, the lines that have to come, with None where Ctrl-C is typed) of a block."""
    if mark == "sh":
        return [(command, []) for command in typed_whole(lines)]
    found = []
    for line in lines:
        if line.startswith("# "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(None if line == "^C" else line)
    return found


def text_of(printed):
    """Without what moves a cursor: Wine's console hides it at a terminal."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", printed.decode(errors="replace"))


def plain(line):
    return re.sub(r"\d+", "0", " ".join(line.split()))


def pattern(line):
    return re.escape(plain(line)).replace("…", ".*")


def missing(wanted, printed):
    """The first line that does not come in its place; None if all do."""
    lines = [plain(line) for line in text_of(printed).split("\n")]
    at = 0
    for line in wanted:
        if line.startswith("wine: "):
            continue # Wine's own words are others in each of its versions
        while at < len(lines) and not re.fullmatch(pattern(line), lines[at]):
            at += 1
        if at == len(lines):
            return line
        at += 1
    return None


class Reader:
    def __init__(self, page, folder, argv):
        self.page, self.folder = os.path.basename(page), pathlib.Path(folder)
        self.shell = terminal.Shell(argv, LIMIT)
        self.typed = 0

    def client(self):
        wanted, booted = self.folder / "client.wanted", self.folder / "client.booted"
        booted.unlink(missing_ok=True)
        wanted.touch()
        self.shell.wait(booted.exists, "the client's boot", CLIENT_LIMIT)

    def instead(self, command):
        """What is typed; None: nothing."""
        for page, begin, reason, other in NOT_TYPED:
            if page == self.page and command.startswith(begin):
                print("   not typed: " + reason, flush=True)
                return other
        return command

    def type(self, place, command, lines):
        started = time.monotonic()
        print("%s: %s" % (place, command.replace("\n", "\n    ")), flush=True)
        command = self.instead(command)
        if command is None:
            return
        wanted = [line for line in lines if line is not None]
        discovers = any(" DISCOVER " in line for line in wanted)
        if None in lines:
            status, printed = self.type_until(command, wanted[:lines.index(None)], discovers)
        else:
            if discovers:
                self.client()
            status, printed = self.shell.run(command)
        sys.stdout.write(text_of(printed))
        print("   (exit code %d, %.0f s)" % (status, time.monotonic() - started), flush=True)
        if status:
            sys.exit("%s: '%s' exited with %d" % (place, command, status))
        line = missing(wanted, printed)
        if line is not None:
            sys.exit("%s: '%s' did not print, where the page has it: %s" % (place, command, line))
        self.typed += 1

    def type_until(self, command, lines, discovers):
        """Ctrl-C when these lines have come."""
        self.shell.send(command + "\n")
        self.shell.wait(lambda: missing(lines[:1], self.shell.output) is None, command, CLIENT_LIMIT)
        if discovers:
            self.client()
        self.shell.wait(lambda: missing(lines, self.shell.output) is None, command, CLIENT_LIMIT)
        self.shell.send("\x03")
        return self.shell.ended(command)


def main(argv):
    if argv[0] == "--check":
        errors = [line for page in argv[1:] for line in unmarked(page)]
        if errors:
            sys.exit("\n".join(errors))
        return
    page, folder, *start = argv
    errors = list(unmarked(page.split("#")[0]))
    if errors:
        sys.exit("\n".join(errors))
    reader = Reader(page.split("#")[0], folder, start)
    for number, _, mark, lines in chosen(page):
        if mark in ("sh", "console"):
            for command, wanted in commands(mark, lines):
                reader.type("%s:%d" % (reader.page, number), command, wanted)
    if not reader.typed:
        sys.exit("nothing was typed of " + page)
    print("%s: %d commands typed" % (page, reader.typed))


main(sys.argv[1:])
