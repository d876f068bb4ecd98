#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`bufcheck calibrate` on traces made from a probe's log, a hypothesis of what Windows logs each.

    calibrate.py BUFCHECK TRACEGEN ROOT [--update]

testdata/probe/probe.jsonl is a log of afdprobe (under Wine; of repeated reads the first ones). What
Windows would have recorded meanwhile is written here by a hypothesis, in the trace language. Each
hypothesis names the beliefs that it refutes: calibrate must refute these, confirm all others that
its calls exercise, and tell the hypotheses apart; also where events are lost, another process makes
traffic, and the clocks read a little apart.
"""

import collections
import difflib
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    jsonschema = None

PROCESS, OTHER_PROCESS = 0xFFFFA00000001000, 0xFFFFA00000002000
ENDPOINTS, KERNEL_BUFFERS = 0xFFFFB00000000000, 0xFFFFC00000000000
WORKER = {"pid": 4, "tid": 88, "cpu": 1}
WAITED = 100000  # ticks of 100 ns: a blocking call that took longer has waited
DEVICE_NOT_READY, CANCELLED, TIMEOUT, RESET = 0xC00000A3, 0xC0000120, 0xC00000B5, 0xC000020D
WSA_TIMED_OUT = 10060

# A world: what Windows does, by our beliefs.
BELIEVED = dict(
    attempts=True, attempt_exit="error", attempt_address="user", request_address="kernel",
    end_address="request", activity="request", end_late=False, fast_pends=False, caller=True,
    create_pid=True, copies="marked", chained="total", end_length="bytes", cancelled_end=True,
    closed_end=True, reset_end=True, timed_out_end=True, refused="exit", rio="silent",
    lost=0, traffic=False, noise=0)

# Name: what differs from BELIEVED, the beliefs that are refuted by it, whether the address of
# pending receives is seen, and whether all defects are found.
HYPOTHESES = {
    "as-believed": ({}, [], "yes", True),
    "attempt-without-exit": ({"attempt_exit": None}, ["attempt-leaves-exit"], "yes", False),
    "no-attempts": ({"attempts": False}, [], "no", False),
    "user-addresses-off-the-fast-path": (
        {"attempts": False, "request_address": "user"}, ["request-shows-kernel-address"], "yes",
        True),
    "ends-show-the-program's-address": ({"end_address": "user"}, ["end-shows-request-address"],
                                        "yes", True),
    "ends-show-another-address": ({"end_address": "other"}, ["end-shows-request-address"], "yes",
                                  None),
    "activity-of-the-endpoint": ({"activity": "endpoint"}, ["activity-is-request"], "yes", True),
    "no-activity": ({"activity": "none"}, ["activity-is-request"], "yes", True),
    "activity-of-the-thread": ({"activity": "thread"}, ["activity-is-request"], None, None),
    "ends-come-late": ({"end_late": True}, ["end-before-notice"], "yes", None),
    "fast-path-pends": ({"fast_pends": True}, ["fast-path-never-pends"], "yes", None),
    "creations-name-nobody": ({"create_pid": False}, ["create-names-process"], "yes", True),
    "copies-without-their-mark": ({"copies": "unmarked"}, ["copies-are-marked"], "yes", None),
    "several-buffers-show-one": ({"chained": "first"}, ["first-buffer-all-bytes"], "yes", True),
    "ends-show-the-capacity": ({"end_length": "capacity"}, ["end-length-is-bytes"], "yes", True),
    "cancelled-without-end": ({"cancelled_end": False}, ["cancelled-leaves-end"], "yes", True),
    "closed-without-end": ({"closed_end": False}, ["closed-leaves-end"], "yes", None),
    "reset-without-end": ({"reset_end": False}, ["reset-leaves-end"], "yes", True),
    "timed-out-without-end": ({"timed_out_end": False}, ["timed-out-leaves-end"], "yes", True),
    "registered-io-logs-posts": ({"rio": "posts"}, ["registered-io-is-silent"], "yes", True),
    "kernel-addresses-in-attempts": ({"attempt_address": "kernel"},
                                     ["attempt-shows-user-address"], "no", False),
}


def sends(api):
    return "end" in api or api in ("ConnectEx", "TransmitFile")


class World:
    """The events of one hypothesis, in the order in which they are made; text() sorts them."""

    def __init__(self, log, differs, seed):
        self.is_ = dict(BELIEVED, **differs)
        self.random = random.Random(seed)
        self.log = log
        self.pid = log[0]["pid"]
        self.events, self.requests, self.shift = [], 0, 0
        self.ends = {line["call"]: line for line in log if line["type"] == "completion"}
        self.cancels = {line["call"] for line in log if line["type"] == "cancel"}
        self.closed = {}
        for line in log:
            if line["type"] == "socket" and line["what"] == "closesocket":
                self.closed.setdefault(line["socket"], int(line["before"]))

    def endpoint(self, socket):
        return ENDPOINTS + socket * 0x100

    def event(self, ticks, what, where, **keys):
        self.events.append((ticks + self.shift, len(self.events), where, what, keys))

    def caller(self, tid):
        return {"pid": self.pid, "tid": tid, "cpu": 0}

    def poster(self, call):
        """The thread in which a call's posts stand."""
        elsewhere = call["api"] == "WSARecv" and not self.is_["caller"]
        return WORKER if elsewhere else self.caller(call["tid"])

    def socket(self, line):
        before, where = int(line["before"]), self.caller(line["tid"])
        endpoint = self.endpoint(line["socket"])
        if line["error"] != 0:
            return
        if line["what"] in ("socket", "accept"):
            owner = self.pid if self.is_["create_pid"] else 0
            for name in ("enter", "exit"):
                self.event(before + 1, f"create.{name}", where, endpoint=endpoint, owner=owner,
                           family=2, type=1, protocol=6)
        elif line["what"] == "closesocket":
            self.event(before + 1, "close.enter", where, endpoint=endpoint)
            self.event(before + 2, "cleanup.enter", where, endpoint=endpoint)

    def name(self, api):
        return {"AcceptEx": "acceptex", "ConnectEx": "connectex", "WSASend": "send",
                "WSARecv": "recv", "WSASendTo": "sendto", "WSARecvFrom": "recvfrom",
                "WSASendMsg": "sendmsg", "WSARecvMsg": "recvmsg"}.get(api, api)

    def activity(self, call, endpoint):
        kind = self.is_["activity"]
        self.requests += 1
        return {"request": self.requests + 1000, "endpoint": endpoint, "thread": call["tid"],
                "none": 0}[kind]

    def call(self, call):
        api = call["api"]
        if api == "TransmitFile" or (api.startswith("RIO") and self.is_["rio"] == "silent"):
            return
        waited = call["pending"] or int(call["after"]) - int(call["before"]) > WAITED
        keys = dict(endpoint=self.endpoint(call["socket"]), count=len(call["buffers"]),
                    buffer=int(call["buffers"][0]["address"], 16),
                    len=sum(buffer["length"] for buffer in call["buffers"]))
        if len(call["buffers"]) > 1 and self.is_["chained"] == "first":
            keys["len"] = call["buffers"][0]["length"]
        name = "recv" if api.startswith("RIO") else self.name(api)
        if name in ("acceptex", "connectex"):
            del keys["count"]
        tries = not api.startswith("RIO") and name in ("send", "recv", "sendto", "recvfrom") and self.is_["attempts"]
        at = int(call["before"])
        if tries:
            at = self.attempt(call, name, keys, waited, at)
        if not tries or waited:
            if not (tries and self.is_["fast_pends"]):
                self.request(call, name, keys, at)

    def attempt(self, call, name, keys, waited, at):
        """The call on the fast path: ended there, or given up for a request."""
        where, keys = self.poster(call), dict(keys)
        if self.is_["attempt_address"] == "kernel":
            keys["buffer"] = KERNEL_BUFFERS + 0x800000 + call["call"] * 0x1000
        self.event(at + 1, f"{name}.enter", where, kw="fastpath", **keys)
        ended = dict(keys)
        if not waited and call["error"] == 0:
            if self.is_["end_length"] == "bytes":
                ended["len"] = call["bytes"]
            self.event(at + 3, f"{name}.exit", where, kw="fastpath", **ended)
        elif waited and self.is_["fast_pends"]:
            self.finish(call, name, keys, {"kw": "fastpath"})
        elif not waited or self.is_["attempt_exit"] == "error":
            self.event(at + 2, f"{name}.exit", where, kw="fastpath", status=DEVICE_NOT_READY,
                       **dict(keys, len=0))
        return at + 3

    def request(self, call, name, keys, at):
        where, keys = self.poster(call), dict(keys)
        if self.is_["request_address"] == "kernel" and keys["len"]:
            keys["buffer"] = KERNEL_BUFFERS + call["call"] * 0x1000
        keys["activity"] = self.activity(call, keys["endpoint"])
        self.event(at + 1, f"{name}.enter", where, **keys)
        if sends(call["api"]) and name != "connectex":
            marked = {"kw": "buffered"} if self.is_["copies"] == "marked" else {}
            copied = dict(keys, buffer=KERNEL_BUFFERS + 0x400000 + call["call"] * 0x1000, **marked)
            self.event(at + 2, f"{name}.enter", where, **copied)
            self.event(at + 2, f"{name}.exit", where, **copied)
        self.finish(call, name, keys, {})

    def missing(self, call):
        """True where this world leaves no end of the call."""
        if call["call"] in self.cancels:
            return not self.is_["cancelled_end"]
        end = self.ends.get(call["call"])
        failed = call["error"] != 0 or (end is not None and end["error"] != 0)
        if not failed:
            return False
        if self.closed.get(call["socket"], 1 << 62) < int(end["at"] if end else call["after"]):
            return not self.is_["closed_end"]
        if call["error"] == WSA_TIMED_OUT:
            return not self.is_["timed_out_end"]
        return not self.is_["reset_end"]

    def finish(self, call, name, keys, more):
        """The end of what went on behind the call."""
        if self.missing(call):
            return
        end = self.ends.get(call["call"]) if call["pending"] else None
        at = int(end["at"]) if end else int(call["after"])
        at = at + 200 if self.is_["end_late"] else max(at - 100, int(call["before"]) + 6)
        keys, status = dict(keys), 0
        error = end["error"] if end else call["error"]
        if error != 0:
            status = {WSA_TIMED_OUT: TIMEOUT, 10054: RESET}.get(error, CANCELLED)
        moved = end["bytes"] if end else call["bytes"] or 0
        if self.is_["end_length"] == "bytes":
            keys["len"] = moved
        keys["buffer"] = {
            "request": keys["buffer"], "user": int(call["buffers"][0]["address"], 16),
            "other": KERNEL_BUFFERS + 0x900000 + call["call"] * 0x1000}[self.is_["end_address"]]
        if name in ("acceptex", "connectex"):
            keys.pop("buffer"), keys.pop("len")
        where = self.caller(call["tid"]) if more else WORKER
        self.event(at, f"{name}.exit", where, status=status, **keys, **more)

    def traffic(self):
        """Another process that sends and receives all the time."""
        first, last = int(self.log[0]["start"]), int(self.log[-1]["at"])
        for number, at in enumerate(range(first, last, 40000)):
            where = {"pid": 777, "tid": 778, "cpu": 2}
            keys = dict(process=OTHER_PROCESS, endpoint=0xFFFFB10000000000, len=512, kw="fastpath",
                        buffer=0x20000000 + number % 64 * 0x1000)
            self.event(at, "send.enter", where, **keys)
            self.event(at + 50, "send.exit", where, **keys)

    def text(self):
        noise = self.is_["noise"]
        for line in self.log:
            self.shift = self.random.randint(-noise, noise)
            if line["type"] == "socket":
                self.socket(line)
            elif line["type"] == "call":
                self.call(line)
        if self.is_["traffic"]:
            self.traffic()
        events = sorted(self.events)
        if self.is_["lost"]:
            events = [event for event in events if self.random.random() > self.is_["lost"]]
        start = int(self.log[0]["start"]) - 10000
        yield (f"trace processors=3 build=20348 frequency={self.log[0]['frequency']} ticks={start} "
               f"buffer-size=65536 events-lost={len(self.events) - len(events)}")
        for ticks, _, where, what, keys in events:
            keys = {"process": PROCESS, **keys, "pid": where["pid"], "tid": where["tid"]}
            words = " ".join(f"{key}={value}" for key, value in keys.items())
            yield f"{where['cpu']} t={ticks} {what} {words}"


