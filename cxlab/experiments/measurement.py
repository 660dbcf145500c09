"""One pass over the data: the sums that every metric needs, per variant and segment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL, Table, refuse_total
from cxlab.errors import DataError, nearest
from cxlab.experiments.blocks import Block, block_of, extra_sums
from cxlab.experiments.caps import Caps, caps_of
from cxlab.experiments.line_sums import line_products, line_sums
from cxlab.experiments.metrics import Metric
from cxlab.experiments.rows import Rows, per_unit, unit_rows
from cxlab.experiments.values import refuse_invalid
from cxlab.stats.moments import Moments
from cxlab.wording import count

__all__ = ["Block", "Cell", "Measurement", "Rows", "measure", "segments_of", "variants_of"]

_MOST_SEGMENTS = 30
_MOST_VARIANTS = 40
_CENTRE_ROWS = 1000
_PLAIN = Rows()

Group = tuple[str, str]


@dataclass(frozen=True)
class Cell:
    """One metric in one variant (and segment): all units, those with a value, those with a covariate too.

    `uncapped` and `capped` (how many lie above the cap) are of metrics with a cap; `low` and `high` are the extreme
    values as they come; `invalid` counts values that mean nothing for this kind; `line` holds the products from which
    the spread about a line follows, where there are enough units.
    """

    rows: int
    values: Moments
    joined: Moments | None
    cubes: float
    uncapped: Moments | None = None
    capped: int = 0
    low: float = np.nan
    high: float = np.nan
    invalid: int = 0
    line: NDArray[np.float64] | None = None

    def __add__(self, other: Cell) -> Cell:
        return Cell(
            self.rows + other.rows,
            self.values + other.values,
            self.joined + other.joined if self.joined and other.joined else None,
            self.cubes + other.cubes,
            self.uncapped + other.uncapped if self.uncapped and other.uncapped else None,
            self.capped + other.capped,
            float(np.fmin(self.low, other.low)),
            float(np.fmax(self.high, other.high)),
            self.invalid + other.invalid,
            None if self.line is None or other.line is None else self.line + other.line,
        )

    @property
    def missing(self) -> int:
        """Units without a value."""
        return self.rows - self.values.n

    @property
    def skewness(self) -> float:
        """How lopsided the first variable is; 0 without spread."""
        n, shift = self.values.n, self.values.sums[0] / self.values.n
        spread = self.values.scatter[0, 0] / n
        third = self.cubes / n - 3 * shift * self.values.products[0, 0] / n + 2 * shift**3
        return float(third / spread**1.5) if spread > 0 else 0.0


@dataclass(frozen=True)
class Measurement:
    """What was read: the metrics' cells, the units per group, and the SQL of one row per unit."""

    metrics: tuple[Metric, ...]
    blocks: tuple[Block, ...]
    variants: tuple[str, ...]
    segments: tuple[str, ...]
    rows: dict[Group, int]
    cells: dict[tuple[int, str, str], Cell]
    units: str
    caps: Caps = field(default_factory=dict)

    @property
    def control(self) -> str:
        """The first variant."""
        return self.variants[0]

    @property
    def treatments(self) -> tuple[str, ...]:
        """The variants that are compared with the control."""
        return self.variants[1:]


