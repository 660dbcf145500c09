"""Does each unit stand once, in one variant?"""

from __future__ import annotations

from dataclasses import replace

from cxlab.data import ALL, NOT_GIVEN, Table
from cxlab.errors import DataError
from cxlab.experiments.kinds import Quantile
from cxlab.experiments.measurement import Measurement
from cxlab.experiments.metrics import Metric
from cxlab.wording import count

__all__ = ["all_quantiles", "count_units", "refuse_repeated_units"]


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


def refuse_repeated_units(table: Table, unit: str, variant: str, *, rows: bool = False) -> bool:
    """Is every row one unit of its own?

    Args:
        table: the data.
        unit: column of the unit.
        variant: column of the variant.
        rows: may several rows be of one unit?

    Returns:
        Whether units repeat.

    Raises:
        DataError: units stand in several variants, or several times in one where they may not.
    """
    source = table.typed(unit=(unit, "id"), variant=(variant, "text"))
    total, distinct = table.query(f"SELECT count(*) AS n, count(DISTINCT unit) AS d FROM {source} AS t").iloc[0]
    if total == distinct:
        return False
    groups = f"SELECT unit, count(DISTINCT variant) AS variants FROM {source} AS t GROUP BY unit HAVING count(*) > 1"
    found = table.query(
        "SELECT count(*) FILTER (WHERE variants > 1) AS crossed, count(*) AS repeated, "
        f"min(unit) FILTER (WHERE variants > 1) AS first, max(unit) FILTER (WHERE variants > 1) AS last, "
        f"min(unit) AS one, max(unit) AS other FROM ({groups}) AS g"
    ).iloc[0]
    name = table.column(unit)
    if found["crossed"]:
        raise DataError(_crossed(name, int(found["crossed"]), int(distinct), {found["first"], found["last"]}))
    if rows:
        return True
    raise DataError(_repeated(name, int(total), int(distinct), {found["one"], found["other"]}))


def _examples(ids: set[object]) -> str:
    return " and ".join(repr(str(one)) for one in sorted(ids, key=str))


def _crossed(name: str, crossed: int, distinct: int, examples: set[object]) -> str:
    return (
        f"{count(crossed)} of {count(distinct)} units in '{name}' stand in more than one variant, such as "
        f"{_examples(examples)}; expected one variant per unit. Find out why the assignment changed; leave these "
        "units out only if the cause has nothing to do with the variant."
    )


def _repeated(name: str, rows: int, distinct: int, examples: set[object]) -> str:
    return (
        f"{count(rows)} rows hold {count(distinct)} units of '{name}' (repeated: {_examples(examples)}); expected "
        "one row per unit, because units were assigned, not rows. Add the rows up per unit first; for values per "
        "row, such as "
        "value per order, use ratio('value', 'orders') on the sums; quantile('minutes') alone takes repeated rows."
    )
