#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Doubles each thing whose number a file can choose, and compares counted instructions.

    growth.py BUFCHECK HOSTILE TRACEGEN [-k NAME]

A container whose cost grows with what it holds, and not with its logarithm, shows as a ratio near 4
where 2 is expected. Valgrind counts, so that neither the machine's load nor its caches matter; the
test is skipped where it is not installed.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import growth_text

RATIO_MAX = 2.3
SKIPPED = 77

# kind of hostile.c or hostile_growth.c, and the smaller number
DIMENSIONS = {
    "trace-buffers": 4000,
    "losses": 2000,
    "lossy-processors": 400,
    "drops": 2000,
    "one-thread": 3000,
    "header-pids": 3000,
    "threads": 3000,
    "one-pid": 3000,
    "orphans": 4000,
    "orphans-everywhere": 4000,
    "equal-times": 400,
    "processors": 1000,
    "endpoints": 3000,
    "sockets": 4000,
    "in-flight": 3000,
    "one-address": 2000,
    "one-address-modern": 2000,
    "nested": 2000,
    "ambiguous": 4000,
    "aborts": 4000,
    "processes": 4000,
    "closing": 4000,
    "stacks": 2000,
    "walks": 4000,
    "walks-of-one-time": 4000,
    "stack-keys": 4000,
    "split-stacks": 4000,
    "split-stacks-of-one-id": 4000,
    "findings": 1000,
    "late-findings": 1000,
    "images": 4000,
    "outside-images": 1000,
    "lives": 4000,
}
SMALLER = DIMENSIONS | {kind: count for kind, (count, make) in
                        (growth_text.TRACES | growth_text.LOGS).items()}


def instructions(bufcheck, *words, exits=(0, 1, 3)):
    result = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                             bufcheck, *words],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert result.returncode in exits, result.stderr
    return int(re.search(r"Collected : (\d+)", result.stderr).group(1))


def made_by_hostile(setting, folder, kind, count):
    etl = folder / f"{kind}-{count}.etl"
    subprocess.run([setting.hostile, kind, str(count), etl], check=True)
    return etl


def made_of_text(setting, folder, kind, count):
    text, etl = folder / f"{kind}-{count}.trace", folder / f"{kind}-{count}.etl"
    text.write_text(growth_text.trace_text(kind, count), encoding="utf-8")
    subprocess.run([setting.tracegen, text, etl], check=True)
    return etl


def cost_of_log(setting, folder, kind, count):
    """Beside a trace in which a few of the log's calls are found."""
    etl, log = folder / f"{kind}-{count}.etl", folder / f"{kind}-{count}.jsonl"
    subprocess.run([setting.hostile, "in-flight", "16", etl], check=True)
    log.write_text(growth_text.log_text(kind, count), encoding="utf-8")
    return instructions(setting.bufcheck, "calibrate", "-f", "json", etl, log, exits=(0, 1))


def cost(setting, folder, kind, count):
    if kind in growth_text.LOGS:
        return cost_of_log(setting, folder, kind, count)
    make = made_of_text if kind in growth_text.TRACES else made_by_hostile
    return instructions(setting.bufcheck, "-j", "1", "-f", "csv",
                        make(setting, folder, kind, count))


def ratio_of(setting, folder, kind):
    """Of what both numbers cost beyond a trace of next to nothing."""
    base, once, twice = (cost(setting, folder, kind, count)
                         for count in (2, SMALLER[kind], 2 * SMALLER[kind]))
    return (twice - base) / (once - base)


def main():
    parser = argparse.ArgumentParser()
    for name in ("bufcheck", "hostile", "tracegen"):
        parser.add_argument(name, type=os.path.abspath)
    parser.add_argument("-k", default="")
    setting = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("valgrind is not installed")
        return SKIPPED
    failed = 0
    kinds = [kind for kind in SMALLER if setting.k in kind]
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        ratios = pool.map(lambda kind: ratio_of(setting, pathlib.Path(folder), kind), kinds)
        for kind, ratio in zip(kinds, ratios):
            bad = ratio > RATIO_MAX
            failed += bad
            print(f"{'FAILED' if bad else 'ok'} {kind}: twice as many cost {ratio:.2f} times as "
                  "much", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
