#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Filters show less and change nothing about the rest.

    filters.py BUFCHECK TRACEGEN
"""

import csv
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import each_test  # noqa: E402
import known_traces as made  # noqa: E402

BUFCHECK = TRACEGEN = None
OTHER = made.Run(pid=77, tid=1, process=0xffffa58f31c44080, endpoints=0xffffa58f33a10000,
                 exe=0x7ff8a1b20000, memory=0x2f4a2c40000, begin=8.0, image="client.exe",
                 remote="10.0.0.99:443")
EPOCH = "2026-03-04T10:20:30"
# Calls of one process: an attempt that was rejected, and another one that goes on; attempts that are
# done at once, that go on, and that are seen with other memory in flight; an end without a post;
# posts without memory; stacks of posts, of ends, and one that comes in a record of its own.
CALLS = """
let k = 0xffffe00000005000
let code = 0x7ff600001010
default pid=8 tid=1 process=0xffffa00000001000 endpoint=0xffffb00000001000
0 0.1 create.enter owner=8 family=2 type=1 protocol=6
0 1.0 recv.enter buffer=0x1000000 len=64 kw=fastpath status=not_ready
0 1.1 recv.enter buffer=0x1000000 len=64 kw=fastpath stack=code
0 1.2 recv.exit buffer=0x1000000 len=64 kw=fastpath stack=code
0 1.3 recv.enter buffer=0x2000000 len=64 kw=fastpath status=not_ready
0 1.4 recv.enter buffer=k len=64 stack=code
0 1.5 recv.exit buffer=k len=64 stack=code
0 2.0 recv.enter buffer=0x3000000 len=64 kw=fastpath stack=code
0 2.1 recv.exit buffer=0x3000000 len=0 kw=fastpath status=pending stack=code
0 2.2 recv.enter buffer=k+0x1000 len=64 stack=code
0 2.3 recv.enter buffer=0x3000000 len=64 kw=fastpath tid=2
0 2.4 recv.exit buffer=0x3000000 len=64 kw=fastpath tid=2 stack=code
0 2.5 recv.exit buffer=k+0x1000 len=64
0 3.0 recv.exit buffer=0x9000000 len=64
0 3.1 recv.enter buffer=0x900000000000 len=64
0 3.2 recv.enter buffer=0x4000000 len=0
0 4.0 recv.enter buffer=0x5000000 len=64 kw=fastpath tid=3
0 +10us stack.walk of=-10us thread=3 target=8 frames=code
0 4.5 recv.enter buffer=0x6000000 len=64 kw=fastpath tid=4
"""
OTHER_CALLS = """
default pid=12 tid=9 process=0xffffa00000002000 endpoint=0xffffb00000002000
0 5.0 create.enter owner=12 family=2 type=1 protocol=6
0 5.1 recv.enter buffer=0x1000000 len=64 kw=fastpath status=not_ready
0 5.2 recv.enter buffer=0x1000000 len=64 kw=fastpath stack=code
0 5.3 recv.enter buffer=0x1000000 len=64 kw=fastpath tid=10
0 5.4 recv.exit buffer=0x9000000 len=64
"""


def bufcheck(*words, **more):
    return subprocess.run([BUFCHECK, *map(str, words)], capture_output=True, text=True, timeout=120,
                          **more)


def without_numbers(value):
    """Modules are numbered in order of their first use, so fewer lines have other numbers."""
    if isinstance(value, dict):
        return {key: without_numbers(item) for key, item in value.items() if key != "module_index"}
    return [without_numbers(item) for item in value] if isinstance(value, list) else value


def lines(*words, status=0):
    result = bufcheck(*words)
    assert result.returncode == status, (words, result)
    values = [without_numbers(json.loads(line)) for line in result.stdout.splitlines()]
    return [value for value in values if value["type"] not in ("schema", "module")]


def prepare(folder):
    """Two programs in one trace; the second one's names come last."""
    first = made.text(made.THREE[:2])
    second = made.text(made.THREE[2:], OTHER).splitlines()[1:]
    default, rest = second[0], second[1:]
    names = [line for line in rest if "dcstart" in line]
    events = [line for line in rest if "dcstart" not in line]
    late = [f"0 9.{i:06} " + line.split(" ", 2)[2].replace(".dcstart", ".dcend")
            for i, line in enumerate(names)]
    (folder / "two.trace").write_text("\n".join([first, default, *events, *late, ""]))
    subprocess.run([TRACEGEN, folder / "two.trace", folder / "two.etl"], check=True)
    return folder / "two.etl"


