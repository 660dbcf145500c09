"""The warm process: it imports once, then forks a kernel for each request of its owner, and ends with its owner."""

import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxlab.publish.warm.child import become_kernel
from cxlab.publish.warm.warming import threads, warm_up

__all__ = ["LARGEST", "main", "serve"]

LARGEST = 1 << 20  # bytes of a request: a kernel's environment is far smaller


def main(arguments: Sequence[str]) -> int:
    """Warm up, say so, and serve.

    Args:
        arguments: the owner's socket and the pipe that ends with the owner, as numbers of open files; the module of
            the one analysis that is wanted, where there will be but one kernel.

    Returns:
        The exit code: 1 where a fork would not be safe.
    """
    control, life = socket.socket(fileno=int(arguments[0])), int(arguments[1])
    if sys.path and sys.path[0] == str(Path.cwd()):
        del sys.path[0]  # `python -m` puts the owner's folder first; a kernel has its own
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # kernels that end leave nothing behind
    warm_up(*arguments[2:3])
    running = threads()
    control.send(json.dumps({"ready": running == 1, "threads": running}).encode())
    if running != 1:
        return 1
    serve(control, life)
    return 0


def serve(control: socket.socket, life: int) -> None:
    """Fork a kernel for each request until the owner is gone.

    Args:
        control: the owner's socket.
        life: the pipe that ends with the owner; every kernel watches it.
    """
    while True:
        message, files, _, _ = socket.recv_fds(control, LARGEST, 1)
        if not message:
            return
        answer = _forked(json.loads(message), files, control, life)
        control.send(json.dumps(answer).encode())


def _forked(request: dict[str, Any], files: list[int], control: socket.socket, life: int) -> dict[str, Any]:
    """The new kernel's number, or why there is none; the kernel itself never comes back from here."""
    try:
        pid = os.fork()
    except OSError as error:
        pid, failure = -1, str(error)
    if pid == 0:
        control.close()
        become_kernel(request, files[0], life)
    for file in files:
        os.close(file)
    return {"pid": pid} if pid > 0 else {"error": failure}


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # nothing to tidy up, and some packages complain when they are
