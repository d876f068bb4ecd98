#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the one report over many traces: a cause is told once, with the traces that it occurred on.

    many.py BUFCHECK TRACEGEN
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import each_test  # noqa: E402
import known_traces as made  # noqa: E402

BUFCHECK = TRACEGEN = None
NEW = made.Defect(0x50000, 0x51000)
NEWER = made.Defect(0x60000, 0x61000)
FORMATS = ("text", "json", "sarif", "junit", "markdown", "html", "perfetto", "csv", "github",
           "gitlab")


def bufcheck(folder, *words):
    return subprocess.run([BUFCHECK, *map(str, words)], cwd=folder, capture_output=True, text=True,
                          timeout=120)


def report(folder, form, *words, status=2):
    result = bufcheck(folder, "-f", form, *words, "traces")
    assert result.returncode == status, (form, result.returncode, result.stderr)
    return json.loads(result.stdout) if form == "json" else result.stdout


def plain(text):
    """A report's words, however its lines break."""
    return " ".join(text.split())


def without_ends(text):
    """The same program, stopped before its receives completed: nothing is certain then."""
    return "".join(line for line in text.splitlines(True) if "recv.exit" not in line)


def write(path, text):
    source = path.with_suffix(".trace")
    source.write_text(text, encoding="utf-8")
    subprocess.run([TRACEGEN, str(source), str(path)], check=True)
    source.unlink()


def in_processes(program, path, *more, received=10):
    """Writes a trace of one program in several processes. Each is a process id, the two calls that
    it makes with one buffer, and whether both complete, with as many bytes. No stacks are recorded,
    so equal calls have one cause."""
    lines = ["trace processors=1 build=19041" + "".join(" " + word for word in more)]
    at = 1.0
    for pid, first, second, completes in program:
        process, endpoint = f"{0xffffa00000000000 + pid * 0x1000:#x}", f"{0xffffb00000000000 + pid:#x}"
        lines += [f"default pid={pid} tid=5116 process={process} endpoint={endpoint}",
                  f"0 {at} process.dcstart process={process} target={pid} image=srv.exe",
                  f"0 +10us {first}.enter buffer=0x10000 len=4096",
                  f"0 +10us {second}.enter buffer=0x10000 len=4096 tid=5117"]
        if completes:
            lines += [f"0 +10us {first}.exit buffer=0x10000 len={received}",
                      f"0 +10us {second}.exit buffer=0x10000 len={received} tid=5117"]
        at += 1
    write(path, "\n".join(lines) + "\n")


def make_two_processes(folder):
    """In a.etl one cause in two processes, and another one; in b.etl only this other one."""
    (folder / "traces").mkdir()
    other = (4120, "recv", "send", True)
    in_processes([(4120, "recv", "recv", True), (5120, "recv", "recv", True), other],
                 folder / "traces/a.etl")
    in_processes([other], folder / "traces/b.etl")


def make_fleet(folder):
    """61 traces: three defects on 20 of them, one more on two, 40 clean ones, one that is no trace."""
    traces = folder / "traces"
    traces.mkdir()
    made.make(TRACEGEN, folder / "clean.etl", (), made.AGAIN)
    made.make(TRACEGEN, folder / "dirty.etl", made.THREE)
    made.make(TRACEGEN, folder / "worse.etl", (*made.THREE, NEW), made.AGAIN)
    for i in range(60):
        name = "clean" if i < 10 or i >= 30 else "worse" if i in (25, 27) else "dirty"
        shutil.copy(folder / f"{name}.etl", traces / f"t{i:03}.etl")
    (traces / "t005a.etl").write_bytes(bytes(4096))
    return traces


def test_json_counts_each_cause(folder):
    make_fleet(folder)
    value = report(folder, "json")
    paths = [item["path"] for item in value["inputs"]]
    assert len(paths) == 61 and paths == sorted(paths)
    assert [item["inputs"] for item in value["across"]] == [20, 20, 20, 2]
    for item in value["across"]:
        inputs = [value["findings"][i]["input"] for i in item["findings"]]
        assert len(inputs) == item["inputs"] and inputs == sorted(inputs)
        assert item["first_input"] == inputs[0] and item["last_input"] == inputs[-1]
        assert {value["findings"][i]["fingerprint"] for i in item["findings"]} == {
            item["fingerprint"]}
        assert (item["rule"], item["level"]) == ("recv-over-recv", "error")
    assert paths[value["across"][3]["first_input"]] == "traces/t025.etl"
    assert sorted(i for item in value["across"] for i in item["findings"]) == list(
        range(len(value["findings"])))


