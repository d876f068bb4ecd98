#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the templates for CI systems, and runs their shell parts on an example.

    ci_templates.py BUFCHECK TRACEGEN EXAMPLE.trace ROOT

Each template must say that it has not run on its service, be valid YAML of the service's form, use
only options that `bufcheck --help` names, and every input that it declares. The part that analyses
must end with 1 on the example, with 0 once a baseline or a suppression knows the findings, and with
2 without a trace. The part that installs packages is only checked, as the other one is, by the shell
and by shellcheck. Without shellcheck, or Python's yaml, which all but the Jenkinsfile need, that is
said; with $BUFCHECK_REQUIRE_VALIDATORS set it fails.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    yaml = None



def replace(text, prefix, values):
    """`text` with the service's ${{ prefix.NAME }} replaced."""
    return re.sub(r"\$\{\{ (\w+)\.([\w.-]+) \}\}",
                  lambda match: values.get(match[2], "") if match[1] == prefix else "", text)


def github(text, trace):
    action = yaml.safe_load(text)
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", text))
    assert used == set(action["inputs"]), used ^ set(action["inputs"])
    assert action["runs"]["using"] == "composite"
    build, analyse = action["runs"]["steps"]
    assert build["shell"] == analyse["shell"] == "bash"
    values = {name: entry.get("default", "") for name, entry in action["inputs"].items()}
    values |= {"traces": trace,
               "baseline": "BASELINE", "suppressions": "SUPPRESSIONS"}
    environment = {name: replace(value, "inputs", values)
                   for name, value in analyse["env"].items()}
    environment |= {"GITHUB_OUTPUT": "output.txt", "GITHUB_STEP_SUMMARY": "summary.md"}
    return {"shell": ["bash", "-eo", "pipefail", "-c"], "build": build["run"],
            "analyse": analyse["run"], "environment": environment,
            "leaves": ["bufcheck.sarif", "bufcheck.xml", "summary.md", "output.txt"]}


def gitlab(text, trace):
    template = yaml.safe_load(text)
    job = template["bufcheck"]
    kept = [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]
    return {"shell": ["bash", "-eo", "pipefail", "-c"], "build": "\n".join(job["before_script"]),
            "analyse": "\n".join(job["script"]), "leaves": kept,
            "environment": {**template["variables"], "BUFCHECK_TRACES": trace}}


def azure(text, trace):
    template = yaml.safe_load(text)
    names = [entry["name"] for entry in template["parameters"]]
    used = set(re.findall(r"\$\{\{ parameters\.(\w+) \}\}", text))
    assert used == set(names), used ^ set(names)
    build, analyse, tests, publish = template["steps"]
    values = {entry["name"]: entry.get("default", "") for entry in template["parameters"]}
    values["traces"] = trace
    assert tests["inputs"]["testResultsFiles"] == "reports/bufcheck.xml"
    return {"shell": ["bash", "-c"], "build": build["bash"], "analyse": analyse["bash"],
            "environment": {name: replace(value, "parameters", values)
                            for name, value in analyse["env"].items()},
            "leaves": [f"{publish['publish']}/bufcheck.{name}" for name in ("xml", "sarif", "md", "html")]}


def jenkins(text, trace):
    assert text.count("{") == text.count("}")
    environment = dict(re.findall(r"^ +(BUFCHECK_\w+) = '([^']*)'", text, re.MULTILINE))
    (script,) = re.findall(r"script: '''\n(.*?)'''", text, re.DOTALL)
    script = script.replace("\\\n", "")  # as Groovy reads a line's end
    return {"shell": ["sh", "-xe", "-c"], "build": "true", "analyse": script,
            "environment": {**environment, "BUFCHECK_TRACES": trace},
            "leaves": [f"bufcheck.{name}" for name in ("xml", "sarif", "md", "html")]}


TEMPLATES = {"action.yml": github, "docs/ci/gitlab.yml": gitlab, "docs/ci/azure.yml": azure,
             "docs/ci/Jenkinsfile": jenkins}


