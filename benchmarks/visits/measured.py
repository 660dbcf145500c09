"""One server, visited: the first answer, ten at once, processor time and memory per visitor."""

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

__all__ = ["visited"]

_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
_LIMIT = 120_000.0


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

    with _serving(tool) as (server, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGS)
        page = _Opened(browser, tool, address)
        first, new = page.seconds, page.changed()
        page.close()
        alone = [_visit(browser, tool, address, server) for _ in range(later)]
        together = _together(browser, tool, address, at_once)
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
        "lost": at_once - len(together),
    }


@contextmanager
def _serving(tool: Tool) -> Iterator[tuple[psutil.Popen, str]]:
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


class _Opened:
    """A page that has answered, and how long that took."""

    def __init__(self, browser: Any, tool: Tool, address: str) -> None:
        self._context, self._tool = browser.new_context(), tool
        self.page = self._context.new_page()
        self.page.route("**/*", _inside)
        start = time.perf_counter()
        self.page.goto(address, wait_until="commit", timeout=_LIMIT)
        self.page.locator(tool.answered.format(metric="revenue")).first.wait_for(timeout=_LIMIT)
        self.seconds = time.perf_counter() - start

    def changed(self) -> float:
        """Seconds from the control's change to the other metric's answer."""
        start = time.perf_counter()
        self._tool.change(self.page)
        self.page.locator(self._tool.answered.format(metric="effort")).first.wait_for(timeout=_LIMIT)
        return time.perf_counter() - start

    def close(self) -> None:
        self._context.close()


def _inside(route: Any) -> None:
    route.continue_() if "127.0.0.1" in route.request.url else route.abort()


def _visit(browser: Any, tool: Tool, address: str, server: psutil.Popen) -> dict[str, float]:
    spent, held = _spent(server), held_by(server)
    page = _Opened(browser, tool, address)
    time.sleep(1)
    found = {"seconds": page.seconds, "cpu": _spent(server) - spent, "megabytes": held_by(server) - held}
    found["control"] = page.changed()
    page.close()
    return found


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
    contexts = [browser.new_context() for _ in range(at_once)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.route("**/*", _inside)
    start, answered = time.perf_counter(), []
    for page in pages:
        page.evaluate("address => { setTimeout(() => { location.href = address }, 50) }", address)
    waiting = list(pages)
    while waiting and time.perf_counter() - start < _LIMIT / 1000:
        for page in list(waiting):
            with suppress(Exception):
                if page.locator(tool.answered.format(metric="revenue")).count():
                    answered.append(time.perf_counter() - start)
                    waiting.remove(page)
        pages[0].wait_for_timeout(50)
    for context in contexts:
        context.close()
    return answered
