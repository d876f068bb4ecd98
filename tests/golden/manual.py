#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the man pages that are made of the program's texts and of the JSON Schemas.

    manual.py BUFCHECK SCHEMAS bufcheck-report.5 bufcheck.1 PAGE...

Every field of every schema must stand in bufcheck-report(5) with its path, type and description,
every rule, cause, kind, confidence and reason with its texts in one of the other pages. An entry of
each kind must be typeset as below. No page may draw a complaint from man(1) or groff(1). A tool that is missing is named; with
$BUFCHECK_REQUIRE_VALIDATORS set that fails.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

LINTERS = {
    "man": ["man", "--warnings", "-E", "UTF-8", "-l"],
    "groff": ["groff", "-ww", "-man", "-Tutf8"],
    "mandoc": ["mandoc", "-T", "lint", "-W", "warning"],
}


# An entry of each kind, as bufcheck(1) must print it.
TYPESET = [
    r"""
.SH SYNOPSIS
bufcheck [OPTIONS] FILE...
.br
bufcheck info [OPTIONS] FILE...
.br
""", r"""
.br
bufcheck completion SHELL
.SH DESCRIPTION
""", r"""
.SH EXAMPLES
.nf
bufcheck capture.etl                           is there a defect?
bufcheck \-f text \-f json=out.json a.etl        two reports from one pass
""", r"""
.fi
.SH COMMANDS
""", r"""
.TP
\fBcheck\fR [\fIOPTIONS\fR] \fIFILE\fR...
Analyse each FILE and report findings; the default command.
A folder stands for""", r"""
.TP
\fBinfo\fR [\fIOPTIONS\fR] \fIFILE\fR...
Header, health, providers, record kinds, and what speaks against a verdict.
.TP
""", r"""
.TP
\fBcapture\-help\fR [\-\-wprp]
""", r"""
.TP
.B rules
""", r"""
.TP
.B version
""", r"""
.TP
\fB\-f\fR, \fB\-\-format\fR \fIFMT\fR[=\fIPATH\fR]
""", r"""
.TP
\fB\-\-color\fR \fIWHEN\fR
Colours in text on standard output; NO_COLOR is honoured.
One of: \fBauto\fR (default), \fBalways\fR, \fBnever\fR.
.TP
""", r"""
.TP
\fB\-\-force\fR
Write over a file that is there, or files in a folder that is not empty.
.TP
""", r"""
.TP
\fB\-\-anonymous\fR[=all]
Replace what could tell""", r"""
.SS Of check
.TP
\fBtext\fR (default)
For a terminal and a ticket.
.TP
\fBjson\fR
For programs: one object with everything.
.TP
""", r"""
.SS Of info, calibrate and config
.TP
\fBtext\fR (default)
""",
]


def plain(text):
    """The words of a page, without fonts and escapes, and with single spaces."""
    text = re.sub(r"\\f[BIR]|\\&", "", text).replace("\\-", "-").replace("\\e", "\\")
    lines = [line for line in text.splitlines() if not re.match(r"\.(PP|TP|br|B|I|BR|TH)\b", line)]
    return " ".join(" ".join(lines).split())


def own_fields(node, path=""):
    """(path, description) of every property below a schema, without what it refers to."""
    for name, field in node.get("properties", {}).items():
        inner = f"{path}.{name}" if path else name
        yield inner, field["description"]
        yield from own_fields(field, inner)
    for kind in node.get("anyOf", ()):
        yield from own_fields(kind, path)
    if "items" in node:
        yield from own_fields(node["items"], path + "[]")


def sections(page, request):
    """Text of each section or subsection by its title."""
    found = {}
    for part in page.split(f"\n{request} ")[1:]:
        title, _, text = part.partition("\n")
        found[title.strip('"').replace("\\-", "-")] = text
    return found


def missing_fields(place, section, node):
    """Fields of a schema that a section of the page does not tell."""
    for path, meaning in own_fields(node):
        entry = re.search(rf"^{re.escape(path)} \((.+)\)\n(.*)$", section, re.M)
        if entry is None:
            yield f"{place}: there is no {path}"
        elif not entry[2].startswith(meaning.replace("`", "")):
            yield f"{place}: {path} is not \"{meaning}\""


