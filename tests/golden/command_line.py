#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs bufcheck as a shell would and where things go wrong: full disk, closed pipe, signals, bad
files among good ones, outputs that must not be written.

    command_line.py [--wine] BUFCHECK TRACEGEN TRACE MAN_PAGE

TRACE is a trace in the trace language with at least one finding that fails. With --wine BUFCHECK
runs a program for Windows, BUFCHECK-retrying does so and starts it again where Wine itself died
(both are scripts of tests/windows/run.py), and what only POSIX has is left out (tests/windows/run.py
tests what Windows has instead).
"""

import contextlib
import csv
import json
import os
import pathlib
import pty
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback

BUFCHECK = RETRYING = TRACEGEN = TRACE = MAN_PAGE = None
COMMANDS = ["check", "info", "events", "ops", "diff", "explain", "config", "capture-help",
            "completion"]


CLEAN = """trace processors=1
default pid=6312 tid=7044 process=0xffffa58f21c44080 endpoint=0xffffa58f21c45080
0 0.1  recv.enter buffer=0x1f4a2c44000 len=8192 kw=fastpath
0 0.2  recv.exit buffer=0x1f4a2c44000 len=100 kw=fastpath
"""
FORMULA = r"""trace processors=1
let app = 0xffffa58f21c44080
let exe = 0x7ff6a1b20000
default pid=6312 tid=7044 process=app endpoint=app+0x1000
0 0.1  process.dcstart process=app target=6312 parent=900 image="NAME" command="x"
0 0.2  image.dcstart target=6312 base=exe size=0x9c000 image="\\srv\\NAME"
0 0.3  recv.enter buffer=0x1f4a2c44000 len=8192 stack=exe+0x10,exe+0x20
0 0.4  recv.enter buffer=0x1f4a2c45000 len=4096 stack=exe+0x30 tid=7052
0 0.5  recv.exit buffer=0x1f4a2c44000 len=1
0 0.6  recv.exit buffer=0x1f4a2c45000 len=1 tid=7052
"""


def posix_only(test):
    """Marks a test of links, rights, signals, descriptors or resource limits."""
    test.posix_only = True
    return test


def bufcheck(*words, **options):
    given = set(options)
    options.setdefault("capture_output", "stdout" not in options)
    if not options["capture_output"]:
        options.setdefault("stderr", subprocess.PIPE)
    streams = {"stdin", "input", "stdout", "stderr"} & given
    program = BUFCHECK if streams else RETRYING
    return subprocess.run([program, *map(str, words)], timeout=60, **options)


def expect(result, status, stderr=b""):
    assert result.returncode == status, \
        f"exit status {result.returncode}, expected {status}: {result.stderr!r}"
    if stderr is None:
        return
    if stderr == b"":
        assert result.stderr == b"", f"on standard error: {result.stderr!r}"
    else:
        assert stderr in result.stderr, f"{stderr!r} is not in {result.stderr!r}"


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def test_help_pages_have_80_columns(folder, etl):
    commands = ["check", "info", "events", "ops", "diff", "explain", "calibrate", "cut", "config",
                "capture-help", "completion"]
    for words in [["--help"]] + [[command, "--help"] for command in commands]:
        lines = bufcheck(*words).stdout.decode().splitlines()
        assert len(lines) > 5, words
        assert not [line for line in lines if len(line) > 80], words


def test_help_and_version(folder, etl):
    result = bufcheck("--help")
    expect(result, 0)
    assert result.stdout.index(b"Examples:") < result.stdout.index(b"Commands:")
    result = bufcheck("--version")
    expect(result, 0)
    lines = result.stdout.decode().splitlines()
    assert re.fullmatch(r"bufcheck [0-9.]+", lines[0]), lines
    joined = re.sub(r"\n +", " ", "\n".join(lines[1:]))
    rows = dict(re.split(r"  +", line, 1) for line in joined.splitlines())
    assert re.fullmatch(r"[0-9a-f]{12,}(-dirty)?|not known", rows["commit"]), rows
    assert re.match(r"(gcc|clang) [0-9]", rows["compiler"]), rows
    for words in (["-f", "json"], ["info", "-f", "json"]):
        schema = json.loads(bufcheck(*words, etl).stdout)["schema"]
        assert schema in rows["schemas"].split(", "), rows
    assert rows["formats"].startswith("text, json, ") and "assertions" in rows["built with"], rows


def test_each_command_has_its_page(folder, etl):
    whole = bufcheck("--help").stdout.decode()
    for command in COMMANDS:
        page = bufcheck(command, "--help")
        expect(page, 0)
        text = page.stdout.decode()
        assert text.startswith(f"bufcheck {command}: "), text
        assert text.index("Examples:") < text.index("Options:"), text
        assert ("--fail-on" in text) == (command == "check"), text
        assert ("--wprp " in text) == (command == "capture-help"), text
        for words in ([command, "a.etl", "-h"], ["--color", "never", command, "--help"], ["help", command],
                      ["--help", command]):
            assert bufcheck(*words).stdout.decode() == text, words
    assert "feeds them" in bufcheck("check", "--help").stdout.decode()
    assert "feeds them" not in bufcheck("diff", "--help").stdout.decode()
    assert whole == bufcheck("help").stdout.decode() and whole == bufcheck("-h").stdout.decode()


def test_help_names_choices_and_defaults(folder, etl):
    joined = " ".join(bufcheck("check", "--help").stdout.decode().split())
    for words in ("exit status 1: error, warning (default), note, never --",
                  "only this rule: recv-over-recv, recv-over-send,",
                  "all rules but this one --", "honoured: auto (default), always, never "):
        assert words in joined, joined
    joined = " ".join(bufcheck("--help").stdout.decode().split())
    for words in ("check: text (default) json ", "events, ops: jsonl (default) csv text ",
                  "diff: text (default) markdown json ",
                  "info, calibrate, config: text (default) json "):
        assert words in joined, (words, joined)
    assert "--anonymous=all replaces these as well (cut) " in joined, joined
    assert "findings printed per rule; 0: all (default 100) (check) --" in joined, joined
    assert "print a profile for Windows Performance Recorder (capture-help) -" in joined, joined


def test_words_lead_to_the_right_command(folder, etl):
    assert bufcheck("rules").stdout == bufcheck("explain").stdout != b""
    assert bufcheck("rules", "shared-send").stdout == bufcheck("explain", "shared-send").stdout
    assert bufcheck("version").stdout == bufcheck("--version").stdout != b""
    expect(bufcheck("help", "inof"), 2, b"there is no command 'inof': did you mean 'info'?")
    expect(bufcheck("help", "zzzzzz"), 2, b"there is no command 'zzzzzz'; bufcheck --help lists")
    for word, meant in (("hlep", "help"), ("versoin", "version"), ("ruels", "rules"),
                        ("INFO", "info"), ("captrue-help", "capture-help")):
        expect(bufcheck(word), 2, f"'{word}': did you mean '{meant}'?".encode())


def test_man_page_holds_what_the_help_page_does(folder, etl):
    page = pathlib.Path(MAN_PAGE).read_text()
    assert "@" not in page, page
    assert "\\fIFMT\\fR[=\\fIPATH\\fR]" in page and "\\fIN\\fR\n" in page, page
    plain = re.sub(r"\\f[BIR]", "", page).replace("\\-", "-")
    for command in COMMANDS:
        text = bufcheck(command, "--help").stdout.decode()
        options = re.findall(r"^  (?:-., )?(--[a-z-]+)", text, re.M)
        assert len(options) >= 3, text
        for name in options:
            assert re.search(rf"^(-., )?{name}\b", plain, re.M), name
        for name in re.findall(r"^  ([a-z]+)  ", text.partition("Formats")[2], re.M):
            assert re.search(rf"^{name}( \(default\))?$", plain, re.M), name


def test_usage_errors_go_to_standard_error(folder, etl):
    for words in ([], ["--fromat", "json", etl], ["exlpain"], ["info"]):
        result = bufcheck(*words)
        expect(result, 2, b"bufcheck: ")
        assert result.stdout == b"", result.stdout


def explained():
    """All words that `explain` lists, a line each."""
    return re.findall(r"^  ([a-z-]+) ", bufcheck("explain").stdout.decode(), re.M)


def test_explain_lists_its_words_in_groups(folder, etl):
    page = bufcheck("explain").stdout.decode()
    groups = {group.split(":")[0]: group.splitlines()[1:] for group in page.split("\n\n")[:-1]}
    assert list(groups) == ["Rules", "Confidence", "Reasons", "Causes", "Kinds of no-posts"], page
    for name, rows in groups.items():
        assert all(re.fullmatch(r"  [a-z-]+ +\S.*", row) for row in rows), (name, rows)
    assert re.search("^  recv-over-recv +error +receive into memory of", page, re.M), page
    asked = re.search("Next: bufcheck explain (.*)\n$", page)[1]
    expect(bufcheck("explain", asked), 0)


def test_rules_causes_and_reasons_are_explained(folder, etl):
    assert {"recv-over-recv", "no-posts", "same-time"} <= set(explained()) and len(explained()) > 20
    for word in explained():
        page = bufcheck("explain", word)
        expect(page, 0)
        text = page.stdout.decode()
        assert text.startswith(f"{word}: ") and "\nWhy it matters\n" in text, text
        assert "\nHow to fix it\n" in text or "\nWhat to do\n" in text, text
    text = bufcheck("explain", "events-lost").stdout
    assert b"cause of an" in text and b"reason why" in text, text
    expect(bufcheck("explain", "evnts-lost"), 2, b"did you mean 'events-lost'?")
    unknown = bufcheck("explain", "xyz")
    expect(unknown, 2, b", ...; 'bufcheck explain' lists all")


def test_pages_fit_80_columns(folder, etl):
    rules = explained()
    for words in (["--help"], *([command, "--help"] for command in COMMANDS), ["explain"],
                  ["capture-help"], *(["explain", rule] for rule in rules)):
        result = bufcheck(*words)
        expect(result, 0)
        long = [line for line in result.stdout.decode().splitlines() if len(line) > 80]
        assert not long, long


def test_completions(folder, etl):
    """Each script is valid in its shell; bash's and fish's complete words."""
    for shell in ("bash", "zsh", "fish", "powershell"):
        result = bufcheck("completion", shell)
        expect(result, 0)
        script = folder / f"completion.{shell}"
        script.write_bytes(result.stdout)
        text = result.stdout.decode()
        assert all(word in text for word in (*COMMANDS, "fail-on", "recv-over-recv")), text
        if shell != "powershell" and shutil.which(shell):
            check = subprocess.run([shell, "-n", script], capture_output=True)
            assert check.returncode == 0 and check.stderr == b"", check.stderr
        elif shell != "bash":
            print(f"NOT CHECKED by {shell}: completion")
    expect(bufcheck("completion"), 2, b"choose from bash, zsh, fish, powershell")
    expect(bufcheck("completion", "bsh"), 2, b"did you mean 'bash'")
    wanted = {("bufcheck", "inf"): "info", ("bufcheck", "--fail-on", "e"): "error",
              ("bufcheck", "check", "--color", "=", "al"): "always",
              ("bufcheck", "explain", "recv-over-r"): "recv-over-recv",
              ("bufcheck", "ops", "--files-f"): "--files-from", ("bufcheck", "info", "a.e"): "a.etl"}
    for words, found in wanted.items():
        program = 'source completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ' \
                  '_bufcheck; echo "${COMPREPLY[@]}"'
        result = subprocess.run(["bash", "-c", program, "bash", *words], capture_output=True,
                                cwd=folder, timeout=60)
        assert result.stdout.decode().split() == [found], (words, result)


def test_guide_warns_of_powershell(folder, etl):
    assert b"the > of PowerShell writes another encoding" in bufcheck("capture-help").stdout


def test_profile_is_well_formed(folder, etl):
    import xml.etree.ElementTree as xml
    result = bufcheck("capture-help", "--wprp")
    expect(result, 0)
    root = xml.fromstring(result.stdout)
    ids = {element.get("Id") for element in root.iter() if element.get("Id")}
    used = {element.get("Value") for element in root.iter() if element.tag.endswith("Id")}
    assert used and used <= ids, used - ids
    provider = root.find(".//EventProvider")
    assert provider.get("Level") == "5" and provider.get("Stack") == "true"


def test_finding_and_exit_status(folder, etl):
    result = bufcheck(etl)
    expect(result, 1)
    assert b"\x1b" not in result.stdout, "colours on a pipe"
    result = bufcheck("--fail-on", "never", etl)
    expect(result, 0)
    result = bufcheck("--color", "always", etl)
    assert b"\x1b[" in result.stdout


def test_quiet_and_verbose(folder, etl):
    plain = bufcheck(etl).stdout.decode()
    quiet, verbose = bufcheck("-q", etl), bufcheck("-v", etl)
    expect(quiet, 1)
    expect(verbose, 1)
    text = quiet.stdout.decode()
    assert text.startswith("ERROR recv-over-recv") and "FINDINGS" not in text
    named = [line for line in text.splitlines() if line.startswith("  file ")]
    assert len(named) == 1 and "\n".join(text.splitlines()).replace(named[0] + "\n", "") in plain
    assert len(verbose.stdout.splitlines()) > len(plain.splitlines())
    clean = folder / "clean.etl"
    (folder / "clean.trace").write_text(CLEAN)
    subprocess.run([TRACEGEN, folder / "clean.trace", clean], check=True)
    result = bufcheck("-q", clean)
    expect(result, 0)
    assert result.stdout == b"", result.stdout
    assert b"CLEAN" in bufcheck(clean).stdout.upper()
    expect(bufcheck("explain", "-q"), 2, b"--quiet is for check, info, events and ops, not for explain")


def test_formats_from_one_pass(folder, etl):
    result = bufcheck("-f", "text", "-f", f"json={folder}/out.json", "-f",
                      f"jsonl={folder}/out.jsonl", etl)
    expect(result, 1)
    report = json.loads((folder / "out.json").read_text())
    assert report["exit"] == 1 and report["findings"], report
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert [lines[0]["type"], lines[-1]["type"]] == ["trace", "summary"], lines
    assert listing(folder) == ["a.etl", "out.json", "out.jsonl"], listing(folder)
    mode = stat.S_IMODE((folder / "out.json").stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    assert mode == 0o666 & ~mask, oct(mode)


def test_only_the_result_of_sarif_stands_at_the_anchor(folder, etl):
    result = bufcheck("-f", "sarif", "--sarif-anchor", "src/net.c:12", etl)
    expect(result, 1)
    found = json.loads(result.stdout)["runs"][0]["results"][0]
    steps = [step["location"] for step in found["codeFlows"][0]["threadFlows"][0]["locations"]]

    def places(locations):
        physical = [location["physicalLocation"] for location in locations]
        return {(place["artifactLocation"]["uri"], place["region"]["startLine"])
                for place in physical}
    assert places(found["locations"]) == {("src/net.c", 12)}, found["locations"]
    assert len(steps) > 2 and places(steps) == {(pathlib.Path(etl).name, 1)}, steps


@posix_only
def test_output_replaces_and_keeps_the_mode(folder, etl):
    out, link = folder / "out.json", folder / "link.json"
    out.write_text("old")
    out.chmod(0o640)
    link.symlink_to(out)
    expect(bufcheck("-f", f"json={link}", etl), 1)
    assert link.is_symlink() and json.loads(out.read_text())["exit"] == 1
    assert stat.S_IMODE(out.stat().st_mode) == 0o640


def test_worst_of_several_wins_and_none_stops_the_others(folder, etl):
    bad = folder / "bad.etl"
    bad.write_bytes(b"no trace at all")
    result = bufcheck("-f", "json", bad, folder / "missing.etl", etl)
    expect(result, 2, b"bad.etl")
    assert b"missing.etl" in result.stderr
    report = json.loads(result.stdout)
    assert [item["verdict"] for item in report["inputs"]] == ["error", "error", "findings"]
    assert report["exit"] == 2 and report["findings"][0]["input"] == 2
    result = bufcheck("info", "-f", "json", bad, etl)
    expect(result, 2, b"bad.etl")
    assert [item["trace"] is None for item in json.loads(result.stdout)["inputs"]] == [True, False]
    for command in ("ops", "events"):
        result = bufcheck(command, bad, etl)
        expect(result, 2, b"bad.etl")
        assert result.stdout, "nothing of the good file"


def test_message_about_an_input_appears_once(folder, etl):
    """A report that leaves standard error behind holds the messages, too."""
    empty, words = folder / "empty.etl", b"not a trace file: it is empty"
    empty.write_bytes(b"")
    for options in ([], ["-q"], ["-v"], ["-j", "1"]):
        apart = bufcheck(*options, empty, etl)
        expect(apart, 2, words)
        for stream in (apart.stdout, apart.stderr):
            assert b" ".join(stream.split()).count(words) == 1, apart
        assert b"Standard error" not in apart.stdout, apart
    expect(bufcheck("-f", f"text={folder}/report.txt", empty), 2, words)
    assert words in b" ".join((folder / "report.txt").read_bytes().split())


@posix_only  # Windows does not tell whether two descriptors are one pipe
def test_message_appears_once_where_both_streams_are_one(folder, etl):
    empty, words = folder / "empty.etl", b"not a trace file: it is empty"
    empty.write_bytes(b"")
    for options in ([], ["-q"], ["-v"], ["-j", "1"]):
        together = subprocess.run([BUFCHECK, *options, empty, etl], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=60)
        assert together.returncode == 2, together
        assert b" ".join(together.stdout.split()).count(words) == 1, together
        assert b"Standard error says why" in together.stdout, together


def test_annotation_names_a_failed_input_once(folder, etl):
    empty = folder / "empty.etl"
    empty.write_bytes(b"")
    result = bufcheck("-f", "github", empty)
    expect(result, 2, b"not a trace file")
    annotation = result.stdout.splitlines()[0]
    assert annotation.startswith(b"::error title=bufcheck could not analyse a trace"), annotation
    message = annotation.rpartition(b"::")[2]
    assert message.startswith(bytes(empty) + b": not a trace file"), annotation
    assert message.count(bytes(empty)) == 1, annotation


def test_advice_fits_a_cut_file(folder, etl):
    cut = folder / "cut.etl"
    cut.write_bytes(etl.read_bytes()[:-3000])
    result = bufcheck(cut)
    said = b" ".join(result.stdout.split())
    assert b"copy it again, as a whole" in said, said
    assert b"larger trace buffers" not in said and b"stop the recording" not in said, said


def test_advice_fits_appended_sessions(folder, etl):
    trace, appended = folder / "appended.trace", folder / "appended.etl"
    trace.write_text("trace mode=0x5\n0 1 recv.post buffer=0x5000 len=8\nsession\n"
                     "0 9 recv.post buffer=0x6000 len=8\n0 9.1 recv.done buffer=0x6000 len=8\n")
    subprocess.run([TRACEGEN, trace, appended], check=True)
    said = b" ".join(bufcheck(appended).stdout.split())
    assert b"2 sessions were appended" in said and b"a file of its own" in said, said


def test_endless_standard_input_is_refused(folder, etl):
    with open("/dev/zero", "rb") as zeros:
        reading, writing = os.pipe()
        feeder = subprocess.Popen(["cat"], stdin=zeros, stdout=writing, stderr=subprocess.DEVNULL)
        os.close(writing)
        expect(bufcheck("-f", "json", "-", stdin=reading), 2, b"zeros")
        os.close(reading)
        feeder.wait(timeout=10)


@posix_only
def test_pipe_is_copied_to_tmpdir(folder, etl):
    words = dict(input=etl.read_bytes())
    expect(bufcheck("-q", "-", **words, env={"TMPDIR": str(folder)}), 1)
    nowhere = {"PATH": os.environ["PATH"], "TMPDIR": "/nonexistent"}
    expect(bufcheck("-q", "-", **words, env=nowhere), 1) # a small pipe fits into memory
    script = 'cat "$2"; head -c 269000000 /dev/zero'
    feeder = subprocess.Popen(["sh", "-c", script, "sh", BUFCHECK, etl], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    expect(bufcheck("-f", "json", "-", stdin=feeder.stdout, env=nowhere), 2,
           b"more than 268435456 bytes")
    feeder.stdout.close()
    feeder.wait(timeout=10)


@posix_only
def test_many_files_need_few_descriptors(folder, etl):
    names = []
    for number in range(500):
        names.append(folder / f"{number}.etl")
        names[-1].symlink_to(etl)
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    result = bufcheck("-f", "json", *names, preexec_fn=limit)
    expect(result, 1)
    report = json.loads(result.stdout)
    assert {item["verdict"] for item in report["inputs"]} == {"findings"}
    assert len(report["inputs"]) == 500 and len(report["findings"]) == 500


def test_standard_input(folder, etl):
    with open(etl, "rb") as file:
        expect(bufcheck("-", stdin=file), 1)
    result = bufcheck("-", input=etl.read_bytes())
    expect(result, 1)


@posix_only
def test_full_disk(folder, etl):
    for words in ([etl], ["info", etl], ["ops", etl], ["events", etl], ["explain"], ["--help"],
                  ["capture-help"], ["completion", "zsh"]):
        with open("/dev/full", "wb") as full:
            result = bufcheck(*words, stdout=full)
        expect(result, 2, b"standard output: can't write: No space left on device")
    result = bufcheck("-f", "json=/dev/full", etl)
    expect(result, 2, b"/dev/full: can't write: No space left on device")


@posix_only
def test_file_that_may_not_grow(folder, etl):
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    result = bufcheck("-f", f"json={folder}/out.json", etl, preexec_fn=limit)
    expect(result, 2, b"out.json: can't write: File too large")
    assert listing(folder) == ["a.etl"], listing(folder)


def test_output_that_cannot_be_created(folder, etl):
    result = bufcheck("-f", f"json={folder}/missing/out.json", etl)
    expect(result, 2, b"missing/out.json: can't ")
    assert result.stdout == b""


@posix_only
def test_input_is_never_overwritten(folder, etl):
    before = etl.read_bytes()
    other_name = folder / "link.etl"
    other_name.symlink_to(etl)
    for path in (etl, other_name):
        result = bufcheck("-f", f"json={path}", etl)
        expect(result, 2, b"is an input")
    with open(etl, "rb") as file:
        expect(bufcheck("-f", f"json={etl}", "-", stdin=file), 2, b"is an input")
    with open(etl, "rb") as file, open(etl, "ab") as end:
        expect(bufcheck("-", stdin=file, stdout=end), 2, b"standard output: is an input")
    with open(etl, "ab") as end:
        for words in ([etl], ["info", etl], ["ops", etl], ["-f", "json=/dev/stdout", etl]):
            expect(bufcheck(*words, stdout=end), 2, b"is an input")
    assert etl.read_bytes() == before


@posix_only
def test_streams_are_written_through(folder, etl):
    out = folder / "out"
    for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
        script = f'echo before; "$@"; echo after'
        words = ["sh", "-c", script, "sh", BUFCHECK, "-f", f"csv={name}", etl]
        with open(out, "wb") as file:
            subprocess.run(words, stdout=file, timeout=60, check=True)
        lines = out.read_text().splitlines()
        assert lines[0] == "before" and lines[1].startswith("input,path") and \
            lines[-1] == "after" and len(lines) == 4, lines
    with open(out, "wb") as file:
        result = bufcheck("-f", "json", "-f", "csv=/dev/stderr", etl, stderr=file,
                          stdout=subprocess.PIPE)
    assert result.returncode == 1 and json.loads(result.stdout)["exit"] == 1
    assert out.read_text().startswith("input,path")
    with open(out, "wb") as file:
        result = bufcheck("-f", "json", "-f", f"csv=/dev/fd/{file.fileno()}", etl,
                          pass_fds=[file.fileno()])
        file.write(b"after")
    expect(result, 1)
    assert out.read_text().startswith("input,path") and out.read_text().endswith("after")
    assert listing(folder) == ["a.etl", "out"], listing(folder)


@posix_only
def test_named_pipe_and_devices_are_written_through(folder, etl):
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    expect(bufcheck("-f", f"json={pipe}", etl), 1)
    assert json.loads(reader.communicate(timeout=30)[0])["exit"] == 1
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    expect(bufcheck("-f", "json=/dev/null", "-f", "csv=/dev/null", etl), 1)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@posix_only
def test_two_reports_to_one_place_are_refused(folder, etl):
    os.chdir(folder)
    pathlib.Path("link").symlink_to("x")
    pathlib.Path("loop").symlink_to("loop")
    for first, second in (("x", "./x"), ("x", "link"), ("x", f"{folder}/x")):
        expect(bufcheck("-f", f"json={first}", "-f", f"sarif={second}", etl), 2,
               f"two formats for one file, json and sarif: '{second}' is '{first}'\n".encode())
        assert listing(folder) == ["a.etl", "link", "loop"], listing(folder)
    expect(bufcheck("-f", "json=x", "-f", "sarif=x", etl), 2,
           b"two formats for one file, json and sarif: 'x'\n")
    pathlib.Path("x").write_text("old")
    os.link("x", "hard")
    for second in ("./x", "link", "hard"):
        expect(bufcheck("-f", "json=x", "-f", f"sarif={second}", etl), 2, b"two formats for one")
    expect(bufcheck("-f", "text", "-f", "json=/dev/stdout", etl), 2, b"two formats for one")
    with open("x", "ab") as file:
        expect(bufcheck("-f", "text", "-f", "json=x", etl, stdout=file), 2, b"two formats for one")
        expect(bufcheck("-f", "text", "-f", "json=/dev/stderr", etl, stdout=file,
                        stderr=subprocess.STDOUT), 2, None)
    assert pathlib.Path("x").read_text().startswith("oldbufcheck: two formats for one file")
    expect(bufcheck("-f", "json=loop", etl), 2, b"loop: can't be written: Too many levels")


@posix_only
def test_dangling_link_is_followed(folder, etl):
    (folder / "sub").mkdir()
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("sub/out.json")
    expect(bufcheck("-f", f"json={folder}/one", etl), 1)
    assert (folder / "one").is_symlink() and (folder / "two").is_symlink()
    assert json.loads((folder / "sub/out.json").read_text())["exit"] == 1
    assert listing(folder / "sub") == ["out.json"], listing(folder / "sub")


@posix_only
def test_set_id_bits_are_dropped(folder, etl):
    out = folder / "out.json"
    out.write_text("old")
    out.chmod(0o6755)
    expect(bufcheck("-f", f"json={out}", etl), 1)
    assert stat.S_IMODE(out.stat().st_mode) == 0o755, oct(out.stat().st_mode)


def test_long_name(folder, etl):
    out = folder / ("x" * 250)
    expect(bufcheck("-f", f"json={out}", etl), 1)
    assert json.loads(out.read_text())["exit"] == 1


@contextlib.contextmanager
def in_a_folder_without_rights(folder, *words, **options):
    """bufcheck runs in a folder that it can't write: as somebody else where this is root."""
    program = folder.parent / f"{folder.name}-bufcheck"
    program.write_bytes(pathlib.Path(BUFCHECK).read_bytes())
    program.chmod(0o755)
    folder.chmod(0o555)
    if os.geteuid() == 0:
        options.update(user=65534, group=65534, extra_groups=[])
    try:
        with subprocess.Popen([program, *map(str, words)], **options) as process:
            yield process
    finally:
        folder.chmod(0o755)
        program.unlink()


