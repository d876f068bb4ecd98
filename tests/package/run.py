#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Uses what scripts/package made as its readers would: each is unpacked into an empty place and run.

    run.py OUT [SECOND]

OUT is the folder that scripts/package filled, SECOND that of a second run in another folder: both
must hold the same bytes. The Debian package is unpacked, and judged by lintian where that is
installed; bufcheck.exe runs under Wine where that is. The Containerfile and the workflow of releases
are not run: what they name is looked for.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=600,
                          **options)


def check_sums(out):
    listed = dict(reversed(line.split("  ")) for line in
                  (out / "SHA256SUMS").read_text().splitlines())
    there = {path.name for path in out.iterdir()} - {"SHA256SUMS"}
    if set(listed) != there:
        yield f"SHA256SUMS names {sorted(listed)}, there is {sorted(there)}"
    for name in there & set(listed):
        if hashlib.sha256((out / name).read_bytes()).hexdigest() != listed[name]:
            yield f"{name}: another SHA-256"


def check_program(words, example):
    """The program finds the defect of the example that lies beside it."""
    result = run(*words, example, env={**os.environ, "WINEDEBUG": "-all", "LC_ALL": "C.UTF-8"})
    if result.returncode != 1 or not result.stdout.startswith(b"FINDINGS"):
        yield f"{words}: exit status {result.returncode}, {result.stderr[-300:]!r}"


def check_tree(place, *names):
    for name in ("LICENSE", "LICENSE.Apache-2.0", "README.md", *names):
        if not (place / name).is_file():
            yield f"{place.name}: there is no {name}"


def check_links(place):
    """The pages link to nothing that is not there."""
    pages = [*place.glob("*.md"), *place.glob("docs/**/*.md")]
    if len(pages) < 10:
        yield f"{place.name}: {len(pages)} pages"
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                yield f"{place.name}: {page.relative_to(place)} links to {target}, which is not there"


def check_archive(out, place, machine, program):
    archive, = out.glob(f"bufcheck-*-{machine}.*")
    shutil.unpack_archive(archive, place)
    inside, = place.iterdir()
    example = inside / "examples/chat-server.etl"
    yield from check_tree(inside, "LICENSE.uthash", "bufcheck.wprp", "examples/chat-server.etl",
                          "docs/schema/report-2.schema.json", "docs/semantics.md",
                          "docs/record/record.ps1", "docs/record/bufcheck.wprp", "docs/ci/gitlab.yml",
                          "CHANGELOG.md", "man/bufcheck.1")
    yield from check_links(inside)
    if shutil.which(program[0]) if program else True:
        name = "bufcheck.exe" if "windows" in machine else "bufcheck"
        yield from check_program([*program, inside / name], example)
    else:
        print(f"NOT CHECKED: {archive.name} is not run, there is no {program[0]}")


def check_debian(out, place):
    package, = out.glob("*.deb")
    if run("dpkg-deb", "-x", package, place).returncode != 0:
        yield "dpkg-deb can't unpack the package"
    yield from check_program([place / "usr/bin/bufcheck"],
                             place / "usr/share/bufcheck/examples/chat-server.etl")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    doc = place / "usr/share/doc/bufcheck"
    yield from check_links(doc)
    missing = pages - {path.name for path in (doc / "docs").iterdir()}
    if missing:
        yield f"the package has no {missing}: docs/meson.build doesn't name them"
    words = run("readelf", "-hldW", place / "usr/bin/bufcheck").stdout.decode()
    if "DYN" not in words or "BIND_NOW" not in words or "GNU_RELRO" not in words:
        yield "the package's program is not hardened"
    if shutil.which("lintian"):
        result = run("lintian", "--allow-root", "--fail-on", "error,warning", package)
        if result.returncode != 0:
            yield f"lintian: {result.stdout.decode()}{result.stderr.decode()}"
    else:
        print("NOT CHECKED by lintian: the Debian package")


