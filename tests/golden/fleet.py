#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs what docs/fleet.md shows on a made fleet of 1,000 traces: every command, script and query of
the page, taken from the page.

    fleet.py BUFCHECK TRACEGEN FLEET.md

DuckDB is npm's @duckdb/node-api in $DUCKDB_MODULES (a folder node_modules), or where scripts/test
installs it: in build-test-tools. Exit status 77, a skipped test for Meson, without DuckDB, node or GNU parallel; with
$BUFCHECK_REQUIRE_VALIDATORS and $DUCKDB_MODULES set that fails.
"""

import collections
import concurrent.futures
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import known_traces as made  # noqa: E402

HOSTS, EACH = 20, 50
OLD = made.Defect(0x1c3a2, 0x2087f)  # in every build
NEW = made.Defect(0x50000, 0x51000, same_socket=False)  # since build 3
OTHER = made.Defect(0x3000, 0x4000)  # of another program
LINKED = [int(datetime.datetime(2026, month, 1, tzinfo=datetime.timezone.utc).timestamp())
          for month in range(1, 6)]
MOVED = 0x140  # bytes that each build moves the code by


class Trace:
    """A trace of the fleet: all that the queries ask for follows from its host and number."""

    def __init__(self, host, number):
        self.host, self.number = host, number
        self.name = f"traces/host{host:02}/t{number:02}.etl"
        self.build = 1 + number // 10
        self.is_other = host == 20
        self.is_lossy = host in (7, 8) and number == 30
        self.is_bad = host == 9 and number == 44
        self.defects = self.choose()

    def choose(self):
        if self.is_bad or self.is_lossy:
            return ()
        if self.is_other:
            return (OTHER,) if self.number % 25 == 0 else ()
        has_old = self.host <= 6 and self.number % 4 == 0
        has_new = self.build >= 3 and (self.host + self.number) % 5 == 0
        return (OLD,) * has_old + (NEW,) * has_new

    def text(self):
        run = made.Run(image="mail.exe" if self.is_other else "server.exe",
                       pid=1000 + self.number, tid=2000 + self.host,
                       start=f"2026-06-{1 + self.number % 28:02}T08:00:00Z")
        text = made.text(self.defects, run, moved=MOVED * self.build)
        text = text.replace("size=0x9c000 ", f"size=0x9c000 stamp={LINKED[self.build - 1]:#x} ")
        return text.replace("trace ", "trace events-lost=9 ", 1) if self.is_lossy else text


def make(trace, tracegen, folder):
    path = folder / trace.name
    path.parent.mkdir(parents=True, exist_ok=True)
    if trace.is_bad:
        path.write_bytes(bytes(5000))
    else:
        subprocess.run([tracegen, "-", str(path)], input=trace.text().encode(), check=True)


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def shell(folder, script, **variables):
    result = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True,
                            timeout=300, env={**os.environ, **variables})
    return result


def results(folder):
    return {path.relative_to(folder).as_posix() for path in (folder / "fleet").rglob("*.json*")}


def expected_results(fleet):
    return {f"fleet/{trace.name[:-4]}.{kind}" for trace in fleet for kind in ("json", "jsonl")}


# ---- commands ----

def check_parallel(folder, commands, fleet):
    """All traces on this machine; then nothing is left to do."""
    every, failed = commands[:2]
    result = shell(folder, every)
    with_findings = sum(bool(trace.defects) for trace in fleet)
    assert result.returncode == min(101, with_findings + 3), (result.returncode, result.stderr)
    assert results(folder) == expected_results(fleet), "results are missing"
    result = shell(folder, failed)
    assert result.stdout.count("\n") == 1 and "host09/t44" in result.stdout, result.stdout
    log = (folder / "fleet.log").read_text()
    assert shell(folder, every).returncode == 0 and (folder / "fleet.log").read_text() == log


def check_remote(folder, command, fleet):
    """The machines of `hosts` are this one, where GNU parallel needs no ssh."""
    few = fleet[:6]
    (folder / "traces.txt").write_text("".join(trace.name + "\n" for trace in few))
    (folder / "hosts").write_text("2/:\n")
    result = shell(folder, command)
    assert results(folder) == expected_results(few), result.stderr
    assert result.returncode == sum(bool(trace.defects) for trace in few), result.stderr


def check_array(folder, script, variable, first, fleet):
    """A task for each index; a task that finds something has not failed, one without a trace has."""
    picked = [0, 5, next(i for i, trace in enumerate(fleet) if trace.is_bad)]
    (folder / "traces.txt").write_text("".join(trace.name + "\n" for trace in fleet))
    for index in picked:
        result = shell(folder, script, **{variable: str(index + first)})
        assert result.returncode == (1 if fleet[index].is_bad else 0), (index, result)
    assert results(folder) == expected_results([fleet[i] for i in picked])
    shutil.rmtree(folder / "fleet")


def check_commands(folder, page, fleet):
    commands = [command for command in blocks(page, "sh") if "all.jsonl" not in command]
    (slurm,), (kubernetes,) = blocks(page, "bash"), blocks(page, "yaml")
    part = folder / "part"
    part.mkdir()
    (part / "traces").symlink_to(folder / "traces")
    check_remote(part, commands[2], fleet)
    shutil.rmtree(part / "fleet")
    check_array(part, slurm, "SLURM_ARRAY_TASK_ID", 1, fleet)
    lines = re.search(r"args:\n +- \|\n(.*?)\n +volumeMounts", kubernetes, re.DOTALL).group(1)
    check_array(part, lines, "JOB_COMPLETION_INDEX", 0, fleet)
    for key, value in (("completions", len(fleet)), ("completionMode", "Indexed")):
        assert re.search(rf"^  {key}: {value}$", kubernetes, re.MULTILINE), key
    try:
        import yaml
        assert yaml.safe_load(kubernetes)["kind"] == "Job"
    except ImportError:
        print("NOT CHECKED: the YAML of the Kubernetes job; Python's yaml is not there")
    check_parallel(folder, commands, fleet)


# ---- queries ----

def run_queries(folder, page, node_modules):
    (script,) = blocks(page, "js")
    (folder / "fleet.mjs").write_text(script)
    (folder / "node_modules").symlink_to(node_modules)
    stream = [command for command in blocks(page, "sh") if "all.jsonl" in command]
    assert len(stream) == 1 and shell(folder, stream[0]).returncode == 0
    (folder / "fleet.sql").write_text("\n".join(blocks(page, "sql")))
    result = subprocess.run(["node", "fleet.mjs", "fleet.sql"], cwd=folder, capture_output=True,
                            text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    return [[{name: int(value) if re.fullmatch(r"-?\d+", str(value)) else value
              for name, value in row.items()} for row in answer] for answer in rows]


def by_defect(fleet, defect):
    return [trace for trace in fleet if defect in trace.defects]


def wanted_verdicts(fleet):
    counts = collections.defaultdict(list)
    for trace in fleet:
        verdict = ("error" if trace.is_bad else "inconclusive" if trace.is_lossy else
                   "findings" if trace.defects else "clean")
        counts[verdict].append(trace.host)
    return sorted(({"verdict": verdict, "traces": len(hosts), "hosts": len(set(hosts))}
                   for verdict, hosts in counts.items()),
                  key=lambda row: (-row["traces"], row["verdict"]))


def check_causes(fleet, rows):
    wanted = []
    for defect, program in ((OLD, "server.exe"), (NEW, "server.exe"), (OTHER, "mail.exe")):
        traces = by_defect(fleet, defect)
        wanted.append({"rule": "recv-over-recv", "program": program,
                       "hosts": len({trace.host for trace in traces}), "traces": len(traces),
                       "posts": len(traces), "harmful": len(traces),
                       "since": f"2026-06-{min(1 + trace.number % 28 for trace in traces):02}"})
    wanted.sort(key=lambda row: (-row["hosts"], -row["traces"]))
    assert [{**row, "cause": None} for row in rows] == [{**row, "cause": None} for row in wanted], (
        rows, wanted)


def check_builds(rows):
    """The build that introduced each; offsets moved with every build."""
    assert [(row["module"], row["builds"], row["introduced"]) for row in sorted(
        rows, key=lambda row: (row["module"], row["introduced"]))] == [
            ("mail.exe", 2, LINKED[0]), ("server.exe", 5, LINKED[0]),
            ("server.exe", 3, LINKED[2])], rows
    assert {row["linked"] for row in rows} == {"2026-01-01", "2026-03-01"}


def check_sites(fleet, rows):
    counts = collections.defaultdict(list)
    for trace in fleet:
        for defect in trace.defects:
            program = "mail.exe" if trace.is_other else "server.exe"
            moved = MOVED * trace.build
            counts[program, f"{program}+{defect.first + moved:#x}",
                   f"{program}+{defect.second + moved:#x}"].append(trace.host)
    wanted = sorted(({"program": key[0], "first_from": key[1], "second_from": key[2],
                      "conflicts": len(hosts), "hosts": len(set(hosts)),
                      "damaged_bytes": 96 * len(hosts)} for key, hosts in counts.items()),
                    key=lambda row: (-row["conflicts"], row["program"], row["first_from"],
                                     row["second_from"]))
    assert rows == wanted[:10], (rows, wanted[:10])


def check_answers(fleet, answers):
    (verdicts, causes, builds, sites, untrusted, seen, to_open, _, _, sizes, stream) = answers[3:]
    conflicts = sum(len(trace.defects) for trace in fleet)
    assert verdicts == wanted_verdicts(fleet), verdicts
    check_causes(fleet, causes)
    check_builds(builds)
    check_sites(fleet, sites)
    assert untrusted == [{"cause": "events-lost", "traces": 2, "hosts": ["host07", "host08"]}]
    assert len(seen) == 10 and {float(row["visible_percent"]) for row in seen} == {100.0}, seen
    assert len(to_open) == 3 and all(row["report"].endswith(".json") for row in to_open)
    assert sizes[0]["findings"] == conflicts and sizes[0]["lines"] > 2 * len(fleet) + conflicts
    assert stream == [{"traces": len(fleet), "conflicts": conflicts, "most": 2}], stream


# ---- the whole ----

INSTALLED = pathlib.Path(__file__).resolve().parent.parent.parent / "build-test-tools/node_modules"


def modules():
    return pathlib.Path(os.environ.get("DUCKDB_MODULES") or INSTALLED).resolve()


def missing():
    if not (modules() / "@duckdb/node-api").is_dir():
        yield "npm's @duckdb/node-api"
    yield from (tool for tool in ("node", "parallel") if not shutil.which(tool))


def main():
    bufcheck, tracegen, page = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    not_there = list(missing())
    if not_there:
        print(f"NOT CHECKED: docs/fleet.md, because {', '.join(not_there)} is not there "
              "(scripts/test installs it)")
        required = {"BUFCHECK_REQUIRE_VALIDATORS", "DUCKDB_MODULES"} <= set(os.environ)
        return 1 if required else 77
    text = page.read_text(encoding="utf-8")
    os.environ["PATH"] = f"{bufcheck.parent}:{os.environ['PATH']}"
    fleet = [Trace(host, number) for host in range(1, HOSTS + 1) for number in range(EACH)]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name).resolve()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda trace: make(trace, tracegen, folder), fleet))
        check_commands(folder, text, fleet)
        answers = run_queries(folder, text, modules())
        check_answers(fleet, answers)
    print(f"{len(fleet)} traces, {len(answers)} statements")
    return 0


if __name__ == "__main__":
    sys.exit(main())
