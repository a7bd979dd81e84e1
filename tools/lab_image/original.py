"""A WIM's original, kept beside it:

    NAME.lab-image-original   the file from before the first change
    NAME.lab-image.json       the checksums of the original and of what it became

The original can take the place of the WIM again only while the WIM is what we made of it. Once
somebody else has changed the WIM, the original is left where it is, and nothing here uses it.
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
        self._here = None

    def _checksum(self):
        """Of the WIM; big ones are read once."""
        self._here = self._here or disk.sha256(self.wim)
        return self._here

    def _read(self):
        """(checksum before, checksums after), or None."""
        if not os.path.exists(self.sums):
            if os.path.exists(self.kept):
                raise Refusal("%s is there without %s" % (self.kept, self.sums))
            return None
        try:
            with open(self.sums, encoding="utf-8") as file:
                data = json.load(file)
            return data["before"], list(data["after"])
        except (ValueError, KeyError, TypeError):
            raise Refusal("%s is damaged" % self.sums) from None

    def _write(self, before, after):
        disk.write_text(self.sums, json.dumps({"before": before, "after": after}, indent=2) + "\n")

    def _forget(self):
        if os.path.exists(self.kept):
            disk.drop(self.kept)
        disk.drop(self.sums)

    def tidy(self):
        """Takes away what a run left that was cut short before or after the change itself."""
        if os.path.exists(self.sums + disk.FRESH):
            disk.drop(self.sums + disk.FRESH)
        sums = self._read()
        if sums is not None and self._checksum() == sums[0]:
            self._forget()

    def before_swap(self, fresh):
        """The WIM is about to become one with this checksum."""
        sums = self._read()
        if sums is None and self.wanted:
            self._write(self._checksum(), [fresh])
            disk.link(self.wim, self.kept)
        elif sums is not None and self._checksum() in sums[1]:
            self._write(sums[0], [self._checksum(), fresh])

    def after_swap(self, fresh):
        sums = self._read()
        if sums is not None and fresh in sums[1]:
            self._write(sums[0], [fresh])

    def usable(self):
        """Whether the original is what the WIM was before us, and only we changed it since."""
        sums = self._read()
        return (sums is not None and self._checksum() in sums[1]
                and os.path.exists(self.kept) and disk.sha256(self.kept) == sums[0])

    def restore(self):
        disk.rename(self.kept, self.wim)
        disk.drop(self.sums)