class Tools:
    def __init__(self, bufcheck, tracegen, folder):
        self.bufcheck, self.tracegen, self.folder = bufcheck, tracegen, folder

    def make(self, text):
        source, made = self.folder / "made.trace", self.folder / "made.etl"
        source.write_text(text)
        subprocess.run([self.tracegen, source, made], check=True)
        return made

    def calibrate(self, trace, log, *words):
        return subprocess.run([self.bufcheck, "calibrate", *words, trace, log],
                              capture_output=True, timeout=300)


def verdicts(report):
    return {belief["name"]: belief["verdict"] for belief in report["beliefs"]}


def check_report(report, differs, refuted, visible, all_found):
    seen = verdicts(report)
    for name in refuted:
        if seen[name] != "refuted":
            yield f"{name} is {seen[name]}"
    if differs.get("lost") or differs.get("noise"):
        return
    for name, verdict in seen.items():
        if verdict == "refuted" and name not in refuted:
            yield f"{name} is refuted, too"
    words = {"yes": "receives: yes", "no": "receives: no"}
    if visible and words[visible] not in report["answer"]:
        yield f"the answer is: {report['answer']}"
    defects = [defect for scenario in report["scenarios"] for defect in scenario["defects"]]
    if not defects or (all_found is not None and
                       all(defect["found"] for defect in defects) != all_found):
        yield f"defects found: {[(d['rule'], d['found']) for d in defects]}"
    if report["exit"] != (1 if refuted else 0):
        yield f"exit status {report['exit']}"
    if not differs and report["false_conflicts"] != 0:
        yield f"{report['false_conflicts']} conflicts where there is no defect"


