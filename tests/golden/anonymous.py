#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`bufcheck cut --anonymous`: what it promises to replace is in no byte of the result.

    anonymous.py BUFCHECK TRACEGEN ANONYMISE CASES EXAMPLE CAPTURES

Secrets are collected from the whole trace by a second reader: every string of four characters and
more (UTF-16, and of six and more NUL-terminated ASCII) in the log-file header and the payloads of
records that are no Winsock events, and the parts of each path; every 64-bit kernel address; every
address of a socket, request or peer that `events` shows; the day. Each is looked for in the result
as UTF-8, as UTF-16 in both byte orders, as number in both byte orders and as text. Kept by promise
are the names of the process, of images that a finding's stacks show and of their PDBs, and user
addresses; with `all` these are not.

Captures of real traffic have no findings. ANONYMISE makes the whole of such a file anonymous, every
kind of record chosen.
"""

import concurrent.futures
import datetime
import functools
import json
import multiprocessing
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the sources stay as they are
import etl_second_reader  # noqa: E402

KERNEL = 0xFFFF800000000000
# No program gets an address below the first; memory behind the second stays where it is.
USER_MIN, USER_END = 0x10000, 0x7FFFFFFF0000
# Granules at the top of a 32-bit address space, and one whose number any keyword holds.
NOT_SECRET32 = 0x7FFF, 0xFFFF, 0x8000
CAPTURE_MAX = 1 << 20  # bytes; larger captures hold the same kinds of records, but for these
CAPTURES_TOO = ("perfview-diaghub-kernel.etl",)
DAY = 864000000000  # 100 ns
AFD = bytes.fromhex("23683ce5b87bbb4490dc3f86090d48a6")
EVENT_KINDS = (0x12, 0x13)
WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")
NARROW = re.compile(rb"[\x20-\x7e]{6,}(?=\x00)")  # a shorter one may be part of a clock value
# Cases with events of a layout that only the trace itself describes: these can't be anonymous.
OWN_LAYOUTS = ("schema-in-the-trace-decides-a-finding",)
# Aliases, and words of the anonymous header.
WORDS = ("command", "folder", "image", "system-image", "symbols", "thread")


def aliases(letter, code):
    """Finds aliases in an encoding, in which `letter` is the pattern of a character of a class."""
    words = b"|".join(re.escape(word.encode(code)) for word in WORDS)
    hyphen, point, header, etl = (re.escape(text.encode(code))
                                  for text in ("-", ".", "anonymous", ".etl"))
    return re.compile(b"(?:%b)%b(?:%b)+(?:%b(?:%b){3})?|%b(?:%b)?" %
                      (words, hyphen, letter(rb"\d"), point, letter(b"[a-z]"), header, etl))


ALIASES = (aliases(lambda of_class: of_class, "utf-8"),
           aliases(lambda of_class: of_class + rb"\x00", "utf-16-le"))
OPTIONS = ("--anonymous", "--anonymous=all")
NUMBERS = re.compile(r"[0-9. ]*")


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=300)


# ---- secrets of a trace ----

def payloads(path):
    """Kind and bytes behind the fixed header, of each record that is no Winsock event."""
    for buffer in etl_second_reader.Trace(path).buffers:
        for kind, _, record in buffer.records():
            fixed = etl_second_reader.TYPES[kind][2] if kind in etl_second_reader.TYPES else 4
            if kind not in EVENT_KINDS or record[0x18:0x28] != AFD:
                yield kind, record[fixed:]


def strings_of(payloads_of):
    for _, payload in payloads_of:
        for at in (0, 1):
            for match in WIDE.finditer(payload[at:]):
                yield match.group().decode("utf-16-le")
        for match in NARROW.finditer(payload):
            yield match.group().decode()


def secret_strings(strings, kept):
    """Strings and the parts of paths, but for kept names, versions, and pieces of either."""
    names = [name.lower() for name in kept]
    names += [name.rsplit(".", 1)[0] + ".pdb" for name in names]
    for text in strings:
        for part in {text, *re.split(r"[\\/]", text)}:
            if len(part) >= 4 and not NUMBERS.fullmatch(part) and \
                    not any(part.lower() in name for name in names):
                yield part


def secret_addresses(payloads_of):
    """64-bit kernel addresses at any place of four bytes."""
    for _, payload in payloads_of:
        for at in range(0, len(payload) - 7, 4):
            value, = struct.unpack_from("<Q", payload, at)
            if KERNEL <= value < 0xFFFFFFFF00000000:
                yield value


def events_of(bufcheck, path):
    lines = run(bufcheck, "events", path).stdout.decode().splitlines()
    return [event for event in map(json.loads, lines) if event["type"] == "event"]


def guid_low(text):
    """The first half of a GUID, as the number that it is on disk; 0 if the other half is not 0."""
    a, b, c, d, e = text.split("-")
    high = bytes.fromhex(d + e)
    low = struct.pack("<IHH", int(a, 16), int(b, 16), int(c, 16))
    return struct.unpack("<Q", low)[0] if not any(high) else 0


def identities(events):
    for event in events:
        if event["activity"]:
            yield guid_low(event["activity"])
        for name, value in (event.get("fields") or {}).items():
            if name in ("Process", "Endpoint", "AcceptEndpoint", "ListenEndpoint"):
                yield int(value, 16)
            elif name in ("Buffer", "UserAddress", "SystemAddress") and int(value, 16) >= KERNEL:
                yield int(value, 16)
        for frame in event["stack"] or []:
            if int(frame, 16) >= KERNEL:
                yield int(frame, 16)


def peers(events):
    for event in events:
        for name, value in (event.get("fields") or {}).items():
            if name == "Address" and isinstance(value, str):
                yield value.rsplit(":", 1)[0].strip("[]").split("%")[0]


def user_addresses(events):
    for event in events:
        value = int((event.get("fields") or {}).get("Buffer", "0"), 16)
        frames = [int(frame, 16) for frame in event["stack"] or []]
        yield from (number for number in (value, *frames)
                    if USER_MIN <= number < USER_END and number >> 16 not in NOT_SECRET32)


# ---- whether it is there still ----

def found_string(text, data):
    return any(text.encode(code) in data for code in ("utf-8", "utf-16-le", "utf-16-be"))


def found_number(value, data):
    """A number as the bytes of 8 or, below 2^32, of 4, and as text."""
    length = 8 if value >> 32 else 4
    return found_text_number(value, data) or any(
        value.to_bytes(length, order) in data for order in ("little", "big"))


def found_text_number(value, data):
    return any(form.encode() in data for form in (f"{value:x}", f"{value:X}") if len(form) >= 8)


def found_numbers(wanted, data):
    """The wanted numbers that any eight bytes of the data are, in either order."""
    found = set()
    for at in range(8):
        end = len(data) - (len(data) - at) % 8
        for order in ("<Q", ">Q"):
            found.update(wanted.intersection(
                value for value, in struct.iter_unpack(order, data[at:end])))
    return found


def printable(data):
    """All text that the data holds, in one string."""
    runs = [match.group().decode() for match in re.finditer(rb"[\x20-\x7e]{4,}", data)]
    runs += [match.group().decode("utf-16-le") for match in WIDE.finditer(data)]
    runs += [match.group().decode("utf-16-be")
             for match in re.finditer(rb"(?:\x00[\x20-\x7e]){4,}", data)]
    return "\n".join(sorted(set(runs)))


def without(names, data):
    """The result without what may be in it: kept names, aliases."""
    names = {*names, *(name.rsplit(".", 1)[0] + ".pdb" for name in names)}
    for name in sorted(names, key=len, reverse=True):
        for code in ("utf-8", "utf-16-le"):
            data = re.sub(re.escape(name.encode(code)), b"", data, flags=re.IGNORECASE)
    for pattern in ALIASES:
        data = pattern.sub(b"", data)
    return data


def day_of(bufcheck, path):
    trace = json.loads(run(bufcheck, "info", "-f", "json", path).stdout)["inputs"][0]["trace"]
    return (trace["start"] or "")[:10]


def found_day(day, data):
    """True if any eight bytes are a clock value of that day."""
    year, month, date = (int(part) for part in day.split("-"))
    first = (datetime.date(year, month, date) - datetime.date(1601, 1, 1)).days * DAY
    for high in {first >> 40, (first + DAY - 1) >> 40} if year > 1970 else ():
        at = data.find(high.to_bytes(3, "little"))
        while at >= 0:
            if at >= 5 and first <= int.from_bytes(data[at - 5:at + 3], "little") < first + DAY:
                return True
            at = data.find(high.to_bytes(3, "little"), at + 1)
    return False


def addresses_left(secrets, text, data):
    """Numbers below 2^31 are made up by tests, and their bytes are any counter's."""
    left = found_numbers({value for value in secrets if value >> 32}, data)
    left |= {value for value in secrets if found_text_number(value, text)}
    return left | {value for value in secrets
                   if 1 << 31 <= value < 1 << 32 and found_number(value, data)}