def without_rights(folder, *words, **options):
    with in_a_folder_without_rights(folder, *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                    **options) as process:
        output, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@posix_only
def test_file_in_a_folder_that_cannot_be_written(folder, etl):
    out = folder / "out.json"
    out.write_text("old" * 100000)
    out.chmod(0o666)
    expect(without_rights(folder, "-f", f"json={out}", etl), 1)
    assert json.loads(out.read_text())["exit"] == 1
    expect(without_rights(folder, "-f", f"json={folder}/new.json", etl), 2,
           b"new.json: can't create a file beside it: Permission denied")
    out.write_text("old" * 100000)
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    result = without_rights(folder, "-f", f"json={out}", etl, preexec_fn=limit)
    expect(result, 2, b"out.json: is cut short: it was written in place")
    assert out.read_text().startswith("{") and len(out.read_text()) == 1000
    out.write_text("old")
    expect(without_rights(folder, "-f", f"json={out}", "-f", f"csv={folder}/new.csv", etl), 2,
           b"new.csv: can't ")
    assert out.read_text() == "old", "nothing was written, so nothing may be gone"
    assert listing(folder) == ["a.etl", "out.json"], listing(folder)


@posix_only
def test_file_that_is_a_mount_point(folder, etl):
    out, other = folder / "out.json", folder / "other"
    out.write_text("")
    other.write_text("old" * 100000)
    if subprocess.run(["mount", "--bind", other, out], capture_output=True).returncode != 0:
        print("NOT CHECKED with a mount point: mounting needs rights")
        return
    try:
        expect(bufcheck("-f", f"json={out}", etl), 1)
        assert json.loads(other.read_text())["exit"] == 1
    finally:
        subprocess.run(["umount", out], check=True)
    assert listing(folder) == ["a.etl", "other", "out.json"], listing(folder)


