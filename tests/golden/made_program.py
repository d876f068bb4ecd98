# SPDX-License-Identifier: Apache-2.0
"""Builds a program of two modules with PDBs and a trace in which it posts a user buffer too early.

The program's sources are testdata/symbols: chat.exe (own code), net.dll (a library) and a stand-in
for ws2_32.dll. Their build path is C:\\build\\chat, so that nothing of this machine is in the PDBs.
"""

import json
import re
import shutil
import subprocess

TOOLS = ["clang", "lld-link", "llvm-objdump", "llvm-symbolizer", "x86_64-w64-mingw32-gcc"]
BUILD_PATH = "C:/build/chat"

TRACE = """\
trace processors=2 build=22631 start=2026-03-04T10:20:30Z
let app = 0xffffa58f21c44080
let a = 0xffffa58f23a10c20
let b = 0xffffa58f23a11e60
let request_a = 0xffffa58f24e31d10
let request_b = 0xffffa58f24e377b0
let exe = 0x7ff6a1b20000
let net = 0x7ffb30000000
let ws2 = 0x7ffb3c410000
let ntdll = 0x7ffb3d8f0000
default pid=6312 tid=7044 process=app
1 0.100000 create.enter endpoint=a family=2 type=1 protocol=6 owner=6312
1 0.200000 create.enter endpoint=b family=2 type=1 protocol=6 owner=6312 tid=7052
0 0.305000 recv.enter endpoint=a buffer=0x1f4a2c44000 len=8192 kw=fastpath stack={first}
0 +4us recv.exit endpoint=a buffer=0x1f4a2c44000 len=0 status=not_ready kw=fastpath
0 +3us recv.enter endpoint=a buffer=request_a len=8192 activity=request_a stack={first}
1 0.417300 recv.enter endpoint=b buffer=0x1f4a2c45000 len=4096 kw=fastpath tid=7052 stack={second}
1 +4us recv.exit endpoint=b buffer=0x1f4a2c45000 len=0 status=not_ready kw=fastpath tid=7052
1 +3us recv.enter endpoint=b buffer=request_b len=4096 activity=request_b tid=7052 stack={second}
0 0.431811 recv.exit endpoint=a buffer=request_a len=6144 activity=request_a pid=4 tid=212
1 0.460020 recv.exit endpoint=b buffer=request_b len=96 activity=request_b pid=4 tid=216
0 0.500000 process.dcend process=app target=6312 parent=900 image=chat.exe command=chat.exe
{images}
"""


def missing_tools():
    return [tool for tool in TOOLS if shutil.which(tool) is None]


def run(*words, cwd=None, text=None):
    return subprocess.run([str(word) for word in words], cwd=cwd, input=text, text=True, check=True,
                          capture_output=True).stdout


def compile_module(sources, source, name, folder, more=()):
    run("clang", "--target=x86_64-pc-windows-msvc", "-O1", "-g", "-gcodeview",
        f"-ffile-prefix-map={sources}={BUILD_PATH}", "-c", source, "-o", folder / f"{name}.obj",
        *more, cwd=sources)


def build(sources, folder):
    """chat.exe, net.dll and ws2_32.dll with their PDBs in `folder`."""
    compile_module(sources, "ws2_32.c", "ws2_32", folder)
    compile_module(sources, "net/net.c", "net", folder, ["-DIMPORT"])
    compile_module(sources, "chat.c", "chat", folder)
    dll = ["lld-link", "/debug", "/nodefaultlib", "/dll", "/noentry"]
    run(*dll, "ws2_32.obj", "/out:ws2_32.dll", cwd=folder)
    run(*dll, "net.obj", "ws2_32.lib", "/out:net.dll", cwd=folder)
    run("lld-link", "/debug", "/nodefaultlib", "/entry:mainCRTStartup", "/subsystem:console",
        "chat.obj", "net.lib", "/out:chat.exe", cwd=folder)


