#!/usr/bin/env python3
"""Compares the binary interface of a DLL, wherever it shows, with its table beside this file.

Always checked: the headers that the table names (prototypes, calling conventions, layouts,
constants, macros, and that nothing undeclared crept in), and both files def/NAME.def and
def/NAME-x86.def. Checked on request: built DLLs (--dll) and import libraries (--implib); their
machine is read from the file. Exit code: 0 all agree, 1 something differs, 2 a tool or a file is
missing.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MINGW_HEADERS = "/usr/share/mingw-w64/include"

# name of the machine -> compiler command. 'arm64' can only be checked up to the object file.
COMPILERS = {
    "x64": ["x86_64-w64-mingw32-gcc"],
    "x86": ["i686-w64-mingw32-gcc"],
    "arm64": ["clang", "--target=aarch64-w64-mingw32", "-isystem", MINGW_HEADERS],
}
BINUTILS = {"x64": "x86_64-w64-mingw32-", "x86": "i686-w64-mingw32-"}

PROBLEMS = []


def problem(where, text):
    PROBLEMS.append(where)
    print(f"FAIL {where}: {text}")


def missing(text):
    print(f"ERROR {text}", file=sys.stderr)
    sys.exit(2)


def tool(name):
    if shutil.which(name) is None:
        missing(f"{name} is not installed or not in PATH")
    return name


def run(command):
    tool(command[0])
    return subprocess.run(command, capture_output=True, text=True, check=False)


def output_of(command):
    result = run(command)
    if result.returncode != 0:
        missing(f"{' '.join(command)} failed:\n{result.stderr}")
    return result.stdout


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        missing(str(error))


# ---- the table ----------------------------------------------------------------------------------


def read_sections(path):
    sections, current = {}, None
    for line in read(path).splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("["):
            current = sections.setdefault(text.strip("[]"), [])
        elif current is None:
            missing(f"{path}: line outside of a section: {text}")
        else:
            current.append(text)
    return sections


class Table:
    """A table, parsed. exports: name -> (ordinal, bytes or None for cdecl)."""

    def __init__(self, path):
        sections = read_sections(path)
        try:
            self.library = sections["library"][0]
            self.name = self.library.removesuffix(".dll")
            self.header, *self.headers_ext = sections["headers"]
            self.convention = sections["calling-convention"][0]
            self.prefix = self.convention.removesuffix("API")
            self.published = self.exports(sections["exports"])
            self.prototypes = self.functions(sections["prototypes"])
            self.constants = dict(line.split() for line in sections["constants"])
            self.ours = self.exports(sections.get("exports-ext", []))
            self.prototypes_ext = self.functions(sections.get("prototypes-ext", []))
            self.provider = self.functions(sections.get("provider-prototypes", []))
            self.types = sections.get("types", [])
            self.structs = self.layouts(sections.get("structs", []))
            self.macros = [line.rsplit(None, 1) for line in sections.get("macros", [])]
        except (KeyError, ValueError, IndexError) as error:
            missing(f"{path}: cannot be read: {error!r}")
        self.all = {**self.published, **self.ours}

    @staticmethod
    def exports(lines):
        result = {}
        for ordinal, size, name in (line.split() for line in lines):
            result[name] = (int(ordinal), None if size == "cdecl" else int(size))
        return result

    @staticmethod
    def functions(lines):
        result = {}
        for line in lines:
            match = re.fullmatch(r"(\w+) (\w+)\((.*)\)", line)
            if not match:
                raise ValueError(line)
            result[match[2]] = (match[1], match[3])
        return result

    @staticmethod
    def layouts(lines):
        result, members = {}, None
        for fields in (line.split() for line in lines):
            if len(fields) == 3:
                members = {}
                result[fields[0]] = (int(fields[1]), int(fields[2]), members)
            else:
                members[fields[0]] = (int(fields[1]), int(fields[2]), fields[3])
        return result

    def symbol(self, name, machine):
        """What a compiler calls the function, without the extra underscore of x86."""
        size = self.all[name][1]
        return name if machine != "x86" or size is None else f"{name}@{size}"


# ---- headers ------------------------------------------------------------------------------------


def probe_source(table, width):
    """A C file that compiles only if the header has the table's values, layouts and prototypes."""
    index = 0 if width == 32 else 1
    lines = [f'#include "{header}"' for header in (table.header, *table.headers_ext)]
    lines.append("#include <stddef.h>")

    def check(condition, text):
        lines.append(f'_Static_assert({condition}, "{text}");')

    check(f"sizeof(void *) == {width // 8}", "pointer width")
    for name in table.types:
        check(f"_Generic(({name})0, ULONG: 1, default: 0)", f"{name} is ULONG")
    for name, value in table.constants.items():
        check(f"({name}) == {value}", f"{name} is {value}")
        check(f"sizeof({name}) == 4", f"{name} is 4 bytes")
    for use, value in table.macros:
        check(f"({use}) == {value}", f"{use} is {value}")
    for name, layout in table.structs.items():
        check(f"sizeof({name}) == {layout[index]}", f"sizeof {name}")
        check(f"sizeof(struct tag{name}) == {layout[index]}", f"tag of {name}")
        check(f"_Generic((P{name})0, {name} *: 1, default: 0)", f"P{name}")
        for member, (*offsets, kind) in layout[2].items():
            check(f"offsetof({name}, {member}) == {offsets[index]}", f"{name}.{member} offset")
            base, _, count = kind.partition("[")
            pointer = f"{base} (*)[{count}" if count else f"{base} *"
            check(f"_Generic(&(({name} *)0)->{member}, {pointer}: 1, default: 0)",
                  f"{name}.{member} type")
    functions = {**table.prototypes, **table.prototypes_ext, **table.provider}
    for name, (result, parameters) in functions.items():
        is_cdecl = name in table.all and table.all[name][1] is None
        convention = "__cdecl" if is_cdecl else "__stdcall"
        lines.append(f"{result} ({convention} *const p_{name})({parameters}) = {name};")
    return "\n".join(lines) + "\n"


