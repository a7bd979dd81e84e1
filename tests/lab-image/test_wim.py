#!/usr/bin/python3
"""tools/lab-image on WIM files: in, listed, anew, out; by number, by name, all."""
import os
import shutil
import subprocess
import unittest

import support
from support import FOLDER, HIVE, RECORD, SERVICES, ImageTest


class WimTest(ImageTest):
    def make_wim(self, *machines, options=()):
        """A WIM with an image for each machine; the bytes of what is in them, by number."""
        wim = self.path("install.wim")
        self.trees = {}
        for number, machine in enumerate(machines or ["x64"], 1):
            tree = self.make_tree(support.system(support.services(number)), machine,
                                  "tree-%d" % number)
            self.wimlib("append" if number > 1 else "capture", tree, wim, "Image %d" % number,
                        *options)
            self.trees[number] = support.contents(tree)
        return wim

    def wimlib(self, *arguments):
        run = subprocess.run(["wimlib-imagex", *arguments], capture_output=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout.decode()

    def extracted(self, wim, number=1):
        """The folder that wimlib makes of an image."""
        target = self.path("out-%d-%d" % (number, len(os.listdir(self.folder))))
        self.wimlib("extract", wim, str(number), "/", "--dest-dir=" + target)
        return target

    def leftovers(self):
        return sorted(name for name in os.listdir(self.folder) if "lab-image" in name)

    def test_install(self):
        wim = self.make_wim()
        self.install(wim)
        self.wimlib("verify", wim)
        tree = self.extracted(wim)
        self.assertEqual(support.read(os.path.join(tree, FOLDER, "wdspxe.dll")),
                         support.read(os.path.join(self.bin(), "wdspxe.dll")))
        self.assert_registered(os.path.join(tree, HIVE))
        # Nothing of others is different.
        now = support.contents(tree)
        ours = {name for name in now if name.startswith((FOLDER, RECORD))} | {HIVE}
        self.assertEqual({name: data for name, data in now.items() if name not in ours},
                         {name: data for name, data in self.trees[1].items() if name != HIVE})
        self.assertEqual(now[RECORD + "/SYSTEM"], self.trees[1][HIVE])

    def test_revert_gives_back_the_wim_itself(self):
        wim = self.make_wim()
        before = support.read(wim)
        os.chmod(wim, 0o640)
        self.install(wim)
        self.assertEqual(os.stat(wim).st_mode & 0o777, 0o640)
        self.assertNotEqual(support.read(wim), before)
        self.assertEqual(self.leftovers(),
                         ["install.wim.lab-image-original", "install.wim.lab-image.json"])
        self.tool(wim, "--revert")
        self.assertEqual(support.read(wim), before)
        self.assertEqual(self.leftovers(), [])

    def test_revert_without_the_original(self):
        wim = self.make_wim()
        details = self.wimlib("dir", wim, "1", "--detailed", "--path=/" + HIVE, "--one-file-only")
        self.install(wim, "--no-original")
        self.assertEqual(self.leftovers(), [])
        self.tool(wim, "--revert")
        self.wimlib("verify", wim)
        self.assertEqual(support.contents(self.extracted(wim)), self.trees[1])
        # SYSTEM is the very file that it was: also its times are.
        lines = [line for line in details.splitlines() if "Offset in WIM" not in line]
        again = self.wimlib("dir", wim, "1", "--detailed", "--path=/" + HIVE, "--one-file-only")
        self.assertEqual([line for line in again.splitlines() if "Offset in WIM" not in line],
                         lines)

    def test_rights_of_the_hive_come_back(self):
        # Only from an NTFS volume does wimlib take the rights of files along.
        plain, volume, wim = (self.path(name) for name in ("plain.wim", "volume", "ntfs.wim"))
        self.wimlib("capture", self.make_tree(), plain)
        with open(volume, "wb") as file:
            file.truncate(30 << 20)
        subprocess.run(["/usr/sbin/mkntfs", "-qF", volume], check=True, capture_output=True)
        self.wimlib("apply", plain, "1", volume)
        self.wimlib("capture", volume, wim)
        rights = self.rights_of_hive(wim)
        self.assertEqual(len(rights), 1)
        self.install(wim, "--no-original")
        self.assertEqual(self.rights_of_hive(wim), [])  # then Windows gives it those of its folder
        self.tool(wim, "--revert")
        self.assertEqual(self.rights_of_hive(wim), rights)

    def rights_of_hive(self, wim):
        details = self.wimlib("dir", wim, "1", "--detailed", "--path=/" + HIVE, "--one-file-only")
        return [line for line in details.splitlines() if line.startswith("Security Descriptor")]

    def test_wim_that_others_changed_since(self):
        wim = self.make_wim()
        self.install(wim)
        theirs = self.path("theirs.txt")
        support.write(theirs, b"theirs")
        self.wimlib("update", wim, "1", "--command=add '%s' /theirs.txt" % theirs)
        self.tool(wim, "--revert")
        self.assertEqual(support.contents(self.extracted(wim)),
                         self.trees[1] | {"theirs.txt": b"theirs"})
        # What was kept is not the WIM of now, but it is not ours to throw away.
        self.assertIn("install.wim.lab-image-original", self.leftovers())

    # ---- what is an original, and what is none ----

    def side(self, name="install.wim"):
        return [self.path(name + ".lab-image-original"), self.path(name + ".lab-image.json")]

    def test_installed_file_never_becomes_an_original(self):
        wim = self.make_wim()
        self.install(wim, "--no-original")
        self.build("x64", b"version 2")
        self.install(wim)  # with an original, had there been one
        self.assertEqual(self.leftovers(), [])
        self.assertIn("packed anew", self.tool(wim, "--revert"))
        self.assertEqual(self.leftovers(), [])
        self.install(wim)
        taken_out = support.read(self.side()[0])
        self.tool(wim, "--revert")
        self.assertEqual(support.read(wim), taken_out)
        self.assertEqual(support.contents(self.extracted(wim)), self.trees[1])

    def test_new_wim_under_an_old_name(self):
        wim = self.make_wim()
        self.install(wim)
        kept = support.read(self.side()[0])
        wim = self.make_wim("x64", "x64")
        before = support.read(wim)
        self.refused("left of another file", wim, "--image", "1", "--bin", self.bin())
        self.assertEqual((support.read(wim), support.read(self.side()[0])), (before, kept))
        for name in self.side():
            os.rename(name, name + ".away")
        self.install(wim, "--image", "1")
        self.tool(wim, "--revert")
        self.assertEqual(support.read(wim), before)

    def test_side_files_lost_renamed_copied_and_brought_back(self):
        wim = self.make_wim()
        before = support.read(wim)
        self.install(wim)
        installed, other = support.read(wim), self.path("other.wim")
        for lost in (self.side(), self.side()[:1], self.side()[1:]):
            for name in lost:
                os.rename(name, name + ".away")
            self.refused("its original is not beside it", wim, "--revert")
            self.assertEqual(support.read(wim), installed)
            for name in lost:
                os.rename(name + ".away", name)
        shutil.copy(wim, other)
        self.refused("its original is not beside it", other, "--revert")
        for name, copied in zip(self.side(), self.side("other.wim")):
            shutil.copy(name, copied)
        self.tool(other, "--revert")
        self.tool(wim, "--revert")
        self.assertEqual((support.read(wim), support.read(other)), (before, before))
        self.assertEqual(self.leftovers(), [])

    def test_original_is_what_its_checksum_says(self):
        wim = self.make_wim()
        self.install(wim)
        installed = support.read(wim)
        support.write(self.side()[0], b"something else")
        self.refused("its original is not beside it", wim, "--revert")
        self.assertEqual(support.read(wim), installed)
        self.assertIn("packed anew", self.tool(wim, "--revert", "--no-original"))
        self.assertEqual(support.contents(self.extracted(wim)), self.trees[1])
        self.assertEqual(support.read(self.side()[0]), b"something else")

    def test_links_under_our_names_are_not_written_through(self):
        wim = self.make_wim()
        before = support.read(wim)
        target = self.path("elsewhere")
        for name in (wim + ".lab-image-new", wim + ".lab-image.json.new", *self.side()):
            os.symlink(target, name)
            self.refused("is a symbolic link", wim, "--bin", self.bin())
            self.assertFalse(os.path.exists(target))
            os.unlink(name)
        self.assertEqual(support.read(wim), before)
        os.symlink(wim, self.path("link.wim"))
        self.install(self.path("link.wim"))
        self.assertTrue(os.path.islink(self.path("link.wim")))
        self.tool(wim, "--revert")
        self.assertEqual(support.read(wim), before)

    def test_several_images(self):
        wim = self.make_wim("x64", "x86", "x64")
        before = support.read(wim)
        self.refused("several images; choose with --image: 1 'Image 1', 2 'Image 2'", wim)
        self.install(wim, "--image", "1")
        self.install(wim, "--image", "Image 2", machine="x86")
        self.wimlib("verify", wim)
        for number, machine in ((1, "x64"), (2, "x86")):
            tree = self.extracted(wim, number)
            self.assertEqual(support.read(os.path.join(tree, FOLDER, "wdspxe.dll")),
                             support.read(os.path.join(self.bin(machine), "wdspxe.dll")))
            self.assert_registered(os.path.join(tree, HIVE))
        self.assertEqual(support.contents(self.extracted(wim, 3)), self.trees[3])
        listed = self.tool(wim, "--list")
        self.assertRegex(listed, r"image 2 'Image 2': installed\n")
        self.assertRegex(listed, r"image 3 'Image 3': not installed\n")

        self.tool(wim, "--revert", "--image", "1")
        self.assertEqual(support.contents(self.extracted(wim, 1)), self.trees[1])
        self.assert_registered(os.path.join(self.extracted(wim, 2), HIVE))
        # With the last one goes the last difference.
        self.tool(wim, "--revert")
        self.assertEqual(support.read(wim), before)
        self.assertEqual(self.leftovers(), [])

    def test_all_images_or_none(self):
        wim = self.make_wim("x64", "x64")
        self.install(wim, "--image", "all")
        for number in (1, 2):
            self.assert_registered(os.path.join(self.extracted(wim, number), HIVE))
        wim = self.make_wim("x64", "x86")
        before = support.read(wim)
        self.refused(r"image 2 'Image 2'.*it is for x86", wim, "--image", "all", "--bin",
                     self.bin())
        self.assertEqual(support.read(wim), before)

    def test_upgrade(self):
        wim = self.make_wim()
        before = support.read(wim)
        ini = self.path("my.ini")
        support.write(ini, b"[default]\nfile=a\n")
        self.install(wim, "--ini", ini)
        self.build("x64", b"version 2")
        self.install(wim)
        tree = self.extracted(wim)
        self.assertIn(b"version 2", support.read(os.path.join(tree, FOLDER, "wdspxe.dll")))
        self.assertEqual(support.read(os.path.join(tree, FOLDER, "staticpxe.ini")),
                         b"[default]\nfile=a\n")
        self.assert_registered(os.path.join(tree, HIVE))
        self.assertEqual(support.read(os.path.join(tree, RECORD, "SYSTEM")), self.trees[1][HIVE])
        self.assertIn("all of this is there already", self.install(wim))
        self.tool(wim, "--revert")
        self.assertEqual(support.read(wim), before)

    def test_replaced_originals_come_back(self):
        wim = self.make_wim()
        theirs = self.path("theirs.dll")
        support.write(theirs, b"theirs")
        self.wimlib("update", wim, "1", "--command=add '%s' '/Program Files/wdspxe/WDSPXE.dll'"
                    % theirs)
        before = support.contents(self.extracted(wim))
        self.refused("--replace", wim, "--bin", self.bin())
        self.install(wim, "--replace", "--no-original")
        self.build("x64", b"version 2")
        self.install(wim, "--replace", "--no-original")
        now = support.contents(self.extracted(wim))
        self.assertIn(b"version 2", now["Program Files/wdspxe/WDSPXE.dll"])
        self.assertEqual(now[RECORD + "/original-1"], b"theirs")
        self.tool(wim, "--revert")
        self.assertEqual(support.contents(self.extracted(wim)), before)

    def test_dry_runs_and_list_change_nothing(self):
        wim = self.make_wim()
        before = support.read(wim), os.stat(wim).st_mtime_ns
        shown = self.install(wim, "--dry-run")
        self.tool(wim, "--list")
        self.assertEqual((support.read(wim), os.stat(wim).st_mtime_ns), before)
        self.assertEqual(self.leftovers(), [])
        self.assertEqual(shown.replace("dry run: nothing was changed", "done"), self.install(wim))
        installed = support.read(wim)
        self.tool(wim, "--revert", "--dry-run")
        self.assertEqual(support.read(wim), installed)

    def test_what_the_wim_has_stays(self):
        wim = self.make_wim(options=["--check", "--boot", "--compress=XPRESS"])
        self.install(wim)
        info = self.wimlib("info", wim)
        self.assertRegex(info, r"Boot Index: +1")
        self.assertRegex(info, r"Compression: +XPRESS")
        self.assertRegex(info, r"Attributes: .*Integrity info")
        self.wimlib("verify", wim)

    def test_service_starts_as_wanted(self):
        wim = self.make_wim()
        self.install(wim, "--start", "disabled", "--folder", r"Windows\System32\wdspxe")
        tree = self.extracted(wim)
        self.assertEqual(self.value(os.path.join(tree, HIVE), SERVICES + r"\wdspxe", "Start"), "4")
        self.assertTrue(os.path.exists(os.path.join(tree, "Windows/System32/wdspxe/wdspxe.dll")))


if __name__ == "__main__":
    unittest.main(verbosity=2)
