"""Funnel and moves by retentioneering (Apache-2.0), in an environment of its own; imports nothing of ours.

python journeys.py funnel|moves events.parquet [visit search view cart purchase]
"""

import os
import sys
import time
from typing import Any

from cost import print_cost

STATES = {"path_start": "(start)", "path_end": "(end)"}


def load() -> float:
    """Import it without its telemetry, so that the work's time is the work's alone; how long that takes."""
    os.environ["RETENTIONEERING_NO_TRACK"] = "1"
    start = time.perf_counter()
    __import__("retentioneering")
    return time.perf_counter() - start


def eventstream(path: str) -> Any:
    """The columns needed, as its users read a file."""
    import pandas as pd
    from retentioneering import Eventstream

    events = pd.read_parquet(path, columns=["user_id", "event", "ts"])
    return Eventstream(events, {"path_cols": ["user_id"], "event_col": "event", "timestamp_col": "ts"})


def funnel(path: str, steps: list[str]) -> dict[str, int]:
    """How many units reached each step, whenever."""
    found = eventstream(path).funnel_data(steps=steps)["steps"]
    return {str(number): step["unique_paths"] for number, step in enumerate(found, 1)}


def moves(path: str, _: list[str]) -> dict[str, int]:
    """How often each event, or the end, follows each other one or the start."""
    matrix = eventstream(path).transition_graph_data(edge_weight="count").rename(index=STATES, columns=STATES)
    counts = matrix.rename_axis("source").reset_index().melt("source")
    return {f"{source} > {target}": int(n) for source, target, n in counts.itertuples(index=False) if n}


if __name__ == "__main__":
    question, path, *steps = sys.argv[1:]
    loaded = load()
    print_cost(lambda: {"funnel": funnel, "moves": moves}[question](path, steps), load_seconds=loaded)
