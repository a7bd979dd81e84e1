"""Saves staticpxe's file as editors do it, while clients ask the server.

    saves.py FILE LOG PORT SAVES     PORT: the server's boot server port on 127.0.0.1

Every answer has a file and two options of the same version, which was in force while the client waited.
Every other version has two mistakes; the log must tell each once.
"""
import os
import pathlib
import re
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from wire import PXE_X64, dhcp4, options4_of

CLIENTS = 2
PATIENCE = 120  # seconds, a bound for what must happen
PAUSE = 0.005  # seconds between a client's requests: the server shall have time to read files
FILE_FIELD = 108
ANSWER, ACK = 2, 5


def request(xid):
    return dhcp4(3, bytes.fromhex("525400770001"), ciaddr="127.0.0.1", xid=xid, vendor_class=PXE_X64)


class Versions:
    """Which version is known to be in force, and which was saved last."""

    def __init__(self):
        self.lock = threading.Lock()
        self.seen = self.saved = 0
        self.answers = 0
        self.faults = []
        self.is_over = False

    def fault(self, text):
        with self.lock:
            self.faults.append(text)

    def answered(self, version, oldest):
        with self.lock:
            if not oldest <= version <= self.saved:
                self.faults.append("version %d, but %d to %d were due" % (version, oldest, self.saved))
            self.seen = max(self.seen, version)
            self.answers += 1


def version_of(reply):
    """The version that the reply is made of; None: of several."""
    options = options4_of(reply)
    name = reply[FILE_FIELD:FILE_FIELD + 128].split(b"\0")[0]
    numbers = {int(name[1:] or b"-1"), struct.unpack(">I", options[128])[0], int(options[129][1:])}
    return numbers.pop() if len(numbers) == 1 else None


def ask_all_the_time(versions, port, number):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.bind(("127.0.0.1", 0))
    client.settimeout(PATIENCE)
    xid = number << 24
    while not versions.is_over:
        xid += 1
        oldest = versions.seen
        client.sendto(request(xid), ("127.0.0.1", port))
        try:
            reply = client.recv(2048)
            while reply[4:8] != struct.pack(">I", xid):
                reply = client.recv(2048)
        except socket.timeout:
            versions.fault("request %x: no answer" % xid)
            return
        version = version_of(reply)
        if reply[0] != ANSWER or options4_of(reply)[53] != bytes([ACK]) or version is None:
            versions.fault("request %x: a mixture: %s" % (xid, reply.hex()))
        else:
            versions.answered(version, oldest)
        time.sleep(PAUSE)


def text_of(version, is_good):
    lines = ["[default]", "file=f%d" % version, "option.128=u32:%d" % version]
    lines += ['option.129="i%d"' % version]
    if not is_good:
        lines += ["fiel%d=x" % version, "next_server=10.0.%d" % version]
    return "\n".join(lines) + "\n"


def save(path, text, way):
    """Over the old file, by a new one that takes its name, or in two halves."""
    if way == 1:
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write(text)
        os.replace(path + ".new", path)
        return
    half = text.index("option.129") + 4 if way == 2 else len(text)
    with open(path, "w", encoding="ascii") as file:
        file.write(text[:half])
        file.flush()
        file.write(text[half:])


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            sys.exit("%s did not come to pass in %d s" % (what, PATIENCE))
        time.sleep(0.01)


def read(path):
    """Without what Wine shows of events."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return "".join(line for line in file if ":eventlog:" not in line)


def save_all(versions, path, log, saves):
    for version in range(1, saves + 1):
        is_good = version % 2 == 0
        if is_good:
            versions.saved = version
        save(path, text_of(version, is_good), version // 2 % 3)
        if is_good:
            wait_for(lambda: versions.seen >= version or versions.faults, "version %d" % version)
        else:
            wait_for(lambda: "key fiel%d:" % version in read(log)[-20000:], "what is wrong with %d" % version)
        if versions.faults:
            return


def told_wrong(log, saves):
    """Mistakes that the log does not tell exactly once, each with its line."""
    text = read(log)
    wrong = []
    for version in range(1, saves + 1, 2):
        told = len(re.findall(r"line 5, section \[default\], key fiel%d: unknown key" % version, text))
        if told != 1:
            wrong.append("the mistake of version %d is told %d times" % (version, told))
    servers = text.count("line 6, section [default], key next_server: write an IPv4 address")
    if servers != (saves + 1) // 2:
        wrong.append("%d mistakes in line 6 are told, not %d" % (servers, (saves + 1) // 2))
    return wrong


def main():
    path, log, port, saves = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    versions = Versions()
    clients = [threading.Thread(target=ask_all_the_time, args=(versions, port, number), daemon=True)
               for number in range(CLIENTS)]
    for client in clients:
        client.start()
    save_all(versions, path, log, saves)
    versions.is_over = True
    for client in clients:
        client.join()
    faults = versions.faults + told_wrong(log, saves)
    print("%d saves, %d requests answered, %d faults" % (saves, versions.answers, len(faults)))
    if faults or versions.answers < saves:
        sys.exit("\n".join(faults[:20]) or "too few answers")


main()
