"""One server, visited: the first answer, ten at once, processor time and memory per visitor."""

import json
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil

from benchmarks.measure import ENVIRONMENT, ROOT, held_by
from benchmarks.surfaces import free_port, wait_for
from benchmarks.visits.tools import Tool

__all__ = ["ARGS", "Opened", "serving", "visited"]

_INSIDE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"  # no request leaves this machine
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", _INSIDE]
METRICS = ("revenue", "effort")
_LIMIT = 120.0


def visited(tool: Tool, *, later: int = 5, at_once: int = 10) -> dict[str, Any]:
    """What do visitors wait for, and what do they cost?

    Args:
        tool: whose server.
        later: visits one after another, after a first one that is not counted.
        at_once: how many open together.

    Returns:
        Seconds, megabytes and processor seconds.
    """
    from playwright.sync_api import sync_playwright

    with serving(tool) as (server, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        page = Opened(browser, tool)
        first, new = page.go(address), page.changed()
        page.close()
        _settle(server)
        alone = [_visit(browser, tool, address, server) for _ in range(later)]
        together = _together(browser, tool, address, at_once) if tool.crowded else []
        browser.close()
    return {
        "first_s": round(first, 2),
        "new_control_s": round(new, 2),
        "control_s": round(statistics.median(one["control"] for one in alone), 2),
        "later_s": round(statistics.median(one["seconds"] for one in alone), 2),
        "cpu_s": round(statistics.median(one["cpu"] for one in alone), 2),
        "further_mb": round(statistics.median(one["megabytes"] for one in alone)),
        "at_once_s": round(statistics.median(together), 2) if together else None,
        "at_once_worst_s": round(max(together), 2) if together else None,
        "lost": at_once - len(together) if tool.crowded else None,
    }


@contextmanager
def serving(tool: Tool) -> Iterator[tuple[psutil.Popen, str]]:
    port = free_port()
    server = psutil.Popen(
        tool.command(port), cwd=ROOT, env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        yield server, f"http://127.0.0.1:{port}/{tool.page}"
    finally:
        family = [*server.children(recursive=True), server]
        for process in family:
            with suppress(psutil.Error):
                process.terminate()
        _, left = psutil.wait_procs(family, timeout=10)
        for process in left:
            process.kill()


# Asked in the page, in shadow roots too: when was it there? Asking from outside would wait for a busy page, and
# asking in every frame would keep ten pages drawing.
_WATCH = """(() => {
  const wanted = %s;
  window.seen = {};
  const holds = (root, one) => [...root.querySelectorAll(one.within)].some((e) => e.textContent.includes(one.text))
    || [...root.querySelectorAll("*")].some((e) => e.shadowRoot && holds(e.shadowRoot, one));
  const look = () => {
    for (const [name, one] of Object.entries(wanted)) {
      if (!(name in window.seen) && document.body && holds(document, one)) {
        window.seen[name] = performance.timeOrigin + performance.now();
      }
    }
  };
  setInterval(look, 40);
})()"""


class Opened:
    """A page on its way to its answer."""

    def __init__(self, browser: Any, tool: Tool) -> None:
        self._tool, self.page = tool, browser.new_context().new_page()
        wanted = {metric: {"within": tool.within, "text": tool.says.format(metric=metric)} for metric in METRICS}
        self.page.add_init_script(_WATCH % json.dumps(wanted))

    def go(self, address: str) -> float:
        """Seconds to the answer."""
        start = time.time()
        self.page.goto(address, wait_until="commit", timeout=_LIMIT * 1000)
        return self.answered("revenue") - start

    def leave_for(self, address: str) -> None:
        """Open it without waiting for anything."""
        self.page.evaluate("address => { setTimeout(() => { location.href = address }, 50) }", address)

    def seen(self, metric: str) -> float | None:
        """When its answer was on the screen, since the epoch; None as long as it is not."""
        with suppress(Exception):
            moment = self.page.evaluate("metric => (window.seen || {})[metric] || null", metric)
            return None if moment is None else moment / 1000
        return None

    def answered(self, metric: str) -> float:
        """Wait for it."""
        end = time.time() + _LIMIT
        while (moment := self.seen(metric)) is None:
            if time.time() > end:
                raise TimeoutError(f"{self._tool.name} gave no answer for {metric}")
            self.page.wait_for_timeout(20)
        return moment

    def changed(self) -> float:
        """Seconds from the control's change to the other metric's answer."""
        self._tool.ready(self.page)
        start = time.time()
        self._tool.change(self.page)
        return self.answered("effort") - start

    def close(self) -> None:
        """Leave it, as a reader does who goes elsewhere; the empty page ends with the browser.

        Closing a page on which a farewell has just been sent waits for ever in one of some thirty cases.
        """
        with suppress(Exception):  # a page that is still coming
            self.page.goto("about:blank", wait_until="commit", timeout=5_000)


def _visit(browser: Any, tool: Tool, address: str, server: psutil.Popen) -> dict[str, float]:
    spent, held = _spent(server), held_by(server)
    page = Opened(browser, tool)
    seconds = page.go(address)
    tool.ready(page.page)
    time.sleep(1)
    found = {"seconds": seconds, "cpu": _spent(server) - spent, "megabytes": held_by(server) - held}
    found["control"] = page.changed()
    page.close()
    _settle(server)
    return found


def _settle(server: psutil.Popen, seconds: float = 10) -> None:
    """Wait until the page just left costs nothing more: a kernel that ends takes its seconds and megabytes with it."""
    end = time.monotonic() + seconds
    before = None
    while time.monotonic() < end and before != (before := {one.pid for one in server.children(recursive=True)}):
        time.sleep(1)


def _spent(server: psutil.Popen) -> float:
    """Processor seconds of the server and of all that it started and that still runs."""
    total = 0.0
    for process in (server, *server.children(recursive=True)):
        with suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _together(browser: Any, tool: Tool, address: str, at_once: int) -> list[float]:
    """Seconds to each page's answer when all are opened in the same moment; lost ones are missing."""
    pages = [Opened(browser, tool) for _ in range(at_once)]
    start, answered = time.time(), []
    for one in pages:
        one.leave_for(address)
    waiting = list(pages)
    while waiting and time.time() - start < _LIMIT:
        for one in list(waiting):
            if (moment := one.seen("revenue")) is not None:
                answered.append(moment - start)
                waiting.remove(one)
        pages[0].page.wait_for_timeout(100)
    for one in pages:
        one.close()
    return answered