class Whole:
    """A trace before it is made anonymous: what is known of it is found out once, and serves every
    form of its copy."""

    def __init__(self, bufcheck, path):
        self.bufcheck, self.path = bufcheck, path

    @functools.cached_property
    def data(self):
        return self.path.read_bytes()

    @functools.cached_property
    def report(self):
        return report_of(self.bufcheck, self.path)

    @functools.cached_property
    def payloads(self):
        return list(payloads(self.path))

    @functools.cached_property
    def strings(self):
        return set(strings_of(self.payloads))

    @functools.cached_property
    def events(self):
        return events_of(self.bufcheck, self.path)

    @functools.cached_property
    def secrets(self):
        return {*secret_addresses(self.payloads), *identities(self.events)}

    @functools.cached_property
    def user_addresses(self):
        return set(user_addresses(self.events))

    @functools.cached_property
    def peers(self):
        return set(peers(self.events)) - {"0.0.0.0", "::"}

    @functools.cached_property
    def day(self):
        return day_of(self.bufcheck, self.path)


def leaks(whole, result, kept, everything):
    raw = result.read_bytes()
    text = printable(without(kept, raw))
    for word in sorted(set(secret_strings(whole.strings, kept))):
        if word in text:
            yield f"the string {word!r}"
    secrets = whole.secrets | (whole.user_addresses if everything else set())
    for value in addresses_left(secrets, text.encode(), raw):
        yield f"the address {value:#x}"
    if found_string("wow64", raw.lower()) and not found_string("wow64", whole.data.lower()):
        yield "an alias that tells of a 32-bit program"
    if whole.peers:
        for peer in whole.peers & set(peers(events_of(whole.bufcheck, result))):
            yield f"the peer {peer}"
    day = day_of(whole.bufcheck, result)
    if day != (whole.day and "2000-01-01"):
        yield f"the day is {day}"
    if whole.day and found_day(whole.day, raw):
        yield "a time of the day"


