#!/usr/bin/env python3
"""Has every format of `check` read by somebody else's program, and compares them with each other.

    reports.py BUFCHECK TRACEGEN CASES [CAPTURES]

For each case's trace, the captures and a trace whose names try to break out of each format: one run
writes all formats; xmllint checks JUnit against junit.xsd, Python's csv the CSV, and functions here
the published field rules of GitLab, GitHub and the trace viewer (sarif.py has the SARIF validated).
A validator that is not installed is said to be missing; with $BUFCHECK_REQUIRE_VALIDATORS set that
fails.
"""

import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

SUFFIXES = {"text": "txt", "json": "json", "jsonl": "jsonl", "sarif": "sarif", "junit": "xml",
            "markdown": "md", "perfetto": "perfetto.json", "csv": "csv", "github": "github",
            "gitlab": "gitlab.json"}

HOSTILE = r"""
trace processors=1 build=22631
let a = 0xffffa58f21c44080
let s = 0xffffa58f23a10c20
default pid=6312 tid=7 process=a
0 0.1 process.dcstart process=a target=6312 parent=9 image="</failure><b>&'`|{0}[x](y)%0A::error::@me.exe" command="x"
0 0.2 recv.enter endpoint=s buffer=0x10000 len=4096 kw=fastpath
0 0.3 recv.enter endpoint=s buffer=0x10800 len=4096 kw=fastpath tid=8
0 0.4 recv.exit endpoint=s buffer=0x10000 len=10 kw=fastpath
0 0.5 recv.exit endpoint=s buffer=0x10800 len=10 kw=fastpath tid=8
"""


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=300,
                          **options)


class Reports:
    """The files that one run wrote for one trace."""

    def __init__(self, bufcheck, trace, folder):
        self.folder = folder
        folder.mkdir()
        formats = [f"--format={name}={self.path(name)}" for name in SUFFIXES]
        self.result = run(bufcheck, "check", *formats, trace)

    def path(self, name):
        return self.folder / f"report.{SUFFIXES[name]}"

    def text(self, name):
        return self.path(name).read_bytes().decode("utf-8")

    def load(self, name):
        return json.loads(self.text(name))


def check_characters(reports):
    for name in SUFFIXES:
        bad = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]",
                        reports.text(name))
        if bad:
            yield f"{name}: a raw control character, {bad.group()!r}"


def check_text(reports):
    """80 columns, but for words that can't be broken: paths."""
    for number, line in enumerate(reports.text("text").splitlines(), 1):
        if len(line) > 80 and max(map(len, line.split())) < 40:
            yield f"text: line {number} has {len(line)} columns"


