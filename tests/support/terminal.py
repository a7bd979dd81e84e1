"""A shell at a terminal of its own, for tests that type."""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

PROMPT = re.compile(rb"\x1e(\d+)\x1f")


class Shell:
    """`argv` starts a program that ends in an interactive bash without line editing (bash --norc --noediting -i)."""

    def __init__(self, argv, limit):
        self.output, self.limit = b"", limit
        child, self.terminal = pty.fork()
        if child == 0:
            os.execvp(argv[0], argv)
        # Wide enough for every line: Wine's console would break them.
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 500, 0, 0))
        # The prompt tells how the last command ended; it is set in parts, so that its echo is not taken for one.
        self.send("stty -echo; PS1=$'\\x1e'$'$?\\x1f' PS2=\n")
        self.wait(lambda: PROMPT.search(self.output))
        self.output = b""

    def send(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, wanted, what="the shell", limit=None):
        """Reads until `wanted` is so; tells on the standard error, and ends, if that does not come."""
        end = time.monotonic() + (limit or self.limit)
        while not wanted():
            if time.monotonic() > end:
                sys.exit("'%s' did not end: %r" % (what, self.output[-500:]))
            if select.select([self.terminal], [], [], 0.1)[0]:
                try:
                    self.output += os.read(self.terminal, 65536)
                except OSError:
                    sys.exit("'%s' has closed the terminal: %r" % (what, self.output[-500:]))

    def ended(self, what, limit=None):
        """Waits for the prompt. (exit code of the command, what it printed)"""
        self.wait(lambda: PROMPT.search(self.output), what, limit)
        match = PROMPT.search(self.output)
        printed, self.output = self.output[:match.start()], self.output[match.end():]
        return int(match[1]), printed

    def run(self, command, limit=None):
        self.send(command + "\n")
        return self.ended(command, limit)
