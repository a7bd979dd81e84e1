"""Man pages: of the program's tables, of a document in Markdown, of a C header."""
import re

EXIT_CODES = [
    ("0", "ok"), ("1", "failed"), ("2", "usage: the command line is wrong"), ("3", "not found"),
    ("4", "already exists"), ("5", "access denied"), ("6", "a provider broke rules (test bench)"),
    ("7", "replies differ from the golden file (test bench)")]


def escaped(text):
    """Text as roff takes it for what it is: no escapes, no requests, no typographic minus."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def head(name, section, version, summary):
    """Without a date, so that the same sources make the same bytes on every day."""
    return [f'.TH {name.upper()} {section} "" "wdspxe {version}"',
            ".SH NAME", f"{escaped(name)} \\- {escaped(summary)}"]


def verbatim(text):
    return [".nf", escaped(text.rstrip("\n")), ".fi"]


def finished(lines):
    return "\n".join(line for line in lines if line != "") + "\n"


# ---- the program's tables ----------------------------------------------------------------------

def options_of(command):
    lines = []
    for option in command["options"]:
        value = f' \\fI{escaped(option["value"])}\\fR' if option["value"] else ""
        more = "; may be repeated" if option["repeatable"] else ""
        lines += [".TP", f'\\fB\\-\\-{escaped(option["name"])}\\fR{value}',
                  escaped(option["help"] + more)]
    lines += [".TP", "\\fB\\-h\\fR, \\fB\\-\\-help\\fR", "show a help text"]
    return lines


def body_of(command, level):
    """What one command does, its options, and the same of the commands in it."""
    lines = [f"\\fB{escaped(command['path'])}\\fR {escaped(command['usage'])}", ".PP",
             escaped(command["summary"])]
    if command["details"]:
        lines += [".PP", *verbatim(command["details"])]
    if not command["commands"]:
        lines += [".PP", *options_of(command)]
    for child in command["commands"]:
        lines += [f".{level} {escaped(child['name'])}", *body_of(child, "PP")]
    return lines


def exit_codes():
    lines = [".SH EXIT STATUS"]
    for code, meaning in EXIT_CODES:
        lines += [".TP", code, escaped(meaning)]
    return lines


def phrase(summary):
    return summary[0].lower() + summary[1:].rstrip(".")


def of_command(command, version):
    name = command["path"].replace(" ", "-")
    return finished([*head(name, "8", version, phrase(command["summary"])),
                     ".SH DESCRIPTION", *body_of(command, "SS"), *exit_codes(),
                     ".SH SEE ALSO", ".BR wdspxectl (8)"])


FILES = [("/etc/wdspxe/staticpxe.ini", "which machine boots what, and from where: "
          "staticpxe.ini(5)"),
         ("/etc/wdspxe/wdspxe.conf", "options of the service"),
         ("/var/lib/wdspxe", "the Wine prefix with the registry")]

DEBIAN = ("Runs wdspxectl.exe under Wine. In the Debian package it runs in the Wine prefix of "
          "wdspxe.service and as its user, confined as the service is, without the caller's "
          "terminal and environment, and needs root. Files may be named as Linux or as Wine names "
          "them; they are copied for the command, and what it writes is copied to where it was "
          "named.")


def of_program(program, version):
    """Yields (file name, text): the program's page, and one for each of its commands."""
    lines = [*head("wdspxectl", "8", version, phrase(program["summary"])),
             ".SH SYNOPSIS", ".B wdspxectl", ".IR COMMAND " + '" " [ ARGUMENT ]...',
             ".SH DESCRIPTION", escaped(DEBIAN), ".SH COMMANDS"]
    for command in program["commands"]:
        lines += [".TP", f"\\fB{escaped(command['name'])}\\fR", escaped(command["summary"])]
    lines += [".TP", "\\fB\\-\\-version\\fR", "the same as \\fBversion\\fR",
              *exit_codes(), ".SH FILES"]
    for path, meaning in FILES:
        lines += [".TP", f"\\fI{escaped(path)}\\fR", escaped(meaning)]
    others = [f".BR {escaped(c['path'].replace(' ', '-'))} (8)," for c in program["commands"]]
    yield "wdspxectl.8", finished([*lines, ".SH SEE ALSO", *others, ".BR staticpxe.ini (5),",
                                   ".BR wdspxe (3)"])
    for command in program["commands"]:
        yield command["path"].replace(" ", "-") + ".8", of_command(command, version)


