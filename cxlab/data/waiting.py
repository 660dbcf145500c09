"""A query that takes its time says so in a notebook: a moving bar, gone when the answer is there."""

import contextvars
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["told"]

PATIENCE = 1.0  # seconds before a bar is worth looking at
_BAR = (
    '<div role="status" style="font-family:Arial,sans-serif;font-size:14px;color:#4A545E">'
    '<progress style="width:220px;vertical-align:middle" aria-label="Calculating"></progress> Calculating, {} s</div>'
)


@contextmanager
def told() -> Iterator[None]:
    """Show a bar while the work inside goes on longer than a second, in a notebook and nowhere else."""
    show = _notebook() if threading.current_thread() is threading.main_thread() else None
    if show is None:
        yield
        return
    done = threading.Event()
    context = contextvars.copy_context()  # it knows the cell that asked
    teller = threading.Thread(target=context.run, args=(_tell, show, done), daemon=True, name="cxlab-bar")
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _notebook() -> Any:
    """What shows things in this notebook's cell; None in a report, in an app and outside of notebooks."""
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    served = os.environ.get("CXLAB_SURFACE") or os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")
    if shell is None or served or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display

    return display


def _tell(show: Any, done: threading.Event) -> None:
    start, bar = time.monotonic(), None
    while not done.wait(PATIENCE):
        shown = {"text/html": _BAR.format(round(time.monotonic() - start)), "text/plain": "Calculating …"}
        if bar is None:
            bar = show(shown, raw=True, display_id=True)
        else:
            bar.update(shown, raw=True)
    if bar is not None:
        bar.update({"text/html": "", "text/plain": ""}, raw=True)
