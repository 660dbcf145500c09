"""Does each unit stand once, in one variant?"""

from __future__ import annotations

from cxlab.data import Table
from cxlab.errors import DataError
from cxlab.wording import count

__all__ = ["refuse_repeated_units"]


def refuse_repeated_units(table: Table, unit: str, variant: str) -> None:
    """Is every row one unit of its own?

    Args:
        table: the data.
        unit: column of the unit.
        variant: column of the variant.

    Raises:
        DataError: units stand in several variants, or several times in one.
    """
    source = table.typed(unit=(unit, "id"), variant=(variant, "text"))
    rows, distinct = table.query(f"SELECT count(*) AS n, count(DISTINCT unit) AS d FROM {source} AS t").iloc[0]
    if rows == distinct:
        return
    groups = f"SELECT unit, count(DISTINCT variant) AS variants FROM {source} AS t GROUP BY unit HAVING count(*) > 1"
    found = table.query(
        "SELECT count(*) FILTER (WHERE variants > 1) AS crossed, count(*) AS repeated, "
        f"min(unit) FILTER (WHERE variants > 1) AS first, max(unit) FILTER (WHERE variants > 1) AS last, "
        f"min(unit) AS one, max(unit) AS other FROM ({groups}) AS g"
    ).iloc[0]
    name = table.column(unit)
    if found["crossed"]:
        raise DataError(_crossed(name, int(found["crossed"]), int(distinct), {found["first"], found["last"]}))
    raise DataError(_repeated(name, int(rows), int(distinct), {found["one"], found["other"]}))


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
        "value per order, use ratio('value', 'orders') on the sums."
    )
