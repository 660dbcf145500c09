"""Ordered chains of many units at once: unit and time are packed into one number and sorted.

The latest-start rule of `ordered`, step by step: each event looks back to the last event of the step before with which
a chain can be carried on, which carries the latest start. For steps that no event can serve twice, under the ties
"step_order" and "strict".
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd

from cxlab.journeys.events import EventLog
from cxlab.journeys.keys import NEVER, Keys, Reached, Whole
from cxlab.journeys.step_keys import Batch, Units, key_batches, number_units, steps_named
from cxlab.journeys.threads import side_by_side

__all__ = ["arrivals_by_keys", "chains_by_keys", "suits_keys"]


def suits_keys(log: EventLog) -> bool:
    """Is the question one that packed keys answer exactly?"""
    rules = log.rules
    plain = rules.order == "ordered" and rules.ties in ("step_order", "strict") and rules.plain
    counted = not log.settings.clustered and log.settings.segment_at == 1
    return plain and counted and not log.overlapping and not log.settings.columns


def chains_by_keys(log: EventLog) -> str:
    """Make the table of chains, one row per unit that entered.

    Args:
        log: the events.

    Returns:
        Name of a table: u, level, t1 ... tK, entered, is_open, segment, entered_segment, and the level, the start and
        the segment over starts whose window is over.
    """
    units = number_units(log)
    times = ", ".join(f"CASE WHEN f.level >= {k} THEN f.t{k} END AS t{k}" for k in range(1, log.rules.steps + 1))
    rows = (
        f"SELECT {_named(units)}, f.level, {times}, f.entered, f.is_open, f.finished_level, "
        f"CASE WHEN f.finished_level > 0 THEN f.finished_at END AS finished_at FROM {log.name}_frame f {_joined(units)}"
    )
    found = _each(_chains, key_batches(log, units))
    if not log.segmented:
        every = ", ".join(f"'all' AS {name}" for name in ("segment", "entered_segment", "finished_segment"))
        return _kept(log, "chains", found, f"SELECT *, {every} FROM ({rows})")
    return log.make("chains", _labelled(log, _kept(log, "unlabelled", found, rows)))


def arrivals_by_keys(log: EventLog, *, settled: bool) -> str:
    """Make the table of arrivals: when did each unit first come to every step, by whichever chain?

    Args:
        log: the events.
        settled: count only chains whose window is over at the end of the data.

    Returns:
        Name of a table: u, t1 ... tK, missing where the step was not reached.
    """
    units = number_units(log)
    found = _each(partial(_arrivals, settled=settled), key_batches(log, units))
    numbers = range(1, log.rules.steps + 1)
    times = ", ".join(f"CASE WHEN f.t{k} > {NEVER} THEN f.t{k} END AS t{k}" for k in numbers)
    rows = f"SELECT {_named(units)}, {times} FROM {log.name}_frame f {_joined(units)}"
    return _kept(log, "settled" if settled else "came", found, rows)


def _kept(log: EventLog, table: str, frames: Iterator[pd.DataFrame], sql: str) -> str:
    """What was found, in the engine, one batch after the other."""
    engine, name = log.table.engine, f"{log.name}_{table}"
    begin = f"CREATE OR REPLACE TEMP TABLE {name} AS"
    for frame in frames:
        engine.register(f"{log.name}_frame", frame, scratch=True)
        engine.execute(f"{begin} {sql}", scratch=True)
        begin = f"INSERT INTO {name}"
    engine.register(f"{log.name}_frame", frame.head(0), scratch=True)
    return name


def _named(units: Units) -> str:
    return "c.u" if units.lowest is None else f"(f.code + {units.lowest}) AS u"


def _joined(units: Units) -> str:
    return f"JOIN {units.table} c ON c.code = f.code" if units.lowest is None else ""


def _each(work: Callable[[Keys, list[Whole]], pd.DataFrame], batches: Iterator[Batch]) -> Iterator[pd.DataFrame]:
    """Every batch's work on its sorted keys, step by step."""

    def sorted_work(batch: Batch) -> pd.DataFrame:
        steps = [np.sort(batch.key[batch.step == k]) for k in range(1, batch.keys.rules.steps + 1)]
        frame = work(batch.keys, steps)
        return frame.assign(code=frame["code"] + batch.lowest)

    return side_by_side(sorted_work, batches)


