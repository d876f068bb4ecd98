#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gives every variant of the programs of testdata/accuracy to the second implementation.

    model.py ACCURACY PROVE

ACCURACY is scripts/accuracy, which writes the traces; PROVE compares what program and model say of
each. Exit status 1 where they differ.
"""

import pathlib
import subprocess
import sys
import tempfile

AT_ONCE = 500  # traces given to one call


def main():
    accuracy, prove = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, accuracy, "--write", folder], check=True)
        traces = sorted(pathlib.Path(folder).glob("*.trace"))
        failed = 0
        for at in range(0, len(traces), AT_ONCE):
            failed |= subprocess.run([prove, *traces[at:at + AT_ONCE]], check=False).returncode
    print(f"{len(traces)} traces")
    return 1 if failed or not traces else 0


if __name__ == "__main__":
    sys.exit(main())
