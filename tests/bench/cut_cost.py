#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cost of cutting a large trace beside that of checking it: processor time, and memory.

    cut_cost.py BUFCHECK TRACEGEN BENCHGEN [SIZE [KIND...]]

A made trace of SIZE (1G if not given) has no finding; one defect is appended to it, in trace buffers
of its own. Prints a line for each kind: what check took, what cut took, and the quotient.
"""

import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

DEFECT = """
trace build=19041 buffer-size={size} processors=1
default pid=4120 tid=5116 process=0xffffa00000001000 endpoint=0xffffb00000001000
0 t={ticks} recv.enter buffer=0x1a2b3c4000 len=4096 kw=fastpath
0 +10us recv.enter buffer=0x1a2b3c4800 len=4096 endpoint=0xffffb00000002000 kw=fastpath tid=5120
0 +10us recv.exit buffer=0x1a2b3c4000 len=512 kw=fastpath
0 +10us recv.exit buffer=0x1a2b3c4800 len=512 endpoint=0xffffb00000002000 kw=fastpath tid=5120
"""
HEADER = 0x48 + 0x20  # of the first trace buffer, of the log-file header's record
BUFFERS_WRITTEN_AT = HEADER + 0x24
TICKS_AT = 0x48 + 0x10
FREQUENCY_AT = HEADER + 0x100


def seconds(text):
    """Seconds of a time of day, which is enough for a trace of less than a day."""
    hours, minutes, rest = text[11:-1].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def append_defect(bufcheck, tracegen, folder, path):
    info = json.loads(subprocess.run([bufcheck, "info", "-f", "json", path], check=True,
                                     capture_output=True).stdout)["inputs"][0]["trace"]
    with open(path, "r+b") as file:
        head = file.read(HEADER + 0x118)
        base, = struct.unpack_from("<q", head, TICKS_AT)
        frequency, = struct.unpack_from("<Q", head, FREQUENCY_AT)
        written, = struct.unpack_from("<I", head, BUFFERS_WRITTEN_AT)
        after = (seconds(info["last_event"]) - seconds(info["start"]) + 1) * frequency
        text, small = folder / "defect.trace", folder / "defect.etl"
        text.write_text(DEFECT.format(size=info["buffer_size"], ticks=base + int(after)))
        subprocess.run([tracegen, text, small], check=True)
        data = bytearray(small.read_bytes()[info["buffer_size"]:])
        struct.pack_into("<q", data, 0x18, written)
        file.seek(0, os.SEEK_END)
        file.write(data)
        file.seek(BUFFERS_WRITTEN_AT)
        file.write(struct.pack("<I", written + len(data) // info["buffer_size"]))


def cost(words):
    """Exit status, seconds of processor time, and the most memory in MiB."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, \
        usage.ru_maxrss / 1024


def main():
    bufcheck, tracegen, benchgen = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    size = sys.argv[4] if len(sys.argv) > 4 else "1G"
    bad = 0
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
        folder = pathlib.Path(name)
        for kind in sys.argv[5:] or ("wpr", "wpr-compressed", "dense", "sparse"):
            path, small = folder / f"{kind}.etl", folder / "small.etl"
            subprocess.run([benchgen, kind, size, "1", path], check=True,
                           stdout=subprocess.DEVNULL)
            append_defect(bufcheck, tracegen, folder, path)
            subprocess.run(["cat", path], stdout=subprocess.DEVNULL)  # both find it in memory
            check, check_s, check_mib = cost([bufcheck, "-q", path])
            cut, cut_s, cut_mib = cost([bufcheck, "cut", path, "-o", small, "--force"])
            bad += check != 1 or cut != 0
            print(f"{kind:18} check {check_s:6.2f} s {check_mib:5.0f} MiB   cut {cut_s:6.2f} s "
                  f"{cut_mib:5.0f} MiB   {cut_s / check_s:.2f} times, exit {check} {cut}",
                  flush=True)
            path.unlink()
    return 1 if bad else 0


sys.exit(main())
