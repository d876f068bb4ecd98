# SPDX-License-Identifier: Apache-2.0
"""The call language: socket calls of a program, laid out as the events that Windows may log.

docs/accuracy.md describes the language for people who write programs in it. A program is lines of
the trace language (docs/trace-language.md), which are passed on, and two more kinds of line:

    PROCESSOR TIME call WHAT [NAME] [done[=BYTES] | would-block] KEY=VALUE...
    PROCESSOR TIME end NAME [done[=BYTES]] KEY=VALUE...

A Variant says what is not known of Windows: how a call that must wait is logged, which address its
end shows, and what stands in the ActivityId.
"""

import dataclasses
import functools
import itertools
import random
import re

ATTEMPTS = ("exit", "no-exit", "pending", "rejected")
ADDRESSES = ("user", "kernel")
ACTIVITIES = ("request", "thread", "none")
WORDS = {*ATTEMPTS, *ADDRESSES, *ACTIVITIES}

CALLS = ("send", "sendto", "sendmsg", "recv", "recvfrom", "recvmsg")
WITH_ADDRESS = {"sendto": "sendto-addr", "sendmsg": "sendmsg-addr",
                "recvfrom": "recvfrom-addr", "recvmsg": "recvmsg-addr"}
KERNEL_BASE = 0xffffe00010000000
KERNEL_STEP = 0x2000
TOKEN = re.compile(r'(?:[^\s"#]|"[^"]*")+')


class BadProgram(Exception):
    """A line that is no line of the call language."""


@dataclasses.dataclass(frozen=True)
class Variant:
    """One way in which Windows may log calls; `str` names it."""
    attempt: str
    address: str
    activity: str

    def __str__(self):
        return f"{self.attempt} {self.address} {self.activity}"

    def words(self):
        """The words that a selector of the truth can ask for."""
        return {self.attempt, self.address, self.activity}


def variants(attempts=ATTEMPTS):
    return [Variant(*words) for words in itertools.product(attempts, ADDRESSES, ACTIVITIES)]


@dataclasses.dataclass
class Call:
    """A call of the program: what it asked for, and the request that it became if it waits."""
    what: str
    keys: dict
    outcome: str  # "done", "would-block" or "waits"
    done: str | None = None
    kernel: int = 0
    request: int = 0

    @functools.cached_property
    def datagram(self):
        return "address" in self.keys or self.keys.get("kw") == "datagram"

    @functools.cached_property
    def sends(self):
        return self.what.startswith("send")

    @functools.cached_property
    def socket(self):
        """Keys of all its events; the two below tell who made it."""
        return self.words("process", "endpoint", "count")

    @functools.cached_property
    def thread(self):
        return self.words("pid", "tid")

    def words(self, *names):
        return "".join(f" {name}={self.keys[name]}" for name in names if name in self.keys)


class Layout:
    """The events of calls in one variant: lists of (microseconds after the first one, text)."""

    def __init__(self, variant):
        self.variant, self.name = variant, str(variant)

    def variant_of(self, call):
        del call
        return self.variant

    def event(self, call, edge, buffer, length, *, fast=False, thread=None, status=None):
        """One Enter or Exit; `thread` replaces who runs, where an end is logged in any thread."""
        addressed = "address" in call.keys and (call.sends or edge == "exit")
        named = WITH_ADDRESS.get(call.what, call.what) if addressed else call.what
        text = f"{named}.{edge} buffer={buffer} len={length}{call.socket}{thread or call.thread}"
        if named.endswith("-addr"):
            text += f" address={call.keys['address']}"
        if fast or call.datagram:
            text += " kw=" + ",".join(["fastpath"] * fast + ["datagram"] * call.datagram)
        if status:
            text += f" status={status}"
        if edge == "enter":
            text += call.words("stack")
        activity = self.activity(call, fast)
        return f"{text} activity={activity}" if activity else text

    def activity(self, call, fast):
        if self.variant.activity == "thread":
            return 0x7000 + int(call.keys.get("tid", "0"), 0)
        return call.request if self.variant.activity == "request" and not fast else 0

    def call(self, call):
        buffer, length = call.keys["buffer"], call.keys["len"]
        if call.outcome == "done":
            return self.finished_at_once(call, buffer, length)
        attempt = self.attempt(call, buffer, length)
        if call.outcome == "would-block":
            return attempt
        at = attempt[-1][0] + 2
        shown = buffer if self.variant.address == "user" else f"{call.kernel:#x}"
        return attempt + [
            (at, self.event(call, "enter", f"{call.kernel:#x}", length)),
            (at + 2, self.event(call, "exit", shown, 0, status="pending"))]

    def finished_at_once(self, call, buffer, length):
        lines = [(0, self.event(call, "enter", buffer, length, fast=True))]
        # The Exit of a datagram's send is optional.
        if not (self.variant.attempt == "no-exit" and call.datagram and call.sends):
            done = call.done if call.done is not None else length
            lines.append((3, self.event(call, "exit", buffer, done, fast=True)))
        return lines

    def attempt(self, call, buffer, length):
        if self.variant.attempt == "rejected":
            return [(0, self.event(call, "enter", buffer, length, fast=True, status="not_ready"))]
        lines = [(0, self.event(call, "enter", buffer, length, fast=True))]
        if self.variant.attempt != "no-exit":
            waits = self.variant.attempt == "pending" and call.outcome == "waits"
            lines.append((3, self.event(call, "exit", buffer, 0, fast=True,
                                        status="pending" if waits else "not_ready")))
        return lines

    def end(self, call, done, keys):
        """The end of a call that waited: logged in whatever thread was running."""
        shown = call.keys["buffer"] if self.variant.address == "user" else f"{call.kernel:#x}"
        thread = f" pid={keys.get('pid', 0)} tid={keys.get('tid', 0)}"
        status = keys.get("status")
        if done is None:
            done = "0" if status else call.keys["len"]
        return [(0, self.event(call, "exit", shown, done, thread=thread, status=status))]