def test_subsets(folder):
    """A filter leaves lines out, and those that stay are the same."""
    trace = folder / "two.etl"
    everything = {command: lines(command, trace)
                  for command in ("ops", "events")}
    operations = everything["ops"]
    assert {line["pid"] for line in operations} == {6312, 77}
    for words, pids in ((["--process", "server.exe"], {6312}), (["--process", "CLI*"], {77}),
                        (["--pid", 77], {77}), (["--process", "*.exe"], {6312, 77}),
                        (["--process", "none"], set()), (["--pid", 77, "--process", "ser*"], set())):
        shown = [line for line in lines("ops", *words, trace) if line["type"] == "operation"]
        assert shown == [line for line in operations if line["pid"] in pids], words
        shown = [line for line in lines("events", *words, trace) if line["type"] == "event"]
        assert shown == [line for line in everything["events"] if line["pid"] in pids], words
    for words in (["--since", "0.01"], ["--until", "0.02"], ["--since", "0.01", "--until", "7.8"],
                  ["--since", EPOCH + ".31Z"], ["--until", EPOCH + ".32"],
                  ["--since", "2026-03-04"], ["--until", "2026-03-04 10:20:38"]):
        for command in ("ops", "events"):
            shown = lines(command, *words, trace)
            assert all(line in everything[command] for line in shown), words
            wanted = [line for line in everything[command] if holds(words, line)]
            assert shown == wanted, (command, words, len(shown), len(wanted))


def holds(words, line):
    """The same by Python."""
    posted = line.get("posted", line)
    for option, value in zip(words[::2], words[1::2]):
        if value[0].isdigit() and value.replace(".", "").isdigit():
            moment, value = posted["at"], float(value)
        else:
            moment = posted["time"]
            value = value.replace(" ", "T").rstrip("Z")
            value = value if "T" in value else value + "T00:00:00"
            value = (value if "." in value else value + ".").ljust(27, "0") + "Z"
        if moment < value if option == "--since" else moment > value:
            return False
    return True


def test_sockets_and_memory(folder):
    trace = folder / "two.etl"
    operations = [line for line in lines("ops", trace) if line["type"] == "operation"]
    socket = operations[0]["endpoint"]
    shown = lines("ops", "--endpoint", socket, trace)
    assert [line["op"] for line in shown if line["type"] == "operation"] == \
        [line["op"] for line in operations if line["endpoint"] == socket]
    for pattern, remote in (("10.0.0.99:443", "10.0.0.99:443"), ("10.0.0.1?:*", "10.0.0.17:50611")):
        shown = [line for line in lines("ops", "--endpoint", pattern, trace)
                 if line["type"] == "operation"]
        assert shown and shown == [line for line in operations if line["remote"] == remote]
    buffer = int(operations[0]["buffer"], 16)
    for address, count in ((f"{buffer:#x}", 2), (f"{buffer + 8191:#x}", 1), (f"{buffer + 8192:#x}", 0),
                           (f"{buffer - 1:#x}", 0), (f"{buffer - 1:#x}+2", 2),
                           (f"{buffer:x}+0x2000", 2), (f"{buffer >> 32:08x}`{buffer % 2**32:08x}", 2)):
        shown = [line for line in lines("ops", "--address", address, trace)
                 if line["type"] == "operation"]
        assert len(shown) == count, (address, len(shown))


def covered(fields):
    """The bytes that an event surely means: of several user buffers, or of none, the first."""
    first = int(fields.get("Buffer", "0x0"), 16)
    sure = fields.get("BufferLength", 0) if fields.get("BufferCount", 1) <= 1 else 1
    return first, first + (sure or 1)


