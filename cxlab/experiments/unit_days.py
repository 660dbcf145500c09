"""One row per unit and day: added up to one row per unit, and kept by day for what unfolds over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from cxlab.data import Table, quote
from cxlab.errors import ParameterError
from cxlab.experiments.metrics import Metric
from cxlab.experiments.studies import refuse_caps, refuse_kinds
from cxlab.experiments.units import refuse_mixed, repeats_of
from cxlab.experiments.values import typed_kind
from cxlab.results import Check
from cxlab.wording import count

__all__ = ["ADDED_UP", "UnitDays", "unit_days"]

_KEYS = {
    "unit": "id", "variant": "text", "time": "time", "day": "time", "exposed": "flag", "segment": "text?",
}  # fmt: skip
_INSIDE = "CASE WHEN on_day >= entry THEN {} END"
_KINDS = ("proportion", "mean", "ratio", "rate")
ADDED_UP = (
    "One row per customer and day, added up per customer from the day of assignment on: a share asks whether it "
    "happened on any day; a day without a row adds nothing.",
)


@dataclass(frozen=True)
class UnitDays:
    """The rows by unit and day, and the same added up per unit.

    `days` and `units` are SQL: one row per unit and day (unit, variant, entry, day, and each metric's values `m0_0`,
    `m0_1`, …), and one per unit (variant, entry, and `k0`, `k1`, …: has it a value of the metric of that place?).
    """

    whole: Table
    metrics: tuple[Metric, ...]
    days: str
    units: str
    rows: int
    early: int

    def check(self) -> Check:
        """What was added up, and what was left out."""
        told = f"{count(self.rows)} rows of {count(self.whole.rows)} customers, added up per customer."
        if not self.early:
            return Check("days", True, "info", told)
        left = f"{count(self.early)} rows are from before the customer's assignment and left out"
        return Check("days", False, "warning", f"{told} {left}: see whether `day` and `time` are what they should be.")


def unit_days(
    table: Table, metrics: tuple[Metric, ...], *, day: str, unit: str | None, time: str | None, variant: str,
    exposed: str | None = None, segment: str | None = None,
) -> UnitDays:  # fmt: skip
    """What does each unit add up to, over its days in the test?

    Args:
        table: one row per unit and day.
        metrics: what is measured.
        day: column of the day.
        unit: column of the unit.
        time: column of the time of assignment.
        variant: column of the variant.
        exposed: column that says who could see the change, or None.
        segment: column of a group known before, or None.

    Returns:
        The table with one row per unit, for all that asks for units, and the days.

    Raises:
        ParameterError: no unit, no time of assignment, or a metric that does not add up over days.
        DataError: what describes a unit changes within it.
    """
    unit, time = _needed("unit", "customer's id", unit), _needed("time", "time of assignment", time)
    refuse_kinds(metrics, "day", kinds=_KINDS)
    refuse_caps(metrics, "`day`", "Leave `cap` out, or add the rows up per customer first.")
    keys = {"unit": unit, "variant": variant, "time": time, "day": day}
    fixed = ({"segment": segment} if segment else {}) | {f"x{i}": name for i, name in enumerate(_before(metrics))}
    columns = _Columns(table, keys | ({"exposed": exposed} if exposed else {}), _values(table, metrics), fixed)
    columns.refuse_changes()
    early = table.query(f"SELECT count(*) AS n FROM {columns.source()} AS s WHERE on_day < entry").iloc[0]["n"]
    days, units = _days(metrics, columns), _units(metrics, columns)
    return UnitDays(columns.whole(), metrics, days, units, table.rows, int(early))


def _needed(argument: str, what: str, column: str | None) -> str:
    if column is None:
        raise ParameterError(
            f"`day` needs the {what}, so that days can be counted for each customer, and `{argument}` is not given. "
            f"Name its column with {argument}=, or leave `day` out."
        )
    return column


def _before(metrics: Sequence[Metric]) -> tuple[str, ...]:
    """Covariates and their denominators: from before, so one value per unit."""
    below = [getattr(metric, "covariate_denominator", None) for metric in metrics]
    return tuple(dict.fromkeys([name for metric in metrics for name in metric.covariates] + [b for b in below if b]))


def _values(table: Table, metrics: Sequence[Metric]) -> dict[str, tuple[str, str]]:
    """Each value column with its name in SQL and its kind; one column cannot be a share and a number at once."""
    found: dict[str, tuple[str, str]] = {}
    for metric in metrics:
        for place, name in enumerate(metric.parts):
            column, kind = table.column(name), typed_kind(metric, place)
            if found.setdefault(column, (f"v{len(found)}", kind))[1] != kind:
                raise ParameterError(
                    f"With `day`, '{column}' is asked for as a share and as a number; days add up in one way. "
                    "Copy the column under a second name."
                )
    return found


@dataclass(frozen=True)
class _Columns:
    """The user's columns: keys and what describes a unit by their names in SQL, values with their name and kind."""

    table: Table
    keys: dict[str, str]
    values: dict[str, tuple[str, str]]
    fixed: dict[str, str]

    def refuse_changes(self) -> None:
        """What describes a unit must not change within it."""
        repeats_of(self.table, self.keys["unit"], self.keys["variant"])
        described = {"time": self.keys["time"], **self.fixed}
        for role, column in described.items():
            refuse_mixed(self.table, self.keys["unit"], column, "covariate" if role.startswith("x") else role)

    def source(self) -> str:
        """The rows with their day and the day of assignment, in the table's time zone."""
        typed = {role: (column, _KEYS[role]) for role, column in self.keys.items()}
        typed |= {name: (column, kind) for column, (name, kind) in self.values.items()}
        typed |= {role: (column, _KEYS.get(role, "number?")) for role, column in self.fixed.items()}
        day, entry = (f"CAST({self.table.local(moment)} AS DATE)" for moment in ("day", "time"))
        return f"(SELECT *, {day} AS on_day, {entry} AS entry FROM {self.table.typed(**typed)} AS t)"

    def kept(self) -> str:
        """The rows of the units that count."""
        if "exposed" not in self.keys:
            return self.source()
        seen = f"SELECT unit FROM {self.source()} AS e WHERE exposed = 1.0"
        return f"(SELECT * FROM {self.source()} AS s WHERE unit IN ({seen}))"

    def added(self, guarded: str) -> dict[str, str]:
        """How each value adds up, by its name in SQL; a share asks whether it happened at all."""
        return {
            name: f"{'max' if kind == 'flag?' else 'sum'}({guarded.format(name)})"
            for name, kind in self.values.values()
        }

    def whole(self) -> Table:
        """One row per unit under the same column names, for all that comes after."""
        added = self.added(_INSIDE)
        # A time without its zone would be read as local again.
        listed = {self.keys["unit"]: "unit", self.keys["variant"]: "min(variant)",
                  self.keys["time"]: "(min(time) AT TIME ZONE 'UTC')"}  # fmt: skip
        listed |= {self.keys["exposed"]: "max(exposed)"} if "exposed" in self.keys else {}
        listed |= {column: f"max({role})" for role, column in self.fixed.items()}
        listed |= {column: added[name] for column, (name, _) in self.values.items()}
        named = {self.table.column(column): sql for column, sql in listed.items()}
        parts = ", ".join(f"{sql} AS {quote(column)}" for column, sql in named.items())
        relation, engine = f"(SELECT {parts} FROM {self.source()} AS s GROUP BY unit)", self.table.engine
        types = {row[0]: row[1] for row in engine.rows(f"DESCRIBE SELECT * FROM {relation} AS u")}
        rows = engine.rows(f"SELECT count(*) FROM {relation} AS u")[0][0]
        return replace(self.table, relation=f"{relation} AS per_unit", types=MappingProxyType(types), rows=rows)

    def names(self, metric: Metric) -> list[str]:
        """What a metric's columns are called in SQL."""
        return [self.values[self.table.column(name)][0] for name in metric.parts]