def way(report):
    """How calls showed: the kinds of addresses and ActivityIds, and by what ends were told."""
    count = collections.Counter()
    for scenario in report["scenarios"]:
        for call in scenario["calls"]:
            kinds = [(part["address_kind"], part["activity_kind"]) if part else None
                     for part in (call["attempt"], call["request"], call["end"])]
            count[repr((kinds, call["attempt_exit"] is None, call["end_by"]))] += 1
    return tuple(sorted(count.items()))


def with_registered_io(log):
    """The log as if Windows had registered I/O, which Wine lacks."""
    made = []
    for line in log:
        if line["type"] == "scenario_end" and line["scenario"] == "registered-io":
            at, step = int(line["at"]), next(part for part in reversed(made)
                                             if part["type"] == "socket")
            call = {"type": "call", "scenario": "registered-io", "tid": line["tid"], "call": 9001,
                    "api": "RIOReceive", "notice": "blocking", "socket": step["socket"],
                    "buffers": [{"address": "0x7700000", "length": 4096}],
                    "before": str(at - 900), "after": str(at - 500), "pending": True, "error": 0,
                    "bytes": None, "peer": None}
            end = {"type": "completion", "scenario": "registered-io", "tid": line["tid"],
                   "call": 9001, "at": str(at - 10), "how": "queue", "error": 0, "status": "0x0",
                   "bytes": 64}
            made += [call, end]
            line = dict(line, outcome="done", reason="")
        made.append(line)
    return made


