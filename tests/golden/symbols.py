#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has functions and lines found by llvm-symbolizer in a program that is built here.

    symbols.py BUFCHECK TRACEGEN SOURCES

clang and lld-link build a program of two modules (SOURCES), a trace is made in which it posts one
user buffer twice, and bufcheck must tell the functions and lines of both posts in every format.
Then files are taken away, exchanged or stripped, and the symbolizer misbehaves.
A tool that is not installed is said to be missing; with $BUFCHECK_REQUIRE_VALIDATORS set that
fails.
"""

import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import made_program

FORMATS = {"text": "txt", "json": "json", "jsonl": "jsonl", "sarif": "sarif", "junit": "xml",
           "markdown": "md", "html": "html", "csv": "csv", "github": "github",
           "gitlab": "gitlab.json"}


class Checks:
    """Collects what does not hold."""

    def __init__(self):
        self.problems, self.count = [], 0

    def holds(self, what, condition, seen=""):
        self.count += 1
        if not condition:
            self.problems.append(f"{what}: {seen}" if seen != "" else what)

    def equal(self, what, seen, expected):
        self.holds(what, seen == expected, f"{seen!r} instead of {expected!r}")


class Program:
    """bufcheck with one trace."""

    def __init__(self, bufcheck, trace):
        self.bufcheck, self.trace = pathlib.Path(bufcheck).resolve(), trace

    def run(self, *words, path=None, nt_symbol_path=None, command=(), cwd=None):
        env = {key: value for key, value in os.environ.items() if key != "_NT_SYMBOL_PATH"}
        if path is not None:
            env["PATH"] = str(path)
        if nt_symbol_path is not None:
            env["_NT_SYMBOL_PATH"] = nt_symbol_path
        result = subprocess.run([self.bufcheck, *command, *map(str, words), self.trace], env=env,
                                cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
        if result.returncode not in (0, 1):
            raise RuntimeError(f"{words}: status {result.returncode}: {result.stderr}")
        return result.stdout

    def report(self, *words, **more):
        return json.loads(self.run("-f", "json", *words, **more))


def sites(report, finding=0):
    """Module, function and line of both call sites of a finding."""
    found = report["findings"][finding]
    frames = [found[post]["call_site"] for post in ("first", "second")]
    return [(frame["module"], frame["function"], frame["line"]) for frame in frames]


def caveats(report):
    return "\n".join(report["inputs"][0]["caveats"])


def expect_functions(checks, program, folder, sources):
    """Functions, lines, inlined functions, scope, and who posted."""
    net_line = made_program.line_of(sources / "net/net.c", "= WSARecv")
    chat_line = made_program.line_of(sources / "chat.c", "length) + 1")
    report = program.report("--symbols", folder)
    site = ("net.dll", "net_post", net_line)
    checks.equal("call sites", sites(report), [site, site])
    finding = report["findings"][0]
    checks.equal("scope", finding["fingerprint_scope"], "program")
    stack = finding["first"]["posted"]["stack"]
    shown = [(frame["function"], frame["line"], frame["inlined"]) for frame in stack]
    inlined = ("take_slot", chat_line, True)
    checks.holds("the inlined frame", inlined in shown, shown)
    outer = shown[shown.index(inlined) + 1] if inlined in shown else None
    checks.holds("the frame around it", outer is not None and outer[0] == "serve_first"
                 and outer[2] is False, outer)
    checks.equal("file", stack[2]["file"], "C:\\build\\chat\\net\\net.c")
    checks.equal("who", [who["modules"] for who in report["who"]], [["net.dll", "net.dll"]])
    plain = program.report()
    checks.equal("scope without symbols", plain["findings"][0]["fingerprint_scope"], "build")
    checks.holds("fingerprint", plain["findings"][0]["fingerprint"] != finding["fingerprint"])
    checks.equal("no function without symbols", sites(plain)[0][1:], (None, None))


def expect_own(checks, program, folder, sources):
    """--not-own moves the border to the program."""
    first = made_program.line_of(sources / "chat.c", "length) + 1")
    second = made_program.line_of(sources / "chat.c", "pool, 4096")
    report = program.report("--symbols", folder, "--not-own", "net*")
    checks.equal("call sites with --not-own", sites(report),
                 [("chat.exe", "take_slot", first), ("chat.exe", "serve_second", second)])
    report = program.report("--symbols", folder, "--not-own", "*", "--own", "ws2_32.dll")
    checks.equal("call sites with --own", sites(report)[0][:2], ("ws2_32.dll", "WSARecv"))


def expect_module(checks, program):
    """--module shows and judges what has a call site there."""
    checks.equal("--module", len(program.report("--module", "NET*")["findings"]), 1)
    report = program.report("--module", "chat*")
    checks.equal("--module without a finding", (report["findings"], report["exit"]), ([], 0))
    report = program.report("--module", "chat*", "--not-own", "net*")
    checks.equal("--module by own code", (len(report["findings"]), report["exit"]), (1, 1))
    text = program.run("--module", "chat*")
    checks.holds("--module is told", "only findings with a call site in chat*" in text, text)


def expect_suppressions(checks, program, folder, work):
    """`function` is asked of every frame, `call-site` of the program's first one and of what was
    inlined there."""
    path = work / "known.txt"
    for line, fits in (("function = net_post", True), ("function = net*", True), ("function = NET*", False),
                       ("function = take_slot", True), ("function = serve_first", True),
                       ("function = serve_second", True), ("function = take", False),
                       ("call-site = net.dll!net_post", True), ("call-site = NET*!*POST", True),
                       ("call-site = chat.exe!take_slot", False),
                       ("call-site = net_post", False), ("call-site = net.dll!take_slot", False)):
        path.write_text(f"{line}\nreason = x\n")
        report = program.report("--symbols", folder, "--suppressions", path)
        checks.equal(line, report["findings"][0]["suppressed"] is not None, fits)
        report = program.report("--suppressions", path)
        checks.equal(f"{line} without symbols", report["findings"][0]["suppressed"], None)
    for line in ("call-site = chat.exe!take_slot", "call-site = chat.exe!serve_first",
                 "call-site = chat.exe!serve_second"):
        path.write_text(f"{line}\nreason = x\n")
        report = program.report("--symbols", folder, "--suppressions", path, "--not-own", "net*")
        checks.holds(f"{line} behind net.dll", report["findings"][0]["suppressed"] is not None)


def expect_every_format(checks, program, folder, work):
    """Both posts' functions and lines stand in every format."""
    words = []
    for name, suffix in FORMATS.items():
        words += ["-f", f"{name}={work / 'report.'}{suffix}"]
    program.run(*words, "--symbols", folder, "--not-own", "net.dll")
    for name, suffix in FORMATS.items():
        text = (work / f"report.{suffix}").read_text()
        for function in ("take_slot", "serve_second"):
            checks.holds(f"{name} tells {function}", function in text, text[-1500:])
    rows = list(csv.DictReader((work / "report.csv").read_text().splitlines()))
    checks.holds("csv", "take_slot (chat.c:" in rows[0]["first_call_site"], rows[0])
    line = program.run("--symbols", folder, "-f", "jsonl", command=["ops"])
    checks.holds("ops", '"function": "net_post"' in line, line)


