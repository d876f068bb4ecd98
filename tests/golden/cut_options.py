#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`bufcheck cut` with the options of `check` that change which findings are shown, and how they are
called.

    cut_options.py BUFCHECK TRACEGEN ECHO_SERVER
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import each_test  # noqa: E402
import known_traces as made  # noqa: E402

BUFCHECK = TRACEGEN = EXAMPLE = None


def bufcheck(*words, **more):
    return subprocess.run([BUFCHECK, *map(str, words)], capture_output=True, text=True, timeout=120,
                          **more)


def findings(*words, **more):
    return json.loads(bufcheck("-f", "json", *words, **more).stdout)["findings"]


def prints(*words, **more):
    """The fingerprints of the findings, sorted."""
    return sorted(finding["fingerprint"] for finding in findings(*words, **more))


def cut(trace, *words, status=0, **more):
    """Cuts into a file beside the trace, and returns the messages."""
    small = trace.parent / "small.etl"
    small.unlink(missing_ok=True)
    result = bufcheck("cut", trace, "-o", small, *words, **more)
    assert result.returncode == status, (words, result)
    assert small.exists() == (status == 0), words
    return result.stderr


def from_text(folder, text, name="t"):
    (folder / f"{name}.trace").write_text(text, encoding="utf-8")
    subprocess.run([TRACEGEN, folder / f"{name}.trace", folder / f"{name}.etl"], check=True)
    return folder / f"{name}.etl"


# ---- fingerprints of another run ----

def test_functions(folder):
    """A fingerprint that holds functions is found with the same --symbols, and without is a message."""
    if shutil.which("llvm-symbolizer") is None:
        assert not os.environ.get("BUFCHECK_REQUIRE_VALIDATORS"), "not installed: llvm-symbolizer"
        print("NOT CHECKED: fingerprints of functions; not installed: llvm-symbolizer")
        return
    trace = from_text(folder, (EXAMPLE / "echo-server.trace").read_text(encoding="utf-8"))
    symbols = ["--symbols", EXAMPLE]
    wanted = findings(*symbols, trace)[0]
    assert wanted["fingerprint_scope"] == "program", wanted
    said = cut(trace, "--finding", wanted["fingerprint"], status=2)
    assert "no finding has that fingerprint" in said and "--symbols" in said, said
    for option in ([], ["--anonymous"], ["--anonymous=all"]):
        said = cut(trace, "--finding", wanted["fingerprint"], *symbols, *option)
        assert "1 finding," in said, said
        after = prints(*symbols, folder / "small.etl")
        assert (after == [wanted["fingerprint"]]) == (option != ["--anonymous=all"]), option
    (folder / ".bufcheck.ini").write_text(f"symbols = {EXAMPLE}\n")
    cut(trace, "--finding", wanted["fingerprint"], cwd=folder)
    cut(trace, "--finding", wanted["fingerprint"], "--no-config", status=2, cwd=folder)
    cut(trace, "--finding", wanted["fingerprint"], cwd="/",
        env={**os.environ, "_NT_SYMBOL_PATH": str(EXAMPLE)})
    said = cut(trace, "--finding", "0" * 32, "--symbols", folder, status=2)
    assert "none of the modules" in said, said


def test_functions_join(folder):
    """Two places of one function are one finding to a report with symbols, and both are cut."""
    if shutil.which("llvm-symbolizer") is None:
        return
    text = (EXAMPLE / "echo-server.trace").read_text(encoding="utf-8")
    for at, end, event in ((1, 1, "enter kw=fastpath stack=exe+0x1458,exe+0x13b3"),
                           (2, 2, "enter kw=fastpath stack=exe+0x1458,exe+0x1371"),
                           (3, 1, "exit"), (4, 2, "exit")):
        text += (f"0 5{at}.0 recv.{event} endpoint=0xffffa58f23b1{end}000 buffer=0x1f4a2d00000 "
                 f"len=64 tid={end}\n")
    trace, symbols = from_text(folder, text), ["--symbols", EXAMPLE]
    parts, whole = findings(trace), findings(*symbols, trace)
    assert len(parts) == 2 and [finding["count"] for finding in whole] == [2], whole
    for option in ([], ["--anonymous"], ["--anonymous=all"]):
        said = cut(trace, "--finding", whole[0]["fingerprint"], *symbols, *option)
        assert "1 finding," in said, said
        assert len(findings(folder / "small.etl")) == 2, option
    assert findings(*symbols, folder / "small.etl")[0]["count"] == 1  # functions are gone
    cut(trace, "--finding", whole[0]["fingerprint"], *symbols)
    assert findings(*symbols, folder / "small.etl")[0]["count"] == 2