def test_counts_are_complete_where_findings_are_left_out(folder):
    make_fleet(folder)
    value = report(folder, "json", "--max-findings", "1")
    assert [item["inputs"] for item in value["across"]] == [20, 20, 20, 2]
    assert [len(item["findings"]) for item in value["across"]] == [20, 0, 0, 0]
    assert value["findings_omitted"] == 42


def test_one_trace_has_no_other(folder):
    made.make(TRACEGEN, folder / "traces", made.THREE)
    assert report(folder, "json", status=1)["across"] == []
    for form in ("text", "markdown", "html"):
        assert "of 1 trace" not in report(folder, form, status=1), form


def test_text_tells_each_cause_once(folder):
    make_fleet(folder)
    text = report(folder, "text")
    words = plain(text)
    assert text.startswith("FAILED  61 traces: 1 failed, 20 with findings, 40 clean ")
    assert text.count("ERROR recv-over-recv") == 4
    assert words.count("on 20 of 61 traces, first in traces/t010.etl, last in traces/t029.etl") == 3
    assert words.count("on 2 of 61 traces, first in traces/t025.etl, last in traces/t027.etl") == 1
    told = ", ".join(f"traces/t{i:03}.etl" for i in range(11, 23))
    assert f" FINDINGS {told} and 5 more: 3 errors each, the same as 1, 2, 3 " in words, words
    assert "\nAgain in traces/t025.etl, from causes that stand above: 1, 2, 3\n" in text
    assert "\nFINDINGS  traces/t027.etl: 4 errors, the same as 4, 1, 2, 3\n" in text or (
        "\nFINDINGS  traces/t027.etl: 4 errors, the same as 1, 2, 3, 4\n" in text)
    assert text.count("\nTrace health") == 2
    table = re.findall(r"^  (FINDINGS|FAILED|CLEAN) +(\S+) +\S+ +\S+  (\S.*)$", text, re.M)
    assert table == [("FAILED", "-", "traces/t005a.etl"), ("FINDINGS", "3", "traces/t010.etl and 17 more"),
                     ("FINDINGS", "4", "traces/t025.etl and 1 more")], table
    assert text.count("\nCLEAN  traces/") == 40
    every = report(folder, "text", "-v")
    assert every.count("ERROR recv-over-recv") == 62
    assert len(re.findall(r"^  (?:FINDINGS|FAILED) +\S+ +\S+ +\S+  \S+$", every, re.M)) == 21
    quiet = report(folder, "text", "-q")
    assert quiet.count("ERROR recv-over-recv") == 4 and quiet.count("Again in ") == 19


def test_markdown_tells_each_cause_once(folder):
    make_fleet(folder)
    text = report(folder, "markdown")
    assert "\n61 traces: 1 failed, 20 with findings, 40 clean\n" in text
    assert text.count("ERROR recv-over-recv") == 4
    assert text.count(", on 20 of 61 traces</summary>") == 3
    assert text.count(", on 2 of 61 traces</summary>") == 1
    assert plain(text).count("first in traces/t010.etl, last in traces/t029.etl") == 3
    assert "\nThe details of 3 findings stand above, with another trace of the same cause.\n" in text
    assert re.search(r"\n\* <code>traces/t011.etl</code>, .*<code>traces/t022.etl</code> and 5 more: "
                     r"findings; 3 errors each, with details above\n", text), text
    rows = re.findall(r"^\| (findings|could not be analysed) \|.*<code>(\S+)</code>(.*) \|$", text, re.M)
    assert [row[1:] for row in rows] == [("traces/t005a.etl", ""), ("traces/t010.etl", " and 17 more"),
                                         ("traces/t025.etl", " and 1 more")], rows
    every = report(folder, "markdown", "-v")
    assert len(re.findall(r"^\| findings \|.*<code>\S+</code> \|$", every, re.M)) == 20
    assert text.count(": clean; the program's address") == 40
    short = report(folder, "markdown", "--max-bytes", "4000")
    assert len(short.encode()) <= 4000 and "\n61 traces: " in short
    assert "more traces are not in this table" in short or "more traces did not fit" in short, short


