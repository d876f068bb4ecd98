#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that people take to a Windows machine, and the repository's forms and workflows.

    record.py BUFCHECK ROOT

PowerShell and GitHub's services are not to be had here, so this looks at what can be wrong without
them: the profile is what `capture-help --wprp` prints, scripts are plain ASCII and call what is
there, YAML parses and has what GitHub asks of it, and every script that a workflow runs exists.
"""

import pathlib
import re
import subprocess
import sys

try:
    import yaml
except ImportError:
    yaml = None


def check_profile(bufcheck, root):
    printed = subprocess.run([bufcheck, "capture-help", "--wprp"], capture_output=True).stdout
    if printed != (root / "docs/record/bufcheck.wprp").read_bytes():
        yield "docs/record/bufcheck.wprp is not what capture-help --wprp prints: write it anew"


def check_scripts(bufcheck, root):
    commands = subprocess.run([bufcheck, "--help"], capture_output=True, text=True).stdout
    for path in sorted((root / "docs/record").glob("*.ps1")):
        text = path.read_bytes()
        if any(byte > 126 or byte == 13 for byte in text):
            yield f"{path.name}: not plain ASCII with line feeds"
        text = text.decode("ascii", "replace")
        if text.count("{") != text.count("}") or text.count("(") != text.count(")"):
            yield f"{path.name}: braces or parentheses don't match"
        if "Not run yet" not in text:
            yield f"{path.name}: does not say that it has not run"
        for word in re.findall(r"(?i)& \$bufcheck\w* ([a-z-]+)", text):
            if f"bufcheck {word}" not in commands:
                yield f"{path.name}: bufcheck has no command {word}"


def steps_of(workflow):
    for job in workflow["jobs"].values():
        yield from job["steps"]


def check_workflow(path, root):
    text = path.read_text()
    workflow = yaml.safe_load(text)
    if not {"name", "jobs", "permissions"} <= set(workflow) or "ot run yet" not in text:
        yield f"{path.name}: a workflow has name, permissions and jobs, and says that it has not run"
        return
    for job in workflow["jobs"].values():
        if "runs-on" not in job:
            yield f"{path.name}: a job without runs-on"
    for step in steps_of(workflow):
        if ("run" in step) == ("uses" in step):
            yield f"{path.name}: a step needs either run or uses: {step}"
        if re.search(r"scripts/build-windows \S+\.exe\b", step.get("run", "")):
            yield f"{path.name}: scripts/build-windows takes a folder"
        for script in re.findall(r"\b(scripts/[\w-]+)", step.get("run", "")):
            if not (root / script).exists():
                yield f"{path.name}: {script} is not there"


def check_form(path):
    form = yaml.safe_load(path.read_text())
    if not {"name", "description", "body"} <= set(form):
        yield f"{path.name}: an issue form has name, description and body"
        return
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    if len(set(ids)) != len(ids) or "info" not in ids:
        yield f"{path.name}: ids are not unique, or it does not ask for the output of info"
    for part in form["body"]:
        if part["type"] not in ("markdown", "textarea", "input", "dropdown", "checkboxes"):
            yield f"{path.name}: no type {part['type']}"
        if part["type"] != "markdown" and "label" not in part["attributes"]:
            yield f"{path.name}: {part['id']} has no label"


def main():
    bufcheck, root = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    problems = [*check_profile(bufcheck, root), *check_scripts(bufcheck, root)]
    if yaml is None:
        print("NOT CHECKED: workflows and issue forms; Python's yaml is not there")
    else:
        workflows = [*sorted((root / ".github/workflows").glob("*.yml")),
                     *sorted((root / "docs/record").glob("*.yml"))]
        for path in workflows:
            problems += check_workflow(path, root)
        for path in sorted((root / ".github/ISSUE_TEMPLATE").glob("*.yml")):
            problems += [] if path.name == "config.yml" else check_form(path)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
