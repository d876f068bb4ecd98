# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium over its debugging pipe: pages, scripts in them, keys, mouse, pictures."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]


KEY_CODES = {"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37,
             "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}


def find():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    return None


class Browser:
    """Speaks the DevTools protocol: NUL-ended JSON on the file descriptors 3 and 4."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="bufcheck-html-")
        to_read, self.to_browser = os.pipe()
        self.from_browser, to_write = os.pipe()
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f'exec "$@" 3<&{to_read} 4>&{to_write}', "sh", program, *FLAGS,
             "--user-data-dir=" + self.profile, "about:blank"],
            pass_fds=(to_read, to_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self.number = 0
        self.pending = b""
        self.session = None
        self.events = []

    def message(self, until):
        while b"\0" not in self.pending:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.from_browser], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            data = os.read(self.from_browser, 1 << 20)
            if not data:
                raise EOFError("the browser has ended")
            self.pending += data
        text, self.pending = self.pending.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, timeout=30, session=True, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if session and self.session:
            request["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(request).encode() + b"\0")
        until = time.monotonic() + timeout
        while True:
            answer = self.message(until)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, event, timeout=30):
        until = time.monotonic() + timeout
        while True:
            for i, seen in enumerate(self.events):
                if seen.get("method") == event:
                    return self.events.pop(i)
            self.events.append(self.message(until))

    def close(self):
        try:
            self.session = None
            self.call("Browser.close", timeout=5)
            self.process.wait(timeout=5)
        except (OSError, EOFError, TimeoutError, RuntimeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.to_browser)
        os.close(self.from_browser)
        shutil.rmtree(self.profile, ignore_errors=True)


class Page:
    """One report in a tab of its own. What the page complained about or asked the network for is
    in `complaints` and `requests`."""

    def __init__(self, browser, path, width=1440, height=1000, dark=False, script=True):
        self.browser = browser
        browser.session = None
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
        self.target = target
        browser.session = attached["sessionId"]
        browser.events.clear()
        for domain in ("Page", "Runtime", "Network", "Log"):
            browser.call(domain + ".enable")
        browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=False)
        browser.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.dark(dark)
        self.url = "file://" + os.path.abspath(path)
        started = time.monotonic()
        browser.call("Page.navigate", url=self.url)
        browser.wait("Page.loadEventFired")
        self.load_seconds = time.monotonic() - started

    def dark(self, on, forced=False):
        self.browser.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if on else "light"},
            {"name": "forced-colors", "value": "active" if forced else "none"}])

    def run(self, expression):
        """The value of an expression in the page."""
        result = self.browser.call("Runtime.evaluate", expression=expression, returnByValue=True,
                                   awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def settle(self):
        self.run("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")

    def key(self, key, modifiers=0):
        text = key if len(key) == 1 else None
        name = {"key": key, "code": key, "modifiers": modifiers,
                "windowsVirtualKeyCode": KEY_CODES.get(key, 0)}
        if text:
            name["text"] = text
        self.browser.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown",
                          **name)
        self.browser.call("Input.dispatchKeyEvent", type="keyUp", **name)
        self.settle()

    def mouse(self, kind, x, y, **more):
        self.browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)
        self.settle()

    def click(self, x, y):
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)

    def wheel(self, x, y, delta):
        self.mouse("mouseWheel", x, y, deltaX=0, deltaY=delta)

    def drag(self, x, y, dx, dy):
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        for part in (0.5, 1):
            self.mouse("mouseMoved", x + dx * part, y + dy * part, button="left", buttons=1)
        self.mouse("mouseReleased", x + dx, y + dy, button="left", clickCount=1)

    def box(self, selector):
        """Left, top, width, height in the window."""
        return self.run(
            f"(() => {{ const b = document.querySelector({json.dumps(selector)})"
            ".getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; })()")

    def picture(self, path, whole=False):
        shot = self.browser.call("Page.captureScreenshot", format="png",
                                 captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def pdf(self):
        return base64.b64decode(self.browser.call("Page.printToPDF", timeout=60)["data"])

    def complaints(self):
        found = []
        for event in self.browser.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append(params["exceptionDetails"]["text"])
            elif method == "Runtime.consoleAPICalled":
                found.append("console: " + str(params["args"]))
            elif method == "Log.entryAdded":
                found.append(params["entry"]["text"])
        return found

    def requests(self):
        """Every request but the one for the report itself and for data: addresses."""
        urls = [event["params"]["request"]["url"] for event in self.browser.events
                if event.get("method") == "Network.requestWillBeSent"]
        return [url for url in urls if url.split("#")[0] != self.url
                and not url.startswith("data:")]

    def close(self):
        self.browser.session = None
        self.browser.call("Target.closeTarget", targetId=self.target)
