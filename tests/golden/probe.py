#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds afdprobe.exe, runs it under Wine, and holds its log against the schema and itself.

    probe.py ROOT

Sockets work under Wine; the trace that the probe is for exists on Windows alone. Without a compiler
for Windows or without Wine the test is skipped (exit status 77).
"""

import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    jsonschema = None

SKIPPED = 77
PATIENCE = 300  # seconds; the first start of Wine makes its folder
MAY_BE_UNAVAILABLE = {"registered-io", "tcp6-blocking", "udp6-blocking"}
WINE = dict(os.environ, LC_ALL="C.UTF-8", WINEDEBUG="-all")


def wine(*words):
    return subprocess.run(["wine", *[str(word) for word in words]], env=WINE, capture_output=True,
                          timeout=PATIENCE)


def windows_path(path):
    return "Z:" + str(path).replace("/", "\\")


def check_schema(root, lines):
    """Every line is one of the schema's, with no field that it does not describe."""
    if jsonschema is None:
        yield "Python's jsonschema is not there"
        return
    schema = json.loads((root / "docs/schema/probe-1.schema.json").read_text())
    of_type = {}
    for kind in schema["oneOf"]:
        name = kind["properties"]["type"]["const"]
        whole = {**kind, "additionalProperties": False, "$defs": schema.get("$defs", {})}
        of_type[name] = jsonschema.Draft202012Validator(whole)
    for number, line in enumerate(lines, 1):
        if line["type"] not in of_type:
            yield f"line {number}: no type {line['type']}"
            continue
        for error in of_type[line["type"]].iter_errors(line):
            yield f"line {number}: {error.json_path}: {error.message}"


def check_times(lines):
    """Ticks don't go back within a thread, and a call's lie in its order."""
    last = collections.defaultdict(int)
    for number, line in enumerate(lines, 1):
        if "before" in line and int(line["before"]) > int(line["after"]):
            yield f"line {number}: it ends before it begins"
        at = int(line.get("after", line.get("at", last[line.get("tid")])))
        if at < last[line.get("tid")]:
            yield f"line {number}: the clock went back"
        last[line.get("tid")] = at


def check_calls(lines):
    """Pending calls end once, later than they began; defects are of calls that were in flight."""
    calls, ends = {}, collections.defaultdict(list)
    for line in lines:
        if line["type"] == "call":
            if line["call"] in calls:
                yield f"call {line['call']} is there twice"
            calls[line["call"]] = line
        elif line["type"] == "completion":
            ends[line["call"]].append(line)
    for number, call in calls.items():
        if call["pending"] and len(ends[number]) != 1:
            yield f"call {number} ({call['scenario']}) is pending and has {len(ends[number])} ends"
        for end in ends[number]:
            if int(end["at"]) < int(call["before"]):
                yield f"call {number} ended before it was made"
    for line in lines:
        if line["type"] == "defect":
            yield from check_defect(line, calls, ends)


def check_defect(line, calls, ends):
    first, second = calls[line["first"]], calls[line["second"]]
    end = int(ends[line["first"]][0]["at"])
    if not int(first["after"]) <= int(second["before"]) < end:
        yield f"{line['scenario']}: the first was not in flight when the second was posted"
    ranges = [{(int(buffer["address"], 16), int(buffer["address"], 16) + buffer["length"])
               for buffer in call["buffers"]} for call in (first, second)]
    if not any(a < d and c < b for a, b in ranges[0] for c, d in ranges[1]):
        yield f"{line['scenario']}: the calls share no memory"


def check_scenarios(lines, names):
    outcomes = {line["scenario"]: line for line in lines if line["type"] == "scenario_end"}
    if list(outcomes) != names:
        yield f"scenarios that ended: {list(outcomes)}, expected {names}"
    for name, line in outcomes.items():
        unavailable = line["outcome"] == "unavailable" and name in MAY_BE_UNAVAILABLE
        if line["outcome"] != "done" and not unavailable:
            yield f"{name}: {line['outcome']}: {line['reason']}"
        if unavailable and not line["reason"]:
            yield f"{name}: unavailable without a reason"
    defects = {line["scenario"] for line in lines if line["type"] == "defect"}
    missing = {name for name in names if name.startswith("defect-")} - defects
    if missing:
        yield f"no defect took place in {sorted(missing)}"


def check_program(exe, folder):
    """The list, one scenario by name, and what is no option."""
    names = [line.split()[0].decode() for line in wine(exe, "--list").stdout.splitlines()]
    one = wine(exe, "--only", names[0])
    lines = [json.loads(line) for line in one.stdout.splitlines()]
    if {line["scenario"] for line in lines} != {"", names[0]}:
        yield "--only runs more than one scenario, or none"
    for words in (["--only", "nothing"], ["--nothing"], ["-o", windows_path(folder / "no/where")]):
        result = wine(exe, *words)
        if result.returncode != 2 or not result.stderr:
            yield f"{words}: exit status {result.returncode}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    if not shutil.which("x86_64-w64-mingw32-gcc") or not shutil.which("wine"):
        print("SKIPPED: afdprobe is not tested: gcc-mingw-w64-x86-64-posix or wine is not there")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        exe, again = folder / "afdprobe.exe", folder / "again.exe"
        for output in (exe, again):
            subprocess.run([root / "scripts/build-probe", output], check=True)
        problems = [] if exe.read_bytes() == again.read_bytes() else ["two builds differ"]
        names = [line.split()[0].decode() for line in wine(exe, "--list").stdout.splitlines()]
        result = wine(exe, "-o", windows_path(folder / "probe.jsonl"))
        if result.returncode != 0:
            problems.append(f"exit status {result.returncode}: {result.stderr.decode()}")
        lines = [json.loads(line) for line in (folder / "probe.jsonl").read_text().splitlines()]
        problems += check_schema(root, lines)
        problems += check_times(lines)
        problems += check_calls(lines)
        problems += check_scenarios(lines, names)
        problems += check_program(exe, folder)
    for problem in problems:
        print(problem)
    print(f"{len(names)} scenarios, {len(lines)} lines, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