def test_own_code(folder):
    """--own and --not-own move call sites, and with them fingerprints."""
    trace = made.make(TRACEGEN, folder / "t.etl", made.THREE)
    for words in (["--own", "ws2_32*"], ["--not-own", "server*"], ["--not-own", "*"],
                  ["--not-own", "*", "--own", "ntdll.dll"]):
        wanted = prints(*words, trace)
        assert wanted != prints(trace), words
        said = cut(trace, "--finding", wanted[0], status=2)
        assert "--not-own" in said, said
        for option in ([], ["--anonymous"], ["--anonymous=all"]):
            cut(trace, "--finding", wanted[0], *words, *option)
            if option != ["--anonymous=all"]:
                assert wanted[0] in prints(*words, folder / "small.etl"), (words, option)


# ---- filters ----

OTHER = made.Run(pid=77, tid=1, process=0xffffa58f31c44080, endpoints=0xffffa58f33a10000,
                 exe=0x7ff8a1b20000, memory=0x2f4a2c40000, begin=8.0, image="client.exe",
                 remote="10.0.0.99:443")
OPTIONS = [], ["--anonymous"], ["--anonymous=all"]


def two_programs(folder):
    """Two programs in one trace; the second one's names come last."""
    first = made.text(made.THREE[:2]).splitlines()
    second = made.text(made.THREE[2:], OTHER).splitlines()[1:]
    events = [line for line in second if "dcstart" not in line]
    names = [line for line in second if "dcstart" in line]
    late = [f"0 9.{i:06} " + line.split(" ", 2)[2].replace(".dcstart", ".dcend")
            for i, line in enumerate(names)]
    return from_text(folder, "\n".join([*first, *events, *late, ""]))


def essence(finding, everything=False):
    """Members that the copy must have alike."""
    kept = {key: finding[key] for key in ("rule", "level", "confidence", "reasons", "count", "posts",
                                          "harmful", "gap_ns", "exposed_ns", "same_thread",
                                          "same_endpoint", "endpoints", "addresses")}
    if not everything:
        kept["fingerprint"] = finding["fingerprint"]
    return json.dumps([kept, finding["overlap"]["length"]] +
                      [[finding[side]["end"], finding[side]["pid"], finding[side]["length"]]
                       for side in ("first", "second")])


def check_filter(trace, words, others=()):
    """A copy without filters gives what they show of the whole trace, and `others` besides."""
    before = findings(*words, trace)
    assert before, words
    for option in OPTIONS:
        everything = option == ["--anonymous=all"]
        cut(trace, *words, *option)
        after = [essence(finding, everything) for finding in findings(trace.parent / "small.etl")]
        wanted = [essence(finding, everything) for finding in (*before, *others)]
        assert sorted(after) == sorted(wanted), (words, option, wanted, after)


def test_programs(folder):
    """Only the records of the programs that a filter admits are cut."""
    trace = two_programs(folder)
    assert len(findings(trace)) == 3
    check_filter(trace, [])
    for words, pid, remote in ((["--pid", 77], 77, "10.0.0.99"), (["--process", "CLI*"], 77, "10.0.0.99"),
                               (["--module", "client.exe"], 77, "10.0.0.99"),
                               (["--since", 5], 77, "10.0.0.99"),
                               (["--since", "2026-03-04T10:20:35Z"], 77, "10.0.0.99"),
                               (["--endpoint", "10.0.0.99:*"], 77, "10.0.0.99"),
                               (["--pid", 6312], 6312, "10.0.0.17"), (["--until", 5], 6312, "10.0.0.17"),
                               (["--module", "server*", "--module", "x"], 6312, "10.0.0.17")):
        check_filter(trace, words)
        cut(trace, *words)
        events = [json.loads(line) for line in
                  bufcheck("events", folder / "small.etl").stdout.splitlines()[1:]]
        assert {event["pid"] for event in events} == {pid}, words
        peers = {event["fields"].get("Address") for event in events} - {None}
        assert all(peer.startswith(remote) for peer in peers), (words, peers)
    for data in ((folder / "small.etl").read_bytes(),):
        assert "client.exe".encode("utf-16-le") not in data and b"client.exe" not in data


