"""Counts, sums and sums of squares in place of rows, for those whose tool gives only that."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np

from cxlab.data import ALL, NOT_GIVEN, Table
from cxlab.errors import DataError, ParameterError
from cxlab.experiments.blocks import Block
from cxlab.experiments.measurement import Cell, Measurement, segments_of, variants_of
from cxlab.experiments.metrics import Mean, Metric, Ratio
from cxlab.experiments.studies import KINDS, Study, refuse_caps, refuse_kinds
from cxlab.results import Check
from cxlab.stats.moments import Moments
from cxlab.wording import count

__all__ = ["read_counts"]

_WORDS = "Read from counts and sums ('{counts}' customers per row), not from single customers."


def read_counts(
    table: Table, metrics: tuple[Metric, ...], variant: str, control: str, segment: str | None, *, counts: str
) -> Study:
    """What do rows that are sums already say?

    Args:
        table: one row per variant, or per variant and day or segment, with the number of customers and their sums.
        metrics: what is measured; a column holds its sum, `squares` the sums of squares.
        variant: the column with the variant.
        control: its value that all others are compared with.
        segment: a column known before the experiment, or None.
        counts: the column with the number of customers that a row stands for.

    Returns:
        The study; its numbers are those of the rows behind the sums.

    Raises:
        DataError: sums that no customers can have.
        ParameterError: a metric that needs rows, or lacks its sums of squares.
    """
    refuse_kinds(metrics, "counts", kinds=KINDS[:3])
    refuse_caps(metrics, "`counts`", "Counts no longer hold single values; give the rows.")
    for metric in metrics:
        _refuse_rows(metric)
    blocks = tuple(
        Block(f"m{i}", tuple(str(getattr(m, column)) for column in m.columns), ()) for i, m in enumerate(metrics)
    )
    frame = table.query(_sums_sql(table, metrics, blocks, variant, segment, counts))
    variants = variants_of(frame["variant"].unique(), control, table.column(variant))
    segments = segments_of(frame["segment"].unique(), segment)
    rows: dict[tuple[str, str], int] = {}
    cells: dict[tuple[int, str, str], Cell] = {}
    for record in frame.to_dict("records"):
        for scope in dict.fromkeys((ALL, str(record["segment"]))):
            group = (scope, str(record["variant"]))
            rows[group] = rows.get(group, 0) + int(record["n"])
            for index, metric in enumerate(metrics):
                cell, key = _cell(record, index, metric), (index, *group)
                cells[key] = cells[key] + cell if key in cells else cell
    for (index, _, name), cell in cells.items():
        _refuse_impossible(metrics[index], name, cell)
    measured = Measurement(metrics, blocks, variants, segments, rows, cells, "")
    words = _WORDS.format(counts=table.column(counts))
    return Study(
        table=table,
        measured=measured,
        variant=variant,
        segment=segment,
        notes=_notes(table, measured, counts),
        semantics=(words,),
    )


def _refuse_rows(metric: Metric) -> None:
    wanted = {"mean": "squares='…'", "ratio": "squares=['…', '…', '…']"}
    given = metric.squares if isinstance(metric, Mean | Ratio) else "none needed"
    if metric.covariates:
        raise ParameterError(
            f"{metric.name!r} has a covariate, which needs the rows of customers; with `counts` leave it out, or give "
            "the rows."
        )
    if not given:
        raise ParameterError(
            f"{metric.name!r} needs its sums of squares beside `counts`: {metric.kind}(…, "
            f"{wanted[metric.kind]}). For a "
            "ratio they are those of the numerator, of the denominator and of their product."
        )
    if isinstance(metric, Ratio) and len(metric.squares or []) != 3:
        raise ParameterError(
            f"`squares` of {metric.name!r} is {metric.squares!r}; expected three columns: sums of the "
            "squared numerator, "
            "the squared denominator and their product."
        )


def _products(metric: Metric) -> list[str]:
    """The columns with the sums of products, in the order 00, 01, 11."""
    if isinstance(metric, Ratio):
        above, below, both = metric.squares or []
        return [above, both, below]
    return [metric.squares or ""] if isinstance(metric, Mean) else [str(getattr(metric, metric.columns[0]))]


def _sums_sql(
    table: Table, metrics: tuple[Metric, ...], blocks: tuple[Block, ...], variant: str, segment: str | None, counts: str
) -> str:
    typed = {"variant": (variant, "text"), "n": (counts, "number")} | (
        {"segment": (segment, "text?")} if segment else {}
    )
    for index, (metric, block) in enumerate(zip(metrics, blocks, strict=True)):
        typed |= {f"m{index}_s{i}": (name, "number") for i, name in enumerate(block.values)}
        typed |= {f"m{index}_p{i}": (name, "number") for i, name in enumerate(_products(metric))}
    part = f"coalesce(segment, '{NOT_GIVEN}')" if segment else f"'{ALL}'"
    sums = ", ".join(f"sum({name}) AS {name}" for name in typed if name not in ("variant", "segment"))
    whole = "count(*) FILTER (WHERE n < 0 OR n <> floor(n)) AS broken"
    return f"SELECT variant, {part} AS segment, {sums}, {whole} FROM {table.typed(**typed)} AS t GROUP BY 1, 2"


def _cell(record: dict[str, float], index: int, metric: Metric) -> Cell:
    if record["broken"]:
        raise DataError(
            f"`counts` has {count(record['broken'])} value{'s' if record['broken'] > 1 else ''} that "
            "are no whole number "
            "of customers; expected 0, 1, 2, …"
        )
    size = len(metric.columns)
    sums = np.array([float(record[f"m{index}_s{i}"]) for i in range(size)])
    products = np.zeros((size, size))
    for place, (i, j) in enumerate(combinations_with_replacement(range(size), 2)):
        products[i, j] = products[j, i] = float(record[f"m{index}_p{place}"])
    n = int(record["n"])
    return Cell(n, Moments(np.zeros(size), n, sums, products), None, _unskewed(n, sums[0], products[0, 0]))


def _unskewed(n: int, total: float, squares: float) -> float:
    """The sum of cubes of values without skewness: how lopsided they are cannot be told."""
    shift = total / n if n else 0.0
    return n * (3 * shift * squares / n - 2 * shift**3) if n else 0.0


def _refuse_impossible(metric: Metric, variant: str, cell: Cell) -> None:
    moments = cell.values
    if metric.kind == "proportion" and not 0 <= moments.sums[0] <= moments.n:
        raise DataError(
            f"In variant {variant!r} {metric.name!r} adds up to {count(moments.sums[0])} of "
            f"{count(moments.n)} customers; "
            "expected a number of customers between 0 and all. Measure what one customer does several times as a mean."
        )
    spread = np.diag(moments.scatter) if moments.n else np.zeros(1)
    if (spread < -1e-9 * np.maximum(np.diag(moments.products), 1.0)).any():
        raise DataError(
            f"In variant {variant!r} the sum of squares of {metric.name!r} is smaller than its sum "
            "allows; expected the "
            "sum of each customer's squared value, not the square of the sum. Check the column."
        )


def _notes(table: Table, measured: Measurement, counts: str) -> tuple[Check, ...]:
    total = count(sum(measured.rows[ALL, variant] for variant in measured.variants))
    unit = (
        f"{total} customers in {count(table.rows)} rows of counts ('{table.column(counts)}'): that "
        "each stands once, in "
        "one group, was up to whoever counted."
    )
    lacking = "Counts were given: whether values are missing in one group more than in another cannot be seen."
    return (
        Check("unit_of_analysis", True, "info", unit),
        Check("missing_by_variant", True, "info", lacking),
    )
