"""Names inside a Windows image: relative, with backslashes, upper and lower case the same."""
from .refusal import Refusal

FORBIDDEN = set('/:*?"<>|\'')


def parts(path):
    """The names of the path. Nothing that could lead out of the image or mean two things."""
    names = path.split("\\")
    for name in names:
        if name in ("", ".", "..") or name[-1] in " ." or \
                any(c in FORBIDDEN or ord(c) < 32 for c in name):
            raise Refusal("'%s' is no usable path inside an image" % path)
    return names


def join(*names):
    return "\\".join(names)


def above(path):
    """The folders that the path is in, outermost first."""
    names = parts(path)
    return [join(*names[:count]) for count in range(1, len(names))]


def same(one, other):
    return one.upper() == other.upper()