def test_one_of_several(folder):
    """One finding of a program, by its socket, its memory, its time; each has sockets of its own."""
    trace = made.make(TRACEGEN, folder / "t.etl", [made.dataclasses.replace(defect, same_socket=False)
                                                   for defect in made.THREE])
    whole = findings(trace)
    assert len(whole) == 3
    for finding in whole:
        for words in (["--endpoint", finding["first"]["endpoint"]],
                      ["--endpoint", finding["second"]["endpoint"]],
                      ["--address", finding["overlap"]["start"] + "+8"],
                      ["--since", finding["second"]["posted"]["at"] - 1e-4,
                       "--until", finding["second"]["posted"]["at"] + 1e-4],
                      ["--since", finding["second"]["posted"]["time"],
                       "--until", finding["second"]["posted"]["time"]]):
            check_filter(trace, words)
        said = cut(trace, "--finding", finding["fingerprint"], "--endpoint",
                   finding["first"]["endpoint"])
        assert "1 finding," in said, said


REPEATED = """trace processors=1
default pid=4120 process=0xffffa00000001000 len=64 kw=fastpath buffer=0x1a2b3c4000
"""


def repeated(sockets, times):
    """The same conflict again and again, each time by the next pair of sockets, without stacks."""
    text = REPEATED
    for at in range(times):
        ends = [0xffffb00000001000 + (2 * (at % sockets) + side << 12) for side in (0, 1)]
        text += "".join(f"0 {at + 1}.{step} recv.{event} endpoint={ends[side]:#x} tid={side + 1}\n"
                        for step, event, side in ((0, "enter", 0), (1, "enter", 1), (2, "exit", 0),
                                                  (3, "exit", 1)))
    return text


def test_part_of_a_finding(folder):
    """Of a finding that many sockets share those are cut whose conflicts a filter admits. A copy of
    some of a socket's conflicts holds the others, too, because the socket's records do."""
    trace = from_text(folder, repeated(5, 5))
    whole, = findings(trace)
    assert whole["count"] == 5
    check_filter(trace, ["--since", "1.9", "--until", "3.0"])
    check_filter(trace, ["--endpoint", "0xffffb00000003000"])
    trace = from_text(folder, repeated(1, 5))
    for option in OPTIONS:
        cut(trace, "--since", "1.9", "--until", "2.9", *option)
        assert findings(folder / "small.etl")[0]["count"] == 5
        cut(trace, "--until", "1.9", *option)


def test_images_of_others(folder):
    """The copy may have findings that are not chosen: their images have aliases, and so their
    fingerprints differ."""
    case = EXAMPLE.parents[1] / "cases/module-selects-lines-of-jsonl/input.trace"
    trace = from_text(folder, case.read_text(encoding="utf-8"))
    whole = findings(trace)
    others = 0
    for finding in whole:
        for words in (["--since", f"{finding['second']['posted']['at'] - 1e-7:.9f}"],
                      ["--address", finding["overlap"]["start"]],
                      ["--finding", finding["fingerprint"]]):
            for option in OPTIONS:
                cut(trace, *words, *option)
                after = findings(folder / "small.etl")
                others += len(after) > 1
                assert option == ["--anonymous=all"] or finding["fingerprint"] in [
                    item["fingerprint"] for item in after], (words, option)
    assert others > 0


RULES = """trace processors=1
default pid=4120 process=0xffffa00000001000 len=64 kw=fastpath endpoint=0xffffb00000001000
0 1.0 recv.enter buffer=0x1a2b3c4000 tid=1
0 1.1 recv.enter buffer=0x1a2b3c4000 endpoint=0xffffb00000002000 tid=2
0 1.2 recv.exit buffer=0x1a2b3c4000 tid=1
0 1.3 recv.exit buffer=0x1a2b3c4000 endpoint=0xffffb00000002000 tid=2
0 2.0 recv.enter buffer=0x1a2b3d4000 endpoint={0} tid=1
0 2.1 send.enter buffer=0x1a2b3d4000 endpoint=0xffffb00000004000 tid=2
0 2.2 send.exit buffer=0x1a2b3d4000 endpoint=0xffffb00000004000 tid=2
0 2.3 recv.exit buffer=0x1a2b3d4000 endpoint={0} tid=1
"""


