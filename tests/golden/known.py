#!/usr/bin/env python3
"""Runs bufcheck against what is known: baselines.

    known.py BUFCHECK TRACEGEN

A made program with three defects of one kind is traced, traced again, rebuilt, and run on another
Windows: to its baseline all of that is unchanged, and one more defect is new.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import known_traces as made  # noqa: E402
from reports import VALIDATORS  # noqa: E402

BUFCHECK = TRACEGEN = None
FOURTH = made.Defect(0x50000, 0x51000)
OTHER_KIND = made.Defect(0x60000, 0x61000, same_socket=False)


def bufcheck(*words, **more):
    return subprocess.run([BUFCHECK, *map(str, words)], capture_output=True, text=True, timeout=120,
                          **more)


def report(*words, status, **more):
    """The JSON report of such a run, which must end with that status."""
    result = bufcheck(*words, "-f", "json", **more)
    assert result.returncode == status, (words, result.returncode, result.stderr)
    value = json.loads(result.stdout)
    problems = list(VALIDATORS.problems("report-2", value)) if VALIDATORS.of else []
    assert not problems, problems
    return value


def states(value):
    return [finding["baseline"] for finding in value["findings"]]


def refused(folder, text, *parts, name="bad.json"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = bufcheck("--baseline", path, folder / "first.etl")
    assert result.returncode == 2 and result.stdout == "", (text[:80], result)
    for part in (str(path), *parts):
        assert part in result.stderr, (part, result.stderr)


def prepare(folder):
    trace = made.make(TRACEGEN, folder / "first.etl", made.THREE)
    result = bufcheck("-f", f"json={folder}/base.json", "-f", f"sarif={folder}/base.sarif", trace)
    assert result.returncode == 1, result
    return folder / "base.json", folder / "base.sarif"


def test_unchanged(folder):
    """Neither a run nor a build nor Windows makes a finding new."""
    runs = {"again": (made.AGAIN, 0), "rebuilt": (made.AGAIN, 0x340),
            "windows": (made.OTHER_WINDOWS, 0), "both": (made.OTHER_WINDOWS, 0x1040)}
    first = {finding["fingerprint"] for finding in json.loads(
        (folder / "base.json").read_text())["findings"]}
    for name, (run, moved) in runs.items():
        trace = made.make(TRACEGEN, folder / f"{name}.etl", made.THREE, run, moved)
        for baseline in prepare(folder):
            value = report("--baseline", baseline, trace, status=0)
            assert value["verdict"] == "clean", name
            assert states(value) == ["unchanged"] * 3, (name, states(value))
            assert not any(finding["gates"] for finding in value["findings"])
            assert value["absent"] == []
            found = {finding["fingerprint"] for finding in value["findings"]}
            assert (found == first) == (moved == 0), name


def test_new(folder):
    """Without a rebuild a new one names only itself."""
    for extra in (FOURTH, OTHER_KIND):
        for place in (0, 1, 3):
            defects = made.THREE[:place] + (extra,) + made.THREE[place:]
            trace = made.make(TRACEGEN, folder / "new.etl", defects, made.AGAIN)
            for baseline in prepare(folder):
                value = report("--baseline", baseline, trace, status=1)
                new = [finding for finding in value["findings"] if finding["baseline"] == "new"]
                assert len(new) == 1 and len(value["findings"]) == 4, states(value)
                assert new[0]["gates"] and new[0]["baseline_candidates"] is None
                offset = new[0]["second"]["call_site"]["offset"]
                assert int(offset, 16) == extra.second, offset
                assert sum(finding["gates"] for finding in value["findings"]) == 1


def test_new_after_a_rebuild(folder):
    """Three known of a kind stay three; the latest is new, and all are candidates."""
    baseline, _ = prepare(folder)
    trace = made.make(TRACEGEN, folder / "new.etl", (FOURTH, *made.THREE), made.AGAIN, 0x340)
    value = report("--baseline", baseline, trace, status=1)
    assert states(value) == ["unchanged"] * 3 + ["new"]
    kind = {finding["fingerprint"] for finding in value["findings"]}
    assert set(value["findings"][3]["baseline_candidates"]) == kind and len(kind) == 4
    text = bufcheck("--baseline", baseline, trace).stdout
    for fingerprint in kind:
        assert fingerprint in text, text
    # Another kind is told apart even then.
    trace = made.make(TRACEGEN, folder / "new.etl", (OTHER_KIND, *made.THREE), made.AGAIN, 0x340)
    value = report("--baseline", baseline, trace, status=1)
    assert states(value) == ["new"] + ["unchanged"] * 3
    assert value["findings"][0]["baseline_candidates"] is None


def test_absent(folder):
    baseline, _ = prepare(folder)
    known = [finding["fingerprint"] for finding in json.loads(baseline.read_text())["findings"]]
    trace = made.make(TRACEGEN, folder / "less.etl", made.THREE[1:], made.AGAIN)
    value = report("--baseline", baseline, trace, status=0)
    assert value["absent"] == known[:1], value["absent"]
    assert known[0] in bufcheck("--baseline", baseline, trace).stdout
    trace = made.make(TRACEGEN, folder / "less.etl", made.THREE[1:], made.AGAIN, 0x340)
    value = report("--baseline", baseline, trace, status=0)
    assert len(value["absent"]) == 1 and states(value) == ["unchanged"] * 2
    value = report("--baseline", baseline, "--no-rule", "recv-over-recv", trace, status=0)
    assert value["absent"] == [], "a rule that is switched off says nothing"


def test_formats(folder):
    """Only what is new fails, in every format that fails anything."""
    baseline, _ = prepare(folder)
    trace = made.make(TRACEGEN, folder / "new.etl", (*made.THREE, FOURTH), made.AGAIN)
    old = made.make(TRACEGEN, folder / "old.etl", made.THREE, made.AGAIN)
    words = ["--baseline", baseline]
    for name in ("junit", "sarif", "github", "jsonl", "text", "markdown", "html", "csv", "gitlab"):
        words += ["-f", f"{name}={folder}/out.{name}"]
    assert bufcheck(*words, old, trace).returncode == 1
    suites = xml.etree.ElementTree.parse(folder / "out.junit").getroot()
    assert suites.get("failures") == "1"
    failures = [case.find("failure").text for case in suites.iter("testcase")
                if case.find("failure") is not None]
    assert len(failures) == 1 and failures[0].count("server.exe+0x51000") == 1
    assert "server.exe+0x2087f" not in failures[0]
    results = json.loads((folder / "out.sarif").read_text())["runs"][0]["results"]
    assert [result["baselineState"] for result in results] == ["unchanged"] * 6 + ["new"]
    assert all(len(result["partialFingerprints"]["bufcheckCoarse/v1"]) == 32 for result in results)
    annotations = (folder / "out.github").read_text()
    assert annotations.count("::error") == 1 and str(trace) in annotations, annotations
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert [line["gates"] for line in lines if line["type"] == "conflict"] == [False] * 6 + [True]
    assert [line["verdict"] for line in lines if line["type"] == "summary"] == ["clean", "findings"]
    for name in ("text", "markdown", "html"):
        assert "3 unchanged" in (folder / f"out.{name}").read_text(), name


def test_many_inputs(folder):
    """Findings of one kind count over all inputs: a rebuilt program in many traces is one program."""
    baseline, _ = prepare(folder)
    traces = [made.make(TRACEGEN, folder / f"m{i}.etl", made.THREE, made.AGAIN, 0x340)
              for i in range(5)]
    value = report("--baseline", baseline, *traces, status=0)
    assert states(value) == ["unchanged"] * 15
    # The earliest three of four are known, wherever they are: FIRST ran two months before AGAIN.
    traces.append(made.make(TRACEGEN, folder / "early.etl", (FOURTH,), made.FIRST, 0x340))
    outcomes = []
    for jobs in (1, 2):
        value = report("-j", jobs, "--baseline", baseline, *traces, status=1)
        outcomes.append([(finding["input"], finding["baseline"]) for finding in value["findings"]])
        assert [state for index, state in outcomes[-1] if index == 5] == ["unchanged"]
        assert [state for index, state in outcomes[-1] if index == 0].count("new") == 1
        assert [item["exit"] for item in value["inputs"]] == [1, 1, 1, 1, 1, 0]
    assert outcomes[0] == outcomes[1]


def test_new_ones_are_shown(folder):
    """--max-findings counts known ones apart."""
    baseline, _ = prepare(folder)
    trace = made.make(TRACEGEN, folder / "new.etl", (*made.THREE, FOURTH), made.AGAIN)
    value = report("--baseline", baseline, "--max-findings", 1, trace, status=1)
    assert states(value) == ["unchanged", "new"] and value["findings_omitted"] == 2


def test_refused(folder):
    prepare(folder)
    good = (folder / "base.json").read_text()
    sarif = (folder / "base.sarif").read_text()
    refused(folder, "{\n  \"schema\": \"bufcheck.report/1\", \"findings\": [{}]}", "schema bufcheck.report/1",
            "bufcheck.report/2")
    refused(folder, good.replace('"fingerprint_version": 2', '"fingerprint_version": 1'),
            "version 1", "version 2")
    refused(folder, good[:-40], "line ", "column ", "the end of the file was found")
    refused(folder, good.replace('"findings": [', '"findings": [7, '), "column 16", "an object")
    refused(folder, good.replace('"fingerprint": "', '"fingerprint": "x'), "32 hexadecimal digits")
    refused(folder, "", "the end of the file")
    refused(folder, "[]", "a report is expected")
    refused(folder, "{}", "no report of bufcheck")
    refused(folder, good.encode("utf-16"), "UTF-16")
    refused(folder, sarif.replace('"bufcheck"', '"other"', 1), "SARIF", "'other'")
    lines = bufcheck("-f", "jsonl", folder / "first.etl").stdout
    refused(folder, lines, "bufcheck.jsonl/2", "json or sarif")
    refused(folder, bufcheck("info", "-f", "json", folder / "first.etl").stdout, "bufcheck.info/1")
    result = bufcheck("--baseline", folder / "none.json", folder / "first.etl")
    assert result.returncode == 2 and "none.json" in result.stderr


def test_edited_by_others(folder):
    """Other programs sort members and write everything in one line."""
    prepare(folder)
    for name in ("base.json", "base.sarif"):
        value = json.loads((folder / name).read_text())
        path = folder / f"sorted-{name}"
        path.write_text(json.dumps(value, sort_keys=True), encoding="utf-8-sig")
        assert states(report("--baseline", path, folder / "first.etl", status=0)) == ["unchanged"] * 3
    value = json.loads((folder / "base.sarif").read_text())
    value["runs"][0]["results"][0]["baselineState"] = "absent"
    path.write_text(json.dumps(value))
    assert states(report("--baseline", path, folder / "first.etl", status=1)).count("new") == 1


def test_baseline_of_a_cut_report(folder):
    prepare(folder)
    for name in ("json", "sarif"):
        bufcheck("--max-findings", 1, "-f", f"{name}={folder}/cut.{name}", folder / "first.etl")
        result = bufcheck("--baseline", folder / f"cut.{name}", folder / "first.etl")
        assert result.returncode == 1 and "left out 2 findings" in result.stderr, result.stderr


def test_updated_in_place(folder):
    """The next baseline may be written over the one that it is compared with."""
    baseline, _ = prepare(folder)
    trace = made.make(TRACEGEN, folder / "new.etl", (*made.THREE, FOURTH), made.AGAIN)
    assert bufcheck("--baseline", baseline, "-f", f"json={baseline}", trace).returncode == 1
    assert states(report("--baseline", baseline, trace, status=0)) == ["unchanged"] * 4


def test_large(folder):
    """5,000 findings cost a moment, and memory does not grow with the rest of the file."""
    baseline, _ = prepare(folder)
    value = json.loads(baseline.read_text())
    finding = value["findings"][0]
    value["findings"] = [{**finding, "fingerprint": f"{i:032x}"} for i in range(5000)]
    large = folder / "large.json"
    large.write_text(json.dumps(value, indent=2))
    seconds = []
    for words in ([], ["--baseline", large]):
        begun = time.monotonic()
        bufcheck(*words, folder / "first.etl")
        seconds.append(time.monotonic() - begun)
    assert seconds[1] - seconds[0] < 2, f"{large.stat().st_size} bytes took {seconds[1]:.2f} s"
    result = subprocess.run(["/bin/sh", "-c", "ulimit -v 400000; exec \"$@\"", "sh", BUFCHECK,
                             "-j", "1", "--baseline", large, folder / "first.etl"],
                            capture_output=True, text=True, timeout=60)
    sanitized = "Sanitizer" in result.stderr  # a shadow of terabytes
    assert sanitized or result.returncode == 0, result.stderr


def main():
    global BUFCHECK, TRACEGEN
    BUFCHECK, TRACEGEN = map(os.path.abspath, sys.argv[1:3])
    failed = 0
    for name, test in sorted(globals().items()):
        if not name.startswith("test_"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                prepare(pathlib.Path(folder))
                test(pathlib.Path(folder))
            except Exception:  # noqa: BLE001
                failed += 1
                print(f"FAIL {name}")
                traceback.print_exc(file=sys.stdout)
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
