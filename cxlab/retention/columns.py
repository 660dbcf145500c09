"""What tables of payments have in common: one currency, groups with names, and an end of the log."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import NOT_GIVEN, Relation, Table, refuse_total
from cxlab.data.calendar import INSTANT, parse_instant
from cxlab.errors import DataError, ParameterError
from cxlab.wording import count, date, sentence_list

__all__ = ["group_names", "log_end", "refuse_future", "refuse_mixed_currencies"]

_FUTURE = pd.Timedelta("2D")


def refuse_mixed_currencies(table: Table, relation: Relation, column: str) -> None:
    """Are all amounts in one currency?

    Args:
        table: the data.
        relation: its typed columns, `currency` among them.
        column: the currency's column as the user calls it.

    Raises:
        DataError: they are in several.
    """
    found = table.engine.rows(f"SELECT currency, count(*) FROM {relation} GROUP BY 1 ORDER BY 2 DESC, 1")
    if len(found) > 1:
        listed = sentence_list([f"{name or NOT_GIVEN} ({count(n)} rows)" for name, n in found[:4]])
        raise DataError(
            f"Column '{column}' mixes {len(found)} currencies: {listed}. Amounts of different currencies cannot be "
            "added up; convert them to one at fixed rates, or ask each currency by itself."
        )


def group_names(column: Any, name: str) -> NDArray[Any]:
    """Which group does each row belong to?

    Args:
        column: values, some missing.
        name: the column as the user calls it.

    Returns:
        Texts; missing ones are a group of their own.

    Raises:
        DataError: a group is called like all groups together.
    """
    plain = np.ma.filled(column, None) if np.ma.isMaskedArray(column) else column
    found = np.array([NOT_GIVEN if one is None or one != one else str(one) for one in plain], dtype=object)
    refuse_total(set(found), name)
    return found


def log_end(table: Table, relation: Relation, observe_until: str | None, what: str) -> tuple[pd.Timestamp, bool]:
    """Up to when is the log complete?

    Args:
        table: the data.
        relation: its typed columns, `time` among them.
        observe_until: what the user says, or None.
        what: what a row is, in words.

    Returns:
        The first moment no longer seen, and whether it had to be assumed from the last row.

    Raises:
        DataError: rows lie in the future, and the user does not say where the log ends.
        ParameterError: the log would end before its first row.
    """
    first, last = (pd.Timestamp(one) for one in table.engine.rows(f"SELECT min(time), max(time) FROM {relation}")[0])
    if observe_until is not None:
        until = parse_instant(observe_until, argument="observe_until", tz=table.tz, end=True)
        if until <= first:
            raise ParameterError(
                f"`observe_until` is {observe_until}, but the first {what} is on {date(first.isoformat())}. "
                f"Give a day up to which the log is complete, such as {last.date().isoformat()}."
            )
        return until, False
    refuse_future(table, str(relation), last)
    return last + INSTANT, True


def refuse_future(table: Table, moments: str, last: pd.Timestamp) -> None:
    """Where nobody says when the log ends, no row may lie in the future.

    Args:
        table: the data.
        moments: SQL of a relation with a column `time`.
        last: the last of these moments.

    Raises:
        DataError: rows lie in the future.
    """
    now = pd.Timestamp.now("UTC").tz_localize(None)
    if last <= now + _FUTURE:
        return
    ahead = table.engine.rows(f"SELECT count(*) FROM {moments} AS e WHERE time > TIMESTAMP '{now}'")[0][0]
    raise DataError(
        f"{count(ahead)} of {count(table.rows)} rows lie in the future, the last on {date(last.isoformat())}. "
        "Correct their times, or say with observe_until up to which day the log is complete."
    )