# ---- Markdown ----------------------------------------------------------------------------------

def inline(text):
    """Emphasis, code and links of one piece of running text."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    parts = re.split(r"(`[^`]+`|\*\*[^*]+\*\*)", text)
    made = []
    for part in parts:
        if part.startswith("`"):
            made.append(f"\\fB{escaped(part[1:-1])}\\fR")
        elif part.startswith("**"):
            made.append(f"\\fI{escaped(part[2:-2])}\\fR")
        else:
            made.append(escaped(part))
    return re.sub(r"^([.'])", r"\\&\1", "".join(made))


def table(rows):
    """A table as a list: the first column is what the others tell about."""
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]
             for row in rows]
    titles, lines = cells[0], []
    for row in cells[2:]:
        told = [f"{title}: {cell}" if title and at > 0 else cell
                for at, (title, cell) in enumerate(zip(titles[1:], row[1:])) if cell]
        lines += [".TP", inline(row[0]), "; ".join(inline(cell) for cell in told) or "\\&"]
    return lines


def blocks(text):
    """Yields (kind, lines) of a document: code, table, heading, item, text."""
    lines, at = text.splitlines(), 0

    def while_so(condition):
        nonlocal at
        taken = []
        while at < len(lines) and condition(lines[at]):
            taken.append(lines[at])
            at += 1
        return taken

    while at < len(lines):
        line = lines[at]
        if line.startswith("```"):
            at += 1
            yield "code", while_so(lambda each: not each.startswith("```"))
            at += 1
        elif line.startswith("|"):
            yield "table", while_so(lambda each: each.startswith("|"))
        elif line.startswith("#"):
            at += 1
            yield "heading", [line]
        elif re.match(r"([-*]|\d+\.) ", line):
            at += 1
            yield "item", [line, *while_so(lambda each: each.startswith("  "))]
        elif line.strip():
            yield "text", while_so(
                lambda each: each.strip() and not re.match(r"```|\||#|[-*] |\d+\. ", each))
        else:
            at += 1


def block(kind, lines):
    if kind == "code":
        return [".PP", ".RS 4", *verbatim("\n".join(lines)), ".RE"]
    if kind == "table":
        return table(lines)
    if kind == "heading":
        marks, title = lines[0].split(" ", 1)
        return [f".SH {inline(title).upper()}" if len(marks) < 3 else f".SS {inline(title)}"]
    running = inline(" ".join(line.strip() for line in lines))
    if kind == "item":
        return [".IP \\(bu 2", re.sub(r"^(\\-|\*|\d+\.) ", "", running)]
    return [".PP", running]


def of_document(text, version, name, section, summary):
    """A page of a document: its title, the first line, gives way to NAME."""
    lines = [*head(name, section, version, summary), ".SH DESCRIPTION"]
    for kind, part in blocks(text.split("\n", 1)[1]):
        lines += block(kind, part)
    return finished(lines)


# ---- a header ----------------------------------------------------------------------------------

FUNCTION = re.compile(
    r"/\*(?P<comment>(?:[^*]|\*(?!/))*)\*/\n(?P<prototype>[A-Z]+ PXEAPI (?P<name>\w+)\([^;]*;)")


def comment_text(comment):
    lines = [re.sub(r"^ \*? ?", "", line) for line in comment.splitlines()]
    return "\n".join(lines).strip("\n ")


def of_header(text, version):
    functions = list(FUNCTION.finditer(text))
    if len(functions) < 25:
        raise SystemExit(f"only {len(functions)} functions found in wdspxe.h")
    lines = [*head("wdspxe", "3", version, "interface of PXE providers"),
             ".SH SYNOPSIS", ".nf", "#include <wdspxe.h>", ".fi", ".PP",
             escaped("x86_64-w64-mingw32-gcc -shared ... -lwdspxe"), ".SH FUNCTIONS"]
    for function in functions:
        prototype = re.sub(r"_(In|Out|Inout)\w*_(\([^)]*\))? ?", "", function["prototype"])
        lines += [f".SS {function['name']}", *verbatim(re.sub(r"\n\s+", "\n    ", prototype)),
                  ".PP", *verbatim(comment_text(function["comment"]))]
    return finished([*lines, ".SH SEE ALSO", ".BR wdspxectl (8)"])
