"""Who was a customer from when to when, and when something happened to them: read once, faults refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import Relation, Table
from cxlab.data.calendar import INSTANT
from cxlab.errors import DataError, ParameterError
from cxlab.retention.columns import group_names, log_end
from cxlab.wording import count, date

__all__ = ["FEWEST", "Spells", "read_spells"]

Floats = NDArray[np.float64]
FEWEST = 5  # customers who left, before or without the event and after it, that an estimate needs
_DAY = 86_400
_FEW_VALUES = 2


@dataclass(frozen=True, kw_only=True)
class Spells:
    """One stay a place, in days: how long it was seen, whether the customer left then, and when the event came.

    `waited` is nan for never; `known` holds what was known at the start, numbers as floats and groups as texts.
    """

    unit: NDArray[np.int64] = field(repr=False)
    held: Floats = field(repr=False)
    left: NDArray[np.bool_] = field(repr=False)
    waited: Floats = field(repr=False)
    known: Mapping[str, NDArray[Any]] = field(repr=False)
    until: str
    assumed: bool
    whole_days: bool
    not_seen: int
    at_once: int

    @property
    def customers(self) -> int:
        """How many people are these?"""
        return len(np.unique(self.unit))

    @property
    def repeats(self) -> bool:
        """Does somebody stand in several rows?"""
        return self.customers < len(self.unit)

    @property
    def ever(self) -> NDArray[np.bool_]:
        """Was the event seen while the customer was there?"""
        return np.asarray(self.waited < self.held)

    def still_here(self, day: float) -> Spells:
        """Those still here on a day, their time counted from it."""
        here = self.held > day
        known = {name: values[here] for name, values in self.known.items()}
        return replace(self, unit=self.unit[here], held=self.held[here] - day, left=self.left[here],
                       waited=self.waited[here] - day, known=known)  # fmt: skip


def read_spells(table: Table, given: dict[str, Any]) -> Spells:
    """Who stayed how long, and when did the event come?

    Args:
        table: one row per customer.
        given: the arguments by name.

    Returns:
        The stays that had begun when the log ends.

    Raises:
        DataError: ends before starts, events after ends, a customer twice with one start, times in the future, or
            too few customers who had the event or left.
        ParameterError: a covariate is not usable, or observe_until lies before the first start.
    """
    kinds = _covariates(table, given)
    names = {"unit": (given["unit"], "id"), "start": (given["start"], "time"), "end": (given["end"], "time?")}
    names |= {"happened": (given["event_time"], "time?")}
    typed = table.typed(**names, **{f"covariate{k}": (name, kinds[name]) for k, name in enumerate(kinds)})
    until, assumed = _until(table, typed, given)
    local = {role: table.local(role if role == "happened" else f'"{role}"') for role in ("start", "end", "happened")}
    whole = _whole_days(table, typed, local["end"])
    if whole:
        local |= {role: f"date_trunc('day', {local[role]})" for role in ("start", "happened")}
    listed = "".join(f", covariate{k}" for k in range(len(kinds)))
    stays = (
        f"(SELECT unit, {local['start']} AS began, {local['end']} AS ended, {local['happened']} AS came{listed} "
        f"FROM {typed} AS t)"
    )
    _refuse_faults(table, stays, given)
    columns = table.engine.arrays(_stays_sql(stays, table.local(f"TIMESTAMP '{until}'"), listed))
    return _enough(_spells(columns, table, kinds, until=until, assumed=assumed, whole=whole), given)


def _spells(columns: dict[str, Any], table: Table, kinds: Mapping[str, str], **end: Any) -> Spells:
    held, left = np.asarray(columns["held"], float), np.asarray(columns["gone"], bool)
    waited, kept = np.asarray(columns["waited"], float), held > 0
    known = {
        name: (
            np.asarray(columns[f"covariate{k}"], float)
            if kind == "number"
            else group_names(columns[f"covariate{k}"], name)
        )
        for k, (name, kind) in enumerate(kinds.items())
    }
    return Spells(
        unit=np.asarray(columns["who"], np.int64)[kept], held=held[kept], left=left[kept], waited=waited[kept],
        known={name: values[kept] for name, values in known.items()},
        until=date((end["until"] - INSTANT).isoformat()), assumed=end["assumed"], whole_days=end["whole"],
        not_seen=table.rows - len(held), at_once=int((~kept).sum()),
    )  # fmt: skip


def _stays_sql(stays: str, until: str, listed: str) -> str:
    """Times in days; what lies beyond the end of the log has not been seen."""
    return (
        f"SELECT dense_rank() OVER (ORDER BY unit) - 1 AS who, "
        f"epoch(least(coalesce(ended, {until}), {until}) - began) / {_DAY} AS held, "
        f"(ended IS NOT NULL AND ended < {until}) AS gone, "
        f"CASE WHEN came < {until} THEN epoch(came - began) / {_DAY} ELSE CAST('NaN' AS DOUBLE) END AS waited{listed} "
        f"FROM {stays} AS s WHERE began < {until}"
    )


def _covariates(table: Table, given: dict[str, Any]) -> dict[str, str]:
    """Each covariate's kind: numbers where all its values are, else groups."""
    names = given["covariates"] or []
    if isinstance(names, str):
        raise ParameterError(f"`covariates` is {names!r}; expected a list of columns, such as [{names!r}].")
    taken = {table.column(given[role]): role for role in ("unit", "start", "end", "event_time")}
    for place, name in enumerate(names):
        role = taken.get(table.column(name))
        if role or name in names[:place]:
            why = f"is the column of `{role}` already" if role else "stands there twice"
            raise ParameterError(
                f"`covariates` has {name!r}, which {why}; name what was known at the start, each once."
            )
    return {name: _kind(table, name) for name in names}


