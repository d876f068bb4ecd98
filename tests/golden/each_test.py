# SPDX-License-Identifier: Apache-2.0
"""Runs the functions of a script whose names begin with test_, each in a folder of its own."""

import pathlib
import sys
import tempfile
import traceback


def tests_of(names):
    """The tests among a script's globals(), by name."""
    return {name: test for name, test in sorted(names.items()) if name.startswith("test_")}


def run_each(tests, prepare=lambda folder: folder):
    """Runs tests, given as a dictionary by name. `prepare` fills a fresh folder and returns the one
    that the test gets. Returns the exit status: 1 if a test failed, or there is none."""
    failed = 0
    for name, test in tests.items():
        with tempfile.TemporaryDirectory() as outer:
            try:
                test(prepare(pathlib.Path(outer).resolve()))
            except Exception:  # whatever a test raises is its failure
                failed += 1
                print(f"FAIL {name}")
                traceback.print_exc(file=sys.stdout)
    print(f"{len(tests)} tests, {failed} failed")
    return 1 if failed or not tests else 0
