"""The data of the benchmark: a seeded event log as Parquet, made once and kept in benchmarks/.cache."""

import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

CACHE = Path(__file__).parent / ".cache"
SEED = 20261121
DAYS = 90
EVENTS_PER_UNIT = 20
_WHOLE, _PIECE = 10_000_000, 2_000_000  # events made at once in memory, and at a time where there are more
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
        if events > _WHOLE:
            _write_by_pieces(events, path)
        else:
            with duckdb.connect() as connection:
                connection.register("log", _frame(np.random.default_rng(SEED), events))
                _write(connection, path)
    return path


def _frame(draw: np.random.Generator, events: int) -> pd.DataFrame:
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


def _write_by_pieces(events: int, path: Path) -> None:
    """More events than memory holds: some units at a time into a database on disk, which sorts them all by time."""
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        settings = {"memory_limit": "3GB", "temp_directory": folder}
        with duckdb.connect(str(Path(folder) / "log.duckdb"), config=settings) as connection:
            for number, start in enumerate(range(0, events, _PIECE)):
                frame = _frame(np.random.default_rng((SEED, number)), min(_PIECE, events - start))
                frame["user_id"] += start // EVENTS_PER_UNIT
                connection.register("piece", frame)
                begin = "INSERT INTO log" if start else "CREATE TABLE log AS"
                connection.execute(f"{begin} SELECT * FROM piece")
            _write(connection, path)


def _write(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    names = pd.DataFrame({"kind": np.arange(len(KINDS), dtype="int8"), "event": list(KINDS)})
    connection.register("names", names)
    connection.execute(
        f"""COPY (
            SELECT f.user_id::BIGINT AS user_id,
                TIMESTAMP '2026-01-05' + to_microseconds(f.ts) AS ts,
                n.event AS event, f.value AS value,
                CASE WHEN f.user_id % 2 = 0 THEN 'control' ELSE 'treatment' END AS variant
            FROM log AS f JOIN names AS n USING (kind) ORDER BY f.ts
        ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"""
    )
