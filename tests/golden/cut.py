#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`bufcheck cut`: the evidence of every case that has a finding, in a file of its own.

    cut.py BUFCHECK TRACEGEN CASES EXAMPLE

For each case: the cut trace gives the same findings, a second reader takes it, every record of it
is one of the whole, byte for byte (but records without content that stand for events at the border
of a loss), and it is no larger.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the sources stay as they are
import etl_second_reader  # noqa: E402

CIRCULAR = 2
STAND_IN = bytes.fromhex("000011c01000fefe")


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=120)


def findings_of(bufcheck, path):
    result = run(bufcheck, "--max-findings", "0", "-f", "json", path)
    return json.loads(result.stdout)["findings"] if result.stdout else []


def essence(finding):
    """Members that must be the same in the cut trace."""
    kept = {key: finding[key] for key in ("rule", "fingerprint", "level", "confidence", "reasons",
                                          "harm", "count", "posts", "harmful", "overlap")}
    for side in ("first", "second"):
        op = finding[side]
        kept[side] = {key: op[key] for key in ("end", "api", "buffer", "length", "image", "pid",
                                               "duration_ns", "protocol")}
        kept[side]["stack"] = op["posted"]["stack"] and [
            (frame["module"], frame["offset"]) for frame in op["posted"]["stack"]]
    return kept


def in_order(findings):
    return sorted((essence(finding) for finding in findings), key=lambda item: json.dumps(item))


def records_of(trace):
    return [(processor, record) for processor, _, record in trace.events()]


def check_bytes(whole, cut):
    """The cut trace's events are events of the whole, in the same order on each processor. In a
    circular file that has wrapped the order is not that of the file."""
    if whole.mode & CIRCULAR:
        missing = [record for _, record in records_of(cut) if not record.startswith(STAND_IN)
                   and record not in [record for _, record in records_of(whole)]]
        if missing:
            yield f"{len(missing)} records are not of the whole trace"
        return
    for processor in {processor for processor, _ in records_of(cut)}:
        left = iter([record for at, record in records_of(whole) if at == processor])
        for at, record in records_of(cut):
            if at == processor and not record.startswith(STAND_IN) and record not in left:
                yield f"a record of processor {processor} is not one of the whole trace"
                return


def check_cut(bufcheck, folder, path):
    before = findings_of(bufcheck, path)
    small = folder / "small.etl"
    small.unlink(missing_ok=True)
    result = run(bufcheck, "cut", path, "-o", small)
    if not before:
        if result.returncode != 2 or small.exists():
            yield f"no finding, and yet exit status {result.returncode}"
        return
    if result.returncode != 0:
        yield f"exit status {result.returncode}: {result.stderr.decode()}"
        return
    if in_order(findings_of(bufcheck, small)) != in_order(before):
        yield "the findings are not the same"
    try:
        cut = etl_second_reader.Trace(small)
        header = json.loads(run(bufcheck, "info", "-f", "json", path).stdout)["inputs"][0]["trace"]
        if header["finalised"] and header["end"] and not header["damaged_buffers"]:
            cut.check_finished()
        if header["compressed_buffers"] == 0 and header["damaged_buffers"] == 0:
            try:
                whole = etl_second_reader.Trace(path)
            except etl_second_reader.Broken:
                return  # damaged in a way that the header does not tell
            yield from check_bytes(whole, cut)
    except etl_second_reader.Broken as broken:
        yield f"a second reader: {broken}"