def _days(metrics: tuple[Metric, ...], columns: _Columns) -> str:
    """One row per unit and day: `m0_0` and so on, the metrics' values; a unit without a value of one stays out."""
    added = ", ".join(f"{sql} AS {name}" for name, sql in columns.added("{}").items())
    inner = (
        f"(SELECT unit, min(variant) AS variant, min(entry) AS entry, on_day AS day, {added} "
        f"FROM {columns.kept()} AS k WHERE on_day >= entry GROUP BY unit, on_day)"
    )
    parts = []
    for index, metric in enumerate(metrics):
        names = columns.names(metric)
        whole = len(names) == 1 or metric.missing == "zero"
        known = " AND ".join(f"count({name}) OVER (PARTITION BY unit) > 0" for name in names)
        values = [f"coalesce({name}, 0.0)" if whole else f"CASE WHEN {known} THEN coalesce({name}, 0.0) ELSE 0.0 END"
                  for name in names]  # fmt: skip
        parts += [f"{value} AS m{index}_{place}" for place, value in enumerate(values)]
    return f"(SELECT unit, variant, entry, day, {', '.join(parts)} FROM {inner} AS d)"


def _units(metrics: tuple[Metric, ...], columns: _Columns) -> str:
    """One row per unit: variant, day of assignment, and which metrics it has a value of."""
    known = []
    for index, metric in enumerate(metrics):
        given = " AND ".join(f"count({_INSIDE.format(name)}) > 0" for name in columns.names(metric))
        known.append(f"{'1' if metric.missing == 'zero' else f'CASE WHEN {given} THEN 1 ELSE 0 END'} AS k{index}")
    return (
        f"(SELECT min(variant) AS variant, min(entry) AS entry, {', '.join(known)} FROM {columns.kept()} AS k "
        "GROUP BY unit)"
    )
