#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and tests everything; exits with 0 if all of it is well, and ends with a line of counts.

    scripts/test [--quick] [TEST...]      (installs what is missing, then runs this)

First checks of form and a gcc build; then all of its tests, and everything once more under
AddressSanitizer and UndefinedBehaviorSanitizer with leaks failing. Beside these, on processors that
they leave idle: static analysis, a clang build, what scripts/release builds, and the programs for
Windows and Linux. At last bufcheck.exe under Wine, and beside it the static programs for Linux and
the packages, made twice. Warnings are errors. With names of tests only these are run (and no
checks); --quick leaves out all but checks, the gcc build and its tests. Builds go to build-test*/.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = "build-test-release"
PACKAGE = "build-test-package" # scripts/package builds in these two folders of its own
WINDOWS = f"{PACKAGE}/windows"
LINUX = f"{PACKAGE}/linux"
LINUX_PARTS = ["empty root", "arm", "compilers"]
WINDOWS_PARTS = ["own", "golden", "captures", "command line", "reports"]
CHECKS = ["check-includes", "check-beliefs", "check-style", "check-words", "check-pages",
          "check-headers"]
# Warnings don't depend on it, and nobody runs what clang has built.
UNOPTIMISED = ["-Dbuildtype=debug", "-Ddebug=false"]
# More would make the build slower by more than the tests become faster. Reports name lines.
SANITIZED = ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dbuildtype=debugoptimized",
             "-Doptimization=1", "-Ddebug=false", "-Dc_args=-fno-sanitize-recover=all -g1"]
BESIDE = ["nice", "-n", "10"] # for what runs beside tests that look at times
PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP", "IGNORED"}


SLOWEST = 10


class Count:
    """Several lanes count; `lock` is for that and for lines that belong together."""
    passed = failed = skipped = 0
    lock = threading.RLock()


class Times:
    """Seconds and name of every step and test."""
    all = []


def print_slowest():
    heading(f"the {SLOWEST} slowest")
    for seconds, name in sorted(Times.all, reverse=True)[:SLOWEST]:
        print(f"{seconds:6.0f} s  {name}")


def heading(text):
    print(f"\n== {text}", flush=True)


class Lane(threading.local):
    """Words in front of each command of this thread."""
    words = ()


def run(*words, **options):
    return subprocess.run([*LANE.words, *(str(word) for word in words)], cwd=ROOT,
                          stdin=subprocess.DEVNULL, **options)


def step(name, *words, **options):
    """A command that counts as one test. Lines are printed when it has ended: lanes would mix
    them."""
    began = time.monotonic()
    result = run(*words, **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT if "stdout" not in
                            options else subprocess.PIPE, **options})
    ok = result.returncode == 0
    with Count.lock:
        Count.passed += ok
        Count.failed += not ok
        Times.all.append((time.monotonic() - began, name))
        for text in (result.stdout, result.stderr):
            print((text or b"").decode(errors="replace"), end="")
        print(f"{'ok' if ok else 'FAILED'} {name} ({time.monotonic() - began:.0f} s)", flush=True)
    return ok


def side_by_side(first, *others):
    """Runs functions at once, the first one in this thread. An error of one ends the run, when the
    others are done."""
    errors = []

    def guarded(function):
        try:
            function()
        except BaseException as error:
            errors.append(error)
    threads = [threading.Thread(target=guarded, args=[function]) for function in others]
    for thread in threads:
        thread.start()
    guarded(first)
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def build(folder, *options, environment=None):
    environment = {**os.environ, **(environment or {})}
    if shutil.which("ld.lld"): # links in half the time; what is shipped is linked as elsewhere
        options = [*options, "-Dc_link_args=-fuse-ld=lld"]
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
    with Count.lock:
        return count_lines(folder)


def count_lines(folder):
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
    done = run("meson", "test", "-C", folder, "--no-rebuild", "--logbase", LOG_NAME, "--quiet",
               *options, *names, stdout=subprocess.DEVNULL)
    failed = count_tests(folder)
    with Count.lock:
        if not logs(folder) or (done.returncode != 0 and not failed): # must not look like success
            Count.failed += 1
            print(f"FAILED meson test in {folder} left no result")
        print(f"tests of {folder}: {Count.passed} passed, {Count.failed} failed, {Count.skipped} "
              "skipped so far", flush=True)


