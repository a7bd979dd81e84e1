#!/usr/bin/python3
"""tools/lab-image on a tree: in, listed, anew, out."""
import os
import unittest

import hivex
import regf
import support
from support import FOLDER, HIVE, PXE, RECORD, SERVICES, ImageTest


class TreeTest(ImageTest):
    def test_install_puts_files_and_registration(self):
        tree = self.make_tree()
        before = self.registry(os.path.join(tree, HIVE), SERVICES)
        out = self.install(tree)
        for name in ("wdspxe.dll", "wdsbp.dll", "wdspxectl.exe", "staticpxe.dll"):
            self.assertEqual(support.read(os.path.join(tree, FOLDER, name)),
                             support.read(os.path.join(self.bin(), name)))
        hive = os.path.join(tree, HIVE)
        self.assert_registered(hive)
        key = PXE + r"\Providers\staticpxe"
        self.assertEqual(self.value(hive, key, "ProviderDLL"),
                         r"%SystemDrive%\Program Files\wdspxe\staticpxe.dll")
        self.assertEqual(self.value(hive, key, "IsCritical"), "0")
        self.assertEqual(self.value(hive, SERVICES + r"\wdspxe", "Start"), "2")
        self.assertEqual(self.value(hive, SERVICES + r"\wdspxe", "Type"), "16")
        self.assertIn("note: staticpxe answers nobody", out)
        # The neighbours, as libregfi sees them, are all still there and in the same words.
        after = self.registry(hive, SERVICES)
        self.assertEqual([line for line in after if line in set(before)], before)
        added = [line for line in after if line not in set(before)]
        self.assertTrue(all("/wdspxe" in line or "/WDSServer" in line for line in added), added)

    def test_hive_types_that_reglookup_reads(self):
        tree = self.make_tree()
        self.install(tree, "--critical", "staticpxe")
        lines = self.registry(os.path.join(tree, HIVE), SERVICES)
        below = "/ControlSet001/Services/WDSServer/Providers/WDSPXE"
        self.assertIn(below + "/ProvidersOrder,MULTI_SZ,staticpxe", lines)
        self.assertIn(below + "/Providers/staticpxe/IsCritical,DWORD,0x00000001", lines)
        self.assertIn(below + "/Providers/staticpxe/ProviderDLL,EXPAND_SZ,"
                      r"%25SystemDrive%25\Program Files\wdspxe\staticpxe.dll", lines)
        self.assertIn("/ControlSet001/Services/wdspxe/FailureActions,BINARY,"
                      "%10%0E%00%00%00%00%00%00%00%00%00%00%04%00%00%00%14%00%00%00%01%00%00%00"
                      "%88%13%00%00%01%00%00%000u%00%00%01%00%00%00`%EA%00%00"
                      "%00%00%00%00%00%00%00%00", lines)

    def test_revert_gives_back_every_byte_and_time(self):
        tree = self.make_tree()
        before = support.contents(tree, times=True)
        self.install(tree)
        self.assertNotEqual(support.contents(tree, times=True), before)
        self.tool(tree, "--revert")
        self.assertEqual(support.contents(tree, times=True), before)

    def test_revert_gives_back_the_very_file(self):
        tree = self.make_tree()
        hive = os.path.join(tree, HIVE)
        os.chmod(hive, 0o640)
        number = os.stat(hive).st_ino
        self.install(tree)
        self.assertEqual(os.stat(hive).st_mode & 0o777, 0o640)
        self.tool(tree, "--revert")
        self.assertEqual((os.stat(hive).st_ino, os.stat(hive).st_mode & 0o777), (number, 0o640))

    def test_dry_runs_change_nothing(self):
        tree = self.make_tree()
        before = support.contents(tree, times=True)
        shown = self.install(tree, "--dry-run")
        self.assertEqual(support.contents(tree, times=True), before)
        self.assertIn("dry run: nothing was changed", shown)
        done = self.install(tree)
        installed = support.contents(tree, times=True)
        # What it shows is what it does.
        self.assertEqual(shown.replace("dry run: nothing was changed", "done"), done)
        self.tool(tree, "--revert", "--dry-run")
        self.assertEqual(support.contents(tree, times=True), installed)

    def test_list(self):
        tree = self.make_tree()
        before = support.contents(tree, times=True)
        self.assertIn("not installed", self.tool(tree, "--list"))
        self.assertEqual(support.contents(tree, times=True), before)
        self.install(tree)
        listed = self.tool(tree, "--list")
        self.assertRegex(listed, r"(?m): installed$")
        self.assertRegex(listed, r"providers +staticpxe")
        self.assertRegex(listed, r"service +wdspxe Start=2")
        self.assertIn(support.sha256(os.path.join(self.bin(), "wdspxe.dll")), listed)
        support.write(os.path.join(tree, FOLDER, "wdspxe.dll"), b"other")
        os.unlink(os.path.join(tree, FOLDER, "wdsbp.dll"))
        listed = self.tool(tree, "--list")
        self.assertRegex(listed, r"wdspxe\.dll .*CHANGED")
        self.assertRegex(listed, r"wdsbp\.dll .*MISSING")

    def test_second_install_does_nothing(self):
        tree = self.make_tree()
        self.install(tree)
        installed = support.contents(tree, times=True)
        self.assertIn("all of this is there already", self.install(tree))
        self.assertEqual(support.contents(tree, times=True), installed)

    def test_upgrade_then_revert_to_the_first(self):
        tree = self.make_tree()
        before = support.contents(tree, times=True)
        self.install(tree)
        self.build("x64", b"version 2")
        provider = self.path("own.dll")
        support.write(provider, support.program("x64", b"own"))
        self.install(tree, "--provider", "own=" + provider, "--start", "demand")
        hive = os.path.join(tree, HIVE)
        self.assert_registered(hive, ["own"])
        self.assertEqual(self.value(hive, SERVICES + r"\wdspxe", "Start"), "3")
        self.assertIn(b"version 2", support.read(os.path.join(tree, FOLDER, "wdspxe.dll")))
        self.assertFalse(os.path.exists(os.path.join(tree, FOLDER, "staticpxe.dll")))
        self.tool(tree, "--revert")
        self.assertEqual(support.contents(tree, times=True), before)

    def test_settings_stay_in_an_upgrade(self):
        tree = self.make_tree()
        before = support.contents(tree, times=True)
        ini = self.path("my.ini")
        support.write(ini, b"[default]\nfile=a\n")
        self.install(tree, "--ini", ini)
        placed = os.path.join(tree, FOLDER, "staticpxe.ini")
        self.assertEqual(support.read(placed), b"[default]\nfile=a\n")
        support.write(placed, b"[default]\nfile=edited\n")
        self.build("x64", b"version 2")
        self.install(tree)
        self.assertEqual(support.read(placed), b"[default]\nfile=edited\n")
        self.tool(tree, "--revert")
        self.assertEqual(support.contents(tree, times=True), before)

    def test_merges_with_providers_that_are_there(self):
        services = support.services()
        services.keys["WDSServer"] = support.pxe_server(
            {"BINLSVC": "binlsvc.dll", "Zebra": "z.dll"}, regf.multi("Zebra", "BINLSVC"))
        tree = self.make_tree(support.system(services))
        hive = os.path.join(tree, HIVE)
        before = self.registry(hive, SERVICES)
        self.install(tree)
        self.assert_registered(hive, others=["Zebra", "BINLSVC"])
        after = self.registry(hive, SERVICES)
        # One line differs, the order; its name is written as it was.
        lost = [line for line in before if line not in after]
        self.assertEqual(len(lost), 1, lost)
        self.assertTrue(lost[0].endswith("/providersorder,MULTI_SZ,Zebra|BINLSVC"), lost)

    def test_many_services(self):
        # From 512 keys on the list of keys has two levels.
        tree = self.make_tree(support.system(support.services(700)))
        before = support.contents(tree, times=True)
        hive = os.path.join(tree, HIVE)
        keys = self.registry(hive, SERVICES)
        self.install(tree)
        self.assert_registered(hive)
        self.assertEqual([line for line in self.registry(hive, SERVICES) if line in set(keys)],
                         keys)
        self.tool(tree, "--revert")
        self.assertEqual(support.contents(tree, times=True), before)

    def test_names_in_another_case(self):
        tree = self.make_tree()
        os.rename(os.path.join(tree, "Windows"), os.path.join(tree, "WINDOWS"))
        os.rename(os.path.join(tree, "WINDOWS/System32"), os.path.join(tree, "WINDOWS/system32"))
        os.rename(os.path.join(tree, "Program Files"), os.path.join(tree, "PROGRAM FILES"))
        before = support.contents(tree, times=True)
        self.install(tree)
        self.assertTrue(os.path.exists(os.path.join(tree, "PROGRAM FILES/wdspxe/wdspxe.dll")))
        self.assertFalse(os.path.exists(os.path.join(tree, "Windows")))
        self.tool(tree, "--revert")
        self.assertEqual(support.contents(tree, times=True), before)

    def test_x86(self):
        tree = self.make_tree(machine="x86")
        self.install(tree, machine="x86")
        self.assert_registered(os.path.join(tree, HIVE))

    def test_another_folder_and_more_files(self):
        tree = self.make_tree()
        before = support.contents(tree, times=True)
        extra = self.path("helper.txt")
        support.write(extra, b"more")
        self.install(tree, "--folder", r"Tools\net\pxe", "--add", extra)
        self.assertEqual(support.read(os.path.join(tree, "Tools/net/pxe/helper.txt")), b"more")
        self.assertEqual(self.value(os.path.join(tree, HIVE), SERVICES + r"\wdspxe", "ImagePath"),
                         r'"%SystemDrive%\Tools\net\pxe\wdspxectl.exe" service run')
        self.tool(tree, "--revert")
        self.assertEqual(support.contents(tree), {name: data for name, (data, _) in before.items()})

    def test_what_others_put_into_our_folder_stays(self):
        tree = self.make_tree()
        self.install(tree)
        theirs = os.path.join(tree, FOLDER, "theirs.txt")
        support.write(theirs, b"theirs")
        self.assertIn("stays, for it has theirs.txt", self.tool(tree, "--revert"))
        self.assertEqual(os.listdir(os.path.join(tree, FOLDER)), ["theirs.txt"])

    def test_replaced_originals_come_back(self):
        tree = self.make_tree()
        support.write(os.path.join(tree, FOLDER, "WDSPXE.DLL"), b"theirs")
        os.utime(os.path.join(tree, FOLDER), ns=(support.OLD, support.OLD))
        os.utime(os.path.join(tree, "Program Files"), ns=(support.OLD, support.OLD))
        before = support.contents(tree, times=True)
        self.refused("has .*wdspxe.dll already.*--replace", tree, "--bin", self.bin())
        self.assertEqual(support.contents(tree, times=True), before)
        self.install(tree, "--replace")
        self.assertEqual(support.read(os.path.join(tree, FOLDER, "WDSPXE.DLL")),
                         support.read(os.path.join(self.bin(), "wdspxe.dll")))
        self.build("x64", b"version 2")
        self.install(tree, "--replace")
        self.assertIn(b"version 2", support.read(os.path.join(tree, FOLDER, "WDSPXE.DLL")))
        self.tool(tree, "--revert")
        self.assertEqual(support.contents(tree, times=True), before)

    def test_beside_wds(self):
        services = support.services()
        services.keys["WDSServer"] = support.pxe_server({"BINLSVC": "binlsvc.dll"},
                                                        regf.multi("BINLSVC"))
        tree = self.make_tree(support.system(services))
        wds = os.path.join(tree, "Windows/System32/wdspxe.dll")
        support.write(wds, support.program("x64", b"Microsoft's"))
        before = support.contents(tree)
        self.refused("Windows Deployment Services are in it.*--beside-wds", tree, "--bin",
                     self.bin())
        self.install(tree, "--beside-wds")
        hive = os.path.join(tree, HIVE)
        self.assert_registered(hive, others=["BINLSVC"])
        self.assertEqual(self.value(hive, SERVICES + r"\wdspxe", "Start"), "3")
        self.assertIn(b"Microsoft's", support.read(wds))
        self.tool(tree, "--revert")
        self.assertEqual(support.contents(tree), before)

    def test_hive_that_windows_changed_since(self):
        services = support.services()
        services.keys["WDSServer"] = support.pxe_server({"BINLSVC": "binlsvc.dll"},
                                                        regf.multi("BINLSVC"))
        tree = self.make_tree(support.system(services))
        hive = os.path.join(tree, HIVE)
        plain = self.registry(hive, SERVICES)
        self.install(tree)
        self.add_value(hive, SERVICES + r"\Svc001", "Later")
        for arguments in (["--revert"], ["--bin", self.bin(), "--start", "demand"]):
            self.refused("SYSTEM was changed since.*--cut-out", tree, *arguments)
        self.assertIn("SYSTEM was changed since", self.tool(tree, "--list"))

        self.install(tree, "--start", "demand", "--cut-out")
        self.assert_registered(hive, others=["BINLSVC"])
        self.assertEqual(self.value(hive, SERVICES + r"\Svc001", "Later"), "1")
        self.add_value(hive, SERVICES + r"\Svc002", "Later")
        self.tool(tree, "--revert", "--cut-out")
        self.assertFalse(os.path.exists(os.path.join(tree, RECORD)))
        self.assertFalse(os.path.exists(os.path.join(tree, FOLDER)))
        after = self.registry(hive, SERVICES)
        self.assertEqual([line for line in after if "/Later," not in line], plain)
        self.assertEqual(len(after), len(plain) + 2)

    def test_cut_out_takes_the_keys_that_were_made(self):
        tree = self.make_tree()
        hive = os.path.join(tree, HIVE)
        plain = self.registry(hive, SERVICES)
        self.install(tree)
        self.add_value(hive, SERVICES + r"\Svc001", "Later")
        self.tool(tree, "--revert", "--cut-out")
        self.assertEqual([line for line in self.registry(hive, SERVICES) if "/Later," not in line],
                         plain)

    def test_cut_out_leaves_keys_that_others_use(self):
        tree = self.make_tree()
        hive = os.path.join(tree, HIVE)
        self.install(tree)
        self.add_value(hive, PXE, "UseDhcpPorts")
        self.tool(tree, "--revert", "--cut-out")
        self.assertEqual(self.value(hive, PXE, "UseDhcpPorts"), "1")
        self.assertNotIn("staticpxe", "\n".join(self.registry(hive, SERVICES)))

    def add_value(self, path, key, name):
        """As a Windows that ran would: one DWORD more, with the value 1."""
        file = hivex.Hivex(path, write=True)
        node = file.root()
        for part in key.split("\\"):
            node = file.node_get_child(node, part)
        file.node_set_value(node, {"key": name, "t": regf.DWORD, "value": b"\1\0\0\0"})
        file.commit(None)


if __name__ == "__main__":
    unittest.main(verbosity=2)
