#!/usr/bin/env python3
"""The table of test_faulty.sh: one server for each fault of faulty.c. Prints a row for each: what became
of the server, who the log says it was, how it was stopped, and how long that took.

    faulty_table.py [--by file|ctrl-c|term]... WDSPXECTL_EXE FOLDER [FAULT...]

Servers are stopped by the stop file, Ctrl-C and SIGTERM in turn, or in the way that --by gives.
"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from wire import PXE_X64, dhcp4

RATE = 400          # requests a second
FAULTS_SENT = 5     # of them that the provider fails for
STOP_LIMIT = 15     # seconds from the wish to stop to the end of the process
WAIT = 90           # seconds for anything else, on a busy machine

SIGNALS = {"ctrl-c": signal.SIGINT, "term": signal.SIGTERM}
WAYS = ("file", *SIGNALS)

GOES_ON, ENDS, EITHER = "goes on", "ends", "goes on or ends"

# What must become of it, and what the log must say of the provider (None: the process is gone before
# anybody could say something).
TABLE = {
    "av": (GOES_ON, "access violation"),
    "stack": (GOES_ON, "stack overflow"),
    "cpp": (GOES_ON, "C++ exception"),
    "raise": (GOES_ON, "0xe0001234"),
    "div": (GOES_ON, "division by zero"),
    "int3": (GOES_ON, "breakpoint"),
    "jump0": (GOES_ON, "access violation"),
    "privileged": (GOES_ON, "privileged instruction"),
    "fastfail": (ENDS, None),
    "rsp": (ENDS, None),
    "abort": (ENDS, None),
    "exit": (ENDS, None),
    "exitprocess": (ENDS, None),
    "threadav": (ENDS, None),
    "terminatethread": (GOES_ON, "its thread has ended"),
    "exitthread": (GOES_ON, "its thread has ended"),
    "loop": (GOES_ON, "receive callbacks that do not return"),
    "sleep": (GOES_ON, "receive callbacks that do not return"),
    "suspend": (GOES_ON, "receive callbacks that do not return"),
    "deadlock": (GOES_ON, "receive callbacks that do not return"),
    "loaderlock": (EITHER, "receive callbacks that do not return"),
    "heapfree": (EITHER, None),
    "heapfree2": (EITHER, None),
    "overrun": (ENDS, None),
    "smash": (ENDS, None),  # by event 1030, or because the heap notices first
    "leak": (GOES_ON, "left 64 packet(s)"),
    "closekey": (GOES_ON, None),
    "closeall": (EITHER, None),
    "freelib": (EITHER, "it has unloaded itself"),  # another thread may just be in its code
    "serverstop": (GOES_ON, "stop from a callback: 5023"),
    "pendall": (GOES_ON, None),
    "avdown": (GOES_ON, "access violation"),
    "throwdown": (GOES_ON, "C++ exception"),
    "hangdown": (GOES_ON, "PXE_CALLBACK_SHUTDOWN has not returned"),
    "exitthreaddown": (GOES_ON, "its thread has ended"),
    "avinit": (GOES_ON, "access violation"),
    "hanginit": (GOES_ON, "PxeProviderInitialize has not returned"),
    "exitthreadinit": (GOES_ON, "its thread has ended"),
}


def free_ports():
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    return [one.getsockname()[1] for one in sockets]


LEFT_OUT = re.compile(r"left out the lines of \d+ more requests: .*?(\d+) answered")


def becomes_true(condition, seconds=WAIT):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Server:
    """One run of `wdspxectl serve` with one fault."""

    def __init__(self, exe, folder, fault):
        self.folder = folder
        self.stop_file = folder / "stop"
        self.stop_file.unlink(missing_ok=True)
        self.port, boot_port = free_ports()
        self.sent = 0
        self.out_path, self.err_path = folder / "out", folder / "err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.process = subprocess.Popen(
                ["wine", str(exe), "serve", "--json", "--verbose", "--interface", "127.0.0.1", "--port",
                 str(self.port), "--boot-port", str(boot_port), "--stop-file", "stop",
                 "--dump-dir", "dumps"],
                cwd=folder, stdout=out, stderr=err, stdin=subprocess.DEVNULL,
                env={**os.environ, "FAULT": fault})

    def has_ended(self):
        return self.process.poll() is not None

    def out(self):
        return self.out_path.read_text(encoding="utf-8", errors="replace")

    def text(self):
        return self.out() + self.err_path.read_text(encoding="utf-8", errors="replace")

    def answered(self):
        """How many requests the other provider has answered: those told one by one, and those that the
        log's budget left out and only counts."""
        count = sum(int(number) for number in LEFT_OUT.findall(self.text()))
        for line in self.out().splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue  # is being written
            count += event.get("event") == "request" and event.get("provider") == "good"
        return count

    def send(self, sender, is_fault):
        self.sent += 1
        mac = (b"\x02\xfa" if is_fault else b"\x52\x54") + self.sent.to_bytes(4, "big")
        sender.sendto(dhcp4(1, mac, xid=self.sent, vendor_class=PXE_X64), ("127.0.0.1", self.port))

    def load(self, until):
        """RATE requests a second, the faulty ones among the first two seconds'."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            begin, count = time.monotonic(), 0
            while not until.is_set():
                while count < (time.monotonic() - begin) * RATE:
                    count += 1
                    every = 2 * RATE // FAULTS_SENT
                    self.send(sender, count % every == 0 and count // every <= FAULTS_SENT)
                time.sleep(0.005)

    def goes_on(self):
        """Does it answer what is sent from now on? False: it has ended, or does not."""
        before = self.answered()
        becomes_true(lambda: self.has_ended() or self.answered() > before + RATE // 4)
        return not self.has_ended() and self.answered() > before + RATE // 4

    def stop(self, way):
        """Seconds until it has ended; None: it did not."""
        begin = time.monotonic()
        if way == "file":
            self.stop_file.touch()
        else:
            self.process.send_signal(SIGNALS[way])
        try:
            self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        return time.monotonic() - begin


def faults_are_over(server):
    """All faulty requests have been sent, and what they do has had its effect on who is sent to."""
    return server.has_ended() or server.sent > 2 * RATE + RATE // 2


def named(server, words):
    """What the log says of the provider; None: nothing."""
    for line in server.text().splitlines():
        if words is not None and words in line and "faulty" in line:
            return words
    return None


def run(exe, folder, fault, way):
    """The row of one fault: (what became of it, exit code, what the log says of the provider, seconds to
    stop, what is wrong)."""
    wanted, words = TABLE[fault]
    server = Server(exe, folder, fault)
    until = threading.Event()
    sender = threading.Thread(target=server.load, args=(until,), daemon=True)
    wrong = []
    if not becomes_true(lambda: server.has_ended() or '"serving"' in server.out()):
        wrong.append("does not begin to serve")
    sender.start()
    becomes_true(lambda: faults_are_over(server))
    is_going_on = server.goes_on()
    if wanted == ENDS:
        becomes_true(server.has_ended)
        is_going_on = is_going_on and not server.has_ended()
    if words is not None and is_going_on and not fault.endswith("down"):
        becomes_true(lambda: server.has_ended() or words in server.text(), 30)
    became = GOES_ON if is_going_on else ENDS if server.has_ended() else "neither"
    until.set()
    sender.join()
    seconds = server.stop(way)
    code = server.process.returncode
    if became not in wanted:
        wrong.append(f"{became} instead of {wanted}")
    if became == ENDS and code == 0:
        wrong.append("a supervisor takes exit code 0 for success")
    if seconds is None or seconds > STOP_LIMIT:
        wrong.append("does not stop in time")
    if words is not None and became == GOES_ON and named(server, words) is None:
        wrong.append(f'the log does not say "{words}" of the provider')
    return became, code, named(server, words), seconds, wrong


def arguments():
    """(ways to stop, program, folder, faults) of the command line."""
    ways, rest = [], sys.argv[1:]
    while rest[:1] == ["--by"]:
        ways.append(rest[1])
        rest = rest[2:]
    faults = rest[2:] or list(TABLE)
    unknown = set(ways) - set(WAYS) | set(faults) - set(TABLE)
    if unknown:
        sys.exit(f"no such way or fault: {sorted(unknown)}")
    return ways or WAYS, pathlib.Path(rest[0]), pathlib.Path(rest[1]), faults


def main():
    # A shell that runs this in the background has it ignored, and so would Wine.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ways, exe, folder, faults = arguments()
    failures = 0
    print(f"{'fault':<16} {'became':<8} {'code':>5} {'stopped by':<10} {'after':>6}  the log says of the provider")
    for number, fault in enumerate(faults):
        way = ways[number % len(ways)]
        became, code, words, seconds, wrong = run(exe, folder, fault, way)
        by, stop = ("-", "-") if became == ENDS else (way, "never" if seconds is None else f"{seconds:.1f}s")
        said = words or "-"
        print(f"{fault:<16} {became:<8} {code:>5} {by:<10} {stop:>6}  {said}", flush=True)
        if wrong:
            failures += 1
            print("    WRONG: " + "; ".join(wrong))
            for line in (folder / "err").read_text(errors="replace").splitlines()[-8:]:
                print("    " + line)
    print(f"{len(faults)} faults, {failures} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