# ---- findings ----

def report_of(bufcheck, path):
    result = run(bufcheck, "--max-findings", "0", "-f", "json", path)
    return json.loads(result.stdout) if result.stdout else {"findings": []}


def operations(report):
    for finding in report["findings"]:
        for pair in [finding] + finding["others"]:
            yield from (pair["first"], pair["second"])


def kept_names(report):
    names = set()
    for op in operations(report):
        names.add(op["image"])
        for point in (op["posted"], op["continued"], op["ended"]):
            names |= {frame["module"] for frame in (point or {}).get("stack") or []}
    return {name for name in names if name and name != "[JIT]"}


def essence(finding, everything):
    """Members that must be the same in the anonymous trace."""
    kept = {key: finding[key] for key in ("rule", "level", "confidence", "reasons", "count",
                                          "posts", "harmful", "gap_ns", "exposed_ns", "endpoints",
                                          "addresses", "same_thread", "same_endpoint")}
    kept["overlap"] = finding["overlap"]["length"], finding["overlap"]["extent"]
    kept["harm"] = finding["harm"] and finding["harm"]["bytes"]
    for side in ("first", "second"):
        op = finding[side]
        kept[side] = {key: op[key] for key in ("end", "api", "length", "pid", "duration_ns",
                                               "protocol", "path", "address_space")}
        stack = op["posted"]["stack"]
        kept[side]["stack"] = stack and [frame["offset"] for frame in stack if frame["module"]]
        if not everything:
            kept[side]["image"] = op["image"]
            kept[side]["modules"] = stack and [frame["module"] for frame in stack]
            kept[side]["buffer"] = op["buffer"] if op["address_space"] == "user" else None
    if not everything:
        kept["fingerprint"] = finding["fingerprint"]
    return kept


