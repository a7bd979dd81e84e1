#!/usr/bin/python3
"""What the documents and the comments name must exist, and every rule must be held by a test.

    check-spec.py [ROOT]       looks at the tree
    check-spec.py --self-test  plants each kind of mistake into a copy, and wants each one found

Looked at are docs/spec, docs/behaviour*.md, HACKING.md, and the comments of the C sources and headers:
  ids        API-5.4.2, BP-3.1, CHOICE-4.7 (defined in docs/spec and docs/behaviour*.md), each once
  rules      have evidence, and name tests that exist (docs/spec/README.md says how)
  files      engine/chain.c, tests/wine/outside.sh: a path, or the end of one, in this tree
  voice      words that cost readers time (VOICE, below)
  functions  words_with_underscores and names() in comments and HACKING.md; Pxe..., Wds... names
Exit code: 0 nothing found, 1 something found.
"""
import functools
import os
import re
import shutil
import sys
import tempfile

SKIPPED = {".git", "build", "captures", "corpus", "golden", "__pycache__", ".cache"}
CODE = (".c", ".h", ".cpp", ".py", ".sh", ".S", ".in", ".cmake", ".txt", ".def", ".js", ".asm", "")
OURSELVES = "tests/check-spec.py"  # its planted names are no code
DOCUMENTS = ("HACKING.md", "CONTRIBUTING.md")
SPEC = "docs/spec"
CHOICES = ("docs/behaviour.md", "docs/behaviour-wdsbp.md")
QUESTIONS = "docs/behaviour-questions.md"

ID = re.compile(r"\b(?:API-\d+(?:\.\d+)*|BP-\d+(?:\.\d+)*|CHOICE-(?:BP-)?\d+\.\d+)\b")
PATH = re.compile(r"(?<![\w./<-])((?:[\w-]+/)*[\w.-]*\w\.(?:c|h|cpp|sh|py|md|cmake|js|css|def))(?![\w/*])")
CALL = re.compile(r"(?<![\w.:>-])([A-Za-z_]\w{2,})\(\)")
SNAKE = re.compile(r"(?<![\w.%$\\/<-])([a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?![\w/*<.-]\w|\w)")
EXPORT = re.compile(r"\b((?:Pxe|WdsBp|WdsPxeExt)[A-Z]\w+)\b(?!\*|…|\.\.\.)")
COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|/\*.*?\*/|//[^\n]*', re.S)

# Names that are not ours: fields and options of the pcapng format; a header of Wine's.
FOREIGN = {"if_tsresol", "if_tsoffset", "opt_endofopt"}
# Words that cost readers time, and what to write instead; for comments and HACKING.md.
VOICE = [
    (re.compile(r"(?i)\bunder the lock\b|\bthe lock held\b"), "say which: \"Caller holds request->lock\""),
    (re.compile(r"(?i)\bthreads? of the server'?s\b"), "say whose: the crew's, a thread-pool thread"),
    (re.compile(r"(?i)\b(?:that|which) (?:is|are) none\b(?! of)|\bnone of ours\b"), "say what it is: stale, invalid, another's"),
    (re.compile(r"(?i)\bnobody wants to\b|\bhave nothing of\b|\bneed not make\b|\bis no more\b"), "say it plainly"),
]
FOREIGN_FILES = {"wine/unixlib.h"}


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


class Tree:
    """The files below a root, their text, and the words of the code."""

    def __init__(self, root):
        self.root = root
        self.files = []
        for folder, names, files in os.walk(root):
            names[:] = [name for name in names if name not in SKIPPED]
            self.files += [os.path.relpath(os.path.join(folder, file), root) for file in files]
        self.endings = set()
        for path in self.files:
            parts = path.split("/")
            self.endings.update("/".join(parts[i:]) for i in range(len(parts)))
        self.system_headers = set()
        self.words = set()
        for path in self.files:
            if path.startswith("docs/") or path == OURSELVES:
                continue
            if os.path.splitext(path)[1] in CODE:
                headers, words = words_of(path, self.text(path))
                self.system_headers |= headers
                self.words |= words

    def text(self, path):
        return read(os.path.join(self.root, path))

    def has(self, path):
        return path in self.endings or path in self.system_headers


