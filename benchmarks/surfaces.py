"""What a person waits for: the import, one report, an app's first answer in a browser."""

import shutil
import socket
import tempfile
import time
import urllib.error
import urllib.request
from typing import Any

import psutil

from benchmarks.measure import ENVIRONMENT, ROOT, command, python, watched

FIRST_ANSWER = ".cx-result, .cx-verdict, [data-cx-result]"


def bare_python() -> dict[str, Any]:
    """Python's own start, for comparison."""
    return command(python("-c", "pass"))


def import_duckdb() -> dict[str, Any]:
    """The engine alone."""
    return command(python("-c", "import duckdb"))


def import_cxlab() -> dict[str, Any]:
    """A fresh process that imports cxlab."""
    return command(python("-c", "import cxlab"))


def one_report() -> dict[str, Any]:
    """From the command to the three finished files."""
    with tempfile.TemporaryDirectory() as out:
        return command(python("-m", "cxlab.cli", "run", "ab_test", "--out", out))


def first_answer() -> dict[str, Any]:
    """From opening an app's address in a browser to its visible result; the server is already up."""
    import subprocess

    port = free_port()
    server = psutil.Popen(
        python("-m", "cxlab.cli", "app", "--port", str(port)),
        cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        with watched(server, every=0.1) as peak:
            seconds = seen_after(f"http://127.0.0.1:{port}/")
        return {"seconds": seconds, "peak_mb": peak.megabytes}
    finally:
        for process in (*server.children(recursive=True), server):
            process.terminate()
        psutil.wait_procs([server], timeout=10)


def seen_after(address: str) -> float:
    """Seconds from the click on the A/B test's card to its visible result."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(address)
        link = page.locator("a[href*='ab_test']").first
        start = time.perf_counter()
        link.click()
        page.locator(FIRST_ANSWER).first.wait_for(state="visible", timeout=120_000)
        seconds = time.perf_counter() - start
        browser.close()
    return seconds


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, seconds: float = 90) -> None:
    """Until the server answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the app server did not answer within {seconds:.0f} seconds")


SURFACES = {
    "python start": bare_python,
    "import duckdb": import_duckdb,
    "import cxlab": import_cxlab,
    "one report": one_report,
    "first answer": first_answer,
}
