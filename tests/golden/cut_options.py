#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`bufcheck cut` with the options of `check` that change which findings are shown, and how they are
called.

    cut_options.py BUFCHECK TRACEGEN ECHO_SERVER
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import each_test  # noqa: E402
import known_traces as made  # noqa: E402

BUFCHECK = TRACEGEN = EXAMPLE = None


def bufcheck(*words, **more):
    return subprocess.run([BUFCHECK, *map(str, words)], capture_output=True, text=True, timeout=120,
                          **more)


def findings(*words, **more):
    return json.loads(bufcheck("-f", "json", *words, **more).stdout)["findings"]


def prints(*words, **more):
    """The fingerprints of the findings, sorted."""
    return sorted(finding["fingerprint"] for finding in findings(*words, **more))


def cut(trace, *words, status=0, **more):
    """Cuts into a file beside the trace, and returns the messages."""
    small = trace.parent / "small.etl"
    small.unlink(missing_ok=True)
    result = bufcheck("cut", trace, "-o", small, *words, **more)
    assert result.returncode == status, (words, result)
    assert small.exists() == (status == 0), words
    return result.stderr


def from_text(folder, text, name="t"):
    (folder / f"{name}.trace").write_text(text, encoding="utf-8")
    subprocess.run([TRACEGEN, folder / f"{name}.trace", folder / f"{name}.etl"], check=True)
    return folder / f"{name}.etl"


# ---- fingerprints of another run ----

def test_functions(folder):
    """A fingerprint that holds functions is found with the same --symbols, and without is a message."""
    if shutil.which("llvm-symbolizer") is None:
        assert not os.environ.get("BUFCHECK_REQUIRE_VALIDATORS"), "not installed: llvm-symbolizer"
        print("NOT CHECKED: fingerprints of functions; not installed: llvm-symbolizer")
        return
    trace = from_text(folder, (EXAMPLE / "echo-server.trace").read_text(encoding="utf-8"))
    symbols = ["--symbols", EXAMPLE]
    wanted = findings(*symbols, trace)[0]
    assert wanted["fingerprint_scope"] == "program", wanted
    said = cut(trace, "--finding", wanted["fingerprint"], status=2)
    assert "no finding has that fingerprint" in said and "--symbols" in said, said
    for option in ([], ["--anonymous"], ["--anonymous=all"]):
        said = cut(trace, "--finding", wanted["fingerprint"], *symbols, *option)
        assert "1 finding," in said, said
        after = prints(*symbols, folder / "small.etl")
        assert (after == [wanted["fingerprint"]]) == (option != ["--anonymous=all"]), option
    (folder / ".bufcheck.ini").write_text(f"symbols = {EXAMPLE}\n")
    cut(trace, "--finding", wanted["fingerprint"], cwd=folder)
    cut(trace, "--finding", wanted["fingerprint"], "--no-config", status=2, cwd=folder)
    cut(trace, "--finding", wanted["fingerprint"], cwd="/",
        env={**os.environ, "_NT_SYMBOL_PATH": str(EXAMPLE)})
    said = cut(trace, "--finding", "0" * 32, "--symbols", folder, status=2)
    assert "none of the modules" in said, said


def test_functions_join(folder):
    """Two places of one function are one finding to a report with symbols, and both are cut."""
    if shutil.which("llvm-symbolizer") is None:
        return
    text = (EXAMPLE / "echo-server.trace").read_text(encoding="utf-8")
    for at, end, event in ((1, 1, "enter kw=fastpath stack=exe+0x1458,exe+0x13b3"),
                           (2, 2, "enter kw=fastpath stack=exe+0x1458,exe+0x1371"),
                           (3, 1, "exit"), (4, 2, "exit")):
        text += (f"0 5{at}.0 recv.{event} endpoint=0xffffa58f23b1{end}000 buffer=0x1f4a2d00000 "
                 f"len=64 tid={end}\n")
    trace, symbols = from_text(folder, text), ["--symbols", EXAMPLE]
    parts, whole = findings(trace), findings(*symbols, trace)
    assert len(parts) == 2 and [finding["count"] for finding in whole] == [2], whole
    for option in ([], ["--anonymous"], ["--anonymous=all"]):
        said = cut(trace, "--finding", whole[0]["fingerprint"], *symbols, *option)
        assert "1 finding," in said, said
        assert len(findings(folder / "small.etl")) == 2, option
    assert findings(*symbols, folder / "small.etl")[0]["count"] == 1  # functions are gone
    cut(trace, "--finding", whole[0]["fingerprint"], *symbols)
    assert findings(*symbols, folder / "small.etl")[0]["count"] == 2


def test_own_code(folder):
    """--own and --not-own move call sites, and with them fingerprints."""
    trace = made.make(TRACEGEN, folder / "t.etl", made.THREE)
    for words in (["--own", "ws2_32*"], ["--not-own", "server*"], ["--not-own", "*"],
                  ["--not-own", "*", "--own", "ntdll.dll"]):
        wanted = prints(*words, trace)
        assert wanted != prints(trace), words
        said = cut(trace, "--finding", wanted[0], status=2)
        assert "--not-own" in said, said
        for option in ([], ["--anonymous"], ["--anonymous=all"]):
            cut(trace, "--finding", wanted[0], *words, *option)
            if option != ["--anonymous=all"]:
                assert wanted[0] in prints(*words, folder / "small.etl"), (words, option)


# ---- memory ----

def test_memory(folder):
    """--max-memory bounds the analyses; a copy of what was judged before says that there is more."""
    text = ["trace processors=1", "default buffer=0x1a2b3c4000 len=64"]
    for at in range(3000):
        who = f"pid={8 + 4 * at} process={0xffffa00000000000 + (at << 12):#x}"
        text += [f"0 +10us recv.{event} {who} tid={2 * at + end + 1} "
                 f"endpoint={0xffffb00000000000 + (2 * at + end << 12):#x}"
                 for event in ("enter kw=fastpath", "exit") for end in (0, 1)]
    trace = from_text(folder, "\n".join(text) + "\n")
    said = cut(trace, "--max-memory", "8M")
    assert "--max-memory" in said and "3000 findings" not in said, said
    assert "3000 findings" in cut(trace, "--max-memory", "64M")
    assert "--max-memory" in cut(trace, "--max-memory", "1M", status=2)


def main():
    global BUFCHECK, TRACEGEN, EXAMPLE
    BUFCHECK, TRACEGEN, EXAMPLE = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    os.environ.pop("_NT_SYMBOL_PATH", None)
    return each_test.run_each(each_test.tests_of(globals()))


if __name__ == "__main__":
    sys.exit(main())
