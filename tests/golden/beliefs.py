#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that each named belief decides what bufcheck says, on the builds of Windows that its rows
name.

    beliefs.py TRACEGEN BUFCHECK REFUTED ROOT

REFUTED is bufcheck linked with a copy of the table in which each belief fails on one build
(tests/tools/add_beliefs.py). For each belief testdata/beliefs/NAME holds `about`, `input.trace`,
in which BUILD stands for the build, `expect`, what is true where the belief holds, and
`expect-otherwise`, both in the form of tests/golden/run.py; so do folders NAME--MORE. A trace of the build on which the
belief fails must be judged as the latter says; of builds before and behind, of an unknown one, and
as a part of a longer timeline, as the former does.

The traces that calibrate.py makes of the probe's calls, in worlds that refute one belief, are judged
by REFUTED, too: where the belief is given up, nothing is news, no conflict is wrong, and every
defect is found whose address the trace shows."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import calibrate
import run

ANOTHER_PART = ("trace build=%s\n0 900.0 recv.enter process=1 endpoint=0xffffb00000009000 "
                "buffer=0x900000 len=8 pid=9 tid=9\n")


def rows_of(bufcheck):
    """The rows that `events --beliefs` prints, by the name of their belief."""
    rows = {}
    for line in map(json.loads, stdout_of(bufcheck, "events", "--beliefs", "-f", "jsonl").splitlines()):
        if line["type"] == "belief":
            rows.setdefault(line["name"], []).append(line)
    return rows


def stdout_of(*words):
    return subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60).stdout


def belief_of(path):
    return path.name.split("--")[0]


class Case:
    def __init__(self, tracegen, folder, case):
        self.tracegen, self.folder, self.case = tracegen, folder, case

    def make(self, name, text):
        source = self.folder / f"{name}.trace"
        source.write_text(text)
        subprocess.run([self.tracegen, source, self.folder / f"{name}.etl"], check=True, timeout=60)
        return f"{name}.etl"

    def problems(self, bufcheck, build, expected, parts=False):
        """Differences of a program's words on the trace, recorded on a build, beside what is expected."""
        inputs = [self.make("input", (self.case / "input.trace").read_text()
                            .replace("BUILD", str(build)))]
        wanted = (self.case / expected).read_text()
        if parts:
            inputs.append(self.make("later", ANOTHER_PART % build))
            wanted = re.sub(r"(?m)^\$ (\w+)", r"$ \1 --one-timeline", wanted)
        runner = run.Runner(bufcheck, self.folder, inputs)
        made = run.expected_lines(wanted, runner)
        if run.canonical(wanted) != run.canonical("\n".join(made)):
            yield run.diff(expected, run.canonical(wanted), run.canonical("\n".join(made)))
        if not parts:
            yield from self.caveat_problems(bufcheck, inputs[0], expected)

    def caveat_problems(self, bufcheck, etl, expected):
        report = json.loads(stdout_of(bufcheck, "check", "-f", "json", self.folder / etl))
        told = [text for text in report["inputs"][0]["caveats"] if "is not believed" in text]
        wanted = [belief_of(self.case)] if expected == "expect-otherwise" else []
        if [text.split(": ")[1].split(";")[0] for text in told] != wanted:
            yield f"caveats: {told}"


def check_belief(case, bufcheck, refuted, rows):
    """The rows of one belief in the refuted program: of build 0, of the build on which the belief
    fails, and of the next one."""
    if [row["holds"] for row in rows] != [True, False, True]:
        yield f"rows of {[(row['from_build'], row['holds']) for row in rows]}"
        return
    fails = rows[1]["from_build"]
    for name, program, build, expected in (("the program itself", bufcheck, fails, "expect"),
                                           ("before", refuted, fails - 1, "expect"),
                                           ("on that build", refuted, fails, "expect-otherwise"),
                                           ("behind", refuted, fails + 1, "expect"),
                                           ("unknown", refuted, 0, "expect")):
        yield from (f"{name} (build {build}): {problem}"
                    for problem in case.problems(program, build, expected))
    if case.case.name != "registered-io-is-silent":
        yield from (f"one timeline: {problem}"
                    for problem in case.problems(refuted, fails, "expect", parts=True))


