"""Which kernel do notebooks get, and has the code changed since the warm process was started?"""

import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import cxlab
from cxlab.folders import folder

__all__ = ["code_state", "use_warm_kernels"]


def use_warm_kernels() -> None:
    """Let notebooks of the kernel `python3` start warm: Papermill, JupyterLab and Voila find our kernelspec first."""
    ours = str(folder("templates"))
    paths = [path for path in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if path and path != ours]
    os.environ["JUPYTER_PATH"] = os.pathsep.join([ours, *paths])


def code_state() -> str:
    """Which code would a kernel import now?

    Returns:
        A text that changes when the project's code or the installed packages change.
    """
    files = [(str(path), path.stat().st_mtime_ns) for path in _sources()]
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    packages = [Path(place).stat().st_mtime_ns for place in places]
    return f"{sys.version} {len(files)} {max(stamp for _, stamp in files)} {sorted(packages)}"


def _sources() -> Iterator[Path]:
    return Path(cxlab.__file__).parent.rglob("*.py")
