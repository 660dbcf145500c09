"""Rows of one customer at one moment: the only ones that can be repeats, or whose order is not known."""

from dataclasses import dataclass

from cxlab.data import quote
from cxlab.quality.moments import UNKNOWN, instant
from cxlab.quality.subject import Subject

__all__ = ["Ties", "tied_rows"]

_ALWAYS, _ENOUGH = 0.9, 20
_KEYS, _ROWS = "tied_keys", "tied_rows"


@dataclass(frozen=True)
class Ties:
    """Rows after the first of each moment, and what they are.

    Attributes:
        rows: rows that share customer and moment with an earlier one.
        equal: rows that equal an earlier one in every column.
        anew: rows that equal an earlier one in every column but the id.
        pairs: rows of events that always come with one other, such as a first order with its purchase.
    """

    rows: int
    equal: int
    anew: int
    pairs: int


def tied_rows(subject: Subject) -> Ties | None:
    """Which rows share customer and moment with another?

    Args:
        subject: the table under examination.

    Returns:
        Their numbers; None where a table has no customer and moment to share.

    Assumes:
        Two different keys do not share a 64-bit hash; among 10 million rows the chance that any do is 1 in 370,000.
    """
    unit, time = subject.role("unit"), subject.role("time")
    if subject.contract.name not in ("events", "transactions") or unit is None or time is None:
        return None
    moment = instant(subject, time)
    moment = quote(time.name) if moment == UNKNOWN else moment
    known = "false" if moment == quote(time.name) and not time.native_time else f"{moment} IS NOT NULL"
    key = f"hash({quote(unit.name)}, {moment})"
    subject.table.engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {_KEYS} AS SELECT {key} AS k, count(*) AS n, "
        f"any_value({quote(unit.name)} IS NOT NULL AND {known}) AS known FROM {subject.table.relation} "
        f"GROUP BY 1 HAVING count(*) > 1"
    )
    rows, keys = subject.sql(f"SELECT coalesce(sum(n - 1) FILTER (known), 0), count(*) FROM {_KEYS}")
    return _looked_at(subject, key, int(rows)) if keys else Ties(0, 0, 0, 0)


def _looked_at(subject: Subject, key: str, rows: int) -> Ties:
    """Only the tied rows are compared whole."""
    event = subject.role("event")
    named = [quote(column.name) for column in subject.columns if column.role != "id"]
    ids = [quote(column.name) for column in subject.columns if column.role == "id"]
    subject.table.engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {_ROWS} AS SELECT {key} AS k, hash({', '.join(named)}) AS same, "
        f"hash({', '.join(ids + named)}) AS whole, {f'hash({quote(event.name)})' if event else '0'} AS e "
        f"FROM {subject.table.relation} WHERE {key} IN (SELECT k FROM {_KEYS})"
    )
    equal, anew = subject.sql(f"SELECT count(*) - count(DISTINCT whole), count(*) - count(DISTINCT same) FROM {_ROWS}")
    return Ties(rows, int(equal), int(anew), _pairs(subject) if event else 0)


def _pairs(subject: Subject) -> int:
    """One act under two names: at least nine in ten of these events come with one other."""
    event = subject.role("event")
    assert event is not None
    whole = f"SELECT hash({quote(event.name)}) AS e, count(*) AS total FROM {subject.table.relation} GROUP BY 1"
    two = f"SELECT k FROM {_ROWS} JOIN {_KEYS} USING (k) WHERE known GROUP BY k HAVING count(DISTINCT e) = 2"
    paired = f"SELECT e, count(*) AS n FROM {_ROWS} WHERE k IN ({two}) GROUP BY 1"
    found = subject.sql(
        f"SELECT sum(n) FROM ({paired}) JOIN ({whole}) USING (e) WHERE n >= {_ALWAYS} * total AND total >= {_ENOUGH}"
    )[0]
    return int(found or 0)