def measure(
    table: Table,
    metrics: tuple[Metric, ...],
    variant: str,
    control: str,
    segment: str | None,
    rows: Rows = _PLAIN,
) -> Measurement:
    """Which sums do the metrics need, per variant and segment?

    Args:
        table: one row per unit.
        metrics: what is measured.
        variant: the column with the variant.
        control: its value that all others are compared with.
        segment: a column known before the experiment, or None.
        rows: what a row is, where it is not one unit.

    Returns:
        The sums; those of segment "all" are the segments' added up.

    Raises:
        DataError: the control is not there, it has nothing to be compared with, there are too many segments, one is
            called "all", or values mean nothing for their metric.
    """
    blocks = tuple(block_of(index, metric, apart=rows.apart) for index, metric in enumerate(metrics))
    caps = caps_of(table, metrics, rows.keys["exposed"][0] if rows.exposed else None)
    blocks, units = unit_rows(table, metrics, blocks, (variant, segment), caps, rows)
    if rows.repeated:
        blocks, units = per_unit(metrics, blocks, units)
    centres = _centres(table, blocks, units)
    frame = table.query(_moments_sql(metrics, blocks, centres, units, segmented=segment is not None))
    variants = variants_of(frame["variant"].unique(), control, table.column(variant))
    segments = segments_of(frame["segment"].unique(), segment)
    sizes, cells = _cells(frame, blocks, centres, with_segments=segment is not None)
    for index, metric in enumerate(metrics):
        refuse_invalid(table, metric, sum(cells[index, ALL, name].invalid for name in variants))
    return Measurement(metrics, blocks, variants, segments, sizes, cells, units, caps)


def _centres(table: Table, blocks: tuple[Block, ...], units: str) -> dict[str, float]:
    """A constant near each variable's mean, from the first rows: any constant is right, a near one keeps digits."""
    names = list(dict.fromkeys(name for block in blocks for name in (*block.own, *block.joined)))
    first = f"(SELECT * FROM {units} AS units LIMIT {_CENTRE_ROWS}) AS first"
    frame = table.query(f"SELECT {', '.join(f'avg({name}) AS {name}' for name in names)} FROM {first}")
    centres = {name: float(value) if pd.notna(value) else 0.0 for name, value in frame.iloc[0].items()}
    shared = {joined: centres[own] for b in blocks for joined, own in zip(b.joined, b.own, strict=False)}
    return centres | shared | {block.own[0]: 0.0 for block in blocks if block.flag}


def _moments_sql(
    metrics: tuple[Metric, ...], blocks: tuple[Block, ...], centres: dict[str, float], units: str, *, segmented: bool
) -> str:
    parts = ["count(*) AS n"]
    for metric, block in zip(metrics, blocks, strict=True):
        if block.flag:
            present = "*" if block.complete else block.own[0]
            parts.append(f"count({present}) AS {block.prefix}_own_n, sum({block.own[0]}) AS {block.prefix}_own_s0")
            continue
        shifted = {name: _shifted(name, centres) for name in (*block.own, *block.joined)}
        parts += _sums([shifted[name] for name in block.own], f"{block.prefix}_own", complete=block.complete)
        parts += _sums([shifted[name] for name in block.joined], f"{block.prefix}_joined", complete=block.complete)
        parts += line_sums(block.prefix, *(shifted[name] for name in block.joined)) if block.lined else []
        one = shifted[block.own[0]]
        cubes = f"sum({one} * {one} * {one})" if len(block.own) == 1 else "0.0"
        parts += [f"{cubes} AS {block.prefix}_cubes", *extra_sums(metric, block, centres)]
    # A key that is the same in every row would be hashed and compared in every row.
    told, keys = ("variant, segment",) * 2 if segmented else (f"variant, '{ALL}' AS segment", "variant")
    return f"SELECT {told}, {', '.join(parts)} FROM {units} AS units GROUP BY {keys}"


def _shifted(name: str, centres: dict[str, float]) -> str:
    return f"({name} - CAST({centres[name]!r} AS DOUBLE))"


def _sums(shifted: list[str], label: str, *, complete: bool) -> list[str]:
    """Count, sums and sums of products of variables that are all there or all missing."""
    if not shifted:
        return []
    pairs = combinations_with_replacement(range(len(shifted)), 2)
    return [
        f"count({'*' if complete else shifted[0]}) AS {label}_n",
        *(f"sum({value}) AS {label}_s{i}" for i, value in enumerate(shifted)),
        *(f"sum({shifted[i]} * {shifted[j]}) AS {label}_p{i}{j}" for i, j in pairs),
    ]