def lines_around(file, line):
    """The lines that the HTML report shows: three before the line, itself, and three behind it."""
    begin = max(1, line - 3)
    return {"first": begin, "lines": file.read_text().splitlines()[begin - 1:line + 3]}


def html_sources(page):
    """The source lines of the page's first finding."""
    text = re.search(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.S)[1]
    return json.loads(text)["findings"][0]["sources"]


def expect_source_lines(checks, program, folder, sources, work):
    """Findings stand at the line that posted, in a small repository."""
    repository = work / "repository"
    shutil.copytree(sources, repository / "src")
    second = made_program.line_of(sources / "chat.c", "pool, 4096")
    first = made_program.line_of(sources / "chat.c", "length) + 1")
    words = ["--symbols", folder, "--not-own", "net.dll", "--source-root", "src=C:\\build\\chat"]
    log = json.loads(program.run("-f", "sarif", *words, cwd=repository))
    result = log["runs"][0]["results"][0]
    place = result["locations"][0]["physicalLocation"]
    checks.equal("sarif file", place["artifactLocation"]["uri"], "src/chat.c")
    checks.equal("sarif region", place["region"], {"startLine": second})
    other = result["relatedLocations"][0]["physicalLocation"]
    checks.equal("sarif related", (other["artifactLocation"]["uri"], other["region"]),
                 ("src/chat.c", {"startLine": first}))
    frames = [frame["location"].get("physicalLocation", {}).get("artifactLocation", {}).get("uri")
              for frame in result["stacks"][0]["frames"]]
    checks.holds("sarif frames", "src/net/net.c" in frames, frames)
    text = program.run("-f", "github", *words, cwd=repository)
    checks.holds("github", f",file=src/chat.c,line={second}::" in text, text)
    issue = json.loads(program.run("-f", "gitlab", *words, cwd=repository))[0]
    checks.equal("gitlab", issue["location"], {"path": "src/chat.c", "lines": {"begin": second}})
    page = program.run("-f", "html", *words, cwd=repository)
    around = [{"name": "src/chat.c", "line": line, **lines_around(sources / "chat.c", line)}
              for line in (first, second)]
    checks.equal("html", html_sources(page), around)
    page = program.run("-f", "html", *words)
    checks.equal("html without files", html_sources(page), [None, None])
    long, few = repository / "src/chat.c", (sources / "chat.c").read_text().splitlines()[:second]
    few[0], few[second - 1] = "//", "x" * 250
    long.write_bytes("\r\n".join(few).encode())
    few[second - 1] = "x" * 200
    long_one = html_sources(program.run("-f", "html", *words, cwd=repository))[1]
    checks.equal("html of a file's last line, which is long, with ends of Windows",
                 (long_one["first"], long_one["lines"]), (second - 3, few[second - 4:]))
    words[-1] = repository / "src"
    issue = json.loads(program.run("-f", "gitlab", *words))[0]
    checks.equal("gitlab without a prefix", issue["location"]["path"], "chat.c")


