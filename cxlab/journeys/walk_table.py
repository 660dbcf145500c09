"""Paths as a table of the engine, for questions that are asked in SQL."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxlab.data import literal
from cxlab.data.engine import Engine
from cxlab.journeys.walk_cuts import Batch
from cxlab.journeys.walks import People, Walks

__all__ = ["keep_walks"]


def keep_walks(engine: Engine, walks: Walks, name: str) -> str:
    """Make the table of all events on paths, in order.

    Args:
        engine: where it is kept.
        walks: the paths.
        name: of the table.

    Returns:
        The name: u, p, t, e, segment, k, before, target, wait, and channel where there is one.
    """
    for number, batch in enumerate(walks.batches):
        engine.register(f"{name}_frame", _frame(batch, walks.people), scratch=True)
        make = f"INSERT INTO {name}" if number else f"CREATE OR REPLACE TEMP TABLE {name} AS"
        engine.execute(f"{make} {_told(walks, name, batch)}", scratch=True)
    engine.register(f"{name}_frame", pd.DataFrame({"none": []}), scratch=True)
    return name


def _frame(batch: Batch, people: People) -> pd.DataFrame:
    """One row per event, as numbers; -1 where nothing comes before or after."""
    event, last = batch.event.astype(np.int32), batch.last
    before, after = np.append(-1, event[:-1]), np.append(event[1:], -1)
    before[batch.starts] = -1
    after[last] = -1
    person, visit = batch.person[batch.path], batch.visit[batch.path]
    own = {"person": person, "visit": visit, "t": batch.time, "e": event, "k": batch.place + 1, "before": before,
           "after": after, "wait": batch.wait, "segment": people.groups(person)}  # fmt: skip
    return pd.DataFrame(own if batch.channel is None else {**own, "channel": batch.channel})


def _told(walks: Walks, name: str, batch: Batch) -> str:
    """The same with names."""
    people = walks.people
    channel = "" if batch.channel is None else ", f.channel"
    wait = "CASE WHEN f.after >= 0 THEN f.wait END AS wait"
    told = ", ".join(f"{_named(f'f.{column}', walks.names)} AS {title}" for column, title in _EVENTS.items())
    segment = _named("f.segment", people.segments)
    u = "c.u" if people.lowest is None else f"(f.person + {people.lowest})::{people.kind}"
    p, joined = "f.visit", ""
    if people.lowest is None:
        joined = f"JOIN {people.table} AS c ON c.code = f.{'person' if people.person is None else 'visit'}"
        p = "f.visit" if people.person is None else "c.session"
    columns = f"{u} AS u, {p} AS p, f.t, {told}, {segment} AS segment, f.k, {wait}{channel}"
    return f"SELECT {columns} FROM {name}_frame AS f {joined}"


_EVENTS = {"e": "e", "before": "before", "after": "target"}


def _named(column: str, names: tuple[str, ...]) -> str:
    """The name of a number."""
    return f"CASE {column} {' '.join(f'WHEN {number} THEN {literal(name)}' for number, name in enumerate(names))} END"
