"""What a row of the data is, and which columns of it a metric needs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cxlab.experiments.blocks import Block
from cxlab.experiments.metrics import Metric
from cxlab.experiments.values import bounds

__all__ = ["Rows", "per_unit"]


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
        new = replace(block, values=block.values if len(block.values) > 1 else (*block.values, "rows"))
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
