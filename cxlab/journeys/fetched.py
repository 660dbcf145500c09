"""Chains by the kernel: packed step events are fetched in batches of units, the chains go back to the engine."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxlab.errors import DataError
from cxlab.journeys.any_order import first_bits
from cxlab.journeys.events import EventLog
from cxlab.journeys.kernel import Chains, chains_of

__all__ = ["chains_by_kernel", "mask_sql"]

_BATCH = 1_000_000
_NOBODY = "(did not get there)"


def chains_by_kernel(log: EventLog) -> str:
    """Make the table of chains, one row per unit that entered, or per attempt.

    Args:
        log: the events.

    Returns:
        Name of a table with the columns of `chains_by_keys`: t1 ... for the required steps, o1 ... for the optional
        ones; with them `person`, where a person may count more than once.

    Raises:
        DataError: events serve two steps, or a step and an exclusion, where that cannot be told apart.
    """
    log.make("masked", _masked(log))
    _refuse_shared(log)
    person = ", any_value(person) AS person" if log.settings.clustered else ""
    starting = f"SELECT u, min(t) AS entered{person} FROM {log.name}_masked WHERE {_may_start(log)} GROUP BY u"
    units = log.make("units", f"SELECT *, row_number() OVER (ORDER BY u) - 1 AS unit FROM ({starting})")
    frames = [_chains(log, arrays) for arrays in _batches(log, units)]
    found = pd.concat(frames) if frames else _chains(log, _nothing())
    engine = log.table.engine
    engine.register(f"{log.name}_frame", found, scratch=True)
    chains = log.make("chains", _restored(log, units))
    engine.register(f"{log.name}_frame", found.head(0), scratch=True)
    return chains


def _bits(log: EventLog) -> list[str]:
    """SQL conditions in the order of their bits: required steps, optional ones, exclusions."""
    settings = log.settings
    steps = [log.steps[number - 1] for number in (*settings.required, *sorted(settings.optional))]
    every = [*steps, *(exclusion.step for exclusion in settings.exclusions)]
    return [step.sql(log.properties) for step in every]


def mask_sql(log: EventLog) -> str:
    """SQL: which steps an event serves, and what it bars."""
    return "(" + " + ".join(f"CASE WHEN {sql} THEN {1 << k} ELSE 0 END" for k, sql in enumerate(_bits(log))) + ")"


def _masked(log: EventLog) -> str:
    """The events with the steps they serve; adjacency needs the others too."""
    needed = "" if log.rules.order == "strict" else " WHERE mask > 0"
    person = ", person" if log.settings.clustered else ""
    mask = f"{mask_sql(log)}::BIGINT AS mask"
    return f"SELECT * FROM (SELECT u, t, place, segment{person}, {mask} FROM {log.events}){needed}"


def _refuse_shared(log: EventLog) -> None:
    """Events of which it could not be said what they are."""
    masked, number = f"{log.name}_masked", len(log.steps)
    serving = f"(mask & {(1 << number) - 1})"
    faults = []
    if log.settings.exclusions:
        faults.append(("an exclusion", f"{serving} > 0 AND mask >= {1 << number}"))
    if log.settings.optional or log.settings.anchored:
        faults.append(("another step", f"bit_count({serving}) > 1"))
    for other, condition in faults:
        shared = int(log.table.engine.rows(f"SELECT count(*) FROM {masked} WHERE {condition}")[0][0])
        if shared:
            raise DataError(
                f"{shared:,} events serve a step and {other} at once; expected each to be one of the two. "
                "Tell them apart by a property, such as 'order where status=paid'."
            )


def _may_start(log: EventLog) -> str:
    rules = log.rules
    low = "" if rules.entry_from is None else f" AND t >= {rules.entry_from}"
    return f"mask & {first_bits(rules)} > 0" + low + ("" if rules.entry_to is None else f" AND t < {rules.entry_to}")


def _batches(log: EventLog, units: str) -> Iterator[dict[str, NDArray[Any]]]:
    """The events of units that may start, sorted; about a million at a time."""
    engine, masked = log.table.engine, f"{log.name}_masked"
    rows, number = engine.rows(f"SELECT (SELECT count(*) FROM {masked}), (SELECT count(*) FROM {units})")[0]
    size = max(int(number * _BATCH / max(rows, 1)), 1)
    for low in range(0, number, size):
        yield engine.arrays(
            f"SELECT x.unit, e.t, e.mask FROM {masked} e JOIN {units} x ON x.u = e.u "
            f"WHERE x.unit >= {low} AND x.unit < {low + size} ORDER BY x.unit, e.t, e.place, e.segment, e.mask"
        )


def _nothing() -> dict[str, NDArray[Any]]:
    return {"unit": np.zeros(0, np.int64), "t": np.zeros(0, np.int64), "mask": np.zeros(0, np.int64)}


def _chains(log: EventLog, arrays: dict[str, NDArray[Any]]) -> pd.DataFrame:
    """One row per unit or attempt of the batch."""
    unit, names = arrays["unit"].astype(np.int64), np.unique(arrays["unit"].astype(np.int64))
    attempts = log.settings.choices.get("counting") == "attempts"
    whole, finished = chains_of(unit, arrays["t"], arrays["mask"], log.rules, attempts=attempts)
    first, second = _framed(log, whole, names), _framed(log, finished, names)
    optional = [f"o{k + 1}" for k in range(len(log.rules.optional))]
    late = second[["unit", "number", "level", "at", *optional]]
    late = late.rename(columns={name: f"finished_{name}" for name in ("level", "at", *optional)})
    nothing = {"finished_level": 0, "finished_at": 0} | {f"finished_{name}": -1 for name in optional}
    return first.merge(late, on=["unit", "number"], how="left").fillna(nothing)


def _framed(log: EventLog, chains: Chains, names: NDArray[np.int64]) -> pd.DataFrame:
    """The chains with their unit, the number of the attempt, and when the step that decides on the group was done."""
    required, at = log.settings.required, log.settings.segment_at
    place = chains.level - 1 if not at else np.full(len(chains.level), required.index(at))
    held = np.maximum(np.minimum(place, chains.level - 1), 0)
    moment = chains.times[np.arange(len(held)), held] if len(held) else np.zeros(0, np.int64)
    times = {f"t{k + 1}": chains.times[:, k] for k in range(log.rules.steps)}
    optional = {f"o{k + 1}": chains.optional[:, k] for k in range(len(log.rules.optional))}
    frame = pd.DataFrame({
        "unit": names[chains.unit], "level": chains.level, **times, **optional, "opened": chains.opened,
        "is_open": chains.is_open, "at": np.where(chains.level > place, moment, -1),
    })  # fmt: skip
    return frame.assign(number=frame.groupby("unit").cumcount())


def _restored(log: EventLog, units: str) -> str:
    """The chains under the units' own ids, times beyond the level missing, with the entry and its segment."""
    rules, attempts = log.rules, log.settings.choices.get("counting") == "attempts"
    times = [f"CASE WHEN c.level >= {k} THEN c.t{k} END AS t{k}" for k in range(1, rules.steps + 1)]
    for k in range(1, len(rules.optional) + 1):
        times += [f"CASE WHEN c.o{k} >= 0 THEN c.o{k} END AS o{k}", f"c.finished_o{k} >= 0 AS finished_o{k}"]
    person = ["x.person"] if log.settings.clustered else []
    entered = "c.opened" if attempts else "x.entered"
    chosen = ", ".join(["x.u", *person, "c.number", "c.level", *times, f"{entered} AS entered", "c.is_open"])
    base = (
        f"SELECT {chosen}, c.at, c.finished_level::BIGINT AS finished_level, c.finished_at::BIGINT AS finished_at "
        f"FROM {log.name}_frame c JOIN {units} x ON x.unit = c.unit WHERE c.level > 0"
    )
    if not log.segmented:
        return f"SELECT *, 'all' AS segment, 'all' AS entered_segment, 'all' AS finished_segment FROM ({base})"
    values = f"SELECT u, t, mask, segment FROM {log.name}_masked WHERE mask & {rules.required_bits} > 0"
    start = f"(SELECT u, t, min(segment) AS segment FROM ({values}) WHERE {_may_start(log)} GROUP BY u, t)"
    deciding = f"(SELECT u, t, min(segment) AS segment FROM ({values}) WHERE {_deciding(log)} GROUP BY u, t)"
    return (
        f"SELECT b.*, coalesce(s.segment, '{_NOBODY}') AS segment, n.segment AS entered_segment, "
        f"CASE WHEN b.finished_level > 0 THEN coalesce(f.segment, '{_NOBODY}') END AS finished_segment FROM ({base}) b "
        f"LEFT JOIN {deciding} s ON s.u = b.u AND s.t = b.at "
        f"LEFT JOIN {deciding} f ON f.u = b.u AND f.t = b.finished_at "
        f"LEFT JOIN {start} n ON n.u = b.u AND n.t = b.entered"
    )


def _deciding(log: EventLog) -> str:
    """SQL: may an event decide on the group of its person?"""
    at, required = log.settings.segment_at, log.settings.required
    if at == 1:
        return f"mask & {first_bits(log.rules)} > 0"
    return "true" if not at else f"mask & {1 << required.index(at)} > 0"
