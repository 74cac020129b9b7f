"""A headless Chromium, driven over its debugging pipe: opens a page without any network and writes down what it did."""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe",
)  # fmt: skip
SECONDS = 90
# The browser reads commands from file descriptor 3 and writes to 4.
LAUNCH = """
import fcntl, os, sys
pipes = [fcntl.fcntl(int(pipe), fcntl.F_DUPFD, 10) for pipe in sys.argv[1:3]]
for target, pipe in zip((3, 4), pipes):
    os.dup2(pipe, target)
os.execv(sys.argv[3], sys.argv[3:])
"""


def find_chromium() -> str | None:
    """Path of a Chromium on this machine, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass
class Seen:
    """What a page did while it was open."""

    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Chromium:
    """One browser with one tab."""

    def __init__(self, executable: str, profile: Path) -> None:
        inlet, self._to_browser = os.pipe()
        self._from_browser, outlet = os.pipe()
        browser = [executable, *SWITCHES, f"--user-data-dir={profile}", "about:blank"]
        command = [sys.executable, "-c", LAUNCH, str(inlet), str(outlet), *browser]
        self._process = subprocess.Popen(
            command, pass_fds=(inlet, outlet), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(inlet)
        os.close(outlet)
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self._loaded = False
        self.seen = Seen()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def open(self, page: Path, *, width: int, height: int = 900) -> Seen:
        """Load a file at this width of the window, wait for it, and return what it did so far."""
        self.seen, self._loaded = Seen(), False
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Page.navigate", url=page.as_uri())
        while not self._loaded:
            self._read()
        return self.seen

    def evaluate(self, expression: str) -> Any:
        """Value of a JavaScript expression in the page, which the page's own policy does not reach."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result

    def close(self) -> None:
        """End the browser that this object started."""
        self._process.terminate()
        self._process.wait(timeout=30)
        os.close(self._to_browser)
        os.close(self._from_browser)

    def _read(self) -> dict[str, Any]:
        """The browser's next message; what tells of the page is written down."""
        end = time.monotonic() + SECONDS
        while b"\0" not in self._buffer:
            if not select.select([self._from_browser], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError(f"Chromium said nothing for {SECONDS} seconds.")
            chunk = os.read(self._from_browser, 1 << 16)
            if not chunk:
                raise RuntimeError("Chromium ended.")
            self._buffer += chunk
        raw, self._buffer = self._buffer.split(b"\0", 1)
        message: dict[str, Any] = json.loads(raw)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, method: str, event: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent" and not event["request"]["url"].startswith("data:"):
            self.seen.requests.append(event["request"]["url"])
        elif method == "Page.javascriptDialogOpening":
            self.seen.dialogs.append(event["message"])
            self._number += 1
            close = {"id": self._number, "method": "Page.handleJavaScriptDialog", "params": {"accept": True}}
            os.write(self._to_browser, json.dumps(close | {"sessionId": self._session}).encode() + b"\0")
        elif method == "Log.entryAdded":
            self.seen.errors.append(event["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.seen.errors.append(event["exceptionDetails"]["text"])
        elif method == "Page.loadEventFired":
            self._loaded = True
