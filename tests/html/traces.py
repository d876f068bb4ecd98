# SPDX-License-Identifier: Apache-2.0
"""Traces in the language of docs/trace-language.md whose reports the HTML tests look at."""

RULES = [
    ("recv", "recv", True),
    ("send", "recv", True),
    ("recv", "send", True),
    ("send", "send", True),
    ("send", "send", False),
]

MODULES = """
let ntdll = 0x7ffb3d8f0000
let ws2 = 0x7ffb3c410000
let exe = 0x7ff6a1000000
"""

HEAD = "trace processors=2 build=22631 start=2026-03-04T10:20:30Z buffer-size=65536\n" + MODULES

HOSTILE_IMAGES = [
    "<script>document.title='owned'<x>.exe",
    "<img src=x onerror=document.title='owned'>.exe",
    "a&lt;b&amp;'onmouseover=document.title=1'.exe",
    "invoice\u202egpj.exe",
    "bell\x07escape\x1b[31mred.exe",
    "{{data}}{{findings}}<!--.exe",
]

HOSTILE_COMMAND = "<img src=http://192.0.2.1/x onerror=alert(1)> --path </pre></script>\u2066\x1b]0;x"


def images(pid, process, name, command):
    base = (
        f'0 0.001 process.dcstart process={process:#x} target={pid} parent=4 image="{name}"'
        f' command="{command}"\n'
    )
    base += (
        f'0 +1us merge.image-id target={pid} base=exe size=0x800000 stamp=0x60000001'
        f' name="{name}"\n'
        f"0 +0us merge.pdb target={pid} base=exe guid={pid:08x}-0506-0708-090a-0b0c0d0e0f10"
        f' age=3 name="D:\\build\\{name}.pdb"\n'
    )
    for place, size, path in (
        ("exe", 0x800000, f"\\Device\\HarddiskVolume3\\srv\\{name}"),
        ("ntdll", 0x217000, "\\Windows\\System32\\ntdll.dll"),
        ("ws2", 0x71000, "\\Windows\\System32\\ws2_32.dll"),
    ):
        base += f'0 +1us image.dcstart target={pid} base={place} size={size:#x} image="{path}"\n'
    return base


def socket(endpoint, process, pid, port):
    return (
        f"0 0.002 create.enter process={process:#x} pid={pid} tid=1 endpoint={endpoint:#x}"
        f" family=2 type=1 protocol=6 owner={pid}\n"
        f"0 +1us create.exit process={process:#x} pid={pid} tid=1 endpoint={endpoint:#x}"
        f" family=2 type=1 protocol=6 owner={pid}\n"
        f"0 +1us bind-addr.exit process={process:#x} pid={pid} tid=1 endpoint={endpoint:#x}"
        f" address=10.0.0.5:{port}\n"
    )


def stack(i):
    return f"stack=ntdll+0x9d474,ws2+0x12c4f,exe+{0x1000 + i * 0x40:#x},exe+0x20711,ntdll+0x5aa48"


def event(at, what, process, pid, tid, endpoint, address, length, more=""):
    fast = " fast=yes" if what.endswith(".post") else ""
    return (
        f"{tid % 2} {at:.7f} {what} process={process:#x} pid={pid} tid={tid} endpoint={endpoint:#x}"
        f" buffer={address:#x} len={length}{fast} {more}\n"
    )


def first_ends(i):
    return i % 7 != 3


def second_ends(i):
    return i % 11 != 5


def uses_around(i):
    """How many operations used the memory of conflict i before and after it."""
    return i % 4 + (first_ends(i) and second_ends(i))


def conflict(i, process, pid, endpoint, other_endpoint):
    """Some uses of a user buffer as they should be, then one that overlaps."""
    first, second, same = RULES[i % len(RULES)]
    at = 1 + i * 0.01
    address = 0x1F4A0000000 + i * 0x10000
    length = (512, 4096, 65536, 1460)[i % 4]
    shift = (0, length // 2, length // 4)[i % 3]
    where = endpoint if same else other_endpoint
    lines = []
    for k in range(i % 4):
        lines.append((at + k * 0.0004, "recv.post", 5116, endpoint, address, length, ""))
        lines.append((at + k * 0.0004 + 0.0002, "recv.done", 5116, endpoint, address, length, ""))
    lines.append((at + 0.002, first + ".post", 5116, endpoint, address, length, stack(i)))
    lines.append((at + 0.0032, second + ".post", 5120 + i % 3, where, address + shift, length,
                  stack(i)))
    if first_ends(i):
        lines.append((at + 0.0041, first + ".done", 5116, endpoint, address, length - 8, ""))
    if second_ends(i):
        lines.append((at + 0.0063, second + ".done", 5120 + i % 3, where, address + shift, 96, ""))
    if first_ends(i) and second_ends(i):
        lines.append((at + 0.0071, "recv.post", 5116, endpoint, address, length, ""))
        lines.append((at + 0.0079, "recv.done", 5116, endpoint, address, length, ""))
    return "".join(
        event(when, what, process, pid, tid, sock, addr, size, more)
        for when, what, tid, sock, addr, size, more in lines
    )


def with_findings(count, names=None, command="server --port 7000"):
    """`count` conflicts, each posted from a place of its own."""
    names = names or ["lobby-server.exe", "proxyd.exe", "w3wp.exe", "backup-agent.exe"]
    text = HEAD
    for p, name in enumerate(names):
        process = 0xFFFFA58F21C00000 + p * 0x1000
        text += images(4120 + p * 4, process, name, command)
        for s in range(2):
            text += socket(0xFFFFB00000000000 + p * 0x10000 + s * 0x1000, process, 4120 + p * 4,
                           50000 + p * 10 + s)
    for i in range(count):
        p = i % len(names)
        endpoint = 0xFFFFB00000000000 + p * 0x10000
        text += conflict(i, 0xFFFFA58F21C00000 + p * 0x1000, 4120 + p * 4, endpoint,
                         endpoint + 0x1000)
    return text


def hostile():
    return with_findings(len(HOSTILE_IMAGES) * 2, HOSTILE_IMAGES, HOSTILE_COMMAND)
