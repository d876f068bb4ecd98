#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Settings from files: where they are found, what they may say, and who wins.

    config.py BUFCHECK TRACEGEN
"""

import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import each_test  # noqa: E402
import known_traces as made  # noqa: E402
from reports import VALIDATORS  # noqa: E402

BUFCHECK = TRACEGEN = None


def bufcheck(*words, cwd, **more):
    return subprocess.run([BUFCHECK, *map(str, words)], capture_output=True, text=True, timeout=120,
                          cwd=cwd, **more)


def write(folder, text, name=".bufcheck.ini"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def in_force(folder, *words):
    result = bufcheck("config", "-f", "json", *words, cwd=folder)
    assert result.returncode == 0, result
    value = json.loads(result.stdout)
    problems = list(VALIDATORS.problems("config-1", value)) if VALIDATORS.of else []
    assert not problems, problems
    return value


def settings(value, source):
    return [(item["name"], item["value"]) for item in value["settings"]
            if item["source"] == source and item["name"] != "format"]


def test_found_upward(folder):
    """The nearest file counts, and nothing beyond the root of a repository."""
    write(folder, "fail-on = never\n")
    write(folder / "repo/deep/er", "fail-on = note\n")
    (folder / "repo/.git").mkdir()
    for place, found, status in (("", True, 0), ("plain", True, 0), ("repo", False, 1),
                                 ("repo/deep", False, 1), ("repo/deep/er", True, 1)):
        (folder / place).mkdir(parents=True, exist_ok=True)
        value = in_force(folder / place)
        assert value["found"] == found, place
        assert bufcheck(folder / "one.etl", cwd=folder / place).returncode == status, place
    write(folder / "repo", "fail-on = never\n")
    assert bufcheck(folder / "one.etl", cwd=folder / "repo/deep").returncode == 0
    (folder / "repo/.git").rmdir()
    (folder / "repo/.git").write_text("gitdir: elsewhere\n")
    (folder / "repo/.bufcheck.ini").unlink()
    assert not in_force(folder / "repo/deep")["found"], "a work tree's .git is a file"
    (folder / "repo/.git").unlink()
    assert in_force(folder / "repo/deep")["found"], "no repository"
    for name in (".hg", ".svn"):
        (folder / "repo" / name).write_text("")
        assert in_force(folder / "repo/deep")["found"], f"{name} is no file"
        (folder / "repo" / name).unlink()
        (folder / "repo" / name).mkdir()
        assert not in_force(folder / "repo/deep")["found"], name
        (folder / "repo" / name).rmdir()
    (folder / ".bufcheck.ini").unlink()
    (folder / ".bufcheck.ini").mkdir()
    assert not in_force(folder / "plain")["found"], "a folder is no file of settings"


def test_paths_of_each_form(folder):
    """A path is put behind the file's folder unless it begins at a root, a drive, or is none."""
    for value, wanted in (("x/y", f"{folder}/x/y"), ("./x", f"{folder}/./x"), ("..", f"{folder}/.."),
                          ("/x/y", "/x/y"), ("\\\\x\\y", "\\\\x\\y"), ("C:\\x", "C:\\x"),
                          ("c:x", "c:x"), ("ab:x", f"{folder}/ab:x"), ("-", "-"),
                          ("--", f"{folder}/--"), ("-x", f"{folder}/-x")):
        write(folder, f"files-from = {value}\n")
        (folder / "a").mkdir(exist_ok=True)
        for place in (folder, folder / "a"):
            assert settings(in_force(place), "file") == [("files-from", wanted)], value


def test_filters_of_the_file_are_named(folder):
    """A person who typed no filter learns where it stands; of the command line's nothing is said."""
    trace, small = folder / "one.etl", folder / "small.etl"
    said = "--pid is set in .bufcheck.ini"
    write(folder, "pid = 99\n")
    for name in ("text", "markdown", "html", "github", "json", "sarif", "junit", "gitlab"):
        assert said in bufcheck("-f", name, trace, cwd=folder).stdout, name
    for command, what in (("ops", "operation"), ("events", "event")):
        for words in ([], ["-f", "csv", "--fields", "pid"], ["-f", "text"]):
            result = bufcheck(command, *words, trace, cwd=folder)
            assert f"one.etl: no {what} is shown; {said}" in result.stderr, (command, words, result)
        assert said not in bufcheck(command, "--pid", "98", trace, cwd=folder).stderr
    result = bufcheck("cut", trace, "-o", small, cwd=folder)
    assert f"the filters leave out every finding ({said}), so nothing was written" in result.stderr
    assert said not in bufcheck("--pid", "98", trace, cwd=folder).stdout
    write(folder, "max-findings = 7\nfail-on = note\n")
    assert "set in" not in bufcheck("--pid", "98", trace, cwd=folder).stdout
    write(folder, "module = x*\nno-rule = shared-send\nmodule = y*\nsince = 1\n", "other.ini")
    text = " ".join(bufcheck("--config", "other.ini", trace, cwd=folder).stdout.split())
    assert "--no-rule, --module and --since are set in other.ini." in text, text
    result = bufcheck("info", "--config", "other.ini", trace, cwd=folder)
    assert "other.ini" not in result.stdout + result.stderr, result
    shown = bufcheck("ops", "--config", "other.ini", "--since", "0", trace, cwd=folder)
    assert shown.stderr == "" and shown.stdout.count('"operation"') > 1, shown