def test_rules(folder):
    """A rule's findings are cut alone, but for those on the same sockets."""
    trace = from_text(folder, RULES.format("0xffffb00000003000"))
    names = sorted({finding["rule"] for finding in findings(trace)})
    assert len(names) == 2, names
    for one, other in (names, names[::-1]):
        check_filter(trace, ["--rule", one])
        check_filter(trace, ["--no-rule", other])
    (folder / ".bufcheck.ini").write_text(f"rule = {names[0]}\n")
    assert "1 finding," in cut(trace, cwd=folder)
    assert "2 findings," in cut(trace, "--no-config", cwd=folder)


def test_nothing_admitted(folder):
    """Filters that show no finding are told, and nothing is written."""
    trace = two_programs(folder)
    fingerprint = findings("--pid", 77, trace)[0]["fingerprint"]
    for words in (["--pid", 1], ["--process", "none*"], ["--module", "none"], ["--until", 0],
                  ["--rule", "send-over-send"], ["--endpoint", "1.1.1.1:*"], ["--address", "10"],
                  ["--anonymous", "--since", 100]):
        assert "the filters leave out every finding, so nothing was written" in \
            cut(trace, *words, status=2), words
    said = cut(trace, "--pid", 6312, "--finding", fingerprint, status=2)
    assert "no finding that the filters show has that fingerprint" in said, said
    said = cut(from_text(folder, REPEATED, "none"), "--pid", 1, status=2)
    assert "there is no finding" in said, said
    result = bufcheck("cut", trace, "--one-timeline", "-o", folder / "small.etl")
    assert result.returncode == 2 and "--one-timeline is for check" in result.stderr


def test_two_traces(folder):
    """Several traces are told apart from none, and so is a value that looks like one."""
    trace = two_programs(folder)
    said = cut(trace, trace, status=2)
    assert said == "bufcheck: cut takes one trace, and 2 are given\n", said
    said = cut(trace, "--anonymous", "all", status=2)
    assert "2 are given: all of --anonymous is written --anonymous=all" in said, said
    assert "needs a trace and -o FILE" in bufcheck("cut", trace).stderr


# ---- where copies stand ----

# Memory everywhere in the lower half of a 32-bit address space: --anonymous=all finds no free place.
def without_room(folder):
    who = "len=64 pid=8 process=0xffffa00000001000 endpoint=0xffffb00000001000"
    lines = ["trace processors=1", f"default {who} kw=fastpath tid=1"]
    for at in range(0x10000, 0x7FFE0000, 0x20000):
        lines += [f"0 +10us recv.{event} buffer={at:#x}" for event in ("enter", "exit")]
    lines += [f"0 +10us recv.{event} buffer=0x10000 tid={tid}"
              for event in ("enter", "exit") for tid in (2, 3)]
    return from_text(folder, "\n".join(lines) + "\n", "room")


def in_place(path):
    """A name of a file that is too long for any file beside it."""
    path.write_text("mine" * 10000)
    return "./" * 2040 + path.name


def watch(folder, *words):
    """The names and bytes that are in a folder while bufcheck runs and when it has ended."""
    running = subprocess.Popen([BUFCHECK, *map(str, words)], cwd=folder, stderr=subprocess.DEVNULL)
    seen = {}
    while True:
        ended = running.poll() is not None
        for path in folder.iterdir():
            try:
                seen.setdefault(path.name, set()).add(path.read_bytes())
            except FileNotFoundError:
                pass  # a part has its last name by now
        if ended:
            return running.returncode, seen


def test_plain_copy_has_no_name(folder):
    """The copy as it is, by which an anonymous one is checked, is never a file that others see."""
    trace = two_programs(folder)
    place = folder / "place"
    place.mkdir()
    plain = b"client.exe"
    assert plain in trace.read_bytes()
    status, seen = watch(place, "cut", trace, "-o", "s.etl", "--anonymous=all", "--pid", 77)
    assert status == 0 and "s.etl" in seen, (status, list(seen))
    for name, contents in seen.items():
        assert name == "s.etl" or name.startswith("s.etl.partial-"), name
        assert not any(plain in content for content in contents), name
    assert os.listdir(place) == ["s.etl"]
    nowhere = {**os.environ, "TMPDIR": str(folder / "nowhere")}
    said = cut(trace, "--anonymous", "--pid", 77, status=2, env=nowhere)
    assert "without a temporary file" in said and "nowhere" in said, said
    cut(trace, "--anonymous", env=nowhere)
    cut(trace, "--pid", 77, env=nowhere)


