#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests bufcheck.exe under Wine: what is different on Windows, and that all else is the same.

    run.py BUFCHECK_EXE BUFCHECK TRACEGEN ROOT CAPTURES [PART...]

BUFCHECK is the program for this machine, ROOT the source tree. The parts: "own" is what this file
tests itself; "golden", "captures", "command line" and "reports" are the tests of those names, with
the program for Windows. Exit status 77: Wine is not installed.
"""

import fnmatch
import json
import os
import pathlib
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

SKIPPED = 77
MIB, GIB = 1 << 20, 1 << 30
CONTROL_C_EXIT = 0x3A # the low byte of STATUS_CONTROL_C_EXIT, which is all that Linux shows
FORMATS = ["text", "json", "jsonl", "sarif", "junit", "markdown", "html", "perfetto", "csv",
           "github", "gitlab"]
# Cases of the reports: one of each kind of verdict, findings of several rules, damage, text.
REPORT_CASES = ["one-post-conflicts-by-two-rules", "container-compressed", "damage-offset-of-zero",
                "wrapped-circular-file", "container-vista-32-bit", "client-*", "shared-send*",
                "double-receive*", "send-over-send*", "loss-flag-concerns-its-span-only"]
REPORT_CASES_MAX = 10

EXE = NATIVE = TRACEGEN = ROOT = WRAPPER = RETRYING = None


def run(*words, **options):
    options.setdefault("timeout", 120)
    if "stdout" not in options:
        options.setdefault("capture_output", True)
    return subprocess.run([str(word) for word in words], **options)


def bufcheck(*words, **options):
    streams = {"stdin", "input", "stdout", "stderr"} & options.keys()
    return run(WRAPPER if streams else RETRYING, *words, **options)


def expect(result, status, stderr=b""):
    assert result.returncode == status, \
        f"exit status {result.returncode}, expected {status}: {result.stderr!r}"
    assert stderr in result.stderr and (stderr or not result.stderr), result.stderr


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def drive_path(path):
    """The path as Windows writes it: Wine's drive Z is the root."""
    return "Z:" + str(path).replace("/", "\\")


# ---- differences on Windows ----

def test_it_needs_nothing_else(folder):
    words = run("x86_64-w64-mingw32-objdump", "-p", EXE).stdout.decode()
    libraries = {line.split()[-1].lower() for line in words.splitlines() if "DLL Name:" in line}
    assert libraries == {"kernel32.dll", "msvcrt.dll", "bcrypt.dll"}, libraries
    data = EXE.read_bytes()
    assert b"activeCodePage" in data and b"longPathAware" in data


def test_every_report_has_the_bytes_that_it_has_on_linux(folder):
    for words in [["-f", form] for form in FORMATS] + [["info"], ["ops"], ["events"], ["explain"],
                  ["info", "-f", "json"], ["ops", "-f", "csv"], ["events", "-f", "text"]]:
        words += [] if words == ["explain"] else ["a.etl"]
        here, there = run(NATIVE, *words, cwd=folder), bufcheck(*words, cwd=folder)
        assert here.returncode == there.returncode and here.stderr == there.stderr, words
        assert here.stdout == there.stdout, f"{words}: other bytes"


def test_a_report_replaces_the_one_before(folder):
    for size in (0, 100000):
        before = b"x" * size
        (folder / "out.json").write_bytes(before)
        expect(bufcheck("-f", "json=out.json", "a.etl", cwd=folder), 1)
        if (folder / "out.json").read_bytes() == before:
            # Wine ends with 1 and without a word, too, when it can't start a program.
            print("a second run: the first one left the file as it was")
            expect(bufcheck("-f", "json=out.json", "a.etl", cwd=folder), 1)
        assert b"\r" not in (folder / "out.json").read_bytes()
        assert json.loads((folder / "out.json").read_text())["exit"] == 1
    assert listing(folder) == ["a.etl", "out.json"], listing(folder)


def test_an_input_is_never_overwritten(folder):
    etl = folder / "a.etl"
    before = etl.read_bytes()
    for name in ("a.etl", "A.ETL", ".\\a.etl", "..\\" + folder.name + "\\a.etl", drive_path(etl)):
        expect(bufcheck("-f", f"json={name}", "a.etl", cwd=folder), 2, b"is an input")
    with open(etl, "rb") as file:
        expect(bufcheck("-f", "json=a.etl", "-", stdin=file, cwd=folder), 2, b"is an input")
    with open(etl, "ab") as end:
        result = bufcheck("a.etl", stdout=end, stderr=subprocess.PIPE, cwd=folder)
    expect(result, 2, b"standard output: is an input")
    assert etl.read_bytes() == before


