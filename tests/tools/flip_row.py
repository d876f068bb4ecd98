#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a copy of parsers/afd/afd_behavior.c in which one event does nothing.

    flip_row.py SOURCE ID OUTPUT

A program that is linked with the copy believes something
else than bufcheck does, and shows who asks the table."""

import pathlib
import re
import sys


def nothing(number, row):
    """A row that keeps nothing but its trusted places, which would be unused without it."""
    trusted = re.search(r"TRUSTED\(\w+\)", row)
    return f'    NOTHING({number}, "a test"{", " + trusted.group() if trusted else ""}),'


def main():
    source, number, output = sys.argv[1:]
    row = re.compile(rf"^    [A-Z_]+\({number},.*?\),$(?=\n(?:    [A-Z_]+\(|\}};))", re.S | re.M)
    text, rows = row.subn(lambda match: nothing(number, match.group()),
                          pathlib.Path(source).read_text())
    if rows != 1:
        sys.exit(f"{source}: {rows} rows of id {number}, 1 was expected")
    pathlib.Path(output).write_text(text)


if __name__ == "__main__":
    main()
