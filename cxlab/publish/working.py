"""Work beside the page's loop, so that the page stays awake: the last task wins, and any can be given up."""

import ctypes
import threading
from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["StoppedWork", "Worker", "running_loop"]

_AGAIN = 0.1  # seconds after which a task that has not ended yet is told once more


class StoppedWork(BaseException):
    """Raised inside a task that has been given up; no `except Exception` keeps it alive."""


@dataclass
class _Task:
    """One piece of work; it is stopped at most once, and never after its end."""

    work: Callable[[], Any]
    then: Callable[[Any], None]
    loop: AbstractEventLoop
    outcome: Any = None
    over: bool = False
    stopped: bool = False
    thread: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Do the work and keep what came of it, an error too."""
        try:
            if self._open():
                self._attempt()
            self._close()
        except StoppedWork:
            self._close()

    def _open(self) -> bool:
        with self._lock:
            self.thread = threading.get_ident()
            return not self.stopped

    def _attempt(self) -> None:
        try:
            self.outcome = self.work()
        except StoppedWork:
            raise
        except BaseException as error:  # noqa: BLE001  whatever it is, the page hears of it
            self.outcome = error

    def _close(self) -> None:
        with self._lock:
            self.over = True

    def tell(self, call: Callable[[], None]) -> None:
        """Something is to be told before the end: on the page's loop, and not once the task has been given up."""

        def unless_stopped() -> None:
            if not self.stopped:
                call()

        self.loop.call_soon_threadsafe(unless_stopped)

    def stop(self) -> None:
        """Raise `StoppedWork` in its thread."""
        with self._lock:
            if not (self.over or self.stopped) and self.thread:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread), ctypes.py_object(StoppedWork))
            self.stopped = True


class Worker:
    """One thread at a time; a new task stops the running one and begins when that has ended."""

    def __init__(self, interrupt: Callable[[], None]) -> None:
        """Name what else must be told to stop.

        Args:
            interrupt: ends what runs outside Python, such as a query; harmless when nothing runs.
        """
        self._interrupt = interrupt
        self._running: _Task | None = None
        self._next: _Task | None = None

    @property
    def busy(self) -> bool:
        """Is anything wanted that has not been told yet?"""
        return self._next is not None or (self._running is not None and not self._running.stopped)

    def start(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do this instead of whatever is being done.

        Args:
            work: runs in a thread.
            then: gets what it returned or raised, on the page's loop; not called when another task took its place.
        """
        self.stop()
        self._next = _Task(work, then, get_running_loop())
        if self._running is None:
            self._begin(self._next.loop)

    def meanwhile(self, call: Callable[[], None]) -> None:
        """From inside the running work: do this on the page's loop before the work has ended.

        Args:
            call: not called when another task took this one's place.
        """
        if self._running is not None:
            self._running.tell(call)

    def stop(self) -> None:
        """Give up what runs and what waits."""
        self._next = None
        if self._running is not None and not self._running.stopped:
            self._running.stop()
            self._nudge(self._running, get_running_loop())

    def _nudge(self, task: _Task, loop: AbstractEventLoop) -> None:
        """A query that began just after the first word has to be told again."""
        if not task.over:
            self._interrupt()
            loop.call_later(_AGAIN, self._nudge, task, loop)

    def _begin(self, loop: AbstractEventLoop) -> None:
        task, self._next = self._next, None
        self._running = task
        if task is not None:
            threading.Thread(target=self._run, args=(task, loop), daemon=True, name="cxlab-work").start()

    def _run(self, task: _Task, loop: AbstractEventLoop) -> None:
        task.run()
        try:
            loop.call_soon_threadsafe(self._ended, task, loop)
        except RuntimeError:  # the kernel has ended meanwhile
            return

    def _ended(self, task: _Task, loop: AbstractEventLoop) -> None:
        self._begin(loop)
        if not task.stopped:
            task.then(task.outcome)


def running_loop() -> AbstractEventLoop | None:
    """Which loop takes what is to be done later?

    Returns:
        The kernel's loop; None where there is no kernel, as in a test.
    """
    try:
        return get_running_loop()
    except RuntimeError:
        return None
