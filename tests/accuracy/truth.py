# SPDX-License-Identifier: Apache-2.0
"""Reads the truth of a program from its leading comments (docs/accuracy.md)."""

import copy
import dataclasses
import re

GATING = ("warning", "error")
RULES = {"recv-over-recv": "error", "recv-over-send": "error", "send-over-recv": "error",
         "send-over-send": "warning", "shared-send": "note", "kernel-address-reposted": "warning"}
CONFIDENCES = ("confirmed", "likely", "possible")
CAUSES = {"no-posts", "no-user-address", "no-user-completion", "events-lost", "end-missing"}
KEYS = ("program", "truth", "note", "why")
LINE = re.compile(r"(\w+)(?:\[([^\]]*)\])?:(.*)")


class BadTruth(Exception):
    """Comments that say nothing, or contradict themselves."""


@dataclasses.dataclass
class Finding:
    """A finding that is expected (then what the truth leaves out is None) or that was made."""
    rule: str
    confidence: str
    level: str
    bytes: int | None = None
    count: int | None = None
    harm: str | None = None

    def __str__(self):
        more = "".join(f" {name}={value}" for name, value in
                       (("bytes", self.bytes), ("count", self.count), ("harm", self.harm))
                       if value is not None)
        return f"{self.rule} {self.confidence} level={self.level}{more}"

    def agrees(self, found):
        return (self.confidence, self.level) == (found.confidence, found.level) and \
            self.bytes in (None, found.bytes) and self.count in (None, found.count) and \
            self.harm in (None, found.harm)


def read_finding(words, level):
    if len(words) < 2 or words[0] not in RULES or words[1] not in CONFIDENCES:
        raise BadTruth(f"can't read '{' '.join(words)}'")
    found = Finding(words[0], words[1], level or RULES[words[0]])
    for word in words[2:]:
        key, _, value = word.partition("=")
        if key == "level" and value in ("note", *GATING) and not level:
            found.level = value
        elif key in ("bytes", "count") and value.isdigit():
            setattr(found, key, int(value))
        elif key == "harm" and (value.isdigit() or value == "unknown"):
            found.harm = value
        else:
            raise BadTruth(f"can't read '{word}'")
    return found


class Truth:
    """The findings, notes, verdict and causes that one trace must give."""

    def __init__(self):
        self.verdict, self.why = None, None
        self.findings, self.notes, self.causes = [], [], set()

    def read(self, key, value):
        words = value.split()
        if key == "why":
            self.why = value.strip()
        elif key == "note":
            self.notes.append(read_finding(words, "note"))
        elif words == ["clean"]:
            self.verdict = "clean"
        elif words[:1] == ["inconclusive"] and words[1:] and set(words[1:]) <= CAUSES:
            self.verdict, self.causes = "inconclusive", set(words[1:])
        else:
            self.findings.append(read_finding(words, None))

    def finish(self, program):
        if program == "legal" and self.findings:
            raise BadTruth("a legal program has notes, not findings")
        if not self.findings and not self.verdict:
            raise BadTruth("no truth")
        if self.gates:
            if self.verdict:
                raise BadTruth("a verdict and a finding that decides it")
            self.verdict = "findings"
        self.verdict = self.verdict or "clean"

    @property
    def gates(self):
        return any(finding.level in GATING for finding in self.findings)


class Truths:
    """All that a program's comments say: a Truth for every variant, or one for a plain trace."""

    def __init__(self, text):
        self.program, about, self.blocks = None, [], {None: Truth()}
        for line in text.splitlines():
            if not line.startswith("#"):
                break
            match = LINE.fullmatch(line[1:].strip())
            if not match or match[1] not in KEYS:
                about.append(line[1:].strip())
            elif match[1] == "program":
                self.program = match[3].strip()
            else:
                self.blocks.setdefault(match[2], Truth()).read(match[1], match[3])
        if self.program not in ("defective", "legal"):
            raise BadTruth("no line '# program: defective' or '# program: legal'")
        if not "".join(about).strip():
            raise BadTruth("no sentence that says what the program does")
        for selector, block in self.blocks.items():
            block.finish(self.program)
            if selector is not None and not block.why:
                raise BadTruth(f"no line '# why[{selector}]:'")

    def check_words(self, words):
        """Selectors may ask only for `words`."""
        for selector in self.blocks:
            unknown = set((selector or "").replace(",", " ").split()) - words
            if unknown:
                raise BadTruth(f"no variant has {' '.join(sorted(unknown))}")

    def of(self, words):
        """The truth of the variant with these words: the last block whose selector fits it."""
        fitting = [block for selector, block in self.blocks.items() if fits(selector, words)]
        return copy.deepcopy(fitting[-1])


def fits(selector, words):
    """Commas in a selector separate alternatives, blanks the words that one of them needs."""
    return selector is None or any(set(part.split()) <= words for part in selector.split(","))
