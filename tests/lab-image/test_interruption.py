#!/usr/bin/python3
"""tools/lab-image killed before each step on the disk, and in the middle of those that can be half
done. Whenever that is: SYSTEM, or the WIM, is the one before or the one after; the same command
again finishes the job; and --revert leaves nothing.

Runs are forks of this program, in which the functions of lab_image.disk are wrapped: the tool itself
has nothing in it for tests.
"""
import contextlib
import errno
import json
import os
import shutil
import signal
import sys
import unittest

import support
from support import FOLDER, HIVE, RECORD, ImageTest

sys.path.insert(0, os.path.join(support.ROOT, "tools"))
from lab_image import disk, main  # noqa: E402

STEPS = ("make_folder", "write_file", "rename", "link", "drop", "remove_folder", "set_time", "copy",
         "write_text", "change")
KILLED = -signal.SIGKILL


def half_done(name, arguments):
    """What a step that can be half done leaves, if it is."""
    if name in ("write_file", "copy"):
        data = support.read(arguments[0])
        with open(arguments[1], "wb") as file:
            file.write(data[:len(data) // 2])
    elif name == "write_text":
        with open(arguments[0] + ".new", "w", encoding="utf-8") as file:
            file.write(arguments[1][:10])
    elif name == "change":
        with contextlib.suppress(Exception):
            arguments[1](arguments[0])
        os.truncate(arguments[0], os.path.getsize(arguments[0]) - 100)


def cut_at(moment):
    """Wraps the steps: two moments for each, before it and in the middle of it."""
    count = 0

    def wrap(name, step):
        def wrapped(*arguments):
            nonlocal count
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            if count + 1 == moment:
                half_done(name, arguments)
                os.kill(os.getpid(), signal.SIGKILL)
            count += 2
            step(*arguments)
        return wrapped

    for name in STEPS:
        setattr(disk, name, wrap(name, getattr(disk, name)))


def run(arguments, moment=None, instead=None):
    """The exit code of a run of the tool, or KILLED. `instead`: {step: function that replaces it}."""
    child = os.fork()
    if child == 0:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        status = 3
        try:
            # Files in its temporary folder are none of the image's.
            sys.argv = ["lab-image", *arguments]
            if moment is not None:
                cut_at(moment)
            for name, function in (instead or {}).items():
                setattr(disk, name, function)
            status = main.main()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def without_times(contents):
    """A run cut short before it wrote the record has changed the time of a folder for good."""
    name = RECORD + "/record.json"
    if name not in contents:
        return contents
    record = json.loads(contents[name])
    del record["times"]
    return {**contents, name: record}


class InterruptionTest(ImageTest):
    def setUp(self):
        super().setUp()
        # What a killed run leaves in its temporary folder goes with the test.
        os.environ["TMPDIR"] = self.folder
        support.tempfile.tempdir = None
        self.addCleanup(setattr, support.tempfile, "tempdir", None)
        self.addCleanup(os.environ.pop, "TMPDIR")

    def install(self, image, *arguments):
        return [image, "--bin", self.bin(), *arguments]

    def each_moment(self, arguments, check):
        """Cuts a run short at each moment, each time on a copy of 'start' named 'work', and calls
        check after it; until a moment that the run does not reach."""
        moment = 0
        while True:
            self.copy("start", "work")
            status = run(arguments, moment)
            if status != KILLED:
                self.assertEqual(status, 0)
                return moment
            with self.subTest(moment=moment):
                check()
            moment += 1

    def copy(self, source, target):
        shutil.rmtree(self.path(target), ignore_errors=True)
        shutil.copytree(self.path(source), self.path(target))

    # ---- trees ----

    def check_tree(self, command, before, after):
        """`before` and `after`: what SYSTEM may be."""
        def check():
            tree = self.path("work", "tree")
            system = support.read(os.path.join(tree, HIVE))
            self.assertIn(system, (before, after))
            if system == self.registered:
                # What is registered is there.
                for name in ("wdspxe.dll", "wdspxectl.exe", "staticpxe.dll"):
                    self.assertEqual(support.read(os.path.join(tree, FOLDER, name))[:2], b"MZ")
            self.copy("work", "second")
            self.assertEqual(run(command), 0)
            self.assert_contents(tree, self.wanted)
            second = self.path("second", "tree")
            self.assertEqual(run([second, "--revert"]), 0)
            self.assert_contents(second, self.pristine)
            self.assertEqual(os.stat(os.path.join(second, HIVE)).st_mtime_ns, support.OLD)

        self.assertGreater(self.each_moment(command, check), 15)

    def assert_contents(self, tree, wanted):
        """Says which files differ, not how."""
        found, wanted = without_times(support.contents(tree)), without_times(wanted)
        self.assertEqual([name for name in sorted(found.keys() | wanted.keys())
                          if found.get(name, 0) != wanted.get(name, 0)], [])

    def prepare_tree(self, installed):
        """A folder 'start' with a tree, and what it is to look like with us and without."""
        support.write(os.path.join(self.make_tree(), FOLDER, "wdsbp.dll"), b"theirs")
        os.makedirs(self.path("start"))
        os.rename(self.path("tree"), self.path("start", "tree"))
        start = self.path("start", "tree")
        self.pristine = support.contents(start)
        shutil.copytree(start, self.path("model"))
        self.assertEqual(run(self.install(self.path("model"), "--replace")), 0)
        self.wanted = support.contents(self.path("model"))
        self.registered = self.wanted[HIVE]
        if installed:
            self.assertEqual(run(self.install(start, "--replace")), 0)

    def test_install_tree(self):
        self.prepare_tree(installed=False)
        self.check_tree(self.install(self.path("work", "tree"), "--replace"),
                        self.pristine[HIVE], self.registered)

    def test_revert_tree(self):
        self.prepare_tree(installed=True)
        self.wanted = self.pristine
        self.check_tree([self.path("work", "tree"), "--revert"], self.registered,
                        self.pristine[HIVE])

    def test_upgrade_tree(self):
        self.prepare_tree(installed=True)
        self.build("x64", b"version 2")
        shutil.rmtree(self.path("model"))
        shutil.copytree(self.path("start", "tree"), self.path("model"))
        self.assertEqual(run(self.install(self.path("model"), "--replace")), 0)
        self.wanted = support.contents(self.path("model"))
        self.assertIn(RECORD + "/original-1", self.wanted)
        self.check_tree(self.install(self.path("work", "tree"), "--replace"), self.registered,
                        self.pristine[HIVE])

    # ---- WIM files ----

    def prepare_wim(self):
        os.makedirs(self.path("start"))
        wim = self.path("start", "a.wim")
        support.subprocess.run(["wimlib-imagex", "capture", self.make_tree(), wim], check=True,
                               capture_output=True)
        return support.read(wim)

    def check_wim(self, command, is_done, pristine):
        wim = self.path("work", "a.wim")

        def check():
            support.subprocess.run(["wimlib-imagex", "verify", wim], check=True,
                                   capture_output=True)
            self.assertEqual(run(command), 0)
            is_done(wim)
            self.assertEqual(run([wim, "--revert"]), 0)
            self.assertEqual(support.read(wim), pristine)
            self.assertEqual(os.listdir(self.path("work")), ["a.wim"])

        return self.each_moment(command, check)

    def is_installed(self, wim):
        listed = support.subprocess.run([support.TOOL, wim, "--list"], check=True,
                                        capture_output=True, text=True).stdout
        self.assertIn(": installed\n", listed)
        self.assertNotRegex(listed, "MISSING|CHANGED")

    def is_reverted(self, wim):
        self.assertEqual(os.listdir(self.path("work")), ["a.wim"])

    def test_install_wim(self):
        pristine = self.prepare_wim()
        moments = self.check_wim(self.install(self.path("work", "a.wim")), self.is_installed,
                                 pristine)
        self.assertGreater(moments, 10)

    def test_failure_leaves_the_wim_and_nothing_beside(self):
        pristine = self.prepare_wim()
        wim = self.path("start", "a.wim")

        def full(_path, _program):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        self.assertEqual(run(self.install(wim), instead={"change": full}), 1)
        self.assertEqual(support.read(wim), pristine)
        self.assertEqual(os.listdir(self.path("start")), ["a.wim"])

    def test_revert_wim(self):
        pristine = self.prepare_wim()
        self.assertEqual(run(self.install(self.path("start", "a.wim"))), 0)
        moments = self.check_wim([self.path("work", "a.wim"), "--revert"], self.is_reverted,
                                 pristine)
        self.assertGreaterEqual(moments, 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