def test_a_file_is_no_two_parts_of_a_timeline(folder, etl):
    link = folder / "link.etl"
    link.symlink_to(etl)
    for other in (etl, link):
        for command in ("check", "ops", "events"):
            result = bufcheck(command, "--one-timeline", etl, other)
            expect(result, 2, f"'{etl}' and '{other}' are one file".encode())
            assert result.stdout == b"", result.stdout


def test_closed_pipe(folder, etl):
    """A reader that leaves, as head does, is no trouble to tell; a lost report is no success."""
    for words in ([etl], ["events", etl], ["info", etl], ["--help"], ["explain"]):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe:
            result = bufcheck(*words, stdout=pipe)
        expect(result, 2)


def test_closed_pipe_beside_a_file(folder, etl):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        result = bufcheck("-f", "text", "-f", f"json={folder}/out.json", etl, stdout=pipe)
    expect(result, 2)
    assert json.loads((folder / "out.json").read_text())["exit"] == 1


@posix_only
def test_closed_pipe_with_a_name(folder, etl):
    """Whoever names a pipe waits for what is written to it."""
    os.mkfifo(folder / "pipe")
    process = subprocess.Popen([BUFCHECK, "-f", f"json={folder}/pipe", "-"],
                               stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    open(folder / "pipe", "rb").close()
    errors = process.communicate(etl.read_bytes(), timeout=60)[1]
    assert process.returncode == 2 and b"/pipe: can't write: Broken pipe" in errors, errors


@posix_only
def test_closed_standard_output(folder, etl):
    before = etl.read_bytes()
    result = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", BUFCHECK, etl], timeout=60,
                            stderr=subprocess.PIPE)
    assert result.returncode == 2 and b"standard output: can't write" in result.stderr, result
    assert etl.read_bytes() == before


