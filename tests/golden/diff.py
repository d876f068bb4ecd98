#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares reports and traces with bufcheck diff.

    diff.py BUFCHECK TRACEGEN
"""

import html
import json
import os
import pathlib
import subprocess
import sys

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


def sides(folder, name, *what, **more):
    """A trace, and its reports."""
    trace = made.make(TRACEGEN, folder / f"{name}.etl", *what, **more)
    bufcheck("-f", f"json={folder}/{name}.json", "-f", f"sarif={folder}/{name}.sarif", trace)
    return [trace, folder / f"{name}.json", folder / f"{name}.sarif"]


def compare(old, new, status):
    result = bufcheck("diff", "-f", "json", old, new)
    assert result.returncode == status, (old, new, result)
    value = json.loads(result.stdout)
    problems = list(VALIDATORS.problems("diff-1", value)) if VALIDATORS.of else []
    assert not problems, problems
    assert value["exit"] == status
    assert sum(value["counts"].values()) == len(value["findings"])
    return value


def test_every_kind_of_side(folder):
    """Reports of both formats and traces say the same."""
    outcomes = set()
    for old in sides(folder, "old", made.THREE):
        for new in sides(folder, "new", made.THREE[1:] + (OTHER_KIND,), made.AGAIN):
            value = compare(old, new, 1)
            assert value["counts"] == {"new": 1, "gone": 1, "more": 0, "less": 0, "same": 2}
            first = value["findings"][0]
            assert first["state"] == "new" and first["call_sites"][1] == "server.exe+0x61000"
            assert first["process"] == "server.exe" and not first["by_kind"]
            del value["old"], value["new"]
            outcomes.add(json.dumps(value))
    assert len(outcomes) == 1, outcomes


def test_rebuilt(folder):
    old, rebuilt = sides(folder, "old", made.THREE), sides(folder, "new", made.THREE, made.AGAIN, 0x40)
    for side in rebuilt:
        value = compare(old[1], side, 0)
        assert value["counts"]["same"] == 3 and all(item["by_kind"] for item in value["findings"])
        assert all(item["fingerprint"] != item["old_fingerprint"] for item in value["findings"])
    more = sides(folder, "more", (*made.THREE, FOURTH), made.AGAIN, 0x40)
    value = compare(old[1], more[2], 1)
    assert value["findings"][0]["call_sites"][1] == "server.exe+0x51040"
    assert value["findings"][0]["by_kind"]
    value = compare(more[2], old[1], 0)
    assert value["counts"]["gone"] == 1 and value["counts"]["new"] == 0


def test_frequency(folder):
    old = sides(folder, "old", made.THREE)
    often = sides(folder, "often", made.THREE + made.THREE[:1], made.AGAIN)
    value = compare(old[0], often[1], 0)
    assert value["counts"]["more"] == 1 and value["counts"]["same"] == 2
    assert [value["findings"][0][key] for key in ("state", "old_count", "new_count")] == ["more", 1, 2]
    assert compare(often[2], old[0], 0)["counts"]["less"] == 1


def test_texts(folder):
    old = sides(folder, "old", made.THREE)
    new = sides(folder, "new", made.THREE[1:] + (OTHER_KIND,))
    text = bufcheck("diff", old[0], new[0])
    assert text.returncode == 1 and text.stdout.startswith("New: 1\n"), text
    for word in ("Gone: 1", "Unchanged: 2", "server.exe+0x61000", "recv-over-recv"):
        assert word in text.stdout, text.stdout
    same = bufcheck("diff", old[0], old[1])
    assert same.returncode == 0 and same.stdout.startswith("Nothing is new.\n")
    markdown = bufcheck("diff", "-f", "markdown", old[0], new[0])
    assert markdown.returncode == 1 and markdown.stdout.count("\n| New |") == 1
    rows = [line for line in markdown.stdout.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1, markdown.stdout
    result = bufcheck("diff", "-f", f"json={folder}/out.json", old[0], new[0])
    assert result.stdout == "" and json.loads((folder / "out.json").read_text())["exit"] == 1
    before = old[1].read_bytes()
    assert bufcheck("diff", "-f", f"json={old[1]}", old[1], new[0]).returncode == 2
    assert old[1].read_bytes() == before


def test_markdown_of_any_names(folder):
    """Names end no cell and are no markup; a control character is not printed."""
    odd = "a|b<i>`&~^[x]*_\\é\x01\x7f.exe"
    old, new = sides(folder, "old", made.THREE[1:]), sides(folder, "new", made.THREE)
    text = new[1].read_text()
    assert '"server.exe"' in text
    new[1].write_text(text.replace('"server.exe"', json.dumps(odd)))
    markdown = bufcheck("diff", "-f", "markdown", old[1], new[1]).stdout
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1, markdown
    assert "<i>" not in markdown and "`" not in rows[-1] and "\x01" not in markdown, markdown
    shown = f"<code>{odd}</code>".replace("\x01", "?").replace("\x7f", "?")
    assert shown in html.unescape(markdown), markdown


def test_inconclusive(folder):
    """Nothing new on a side that shows nothing is no good news."""
    old = sides(folder, "old", made.THREE)
    (folder / "empty.trace").write_text("trace processors=1\n0 0.1 create.enter\n")
    subprocess.run([TRACEGEN, folder / "empty.trace", folder / "empty.etl"], check=True)
    bufcheck("-f", f"json={folder}/empty.json", "-f", f"sarif={folder}/empty.sarif",
             folder / "empty.etl")
    for side in ("empty.etl", "empty.json", "empty.sarif"):
        assert compare(old[1], folder / side, 3)["counts"]["gone"] == 3, side
        assert compare(folder / side, old[1], 1)["counts"]["new"] == 3, side
    assert "inconclusive" in bufcheck("diff", old[1], folder / "empty.etl").stdout


def test_beginnings_of_a_report(folder):
    """A report may begin with a mark of its encoding and with spaces, as editors write them."""
    trace, report, _ = sides(folder, "old", made.THREE)
    wanted, text = compare(trace, report, 0), report.read_bytes()
    changed = folder / "changed.json"
    for begin in (b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n\t ", b"\n" * 63):
        changed.write_bytes(begin + text)
        value = compare(trace, changed, 0)
        assert value["counts"] == wanted["counts"], (begin, value)
    for content, words in ((b"[1]", "a report is expected, which is an object"),
                           (b"\xef\xbb\xbf[", "a report is expected"), (b"", "it is empty"),
                           (b"{", "changed.json"), (b"\xef\xbb{}", "changed.json"),
                           (b"\n" * 64 + text, "changed.json")):
        changed.write_bytes(content)
        for pair in ((trace, changed), (changed, trace)):
            result = bufcheck("diff", *pair)
            assert result.returncode == 2 and words in result.stderr, (content[:9], result.stderr)


def test_errors(folder):
    old = sides(folder, "old", made.THREE)
    for words in ([], old[:1], old):
        result = bufcheck("diff", *words)
        assert result.returncode == 2 and "2 files" in result.stderr, result
    (folder / "bad.json").write_text("{\"schema\": \"bufcheck.report/1\"}")
    (folder / "bad.etl").write_text("no trace")
    for bad in ("bad.json", "bad.etl", "none.json"):
        for words in ((old[0], folder / bad), (folder / bad, old[0])):
            result = bufcheck("diff", *words)
            assert result.returncode == 2 and result.stdout == "", result
            assert bad in result.stderr, result
    assert bufcheck("diff", "-f", "sarif", old[0], old[1]).returncode == 2


def main():
    global BUFCHECK, TRACEGEN
    BUFCHECK, TRACEGEN = map(os.path.abspath, sys.argv[1:3])
    return each_test.run_each(each_test.tests_of(globals()))


if __name__ == "__main__":
    sys.exit(main())