class MixedLayout(Layout):
    """Each call in a variant of its own, but for the ActivityId, which is all calls' alike."""

    def __init__(self, activity):
        super().__init__(None)
        self.name, self.choices = f"mixed {activity}", random.Random(activity)
        self.variants, self.chosen = [v for v in variants() if v.activity == activity], {}

    def variant_of(self, call):
        if id(call) not in self.chosen:
            self.chosen[id(call)] = self.choices.choice(self.variants)
        return self.chosen[id(call)]

    def call(self, call):
        self.variant = self.variant_of(call)
        return super().call(call)

    def end(self, call, done, keys):
        self.variant = self.variant_of(call)
        return super().end(call, done, keys)


class Program:
    """A source in the call language, read once and laid out for each variant."""

    def __init__(self, text):
        self.lines = []  # a text of the trace language, or (processor, time, action)
        self.named, self.defaults, self.requests = {}, {}, 0
        self.kernel = KERNEL_BASE
        for number, line in enumerate(text.splitlines(), 1):
            try:
                self.read(line)
            except (BadProgram, ValueError) as error:
                raise BadProgram(f"line {number}: {error}: {line}") from error
        waiting = [name for name, (_, ended) in self.named.items() if ended is None]
        if waiting:
            raise BadProgram(f"calls without a word about their end: {' '.join(waiting)}")

    def read(self, line):
        words = TOKEN.findall(line)
        if words[:1] == ["default"]:
            self.read_defaults(words[1:])
        elif words == ["begin"]:
            self.forget_events()
            return
        elif words[:1] == ["kernel"]:
            self.kernel = int(words[1], 0)
            return
        elif words[:1] == ["never"]:
            for name in words[1:]:
                self.end_of(name)
            return
        elif len(words) > 3 and words[2] == "call":
            self.lines.append((words[0], words[1], self.read_call(words[3:])))
            return
        elif len(words) > 3 and words[2] == "end":
            self.lines.append((words[0], words[1], self.read_end(words[3:])))
            return
        self.lines.append(line)

    def read_defaults(self, words):
        if not words:
            self.defaults = {}
        self.defaults |= dict(split_key(word) for word in words)

    def forget_events(self):
        """`begin`: the trace begins here, so what came before was not recorded."""
        self.lines = [line for line in self.lines
                      if isinstance(line, str) and not re.match(r"\s*\d", line)]

    def read_call(self, words):
        what, flags, keys = words[0], [], dict(self.defaults)
        if what not in CALLS:
            raise BadProgram(f"'{what}' is no call ({' '.join(CALLS)})")
        call = Call(what, keys, "waits")
        for word in words[1:]:
            key, value = split_key(word)
            if key == "done":
                call.outcome, call.done = "done", value
            elif key == "would-block":
                call.outcome = key
            elif value is None:
                flags.append(key)
            else:
                keys[key] = value
        if "buffer" not in keys or "len" not in keys:
            raise BadProgram("a call needs buffer= and len=")
        if call.outcome == "waits":
            self.wait(call, flags)
        elif flags:
            raise BadProgram("a call that does not wait has no name")
        return call

    def wait(self, call, flags):
        if len(flags) != 1 or flags[0] in self.named:
            raise BadProgram("a call that waits needs one name of its own")
        self.requests += 1
        call.request = 100 + self.requests
        call.kernel = self.kernel + KERNEL_STEP * self.requests
        self.named[flags[0]] = (call, None)

    def end_of(self, name):
        if name not in self.named or self.named[name][1]:
            raise BadProgram(f"there is no call '{name}' that waits")
        call = self.named[name][0]
        self.named[name] = (call, True)
        return call

    def read_end(self, words):
        keys = dict(split_key(word) for word in words[1:])
        return (self.end_of(words[0]), keys.pop("done", None), keys)

    def text(self, variant):
        """The program in the trace language, as Windows logs it in that variant."""
        layout, made = Layout(variant), []
        for line in self.lines:
            if isinstance(line, str):
                made.append(line)
                continue
            processor, time, action = line
            events = layout.call(action) if isinstance(action, Call) else layout.end(*action)
            before = None
            for at, text in events:
                moment = time if before is None else f"+{at - before}us"
                made.append(f"{processor} {moment} {text}")
                before = at
        return "\n".join(made) + "\n"


def split_key(word):
    key, equals, value = word.partition("=")
    return key, value if equals else None
