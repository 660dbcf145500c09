"""Quantiles of each variant, from sums in the database; rows may repeat within units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
from scipy.special import ndtri

from cxlab.data import ALL, NOT_GIVEN, Table, literal
from cxlab.errors import DataError
from cxlab.experiments.effects import Comparison, Key
from cxlab.experiments.kinds import Quantile
from cxlab.experiments.measurement import Measurement
from cxlab.experiments.values import value_sql
from cxlab.results import Check
from cxlab.stats.means import Arm, arm_difference
from cxlab.stats.quantiles import reach, share_error
from cxlab.stats.relative import fieller
from cxlab.wording import count, sentence_list, share

__all__ = ["QuantileCell", "compare_quantiles", "quantile_checks", "quantile_table", "quantiles_of"]

_TIED, _TAIL = 0.05, 50

Group = tuple[str, str]


@dataclass(frozen=True)
class QuantileCell:
    """One metric's quantile in one segment and variant."""

    arm: Arm
    rows: int
    ci_low: float
    ci_high: float
    tied: float
    inside: bool


@dataclass(frozen=True)
class _Question:
    """What is asked of the data: whose quantile, over which rows."""

    table: Table
    metric: Quantile
    variant: str
    segment: str | None
    unit: str | None
    confidence: float

    @property
    def rows(self) -> str:
        """SQL of one row per value."""
        typed = {"variant": (self.variant, "text"), "raw": (self.metric.column, "number?")}
        typed |= {"segment": (self.segment, "text?")} if self.segment else {}
        typed |= {"unit": (self.unit, "id")} if self.unit else {}
        part = f"coalesce(segment, '{NOT_GIVEN}')" if self.segment else f"'{ALL}'"
        unit = ", unit" if self.unit else ""
        inner = f"SELECT variant, {part} AS segment, {value_sql(self.metric, 'raw')} AS value{unit}"
        return f"(SELECT * FROM ({inner} FROM {self.table.typed(**typed)} AS typed) AS named WHERE value IS NOT NULL)"

    def keys(self, *, by_segment: bool) -> str:
        """SQL columns that name a group."""
        return "segment, variant" if by_segment else f"'{ALL}' AS segment, variant"


def quantiles_of(
    table: Table, measured: Measurement, variant: str, segment: str | None, unit: str | None, confidence: float
) -> dict[Key, QuantileCell]:
    """How large is each variant's quantile, and how sure is it?

    Args:
        table: the data.
        measured: the sums.
        variant: column of the variant.
        segment: column of the segment, or None.
        unit: column of the unit where rows repeat within it; None where each row is one.
        confidence: level at which the distribution is read.

    Returns:
        The quantiles by metric, segment and variant, with Woodruff's limits; no row leaves the engine.

    Source:
        Woodruff (1952), JASA 47:635; over units as in Deng, Knoblich & Lu (2018), KDD, section 4.
    """
    found: dict[Key, QuantileCell] = {}
    for index, metric in enumerate(measured.metrics):
        if isinstance(metric, Quantile):
            question = _Question(table, metric, variant, segment, unit, confidence)
            for by_segment in (False, True) if segment else (False,):
                cells = _cells(question, by_segment=by_segment)
                found |= {(index, *group): cell for group, cell in cells.items()}
    return found


def _cells(question: _Question, *, by_segment: bool) -> dict[Group, QuantileCell]:
    at = _values(question, by_segment=by_segment)
    if not at:
        return {}
    counts = _counts(question, at, by_segment=by_segment)
    ends = {
        group: reach(question.metric.q, _error(question, row), question.confidence) for group, row in counts.items()
    }
    limits = _limits(question, {group: (end.low, end.high) for group, end in ends.items()}, by_segment=by_segment)
    width = 2 * float(ndtri((1 + question.confidence) / 2))
    cells = {}
    for group, row in counts.items():
        n, (low, high) = int(row["units"]), limits[group]
        arm = Arm(n, at[group], ((high - low) / width) ** 2, max(n - 1, 1))
        tied = float(row["tied"] / row["n"])
        cells[group] = QuantileCell(arm, int(row["n"]), low, high, tied, ends[group].inside)
    return cells


