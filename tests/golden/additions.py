#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds a rule, a report, an option and an event to a copy of the tree, each from a small patch of
testdata/patches, builds the copy and sees each of them work. So CONTRIBUTING.md tells the truth
about how many edits they take.

    additions.py ROOT
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1]).resolve()
PATCHES = ROOT / "testdata/patches"
# Places that CONTRIBUTING.md names for each.
EDITS = {
    "rule": {"rules/NEW.c", "rules/rule.h", "rules/meson.build"},
    "report": {"analyzer/reports/NEW.c", "analyzer/reports/formats.h", "analyzer/meson.build"},
    "option": {"analyzer/cli/command_line.h", "analyzer/cli/option_rows.c",
               "analyzer/cli/command_capture_help.c"},
    "event": {"parsers/afd/afd_events.c", "parsers/afd/afd_behavior.c"},
}
TRACE = """trace processors=1
default pid=6312 tid=7044 process=0xffffa58f21c44080 endpoint=0xffffa58f21c45080
0 0.10  recv.enter buffer=0x1f4a2c44000 len=8192
0 0.11  recv.enter buffer=0x1f4a2c44000 len=8192 tid=7052
0 0.12  recv.exit  buffer=0x1f4a2c44000 len=100
0 0.13  recv.exit  buffer=0x1f4a2c44000 len=100 tid=7052
0 0.20  afd.3005   EnterExit=0 buffer=0x1f4a2c48000 len=512
0 0.30  afd.3005   EnterExit=1 buffer=0x1f4a2c48000 len=512
"""


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=600, **options)


def must(*words, **options):
    result = run(*words, **options)
    assert result.returncode == 0, f"{words}:\n{result.stdout[-3000:]}{result.stderr[-3000:]}"
    return result.stdout


def hunks(patch):
    """The files that a patch changes, a new one as NEW, and the number of its hunks."""
    files, new = set(), None
    text = patch.read_text()
    for part in re.split(r"^diff --git ", text, flags=re.M)[1:]:
        path = pathlib.Path(re.search(r"^\+\+\+ b/(.*)$", part, re.M)[1])
        new = "\nnew file mode" in part
        files.add(str(path.parent / ("NEW" + path.suffix)) if new else str(path))
    return files, len(re.findall(r"^@@ ", text, re.M))


def check_rule(bufcheck, etl):
    text = must(bufcheck, "explain", "recv-over-recv-of-a-socket")
    assert text.startswith("recv-over-recv-of-a-socket: error"), text
    report = json.loads(run(bufcheck, "-f", "json", etl).stdout)
    assert [finding["rule"] for finding in report["findings"]] == ["recv-over-recv-of-a-socket"]
    assert "recv-over-recv-of-a-socket" in must(bufcheck, "check", "--help")


def check_report(bufcheck, etl):
    result = run(bufcheck, "-f", "count", etl)
    assert result.stdout == "1 findings\n" and result.returncode == 1, result
    assert re.search(r"^  count +for a glance: the number of findings$",
                     must(bufcheck, "check", "--help"), re.M)


def check_option(bufcheck, etl):
    assert must(bufcheck, "capture-help", "--lines", "3").count("\n") == 3
    assert "--lines N" in must(bufcheck, "capture-help", "--help")
    assert "--lines is for capture-help" in run(bufcheck, "--lines", "3", etl).stderr
    assert "did you mean --lines?" in run(bufcheck, "capture-help", "--lnies=3").stderr


def check_event(bufcheck, etl):
    events = [json.loads(line) for line in must(bufcheck, "events", etl).splitlines()]
    names = [event["name"] for event in events if event.get("id") == 3005]
    assert names == ["AfdExample", "AfdExample"], names
    operations = [json.loads(line) for line in must(bufcheck, "ops", etl).splitlines()]
    example = [op for op in operations if op.get("api") == "example"]
    assert len(example) == 1 and example[0]["end"] == "completed", operations


CHECKS = {"rule": check_rule, "report": check_report, "option": check_option, "event": check_event}


def copy_tree(target):
    for name in ("base", "parsers", "rules", "writer", "analyzer", "tests", "scripts", "docs"):
        shutil.copytree(ROOT / name, target / name,
                        ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, target / path.name)
    shutil.copytree(ROOT / "testdata", target / "testdata")


def build(tree):
    environment = {**os.environ, "CFLAGS": "-O0"}
    for name in ("MAKEFLAGS", "NINJA_STATUS", "DESTDIR"):
        environment.pop(name, None)
    must("meson", "setup", "build", "-Dbuildtype=plain", "--werror", cwd=tree, env=environment)
    must("ninja", "-C", "build", "analyzer/bufcheck", "tests/support/tracegen",
         "docs/bufcheck.1", cwd=tree, env=environment)


def main():
    if "ASAN_OPTIONS" in os.environ:
        print("the sanitized run needs no second time of this")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "tree"
        copy_tree(tree)
        for name in CHECKS:
            patch = PATCHES / f"{name}.patch"
            files, count = hunks(patch)
            assert files == EDITS[name] and count == len(files), (name, files, count)
            must("patch", "-p1", "--no-backup-if-mismatch", "-i", patch, cwd=tree)
        build(tree)
        (tree / "a.trace").write_text(TRACE)
        must(tree / "build/tests/support/tracegen", tree / "a.trace", tree / "a.etl")
        page = (tree / "build/docs/bufcheck.1").read_text()
        assert "\\-\\-lines" in page and "\\fBcount\\fR" in page, page
        for name, check in CHECKS.items():
            check(tree / "build/analyzer/bufcheck", tree / "a.etl")
            print(f"ok {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