def in_order(report, everything):
    return sorted((essence(finding, everything) for finding in report["findings"]),
                  key=lambda item: json.dumps(item))


def check_trace(whole, small, option, pdbs=()):
    everything = option.endswith("all")
    before = whole.report
    if not before["findings"]:
        return
    result = run(whole.bufcheck, "cut", whole.path, "-o", small, "--force", option)
    if result.returncode != 0:
        yield f"{option}: exit status {result.returncode}: {result.stderr.decode()}"
        return
    after = report_of(whole.bufcheck, small)
    if in_order(after, everything) != in_order(before, everything):
        yield f"{option}: the findings are not the same"
    try:
        etl_second_reader.Trace(small)
        kept = set() if everything else {*kept_names(before), *pdbs}
        yield from (f"{option}: {text}" for text in leaks(whole, small, kept, everything))
    except etl_second_reader.Broken:
        pass  # the whole is damaged, or compressed: the second reader can't tell its secrets


# ---- leaks ----

def sid(*parts):
    return struct.pack("<BB6B", 1, len(parts), 0, 0, 0, 0, 0, 5) + b"".join(
        struct.pack("<I", part) for part in parts)


def utf16(text):
    return (text + "\0").encode("utf-16-le")


def process_payload(owner):
    """A process record of version 4, with a SID, a package and an application."""
    head = struct.pack("<QIIIiQI", 0xFFFF9C0012345080, 5120, 4, 1, 0x103, 0x1AD000, 0)
    token = struct.pack("<QQ", 0xFFFFE60FDEADB010, 0)
    return (head + token + owner + b"app.exe\0" + utf16("app.exe /token hunter2") +
            utf16("Contoso.Secret.Package") + utf16("ContosoApp"))