def test_sockets_and_memory_of_events(folder):
    """`events` asks of each event what `ops` asks of an operation."""
    trace = make(folder, "calls", CALLS + OTHER_CALLS + """
0 6.0 recv.enter buffer=0x7000000 len=64 count=3 kw=fastpath
0 6.1 recv.enter buffer=0x7000100 len=8 kw=fastpath
0 6.2 connect-addr.enter address=10.0.0.9:53
0 6.3 close.enter endpoint=0xffffb00000003000
""")
    everything = [line for line in lines("events", trace) if line["type"] == "event"]
    for endpoint in ("0xffffb00000001000", "0xffffb00000003000", "0xffffb00000004000"):
        assert lines("events", "--endpoint", endpoint, trace) == \
            [line for line in everything if line["fields"].get("Endpoint") == endpoint], endpoint
    shown = lines("events", "--endpoint", "10.0.0.?:53", trace)
    assert shown == [line for line in everything if "10.0.0.9:53" in json.dumps(line)] and shown
    for first, length in ((0x1000000, 1), (0x100003F, 1), (0x1000040, 1), (0xFFFFFF, 2),
                          (0x4000000, 1), (0x4000001, 1), (0x7000000, 1), (0x7000001, 0x3F),
                          (0x7000107, 1), (0x7000108, 1), (1, 8), (0xFFFFE00000005000, 1)):
        wanted = []
        for line in everything:
            begin, end = covered(line["fields"])
            if begin != 0 and begin < first + length and first < end:
                wanted.append(line)
        shown = lines("events", "--address", f"{first:#x}+{length}", trace)
        assert shown == wanted, (hex(first), length, len(shown), len(wanted))


def test_pid_of_events(folder):
    """A process is known by those of its events that name it, whatever the others look like. An
    event that can't be decoded is its header's."""
    trace = make(folder, "owners", """
default pid=8 tid=1 process=0xffffa00000001000 endpoint=0xffffb00000001000
0 1.0 recv.enter buffer=0x1000000 len=64 kw=fastpath
0 1.1 recv.enter buffer=0x1000000 len=64 kw=fastpath cut=20
0 1.2 recv.exit buffer=0x1000000 len=64 pid=4
0 1.3 recv.enter buffer=0x2000000 len=64 kw=fastpath pid=0xffffffff tid=0xffffffff
0 1.4 recv.exit buffer=0x2000000 len=64 pid=4
0 1.5 process.dcend process=0xffffa00000001000 target=0xffffffff image=a.exe
0 2.0 recv.enter buffer=0x1000000 len=64 pid=9 process=0xffffa00000002000
""")
    everything = [line for line in lines("events", trace) if line["type"] == "event"]
    for pid, process in ((8, "0xffffa00000001000"), (9, "0xffffa00000002000")):
        shown = lines("events", "--pid", pid, trace)
        wanted = [line for line in everything
                  if ("undecodable" in line and line["pid"] == pid) or
                  line.get("fields", {}).get("Process") == process]
        assert shown == wanted, (pid, shown)
    assert lines("events", "--pid", 4, trace) == [] == lines("events", "--pid", 0xFFFFFFFF, trace)


def test_verdict(folder):
    """The verdict counts what is selected, coverage is the selected processes', and both are said."""
    trace = folder / "two.etl"
    whole = json.loads(bufcheck("-f", "json", trace).stdout)
    assert len(whole["findings"]) == 3
    for words, count, receives in ((["--process", "server.exe"], 2, 5), (["--pid", 77], 1, 3),
                                   (["--process", "cl?ent.exe"], 1, 3), (["--since", 5], 1, 8),
                                   (["--until", 5], 2, 8), (["--until", 0], 0, 8),
                                   (["--endpoint", "10.0.0.99:*"], 1, 8)):
        result = bufcheck(*words, "-f", "json", trace)
        value = json.loads(result.stdout)
        assert result.returncode == (1 if count else 0), words
        assert len(value["findings"]) == count, words
        assert all(finding in whole["findings"] for finding in value["findings"]) or \
            [f["fingerprint"] for f in value["findings"]], words
        assert value["inputs"][0]["coverage"]["recvs"] == receives, words
        text = " ".join(bufcheck(*words, trace).stdout.split())
        assert f"Only what these filters admit is shown and judged: {words[0]}" in text, text
    conflicts = [line for line in lines("-f", "jsonl", "--pid", 77, trace, status=1)
                 if line["type"] == "conflict"]
    assert [line["second"]["pid"] for line in conflicts] == [77] and conflicts[0]["gates"]