def check_refusals(bufcheck, folder, path):
    """An existing file, the input itself, no target, another finding: exit status 2, no file."""
    there = folder / "there.etl"
    there.write_text("mine")
    before = path.read_bytes()
    for words in (["-o", there], ["-o", path], [], ["-o", folder / "new.etl", "--finding", "0" * 32],
                  ["-o", folder / "no/where.etl"], ["-o", "/dev/null"], ["-o", "-"],
                  *(["-o", f"small.etl{end}"] for end in (".gz", ".ZIP", ".tar.xz", ".zst", ".cab"))):
        result = subprocess.run([bufcheck, "cut", path, *words], capture_output=True, cwd=folder)
        if result.returncode != 2 or not result.stderr or (folder / "-").exists() or \
                any(folder.glob("small.etl?*")):
            yield f"{words}: exit status {result.returncode}"
    if there.read_text() != "mine" or path.read_bytes() != before or (folder / "new.etl").exists():
        yield "a file was written that was not to be"
    if run(bufcheck, "cut", path, "-o", there, "--force").returncode != 0:
        yield "--force does not write"
    finding = findings_of(bufcheck, path)[0]["fingerprint"]
    if run(bufcheck, "cut", path, "-o", folder / "one.etl", "--finding", finding).returncode != 0:
        yield "--finding does not write"


def check_pipe(bufcheck, folder, path):
    """A trace from a pipe is read several times from one copy of it."""
    by_name, by_pipe = folder / "by-name.etl", folder / "by-pipe.etl"
    for words in ([], ["--anonymous"], ["--anonymous", "--since", "0"]):
        run(bufcheck, "cut", path, "-o", by_name, "--force", *words)
        by_pipe.unlink(missing_ok=True)
        result = subprocess.run([bufcheck, "cut", "-", "-o", by_pipe, *words],
                                input=path.read_bytes(), capture_output=True)
        if result.returncode != 0 or by_pipe.read_bytes() != by_name.read_bytes():
            yield f"a pipe, {words}: exit status {result.returncode}, {result.stderr.decode()}"


OUTSIDE = """trace processors=1
default pid=4120 process=0xffffa00000001000 len=64 kw=fastpath
0 1.0 recv.enter buffer=0x1a2b3c4000 endpoint=0xffffb00000001000 tid=5
0 1.1 recv.enter buffer=0x1a2b3c4000 endpoint=0xffffb00000002000 tid=6
0 1.3 recv.exit buffer=0x1a2b3c4000 endpoint=0xffffb00000001000 tid=5
0 1.4 recv.exit buffer=0x1a2b3c4000 endpoint=0xffffb00000002000 tid=6
0 2.0 recv.enter buffer=0x1a2b3d4000 endpoint=0xffffb00000001000 tid=1
0 2.1 recv.enter buffer=0x5000000000 endpoint=0xffffb00000009000 tid=1
0 2.2 recv.exit buffer=0x5000000000 endpoint=0xffffb00000009000 tid=1
0 3.0 send.enter buffer=0x1a2b3d4000 endpoint=0xffffb00000002000 tid=2
{more}0 3.1 send.exit buffer=0x1a2b3d4000 endpoint=0xffffb00000002000 tid=2
0 3.2 close.enter endpoint=0xffffb00000001000
"""
OUTSIDE_ERROR = "0 3.05 recv.exit buffer=0x1a2b3d4000 endpoint=0xffffb00000001000 tid=1\n"


def check_nothing_added(bufcheck, tracegen, folder):
    """A receive is ended by its thread's next call on a socket without a finding. Without that
    record the receive would conflict with a later send, as a note or as an error."""
    for more in ("", OUTSIDE_ERROR):
        text, whole, small = (folder / name for name in ("out.trace", "out.etl", "out-small.etl"))
        text.write_text(OUTSIDE.format(more=more))
        run(tracegen, text, whole)
        before = findings_of(bufcheck, whole)
        for words in ([], ["--anonymous=all"], ["--finding", before[0]["fingerprint"]]):
            result = run(bufcheck, "cut", whole, "-o", small, "--force", *words)
            after = [finding["rule"] for finding in findings_of(bufcheck, small)]
            if result.returncode != 0 or after != [finding["rule"] for finding in before]:
                yield f"{words}: the cut trace has {after}: {result.stderr.decode()}"