OWNER = sid(21, 0x11223344, 0x55667788, 0x99AABBCC, 1001)
ZONE = utf16("Bikini Atoll Standard Time")
# The day of the scene, and what it is if the start of 1601-01-01 becomes 2000-01-01.
SCENE_DAYS = "2026-03-04", "2425-03-03"
SCENE = r"""
trace build=22631 start=2026-03-04T10:20:30Z {header}
let app = 0xffffa58f21c44080
let s1  = 0xffffa58f23a10c20
let s2  = 0xffffa58f23a11e60
default pid=5120 tid=77 process=app endpoint=s1
{lines}
0 1.0 recv.enter buffer=0x1a2b3c4000 len=4096 {more}
0 1.1 recv.enter buffer=0x1a2b3c4800 len=4096 endpoint=s2
0 1.2 recv.exit buffer=0x1a2b3c4000 len=64
0 1.3 recv.exit buffer=0x1a2b3c4800 len=64 endpoint=s2
{edits}
"""
# A 32-bit trace with a driver, and a stack that lies in it and elsewhere in the kernel.
SCENE32 = """
trace pointer=4 processors=1 start=2026-03-04T10:20:30Z
let app = 0x85001000
let s1  = 0x86001000
default pid=4120 tid=1 process=app endpoint=s1
0 0.1 process.start process=app target=4120 image=client.exe command=client
0 0.2 image.load target=0 base=0x82300000 size=0x100000 image="\\SystemRoot\\nt.exe"
{lines}
0 1.2 recv.post buffer=0x12345670 len=64 fast=yes activity=1 stack=0x82345678,0x84445678
0 1.4 recv.post buffer=0x12345670 len=64 fast=yes activity=2 stack=0x82345678,0x84445678 tid=2
0 1.5 recv.done  buffer=0x12345670 len=64 activity=1
0 1.6 recv.done  buffer=0x12345670 len=64 activity=2 tid=2
{edits}
"""
STACKED = r"""
0 0.1 process.start process=app target=5120 image=longerprocess.exe command="app -x"
0 0.2 image.load base=0x7ff600000000 size=0x9000 target=5120 image="\srv\longerprocess.exe"
0 0.2 image.load base=0x7ff700000000 size=0x9000 target=5120 image="\srv\library.dll"
"""
# Each is one way in which something could get through: lines that are added to the scene, and secrets
# that must not be in the result; those of `user` must not be in that of `=all`, and the names of
# `kept` must be in any other.
LEAKS = {
    "session name": {"header": "session=WilmaLaptopSession", "secret": ["WilmaLaptop"]},
    "log file name": {"header": r'file="C:\Users\wilma\traces\bug.etl"',
                      "secret": ["wilma", "bug.etl"]},
    "names behind the log-file header's end": {
        "edits": "patch buffer=0 offset=0x300 bytes=" + utf16("residue of memory").hex(),
        "secret": ["residue"]},
    "time zone": {"edits": "patch buffer=0 offset=0xb4 bytes=" + ZONE.hex(), "secret": ["Bikini"]},
    "bias of the time zone": {"edits": "patch buffer=0 offset=0xb0 bytes=c4fdffff",
                              "bytes": [bytes.fromhex("c4fdffff")]},
    "stale pointers of the log-file header": {
        "edits": "patch buffer=0 offset=0xa0 bytes=80c01234569cffff"
                 "\npatch buffer=0 offset=0xa8 bytes=80c01234579cffff",
        "bytes": [bytes.fromhex("80c01234569cffff"), bytes.fromhex("80c01234579cffff")]},
    "user's SID, package, command line": {
        "lines": f"0 0.5 system hook=0x0303 version=4 payload={process_payload(OWNER).hex()}",
        "secret": ["hunter2", "Contoso"], "bytes": [OWNER, OWNER[8:20], OWNER[-8:]],
        "address": [0xFFFF9C0012345080, 0xFFFFE60FDEADB010]},
    "extended item with a SID": {"more": f"ext=2:{OWNER.hex()}", "bytes": [OWNER, OWNER[8:20]]},
    "extended items of other kinds": {
        "more": "related=deadbeef-0bad-f00d-aaaa-bbbbccccdddd ext=3:07000000"
                f" ext=0xb:{b'WilmaEvent'.hex()} ext=0x10:{utf16('{wilma-container}').hex()}",
        "secret": ["Wilma", "wilma"], "bytes": [bytes.fromhex("efbeaddead0b0df0")]},
    "activity that is no address": {"more": "activity=deadbeef-0bad-f00d-aaaa-bbbbccccdddd",
                                    "bytes": [bytes.fromhex("aaaabbbbccccdddd")]},
    "payload of a wrong length": {
        "lines": f"0 0.9 afd.1003 payload={b'wilma was here'.hex()}", "secret": ["wilma"]},
    "payload of an id that is not known": {
        "lines": f"0 0.9 event provider=e53c6823-7bb8-44bb-90dc-3f86090d48a6 id=1999 "
                 f"payload={b'wilma was here'.hex()}", "secret": ["wilma"]},
    "records of kinds that are not known": {
        "lines": f"0 0.6 system hook=0x0b0f payload={utf16('WILMAS-LAPTOP').hex()}\n"
                 f"0 0.7 wpp version=8 payload={b'wilma in a message'.hex()}\n"
                 f"0 0.8 event provider=01020304-0506-0708-090a-0b0c0d0e0f10 id=7 "
                 f"payload={utf16('wilma in an event').hex()}",
        "secret": ["WILMA", "wilma"]},
    "thread's name": {"lines": "0 0.5 thread.name target=5120 thread=77 name=wilmas-worker",
                      "secret": ["wilma"]},
    "other processes and their images": {
        "lines": "0 0.4 process.start target=5120 image=app.exe command=app.exe process=app\n"
                 r'0 0.5 image.load target=5120 base=0x7ff600000000 size=0x9000 '
                 r'image="\Device\HarddiskVolume3\Users\wilma\wilmas.dll"',
        "secret": ["wilma", "Device", "Harddisk", "Users"]},
    "path and maker of a program": {
        "lines": "0 0.5 merge.version size=0x9000 stamp=0x60000001 name=wilmas.dll text=wilma.1\n"
                 "0 0.5 merge.image-id base=0x7ff600000000 size=0x9000 target=5120 "
                 "stamp=0x60000001 name=wilmas.dll\n"
                 "0 0.5 merge.pdb base=0x7ff600000000 target=5120 age=3 "
                 r'guid=01020304-0506-0708-090a-0b0c0d0e0f10 name="D:\wilma\wilmas.pdb"' "\n"
                 r'0 0.5 merge.volume nt="\Device\HarddiskVolume3\" dos="W:\wilma\"',
        "secret": ["wilma", "Device"]},
    "interface of a link-local address": {
        "lines": "0 0.5 connect-addr.exit address=[fe80::77aa:bb11%1234567]:443",
        "bytes": [struct.pack("<I", 1234567), bytes.fromhex("77aabb11")]},
    "address of another family": {
        "lines": "0 0.5 connect-addr.exit address=hex:2200" + b"hyper-v wilma".hex(),
        "secret": ["wilma"]},
    "kernel's half of a stack": {"more": "stack=0x7ff600001010,0xfffff80312345678",
                                 "address": [0xFFFFF80312345678]},
    "stack in a record of its own": {
        "lines": "0 0.95 recv.enter buffer=0x1a2b300000 len=16\n"
                 "0 +10us stack.walk of=-10us thread=77 target=5120 "
                 "frames=0xfffff80312345678,0x7ff600001010",
        "address": [0xFFFFF80312345678]},
    "user memory with a length that reaches over 2 GiB": {
        "lines": "0 0.5 recv.enter buffer=0x00500000 len=0x7fffffff kw=fastpath activity=9\n"
                 "0 0.6 recv.exit buffer=0x00500000 len=10 kw=fastpath activity=9\n"
                 "0 1.2 recv.enter buffer=0x12345670 len=64 activity=1\n"
                 "0 1.4 recv.enter buffer=0x12345670 len=64 activity=2\n"
                 "0 1.5 recv.exit  buffer=0x12345670 len=64 activity=1\n"
                 "0 1.6 recv.exit  buffer=0x12345670 len=64 activity=2",
        "user": [0x12345670]},
    "user memory that reaches over 4 GiB": {
        "lines": "0 0.5 recv.enter buffer=0xffff8000 len=0x10000 kw=fastpath\n"
                 "0 0.6 recv.enter buffer=0xffff8000 len=0x10000 kw=fastpath endpoint=s2 tid=2\n"
                 "0 0.7 recv.exit buffer=0xffff8000 len=64\n"
                 "0 0.8 recv.exit buffer=0xffff8000 len=64 endpoint=s2 tid=2",
        "user": [0xFFFF8000]},
    "driver with a size of half the address space": {
        "lines": r'0 0.2 image.load base=0xfffff80000000000 size=0x7f0000000000 target=0 '
                 r'image="\SystemRoot\bad.sys"' "\n"
                 r'0 0.3 image.load base=0xfffff80700000000 size=0x100000 target=0 '
                 r'image="\SystemRoot\nt.exe"',
        "more": "stack=0xfffff80700003030",
        "address": [0xFFFFF80700003030, 0xFFFFF80700000000]},
    "32-bit user memory with a length that reaches over the kernel's": {
        "scene": SCENE32,
        "lines": "0 1.0 recv.post buffer=0x80010000 len=0x7fffffff fast=yes tid=7",
        "address": [0x82345678, 0x84445678, 0x82300000], "user": [0x80010000]},
    "32-bit user memory that reaches into a driver": {
        "scene": SCENE32,
        "lines": "0 1.0 recv.post buffer=0x822f8000 len=0x10000 fast=yes tid=7\n"
                 "0 1.1 recv.post buffer=0x82340000 len=0x10000 fast=yes tid=7",
        "address": [0x82345678, 0x84445678, 0x82300000]},
    "32-bit user memory with a length that fills its space": {
        "scene": SCENE32,
        "lines": "0 1.0 recv.post buffer=0x10000 len=0x7fffffff fast=yes tid=7\n"
                 "0 1.1 recv.done buffer=0x10000 len=1 tid=7",
        "user": [0x12345670]},
    "image whose name begins with a kept one": {
        "lines": STACKED + r'0 0.3 image.load base=0x7ff610000000 size=0x9000 target=5120 '
                           r'image="\longerprocess.exe.SecretCustomer.dll"' "\n"
                           r'0 0.3 image.load base=0x7ff620000000 size=0x9000 target=5120 '
                           r'image="\fourteenab.exe.SecretCustomer.dll"',
        "more": "stack=0x7ff600001010,0x7ff700002020", "secret": ["SecretCustomer"],
        "kept": ["longerprocess.exe"]},
    "PDB of another name than its image": {
        "lines": STACKED + "0 0.4 merge.pdb base=0x7ff700000000 target=5120 age=3 "
                           "guid=01020304-0506-0708-090a-0b0c0d0e0f10 name=wlibrary.pdb\n"
                           "0 0.4 merge.pdb base=0x7ff600000000 target=5120 age=3 "
                           r'guid=01020304-0506-0708-090a-0b0c0d0e0f11 name="D:\wilma\core.pdb"',
        "more": "stack=0x7ff600001010,0x7ff700002020", "secret": ["wilma"],
        "kept": ["wlibrary.pdb", "core.pdb"]},
    "PDB of an image where a kept one had been": {
        "lines": STACKED,
        "edits": "0 2.0 image.unload target=5120 base=0x7ff700000000 size=0x9000 "
                 "image=library.dll\n"
                 "0 2.1 image.load target=5120 base=0x7ff700000000 size=0x9000 "
                 "image=SecretCustomer.dll\n"
                 "0 2.2 merge.pdb base=0x7ff700000000 target=5120 age=3 "
                 "guid=01020304-0506-0708-090a-0b0c0d0e0f10 name=SecretCustomer.pdb",
        "more": "stack=0x7ff600001010,0x7ff700002020", "secret": ["SecretCustomer"]},
    "day that no start tells": {
        "edits": "patch buffer=0 offset=0x170 bytes=0000000000000000", "secret": []},
    "day that the end alone tells": {
        "edits": "patch buffer=0 offset=0x160 bytes=0000000000000000"
                 "\npatch buffer=0 offset=0x170 bytes=0000000000000000", "secret": []},
    "day that processes alone tell": {
        "lines": "0 0.5 kp.start target=5120 image=app.exe",
        "edits": "patch buffer=0 offset=0x160 bytes=0000000000000000"
                 "\npatch buffer=0 offset=0x170 bytes=0000000000000000"
                 "\npatch buffer=0 offset=0x78 bytes=0000000000000000"
                 "\npatch buffer=1 offset=0x9c bytes="
                 + struct.pack("<Q", 134170932300000000).hex(), "secret": []},
    "clock that tells the day": {"header": "clock=system ticks=134170932300000000", "secret": []},
}


