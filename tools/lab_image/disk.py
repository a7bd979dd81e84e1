"""Every write to the disk. Each function is one step: it happens whole, or it never happened.

What is written is on the disk before the step after it begins, so a list of steps that is cut short,
also by a power failure, was cut between two of them.
"""
import contextlib
import errno
import fcntl
import hashlib
import os
import shutil

# How ntfs-3g shows the access rights of a file; not there on other file systems.
NTFS_RIGHTS = "system.ntfs_acl"
FICLONE = 0x40049409
# What link(2) says where there are no links: FAT, exFAT, some that are mounted from elsewhere.
NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
FRESH = ".new"


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(path):
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy_rights(like, path):
    """The owner and the rights of `like`, and what Windows has of them, for a new file or folder."""
    status = os.stat(like)
    mode = status.st_mode & 0o777
    if os.path.isdir(like) and not os.path.isdir(path):
        mode &= 0o666
    # FAT and exFAT have neither, and say EPERM.
    with contextlib.suppress(PermissionError):
        os.chown(path, status.st_uid, status.st_gid)
    with contextlib.suppress(PermissionError):
        os.chmod(path, mode)
    with contextlib.suppress(OSError):
        os.setxattr(path, NTFS_RIGHTS, os.getxattr(like, NTFS_RIGHTS))


def _no_link(path, flags):
    """What stands under a name of ours as a link is not written through."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def make_folder(path):
    parent = os.path.dirname(path)
    os.mkdir(path, 0o700)
    _copy_rights(parent, path)
    sync_folder(parent)


def write_file(source, path, like):
    """A new file with the bytes of `source`; it may be left half if this is cut short."""
    with open(source, "rb") as reader, open(path, "wb", opener=_no_link) as writer:
        shutil.copyfileobj(reader, writer, 1 << 20)
        writer.flush()
        os.fsync(writer.fileno())
    _copy_rights(like, path)


def rename(path, target):
    """`target` is replaced, if there is one."""
    os.replace(path, target)
    sync_folder(os.path.dirname(target))
    if os.path.dirname(path) != os.path.dirname(target):
        sync_folder(os.path.dirname(path))


def link(path, second):
    os.link(path, second, follow_symlinks=False)
    sync_folder(os.path.dirname(second))


def keep(path, second):
    """The file under a second name; on a file system that has no such thing, a copy with its times."""
    try:
        link(path, second)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        fresh = second + FRESH
        copy(path, fresh)
        status = os.stat(path)
        os.utime(fresh, ns=(status.st_atime_ns, status.st_mtime_ns))
        rename(fresh, second)


def drop(path):
    os.unlink(path)
    sync_folder(os.path.dirname(path))


def remove_folder(path):
    os.rmdir(path)
    sync_folder(os.path.dirname(path))


def set_time(path, nanoseconds):
    os.utime(path, ns=(os.stat(path).st_atime_ns, nanoseconds))


def copy(source, target):
    """A copy in a folder of our own; a file system that can shares the space."""
    with open(source, "rb") as reader, open(target, "wb", opener=_no_link) as writer:
        try:
            fcntl.ioctl(writer.fileno(), FICLONE, reader.fileno())
        except OSError:
            shutil.copyfileobj(reader, writer, 1 << 20)
        writer.flush()
        os.fsync(writer.fileno())
    _copy_rights(source, target)


def write_text(path, text):
    """A file of our own beside an image, replaced at once."""
    fresh = path + FRESH
    with open(fresh, "w", encoding="utf-8", opener=_no_link) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    rename(fresh, path)


def change(path, program):
    """A file of ours that another program writes to."""
    program(path)
