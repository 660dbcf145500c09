"""Databases of the engines: one DuckDB in a process, in which each engine has a database of its own.

To start DuckDB takes longer than to count a small table; an empty database attached to one that runs is there at once.
What an engine held is let go when the next statement of any engine runs, not while Python clears it away: then the
same thread may be in the middle of a statement.
"""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

__all__ = ["connected", "release"]

_SETTINGS: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "50%",
}
_LOCK = threading.Lock()
_NUMBERS = count()
_STARTED: list[duckdb.DuckDBPyConnection] = []
_LEFT: list[duckdb.DuckDBPyConnection] = []
_DESERTED: list[str] = []


def connected(owner: object) -> duckdb.DuckDBPyConnection:
    """A connection to an empty database, that is there as long as its owner.

    Args:
        owner: whose tables will be in it.

    Returns:
        The connection; names without a database are looked for in the owner's.
    """
    release()
    with _LOCK:
        name = f"cxlab_{next(_NUMBERS)}"
        try:
            connection = _attached(name)
        except duckdb.Error:  # an error inside DuckDB has ended it; those who come later begin with another
            _STARTED.clear()
            connection = _attached(name)
    weakref.finalize(owner, _DESERTED.append, name).atexit = False
    return connection


def _attached(name: str) -> duckdb.DuckDBPyConnection:
    if not _STARTED:
        spill = Path(tempfile.gettempdir()) / "cxlab-spill"
        _STARTED.append(duckdb.connect(":memory:", config={**_SETTINGS, "temp_directory": str(spill)}))
    connection = _STARTED[0].cursor()
    connection.execute(f"ATTACH ':memory:' AS {name}; USE {name}")
    connection.execute("SET enable_progress_bar = false; SET TimeZone = 'UTC'")
    return connection


def release() -> None:
    """Let go what belonged to engines that are no more."""
    while _DESERTED:
        try:
            name = _DESERTED.pop()
        except IndexError:  # another thread took the last
            return
        with _LOCK:
            if _STARTED:
                _STARTED[0].execute(f"DETACH DATABASE IF EXISTS {name}")


def _begin_anew() -> None:
    """A process that was forked has none of the threads of a database that runs, and cannot even end it."""
    _LEFT.extend(_STARTED)
    _STARTED.clear()
    _DESERTED.clear()
    _LOCK.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_begin_anew)
