"""One row per unit and day: added up to one row per unit, and kept by day for what unfolds over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from cxlab.data import Table, quote
from cxlab.errors import DataError, ParameterError
from cxlab.experiments.metrics import Metric, Ratio
from cxlab.results import Check
from cxlab.wording import count

__all__ = ["UnitDays", "unit_days"]

_KINDS = ("proportion", "mean", "ratio")


@dataclass(frozen=True)
class UnitDays:
    """The rows by unit and day, and the same added up per unit.

    `days` is SQL with one row per unit and day: unit, variant, entry (day of assignment), day, and each value column.
    """

    whole: Table
    days: str
    columns: tuple[str, ...]
    with_entry: bool
    rows: int
    repeated: int
    early: int

    def name_of(self, column: str) -> str:
        """What a value column is called in `days`."""
        return f"v{self.columns.index(column)}"

    def check(self) -> Check:
        """What was added up, and what was left out."""
        told = f"{count(self.rows)} rows were added up per customer and day."
        faults = []
        if self.early:
            faults.append(f"{count(self.early)} rows from before the assignment are left out")
        if self.repeated:
            faults.append(f"{count(self.repeated)} days of a customer stand in several rows and were added up")
        if not faults:
            return Check("days", True, "info", told)
        return Check("days", False, "warning", f"{told} {'; '.join(faults)}.")


def unit_days(
    table: Table, metrics: Sequence[Metric], *, unit: str | None, day: str, variant: str, segment: str | None,
    time: str | None,
) -> UnitDays:  # fmt: skip
    """What does each unit add up to, over its days in the test?

    Args:
        table: one row per unit and day.
        metrics: what is measured: numbers are added up, a share asks whether it happened on any day.
        unit: column of the unit.
        day: column of the day.
        variant: column of the variant.
        segment: column of a group known before, or None.
        time: column of the time of assignment, or None.

    Returns:
        The table with one row per unit, for everything that asks for units, and the days.

    Raises:
        ParameterError: no unit, or a kind of metric that does not add up over days.
        DataError: variant, segment or covariate change within a unit.
    """
    if unit is None:
        raise ParameterError("`day` needs the customer's id, so that days can be added up; name its column with unit=.")
    other = next((metric for metric in metrics if metric.kind not in _KINDS), None)
    if other is not None:
        raise ParameterError(
            f"`day` adds values up per customer; {other.name!r} ({other.kind}) does not add up over days."
        )
    flags = {m.columns and str(getattr(m, m.columns[0])) for m in metrics if m.kind == "proportion"}
    values = tuple(dict.fromkeys(str(getattr(m, c)) for m in metrics for c in m.columns))
    fixed = _fixed(metrics)
    source = _source(table, values, fixed, flags, unit=unit, day=day, variant=variant, segment=segment, time=time)
    _refuse_changes(table, source, fixed, variant, segment)
    kept = f"(SELECT * FROM {source} AS s WHERE day >= entry)"
    whole = _whole(table, kept, values, fixed, flags, unit=unit, variant=variant, segment=segment, time=time)
    added = [f"{'max' if c in flags else 'sum'}(coalesce(v{i}, 0.0)) AS v{i}" for i, c in enumerate(values)]
    known = [f"count(v{i}) AS k{i}" for i, _ in enumerate(values)]
    days = (
        f"(SELECT unit, min(variant) AS variant, min(entry) AS entry, day, count(*) AS rows_, "
        f"{', '.join(added + known)} FROM {kept} AS k GROUP BY unit, day)"
    )
    seen = table.query(f"SELECT count(*) AS n, count(*) FILTER (WHERE day < entry) AS early FROM {source} AS s").iloc[0]
    repeated = table.query(f"SELECT count(*) FILTER (WHERE rows_ > 1) AS n FROM {days} AS d").iloc[0]["n"]
    return UnitDays(whole, days, values, time is not None, int(seen["n"]), int(repeated), int(seen["early"]))


def _fixed(metrics: Sequence[Metric]) -> tuple[str, ...]:
    """Covariates: from before, so one value per unit."""
    found: list[str] = []
    for metric in metrics:
        given = metric.covariate
        found += [given] if isinstance(given, str) else list(given or ())
        if isinstance(metric, Ratio) and metric.covariate_denominator:
            found.append(metric.covariate_denominator)
    return tuple(dict.fromkeys(found))


def _source(
    table: Table, values: tuple[str, ...], fixed: tuple[str, ...], flags: set[str], *, unit: str, day: str,
    variant: str, segment: str | None, time: str | None,
) -> str:  # fmt: skip
    """The rows with their day and the day of assignment, in the table's time zone."""
    typed = {"unit": (unit, "id"), "variant": (variant, "text"), "moment": (day, "time")}
    typed |= {"segment": (segment, "text?")} if segment else {}
    typed |= {"assigned": (time, "time")} if time else {}
    typed |= {f"v{i}": (name, "flag?" if name in flags else "number?") for i, name in enumerate(values)}
    typed |= {f"x{i}": (name, "number?") for i, name in enumerate(fixed)}
    rows = table.typed(**typed)
    date = f"CAST({table.local('moment')} AS DATE)"
    entry = f"CAST({table.local('assigned')} AS DATE)" if time else f"(SELECT min({date}) FROM {rows} AS f)"
    return f"(SELECT *, {date} AS day, {entry} AS entry FROM {rows} AS t)"


def _refuse_changes(table: Table, source: str, fixed: tuple[str, ...], variant: str, segment: str | None) -> None:
    asked = {variant: "variant"} | ({segment: "segment"} if segment else {})
    asked |= {name: f"x{i}" for i, name in enumerate(fixed)}
    parts = [f"count(DISTINCT {column}) AS c{i}" for i, column in enumerate(asked.values())]
    sums = [f"count(*) FILTER (WHERE c{i} > 1) AS n{i}" for i, _ in enumerate(asked)]
    inner = f"(SELECT unit, {', '.join(parts)} FROM {source} AS s GROUP BY unit)"
    found = table.query(f"SELECT count(*) AS n, {', '.join(sums)} FROM {inner} AS g").iloc[0]
    for i, name in enumerate(asked):
        if found[f"n{i}"]:
            raise DataError(
                f"Column '{table.column(name)}' changes within {count(found[f'n{i}'])} of {count(found['n'])} units; "
                "expected one value per unit, known before the test. Find out why it changes, or leave it out."
            )


def _whole(
    table: Table, kept: str, values: tuple[str, ...], fixed: tuple[str, ...], flags: set[str], *, unit: str,
    variant: str, segment: str | None, time: str | None,
) -> Table:  # fmt: skip
    """One row per unit under the same column names, for all that comes after."""
    listed = {unit: "unit", variant: "min(variant)"} | ({segment: "min(segment)"} if segment else {})
    # A naive time would be read as local again: the zone stays with it.
    listed |= {time: "(min(assigned) AT TIME ZONE 'UTC')"} if time else {}
    listed |= {name: f"{'max' if name in flags else 'sum'}(v{i})" for i, name in enumerate(values)}
    listed |= {name: f"max(x{i})" for i, name in enumerate(fixed)}
    parts = ", ".join(f"{sql} AS {quote(table.column(name))}" for name, sql in listed.items())
    relation = f"(SELECT {parts} FROM {kept} AS k GROUP BY unit)"
    types = {row[0]: row[1] for row in table.engine.rows(f"DESCRIBE SELECT * FROM {relation} AS u")}
    rows = table.engine.rows(f"SELECT count(*) FROM {relation} AS u")[0][0]
    return replace(table, relation=f"{relation} AS per_unit", types=MappingProxyType(types), rows=rows)
