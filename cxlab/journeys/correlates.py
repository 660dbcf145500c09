"""What goes with finishing: values known at the first start, and events before it or before a common landmark."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxlab.data import NOT_GIVEN, literal
from cxlab.results import SMALLEST_DRAWN
from cxlab.stats.multiplicity import benjamini_hochberg
from cxlab.stats.odds import cut_odds
from cxlab.stats.proportions import fisher_exact_test, newcombe_difference, pooled_z_test
from cxlab.wording import number

if TYPE_CHECKING:
    from cxlab.journeys.events import EventLog
    from cxlab.journeys.questions import Questions

__all__ = ["BEFORE", "LANDMARK", "PROPERTY", "correlate_counts", "correlate_table"]

PROPERTY, BEFORE, LANDMARK = "property", "event before the start", "event by the landmark"
_MOST_VALUES, _FEW_NUMBERS = 50, 12
_EXPECTED = 5.0  # people expected in every cell from which the normal test is good enough
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
            "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip
_COLUMNS = ["kind", "factor", "value", "n", "finished", "control_n", "control_finished"]


def correlate_counts(log: EventLog, starts: str, asked: Questions, *, key: str) -> pd.DataFrame:
    """How many with and without each value or event began, and how many of them finished?

    Args:
        log: the events.
        starts: the table of first starts.
        asked: the questions.
        key: the events' column that tells one person from another.

    Returns:
        One row per value or event: kind, factor (the column, or what kind of event), value, n and finished (with it),
        control_n and control_finished (without it); over people whose window is over.
    """
    parts = [_property(log, starts, asked, column) for column in asked.goes_with]
    if asked.look_back is not None:
        # Who began too early in the data to be seen for so long before would look as if nothing had happened.
        seen = f"over AND entered - {asked.look_back} >= {log.first}"
        when = f"e.{key} = s.u AND e.t >= s.entered - {asked.look_back} AND e.t < s.entered"
        parts.append(_events(log, starts, asked, BEFORE, (seen, when)))
    if asked.landmark is not None:
        waiting = f"over AND coalesce(finished_at > entered + {asked.landmark}, true)"
        when = f"e.{key} = s.u AND e.t > s.entered AND e.t <= s.entered + {asked.landmark}{_not_a_step(log)}"
        parts.append(_events(log, starts, asked, LANDMARK, (waiting, when)))
    return pd.concat([pd.DataFrame(columns=_COLUMNS), *parts], ignore_index=True)[_COLUMNS]


def _entry_events(log: EventLog) -> str:
    """SQL: the events with which a chain may begin."""
    first = log.steps if log.rules.order == "any" else log.steps[:1]
    named = ", ".join(literal(name) for step in first for name in step.events)
    return f"p.event IN ({named})" if all(step.events for step in first) else "true"


def _not_a_step(log: EventLog) -> str:
    """SQL: progress is no exposure; who is already half through finishes more often, whatever else they did."""
    steps = log.steps if log.rules.order == "any" else log.steps[1:]
    later = [literal(name) for step in steps for name in step.events]
    return f" AND e.event NOT IN ({', '.join(later)})" if later else ""


def _property(log: EventLog, starts: str, asked: Questions, column: str) -> pd.DataFrame:
    """The values of one column at the first start."""
    table = log.table
    numeric = table.types[table.column(column)].startswith(_NUMBERS)
    kinds = {"unit": "id", "event": "text", "time": "time"}
    typed = table.typed(
        **{role: (asked.columns[role], kind) for role, kind in kinds.items()},
        value=(column, "number?" if numeric else "text?"),
    )
    values = log.make(
        f"values{asked.goes_with.index(column)}",
        f"SELECT s.u, s.done, min(p.value) AS value FROM (SELECT * FROM {starts} WHERE over) s JOIN {typed} p ON "
        f"p.unit = s.u AND epoch_us(p.time) = s.entered WHERE {_entry_events(log)} GROUP BY s.u, s.done",
    )
    label = _parts(log, values) if numeric else "value"
    found = table.query(
        f"SELECT coalesce({label}, {literal(NOT_GIVEN)}) AS value, count(*) AS n, "
        f"count(*) FILTER (done) AS finished FROM {values} GROUP BY 1 ORDER BY n DESC, value LIMIT {_MOST_VALUES}"
    )
    people, finished = table.engine.rows(f"SELECT count(*), count(*) FILTER (done) FROM {values}")[0]
    if len(found) == 2 and found["n"].sum() == people:
        found = found.iloc[1:]  # of two values one is the mirror of the other
    return _against_the_rest(found, people, finished).assign(kind=PROPERTY, factor=column)


def _parts(log: EventLog, values: str) -> str:
    """SQL: a number in words; where there are many different ones, four parts of about the same size."""
    cuts = ", ".join(f"quantile_disc(value, {share})" for share in (0.25, 0.5, 0.75))
    distinct, *found = log.table.engine.rows(f"SELECT count(DISTINCT value), {cuts} FROM {values}")[0]
    if distinct <= _FEW_NUMBERS:
        return (
            "CASE WHEN value = floor(value) AND abs(value) < 1e15 THEN value::BIGINT::VARCHAR ELSE value::VARCHAR END"
        )
    edges = sorted(set(found))
    words = [number(edge, 0 if float(edge).is_integer() else None) for edge in edges]
    names = [f"up to {words[0]}"]
    names += [f"above {low} to {high}" for low, high in pairwise(words)]
    cases = " ".join(f"WHEN value <= {edge!r} THEN {literal(name)}" for edge, name in zip(edges, names, strict=True))
    return f"CASE {cases} WHEN value IS NOT NULL THEN {literal(f'above {words[-1]}')} END"


def _events(log: EventLog, starts: str, asked: Questions, kind: str, when: tuple[str, str]) -> pd.DataFrame:
    """Who had each event in a stretch of time that is the same for everybody."""
    who, during = when
    people, finished = log.table.engine.rows(
        f"SELECT count(*), count(*) FILTER (done) FROM {starts} WHERE {who}"
    )[0]  # fmt: skip
    named = "" if asked.exposures is None else f" AND e.event IN ({', '.join(map(literal, asked.exposures))})"
    found = log.table.query(
        f"SELECT event AS value, count(*) AS n, count(*) FILTER (done) AS finished FROM (SELECT DISTINCT s.u, s.done, "
        f"e.event FROM {log.events} e JOIN (SELECT * FROM {starts} WHERE {who}) s ON {during}{named}) "
        f"GROUP BY event ORDER BY n DESC, value LIMIT {4 * _MOST_VALUES}"
    )
    return _against_the_rest(found, people, finished).assign(kind=kind, factor="event")


def _against_the_rest(found: pd.DataFrame, people: int, finished: int) -> pd.DataFrame:
    return found.assign(control_n=people - found["n"], control_finished=finished - found["finished"])


def correlate_table(counts: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """Which of them go with finishing more often, or less, than chance explains?

    Args:
        counts: with and without, from `correlate_counts`.
        confidence: level of the intervals.

    Returns:
        One row per value or event that at least 50 people have and 50 have not, the surest first: kind, factor, value,
        n, estimate, control_n, control_estimate, effect (difference of the shares), ci_low, ci_high, odds_ratio,
        odds_low, odds_high, half_added (half a person was added to each cell of the odds, as one was empty), p_value
        (two shares; Fisher's where few are expected in a cell) and p_adjusted (Benjamini-Hochberg over all rows).

    Source:
        Newcombe 1998, method 10; Woolf 1955; Haldane 1956; Benjamini and Hochberg 1995.
    """
    rows = counts[(counts["n"] >= SMALLEST_DRAWN) & (counts["control_n"] >= SMALLEST_DRAWN)].reset_index(drop=True)
    cells = [rows[name].to_numpy(float) for name in ("finished", "n", "control_finished", "control_n")]
    effect, low, high = newcombe_difference(*cells, confidence=confidence)
    odds = pd.DataFrame(
        [_odds(cell, confidence) for cell in zip(*cells, strict=True)],
        columns=["odds_ratio", "odds_low", "odds_high", "half_added", "p_value"],
    )
    table = pd.concat([rows[["kind", "factor", "value", "n"]], odds], axis=1).assign(
        estimate=cells[0] / cells[1], control_n=rows["control_n"], control_estimate=cells[2] / cells[3], effect=effect,
        ci_low=low, ci_high=high, p_adjusted=benjamini_hochberg(odds["p_value"].to_numpy(float)),
    )  # fmt: skip
    ordered = table.assign(size=-np.abs(effect)).sort_values(["p_value", "size", "kind", "factor", "value"])
    return ordered[[
        "kind", "factor", "value", "n", "estimate", "control_n", "control_estimate", "effect", "ci_low", "ci_high",
        "odds_ratio", "odds_low", "odds_high", "half_added", "p_value", "p_adjusted",
    ]].reset_index(drop=True)  # fmt: skip


def _odds(cell: Sequence[Any], confidence: float) -> tuple[float, float, float, bool, float]:
    """Odds ratio with interval, whether half a person was added, and the p-value."""
    x1, n1, x0, n0 = cell
    found = cut_odds(x1, n1 - x1, x0, n0 - x0, confidence=confidence)
    empty = min(x1, n1 - x1, x0, n0 - x0) == 0
    expected = min(n1, n0) * min(x1 + x0, n1 + n0 - x1 - x0) / (n1 + n0)
    if expected >= _EXPECTED:
        p = pooled_z_test(x1, n1, x0, n0)[1]
    else:
        p = fisher_exact_test(int(x1), int(n1), int(x0), int(n0))
    return (*(float(np.exp(v)) for v in (found.value, found.ci_low, found.ci_high)), empty, p)
