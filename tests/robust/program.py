#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs bufcheck on traces that are made to be expensive and where resources run out.

    program.py BUFCHECK TRACEGEN HOSTILE TRACE [--sanitized]

TRACE is a trace in the trace language with at least one finding that fails. Time is limited for
each run; memory (address space) too, unless --sanitized says that a sanitizer needs it. Then the
traces are smaller, too.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback

MIB = 1 << 20
CHECK_FORMATS = ("text", "json", "jsonl", "sarif", "junit", "markdown", "html", "perfetto", "csv",
                 "github", "gitlab")
COMMANDS = ([["check", "-f", name] for name in CHECK_FORMATS] +
            [["info", "-f", "text"], ["info", "-f", "json"]] +
            [[command, "-f", name] for command in ("events", "ops")
             for name in ("jsonl", "csv", "text")])
FILES = 10000


class Setting:
    bufcheck = tracegen = hostile = trace = None
    sanitized = False


def limits(memory, files):
    def apply():
        if memory and not Setting.sanitized:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        if files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    return apply


def bufcheck(*words, seconds=30, memory=512 * MIB, files=None, **options):
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    result = subprocess.run([Setting.bufcheck, *map(str, words)],
                            timeout=seconds * (8 if Setting.sanitized else 1),
                            preexec_fn=limits(memory, files), **options)
    assert 0 <= result.returncode <= 3, \
        f"{words[:4]}: exit status {result.returncode}: {result.stderr[-2000:]!r}"
    return result


def expect(result, *statuses, stderr=None):
    assert result.returncode in statuses, \
        f"exit status {result.returncode}, expected {statuses}: {result.stderr[-500:]!r}"
    if stderr is None:
        assert result.stderr == b"", f"on standard error: {result.stderr[-500:]!r}"
    else:
        assert stderr in result.stderr, f"{stderr!r} is not in {result.stderr[-500:]!r}"


def report(etl, *statuses, **options):
    result = bufcheck("-f", "json", etl, **options)
    expect(result, *statuses)
    return json.loads(result.stdout)


def many(count):
    return count // 10 if Setting.sanitized else count


def make(folder, kind, count):
    path = folder / f"{kind}.etl"
    subprocess.run([Setting.hostile, kind, str(count), path], check=True)
    return path


def make_text(folder, text):
    path = folder / "text.etl"
    subprocess.run([Setting.tracegen, "-", path], input=text.encode(), check=True)
    return path


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


# ---- traces that cost much ----

def test_decompression_bomb(folder):
    etl = make(folder, "bomb", 40)
    assert etl.stat().st_size < MIB, etl.stat().st_size
    found = report(etl, 3, memory=256 * MIB)["inputs"][0]["trace"]
    assert found["compressed_buffers"] >= 40 and found["damaged_buffers"] == 0, found
    assert found["records"]["total"] >= 40 * 1900, "the bomb did not go off"


def test_a_million_processors_claimed(folder):
    etl = make_text(folder, pathlib.Path(Setting.trace).read_text() +
                    "\npatch buffer=0 field=log.NumberOfProcessors value=1000000\n")
    found = report(etl, 1, memory=256 * MIB)
    assert found["inputs"][0]["trace"]["processors"] == 1000000


def test_2048_processors_of_one_record(folder):
    etl = make(folder, "processors", 2048)
    found = report(etl, 0, memory=768 * MIB)
    assert found["inputs"][0]["trace"]["processors_seen"] == 2048
    assert found["inputs"][0]["coverage"]["posts"] == 2048


def test_sizes_that_point_backwards(folder):
    posts = "".join(f"0 {i}.0 recv.post buffer={i * 4096} len=64 fast=yes process=1 endpoint=2\n"
                    "flush 0\n" for i in range(1, 40))
    for field in ("BufferSize", "Offset", "SavedOffset"):
        for value in ("0xfffff000", "0xffffffb8", "0x80000048", "0"):
            patches = "".join(f"patch buffer={k} field={field} value={value}\n"
                              for k in range(3, 39))
            result = bufcheck("-f", "json", make_text(folder, posts + patches), memory=256 * MIB)
            expect(result, 0, 3)
            found = json.loads(result.stdout)["inputs"][0]
            assert found["coverage"]["posts"] >= 2, "what lay before the damage"
            assert result.returncode == 3 or found["coverage"]["posts"] == 39, "a loss is told"


def pile(folder, kind, count, conflicts_max):
    found = report(make(folder, kind, count), 0, 1, 3, seconds=120, memory=2048 * MIB)
    coverage = found["inputs"][0]["coverage"]
    assert coverage["conflicts"] <= conflicts_max, coverage["conflicts"]
    return coverage