def test_in_place(folder):
    """A target that is written in place gets a copy that was checked, or keeps what it holds."""
    trace = two_programs(folder)
    target = in_place(folder / "s.etl")
    for words in ([], ["--anonymous"], ["--anonymous", "--pid", 77], ["--anonymous=all", "--pid", 77]):
        cut(trace, *words)
        (folder / "s.etl").write_text("mine" * 10000)
        result = bufcheck("cut", trace, "-o", target, "--force", *words, cwd=folder)
        assert result.returncode == 0 and "cut short" not in result.stderr, result
        assert (folder / "s.etl").read_bytes() == (folder / "small.etl").read_bytes(), words
    before = sorted(os.listdir(folder))
    assert not any("partial" in name for name in before), before


def test_nothing_left_of_a_failed_copy(folder):
    """Where the anonymous copy fails after the one as it is, the target is as it was."""
    trace = without_room(folder)
    place = folder / "place"
    place.mkdir()
    words = ["--force", "--anonymous=all", "--pid", 8]
    status, seen = watch(place, "cut", trace, "-o", "s.etl", *words)
    assert status == 2 and os.listdir(place) == [], (status, os.listdir(place))
    assert all(name.startswith("s.etl.partial-") for name in seen), list(seen)
    status, seen = watch(place, "cut", trace, "-o", in_place(place / "s.etl"), *words)
    assert status == 2 and seen == {"s.etl": {b"mine" * 10000}}, (status, list(seen))


# ---- memory ----

def test_memory(folder):
    """--max-memory bounds the analyses; a copy of what was judged before says that there is more."""
    text = ["trace processors=1", "default buffer=0x1a2b3c4000 len=64"]
    for at in range(3000):
        who = f"pid={8 + 4 * at} process={0xffffa00000000000 + (at << 12):#x}"
        text += [f"0 +10us recv.{event} {who} tid={2 * at + end + 1} "
                 f"endpoint={0xffffb00000000000 + (2 * at + end << 12):#x}"
                 for event in ("enter kw=fastpath", "exit") for end in (0, 1)]
    trace = from_text(folder, "\n".join(text) + "\n")
    said = cut(trace, "--max-memory", "8M")
    assert "--max-memory" in said and "3000 findings" not in said, said
    assert "3000 findings" in cut(trace, "--max-memory", "64M")
    said = cut(trace, "--max-memory", "1M", status=2)
    assert "--max-memory" in said and "so nothing was written" in said, said


def test_message_says_what_was_replaced(folder):
    """The message says whether the copy that goes to a ticket is anonymous."""
    trace = made.make(TRACEGEN, folder / "t.etl", made.THREE)
    plain, some, everything = (cut(trace, *words) for words in ([], ["--anonymous"],
                                                                ["--anonymous=all"]))
    assert "replaced" not in plain, plain
    assert "paths, names, IP and kernel addresses and the day were replaced" in some, some
    assert "but not the findings' programs, modules and user addresses" in some, some
    assert "paths, all names, all addresses and the day were replaced" in everything, everything


def memory_of(*words):
    """The bytes that bufcheck holds at most."""
    running = subprocess.Popen([BUFCHECK, *map(str, words)], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(running.pid, 0)
    running.returncode = 0
    return usage.ru_maxrss * 1024


def test_memory_of_evidence(folder):
    """Evidence takes as much memory as there are sockets, however many conflicts name them."""
    text = ["trace processors=1", "default buffer=0x1a2b3c4000 len=64"]
    for at in range(60000):
        who = f"pid={8 + at % 2 * 4} process={0xffffa00000000000 + (at % 2 << 12):#x}"
        text += [f"0 +1us recv.{event} {who} tid={at % 2 * 2 + end + 1} "
                 f"endpoint={0xffffb00000000000 + (at % 2 * 2 + end << 12):#x}"
                 for event in ("enter kw=fastpath", "exit") for end in (0, 1)]
    trace = from_text(folder, "\n".join(text) + "\n")
    if "ASAN_OPTIONS" in os.environ:
        return  # a sanitizer's memory is not the program's
    check = memory_of(trace)
    cutting = memory_of("cut", trace, "-o", folder / "small.etl")
    assert (folder / "small.etl").exists()
    assert cutting < check + (8 << 20), (check, cutting)


def main():
    global BUFCHECK, TRACEGEN, EXAMPLE
    BUFCHECK, TRACEGEN, EXAMPLE = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    os.environ.pop("_NT_SYMBOL_PATH", None)
    return each_test.run_each(each_test.tests_of(globals()))


if __name__ == "__main__":
    sys.exit(main())
