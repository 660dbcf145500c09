"""What a fork of the warm process does: it becomes an ordinary kernel with its own environment and luck."""

import atexit
import os
import signal
import sys
import threading
import time
import traceback
from typing import Any, NoReturn

from cxlab.publish.surface import VARIABLE, surface

__all__ = ["READY", "become_kernel"]

READY = b"ready"


def become_kernel(request: dict[str, Any], told: int, life: int) -> NoReturn:
    """Run a kernel and end with it.

    Args:
        request: the kernel's arguments, environment and folder.
        told: where the owner hears that the kernel listens, or why it does not.
        life: the pipe that ends with the owner.
    """
    code = 1
    try:
        _take_over(request)
        _end_with(life)
        _run(request["argv"], told)
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:  # noqa: BLE001  whatever it is, the owner hears of it
        os.write(told, traceback.format_exc()[-8000:].encode())
    finally:
        _leave(code)


def _take_over(request: dict[str, Any]) -> None:
    """Own process group, signals, environment, folder and random numbers."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    sys.argv = ["ipykernel_launcher", *request["argv"]]
    import numpy as np

    np.random.seed()  # noqa: NPY002  the one state that all forks would share


def _end_with(life: int) -> None:
    """An owner that is gone, however it went, leaves no kernel behind."""

    def watch() -> None:
        os.read(life, 1)  # returns when the last owner's end is closed
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="cxlab-owner").start()


def _run(arguments: list[str], told: int) -> None:
    from ipykernel.kernelapp import IPKernelApp

    if surface() == "app" or any(VARIABLE in one for one in arguments):
        sys.modules["debugpy"] = None  # type: ignore[assignment]  # half of a start, and nobody debugs an app or a report
    app = IPKernelApp.instance(parent_handle=1)  # none to poll: the owner is watched
    app.initialize(arguments)
    _hear_of_widgets()
    os.write(told, READY)
    app.start()
    _last_word(app)


def _last_word(app: Any) -> None:
    """The thread that was asked to end the kernel still answers; ipykernel would close the sockets it answers on."""
    if app.control_thread:
        app.control_thread.stop()
        app.control_thread.join(5)


def _hear_of_widgets() -> None:
    """Without it a page asks for each control's state on its own, because nobody answers when it asks for all."""
    if "ipywidgets" in sys.modules:  # it registers itself where it is imported in a kernel, and here it came before one
        sys.modules["ipywidgets"].register_comm_target()


def _leave(code: int) -> NoReturn:
    try:
        atexit._run_exitfuncs()  # noqa: SLF001  a fork does not end through the interpreter's own end
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