def test_a_million_operations_on_one_address(folder):
    count = many(1000000)
    coverage = pile(folder, "one-address", count, 16 * count)
    assert coverage["posts"] == coverage["max_in_flight"] == count
    assert coverage["capped_operations"] >= count - 100


def test_a_million_fast_path_operations_on_one_address(folder):
    count = many(500000)
    assert pile(folder, "one-address-modern", count, 16 * count)["posts"] == count


def test_operations_inside_each_other(folder):
    count = many(300000)
    assert pile(folder, "nested", count, 16 * count)["max_in_flight"] == count


def test_one_socket_aborted_a_million_times(folder):
    assert pile(folder, "aborts", many(1000000), 0)["posts"] == 1000


def test_one_process_creates_a_million_sockets(folder):
    assert pile(folder, "processes", many(1000000), 0)["posts"] == 1000


def test_sockets_created_and_closed(folder):
    count = many(900000)
    assert pile(folder, "sockets", count, 0)["max_in_flight"] == 1


def test_completions_of_one_time_that_match_nothing(folder):
    count = many(300000)
    assert pile(folder, "orphans", count, 0)["orphan_completions"] == count


def test_the_newest_of_very_many(folder):
    count = many(600000)
    assert pile(folder, "ambiguous", count, 8 * count)["matched"] == count // 2


# ---- the limit on memory ----

LIMIT = 64 # MiB