def test_coverage_of_a_process(folder):
    """Coverage of the only process is the trace's, figure by figure; another process adds to the
    figures that belong to none, and to no other."""
    one = folder / "one.trace"
    one.write_text(CALLS)
    both = folder / "both.trace"
    both.write_text(CALLS + OTHER_CALLS)
    for text in (one, both):
        subprocess.run([TRACEGEN, text, text.with_suffix(".etl")], check=True)
    whole, alone, among = (
        json.loads(bufcheck(*words, "-f", "json").stdout)["inputs"][0]["coverage"] for words in
        ((one.with_suffix(".etl"),), ("--pid", 8, one.with_suffix(".etl")),
         ("--pid", 8, both.with_suffix(".etl"))))
    assert alone == whole, {key: (alone[key], whole[key]) for key in whole if alone[key] != whole[key]}
    for name in ("attempts", "continued", "stacks", "orphan_completions", "rejected_posts", "matched",
                 "invalid_addresses", "zero_length_posts", "conflicts", "pending"):
        assert whole[name] > 0, name
    assert whole["completions"] == whole["matched"] + whole["orphan_completions"]
    different = {key for key in whole if among[key] != whole[key]}
    assert different == {"completions", "orphan_completions", "rejected_posts", "max_in_flight"}, different


def test_values_are_text(folder):
    """A value may come from a file of whoever wrote the repository: no report takes it for markup or
    for a control of a terminal."""
    hostile = "<i id=x>\x1b[31m"
    config = folder / "hostile.ini"
    config.write_text("process = <i id=x>\nmodule = <i id=x>\n", encoding="utf-8")
    for words in (["--process", hostile], ["--module", hostile], ["--config", config]):
        for name in ("text", "html", "markdown", "junit", "github", "gitlab", "sarif", "json"):
            result = bufcheck("-f", name, *words, folder / "two.etl")
            assert result.returncode in (0, 3) and "\x1b" not in result.stdout, (words, name)
            shown = result.stdout
            if name == "markdown":
                shown = re.sub(r"(?s)```.*?```", "", shown) # nothing is markup there
            if name in ("html", "junit", "markdown"):
                assert "<i id" not in shown, (words, name)
        html = bufcheck("-f", "html", *words, folder / "two.etl").stdout
        assert "&lt;i id=x&gt;" in html, words


def test_no_posts(folder):
    """A process without operations carries no verdict."""
    result = bufcheck("--process", "none.exe", "-f", "json", folder / "two.etl")
    assert result.returncode == 3, result
    assert json.loads(result.stdout)["inputs"][0]["causes"] == ["no-posts"]


def test_with_a_baseline(folder):
    """A filter makes nothing new."""
    old = made.make(TRACEGEN, folder / "old.etl", made.THREE)
    bufcheck("-f", f"json={folder}/base.json", old)
    new = made.make(TRACEGEN, folder / "new.etl", (*made.THREE, made.Defect(0x50000, 0x51000)),
                    made.AGAIN, 0x340)
    for until, status in (("0.034", 0), ("1", 1)):
        result = bufcheck("--baseline", folder / "base.json", "--until", until, "-f", "json", new)
        assert result.returncode == status, (until, result)
        assert json.loads(result.stdout)["absent"] == []
    result = bufcheck("--baseline", folder / "base.json", "--since", "0.034", "-f", "json", new)
    value = json.loads(result.stdout)
    assert [finding["baseline"] for finding in value["findings"]] == ["new"], value["findings"]
    assert len(value["findings"][0]["baseline_candidates"]) == 4