def test_two_reports_to_one_file_are_refused(folder):
    for name in ("X.JSON", ".\\x.json", drive_path(folder / "x.json")):
        result = bufcheck("-f", "json=x.json", "-f", f"sarif={name}", "a.etl", cwd=folder)
        expect(result, 2, b"two formats for one file")
    expect(bufcheck("-f", "json=NUL", "-f", "csv=NUL", "a.etl", cwd=folder), 1)


def test_one_file_is_no_two_parts_of_a_timeline(folder):
    expect(bufcheck("--one-timeline", "a.etl", "A.etl", cwd=folder), 2, b"are one file")


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    assert condition()


def windows_processes(word):
    """Ids of Wine's processes of bufcheck.exe with that word."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_bytes()
        except OSError:
            continue
        if EXE.name.encode() in text and word.encode() in text:
            found.append(int(path.parent.name))
    return found


def test_control_c_leaves_no_part_and_no_verdict(folder):
    word = f"json={drive_path(folder)}\\out.json"
    process = subprocess.Popen([WRAPPER, "-f", word, "-"], stdin=subprocess.PIPE)
    wait_for(lambda: any(".partial-" in name for name in listing(folder)))
    for pid in windows_processes(word): # Wine makes Ctrl+C of it
        os.kill(pid, signal.SIGINT)
    process.wait(timeout=30)
    process.stdin.close()
    assert process.returncode == CONTROL_C_EXIT, process.returncode
    assert listing(folder) == ["a.etl"], listing(folder)


def test_names_in_any_language_and_with_spaces(folder):
    place = folder / "Aufnahme vom März, 録音"
    place.mkdir()
    shutil.copy(folder / "a.etl", place / "трасса 1.etl")
    result = bufcheck("-f", f"json={drive_path(place)}\\отчёт №1.json",
                      drive_path(place / "трасса 1.etl"))
    expect(result, 1)
    report = json.loads((place / "отчёт №1.json").read_text(encoding="utf-8"))
    assert report["inputs"][0]["path"].endswith("録音\\трасса 1.etl"), report["inputs"][0]["path"]
    result = bufcheck("Aufnahme vom März, 録音\\трасса 1.etl", "-f", "csv", cwd=folder)
    assert "録音".encode() in result.stdout
    expect(bufcheck("нет.etl", cwd=folder), 2, "нет.etl: can't open: No such file".encode())


def test_paths_of_windows(folder):
    etl = drive_path(folder / "a.etl")
    for name in (etl, etl.lower()[:2] + etl[2:], etl.replace("\\", "/"), "\\\\?\\" + etl):
        expect(bufcheck("-q", name), 1)
    report = bufcheck("-f", "sarif", etl).stdout.decode()
    assert '"uri": "a.etl"' in report and "Z:" not in report
    # No dot and no such file, but a path and no mistyped command
    result = bufcheck("events\\a")
    assert b"did you mean" not in result.stderr and b"events\\a: can't open" in result.stderr
    expect(bufcheck("evnts"), 2, b"did you mean 'events'")


def test_a_long_path(folder):
    place = folder
    for letter in "abcd":
        place = place / (letter * 80)
        place.mkdir()
    shutil.copy(folder / "a.etl", place / "a.etl")
    out = drive_path(place / "out.json")
    assert len(out) > 300
    expect(bufcheck("-f", f"json={out}", drive_path(place / "a.etl")), 1)
    assert json.loads((place / "out.json").read_text())["exit"] == 1
    assert listing(place) == ["a.etl", "out.json"]


def test_wildcards_are_expanded_and_sorted(folder):
    for name in ("b10.etl", "b2.etl", "B1.ETL", "ä.etl", "old.etlx"):
        shutil.copy(folder / "a.etl", folder / name)
    (folder / "folder.etl").mkdir()
    paths = lambda *words: [item["path"] for item in json.loads(
        bufcheck("-f", "json", *words, cwd=folder).stdout)["inputs"]]
    assert paths("*.etl") == ["B1.ETL", "a.etl", "b10.etl", "b2.etl", "ä.etl"], paths("*.etl")
    assert paths("b?.etl", "a.etl") == ["B1.ETL", "b2.etl", "a.etl"]
    assert paths(drive_path(folder) + "\\?.etl") == [drive_path(folder / name)
                                                     for name in ("a.etl", "ä.etl")]
    expect(bufcheck("none*.etl", cwd=folder), 2, b"none*.etl: can't open: No such file")
    # The value of an option is a pattern, and stays one
    result = bufcheck("ops", "-f", "csv", "--process", "*.etl", "a.etl", cwd=folder)
    assert result.returncode in (0, 2) and b"b10" not in result.stdout + result.stderr, result


def test_a_folder_is_called_one(folder):
    for name in (".", "..\\" + folder.name, drive_path(folder)):
        result = bufcheck(name, cwd=folder)
        assert b"Permission denied" not in result.stderr, result.stderr


def test_a_closed_pipe_is_known_as_one(folder):
    for words in (["a.etl"], ["events", "a.etl"], ["info", "a.etl"], ["--help"]):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe:
            result = bufcheck(*words, stdout=pipe, stderr=subprocess.PIPE, cwd=folder)
        expect(result, 2)


def temporary_files():
    root = pathlib.Path(os.environ["WINEPREFIX"]) / "drive_c/users"
    return sorted(path.name for path in root.rglob("bufcheck-*"))


def test_a_pipe_is_copied_and_nothing_left(folder):
    expect(bufcheck("-f", "json=out.json", "-", input=(folder / "a.etl").read_bytes(), cwd=folder),
           1)
    process = subprocess.Popen([WRAPPER, "-q", "-"], stdin=subprocess.PIPE, cwd=folder,
                               stdout=subprocess.DEVNULL)
    wait_for(lambda: temporary_files() != []) # nobody needs an administrator for it
    process.stdin.write((folder / "a.etl").read_bytes())
    process.stdin.close()
    assert process.wait(timeout=60) == 1
    assert temporary_files() == [], temporary_files()


def test_a_file_of_5_gib(folder):
    etl = folder / "a.etl"
    text = (ROOT / "testdata/examples/chat-server.trace").read_text()
    text = re.sub(r"^trace ", f"trace buffer-size={MIB} ", text, count=1, flags=re.M)
    run(TRACEGEN, "-", etl, input=text.encode(), check=True)
    with open(etl, "r+b") as file: # the last trace buffers once more, behind 5 GiB of zeros
        file.seek(MIB)
        tail = file.read()
        file.seek(5 * GIB)
        file.write(tail)
    here = run(NATIVE, "info", "-f", "json", "a.etl", cwd=folder)
    there = bufcheck("info", "-f", "json", "a.etl", cwd=folder)
    assert (here.returncode, here.stdout, here.stderr) == \
        (there.returncode, there.stdout, there.stderr)
    assert json.loads(there.stdout)["inputs"][0]["trace"]["size"] == 5 * GIB + len(tail)
    etl.unlink()


def at_a_terminal(*words):
    """Runs a program with a terminal as its console: exit status and what the terminal shows."""
    master, slave = pty.openpty()
    process = subprocess.Popen([str(word) for word in words], stdin=slave, stdout=slave,
                               stderr=slave, env={**os.environ, "TERM": "xterm"})
    os.close(slave)
    text = b""
    try:
        while part := os.read(master, 65536):
            text += part
    except OSError: # the other end is closed
        pass
    os.close(master)
    return process.wait(timeout=60), text


def test_colours_only_on_a_console(folder):
    assert b"\x1b[" not in bufcheck("a.etl", cwd=folder).stdout
    assert b"\x1b[" in bufcheck("--color", "always", "a.etl", cwd=folder).stdout
    native = run(NATIVE, "--color", "always", "a.etl", cwd=folder).stdout
    assert native == bufcheck("--color", "always", "a.etl", cwd=folder).stdout


# ---- the other tests, with the program for Windows ----

def report_cases(folder):
    """A folder with ten cases."""
    found = []
    names = listing(ROOT / "testdata/cases")
    for pattern in REPORT_CASES:
        found += fnmatch.filter(names, pattern)[:2]
    for name in list(dict.fromkeys(found))[:REPORT_CASES_MAX]:
        shutil.copytree(ROOT / "testdata/cases" / name, folder / name)
    return folder


def part_golden(folder, captures):
    return run(sys.executable, ROOT / "tests/golden/run.py", TRACEGEN, RETRYING,
               ROOT / "testdata/cases", timeout=900)


def part_captures(folder, captures):
    return run(sys.executable, ROOT / "tests/golden/captures.py", RETRYING, captures, timeout=900)


def part_command_line(folder, captures):
    page = folder / "bufcheck.1"
    page.write_bytes((NATIVE.parent.parent / "docs/bufcheck.1").read_bytes())
    return run(sys.executable, ROOT / "tests/golden/command_line.py", "--wine", WRAPPER, TRACEGEN,
               ROOT / "testdata/examples/chat-server.trace", page, timeout=900)


def part_reports(folder, captures):
    return run(sys.executable, ROOT / "tests/golden/reports.py", RETRYING, TRACEGEN,
               report_cases(folder), timeout=900)


def part_own(folder, captures):
    failed = 0
    tests = [(name, test) for name, test in globals().items()
             if name.startswith("test_") and fnmatch.fnmatchcase(name, os.environ.get("K", "*"))]
    for name, test in tests:
        place = folder / name
        place.mkdir()
        run(TRACEGEN, ROOT / "testdata/examples/chat-server.trace", place / "a.etl", check=True)
        try:
            test(place)
            print(f"ok {name}")
        except Exception:
            failed += 1
            print(f"FAILED {name}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return failed == 0


PARTS = {"own": part_own, "golden": part_golden, "captures": part_captures,
         "command line": part_command_line, "reports": part_reports}


# Wine's own process can die while it ends: a thread of its loads a library while exit() unloads them
# (an assertion in glibc's ld.so, status 127, once in some thousand runs). The program has ended by
# then, but its exit status is lost. The test runs it once more, keeps a line of that, and main()
# says how often it was. bufcheck.exe has no status 127.
WRAPPER_TEXT = """#!/bin/sh
exec wine {exe} "$@"
"""
RETRYING_TEXT = """#!/bin/sh
# Standard input is not read: a second run would find it empty.
kept=$(mktemp -d {folder}/run-XXXXXX) || exit 126
trap 'rm -rf "$kept"' EXIT
for try in 1 2 3; do
    wine {exe} "$@" < /dev/null > "$kept/out" 2> "$kept/err"
    status=$?
    if [ $status -ne 127 ] || ! grep -q "Inconsistency detected by ld.so" "$kept/err"; then
        break
    fi
    echo "$*" >> {folder}/wine-died
