# SPDX-License-Identifier: Apache-2.0
"""Runs bufcheck on generated servers (servers.py) and says what it missed or made up."""

import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import tempfile
import time

import calls
import servers

GATING = ("warning", "error")
TIMEOUT_SECONDS = 300
COLUMNS = ("runs", "posts", "defects", "shown", "found", "made up", "notes")


def add_options(parser):
    parser.add_argument("--servers", action="store_true", help="generated servers instead")
    parser.add_argument("--runs", type=int, default=10, help="servers of each kind (10)")
    parser.add_argument("--posts", type=int, default=30000, help="calls of each server (30000)")
    parser.add_argument("--seed", type=int, default=1, help="of the first server (1)")
    parser.add_argument("--defects", type=int, default=40, metavar="N",
                        help="defects in each server of the second kind (40)")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER",
                        help="keep the traces of servers that went wrong")


def is_shown(variant, first):
    """Whether the variant shows the end of a call, so that a conflict with it must gate.

    AFD's own copy of a send looks like the continuation of an attempt without an Exit, so the end
    of such a send is not known.
    """
    return variant.attempt != "no-exit" or not first.sends


def write(server, layout, path):
    """Writes the server's trace as text; the calls by the ticks and the thread of their events."""
    by_event, lines = {}, [f"trace processors={servers.PROCESSORS} buffer-size=65536"]
    for ticks, processor, text, call in server.events(layout):
        lines.append(f"{processor} t={ticks} {text}")
        if call:
            by_event[(str(ticks), call.keys["tid"])] = call
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return by_event


def pair_of(conflict, by_event):
    """The calls of a conflict, as numbers that `injected` is looked up by."""
    return tuple(id(by_event.get((conflict[side]["posted"]["ticks"],
                                  str(conflict[side]["posted"]["tid"]))))
                 for side in ("first", "second"))


def judge(server, layout, by_event, run):
    """(counts, problems) of one run."""
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    conflicts = [line for line in lines if line["type"] == "conflict"]
    gating = {pair_of(line, by_event): line for line in conflicts if line["level"] in GATING}
    injected = {(id(first), id(second)): (first, second) for first, second in server.injected}
    shown = {pair for pair, (first, _) in injected.items()
             if is_shown(layout.variant_of(first), first)}
    made_up = set(gating) - set(injected)
    problems = ["missed: " + " then ".join(map(describe, injected[pair]))
                for pair in shown - set(gating)]
    problems += ["made up: " + json.dumps(gating[pair]) for pair in made_up]
    if run.returncode != (1 if gating else 0):
        problems.append(f"exit status {run.returncode}: {lines[-1:]} {run.stderr.strip()}")
    counts = {"runs": 1, "posts": server.posts, "defects": len(injected), "shown": len(shown),
              "found": len(shown & set(gating)), "made up": len(made_up),
              "notes": len(conflicts) - len(gating)}
    return collections.Counter(counts), problems


def describe(call):
    keys = call.keys
    return f"{call.what} {keys['buffer']}+{keys['len']} of {keys['endpoint']} tid {keys['tid']}"


def check(programs, server, layout, keep):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "server.trace"
        by_event = write(server, layout, path)
        etl = path.with_suffix(".etl")
        subprocess.run([programs["tracegen"], path, etl], check=True)
        run = subprocess.run([programs["bufcheck"], "check", "-f", "jsonl", "--max-findings", "0",
                              etl], capture_output=True, text=True, timeout=TIMEOUT_SECONDS,
                             check=False)
        counts, problems = judge(server, layout, by_event, run)
        if problems and keep:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / (layout.name.replace(" ", "-") + ".trace")).write_bytes(path.read_bytes())
    return counts, problems


def run_server(programs, posts, seed, defects, keep):
    """One server in all variants: {variant: (counts, problems)}."""
    server = servers.Server(seed, posts, defects)
    return {layout.name: check(programs, server, layout, keep) for layout in layouts()}


def layouts():
    return [*map(calls.Layout, calls.variants()), *map(calls.MixedLayout, calls.ACTIVITIES)]


def run(programs, arguments):
    """Healthy servers, then as many with defects; prints a table and what went wrong."""
    started = time.monotonic()
    jobs = [(arguments.seed + i, defects) for defects in (0, arguments.defects)
            for i in range(arguments.runs)]
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        waiting = {pool.submit(run_server, programs, arguments.posts, seed, defects,
                               arguments.keep): (seed, defects) for seed, defects in jobs}
        made = []
        for job in concurrent.futures.as_completed(waiting):
            made.append(job.result())
            show_server(*waiting[job], made[-1])
    failed = table(made)
    print(f"{len(jobs)} servers in {time.monotonic() - started:.0f} s: "
          f"{len(jobs) * len(layouts()) - failed} passed, {failed} failed")
    return 1 if failed else 0


def show_server(seed, defects, rows):
    """A line for a server that is done, and what went wrong with it."""
    wrong = sum(bool(problems) for _, problems in rows.values())
    print(f"server {seed} with {defects} defects: {len(rows) - wrong} traces passed, "
          f"{wrong} failed", flush=True)
    for variant, (_, problems) in rows.items():
        for problem in problems[:5]:
            print(f"FAILED seed {seed}, {defects} defects [{variant}]: {problem[:1500]}", flush=True)


def table(made):
    """Prints a row for each variant; returns how many traces went wrong."""
    print(f"{'servers by variant':<24}" + "".join(f"{key:>10}" for key in COLUMNS) +
          f"{'recall':>9}")
    totals = collections.Counter()
    for variant in made[0]:
        counts = sum((rows[variant][0] for rows in made), collections.Counter())
        totals += counts
        show_row(variant, counts)
    show_row("all", totals)
    return sum(bool(problems) for rows in made for _, problems in rows.values())


def show_row(title, counts):
    recall = f"{counts['found'] / counts['shown']:.3f}" if counts["shown"] else "-"
    print(f"{title:<24}" + "".join(f"{counts[key]:>10}" for key in COLUMNS) + f"{recall:>9}")
