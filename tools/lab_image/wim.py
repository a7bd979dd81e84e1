"""Images in a WIM file, by wimlib-imagex.

The file itself is never written to: a copy beside it (NAME.lab-image-new, worthless once the run
is over) is changed and read back, and takes its place at the end.
"""
import fcntl
import os
import struct
import subprocess
import xml.etree.ElementTree as ElementTree

from . import changes as ch
from . import disk, paths, plan, record
from .original import Original
from .refusal import Refusal

HEADER_SIZE = 208
VERSION, SOLID_VERSION = 0x10D00, 0xE00
READ_ONLY, WRITE_IN_PROGRESS = 0x4, 0x40
ALL = "all"


def check_header(path):
    """Refuses what is no WIM, or one of a kind that is not to be changed."""
    with open(path, "rb") as file:
        head = file.read(HEADER_SIZE)
    if head[:8] == b"WLPWM\0\0\0":
        raise Refusal("it is a pipable WIM ('wimlib-imagex optimize FILE --not-pipable' makes an "
                      "ordinary one of it)")
    if len(head) < HEADER_SIZE or head[:8] != b"MSWIM\0\0\0":
        raise Refusal("it is neither a WIM file nor a folder")
    version, flags = struct.unpack_from("<II", head, 12)
    part, parts = struct.unpack_from("<HH", head, 40)
    if (part, parts) != (1, 1):
        raise Refusal("it is part %d of a WIM that is split in %d ('wimlib-imagex join NEW "
                      "PART...' makes one of them)" % (part, parts))
    if version == SOLID_VERSION:
        raise Refusal("it is solid, as ESD files are, or packed with LZMS ('wimlib-imagex export "
                      "OLD all NEW --compress=LZX' makes an ordinary WIM of it)")
    if version != VERSION:
        raise Refusal("it is a WIM of version 0x%x, which is not known here" % version)
    if flags & READ_ONLY:
        raise Refusal("it is marked as read-only in its header")
    if flags & WRITE_IN_PROGRESS:
        raise Refusal("a program that wrote to it was cut short")


class Wim:
    def __init__(self, path, work, backup):
        self.path = os.path.realpath(path)  # a link to it stays one
        self.work = work
        self.fresh = self.path + ".lab-image-new"
        self.original = Original(self.path, backup)
        check_header(self.path)
        self._lock = _lock(self.path)
        self._images = _images(self.path, work)
        for name in (self.fresh, *self.original.names):
            if os.path.islink(name):
                raise Refusal("%s is a symbolic link; what it stands for is not ours to write to"
                              % name)

    def images(self, choice=None):
        """Those that are meant: a number, a name, or all; without a choice the only one."""
        if choice == ALL or (choice is None and len(self._images) == 1):
            return self._images
        found = [image for image in self._images if choice in (str(image.index), image.name)]
        if len(found) == 1:
            return found
        have = ", ".join("%d '%s'" % (image.index, image.name) for image in self._images)
        if choice is None:
            raise Refusal("it has several images; choose with --image: %s" % have)
        raise Refusal("--image %s does not name one image: it has %s" % (choice, have))

    def tidy(self):
        """Takes away what a run left that was cut short."""
        self.original.tidy()
        if os.path.exists(self.fresh):
            disk.drop(self.fresh)

    def prepare(self, reverting):
        """Before the first write: refuses what --revert could not give back. Notes on what it can."""
        records = [plan.look(image).record for image in self._images if _has_us(image)]
        expected = {found.original for found in records if found is not None}
        if reverting:
            return self.original.check_revert(bool(records), expected)
        return self.original.check_install(bool(records))

    def original_sum(self):
        """For the record: the checksum of the file from before, if it is kept; else empty."""
        return self.original.sum_kept(any(_has_us(image) for image in self._images))

    def commit(self, work, reverting):
        """Does the changes of [(image, changes)]: all of them, or none."""
        if reverting and self._is_whole(work) and self.original.usable():
            self.original.restore()
            return
        try:
            self._make_fresh(work)
            digest = disk.sha256(self.fresh)
            is_first = not any(_has_us(image) for image in self._images)
            self.original.before_swap(digest, is_first)
            disk.rename(self.fresh, self.path)
        except BaseException:
            if os.path.exists(self.fresh):
                disk.drop(self.fresh)
                self.original.tidy()
            raise
        self.original.after_swap(digest)

    def _make_fresh(self, work):
        disk.copy(self.path, self.fresh)
        for image, changes in work:
            _update(self.fresh, image, changes, self.work)
        after = {image.index: image for image in _images(self.fresh, self.work)}
        for image, changes in work:
            plan.prove(after[image.index], changes)

    def _is_whole(self, work):
        """Whether no image but those has anything of ours."""
        these = {image.index for image, _ in work}
        return not any(_has_us(image) for image in self._images if image.index not in these)


def _has_us(image):
    return image.exists(record.FOLDER)


