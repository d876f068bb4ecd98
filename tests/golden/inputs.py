#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gives bufcheck folders and lists of inputs.

    inputs.py BUFCHECK TRACEGEN
"""

import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import each_test  # noqa: E402
import known_traces as made  # noqa: E402

BUFCHECK = TRACEGEN = None


def bufcheck(*words, **more):
    return subprocess.run([BUFCHECK, *map(str, words)], capture_output=True, timeout=120, **more)


def paths(*words, status=1, **more):
    result = bufcheck(*words, "-f", "json", **more)
    assert result.returncode == status, (words, result)
    return [item["path"] for item in json.loads(result.stdout)["inputs"]]


def place(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((folder.parent / "one.etl").read_bytes())


def test_folder(folder):
    """The .etl files in it and below, in order of name; nothing else."""
    place(folder, "b.etl", "a/z.ETL", "a/y.etl", "c/d/e.etl", "Z.etl", "notes.txt", "x.etl.bak")
    (folder / "empty").mkdir()
    (folder / "folder.etl").mkdir()
    (folder / "loop").symlink_to(folder)
    (folder / "l.etl").symlink_to(folder / "b.etl")
    wanted = ["Z.etl", "a/y.etl", "a/z.ETL", "b.etl", "c/d/e.etl", "l.etl"]
    assert paths(folder) == [f"{folder}/{name}" for name in wanted], paths(folder)
    assert paths(f"{folder}/a/") == [f"{folder}/a/y.etl", f"{folder}/a/z.ETL"]
    assert paths(".", cwd=folder) == [f"./{name}" for name in wanted]
    assert paths(folder / "c", folder / "b.etl", folder / "a") == [
        f"{folder}/{name}" for name in ("c/d/e.etl", "b.etl", "a/y.etl", "a/z.ETL")]
    for command in ("info", "ops", "events"):
        assert bufcheck(command, folder / "a").returncode == 0, command


def test_names_of_traces(folder):
    """A name ends with .etl, in capitals or not; links and odd kinds of files are told apart."""
    place(folder, ".etl", "a.eTL", "b.ETL", "c.Etl", "zetl", "etl", "d.etlx", "e.etk", "f.dtl",
          "g.ets", "h.et", ".ET", "[.etl", "i{etl")
    os.mkfifo(folder / "pipe.etl")
    (folder / "gone.etl").symlink_to(folder / "nowhere")
    wanted = [".etl", "[.etl", "a.eTL", "b.ETL", "c.Etl", "gone.etl"]
    assert paths(folder, status=2) == [f"{folder}/{name}" for name in wanted]
    (folder / "gone.etl").unlink()
    assert paths(folder) == [f"{folder}/{name}" for name in wanted[:-1]]
    root = folder / "a.eTL"
    assert paths(f"{folder}//", root) == [f"{folder}//{name}" for name in wanted[:-1]] + [str(root)]


def test_depth_of_folders(folder):
    """Folders lie 64 deep or less; one that lies deeper is an input that can't be read."""
    deep = folder
    for _ in range(63):
        deep = deep / "d"
    place(folder, "a.etl")
    deep.mkdir(parents=True)
    (deep / "z.etl").write_bytes((folder.parent / "one.etl").read_bytes())
    assert paths(folder) == [f"{folder}/a.etl", f"{deep}/z.etl"]
    (deep / "e").mkdir()
    assert paths(folder, status=2) == [f"{folder}/a.etl", f"{deep}/e", f"{deep}/z.etl"]


def test_folder_without_traces(folder):
    result = bufcheck(folder)
    assert result.returncode == 2 and b"holds no .etl file" in result.stderr, result
    assert result.stdout == b"" and result.stderr.count(str(folder).encode()) == 1


