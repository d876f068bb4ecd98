#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and tests everything; exits with 0 if all of it is well, and ends with a line of counts.

    scripts/test [--quick] [TEST...]      (installs what is missing, then runs this)

In this order: checks of form, all tests of a gcc build, everything once more under
AddressSanitizer and UndefinedBehaviorSanitizer with leaks failing, a clang build, what
scripts/release builds, bufcheck.exe under Wine, the static programs for Linux, and the packages, made
twice. Warnings are errors. With names of tests only these are run (and no
checks); --quick leaves the second half out. Builds go to build-test*/.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = "build-test-release"
PACKAGE = "build-test-package" # scripts/package builds in these two folders of its own
WINDOWS = f"{PACKAGE}/windows"
LINUX = f"{PACKAGE}/linux"
LINUX_PARTS = ["empty root", "arm", "compilers"]
WINDOWS_PARTS = ["own", "golden", "captures", "command line", "reports"]
CHECKS = ["check-includes", "check-beliefs", "check-style", "check-words", "check-pages",
          "check-headers", "check-static"]
PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP", "IGNORED"}


SLOWEST = 10


class Count:
    passed = failed = skipped = 0


class Times:
    """Seconds and name of every step and test."""
    all = []


def print_slowest():
    heading(f"the {SLOWEST} slowest")
    for seconds, name in sorted(Times.all, reverse=True)[:SLOWEST]:
        print(f"{seconds:6.0f} s  {name}")


def heading(text):
    print(f"\n== {text}", flush=True)


def run(*words, **options):
    return subprocess.run([str(word) for word in words], cwd=ROOT, stdin=subprocess.DEVNULL,
                          **options).returncode == 0


def step(name, *words, **options):
    """A command that counts as one test."""
    began = time.monotonic()
    ok = run(*words, **options)
    Count.passed += ok
    Count.failed += not ok
    Times.all.append((time.monotonic() - began, name))
    print(f"{'ok' if ok else 'FAILED'} {name} ({time.monotonic() - began:.0f} s)", flush=True)
    return ok


def build(folder, *options, environment=None):
    environment = {**os.environ, **(environment or {})}
    if not (ROOT / folder / "build.ninja").exists():
        shutil.rmtree(ROOT / folder, ignore_errors=True)
        if not step(f"configure {folder}", "meson", "setup", folder, "--werror", *options,
                    env=environment, stdout=subprocess.DEVNULL):
            return False
    return step(f"build {folder}", "ninja", "-C", folder, "--quiet", env=environment)


LOG_NAME = "scripts-test"


def logs(folder):
    """meson adds the wrapper's name to the log's."""
    return list((ROOT / folder / "meson-logs").glob(f"{LOG_NAME}*.json"))


def count_tests(folder):
    lines = [line for log in logs(folder) for line in log.read_text().splitlines()]
    failed = []
    for line in lines:
        test = json.loads(line)
        Times.all.append((test.get("duration", 0), f"{test['name']} in {folder}"))
        if test["result"] in PASSED:
            Count.passed += 1
        elif test["result"] in SKIPPED:
            Count.skipped += 1
            print(f"SKIPPED {test['name']}: {(test.get('stdout') or '').strip()[-200:]}")
        else:
            Count.failed += 1
            failed.append(test)
    for test in failed:
        heading(f"{test['result']} {test['name']}")
        print((test.get("stdout") or "")[-6000:], (test.get("stderr") or "")[-6000:], flush=True)
    return failed


def run_tests(folder, names, *options):
    for log in logs(folder):
        log.unlink()
    ok = run("meson", "test", "-C", folder, "--no-rebuild", "--logbase", LOG_NAME, "--quiet",
             *options, *names, stdout=subprocess.DEVNULL)
    failed = count_tests(folder)
    if not logs(folder) or (not ok and not failed): # no result must not look like success
        Count.failed += 1
        print(f"FAILED meson test in {folder} left no result")
    print(f"{Count.passed} passed, {Count.failed} failed, {Count.skipped} skipped so far",
          flush=True)


