#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what bufcheck says about real captures with what an independent reader found in them.

    captures.py BUFCHECK FOLDER

FOLDER holds the .etl files and expected.json: for each file figures in the words of `info -f json`
(start to the second). None of them holds Winsock events, so `check` must end with 3 and say why.
Without the folder the test is skipped (exit status 77).
"""

import json
import pathlib
import subprocess
import sys

SKIPPED = 77


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=120)


def differences(expected, found):
    for key, value in expected.items():
        seen = found.get(key)
        same = str(seen).startswith(value) if key == "start" else seen == value
        if not same:
            yield f"{key}: {seen}, expected {value}"


def check_info(bufcheck, path, expected):
    result = run(bufcheck, "info", "-f", "json", path)
    if result.returncode != 0 or result.stderr:
        yield f"info: exit status {result.returncode}, {result.stderr.decode()!r}"
        return
    report = json.loads(result.stdout)
    if report["schema"] != "bufcheck.info/1" or len(report["inputs"]) != 1:
        yield "info: not one input of bufcheck.info/1"
        return
    found = report["inputs"][0]
    yield from differences(expected, found["trace"])
    records = found["trace"]["records"]
    if sum(records["by_header"].values()) != records["total"]:
        yield f"by_header does not add up to {records['total']}"
    with_provider = sum(count for kind, count in records["by_header"].items()
                        if kind.rstrip("3264") in ("EVENT", "FULL", "INSTANCE"))
    by_provider = sum(provider["records"] for provider in found["providers"])
    if by_provider + found["other_provider_records"] != with_provider:
        yield f"providers have {by_provider} records, {with_provider} were counted"


def check_verdict(bufcheck, path):
    result = run(bufcheck, "check", "-f", "text", path)
    if result.returncode != 3 or result.stderr:
        yield f"check: exit status {result.returncode}, {result.stderr.decode()!r}"
    text = result.stdout.decode()
    if not text.startswith("INCONCLUSIVE") or "no-posts: " not in text:
        yield "check: does not say that the trace has no send or receive"


def main():
    bufcheck, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if not (folder / "expected.json").is_file():
        print(f"SKIPPED: no real captures in {folder} (meson option 'captures')")
        return SKIPPED
    cases = json.loads((folder / "expected.json").read_text())
    failed = 0
    for name, expected in cases.items():
        problems = [*check_info(bufcheck, folder / name, expected),
                    *check_verdict(bufcheck, folder / name)]
        print(f"{'FAILED' if problems else 'ok'} {name}")
        for problem in problems:
            print(f"    {problem}")
        failed += bool(problems)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