def check_compiled(table, machine, include, folder):
    width = 32 if machine == "x86" else 64
    source = os.path.join(folder, f"probe_{machine}.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write(probe_source(table, width))
    obj = source[:-1] + "o"
    command = COMPILERS[machine] + ["-std=c11", "-Wall", "-Wextra", "-Werror",
                                    "-I", include, "-c", source, "-o", obj]
    result = run(command)
    where = f"headers on {machine}"
    if result.returncode != 0:
        errors = [line for line in result.stderr.splitlines() if "error" in line]
        problem(where, "\n     ".join(["the compiler disagrees:"] + (errors or [result.stderr])))
        return
    nm = "llvm-nm" if machine == "arm64" else BINUTILS[machine] + "nm"
    undefined = {line.split()[-1] for line in output_of([nm, "-u", obj]).splitlines()
                 if " U " in line}
    expected = {table.symbol(name, machine)
                for name in (*table.prototypes, *table.prototypes_ext)}
    for name, (_, parameters) in table.provider.items():
        size = 4 * len(parameters.split(","))
        expected.add(f"{name}@{size}" if machine == "x86" else name)
    if machine == "x86":
        expected = {"_" + name for name in expected}
    compare_sets(where, "symbol", expected, undefined)


def compare_sets(where, what, expected, found):
    for name in sorted(expected - found):
        problem(where, f"{what} {name} is missing")
    for name in sorted(found - expected):
        problem(where, f"{what} {name} is not in the table")


def without_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def check_header_is_complete(table, include):
    """Nothing in the headers that the table does not know."""
    where = table.header
    text = without_comments(read(os.path.join(include, table.header)))
    c_part = re.sub(r"#if defined\(__cplusplus\) && !defined\(\w+_NO_CXX_OVERLOADS\).*?"
                    r'\n#endif\n\n#ifdef __cplusplus\n\}', "", text, flags=re.S)
    constants = set(re.findall(rf"^#define ({table.prefix}\w+) ", text, flags=re.M))
    compare_sets(where, "constant", set(table.constants), constants - {table.convention})
    macros = set(re.findall(rf"^#define ({table.prefix}\w+)\(", text, flags=re.M))
    compare_sets(where, "macro", {use.split("(")[0] for use, _ in table.macros}, macros)
    structs = set(re.findall(r"typedef struct tag(\w+) \{", text))
    compare_sets(where, "structure", set(table.structs), structs)
    types = set(re.findall(r"typedef ULONG (\w+);", text))
    compare_sets(where, "type", set(table.types), types)
    functions = set(re.findall(r"^(?:_Ret_maybenull_ )?(?:DWORD|PVOID) "
                               rf"(?:{table.convention}|__cdecl) (\w+)\(", c_part, flags=re.M))
    compare_sets(where, "function", set(table.prototypes) | set(table.provider), functions)
    check_members(table, text)
    ext = "".join(without_comments(read(os.path.join(include, name)))
                  for name in table.headers_ext)
    functions = set(re.findall(rf"^\w+ {table.convention} (\w+)\(", ext, flags=re.M))
    compare_sets(" ".join(table.headers_ext), "function", set(table.prototypes_ext), functions)


def check_members(table, text):
    """The structures have the table's members, in its order."""
    for name, (_, _, members) in table.structs.items():
        body = re.search(rf"typedef struct tag{name} \{{(.*?)\}} {name}, \*P{name};", text, re.S)
        if not body:
            problem(table.header, f"structure {name} is not declared as expected")
            continue
        found = re.findall(r"(\w+)(?:\[\w+\])?;", body[1])
        if found != list(members):
            problem(table.header, f"members of {name} are {found}, not {list(members)}")


# ---- export lists -------------------------------------------------------------------------------


def read_def(path):
    """LIBRARY name and the (name, ordinal) pairs of a module definition file."""
    library, entries, in_exports = None, [], False
    for line in read(path).splitlines():
        text = line.split(";")[0].strip()
        if not text:
            continue
        if text.upper().startswith("LIBRARY"):
            library = text.split()[1]
        elif text.upper() == "EXPORTS":
            in_exports = True
        else:
            match = re.fullmatch(r"(\w+(?:@\d+)?)\s+@(\d+)", text)
            if not in_exports or not match:
                problem(path, f"cannot read the line: {text}")
            else:
                entries.append((match[1], int(match[2])))
    return library, entries


def check_def(table, path, machine):
    where = os.path.basename(path)
    library, entries = read_def(path)
    if library != table.library:
        problem(where, f"LIBRARY is {library}, not {table.library}")
    expected = [(table.symbol(name, machine), table.all[name][0]) for name in table.all]
    compare_sets(where, "entry", {f"{n} @{o}" for n, o in expected},
                 {f"{n} @{o}" for n, o in entries})
    if len(entries) != len(set(entries)):
        problem(where, "an entry stands there twice")
    published = [name for name, ordinal in entries if ordinal < 100]
    if published != sorted(published):
        problem(where, "the published names are not in ASCII order")


def file_machine(path):
    """Machine of a DLL or of the first member of an import library."""
    if not os.path.isfile(path):
        missing(f"{path}: no such file")
    heading = output_of([tool("llvm-objdump"), "-a" if is_archive(path) else "-f", path])
    for pattern, machine in (("x86-64", "x64"), ("i386", "x86"), ("arm64|aarch64", "arm64")):
        if re.search(rf"file format (coff|pei?)-(import-file-)?({pattern})", heading):
            return machine
    missing(f"{path}: llvm-objdump does not say its machine")


def is_archive(path):
    with open(path, "rb") as file:
        return file.read(8) == b"!<arch>\n"


def read_exports_llvm(path):
    """The same from llvm-objdump, which knows ARM64."""
    text = output_of(["llvm-objdump", "-p", path])
    name = re.search(r"^ DLL name: (\S+)$", text, flags=re.M)
    entries = re.findall(r"^\s+(\d+)\s+0x[0-9a-f]+(?:  ?(\S+))?$", text, flags=re.M)
    exports = {symbol or f"(nameless {ordinal})": int(ordinal) for ordinal, symbol in entries}
    return (name[1], exports) if name else (None, {})


def read_exports(path, machine):
    """DLL name and name -> ordinal, as the loader sees them. Exports without a name count too."""
    if machine not in BINUTILS:
        return read_exports_llvm(path)
    text = output_of([BINUTILS[machine] + "objdump", "-p", path])
    name = re.search(r"^Name\s+[0-9a-f]+ (\S+)$", text, flags=re.M)
    base = re.search(r"^Ordinal Base\s+(\d+)$", text, flags=re.M)
    names = re.search(r"\[Ordinal/Name Pointer\] Table.*?\n(.*?)\n\n", text, flags=re.S)
    if not (name and base and names):
        return None, {}
    # Address table: "[ index] +base[ ordinal] rva Export RVA". Name table: "[ index] name", with
    # more columns in between from binutils 2.41 on.
    ordinals = {int(o) for o in re.findall(r"^\s*\[\s*\d+\] \+base\[\s*(\d+)\] [0-9a-f]+ \w+ RVA",
                                           text, flags=re.M)}
    exports = {}
    for index, symbol in re.findall(r"^\s*\[\s*(\d+)\].*?(\S+)$", names[1], flags=re.M):
        exports[symbol] = int(index) + int(base[1])
    for ordinal in ordinals - set(exports.values()):
        exports[f"(nameless {ordinal})"] = ordinal
    return name[1], exports


def check_dll(table, path):
    machine = file_machine(path)
    where = f"{path} ({machine})"
    library, exports = read_exports(path, machine)
    if not exports:
        problem(where, "objdump shows no exports")
        return
    if library.lower() != table.library:
        problem(where, f"calls itself {library}, not {table.library}")
    compare_sets(where, "export", {f"{n} @{o}" for n, (o, _) in table.all.items()},
                 {f"{n} @{o}" for n, o in exports.items()})


# ---- import libraries ---------------------------------------------------------------------------


def check_library_symbols(table, path, machine):
    text = output_of(["llvm-nm", "--defined-only", path])
    names = {line.split()[-1] for line in text.splitlines() if re.search(r" [A-Za-z] \S+$", line)}
    prefix = "_" if machine == "x86" else ""
    expected = {prefix + table.symbol(name, machine) for name in table.all}
    found = {name for name in names if re.match(rf"{prefix}(Pxe|Wds)\w+(@\d+)?$", name)}
    compare_sets(f"{path} ({machine})", "symbol", expected, found)
    compare_sets(f"{path} ({machine})", "symbol", {"__imp_" + name for name in expected},
                 {name for name in names if re.match(rf"__imp_{prefix}(Pxe|Wds)", name)})


def check_library_link(table, path, machine, include, folder):
    """Links a program that uses every function, and looks at what it then imports."""
    where = f"{path} ({machine})"
    functions = sorted({**table.prototypes, **table.prototypes_ext})
    source = os.path.join(folder, f"link_{machine}.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write("".join(f'#include "{header}"\n'
                           for header in (table.header, *table.headers_ext))
                   + "#include <stdio.h>\ntypedef void (*function)(void);\nstatic const function all[] = {\n"
                   + "".join(f"    (function){name},\n" for name in functions)
                   + '};\nint main(void)\n{\n    printf("%p", (const void *)all);\n'
                   + "    return 0;\n}\n")
    program = source[:-1] + "exe"
    result = run(COMPILERS[machine] + ["-std=c11", "-w", "-I", include, source, path,
                                      "-o", program])
    if result.returncode != 0:
        problem(where, f"a program does not link:\n{result.stderr}")
        return
    text = output_of([BINUTILS[machine] + "objdump", "-p", program])
    for block in re.split(r"\n\n", text):
        heading = re.search(r"DLL Name: (\S+)", block)
        if heading and heading[1].lower() == table.library:
            # "vma hint name", with an ordinal in between from binutils 2.41 on.
            imports = {line.split()[-1] for line in block.splitlines()
                       if re.match(r"^\s+[0-9a-f]+\s+(<none>\s+)?[0-9a-f]+\s+[A-Za-z_]\S*$", line)}
            compare_sets(where, "import", set(functions), imports)
            return
    problem(where, f"the linked program does not import {table.library}")