def tool_missing(what, *tools):
    """True if a part of the tests can't run: named where a person tests, an error in CI."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing and os.environ.get("CI"):
        Count.failed += 1
        print(f"FAILED {what}: there is no {' and no '.join(missing)}")
    elif missing:
        Count.skipped += 1
        print(f"SKIPPED {what}: there is no {' and no '.join(missing)}; as root, scripts/test "
              "installs what is missing")
    return bool(missing)


def test_windows():
    heading("bufcheck.exe under Wine")
    if tool_missing("bufcheck.exe", "x86_64-w64-mingw32-gcc-posix", "wine", "wineserver"):
        return
    if step("scripts/build-windows", ROOT / "scripts/build-windows", WINDOWS,
            stdout=subprocess.DEVNULL):
        for part in WINDOWS_PARTS:
            step(f"bufcheck.exe: {part}", sys.executable, ROOT / "tests/windows/run.py",
                 ROOT / WINDOWS / "bufcheck.exe", ROOT / "build-test/analyzer/bufcheck",
                 ROOT / "build-test/tests/support/tracegen", ROOT, ROOT.parent / "shared/captures",
                 part)


def test_linux():
    heading("static programs, other compilers")
    if tool_missing("static programs", "aarch64-linux-gnu-gcc", "qemu-aarch64", "musl-gcc",
                    "x86_64-w64-mingw32-gcc-posix", "clang"):
        return
    if step("scripts/build-linux", ROOT / "scripts/build-linux", LINUX, stdout=subprocess.DEVNULL):
        for part in LINUX_PARTS:
            step(f"Linux: {part}", sys.executable, ROOT / "tests/linux/run.py", ROOT / LINUX,
                 ROOT / "build-test/tests/support/tracegen", ROOT, part)


def test_package():
    heading("packages")
    if not (ROOT / ".git").exists():
        Count.skipped += 1
        print("SKIPPED packages: this is no clone, and the source archive is made of a commit")
        return
    if tool_missing("packages", "x86_64-w64-mingw32-gcc-posix", "aarch64-linux-gnu-gcc",
                    "dpkg-deb", "dpkg-shlibdeps", "lintian"):
        return
    again = f"{PACKAGE}-again"
    made = [step(f"scripts/package {folder}", ROOT / "scripts/package", ROOT / folder,
                 stdout=subprocess.DEVNULL) for folder in (PACKAGE, again)]
    if all(made):
        step("what scripts/package made", sys.executable, ROOT / "tests/package/run.py",
             ROOT / PACKAGE / "out", ROOT / again / "out")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()

    if not arguments.tests:
        heading("checks")
        for check in CHECKS:
            step(check, ROOT / "scripts" / check)
    heading("tests")
    if build("build-test"):
        run_tests("build-test", arguments.tests)
    if not arguments.quick:
        heading("tests under sanitizers")
        if build("build-test-sanitized", "-Db_sanitize=address,undefined", "-Db_lundef=false",
                 "-Dc_args=-fno-sanitize-recover=all", "-Dbuildtype=debugoptimized"):
            run_tests("build-test-sanitized", arguments.tests, "--wrapper",
                      ROOT / "scripts" / "with-leak-check", "--timeout-multiplier", "4",
                      # Programs of Windows have no sanitizer built in.
                      "--no-suite", "windows")
    if not arguments.quick and not arguments.tests:
        heading("clang")
        build("build-test-clang", environment={"CC": "clang"})
        heading("the fastest build")
        if step("scripts/release", ROOT / "scripts" / "release", RELEASE,
                stdout=subprocess.DEVNULL):
            step("cases, by the fastest build", sys.executable, ROOT / "tests/golden/run.py",
                 ROOT / "build-test/tests/support/tracegen", ROOT / RELEASE / "analyzer/bufcheck",
                 ROOT / "testdata/cases")
        test_windows()
        test_linux()
        test_package()
    print_slowest()
    heading("result")
    print(f"{Count.passed} passed, {Count.failed} failed")
    return 1 if Count.failed or not Count.passed else 0


if __name__ == "__main__":
    sys.exit(main())
