#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Output is the same bytes whatever the number of threads: threads.py BUFCHECK BENCHGEN"""

import itertools
import os
import subprocess
import sys
import tempfile

# Each takes more than 1 MiB of file, which a thread that reads ahead needs.
SIZES = {"sparse": "2M", "dense": "2M", "hostile": "2M", "sparse-compressed": "5M",
         "dense-compressed": "6M", "wpr-walks": "4M"}


def output(bufcheck, jobs, words, paths):
    done = subprocess.run([bufcheck, "-j", str(jobs), *words, *paths], capture_output=True)
    return done.returncode, done.stdout, done.stderr


def damage(path, copy):
    """Makes a hole in the file's middle, at which the thread that reads ahead ends."""
    with open(path, "rb") as whole:
        data = bytearray(whole.read())
    middle = len(data) // 2
    data[middle:middle + 70000] = bytes(70000)
    with open(copy, "wb") as file:
        file.write(data)


def main():
    bufcheck, benchgen = sys.argv[1:]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for kind, size in SIZES.items():
            path = os.path.join(folder, kind + ".etl")
            subprocess.run([benchgen, kind, size, "7", path], check=True, capture_output=True)
            paths += [path, path + ".hole.etl"]
            damage(*paths[-2:])
        paths.insert(3, os.path.join(folder, "missing.etl"))
        sets = [[path] for path in paths] + [paths]
        for words, chosen in itertools.product(([], ["-f", "json"], ["-f", "jsonl"], ["ops"]), sets):
            alone, together = (output(bufcheck, jobs, words, chosen) for jobs in (1, 3))
            if alone != together:
                failures += 1
                print(f"differs: {words} {[os.path.basename(path) for path in chosen]}")
    print(f"{failures} outputs depend on the number of threads")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