def test_command_line_wins(folder):
    write(folder, "# settings of the team\nfail-on = never\nmax-findings = 7\n"
                  "no-rule = recv-over-recv\nno-rule = shared-send\nseverity = send-over-send=note\n")
    trace = folder / "one.etl"
    result = bufcheck("-f", "json", trace, cwd=folder)
    assert result.returncode == 0 and json.loads(result.stdout)["findings"] == []
    result = bufcheck("-f", "json", "--fail-on", "error", "--no-rule", "shared-send", trace, cwd=folder)
    assert result.returncode == 1 and len(json.loads(result.stdout)["findings"]) == 1, result
    assert bufcheck("--no-config", trace, cwd=folder).returncode == 1
    value = in_force(folder, "--fail-on", "error")
    assert settings(value, "command-line") == [("fail-on", "error")]
    assert settings(value, "file") == [
        ("max-findings", "7"), ("no-rule", "recv-over-recv"), ("no-rule", "shared-send"),
        ("severity", "send-over-send=note")], value
    place = next(item for item in value["settings"] if item["name"] == "severity")
    assert (place["line"], place["column"]) == (6, 1)
    assert value["file"] == str(folder / ".bufcheck.ini")
    text = bufcheck("config", "-q", cwd=folder).stdout
    assert "(found)" in text and ".bufcheck.ini:3\n" in text and "command line\n" in text, text
    assert "default\n" in text


def test_defaults(folder):
    """Without a file all that has a value is shown, and what an option gives replaces it."""
    value = in_force(folder)
    shown = dict(settings(value, "default"))
    processors = shown.pop("jobs")
    assert processors.isdigit() and processors != "0", processors
    assert shown == {
        "max-findings": "100", "max-bytes": "1000000", "gen-suppressions": "no",
        "symbol-time": "30", "fail-on": "warning", "min-visible": "0", "one-timeline": "no",
        "max-memory": "4G", "progress": "auto", "color": "auto", "quiet": "no", "verbose": "no",
    }, shown
    text = bufcheck("config", cwd=folder).stdout
    for name, preset in {**shown, "jobs": processors}.items():
        assert f"{name} = {preset} " in text, (name, text)
    write(folder, "jobs = 3\nmin-visible = 20\n")
    value = in_force(folder, "-v")
    assert settings(value, "file") == [("min-visible", "20"), ("jobs", "3")], value
    assert settings(value, "command-line") == [("verbose", "yes")], value
    assert len(settings(value, "default")) == len(shown) - 2, value


def test_named(folder):
    """--config may set what a file that was found may not."""
    write(folder, "fail-on = never\n")
    write(folder / "ci", f"format = json={folder}/out.json\nverbose = yes\nquiet = no\n", "team.ini")
    result = bufcheck("--config", "ci/team.ini", "one.etl", cwd=folder)
    assert result.returncode == 1 and result.stdout == "", result
    assert json.loads((folder / "out.json").read_text())["exit"] == 1
    assert not in_force(folder, "--config", "ci/team.ini")["found"]
    result = bufcheck("--config", "ci/team.ini", "--no-config", "one.etl", cwd=folder)
    assert result.returncode == 2 and "exclude" in result.stderr
    assert bufcheck("--config", "none.ini", "one.etl", cwd=folder).returncode == 2


def test_paths_are_the_files(folder):
    """Paths in a file are relative to its folder."""
    write(folder, "suppressions = ci/known.txt\nbaseline = ci/base.json\n")
    write(folder / "ci", "rule = *\nreason = all of them\n", "known.txt")
    bufcheck("--no-config", "-f", "json=ci/base.json", "one.etl", cwd=folder)
    (folder / "a/b").mkdir(parents=True)
    result = bufcheck("-f", "json", "../../one.etl", cwd=folder / "a/b")
    assert result.returncode == 0, result
    finding = json.loads(result.stdout)["findings"][0]
    assert (finding["suppressed"], finding["baseline"]) == ("all of them", "unchanged")


def test_other_commands(folder):
    """A line counts for the commands that know its option."""
    write(folder, "format = sarif\nfail-on = never\none-timeline = no\nallow-inconclusive =\n")
    assert json.loads(bufcheck("one.etl", cwd=folder).stdout)["version"] == "2.1.0"
    for command in ("info", "ops", "events"):
        assert bufcheck(command, "one.etl", cwd=folder).returncode == 0, command
    write(folder, "rubbish\n")
    for words in (["explain"], ["capture-help"], ["--help"], ["--version"], ["check", "--help"]):
        assert bufcheck(*words, cwd=folder).returncode == 0, words


