"""Chains by the kernel: packed step events are fetched in batches of units, the chains go back to the engine."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.data import literal
from cxlab.journeys.events import EventLog
from cxlab.journeys.kernel import Chains, chains_of
from cxlab.journeys.rules import Rules

__all__ = ["chains_by_kernel"]

_BATCH = 1_000_000


def chains_by_kernel(log: EventLog) -> str:
    """Make the table of chains, one row per unit that entered.

    Args:
        log: the events.

    Returns:
        Name of a table with the columns of `chains_by_asof`.
    """
    log.make("masked", _masked(log))
    starting = f"SELECT u, min(t) AS entered FROM {log.name}_masked WHERE {_may_start(log.rules)} GROUP BY u"
    units = log.make("units", f"SELECT *, row_number() OVER (ORDER BY u) - 1 AS unit FROM ({starting})")
    frames = [_chains(log, arrays) for arrays in _batches(log, units)]
    found = pd.concat(frames) if frames else _chains(log, _nothing())
    engine = log.table.engine
    engine.register(f"{log.name}_frame", found, scratch=True)
    chains = log.make("chains", _restored(log, units))
    engine.register(f"{log.name}_frame", found.head(0), scratch=True)
    return chains


def _masked(log: EventLog) -> str:
    """The events with the steps they serve; adjacency needs the others too."""
    bits = " + ".join(
        f"CASE WHEN event IN ({', '.join(map(literal, step.events))}) THEN {1 << k} ELSE 0 END"
        for k, step in enumerate(log.steps)
    )
    needed = "" if log.rules.order == "strict" else " WHERE mask > 0"
    return f"SELECT * FROM (SELECT u, t, place, segment, ({bits})::BIGINT AS mask FROM {log.events}){needed}"


def _may_start(rules: Rules) -> str:
    serving = "mask > 0" if rules.order == "any" else "mask % 2 = 1"
    low = "" if rules.entry_from is None else f" AND t >= {rules.entry_from}"
    return serving + low + ("" if rules.entry_to is None else f" AND t < {rules.entry_to}")


def _batches(log: EventLog, units: str) -> Iterator[dict[str, NDArray[Any]]]:
    """The events of units that may start, sorted; about a million at a time."""
    engine, masked = log.table.engine, f"{log.name}_masked"
    rows, number = engine.rows(f"SELECT (SELECT count(*) FROM {masked}), (SELECT count(*) FROM {units})")[0]
    size = max(int(number * _BATCH / max(rows, 1)), 1)
    for low in range(0, number, size):
        yield engine.arrays(
            f"SELECT x.unit, e.t, e.mask, e.segment FROM {masked} e JOIN {units} x ON x.u = e.u "
            f"WHERE x.unit >= {low} AND x.unit < {low + size} ORDER BY x.unit, e.t, e.place, e.segment, e.mask"
        )


def _nothing() -> dict[str, NDArray[Any]]:
    return {"unit": np.zeros(0, np.int64), "t": np.zeros(0, np.int64), "mask": np.zeros(0, np.int64),
            "segment": np.zeros(0, object)}  # fmt: skip


def _chains(log: EventLog, arrays: dict[str, NDArray[Any]]) -> pd.DataFrame:
    """One row per unit of the batch."""
    unit, segment = arrays["unit"].astype(np.int64), arrays["segment"]
    whole, finished = chains_of(unit, arrays["t"], arrays["mask"], log.rules)
    times = {f"t{k + 1}": whole.times[:, k] for k in range(log.rules.steps)}
    return pd.DataFrame({
        "unit": np.unique(unit), "level": whole.level, **times, "is_open": whole.is_open,
        "segment": _at(segment, whole), "finished_level": finished.level, "finished_segment": _at(segment, finished),
    })  # fmt: skip


def _at(segment: NDArray[Any], chains: Chains) -> "pd.Series[str]":
    """Value of the breakdown at the first event of each chain; missing without a chain."""
    held = np.array([*segment.tolist(), None], dtype=object)
    return pd.Series(held[chains.start], dtype="str")


def _restored(log: EventLog, units: str) -> str:
    """The chains under the units' own ids, times beyond the level missing, with the entry and its segment."""
    times = ", ".join(f"CASE WHEN c.level >= {k} THEN c.t{k} END AS t{k}" for k in range(1, log.rules.steps + 1))
    entered = (
        f"SELECT e.u, min(e.segment) AS segment FROM {log.name}_masked e JOIN {units} x "
        f"ON x.u = e.u AND x.entered = e.t WHERE {_may_start(log.rules)} GROUP BY e.u"
    )
    return (
        f"SELECT x.u, c.level, {times}, x.entered, c.is_open, c.segment, n.segment AS entered_segment, "
        f"c.finished_level, c.finished_segment FROM {log.name}_frame c JOIN {units} x ON x.unit = c.unit "
        f"JOIN ({entered}) n ON n.u = x.u WHERE c.level > 0"
    )