def _chains(keys: Keys, steps: list[Whole]) -> pd.DataFrame:
    """One row per unit of the batch that entered."""
    rules, layers = keys.rules, keys.layers(steps)
    first = layers[0]
    heads = keys.heads(first.key)
    code = first.key[heads] >> keys.bits
    last = np.append(heads[1:], len(first.key)) - 1 if len(heads) else heads
    level, start, done = (np.zeros(len(code), np.int64) for _ in range(3))
    finished, finished_at = np.zeros(len(code), np.int64), np.zeros(len(code), np.int64)
    for depth, layer in enumerate(layers, 1):
        rows = keys.heads(layer.key)
        unit = np.searchsorted(code, layer.key[rows] >> keys.bits)
        level[unit], start[unit], done[unit] = depth, layer.start[rows], keys.time(layer.key[rows])
        over = layer.over > NEVER
        rows = np.flatnonzero(over)[keys.heads(layer.key[over])]
        unit = np.searchsorted(code, layer.key[rows] >> keys.bits)
        finished[unit], finished_at[unit] = depth, layer.over[rows]
    times = _times(keys, steps, code, level, start, done)
    late = np.zeros(len(code), bool)
    if rules.window is not None and rules.data_end is not None:
        late = first.start[last] + rules.window > rules.data_end
    return pd.DataFrame({
        "code": code, "level": level, **times, "entered": keys.time(first.key[heads]),
        "is_open": late & (level < rules.steps), "finished_level": finished, "finished_at": finished_at,
    })  # fmt: skip


def _times(keys: Keys, steps: list[Whole], code: Whole, level: Whole, start: Whole, done: Whole) -> dict[str, Whole]:
    """From the start each step as early as it can be; the last one when it was done."""
    side = "right" if keys.rules.ties == "strict" else "left"
    times, current = {"t1": start}, start.copy()
    for depth in range(2, keys.rules.steps + 1):
        going = level > depth
        key = (code[going] << keys.bits) + (current[going] - keys.first)
        place = np.searchsorted(steps[depth - 1], key, side=side)  # type: ignore[call-overload]
        moment = done.copy()
        moment[going] = keys.time(steps[depth - 1][place])
        times[f"t{depth}"], current = moment, moment
    return times


def _arrivals(keys: Keys, steps: list[Whole], *, settled: bool) -> pd.DataFrame:
    """When each unit of the batch first came to every step."""
    layers = keys.layers(steps)
    if settled:
        layers = [Reached(*(part[layer.over > NEVER] for part in layer)) for layer in layers]
    code = layers[0].key[keys.heads(layers[0].key)] >> keys.bits
    found = {}
    for depth, layer in enumerate(layers, 1):
        rows = keys.heads(layer.key)
        moment = np.full(len(code), NEVER, np.int64)
        moment[np.searchsorted(code, layer.key[rows] >> keys.bits)] = keys.time(layer.key[rows])
        found[f"t{depth}"] = moment
    return pd.DataFrame({"code": code, **found})


def _labelled(log: EventLog, chains: str) -> str:
    """The chains with their values of the breakdown, which are those of first steps."""
    starts = f"SELECT u, t, min(segment) AS segment FROM {log.events} WHERE event IN ({steps_named(log, 0, 1)})"
    values = log.make("starts", f"{starts} GROUP BY u, t")
    return (
        f"SELECT c.*, a.segment, b.segment AS entered_segment, d.segment AS finished_segment FROM {chains} c "
        f"JOIN {values} a ON a.u = c.u AND a.t = c.t1 JOIN {values} b ON b.u = c.u AND b.t = c.entered "
        f"LEFT JOIN {values} d ON d.u = c.u AND d.t = c.finished_at"
    )