def check_hypotheses(tools, log_path, log, schema):
    rows = {}
    for name, (differs, refuted, visible, all_found) in HYPOTHESES.items():
        result = tools.calibrate(tools.make("\n".join(World(log, differs, 1).text()) + "\n"),
                                 log_path, "-f", "json")
        if result.returncode not in (0, 1) or result.stderr:
            yield f"{name}: exit status {result.returncode}: {result.stderr.decode()}"
            continue
        report = json.loads(result.stdout)
        problems = list(check_report(report, differs, refuted, visible, all_found))
        yield from (f"{name}: {problem}" for problem in problems)
        if schema is not None:
            yield from (f"{name}: {error.json_path}: {error.message}"
                        for error in schema.iter_errors(report))
        rows[name] = tuple(sorted(verdicts(report).items())), report["answer"], way(report)
    for name, row in rows.items():
        same = [other for other in rows if other > name and rows[other] == row]
        if same:
            yield f"{name} can't be told from {same}"


def check_posts_elsewhere(tools, log_path, log):
    """Posts of overlapped receives in another thread than their caller's refute one belief. What
    such calls did can't be lined up, so that this is no world for the rest."""
    trace = tools.make("\n".join(World(log, {"caller": False}, 1).text()) + "\n")
    report = json.loads(tools.calibrate(trace, log_path, "-f", "json").stdout)
    yield from (f"posts in another thread: {problem}" for problem in
                check_report(report, {"caller": False}, ["enter-names-caller"], None, None))


def check_disturbed(tools, log_path, log):
    """The same under loss, traffic and clocks that read apart: what is refuted stays so."""
    for more in ({"traffic": True}, {"noise": 40}, {"lost": 0.02, "traffic": True, "noise": 20}):
        for name in ("as-believed", "attempt-without-exit", "ends-show-the-program's-address",
                     "activity-of-the-endpoint", "several-buffers-show-one",
                     "ends-show-the-capacity", "user-addresses-off-the-fast-path"):
            differs, refuted, _, _ = HYPOTHESES[name]
            made = dict(differs, **more)
            result = tools.calibrate(tools.make("\n".join(World(log, made, 2).text()) + "\n"),
                                     log_path, "-f", "json")
            if result.returncode not in (0, 1):
                yield f"{name} {more}: exit status {result.returncode}: {result.stderr.decode()}"
                continue
            report = json.loads(result.stdout)
            for belief in refuted:
                if verdicts(report)[belief] != "refuted":
                    yield f"{name} {more}: {belief} is {verdicts(report)[belief]}"
            unsound = [belief for belief, verdict in verdicts(report).items()
                       if verdict == "refuted" and belief not in refuted]
            if unsound:
                yield f"{name} {more}: {unsound} refuted, too"


