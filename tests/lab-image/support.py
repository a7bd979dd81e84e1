"""Images for the tests of tools/lab-image, made from nothing; and a way to run it."""
import hashlib
import os
import shutil
import struct
import subprocess
import tempfile
import unittest

import regf
from regf import Key, dword, multi, text

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
TOOL = os.path.join(ROOT, "tools", "lab-image")
# In memory where that is: the tool waits for the disk at every step.
PLACE = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
MACHINES = {"x64": 0x8664, "x86": 0x14C, "arm64": 0xAA64}
HIVE = "Windows/System32/config/SYSTEM"
RECORD = "Windows/System32/config/wdspxe.record"
FOLDER = "Program Files/wdspxe"
SERVICES = r"ControlSet001\Services"
PXE = SERVICES + r"\WDSServer\Providers\WDSPXE"
# 2001-09-09 and a fraction that a float would lose.
OLD = 1_000_000_000_123_456_700


def program(machine, content=b""):
    """The least that is known as a Windows program, and some content."""
    return (b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0"
            + struct.pack("<H", MACHINES[machine]) + bytes(18) + content)


def services(count=3):
    """A services key with neighbours of ours, with values of every kind."""
    neighbours = {"Svc%03d" % n: Key(
        {"Start": dword(3), "ImagePath": text(r"%SystemRoot%\svc.exe", regf.EXPAND_SZ),
         "DependOnService": multi("Tcpip", "Afd"), "": text("default"),
         "Grüße€": (regf.BINARY, bytes(range(7)))},
        {"Parameters": Key({"Long": (regf.BINARY, bytes(range(256)) * (80 if n < 3 else 1))})})
        for n in range(count)}
    return Key({}, neighbours, index="ri" if count > 511 else "lh")


def pxe_server(providers, order=None):
    """The WDSServer key of a Windows that has such providers."""
    return Key({"Start": dword(2)}, {"Providers": Key({}, {"WDSPXE": Key(
        {"UseDhcpPorts": dword(0)} | ({} if order is None else {"providersorder": order}),
        {"Providers": Key({}, {name: Key({"ProviderDLL": text(dll), "Other": dword(7)})
                               for name, dll in providers.items()})}),
        "WDSTFTP": Key({"RootFolder": text("C:\\x")})})})


def system(services_key=None, **arguments):
    """The bytes of a SYSTEM hive."""
    return regf.hive(Key({}, {
        "Select": Key({"Current": dword(1), "Default": dword(1), "LastKnownGood": dword(2)}),
        "ControlSet001": Key({}, {"Services": services_key or services(),
                                  "Control": Key({"SystemBootDevice": text("x")})}),
        "ControlSet002": Key({}, {"Services": Key()})}), **arguments)


def write(path, data, time=OLD):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.utime(path, ns=(time, time))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def sha256(path):
    return hashlib.sha256(read(path)).hexdigest()


def contents(folder, times=False):
    """{relative path: bytes, None for a folder}, with the times if wanted."""
    found = {}
    for top, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(top, name)
            data = None if os.path.isdir(path) else read(path)
            found[os.path.relpath(path, folder)] = (
                (data, os.stat(path).st_mtime_ns) if times else data)
    return found


class ImageTest(unittest.TestCase):
    """A folder for each test, with the built files of every machine in it."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lab-image-test-", dir=PLACE)
        self.addCleanup(shutil.rmtree, self.folder)
        for machine in ("x64", "x86"):
            self.build(machine, b"version 1")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def bin(self, machine="x64"):
        return self.path("bin-" + machine)

    def build(self, machine, content):
        for name in ("wdspxe.dll", "wdsbp.dll", "wdspxectl.exe", "staticpxe.dll"):
            write(os.path.join(self.bin(machine), name),
                  program(machine, name.encode() + content))

    def make_tree(self, hive=None, machine="x64", name="tree"):
        root = self.path(name)
        write(os.path.join(root, "Windows/System32/ntdll.dll"), program(machine))
        write(os.path.join(root, HIVE), system() if hive is None else hive)
        write(os.path.join(root, "Windows/System32/config/SYSTEM.LOG1"), b"")
        write(os.path.join(root, "Program Files/Other/other.dll"), b"other")
        for top, _, _ in os.walk(root):
            os.utime(top, ns=(OLD, OLD))
        return root

    def run_tool(self, *arguments):
        return subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL)

    def tool(self, *arguments):
        """Runs it; it must succeed. Its output."""
        run = self.run_tool(*arguments)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        return run.stdout

    def install(self, image, *arguments, machine="x64"):
        return self.tool(image, "--bin", self.bin(machine), *arguments)

    def refused(self, pattern, *arguments):
        """Runs it; it must refuse, in one line that says that, and say nothing else."""
        run = self.run_tool(*arguments)
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
        self.assertRegex(run.stderr, pattern)
        self.assertNotIn("done", run.stdout)

    # ---- independent readers ----

    def registry(self, hive, key):
        """Every key and value below, as reglookup (libregfi) shows them, without times; of long
        ones the checksum."""
        run = subprocess.run(["reglookup", "-H", "-p", "/" + key.replace("\\", "/"), hive],
                             capture_output=True, text=True, check=True, encoding="latin-1")
        lines = [",".join(line.split(",")[:3]) for line in run.stdout.splitlines()]
        return [line if len(line) < 300 else
                line[:80] + hashlib.sha256(line.encode()).hexdigest() for line in lines]

    def value(self, hive, key, name):
        """One value as hivexget shows it."""
        run = subprocess.run(["hivexget", hive, key, name], capture_output=True, text=True,
                             check=True)
        return run.stdout.rstrip("\n")

    def assert_registered(self, hive, providers=("staticpxe",), others=()):
        order = self.value(hive, PXE, "ProvidersOrder").split("\n")
        self.assertEqual(order, [*others, *providers])
        service = SERVICES + r"\wdspxe"
        self.assertEqual(self.value(hive, service, "ImagePath"),
                         r'"%SystemDrive%\Program Files\wdspxe\wdspxectl.exe" service run')
        self.assertEqual(self.value(hive, service, "ObjectName"), r"NT AUTHORITY\LocalService")
        self.assertEqual(self.value(hive, service, "RequiredPrivileges").split("\n"),
                         ["SeChangeNotifyPrivilege", "SeCreateGlobalPrivilege"])