def tool_missing(what, *tools):
    """True if a part of the tests can't run: named where a person tests, an error in CI."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    with Count.lock:
        if missing and os.environ.get("CI"):
            Count.failed += 1
            print(f"FAILED {what}: there is no {' and no '.join(missing)}")
        elif missing:
            Count.skipped += 1
            print(f"SKIPPED {what}: there is no {' and no '.join(missing)}; as root, scripts/test "
                  "installs what is missing")
    return bool(missing)


class Built:
    """Programs that were built for other machines."""
    windows = linux = False


def build_release():
    if step("scripts/release", ROOT / "scripts" / "release", RELEASE, stdout=subprocess.DEVNULL):
        step("cases, by the fastest build", sys.executable, ROOT / "tests/golden/run.py",
             ROOT / "build-test/tests/support/tracegen", ROOT / RELEASE / "analyzer/bufcheck",
             ROOT / "testdata/cases")


def build_for_others():
    if not tool_missing("bufcheck.exe", "x86_64-w64-mingw32-gcc-posix", "wine", "wineserver"):
        Built.windows = step("scripts/build-windows", ROOT / "scripts/build-windows", WINDOWS,
                             stdout=subprocess.DEVNULL)
    if not tool_missing("static programs", "aarch64-linux-gnu-gcc", "qemu-aarch64", "musl-gcc",
                        "x86_64-w64-mingw32-gcc-posix", "clang"):
        Built.linux = step("scripts/build-linux", ROOT / "scripts/build-linux", LINUX,
                           stdout=subprocess.DEVNULL)


def test_windows():
    for part in WINDOWS_PARTS if Built.windows else []:
        step(f"bufcheck.exe: {part}", sys.executable, ROOT / "tests/windows/run.py",
             ROOT / WINDOWS / "bufcheck.exe", ROOT / "build-test/analyzer/bufcheck",
             ROOT / "build-test/tests/support/tracegen", ROOT, ROOT.parent / "shared/captures",
             part)


def test_linux():
    for part in LINUX_PARTS if Built.linux else []:
        step(f"Linux: {part}", sys.executable, ROOT / "tests/linux/run.py", ROOT / LINUX,
             ROOT / "build-test/tests/support/tracegen", ROOT, part)


def test_package():
    if not (ROOT / ".git").exists():
        with Count.lock:
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


def test_sanitized(names):
    if build("build-test-sanitized", *SANITIZED):
        run_tests("build-test-sanitized", names, "--wrapper",
                  ROOT / "scripts" / "with-leak-check", "--timeout-multiplier", "4",
                  # Programs of Windows have no sanitizer built in.
                  "--no-suite", "windows")


def main_lane():
    run_tests("build-test", [])
    test_sanitized([])


def lane_beside():
    LANE.words = BESIDE
    step("check-static", ROOT / "scripts/check-static")
    build("build-test-clang", *UNOPTIMISED, environment={"CC": "clang"})
    build_release()
    build_for_others()
    LANE.words = ()


def last_lane():
    test_package()
    test_linux()


def run_all():
    heading("tests, and beside them what needs none of their results")
    if not build("build-test"):
        return
    side_by_side(main_lane, lane_beside)
    heading("bufcheck.exe under Wine, static programs, packages")
    side_by_side(test_windows, last_lane)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()

    if not arguments.tests:
        heading("checks")
        for check in [*CHECKS, *(["check-static"] if arguments.quick else [])]:
            step(check, ROOT / "scripts" / check)
    if arguments.tests or arguments.quick:
        heading("tests")
        if build("build-test"):
            run_tests("build-test", arguments.tests)
        if not arguments.quick:
            test_sanitized(arguments.tests)
    else:
        run_all()
    print_slowest()
    heading("result")
    print(f"{Count.passed} passed, {Count.failed} failed")
    return 1 if Count.failed or not Count.passed else 0


LANE = Lane()


if __name__ == "__main__":
    sys.exit(main())
