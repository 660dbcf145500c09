"""A report's page as PDF: Chromium prints it, where there is one, and may ask nothing outside."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from cxlab.errors import ParameterError, ReportError

__all__ = ["chromium", "print_page"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_LONGEST = 120.0  # seconds
_ALONE = (
    "--headless", "--disable-gpu", "--disable-extensions", "--disable-sync", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-quic", "--no-first-run", "--mute-audio",
    "--disable-dev-shm-usage", "--no-pdf-header-footer", "--virtual-time-budget=10000",
    # Names lead nowhere, and whatever is asked all the same meets a door that nobody opens.
    "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>",
)  # fmt: skip


def chromium() -> str:
    """Which browser prints?

    Returns:
        Its program.

    Raises:
        ParameterError: none is found on the PATH.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise ParameterError(
            "A PDF needs Chromium or Chrome, and none is found on the PATH. Install one, or leave out --pdf: "
            "the page itself prints from any browser."
        )
    return found


def print_page(page: Path, pdf: Path) -> Path:
    """Print a page on A4, with page numbers and nothing from outside.

    Args:
        page: the HTML file.
        pdf: where the PDF goes.

    Returns:
        The PDF.

    Raises:
        ParameterError: there is no Chromium.
        ReportError: it printed nothing.
    """
    with tempfile.TemporaryDirectory(prefix="cxlab-pdf-", ignore_cleanup_errors=True) as home:
        command = [chromium(), *_ALONE, *_sandbox(), f"--user-data-dir={home}", f"--print-to-pdf={pdf.resolve()}"]
        said = _finished([*command, page.resolve().as_uri()])
    if not pdf.is_file() or not pdf.read_bytes().startswith(b"%PDF"):
        raise ReportError(f"Chromium printed no PDF of {page.name}: {said or 'it gave no reason'}")
    return pdf


def _sandbox() -> list[str]:
    """Chromium's own sandbox does not start for the all-powerful user that many CI containers run as."""
    return ["--no-sandbox"] if sys.platform.startswith("linux") and os.geteuid() == 0 else []


def _finished(command: list[str]) -> str:
    """The last line it said; it and its children are gone afterwards."""
    browser = subprocess.Popen(  # noqa: S603  the program found on the PATH, our own page
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _, said = browser.communicate(timeout=_LONGEST)
    except subprocess.TimeoutExpired:
        raise ReportError(f"Chromium printed no PDF in {_LONGEST:.0f} seconds and was stopped.") from None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()
        if browser.stderr:
            browser.stderr.close()
    return (said.decode(errors="replace").strip().splitlines() or [""])[-1]