def check_leak(bufcheck, tracegen, folder, leak):
    parts = {key: leak.get(key, "") for key in ("header", "lines", "more", "edits")}
    path, small = folder / "leak.etl", folder / "leak-small.etl"
    text = folder / "leak.trace"
    text.write_text(leak.get("scene", SCENE).format(**parts))
    made = run(tracegen, text, path)
    if made.returncode != 0:
        yield f"the scene is no trace: {made.stderr.decode()}"
        return
    whole = Whole(bufcheck, path)
    data = whole.data
    for option in OPTIONS:
        yield from check_trace(whole, small, option, leak.get("kept", ()))
        result = small.read_bytes()
        for word in leak.get("secret", []):
            if not found_string(word, data):
                yield f"{word!r} is not even in the scene"
            if found_string(word, result):
                yield f"{option}: {word!r}"
        for word in leak.get("bytes", []):
            if word not in data:
                yield f"{word.hex()} is not even in the scene"
            if word in result:
                yield f"{option}: {word.hex()}"
        everything = option.endswith("all")
        if any(found_day(day, result) for day in SCENE_DAYS):
            yield f"{option}: a time of the day"
        for word in leak.get("kept", []):
            if found_string(word, result) == everything:
                yield f"{option}: {word!r} is {'' if everything else 'not '}in the result"
        for value in [*leak.get("address", []), *(leak.get("user", []) if everything else [])]:
            if not found_number(value, data) or found_number(value, result):
                yield f"{option}: {value:#x}"