def build_with_dwarf(sources, folder):
    """The same by mingw's gcc, with DWARF in the images."""
    gcc = ["x86_64-w64-mingw32-gcc", "-O1", "-g", "-nostdlib", "-fno-asynchronous-unwind-tables"]
    dll = [*gcc, "-shared", "-Wl,-e,0"]
    run(*dll, "ws2_32.c", "-o", folder / "ws2_32.dll", cwd=sources)
    run(*dll, "-DIMPORT", "net/net.c", folder / "ws2_32.dll", "-o", folder / "net.dll",
        cwd=sources)
    run(*gcc, "-Wl,-e,mainCRTStartup", "chat.c", folder / "net.dll", "-o", folder / "chat.exe",
        cwd=sources)


def build_without_debug(sources, folder):
    """net.dll with nothing but the names of its exports."""
    compile_module(sources, "net/net.c", "net", folder, ["-DIMPORT"])
    run("lld-link", "/nodefaultlib", "/dll", "/noentry", "net.obj", "ws2_32.lib", "/out:net.dll",
        cwd=folder)


def return_addresses(image):
    """Offset behind each call instruction of an image, by the line of the call."""
    listing = run("llvm-objdump", "-d", "--no-show-raw-insn", image)
    places = [(int(number, 16), word) for number, word in
              re.findall(r"^\s*([0-9a-f]+):\s+(\w+)", listing, re.MULTILINE)]
    calls = [(at, after[0]) for (at, word), after in zip(places, places[1:]) if word == "callq"]
    base = places[0][0] & ~0xFFFF
    queries = "".join(f'CODE "{image}" 0x{at - base:x}\n' for at, _ in calls)
    answers = run("llvm-symbolizer", "--relative-address", "--output-style=JSON", text=queries)
    lines = [json.loads(line)["Symbol"][0]["Line"] for line in answers.splitlines() if line]
    return {line: after - base for line, (_, after) in zip(lines, calls)}


def image_header(path):
    """Time stamp and size of the image in memory."""
    data = path.read_bytes()
    at = int.from_bytes(data[0x3C:0x40], "little")
    return (int.from_bytes(data[at + 8:at + 12], "little"),
            int.from_bytes(data[at + 24 + 56:at + 24 + 60], "little"))


def line_of(path, text):
    """The number of the line that holds a text, from 1."""
    lines = path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def trace_text(sources, folder, loaded):
    """The trace: both posts go through net.dll, the first from an inlined function. Addresses are
    those of `folder`, and the images that were loaded those of `loaded`."""
    chat, net = return_addresses(folder / "chat.exe"), return_addresses(folder / "net.dll")
    chat_c, net_c = sources / "chat.c", sources / "net/net.c"
    inner = [f"net+0x{net[line_of(net_c, text)]:x}" for text in ("= WSARecv", "= net_post")]
    head = ["ntdll+0x9d474", "ws2+0x1005", *inner]
    tail = ["ntdll+0x5aa48"]
    sites = ["length) + 1", "net_receive(socket, pool, 4096)"]
    outer = ["int sum = serve_first", "sum + serve_second"]
    stacks = [",".join([*head, f"exe+0x{chat[line_of(chat_c, site)]:x}",
                        f"exe+0x{chat[line_of(chat_c, call)]:x}", *tail])
              for site, call in zip(sites, outer)]
    images = []
    for name, file in (("exe", "chat.exe"), ("net", "net.dll"), ("ws2", "ws2_32.dll")):
        stamp, size = image_header(loaded / file)
        images.append(f"0 +1us image.dcend target=6312 base={name} size=0x{size:x} "
                      f'stamp=0x{stamp:x} image="\\Device\\HarddiskVolume3\\chat\\{file}"')
    images.append('0 +1us image.dcend target=6312 base=ntdll size=0x217000 '
                  'image="\\Device\\HarddiskVolume3\\Windows\\System32\\ntdll.dll"')
    return TRACE.format(first=stacks[0], second=stacks[1], images="\n".join(images))


def write_trace(tracegen, text, stem):
    """STEM.etl from the text of a trace."""
    trace, etl = stem.with_suffix(".trace"), stem.with_suffix(".etl")
    trace.write_text(text)
    run(tracegen, trace, etl)
    return etl
