"""A kernel that another process has forked, with the few methods of `subprocess.Popen` that Jupyter calls."""

import os
import select
import signal
import time
from contextlib import suppress

from cxlab.publish.warm.child import READY

__all__ = ["ForkedKernel", "KernelDiedError"]


class KernelDiedError(Exception):
    """A forked kernel ended before it listened; the text says why."""


class ForkedKernel:
    """A running kernel, known by a handle that no other process can inherit."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, heard: int) -> None:
        """Hold on to a process that has just been forked.

        Args:
            pid: its number.
            heard: the pipe on which it says that it listens.
        """
        self.pid, self._heard, self.returncode = pid, heard, None if pid > 0 else 1
        try:
            self._handle = os.pidfd_open(pid)
        except OSError:
            self._handle, self.returncode = -1, 1

    def listening(self, seconds: float) -> "ForkedKernel":
        """Wait until the kernel listens.

        Args:
            seconds: how long.

        Returns:
            Itself.

        Raises:
            KernelDiedError: it ended first, or never listened.
        """
        try:
            told = os.read(self._heard, 16384) if select.select([self._heard], [], [], seconds)[0] else b"no answer"
        finally:
            os.close(self._heard)
        if told != READY:
            self.kill()
            self.wait()
            raise KernelDiedError(told.decode(errors="replace").strip() or "it ended without a word")
        return self

    def poll(self) -> int | None:
        """Has it ended? Its own exit code is not known to this process.

        Returns:
            None while it runs.
        """
        if self.returncode is None and select.select([self._handle], [], [], 0)[0]:
            os.close(self._handle)
            self.returncode = -1
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Args:
            timeout: how many seconds at most.

        Returns:
            An exit code.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None and (end is None or time.monotonic() < end):
            select.select([self._handle], [], [], 0.2)
        return self.returncode if self.returncode is not None else 0

    def send_signal(self, number: int) -> None:
        """Send a signal, to this process and never to a later one of the same number.

        Args:
            number: the signal.
        """
        if self.poll() is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)
