"""The data of the benchmark: a seeded event log as Parquet, made once and kept in benchmarks/.cache."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

CACHE = Path(__file__).parent / ".cache"
SEED = 20261121
DAYS = 90
EVENTS_PER_UNIT = 20
STEPS = ["visit", "search", "view", "cart", "purchase"]
KINDS = {
    "visit": 0.22, "search": 0.16, "view": 0.2, "cart": 0.08, "purchase": 0.04, "login": 0.1,
    "share": 0.04, "save": 0.05, "review": 0.02, "help": 0.03, "filter": 0.04, "logout": 0.02,
}  # fmt: skip


def event_log(events: int) -> Path:
    """The Parquet file with so many events of a twentieth as many units; made where it is missing."""
    path = CACHE / f"events-{events}.parquet"
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        _write(_frame(events), path)
    return path


def _frame(events: int) -> pd.DataFrame:
    draw = np.random.default_rng(SEED)
    units = events // EVENTS_PER_UNIT
    share = draw.gamma(2.0, size=units)
    unit = np.searchsorted(np.cumsum(share) / share.sum(), draw.random(events)).clip(max=units - 1)
    start = draw.uniform(0, DAYS - 30, units)[unit]
    days = start + (DAYS - start) * draw.random(events) ** 2
    kind = draw.choice(len(KINDS), size=events, p=list(KINDS.values()))
    value = np.where(kind == STEPS.index("purchase"), draw.lognormal(3.5, 0.8, events).round(2), 0.0)
    microseconds = (days * 86_400e6).astype("int64")
    frame = pd.DataFrame({"user_id": unit, "ts": microseconds, "kind": kind.astype("int8"), "value": value})
    return frame.sort_values("ts", kind="stable", ignore_index=True)


def _write(frame: pd.DataFrame, path: Path) -> None:
    names = pd.DataFrame({"kind": np.arange(len(KINDS), dtype="int8"), "event": list(KINDS)})
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.register("names", names)
        connection.execute(
            f"""COPY (
                SELECT f.user_id::BIGINT AS user_id,
                    TIMESTAMP '2026-01-05' + to_microseconds(f.ts) AS ts,
                    n.event AS event, f.value AS value,
                    CASE WHEN f.user_id % 2 = 0 THEN 'control' ELSE 'treatment' END AS variant
                FROM frame AS f JOIN names AS n USING (kind) ORDER BY f.ts
            ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"""
        )
