"""What the known tools would count on the same events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cxlab.data import Table
from cxlab.errors import ParameterError
from cxlab.journeys.events import EventLog, read_events
from cxlab.journeys.fetched import chains_by_kernel
from cxlab.journeys.kernel import chain_of
from cxlab.journeys.known_tools import TOOLS, USUAL
from cxlab.journeys.packed import chains_by_keys, suits_keys
from cxlab.journeys.settings import Settings, settle

__all__ = ["levels_elsewhere", "steps_elsewhere"]


def _asked(settings: Settings, like: str) -> dict[str, Any]:
    """The same question to a tool: every choice that tools differ in is its own."""
    return {name: value for name, value in settings.choices.items() if name not in USUAL} | {"like": like}


def levels_elsewhere(log: EventLog, rows: pd.DataFrame) -> pd.DataFrame:
    """How many steps would the known tools count for one person?

    Args:
        log: the events of all.
        rows: the events of one person: u, t, mask (required steps, optional ones, exclusions).

    Returns:
        One row per tool: tool, level (the most of any case; missing where it cannot be asked), note.
    """
    found = []
    for like, tool in TOOLS.items():
        level, note = None, ""
        try:
            settings = settle(log.settings.choices["steps"], _asked(log.settings, like), log.seen)
            limits = {name: getattr(log.rules, name) for name in ("entry_from", "entry_to", "data_end")}
            rules = settings.rules(**limits)
            own = (case[["t", "mask"]].astype(int) for _, case in rows.groupby("u", sort=False))
            level = max(chain_of(case["t"].tolist(), case["mask"].tolist(), rules).level for case in own)
        except ParameterError as error:
            note = str(error)
        found.append((tool.title, level, note))
    return pd.DataFrame(found, columns=["tool", "level", "note"]).astype({"level": "Int64"})


def steps_elsewhere(table: Table, columns: Mapping[str, tuple[str, str]], settings: Settings) -> pd.DataFrame:
    """How many people would the known tools count at each step?

    Args:
        table: the source.
        columns: role -> (column, kind), without a breakdown.
        settings: what was asked.

    Returns:
        One row per tool and step: tool, step, name, n; no row for a tool that cannot be asked so.
    """
    found = []
    for like, tool in TOOLS.items():
        try:
            log = read_events(table, columns=columns, steps=settings.choices["steps"], choices=_asked(settings, like))
        except ParameterError:
            continue
        with log.cleaned():
            chains = chains_by_keys(log) if suits_keys(log) else chains_by_kernel(log)
            levels = log.table.query(f"SELECT level, count(*) AS n FROM {chains} GROUP BY 1")
        n = np.bincount(levels["level"].astype(int), weights=levels["n"], minlength=log.rules.steps + 1)
        reached = n[::-1].cumsum()[::-1][1:].astype(int)
        names = [log.steps[number - 1].name for number in log.settings.required]
        found += [(tool.title, *row) for row in zip(log.settings.required, names, reached, strict=True)]
    return pd.DataFrame(found, columns=["tool", "step", "name", "n"])
