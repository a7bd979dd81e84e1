#!/usr/bin/python3
"""Every relative link of the Markdown files leads to a file that is there, and to a heading of it.

    check-links.py [FOLDER]      the tree, or an unpacked package
    check-links.py --self-test   plants dead links, and wants each found
"""
import os
import re
import sys
import tempfile

SKIPPED = {".git", "build", ".cache"}
LINK = re.compile(r"\]\(([^()\s]+)\)")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def without_code(text):
    """The text with code blocks and code spans blanked out: links in these are none."""
    text = re.sub(r"(?ms)^```.*?^```", lambda m: "\n" * m.group(0).count("\n"), text)
    return re.sub(r"`[^`\n]*`", lambda m: " " * len(m.group(0)), text)


def anchors_of(text):
    """The anchors of the headings, as the usual Markdown sites make them."""
    found = set()
    for title in re.findall(r"(?m)^#+\s+(.*?)\s*$", re.sub(r"(?ms)^```.*?^```", "", text)):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "").lower()
        anchor = re.sub(r"[^\w\- ]", "", title).replace(" ", "-")
        number = 0
        while anchor + ("-%d" % number if number else "") in found:
            number += 1
        found.add(anchor + ("-%d" % number if number else ""))
    return found


def pages_of(root):
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in SKIPPED)
        for file in sorted(files):
            if file.endswith(".md"):
                yield os.path.join(folder, file)


def dead_links(root):
    """Returns (number of links, those that lead nowhere, a line each)."""
    count, dead = 0, []
    for page in pages_of(root):
        for number, line in enumerate(without_code(read(page)).split("\n"), 1):
            for link in LINK.findall(line):
                if re.match(r"[a-z]+:", link):
                    continue
                count += 1
                path, _, anchor = link.partition("#")
                target = os.path.join(os.path.dirname(page), path) if path else page
                place = "%s:%d: " % (os.path.relpath(page, root), number)
                if not os.path.exists(target):
                    dead.append(place + "%s leads nowhere" % link)
                elif anchor and target.endswith(".md") and anchor not in anchors_of(read(target)):
                    dead.append(place + "%s has no such heading" % link)
    return count, dead


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        pages = {
            "a.md": "# One `two` three\n[good](b.md#four) [good](#one-two-three) [x](http://nowhere.example)\n"
                    "`[no](link.md)`\n```\n[no](link.md)\n```\n[dead](c.md)\n[dead](b.md#five)\n",
            "b.md": "# Four\n",
        }
        for name, text in pages.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        count, dead = dead_links(folder)
        right = count == 4 and [line.split()[1] for line in dead] == ["c.md", "b.md#five"]
        print("self-test: %s" % ("passed" if right else "failed: %d, %s" % (count, dead)))
        return 0 if right else 1


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    count, dead = dead_links(root)
    for line in dead:
        print(line, file=sys.stderr)
    print("%d links, %d dead" % (count, len(dead)))
    return 1 if dead or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
