#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The HTML report in a headless Chromium: it shows what it must, asks the network for nothing,
complains about nothing, answers to keyboard and mouse, and names from a trace stay text.

usage: run.py TRACEGEN BUFCHECK EXAMPLE.trace [PICTURES]     pictures go to the folder PICTURES
Exit status 77, a skipped test for Meson, without Chromium.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

import browser
import traces

TRACEGEN = BUFCHECK = EXAMPLE = PICTURES = None
AXE = os.environ.get("AXE_CORE")
SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "../../analyzer/reports/html")
MANY = 5000
LOAD_SECONDS_MAX = 20  # limit for MANY findings: 2 s on two idle processors, and these may be busy
KEY_SECONDS_MAX = 1  # 0.1 s on the same


class Reports:
    """Each report is made once."""

    def __init__(self, folder):
        self.folder = folder

    def make(self, name, text, *options):
        html = os.path.join(self.folder, name + ".html")
        if os.path.exists(html):
            return html
        source = os.path.join(self.folder, name + ".trace")
        etl = os.path.join(self.folder, name + ".etl")
        with open(source, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        subprocess.run([TRACEGEN, source, etl], check=True)
        status = subprocess.run([BUFCHECK, "-q", "--max-findings", "0", "-f", "html=" + html,
                                 *options, etl], check=False).returncode
        if status not in (0, 1, 3):
            raise AssertionError(f"bufcheck ended with {status} on {name}")
        return html

    def several(self, name, texts, *others):
        """One report of several traces, trace-0.etl and so on, and of other files."""
        html = os.path.join(self.folder, name + ".html")
        traces_made = []
        for i, text in enumerate(texts):
            self.make(f"{name}-{i}", text)
            traces_made.append(os.path.join(self.folder, f"{name}-{i}.etl"))
        subprocess.run([BUFCHECK, "-q", "-f", "html=" + html, *traces_made, *others], check=False,
                       stderr=subprocess.DEVNULL if others else None)
        return html

    def count(self, count):
        return self.make(f"findings-{count}", traces.with_findings(count))

    def example(self):
        with open(EXAMPLE, encoding="utf-8") as file:
            return self.make("example", file.read())


class ReportTest(unittest.TestCase):
    chromium = None
    reports = None

    def open(self, path, **options):
        page = browser.Page(self.chromium, path, **options)
        self.addCleanup(page.close)
        page.settle() if options.get("script", True) else None
        return page

    def assert_quiet(self, page):
        self.assertEqual(page.complaints(), [])
        self.assertEqual(page.requests(), [])

    def view(self, page):
        return page.run("document.querySelector('.plot-scope').textContent")

    def chosen(self, page):
        return page.run("document.querySelector('.row[aria-selected=true]')?.id")

    def picture(self, page, name):
        if PICTURES:
            page.picture(os.path.join(PICTURES, name + ".png"))


class Content(ReportTest):
    def test_verdict_is_the_first_thing_seen(self):
        page = self.open(self.reports.example())
        self.assertEqual(page.run("document.querySelector('h1').textContent"), "1 error")
        _, top, _, height = page.box(".verdict")
        self.assertLess(top + height, 400)
        self.assert_quiet(page)
        self.picture(page, "example-light")

    def test_drawing_shows_both_operations_and_their_overlap(self):
        page = self.open(self.reports.example())
        for part in (".box.first", ".box.second", ".overlap rect", ".cut", ".marks.first .post",
                     ".marks.second .end-mark"):
            _, _, width, height = page.box(part)
            self.assertGreater(width + height, 4, part)
        overlap = page.box(".overlap rect")
        first, second = page.box(".box.first"), page.box(".box.second")
        self.assertGreater(overlap[2], 40)
        self.assertAlmostEqual(overlap[0], second[0], delta=3)
        self.assertAlmostEqual(overlap[0] + overlap[2], first[0] + first[2], delta=3)
        self.assertAlmostEqual(overlap[3], first[3] / 2, delta=4)

    def test_sockets_stacks_and_addresses_stand_beside(self):
        page = self.open(self.reports.example())
        text = page.run("document.getElementById('detail').innerText")
        for words in ("TCP 10.0.0.5:7000 \u2192 10.0.0.17:50611", "chatserver.exe+0x1c3a2",
                      "0x1f4a2c45000", "12.1\u202fs", "after the first", "4096 bytes", "likely",
                      "chatserver.exe (6312)"):
            self.assertIn(words, text)

    def test_everything_but_drawings_is_there_without_script(self):
        page = self.open(self.reports.count(50), script=False)
        self.chromium.call("Emulation.setScriptExecutionDisabled", value=False)
        text = page.run("document.body.innerText")
        self.assertIn("exit status 1", text)
        self.assertEqual(page.run("document.querySelectorAll('.plain article').length"), 50)
        self.assertEqual(page.run("getComputedStyle(document.getElementById('app')).display"),
                         "none")
        for index in (0, 49):
            self.assertIn(hex(0x1F4A0000000 + index * 0x10000), text)
        self.assert_quiet(page)

    def test_operations_around_are_drawn(self):
        page = self.open(self.reports.count(50))
        found = page.run("JSON.parse(document.getElementById('data').textContent).findings"
                         ".map(f => f.around.length)")
        self.assertEqual(sorted(found), sorted(traces.uses_around(i) for i in range(50)))
        page.key("j")
        page.key("j")
        home = page.run("document.querySelectorAll('.around .op').length")
        page.key("a")
        shown = page.run("document.querySelectorAll('.around .op').length")
        chosen = int(self.chosen(page)[3:]) - 1
        self.assertEqual(shown, found[chosen])
        self.assertLess(home, shown)

    def test_every_drawing_is_whole(self):
        page = self.open(self.reports.count(50))
        for _ in range(12):
            page.key("j")
            broken = page.run(
                "[...document.querySelectorAll('svg.plot *')].flatMap(e => [...e.attributes])"
                ".filter(a => /NaN|Infinity|undefined/.test(a.value)).length")
            self.assertEqual(broken, 0)
            self.assertNotRegex(page.run("document.getElementById('detail').textContent"),
                                r"NaN|undefined|Infinity|\[object")
        self.assert_quiet(page)

    def test_who_posted_stands_above_the_findings(self):
        page = self.open(self.reports.count(50))
        tables = page.run("[...document.querySelectorAll('#who h3')].map(e => [e.textContent,"
                          "[...e.parentElement.querySelectorAll('tbody tr')].map(r =>"
                          "[...r.cells].map(c => c.textContent))])")
        found = page.run("JSON.parse(document.getElementById('data').textContent).findings")
        self.assertEqual([title for title, _ in tables], ["Modules", "Call sites"])
        for _, rows in tables:
            for column, sum_of in ((2, len(found)), (3, sum(f["posts"] for f in found)),
                                   (4, sum(f["harmful"] for f in found))):
                self.assertEqual(sum(int(row[column]) for row in rows), sum_of)
        names = {f["first"]["image"] for f in found}
        self.assertEqual({(row[0], row[1]) for row in tables[0][1]}, {(n, n) for n in names})
        sites = {f["first"]["call_site"]["module"] + "+" + f["first"]["call_site"]["offset"]
                 for f in found}
        self.assertEqual({row[0] for row in tables[1][1]}, sites)
        _, top, _, height = page.box("#who")
        self.assertLess(height, 240)
        self.assertLess(top + height, page.box("#app")[1] + 1)
        page = self.open(self.reports.example())
        self.assertFalse(page.run("!!document.getElementById('who')"))

    def test_call_sites_of_several_traces_are_summed_up_together(self):
        one = traces.with_findings(6)
        page = self.open(self.reports.several("who", [one, one, one]))
        rows = page.run("[...document.querySelectorAll('#who tbody tr')].map(r =>"
                        "+r.cells[2].textContent)")
        self.assertEqual(sum(rows), 2 * 18)
        self.assertTrue(all(count % 3 == 0 for count in rows), rows)

    def test_pdbs_that_would_help_are_listed(self):
        page = self.open(self.reports.count(50))
        lines = page.run("document.querySelector('.pdbs pre').textContent").split("\n")
        self.assertIn("lobby-server.exe.pdb/0000101805060708090A0B0C0D0E0F103/lobby-server.exe.pdb",
                      lines)
        self.assertEqual(len(lines), 4 + 1)
        self.assertEqual(page.run("getComputedStyle(document.querySelector('.pdbs pre'))"
                                  ".userSelect"), "all")
        page.run("document.querySelector('.pdbs').scrollIntoView()")
        self.picture(page, "pdbs")
        page = self.open(self.reports.example())
        self.assertFalse(page.run("!!document.querySelector('.pdbs')"))

    def test_clean_and_unreadable_inputs(self):
        html = self.reports.make("clean", traces.HEAD + "0 1.0 legacy.abort\n")
        page = self.open(html)
        self.assertEqual(page.run("document.querySelector('h1').textContent"), "Inconclusive")
        self.assertTrue(page.run("document.getElementById('app').hidden"))
        self.assert_quiet(page)
        self.picture(page, "inconclusive")
        html = os.path.join(self.reports.folder, "unreadable.html")
        result = subprocess.run([BUFCHECK, "-f", "html=" + html, __file__], check=False,
                                stderr=subprocess.DEVNULL)
        self.assertEqual(result.returncode, 2)
        page = self.open(html)
        self.assertEqual(page.run("document.querySelector('h1').textContent"), "Could not be read")
        self.assertIn("not a trace file", page.run("document.body.innerText"))
        self.assert_quiet(page)


class Many(ReportTest):
    def test_many_findings_are_all_there_and_stay_quick(self):
        path = self.reports.count(MANY)
        page = self.open(path)
        self.assertLess(page.load_seconds, LOAD_SECONDS_MAX)
        self.assertLess(page.run("document.querySelectorAll('.row').length"), 60)
        self.assertEqual(page.run("document.querySelectorAll('svg.plot').length"), 1)
        texts = page.run("[...document.querySelectorAll('.plain pre')].map(e => e.textContent)")
        self.assertEqual(len(texts), MANY)
        self.assertTrue(all("0x1f4" in text for text in texts))
        started = time.monotonic()
        for _ in range(10):
            page.key("j")
        self.assertLess((time.monotonic() - started) / 10, KEY_SECONDS_MAX)
        self.assertLess(os.path.getsize(path) / MANY, 12000)
        self.assert_quiet(page)
        self.picture(page, "findings-5000-light")


    def test_what_is_left_out_is_told(self):
        page = self.open(self.reports.make("left-out", traces.with_findings(50),
                                           "--max-findings", "4"))
        shown = page.run("JSON.parse(document.getElementById('data').textContent).findings.length")
        self.assertLess(shown, 50)
        self.assertEqual(page.run("document.getElementById('omitted').innerText"),
                         f"{50 - shown} more findings left out: --max-findings 0 shows all.")
        self.assertIn(f"The list below leaves out {50 - shown} of the findings",
                      page.run("document.querySelector('.verdict').innerText"))
        page = self.open(self.reports.count(50))
        self.assertTrue(page.run("document.getElementById('omitted').hidden"))
        self.assertNotIn("leaves out", page.run("document.querySelector('.verdict').innerText"))


class Keyboard(ReportTest):
    def test_next_and_previous_finding(self):
        page = self.open(self.reports.count(50))
        first = self.chosen(page)
        page.key("j")
        second = self.chosen(page)
        self.assertNotEqual(first, second)
        page.key("k")
        self.assertEqual(self.chosen(page), first)
        page.run("document.getElementById('list').focus()")
        page.key("ArrowDown")
        self.assertEqual(self.chosen(page), second)
        self.assertEqual(page.run("document.getElementById('list')"
                                  ".getAttribute('aria-activedescendant')"), second)
        page.key("End")
        self.assertTrue(page.run("document.querySelector('.row[aria-selected=true]')"
                                 ".getAttribute('aria-posinset') === '50'"))
        page.key("Enter")
        self.assertEqual(page.run("document.activeElement.id"), "detail")

    def test_zoom_pan_and_reset(self):
        page = self.open(self.reports.count(1))
        home = self.view(page)
        box = "JSON.stringify([...document.querySelectorAll('.box.first, .box.second')]" \
              ".map(e => [e.getAttribute('x'), e.getAttribute('y'), e.getAttribute('width')]))"
        at_home = page.run(box)
        page.key("+")
        self.assertNotEqual(self.view(page), home)
        page.key("0")
        self.assertEqual(page.run(box), at_home)
        page.run("document.querySelector('svg.plot').focus()")
        for key in ("ArrowRight", "ArrowUp"):
            page.key(key)
            self.assertNotEqual(page.run(box), at_home)
            self.assertEqual(self.view(page), home)
            page.key("0")
        page.key("o")
        self.assertNotEqual(self.view(page), home)
        page.key("a")
        page.key("0")
        self.assertEqual(page.run(box), at_home)

    def test_stepping_through_operations_speaks(self):
        page = self.open(self.reports.count(1))
        page.run("document.querySelector('svg.plot').focus()")
        page.key("]")
        said = page.run("document.querySelector('[aria-live]').textContent")
        self.assertIn("First operation: recv", said)
        self.assertFalse(page.run("document.querySelector('.tip').hidden"))
        page.key("Escape")
        self.assertTrue(page.run("document.querySelector('.tip').hidden"))

    def test_search_and_help_by_key(self):
        page = self.open(self.reports.count(50))
        page.key("/")
        self.assertEqual(page.run("document.activeElement.id"), "search")
        for letter in "proxyd":
            page.key(letter)
        page.run("new Promise(done => setTimeout(done, 150))")
        self.assertIn("of 50", page.run("document.getElementById('shown-count').textContent"))
        page.key("Escape")
        page.key("?")
        self.assertTrue(page.run("document.getElementById('help').open"))
        page.key("Escape")
        self.assertFalse(page.run("document.getElementById('help').open"))

    def test_focus_can_be_seen(self):
        page = self.open(self.reports.count(1))
        page.key("Tab")
        for _ in range(6):
            page.key("Tab")
            style = page.run("getComputedStyle(document.activeElement).outlineStyle")
            self.assertNotEqual(style, "none")


class Mouse(ReportTest):
    def plot(self, page):
        left, top, width, _ = page.box(".plot .ground")
        return left + width / 2, top + 120

    def test_wheel_zooms_and_drag_pans(self):
        page = self.open(self.reports.count(1))
        home = self.view(page)
        x, y = self.plot(page)
        page.wheel(x, y, -240)
        zoomed = self.view(page)
        self.assertNotEqual(zoomed, home)
        place = page.box(".marks.first .post")[0]
        page.drag(x, y, 80, 0)
        self.assertEqual(self.view(page), zoomed)
        self.assertAlmostEqual(page.box(".marks.first .post")[0] - place, 80, delta=2)

    def test_pointing_at_an_operation_tells_about_it(self):
        page = self.open(self.reports.count(1))
        left, top, width, height = page.box(".box.first")
        page.mouse("mouseMoved", left + width * 0.2, top + height / 2)
        tip = page.run("document.querySelector('.tip').innerText")
        self.assertIn("First operation", tip)
        self.assertIn("0x1f4a0000000", tip)
        left, top, width, height = page.box(".overlap rect")
        page.mouse("mouseMoved", left + width / 2, top + height / 4)
        self.assertIn("Owned by both", page.run("document.querySelector('.tip').innerText"))

    def test_rows_and_filters(self):
        page = self.open(self.reports.count(50))
        left, top, width, height = page.box(".row:nth-child(3)")
        wanted = page.run("document.querySelector('.row:nth-child(3)').id")
        page.click(left + width / 2, top + height / 2)
        self.assertEqual(self.chosen(page), wanted)
        left, top, width, height = page.box(".level-toggle.level-error")
        page.click(left + width / 2, top + height / 2)
        data = "JSON.parse(document.getElementById('data').textContent).findings"
        others = page.run(data + ".filter(f => f.level !== 'error').length")
        shown = page.run("document.getElementById('shown-count').textContent")
        self.assertEqual(shown, f"{others} of 50 findings")
        for select, key in (("rule", "rule"), ("confidence", "confidence")):
            page.run("document.getElementById('clear').click()")
            page.run(f"(() => {{ const s = document.getElementById('filter-{select}');"
                     "s.selectedIndex = 1; s.dispatchEvent(new Event('change')); })()")
            value = page.run(f"document.getElementById('filter-{select}').selectedOptions[0].text")
            count = page.run(data + f".filter(f => f.{key} === {json.dumps(value)}).length")
            shown = page.run("document.getElementById('shown-count').textContent")
            self.assertEqual(shown, f"{count} of 50 findings")
        page.run("document.getElementById('clear').click()")
        self.assertEqual(page.run("document.getElementById('shown-count').textContent"),
                         "50 findings")


# The same as in tests/unit/test_format_text.c, of the function that every other report uses.
DURATIONS = {0: "0 ns", 999: "999 ns", 1000: "1.0 us", 310899: "310.8 us", 999999: "999.9 us",
             1000000: "1.0 ms", 1239999999: "1.2 s", 999999999999: "999.9 s",
             1000000000000: "1000 s"}


class Words(ReportTest):
    def test_durations_are_those_of_every_report(self):
        page = self.open(self.reports.count(1))
        with open(os.path.join(SCRIPTS, "text.js"), encoding="utf-8") as file:
            page.run(file.read() + "; 0")
        for ns, text in DURATIONS.items():
            self.assertEqual(page.run(f"duration({ns})").replace("\u202f", " "), text)

    def test_harm_and_next_step_come_before_the_details(self):
        page = self.open(self.reports.example())
        text = page.run("document.getElementById('detail').innerText")
        self.assertIn("96 bytes at 0x1f4a2c45000 were really overwritten", text)
        places = [text.index(words) for words in
                  ("Harm\n", "Next step", "First operation", "Second operation", "Likely\n")]
        self.assertEqual(places, sorted(places))

    def test_an_address_is_found_in_the_range_that_holds_it(self):
        page = self.open(self.reports.count(50))
        shown = "document.getElementById('shown-count').textContent"
        for word, found in (("0x1f4a0031234", "1 of 50"), ("1f4a0031234", "1 of 50"),
                            ("0x1f4afff0000", "0 of 50")):
            page.run("(() => { const s = document.getElementById('search'); s.value = "
                     f"{json.dumps(word)}; s.dispatchEvent(new Event('input')); }})()")
            page.run("new Promise(done => setTimeout(done, 150))")
            # 65,536 bytes from 0x1f4a0020000 on reach over the next ones, too.
            self.assertRegex(page.run(shown), r"^[0-9]+ of 50 findings$")
            self.assertEqual(page.run(shown).startswith("0 of"), found.startswith("0"), word)

    def test_rows_differ_at_a_glance(self):
        page = self.open(self.reports.count(50))
        rows = page.run("[...document.querySelectorAll('.row')].map(e => e.innerText)")
        self.assertEqual(len(set(rows)), len(rows))
        self.assertIn("+0x1000 \u2192 +0x1000", rows[0])
        self.assertIn("TCP 10.0.0.5:50000", rows[0])


class Several(ReportTest):
    def test_one_cause_in_several_traces_is_one_row(self):
        one = traces.with_findings(6)
        page = self.open(self.reports.several("fold", [one, one, one]))
        self.assertEqual(page.run("document.getElementById('shown-count').textContent"),
                         "6 causes with 18 findings")
        self.assertEqual(self.count_of_levels(page), 6)
        text = page.run("document.getElementById('detail').innerText")
        self.assertIn("The same cause on 3 of 3 traces", text)
        self.assertRegex(text, r"First in \S*fold-0.etl, last in \S*fold-2.etl\.")
        self.assertIn("on 3 of 3 traces", page.run("document.querySelector('.row').innerText"))
        self.assertIn("fold-2.etl", text)
        page.run("[...document.querySelectorAll('#detail td .link')].pop().click()")
        self.assertIn("fold-2.etl", page.run("document.querySelector('.where').innerText"))
        page.run("(() => { const s = document.getElementById('filter-input');"
                 "s.selectedIndex = 2; s.dispatchEvent(new Event('change')); })()")
        self.assertEqual(page.run("document.querySelectorAll('.row').length"), 6)
        self.assertEqual(self.count_of_levels(page), 6)
        self.assert_quiet(page)

    def test_one_cause_in_two_processes_of_one_trace(self):
        one = traces.HEAD + "".join(
            f"default pid={pid} tid=4 process={pid:#x} endpoint={pid:#x}\n"
            f"0 {pid} process.dcstart process={pid:#x} target={pid} image=srv.exe\n"
            "0 +1us recv.enter buffer=0x1000 len=64\n0 +1us recv.enter buffer=0x1000 len=64 tid=8\n"
            "0 +1us recv.exit buffer=0x1000 len=8\n0 +1us recv.exit buffer=0x1000 len=8 tid=8\n"
            for pid in (4120, 5120))
        page = self.open(self.reports.several("processes", [one, traces.HEAD]))
        text = page.run("document.getElementById('detail').innerText")
        self.assertIn("The same cause in this trace", text)
        self.assertNotIn("The same cause null", text)
        self.assertNotIn("First in", text)
        page.run("[...document.querySelectorAll('#detail td .link')].pop().click()")
        self.assertIn("5120", page.run("document.querySelector('#detail h2').innerText +"
                                       "document.querySelector('.where').innerText"))
        self.assert_quiet(page)

    def count_of_levels(self, page):
        return sum(page.run("[...document.querySelectorAll('.level-toggle b')]"
                            ".map(e => +e.textContent)"))

    def test_opens_on_the_first_row(self):
        """The worst finding is in the last trace, so that the data begin with a lesser one."""
        texts = [traces.HEAD + traces.conflict(3, 0x1, 4, 0x2, 0x3),
                 traces.HEAD + traces.conflict(1, 0x1, 4, 0x2, 0x3)]
        page = self.open(self.reports.several("first-row", texts))
        data = "JSON.parse(document.getElementById('data').textContent).findings"
        self.assertEqual(page.run(data + ".map(f => f.level)"), ["note", "error"])
        self.assertEqual(page.run("document.querySelector('.row[aria-selected=true]')"
                                  ".getAttribute('aria-posinset')"), "1")
        self.assertEqual(page.run("document.querySelector('#detail .badge').textContent"), "error")

    def test_narrow_window_has_room_for_traces(self):
        one = traces.with_findings(3)
        folder = "a-folder-with-a-name-so-long-that-no-telephone-has-room-for-it"
        page = self.open(self.reports.several(folder, [one, one]), width=400, height=900)
        self.assertIn("The same cause on 2 of 2 traces", page.run("document.body.innerText"))
        self.assertLessEqual(page.run("document.getElementById('detail').scrollWidth"), 400)
        self.assertLessEqual(page.run("document.documentElement.scrollWidth"), 400)

    def test_a_trace_that_failed_stands_first_and_open(self):
        path = self.reports.several("failed", [traces.with_findings(1)] * 14, __file__)
        page = self.open(path)
        rows = page.run("[...document.querySelectorAll('.verdict tr')].map(e => e.innerText)")
        self.assertIn("run.py\terror\tnot opened\t-\t-", rows[1])
        self.assertFalse(page.run("!!document.querySelectorAll('.verdict tr')[1]"
                                  ".closest('details')"))
        self.assertEqual(page.run("document.querySelector('.more-inputs summary').textContent"),
                         "2 more traces")
        self.assertIn("15 traces: 1 failed, 14 with findings",
                      page.run("document.querySelector('.verdict-kicker').textContent"))

    def test_table_of_traces_names_causes(self):
        path = self.reports.several("causes", [traces.with_findings(1), traces.HEAD])
        rows = self.open(path).run(
            "[...document.querySelectorAll('.verdict tr')].map(e => e.innerText)")
        self.assertIn("inconclusive: no-posts\tno finding", rows[2])

    def test_many_traces_leave_the_findings_in_view(self):
        clean = traces.HEAD + "".join(
            f"0 {1 + i * 0.1:.1f} recv.{what} buffer=0x1000 len=64 fast=yes process=0x1 pid=4"
            " tid=1 endpoint=0x2\n" for i, what in enumerate(("post", "done")))
        clean = clean.replace("recv.done buffer=0x1000 len=64 fast=yes",
                              "recv.done buffer=0x1000 len=64")
        page = self.open(self.reports.several("many-files", [clean] * 40 +
                                              [traces.with_findings(3)]))
        self.assertEqual(page.run("scrollY"), 0)
        _, top, _, height = page.box(".verdict")
        self.assertLess(top + height, 500)
        self.assertIn("40 clean traces", page.run("document.body.innerText"))
        self.picture(page, "many-files")
        self.assert_quiet(page)


class Accessible(ReportTest):
    """axe-core finds nothing. $AXE_CORE names axe.min.js; scripts/test installs it."""

    def check(self, page, name):
        if not AXE:
            self.skipTest("no axe-core here: scripts/test installs it")
        with open(AXE, encoding="utf-8") as file:
            page.run(file.read() + "; 0")
        found = page.run("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.help + ': ' +"
                         "v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')))")
        self.assertEqual(found, [], name)

    def test_reports(self):
        one = traces.with_findings(6)
        for name, path in (("example", self.reports.example()), ("50", self.reports.count(50)),
                           ("several", self.reports.several("axe", [one, one])),
                           ("inconclusive", self.reports.make(
                               "clean", traces.HEAD + "0 1.0 legacy.abort\n"))):
            for dark in (False, True):
                page = self.open(path, dark=dark)
                self.check(page, f"{name}, {'dark' if dark else 'light'}")


class Looks(ReportTest):
    def test_dark_follows_the_system_and_the_button(self):
        page = self.open(self.reports.count(50), dark=True)
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = page.run(ground)
        self.picture(page, "findings-50-dark")
        page.run("document.getElementById('theme-toggle').click()")
        light = page.run(ground)
        self.assertNotEqual(dark, light)
        page.dark(False)
        self.assertEqual(page.run(ground), light)
        page.key("t")
        self.assertEqual(page.run(ground), dark)
        page.key("t")
        self.picture(page, "findings-50-light")
        self.assert_quiet(page)

    def test_narrow_window_needs_no_sideways_scrolling(self):
        page = self.open(self.reports.count(50), width=400, height=900)
        self.assertLessEqual(page.run("document.documentElement.scrollWidth"), 400)
        self.assertEqual(page.run("scrollY"), 0)
        self.picture(page, "narrow")

    def test_narrow_window_has_no_empty_list_and_no_parted_count(self):
        page = self.open(self.reports.count(1), width=400, height=900)
        self.assertEqual(page.box(".list")[3], page.box(".row")[3])
        self.assertEqual(page.run("document.querySelector('.facts div:last-child dd').firstChild"
                                  ".textContent"), "1 conflict")
        page = self.open(self.reports.count(50), width=400, height=900)
        counts = page.run("[...document.querySelectorAll('h1 span')].map(e => [e.textContent, "
                          "e.getClientRects().length])")
        self.assertEqual([lines for _, lines in counts], [1] * 3, counts)

    def test_a_single_finding_has_nothing_to_choose_among(self):
        choosers = ("[...document.querySelectorAll('.filters input, .filters select, "
                    ".filters .level-toggle')].filter(e => e.getClientRects().length > 0).length")
        self.assertEqual(self.open(self.reports.count(1)).run(choosers), 0)
        self.assertGreater(self.open(self.reports.count(50)).run(choosers), 6)

    def test_narrow_window_stacks_what_a_rule_says(self):
        page = self.open(self.reports.count(1), width=400, height=900)
        _, _, width, _ = page.box(".rules td:nth-child(3)")
        self.assertGreater(width, 300)

    def test_forced_colours_mark_what_is_chosen(self):
        page = self.open(self.reports.count(50))
        page.dark(False, forced=True)
        style = "getComputedStyle(document.querySelector('.row[aria-selected=%s]')).outlineStyle"
        self.assertEqual(page.run(style % "true"), "solid")
        self.assertEqual(page.run(style % "false"), "none")
        self.picture(page, "forced-colours")

    def test_prints_every_finding(self):
        page = self.open(self.reports.count(50))
        page.run("window.printed = 0; addEventListener('beforeprint', () => { window.printed = "
                 "document.querySelectorAll('#printed svg.plot').length; })")
        pdf = page.pdf()
        self.assertTrue(pdf.startswith(b"%PDF"))
        self.assertEqual(page.run("window.printed"), 50)
        self.assertLess(len(re.findall(rb"/Type\s*/Page\b", pdf)), 56)
        self.assertFalse(page.run("!!document.getElementById('printed')"))
        if PICTURES:
            with open(os.path.join(PICTURES, "print.pdf"), "wb") as file:
                file.write(pdf)


class Hostile(ReportTest):
    def test_names_of_the_trace_stay_text(self):
        path = self.reports.make("hostile", traces.hostile())
        page = self.open(path)
        for _ in range(len(traces.HOSTILE_IMAGES) * 2):
            page.key("j")
            page.key("]")
        self.assertNotIn("owned", page.run("document.title"))
        self.assertEqual(page.run("document.querySelectorAll('img, iframe, object').length"), 0)
        self.assertEqual(page.run("document.querySelectorAll('script').length"), 2)
        self.assertEqual(page.run("document.querySelectorAll('.plain article').length"),
                         len(traces.HOSTILE_IMAGES) * 2)
        text = page.run("document.documentElement.textContent")
        shown = page.run("document.body.innerText") + page.run(
            "document.getElementById('plain').textContent")
        for bad in ("\u202e", "\u2066", "\x07", "\x1b"):
            self.assertNotIn(bad, text)
        self.assertIn("<script>document.title='owned'<x>.exe", shown)
        self.assertIn("{{data}}{{findings}}<!--.exe", shown)
        self.assertNotIn("--path", text)  # secrets travel in command lines
        self.assertIn("invoice\\u{202e}gpj.exe", shown)
        self.assert_quiet(page)
        self.picture(page, "hostile")

    def test_command_lines_are_there_when_asked_for(self):
        page = self.open(self.reports.make("hostile-verbose", traces.hostile(), "-v"))
        self.assertIn("--path </pre></script>\\u{2066}\\x1b]0;x",
                      page.run("document.body.innerText"))
        self.assert_quiet(page)

    def test_markup_cannot_end_the_data_block(self):
        with open(self.reports.make("hostile-verbose", traces.hostile(), "-v"),
                  encoding="utf-8") as file:
            html = file.read()
        self.assertEqual(html.count("</script>"), 2)
        self.assertEqual(html.count("<script"), 2)
        self.assertNotIn("<!--", html)
        start = html.index('id="data">') + len('id="data">')
        json.loads(html[start : html.index("</script>", start)])

    def test_policy_admits_only_what_is_embedded(self):
        page = self.open(self.reports.count(1))
        page.run("document.body.append(Object.assign(document.createElement('script'),"
                 "{textContent: 'document.title = \"owned\"'}))")
        page.settle()
        self.assertNotEqual(page.run("document.title"), "owned")
        self.assertTrue(page.complaints(), "the policy should have refused the script")


def main(arguments):
    global TRACEGEN, BUFCHECK, EXAMPLE, PICTURES
    if len(arguments) not in (3, 4):
        sys.exit(__doc__)
    TRACEGEN, BUFCHECK, EXAMPLE = map(os.path.abspath, arguments[:3])
    PICTURES = arguments[3] if len(arguments) == 4 else None
    program = browser.find()
    if program is None:
        print("SKIPPED: no chromium here; scripts/test installs it (package chromium)")
        return 77
    with tempfile.TemporaryDirectory(prefix="bufcheck-html-") as folder:
        ReportTest.reports = Reports(folder)
        ReportTest.chromium = browser.Browser(program)
        try:
            result = unittest.main(argv=["run.py", "-v"], exit=False).result
        finally:
            ReportTest.chromium.close()
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
