#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the table from sentences of docs/semantics.md to cases.

    sentences.py CASES

CASES/sentences.md has a row for each sentence: what it says, and the cases that hold it. Each case
named must exist, and each row must name one, or in round brackets the test that holds it.
"""

import pathlib
import re
import sys


def problems_of(cases):
    rows = 0
    text = (cases / "sentences.md").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|") or re.match(r"\|(-|\s*sentence)", line):
            continue
        rows += 1
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = cells[-1].split()
        if len(cells) != 2 or not names:
            yield f"line {number}: no sentence with its cases: {line}"
        for name in names:
            if not re.fullmatch(r"\([a-z]+\)", name) and not (cases / name / "about").exists():
                yield f"line {number}: there is no case {name}"
    if rows < 100:
        yield f"{rows} rows: the table was not understood"


def main():
    cases = pathlib.Path(sys.argv[1])
    problems = list(problems_of(cases))
    for problem in problems:
        print(f"{cases / 'sentences.md'}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