def test_fields(folder):
    """Columns in the order asked for, in every format."""
    trace = folder / "two.etl"
    for command, names in (("ops", ["pid", "op", "posted", "image"]), ("events", ["at", "name", "fields"])):
        everything = [json.loads(line) for line in bufcheck(command, trace).stdout.splitlines()]
        result = bufcheck(command, "--fields", ",".join(names), trace)
        shown = [json.loads(line) for line in result.stdout.splitlines()]
        assert len(shown) == len(everything)
        for line, whole in zip(shown, everything):
            if whole["type"] in ("schema", "module"):
                assert line == whole
            else:
                assert list(line) == ["type"] + [name for name in names if name in whole]
                assert all(line[name] == whole[name] for name in line)
        table = list(csv.DictReader(bufcheck(command, "-f", "csv", trace).stdout.splitlines()))
        columns = list(table[0])[::-3]
        result = bufcheck(command, "-f", "csv", "--fields", ",".join(columns), trace)
        rows = list(csv.reader(result.stdout.splitlines()))
        assert rows[0] == columns, rows[0]
        assert rows[1:] == [[row[name] for name in columns] for row in table]
        result = bufcheck(command, "-f", "text", "--fields", ",".join(columns), trace)
        assert [line.split("\t") for line in result.stdout.splitlines()] == rows
    header = ",".join(table[0])
    assert bufcheck("events", "-f", "csv", "--fields", header, trace).stdout == \
        bufcheck("events", "-f", "csv", trace).stdout
    for words, message in ((["--fields", "nme"], "did you mean 'name'"), (["--fields", "a,,b"], "commas"),
                           (["--fields", ""], "needs a value"), (["--fields", "xxxxxxx"], "choose from"),
                           (["-f", "csv", "--fields", "posted"], "--fields 'posted'")):
        result = bufcheck("events", *words, trace)
        assert result.returncode == 2 and message in result.stderr, (words, result)
    for command in ("ops", "events"):
        result = bufcheck(command, "--fields", "pid,xxxxxxx", trace)
        assert result.returncode == 2 and result.stdout == "", (command, result)
    assert bufcheck("check", "--fields", "op", trace).returncode == 2


def test_fields_are_the_schemas(folder):
    """The names that --fields knows are those of the lines."""
    for command, source in (("ops", "field_filter_ops"), ("events", "field_filter_events")):
        names = {name for line in map(json.loads, bufcheck(command, folder / "two.etl").stdout.splitlines())
                 if line["type"] not in ("schema", "module") for name in line} - {"type"}
        result = bufcheck(command, "--fields", ",".join(sorted(names)), folder / "two.etl")
        assert result.returncode == 0, (source, result.stderr)


def make(folder, name, text):
    (folder / f"{name}.trace").write_text(text)
    subprocess.run([TRACEGEN, folder / f"{name}.trace", folder / f"{name}.etl"], check=True)
    return folder / f"{name}.etl"


# Two processes of one program; only a record of the kernel names their ids, and no socket does.
TWINS = """trace processors=1
default pid=4120 tid=5116 process=0xffffa00000001000 endpoint=0xffffa00000001100
0 0.001 process.dcstart process=0xffffa00000001000 target=4120 image=srv.exe
0 0.002 process.dcstart process=0xffffa00000002000 target=5120 image=srv.exe
0 1.0 recv.enter buffer=0x10000 len=4096
0 1.1 recv.enter buffer=0x10000 len=4096 tid=5117
0 2.0 recv.exit buffer=0x10000 len=10
0 3.0 recv.exit buffer=0x10000 len=10
default pid=5120 tid=6116 process=0xffffa00000002000 endpoint=0xffffa00000002100
0 10.0 recv.enter buffer=0x20000 len=4096
0 10.1 recv.enter buffer=0x20000 len=4096 tid=6117
0 11.0 recv.exit buffer=0x20000 len=10
0 12.0 recv.exit buffer=0x20000 len=10
"""