def check_source(out, place):
    archive, = (path for path in out.glob("bufcheck-*.tar.xz") if "linux" not in path.name)
    shutil.unpack_archive(archive, place)
    inside, = place.iterdir()
    yield from check_tree(inside, "meson.build")
    build = place / "build"
    for words in (["meson", "setup", build, inside, "-Dtests=disabled"],
                  ["ninja", "-C", build, "analyzer/bufcheck"]):
        result = run(*words)
        if result.returncode != 0:
            yield f"{words}: {result.stdout.decode()[-1000:]}"


def check_container(out):
    """Containers are not built here: names and hashes are compared with the files."""
    text = (out / "Containerfile").read_text()
    if "Not run yet" not in text:
        yield "Containerfile: it does not say that it was not run"
    named = set(re.findall(r"[\w.-]+\.tar\.xz", text))
    sums = re.findall(r'"([0-9a-f]{64})  /([\w.-]+)"', text)
    if not named or {name for _, name in sums} != named:
        yield f"Containerfile: it names {named} and has sums of {sums}"
    for digest, name in sums:
        if hashlib.sha256((out / name).read_bytes()).hexdigest() != digest:
            yield f"Containerfile: another SHA-256 of {name}"
        with tarfile.open(out / name) as archive:
            there = {member.name for member in archive}
        folder = name.removesuffix(".tar.xz")
        copied = re.findall(r" /bufcheck/([\w.-]+)", text)
        missing = {f"{folder}/{file}" for file in copied} - there
        if not copied or missing:
            yield f"Containerfile: {name} has no {missing or 'file that is copied'}"


def check_workflow(out):
    text = (ROOT / ".github/workflows/release.yml").read_text()
    if "Not run yet" not in text:
        yield "release.yml: it does not say that it was not run"
    for path in re.findall(r"\b(?:scripts|tests)/[\w./-]+", text):
        if not (ROOT / path).is_file():
            yield f"release.yml: there is no {path}"
    if "scripts/package build-package " not in text or "build-package/out/*" not in text:
        yield "release.yml: it publishes other files than scripts/package makes"
    try:
        import yaml
    except ImportError:
        print("NOT CHECKED: the form of release.yml, there is no python3-yaml")
        return
    steps = [step for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]
    if not all("run" in step or "uses" in step for step in steps):
        yield "release.yml: a step does nothing"


def check_twice(out, second):
    for path in sorted(out.iterdir()):
        other = second / path.name
        if not other.is_file() or other.read_bytes() != path.read_bytes():
            yield f"{path.name} differs from run to run"


def main():
    out = pathlib.Path(sys.argv[1]).resolve()
    checks = [("sums", lambda place: check_sums(out)),
              ("linux-x86_64", lambda place: check_archive(out, place, "linux-x86_64", [])),
              ("linux-aarch64", lambda place: check_archive(out, place, "linux-aarch64",
                                                            ["qemu-aarch64"])),
              ("windows-x86_64", lambda place: check_archive(out, place, "windows-x86_64",
                                                             ["wine"])),
              ("debian", lambda place: check_debian(out, place)),
              ("source", lambda place: check_source(out, place)),
              ("container", lambda place: check_container(out)),
              ("workflow", lambda place: check_workflow(out))]
    if len(sys.argv) > 2:
        second = pathlib.Path(sys.argv[2]).resolve()
        checks.append(("twice the same bytes", lambda place: check_twice(out, second)))
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        os.environ["WINEPREFIX"] = str(pathlib.Path(name) / "wine")
        for what, check in checks:
            place = pathlib.Path(name) / what
            place.mkdir()
            problems = list(check(place))
            print(f"{'FAILED' if problems else 'ok'} {what}", flush=True)
            print("".join(f"    {problem}\n" for problem in problems), end="")
            bad += bool(problems)
        if shutil.which("wineserver"):
            run("wineserver", "-k")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
