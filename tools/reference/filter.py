#!/usr/bin/env python3
"""Doxygen's view of a file: a header's comments as Doxygen reads comments, a document's headings with the
names that links to them have. Doxygen calls it in the top folder, with the file, and reads what is printed;
each line stays in its place.

    filter.py FILE
"""
import os
import re
import sys

COMMENT = re.compile(r"/\*(?!\*)(.*?)\*/", re.S)
ANNOTATION = re.compile(r"\b_(?:In|Out|Inout|Outptr|Printf|Success)\w*_(?:\([^()]*(?:\([^()]*\))?[^()]*\))?\s?")


def escaped(text):
    return re.sub(r"([@\\<>])", r"\\\1", text)


def of_comment(match, text):
    body = match[1]
    start = text.rfind("\n", 0, match.start()) + 1
    alone = text[start:match.start()].strip() == ""
    if not alone:
        return "/**<" + escaped(body) + "*/"
    if "\n" not in body:
        return "/**" + escaped(body) + "*/"
    return "/**" + columns(body) + "*/"


def columns(body):
    """Runs of lines that are indented become code, whose lines and columns Doxygen leaves alone: the stars at the
    beginning of the comment's lines, too, so those go."""
    lines, made, code = body.split("\n"), [], False
    for number, line in enumerate(lines):
        text = re.sub(r"^ \* ?", "", line)
        is_code = text.startswith("  ") and number > 0
        if is_code != code:
            made[-1] += " @verbatim" if is_code else " @endverbatim"
        code = is_code
        made.append(text[2:] if is_code else (" * " if number else "") + escaped(text))
    if code:
        made[-1] += " @endverbatim"
    return "\n".join(made)


def filtered(text):
    text = ANNOTATION.sub("", text)
    return COMMENT.sub(lambda match: of_comment(match, text), text)


# ---- documents ---------------------------------------------------------------------------------


def label(path, slug):
    """The name of a heading in the whole site."""
    inside = os.path.relpath(path).removesuffix(".md")
    return re.sub(r"[^A-Za-z0-9]+", "_", f"{inside}_{slug}").strip("_").lower()


def slug_of(title):
    """As the usual Markdown sites make it."""
    title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", title).replace(" ", "-")


def linked(line, path):
    def link(match):
        target = os.path.normpath(os.path.join(os.path.dirname(path), match[1])) if match[1] else path
        if match[2] and target.endswith(".md"):
            return f"](#{label(target, match[2][1:])})"
        # `make` puts there what is no page of the site.
        if match[1] and os.path.isfile(target) and not target.endswith(".md"):
            return f"](files/{os.path.relpath(target)})"
        return match[0]
    return re.sub(r"\]\(([^()#\s:]*)(#[^()\s]+)?\)", link, line)


def spans(line):
    """Doxygen takes a quotation mark in a code span for the end of it: such spans as HTML."""
    def span(match):
        if "'" not in match[1]:
            return match[0]
        text = match[1].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return "<code>" + text.replace("\\", "\\\\") + "</code>"
    return re.sub(r"`([^`]+)`", span, line)


def document(text, path):
    made, code, seen = [], False, {}
    for number, line in enumerate(text.split("\n")):
        if line.startswith("```"):
            code = not code
        elif not code:
            heading = re.match(r"(#{2,}) +(.*?)\s*$", line)
            if heading and number > 0:
                slug = slug_of(heading[2])
                seen[slug] = seen.get(slug, -1) + 1
                slug += f"-{seen[slug]}" if seen[slug] else ""
                line = f"{line} {{#{label(path, slug)}}}"
            line = spans(linked(line, path))
        made.append(line)
    return "\n".join(made)


def main(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    sys.stdout.write(document(text, path) if path.endswith(".md") else filtered(text))


if __name__ == "__main__":
    main(sys.argv[1])
