"""The owner's side: one warm process, started early, asked for kernels, renewed when the code changes."""

import atexit
import json
import logging
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from cxlab.folders import CODE
from cxlab.publish.warm.folders import code_state
from cxlab.publish.warm.process import ForkedKernel
from cxlab.publish.withheld import without_secrets

__all__ = ["WarmError", "WarmProcess", "start_warm", "stop_warm", "warm_process"]

_START, _FORK = 60.0, 20.0  # seconds
_LOG = logging.getLogger("cxlab.warm")
_DROPPED = "JPY_PARENT_PID"


class WarmError(Exception):
    """No warm kernel can be had; an ordinary one can."""


class WarmProcess:
    """A process that has imported everything, and forks kernels on request."""

    def __init__(self, analysis: str | None = None) -> None:
        """Start it; it warms up while this goes on.

        Args:
            analysis: module of the analysis, where one kernel of it is all that will be wanted.
        """
        self.owner, self.state = os.getpid(), code_state()
        self._asking, self._ready = threading.Lock(), False
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        life, self._life = os.pipe()
        os.set_inheritable(life, True)
        theirs.set_inheritable(True)
        command = [sys.executable, "-m", "cxlab.publish.warm.zygote", str(theirs.fileno()), str(life)]
        command += [analysis] if analysis else []
        environment = {name: value for name, value in without_secrets(os.environ).items() if name != _DROPPED}
        self._process = subprocess.Popen(  # noqa: S603  our own module
            command, env={**environment, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
            pass_fds=(theirs.fileno(), life), start_new_session=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        os.close(life)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Is it this process's own, alive and of today's code?"""
        return self.owner == os.getpid() and self._process.poll() is None and self.state == code_state()

    def fork(self, arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> ForkedKernel:
        """Ask for a kernel and wait until it listens.

        Args:
            arguments: what the kernel's command line has behind `ipykernel_launcher`.
            environment: the kernel's.
            folder: the kernel's working directory.

        Returns:
            The kernel's process.

        Raises:
            WarmError: there is none to be had.
        """
        heard, told = os.pipe()
        try:
            with self._asking:
                self._wait_until_warm()
                env = {**environment, CODE: self.state}
                pid = self._ask({"argv": [*arguments], "env": env, "cwd": folder}, told)
        finally:
            os.close(told)
        return ForkedKernel(pid, heard).listening(_FORK)

    def _wait_until_warm(self) -> None:
        if not self._ready:
            answer = self._answer(_START)
            if not answer.get("ready"):
                raise WarmError(f"the warm process has {answer.get('threads')} threads")
            self._ready = True

    def _ask(self, request: Mapping[str, Any], told: int) -> int:
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], [told])
        except OSError as error:
            raise WarmError(f"the warm process cannot be asked: {error}") from error
        answer = self._answer(_FORK)
        if "pid" not in answer:
            raise WarmError(f"the warm process could not fork: {answer.get('error')}")
        return int(answer["pid"])

    def _answer(self, seconds: float) -> dict[str, Any]:
        """The next message, or the reason why none comes."""
        if not select.select([self._control], [], [], seconds)[0]:
            self.stop()
            raise WarmError(f"the warm process gave no answer in {seconds:.0f} s")
        with suppress(OSError):
            if message := self._control.recv(65536):
                return dict(json.loads(message))
        raise WarmError("the warm process has ended")

    def retire(self) -> None:
        """Fork no more; kernels that run go on."""
        self._control.close()
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(5)

    def stop(self) -> None:
        """End it and every kernel that came from it."""
        if self.owner == os.getpid():
            self.retire()
            with suppress(OSError):
                os.close(self._life)


class _Owned:
    """What this process owns: the warm process of today's code, and earlier ones whose kernels still run."""

    def __init__(self) -> None:
        self.lock, self.failed = threading.Lock(), False
        self.current: WarmProcess | None = None
        self.earlier: list[WarmProcess] = []

    def renew(self, analysis: str | None = None) -> WarmProcess:
        if self.current is not None and self.current.owner == os.getpid():
            self.current.retire()
            self.earlier.append(self.current)
        try:
            return WarmProcess(analysis)
        except OSError as error:
            self.failed = True
            _LOG.warning("Kernels start cold: the warm process could not be started (%s).", error)
            raise WarmError(str(error)) from error


_owned = _Owned()


def start_warm(analysis: str | None = None) -> None:
    """Start the warm process now, so that it is ready when the first notebook wants a kernel.

    Args:
        analysis: module of the analysis, where one report of it is all that will be wanted.
    """
    with suppress(WarmError):
        warm_process(analysis)


def warm_process(analysis: str | None = None) -> WarmProcess:
    """The process that forks this one's kernels, renewed when it is gone or the code has changed.

    Args:
        analysis: module of the analysis, where one kernel of it is all that will be wanted.

    Returns:
        It; perhaps still warming up.

    Raises:
        WarmError: there is none here.
    """
    if not sys.platform.startswith("linux") or _owned.failed or os.environ.get("CXLAB_WARM") == "off":
        raise WarmError("no warm process is wanted or possible here")
    with _owned.lock:
        if _owned.current is None or not _owned.current.usable:
            _owned.current = _owned.renew(analysis)
        return _owned.current


@atexit.register
def stop_warm() -> None:
    """End the warm process of this one, if there is one, and its kernels."""
    for one in filter(None, [*_owned.earlier, _owned.current]):
        one.stop()
    _owned.earlier.clear()
    _owned.current = None
