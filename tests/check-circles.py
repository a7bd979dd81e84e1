#!/usr/bin/env python3
"""Which file under src/ calls which, from the symbols of the object files, and no circle among them.

    check-circles.py NM BUILD-FOLDER SOURCE-FOLDER   the objects of one build
    check-circles.py --list NM BUILD SOURCE          prints the calls, one "caller -> callee" a line
    check-circles.py --self-test NM CC               a planted circle must be found

What is called through a pointer is no call here: who hands the pointer over names the function.
A circle ends with exit code 1 and is printed; so is an exception below that is no longer needed.
"""

import pathlib
import subprocess
import sys
import tempfile

# Pairs of files that may call each other, and why.
EXCEPTIONS = {
}

DEFINED = set("TtDdBbRrSsVvWwCc")


def symbols(nm, objects):
    """(defined, undefined) names of each object file."""
    found = {}
    for start in range(0, len(objects), 50):
        output = subprocess.run([nm, "-A", "-g", *map(str, objects[start:start + 50])], check=True,
                                capture_output=True, text=True).stdout
        for line in output.splitlines():
            place, rest = line.rsplit(":", 1)
            words = rest.split()
            defined, undefined = found.setdefault(place, (set(), set()))
            kind, name = words[-2], words[-1]
            if kind in ("U", "w", "v"):
                undefined.add(name.removeprefix("__imp_"))
            elif kind in DEFINED:
                defined.add(name)
    return found


def calls(nm, objects, name_of):
    """Edges (caller, callee) between source files. A name that two objects define, as in two DLLs,
    is not followed out of one's own library: the callee is searched among what was built with it."""
    found = symbols(nm, objects)
    owners = {}
    for place, (defined, _) in found.items():
        for name in defined:
            owners.setdefault(name, set()).add(name_of(place))
    edges = set()
    for place, (_, undefined) in found.items():
        caller = name_of(place)
        for name in undefined:
            for callee in owners.get(name, ()):
                if callee != caller:
                    edges.add((caller, callee))
    return edges


def circles(edges):
    """The strongly connected groups of more than one file (Tarjan's algorithm, without recursion)."""
    graph = {}
    for caller, callee in edges:
        graph.setdefault(caller, []).append(callee)
        graph.setdefault(callee, [])
    index, low, stack, on_stack, groups = {}, {}, [], set(), []
    for root in sorted(graph):
        if root in index:
            continue
        work = [(root, iter(sorted(graph[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for callee in rest:
                if callee not in index:
                    index[callee] = low[callee] = len(index)
                    stack.append(callee)
                    on_stack.add(callee)
                    work.append((callee, iter(sorted(graph[callee]))))
                    break
                if callee in on_stack:
                    low[node] = min(low[node], index[callee])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    group = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        group.append(member)
                        if member == node:
                            break
                    if len(group) > 1:
                        groups.append(sorted(group))
    return groups


def check(edges):
    """Prints what is wrong; True: nothing."""
    both = {pair for pair in edges if pair[::-1] in edges}
    unused = [pair for pair in EXCEPTIONS if pair not in both]
    for pair in unused:
        print(f"{pair[0]} and {pair[1]} do not call each other: the exception is not needed")
    allowed = set(EXCEPTIONS) | {pair[::-1] for pair in EXCEPTIONS}
    groups = circles(edges - allowed)
    for group in groups:
        print("a circle: " + ", ".join(group))
        for caller, callee in sorted(edges):
            if caller in group and callee in group:
                print(f"    {caller} -> {callee}")
    return not groups and not unused


def built_edges(nm, build, source):
    objects, names = [], {}
    source = source.resolve()
    for path in sorted(build.rglob("*.c.o")) + sorted(build.rglob("*.c.obj")):
        # CMake names an object after its source, seen from the CMakeLists.txt of its target.
        parts = path.relative_to(build).parts
        if "CMakeFiles" not in parts:
            continue
        at = parts.index("CMakeFiles")
        tail = pathlib.PurePath(*parts[at + 2:]).as_posix().rsplit(".", 1)[0].replace("__", "..")
        file = (source / pathlib.PurePath(*parts[:at]) / tail).resolve()
        if (source / "src") not in file.parents or not file.is_file():
            continue
        objects.append(path)
        names[str(path)] = file.relative_to(source).as_posix()
    if len(set(names.values())) < 40:
        sys.exit(f"only {len(set(names.values()))} objects of src/ in {build}: nothing to look at")
    return calls(nm, objects, names.__getitem__), len(set(names.values()))


def self_test(nm, compiler):
    """Three files: a calls b, b calls c; then c calls a as well."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)

        def build(name, text):
            (folder / f"{name}.c").write_text(text)
            subprocess.run([compiler, "-c", f"{name}.c", "-o", f"{name}.o"], cwd=folder, check=True)
            return folder / f"{name}.o"

        objects = [build("a", "void b(void); void a(void) { b(); }"),
                   build("b", "extern int c; void b(void) { c = 1; }"),
                   build("c", "int c;")]
        name_of = lambda place: pathlib.Path(place).stem
        straight = calls(nm, objects, name_of)
        if straight != {("a", "b"), ("b", "c")} or circles(straight):
            sys.exit(f"a straight line is taken for something else: {sorted(straight)}")
        build("c", "void a(void); int c; void d(void) { a(); }")
        if circles(calls(nm, objects, name_of)) != [["a", "b", "c"]]:
            sys.exit("a planted circle is not found")
    print("a planted circle is found")


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["--self-test"] and len(arguments) == 3:
        self_test(*arguments[1:])
        return
    is_list = arguments[:1] == ["--list"]
    if len(arguments) != 3 + is_list:
        sys.exit(__doc__)
    nm, build, source = arguments[is_list:]
    edges, count = built_edges(nm, pathlib.Path(build), pathlib.Path(source))
    if is_list:
        for caller, callee in sorted(edges):
            print(f"{caller} -> {callee}")
        return
    if not check(edges):
        sys.exit(1)
    print(f"{count} files, {len(edges)} pairs of caller and callee, no circle")


if __name__ == "__main__":
    main()
