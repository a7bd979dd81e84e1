"""The changes that are made to an image. Each is one step on the disk; a list is done in order."""
from dataclasses import dataclass


@dataclass(frozen=True)
class MakeFolder:
    path: str

    def __str__(self):
        return "make folder  %s" % self.path


@dataclass(frozen=True)
class Put:
    """A file of this machine takes the place of the path, at once and whole."""
    path: str
    source: str
    sha256: str

    def __str__(self):
        return "write        %s  (sha256 %s)" % (self.path, self.sha256)


@dataclass(frozen=True)
class Keep:
    """The file gets a second place. In a tree it also stays where it is, until it is replaced."""
    path: str
    kept: str

    def __str__(self):
        return "keep         %s  as %s" % (self.path, self.kept)


@dataclass(frozen=True)
class Restore:
    """The kept file goes back, with everything that belongs to it."""
    kept: str
    path: str

    def __str__(self):
        return "put back     %s  from %s" % (self.path, self.kept)


@dataclass(frozen=True)
class Drop:
    path: str

    def __str__(self):
        return "delete       %s" % self.path


@dataclass(frozen=True)
class RemoveFolder:
    path: str

    def __str__(self):
        return "remove       %s" % self.path


@dataclass(frozen=True)
class SetTime:
    """A folder's time goes back to what it was before anything was put into it."""
    path: str
    nanoseconds: int

    def __str__(self):
        return "set time of  %s" % self.path