def check_options(bufcheck, script):
    """Options on the lines that call bufcheck, or gather what it is called with."""
    help_page = subprocess.run([bufcheck, "--help"], capture_output=True, check=True).stdout.decode()
    known = set(re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", help_page))
    joined = re.sub(r"\\\n\s*|\|\|\n\s*", " ", script)
    lines = [line for line in joined.splitlines()
             if re.match(r"\s*bufcheck ", line) or "arguments" in line or "set --" in line]
    lines = [line.split("||", 1)[-1] if "set --" in line or "||" in line and "arguments" in line
             else line for line in lines]
    used = set(re.findall(r"(?<=[\s(\"])(--?[a-z][a-z-]*)", "\n".join(lines)))
    assert {"--baseline", "--suppressions", "--fail-on"} <= used, used
    assert used <= known, used - known
    formats = set(re.findall(r"-f \"?(\w+)", script))
    for name in formats:
        assert re.search(rf"\b{name}\b", help_page), name


def run_part(bufcheck, part, folder, values):
    """Exit status of the part that analyses; `values` are the files that it may use."""
    environment = {**os.environ, "PATH": f"{bufcheck.parent}:{os.environ['PATH']}"}
    for name, value in part["environment"].items():
        environment[name] = values.get(value, value)
    result = subprocess.run([*part["shell"], part["analyse"]], cwd=folder, env=environment,
                            capture_output=True, timeout=120, check=False)
    return result


def check_template(bufcheck, tracegen, example, read, text):
    assert re.search(r"has not\s+\S*\s*run on", text[:600]), "does not say that it has not run"
    part = read(text, "captures")
    check_options(bufcheck, part["analyse"])
    for script in (part["build"], part["analyse"]):
        subprocess.run([part["shell"][0], "-n"], input=script.encode(), check=True)
        if shutil.which("shellcheck"):
            subprocess.run(["shellcheck", "-s", part["shell"][0], "-e", "SC2148,SC2153", "-"],
                           input=script.encode(), check=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "captures").mkdir()
        (folder / "ci").mkdir()
        subprocess.run([tracegen, example, folder / "captures" / "a b.etl"], check=True)

        def expect(status, **values):
            for left in part["leaves"]:
                (folder / left).unlink(missing_ok=True)
            result = run_part(bufcheck, part, folder, values)
            assert result.returncode == status, (values, result)
            for left in part["leaves"]:
                assert (folder / left).stat().st_size > 0, (left, result)

        none = {"BASELINE": "", "SUPPRESSIONS": ""}
        expect(1, **none)
        baseline = folder / "ci/bufcheck-baseline.json"
        subprocess.run([bufcheck, "--max-findings", "0", "-f", f"json={baseline}",
                        folder / "captures"], check=False)
        expect(0, BASELINE=str(baseline), SUPPRESSIONS="")
        baseline.unlink()
        (folder / "ci/bufcheck.suppressions").write_text("rule = *\nreason = a test\n")
        expect(0, BASELINE="", SUPPRESSIONS="ci/bufcheck.suppressions")
        (folder / "captures/a b.etl").unlink()
        assert run_part(bufcheck, part, folder, none).returncode == 2


def check_patterns(bufcheck, tracegen, example, text):
    """The action takes patterns, names with blanks, and several lines."""
    for words, status in (("captures/**/*.etl", 1), ("captures/a b.etl\ncaptures/c.etl\n", 1),
                          ("captures/*.none", 2), ("captures/c.etl\nnone.etl", 2)):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "captures").mkdir()
            for trace in ("a b.etl", "c.etl"):
                subprocess.run([tracegen, example, folder / "captures" / trace], check=True)
            result = run_part(bufcheck, github(text, words), folder,
                              {"BASELINE": "", "SUPPRESSIONS": ""})
            assert result.returncode == status, (words, result)
            assert (folder / "output.txt").read_text() == f"exit-status={status}\n"


def main():
    bufcheck, tracegen, example, root = (pathlib.Path(word).resolve() for word in sys.argv[1:5])
    tried = [name for name in TEMPLATES if yaml or name.endswith("Jenkinsfile")]
    for name in tried:
        text = (root / name).read_text(encoding="utf-8")
        print(name)
        check_template(bufcheck, tracegen, example, TEMPLATES[name], text)
        if name == "action.yml":
            check_patterns(bufcheck, tracegen, example, text)
        assert name in (root / "docs/ci.md").read_text(encoding="utf-8"), f"docs/ci.md lacks {name}"
    if not shutil.which("shellcheck"):
        print("NOT CHECKED: the scripts by shellcheck; it is not installed")
    if not yaml:
        print("NOT CHECKED: templates in YAML; Python's yaml is not installed")
    print(f"{len(tried)} templates")
    required = bool(os.environ.get("BUFCHECK_REQUIRE_VALIDATORS"))
    sys.exit(1 if required and not (yaml and shutil.which("shellcheck")) else 0)


if __name__ == "__main__":
    main()