def check_late_file(bufcheck, folder, path):
    """A file that comes under the target's name while the copy is written stays as it is."""
    place = folder / "late"
    place.mkdir()
    cutting = subprocess.Popen([bufcheck, "cut", path, "-o", place / "late.etl"],
                               stderr=subprocess.PIPE)
    while cutting.poll() is None and not any(place.iterdir()):
        pass
    try:
        (place / "late.etl").open("x", encoding="ascii").close()
    except FileExistsError:
        print("NOT CHECKED: a file that comes late; the copy was complete before")
        cutting.communicate()
        return
    errors = cutting.communicate()[1]
    if cutting.returncode != 2 or (place / "late.etl").stat().st_size != 0:
        yield f"a late file: exit status {cutting.returncode}, {errors.decode()}"


def check_no_room(bufcheck, tracegen, folder):
    """Memory everywhere in the lower half of a 32-bit address space leaves no place to move to."""
    text, whole, small = (folder / name for name in ("room.trace", "room.etl", "room-small.etl"))
    who = "len=64 pid=8 process=0xffffa00000001000 endpoint=0xffffb00000001000"
    lines = ["trace processors=1", f"default {who} kw=fastpath tid=1"]
    for at in range(0x10000, 0x7FFE0000, 0x20000):
        lines += [f"0 +10us recv.{event} buffer={at:#x}" for event in ("enter", "exit")]
    lines += [f"0 +10us recv.{event} buffer=0x10000 tid={tid}"
              for event in ("enter", "exit") for tid in (2, 3)]
    text.write_text("\n".join(lines) + "\n")
    run(tracegen, text, whole)
    result = run(bufcheck, "cut", whole, "-o", small, "--anonymous=all")
    wanted = ("room.etl: can't be cut: memory is in use all over a part of address space, so that "
              "none of it has another place to go to\n")
    if result.returncode != 2 or not result.stderr.decode().endswith(wanted) or small.exists():
        yield f"no room: exit status {result.returncode}, {result.stderr.decode()}"


def check_losses(bufcheck, tracegen, folder, count=2000):
    """Trace buffers that only say that events were lost, after a long record: they are joined."""
    text, whole, small = (folder / name for name in ("loss.trace", "loss.etl", "loss-small.etl"))
    stack = "ext=6:" + "00" * 8 + "00001110f67f0000" * 6000
    who = "buffer=0x1a2b3c4000 len=64 pid=8 process=0xffffa00000001000"
    ends = [f"{who} endpoint=0xffffb0000000{at}000 tid={at}" for at in (1, 2)]
    text.write_text("\n".join([
        "trace processors=1 buffer-size=65536 compress=greedy",
        f"0 1.0 recv.enter kw=fastpath {ends[0]} {stack}", f"0 1.1 recv.enter kw=fastpath {ends[1]}",
        f"0 1.2 recv.exit {ends[0]}", f"0 1.3 recv.exit {ends[1]}", "flush 0",
        *["mark 0 events-lost", "flush 0 empty"] * count,
        f"0 9.0 recv.enter kw=fastpath {ends[0]}", f"0 9.1 recv.exit {ends[0]}"]) + "\n")
    run(tracegen, text, whole)
    result = run(bufcheck, "cut", whole, "-o", small)
    if result.returncode != 0 or small.stat().st_size > 20 * 65536:
        yield f"{count} losses: exit status {result.returncode}, {result.stderr.decode()}"
    elif in_order(findings_of(bufcheck, small)) != in_order(findings_of(bufcheck, whole)):
        yield "losses: the findings are not the same"