def expect_refusals(checks, program, folder, work):
    """Files that don't fit, are missing, or are of another kind."""
    other = work / "other"
    shutil.copytree(folder, other)
    shutil.copy(folder / "net.pdb", other / "chat.pdb")
    report = program.report("--symbols", other, "--not-own", "net.dll")
    checks.equal("a wrong PDB", sites(report)[0][1], None)
    checks.holds("a wrong PDB is named", "chat.pdb is of another build of chat.exe" in
                 caveats(report), caveats(report))
    checks.equal("its scope", report["findings"][0]["fingerprint_scope"], "build")
    shutil.copy(folder / "net.dll", other / "chat.exe")
    report = program.report("--symbols", other, "--not-own", "net.dll")
    checks.equal("a wrong image", sites(report)[0][1], None)
    checks.holds("a wrong image is named", "chat.exe is another build of chat.exe" in
                 caveats(report), caveats(report))
    (other / "net.pdb").unlink()
    report = program.report("--symbols", other)
    checks.equal("a missing PDB", sites(report)[0][1], None)
    checks.holds("a missing PDB is named", "but not its PDB: net.pdb/" in caveats(report),
                 caveats(report))
    report = program.report("--symbols", work / "nothing")
    checks.holds("nothing found", "none of the modules" in caveats(report), caveats(report))


def expect_stripped(checks, bufcheck, tracegen, sources, folder, work):
    """The nearest export of an image without debug information is no function of ours."""
    bare = work / "without-debug"
    shutil.copytree(folder, bare)
    made_program.build_without_debug(sources, bare)
    (bare / "net.pdb").unlink()
    text = made_program.trace_text(sources, folder, bare)
    program = Program(bufcheck, made_program.write_trace(tracegen, text, bare / "stripped"))
    report = program.report("--symbols", bare)
    checks.equal("a stripped image", sites(report)[0][1], None)
    checks.holds("a stripped image is told", "net.dll has no debug information" in caveats(report),
                 caveats(report))


def expect_dwarf(checks, bufcheck, tracegen, sources, work):
    """Images of mingw need no PDB."""
    folder = work / "dwarf"
    folder.mkdir()
    made_program.build_with_dwarf(sources, folder)
    text = made_program.trace_text(sources, folder, folder)
    program = Program(bufcheck, made_program.write_trace(tracegen, text, folder / "chat"))
    report = program.report("--symbols", folder, "--not-own", "net.dll")
    checks.equal("DWARF", sites(report)[0],
                 ("chat.exe", "take_slot", made_program.line_of(sources / "chat.c", "length) + 1")))
    checks.equal("DWARF's scope", report["findings"][0]["fingerprint_scope"], "program")


