"""The table of the experiments' benchmark: one row per user, seeded, made once and kept in benchmarks/.cache."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks import events

__all__ = ["user_table"]

SEED = 20261126
_PIECE = 1_000_000


def user_table(users: int) -> Path:
    """The Parquet file with so many users; made where it is missing."""
    path = events.CACHE / f"users-{users}.parquet"
    if not path.exists():
        events.CACHE.mkdir(exist_ok=True)
        draw = np.random.default_rng(SEED)
        with duckdb.connect() as connection:
            for start in range(0, users, _PIECE):
                piece = _frame(draw, start, min(_PIECE, users - start))
                connection.register("piece", piece)
                begin = "INSERT INTO users" if start else "CREATE TABLE users AS"
                connection.execute(f"{begin} SELECT * FROM piece")
            connection.execute(f"COPY users TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    return path


def _frame(draw: np.random.Generator, start: int, n: int) -> pd.DataFrame:
    """Users of whom a tenth buys; what they spent before goes with what they spend."""
    new = draw.integers(0, 2, n)
    taste = draw.gamma(2.0, 1.0, n)
    visits = 1 + draw.poisson(2 * taste)
    before = np.where(draw.random(n) < 0.3, draw.lognormal(2.5, 0.7, n) * taste, 0.0).round(2)
    converted = draw.random(n) < 0.10 + 0.002 * new
    return pd.DataFrame({
        "user_id": np.arange(start, start + n),
        "variant": np.where(new, "treatment", "control"),
        "converted": converted.astype("int32"),
        "revenue": np.where(converted, draw.lognormal(3.0, 0.6, n) * (0.5 + taste / 4), 0.0).round(2) + before / 10,
        "revenue_before": before,
        "carts": draw.binomial(visits, 0.2 + 0.002 * new),
        "visits": visits,
    })  # fmt: skip