def is_c(path):
    return path.endswith((".c", ".h", ".cpp"))


def code_of(path, text):
    """The text without comments, so that a name that lives in a comment only does not count."""
    if is_c(path):
        return COMMENT.sub(lambda m: m.group(0) if m.group(0)[0] in "\"'" else " ", text)
    if path.endswith((".py", ".sh", ".cmake", ".txt")):
        return re.sub(r"(?m)^\s*#.*$", "", text)
    return text


@functools.lru_cache(maxsize=None)  # the self-test meets nearly the same tree again and again
def words_of(path, text):
    """The system headers that a file includes, and the words of its code."""
    return (frozenset(re.findall(r"#\s*include\s*<([^>]+)>", text)),
            frozenset(re.findall(r"[A-Za-z_]\w*", code_of(path, text))))


@functools.lru_cache(maxsize=None)
def comments_of(text):
    """(line number, comment) of each comment of a C text."""
    return [(text.count("\n", 0, match.start()) + 1, match.group(0))
            for match in COMMENT.finditer(text) if match.group(0)[0] == "/"]


def table_rows(text):
    """Yields (line number, cells) of the Markdown tables' rows."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("| "):
            yield number, [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


class Check:
    def __init__(self, root):
        self.tree = Tree(root)
        self.found = []
        self.defined = {}
        self.sections = set()
        self.evidence = set()
        self.rules = 0
        self.named = 0

    def tell(self, place, what):
        self.found.append("%s: %s" % (place, what))

    def run(self):
        """Returns what was found, a line each."""
        self.define_ids()
        self.check_rules()
        for path in self.tree.files:
            if path == OURSELVES:
                continue
            if is_c(path):
                text = self.tree.text(path)
                for line, comment in comments_of(text):
                    self.check_text(path, line, comment, functions=True)
            elif path.startswith(SPEC) or path in CHOICES:
                self.check_text(path, 1, self.tree.text(path), functions=False)
            elif path in DOCUMENTS:
                self.check_text(path, 1, self.tree.text(path), functions=True)
                self.check_pictures(path)
        if self.rules < 100 or self.named < 500:
            self.tell("check-spec.py", "only %d rules and %d names seen: it looks at nothing"
                      % (self.rules, self.named))
        return self.found

    # ---- ids ----

    def define(self, place, name):
        if name in self.defined:
            self.tell(place, "%s is defined twice, first in %s" % (name, self.defined[name]))
        self.defined[name] = place

    def spec_pages(self):
        return [path for path in self.tree.files if path.startswith(SPEC + "/") and path.endswith(".md")]

    def define_ids(self):
        for path in self.spec_pages():
            text = self.tree.text(path)
            for number, cells in table_rows(text):
                if ID.fullmatch(cells[0]):
                    self.define("%s:%d" % (path, number), cells[0])
                    section = cells[0].rpartition(".")[0]
                    while section:  # API-5.4 and API-5 are there because of API-5.4.1
                        self.sections.add(section)
                        section = section.rpartition(".")[0]
                elif re.fullmatch(r"E\d+", cells[0]):
                    self.evidence.add(cells[0])
        for path in CHOICES:
            for number, cells in table_rows(self.tree.text(path)):
                if cells[0] == "Id":
                    continue
                if not re.fullmatch(r"CHOICE-(BP-)?\d+\.\d+", cells[0]):
                    self.tell("%s:%d" % (path, number),
                              "a row without an id: give it the next free CHOICE number of its section")
                else:
                    self.define("%s:%d" % (path, number), cells[0])

    # ---- rules ----

    def check_rules(self):
        questions = {cells[0] for _, cells in table_rows(self.tree.text(QUESTIONS))}
        cited = set()
        for path in self.spec_pages():
            for number, cells in table_rows(self.tree.text(path)):
                if not re.fullmatch(r"(API|BP)-\d+\.\d+\.\d+", cells[0]):
                    continue
                place = "%s:%d" % (path, number)
                self.rules += 1
                if len(cells) != 4:
                    self.tell(place, "%s needs four cells: id, rule, evidence, held by" % cells[0])
                    continue
                if not cells[2]:
                    self.tell(place, "%s names no evidence" % cells[0])
                cited.update(ID.findall(cells[2]))
                for row in re.findall(r"\bE\d+\b", cells[2]):
                    if row not in self.evidence:
                        self.tell(place, "%s: there is no evidence %s" % (cells[0], row))
                self.check_tests(place, cells[0], cells[3], questions)
        for name in sorted(set(self.defined) - cited):
            if name.startswith("CHOICE-"):
                self.tell(self.defined[name], "no rule of docs/spec names %s as its evidence: "
                          "add it to a rule, or write one" % name)

    def check_tests(self, place, rule, cell, questions):
        if not cell:
            self.tell(place, "%s names no test" % rule)
        for part in filter(None, (part.strip() for part in cell.split(";"))):
            file, _, names = part.partition(":")
            names = [name.strip() for name in names.split(",") if name.strip()]
            if file == "asks":
                for name in names:
                    if name not in questions:
                        self.tell(place, "%s: the conformance program does not ask %s" % (rule, name))
                continue
            path = file if file.startswith(("src/", "include/")) else "tests/" + file
            if path not in self.tree.files and path + ".c" in self.tree.files:
                path += ".c"
                if not names:
                    self.tell(place, "%s: which function of %s?" % (rule, path))
            if path not in self.tree.files:
                self.tell(place, "%s: there is no test %s" % (rule, path))
                continue
            code = code_of(path, self.tree.text(path))
            for name in names:
                if not re.search(r"(?m)^[\w* ]*\b%s\(" % re.escape(name), code):
                    self.tell(place, "%s: %s has no function %s" % (rule, path, name))

    # ---- what texts name ----

    def check_text(self, path, first, text, functions):
        for number, line in enumerate(text.split("\n"), first):
            place = "%s:%d" % (path, number)
            for name in ID.findall(line):
                self.named += 1
                if name not in self.defined and name not in self.sections:
                    self.tell(place, "there is no %s in docs/spec or docs/behaviour*.md" % name)
            if re.search(r"(?i)\bcontract,? (section )?\d", line):
                self.tell(place, "cites a contract that is not in the tree: use ids of docs/spec")
            for name in PATH.findall(line):
                self.named += 1
                if not self.tree.has(name) and name not in FOREIGN_FILES:
                    self.tell(place, "there is no file %s" % name)
            if functions:
                for words, advice in VOICE:
                    if words.search(line):
                        self.tell(place, "%s: %s" % (words.search(line).group(0), advice))
                for name in set(CALL.findall(line) + SNAKE.findall(line) + EXPORT.findall(line)):
                    self.named += 1
                    if name not in self.tree.words and name not in FOREIGN:
                        self.tell(place, "nothing in the code is called %s" % name)

    def check_pictures(self, path):
        """In a picture, "engine/chain.c  chain_run" says that chain.c has that function."""
        for number, line in enumerate(self.tree.text(path).split("\n"), 1):
            row = re.match(r"^[ │├└─|+`>v-]*((?:[\w-]+/)*\w+\.c) {1,}([a-z]\w+)\b", line)
            if not row or not self.tree.has(row.group(1)):
                continue
            files = [f for f in self.tree.files if ("/" + f).endswith("/" + row.group(1))]
            if not any(re.search(r"(?m)^[\w* ()]*\b%s\(" % row.group(2), code_of(f, self.tree.text(f)))
                       for f in files):
                self.tell("%s:%d" % (path, number), "%s has no function %s" % row.groups())


# ---- self-test ----

def mistakes():
    """(file, line to be planted at its end, what must be said about it)."""
    page, code, choices = SPEC + "/dhcpv4.md", "src/base/mem.c", CHOICES[0]
    rule = "| API-5.4.%d | planted | %s | %s |"
    return [
        (code, "/* API-99.1 */", "there is no API-99.1"),
        (code, "/* see contract 5.4 */", "cites a contract"),
        (code, "/* base/nowhere.c */", "there is no file base/nowhere.c"),
        (code, "/* mem_planted_name does it */", "nothing in the code is called mem_planted_name"),
        (code, "/* plantedcall() does it */", "nothing in the code is called plantedcall"),
        (code, "/* PxePlanted does it */", "nothing in the code is called PxePlanted"),
        (code, "/* Under the lock. */", "Under the lock: say which"),
        (code, "/* on a thread of the server's */", "say whose"),
        (code, "/* handles that are none */", "say what it is"),
        (code, "/* what nobody wants to see */", "say it plainly"),
        ("HACKING.md", "`CHOICE-99.1`", "there is no CHOICE-99.1"),
        ("HACKING.md", "`net/nowhere.c`", "there is no file net/nowhere.c"),
        ("HACKING.md", "`engine_planted_name`", "nothing in the code is called engine_planted_name"),
        ("HACKING.md", "base/mem.c   chain_run", "base/mem.c has no function chain_run"),
        (page, "See BP-99.1.", "there is no BP-99.1"),
        (page, "See docs/nowhere.md.", "there is no file docs/nowhere.md"),
        (page, rule % (91, "docs", ""), "API-5.4.91 names no test"),
        (page, rule % (92, "docs", "unit/test_reply"), "API-5.4.92: which function of tests/unit/test_reply.c"),
        (page, rule % (93, "docs", "unit/test_nowhere: it"), "there is no test tests/unit/test_nowhere"),
        (page, rule % (94, "docs", "unit/test_reply: planted"), "tests/unit/test_reply.c has no function planted"),
        (page, rule % (95, "docs", "asks: v4-planted"), "does not ask v4-planted"),
        (page, rule % (96, "", "asks: v4-get"), "API-5.4.96 names no evidence"),
        (page, rule % (97, "E99", "asks: v4-get"), "there is no evidence E99"),
        (page, rule % (1, "docs", "asks: v4-get"), "API-5.4.1 is defined twice"),
        (choices, "| planted | choice | ours |", "a row without an id"),
        (choices, "| CHOICE-99.2 | planted | choice | ours |", "names CHOICE-99.2 as its evidence"),
        (choices, "| CHOICE-1.1 | planted | choice | ours |", "CHOICE-1.1 is defined twice"),
    ]


def self_test(root):
    """Plants every mistake into a copy of the tree; returns how many were not found."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "tree")
        shutil.copytree(root, copy, symlinks=True, ignore=lambda _, names: SKIPPED & set(names))
        before = set(Check(copy).run())
        for path, line, _ in mistakes():
            with open(os.path.join(copy, path), "a", encoding="utf-8") as file:
                file.write(line + "\n")
        found = [told for told in Check(copy).run() if told not in before]
    for path, line, words in mistakes():
        if not any(told.startswith(path) and words in told for told in found):
            print("not found in %s: %s" % (path, line), file=sys.stderr)
            missed += 1
    print("%d planted mistakes, %d not found" % (len(mistakes()), missed))
    return missed


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test(root) else 0
    check = Check(sys.argv[1] if len(sys.argv) > 1 else root)
    found = check.run()
    for told in found:
        print(told, file=sys.stderr)
    print("%d rules, %d names looked up, %d mistakes" % (check.rules, check.named, len(found)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
