#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every command that docs/tutorial.md shows, and compares what it says with the page.

    tutorial.py BUFCHECK TRACEGEN ROOT

A command stands behind "$ " in a block that is indented by four spaces; what follows is what it
prints, and a line "..." there stands for any lines. A block without a command goes on with what the
command before it prints. Commands behind "C:\\> " are of Windows: they must stand in
docs/record/README.md. A block that is neither is a piece of a file of the example. Without
llvm-symbolizer nothing runs, and that is said; with $BUFCHECK_REQUIRE_VALIDATORS set it fails.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MARGIN = "    "


def blocks(text):
    """Lines of each indented block, without the margin. Blank lines within a block belong to it."""
    block = []
    for line in text.splitlines() + ["end"]:
        if line.startswith(MARGIN):
            block.append(line[len(MARGIN):])
        elif not line and block:
            block.append("")
        elif block:
            yield "\n".join(block).rstrip("\n").split("\n")
            block = []


def commands_of(block):
    """(command or None, lines) of a block."""
    found = [(None, [])]
    for line in block:
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return [(command, lines) for command, lines in found if command or lines]


def pattern(lines):
    """A regular expression for the output that the lines stand for, with "..." for any lines."""
    parts = [r"(?:[^\n]*\n)*?" if line == "..." else re.escape(line.rstrip()) + r"[ ]*\n"
             for line in lines]
    return re.compile("".join(parts))


def matches(shown, said):
    """True if the lines are what was said, from the first to the last that "..." leaves open."""
    return pattern(shown).fullmatch(said.rstrip() + "\n") is not None


def run_command(command, folder, bufcheck):
    environment = {**os.environ, "PATH": f"{bufcheck.parent}:{os.environ['PATH']}",
                   "LC_ALL": "C.UTF-8"}
    result = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, timeout=120,
                            capture_output=True, text=True, check=False)
    if result.returncode not in (0, 1) or result.stderr:
        yield f"$ {command}: exit status {result.returncode}, standard error: {result.stderr}"
    for name in re.findall(r"-f \w+=(\S+)", command):
        if (folder / name).stat().st_size < 1000:
            yield f"$ {command}: leaves no {name}"
    yield result.stdout


def check(page, root, folder, bufcheck):
    """Lists problems; the last item is the number of commands."""
    count, said = 0, ""
    record = (root / "docs/record/README.md").read_text(encoding="utf-8")
    sources = [path.read_text(encoding="utf-8") for path in folder.glob("*.c")]
    for block in blocks(page):
        for command, shown in commands_of(block):
            if command:
                *problems, said = run_command(command, folder, bufcheck)
                count += 1
                yield from problems
            elif shown[0].startswith("C:\\> "):
                yield from (f"docs/record/README.md does not have {line}" for line in shown
                            if f"    {line[5:]}\n" not in record)
                continue
            elif any("\n".join(shown) + "\n" in source for source in sources):
                continue
            if shown and not matches(shown, said):
                yield "\n".join([f"$ {command or '(the command before)'} does not say:", *shown,
                                 "but:", said])
    yield count


def main():
    bufcheck, tracegen, root = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    if shutil.which("llvm-symbolizer") is None:
        print("not installed: llvm-symbolizer")
        return 1 if os.environ.get("BUFCHECK_REQUIRE_VALIDATORS") else 77
    example = root / "testdata/examples/echo-server"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path in example.iterdir():
            shutil.copyfile(path, folder / path.name)
        for path in folder.glob("*.trace"):
            subprocess.run([tracegen, path, path.with_suffix(".etl")], check=True)
        page = (root / "docs/tutorial.md").read_text(encoding="utf-8")
        *problems, count = check(page, root, folder, bufcheck)
        fixed = subprocess.run(["patch", "-s", "echo-server.c", "fix.patch"], cwd=folder, check=False)
        if fixed.returncode != 0:
            problems.append("fix.patch does not fit echo-server.c")
    print("\n".join(problems))
    print(f"{count} commands, {len(problems)} problems")
    return 1 if problems or count < 7 else 0


if __name__ == "__main__":
    sys.exit(main())