def check_text(refuted, rows):
    """The text names the builds, too."""
    text = " ".join(stdout_of(refuted, "events", "--beliefs", "-f", "text").split())
    for name, (_, fails, holds) in rows.items():
        for word in (f"From build {fails['from_build']} on it does not hold: a test.",
                     f"From build {holds['from_build']} on it holds: a test."):
            if word not in text:
                yield f"events --beliefs does not say of {name}: {word}"
    csv = stdout_of(refuted, "events", "--beliefs", "-f", "csv")
    if csv.count(',"a test",false,') != len(rows) or csv.count(',"a test",true,') != len(rows):
        yield "events --beliefs -f csv does not hold all rows"


def check_worlds(tools, log_path, log, rows):
    """A world that refutes one belief, on the build on which the belief is given up."""
    for name, (differs, beliefs, visible, _) in calibrate.HYPOTHESES.items():
        if len(beliefs) != 1:
            continue
        build = rows[beliefs[0]][1]["from_build"]
        text = "\n".join(calibrate.World(log, differs, 1).text()).replace("build=20348",
                                                                         f"build={build}")
        result = tools.calibrate(tools.make(text + "\n"), log_path, "-f", "json")
        report = json.loads(result.stdout)
        belief = next(item for item in report["beliefs"] if item["name"] == beliefs[0])
        if (result.returncode, belief["verdict"], belief["holds"]) != (0, "refuted", False):
            yield f"{name}: exit status {result.returncode}, {belief}"
        if report["false_conflicts"] != 0:
            yield f"{name}: {report['false_conflicts']} conflicts where there is no defect"
        missed = [defect["rule"] for scenario in report["scenarios"]
                  for defect in scenario["defects"] if not defect["found"]]
        if missed and visible != "no":
            yield f"{name}: {missed} not found"


def check_row(tools, log_path, log):
    """A user who calibrates is told which row to add."""
    differs = calibrate.HYPOTHESES["attempt-without-exit"][0]
    trace = tools.make("\n".join(calibrate.World(log, differs, 1).text()) + "\n")
    wanted = '{AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 20348, false, "calibrated on build 20348"},'
    report = json.loads(tools.calibrate(trace, log_path, "-f", "json").stdout)
    if wanted not in [belief["row"] for belief in report["beliefs"]]:
        yield f"calibrate -f json has no row {wanted}"
    if f"    {wanted}\n" not in tools.calibrate(trace, log_path).stdout.decode():
        yield f"calibrate does not print {wanted}"


def main():
    tracegen, bufcheck, refuted, root = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    rows = rows_of(refuted)
    paths = sorted((root / "testdata/beliefs").iterdir())
    problems = [f"{path} is of no belief" for path in paths if belief_of(path) not in rows]
    problems += [f"there is no testdata/beliefs/{name}"
                 for name in rows.keys() - {path.name for path in paths}]
    log_path = root / "testdata/probe/probe.jsonl"
    log = [json.loads(line) for line in log_path.read_text().splitlines()]
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        for path in paths:
            problems += [f"{path.name}, {problem}" for problem in
                         check_belief(Case(tracegen, folder, path), bufcheck, refuted,
                                      rows.get(belief_of(path), []))]
        problems += check_text(refuted, rows)
        tools = calibrate.Tools(refuted, tracegen, folder)
        full, full_path = calibrate.with_registered_io(log), folder / "full.jsonl"
        full_path.write_text("".join(json.dumps(line) + "\n" for line in full))
        problems += check_worlds(tools, full_path, full, rows)
        problems += check_row(tools, log_path, log)
    print("\n".join(problems) or f"{len(rows)} beliefs decide, {len(paths)} traces")
    return 1 if problems or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