def test_formats_of_a_command(folder):
    """A format counts for the commands that have it; check refuses what no command has."""
    trace = folder / "one.etl"
    begins = {command: {name: bufcheck(command, "-f", name, trace, cwd=folder).stdout
                        for name in names}
              for command, names in (("info", ("text", "json")), ("ops", ("text", "csv", "jsonl")))}
    for name, of_info, of_ops, status in (
            ("json", "json", "jsonl", 1), ("csv", "text", "csv", 1), ("text", "text", "text", 1),
            ("jsonl", "text", "jsonl", 1), ("sarif", "text", "jsonl", 1),
            ("jso", "text", "jsonl", 2), ("jsonx", "text", "jsonl", 2)):
        write(folder, f"format = {name}\n")
        assert bufcheck("info", trace, cwd=folder).stdout == begins["info"][of_info], name
        assert bufcheck("ops", trace, cwd=folder).stdout == begins["ops"][of_ops], name
        assert bufcheck(trace, cwd=folder).returncode == status, name
    write(folder, f"format = json={folder}/a.json\nformat = csv={folder}/a.csv\n", "two.ini")
    assert bufcheck("--config", "two.ini", trace, cwd=folder).returncode == 1
    assert (folder / "a.json").exists() and (folder / "a.csv").exists()


def test_switches(folder):
    """An option without a value is on or off."""
    loud, quiet = (bufcheck("--no-config", *words, "one.etl", cwd=folder).stdout
                   for words in ([], ["-q"]))
    assert loud != quiet
    for word, wanted in (("yes", quiet), ("true", quiet), ("on", quiet), ("1", quiet),
                         ("no", loud), ("false", loud), ("off", loud), ("0", loud)):
        write(folder, f"quiet = {word}\n")
        assert bufcheck("one.etl", cwd=folder).stdout == wanted, word
    for word in ("", "Yes", "2", "yesno", "n"):
        write(folder, f"quiet = {word}\n")
        result = bufcheck("one.etl", cwd=folder)
        assert result.returncode == 2 and f"quiet '{word}': yes or no" in result.stderr, (word, result)


def test_refused_when_found(folder):
    """A file that was found neither runs programs nor writes files; one that is named may."""
    for line, name in (("symbolizer = x", "symbolizer"), ("output = x", "output"),
                       ("force = yes", "force")):
        write(folder, f"{line}\n")
        result = bufcheck(folder / "one.etl", cwd=folder)
        assert result.returncode == 2, (line, result)
        assert f"a file that was found can't set {name}; --config can name it" in result.stderr, result
        assert bufcheck("config", "--config", ".bufcheck.ini", cwd=folder).returncode == 0, line


def test_errors(folder):
    """Each error names file, line and column."""
    for text, *parts in (
            ("fail-onn = error\n", "line 1, column 1", "did you mean 'fail-on'"),
            ("\n  rubbish = x\n", "line 2, column 3", "no option 'rubbish'"),
            ("fail-on\n", "line 1, column 8", "= is expected"),
            ("fail-on = eror\n", "line 1, column 11", "did you mean 'error'"),
            ("fail-on = error\nfail-on = note\n", "line 2, column 1", "twice"),
            ("quiet = maybe\n", "line 1, column 9", "yes or no"),
            ("pid = x\n", "line 1, column 7", "a number"),
            ("config = x\n", "line 1, column 1", "command line alone"),
            ("help = yes\n", "line 1, column 1", "command line alone"),
            ("no-config = yes\n", "line 1, column 1", "command line alone"),
            ("format = json=x.json\n", "line 1, column 1", "where a report is written"),
            ("[check]\n", "line 1, column 1", "a name is expected"),
            ("fail-on = \x01\n", "line 1, column 11", "no text has"),
            ("x = " + "y" * 5000, "line 1, column 4097", "4096 bytes")):
        write(folder, text)
        for command in ("check", "config"):
            words = [command] + (["one.etl"] if command == "check" else [])
            result = bufcheck(*words, cwd=folder)
            assert result.returncode == 2 and result.stdout == "", (text, result)
            for part in (".bufcheck.ini", *parts):
                assert part in result.stderr, (part, result.stderr)
    assert not (folder / "x.json").exists()
    write(folder, "symbolizer = ./evil\n")
    assert bufcheck("one.etl", cwd=folder).returncode == 2


def prepared(folder):
    made.make(TRACEGEN, folder / "one.etl", made.THREE[:1])
    return folder


def main():
    global BUFCHECK, TRACEGEN
    BUFCHECK, TRACEGEN = map(os.path.abspath, sys.argv[1:3])
    return each_test.run_each(each_test.tests_of(globals()), prepared)


if __name__ == "__main__":
    sys.exit(main())
