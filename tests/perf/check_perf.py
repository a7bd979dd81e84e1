#!/usr/bin/env python3
"""That the bench programs still work: who is compared agrees, what is counted is counted right.

    check_perf.py SOURCES BENCH_CODEC LOADGEN UDP_ECHO TABLE

Asserts nothing about time. Exit code 0, or an assertion that failed.
"""

import os
import socket
import subprocess
import sys
import threading

REQUESTS = 1000
OPEN_LOOP_REQUESTS = 100  # all of them fit into a socket's default buffer, if the echo comes late
WAIT = 60  # seconds until something that must happen has not
SOURCES, CODEC, LOADGEN, ECHO, TABLE = sys.argv[1:]


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True,
                          timeout=10 * WAIT).stdout


def tables(text):
    """{title: [row, ...]} of what a bench program prints; the heading is the first row."""
    found = {}
    for line in text.splitlines():
        if line.startswith("# "):
            rows = found.setdefault(line[2:], [])
        else:
            rows.append(line.split("\t"))
    return found


def check_codec():
    assert "contestants agree" in run(CODEC, "--sources", SOURCES, "--check")
    printed = run(CODEC, "--sources", SOURCES, "--rounds", "1")
    found = tables(printed)
    assert len(found) == 3, list(found)
    for title, rows in found.items():
        assert len(rows) > 10, title
        assert all(len(row) == len(rows[0]) for row in rows), title
    laid_out = subprocess.run([TABLE, "--markdown"], input=printed, check=True, text=True,
                              stdout=subprocess.PIPE).stdout
    for title, rows in found.items():
        assert "### " + title in laid_out
        assert all("| %s " % row[0] in laid_out for row in rows)


def load(port, *arguments):
    """loadgen's figures, with a server on this port of the loopback."""
    words = run(LOADGEN, "--captures", os.path.join(SOURCES, "tests/captures"), "--from", "0",
                "--to", "127.0.0.1:%d" % port, "--warmup", "0",
                "--seconds", str(WAIT), "--settle", str(WAIT), *arguments).split()
    return {name: float(value) for name, value in zip(words[::2], words[1::2])}


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_echo():
    port = free_port()
    echo = subprocess.Popen([ECHO, str(port)], stdout=subprocess.PIPE, text=True)
    try:
        assert echo.stdout.readline() == "serving\n"
        for pace, count in ((["--window", "8"], REQUESTS),
                            (["--rate", "2000"], OPEN_LOOP_REQUESTS)):
            for exchange in ("discover", "relayed", "boot", "inform"):
                figures = load(port, "--echo", "--exchange", exchange, "--clients", "300",
                               "--limit", str(count), "--watch", str(echo.pid), *pace)
                assert figures["sent"] == figures["answered"] == count, figures
                assert figures["lost"] == figures["strange"] == figures["duplicates"] == 0, figures
                assert 0 < figures["p50"] <= figures["p99"] <= figures["p999"], figures
                assert figures["resident"] > 0, figures
    finally:
        echo.kill()
        echo.wait()


def answer(server):
    """Each DISCOVER gets a reply of the wrong type, the OFFER, and the OFFER again."""
    while True:
        request, client = server.recvfrom(2048)
        if len(request) < 240:
            return
        for message_type in (5, 2, 2):
            reply = bytearray(request[:240]) + bytes([53, 1, message_type, 255])
            reply[0] = 2
            server.sendto(reply, client)


def check_counting():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        thread = threading.Thread(target=answer, args=(server,), daemon=True)
        thread.start()
        figures = load(port, "--window", "4", "--clients", "7", "--limit", "500")
        server.sendto(b"end", ("127.0.0.1", port))
        thread.join(WAIT)
    assert figures["sent"] == figures["answered"] == figures["strange"] == 500, figures
    # Those of the last replies may come when nobody waits any more.
    assert 500 - 4 <= figures["duplicates"] <= 500, figures


def check_silence():
    figures = load(free_port(), "--rate", "1000", "--limit", "100", "--settle", "0.1")
    assert figures["sent"] == figures["lost"] == 100 and figures["answered"] == 0, figures
    assert figures["loss"] == 1 and figures["replies"] == 0, figures


def main():
    check_codec()
    check_echo()
    check_counting()
    check_silence()
    print("bench: codec, echo, counting, silence: as they should be")


if __name__ == "__main__":
    main()
