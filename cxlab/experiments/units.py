"""Does each unit stand in one variant, and how often?"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from cxlab.data import ALL, NOT_GIVEN, Table
from cxlab.data.distinct import distinct
from cxlab.errors import DataError
from cxlab.experiments.kinds import Quantile
from cxlab.experiments.measurement import Measurement
from cxlab.experiments.metrics import Metric
from cxlab.wording import count

__all__ = ["Repeats", "all_quantiles", "count_units", "refuse_mixed", "repeats_of"]


def all_quantiles(metrics: tuple[Metric, ...]) -> bool:
    """Are all metrics quantiles, whose rows may repeat within units?"""
    return all(isinstance(metric, Quantile) for metric in metrics)


def count_units(table: Table, measured: Measurement, unit: str, variant: str, segment: str | None) -> Measurement:
    """How many units stand behind the rows of each group?

    Args:
        table: the data, with several rows per unit.
        measured: the sums over rows.
        unit: column of the unit.
        variant: column of the variant.
        segment: column of the segment, or None.

    Returns:
        The same sums, with units in place of rows as the groups' sizes.
    """
    typed = {"unit": (unit, "id"), "variant": (variant, "text")} | ({"segment": (segment, "text?")} if segment else {})
    source = table.typed(**typed)
    frames = [table.query(f"SELECT variant, count(DISTINCT unit) AS n FROM {source} AS t GROUP BY variant")]
    if segment:
        part = f"coalesce(segment, '{NOT_GIVEN}')"
        sql = (
            f"SELECT {part} AS segment, variant, count(DISTINCT unit) AS n FROM {source} AS t GROUP BY {part}, variant"
        )
        frames.append(table.query(sql))
    rows = {(row.get("segment", ALL), row["variant"]): int(row["n"]) for f in frames for row in f.to_dict("records")}
    return replace(measured, rows=rows)


class Repeats(NamedTuple):
    """How many rows there are and how many units they belong to."""

    rows: int
    units: int

    @property
    def repeated(self) -> bool:
        """Does a unit stand in several rows?"""
        return self.rows > self.units


def repeats_of(table: Table, unit: str, variant: str, *, what: str = "unit") -> Repeats:
    """How many rows has each unit, all in one variant?

    Args:
        table: the data.
        unit: column of the unit, or of what was assigned as a whole.
        variant: column of the variant.
        what: what such a unit is called, for the message.

    Returns:
        Rows and units.

    Raises:
        DataError: units stand in several variants.
    """
    source = table.typed(unit=(unit, "id"), variant=(variant, "text"))
    rows = int(table.query(f"SELECT count(unit) AS n FROM {source} AS t")["n"].iloc[0])
    found = Repeats(rows, distinct(table, str(source), "unit", rows))
    if found.repeated:
        _refuse_crossed(table, str(source), found, table.column(unit), what)
    return found


def _refuse_crossed(table: Table, source: str, found: Repeats, name: str, what: str) -> None:
    groups = f"SELECT unit FROM {source} AS t GROUP BY unit HAVING count(DISTINCT variant) > 1"
    one = table.query(f"SELECT count(*) AS n, min(unit) AS first, max(unit) AS last FROM ({groups}) AS g").iloc[0]
    if one["n"]:
        raise DataError(_crossed(name, int(one["n"]), found.units, {one["first"], one["last"]}, what))


def refuse_mixed(table: Table, unit: str, column: str, argument: str) -> None:
    """Has each unit one value of a column that describes it?

    Args:
        table: the data, several rows per unit.
        unit: column of the unit.
        column: the column that must not change within a unit.
        argument: name of the parameter, for the message.

    Raises:
        DataError: some units have several.
    """
    source = table.typed(unit=(unit, "id"), value=(column, "text?"))
    values = "count(DISTINCT value) + CASE WHEN count(value) < count(*) THEN 1 ELSE 0 END"
    groups = f"SELECT unit FROM {source} AS t GROUP BY unit HAVING {values} > 1"
    one = table.query(f"SELECT count(*) AS n, min(unit) AS first FROM ({groups}) AS g").iloc[0]
    if one["n"]:
        raise DataError(
            f"`{argument}` '{table.column(column)}' changes within {count(int(one['n']))} units of "
            f"'{table.column(unit)}', such as {str(one['first'])!r}; expected one value per unit, known before the "
            "test. Take each unit's value at its assignment, or choose another column."
        )


def _examples(ids: set[object]) -> str:
    return " and ".join(repr(str(one)) for one in sorted(ids, key=str))


def _crossed(name: str, crossed: int, distinct: int, examples: set[object], what: str) -> str:
    return (
        f"{count(crossed)} of {count(distinct)} {what}s in '{name}' stand in more than one variant, such as "
        f"{_examples(examples)}; expected one variant per {what}. Find out why the assignment changed; leave these "
        f"{what}s out only if the cause has nothing to do with the variant."
    )
