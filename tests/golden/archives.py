#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gives bufcheck archives, made by Python's modules and by bsdtar.

    archives.py BUFCHECK TRACEGEN HAS_ARCHIVES

HAS_ARCHIVES is 0 for a program that is built without libarchive: then its message is tested. What
needs bsdtar is left out with a word where it is not installed.
"""

import gzip
import io
import json
import lzma
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import each_test  # noqa: E402
import known_traces as made  # noqa: E402

BUFCHECK = TRACEGEN = None
TRACE = b""
BSDTAR = shutil.which("bsdtar")

NAMES = ["b.etl", "a/z.ETL", "a/y.etl", "c/d/e.etl", "notes.txt", "x.etl.bak"]
WANTED = ["a/y.etl", "a/z.ETL", "b.etl", "c/d/e.etl"]


def bufcheck(*words, **more):
    return subprocess.run([BUFCHECK, *map(str, words)], capture_output=True, timeout=120, **more)


def report(*words, status=1, **more):
    result = bufcheck(*words, "-f", "json", **more)
    assert result.returncode == status, (words, result.returncode, result.stderr)
    return json.loads(result.stdout)["inputs"]


def paths(*words, **more):
    return [item["path"] for item in report(*words, **more)]


def make_zip(path, names, data=None, **more):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **more) as archive:
        for name in names:
            archive.writestr(name, TRACE if data is None else data)
    return path


def make_tar(path, names, mode):
    with tarfile.open(path, mode) as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(TRACE)
            archive.addfile(info, io.BytesIO(TRACE))
    return path


def bsdtar(folder, archive, *words):
    subprocess.run([BSDTAR, "-cf", archive, *words, "."], cwd=folder, check=True,
                   env={**os.environ, "LC_ALL": "C.UTF-8"})


def place(folder, names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(TRACE)
    return folder


def is_same(members, folder):
    """A report tells of files in archives the same as of the files themselves."""
    (folder / "plain.etl").write_bytes(TRACE)
    plain = report(folder / "plain.etl")[0]
    for member in members:
        assert {**member, "path": ""} == {**plain, "path": ""}, (member, plain)


def test_zip(folder):
    path = make_zip(folder / "t.zip", NAMES)
    members = report(path)
    assert [member["path"] for member in members] == [f"{path}!{name}" for name in WANTED]
    is_same(members, folder)
    assert bufcheck(path, "-j", 1).stdout == bufcheck(path, "-j", 2).stdout
    for command in ("info", "ops", "events"):
        assert bufcheck(command, path).returncode == 0, command


def test_compressed_tar(folder):
    for mode in ("gz", "xz"):
        path = make_tar(folder / f"t.TAR.{mode}", NAMES, f"w:{mode}")
        members = report(path)
        assert [member["path"] for member in members] == [f"{path}!{name}" for name in WANTED]
        is_same(members, folder)


def test_one_compressed_file(folder):
    """The trace in t.etl.gz is called t.etl.gz."""
    (folder / "t.etl.gz").write_bytes(gzip.compress(TRACE))
    (folder / "t.etl.xz").write_bytes(lzma.compress(TRACE))
    for name in ("t.etl.gz", "t.etl.xz"):
        assert paths(folder / name) == [f"{folder}/{name}"]
        is_same(report(folder / name), folder)
    bufcheck("cut", folder / "t.etl.gz", "-o", folder / "small.etl")
    assert bufcheck(folder / "small.etl").returncode == 1


def test_bsdtar(folder):
    if BSDTAR is None:
        print("NOT TESTED: .7z, .zst, and zip of bsdtar: bsdtar (libarchive-tools) is not there")
        return
    place(folder / "in", NAMES)
    for name, words in (("t.7z", ("--format", "7zip")), ("t.zip", ("--format", "zip")),
                        ("t.tar.zst", ("--zstd",))):
        bsdtar(folder / "in", folder / name, *words)
        found = paths(folder / name)
        assert found in ([f"{folder}/{name}!{lead}{wanted}" for wanted in WANTED]
                         for lead in ("", "./")), (name, found)
        is_same(report(folder / name), folder)


def make_cab(path, name):
    """One folder without compression, one file: [MS-CAB] 2.1 to 2.4."""
    blocks = [TRACE[i:i + 32768] for i in range(0, len(TRACE), 32768)]
    file_at = 36 + 8
    data_at = file_at + 16 + len(name) + 1
    data = b"".join(struct.pack("<IHH", 0, len(block), len(block)) + block for block in blocks)
    head = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, data_at + len(data), 0, file_at, 0, 3, 1, 1, 1,
                       0, 0, 0)
    folder = struct.pack("<IHH", data_at, len(blocks), 0)
    entry = struct.pack("<IIHHHH", len(TRACE), 0, 0, 0x5A21, 0, 0x20) + name + b"\0"
    path.write_bytes(head + folder + entry + data)
    return path


def test_cab(folder):
    path = make_cab(folder / "t.CAB", b"dir\\a.etl")
    members = report(path)
    assert [member["path"] for member in members] in (
        [f"{path}!dir/a.etl"], [f"{path}!dir\\a.etl"]), members
    is_same(members, folder)


def test_names(folder):
    """Names of other scripts, a '!' in a name, and a file with just such a name."""
    names = ["d/\u00fc\u20ac!.etl", "a!b.zip!c.etl"]
    for path in (make_zip(folder / "t.zip", names), make_tar(folder / "t.tar.gz", names, "w:gz")):
        assert paths(path) == [f"{path}!{name}" for name in sorted(names)]
        assert paths(f"{path}!{names[0]}") == [f"{path}!{names[0]}"]
    (folder / "x.zip!y.etl").write_bytes(TRACE)
    assert paths(folder / "x.zip!y.etl") == [f"{folder}/x.zip!y.etl"]
    (folder / "list").write_text("t.zip\nx.zip!y.etl\n")
    assert paths("--files-from", "list", cwd=folder) == [
        *(f"t.zip!{name}" for name in sorted(names)), "x.zip!y.etl"]


def test_names_are_never_written(folder):
    """A name that leads out of the folder, or to the root, is shown and never made."""
    (folder / "in").mkdir()
    names = ["../out.etl", f"{folder}/root.etl", "a/../../up.etl"]
    for path in (make_zip(folder / "in" / "t.zip", names),
                 make_tar(folder / "in" / "t.tar.xz", names, "w:xz")):
        before = sorted(folder.rglob("*"))
        found = paths(path, cwd=folder / "in")
        assert len(found) == 3 and f"{path}!../out.etl" in found, found
        assert sorted(folder.rglob("*")) == before and not (folder.parent / "up.etl").exists()


def test_no_trace_inside(folder):
    for path in (make_zip(folder / "t.zip", ["a.txt"]), make_zip(folder / "e.zip", []),
                 make_tar(folder / "t.tar.gz", ["a.txt", "b.zip"], "w:gz")):
        result = bufcheck(path)
        assert result.returncode == 2 and b"the archive holds no .etl file" in result.stderr, result.stderr
        assert result.stdout == b"" and result.stderr.count(b"\n") == 1, result.stderr


def test_missing_member(folder):
    path = make_zip(folder / "t.zip", ["a.etl", "b.etl"])
    result = bufcheck(f"{path}!c.etl")
    assert result.returncode == 2 and b"holds no such file" in result.stderr, result.stderr
    assert f"{path}!c.etl".encode() in result.stderr, result.stderr
    result = bufcheck("cut", path, "-o", folder / "small.etl")
    assert result.returncode == 2 and b"ARCHIVE!NAME" in result.stderr, result.stderr
    result = bufcheck("cut", f"{path}!a.etl", "-o", folder / "small.etl")
    assert result.returncode == 0, result.stderr


def test_twin_names(folder):
    path = make_tar(folder / "t.tar.gz", ["a.etl", "b.etl", "a.etl"], "w:gz")
    result = bufcheck(path)
    assert result.returncode == 2 and b"two files of that name" in result.stderr, result.stderr


def test_truncated(folder):
    """Members before the damage are judged; the archive stands behind them with its error."""
    names = [f"t{i:02}.etl" for i in range(30)]
    zip_file = make_zip(folder / "t.zip", names)
    zip_file.write_bytes(zip_file.read_bytes()[:zip_file.stat().st_size * 2 // 3])
    tar_file = folder / "t.tar.gz"
    with gzip.open(make_tar(tar_file, names, "w:gz")) as packed:
        whole = packed.read()
    tar_file.write_bytes(gzip.compress(whole, 0)[:len(whole) * 2 // 3])
    for path in (zip_file, tar_file):
        result = bufcheck(path, "-f", "json")
        inputs = json.loads(result.stdout)["inputs"]
        good = [item for item in inputs if item["verdict"] == "findings"]
        assert result.returncode == 2 and 10 <= len(good) < 30, result.stderr
        assert inputs[:len(good)] == good and b"damaged" in result.stderr, result.stderr
        assert f"of {path.stat().st_size} bytes".encode() in result.stderr, result.stderr
    (folder / "t.etl.gz").write_bytes(gzip.compress(TRACE)[:-40])
    result = bufcheck(folder / "t.etl.gz", folder / "t.zip", "-f", "json")
    assert result.returncode == 2 and b"could be unpacked" in result.stderr, result.stderr
    assert len(json.loads(result.stdout)["inputs"]) > 10


def test_not_an_archive(folder):
    for name in ("a.zip", "a.7z", "a.cab", "a.gz", "a.tar.xz", "a.zst"):
        for data in (b"", b"no archive at all", TRACE):
            (folder / name).write_bytes(data)
            result = bufcheck(folder / name)
            assert result.returncode == 2 and name.encode() in result.stderr, (name, result)
            assert len(result.stderr) < 400, result.stderr


def test_claimed_sizes(folder):
    """A zip file whose directory claims terabytes is refused before anything is unpacked."""
    path = make_zip(folder / "t.zip", ["a.etl", "b.etl"])
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 24:at + 28] = data[22:26] = struct.pack("<I", 0xFFFFFFF0)
    path.write_bytes(data)
    result = bufcheck(path)
    assert result.returncode == 2, result.stderr
    for number in (0xFFFFFFF0, 256 << 20, len(data)):
        assert str(number).encode() in result.stderr, (number, result)


def test_bomb(folder):
    """Kilobytes that unpack to hundreds of megabytes, as a trace, and in front of one."""
    packer = lzma.LZMACompressor(preset=0)
    packed = [packer.compress(TRACE)]
    packed += [packer.compress(bytes(1 << 24)) for _ in range(18)]
    (folder / "t.etl.xz").write_bytes(b"".join(packed) + packer.flush())
    result = bufcheck(folder / "t.etl.xz")
    assert result.returncode == 2 and b"are allowed for an archive of" in result.stderr, result.stderr
    assert str(256 << 20).encode() in result.stderr, result.stderr
    info = tarfile.TarInfo("zeros.bin")
    info.size = 18 << 24
    packer = lzma.LZMACompressor(preset=0)
    packed = [packer.compress(info.tobuf())] + [packer.compress(bytes(1 << 24)) for _ in range(18)]
    (folder / "t.tar.xz").write_bytes(b"".join(packed) + packer.flush())
    result = bufcheck(folder / "t.tar.xz")
    assert result.returncode == 2 and b"are allowed for an archive of" in result.stderr, result.stderr


def test_encrypted(folder):
    path = make_zip(folder / "t.zip", ["a.etl", "b.etl"])
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    data[6] |= 1
    path.write_bytes(data)
    result = bufcheck(path, "-f", "json")
    assert result.returncode == 2 and b"is encrypted" in result.stderr, result.stderr
    verdicts = [item["verdict"] for item in json.loads(result.stdout)["inputs"]]
    assert verdicts == ["error", "findings"], verdicts


def test_many_members(folder):
    """Each member is read on from the last one: an archive is not unpacked once for each."""
    names = [f"t{i:03}.etl" for i in range(200)]
    path = make_tar(folder / "t.tar.xz", names, "w:xz")
    assert paths(path) == [f"{path}!{name}" for name in names]
    path = make_tar(folder / "r.tar.xz", names[20::-1], "w:xz")
    assert paths(path, "-j", 1) == [f"{path}!{name}" for name in names[:21]]


def test_outputs_spare_archives(folder):
    path = make_zip(folder / "t.zip", ["a.etl"])
    before = path.read_bytes()
    result = bufcheck(path, "-f", f"json={path}")
    assert result.returncode == 2 and b"is an input" in result.stderr, result.stderr
    result = bufcheck("cut", f"{path}!a.etl", "--force", "-o", path)
    assert result.returncode == 2 and b"is the input" in result.stderr, result.stderr
    assert path.read_bytes() == before


def without_archives(folder):
    """A program without libarchive says how to unpack."""
    for name, hint in (("t.zip", b"unzip"), ("t.etl.gz", b"gzip -dk"), ("t.7z", b"7z x")):
        (folder / name).write_bytes(b"anything")
        result = bufcheck(folder / name)
        assert result.returncode == 2 and hint in result.stderr, result.stderr
        result = bufcheck(f"{folder / name}!a.etl")
        assert result.returncode == 2 and hint in result.stderr, result.stderr


def prepared(outer):
    """A trace beside the folder that the test fills."""
    global TRACE
    made.make(TRACEGEN, outer / "one.etl", made.THREE[:1])
    TRACE = (outer / "one.etl").read_bytes()
    folder = outer / "traces"
    folder.mkdir()
    return folder


def main():
    global BUFCHECK, TRACEGEN
    BUFCHECK, TRACEGEN = map(os.path.abspath, sys.argv[1:3])
    tests = each_test.tests_of(globals())
    if sys.argv[3] == "0":
        tests = {"without_archives": without_archives}
    return each_test.run_each(tests, prepared)


if __name__ == "__main__":
    sys.exit(main())
