"""Papermill runs a notebook as it is, and a failure becomes one plain message."""

import json
import logging
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from cxlab import errors
from cxlab.errors import CxlabError, DataError, ReportError
from cxlab.publish.surface import VARIABLE
from cxlab.publish.warm.folders import use_warm_kernels
from cxlab.wording import duration

__all__ = [
    "LONGEST", "PATIENCE", "DataReportError", "TimeoutReportError", "ended_by", "run_notebook", "stop_notebooks",
]  # fmt: skip

LONGEST = "30min"
PATIENCE = 120  # seconds that a cell's output may take on a busy machine; nbclient's four leave pages without an answer
_KERNEL = [
    f"--IPKernelApp.exec_lines=import os; os.environ['{VARIABLE}'] = 'report'",
    "--IPKernelApp.log_level=40",  # its warnings about the transport are for servers, not for readers
]
OURS = {name for name in errors.__all__ if name.endswith("Error")} | {"EngineError"}


class DataReportError(ReportError, DataError):
    """A notebook failed because the data or a value cannot give the answer: nothing is broken but the input."""


class TimeoutReportError(ReportError):
    """A notebook ran longer than it may, and was stopped."""


class _Watch:
    """Ends a kernel, and all that it started, when its time is over; nothing the notebook does can hold it up."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds, self.over, self._manager = seconds, False, None
        self._finished, self._due, self._ended = threading.Event(), threading.Event(), set[int]()
        self._thread = threading.Thread(target=self._wait, daemon=True, name="cxlab-timeout")

    def __enter__(self) -> Self:
        _running.add(self)  # first: whoever stops all from now on finds it, and whoever did before is asked next
        if getattr(_here, "stopped", None) is not None and _here.stopped.is_set():
            self.end_now()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        _running.discard(self)
        self._finished.set()
        self._due.set()
        self._thread.join()

    def end_now(self) -> None:
        """Do not wait for the time to be over."""
        self._due.set()

    def made(self, manager: Any) -> None:
        """Hear of the kernel to watch."""
        self._manager = manager

    def _wait(self) -> None:
        self._due.wait(self.seconds)
        self.over = not self._finished.is_set()
        while not self._finished.wait(0.1):  # a kernel that was still starting when time was over ends too
            self._end()

    def _end(self) -> None:
        provisioner = getattr(self._manager, "provisioner", None)
        group = getattr(provisioner, "pgid", None) or getattr(provisioner, "pid", None)
        if group and group not in self._ended and group != os.getpgrp():
            self._ended.add(group)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)


_running: set[_Watch] = set()
_here = threading.local()


@contextmanager
def ended_by(stopped: threading.Event) -> Iterator[None]:
    """Notebooks that this thread begins after the event was set end at once.

    Args:
        stopped: the event.
    """
    _here.stopped = stopped
    try:
        yield
    finally:
        del _here.stopped


def stop_notebooks() -> None:
    """End the kernels of all notebooks that this process runs; each fails at once."""
    for watch in list(_running):
        watch.end_now()


def run_notebook(path: Path, values: Mapping[str, Any], *, progress: bool = False, seconds: float | None = None) -> Any:
    """What does the notebook show with these values?

    Args:
        path: the notebook.
        values: parameters to set, checked before.
        progress: show a bar on the terminal.
        seconds: how long it may run; None sets no end.

    Returns:
        The executed notebook.

    Raises:
        ReportError: a cell failed, or time is over; the message is the cell's own where cxlab raised it on purpose.
    """
    _readable(path)
    use_warm_kernels()
    with _Watch(seconds) as watch:
        try:
            return _executed(path, values, progress, watch)
        except CxlabError:
            raise
        except Exception as error:
            raise _translated(path, error, watch) from error


def _executed(path: Path, values: Mapping[str, Any], progress: bool, watch: _Watch) -> Any:
    import papermill
    from jupyter_client.manager import AsyncKernelManager

    class Watched(AsyncKernelManager):
        """A kernel that the watch knows of from its first moment on."""

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            watch.made(self)

        async def _async_interrupt_kernel(self) -> None:
            """A kernel that is asked to end needs no interrupt before: it would only complain of it."""
            if not self.shutting_down:
                await super()._async_interrupt_kernel()

    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what it would tell is checked before, or told by us
    try:
        return papermill.execute_notebook(
            str(path), None, parameters=dict(values), progress_bar=progress, cwd=str(Path.cwd()),
            kernel_name="python3", store_widget_state=False, extra_arguments=_KERNEL,
            request_save_on_cell_execute=False, kernel_manager_class=Watched, iopub_timeout=PATIENCE,
        )  # fmt: skip
    except papermill.exceptions.PapermillExecutionError as error:
        raise failure(path, error) from None


def _readable(path: Path) -> None:
    """A file that is no notebook is refused before a kernel starts for it."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = content.get("cells") if isinstance(content, dict) else None
        sound = isinstance(cells, list) and all(
            isinstance(one, dict) and {"cell_type", "source"} <= set(one) for one in cells
        )
    except OSError as error:
        raise ReportError(f"The notebook {path.name} cannot be read: {error.strerror}.") from None
    except ValueError:
        sound = False
    if not sound:
        raise ReportError(f"The notebook {path.name} cannot be read: it is damaged or no notebook. Restore the file.")


def _translated(path: Path, error: Exception, watch: _Watch) -> ReportError:
    if watch.over:
        return TimeoutReportError(
            f"The notebook {path.name} ran longer than {duration(watch.seconds or 0)} and was stopped. "
            "Give it more time with `timeout:` in reports.yml or --timeout, or less data."
        )
    if type(error).__name__ == "DeadKernelError":
        return ReportError(
            f"The notebook {path.name} lost its kernel: it was ended from outside, often for want of memory."
        )
    return ReportError(f"The notebook {path.name} could not be run: {error}")


def failure(path: Path, error: Any) -> CxlabError:
    """Why did the notebook fail, for a reader?

    Args:
        path: the notebook.
        error: Papermill's.

    Returns:
        The error to raise: cxlab's own text as it is, any other with its cell and kind.
    """
    if error.ename in OURS:
        return DataReportError(str(error.evalue))
    return ReportError(f"The notebook {path.name} failed in cell {error.exec_count}: {error.ename}: {error.evalue}")