def no_core():
    """SIGQUIT writes none then."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@posix_only
def test_signal_leaves_no_part(folder, etl):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        process = subprocess.Popen([BUFCHECK, "-f", f"json={folder}/out.json", "-"],
                                   stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                                   preexec_fn=no_core)
        for _ in range(500):
            if len(listing(folder)) == 2: # the part is there: it waits for its input
                break
            time.sleep(0.02)
        assert len(listing(folder)) == 2, listing(folder)
        process.send_signal(number)
        process.communicate(timeout=30)
        assert process.returncode == -number, process.returncode
        assert listing(folder) == ["a.etl"], listing(folder)


@posix_only
def test_signal_cuts_a_file_that_is_written_in_place(folder, etl):
    """The file ends where the new text does; a file to which nothing was written stays as it was."""
    out, old = folder / "out.csv", "old" * 1000000
    for lines in (0, 40000):
        begun = folder / f"{lines}.etl"
        text = "trace processors=1\n" + "".join(f"0 0.{i:06} create.enter\n" for i in range(lines))
        (folder / "t").write_text(text)
        subprocess.run([TRACEGEN, folder / "t", begun], check=True)
        out.write_text(old)
        out.chmod(0o666)
        with in_a_folder_without_rights(folder, "events", "-f", f"csv={out}", begun, "-",
                                        stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            for _ in range(500):
                if out.read_text()[:3] != "old":
                    break
                time.sleep(0.02 if lines else 0.001)
            process.send_signal(signal.SIGTERM)
            errors = process.communicate(timeout=30)[1]
        assert process.returncode == -signal.SIGTERM, (process.returncode, errors)
        told = b"bufcheck: a report that is written in place was cut short" in errors
        assert told == (lines > 0), errors
        text = out.read_text()
        assert "old" not in text and len(text) > 60000 if lines else text == old, text[-100:]


def at_a_terminal(*words, both=False):
    """Runs bufcheck with a terminal as standard error, and as standard output too with `both`: exit
    status, text at the terminal, standard output."""
    master, slave = pty.openpty()
    process = subprocess.Popen([BUFCHECK, *map(str, words)], stderr=slave,
                               stdout=slave if both else subprocess.PIPE)
    os.close(slave)
    text, output = b"", b"" if both else process.stdout.read()
    try:
        while part := os.read(master, 65536):
            text += part
    except OSError: # the other end is closed
        pass
    process.communicate(timeout=60)
    os.close(master)
    return process.returncode, text, output


@posix_only
def test_progress_only_to_a_terminal(folder, etl):
    expect(bufcheck("--progress", "always", etl), 1)
    size = etl.stat().st_size
    files = [folder / f"{number}.etl" for number in range(3)]
    for file in files:
        file.symlink_to(etl)
    for jobs in (1, 2):
        status, text, output = at_a_terminal("--progress", "always", "-j", jobs, "-f", "json",
                                             *files)
        assert status == 1 and json.loads(output)["exit"] == 1
        shown = re.search(rb"\r([ 0-9]{3}) %  ([0-3]) of 3 files  ([0-9.]+) of ([0-9.]+) KB  ", text)
        assert shown and shown[4] == b"%d.%d" % (3 * size // 1000, 3 * size // 100 % 10), text
        assert text.endswith(b"\r\x1b[K"), text
    for command in ("info", "events", "ops"):
        status, text, _ = at_a_terminal(command, "--progress", "always", etl)
        assert status == 0 and b"%  " in text and b"a.etl" in text and b"files" not in text, text
        status, text, _ = at_a_terminal(command, "--progress", "always", etl, both=True)
        assert status == 0 and re.search(rb"\r[ 0-9]{3} %  .* KB  a\.etl", text), (command, text)
    status, text, _ = at_a_terminal("--progress", "always", "--one-timeline", etl, files[0])
    assert status == 2 and b"are one file" in text and b"%" not in text, text
    for words in (["-q", etl], ["--progress", "never", etl]):
        assert at_a_terminal(*words)[1] == b""


def test_each_command_writes_files(folder, etl):
    """A file holds the bytes that standard output would have had."""
    report = folder / "report.json"
    report.write_bytes(bufcheck("-f", "json", etl).stdout)
    for words, files in ((["check", "-f", "json"], [etl]), (["info", "-f", "json"], [etl]),
                         (["info", "-f", "text"], [etl]), (["events", "-f", "csv"], [etl]),
                         (["events", "-f", "jsonl"], [etl]), (["ops", "-f", "csv"], [etl]),
                         (["ops", "-f", "jsonl"], [etl]), (["ops", "-f", "text"], [etl]),
                         (["ops", "-f", "csv", "--fields", "op,pid"], [etl]),
                         (["events", "-f", "text", "--beliefs"], []),
                         (["events", "-f", "jsonl", "--beliefs"], []),
                         (["config", "-f", "json"], []), (["config", "-f", "text"], []),
                         (["diff", "-f", "json"], [report, report]),
                         (["diff", "-f", "markdown"], [report, report])):
        file = folder / f"{words[0]}.{words[2]}"
        written = bufcheck(*words[:2], f"{words[2]}={file}", *words[3:], *files)
        printed = bufcheck(*words, *files)
        assert printed.stdout and written.stdout == b"", (words, written)
        assert written.returncode == printed.returncode, (words, written)
        text = file.read_bytes()
        if words[0] == "config":  # tells the formats that are asked for
            assert text.count(b"\n") == printed.stdout.count(b"\n"), words
        else:
            assert text == printed.stdout, words
        file.unlink()


def test_csv_cells_are_no_formulas(folder, etl):
    for first in "=+@-":
        trace = folder / "formula.trace"
        trace.write_text(FORMULA.replace("NAME", f"{first}cmd|x.exe"))
        subprocess.run([TRACEGEN, trace, folder / "formula.etl"], check=True)
        for words in (["-f", "csv"], ["ops", "-f", "csv"], ["events", "-f", "csv"]):
            result = bufcheck(*words, folder / "formula.etl")
            assert result.returncode in (0, 1), result
            rows = list(csv.reader(result.stdout.decode().splitlines()))
            assert len(rows) > 1, rows
            cells = [cell for row in rows for cell in row]
            assert any("cmd" in cell for cell in cells) or words[0] == "events", cells
            bad = [cell for cell in cells if cell[:1] in "=+@-" and cell[1:].strip("0123456789.")]
            assert not bad, bad


def test_names_with_control_characters_are_escaped(folder, etl):
    result = bufcheck(folder / "a\x1b[31m\n.etl")
    expect(result, 2, b"bufcheck: ")
    assert b"\x1b" not in result.stderr and result.stderr.count(b"\n") == 1, result.stderr


def test_slip_in_a_folder_of_symbols_is_told(folder, etl):
    (folder / "no-folder").write_text("")
    result = bufcheck("--symbols", folder / "missing", "--symbols", folder / "no-folder",
                      "--symbols", folder, etl)
    expect(result, 1, b"missing: no symbols are taken from it: ")
    assert b"no-folder: no symbols are taken from it: it is no folder" in result.stderr, result
    assert result.stderr.count(b"--symbols") == 2, result


def test_same_bytes_on_every_run(folder, etl):
    for form in ("text", "json", "jsonl"):
        outputs = {bufcheck("-f", form, etl).stdout for _ in range(3)}
        assert len(outputs) == 1 and outputs != {b""}, form


def main():
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT): # a job in the background may ignore them
        signal.signal(number, signal.SIG_DFL)
    global BUFCHECK, RETRYING, TRACEGEN, TRACE, MAN_PAGE
    words = [word for word in sys.argv[1:] if word != "--wine"]
    BUFCHECK, TRACEGEN, TRACE, MAN_PAGE = (os.path.abspath(path) for path in words[:4])
    RETRYING = BUFCHECK + "-retrying" if "--wine" in sys.argv else BUFCHECK
    os.environ.pop("NO_COLOR", None)
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_") and
             not ("--wine" in sys.argv and hasattr(test, "posix_only"))]
    failed = 0
    for name, test in tests:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            etl = folder / "a.etl"
            subprocess.run([TRACEGEN, TRACE, etl], check=True)
            try:
                test(folder, etl)
                print(f"ok {name}")
            except Exception:
                failed += 1
                print(f"FAILED {name}")
                traceback.print_exc(file=sys.stdout)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
