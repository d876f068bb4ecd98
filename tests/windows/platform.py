#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds platform_test.c with the Windows half of base/platform.h, and runs it under Wine.

    platform.py ROOT FOLDER

ROOT is the source tree. FOLDER keeps the program and Wine's own files for the next run, because
Wine takes many seconds to make them. Exit status 77: mingw-w64 or Wine is not installed.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
COMPILER = "x86_64-w64-mingw32-gcc-posix"
FLAGS = ["-std=c11", "-Wall", "-Wextra", "-static", "-D__USE_MINGW_ANSI_STDIO=1"]
BESIDE = ["windows_words.c", "out.c", "utf.c"] # the Windows half uses them


def build(root, exe):
    sources = sorted((root / "base").glob("platform*_windows.c"))
    sources += [root / "base" / name for name in BESIDE]
    sources.append(root / "tests/windows/platform_test.c")
    subprocess.run([COMPILER, *FLAGS, f"-I{root}", "-o", exe, *sources, "-lbcrypt"], check=True)


def run(exe):
    """Wine keeps programs of its own running, which would keep a pipe open: a file is read."""
    with tempfile.TemporaryDirectory(prefix="platform-") as place, \
            tempfile.TemporaryFile() as output:
        status = subprocess.run(["wine", exe], cwd=place, stdin=subprocess.DEVNULL, stdout=output,
                                stderr=subprocess.DEVNULL, timeout=150).returncode
        output.seek(0)
        print(output.read().decode(errors="replace"), end="")
        left = os.listdir(place)
    if left:
        print(f"left behind: {left}")
    return status == 0 and not left


def main():
    root, folder = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    for program in COMPILER, "wine", "wineserver":
        if shutil.which(program) is None:
            print(f"SKIPPED: the Windows half of base/ is not tested, {program} is not installed")
            return SKIPPED
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(WINEPREFIX=str(folder / "wine"), WINEDEBUG="-all", DISPLAY="",
                      WINEDLLOVERRIDES="mscoree,mshtml=")
    exe = folder / "platform_test.exe"
    build(root, exe)
    try:
        return 0 if run(exe) else 1
    finally:
        subprocess.run(["wineserver", "-k"], stderr=subprocess.DEVNULL)


sys.exit(main())
