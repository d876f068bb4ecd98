#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the static programs of scripts/build-linux, and that other compilers can build bufcheck.

    run.py FOLDER TRACEGEN ROOT [PART...]

FOLDER is where scripts/build-linux put the programs, ROOT the source tree. The parts: "empty root"
runs the program for this machine where there is nothing else; "arm" runs the cases by the program
for 64-bit ARM under qemu; "compilers" configures the source tree with each compiler.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

COMPILERS = [("gcc", []), ("clang", []), ("musl-gcc", []),
             ("x86_64-w64-mingw32-gcc-posix", ["--cross-file", "scripts/cross/windows-x86_64.ini"]),
             ("aarch64-linux-gnu-gcc", ["--cross-file", "scripts/cross/linux-aarch64.ini"])]


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=1200,
                          **options)


def is_static(program):
    """True if the file names no dynamic linker and no library."""
    words = run("readelf", "-ld", program).stdout
    return b"INTERP" not in words and b"NEEDED" not in words


def in_empty_root(folder, *words, **options):
    """Runs a program where `folder` is all that there is: no /proc, no /dev, no /tmp."""
    def enter():
        os.chroot(folder)
        os.chdir("/")
    return subprocess.run(words, preexec_fn=enter, env={}, capture_output=True, timeout=120,
                          **options)


def part_empty_root(folder, tracegen, root):
    program = folder / "x86_64/bufcheck"
    if not is_static(program) or not is_static(folder / "aarch64/bufcheck"):
        return "a program is not static"
    if os.geteuid() != 0:
        print("NOT CHECKED in an empty root: that needs rights")
        return None
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        shutil.copy(program, place / "bufcheck")
        run(tracegen, root / "testdata/examples/chat-server.trace", place / "a.etl", check=True)
        trace = (place / "a.etl").read_bytes()
        for words, status, options in ((["a.etl"], 1, {}), (["-f", "json=out.json", "a.etl"], 1, {}),
                                       (["-"], 1, {"input": trace}), (["--version"], 0, {}),
                                       (["info", "a.etl", "a.etl"], 0, {})):
            result = in_empty_root(place, "/bufcheck", *words, **options)
            if result.returncode != status or result.stderr:
                return f"{words}: exit status {result.returncode}, {result.stderr!r}"
        if sorted(path.name for path in place.iterdir()) != ["a.etl", "bufcheck", "out.json"]:
            return f"something is left: {sorted(place.iterdir())}"
    return None


def part_arm(folder, tracegen, root):
    with tempfile.TemporaryDirectory() as name:
        wrapper = pathlib.Path(name) / "bufcheck"
        wrapper.write_text(f'#!/bin/sh\nexec qemu-aarch64 "{folder}/aarch64/bufcheck" "$@"\n')
        wrapper.chmod(0o755)
        result = run(sys.executable, root / "tests/golden/run.py", tracegen, wrapper,
                     root / "testdata/cases")
    return None if result.returncode == 0 else result.stdout.decode()[-4000:]


def part_compilers(folder, tracegen, root):
    """Without Criterion and Python: what -Dtests=disabled promises."""
    for compiler, words in COMPILERS:
        if shutil.which(compiler) is None:
            return f"there is no {compiler}"
        with tempfile.TemporaryDirectory() as name:
            environment = {**os.environ, "CC": compiler if not words else "gcc"}
            result = run("meson", "setup", name, *words, "-Dtests=disabled", "--werror", cwd=root,
                         env=environment)
            if result.returncode != 0:
                return f"{compiler}: {result.stdout.decode()[-2000:]}"
            if compiler == "musl-gcc" and run("ninja", "-C", name, "analyzer/bufcheck").returncode:
                return "musl-gcc can't build bufcheck"
    return None


PARTS = {"empty root": part_empty_root, "arm": part_arm, "compilers": part_compilers}


def main():
    folder, tracegen, root = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    bad = 0
    for part in sys.argv[4:] or PARTS:
        problem = PARTS[part](folder, tracegen, root)
        print(f"{'FAILED' if problem else 'ok'} {part}")
        if problem:
            print(problem)
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