def check_report(schemas, page):
    raw = re.sub(r"\\f[BIR]|\\&", "", page).replace("\\-", "-").replace("\\e", "\\")
    top = sections(raw, ".SH")
    shared = sections("\n" + top.get("SHARED OBJECTS", ""), ".SS")
    count = 0
    for path in schemas:
        schema = json.loads(path.read_text(encoding="utf-8"))
        title = schema["description"].partition(": ")[0]
        kinds = sections("\n" + top.get(title, ""), ".SS")
        for kind in schema.get("oneOf", ()):
            name = "Lines of type " + kind["properties"]["type"]["const"]
            yield from missing_fields(f"{title}, {name}", kinds.get(name, ""), kind)
        yield from missing_fields(title, top.get(title, ""), schema)
        for name, definition in schema.get("$defs", {}).items():
            yield from missing_fields(f"object {name}", shared.get(name, ""), definition)
        count += len(re.findall(r'"description"', path.read_text(encoding="utf-8")))
    if len(schemas) < 9 or count < 300:
        yield f"{len(schemas)} schemas with {count} descriptions: there were more"


def explained(bufcheck):
    """Words that `explain` lists, and the paragraphs that it prints of each."""
    page = subprocess.run([bufcheck, "explain"], check=True, capture_output=True, text=True).stdout
    names = re.findall(r"^  ([a-z-]+) ", page, re.M)
    for name in dict.fromkeys(names):
        text = subprocess.run([bufcheck, "explain", name], check=True, capture_output=True,
                              text=True).stdout
        paragraphs = re.findall(r"(?:^  .+\n)+", text, re.M)
        yield name, [" ".join(part.split()).replace("`", "") for part in paragraphs]


def check_explained(bufcheck, pages):
    words = [plain(page) for page in pages.values()]
    titles = set().union(*(set(sections(page, ".SH")) | set(sections(page, ".SS"))
                           for page in pages.values()))
    found = list(explained(bufcheck))
    for name, paragraphs in found:
        if name not in titles:
            yield f"no page has a section on {name}"
        for paragraph in paragraphs:
            if not any(paragraph in text for text in words):
                yield f"no page says of {name}: {paragraph[:60]} ..."
    if len(found) < 30:
        yield f"explain lists {len(found)} words: there were more"


def check_typeset(page):
    for entry in TYPESET:
        if entry not in page:
            yield f"bufcheck(1) lacks this entry: {entry}"
    if "\nOne of: \\fBall" in page:
        yield "bufcheck(1) lists one choice as if there were several"
    if not re.search(r'^\.TH BUFCHECK 1 "\d+-\d+-\d+" "bufcheck \d+\.\d+\.\d+" "User Commands"$',
                     page, re.M):
        yield "bufcheck(1) has another title"


def check_form(paths):
    for name, command in LINTERS.items():
        if shutil.which(command[0]) is None:
            continue
        for path in paths:
            result = subprocess.run([*command, path], check=False, capture_output=True,
                                    env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=60)
            if result.returncode != 0 or result.stderr or (name == "mandoc" and result.stdout):
                yield f"{name} on {path.name}: {(result.stderr or result.stdout).decode()[:500]}"


def main():
    bufcheck, schemas, report, *others = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    pages = {path: path.read_text(encoding="utf-8") for path in (report, *others)}
    problems = list(check_report(sorted(schemas.glob("*.schema.json")), pages[report]))
    problems += check_explained(bufcheck, {path: pages[path] for path in others})
    problems += check_typeset(pages[others[0]])
    problems += check_form(pages)
    for path, page in pages.items():
        problems += [f"{path.name}: {word} was not replaced" for word in re.findall("@[A-Z_]+@", page)]
    missing = [name for name in ("man", "groff") if shutil.which(name) is None]
    if missing:
        print(f"NOT CHECKED: the form of the pages by {', '.join(missing)}: not installed")
    print("\n".join(problems))
    print(f"{len(pages)} pages, {len(problems)} problems")
    required = bool(os.environ.get("BUFCHECK_REQUIRE_VALIDATORS"))
    return 1 if problems or (missing and required) else 0


if __name__ == "__main__":
    sys.exit(main())
