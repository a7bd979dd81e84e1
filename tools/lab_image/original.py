"""A WIM's original, kept beside it:

    NAME.lab-image-original   the file from before the first change
    NAME.lab-image.json       the checksums of the original and of what it became

The record inside the images has the checksum of the original as well, taken when it was kept: the
original is the file with that checksum, and no other. It can take the place of the WIM again only
while the WIM is what we made of it. Once somebody else has changed the WIM, the original is left where
it is, and nothing here uses it.
"""
import json
import os

from . import disk
from .refusal import Refusal


class Original:
    def __init__(self, wim, wanted):
        self.wim = wim
        self.wanted = wanted
        self.kept = wim + ".lab-image-original"
        self.sums = wim + ".lab-image.json"
        # All that may stand beside the WIM because of us.
        self.names = (self.kept, self.kept + disk.FRESH, self.sums, self.sums + disk.FRESH)
        self._here = None
        self._kept_sum = None

    def _checksum(self):
        """Of the WIM; big ones are read once."""
        self._here = self._here or disk.sha256(self.wim)
        return self._here

    def _checksum_kept(self):
        if not os.path.exists(self.kept):
            return None
        self._kept_sum = self._kept_sum or disk.sha256(self.kept)
        return self._kept_sum

    def _read(self):
        """(checksum before, checksums after), or None."""
        if not os.path.exists(self.sums):
            return None
        try:
            with open(self.sums, encoding="utf-8") as file:
                data = json.load(file)
            return data["before"], list(data["after"])
        except (ValueError, KeyError, TypeError):
            raise Refusal("%s is damaged; move it away to go on without the original"
                          % self.sums) from None

    def _write(self, before, after):
        disk.write_text(self.sums, json.dumps({"before": before, "after": after}, indent=2) + "\n")

    def _is_ours(self, sums):
        """Whether the WIM is what we made of the original."""
        return sums is not None and self._checksum() in sums[1]

    # ---- what a run that was cut short left ----

    def tidy(self):
        """Takes it away. The WIM that is the original itself needs no second one."""
        for fresh in (self.sums + disk.FRESH, self.kept + disk.FRESH):
            if os.path.exists(fresh):
                disk.drop(fresh)
        sums = self._read()
        if sums is None or self._checksum() != sums[0]:
            return
        if self._checksum_kept() == sums[0]:
            disk.drop(self.kept)
        if not os.path.exists(self.kept):
            disk.drop(self.sums)

    # ---- what is refused before anything is touched ----

    def check_install(self, has_us):
        """`has_us`: an earlier run is in the WIM. Notes for the user."""
        sums = self._read()
        if has_us:
            if sums is not None and not self._is_ours(sums):
                return [self._changed()]
            return []
        if sums is None and self.wanted and os.path.exists(self.kept):
            raise Refusal("%s is there without %s, so it is not known what it is the original of; "
                          "move it away, or keep no original of this one (--no-original)"
                          % (self.kept, self.sums))
        strangers = [name for name in (self.kept, self.sums) if os.path.exists(name)]
        if strangers and self.wanted:
            raise Refusal("%s: left of another file that had this name; move that away, or keep no "
                          "original of this one (--no-original)" % " and ".join(strangers))
        return []

    def check_revert(self, has_us, expected):
        """`expected`: the originals' checksums in the records of the images. Notes for the user."""
        sums = self._read()
        expected = {each for each in expected if each}
        if not has_us:
            return []
        if not self.wanted or not (expected or sums):
            return ["no original was kept, or it is not wanted: every file in it comes back, and the "
                    "WIM around them is packed anew"]
        if sums is not None and not self._is_ours(sums):
            return [self._changed()]
        before = sums[0] if sums else next(iter(expected))
        if sums is None or self._checksum_kept() != before or (expected and expected != {before}):
            raise Refusal(
                "its original is not beside it (%s with the SHA-256 %s, and %s): bring them back, "
                "or take only our files out of it as it is (--revert --no-original)"
                % (self.kept, " or ".join(sorted(expected or {before})), self.sums))
        return []

    def _changed(self):
        return ("somebody changed it since: their changes stay and ours can be taken out; the file "
                "from before would undo theirs, and is left as %s" % self.kept)

    # ---- keeping and giving back ----

    def sum_kept(self, has_us):
        """The checksum of the original that is kept, or is about to be; empty: there is none."""
        sums = self._read()
        if has_us:
            return sums[0] if sums is not None else ""
        return self._checksum() if self.wanted else ""

    def before_swap(self, fresh, is_first):
        """The WIM is about to become one with this checksum. `is_first`: nothing of ours is in it
        yet, so it is an original."""
        sums = self._read()
        if self._is_ours(sums):
            self._write(sums[0], [self._checksum(), fresh])
        elif sums is None and self.wanted and is_first:
            self._write(self._checksum(), [fresh])
            disk.keep(self.wim, self.kept)

    def after_swap(self, fresh):
        sums = self._read()
        if sums is not None and fresh in sums[1]:
            self._write(sums[0], [fresh])

    def usable(self):
        """Whether the original is what the WIM was before us, and only we changed it since."""
        sums = self._read()
        return self.wanted and self._is_ours(sums) and self._checksum_kept() == sums[0]

    def restore(self):
        disk.rename(self.kept, self.wim)
        disk.drop(self.sums)
