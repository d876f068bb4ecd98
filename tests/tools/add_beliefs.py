#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a copy of parsers/afd/afd_beliefs.c in which each belief fails on one build of Windows.

    add_beliefs.py SOURCE OUTPUT

The first belief of the table does not hold on build 30000 and holds from build 30001 on, the second
one does not hold on build 30010, and so on. A program that is linked with the copy shows who asks
for a belief, and that the highest build that is not above a trace's counts: the rows stand before
those of the table, the newer one first."""

import pathlib
import re
import sys

FIRST_BUILD, STEP = 30000, 10


def main():
    source, output = sys.argv[1:]
    text = pathlib.Path(source).read_text()
    table = re.search(r"rows\[\] = \{\n(.*?)\n\};", text, re.S)
    ids = list(dict.fromkeys(re.findall(r"^    \{(AFD_BELIEF_\w+),", table.group(1), re.M)))
    if not ids:
        sys.exit(f"{source}: there is no row")
    added = "".join(f'    {{{name}, {build + 1}, true, "a test"}},\n'
                    f'    {{{name}, {build}, false, "a test"}},\n'
                    for build, name in enumerate_builds(ids))
    at = table.start(1)
    pathlib.Path(output).write_text(text[:at] + added + text[at:])


def enumerate_builds(ids):
    return ((FIRST_BUILD + STEP * i, name) for i, name in enumerate(ids))


if __name__ == "__main__":
    main()