def expect_server_layout(checks, program, folder, work):
    """NAME/ID/NAME, by --symbols and by _NT_SYMBOL_PATH."""
    server = work / "server"
    report = program.report("--symbols", folder)
    wanted = caveats(program.report("--symbols", folder))
    checks.holds("no refusals", "another build" not in wanted, wanted)
    for name in ("chat.exe", "net.dll"):
        stamp, size = made_program.image_header(folder / name)
        place = server / name / f"{stamp:08X}{size:x}"
        place.mkdir(parents=True)
        shutil.copy(folder / name, place / name)
    report = program.report("--symbols", server)
    missing = [word for line in report["inputs"][0]["caveats"] if "not its PDB" in line
               for word in line.split() if word.count("/") == 2 and ".pdb/" in word]
    for word in missing:
        place = server / word
        place.parent.mkdir(parents=True)
        shutil.copy(folder / place.name, place)
    checks.equal("PDBs wanted", sorted(word.split("/")[0] for word in missing),
                 ["chat.pdb", "net.pdb"])
    report = program.report("--symbols", server)
    checks.equal("a symbol server", sites(report)[0][1], "net_post")
    report = program.report(nt_symbol_path=f"srv*{server}*https://msdl.microsoft.com/download")
    checks.equal("_NT_SYMBOL_PATH", sites(report)[0][1], "net_post")


def write_script(path, body):
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def expect_bad_symbolizers(checks, program, folder, work):
    """A symbolizer that is missing, hangs, dies or prints nonsense costs functions and no more."""
    bare = work / "bare"
    bare.mkdir()
    report = program.report("--symbols", folder, path=bare)
    checks.holds("a missing one is told once", caveats(report).count("need llvm-symbolizer") == 1 and
                 "not on the PATH" in caveats(report), caveats(report))
    plain = program.report()["findings"][0]
    real = shutil.which("llvm-symbolizer")
    version = 'if [ "$1" = --version ]; then echo "LLVM version 19.1.7"; exit; fi'
    bodies = {
        "hangs": f"{version}\nsleep 100",
        "hangs at once": "sleep 100",
        "dies": f"{version}\nread line; exit 1",
        "nonsense": f"{version}\nwhile read line; do echo nonsense; done",
        "nothing": "exit 0",
    }
    for name, body in bodies.items():
        script = write_script(work / "symbolizer", body)
        report = program.report("--symbols", folder, "--symbolizer", script, "--symbol-time", "1")
        finding = report["findings"][0]
        checks.equal(f"{name}: fingerprint", finding["fingerprint"], plain["fingerprint"])
        checks.equal(f"{name}: call site", sites(report)[0][1], None)
        checks.holds(f"{name}: is told", "llvm-symbolizer" in caveats(report), caveats(report))
    half = write_script(work / "symbolizer", f"""{version}
        while read line; do n=x$n; [ $n != xxx ] || sleep 100
        echo "$line" | {real} --relative-address --output-style=JSON; done""")
    report = program.report("--symbols", folder, "--symbolizer", half, "--symbol-time", "1")
    checks.equal("half an answer: scope", report["findings"][0]["fingerprint_scope"], "build")
    old = write_script(work / "symbolizer", f"""
        if [ "$1" = --version ]; then echo "LLVM version 14.0.6"; exit; fi\nexec {real} "$@" """)
    report = program.report("--symbols", folder, "--symbolizer", old)
    checks.holds("an old one", "is release 14" in caveats(report), caveats(report))
    checks.equal("an old one works", sites(report)[0][1], "net_post")


def main():
    bufcheck, tracegen, sources = sys.argv[1:4]
    sources = pathlib.Path(sources).resolve()
    missing = made_program.missing_tools()
    if missing:
        print(f"not installed: {', '.join(missing)}")
        return 1 if os.environ.get("BUFCHECK_REQUIRE_VALIDATORS") else 77
    checks = Checks()
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        folder = work / "build"
        folder.mkdir()
        made_program.build(sources, folder)
        text = made_program.trace_text(sources, folder, folder)
        program = Program(bufcheck, made_program.write_trace(tracegen, text, work / "chat"))
        expect_functions(checks, program, folder, sources)
        expect_own(checks, program, folder, sources)
        expect_module(checks, program)
        expect_suppressions(checks, program, folder, work)
        expect_every_format(checks, program, folder, work)
        expect_source_lines(checks, program, folder, sources, work)
        expect_refusals(checks, program, folder, work)
        expect_stripped(checks, bufcheck, tracegen, sources, folder, work)
        expect_dwarf(checks, bufcheck, tracegen, sources, work)
        expect_server_layout(checks, program, folder, work)
        expect_bad_symbolizers(checks, program, folder, work)
    for problem in checks.problems:
        print(problem)
    print(f"{checks.count} checks, {len(checks.problems)} failed")
    return 1 if checks.problems else 0


if __name__ == "__main__":
    sys.exit(main())
