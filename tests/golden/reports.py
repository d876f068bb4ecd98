#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has every format of `check` read by somebody else's program, and compares them with each other.

    reports.py BUFCHECK TRACEGEN CASES [CAPTURES]

For each case's trace, the captures and a trace whose names try to break out of each format: one run
writes all formats; xmllint checks JUnit against junit.xsd, cmark-gfm renders the Markdown, Python's
csv reads the CSV, and functions here check the published field rules of GitLab, GitHub and the trace
viewer (sarif.py has the SARIF validated). The JSON of every command is held against docs/schema,
closed: a field that is not described there is a fault.
A validator that is not installed is said to be missing; with $BUFCHECK_REQUIRE_VALIDATORS set that
fails.
"""

import collections
import concurrent.futures
import csv
import json
import multiprocessing
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

try:
    import jsonschema
except ImportError:  # main() says so
    jsonschema = None

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "html"))
import traces as made_traces  # noqa: E402

SUFFIXES = {"text": "txt", "json": "json", "jsonl": "jsonl", "sarif": "sarif", "junit": "xml",
            "markdown": "md", "perfetto": "perfetto.json", "csv": "csv", "github": "github",
            "gitlab": "gitlab.json"}

# Names of programs that try to break out of one format or another.
HOSTILE = [
    "</failure><b>&'`|{0}[x](y)%0A::error::@me.exe",
    "::error file=a,line=1::owned.exe",
    "##vso[task.setvariable variable=PATH]owned.exe",
    "=cmd|'~C calc'!A1.exe",
    "```````|~~~|<!--<script>a(1)<img src=x>.exe",
    "]]>&amp;&#60;b>__init__*x*_y_.exe",
    "\x1b[31mred\x07\x9b2Jinvoice\u202egpj\u2066.exe",
    "line\u2028para\u2029.exe",
    "$(touch x)`touch y`${HOME}%PATH%~!x!.exe",
]
HOSTILE_COMMAND = "##vso[task.complete] ::error::x \x1b]0;x </pre>|``` ::stop-commands::x"
MANY = 6000
MANY_MIB = {"text": 20, "junit": 20, "perfetto": 20, "gitlab": 6, "csv": 6, "sarif": 100}
MANY_SECONDS_MAX = 240  # all formats; a few seconds without sanitizers and neighbours


SCHEMAS = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/schema"


def closed(schema):
    """The schema without room for fields that it does not describe."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "required" in schema:
        made.setdefault("additionalProperties", False)
    return made


class Validators:
    """The schemas of docs/schema, closed: one for a whole document, one for each type of line."""

    def __init__(self):
        self.of = {}
        for path in sorted(SCHEMAS.glob("*.schema.json")) if jsonschema else []:
            name = path.name.removesuffix(".schema.json")
            whole = closed(json.loads(path.read_text(encoding="utf-8")))
            for schema in whole.get("oneOf", [whole]):
                kind = schema["properties"].get("type", {}).get("const")
                schema = {**schema, "$defs": whole.get("$defs", {})}
                self.of[name, kind] = jsonschema.Draft202012Validator(schema)

    def problems(self, name, value, kind=None):
        validator = self.of.get((name, kind))
        if validator is None:
            yield f"{name}: no schema of a line of type {kind}"
            return
        for error in validator.iter_errors(value):
            where = "/".join(map(str, error.absolute_path))
            yield f"{name}: {kind or ''} {where}: {error.message[:300]}"

    def check_lines(self, name, text, most=400):
        """The first lines of each type, for it is slow."""
        seen = {}
        for line in text.splitlines():
            value = json.loads(line)
            seen[value["type"]] = seen.get(value["type"], 0) + 1
            if seen[value["type"]] <= most:
                yield from self.problems(name, value, value["type"])


VALIDATORS = Validators()


def check_undescribed():
    """Every field of every schema has a description."""
    def walk(schema, place):
        for name, field in schema.get("properties", {}).items():
            if not field.get("description"):
                yield f"schema {place}.{name}: no description"
            yield from walk(field, f"{place}.{name}")
        for name, part in schema.get("$defs", {}).items():
            yield from walk(part, f"{place}.{name}")
        if "items" in schema:
            yield from walk(schema["items"], f"{place}[]")
        for part in schema.get("oneOf", []) + schema.get("anyOf", []):
            yield from walk(part, place)
    for path in sorted(SCHEMAS.glob("*.schema.json")):
        yield from walk(json.loads(path.read_text(encoding="utf-8")), path.name)


def check_schemas(reports, bufcheck, trace):
    """Every JSON output of every command, for that trace."""
    if not VALIDATORS.of:
        return
    whole = reports.load("json")
    whole["findings"] = whole["findings"][:20]
    yield from VALIDATORS.problems("report-2", whole)
    yield from VALIDATORS.check_lines("jsonl-2", reports.text("jsonl"))
    info = run(bufcheck, "info", "-f", "json", trace).stdout.decode("utf-8")
    yield from VALIDATORS.problems("info-1", json.loads(info))
    for command in ("ops", "events"):
        text = run(bufcheck, command, "-f", "jsonl", trace).stdout.decode("utf-8")
        if text and not text.startswith(f'{{"type": "schema", "schema": "bufcheck.{command}/2"}}\n'):
            yield f"{command}: the first line does not name the schema"
        yield from VALIDATORS.check_lines(f"{command}-2", text)