def peak_of(*words):
    """Runs bufcheck; gives its exit status and the peak of its memory in MiB."""
    process = subprocess.Popen([Setting.bufcheck, *map(str, words)], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024


def stopped(etl, *words):
    """Runs into --max-memory; gives the report's input and the peak in MiB."""
    words = ["-f", "json", "--max-memory", f"{LIMIT}M", *words, etl]
    process = subprocess.Popen([Setting.bufcheck, *map(str, words)], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    report = json.load(process.stdout)
    found = report["inputs"][0]
    found["folded"] = sum(finding["count"] for finding in report["findings"])
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 2, status
    assert b"the limit of 64.0 MiB (--max-memory) was reached" in told, told
    assert found["verdict"] == "error" and "the limit of 64.0 MiB" in found["error"], found
    assert {"memory-limit", "end-missing"} <= set(found["causes"]), found["causes"]
    return found, usage.ru_maxrss / 1024


def keeps_limit(folder, kind, count, largest):
    found, peak = stopped(make(folder, kind, count))
    took = re.search(f"{largest} took ([0-9.]+) MiB", found["error"])
    assert took and float(took[1]) < LIMIT, found["error"]
    if not Setting.sanitized:
        # Below, as far as the next growth of a table would have led beyond the limit.
        assert 0.7 * LIMIT <= peak <= 1.1 * LIMIT, f"{kind}: {peak:.1f} of {LIMIT} MiB"
    return found


def test_memory_for_operations_in_flight(folder):
    found = keeps_limit(folder, "in-flight", 400000, "operations")
    assert 100000 < found["coverage"]["posts"] == found["coverage"]["pending"] < 400000


def test_memory_for_a_small_compressed_file(folder):
    etl = make(folder, "in-flight-compressed", 400000)
    assert etl.stat().st_size < 6 * MIB, etl.stat().st_size
    keeps_limit(folder, "in-flight-compressed", 400000, "operations")


def test_memory_for_distinct_stacks(folder):
    keeps_limit(folder, "stacks", 300000, "operations")
    keeps_limit(folder, "late-findings", 100000, "operations")


def test_memory_for_findings(folder):
    found = keeps_limit(folder, "findings", 100000, "findings")
    assert found["folded"] == found["coverage"]["conflicts"] > 5000, "what was found is kept"


def test_memory_for_conflicts_that_wait(folder):
    keeps_limit(folder, "one-address", 400000, "conflicts that wait for an end")


def test_memory_for_sockets_threads_and_processes(folder):
    keeps_limit(folder, "endpoints", 300000, "operations")
    keeps_limit(folder, "threads", 300000, "operations")
    keeps_limit(folder, "rejected-threads", 600000, "sockets, processes and threads")
    keeps_limit(folder, "one-thread", 300000, "operations")
    keeps_limit(folder, "header-pids", 300000, "operations")


def test_memory_for_ends_that_come_early(folder):
    keeps_limit(folder, "orphans", 500000, "operations")


def test_memory_for_names(folder):
    keeps_limit(folder, "images", 500000, "names")


def test_a_run_stops_at_the_same_event_every_time(folder):
    etl = make(folder, "late-findings", 100000)
    first, _ = stopped(etl, "-j", 1)
    for jobs in (1, 2):
        assert stopped(etl, "-j", jobs)[0] == first


# ---- files ----

def small_trace(folder):
    etl = folder / "a.etl"
    subprocess.run([Setting.tracegen, Setting.trace, etl], check=True)
    return etl


def links(folder, count):
    etl = small_trace(folder)
    paths = [folder / f"{i:05}.etl" for i in range(count)]
    for path in paths:
        path.hardlink_to(etl)
    return paths


def test_memory_of_finished_files(folder):
    """Of a file without a finding next to nothing stays, of others what a report shows."""
    if Setting.sanitized:
        print("    (sanitizers take memory of their own: not tried)")
        return
    clean = make_text(folder, "0 1.0 recv.post buffer=4096 len=64 fast=yes process=1 endpoint=2\n"
                              "0 1.1 recv.done buffer=4096 len=64 process=1 endpoint=2\n")
    for etl, expected, kib in ((clean, 0, 10), (small_trace(folder), 1, 64)):
        for jobs in (1, 2):
            few, more = (peak_of("-j", jobs, "-f", "json", *[etl] * count)
                         for count in (1000, 3000))
            assert few[0] == more[0] == expected, (few, more)
            each = (more[1] - few[1]) * 1024 / 2000
            assert each <= kib, f"{each:.1f} KiB a file, exit status {expected}"


def test_ten_thousand_files(folder):
    """Each judged alone; only so many may be open at once."""
    count = FILES // 10 if Setting.sanitized else FILES
    result = bufcheck("-f", "json", *links(folder, count), seconds=120, memory=4096 * MIB,
                      files=64)
    expect(result, 1)
    found = json.loads(result.stdout)
    assert len(found["inputs"]) == count
    assert all(item["verdict"] == "findings" for item in found["inputs"])


def test_files_of_one_timeline_beyond_what_may_be_open(folder):
    parts = links(folder, 300)
    for part in parts: # copies: one file as two parts is refused
        content = part.read_bytes()
        part.unlink()
        part.write_bytes(content)
    result = bufcheck("--one-timeline", "-f", "json", *parts, seconds=60, files=64)
    expect(result, 1, 2, stderr=b"" if result.returncode == 1 else b"Too many open files")


def test_a_file_that_shrinks_while_it_is_read(folder):
    """The reader blocks on a pipe that is full, the file becomes shorter, the reader goes on."""
    for command in ("events", "ops"):
        etl = make(folder, "ambiguous", 100000)
        process = subprocess.Popen([Setting.bufcheck, command, etl], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, bufsize=0)
        first = process.stdout.readline()
        time.sleep(0.3)
        os.truncate(etl, etl.stat().st_size * 3 // 4)
        rest, errors = process.communicate(timeout=120)
        assert process.returncode == 2, (command, process.returncode, errors[-300:])
        assert etl.name.encode() in errors, errors
        lines = [json.loads(line) for line in (first + rest).splitlines()]
        assert len(lines) > 10000, "what was read before is reported"
        assert errors.count(b"became shorter") == 1, errors # once, not for each trace buffer


def test_inputs_that_are_no_files(folder):
    empty, fifo = folder / "empty.etl", folder / "fifo.etl"
    empty.write_bytes(b"")
    os.mkfifo(fifo)
    for path in (empty, folder / "missing.etl", "/dev/null"):
        for command in ("check", "info", "events", "ops"):
            result = bufcheck(command, path)
            expect(result, 2, stderr=os.fsencode(path.name if path != "/dev/null" else path))
    etl = small_trace(folder)
    walked = bufcheck("-f", "json", folder) # takes regular files alone: a pipe would keep it waiting
    expect(walked, 2, stderr=b"empty.etl")
    assert b"fifo.etl" not in walked.stdout, "a folder's pipes are no inputs"
    writer = subprocess.Popen(["sh", "-c", 'cat "$1" > "$2"', "sh", etl, fifo])
    result = bufcheck("-f", "json", fifo)
    writer.wait(timeout=30)
    assert result.returncode in (1, 2), result


# ---- outputs ----

def test_full_disk_in_every_format(folder):
    etl = small_trace(folder)
    for words in COMMANDS:
        with open("/dev/full", "wb") as full:
            expect(bufcheck(*words, etl, stdout=full), 2,
                   stderr=b"standard output: can't write: No space left on device")
        direct = [*words[:2], f"{words[2]}=/dev/full"]
        result = bufcheck(*direct, etl)
        expect(result, 2, stderr=b"/dev/full: can't write: No space left on device")


def test_closed_pipe_in_every_format(folder):
    etl = small_trace(folder)
    for words in COMMANDS:
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe:
            expect(bufcheck(*words, etl, stdout=pipe), 2)


def test_pipe_closed_on_the_way(folder):
    etl = make(folder, "one-address", 20000)
    for words in (["check", "-f", "jsonl"], ["events"], ["ops"]):
        process = subprocess.Popen([Setting.bufcheck, *words, etl], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(timeout=60) == 2, (words, process.returncode)
        assert errors == b"", errors


def bytes_read(pid):
    """Tells whether a process has ended and was not waited for."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    try:
        with open(f"/proc/{pid}/io", encoding="ascii") as numbers:
            return int(dict(line.split(": ") for line in numbers)["rchar"])
    except FileNotFoundError:
        print("SKIPPED what was read: this kernel does not tell", flush=True)
        return 0


def test_closed_pipe_ends_the_reading(folder):
    """The rest of gigabytes is left unread when nobody listens any more."""
    four = ("0 {0}.0 recv.post buffer=0x1a2b3c4000 len=64 fast=yes\n"
            "0 {0}.1 recv.post buffer=0x1a2b3c4010 len=64 fast=yes\n"
            "0 {0}.2 recv.done buffer=0x1a2b3c4000 len=64\n"
            "0 {0}.3 recv.done buffer=0x1a2b3c4010 len=64\n")
    etl = make_text(folder, "default pid=4120 tid=1 process=0xffffa00000001000 "
                    "endpoint=0xffffb00000001000\n" +
                    "".join(four.format(second) for second in range(1, 75001)))
    for words in (["check", "-f", "jsonl"], ["ops"]):
        process = subprocess.Popen([Setting.bufcheck, *words, "-j", "1", etl, folder / "missing"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        read = bytes_read(process.pid)
        assert process.wait(timeout=60) == 2, (words, process.returncode)
        assert errors == b"", errors
        # Both passes over the headers read as much as there is, since trace buffers are of one page,
        # and so does the pass for names, which comes before the first line.
        assert read < 3.6 * os.path.getsize(etl), (words, read, os.path.getsize(etl))


def test_file_that_may_not_grow_in_every_format(folder):
    etl = small_trace(folder)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    for words in COMMANDS:
        result = subprocess.run([Setting.bufcheck, words[0], "-f", f"{words[2]}={folder}/out", etl],
                                capture_output=True, timeout=60, preexec_fn=limit)
        expect(result, 2, stderr=b"out: can't write: File too large")
        assert listing(folder) == ["a.etl"], (words, listing(folder))


def test_signals_leave_nothing_that_looks_finished(folder):
    """Sent while reports of every format are being written; a kill can't be caught, but what is
    left then has another name."""
    etl = make(folder, "one-address", many(300000))
    formats = [word for name in CHECK_FORMATS for word in ("-f", f"{name}={folder}/out.{name}")]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        process = subprocess.Popen([Setting.bufcheck, *formats, etl], stderr=subprocess.PIPE)
        deadline = time.monotonic() + 30
        while len(listing(folder)) < 1 + len(CHECK_FORMATS) and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(number)
        process.communicate(timeout=60)
        left = [name for name in listing(folder) if name != etl.name]
        if process.returncode == -number:
            assert not [name for name in left if name.startswith("out.") and
                        name.split(".", 1)[1] in CHECK_FORMATS], left
            assert number == signal.SIGKILL or not left, left
        else:
            assert process.returncode == 1, process.returncode # the run was finished by then
        for name in left:
            (folder / name).unlink()


def test_output_folder_that_may_not_be_written(folder):
    if os.geteuid() == 0:
        print("    (root may write everywhere: not tried)")
        return
    etl = small_trace(folder)
    closed = folder / "closed"
    closed.mkdir()
    closed.chmod(stat.S_IRUSR | stat.S_IXUSR)
    expect(bufcheck("-f", f"json={closed}/out", etl), 2, stderr=b"can't create")


def main():
    for number in (signal.SIGINT, signal.SIGHUP): # a job in the background may ignore both
        signal.signal(number, signal.SIG_DFL)
    parser = argparse.ArgumentParser()
    for name in ("bufcheck", "tracegen", "hostile", "trace"):
        parser.add_argument(name, type=os.path.abspath)
    parser.add_argument("--sanitized", action="store_true")
    parser.add_argument("-k", default="")
    arguments = parser.parse_args(namespace=Setting)
    tests = [(name, test) for name, test in globals().items()
             if name.startswith("test_") and arguments.k in name]
    failed = 0
    for name, test in tests:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
                print(f"ok {name} ({time.monotonic() - began:.1f} s)", flush=True)
            except Exception:
                failed += 1
                print(f"FAILED {name}", flush=True)
                traceback.print_exc(file=sys.stdout)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