def _kind(table: Table, name: str) -> str:
    try:
        relation = table.typed(value=(name, "number?"))
    except DataError:
        return "text?"
    several = table.engine.rows(f"SELECT count(DISTINCT value) > {_FEW_VALUES} FROM {relation} AS t")[0][0]
    return "number" if several else "text?"


def _until(table: Table, typed: Relation, given: dict[str, Any]) -> tuple[pd.Timestamp, bool]:
    moments = " UNION ALL ".join(f'SELECT "{role}" AS time FROM {typed} AS t' for role in ("start", "end", "happened"))
    relation = Relation(f"(SELECT time FROM ({moments}) AS m WHERE time IS NOT NULL)")
    return log_end(table, relation, given["observe_until"], "start")


def _whole_days(table: Table, typed: Relation, end: str) -> bool:
    """Are ends written as days? Then all times count by their day, so that no event seems to follow its end."""
    late = f"sum(CASE WHEN {end} <> date_trunc('day', {end}) THEN 1 ELSE 0 END)"
    return not table.engine.rows(f"SELECT {late} FROM {typed} AS t")[0][0]


def _refuse_faults(table: Table, stays: str, given: dict[str, Any]) -> None:
    early, late = table.engine.rows(
        "SELECT sum(CASE WHEN ended < began THEN 1 ELSE 0 END), sum(CASE WHEN came > ended THEN 1 ELSE 0 END) "
        f"FROM {stays} AS s"
    )[0]
    rows = count(table.rows)
    if early:
        raise DataError(
            f"{count(early)} of {rows} customers end before they start; correct '{given['start']}' or '{given['end']}'."
        )
    if late:
        raise DataError(
            f"{count(late)} of {rows} customers have the event after their end: '{given['event_time']}' lies behind "
            f"'{given['end']}'. What happens after somebody has left cannot make them leave; correct the times, or "
            "leave these events empty."
        )
    twice = table.engine.rows(
        f"SELECT count(*) FROM (SELECT unit, began FROM {stays} AS s GROUP BY 1, 2 HAVING count(*) > 1)"
    )[0][0]
    if twice:
        raise DataError(
            f"{count(twice)} customers stand in several rows with the same '{given['start']}'; expected one row per "
            f"customer, or per stay where a customer came back. Keep one of them, such as the first '"
            f"{given['event_time']}'."
        )


def _enough(spells: Spells, given: dict[str, Any]) -> Spells:
    ever = spells.ever
    after = int((ever & spells.left).sum())
    before = int(spells.left.sum()) - after
    if min(after, before) < FEWEST:
        raise DataError(
            f"{count(int(ever.sum()))} of {count(len(ever))} customers had the event while they were there; "
            f"{count(after)} left after it and {count(before)} before or without it. Expected {FEWEST} or more of "
            f"each; look at '{given['event_time']}' and '{given['end']}', or bring more customers."
        )
    return spells