# ---- captures ----

def check_capture(bufcheck, anonymise, path, result):
    whole = Whole(bufcheck, path)
    for words in ([], ["all"]):
        result.unlink(missing_ok=True)
        if run(anonymise, path, result, *words).returncode != 0:
            yield "can't be made anonymous"
            return
        try:
            etl_second_reader.Trace(result)
            yield from leaks(whole, result, set(), bool(words))
        except etl_second_reader.Broken:
            pass  # compressed or damaged: the second reader can't tell its secrets


def check_case(bufcheck, tracegen, folder, case):
    """The number of copies, and what is wrong with them."""
    path = folder / "whole.etl"
    if case.parent.name in OWN_LAYOUTS or run(tracegen, case, path).returncode != 0:
        return 0, []
    whole = Whole(bufcheck, path)
    return len(OPTIONS), [text for option in OPTIONS
                          for text in check_trace(whole, folder / "small.etl", option)]


def tasks_of(bufcheck, tracegen, anonymise, cases, example, captures):
    """Name and check of each trace. A check gets a folder of its own, and returns how many traces
    it made, and what is wrong."""
    for case in [*sorted(cases.glob("*/input.trace")), example]:
        yield case.parent.name, lambda folder, case=case: check_case(bufcheck, tracegen, folder, case)
    for name, leak in LEAKS.items():
        yield name, lambda folder, leak=leak: (1, list(check_leak(bufcheck, tracegen, folder, leak)))
    for path in sorted(captures.glob("*.etl")):
        if path.stat().st_size <= CAPTURE_MAX or path.name in CAPTURES_TOO:
            yield path.name, lambda folder, path=path: (
                1, list(check_capture(bufcheck, anonymise, path, folder / "capture.etl")))


TASKS = [] # main() fills it, and the processes that it forks have it, too


def in_own_folder(number):
    name, check = TASKS[number]
    with tempfile.TemporaryDirectory() as folder:
        count, problems = check(pathlib.Path(folder))
    return count, [f"{name}: {text}" for text in problems]


def main():
    paths = [pathlib.Path(word).resolve() for word in sys.argv[1:]]
    TASKS.extend(tasks_of(*paths))
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count(),
                                                multiprocessing.get_context("fork")) as pool:
        results = list(pool.map(in_own_folder, range(len(TASKS))))
    problems = [text for _, texts in results for text in texts]
    count = sum(count for count, _ in results)
    for problem in problems:
        print(problem)
    print(f"{count} traces, {len(problems)} problems")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
