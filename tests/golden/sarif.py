#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has the SARIF report read by Microsoft's validator and checked against the schema of SARIF 2.1.0.

    sarif.py BUFCHECK TRACEGEN CASES ACCURACY [CAPTURES]

The validator is $SARIF_MULTITOOL, or sarif-multitool in PATH (npm: @microsoft/sarif-multitool), or
what scripts/test installed into build-test-tools; the schema lies beside its Linux program. Exit status 77, a skipped test for
Meson, without them; with $BUFCHECK_REQUIRE_VALIDATORS set that fails.

The validator needs a quarter of a second for a report, and what it says depends on nothing but the
report, itself and the rules. A report in which nothing was found is noted by a sum over these in
build-test-sarif/, and is passed over while the sum is the same, for example under sanitizers.
"""

import concurrent.futures
import gzip
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

import reports

try:
    import jsonschema
except ImportError:  # main() says so
    jsonschema = None

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "html"))
import traces as many_traces  # noqa: E402

MANY = 6000
RESULTS_MAX = 5000  # results of a run that GitHub's code scanning shows
UPLOAD_MAX = 10 << 20  # bytes, compressed
STEPS_MAX = 10000  # locations of a result's thread flows
# SARIF2005 asks for a page about the tool, which only a build that knows one can name; GHAzDO1019
# and 1020 for ids of a pipeline run of Azure DevOps, which its publishing task adds.
IN_EVERY_FILE = "SARIF2005"
EXPECTED = {IN_EVERY_FILE, "GHAzDO1019", "GHAzDO1020"}
CALLS_MAX = 5
NOTED = pathlib.Path(__file__).resolve().parent.parent.parent / "build-test-sarif"
NOTED_MAX = 5000  # notes; then all are thrown away
RULE_KINDS = "Sarif;Ghas;GHAzDO"  # the format's own, GitHub's, Azure DevOps'


INSTALLED = (pathlib.Path(__file__).resolve().parent.parent.parent / "build-test-tools/node_modules" /
             "@microsoft/sarif-multitool-linux/Sarif.Multitool")  # by scripts/test


def find_tool():
    named = (os.environ.get("SARIF_MULTITOOL") or shutil.which("sarif-multitool") or
             (INSTALLED if INSTALLED.exists() else None))
    tool = pathlib.Path(named).resolve() if named else None
    return tool if tool and tool.exists() else None


def find_schema(tool):
    for folder in (tool.parent, tool.parent.parent / "sarif-multitool-linux"):
        if (folder / "sarif-2.1.0.json").exists():
            return json.loads((folder / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    return None


class Notes:
    """Reports in which nothing was found."""

    def __init__(self, tool):
        beside = sorted(tool.parent.glob("*.json"))  # the schema, versions of the validator's parts
        self.tools = [pathlib.Path(__file__).read_bytes(), *(path.read_bytes() for path in beside)]
        if NOTED.is_dir() and len(os.listdir(NOTED)) > NOTED_MAX:
            shutil.rmtree(NOTED, ignore_errors=True)
        NOTED.mkdir(exist_ok=True)

    def of(self, path):
        """The note of a report, whatever the temporary folder is called that a message names."""
        report = path.read_bytes().replace(str(path.parent.parent).encode(), b"")
        texts = (hashlib.sha256(text).digest() for text in [*self.tools, report])
        return NOTED / hashlib.sha256(b"".join(texts)).hexdigest()

    def unknown(self, folder):
        return [path for path in sorted(folder.glob("*.sarif")) if not self.of(path).exists()]

    def add(self, paths):
        for path in paths:
            self.of(path).touch()


def run_validator(tool, paths):
    """The lines that it prints of these files."""
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    result = subprocess.run([tool, "validate", *paths, "--rule-kind", RULE_KINDS],
                            capture_output=True, timeout=1000, env=environment, check=False)
    lines = (result.stdout + result.stderr).decode(errors="replace").splitlines()
    if not any("Analysis completed successfully" in line for line in lines):
        lines.append("error UNFINISHED0: sarif-multitool: " + "; ".join(lines[-3:]))
    return lines


def validate_all(tool, paths):
    """Validates a part of the files on each processor."""
    count = os.cpu_count() or 1
    parts = [paths[at::count] for at in range(count) if paths[at::count]]
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        for problems in pool.map(lambda part: list(validate(tool, part)), parts):
            yield from problems


def validate(tool, paths):
    """One call for all files, because it takes a second to start. On a busy machine the validator
    sometimes gives up after some of them and says all the same that it completed: the others are
    handed over again."""
    unread = paths
    for _ in range(CALLS_MAX):
        read = set()
        for line in run_validator(tool, unread):
            problem = re.search(r"\b(?:error|warning) ([A-Za-z]+[0-9]+)", line)
            if problem and problem.group(1) == IN_EVERY_FILE:
                read.add(line.split("(")[0])
            elif problem and problem.group(1) not in EXPECTED:
                yield line
        left = [path for path in unread if str(path) not in read]
        if not left:
            return
        print(f"sarif-multitool read {len(unread) - len(left)} of {len(unread)} files")
        unread = left
    yield from (f"{path.name}: sarif-multitool did not read it" for path in unread)


def check_schema(schema, paths):
    validator = jsonschema.validators.validator_for(schema)(schema)
    for path in paths:
        log = json.loads(path.read_text(encoding="utf-8"))
        log["runs"][0]["results"] = log["runs"][0]["results"][:50]  # the validator is slow
        for error in validator.iter_errors(log):
            where = "/".join(map(str, error.absolute_path))
            yield f"{path.stem}: schema: {where}: {error.message[:200]}"


def check_many(path):
    """The limits of code scanning, with more findings than it takes."""
    text = path.read_bytes()
    run = json.loads(text)["runs"][0]
    if len(run["results"]) != RESULTS_MAX:
        yield f"{len(run['results'])} results of {MANY} findings"
    levels = [result["level"] for result in run["results"]]
    if {level for level in levels[-1:]} == {"error"} or "error" not in levels:
        yield "the case does not show that the worst are kept"
    notes = [note["descriptor"]["id"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    if "results-omitted" not in notes:
        yield "it is not said that results were left out"
    if len(gzip.compress(text)) > UPLOAD_MAX:
        yield f"{len(gzip.compress(text))} bytes compressed"
    for result in run["results"]:
        steps = sum(len(flow["locations"]) for flow in result["codeFlows"][0]["threadFlows"])
        if steps > STEPS_MAX:
            yield f"{steps} locations in a code flow"


def deep_stack(_):
    """Makes results as long as they get, with nothing that a compressor could use."""
    return "stack=" + ",".join(f"exe+{random.randrange(0x1000, 0x200000):#x}" for _ in range(64))


class Maker:
    def __init__(self, bufcheck, folder):
        self.bufcheck, self.folder = bufcheck, folder
        self.problems = []

    def make(self, name, *words):
        path = self.folder / f"{name}.sarif"
        result = reports.run(self.bufcheck, "-f", f"sarif={path}", *words)
        if result.returncode not in (0, 1, 2, 3) or not path.exists():
            self.problems.append(f"{name}: exit status {result.returncode}: {result.stderr[-300:]}")
        return path


def make_all(maker, tracegen, cases, accuracy, captures, folder):
    """Reports of every trace, and of the runs that differ in more than the trace."""
    def make_accurate(source):
        path = folder / f"accuracy-{source.parent.name}-{source.stem}.etl"
        if reports.run(tracegen, source, path).returncode == 0:
            maker.make(path.stem, path)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [pool.submit(make_accurate, source) for source in sorted(accuracy.rglob("*.trace"))]
        made = []
        for name, path in reports.traces(tracegen, cases, captures, folder):
            running.append(pool.submit(maker.make, name, path))
            made.append(path)
        for report in running:
            report.result()
    maker.make("several", folder / "hostile.etl", folder / "no-such-file.etl", made[0], made[1])
    maker.make("anchored", "--sarif-anchor", "tests/net test.cpp:12", folder / "hostile.etl")
    maker.make("severity", "--severity", "recv-over-recv=note", "--no-rule", "shared-send",
               folder / "hostile.etl")
    many_traces.stack = deep_stack
    text = many_traces.with_findings(MANY)
    reports.run(tracegen, "-", folder / "many.etl", input=text.encode())
    return maker.make("many", "--max-findings", "0", folder / "many.etl")


def main():
    bufcheck, tracegen, cases, accuracy = sys.argv[1:5]
    captures = pathlib.Path(sys.argv[5]) if len(sys.argv) > 5 else None
    tool = find_tool()
    schema = find_schema(tool) if tool else None
    if schema is None or jsonschema is None:
        print("NOT CHECKED: the SARIF reports, because npm's @microsoft/sarif-multitool or Python's "
              "jsonschema is not there (scripts/test installs both; $SARIF_MULTITOOL names the one)")
        sys.exit(1 if os.environ.get("BUFCHECK_REQUIRE_VALIDATORS") else 77)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in ("traces", "reports"):
            (folder / part).mkdir()
        maker = Maker(bufcheck, folder / "reports")
        many = make_all(maker, tracegen, pathlib.Path(cases), pathlib.Path(accuracy), captures,
                        folder / "traces")
        problems = maker.problems + list(check_many(many))
        many.unlink()  # one of its many results is like the other
        notes = Notes(tool)
        unknown = notes.unknown(folder / "reports")
        found = [*check_schema(schema, unknown), *validate_all(tool, unknown)]
        if not found:
            notes.add(unknown)
        problems += found
        count = len(list((folder / "reports").iterdir()))
    print("\n".join(problems))
    print(f"{count} reports, {count - len(unknown)} of them noted before, {len(problems)} problems")
    sys.exit(1 if problems or not count else 0)


if __name__ == "__main__":
    main()