def _error(question: _Question, row: dict[str, float]) -> float:
    rows, at_most = int(row["n"]), int(row["at_most"])
    if question.unit is None:
        return share_error(question.metric.q, rows, at_most)
    return share_error(question.metric.q, rows, at_most, units=int(row["units"]), squares=float(row["squares"]))


def _values(question: _Question, *, by_segment: bool) -> dict[Group, float]:
    keys = question.keys(by_segment=by_segment)
    sql = (
        f"SELECT {keys}, quantile_cont(value, {question.metric.q!r}) AS found FROM {question.rows} AS r "
        f"GROUP BY {'segment, ' if by_segment else ''}variant"
    )
    frame = question.table.query(sql)
    return {(row["segment"], row["variant"]): float(row["found"]) for row in frame.to_dict("records")}


def _counts(question: _Question, at: dict[Group, float], *, by_segment: bool) -> dict[Group, dict[str, float]]:
    """Rows, rows at or below the quantile, and how these are spread over units."""
    q = f"CAST({question.metric.q!r} AS DOUBLE)"
    known = ", ".join(f"({literal(g[0])}, {literal(g[1])}, CAST({v!r} AS DOUBLE))" for g, v in at.items())
    joined = f"r.variant = k.variant{' AND r.segment = k.segment' if by_segment else ''}"
    source = f"{question.rows} AS r JOIN (VALUES {known}) AS k(segment, variant, found) ON {joined}"
    counted = (
        "count(*) AS n, sum(CASE WHEN value <= found THEN 1 ELSE 0 END) AS at_most, "
        "sum(CASE WHEN value = found THEN 1 ELSE 0 END) AS tied"
    )
    if question.unit is None:
        sql = f"SELECT k.segment, k.variant, {counted}, count(*) AS units FROM {source} GROUP BY k.segment, k.variant"
    else:
        per_unit = f"SELECT k.segment, k.variant, unit, {counted} FROM {source} GROUP BY k.segment, k.variant, unit"
        rest = f"(at_most - {q} * n)"
        sql = (
            "SELECT segment, variant, sum(n) AS n, sum(at_most) AS at_most, sum(tied) AS tied, count(*) AS units, "
            f"sum({rest} * {rest}) AS squares FROM ({per_unit}) AS u GROUP BY segment, variant"
        )
    frame = question.table.query(sql)
    return {(row["segment"], row["variant"]): row for row in frame.to_dict("records")}


def _limits(
    question: _Question, ends: dict[Group, tuple[float, float]], *, by_segment: bool
) -> dict[Group, tuple[float, float]]:
    """The distribution of each group read at its own two shares, in one scan."""
    parts = []
    for place, (group, (low, high)) in enumerate(ends.items()):
        where = f"variant = {literal(group[1])}" + (f" AND segment = {literal(group[0])}" if by_segment else "")
        both = zip(("low", "high"), (low, high), strict=True)
        parts += [f"quantile_cont(value, {v!r}) FILTER (WHERE {where}) AS {end}{place}" for end, v in both]
    found = question.table.query(f"SELECT {', '.join(parts)} FROM {question.rows} AS r").iloc[0]
    return {group: (float(found[f"low{i}"]), float(found[f"high{i}"])) for i, group in enumerate(ends)}


def _pairs(measured: Measurement, found: dict[Key, QuantileCell]) -> Iterator[tuple[Key, QuantileCell, QuantileCell]]:
    for key, cell in found.items():
        control = found.get((key[0], key[1], measured.control))
        if key[2] != measured.control and control is not None:
            yield key, cell, control


def compare_quantiles(
    measured: Measurement, found: dict[Key, QuantileCell], confidence: float
) -> dict[Key, Comparison]:
    """How far is each variant's quantile from the control's?

    Args:
        measured: the sums.
        found: the quantiles.
        confidence: level of the intervals, as a fraction.

    Returns:
        Comparisons; a segment that is too small or does not vary has none.

    Raises:
        DataError: over all units there are too few values for this quantile, or ties leave no spread.
    """
    compared: dict[Key, Comparison] = {}
    for key, one, zero in _pairs(measured, found):
        fault = _fault(measured.metrics[key[0]], {key[2]: one, measured.control: zero}, confidence)
        if not fault:
            moved = arm_difference(one.arm, zero.arm, confidence=confidence)
            fraction = fieller(*one.arm[1:3], *zero.arm[1:3], quantile=moved.quantile)
            method = "Woodruff" if one.rows == one.arm.n and zero.rows == zero.arm.n else "Woodruff, clustered"
            compared[key] = Comparison(moved, one.arm, zero.arm, fraction, method)
        elif key[1] == ALL and min(one.rows, zero.rows) > 1:
            raise DataError(fault)
    return compared


