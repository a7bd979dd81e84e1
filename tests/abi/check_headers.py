#!/usr/bin/env python3
"""Compiles every public header with each compiler and for each target that the project supports.

As C11 and C++17, with many warnings as errors: alone, and in the company that other headers give
it; then as MSVC reads it; and msvc_style.cpp, a provider in the usual style. As many compilers run
at once as there are processors. What comes before a header in several checks is precompiled: most
of the time goes into windows.h. Exit code: 0 all as expected, 1 something is not, 2 a tool or a
header is missing.

Usage: check_headers.py [SOURCE_TREE]
"""
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MINGW_HEADERS = "/usr/share/mingw-w64/include"
WARNINGS = """-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual
    -Wwrite-strings -Wundef -Wvla -Wformat=2 -Werror""".split()
# language -> gcc's name, clang's name, options
LANGUAGES = {
    "c": ("gcc", "clang", ["-std=c11", "-Wstrict-prototypes", "-Wmissing-prototypes"]),
    "cpp": ("g++", "clang++", ["-std=c++17"]),
}
GCC_TARGETS = ("x86_64", "i686")
CLANG_TARGETS = ("x86_64", "i686", "aarch64")
MSVC_OPTIONS = """-fms-compatibility -fms-compatibility-version=19.30 -Wall -Wextra -Wgnu -Werror
    -Wno-microsoft-cast -fsyntax-only""".split()

# What comes first, and what then; @ is the header. "Lean" is what most users define; the full
# windows.h is in the first check. As the header includes windows.h itself, and that check sees that
# it does, windows.h may as well stand before it.
ALONE = "@\n#include <windows.h>\n"
# MinGW's namesake must stay out when it comes later.
BEFORE_NAMESAKE = f"#include <{MINGW_HEADERS}/@>\n"
LEAN = "#define WIN32_LEAN_AND_MEAN\n"
BETWEEN = "between windows.h and winsock2.h"
COMPANY = {
    BETWEEN:
        (LEAN + "#include <windows.h>\n", "@\n#include <winsock2.h>\n#include <ws2tcpip.h>\n"),
    "after winsock2.h": (LEAN + "#include <winsock2.h>\n#include <ws2tcpip.h>\n", "@\n"),
    "unicode, strict, twice":
        (LEAN + "#define UNICODE\n#define _UNICODE\n#define STRICT\n#include <windows.h>\n",
         "@\n@\n"),
}
# A callback of the wrong calling convention, where there is a difference.
CDECL_CALLBACK = """#include "wdspxe.h"
DWORD __cdecl wrong(PVOID context);
DWORD test(HANDLE provider)
{
    return PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, wrong, NULL);
}
"""
# Clang takes GNU's keywords even as MSVC, silently.
GNU_WORDS = re.compile(r"__(attribute|extension|typeof|builtin|asm|inline__|restrict)")


def missing(text):
    print(f"ERROR: {text}", file=sys.stderr)
    sys.exit(2)


class Compiler:
    """One compiler for one target and language."""

    def __init__(self, command, language, include, folder):
        self.name = f"{language}: {' '.join(command)}"
        self.language = language
        self.is_clang = command[0].startswith("clang")
        system = ["-isystem", MINGW_HEADERS] if self.is_clang else []
        self.command = [*command, *system, *WARNINGS, *LANGUAGES[language][2], "-I", include]
        self.folder = folder
        os.mkdir(folder)

    def syntax(self, source, *options):
        return [*self.command, *options, "-fsyntax-only", source]

    def precompiled(self, company):
        """Where the precompiled form of COMPANY's beginning is."""
        return os.path.join(self.folder, f"{list(COMPANY).index(company)}.h")

    def precompile(self, company, source):
        suffix = ".pch" if self.is_clang else ".gch"
        kind = "c-header" if self.language == "c" else "c++-header"
        return [*self.command, "-x", kind, source, "-o", self.precompiled(company) + suffix]

    def after(self, company, source):
        """Checks a source that has COMPANY's beginning before it."""
        header = self.precompiled(company)
        if self.is_clang:
            return self.syntax(source, "-include-pch", header + ".pch")
        return self.syntax(source, "-Winvalid-pch", "-include", header)


class Checks:
    """Commands and what is expected of them; run() tells how many kept to it."""

    def __init__(self):
        self.preparations = []
        self.checks = []

    def prepare(self, what, command):
        self.preparations.append((what, command, None))

    def passes(self, what, command):
        self.checks.append((what, command, None))

    def fails(self, what, command, says):
        """The compiler must refuse, and its words must contain `says`."""
        self.checks.append((what, command, says))

    @staticmethod
    def run_one(check):
        what, command, says = check
        result = subprocess.run(command, capture_output=True, text=True, check=False,
                                stdin=subprocess.DEVNULL)
        if says is None and result.returncode == 0:
            return True
        if says is not None and result.returncode != 0 and says in result.stderr:
            return True
        lines = result.stderr.splitlines() or ["was accepted"]
        print("\n     ".join([f"FAIL {what}", *lines[:10]]), flush=True)
        return False

    def run(self):
        """Returns how many checks there were and how many went as expected."""
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            if not all(list(pool.map(self.run_one, self.preparations))):
                return len(self.checks), 0
            return len(self.checks), sum(pool.map(self.run_one, self.checks))


