#!/usr/bin/python3
"""The version stands in CMakeLists.txt; where else it must be written, it is the same.

    check-version.py             the tree
    check-version.py --self-test wants each place noticed
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def faults(cmake, changelog, packaging, pkgbuild, port):
    """What disagrees, a line each."""
    found = re.search(r"^project\(wdspxe VERSION (\d+\.\d+\.\d+) ", cmake, re.M)
    if not found:
        return ["CMakeLists.txt names no version of three numbers"]
    version, wrong = found[1], []
    sections = re.findall(r"^## \[([^\]]+)\](.*)$", changelog, re.M)
    if not sections or sections[0][0] != "Unreleased":
        wrong.append("CHANGELOG.md does not begin with [Unreleased]")
    released = [name for name, _ in sections[1:]]
    if not released or released[0] != version:
        wrong.append(f"CHANGELOG.md: the newest release is {released[:1]}, not {version}")
    for name, rest in sections[1:]:
        if not re.fullmatch(r" - (\d{4}-\d\d-\d\d|not released yet)", rest):
            wrong.append(f"CHANGELOG.md: [{name}] has no date")
    named = set(re.findall(r"wdspxe-(\d+\.\d+\.\d+)-win", packaging)) | \
        set(re.findall(r"`(\d+\.\d+\.\d+) for Windows", packaging))
    if named != {version}:
        wrong.append(f"docs/packaging.md names {sorted(named)}, not {version} alone")
    asked = set(re.findall(r"find_package\(wdspxe (\S+) ", packaging))
    if asked != {".".join(version.split(".")[:2])}:
        wrong.append(f"docs/packaging.md asks for {sorted(asked)}")
    if re.findall(r"^pkgver=(.*)$", pkgbuild, re.M) != [version]:
        wrong.append(f"the PKGBUILD for MSYS2 is not of {version}")
    if re.findall(r'"version": "(.*)"', port) != [version]:
        wrong.append(f"the port for vcpkg is not of {version}")
    return wrong


def self_test():
    good = ("project(wdspxe VERSION 1.2.3 D)\n",
            "## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n",
            "find_package(wdspxe 1.2 CONFIG)\nwdspxe-1.2.3-win-x64 `1.2.3 for Windows x64`\n",
            "pkgver=1.2.3\n", '{"version": "1.2.3"}\n')
    assert not faults(*good), faults(*good)
    planted = [(0, "1.2.3", "1.2.4"), (0, "1.2.3", "1.2"), (1, "[Unreleased]", "[Next]"),
               (1, " - 2026-01-02", ""), (1, "[1.2.3]", "[1.2.2]"),
               (2, "1.2.3-win", "1.2.2-win"), (2, "1.2.3 for", "1.2.2 for"),
               (2, "wdspxe 1.2 ", "wdspxe 1.1 "),
               (3, "1.2.3", "1.2.4"), (4, "1.2.3", "1.2.4")]
    for place, old, new in planted:
        texts = list(good)
        texts[place] = texts[place].replace(old, new)
        assert faults(*texts), f"not noticed: {old} -> {new}"
    print(f"{len(planted)} planted faults noticed")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    wrong = faults(*((ROOT / name).read_text(encoding="utf-8")
                     for name in ("CMakeLists.txt", "CHANGELOG.md", "docs/packaging.md",
                                  "tools/packaging/msys2/PKGBUILD", "tools/packaging/vcpkg/vcpkg.json")))
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