def _fault(metric: object, cells: dict[str, QuantileCell], confidence: float) -> str:
    assert isinstance(metric, Quantile)
    for variant, cell in cells.items():
        if not cell.inside:
            lean = min(metric.q, 1 - metric.q)
            needed = float(ndtri((1 + confidence) / 2)) ** 2 * (1 - lean) / lean
            rows = f"{count(cell.rows)} values" if cell.rows > 1 else "1 value"
            more = "" if cell.rows == cell.arm.n else f" of {count(cell.arm.n)} customers"
            return (
                f"Variant {variant!r} has {rows}{more} for {metric.name!r}; this quantile needs about "
                f"{count(needed + 1)} independent ones. Wait for more data, or choose a q nearer to 0.5."
            )
    if all(cell.arm.variance == 0 for cell in cells.values()):
        at = sentence_list([f"{cell.arm.estimate:g}" for cell in cells.values()])
        return (
            f"So many values are equal that {metric.name!r} has no spread ({at}), so chance cannot be told from an "
            "effect. Choose another q, or take proportion(…) of the values above a limit."
        )
    return ""


def quantile_table(measured: Measurement, found: dict[Key, QuantileCell]) -> pd.DataFrame:
    """Each variant's quantile with its own interval.

    Args:
        measured: the sums.
        found: the quantiles.

    Returns:
        One row per metric, segment and variant: metric, segment, variant, q, n (units), rows, estimate, ci_low, ci_high
        (Woodruff's), se, tied (share of rows that are equal to it).
    """
    rows = []
    for (index, segment, variant), cell in found.items():
        metric = measured.metrics[index]
        assert isinstance(metric, Quantile)
        ends = (cell.arm.estimate, cell.ci_low, cell.ci_high, cell.arm.variance**0.5)
        rows.append((metric.name, segment, variant, metric.q, cell.arm.n, cell.rows, *ends, cell.tied))
    columns = ["metric", "segment", "variant", "q", "n", "rows", "estimate", "ci_low", "ci_high", "se", "tied"]
    return pd.DataFrame(rows, columns=columns)


def quantile_checks(measured: Measurement, found: dict[Key, QuantileCell]) -> list[Check]:
    """Are there enough values beyond the quantile, and are they different enough?

    Args:
        measured: the sums.
        found: the quantiles.

    Returns:
        The checks `few_in_tail` and `tied_values`.
    """
    whole = {key: cell for key, cell in found.items() if key[1] == ALL}
    few, tied = [], []
    for index, metric in enumerate(measured.metrics):
        cells = [cell for key, cell in whole.items() if key[0] == index]
        if not isinstance(metric, Quantile) or not cells:
            continue
        tail = min(cell.rows for cell in cells) * min(metric.q, 1 - metric.q)
        equal = max(cell.tied for cell in cells)
        few += [f"{metric.words}: {count(tail)} values"] if tail < _TAIL else []
        tied += [f"{metric.words}: {share(equal)} of values"] if equal >= _TIED else []
    return [*_few(few), *_ties(tied)] if whole else []


def _few(few: list[str]) -> list[Check]:
    if not few:
        return [Check("few_in_tail", True, "info", f"At least {_TAIL} values lie beyond each quantile.")]
    message = f"{'; '.join(few)} beyond the quantile in a group; below {_TAIL} its interval is rough."
    return [Check("few_in_tail", False, "warning", message)]


def _ties(tied: list[str]) -> list[Check]:
    if not tied:
        return [Check("tied_values", True, "info", "Values at the quantiles differ enough.")]
    message = f"{'; '.join(tied)} are equal to the quantile, which therefore moves in jumps; the interval is rough."
    return [Check("tied_values", False, "warning", message)]
