#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every command line of bufcheck that docs/ci.md shows, and parses its YAML.

    recipes.py BUFCHECK TRACEGEN EXAMPLE.trace RECIPES.md

A command must end with the verdict of the example (1), or with 0 when it is no analysis, and leave
every report that it names. Without Python's yaml the YAML is not parsed, and that is said; with
$BUFCHECK_REQUIRE_VALIDATORS set that fails.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    yaml = None

TRACES = ["capture.etl", "captures/one.etl", "captures/two.etl", "capture/capture.etl", "kernel.etl",
          "user.etl"]


def blocks(text):
    """(language, text) of the fenced blocks."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text):
    """Command lines at the beginning of a line, with those that continue them, and in `code`."""
    code = "\n".join(block for _, block in blocks(text))
    joined = re.sub(r"\\\n\s*", "", code)
    found = re.findall(r"^\s*(bufcheck .*)$", joined, re.MULTILINE)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for span in re.findall(r"`([^`\n]+)`", prose):
        if re.match(r"bufcheck .*(\.etl|--wprp)", span):
            found.append(span)
        elif re.match(r"(-f|--allow-inconclusive|--fail-on|--no-rule|--severity) ?\S", span):
            found.append(f"bufcheck {span} capture.etl")
    return [command for command in dict.fromkeys(found) if "[" not in command]


def part_of(example, name):
    """The example; of a session's two files one has the kernel's events, the other one the rest."""
    is_kernel = re.compile(r"\d+ \S+ +(process|image)\.")
    is_event = re.compile(r"\d+ ")
    lines = example.read_text(encoding="utf-8").splitlines(keepends=True)
    if name == "kernel.etl":
        lines = [line for line in lines if is_kernel.match(line) or not is_event.match(line)]
    elif name == "user.etl":
        lines = [line for line in lines if not is_kernel.match(line)]
    return "".join(lines)


def prepare(tracegen, example, folder):
    for name in TRACES:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        text = folder / "part.trace"
        text.write_text(part_of(example, name), encoding="utf-8")
        subprocess.run([tracegen, text, path], check=True)
        text.unlink()
    (folder / "ci").mkdir()
    (folder / "reports").mkdir()


def run_command(bufcheck, command, folder):
    """Lists a recipe's faults, as texts."""
    environment = {**os.environ, "PATH": f"{bufcheck.parent}:{os.environ['PATH']}",
                   "GITHUB_STEP_SUMMARY": "summary.md", "PIPELINE_WORKSPACE": str(folder)}
    result = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, timeout=120,
                            capture_output=True, check=False)
    expected = {0, 1} if re.search(r"--(fail-on never|no-rule|severity)", command) else \
        {1} if ".etl" in command else {0}
    if result.returncode not in expected:
        yield f"{command}: exit status {result.returncode}: {result.stderr.decode()}"
    for name in re.findall(r"(?:-f \w+=|> ?)(\S+)", command):
        path = folder / name.strip('"').replace("$GITHUB_STEP_SUMMARY", "summary.md")
        if not path.exists() or path.stat().st_size == 0:
            yield f"{command}: leaves no {path.name}"


def check_yaml(text):
    found = [block for language, block in blocks(text) if language == "yaml"]
    for block in found:
        try:
            if not isinstance(yaml.safe_load(block), dict):
                yield f"no mapping: {block[:60]}"
        except yaml.YAMLError as error:
            yield f"{block[:40]!r}: {error}"
    if not found:
        yield "there is no YAML"


def main():
    bufcheck, tracegen, example, recipes = (pathlib.Path(word).resolve() for word in sys.argv[1:5])
    text = recipes.read_text(encoding="utf-8")
    found = commands(text)
    problems = list(check_yaml(text)) if yaml else []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(tracegen, example, folder)
        for command in found:
            problems += run_command(bufcheck, command, folder)
    print("\n".join(problems))
    if not yaml:
        print("NOT CHECKED: the YAML; Python's yaml is not installed")
    print(f"{len(found)} commands, {len(problems)} problems")
    required = bool(os.environ.get("BUFCHECK_REQUIRE_VALIDATORS"))
    sys.exit(1 if problems or len(found) < 10 or (required and not yaml) else 0)


if __name__ == "__main__":
    main()