DAMAGED = """trace processors=1 compress={compress}
default pid=4120 process=0xffffa00000001000 len=64 kw=fastpath
0 1.0 recv.enter buffer=0x1a2b3c4000 endpoint=0xffffb00000001000 tid=1
0 1.1 recv.enter buffer=0x1a2b3d4000 endpoint=0xffffb00000003000 tid=3
0 1.2 recv.exit buffer=0x1a2b3d4000 endpoint=0xffffb00000003000 tid=3
0 1.3 event provider=7 {damage}
flush 0
0 2.0 recv.enter buffer=0x1a2b3c4000 endpoint=0xffffb00000002000 tid=2
0 2.1 recv.exit buffer=0x1a2b3c4000 endpoint=0xffffb00000002000 tid=2
0 2.2 recv.exit buffer=0x1a2b3c4000 endpoint=0xffffb00000001000 tid=1
{after}
"""
# In the literal form a word of flags stands before each 32 bytes; three records are 384 bytes. The
# word becomes a match that begins before the first byte.
CORRUPT = f"patch buffer=1 offset={72 + (384 // 32) * 36} bytes=ffffffffffff"
DAMAGE = {
    "none": ("none", "", "", []),
    "a record shorter than its head": ("none", "record-size=8", "", ["events-lost"]),
    "a record beyond the used part": ("none", "record-size=0x60", "", ["events-lost"]),
    "a compressed stream that ends early": ("literal", "", "shorten buffer=1 by=20",
                                            ["events-lost"]),
    "a corrupt stream at a record's begin": ("literal", "", CORRUPT, ["events-lost"]),
}


def check_damage(bufcheck, tracegen, folder):
    """Damage between two posts of the same memory is a loss in the copy as well."""
    text, whole, small = (folder / name for name in ("bad.trace", "bad.etl", "bad-small.etl"))
    for name, (compress, damage, after, wanted) in DAMAGE.items():
        text.write_text(DAMAGED.format(compress=compress, damage=damage, after=after))
        run(tracegen, text, whole)
        result = run(bufcheck, "cut", whole, "-o", small, "--force")
        for path in (whole, small):
            reasons = [finding["reasons"] for finding in findings_of(bufcheck, path)]
            if result.returncode != 0 or reasons != [wanted]:
                yield f"{name}: {path.name} has {reasons}: {result.stderr.decode()}"


# Two receives of the same memory on sockets 1 and 2 of a process. {name} stands for lines between;
# `other` is an event of another process, which no cut needs.
OVERLAP = """trace processors=2 {settings}
default pid=4120 process=0xffffa00000001000 len=64 kw=fastpath buffer=0x1a2b3c4000
{first}
0 1.0 recv.enter endpoint=0xffffb00000001000 tid=1
0 1.1 recv.enter endpoint=0xffffb00000002000 tid=2
0 1.5 recv.exit endpoint=0xffffb00000001000 tid=1
0 1.5 recv.exit endpoint=0xffffb00000002000 tid=2
{between}
0 3.0 recv.enter endpoint=0xffffb00000001000 tid=1
0 3.1 recv.enter endpoint=0xffffb00000002000 tid=2
0 3.5 recv.exit endpoint=0xffffb00000001000 tid=1
0 3.5 recv.exit endpoint=0xffffb00000002000 tid=2
{last}
"""
OTHER = "{} recv.enter pid=8 tid=9 process=0xffffa00000009000 endpoint=0xffffb00000009000\n"
LOSS = "mark 0 events-lost\n"
BETWEEN = {
    "nothing": "",
    "a loss": "flush 0\n" + LOSS,
    "a loss between others": OTHER.format("0 1.6") + "flush 0\n" + LOSS + OTHER.format("0 2.9"),
    "a loss behind another": OTHER.format("0 1.6") + "flush 0\n" + LOSS,
    "a loss before another": "flush 0\n" + LOSS + OTHER.format("0 2.9"),
    "losses in a row": "flush 0\n" + 2 * (LOSS + "flush 0 empty\n") + LOSS,
    "losses with others between": OTHER.format("0 1.6") + "flush 0\n" + LOSS +
                                  OTHER.format("0 2.0") + "flush 0\n" + LOSS + OTHER.format("0 2.9"),
    "a loss of another processor": OTHER.format("1 1.2") + "flush 1\nmark 1 events-lost\n" +
                                   OTHER.format("1 2.0"),
    "a loss of another processor's begin": "mark 1 events-lost\n" + OTHER.format("1 3.2"),
    "a trace buffer that is no trace": OTHER.format("0 1.6") + "flush 0\nmark 0 type=9\n" +
                                       OTHER.format("0 2.0") + "flush 0\n" + OTHER.format("0 2.9"),
    "a drop": "flush all\nlast-dropped 2.0 -\n",
    "a drop in flight": "flush all\nlast-dropped - 1.2\n",
}