def check_cells(bufcheck, trace):
    """No cell of any CSV begins like a formula."""
    for command in ("ops", "events"):
        text = run(bufcheck, command, "-f", "csv", trace).stdout.decode("utf-8")
        for row in csv.reader(text.splitlines(), strict=True):
            for cell in row:
                if re.match(r"[=+@-]", cell) and not re.fullmatch(r"-?[0-9.]*", cell):
                    yield f"{command}: a spreadsheet would calculate {cell}"


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=300,
                          **options)


class Reports:
    """The files that one run wrote for one trace."""

    def __init__(self, bufcheck, trace, folder, *words):
        self.folder = folder
        folder.mkdir()
        formats = [f"--format={name}={self.path(name)}" for name in SUFFIXES]
        self.result = run(bufcheck, "check", *formats, *words, trace)

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
    """80 columns, but for words that can't be broken: paths. No command to a CI system."""
    for number, line in enumerate(reports.text("text").splitlines(), 1):
        row = re.sub(r" and \d+ more$", "", line)  # stands behind a path
        if len(row) > 80 and max(map(len, row.split())) < 40:
            yield f"text: line {number} has {len(line)} columns"
        if line.lstrip().startswith("::") or re.search(r"##(vso)?\[", line):
            yield f"text: a CI system takes line {number} for a command: {line}"
        if re.search(r"(^|[^0-9.] )1 (operations|completions|times|bytes|events)\b"
                     r"|\bof 1 (receive|send)\b", line):
            yield f"text: no English in line {number}: {line}"