def test_pid_of_a_process_record(folder):
    trace = make(folder, "twins", TWINS)
    for pid in (4120, 5120):
        report = json.loads(bufcheck("-f", "json", "--pid", pid, trace).stdout)
        (finding,) = report["findings"]
        assert finding["second"]["pid"] == pid, finding
        assert len(lines("ops", "--pid", pid, trace)) == 2


def test_what_filters_leave_out_is_known(folder):
    """Findings that stay out of the report hold operations, and are counted once and again."""
    trace = make(folder, "twins", TWINS)
    (folder / "known.ini").write_text("rule = recv-over-recv\nreason = a test\n")
    (folder / "symbols").mkdir(exist_ok=True)
    symbols = ["--symbols", folder / "symbols", "--symbolizer", "/bin/true"]
    for words, status in ((["--pid", "99"], 3), (["--endpoint", "0xffffa00000002100"], 0)):
        for more in ([], symbols):
            result = bufcheck(*words, "--suppressions", folder / "known.ini", *more, trace)
            assert result.returncode == status, (words, more, result)


def test_filters_that_admit_nothing(folder):
    trace = make(folder, "twins", TWINS)
    result = bufcheck("--pid", 99, trace)
    assert result.returncode == 3 and "--pid or --process selects posted no" in \
        " ".join(result.stdout.split()), result
    (details,) = json.loads(bufcheck("-f", "json", "--pid", 99, trace).stdout)["inputs"][0]["cause_details"]
    assert details["mistake"] is None, details
    for words in (["--endpoint", "10.0.0.23"], ["--since", "999"], ["--address", "0x10+4"]):
        result = bufcheck(*words, trace)
        text = " ".join(result.stdout.split())
        assert result.returncode == 0 and "The filters admit no send or receive" in text, result
        page = bufcheck("-f", "html", *words, trace).stdout
        assert "The filters admit no send or receive" in page, words
    result = bufcheck("--since", "2.000000125", "--until", "3.5", trace)
    assert "--since 2.000000125 --until 3.500." in " ".join(result.stdout.split()), result


def test_sentences_claim_no_more_than_rules_and_filters_see(folder):
    trace = make(folder, "twins", TWINS)
    for words in (["--rule", "send-over-send"], ["--module", "none*"], ["--since", "11.5"]):
        text = " ".join(bufcheck(*words, trace).stdout.split())
        assert "No user buffer" not in text or "as far as rules and filters below admit" in text, text


def test_errors(folder):
    trace = folder / "two.etl"
    for words, message in ((["--pid", "x"], "a number is expected"), (["--pid", "4294967296"], "large"),
                           (["--pid", ""], "a number"), (["--process", ""], "needs a value"),
                           (["--endpoint", "0xg"], "kernel address"), (["--endpoint", "x"], "kernel"),
                           (["--address", "0x10+0"], "ADDR+LEN"), (["--address", "x"], "ADDR+LEN"),
                           (["--address", "0x10+"], "ADDR+LEN"),
                           (["--address", "0x11112222333344445"], "ADDR+LEN"),
                           (["--since", "x"], "seconds from the start"), (["--until", "1."], "seconds"),
                           (["--since", "2026-13-01"], "seconds"), (["--since", "2026-03-04T1"], "UTC"),
                           (["--until", "2026-03-04T10:20:30+01:00"], "UTC")):
        for command in ("check", "ops", "events"):
            result = bufcheck(command, *words, trace)
            assert result.returncode == 2 and message in result.stderr, (words, result)
            assert words[0] in result.stderr
    assert bufcheck("info", "--pid", 4, trace).returncode == 2


def prepared(folder):
    prepare(folder)
    return folder


def main():
    global BUFCHECK, TRACEGEN
    BUFCHECK, TRACEGEN = map(os.path.abspath, sys.argv[1:3])
    return each_test.run_each(each_test.tests_of(globals()), prepared)


if __name__ == "__main__":
    sys.exit(main())