def test_html_holds_the_counts(folder):
    make_fleet(folder)
    text = report(folder, "html")
    assert text.count('"across": [20, ') == 60 and text.count('"across": [2, ') == 2
    assert plain(text).count("on 20 of 61 traces, first in traces/t010.etl") == 60


def test_html_claims_no_more_than_was_seen(folder):
    """Rules and filters that leave findings out are named beside the sentence of a clean trace."""
    (folder / "traces").mkdir()
    made.make(TRACEGEN, folder / "traces/clean.etl", (), made.AGAIN)
    narrowed = "owned it, as far as rules and filters below admit, in the operations"
    text = report(folder, "html", status=0)
    assert narrowed not in text and "owned it, in the operations whose address was visible." in text
    for words in (("--rule", "send-over-send"), ("--module", "app*"), ("--pid", "914")):
        assert narrowed in report(folder, "html", *words, status=0), words
    (folder / "traces/broken.etl").write_bytes(bytes(4096))
    text = report(folder, "html")
    assert "Nothing was found in what could be analysed of the traces." in text
    assert "2 traces: 1 failed, 1 clean" in text
    assert text.index("<td>traces/broken.etl<") < text.index("<summary>1 clean trace<")


def test_a_worse_finding_of_a_cause_is_told_too(folder):
    """The first trace shows only that the defect is possible; a later one proves it."""
    (folder / "traces").mkdir()
    one = made.THREE[:1]
    write(folder / "traces/a.etl", without_ends(made.text(one)))
    write(folder / "traces/b.etl", made.text(one, made.AGAIN))
    write(folder / "traces/c.etl", without_ends(made.text(one, made.AGAIN)))
    all_count = ("--fail-on", "note")
    text = report(folder, "text", *all_count, status=1)
    assert text.count("NOTE recv-over-recv (possible)") == 1
    assert text.count("ERROR recv-over-recv (confirmed)") == 1
    assert plain(text).count("on 3 of 3 traces") == 2
    assert "\nAgain in traces/c.etl, from causes that stand above: 2\n" in text
    value = report(folder, "json", status=1)
    assert [(item["inputs"], item["level"]) for item in value["across"]] == [(3, "error")]
    text = report(folder, "markdown", *all_count, status=1)
    assert text.count("\nNOTE recv-over-recv") == text.count("\nERROR recv-over-recv") == 1
    text = report(folder, "text", status=1)
    assert text.startswith("FINDINGS  3 traces: 1 with findings, 2 inconclusive")
    assert text.index("traces/b.etl (exit") < text.index("traces/a.etl (exit")


def test_damage_is_told_where_an_earlier_trace_shows_none(folder):
    (folder / "traces").mkdir()
    program = [(4120, "recv", "recv", True)]
    in_processes(program, folder / "traces/a.etl", received=0)
    for name in ("b", "c"):
        in_processes(program, folder / f"traces/{name}.etl", received=96)
    for form in ("text", "markdown"):
        text = report(folder, form, status=1)
        assert text.count("ERROR recv-over-recv (confirmed)") == 2, text
        assert plain(text).count("96 bytes at 0x10000 were really overwritten") == 1
        assert text.index("no damaged byte") < text.index("96 bytes at 0x10000")


def test_the_last_trace_has_its_section(folder):
    """A list of traces whose causes stand above ends before it."""
    (folder / "traces").mkdir()
    for name in ("a", "b"):
        in_processes([(4120, "recv", "recv", True)], folder / f"traces/{name}.etl")
    in_processes([(4120, "recv", "send", True)], folder / "traces/c.etl")
    text = report(folder, "markdown", status=1)
    assert "ERROR recv-over-recv" in text and "ERROR send-over-recv" in text, text
    assert "did not fit" not in text


def test_numbers_count_each_finding_of_a_cause(folder):
    """Two processes of one trace share a cause: each has its number, and later numbers stand."""
    make_two_processes(folder)
    text = report(folder, "text", status=1)
    numbers = re.findall(r"^(\d)\. ERROR (\S+)", text, re.M)
    assert [rule for _, rule in numbers] == ["recv-over-recv", "recv-over-recv", "send-over-recv"]
    assert [number for number, _ in numbers] == ["1", "2", "3"]
    assert "\nFINDINGS  traces/b.etl: 1 error, the same as 3\n" in text, text


