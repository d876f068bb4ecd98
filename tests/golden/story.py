#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A gate that a team keeps switched on, from the first red build on: on one trace, and on a folder of
200.

    story.py BUFCHECK TRACEGEN

A dirty trace is gated, and baselined; it stays green, also after a rebuild; a new defect turns it red
and is named, only itself; it is suppressed with a reason; the reason expires, and red again.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import known_traces as made  # noqa: E402

BUFCHECK = TRACEGEN = None
NEW = made.Defect(0x50000, 0x51000)
FOLDER_OF = 200
LAST_DAY, DAY_AFTER = "1798761599", "1798761600"  # 2026-12-31 and 2027-01-01, UTC


class Repository:
    """A folder with settings of its own, as a team has it."""

    def __init__(self, folder, count):
        self.folder, self.count = folder, count
        (folder / ".git").mkdir()
        (folder / "ci").mkdir()
        (folder / ".bufcheck.ini").write_text("# the gate\nmax-findings = 0\n")

    def record(self, defects, run, moved=0):
        """The traces of a build: one program, run several times."""
        traces = self.folder / "traces"
        shutil.rmtree(traces, ignore_errors=True)
        traces.mkdir()
        made.make(TRACEGEN, traces / "run000.etl", defects, run, moved)
        for i in range(1, self.count):
            shutil.copy(traces / "run000.etl", traces / f"run{i:03}.etl")

    def gate(self, status, what, day=LAST_DAY):
        """Runs the gate, which must end with that status."""
        result = subprocess.run(
            [BUFCHECK, "-f", "json", "-f", "text=report.txt", "-f", "junit=report.xml", "traces"],
            cwd=self.folder, capture_output=True, text=True, timeout=300,
            env={**os.environ, "SOURCE_DATE_EPOCH": day})
        assert result.returncode == status, (what, result.returncode, result.stderr)
        value = json.loads(result.stdout)
        assert len(value["inputs"]) == self.count, what
        print(f"{self.count:4} traces, {what}: exit status {status}")
        return value

    def add_setting(self, line):
        with open(self.folder / ".bufcheck.ini", "a", encoding="utf-8") as file:
            file.write(line + "\n")


def new_of(value):
    return [finding for finding in value["findings"] if finding["baseline"] == "new"]


def check_named(repository, value):
    """The new one is named, and nothing else."""
    new = new_of(value)
    assert len(new) == repository.count, len(new)
    assert {finding["second"]["call_site"]["offset"] for finding in new} == {"0x51000"}
    assert all(finding["baseline_candidates"] is None for finding in new)
    gating = [finding for finding in value["findings"] if finding["gates"]]
    assert gating == new
    failures = (repository.folder / "report.xml").read_text().split("<failure")[1:]
    assert len(failures) == repository.count
    for failure in failures:
        text = failure.split("</failure>")[0]
        assert "server.exe+0x51000" in text and "server.exe+0x2087f" not in text
    if repository.count == 1:
        text = (repository.folder / "report.txt").read_text()
        assert text.count("ERROR recv-over-recv") == 1 and "server.exe+0x51000" in text


def tell(folder, count):
    repository = Repository(folder, count)
    repository.record(made.THREE, made.FIRST)
    value = repository.gate(1, "the first run")
    assert len(value["findings"]) == 3 * count

    (folder / "ci/baseline.json").write_text(json.dumps(value))
    repository.add_setting("baseline = ci/baseline.json")
    assert new_of(repository.gate(0, "baselined")) == []
    repository.record(made.THREE, made.AGAIN)
    assert new_of(repository.gate(0, "run again")) == []
    repository.record(made.THREE, made.AGAIN, moved=0x340)
    assert new_of(repository.gate(0, "rebuilt")) == []
    repository.record(made.THREE, made.OTHER_WINDOWS)
    assert new_of(repository.gate(0, "on another Windows")) == []

    repository.record((*made.THREE, NEW), made.AGAIN)
    value = repository.gate(1, "a new defect")
    check_named(repository, value)

    (folder / "ci/known.txt").write_text(
        "# NET-42: to be mended in the next release\ncall-site = server.exe+0x51000\n"
        "reason = NET-42, no damage seen\nuntil = 2026-12-31\n")
    repository.add_setting("suppressions = ci/known.txt")
    value = repository.gate(0, "suppressed")
    assert {finding["suppressed"] for finding in new_of(value)} == {"NET-42, no damage seen"}
    value = repository.gate(1, "the reason expired", DAY_AFTER)
    check_named(repository, value)
    assert value["suppressions"][0]["state"] == "expired"
    text = " ".join((folder / "report.txt").read_text().split())
    assert "the suppression expired, its last day was 2026-12-31" in text


def main():
    global BUFCHECK, TRACEGEN
    BUFCHECK, TRACEGEN = map(os.path.abspath, sys.argv[1:3])
    for count in (1, FOLDER_OF):
        with tempfile.TemporaryDirectory() as folder:
            tell(pathlib.Path(folder), count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
