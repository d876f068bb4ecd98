# SPDX-License-Identifier: Apache-2.0
"""Traces of names and logs of the probe, which growth.py makes as text.

A maker takes a number and returns the lines of a trace (docs/trace-language.md), or of a log. Each
line of a trace is a microsecond after the one before.
"""

import json

PID, TID = 4120, 1
IMAGES, IMAGE_LEN = 0x7FF000000000, 0x10000
MEMORY = 0x1A2B3C4000
TICKS = 1000000  # of a trace's begin, as tests/support/trace.h has it


# ---- traces ----

def conflicts(count, step=1):
    """Two receives each of the same memory, which both end, with a frame in an image of their own.
    Their user buffers lie `step` bytes apart."""
    for i in range(count):
        for j in range(2):
            frame = IMAGES + i * IMAGE_LEN + 16 * (j + 1)
            yield f"recv.enter buffer={MEMORY + i * step:#x} len=1 stack={frame:#x}"
        for j in range(2):
            yield f"recv.exit buffer={MEMORY + i * step:#x} len=1"


def image(number, base, stamp):
    """An image with all that merge tools say of its file, each with a name of its own."""
    name = f"m{number}.dll"
    yield f"merge.version size={IMAGE_LEN} stamp={stamp} name={name} text=1.0.0.{number}"
    yield (f"merge.image-id base={base:#x} size={IMAGE_LEN} target={PID} stamp={stamp} "
           f"name={name}")
    yield (f"merge.pdb base={base:#x} target={PID} age=1 name=\"D:\\b\\{number}.pdb\" "
           f"guid=01020304-0506-0708-090a-{number:012x}")
    yield (f"image.dcend base={base:#x} size={IMAGE_LEN} target={PID} "
           f"image=\"\\Device\\HarddiskVolume3\\srv\\{name}\"")


def identities(count):
    for i in range(count):
        yield from image(i, IMAGES + i * IMAGE_LEN, i + 1)
    yield from conflicts(16)


def identities_of_one_place(count):
    for i in range(count):
        yield from image(i, IMAGES, i + 1)
    yield from conflicts(16)


def process_names(count):
    for i in range(count):
        yield (f"process.start process={0xFFFFA00000100000 + i * 0x1000:#x} target={8 + 4 * i} "
               f"image=a{i}.exe command=\"a{i}.exe -n {i}\"")
    yield from conflicts(16)


def process_names_of_one_pid(count):
    """Rundowns, each of which takes the process id from the process before."""
    for i in range(count):
        yield (f"process.dcstart process={0xFFFFA00000100000 + i * 0x1000:#x} target={PID} "
               f"image=a{i}.exe")
    yield from conflicts(16)


def thread(number, tid, base, limit):
    yield (f"thread.start target={PID} thread={tid} stack-base={base:#x} stack-limit={limit:#x}")
    yield f"thread.name target={PID} thread={tid} name=\"worker {number}\""


def thread_lives(count):
    """Threads beside each other, and user buffers on the stacks of some."""
    for i in range(count):
        yield from thread(i, 8 + 4 * i, MEMORY + (i + 1) * 64, MEMORY + i * 64)
    yield from conflicts(count // 4, 64)


def nested_stacks(count):
    """Stacks that all reach the same end, and user buffers on all of them, or behind."""
    end = MEMORY + count
    for i in range(count):
        yield from thread(i, 8 + 4 * i, end, MEMORY + i)
    yield from conflicts(count // 4, 8)


def lives_of_one_thread(count):
    """One thread id with one stack, given out again and again."""
    for i in range(count):
        yield from thread(i, 8, MEMORY + 64, MEMORY)
        if i % 2 == 0:
            yield f"thread.end target={PID} thread=8"
    yield from conflicts(count // 4, 0)


def volumes(count):
    """Volumes, and images on each; a path of the kernel's is looked up in all volumes."""
    for i in range(count):
        yield f"merge.volume nt=\"\\Device\\HarddiskVolume{i}\\\" dos=\"\\\\?\\Volume{i}\\\""
        yield (f"image.dcend base={IMAGES + i * IMAGE_LEN:#x} size={IMAGE_LEN} target={PID} "
               f"image=\"\\Device\\HarddiskVolume{i}\\srv\\m{i}.dll\"")
    yield from conflicts(16)


# Name: the smaller number, and the maker.
TRACES = {
    "identities": (1000, identities),
    "identities-of-one-place": (1000, identities_of_one_place),
    "process-names": (3000, process_names),
    "process-names-of-one-pid": (3000, process_names_of_one_pid),
    "thread-lives": (1500, thread_lives),
    "nested-stacks": (1500, nested_stacks),
    "lives-of-one-thread": (1500, lives_of_one_thread),
    "volumes": (500, volumes),
}


def trace_text(kind, count):
    head = [f"default pid={PID} tid={TID} process=0xffffa00000001000 endpoint=0xffffb00000001000"]
    lines = [f"0 {1 + i / 1e6:.6f} {line}" for i, line in enumerate(TRACES[kind][1](count))]
    return "\n".join(head + lines) + "\n"


# ---- logs ----

def probe(first):
    yield {"type": "probe", "schema": "bufcheck.probe/1", "version": "1", "pid": PID, "tid": TID,
           "frequency": 10000000, "start": str(first)}


def call(number, ticks, pending=True):
    return {"type": "call", "call": number, "api": "WSARecv", "tid": TID, "socket": 1,
            "buffers": [{"address": hex(MEMORY), "length": 64}], "before": str(ticks),
            "after": str(ticks + 1), "notice": "event" if pending else "blocking",
            "pending": pending, "error": 997 if pending else 0}


def log_calls(count):
    """Calls of one thread, whose ends, cancellations and defects name the first of them first."""
    yield from probe(TICKS)
    yield {"type": "scenario", "scenario": "one", "at": str(TICKS)}
    for i in range(count):
        yield call(i + 1, TICKS + 2 * i)
    for i in range(count):
        yield {"type": "cancel", "call": i + 1}
        yield {"type": "completion", "call": i + 1, "at": str(TICKS + 2 * count), "error": 995}
        yield {"type": "defect", "rule": "recv-over-recv", "first": i + 1, "second": count - i}


def log_steps(count):
    """As many calls that open and close a socket as calls of memory, in one thread."""
    yield from probe(TICKS)
    yield {"type": "scenario", "scenario": "one", "at": str(TICKS)}
    for i in range(count):
        ticks = TICKS + 6 * i
        for j, what in enumerate(("socket", "closesocket")):
            yield {"type": "socket", "what": what, "tid": TID, "socket": i + 2,
                   "before": str(ticks + 2 * j), "after": str(ticks + 2 * j + 1), "error": 0}
        yield call(i + 1, ticks + 4, pending=False)


def log_scenarios(count):
    yield from probe(TICKS)
    for i in range(count):
        yield {"type": "scenario", "scenario": f"s{i}", "at": str(TICKS + 2 * i)}
        yield call(i + 1, TICKS + 2 * i)
        yield {"type": "defect", "rule": "recv-over-recv", "first": count // 2 if i > count // 2
               else 1, "second": i + 1}
        yield {"type": "scenario_end", "at": str(TICKS + 2 * i + 1), "outcome": "done"}


LOGS = {
    "log-calls": (2000, log_calls),
    "log-steps": (2000, log_steps),
    "log-scenarios": (2000, log_scenarios),
}


def log_text(kind, count):
    return "".join(json.dumps(line) + "\n" for line in LOGS[kind][1](count))
