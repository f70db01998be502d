"""A small client of headless Chromium: it opens pages, tells what is wrong with them, and takes pictures."""

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120  # seconds
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
)

# Elements that stick out of the page at the right, but for those that scroll or are cut off within another.
OVERFLOW = """(() => {
  const width = document.documentElement.clientWidth;
  const inside = node => node && (getComputedStyle(node).overflowX !== 'visible' || inside(node.parentElement));
  const wide = [...document.body.querySelectorAll('*')].filter(
    node => node.getBoundingClientRect().right > width + 0.5 && !inside(node.parentElement));
  const found = wide.map(node => `${node.tagName} ${node.className} ${node.getBoundingClientRect().right}`);
  return document.documentElement.scrollWidth > width ? ['the page', ...found] : found;
})()"""


def chromium():
    """The program, or `None` where it is not installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One tab, spoken to over pipes in the protocol of Chromium's developer tools.

    Attributes:
        complaints: errors of the pages: exceptions, failed requests, and what they wrote to the console as errors.
    """

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="lamina-browser-")
        self.complaints = []
        self._numbers = itertools.count(1)
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        command = [chromium(), *OPTIONS, "--remote-debugging-pipe", f"--user-data-dir={self.profile}", "about:blank"]
        # The browser reads from descriptor 3 and writes to 4.
        shell = f'exec "$@" 3<&{commands} 4>&{answers}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *command],
            pass_fds=(commands, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self._waiting = b""
        self._session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        os.close(self._commands)
        self._process.terminate()
        self._process.wait()
        os.close(self._answers)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **parameters):
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _read(self):
        while b"\0" not in self._waiting:
            if not select.select([self._answers], [], [], PATIENCE)[0]:
                raise TimeoutError(f"the browser says nothing for {PATIENCE} s")
            part = os.read(self._answers, 1 << 16)
            if not part:
                raise RuntimeError("the browser has ended")
            self._waiting += part
        message, self._waiting = self._waiting.split(b"\0", 1)
        event = json.loads(message)
        parameters = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif event.get("method") == "Runtime.consoleAPICalled" and parameters["type"] == "error":
            self.complaints.append(str([argument.get("value") for argument in parameters["args"]]))
        elif event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.complaints.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")
        return event

    def open(self, url, width=1280, height=900, dark=False, scale=1):
        """Opens a page in a window of this size, pixels, and waits until it has loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=url)
        self.wait_until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def evaluate(self, script):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def wait_until(self, script, seconds=60):
        """Waits until an expression in the page is true."""
        end = time.monotonic() + seconds
        while not self.evaluate(script):
            if time.monotonic() > end:
                raise TimeoutError(f"not true within {seconds} s: {script}")
            time.sleep(0.1)

    def screenshot(self, whole=False):
        """What is to be seen, or the whole page, as PNG."""
        options = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            options = {"captureBeyondViewport": True, "clip": {**size, "scale": 1}}
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", **options)["data"])

    def pdf(self):
        """The page as it is printed."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])
