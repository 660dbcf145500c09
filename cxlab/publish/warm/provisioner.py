"""Jupyter's way to our kernels: forked from the warm process where there is one, else started as usual."""

import asyncio
import logging
import os
import tempfile
import threading
import uuid
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from cxlab.publish.warm.owner import WarmError, warm_process
from cxlab.publish.warm.process import ForkedKernel, KernelDiedError

__all__ = ["WarmProvisioner"]

_LOG = logging.getLogger("cxlab.warm")
_MAKING = threading.Lock()
_LAUNCHER = "ipykernel_launcher"
_LONGEST = 90  # letters of a socket's path, of the 107 that the system allows


def _socket_folder() -> str:
    """The same folder for all threads: two that each made one would leave one of them to be thrown away, in use."""
    with _MAKING:
        return _sockets(os.getpid()).name


@cache
def _sockets(owner: int) -> tempfile.TemporaryDirectory[str]:
    """One private folder for the sockets of this process's kernels; it goes when the process ends."""
    return tempfile.TemporaryDirectory(prefix=f"cxlab-{owner}-", ignore_cleanup_errors=True)


class WarmProvisioner(LocalProvisioner):
    """Gives a kernel in a third of a second instead of seconds; everything else stays Jupyter's own."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Give the kernel sockets of its own, before Jupyter writes them down.

        Ports are found free, let go and taken again: with many kernels at once another process takes one of them in
        between, and each restart tries the same lost port again.

        Args:
            kwargs: Jupyter's.

        Returns:
            The same, completed.
        """
        manager = self.parent
        if manager is not None and manager.transport == "tcp" and not manager.shell_port and os.name == "posix":
            prefix = f"{_socket_folder()}/{uuid.uuid4().hex[:12]}"
            if len(prefix) < _LONGEST:
                manager.transport, manager.ip, manager.cache_ports = "ipc", prefix, False
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork the kernel, or start it as usual where that is not possible.

        Args:
            cmd: the kernel's command line.
            kwargs: Jupyter's: environment, folder and more.

        Returns:
            How to connect.
        """
        kernel = None if kwargs.get("independent") or _LAUNCHER not in cmd else await self._forked(cmd, kwargs)
        if kernel is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid  # type: ignore[assignment]
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    async def _forked(self, cmd: list[str], kwargs: dict[str, Any]) -> ForkedKernel | None:
        arguments = cmd[cmd.index(_LAUNCHER) + 1 :]
        environment = {**(kwargs.get("env") or os.environ)}
        try:
            return await asyncio.to_thread(_fork, arguments, environment, str(kwargs.get("cwd") or Path.cwd()))
        except WarmError as error:
            _LOG.info("A kernel starts cold: %s.", error)
        except KernelDiedError as error:
            _LOG.warning("A warm kernel ended before it listened; an ordinary one takes its place. %s", error)
        return None


def _fork(arguments: list[str], environment: dict[str, str], folder: str) -> ForkedKernel:
    return warm_process().fork(arguments, environment, folder)
