"""Visits that come and go: `python -m benchmarks.opened --visits 200`. Does the server lose one, or keep a process?"""

import argparse
import json
import random
import shutil
import time
from contextlib import suppress
from typing import Any

import psutil

from benchmarks.visits.measured import ARGS, Opened, serving
from benchmarks.visits.tools import TOOLS

__all__ = ["main"]

_AT_ONCE = 4
_A_BROWSER = 40  # visits until it is replaced: pages that were left stay in it, empty
_PATIENCE = 150.0  # seconds until the kernels of pages that were left must be gone; who left without a word goes last


def come_and_go(visits: int, seed: int = 20_261_126) -> dict[str, Any]:
    """Open pages of one app and leave them again: at once, while they load, with their answer, after a change.

    Args:
        visits: how many.
        seed: decides who leaves when.

    Returns:
        Answers seen and lost, the processes before and after, and the seconds until the last kernel was gone.
    """
    from playwright.sync_api import sync_playwright

    chance, seen, lost = random.Random(seed), 0, 0
    with serving(TOOLS[0]) as (server, address), sync_playwright() as playwright:

        def browse(pages: int) -> None:
            nonlocal seen, lost
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
            for _ in range(0, pages, _AT_ONCE):
                here = _round(browser, address, chance)
                seen, lost = seen + here[0], lost + here[1]
            browser.close()

        browse(_AT_ONCE)
        before, seen, lost = _settled(server, 1), 0, 0
        for done in range(0, visits, _A_BROWSER):
            browse(min(_A_BROWSER, visits - done))
        start = time.monotonic()
        after = _settled(server, before)
        return {
            "visits": visits, "answers": seen, "lost": lost, "processes_before": before, "processes_after": after,
            "seconds_until_gone": round(time.monotonic() - start, 1),
        }  # fmt: skip


def _round(browser: Any, address: str, chance: random.Random) -> tuple[int, int]:
    """Some visits at once: answers seen, and visits without the one they waited for."""
    from playwright.sync_api import TimeoutError as Unanswered

    seen, lost = 0, 0
    pages = [Opened(browser, TOOLS[0]) for _ in range(_AT_ONCE)]
    for page in pages:
        page.leave_for(address)
    for page in pages:
        try:
            seen += len(_visit(page, chance.choice(["at once", "loading", "answered", "changed"])))
        except (TimeoutError, Unanswered) as error:
            lost += 1
            print(repr(error)[:200], page.page.url, flush=True)
        page.close()
    return seen, lost


def _visit(page: Opened, way: str) -> list[float]:
    if way in ("at once", "loading"):
        page.page.wait_for_timeout(0 if way == "at once" else 400)
        return []
    moments = [page.answered("revenue")]
    if way == "changed":
        page.changed()
    return moments


def _settled(server: psutil.Popen, wanted: int) -> int:
    """Processes of the server once they are as few as wanted, or after a minute."""
    end = time.monotonic() + _PATIENCE
    while (count := _living(server)) > wanted and time.monotonic() < end:
        time.sleep(0.2)
    return count


def _living(server: psutil.Popen) -> int:
    if not server.is_running() or server.status() == psutil.STATUS_ZOMBIE:
        raise RuntimeError("the server has ended")
    living = 0
    for one in server.children(recursive=True):
        with suppress(psutil.Error):
            living += one.status() != psutil.STATUS_ZOMBIE
    return living


def main() -> None:
    """Let visitors come and go, and say what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=200)
    print(json.dumps(come_and_go(parser.parse_args().visits), indent=1))


if __name__ == "__main__":
    main()
