#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions that a baseline of 5,000 findings costs.

    baseline_cost.py BUFCHECK TRACEGEN TRACE

The finding of TRACE stands 5,000 times in the baseline, with its stacks. Valgrind counts, so that
the machine's load does not matter; the test is skipped where it is not installed.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FINDINGS = 5000
PER_BYTE_MAX = 60  # 13 with -O2 on x86-64; a build without optimisation takes more
SKIPPED = 77


def instructions(*words):
    result = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                             *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert 0 <= result.returncode <= 3, result.stderr
    return int(re.search(r"Collected : (\d+)", result.stderr).group(1))


def main():
    bufcheck, tracegen, trace = map(os.path.abspath, sys.argv[1:4])
    if shutil.which("valgrind") is None:
        print("valgrind is not installed")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        etl, baseline = folder / "trace.etl", folder / "baseline.json"
        subprocess.run([tracegen, trace, etl], check=True)
        subprocess.run([bufcheck, "-f", f"json={baseline}", etl], check=False)
        value = json.loads(baseline.read_text())
        finding = value["findings"][0]
        assert finding["first"]["posted"]["stack"], "the finding has stacks"
        value["findings"] = [{**finding, "fingerprint": f"{i:032x}"} for i in range(FINDINGS)]
        baseline.write_text(json.dumps(value, indent=2))
        size = baseline.stat().st_size
        without = instructions(bufcheck, "-j", "1", etl)
        known = instructions(bufcheck, "-j", "1", "--baseline", baseline, etl)
    per_byte = (known - without) / size
    print(f"{FINDINGS} findings in {size} bytes: {known - without} instructions, {per_byte:.1f} a "
          "byte")
    return 0 if per_byte < PER_BYTE_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
