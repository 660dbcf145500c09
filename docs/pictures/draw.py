"""Draws the pictures of the README and the tutorials from real pages: `make pictures`."""

import os
import runpy
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from palette import save_small
from playwright.sync_api import sync_playwright

import cxlab as cx
from cxlab.publish.founding import new_study

HERE = Path(__file__).resolve().parent
OWN = ("http://127.0.0.1:", "file:", "data:", "blob:")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SETTINGS = {
    "question": "Do people see a doctor less often when they pay for it?",
    "metrics": [
        "proportion('went', label='saw a doctor in the year')",
        "mean('visits', role='watched', label='visits in the year')",
    ],
    "control": "no fee",
    "planned_ratio": {"no fee": 6822, "25% fee": 4065, "50% fee": 1401, "95% fee": 2653},
}


def main() -> None:
    """Work in an empty folder as a reader would, and keep what is seen."""
    start = Path.cwd()
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        os.chdir(place)
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            prepare()
            lab(browser)
            reports(browser)
            apps(browser)
            browser.close()
        finally:
            os.chdir(start)


def prepare() -> None:
    """The study of the tutorials, with the settings that its researcher ends with."""
    runpy.run_path(str(HERE.parent / "tutorials" / "doctor_visits.py"), run_name="__main__")
    path = new_study("doctor-visits", analysis="ab_test", data="doctor_visits.csv").study.path
    notebook = nbformat.read(path, 4)
    cell = notebook.cells[1]
    lines = cell.source.splitlines()
    for name, value in SETTINGS.items():
        lines = [f"{line.partition(' = ')[0]} = {value!r}" if line.startswith(f"{name}:") else line for line in lines]
    cell.source = "\n".join(lines)
    nbformat.write(notebook, path)


def reports(browser: Any) -> None:
    """The first screens of two reports."""
    for name, picture, height in (("ab_test", "report", 1170), ("doctor-visits", "doctor_visits", 1260)):
        report = cx.run_report(name, out="reports")
        page = opened(browser, Path(report.html).resolve().as_uri(), height=height)
        page.wait_for_load_state("networkidle")
        keep(page, picture)


def apps(browser: Any) -> None:
    """The landing page, and the study as an app after a control was changed."""
    run("batch", "doctor-visits/reports.yml", "--out", "shelf")
    with served("app", "--reports", "shelf") as address:  # the studies of this folder
        page = opened(browser, f"{address}/voila/render/doctor-visits.ipynb?segment=health", height=1060)
        page.locator(".cx-chart[data-drawn=done] svg").first.wait_for(timeout=120_000)
        keep(page, "app")
    (Path.cwd() / "empty").mkdir()
    os.chdir("empty")
    run("demo", "--out", "shelf")
    with served("app", "--reports", "shelf") as address:
        page = opened(browser, address, height=900)
        page.wait_for_timeout(1000)
        keep(page, "landing")
    os.chdir("..")


def lab(browser: Any) -> None:
    """JupyterLab as it opens on the folder."""
    os.environ["JUPYTER_TOKEN"] = "drawn"
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        os.environ[name] = str(Path.cwd() / ".jupyter" / name)
    with served("lab", "--no-browser", path="/api") as address:
        page = opened(browser, f"{address}/lab?token=drawn", width=1180, height=740)
        page.locator(".cx-start h1").wait_for(timeout=120_000)
        page.wait_for_timeout(2000)
        keep(page, "lab")


def opened(browser: Any, address: str, *, width: int = 960, height: int) -> Any:
    """A page that may ask nothing outside this machine."""
    page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=1.5)
    page.route("**/*", lambda one: one.continue_() if one.request.url.startswith(OWN) else one.abort())
    page.goto(address, timeout=120_000)
    return page


def keep(page: Any, name: str) -> None:
    """Save what is on the screen."""
    save_small(page.context.browser, page.screenshot(), HERE / f"{name}.png")
    page.close()


def run(*arguments: str) -> None:
    """One command of cxlab, to its end."""
    subprocess.run([sys.executable, "-m", "cxlab.cli", *arguments], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def served(*arguments: str, path: str = "/") -> Iterator[str]:
    """The address of a server of cxlab, once it answers; it is stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "cxlab.cli", *arguments, "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"cxlab {arguments[0]} ended with {process.returncode}")
            if answers(address + path):
                break
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(60)


def answers(address: str) -> bool:
    """Does a server say anything there?"""
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    main()