done
cat "$kept/out"
cat "$kept/err" >&2
exit $status
"""


def write_script(path, text, **words):
    path.write_text(text.format(**{key: shlex.quote(str(word)) for key, word in words.items()}))
    path.chmod(0o755)


def start_wine(folder):
    """Wine with a home of its own, and its server from the first to the last test."""
    os.environ.update(WINEPREFIX=str(folder / "wine"), WINEDEBUG="-all", LC_ALL="C.UTF-8",
                      WINEDLLOVERRIDES="mscoree,mshtml=", DISPLAY="")
    os.environ.pop("NO_COLOR", None)
    (folder / "wine").mkdir()
    # Programs of Wine's own stay, and keep what they get as standard output open.
    quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run("wineserver", "-p", check=True, **quiet)
    run("wine", EXE, "--version", check=True, timeout=300, **quiet) # makes the home


def main():
    global EXE, NATIVE, TRACEGEN, ROOT, WRAPPER, RETRYING
    EXE, NATIVE, TRACEGEN, ROOT, captures = (pathlib.Path(word).resolve() for word in sys.argv[1:6])
    if not shutil.which("wine") or not shutil.which("wineserver"):
        print("SKIPPED: bufcheck.exe is not tested, Wine is not installed")
        return SKIPPED
    bad = 0
    with tempfile.TemporaryDirectory(prefix="windows-") as name:
        folder = pathlib.Path(name)
        start_wine(folder)
        WRAPPER = folder / "bufcheck"
        RETRYING = folder / "bufcheck-retrying" # command_line.py finds the script by this name
        write_script(WRAPPER, WRAPPER_TEXT, exe=EXE)
        write_script(RETRYING, RETRYING_TEXT, exe=EXE, folder=folder)
        for part in sys.argv[6:] or PARTS:
            began = time.monotonic()
            place = folder / part.replace(" ", "-")
            place.mkdir()
            result = PARTS[part](place, captures)
            ok = result if isinstance(result, bool) else result.returncode in (0, SKIPPED)
            if not ok and not isinstance(result, bool):
                print(result.stdout.decode()[-6000:], result.stderr.decode()[-2000:])
            print(f"{'ok' if ok else 'FAILED'} {part} ({time.monotonic() - began:.0f} s)",
                  flush=True)
            bad += not ok
        if (folder / "wine-died").exists():
            died = (folder / "wine-died").read_text().splitlines()
            print(f"Wine itself died {len(died)} times and was started again: {died}")
        run("wineserver", "-k")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
