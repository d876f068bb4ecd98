#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that one row of the table of what events do decides what every command says.

    one_row.py TRACEGEN BUFCHECK FLIPPED

FLIPPED is bufcheck linked with a copy of the table in which id 1004 (recv) does nothing. Two
receives of one user buffer, the second while the first is in flight, are a finding for one program
and nothing at all for the other. The second receive stands at the time of a listen on a later
processor: `events` shows posts behind everything else of their time, so their order changes too."""

import json
import pathlib
import subprocess
import sys
import tempfile

TRACE = """
let app = 0xffffa00000001000
let s1 = 0xffffb00000001000
default pid=4120 tid=1 process=app endpoint=s1

0 1.0 recv.enter buffer=0x1f4a2c44000 len=64
0 2.0 recv.enter buffer=0x1f4a2c44000 len=64
1 2.0 afd.1037
0 3.0 recv.exit buffer=0x1f4a2c44000 len=64
0 3.1 recv.exit buffer=0x1f4a2c44000 len=64
"""

# The answers of both programs: posts that `info` counts, ids that `events` shows in their order, operations of
# `ops`, and check's exit status and causes.
BELIEVED = {"info": 2, "events": [1004, 1037, 1004, 1004, 1004], "ops": 2, "check": (1, [])}
FLIPPED = {"info": 0, "events": [1004, 1004, 1037, 1004, 1004], "ops": 0, "check": (3, ["no-posts"])}


def run(*words):
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def lines(text, kind):
    return [line for line in map(json.loads, text.splitlines()) if line["type"] == kind]


def said_by(bufcheck, etl):
    status, report = run(bufcheck, etl, "-f", "json")
    return {
        "info": json.loads(run(bufcheck, "info", "-f", "json", etl)[1])
        ["inputs"][0]["winsock"]["posts"],
        "events": [event["id"] for event in lines(run(bufcheck, "events", etl)[1], "event")],
        "ops": len(lines(run(bufcheck, "ops", etl)[1], "operation")),
        "check": (status, json.loads(report)["inputs"][0]["causes"]),
    }


def main():
    tracegen, bufcheck, flipped = sys.argv[1:]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        trace, etl = pathlib.Path(folder) / "input.trace", pathlib.Path(folder) / "input.etl"
        trace.write_text(TRACE)
        subprocess.run([tracegen, trace, etl], check=True, timeout=60)
        for name, program, expected in (("as believed", bufcheck, BELIEVED),
                                        ("1004 does nothing", flipped, FLIPPED)):
            said = said_by(program, etl)
            for command, value in expected.items():
                if said[command] != value:
                    print(f"{name}, {command}: {said[command]}, expected {value}")
                    bad += 1
    print("ok" if bad == 0 else f"{bad} differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
