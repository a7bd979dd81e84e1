#!/usr/bin/env python3
"""The table of test_faulty.sh: one server for each fault of faulty.c. Prints a row for each.

    faulty_table.py WDSPXECTL_EXE FOLDER [FAULT...]
"""

import json
import os
import re
import pathlib
import socket
import subprocess
import sys
import threading
import time

RATE = 400          # requests a second
FAULTS_SENT = 5     # of them that the provider fails for
STOP_LIMIT = 15     # seconds from the stop file to the end of the process
WAIT = 90           # seconds for anything else, on a busy machine

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


def discover(mac, transaction):
    packet = bytearray(300)
    packet[0:3] = b"\1\1\6"
    packet[4:8] = transaction.to_bytes(4, "big")
    packet[28:34] = mac
    packet[236:240] = bytes([99, 130, 83, 99])
    options = bytes([53, 1, 1, 93, 2, 0, 7, 60, 9]) + b"PXEClient" + b"\xff"
    packet[240:240 + len(options)] = options
    return bytes(packet)


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
        sender.sendto(discover(mac, self.sent), ("127.0.0.1", self.port))

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

    def stop(self):
        """Seconds until it has ended; None: it did not."""
        begin = time.monotonic()
        self.stop_file.touch()
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


def run(exe, folder, fault):
    """The row of one fault: (what became of it, exit code, seconds to stop, what is wrong)."""
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
    seconds = server.stop()
    code = server.process.returncode
    if became not in wanted:
        wrong.append(f"{became} instead of {wanted}")
    if became == ENDS and code == 0:
        wrong.append("a supervisor takes exit code 0 for success")
    if seconds is None or seconds > STOP_LIMIT:
        wrong.append("does not stop in time")
    if words is not None and became == GOES_ON and not (words in server.text() and "faulty" in server.text()):
        wrong.append(f'the log does not say "{words}" of the provider')
    return became, code, seconds, wrong


def main():
    exe, folder, faults = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
    unknown = set(faults) - set(TABLE)
    if unknown:
        sys.exit(f"no such fault: {sorted(unknown)}")
    failures = 0
    print(f"{'fault':<16} {'became':<8} {'code':>5} {'stop':>6}")
    for fault in faults or TABLE:
        became, code, seconds, wrong = run(exe, folder, fault)
        stop = "never" if seconds is None else f"{seconds:.1f}s"
        print(f"{fault:<16} {became:<8} {code:>5} {stop:>6}  {'; '.join(wrong)}", flush=True)
        if wrong:
            failures += 1
            for line in (folder / "err").read_text(errors="replace").splitlines()[-8:]:
                print("    " + line)
    print(f"{len(faults or TABLE)} faults, {failures} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