def check_csv(reports, count):
    with open(reports.path("csv"), newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    if len({len(row) for row in rows}) != 1:
        yield "csv: rows of different length"
    if len(rows) != count + 1:
        yield f"csv: {len(rows) - 1} rows, {count} findings"
    place = rows[0].index("fingerprint")
    if [row[place] for row in rows[1:]] != [one["fingerprint"]
                                            for one in reports.load("json")["findings"]]:
        yield "csv: other fingerprints than in json"
    if reports.text("csv").count("\n") != reports.text("csv").count("\r\n"):
        yield "csv: lines do not end with CR LF"
    for cell in (cell for row in rows for cell in row):
        if re.match(r"[=+@-]", cell) and not re.fullmatch(r"-?[0-9.]*", cell):
            yield f"csv: a spreadsheet would calculate {cell}"


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
    if max(kinds.values()) > 10:
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


MARKDOWN_TAGS = {"<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>", "<b>",
                 "</b>"}


def outside_fences(text):
    """Lines that are not within a block of code; raises ValueError if a block does not end."""
    fence = None
    for line in text.splitlines():
        if fence is not None:
            fence = None if line == fence else fence
        elif re.fullmatch(r"(`{3,})text", line):
            fence = line[:-4]
        else:
            yield line
    if fence is not None:
        raise ValueError("a block of code does not end")


def check_markdown(reports, count, whole=True):
    text = reports.text("markdown")
    if len(text.encode()) >= 1 << 20:
        yield "markdown: 1 MiB or more"
    try:
        lines = list(outside_fences(text))
    except ValueError as error:
        yield f"markdown: {error}"
        return
    if lines.count("<details>") != lines.count("</details>"):
        yield "markdown: details that are not closed"
    folded = sum(line.startswith("<summary><b>") for line in lines)
    if folded != count if whole else not 0 < folded < count:
        yield f"markdown: {folded} findings folded, {count} found"
    for line in lines:
        if line.startswith("|") and line.count("|") not in (6, 9):
            yield f"markdown: a row has neither five cells nor eight: {line}"
        strange = set(re.findall(r"<[^>]*>?", line)) - MARKDOWN_TAGS
        if strange:
            yield f"markdown: a tag that is not ours: {strange}"
        if re.search(r"[`*\[\]@]", re.sub(r"^\* |`[^`]*`", "", line)):
            yield f"markdown: markup that is not ours: {line}"


def check_rendered(reports, count, traces):
    """Checks the page as GitHub's own Markdown program renders it: our tags, a row for each finding
    and each trace."""
    if not shutil.which("cmark-gfm"):
        return
    html = run("cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink",
               reports.path("markdown")).stdout.decode()
    tags = set(re.findall(r"<(\w+)", html))
    strange = tags - {"h1", "h2", "p", "pre", "code", "table", "thead", "tbody", "tr", "th", "td",
                      "details", "summary", "b", "ul", "li"}
    if strange:
        yield f"markdown: rendered with the tags {strange}"
    if html.count("<td>") + html.count("<td ") != 8 * count + 5 * traces:
        yield f"markdown: {html.count('<td>')} cells rendered for {count} findings"


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
    conflicts = [line for line in lines if line["type"] == "conflict"]
    counted = sum(finding["count"] for finding in whole["findings"])
    if len(conflicts) < counted or (whole["findings_omitted"] == 0 and len(conflicts) != counted):
        yield f"jsonl: {len(conflicts)} conflicts, the findings count {counted}"
    if any(line["fingerprint"] is not None for line in conflicts):
        yield "jsonl: a fingerprint before names are complete"


def rows_of_traces(whole):
    """Traces that have findings of the same causes share a row."""
    causes = collections.defaultdict(set)
    for finding in whole["findings"]:
        causes[finding["input"]].add(finding["fingerprint_coarse"])
    with_findings = [frozenset(causes[i]) for i, one in enumerate(whole["inputs"])
                     if one["verdict"] == "findings"]
    return len(set(with_findings)) + len(whole["inputs"]) - len(with_findings)


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
    causes = len(whole["across"]) or count  # the details of each, and here the rows as well
    traces_shown = rows_of_traces(whole) if len(whole["inputs"]) > 1 else 0
    yield from check_markdown(reports, causes)
    yield from check_rendered(reports, causes, traces_shown)
    yield from check_junit(reports, whole["rules"])
    yield from check_sarif(reports, whole["findings"], whole["rules"])


def make(tracegen, path, text):
    result = run(tracegen, "-", path, input=text.encode())
    if result.returncode != 0:
        sys.exit(f"{path.name}: {result.stderr.decode()}")


def check_many(bufcheck, tracegen, folder):
    """More findings than some formats take, in sensible time and size."""
    path = folder / "traces" / "many.etl"
    make(tracegen, path, made_traces.with_findings(MANY))
    began = time.monotonic()
    reports = Reports(bufcheck, path, folder / "reports" / "many", "--max-findings", "0")
    if time.monotonic() - began > MANY_SECONDS_MAX:
        yield f"{time.monotonic() - began:.0f} seconds"
    yield from check_csv(reports, MANY)
    yield from check_gitlab(reports, MANY, 0)
    yield from check_github(reports)
    yield from check_perfetto(reports)
    yield from check_markdown(reports, MANY, whole=False)
    yield from check_junit(reports, reports.load("json")["rules"])
    for name, limit in MANY_MIB.items():
        if reports.path(name).stat().st_size > limit << 20:
            yield f"{name}: more than {limit} MiB"


def traces(tracegen, cases, captures, folder):
    """(name, path) of every trace."""
    for case in sorted(cases.iterdir()):
        source = case / "input.trace"
        path = folder / f"{case.name}.etl"
        if source.exists() and run(tracegen, source, path).returncode == 0:
            yield case.name, path
    hostile = folder / "hostile.etl"
    make(tracegen, hostile, made_traces.with_findings(len(HOSTILE) * 5, HOSTILE, HOSTILE_COMMAND))
    yield "hostile", hostile
    for path in sorted(captures.glob("*.etl")) if captures else []:
        yield path.stem, path


def check_trace(task):
    """The problems of the reports of one trace."""
    bufcheck, folder, case, path = task
    words = ["-v"] if case == "hostile" else []
    reports = Reports(bufcheck, path, folder / case, *words)
    problems = [*check_all(reports), *check_schemas(reports, bufcheck, path),
                *check_cells(bufcheck, path)]
    return [f"{case}: {problem}" for problem in problems]


def main():
    bufcheck, tracegen, cases = sys.argv[1:4]
    captures = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else None
    failures, checked = 0, 0
    missing = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "traces").mkdir()
        (folder / "reports").mkdir()
        tasks = [(bufcheck, folder / "reports", case, path) for case, path in
                 traces(tracegen, pathlib.Path(cases), captures, folder / "traces")]
        with concurrent.futures.ProcessPoolExecutor(os.cpu_count(),
                                                    multiprocessing.get_context("fork")) as pool:
            for problems in pool.map(check_trace, tasks):
                checked += 1
                failures += len(problems)
                for problem in problems:
                    print(problem)
        for problem in check_undescribed():
            failures += 1
            print(problem)
        # The same findings twice: equal fingerprints, process ids and operations.
        twice = Reports(bufcheck, folder / "traces" / "hostile.etl", folder / "reports" / "twice",
                        folder / "traces" / "hostile.etl")
        for problem in check_all(twice):
            failures += 1
            print(f"twice: {problem}")
        for problem in check_many(bufcheck, tracegen, folder):
            failures += 1
            print(f"many: {problem}")
    missing += [] if jsonschema else ["Python's jsonschema"]
    missing += [tool for tool in ("xmllint", "cmark-gfm") if not shutil.which(tool)]
    for validator in missing:
        print(f"NOT CHECKED: {validator} is not installed")
    print(f"{checked} traces, {failures} problems")
    required = bool(os.environ.get("BUFCHECK_REQUIRE_VALIDATORS"))
    sys.exit(1 if failures or not checked or (missing and required) else 0)


if __name__ == "__main__":
    main()
