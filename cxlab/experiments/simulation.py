"""Power by simulation: tests drawn from the history, with a change built in, run through the test's own analysis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import Table
from cxlab.data.contracts import typed_expression
from cxlab.data.engine import literal, quote
from cxlab.experiments.built_in import Ends, changed, ends_of
from cxlab.experiments.comparison import ab_test
from cxlab.experiments.metrics import Metric
from cxlab.experiments.planned_sizes import Need
from cxlab.experiments.simulated_times import PastTimes, past_times
from cxlab.experiments.spread import ARM, CLUSTER, UNIT
from cxlab.stats.proportions import wilson_interval

__all__ = ["simulated_tests"]

_VALUE, _HISTORY, _DRAWS, _TEST = "cxlab_value", "cxlab_planned_history", "cxlab_planned_draws", "cxlab_planned_test"


@dataclass(frozen=True)
class _Source:
    """The history with every customer (or cluster) numbered, and what is measured in a column of its own."""

    table: Table
    need: Need
    unit: str | None
    cluster: str | None
    strata: str | None
    places: int
    ends: Ends

    @property
    def columns(self) -> dict[str, Any]:
        """What the simulated test is told of its columns."""
        return {
            "unit": UNIT if self.unit or self.cluster else None, "cluster": CLUSTER if self.cluster else None,
            "strata": self.strata,
        }  # fmt: skip

    def drawn(self, truth: float, changed_here: NDArray[np.bool_], rng: np.random.Generator) -> Table:
        """One simulated test: whole customers (or clusters) of the history, the change built into a part of them."""
        draws = pd.DataFrame({
            "cxlab_place": rng.integers(0, self.places, len(changed_here)), ARM: np.where(changed_here, "b", "a"),
            "cxlab_draw": np.arange(len(changed_here)), "cxlab_luck": rng.random(len(changed_here)),
        })  # fmt: skip
        engine = self.table.engine
        engine.register(_DRAWS, draws, scratch=True)
        # The test's analysis reads its rows several times; they are joined once.
        engine.execute(f"CREATE OR REPLACE TABLE {_TEST} AS {self._joined(truth)}", scratch=True)
        more = {ARM: "VARCHAR", UNIT: "VARCHAR", CLUSTER: "VARCHAR", _VALUE: "DOUBLE"}
        roles = MappingProxyType({role: column for role, column in self.table.roles.items() if role != "unit"})
        types = MappingProxyType({**self.table.types, **more})
        return replace(self.table, relation=_TEST, roles=roles, types=types)

    def _joined(self, truth: float) -> str:
        table, inner = self.table, "CAST(d.cxlab_draw AS VARCHAR)"
        unit = (
            f"concat({inner}, '-', CAST(h.{quote(table.column(self.unit))} AS VARCHAR))"
            if self.cluster and self.unit
            else inner
        )
        kept = ", ".join(f"h.{quote(name)}" for name in table.columns)
        there = changed(self.need, truth, self.ends, value=f"h.{_VALUE}", luck="d.cxlab_luck")
        value = f"CASE WHEN d.{ARM} = 'b' THEN {there} ELSE h.{_VALUE} END AS {_VALUE}"
        names = f"d.{ARM}, {unit} AS {UNIT}, {inner} AS {CLUSTER}"
        joined = f"{_DRAWS} AS d JOIN {_HISTORY} AS h ON h.cxlab_place = d.cxlab_place"
        return f"SELECT {kept}, {value}, {names} FROM {joined}"


def simulated_tests(
    table: Table, need: Need, n: float, *, effect: float, runs: int, seed: int, unit: str | None = None,
    cluster: str | None = None, strata: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """How often does the test's own analysis find a change, and how often one that is not there?

    Args:
        table: the history.
        need: what shall be shown.
        n: customers of the test in all variants.
        effect: the true change; against a margin the first row has a change as large as the margin, the second none.
        runs: simulated tests of each row.
        seed: of the random draws.
        unit: column with the customer's id.
        cluster: column with the group that is assigned as a whole.
        strata: column with a group known before.

    Returns:
        Two rows, without and with what shall be found: effect, runs, found (share), ci_low, ci_high.

    Raises:
        ParameterError: so large a change cannot be built in.
    """
    if need.metric.kind == "time_to_event":
        source: _Source | PastTimes = past_times(table, need, _VALUE)
    else:
        source = _prepared(table, need, unit, cluster, strata)
    rng, sign = np.random.default_rng(seed), need.metric.sign
    truths = (-sign * effect, 0.0) if need.against_margin else (0.0, sign * effect)
    size = n / need.inflation * need.parts.control_share * (1 + need.parts.ratio)
    try:
        rows = [_row(truth, list(_tests(source, truth, size, runs, rng))) for truth in truths]
    finally:
        for made in (_HISTORY, _TEST):
            table.engine.execute(f"DROP TABLE IF EXISTS {made}", scratch=True)
    return pd.DataFrame(rows, columns=["effect", "runs", "found", "ci_low", "ci_high"])


def _row(truth: float, found: list[bool]) -> tuple[float, int, float, float, float]:
    low, high = wilson_interval(sum(found), len(found))
    return truth, len(found), sum(found) / len(found), float(low), float(high)


def _prepared(table: Table, need: Need, unit: str | None, cluster: str | None, strata: str | None) -> _Source:
    value = f"{_number(table, need.metric)} AS {_VALUE}"
    key = cluster or unit
    rank = f"dense_rank() OVER (ORDER BY {quote(table.column(key))})" if key else "row_number() OVER ()"
    table.engine.execute(f"DROP TABLE IF EXISTS {_HISTORY}", scratch=True)
    made = f"SELECT *, {value}, {rank} - 1 AS cxlab_place FROM {table.relation} AS whole"
    table.engine.execute(f"CREATE TABLE {_HISTORY} AS {made}", scratch=True)
    places = table.engine.rows(f"SELECT max(cxlab_place) + 1 FROM {_HISTORY}")[0][0]
    return _Source(table, need, unit, cluster, strata, int(places), ends_of(table.engine, _HISTORY, _VALUE))


def _number(table: Table, metric: Metric) -> str:
    """The measured value as a number; words of a scale by their place on it."""
    levels = getattr(metric, "levels", None)
    if levels is None:
        return typed_expression(table, metric.parts[0], "flag?" if metric.kind == "proportion" else "number?")
    places = " ".join(f"WHEN {literal(level)} THEN {place}" for place, level in enumerate(levels))
    return f"CASE {typed_expression(table, metric.parts[0], 'text?')} {places} END"


def _tests(
    source: _Source | PastTimes, truth: float, size: float, runs: int, rng: np.random.Generator
) -> Iterator[bool]:
    """Was it found, test after test?"""
    need, metric = source.need, [str(_measured(source.need.metric))]
    drawn = round(size / need.spread.cluster_size)
    given = {"variant": ARM, "control": "a", "planned_ratio": {"a": 1.0, "b": need.parts.ratio}, **source.columns}
    for _ in range(runs):
        changed_here = rng.random(drawn) >= 1 / (1 + need.parts.ratio)
        row = ab_test(source.drawn(truth, changed_here, rng), metrics=metric, **given).table.iloc[0]
        either = need.against_margin or (not truth and need.sides == "two")  # a false alarm has no right direction
        better = either or row["effect"] * need.metric.sign > 0
        level = need.alpha if need.against_margin or need.sides == "two" else 2 * need.alpha
        yield bool(better and row["p_value"] < level)


def _measured(metric: Metric) -> Metric:
    """The metric on the column that carries the change; a guardrail is asked as the test against its margin."""
    test = "non-inferiority" if metric.role == "guardrail" and metric.test == "superiority" else metric.test
    numbers = {metric.columns[0]: _VALUE} | ({"levels": None} if metric.kind == "ordinal" else {})
    return replace(metric, role="primary", test=test, **numbers)  # type: ignore[arg-type]