def check_implib(table, path, include, folder):
    machine = file_machine(path)
    check_library_symbols(table, path, machine)
    if machine in BINUTILS:
        check_library_link(table, path, machine, include, folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", help="wdspxe.txt or wdsbp.txt, found beside this file")
    parser.add_argument("--root", default=ROOT, help="the source tree")
    parser.add_argument("--machine", action="append", choices=sorted(COMPILERS),
                        help="check headers for this machine only (repeatable; default: all)")
    parser.add_argument("--dll", action="append", default=[], help="a built DLL (repeatable)")
    parser.add_argument("--implib", action="append", default=[],
                        help="an import library (repeatable)")
    arguments = parser.parse_args()
    table = Table(os.path.join(HERE, arguments.table))
    include = os.path.join(arguments.root, "include")
    with tempfile.TemporaryDirectory() as folder:
        check_header_is_complete(table, include)
        for machine in arguments.machine or sorted(COMPILERS):
            check_compiled(table, machine, include, folder)
        check_def(table, os.path.join(arguments.root, "def", f"{table.name}.def"), "x64")
        check_def(table, os.path.join(arguments.root, "def", f"{table.name}-x86.def"), "x86")
        for path in arguments.dll:
            check_dll(table, path)
        for path in arguments.implib:
            check_implib(table, path, include, folder)
    if PROBLEMS:
        print(f"{len(PROBLEMS)} differences from {os.path.basename(arguments.table)}")
        return 1
    print(f"ok: {len(table.published)} + {len(table.ours)} exports, "
          f"{len(table.structs)} structures, {len(table.constants)} constants,"
          f" {len(table.macros)} uses of macros; {len(arguments.dll)} DLL(s),"
          f" {len(arguments.implib)} import librar(ies)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
