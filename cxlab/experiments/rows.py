"""What a row of the data is, and which columns of it a metric needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from cxlab.data import ALL, NOT_GIVEN, Table
from cxlab.experiments.blocks import Block, unit_columns
from cxlab.experiments.metrics import Metric
from cxlab.experiments.values import bounds, typed_kind

__all__ = ["Rows", "per_unit", "unit_rows"]

_MANY = 200_000  # rows; of fewer another look costs less than to sum what spares it
_HUGE = 1e50  # the fourth power of larger numbers may be beyond all numbers


@dataclass(frozen=True)
class Rows:
    """What a row is, where it is not one unit: further columns to read, and how rows become units.

    `keys` maps a name in the scan to a column and its kind; `repeated` adds the rows of one "unit" up; `apart` reads
    every covariate as it is; `exposed` keeps units that were exposed in some row.
    """

    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    repeated: bool = False
    apart: bool = False
    exposed: bool = False

    def kept(self, rows: str) -> str:
        """SQL of the rows that count."""
        if not self.exposed:
            return rows
        if "unit" in self.keys:
            return f"(SELECT * FROM {rows} AS r WHERE unit IN (SELECT unit FROM {rows} AS s WHERE exposed = 1.0))"
        return f"(SELECT * FROM {rows} AS r WHERE exposed = 1.0)"


def unit_rows(
    table: Table,
    metrics: tuple[Metric, ...],
    blocks: tuple[Block, ...],
    groups: tuple[str, str | None],
    caps: Mapping[tuple[int, str], float],
    rows: Rows,
) -> tuple[tuple[Block, ...], str]:
    """One row per unit: variant, segment and the metrics' numbers, each under its missing policy.

    Args:
        table: the data.
        metrics: what is measured.
        blocks: the metrics' columns.
        groups: the columns of the variant and of the segment, or None for the second.
        caps: the caps of values and covariates.
        rows: what a row is, where it is not one unit.

    Returns:
        The blocks, with what the data say of them, and the SQL of the rows that count.
    """
    variant, segment = groups
    typed = {"variant": (variant, "text")} | ({"segment": (segment, "text?")} if segment else {}) | rows.keys
    for metric, block in zip(metrics, blocks, strict=True):
        typed |= {f"{block.prefix}_a{i}": (name, typed_kind(metric, i)) for i, name in enumerate(block.values)}
        typed |= {f"{block.prefix}_x{i}": (name, "number?") for i, name in enumerate(block.covariates)}
        typed |= {name: (column, "number?") for name, column in zip(block.beside, block.several, strict=True)}
    relation = table.typed(**typed)
    if not rows.repeated:
        blocks = tuple(_known(block, relation.complete, table.rows) for block in blocks)
    listed = ["variant", f"coalesce(segment, '{NOT_GIVEN}') AS segment" if segment else f"'{ALL}' AS segment"]
    listed += list(rows.keys)
    for index, (metric, block) in enumerate(zip(metrics, blocks, strict=True)):
        listed += unit_columns(metric, block, {use: cap for (place, use), cap in caps.items() if place == index})
    return blocks, rows.kept(f"(SELECT {', '.join(listed)} FROM {relation} AS typed)")


def _known(block: Block, complete: Mapping[str, tuple[float, float]], rows: int) -> Block:
    """A block of which the data show that nothing is missing, and between what its covariate lies."""
    values = [complete.get(f"{block.prefix}_a{i}") for i in range(len(block.values))]
    covariates = [complete.get(f"{block.prefix}_x{i}") for i in range(len(block.covariates))]
    known = [ends for ends in values + covariates if ends]
    if len(known) < len(values) + len(covariates):
        return block
    lined = len(values) == len(covariates) == 1 and rows >= _MANY and max(map(abs, chain(*known))) < _HUGE
    return replace(block, complete=True, ends=covariates[0] if lined else None)


def per_unit(metrics: tuple[Metric, ...], blocks: tuple[Block, ...], rows: str) -> tuple[tuple[Block, ...], str]:
    """Rows of one unit added up: a value per row becomes a sum by a number of rows, as a ratio is.

    Args:
        metrics: what is measured.
        blocks: the metrics' columns in the rows.
        rows: SQL of the rows, with the column "unit".

    Returns:
        The blocks and the SQL of one row per unit; covariates are the unit's average.
    """
    parts, wider = [], []
    for metric, block in zip(metrics, blocks, strict=True):
        first = block.own[0]
        both = block.values if len(block.values) > 1 else (*block.values, "rows")
        new = replace(block, values=both, flag=False)
        below = f"CAST(nullif(count({first}), 0) AS DOUBLE)" if len(block.values) == 1 else f"sum({block.own[1]})"
        own = [f"sum({first})", below]
        last = block.joined[len(block.values) :]
        joined = [f"CASE WHEN count({last[0]}) > 0 THEN {part} END" for part in own] if last else []
        parts += [f"{sql} AS {name}" for sql, name in zip(own, new.own, strict=True)]
        values = [*joined, *(f"avg({name})" for name in last)]
        parts += [f"{sql} AS {name}" for sql, name in zip(values, new.joined, strict=True)]
        parts += [f"avg({name}) AS {name}" for name in block.beside]
        parts += [f"sum({block.prefix}_invalid) AS {block.prefix}_invalid"] if bounds(metric) else []
        wider.append(new)
    sql = f"SELECT variant, segment, unit, {', '.join(parts)} FROM {rows} AS rows GROUP BY variant, segment, unit"
    return tuple(wider), f"({sql})"
