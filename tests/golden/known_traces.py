# SPDX-License-Identifier: Apache-2.0
"""Traces of one made program, for tests of what is known of findings: run again, rebuilt, on another
Windows, with more or fewer defects."""

import dataclasses
import pathlib
import subprocess


@dataclasses.dataclass(frozen=True)
class Run:
    """The differences of two runs of one build: nothing that a fingerprint may hold."""
    pid: int = 6312
    tid: int = 7044
    process: int = 0xffffa58f21c44080
    endpoints: int = 0xffffa58f23a10000
    exe: int = 0x7ff6a1b20000
    memory: int = 0x1f4a2c40000
    begin: float = 0.3
    processor: int = 0
    start: str = "2026-03-04T10:20:30Z"
    build: int = 22631
    # The modules between the program and the driver, as (name, base, frame).
    system: tuple = (("ntdll.dll", 0x7ffb3d8f0000, 0x9d474), ("mswsock.dll", 0x7ffb3a9e0000, 0x8e31),
                     ("ws2_32.dll", 0x7ffb3c410000, 0x12c4f))
    image: str = "server.exe"
    remote: str = "10.0.0.17:50611"


FIRST = Run()
AGAIN = Run(pid=914, tid=33, process=0xffffbf0011223080, endpoints=0xffffbf0044556000,
            exe=0x7ff702340000, memory=0x2b0017f0000, begin=4.25, processor=1,
            start="2026-05-06T01:02:03Z", remote="10.9.8.7:61000")
OTHER_WINDOWS = dataclasses.replace(
    AGAIN, build=19041,
    system=(("ntdll.dll", 0x7ffc00000000, 0x9c2f4), ("wow64cpu.dll", 0x7ffc01000000, 0x1cf3),
            ("KERNELBASE.dll", 0x7ffc02000000, 0x2b31), ("ws2_32.dll", 0x7ffc03000000, 0x1111)))


@dataclasses.dataclass(frozen=True)
class Defect:
    """Two receives into one user buffer, posted from two places of the program."""
    first: int
    second: int
    same_socket: bool = True
    module: str = "server.exe"


# Three of a kind: they differ in where the program posts, and in nothing else.
THREE = (Defect(0x1c3a2, 0x2087f), Defect(0x1c3a2, 0x3100a), Defect(0x1d000, 0x40bbb))


def text(defects, run=FIRST, moved=0):
    """The program's trace. `moved` is how far a rebuild moved its code."""
    lines = [f"trace processors=2 build={run.build} start={run.start}",
             f"default pid={run.pid} tid={run.tid} process={run.process:#x}"]
    at = run.begin

    def event(what):
        nonlocal at
        lines.append(f"{run.processor} {at:.6f} {what}")
        at += 0.001

    event(f"process.dcstart process={run.process:#x} target={run.pid} parent=900 "
          f"image={run.image} command=x")
    event(f"image.dcstart target={run.pid} base={run.exe:#x} size=0x9c000 "
          f"image=\"\\Device\\HarddiskVolume3\\srv\\{run.image}\"")
    for name, base, _ in run.system:
        event(f"image.dcstart target={run.pid} base={base:#x} size=0x200000 "
              f"image=\"\\Device\\HarddiskVolume3\\Windows\\System32\\{name}\"")
    for i in range(2 * len(defects) + 1):
        event(f"create.enter endpoint={run.endpoints + 0x1000 * i:#x} family=2 type=1 protocol=6 "
              f"owner={run.pid}")
        event(f"connect-addr.enter endpoint={run.endpoints + 0x1000 * i:#x} address={run.remote}")
    for i, defect in enumerate(defects):
        stack = [",".join(f"{base + frame:#x}" for _, base, frame in run.system) +
                 f",{run.exe + where + moved:#x},{run.exe + where + moved + 0x5000:#x}"
                 for where in (defect.first, defect.second)]
        sockets = [run.endpoints + 0x1000 * 2 * i,
                   run.endpoints + 0x1000 * (2 * i + (0 if defect.same_socket else 1))]
        memory = run.memory + 0x10000 * i
        event(f"recv.enter endpoint={sockets[0]:#x} buffer={memory:#x} len=8192 kw=fastpath "
              f"tid={run.tid} stack={stack[0]}")
        event(f"recv.enter endpoint={sockets[1]:#x} buffer={memory:#x} len=4096 kw=fastpath "
              f"tid={run.tid + 1} stack={stack[1]}")
        event(f"recv.exit endpoint={sockets[0]:#x} buffer={memory:#x} len=96 kw=fastpath "
              f"tid={run.tid}")
        event(f"recv.exit endpoint={sockets[1]:#x} buffer={memory:#x} len=96 kw=fastpath "
              f"tid={run.tid + 1}")
    event(f"recv.enter endpoint={run.endpoints:#x} buffer={run.memory + 0x900000:#x} len=64 "
          "kw=fastpath")
    event(f"recv.exit endpoint={run.endpoints:#x} buffer={run.memory + 0x900000:#x} len=64 "
          "kw=fastpath")
    return "\n".join(lines) + "\n"


def make(tracegen, path, defects, run=FIRST, moved=0):
    """Writes the .etl file."""
    path = pathlib.Path(path)
    source = path.with_suffix(".trace")
    source.write_text(text(defects, run, moved), encoding="utf-8")
    subprocess.run([tracegen, str(source), str(path)], check=True)
    source.unlink()
    return path