def variants_of(found: Iterable[str], control: str, column: str) -> tuple[str, ...]:
    """The variants, the control first; refused where it is not there or stands alone."""
    names = sorted(str(name) for name in found)
    listed = ", ".join(repr(name) for name in names[:8])
    if control not in names:
        raise DataError(
            f"No row has control {control!r} in column {column!r}; its values are {listed}.{nearest(control, names)} "
            "Name the control with control=."
        )
    if len(names) == 1:
        raise DataError(f"Column {column!r} has one variant only, {listed}; a comparison needs two or more.")
    if len(names) > _MOST_VARIANTS:
        raise DataError(
            f"Column {column!r} has {count(len(names))} variants ({listed}, …); expected at most {_MOST_VARIANTS}."
        )
    return (control, *(name for name in names if name != control))


def segments_of(found: Iterable[str], segment: str | None) -> tuple[str, ...]:
    """The segments in order; refused where there are too many."""
    names = sorted(str(name) for name in found)
    if segment is None:
        return ()
    refuse_total(names, segment)
    if len(names) > _MOST_SEGMENTS:
        raise DataError(
            f"Column {segment!r} has {count(len(names))} segments; expected at most {_MOST_SEGMENTS}. "
            "Group the rare ones, or choose a coarser column."
        )
    return tuple(names)


def _cells(
    frame: pd.DataFrame, blocks: tuple[Block, ...], centres: dict[str, float], *, with_segments: bool
) -> tuple[dict[Group, int], dict[tuple[int, str, str], Cell]]:
    rows: dict[Group, int] = {}
    cells: dict[tuple[int, str, str], Cell] = {}
    for record in frame.to_dict("records"):
        for scope in (ALL, str(record["segment"])) if with_segments else (ALL,):
            group = (scope, str(record["variant"]))
            rows[group] = rows.get(group, 0) + int(record["n"])
            for index, block in enumerate(blocks):
                cell = _cell(record, block, centres)
                key = (index, *group)
                cells[key] = cells[key] + cell if key in cells else cell
    return rows, cells


def _cell(record: dict[str, float], block: Block, centres: dict[str, float]) -> Cell:
    own = _moments(record, f"{block.prefix}_own", block.own, centres, flag=block.flag)
    joined = _moments(record, f"{block.prefix}_joined", block.joined, centres) if block.joined else None
    prefix = block.prefix
    raw = None
    if f"{prefix}_uncapped_s0" in record:
        sums, products = (np.array([_known(record[f"{prefix}_uncapped_{end}"])]) for end in ("s0", "p00"))
        raw = Moments(own.centre, own.n, sums, products.reshape(1, 1))
    ends = [float(record.get(f"{prefix}_{end}", np.nan)) for end in ("low", "high")]
    counts = [int(record.get(f"{prefix}_{what}", 0)) for what in ("capped", "invalid")]
    cubes = float(own.sums[0]) if block.flag else _known(record[f"{prefix}_cubes"])
    line = line_products(prefix, own.n, record) if block.lined else None
    return Cell(int(record["n"]), own, joined, cubes, raw, counts[0], ends[0], ends[1], counts[1], line)


def _moments(
    record: dict[str, float], label: str, names: tuple[str, ...], centres: dict[str, float], *, flag: bool = False
) -> Moments:
    size = len(names)
    products: NDArray[np.float64] = np.zeros((size, size))
    for i, j in combinations_with_replacement(range(size), 2):
        products[i, j] = products[j, i] = _known(record[f"{label}_s0" if flag else f"{label}_p{i}{j}"])
    sums = np.array([_known(record[f"{label}_s{i}"]) for i in range(size)])
    return Moments(np.array([centres[name] for name in names]), int(record[f"{label}_n"]), sums, products)


def _known(value: float) -> float:
    return float(value) if pd.notna(value) else 0.0