def test_folder_that_can_not_be_read(folder):
    place(folder, "a.etl", "closed/b.etl", "z.etl")
    (folder / "closed").chmod(0)
    try:
        if os.access(folder / "closed", os.R_OK):
            return  # root reads everything
        result = bufcheck(folder, "-f", "json")
        assert result.returncode == 2 and b"closed" in result.stderr, result
        assert len(json.loads(result.stdout)["inputs"]) == 3
    finally:
        (folder / "closed").chmod(0o700)


def test_many_files(folder):
    for i in range(200):
        place(folder, f"t{i:03}.etl")
    assert paths(folder) == [f"{folder}/t{i:03}.etl" for i in range(200)]
    one, two = (bufcheck(folder, "-f", "json", "-j", jobs).stdout for jobs in (1, 2))
    assert one == two


def test_list(folder):
    place(folder, "a.etl", "b c.etl", "d/e.etl", "#f.etl")
    names = ["b c.etl", "#f.etl", "d", "a.etl"]
    wanted = ["b c.etl", "#f.etl", "d/e.etl", "a.etl"]
    listing = folder / "list.txt"
    for text in ("\n".join(names), "\n".join(names) + "\n\n", "\r\n".join(names) + "\r\n",
                 "\r\n".join(names) + "\r",
                 "\ufeff" + "\n".join(names), "\0".join(names), "\0".join(names) + "\0"):
        listing.write_bytes(text.encode())
        assert paths("--files-from", "list.txt", cwd=folder) == wanted, text
        assert paths("--files-from=-", cwd=folder, input=text.encode()) == wanted, text
    assert paths("--files-from", "list.txt", "a.etl", cwd=folder) == ["a.etl"] + wanted


def test_list_errors(folder):
    place(folder, "a.etl")
    listing = folder / "list.txt"
    for content, message in ((b"", b"names no file"), (b"\n\r\n", b"names no file"),
                             ("a.etl\n".encode("utf-16"), b"UTF-16"),
                             ("\ufeffa.etl\n".encode("utf-16-be"), b"UTF-16"),
                             (b"\xff\xfe", b"UTF-16"), (b"\xfe", b"No such file"),
                             (b"\xef\xbb\xbf", b"names no file"), (b"\xef\xbb\n", b"No such file"),
                             (b"\0\0", b"names no file"),
                             (b"-\n-\n", b"can be read once")):
        listing.write_bytes(content)
        result = bufcheck("--files-from", listing, cwd=folder)
        assert result.returncode == 2 and message in result.stderr, (content, result)
    result = bufcheck("--files-from", "-", "-", cwd=folder, input=b"a.etl\n")
    assert result.returncode == 2 and b"can be read once" in result.stderr, result
    result = bufcheck("--files-from", folder / "none", cwd=folder)
    assert result.returncode == 2 and b"none" in result.stderr, result
    listing.write_text("a.etl\nmissing.etl\n")
    result = bufcheck("--files-from", listing, "-f", "json", cwd=folder)
    assert result.returncode == 2 and len(json.loads(result.stdout)["inputs"]) == 2
    assert bufcheck("explain", "--files-from", listing).returncode == 2


def test_outputs_spare_inputs(folder):
    """A report is not written over a file that a folder stands for."""
    place(folder, "a.etl")
    before = (folder / "a.etl").read_bytes()
    result = bufcheck(folder, "-f", f"json={folder}/a.etl")
    assert result.returncode == 2 and b"is an input" in result.stderr, result
    assert (folder / "a.etl").read_bytes() == before


def prepared(outer):
    """A trace beside the folder that the test fills."""
    made.make(TRACEGEN, outer / "one.etl", made.THREE[:1])
    folder = outer / "traces"
    folder.mkdir()
    return folder


def main():
    global BUFCHECK, TRACEGEN
    BUFCHECK, TRACEGEN = map(os.path.abspath, sys.argv[1:3])
    return each_test.run_each(each_test.tests_of(globals()), prepared)


if __name__ == "__main__":
    sys.exit(main())
