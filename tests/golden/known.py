#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs bufcheck against what is known: baselines and suppressions.

    known.py BUFCHECK TRACEGEN

A made program with three defects of one kind is traced, traced again, rebuilt, and run on another
Windows: to its baseline all of that is unchanged, and one more defect is new.
"""

import csv
import json
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import each_test  # noqa: E402
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
    issues = json.loads((folder / "out.gitlab").read_text())
    assert [issue["severity"] for issue in issues] == ["info"] * 6 + ["critical"]
    assert issues[0]["description"].endswith(" Known; unchanged: the baseline has it.")
    with open(folder / "out.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["baseline"], row["suppressed"]) for row in rows] == [("unchanged", "")] * 6 + [
        ("new", "")]
    text = (folder / "out.markdown").read_text()
    assert text.count("\n| :white_circle: error, unchanged |") == 3
    assert text.count("\n| :red_circle: error, new |") == 1
    for name in ("text", "markdown", "html"):
        words = " ".join((folder / f"out.{name}").read_text().split())  # a long path breaks lines
        assert "3 unchanged" in words, name


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
    refused(folder, (folder / "first.etl").read_bytes(), "the file is a trace")
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
    if "ASAN_OPTIONS" in os.environ:
        return  # a sanitizer maps terabytes for its own use
    result = subprocess.run(["/bin/sh", "-c", "ulimit -v 400000; exec \"$@\"", "sh", BUFCHECK,
                             "-j", "1", "--baseline", large, folder / "first.etl"],
                            capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr


# ---- suppressions ----

def suppressed(folder, text, trace=None, status=0, epoch=None, more=()):
    """The reasons of the findings of such a run, in their order, and the report."""
    path = folder / "known.txt"
    path.write_text(text)
    environment = {**os.environ, **({"SOURCE_DATE_EPOCH": epoch} if epoch else {})}
    value = report("--suppressions", path, *more, trace or folder / "first.etl", status=status,
                   env=environment)
    return [finding["suppressed"] for finding in value["findings"]], value


def test_suppressions_match(folder):
    """Each kind of match, exactly and by glob; all lines of an entry must fit."""
    fingerprints = [finding["fingerprint"] for finding in json.loads(
        (folder / "base.json").read_text())["findings"]]
    for line in ("rule = recv-over-recv", "rule = recv*", "process = SERVER.EXE", "process = ser*",
                 "module = server.exe", "module = mswsock.*", "remote = 10.0.0.17:50611",
                 "remote = 10.0.0.*", "fingerprint = *", "call-site = server.exe+*",
                 "call-site = SERVER.EXE+0X*", "module = SERVER.EXE"):
        reasons, value = suppressed(folder, f"{line}\nreason = ok\n")
        assert reasons == ["ok"] * 3, line
        assert value["suppressions"][0]["state"] == "used"
        assert value["suppressions"][0]["findings"] == 3
    for line in ("rule = send*", "process = other.exe", "module = other.dll", "remote = 10.0.0.18:*",
                 "call-site = server.exe+0x9999", "call-site = server.exe", "function = Pool::*",
                 "rule = RECV*", "fingerprint = x*",
                 "rule = recv*\nprocess = other"):
        reasons, value = suppressed(folder, f"{line}\nreason = ok\n", status=1)
        assert reasons == [None] * 3, line
        assert value["suppressions"][0]["state"] == "unused"
    for line in ("call-site = server.exe+0x2087f", f"fingerprint = {fingerprints[0]}"):
        reasons, _ = suppressed(folder, f"{line}\nreason = ok\n", status=1)
        assert reasons == ["ok", None, None], line
    reasons, _ = suppressed(folder, "call-site = server.exe+0x1c3a2\nreason = a\n\n"
                                    "call-site = *+0x40bbb\nreason = b\n")
    assert reasons == ["a", "a", "b"], reasons


def test_suppressions_by_remote(folder):
    """A finding one of whose conflicts is with another peer stays."""
    both = made.text((made.THREE[0],) * 2).replace(
        "connect-addr.enter endpoint=0xffffa58f23a12000 address=10.0.0.17:50611",
        "connect-addr.enter endpoint=0xffffa58f23a12000 address=10.0.0.99:1")
    (folder / "both.trace").write_text(both)
    subprocess.run([TRACEGEN, folder / "both.trace", folder / "both.etl"], check=True)
    for pattern, status in (("10.0.0.17:*", 1), ("10.0.0.99:1", 1), ("10.0.0.*", 0)):
        reasons, value = suppressed(folder, f"remote = {pattern}\nreason = ok\n",
                                    folder / "both.etl", status)
        assert value["findings"][0]["count"] == 2 and len(reasons) == 1, reasons
        assert reasons == [None if status else "ok"], pattern


def test_suppressions_expire(folder):
    """The last valid day is a whole day in UTC."""
    text = "# for a while\nrule = recv-over-recv\nreason = NET-42\nuntil = 2026-02-28\n"
    last_second = 1772323199
    reasons, value = suppressed(folder, text, epoch=str(last_second))
    assert reasons == ["NET-42"] * 3 and value["suppressions"][0]["until"] == "2026-02-28"
    reasons, value = suppressed(folder, text, status=1, epoch=str(last_second + 1))
    assert reasons == [None] * 3 and value["suppressions"][0]["state"] == "expired"
    result = bufcheck("--suppressions", folder / "known.txt", folder / "first.etl",
                      env={**os.environ, "SOURCE_DATE_EPOCH": str(last_second + 1)})
    assert "known.txt:2: the suppression expired" in " ".join(result.stdout.split())
    assert "2026-02-28; 3 findings fit it (NET-42)" in " ".join(result.stdout.split())
    assert "No finding is suppressed." in result.stdout, result.stdout
    for epoch in ("x", "-1", "99999999999999999999"):
        result = bufcheck("--suppressions", folder / "known.txt", folder / "first.etl",
                          env={**os.environ, "SOURCE_DATE_EPOCH": epoch})
        assert result.returncode == 2 and "SOURCE_DATE_EPOCH" in result.stderr, result
    suppressed(folder, text.replace("2026-02-28", "2024-02-29"), status=1, epoch="1709251200")
    suppressed(folder, text.replace("2026-02-28", "2024-02-29"), status=0, epoch="1709251199")


def test_suppressions_in_formats(folder):
    path = folder / "known.txt"
    path.write_text("call-site = server.exe+0x1c3a2\nreason = <a> & \"b\"\n\n"
                    "rule = shared-send\nreason = broadcast\n")
    words = ["--suppressions", path]
    for name in ("junit", "sarif", "github", "text", "jsonl", "gitlab", "csv", "markdown"):
        words += ["-f", f"{name}={folder}/out.{name}"]
    assert bufcheck(*words, folder / "first.etl").returncode == 1
    results = json.loads((folder / "out.sarif").read_text())["runs"][0]["results"]
    assert [result.get("suppressions", [{}])[0].get("justification") for result in results] == \
        ['<a> & "b"'] * 2 + [None]
    assert (folder / "out.github").read_text().count("::error") == 1
    suites = xml.etree.ElementTree.parse(folder / "out.junit").getroot()
    failure = next(suites.iter("failure"))
    assert suites.get("failures") == "1" and "+0x40bbb" in failure.text
    assert "+0x1c3a2" not in failure.text
    text = (folder / "out.text").read_text()
    assert text.count("\n     suppressed: <a> & \"b\" (") == 2
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert [line["gates"] for line in lines if line["type"] == "conflict"] == [False, False, True]
    issues = json.loads((folder / "out.gitlab").read_text())
    assert [issue["severity"] for issue in issues] == ["info"] * 2 + ["critical"]
    with open(folder / "out.csv", newline="", encoding="utf-8") as file:
        assert [row["suppressed"] for row in csv.DictReader(file)] == ['<a> & "b"'] * 2 + [""]
    assert (folder / "out.markdown").read_text().count("| :white_circle: error, suppressed |") == 2
    assert "2 findings are suppressed." in text and "known.txt:4: the suppression is unused" in text


def test_suppressions_errors(folder):
    """Each error names file, line and column."""
    for text, *parts in (
            ("rule = recv-over-recv\n", "line 1, column 1", "no reason"),
            ("\n\nreason = x\n", "line 3, column 1", "says nothing"),
            ("rule = recv-over-recw\nreason = x", "line 1, column 8", "no such rule"),
            ("  rulez = x\n", "line 1, column 3", "no 'rulez'"),
            ("rule recv\n", "line 1, column 6", "= is expected"),
            ("= x\n", "line 1, column 1", "a name is expected"),
            ("rule = *\nrule = *\n", "line 2, column 1", "twice"),
            ("rule =   \nreason = x\n", "line 1, column", "needs a value"),
            ("rule = *\nreason =\n", "line 2, column 9", "reason needs a value"),
            ("rule = *\nreason = x\nuntil = 2026-02-29\n", "line 3, column 9", "a day"),
            ("rule = *\nreason = x\nuntil = 2026-13-01\n", "line 3, column 9"),
            ("rule = *\nreason = x\nuntil = tomorrow\n", "line 3, column 9"),
            ("fingerprint = 12\nreason = x\n", "line 1, column 15", "32 hexadecimal"),
            ("rule = *\nreason = \u00e9\x01\n", "line 2, column 11", "no text has"),
            ("rule = *\nreason = " + "x" * 5000, "line 2, column 4097", "4096 bytes")):
        path = folder / "bad.txt"
        path.write_text(text, encoding="utf-8")
        result = bufcheck("--suppressions", path, folder / "first.etl")
        assert result.returncode == 2 and result.stdout == "", (text, result)
        for part in (str(path), *parts):
            assert part in result.stderr, (part, result.stderr)
    path.write_bytes("rule = *\nreason = x\n".encode("utf-16"))
    assert "UTF-16" in bufcheck("--suppressions", path, folder / "first.etl").stderr
    path.write_bytes(b"\xef\xbb\xbfrule = *\r\nreason = x\r\n")
    assert bufcheck("--suppressions", path, folder / "first.etl").returncode == 0
    assert bufcheck("--suppressions", folder / "no.txt", folder / "first.etl").returncode == 2


def test_gen_suppressions(folder):
    """The entries suppress what they were printed for."""
    result = bufcheck("--gen-suppressions", folder / "first.etl")
    assert result.returncode == 1 and result.stdout.count("reason = ") == 3, result
    _, value = suppressed(folder, result.stdout)
    assert len(value["suppressions"]) == 3
    lines = result.stdout.splitlines()
    twice = [line for line, after in zip(lines, lines[1:]) if line == after and line != ""]
    assert not twice, twice # both posts of a finding have one call site
    again = bufcheck("--gen-suppressions", "--suppressions", folder / "known.txt",
                     folder / "first.etl")
    assert again.returncode == 0 and again.stdout == "", again
    suppressed(folder, result.stdout.replace("\n", "\r\n"))
    for line in ("# call-site = ", "# remote = "):
        suppressed(folder, result.stdout.replace(line, line[2:], 1)
                   if line == "# remote = " else result.stdout)
    result = bufcheck("--gen-suppressions", "-f", "json", folder / "first.etl")
    assert result.returncode == 2 and "--gen-suppressions" in result.stderr
    # Two traces of one defect need one entry.
    result = bufcheck("--gen-suppressions", folder / "first.etl", folder / "first.etl")
    assert result.stdout.count("reason = ") == 3


def test_suppressed_and_baseline(folder):
    """A baseline knows what is suppressed, too; both are said."""
    value = suppressed(folder, "call-site = *+0x40bbb\nreason = x\n",
                       more=("--baseline", folder / "base.json"))[1]
    assert states(value) == ["unchanged"] * 3
    assert [finding["suppressed"] for finding in value["findings"]] == [None, None, "x"]


def test_filters_leave_entries_in_use(folder):
    """An entry that fits what a filter leaves out is not told as unused, in one trace or two."""
    traces = [folder / "first.etl",
              made.make(TRACEGEN, folder / "again.etl", made.THREE, made.AGAIN)]
    path = folder / "known.txt"
    for text in ("module = server.exe", "call-site = server.exe+*", "process = server.exe",
                 "remote = *:*"):
        path.write_text(f"{text}\nreason = a\n")
        for more, count in ((["--pid", "1"], 1), (["--until", "0"], 1), (["--pid", "1"], 2),
                            (["--module", "none.dll"], 1), (["--module", "none.dll"], 2)):
            result = subprocess.run([BUFCHECK, "-f", "json", "--suppressions", path, *more,
                                     *traces[:count]], capture_output=True, timeout=120)
            value = json.loads(result.stdout)
            entry = value["suppressions"][0]
            assert value["findings"] == [] and result.returncode in (0, 3), (text, more, result)
            assert (entry["state"], entry["findings"]) == ("used", 3 * count), (text, more, entry)


def test_filters_leave_known_findings_where_they_are(folder):
    """A finding that a filter leaves out is not told as absent: it is not shown, but there."""
    for more in (["--pid", "1"], ["--module", "none.dll"]):
        result = subprocess.run([BUFCHECK, "-f", "json", "--baseline", folder / "base.json", *more,
                                 folder / "first.etl"], capture_output=True, timeout=120)
        value = json.loads(result.stdout)
        assert value["findings"] == [] and value["absent"] == [], (more, value)


def prepared(folder):
    prepare(folder)
    return folder


def main():
    global BUFCHECK, TRACEGEN
    BUFCHECK, TRACEGEN = map(os.path.abspath, sys.argv[1:3])
    return each_test.run_each(each_test.tests_of(globals()), prepared)


if __name__ == "__main__":
    sys.exit(main())
