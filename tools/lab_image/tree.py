"""An image that is a folder: extracted, or a mounted volume."""
import fcntl
import os
import stat

from . import changes as ch
from . import disk, paths, plan, record
from .refusal import Refusal


class Tree:
    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.label = root
        self.which = ""  # of several images, for refusals
        self._lock = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal("another run is at work on it") from None

    def images(self, choice=None):
        if choice is not None:
            raise Refusal("--image is for WIM files")
        return [self]

    def tidy(self):
        """What a run left that was cut short is in its record."""

    def prepare(self, _reverting):
        """A tree's originals are in its record."""
        return []

    def original_sum(self):
        return ""

    def commit(self, work, _reverting):
        """Does the changes of [(image, changes)]."""
        for image, changes in work:
            for change in changes:
                STEPS[type(change)](image, change)
            plan.prove(image, changes)

    # ---- looking ----

    def find(self, path):
        """Where the file or folder is on this machine; None if there is none."""
        place = self.root
        for name in paths.parts(path):
            place = _child(place, name)
            if place is None:
                return None
        return place

    def exists(self, path):
        return self.find(path) is not None

    def is_folder(self, path):
        place = self.find(path)
        return place is not None and os.path.isdir(place)

    def names(self, path):
        return sorted(os.listdir(self.find(path)))

    def fetch(self, path):
        """A file of this machine that has the bytes; it is not to be written to."""
        place = self.find(path)
        if place is None or not os.path.isfile(place):
            raise Refusal("no file %s" % path)
        return place

    def time(self, path):
        place = self.find(path)
        return None if place is None else os.stat(place).st_mtime_ns

    # ---- changing ----

    def _new_place(self, path):
        """Where the path is, or is to be: the folder is there."""
        *above, name = paths.parts(path)
        folder = self.find(paths.join(*above)) if above else self.root
        if folder is None:
            raise Refusal("no folder %s" % paths.join(*above))
        return _child(folder, name) or os.path.join(folder, name)

    def _make_folder(self, change):
        disk.make_folder(self._new_place(change.path))

    def _put(self, change):
        place = self._new_place(change.path)
        fresh = self._new_place(record.FRESH)
        disk.write_file(change.source, fresh,
                        place if os.path.exists(place) else os.path.dirname(place))
        disk.rename(fresh, place)

    def _keep(self, change):
        disk.keep(self.find(change.path), self._new_place(change.kept))

    def _restore(self, change):
        kept, place = self.find(change.kept), self._new_place(change.path)
        # Renaming one name of a file to another of the same would leave both.
        if os.path.exists(place) and os.path.samefile(kept, place):
            disk.drop(kept)
        else:
            disk.rename(kept, place)

    def _drop(self, change):
        disk.drop(self.find(change.path))

    def _remove_folder(self, change):
        disk.remove_folder(self.find(change.path))

    def _set_time(self, change):
        disk.set_time(self.find(change.path), change.nanoseconds)


STEPS = {
    ch.MakeFolder: Tree._make_folder,
    ch.Put: Tree._put,
    ch.Keep: Tree._keep,
    ch.Restore: Tree._restore,
    ch.Drop: Tree._drop,
    ch.RemoveFolder: Tree._remove_folder,
    ch.SetTime: Tree._set_time,
}


def _child(folder, name):
    """The one entry of the folder with that name, however it is written; None if there is none."""
    if not os.path.isdir(folder):
        return None
    found = [entry for entry in os.listdir(folder) if paths.same(entry, name)]
    if not found:
        return None
    if len(found) > 1:
        raise Refusal("%s has %s twice" % (folder, " and ".join(sorted(found))))
    place = os.path.join(folder, found[0])
    if stat.S_ISLNK(os.lstat(place).st_mode):
        raise Refusal("%s is a symbolic link" % place)
    return place
