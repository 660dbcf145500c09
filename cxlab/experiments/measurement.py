"""One pass over the data: the sums that every metric needs, per variant and segment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import ALL, NOT_GIVEN, Table, refuse_total
from cxlab.errors import DataError, nearest
from cxlab.experiments.metrics import Metric, Ratio
from cxlab.experiments.rows import Block, Rows, per_unit
from cxlab.stats.moments import Moments
from cxlab.wording import count

__all__ = ["Block", "Cell", "Measurement", "Rows", "measure", "segments_of", "variants_of"]

_MOST_SEGMENTS = 30
_CENTRE_ROWS = 1000
_PLAIN = Rows()

Group = tuple[str, str]


@dataclass(frozen=True)
class Cell:
    """One metric in one variant (and segment): all units, those with a value, those with a covariate too."""

    rows: int
    values: Moments
    joined: Moments | None
    cubes: float

    def __add__(self, other: Cell) -> Cell:
        both = self.joined + other.joined if self.joined and other.joined else None
        return Cell(self.rows + other.rows, self.values + other.values, both, self.cubes + other.cubes)

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
        DataError: the control is not there, it has nothing to be compared with, there are too many segments, or
            one is called "all".
    """
    blocks = tuple(_block(index, metric, rows) for index, metric in enumerate(metrics))
    units = rows.kept(_units_sql(table, metrics, blocks, variant, segment, rows))
    if rows.repeated:
        blocks, units = per_unit(blocks, units)
    centres = _centres(table, blocks, units)
    frame = table.query(_moments_sql(blocks, centres, units))
    variants = variants_of(frame["variant"].unique(), control, table.column(variant))
    segments = segments_of(frame["segment"].unique(), segment)
    sizes, cells = _cells(frame, blocks, centres, with_segments=segment is not None)
    return Measurement(metrics, blocks, variants, segments, sizes, cells, units)


def _block(index: int, metric: Metric, rows: Rows) -> Block:
    values = tuple(str(getattr(metric, column)) for column in metric.columns)
    below = metric.covariate_denominator if isinstance(metric, Ratio) else None
    if len(metric.covariates) > 1 or (metric.covariates and rows.apart):
        return Block(f"m{index}", values, (), metric.covariates)
    return Block(f"m{index}", values, tuple(column for column in (*metric.covariates, below) if column))


def _units_sql(
    table: Table, metrics: tuple[Metric, ...], blocks: tuple[Block, ...], variant: str, segment: str | None, rows: Rows
) -> str:
    """One row per unit: variant, segment and the metrics' numbers, each under its missing policy."""
    typed = {"variant": (variant, "text")} | ({"segment": (segment, "text?")} if segment else {})
    listed = ["variant", f"coalesce(segment, '{NOT_GIVEN}') AS segment" if segment else f"'{ALL}' AS segment"]
    typed |= rows.keys
    listed += list(rows.keys)
    for metric, block in zip(metrics, blocks, strict=True):
        kind = "flag?" if metric.kind == "proportion" else "number?"
        typed |= {f"{block.prefix}_a{i}": (name, kind) for i, name in enumerate(block.values)}
        typed |= {f"{block.prefix}_x{i}": (name, "number?") for i, name in enumerate(block.covariates)}
        typed |= {name: (column, "number?") for name, column in zip(block.beside, block.several, strict=True)}
        listed += [*_policy(metric, block), *block.beside]
    return f"(SELECT {', '.join(listed)} FROM {table.typed(**typed)} AS typed)"


def _policy(metric: Metric, block: Block) -> list[str]:
    """A value counts where all its parts are there; missing ones are 0 where the metric says so."""
    raw = [f"{block.prefix}_a{i}" for i in range(len(block.values))]
    values = [f"coalesce({name}, 0.0)" for name in raw] if metric.missing == "zero" else raw
    covariates = [f"{block.prefix}_x{i}" for i in range(len(block.covariates))]
    own = [f"{_where(values, value)} AS {name}" for value, name in zip(values, block.own, strict=True)]
    parts = values + covariates if covariates else []
    return own + [f"{_where(parts, part)} AS {name}" for part, name in zip(parts, block.joined, strict=True)]


def _where(needed: Iterable[str], value: str) -> str:
    others = [f"{name} IS NOT NULL" for name in needed if name != value]
    return f"CASE WHEN {' AND '.join(others)} THEN {value} END" if others else value


def _centres(table: Table, blocks: tuple[Block, ...], units: str) -> dict[str, float]:
    """A constant near each variable's mean, from the first rows: any constant is right, a near one keeps digits."""
    names = [name for block in blocks for name in (*block.own, *block.joined)]
    first = f"(SELECT * FROM {units} AS units LIMIT {_CENTRE_ROWS}) AS first"
    frame = table.query(f"SELECT {', '.join(f'avg({name}) AS {name}' for name in names)} FROM {first}")
    centres = {name: float(value) if pd.notna(value) else 0.0 for name, value in frame.iloc[0].items()}
    shared = {joined: centres[own] for b in blocks for joined, own in zip(b.joined, b.own, strict=False)}
    return centres | shared


def _moments_sql(blocks: tuple[Block, ...], centres: dict[str, float], units: str) -> str:
    parts = ["count(*) AS n"]
    for block in blocks:
        parts += _sums(block.own, f"{block.prefix}_own", centres)
        parts += _sums(block.joined, f"{block.prefix}_joined", centres)
        shifted = _shifted(block.own[0], centres)
        cubes = f"sum({shifted} * {shifted} * {shifted})" if len(block.own) == 1 else "0.0"
        parts.append(f"{cubes} AS {block.prefix}_cubes")
    return f"SELECT variant, segment, {', '.join(parts)} FROM {units} AS units GROUP BY variant, segment"


def _shifted(name: str, centres: dict[str, float]) -> str:
    return f"({name} - CAST({centres[name]!r} AS DOUBLE))"


def _sums(names: tuple[str, ...], label: str, centres: dict[str, float]) -> list[str]:
    """Count, sums and sums of products of variables that are all there or all missing."""
    if not names:
        return []
    shifted = [_shifted(name, centres) for name in names]
    pairs = combinations_with_replacement(range(len(names)), 2)
    return [
        f"count({names[0]}) AS {label}_n",
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
    if len(names) > 12:
        raise DataError(f"Column {column!r} has {count(len(names))} variants ({listed}, …); expected at most 12.")
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
    own = _moments(record, f"{block.prefix}_own", block.own, centres)
    joined = _moments(record, f"{block.prefix}_joined", block.joined, centres) if block.joined else None
    return Cell(int(record["n"]), own, joined, _known(record[f"{block.prefix}_cubes"]))


def _moments(record: dict[str, float], label: str, names: tuple[str, ...], centres: dict[str, float]) -> Moments:
    size = len(names)
    products: NDArray[np.float64] = np.zeros((size, size))
    for i, j in combinations_with_replacement(range(size), 2):
        products[i, j] = products[j, i] = _known(record[f"{label}_p{i}{j}"])
    sums = np.array([_known(record[f"{label}_s{i}"]) for i in range(size)])
    return Moments(np.array([centres[name] for name in names]), int(record[f"{label}_n"]), sums, products)


def _known(value: float) -> float:
    return float(value) if pd.notna(value) else 0.0