def test_markdown_has_details_of_each_process(folder):
    """Only findings of another trace may have their details above."""
    make_two_processes(folder)
    text = report(folder, "markdown", status=1)
    assert re.findall(r"^ERROR (\S+)", text, re.M) == ["recv-over-recv"] * 2 + ["send-over-recv"]
    assert "by thread 5117 of srv.exe (5120)" in text and "stand above" not in text, text
    assert "\n* <code>traces/b.etl</code>: findings; 1 error, with details above\n" in text, text


def test_the_worst_of_an_input_tells_its_cause(folder):
    """A milder finding of one cause in the same trace does not stand for the cause."""
    (folder / "traces").mkdir()
    in_processes([(4120, "recv", "recv", True), (5120, "recv", "recv", False)],
                 folder / "traces/a.etl")
    in_processes([(4120, "recv", "recv", True)], folder / "traces/b.etl")
    text = report(folder, "text", status=1)
    assert re.findall(r"^(\d\. \S+) recv", text, re.M) == ["1. ERROR", "2. WARNING"], text
    assert "\nFINDINGS  traces/b.etl: 1 error, the same as 1\n" in text, text


def test_loss_is_told_where_the_causes_stand_above(folder):
    """A trace that lost events has its verdict and health, though its finding is told already."""
    (folder / "traces").mkdir()
    program = [(4120, "recv", "send", True)]
    in_processes(program, folder / "traces/a.etl")
    in_processes(program, folder / "traces/b.etl", "events-lost=7")
    for more in ((), ("--allow-inconclusive",)):
        text = report(folder, "text", *more, status=1)
        assert "\nAgain in traces/b.etl, from causes that stand above: 1\n" in text, text
        assert "  loss           7 events" in text and text.count("\nTrace health") == 2, text
        text = report(folder, "markdown", *more, status=1)
        assert "\n## <code>traces/b.etl</code>: findings\n" in text, text
        assert "  loss           7 events" in text and text.count("ERROR send-over-recv") == 1, text


def test_what_is_known_is_listed_once(folder):
    make_fleet(folder)
    (folder / "traces/t005a.etl").unlink()
    (folder / "base.json").write_text(json.dumps(report(folder, "json", status=1)))
    text = report(folder, "text", "--baseline", "base.json", status=0)
    assert text.startswith("CLEAN  60 traces: 60 clean ")
    assert text.count("\nKnown of ") == 2, text.count("\nKnown of ")
    assert "CLEAN traces/t011.etl, traces/t012.etl, " in plain(text)
    assert " and 5 more: 3 errors each, known, the same as 1, 2, 3 " in plain(text), text
    assert "  verdict  " not in text, "no trace needs attention"
    # Another defect on two of them: only these need attention, and only it needs an entry.
    for name in ("t011", "t012"):
        made.make(TRACEGEN, folder / f"traces/{name}.etl", (made.THREE[0], NEW, NEWER), made.AGAIN)
    words = ("--baseline", "base.json")
    text = report(folder, "text", *words, status=1)
    assert re.findall(r"^  FINDINGS .*", text, re.M) == [
        "  FINDINGS           1         0      0      2  traces/t011.etl and 1 more"], text
    entries = bufcheck(folder, "--gen-suppressions", *words, "traces").stdout
    assert entries.count("\nfingerprint = ") == 1 and "server.exe+0x61000" in entries
    assert ", on 2 of 60 traces, first in t011.etl\n" in entries, entries


def test_the_same_bytes_with_any_number_of_threads(folder):
    make_fleet(folder)
    for form in FORMATS:
        one, two, seven = (report(folder, form, "-j", jobs) for jobs in (1, 2, 7))
        assert one == two == seven, form


def main():
    global BUFCHECK, TRACEGEN
    BUFCHECK, TRACEGEN = map(os.path.abspath, sys.argv[1:3])
    return each_test.run_each(each_test.tests_of(globals()))


if __name__ == "__main__":
    sys.exit(main())