class Sources:
    """Small source files, made where they are used."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def make(self, text, language):
        path = os.path.join(self.folder, f"{self.count}.{language}")
        self.count += 1
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def around(self, text, header, language):
        """A source with the header in place of @."""
        text = text.replace("@", f'#include "{header}"')
        return self.make(text + "typedef int not_an_empty_file;\n", language)


def all_compilers(include, folder):
    result = []
    for language, (gcc, clang, _) in LANGUAGES.items():
        commands = [[f"{target}-w64-mingw32-{gcc}"] for target in GCC_TARGETS]
        commands += [[clang, f"--target={target}-w64-mingw32"] for target in CLANG_TARGETS]
        for command in commands:
            if shutil.which(command[0]) is None:
                missing(f"{command[0]} is not installed or not in PATH")
            path = os.path.join(folder, f"compiler{len(result)}")
            result.append(Compiler(command, language, include, path))
    return result


def add_company(checks, sources, compilers, headers):
    """Each header in all company, with each compiler."""
    for language in LANGUAGES:
        ours = [compiler for compiler in compilers if compiler.language == language]
        for company, (before, _) in COMPANY.items():
            source = sources.make(before, "h")
            for compiler in ours:
                checks.prepare(f"{company} [{compiler.name}]",
                               compiler.precompile(company, source))
        for header in headers:
            text, what = ALONE, "alone, before windows.h"
            if os.path.isfile(os.path.join(MINGW_HEADERS, header)):
                text, what = text + BEFORE_NAMESAKE.replace("@", header), what + " and MinGW's"
            alone = sources.around(text, header, language)
            for compiler in ours:
                checks.passes(f"{header} {what} [{compiler.name}]", compiler.syntax(alone))
            for company, (_, then) in COMPANY.items():
                source = sources.around(then, header, language)
                for compiler in ours:
                    checks.passes(f"{header} {company} [{compiler.name}]",
                                  compiler.after(company, source))


def add_wdspxe(checks, sources, compilers):
    """What only wdspxe.h has: C++ conveniences, callbacks."""
    in_block = sources.make('extern "C" {\n#include "wdspxe.h"\n}\n', "cpp")
    plain = sources.make('#define WDSPXE_NO_CXX_OVERLOADS\n#include "wdspxe.h"\n'
                         "typedef decltype(&PxeRegisterCallback) register_callback;\n", "cpp")
    library = sources.make('#include "wdspxe.h"\n#include <algorithm>\n#include <regex>\n'
                           "#include <string>\n", "cpp")
    for compiler in (one for one in compilers if one.language == "cpp"):
        checks.passes(f'wdspxe.h in extern "C" [{compiler.name}]', compiler.syntax(in_block))
        checks.passes(f"wdspxe.h without overloads [{compiler.name}]", compiler.after(BETWEEN, plain))
        checks.passes(f"msvc_style.cpp [{compiler.name}]",
                      compiler.syntax(os.path.join(HERE, "msvc_style.cpp")))
        if not compiler.is_clang: # clang has no C++ library for Windows here
            checks.passes(f"wdspxe.h before the C++ library [{compiler.name}]",
                          compiler.after(BETWEEN, library))
    gcc = next(one for one in compilers if one.name == "c: x86_64-w64-mingw32-gcc")
    second = sources.make('#define _INC_WDSPXE\n#include "wdspxe.h"\n', "c")
    checks.fails("wdspxe.h after MinGW's", gcc.syntax(second), 'error: #error "another wdspxe.h')
    gxx = next(one for one in compilers if one.name == "cpp: i686-w64-mingw32-g++")
    checks.fails("cdecl callback on x86", gxx.after(BETWEEN, sources.make(CDECL_CALLBACK, "cpp")),
                 "error:")


def add_msvc(checks, sources, headers, include):
    """As MSVC reads it: _MSC_VER, Microsoft's ABI and dialect, a stand-in for the SDK."""
    options = [*MSVC_OPTIONS, "-I", os.path.join(HERE, "msvc_shim"), "-I", include]
    for target in CLANG_TARGETS:
        c, cpp = ([name, f"--target={target}-pc-windows-msvc", *options]
                  for name in ("clang", "clang++"))
        for header in headers:
            source = sources.around("@\n", header, "c")
            for standard in ("c11", "c99"):
                checks.passes(f"{header} as MSVC [{standard}: {target}]",
                              [*c, f"-std={standard}", source])
            checks.passes(f"{header} as MSVC [cpp: {target}]",
                          [*cpp, "-std=c++17", sources.around("@\n", header, "cpp")])
        checks.passes(f"msvc_style.cpp as MSVC [cpp: {target}]",
                      [*cpp, "-std=c++17", os.path.join(HERE, "msvc_style.cpp")])


def has_gnu_words(path):
    with open(path, encoding="utf-8") as file:
        found = [line.rstrip() for line in file if GNU_WORDS.search(line)]
    if found:
        print("\n     ".join([f"FAIL {path} uses what only GCC and Clang have:", *found]))
    return bool(found)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(HERE))
    include = os.path.join(root, "include")
    paths = sorted(glob.glob(os.path.join(include, "*.h")))
    if not paths:
        missing(f"no header in {include}")
    if not os.path.isfile(os.path.join(MINGW_HEADERS, "windows.h")):
        missing(f"no windows.h in {MINGW_HEADERS} (mingw-w64-common is not installed)")
    headers = [os.path.basename(path) for path in paths]
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        sources = Sources(folder)
        compilers = all_compilers(include, folder)
        add_company(checks, sources, compilers, headers)
        add_wdspxe(checks, sources, compilers)
        add_msvc(checks, sources, headers, include)
        count, passed = checks.run()
    count += len(paths)
    passed += sum(not has_gnu_words(path) for path in paths)
    print(f"{passed} of {count} checks as expected")
    return 0 if passed == count else 1


if __name__ == "__main__":
    sys.exit(main())