class WimImage:
    def __init__(self, wim, index, name, work):
        self.wim = wim
        self.index = index
        self.name = name
        self.label = "%s, image %d '%s'" % (os.path.basename(wim), index, name)
        self.which = "image %d '%s': " % (index, name)
        self._folder = os.path.join(work, "%s-%d" % (os.path.basename(wim), index))
        self._listing = None
        self._fetched = {}

    # ---- looking ----

    def find(self, path):
        """The path as wimlib takes it; None if there is none."""
        if self._listing is None:
            lines = _wimlib("dir", self.wim, str(self.index)).decode("utf-8", "surrogateescape")
            self._listing = {}
            for line in lines.splitlines():
                self._listing.setdefault(line.upper(), []).append(line)
        found = self._listing.get("/" + "/".join(paths.parts(path)).upper(), [])
        if len(found) > 1:
            raise Refusal("%s is there twice: %s" % (path, " and ".join(found)))
        return found[0] if found else None

    def exists(self, path):
        return self.find(path) is not None

    def is_folder(self, path):
        place = self.find(path)
        if place is None:
            return False
        details = _wimlib("dir", self.wim, str(self.index), "--path=" + place, "--one-file-only",
                          "--detailed")
        return b"FILE_ATTRIBUTE_DIRECTORY" in details

    def names(self, path):
        start = self.find(path) + "/"
        return sorted(line[len(start):] for lines in self._listing.values() for line in lines
                      if line.startswith(start) and "/" not in line[len(start):])

    def fetch(self, path):
        """A file of this machine that has the bytes; it is not to be written to."""
        place = self.find(path)
        if place is None or self.is_folder(path):
            raise Refusal("no file %s" % path)
        if place not in self._fetched:
            os.makedirs(self._folder, exist_ok=True)
            target = os.path.join(self._folder, str(len(self._fetched)))
            with open(target, "wb") as file:
                _wimlib("extract", self.wim, str(self.index), place, "--no-globs", "--to-stdout",
                        output=file)
            self._fetched[place] = target
        return self._fetched[place]

    def time(self, _path):
        """Times of folders in a WIM do not change with what is put into them."""
        return None

    # ---- changing ----

    def place_for(self, path):
        """The path as wimlib takes it, of what is there or will be."""
        names = paths.parts(path)
        for count in range(len(names), 0, -1):
            found = self.find(paths.join(*names[:count]))
            if found is not None:
                return "/".join([found, *names[count:]])
        return "/" + "/".join(names)


def _lock(path):
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refusal("another run is at work on it") from None
    if not os.path.samestat(os.fstat(handle), os.stat(path)):
        raise Refusal("another run has just replaced it")
    return handle


def _images(path, work):
    text = _wimlib("info", path, "--xml").decode("utf-16")
    return [WimImage(path, int(each.get("INDEX")), each.findtext("NAME", ""), work)
            for each in ElementTree.fromstring(text).iter("IMAGE")]


def _update(wim, image, changes, work):
    """One run of wimlib-imagex for all changes of one image."""
    nothing = os.path.join(work, "empty")
    os.makedirs(nothing, exist_ok=True)
    script = os.path.join(work, "commands")
    with open(script, "w", encoding="utf-8") as file:
        for change in changes:
            file.write(_command(image, change, nothing) + "\n")
    with open(script, "rb") as file:
        disk.change(wim, lambda path: _wimlib("update", path, str(image.index), input=file))


def _command(image, change, nothing):
    """The change in the words of wimlib-imagex update."""
    place = _quoted(image.place_for(change.path))
    if isinstance(change, ch.MakeFolder):
        return "add --no-acls %s %s" % (_quoted(nothing), place)
    if isinstance(change, ch.Put):
        return "add --no-acls %s %s" % (_quoted(change.source), place)
    if isinstance(change, ch.Keep):
        return "rename %s %s" % (place, _quoted(image.place_for(change.kept)))
    if isinstance(change, ch.Restore):
        return "rename %s %s" % (_quoted(image.place_for(change.kept)), place)
    if isinstance(change, ch.RemoveFolder):
        return "delete --recursive %s" % place
    return "delete %s" % place


def _quoted(text):
    if '"' in text or "\n" in text:
        raise Refusal("wimlib-imagex takes no path with such characters: %s" % text)
    return '"%s"' % text


def _wimlib(*arguments, input=None, output=subprocess.PIPE):
    """Runs wimlib-imagex; what it writes to its standard output."""
    try:
        run = subprocess.run(["wimlib-imagex", *arguments], stdin=input or subprocess.DEVNULL,
                             stdout=output, stderr=subprocess.PIPE, check=False,
                             env={**os.environ, "LC_ALL": "C.UTF-8"})
    except FileNotFoundError:
        raise Refusal("wimlib-imagex is not installed (tools/packages image)") from None
    if run.returncode != 0:
        lines = run.stderr.decode("utf-8", "replace").strip().splitlines()
        why = [line for line in lines if "ERROR" in line] or lines or ["no reason given"]
        raise Refusal("wimlib-imagex %s: %s" % (arguments[0], why[0]))
    return run.stdout
