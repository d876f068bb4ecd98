#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs bufcheck on made traces and compares what it says with what is true.

    run.py TRACEGEN BUFCHECK CASES... [--update] [-k GLOB]

CASES are case folders or folders of them. A case is data only:

    about           one sentence: the defect or the rule that the case is for
    input*.trace    the traces, in the trace language; each becomes input*.etl, all are arguments
    expect          what must hold, by command (below)
    args, stdout    or: command line words and the exact standard output, with
    exit, stderr    its exit status (default 0) and a glob that a line of standard error matches;
                    in stdout a CR is written as \\r, and the program's version as VERSION
    args-NAME ...   the same of further commands, with stdout-NAME and exit-NAME; of HTML without
                    styles, scripts and their hashes

`expect` names a command and what its JSON must hold, one value a line:

    $ check -f jsonl
    exit = 1
    summary.verdict = findings
    conflicts {first.op second.op rule level reasons} =
        1 2 recv-over-recv error -
    summary.notes ~ *8192 bytes of zeros*
    stderr ~ *cut at offset*

A path is keys with dots, `[N]` an element, `[*]` each element; at the end `#` is a length, `^` the
number of different values. A table has a row for each element of a list. Values are compared as
text: null and the empty list are "-", a list is joined with commas, reasons and causes in
alphabetical order; what is not there is "absent". Behind "~" stands a glob instead. Lines of jsonl
are gathered by their type: trace, conflicts, summary, operations, events (and traces, summaries:
all inputs'). `stdout = -` says that nothing was printed. Inputs are added to a command's words at
the end, or where `@` stands; `@0` stands for no inputs.

--update writes what the program says into the expectations: read the diff.
"""

import concurrent.futures
import difflib
import fnmatch
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

PLURAL = {"trace": "traces", "summary": "summaries", "conflict": "conflicts",
          "operation": "operations", "event": "events"}
UNORDERED = {"reasons", "causes", "caveats"}
TIMEOUT_SECONDS = 120


class CaseError(Exception):
    """The case itself is wrong."""


def render(value, key=""):
    if value is None or value == []:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        items = [render(item) for item in value]
        return ",".join(sorted(items) if key in UNORDERED else items)
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    return str(value)


def lookup(document, path):
    """(value, last key) of a path, or raises KeyError."""
    steps = re.findall(r"[^.\[\]#^]+|\[\*\]|\[-?\d+\]", path)
    value, key = walk(document, steps)
    if path.endswith("#"):
        return len(value), key
    if path.endswith("^"):
        return len({render(item) for item in value}), key
    return value, key


def walk(value, steps):
    key = ""
    for i, step in enumerate(steps):
        if step == "[*]":
            rest = steps[i + 1:]
            return [walk(item, rest)[0] for item in value], rest[-1] if rest else key
        if step.startswith("["):
            value = value[int(step[1:-1])]
        elif value is None:
            return None, step
        else:
            value, key = value[step], step
    return value, key


def show(document, path):
    try:
        value, key = lookup(document, path)
    except (KeyError, IndexError, TypeError):
        return "absent"
    return render(value, key)


def parse_output(text):
    """The JSON of a report, or its lines gathered by type."""
    try:
        document = json.loads(text)
        if "type" not in document:
            return document
    except json.JSONDecodeError:
        pass
    document = {name: [] for name in PLURAL.values()}
    for number, line in enumerate(text.splitlines(), 1):
        try:
            item = json.loads(line)
        except json.JSONDecodeError as error:
            raise CaseError(f"line {number} of the output is no JSON: {error}: {line[:80]}")
        document.setdefault(PLURAL.get(item.get("type"), "others"), []).append(item)
    for single in ("trace", "summary"):
        if document[PLURAL[single]]:
            document[single] = document[PLURAL[single]][0]
    return document


class Outcome:
    def __init__(self, process):
        self.exit = process.returncode
        self.stdout = process.stdout.decode("utf-8", "replace")
        self.stderr = process.stderr.decode("utf-8", "replace")
        self._document = None

    def document(self):
        if self._document is None:
            self._document = parse_output(self.stdout)
        return self._document


class Runner:
    def __init__(self, bufcheck, folder, inputs):
        self.bufcheck, self.folder, self.inputs = bufcheck, folder, inputs

    def run(self, words):
        """`@` stands where the inputs go, `@0` for none; without these words they come last."""
        arguments = []
        for word in words:
            arguments += self.inputs if word == "@" else [] if word == "@0" else [word]
        if "@" not in words and "@0" not in words:
            arguments += self.inputs
        process = subprocess.run([self.bufcheck] + arguments, cwd=self.folder, timeout=TIMEOUT_SECONDS,
                                 capture_output=True, stdin=subprocess.DEVNULL, check=False)
        if process.returncode < 0 or process.returncode > 3:
            raise CaseError(f"{shlex.join(arguments)}: status {process.returncode}\n"
                            + process.stderr.decode("utf-8", "replace")[-3000:])
        return Outcome(process)


def expected_lines(text, runner):
    """Returns the text that `expect` would hold if the program were right."""
    outcome = None
    lines = text.splitlines()
    made = []
    i = 0
    while i < len(lines):
        line = lines[i].rstrip()
        i += 1
        words = line.strip()
        if words == "" or words.startswith("#"):
            made.append(line)
            continue
        if words.startswith("$ "):
            outcome = runner.run(shlex.split(words[2:]))
            made.append(line)
            continue
        if outcome is None:
            raise CaseError(f"expect: no command before: {line}")
        table = re.fullmatch(r"(\S*)\s*\{(.*)\}\s*=", words)
        if table:
            made.append(line)
            made += table_rows(outcome, table.group(1), table.group(2).split())
            while i < len(lines) and lines[i].startswith("    "):
                i += 1
        else:
            made.append(value_line(outcome, line, words))
    return made


def table_rows(outcome, path, columns):
    try:
        items = lookup(outcome.document(), path)[0] if path else outcome.document()
    except (KeyError, IndexError, TypeError) as error:
        return [f"    (no such list: {error!r})"]
    return ["    " + " ".join(show(item, column) for column in columns) for item in items]


def value_line(outcome, line, words):
    if words.startswith("stderr"):
        pattern = words.split("~", 1)[1].strip() if "~" in words else ""
        hit = any(fnmatch.fnmatchcase(l, pattern) for l in outcome.stderr.splitlines())
        return line if hit or (pattern == "" and outcome.stderr == "") else \
            f"stderr ~ (no such line)\n{outcome.stderr}"
    glob = re.fullmatch(r"(\S+) ~ (.*)", words)
    if glob:
        value = show(outcome.document(), glob.group(1))
        return line if fnmatch.fnmatchcase(value, glob.group(2)) else f"{glob.group(1)} ~ {value}"
    if "=" not in words:
        raise CaseError(f"expect: not understood: {line}")
    path = words.split("=", 1)[0].strip()
    if path == "exit":
        return f"exit = {outcome.exit}"
    if path == "stdout":
        return f"stdout = {outcome.stdout.strip() or '-'}"
    return f"{path} = {show(outcome.document(), path)}"


def canonical(text):
    """Spaces inside a line don't matter."""
    return [re.sub(r"\s+", " ", line.strip()) for line in text.splitlines()]


def diff(name, wanted, got):
    return "\n".join(difflib.unified_diff(wanted, got, f"{name} (expected)", f"{name} (is)",
                                          lineterm="", n=8))


def read(path, absent=""):
    return path.read_text(encoding="utf-8") if path.exists() else absent


def check_expect(case, runner, update):
    path = case / "expect"
    if not path.exists():
        return []
    wanted = read(path)
    made = "\n".join(expected_lines(wanted, runner)) + "\n"
    if canonical(wanted) == canonical(made):
        return []
    if update:
        path.write_text(made, encoding="utf-8")
        return []
    return [diff("expect", canonical(wanted), canonical(made))]


def shown(text):
    """The part of an output that a case compares: of HTML the markup alone, of a line's end that
    is CR and LF the CR as \\r, and no version of the program."""
    if not text.startswith("<!DOCTYPE html>"):
        return re.sub(r'(ersion": ")0\.\d+\.\d+', r"\1VERSION", text).replace("\r", "\\r")
    text = re.sub(r"<(style|script)\b([^>]*)>.*?</\1>", r"<\1\2></\1>", text, flags=re.DOTALL)
    text = re.sub(r"'sha256-[^']*'", "'sha256-...'", text)
    return re.sub(r"(bufcheck |class=\"muted\">)\d+\.\d+\.\d+", r"\1VERSION", text)


def check_stdout(case, path, runner, update):
    name = path.name.removeprefix("stdout")
    outcome = runner.run(shlex.split(read(case / f"args{name}", "check")))
    stdout = shown(outcome.stdout)
    failures = []
    status = int(read(case / f"exit{name}", "0").strip())
    if update:
        path.write_text(stdout, encoding="utf-8")
        (case / f"exit{name}").write_text(f"{outcome.exit}\n", encoding="utf-8")
        return []
    if outcome.exit != status:
        failures.append(f"exit status {outcome.exit}, expected {status}\n{outcome.stderr}")
    if stdout != read(path):
        failures.append(diff(path.name, read(path).splitlines(), stdout.splitlines()))
    for pattern in read(case / f"stderr{name}").splitlines():
        if not any(fnmatch.fnmatchcase(l, pattern) for l in outcome.stderr.splitlines()):
            failures.append(f"no line of standard error is like {pattern!r}:\n{outcome.stderr}")
    return failures


def run_case(tools, case, update):
    """Failures of one case, as texts."""
    if not read(case / "about").strip():
        return ["the case has no `about`"]
    if not (case / "expect").exists() and not any(case.glob("stdout*")):
        return ["the case expects nothing: neither `expect` nor `stdout`"]
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        inputs = []
        for text in sorted(case.glob("input*.trace")):
            made = pathlib.Path(folder) / (text.stem + ".etl")
            process = subprocess.run([tools[0], str(text), str(made)], capture_output=True,
                                     timeout=TIMEOUT_SECONDS, check=False)
            if process.returncode != 0:
                return [process.stderr.decode("utf-8", "replace")]
            inputs.append(made.name)
        runner = Runner(tools[1], folder, inputs)
        try:
            failures = check_expect(case, runner, update)
            for path in sorted(case.glob("stdout*")):
                failures += check_stdout(case, path, runner, update)
            return failures
        except (CaseError, OSError, subprocess.TimeoutExpired) as error:
            return [str(error)]


def find_cases(roots, pattern):
    cases = []
    for root in map(pathlib.Path, roots):
        found = [root] if (root / "about").exists() else \
            sorted(p.parent for p in root.glob("*/input*.trace"))
        cases += [c for c in dict.fromkeys(found) if fnmatch.fnmatchcase(c.name, pattern)]
    return cases


def main(arguments):
    update = "--update" in arguments
    pattern = "*"
    if "-k" in arguments:
        at = arguments.index("-k")
        pattern = arguments[at + 1]
        del arguments[at:at + 2]
    words = [a for a in arguments if a != "--update"]
    if len(words) < 3:
        sys.exit(__doc__)
    tools = [str(pathlib.Path(w).resolve()) for w in words[:2]]
    for tool in tools:
        if not os.access(tool, os.X_OK):
            sys.exit(f"run.py: there is no program {tool}")
    cases = find_cases(words[2:], pattern)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for case, failures in zip(cases, pool.map(lambda c: run_case(tools, c, update), cases)):
            if failures:
                failed += 1
                print(f"FAIL {case.name}: {read(case / 'about').strip()}")
                print("\n".join(failures) + "\n")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
