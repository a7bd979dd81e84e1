#!/usr/bin/python3
"""Root at a terminal, beside somebody who has got into the service's user: for debian-package.sh.

  debian_terminal.py LEADER CAPTURE
      LEADER   the first process of a container that has the package and /opt/evil.dll
      CAPTURE  a file in it for `wdspxectl replay`

Root's shell has a secret in its environment and runs every command of wdspxectl (one that is not here fails
the test). Meanwhile a program
of the user looks into the environment of all processes, and turns Z: of the Wine prefix to a folder of
its own. Exit code 0: root's shell ran nothing that root did not type, no process showed the secret, and
nothing that moves a cursor came out.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import terminal

LIMIT = 120  # seconds for one command
SECRET = "ROOTS_SECRET"
SEEN, STATE = "/var/lib/wdspxe/seen.log", "/var/lib/wdspxe"
ENOUGH = STATE + "/enough"
# The user's program, until it has seen enough. The word is put together, or it would find itself.
WATCHER = r"""
word=ROOTS_
word=${word}SECRET
mkdir -p %(state)s/fake/usr/lib/wdspxe %(state)s/fake/opt
for name in usr/lib/wdspxe/wdspxectl.exe usr/lib/wdspxe/staticpxe.dll opt/evil.dll; do
    cp /opt/evil.dll "%(state)s/fake/$name"
done
while [ ! -e %(enough)s ] && sleep 0.05; do
    ln -sfn %(state)s/fake %(state)s/wine/dosdevices/z: 2>/dev/null
    grep -al "$word" /proc/[0-9]*/environ 2>/dev/null | sed 's/^/environment: /'
done >>%(seen)s
""" % {"state": STATE, "seen": SEEN, "enough": ENOUGH}
COMMANDS = (
    "wdspxectl --help",
    "wdspxectl version",
    "wdspxectl provider add evil /opt/evil.dll --force",
    "wdspxectl provider add 'bell\033]0;title\007' /opt/evil.dll --force",
    "wdspxectl provider list",
    "wdspxectl provider show evil",
    "wdspxectl provider move evil 0",
    "wdspxectl config show",
    "wdspxectl config show LoadBalanceBuckets --json",
    "wdspxectl config set LoadBalanceBuckets 0-255",
    "wdspxectl config unset LoadBalanceBuckets",
    "wdspxectl config check",
    "wdspxectl config export /root/lab.reg",
    "wdspxectl config import /root/lab.reg --dry-run",
    "wdspxectl share check /root/lab.reg /root/lab.reg",
    "wdspxectl status",
    "wdspxectl service install --on-demand",
    "wdspxectl service status",
    "wdspxectl service start",
    "wdspxectl service control 200",
    "wdspxectl service stop",
    "wdspxectl service uninstall",
    "wdspxectl static check /etc/wdspxe/staticpxe.ini",
    "wdspxectl static explain /etc/wdspxe/staticpxe.ini --mac 52-54-00-77-00-01 --arch bios",
    "wdspxectl static list /etc/wdspxe/staticpxe.ini",
    "wdspxectl static once /etc/wdspxe/staticpxe.ini 52-54-00-77-00-01",
    "wdspxectl static again /etc/wdspxe/staticpxe.ini 52-54-00-77-00-01",
    "wdspxectl static forget /etc/wdspxe/staticpxe.ini 52-54-00-77-00-01",
    "wdspxectl replay --registered CAPTURE",
    "wdspxectl replay /opt/evil.dll CAPTURE",
    "wdspxectl fuzz /opt/evil.dll CAPTURE --count 20",
    "wdspxectl serve --for 1 --port 6767 --boot-port 6768",
    "wdspxectl provider remove evil",
)


def command_paths(node):
    """What can be run: the ends of the tree that the man pages are made of."""
    if not node["commands"]:
        yield node["path"]
    for child in node["commands"]:
        yield from command_paths(child)


def missing_commands():
    tables = pathlib.Path(__file__).resolve().parents[2] / "tools/wdspxectl/commands.json"
    return [path for path in command_paths(json.loads(tables.read_text(encoding="utf-8")))
            if not any(command.startswith(path) for command in COMMANDS)]


def shell_of_root(leader):
    return terminal.Shell(["nsenter", "-t", leader, "-a", "--", "env", "-C", "/root", "HOME=/root", SECRET + "=x",
                           "bash", "--norc", "--noediting", "-i"], LIMIT)


def inside(leader, *command):
    return subprocess.run(["nsenter", "-t", leader, "-a", "--", *command], text=True,
                          capture_output=True, stdin=subprocess.DEVNULL, check=False)


def as_user(leader, *command):
    return inside(leader, "setpriv", "--reuid=wdspxe", "--regid=wdspxe", "--init-groups", *command)


def main(leader, capture):
    errors = ["not tried: " + path for path in missing_commands()]
    as_user(leader, "rm", "-f", SEEN, ENOUGH, STATE + "/evil.log")
    inside(leader, "rm", "-f", "/root/pwned")
    watcher = subprocess.Popen(
        ["nsenter", "-t", leader, "-a", "--", "setpriv", "--reuid=wdspxe", "--regid=wdspxe",
         "--init-groups", "bash", "-c", WATCHER], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        shell = shell_of_root(leader)
        for command in COMMANDS:
            command = command.replace("CAPTURE", capture)
            _, output = shell.run(command)
            print(">", command)
            print(output.decode(errors="replace").rstrip())
            if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", output):
                errors.append("%s: control characters: %r" % (command, output[:300]))
        shell.run("true")
    finally:
        as_user(leader, "touch", ENOUGH)
        watcher.wait(LIMIT)
        as_user(leader, "ln", "-sfn", "/", STATE + "/wine/dosdevices/z:")
    if inside(leader, "test", "-e", "/root/pwned").returncode == 0:
        errors.append("root's shell ran a command that root did not type")
    log = as_user(leader, "cat", STATE + "/evil.log").stdout
    print("the provider:\n" + log, end="")
    if "ran: " not in log:
        errors.append("the attack was not tried")
    errors += ["the provider got through: " + line for line in log.splitlines()
               if line != "ran: 0 terminals, 0 typed, tty closed, secret hidden"]
    seen = as_user(leader, "cat", SEEN).stdout
    errors += ["the user saw the secret: " + line for line in seen.splitlines()[:3]]
    if errors:
        sys.exit("\n".join(errors))


main(*sys.argv[1:])
