#!/usr/bin/python3
"""What tools/lab-image refuses: in one line, and without changing a byte."""
import fcntl
import json
import os
import struct
import subprocess
import unittest

import regf
import support
from support import FOLDER, HIVE, RECORD, ImageTest


class RefusalTest(ImageTest):
    def refused_as_it_was(self, pattern, image, *arguments):
        """Installing is refused; in the folder of the test nothing has changed."""
        before = support.contents(self.folder, times=True)
        self.refused(pattern, image, "--bin", self.bin(), *arguments)
        self.assertEqual(support.contents(self.folder, times=True), before)

    # ---- trees ----

    def test_no_such_image(self):
        self.refused_as_it_was("no such file or folder", self.path("nothing"))

    def test_no_windows(self):
        os.mkdir(self.path("empty"))
        self.refused_as_it_was(r"it is no Windows: it has no Windows\\System32\\config\\SYSTEM",
                               self.path("empty"))

    def test_no_system_dll(self):
        tree = self.make_tree()
        os.unlink(os.path.join(tree, "Windows/System32/ntdll.dll"))
        self.refused_as_it_was(r"it is no Windows: it has no .*ntdll\.dll", tree)

    def test_machine_without_a_build(self):
        self.refused_as_it_was("it is for arm64, and .*wdspxe.dll for x64",
                               self.make_tree(machine="arm64"))
        self.refused_as_it_was("it is for arm64, and there is no .*win-arm64/bin/wdspxe.dll",
                               self.make_tree(machine="arm64"), "--bin",
                               self.path("win-arm64/bin"))

    def test_provider_of_another_machine(self):
        other = self.path("own.dll")
        support.write(other, support.program("x86"))
        self.refused_as_it_was("it is for x64, and .*own.dll for x86", self.make_tree(),
                               "--provider", "own=" + other)

    def test_system_dll_that_is_no_program(self):
        tree = self.make_tree()
        support.write(os.path.join(tree, "Windows/System32/ntdll.dll"), b"MZ")
        self.refused_as_it_was("ntdll.dll is no Windows program", tree)

    def test_symbolic_links_lead_nowhere(self):
        tree = self.make_tree()
        os.rename(os.path.join(tree, "Program Files"), self.path("outside"))
        os.symlink(self.path("outside"), os.path.join(tree, "Program Files"))
        self.refused_as_it_was("Program Files is a symbolic link", tree)

    def test_two_names_that_are_one(self):
        tree = self.make_tree()
        os.mkdir(os.path.join(tree, "WINDOWS"))
        self.refused_as_it_was("has WINDOWS and Windows twice", tree)

    def test_folder_that_is_a_file(self):
        tree = self.make_tree()
        support.write(os.path.join(tree, "Tools"), b"")
        self.refused_as_it_was("Tools is a file", tree, "--folder", r"Tools\pxe")

    def test_two_runs_at_once(self):
        tree = self.make_tree()
        handle = os.open(tree, os.O_RDONLY)
        self.addCleanup(os.close, handle)
        fcntl.flock(handle, fcntl.LOCK_EX)
        self.refused_as_it_was("another run is at work on it", tree)

    def test_image_of_a_tree(self):
        self.refused_as_it_was("--image is for WIM files", self.make_tree(), "--image", "1")

    # ---- hives ----

    def test_no_hive(self):
        self.refused_as_it_was("SYSTEM is no registry hive", self.make_tree(b"MZ" * 9000))
        self.refused_as_it_was("SYSTEM is no registry hive", self.make_tree(b""))

    def test_dirty_hive(self):
        hive = support.system(sequences=(8, 7))
        self.refused_as_it_was("is dirty .*changes wait in its .LOG files", self.make_tree(hive))

    def test_unknown_version(self):
        for major, minor in ((1, 2), (2, 5), (1, 7)):
            hive = support.system(major=major, minor=minor)
            self.refused_as_it_was(r"hive of version %d\.%d" % (major, minor),
                                   self.make_tree(hive))

    def test_old_version(self):
        tree = self.make_tree(support.system(minor=3))
        self.install(tree)
        self.assert_registered(os.path.join(tree, HIVE))

    def test_damaged_hives(self):
        hive = bytearray(support.system())
        self.refused_as_it_was("shorter than its header says", self.make_tree(bytes(hive[:8192])))
        hive[100] ^= 1
        self.refused_as_it_was("checksum of its header is wrong", self.make_tree(bytes(hive)))
        hive = bytearray(support.system())
        hive[4096:8192] = bytes(4096)
        self.refused_as_it_was("hivex fails", self.make_tree(bytes(hive)))

    def test_hive_of_something_else(self):
        hive = regf.hive(regf.Key({}, {"Microsoft": regf.Key()}))
        self.refused_as_it_was(r"no Select\\Current", self.make_tree(hive))

    def test_control_set_that_is_not_there(self):
        hive = regf.hive(regf.Key({}, {"Select": regf.Key({"Current": regf.dword(3)})}))
        self.refused_as_it_was(r"has no ControlSet003\\Services", self.make_tree(hive))

    def test_two_control_sets_that_could_count(self):
        hive = regf.hive(regf.Key({}, {
            "Select": regf.Key({"Current": regf.dword(1), "Default": regf.dword(2)}),
            "ControlSet001": regf.Key({}, {"Services": regf.Key()})}))
        self.refused_as_it_was("control set 1 is current and 2 the default", self.make_tree(hive))

    def test_control_set_that_counts(self):
        hive = regf.hive(regf.Key({}, {
            "Select": regf.Key({"Current": regf.dword(2)}),
            "ControlSet001": regf.Key({}, {"Services": regf.Key()}),
            "ControlSet002": regf.Key({}, {"Services": support.services()})}))
        tree = self.make_tree(hive)
        self.install(tree)
        lines = self.registry(os.path.join(tree, HIVE), "")
        self.assertTrue(any(line.startswith("/ControlSet002/Services/wdspxe,") for line in lines))
        self.assertFalse(any("/ControlSet001/Services/wdspxe" in line for line in lines))

    def test_order_that_is_no_list(self):
        services = support.services()
        services.keys["WDSServer"] = support.pxe_server({}, regf.text("BINLSVC"))
        self.refused_as_it_was("providersorder is no list of strings",
                               self.make_tree(support.system(services)))

    def test_names_that_are_taken(self):
        services = support.services()
        services.keys["WDSServer"] = support.pxe_server({"StaticPxe": r"C:\x\other.dll"},
                                                        regf.multi("StaticPxe"))
        self.refused_as_it_was(r"has a provider 'staticpxe' already \(C:\\x\\other\.dll\)",
                               self.make_tree(support.system(services)))
        services = support.services()
        services.keys["WDSPXE"] = regf.Key({"ImagePath": regf.text("theirs")})
        self.refused_as_it_was("has a service 'wdspxe' that this tool did not put there",
                               self.make_tree(support.system(services)))

    def test_value_that_cannot_be_written_again(self):
        services = support.services()
        server = support.pxe_server({}, regf.multi("BINLSVC"))
        server.keys["Providers"].keys["WDSPXE"].values["Long"] = (regf.BINARY, bytes(20000))
        services.keys["WDSServer"] = server
        self.refused_as_it_was("a value of .*WDSPXE is too long",
                               self.make_tree(support.system(services)))

    # ---- what an earlier run left ----

    def installed_tree(self):
        tree = self.make_tree()
        self.install(tree)
        return tree, os.path.join(tree, RECORD, "record.json")

    def refused_both_ways(self, pattern, tree):
        self.refused_as_it_was(pattern, tree, "--start", "demand")
        before = support.contents(self.folder, times=True)
        self.refused(pattern, tree, "--revert")
        self.assertEqual(support.contents(self.folder, times=True), before)

    def test_files_that_were_changed_since(self):
        tree, _ = self.installed_tree()
        support.write(os.path.join(tree, FOLDER, "wdsbp.dll"), b"changed")
        self.refused_both_ways(r"changed since they were put there: .*wdsbp\.dll \(--discard", tree)
        self.tool(tree, "--revert", "--discard-changes")
        self.assertFalse(os.path.exists(os.path.join(tree, FOLDER)))

    def test_records_that_lead_out_of_the_image(self):
        tree, record = self.installed_tree()
        good = support.read(record)
        for path in (r"..\..\victim", r"C:\victim", "/victim", r"Windows\.\victim", "a\\\\b", ""):
            for key in ("files", "kept"):
                bad = json.loads(good)
                bad[key][path] = "0" * 64
                support.write(record, json.dumps(bad).encode())
                self.refused_both_ways("no usable path|damaged", tree)
        bad = json.loads(good)
        bad["kept"][r"Program Files\wdspxe\wdspxe.dll"] = r"Windows\System32\ntdll.dll"
        support.write(record, json.dumps(bad).encode())
        self.refused_both_ways("record.json is damaged", tree)

    def test_damaged_records(self):
        tree, record = self.installed_tree()
        good = json.loads(support.read(record))
        for bad in (b"", b"[]", b"{}", b"\xff", json.dumps({**good, "files": []}).encode(),
                    json.dumps({**good, "more": 1}).encode(),
                    json.dumps({**good, "times": {"Windows": "x"}}).encode(),
                    json.dumps({**good, "providers": [1]}).encode()):
            support.write(record, bad)
            self.refused_both_ways("record.json is damaged", tree)
        support.write(record, json.dumps({**good, "format": 2}).encode())
        self.refused_both_ways("of another version of this tool", tree)

    def test_kept_hive_that_is_gone_or_another(self):
        tree, _ = self.installed_tree()
        kept = os.path.join(tree, RECORD, "SYSTEM")
        os.unlink(kept)
        self.refused_both_ways("is not the SYSTEM that was kept there", tree)
        support.write(kept, support.system(support.services(9)))
        self.refused_both_ways("is not the SYSTEM that was kept there", tree)

    def test_strangers_in_the_record(self):
        tree, _ = self.installed_tree()
        support.write(os.path.join(tree, RECORD, "theirs"), b"")
        self.refused_both_ways("theirs is not of this tool", tree)

    # ---- WIM files ----

    def make_wim(self, *options):
        wim = self.path("a.wim")
        subprocess.run(["wimlib-imagex", "capture", self.make_tree(), wim, *options], check=True,
                       capture_output=True)
        return wim

    def with_flag(self, flag):
        wim = self.make_wim()
        data = bytearray(support.read(wim))
        struct.pack_into("<I", data, 16, struct.unpack_from("<I", data, 16)[0] | flag)
        support.write(wim, bytes(data))
        return wim

    def test_no_wim(self):
        for data in (b"", b"MSWIM\0\0\0", b"PK" * 200):
            support.write(self.path("a.wim"), data)
            self.refused_as_it_was("it is neither a WIM file nor a folder", self.path("a.wim"))

    def test_solid_wim(self):
        self.refused_as_it_was("it is solid, as ESD files are", self.make_wim("--solid"))

    def test_pipable_wim(self):
        self.refused_as_it_was("it is a pipable WIM", self.make_wim("--pipable"))

    def test_split_wim(self):
        tree = self.make_tree()
        for number in range(4):
            support.write(os.path.join(tree, "big-%d" % number), os.urandom(1 << 20))
        wim = self.path("a.wim")
        subprocess.run(["wimlib-imagex", "capture", tree, wim], check=True, capture_output=True)
        subprocess.run(["wimlib-imagex", "split", wim, self.path("a.swm"), "2"], check=True,
                       capture_output=True)
        for part in ("a.swm", "a2.swm"):
            self.refused_as_it_was("part . of a WIM that is split in", self.path(part))

    def test_wim_that_is_read_only(self):
        self.refused_as_it_was("marked as read-only", self.with_flag(0x4))

    def test_wim_that_was_left_half(self):
        self.refused_as_it_was("a program that wrote to it was cut short", self.with_flag(0x40))

    def test_wim_of_another_version(self):
        wim = self.make_wim()
        data = bytearray(support.read(wim))
        struct.pack_into("<I", data, 12, 0x10E00)
        support.write(wim, bytes(data))
        self.refused_as_it_was("WIM of version 0x10e00", wim)

    def test_wim_that_is_damaged(self):
        wim = self.make_wim()
        support.write(wim, support.read(wim)[:300])
        self.refused_as_it_was("wimlib-imagex info: ", wim)

    def test_image_that_is_not_there(self):
        wim = self.make_wim()
        for choice in ("2", "0", "Other"):
            self.refused_as_it_was("--image %s does not name one image" % choice, wim, "--image",
                                   choice)

    def test_original_without_its_checksums(self):
        wim = self.make_wim()
        support.write(wim + ".lab-image-original", b"")
        self.refused_as_it_was("lab-image-original is there without", wim)

    # ---- command lines ----

    def test_command_lines(self):
        tree = self.make_tree()
        for arguments in ([], [tree, "--no-such"], [tree, "--list", "--revert"],
                          [tree, "--folder", r"..\x"], [tree, "--folder", "C:\\x"],
                          [tree, "--provider", "name"], [tree, "--provider", "a\\b=c.dll"],
                          [tree, "--provider", "a=c.dll", "--provider", "A=d.dll"],
                          [tree, "--critical", "other"], [tree, "--start", "boot"]):
            run = self.run_tool(*arguments)
            self.assertEqual(run.returncode, 2, arguments)
            self.assertIn("usage: tools/lab-image", run.stderr)
        self.assertEqual(self.run_tool("--help").returncode, 0)

    def test_provider_list_without_a_key(self):
        services = support.services()
        services.keys["WDSServer"] = support.pxe_server({}, regf.multi("staticpxe"))
        self.refused_as_it_was("has a provider 'staticpxe' already",
                               self.make_tree(support.system(services)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
