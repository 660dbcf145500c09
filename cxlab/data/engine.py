"""The embedded database that does the heavy work; only small frames leave it."""

import tempfile
import threading
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data.waiting import told
from cxlab.errors import DataError

__all__ = ["ROW_CAP", "Engine", "literal", "quote"]

ROW_CAP = 100_000
_SETTINGS: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "50%",
}


def quote(name: str) -> str:
    """How is a column's name written in SQL?

    Args:
        name: the name as the user's table has it.

    Returns:
        The quoted name.

    Examples:
        >>> print(quote("first name"))
        "first name"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """How is a user's word written in SQL, so that nothing in it is run?

    Args:
        value: the word as it stands in the data.

    Returns:
        The quoted word.

    Examples:
        >>> print(literal("d'accord"))
        'd''accord'
    """
    return "'" + value.replace("'", "''") + "'"


class Engine:
    """One embedded DuckDB database in memory; safe to call from several threads, one query at a time."""

    dialect = "duckdb"

    def __init__(self) -> None:
        spill = Path(tempfile.gettempdir()) / "cxlab-spill"
        self._connection = duckdb.connect(":memory:", config={**_SETTINGS, "temp_directory": str(spill)})
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.execute("SET TimeZone = 'UTC'")
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "Engine(duckdb in memory)"

    def execute(self, sql: str) -> None:
        """Run a statement that returns nothing."""
        with self._lock, told():
            self._connection.execute(sql)

    def register(self, name: str, frame: Any) -> None:
        """Make a data frame known under a name."""
        with self._lock:
            self._connection.register(name, frame)

    def interrupt(self) -> None:
        """Let the query that runs now, in another thread, end with an error; without one nothing happens."""
        self._connection.interrupt()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query for a few rows, such as a count or a column list."""
        with self._lock, told():
            return self._connection.execute(sql).fetchall()

    def query(self, sql: str) -> pd.DataFrame:
        """Run a query whose answer is a small, aggregated frame.

        Raises:
            DataError: the answer has more than 100,000 rows; it would be raw data, not an aggregate.
        """
        with self._lock, told():
            frame = self._connection.execute(f"SELECT * FROM ({sql}) LIMIT {ROW_CAP + 1}").df()
        if len(frame) > ROW_CAP:
            raise DataError(
                f"The answer has more than {ROW_CAP:,} rows; only aggregates leave the engine. "
                "Choose a longer period or a column with fewer distinct values."
            )
        return frame

    def arrays(self, sql: str) -> dict[str, NDArray[Any]]:
        """Run a query whose columns are needed whole as arrays; for the sequence kernels only."""
        with self._lock, told():
            return {k: np.asarray(v) for k, v in self._connection.execute(sql).fetchnumpy().items()}