def check_nothing(tools, log_path, log):
    """Files that can't be lined up are told so, with exit status 3."""
    text = "\n".join(World(log, {}, 1).text()) + "\n"
    cases = {
        "another clock": (text.replace("trace ", "trace clock=system ", 1), "performance counter"),
        "another frequency": (text.replace("frequency=10000000", "frequency=3000000", 1),
                              "3000000"),
        "another process": ("trace processors=1\n0 1.0 send.enter process=1 endpoint=2 buffer=4096 "
                            "len=8 pid=9 tid=9\n", "probe's process"),
        "a creation alone": (f"trace processors=1\n0 1.0 create.enter process=0x1000 endpoint=0x2000 "
                             f"owner={log[0]['pid']} pid=9 tid=9\n", "No call of the probe"),
    }
    for name, (trace, word) in cases.items():
        result = tools.calibrate(tools.make(trace), log_path)
        if result.returncode != 3 or word not in result.stdout.decode().replace("\n", " "):
            yield f"{name}: exit status {result.returncode}: {result.stdout.decode()}"
    broken = tools.folder / "broken.jsonl"
    lines = log_path.read_text().splitlines(keepends=True)
    for name, content, word in (("cut", "".join(lines[:5])[:-20], "line 5"),
                                ("no log", '{"a": 1}\n', "line 1"),
                                ("empty", "", "empty"),
                                ("no JSON", "".join(lines[:3]) + "nonsense\n", "line 4"),
                                ("late", lines[0].replace('"start": "', '"start": "9999999'),
                                 str((2**63 - 1) // 4)),
                                ("other call", lines[0] + '{"type": "completion", "call": 9}\n',
                                 "line 2")):
        broken.write_text(content)
        result = tools.calibrate(tools.folder / "made.etl", broken)
        if result.returncode != 2 or word not in result.stderr.decode():
            yield f"{name}: exit status {result.returncode}: {result.stderr.decode()}"
    broken.write_bytes((tools.folder / "made.etl").read_bytes()[:100])
    for name, trace, word in (("a trace that is cut", broken, "100 bytes"),
                              ("no trace", log_path, "not a trace file")):
        result = tools.calibrate(trace, log_path)
        if result.returncode != 2 or result.stdout or word not in result.stderr.decode():
            yield f"{name}: exit status {result.returncode}: {result.stdout}, {result.stderr}"


def check_text(tools, log_path, log):
    trace = tools.make("\n".join(World(log, {}, 1).text()) + "\n")
    text = tools.calibrate(trace, log_path).stdout.decode()
    for word in ("pending receives: yes", "defect-double-receive", "Beliefs", "not exercised",
                 "registered-io", "unavailable"):
        if word not in " ".join(text.split()):
            yield f"the text does not say '{word}':\n{text}"
    if any(len(line) > 100 for line in text.splitlines()):
        yield "the text has lines of over 100 columns"


SPACES = {"none": "no memory", "user": "a user address", "kernel": "a kernel address"}


def status_words(part):
    return f", status {part['status']}" if int(part["status"], 16) else ""


def end_words(call):
    by = set(call["end_by"])
    also = "activity" in by
    if "endpoint" in by:
        return "no address"
    if "request-address" in by:
        return "the same address and ActivityId" if also else "the same address"
    if "user-address" in by:
        return "the program's address" + (" and the same ActivityId" if also else "")
    return "another address and the same ActivityId"


def event_words(call):
    """The text about a call's events, from what the JSON says."""
    attempt, leave, request, end = (
        call[key] for key in ("attempt", "attempt_exit", "request", "end"))
    words = []
    if attempt:
        words.append(f"fast path with {SPACES[attempt['address_kind']]}, " +
                     (f"Exit{status_words(leave)}" if leave else "no Exit"))
    if request:
        words.append(f"{'then ' if attempt else ''}a request with "
                     f"{SPACES[request['address_kind']]}, " +
                     (f"end with {end_words(call)}{status_words(end)}" if end else "no end"))
    return "; ".join(words) or "not in the trace"


def scenario_words(scenario, waits):
    """The line of a scenario, which shows the events of its first call that does not block."""
    if scenario["outcome"] != "done":
        return f"{scenario['name']} {scenario['outcome'] or 'not finished'}: {scenario['reason']}"
    calls, defects = scenario["calls"], scenario["defects"]
    count = scenario["operations"]
    words = (f"{scenario['name']} {scenario['calls_found']} of {len(calls)} "
             f"call{'' if len(calls) == 1 else 's'} seen, {count} "
             f"operation{'' if count == 1 else 's'}, {scenario['matched']} with an end.")
    if defects:
        words += f" Defects found: {sum(d['found'] for d in defects)} of {len(defects)}."
    if calls:
        shown = next((call for call in calls if call["call"] in waits), calls[-1])
        words += f" {shown['api']}: {event_words(shown)}"
    return words


def call_words(call):
    words = f"{call['call']} {call['api']} {event_words(call)}"
    return words if call["op"] is None else f"{words}; operation {call['op']} {call['op_end']}"


def record_words(label, records):
    return f" {label}: " + ", ".join(f"offset {record['offset']} (call {record['call'] or 0})"
                                     for record in records) if records else ""


def belief_words(belief, in_full):
    words = f"{belief['verdict']} {belief['text']}"
    if belief["verdict"] != "not exercised":
        words += f" ({belief['for']} for, {belief['against']} against)"
    if belief["against"]:
        return words + record_words("Against", belief["records_against"])
    return words + (record_words("For", belief["records_for"]) if in_full else "")


def text_of_report(report, waits, in_full):
    """The pieces of the text, in its words, that the JSON asks for. The text in a ticket's folder
    is one in full, with each call."""
    found = sum(d["found"] for s in report["scenarios"] for d in s["defects"])
    count = sum(len(s["defects"]) for s in report["scenarios"])
    lined = report["lined_up"]
    yield report["answer"]
    yield f"Defects: {found} of {count} found, {report['false_conflicts']} conflicts"
    yield (f"{lined['calls_found']} of its {lined['calls']} calls and "
           f"{lined['sockets_found']} of its {lined['sockets']} sockets")
    for scenario in report["scenarios"]:
        calls = scenario["calls"] if in_full and scenario["outcome"] == "done" else []
        yield " ".join([scenario_words(scenario, waits), *map(call_words, calls)])
    for belief in report["beliefs"]:
        yield belief_words(belief, in_full)
    for row in report["events"]:
        yield (f"{row['verdict']} {row['id']} {row['name']}: {row['explained']} events are "
               f"explained by a call, {row['unexplained']} are not")


def check_text_agrees(tools, log_path, log):
    """The text says in its words what the JSON says."""
    waits = {line["call"] for line in log
             if line["type"] == "call" and line["notice"] != "blocking"}
    for name, more in (("as-believed", {}), ("attempt-without-exit", {}),
                       ("ends-show-the-program's-address", {}),
                       ("ends-show-another-address", {"activity": "none"}),
                       ("kernel-addresses-in-attempts", {}), ("no-activity", {"lost": 0.3})):
        trace = tools.make("\n".join(World(log, dict(HYPOTHESES[name][0], **more), 1).text()) + "\n")
        report = json.loads(tools.calibrate(trace, log_path, "-f", "json").stdout)
        folder = tools.folder / f"text of {name}"
        tools.calibrate(trace, log_path, "-o", folder)
        for text, in_full in ((tools.calibrate(trace, log_path).stdout.decode(), False),
                              ((folder / "calibrate.txt").read_text(), True)):
            text = " ".join(text.split())
            if report["trace"]["lost"] != ("Events were lost: a belief" in text):
                yield f"{name}: the text is wrong about events that were lost"
            yield from (f"{name}, in full {in_full}: the text does not say '{words}'"
                        for words in text_of_report(report, waits, in_full)
                        if " ".join(words.split()) not in text)


TO_THE_LETTER = (("as-believed", {}), ("attempt-without-exit", {}),
                 ("no-activity", {"lost": 0.3}), ("kernel-addresses-in-attempts", {}))


def check_to_the_letter(tools, log_path, log, kept, update):
    """The result in full is that of testdata/probe, which --update writes anew: read the diff."""
    for name, more in TO_THE_LETTER:
        world = World(log, dict(HYPOTHESES[name][0], **more), 1)
        trace = tools.make("\n".join(world.text()) + "\n")
        folder = tools.folder / f"letters of {name}"
        tools.calibrate(trace, log_path, "-o", folder)
        text = (folder / "calibrate.txt").read_text(encoding="utf-8")
        path = kept / f"{name}.txt"
        if update:
            path.write_text(text, encoding="utf-8")
        elif text != path.read_text(encoding="utf-8"):
            diff = difflib.unified_diff(path.read_text(encoding="utf-8").splitlines(),
                                        text.splitlines(), str(path), "is", lineterm="", n=1)
            yield "\n".join(list(diff)[:40])


def check_text_colors(tools, log_path, log):
    """Red is what is refuted, and a scenario with a defect that was not found."""
    made = World(log, HYPOTHESES["attempt-without-exit"][0], 1)
    trace = tools.make("\n".join(made.text()) + "\n")
    report = json.loads(tools.calibrate(trace, log_path, "-f", "json").stdout)
    text = tools.calibrate(trace, log_path, "--color", "always").stdout.decode()
    red = re.findall(r"^  \x1b\[1;31m([^\x1b]*)", text, re.M)
    wanted = [scenario["name"] for scenario in report["scenarios"]
              if any(not defect["found"] for defect in scenario["defects"])] + \
        ["refuted"] * sum(row["verdict"] == "refuted"
                          for row in report["beliefs"] + report["events"])
    if red != wanted or "refuted" not in red:
        yield f"red are {red}, and not {wanted}"


def scenario_of(report, name):
    found = [scenario for scenario in report["scenarios"] if scenario["name"] == name]
    return re.sub(r'"(offset|buffer|op|second_op)": ?("0x[0-9a-f]*"|\d+)', "", json.dumps(found))


def trace_names(report):
    """Names of the traces that a folder gets: none of a scenario that could not run."""
    return [f"{number:02}-{re.sub('[^a-z0-9]', '-', scenario['name'])}.etl"
            for number, scenario in enumerate(report["scenarios"], 1)
            if scenario["outcome"] != "unavailable"]


def check_folder_names(tools, log_path, log):
    """A name of the log becomes a file's by its small letters, digits and hyphens alone."""
    name = "az09-AZ/.:`{_ \u00e4"
    odd = [dict(line, scenario=name) if line["scenario"] == "tcp-blocking" else line
           for line in log]
    odd_path = tools.folder / "odd.jsonl"
    odd_path.write_text("".join(json.dumps(line) + "\n" for line in odd))
    trace = tools.make("\n".join(World(odd, {}, 1).text()) + "\n")
    folder = tools.folder / "odd names"
    folder.mkdir()
    result = tools.calibrate(trace, odd_path, "-o", folder)
    if result.returncode == 2 or not (folder / f"01-az09{'-' * 12}.etl").exists():
        yield f"{sorted(path.name for path in folder.iterdir())}, {result.stderr.decode()}"
    result = tools.calibrate(trace, log_path, "-o", "x" * 4200)
    if result.returncode != 2 or \
            result.stderr.decode() != f"bufcheck: the folder's name is too long: {'x' * 60}...\n":
        yield f"a folder with a long name: {result.stderr.decode()[:200]}"


def check_folder(tools, log_path, log):
    """`-o`: what a ticket needs, which lines up with the log as the whole trace does, without the
    traffic of others and without kernel addresses."""
    trace = tools.make("\n".join(World(log, {"traffic": True}, 1).text()) + "\n")
    folder = tools.folder / "ticket"
    whole = json.loads(tools.calibrate(trace, log_path, "-f", "json").stdout)
    result = tools.calibrate(trace, log_path, "-o", folder)
    names = sorted(path.name for path in folder.iterdir())
    traces = [name for name in names if name.endswith(".etl")]
    wanted = trace_names(whole)
    if traces != wanted:
        yield f"the traces are {traces}, and not {wanted}"
    if result.stderr.decode() != f"bufcheck: {folder}: the log, the result, and the trace cut to " \
                                 f"{len(wanted)} scenarios\n":
        yield f"-o says {result.stderr.decode()}"
    if result.returncode != whole["exit"] or len(traces) < 20 or \
            [name for name in names if name not in traces] != ["calibrate.json", "calibrate.txt",
                                                               "probe.jsonl"]:
        yield f"exit status {result.returncode}, {names}, {result.stderr.decode()}"
        return
    if str(tools.folder) in (folder / "calibrate.json").read_text() + \
            (folder / "calibrate.txt").read_text():
        yield "the result names a folder of this machine"
    if (folder / "probe.jsonl").read_bytes() != log_path.read_bytes():
        yield "the log is another one"
    for name in traces:
        scenario = name[3:-4]
        small = json.loads(tools.calibrate(folder / name, log_path, "-f", "json").stdout)
        if scenario_of(small, scenario) != scenario_of(whole, scenario):
            yield f"{name} does not show what the whole trace shows of that scenario"
        data = (folder / name).read_bytes()
        for address in (PROCESS, OTHER_PROCESS, *(ENDPOINTS + 0x100 * at for at in range(200))):
            if address.to_bytes(8, "little") in data:
                yield f"{name} holds {address:#x}"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "probe.jsonl").write_text("mine")
    if tools.calibrate(trace, log_path, "-o", folder).returncode != 2 or \
            (folder / "probe.jsonl").read_text() != "mine":
        yield "a folder that is not empty is written to"
    if tools.calibrate(trace, log_path, "-o", folder, "--force").returncode != whole["exit"] or \
            before != {path.name: path.read_bytes() for path in folder.iterdir()}:
        yield "--force does not write the same once more"
    for path in (tools.folder / "no/where", log_path):
        if tools.calibrate(trace, log_path, "-o", path).returncode != 2:
            yield f"{path} is no folder that can be made, and yet no error"
    yield from check_full_disk(tools, trace, log_path, before)


def check_full_disk(tools, trace, log_path, files):
    """The result and the log find room, and not every trace."""
    full = tools.folder / "full"
    full.mkdir()
    pages = sum(len(text) // 4096 + 1 for name, text in files.items() if not name.endswith(".etl"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={4 * pages + 16}k", "tmpfs", full],
                      capture_output=True).returncode != 0:
        print("NOT CHECKED with a full disk: mounting needs rights")
        return
    try:
        result = tools.calibrate(trace, log_path, "-o", full)
        said = result.stderr.decode()
        if result.returncode != 2 or not (full / "probe.jsonl").exists() or \
                not re.fullmatch(f"bufcheck: {full}/[a-z0-9-]+.etl: can't write: No space left on "
                                 "device\n", said):
            yield f"a full disk: exit status {result.returncode}, {said}"
    finally:
        subprocess.run(["umount", full], check=True)


def check_folder_refusals(tools, log_path, log):
    """With --force, too: no link of the folder is followed, no input written over, no trace of
    another run left among the new ones. Nothing is written where one name is refused."""
    trace = tools.make("\n".join(World(log, {}, 1).text()) + "\n")
    folder, victim = tools.folder / "refused", tools.folder / "victim.txt"
    own_log = folder / "probe.jsonl"
    folder.mkdir()
    victim.write_text("mine")

    def refused(name, log_file, *words):
        result = tools.calibrate(trace, log_file, "-o", folder, "--force")
        said = result.stderr.decode()
        if result.returncode != 2 or [word for word in words if word not in said] or \
                (folder / "calibrate.txt").exists() and name != "a link":
            yield f"{name}: exit status {result.returncode}, {said}"

    for target in (victim, tools.folder / "new.txt"):
        (folder / "calibrate.txt").symlink_to(target)
        yield from refused("a link", log_path, "calibrate.txt", "link")
        (folder / "calibrate.txt").unlink()
    if victim.read_text() != "mine" or (tools.folder / "new.txt").exists():
        yield "a link of the folder was followed"
    (folder / "01-of-another-run.etl").write_text("old")
    yield from refused("a trace of another run", log_path, "01-of-another-run.etl")
    (folder / "01-of-another-run.etl").rename(folder / "1234-far.ETL.txt")  # no such name
    scenarios = [line for line in log if line["type"] == "scenario_end"]
    unavailable = [f"{number:02}-{line['scenario']}.etl" for number, line in enumerate(scenarios, 1)
                   if line["outcome"] == "unavailable"]
    for name in (f"{len(scenarios) + 1:02}-x.etl", "999999999-x.etl", "01-x.etl", "01-.etl",
                 *unavailable):
        (folder / name).write_text("old")
        yield from refused("a trace of another run", log_path, name, "is of another run")
        (folder / name).unlink()
    for name in ("1-x.etl", "00-x.etl", "01x.etl", "01.etl", "01-x.txt", "x-01.etl",
                 "1234567890-x.etl"):
        (folder / name).write_text("mine")
    for name in ("calibrate.json", "calibrate.txt", "01-tcp-blocking.etl"):
        (folder / name).mkdir()
        yield from refused("no file" if name != "calibrate.txt" else "a link", log_path, name,
                           "no file")
        (folder / name).rmdir()
    own_trace = folder / "01-tcp-blocking.etl"
    own_trace.write_bytes(trace.read_bytes())
    whole_trace, trace = trace, own_trace
    yield from refused("an input", log_path, "01-tcp-blocking.etl", "input")
    trace = whole_trace
    own_trace.unlink()
    own_log.write_bytes(log_path.read_bytes())
    yield from refused("an input", own_log, "probe.jsonl", "input")
    result = tools.calibrate(trace, log_path, "-o", folder, "--force")
    traces = len(list(folder.glob("[0-9][0-9]-[a-z]*.etl"))) - 1  # and one that is no trace
    if result.returncode not in (0, 1) or f" {traces} scenarios" not in result.stderr.decode():
        yield f"{traces} traces are written, and it says {result.stderr.decode()}"


def check_beliefs(tools, root):
    """Both tables are printed, each row with its source, in every format."""
    def events(*words):
        return subprocess.run([tools.bufcheck, "events", "--beliefs", *words], capture_output=True)
    lines = [json.loads(line) for line in events().stdout.splitlines()]
    kinds = collections.Counter(line["type"] for line in lines)
    if kinds["schema"] != 1 or kinds["event_belief"] != 96 or kinds["belief"] < 15:
        yield f"events --beliefs prints {dict(kinds)}"
    if any(not line["source"] for line in lines[1:]):
        yield "a belief has no source"
    for form in ("text", "csv"):
        text = events("-f", form).stdout.decode()
        missing = [line["name"] for line in lines[1:] if line["name"] not in text]
        if missing:
            yield f"events --beliefs -f {form} leaves out {missing}"
    if events("some.etl").returncode != 2:
        yield "events --beliefs takes a file"
    if jsonschema:
        schema = json.loads((root / "docs/schema/events-2.schema.json").read_text())
        validator = jsonschema.Draft202012Validator(schema)
        for line in lines:
            yield from (f"beliefs: {error.message}" for error in validator.iter_errors(line))


def main():
    words = [word for word in sys.argv[1:] if word != "--update"]
    bufcheck, tracegen, root = (pathlib.Path(word).resolve() for word in words)
    log_path = root / "testdata/probe/probe.jsonl"
    log = [json.loads(line) for line in log_path.read_text().splitlines()]
    schema = None
    if jsonschema:
        schema = jsonschema.Draft202012Validator(
            json.loads((root / "docs/schema/calibrate-1.schema.json").read_text()))
    else:
        print("NOT CHECKED: the JSON against its schema; Python's jsonschema is not there")
    with tempfile.TemporaryDirectory() as name:
        tools = Tools(bufcheck, tracegen, pathlib.Path(name))
        full, full_path = with_registered_io(log), tools.folder / "full.jsonl"
        full_path.write_text("".join(json.dumps(line) + "\n" for line in full))
        problems = [*check_hypotheses(tools, full_path, full, schema),
                    *check_disturbed(tools, full_path, full), *check_nothing(tools, log_path, log),
                    *check_text(tools, log_path, log), *check_beliefs(tools, root),
                    *check_text_agrees(tools, log_path, log),
                    *check_text_colors(tools, log_path, log),
                    *check_to_the_letter(tools, log_path, log, log_path.parent,
                                         "--update" in sys.argv),
                    *check_posts_elsewhere(tools, log_path, log),
                    *check_folder(tools, log_path, log),
                    *check_folder_names(tools, log_path, log),
                    *check_folder_refusals(tools, log_path, log)]
    for problem in problems:
        print(problem)
    print(f"{len(HYPOTHESES)} hypotheses, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
