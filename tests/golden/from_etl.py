#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tracegen --from-etl`: a trace as text of the trace language, and back.

    from_etl.py BUFCHECK TRACEGEN CASES

Of each case, whole and as `cut` and `cut --anonymous` write it: the text gives a trace with the same
findings and the same records, but for those that a comment names; the text of that trace is the same
text.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the sources stay as they are
import etl_second_reader  # noqa: E402

UNTOLD = re.compile(r"^# not told: .*record at offset (\d+)", re.M)


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=120)


def findings_of(bufcheck, path):
    """The findings, without what depends on where a record lies in the file."""
    result = run(bufcheck, "--max-findings", "0", "-f", "json", path)
    text = re.sub(r'"offset": ?\d+,? ?', "", result.stdout.decode())
    report = json.loads(text) if text else {}
    return report.get("findings"), report.get("verdict"), report.get("inputs", [{}])[0].get("causes")


def records_of(path):
    """Records by processor, with their places in the file."""
    found, offset = {}, 0
    for buffer in etl_second_reader.Trace(path).buffers:
        at = etl_second_reader.HEADER
        for _, _, record in buffer.records():
            found.setdefault(buffer.processor, []).append((offset + at, record))
            at += len(record) + 7 & ~7
        offset += buffer.size
    return found


def check_records(path, again, text):
    untold = {int(offset) for offset in UNTOLD.findall(text)}
    left = records_of(again)
    for processor, records in records_of(path).items():
        for (offset, record), (_, same) in zip(records, left.get(processor, [])):
            if record != same and offset not in untold:
                yield f"the record at {offset} is another one, and no comment says so"
                return
        if len(records) != len(left.get(processor, [])) and not untold:
            yield f"processor {processor} has {len(left.get(processor, []))} records, " \
                  f"not {len(records)}"


def check(bufcheck, tracegen, folder, path):
    text, again = folder / "text.trace", folder / "again.etl"
    second = folder / "second.trace"
    made = run(tracegen, "--from-etl", path, text)
    if made.returncode != 0:
        if b"cut the trace first" not in made.stderr:
            yield made.stderr.decode()
        return
    back = run(tracegen, text, again)
    if back.returncode != 0:
        yield f"the text is none of a trace: {back.stderr.decode()}"
        return
    if findings_of(bufcheck, again) != findings_of(bufcheck, path):
        yield "the findings are not the same"
    yield from check_records(path, again, text.read_text())
    run(tracegen, "--from-etl", again, second)
    lines = [[line for line in file.read_text().splitlines() if not line.startswith("#")]
             for file in (text, second)]
    if lines[0] != lines[1]:
        yield "the text of the text's trace is another one"


def check_refused(tracegen, folder):
    """Files that are no trace, or damaged: exit status 1 or 2, a message, and nothing written."""
    for name, data in {"empty": b"", "text": b"trace build=19041\n", "zeros": bytes(8192)}.items():
        path, out = folder / "bad.etl", folder / "bad.trace"
        path.write_bytes(data)
        result = run(tracegen, "--from-etl", path, out)
        if result.returncode not in (1, 2) or not result.stderr or out.exists():
            yield f"{name}: exit status {result.returncode}"


def check_huge(tracegen, folder):
    """A header that claims trace buffers of nearly 4 GiB: refused, and nothing of that size made."""
    source, path, out = (folder / name for name in ("one.trace", "one.etl", "huge.trace"))
    source.write_text("trace processors=1\n0 1.0 close.enter endpoint=0xffffb00000001000\n")
    run(tracegen, source, path)
    data = bytearray(path.read_bytes())
    data[0x48 + 0x20:0x48 + 0x24] = (0xFFFFF000).to_bytes(4, "little")
    path.write_bytes(data)
    result = run(tracegen, "--from-etl", path, out)
    if result.returncode != 1 or b"4294963200" not in result.stderr or out.exists():
        yield f"huge trace buffers: exit status {result.returncode}, {result.stderr.decode()}"


def main():
    bufcheck, tracegen, cases = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    problems, count = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        whole, small = folder / "whole.etl", folder / "small.etl"
        for case in sorted(cases.glob("*/input.trace")):
            whole.unlink(missing_ok=True)
            run(tracegen, case, whole)
            if not whole.exists():
                continue
            for option in ([], ["--anonymous"]):
                small.unlink(missing_ok=True)
                run(bufcheck, "cut", whole, "-o", small, *option)
                if small.exists():
                    count += 1
                    problems += [f"{case.parent.name} {option}: {text}" for text in
                                 check(bufcheck, tracegen, folder, small)]
        problems += [*check_refused(tracegen, folder), *check_huge(tracegen, folder)]
    for problem in problems:
        print(problem)
    print(f"{count} traces, {len(problems)} problems")
    return 1 if problems or count == 0 else 0


sys.exit(main())