def check_csv(reports, count):
    with open(reports.path("csv"), newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    if len({len(row) for row in rows}) != 1:
        yield "csv: rows of different length"
    if len(rows) != count + 1:
        yield f"csv: {len(rows) - 1} rows, {count} findings"
    if reports.text("csv").count("\n") != reports.text("csv").count("\r\n"):
        yield "csv: lines do not end with CR LF"


def check_gitlab(reports, count, troubled):
    issues = reports.load("gitlab")
    for issue in issues:
        if set(issue) != {"description", "check_name", "fingerprint", "severity", "location"}:
            yield f"gitlab: fields {sorted(issue)}"
        if issue["severity"] not in ("info", "minor", "major", "critical", "blocker"):
            yield f"gitlab: severity {issue['severity']}"
        if not issue["location"]["path"] or issue["location"]["path"].startswith(("/", "./")):
            yield f"gitlab: path {issue['location']['path']}"
        if issue["location"]["lines"]["begin"] < 1:
            yield "gitlab: line 0"
    if len({issue["fingerprint"] for issue in issues}) != len(issues):
        yield "gitlab: fingerprints are not unique"
    if len(issues) != count + troubled:
        yield f"gitlab: {len(issues)} issues, {count} findings"


def check_github(reports):
    kinds = {"error": 0, "warning": 0, "notice": 0}
    lines = reports.text("github").splitlines()
    for line in lines[:-1]:
        match = re.fullmatch(r"::(error|warning|notice) [a-z]+=[^,:\n]+(,[a-z]+=[^,:\n]+)*::.+", line)
        if not match:
            yield f"github: no workflow command: {line!r}"
        else:
            kinds[match.group(1)] += 1
    if lines[-1].startswith("::"):
        yield "github: no verdict at the end"
    if sum(kinds.values()) > 11:
        yield f"github: {kinds} commands"


def check_perfetto(reports):
    events = reports.load("perfetto")["traceEvents"]
    open_slices = {}
    posts, arrows = set(), {}
    for event in events:
        if not isinstance(event["pid"], int) or not isinstance(event["tid"], int):
            yield f"perfetto: no ids in {event}"
        if event["ph"] != "M" and not (isinstance(event["ts"], (int, float)) and event["ts"] >= 0):
            yield f"perfetto: no time in {event}"
        key = (event["pid"], event.get("cat"), event.get("id"))
        if event["ph"] == "b":
            open_slices.setdefault(key, []).append(event)
        elif event["ph"] == "e":
            begun = open_slices[key].pop()
            if begun["name"] != event["name"] or begun["ts"] > event["ts"]:
                yield f"perfetto: {event['name']} ends before it begins"
        elif event["ph"] == "X":
            posts.add((event["pid"], event["tid"], event["ts"]))
        elif event["ph"] in "sf":
            arrows.setdefault(event["id"], []).append(event)
    if any(open_slices.values()):
        yield "perfetto: slices that do not end"
    for ends in arrows.values():
        if [end["ph"] for end in ends] != ["s", "f"] or ends[0]["ts"] > ends[1]["ts"]:
            yield "perfetto: an arrow without both ends"
        if any((end["pid"], end["tid"], end["ts"]) not in posts for end in ends):
            yield "perfetto: an arrow that no slice holds"


def check_markdown(reports, count):
    text = reports.text("markdown")
    if len(text.encode()) >= 1 << 20:
        yield "markdown: 1 MiB or more"
    if text.count("\n<details>") != text.count("\n</details>"):
        yield "markdown: details that are not closed"
    if text.count("<summary><b>") != count:
        yield f"markdown: {text.count('<summary><b>')} findings folded, {count} found"


def check_junit(reports, rules):
    if shutil.which("xmllint"):
        schema = pathlib.Path(__file__).with_name("junit.xsd")
        result = run("xmllint", "--noout", "--nonet", "--schema", schema, reports.path("junit"))
        if result.returncode != 0:
            yield f"junit: {result.stderr.decode()}"
    try:
        root = xml.etree.ElementTree.parse(reports.path("junit")).getroot()
    except xml.etree.ElementTree.ParseError as error:
        yield f"junit: {error}"
        return
    for suite in root:
        cases = suite.findall("testcase")
        if not {rule["name"] for rule in rules} < {case.get("name") for case in cases}:
            yield "junit: a rule has no case"
        for what in ("failure", "error", "skipped"):
            seen = sum(case.find(what) is not None for case in cases)
            said = int(suite.get({"failure": "failures", "error": "errors"}.get(what, what)))
            if seen != said:
                yield f"junit: {said} of {what} announced, {seen} there"


def check_sarif(reports, findings, rules):
    log = reports.load("sarif")
    found = log["runs"][0]["results"]
    if len(found) != len(findings):
        yield f"sarif: {len(found)} results, {len(findings)} findings"
    if [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]] != \
            [rule["name"] for rule in rules]:
        yield "sarif: not every rule is declared"
    for result, finding in zip(found, findings):
        place = result["locations"][0]["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        if uri.startswith("/") or ":" in uri.split("/")[0] or place["region"]["startLine"] < 1:
            yield f"sarif: location {place}"
        if result["level"] != finding["level"] or result["ruleId"] != finding["rule"]:
            yield "sarif: a result differs from its finding"
        if result["partialFingerprints"]["primaryLocationLineHash"] != finding["fingerprint"]:
            yield "sarif: another fingerprint"
        steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
        ends = (finding["first"]["ended"] is not None) + (finding["second"]["ended"] is not None)
        if len(steps) != 2 + ends:
            yield f"sarif: {len(steps)} steps, {2 + ends} expected"


def check_jsonl(reports, whole):
    lines = [json.loads(line) for line in reports.text("jsonl").splitlines()]
    verdicts = [line["verdict"] for line in lines if line["type"] == "summary"]
    if verdicts != [one["verdict"] for one in whole["inputs"]]:
        yield "jsonl: another verdict than json"
    conflicts = sum(line["type"] == "conflict" for line in lines)
    if conflicts < sum(finding["count"] for finding in whole["findings"]):
        yield f"jsonl: {conflicts} conflicts, fewer than the findings count"


def check_all(reports):
    if reports.result.returncode not in (0, 1, 2, 3):
        yield f"exit status {reports.result.returncode}: {reports.result.stderr.decode()}"
        return
    whole = reports.load("json")
    count = len(whole["findings"])
    troubled = sum(one["verdict"] in ("error", "inconclusive") for one in whole["inputs"])
    if whole["exit"] != reports.result.returncode:
        yield f"json: exit {whole['exit']}, exit status {reports.result.returncode}"
    yield from check_characters(reports)
    yield from check_text(reports)
    yield from check_jsonl(reports, whole)
    yield from check_csv(reports, count)
    yield from check_gitlab(reports, count, troubled)
    yield from check_github(reports)
    yield from check_perfetto(reports)
    yield from check_markdown(reports, count)
    yield from check_junit(reports, whole["rules"])
    yield from check_sarif(reports, whole["findings"], whole["rules"])


def traces(tracegen, cases, captures, folder):
    """(name, path) of every trace."""
    for case in sorted(cases.iterdir()):
        source = case / "input.trace"
        path = folder / f"{case.name}.etl"
        if source.exists() and run(tracegen, source, path).returncode == 0:
            yield case.name, path
    hostile = folder / "hostile.etl"
    result = run(tracegen, "-", hostile, input=HOSTILE.encode())
    if result.returncode != 0:
        sys.exit(f"the hostile trace: {result.stderr.decode()}")
    yield "hostile", hostile
    for path in sorted(captures.glob("*.etl")) if captures else []:
        yield path.stem, path


def main():
    bufcheck, tracegen, cases = sys.argv[1:4]
    captures = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else None
    failures, checked = 0, 0
    missing = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "traces").mkdir()
        (folder / "reports").mkdir()
        for case, path in traces(tracegen, pathlib.Path(cases), captures, folder / "traces"):
            checked += 1
            for problem in check_all(Reports(bufcheck, path, folder / "reports" / case)):
                failures += 1
                print(f"{case}: {problem}")
    if not shutil.which("xmllint"):
        missing.append("xmllint")
    for validator in missing:
        print(f"NOT CHECKED: {validator} is not installed")
    print(f"{checked} traces, {failures} problems")
    required = bool(os.environ.get("BUFCHECK_REQUIRE_VALIDATORS"))
    sys.exit(1 if failures or not checked or (missing and required) else 0)


if __name__ == "__main__":
    main()
