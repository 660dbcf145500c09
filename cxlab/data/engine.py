"""The embedded database that does the heavy work; only small frames leave it."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data.databases import connected, release
from cxlab.data.known import Known
from cxlab.data.waiting import told
from cxlab.errors import DataError

__all__ = ["ROW_CAP", "Engine", "literal", "quote"]

ROW_CAP = 100_000
_REMEMBERED, _LARGEST, _COUNTED = 200, 4_000_000, 8  # answers, bytes of one, and counts made in several steps
_VECTORS = 512  # of 2,048 rows each, in one piece of a long answer
T = TypeVar("T")


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
    """One embedded DuckDB database in memory; safe to call from several threads, one query at a time.

    Aggregates are remembered until a statement or a new frame may have changed what they count: a control that changes
    only how they are read, such as the confidence, asks no table of ten million rows again.
    """

    dialect = "duckdb"

    def __init__(self, *, known: Known | None = None, later: Callable[["Engine"], None] | None = None) -> None:
        """Begin without a database; it is there from the first statement on.

        Args:
            known: small answers that other kernels have had from the same files.
            later: puts the source into the database, when it is first needed.
        """
        self._known, self._later = known, later
        self._database: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.RLock()
        self._altered = False  # does the database hold anything but the source?
        self._remembered: dict[tuple[str, str], Any] = {}
        self._counted: dict[str, Any] = {}

    @property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        release()
        if self._database is None:
            self._database = connected(self)
            try:
                later, self._later = self._later, None
                if later is not None:
                    later(self)
                    self.opened()
            except BaseException:  # whatever it was, a source that is not there must not look like an empty one
                self._database, self._later = None, later
                raise
        return self._database

    def opened(self) -> None:
        """From here on the database holds the source and nothing else."""
        self._altered = False

    def wake(self) -> None:
        """Open the source now, if that has not been done: somebody is about to ask."""
        with self._lock:
            assert self._connection is not None

    def __repr__(self) -> str:
        return "Engine(duckdb in memory)"

    def execute(self, sql: str, *, scratch: bool = False) -> None:
        """Run a statement that returns nothing; scratch says that it makes or drops a step of one analysis only."""
        with self._lock, told():
            database = self._connection
            self._forget(scratch=scratch)
            database.execute(sql)

    def register(self, name: str, frame: Any, *, scratch: bool = False) -> None:
        """Make a data frame known under a name."""
        with self._lock:
            database = self._connection
            self._forget(scratch=scratch)
            database.register(name, frame)

    def interrupt(self) -> None:
        """Let the query that runs now, in another thread, end with an error; without one nothing happens."""
        if self._database is not None:
            self._database.interrupt()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query for a few rows, such as a count or a column list."""
        with self._lock, told():
            found = self._remembered.get(("rows", sql))
            if found is None:
                found = self._asked(sql)
                self._remember("rows", sql, found, sum(map(len, found)) * 50)
        return [*found]

    def _asked(self, sql: str) -> list[tuple[Any, ...]]:
        """As others had it, as long as this database holds the source alone."""
        known = None if self._altered else self._known
        found = None if known is None else known.rows(sql)
        if found is None:
            found = self._connection.execute(sql).fetchall()
            if known is not None:
                known.keep_rows(sql, found)
        return found

    def query(self, sql: str) -> pd.DataFrame:
        """Run a query whose answer is a small, aggregated frame.

        Raises:
            DataError: the answer has more than 100,000 rows; it would be raw data, not an aggregate.
        """
        with self._lock, told():
            frame = self._remembered.get(("query", sql))
            if frame is None:
                frame = self._connection.execute(f"SELECT * FROM ({sql}) LIMIT {ROW_CAP + 1}").df()
                self._remember("query", sql, frame, int(frame.memory_usage().sum()))
        if len(frame) > ROW_CAP:
            raise DataError(
                f"The answer has more than {ROW_CAP:,} rows; only aggregates leave the engine. "
                "Choose a longer period or a column with fewer distinct values."
            )
        return frame.copy()

    def once(self, question: str, count: Callable[[], T]) -> T:
        """What an analysis counts in several statements, remembered like one answer.

        Args:
            question: everything that the counts depend on, as text.
            count: counts them.

        Returns:
            The counts; whoever gets them changes nothing in them.
        """
        if question not in self._counted:
            self._counted[question] = count()
            for oldest in list(self._counted)[:-_COUNTED]:
                del self._counted[oldest]
        return self._counted[question]

    def _forget(self, *, scratch: bool) -> None:
        self._altered = True
        self._remembered.clear()
        if not scratch:
            self._counted.clear()

    def _remember(self, kind: str, sql: str, found: Any, size: int) -> None:
        if size <= _LARGEST:
            self._remembered[kind, sql] = found
            for oldest in list(self._remembered)[:-_REMEMBERED]:
                del self._remembered[oldest]

    def arrays(self, sql: str) -> dict[str, NDArray[Any]]:
        """Run a query whose columns are needed whole as arrays; for the sequence kernels only."""
        with self._lock, told():
            return {k: np.asarray(v) for k, v in self._connection.execute(sql).fetchnumpy().items()}

    def each(self, sql: str, take: Callable[[dict[str, NDArray[Any]]], None]) -> None:
        """Run a query whose columns are wanted as arrays, about a million rows at a time; for the sequence kernels.

        Args:
            sql: the query.
            take: gets every piece and asks nothing of the engine.
        """
        with self._lock, told():
            found = self._connection.execute(sql)
            try:
                while len(piece := found.fetch_df_chunk(_VECTORS)):
                    take({name: piece[name].to_numpy() for name in piece})
            finally:
                found.abort()