def check_loss_places(bufcheck, tracegen, folder):
    """A loss lasts from the event before to the event behind, whether or not the copy has these:
    reasons and confidence stay, and each session stays one."""
    text, whole, small = (folder / name for name in ("at.trace", "at.etl", "at-small.etl"))
    seen = set()
    for name, between in BETWEEN.items():
        for settings, first, last in (("", "", ""), ("compress=greedy", OTHER.format("0 0.9"), ""),
                                      ("mode=0x5", "", OTHER.format("0 3.6") + "session\n" +
                                       OTHER.format("0 4.0"))):
            text.write_text(OVERLAP.format(settings=settings, first=first, between=between,
                                           last=last))
            run(tracegen, text, whole)
            before = findings_of(bufcheck, whole)
            seen.add(str([finding["reasons"] for finding in before]))
            for words in ([], ["--anonymous"]):
                result = run(bufcheck, "cut", whole, "-o", small, "--force", *words)
                if result.returncode != 0 or not before or \
                        in_order(findings_of(bufcheck, small)) != in_order(before):
                    yield f"{name}, {settings} {words}: {result.stderr.decode()}"
    if len(seen) < 2:
        yield f"losses change nothing: {seen}"


def check_many(bufcheck, tracegen, folder, count=20000):
    """A finding in each of many processes: time grows with the findings, not with their square."""
    text, whole = folder / "many.trace", folder / "many.etl"
    with open(text, "w", encoding="ascii") as file:
        file.write("trace processors=1\ndefault buffer=0x1a2b3c4000 len=64\n")
        for at in range(count):
            who = f"pid={8 + 4 * at} process={0xffffa00000000000 + (at << 12):#x}"
            for event in ("enter kw=fastpath", "exit"):
                for end in (0, 1):
                    file.write(f"0 +10us recv.{event} {who} tid={2 * at + end + 1} "
                               f"endpoint={0xffffb00000000000 + (2 * at + end << 12):#x}\n")
    run(tracegen, text, whole)
    before = os.times().children_user
    result = run(bufcheck, "cut", whole, "-o", folder / "many-small.etl")
    taken = os.times().children_user - before
    if result.returncode != 0 or f"{count} findings".encode() not in result.stderr or taken > 10:
        yield f"{count} findings: {taken:.1f} s, {result.stderr.decode()}"
    yield from check_late_file(bufcheck, folder, whole)


def main():
    bufcheck, tracegen, cases, example = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    problems, count, sizes = [], 0, [0, 0]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        whole = folder / "whole.etl"
        for case in sorted(cases.glob("*/input.trace")):
            whole.unlink(missing_ok=True)
            run(tracegen, case, whole)
            if not whole.exists():
                continue
            count += 1
            problems += [f"{case.parent.name}: {text}" for text in
                         check_cut(bufcheck, folder, whole)]
            if (folder / "small.etl").exists():
                sizes[0] += whole.stat().st_size
                sizes[1] += (folder / "small.etl").stat().st_size
        run(tracegen, example, whole)
        problems += check_refusals(bufcheck, folder, whole)
        problems += check_pipe(bufcheck, folder, whole)
        problems += check_nothing_added(bufcheck, tracegen, folder)
        problems += check_many(bufcheck, tracegen, folder)
        problems += check_no_room(bufcheck, tracegen, folder)
        problems += check_losses(bufcheck, tracegen, folder)
        problems += check_damage(bufcheck, tracegen, folder)
        problems += check_loss_places(bufcheck, tracegen, folder)
    for problem in problems:
        print(problem)
    print(f"{count} cases, {sizes[0]} bytes whole, {sizes[1]} cut, {len(problems)} problems")
    return 1 if problems or sizes[1] == 0 else 0


sys.exit(main())
