"""Tables of customers' value, seeded, made once and kept: purchases summed up by customer, and payments by month."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks import events

__all__ = ["payments", "purchase_summaries"]

SEED = 20261127
DAYS = 728
MONTHS = pd.date_range("2024-01-15", periods=30, freq="MS") + pd.Timedelta("14D")


def purchase_summaries(customers: int) -> Path:
    """The Parquet file of how often and how recently so many customers bought, in weeks; made where it is missing."""
    path = events.CACHE / f"purchase-summaries-{customers}.parquet"
    if not path.exists():
        _write(_summaries(customers), path)
    return path


def payments(accounts: int) -> Path:
    """The Parquet file of what so many accounts paid in each of 30 months; made where it is missing."""
    path = events.CACHE / f"payments-{accounts}.parquet"
    if not path.exists():
        _write(_payments(accounts), path)
    return path


def _write(frame: pd.DataFrame, path: Path) -> None:
    events.CACHE.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        connection.register("made", frame)
        connection.execute(f"COPY made TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


def _summaries(customers: int) -> pd.DataFrame:
    """Customers buy at rates of their own, and may leave after each purchase; days are whole ones."""
    draw = np.random.default_rng(SEED)
    rate, leaves = draw.gamma(0.8, 1 / 6.0, customers) / 7, draw.beta(0.8, 2.5, customers)
    age = draw.integers(180, DAYS, customers)
    frequency, last, now = np.zeros(customers, int), np.zeros(customers, int), np.zeros(customers)
    there = np.arange(customers)
    while len(there):
        now[there] += draw.standard_exponential(len(there)) / rate[there]
        there = there[np.ceil(now[there]) <= age[there]]
        day = np.ceil(now[there]).astype(int)
        frequency[there] += day > last[there]
        last[there] = day
        there = there[draw.random(len(there)) >= leaves[there]]
    return pd.DataFrame({"frequency": frequency, "recency": last / 7, "age": age / 7})


def _payments(accounts: int) -> pd.DataFrame:
    """Accounts begin at different times and pay each month; levels step up or down, and some leave."""
    draw = np.random.default_rng(SEED)
    begins = draw.integers(-12, len(MONTHS), accounts)
    level, pays = draw.lognormal(4.0, 0.8, accounts).round(2), np.ones(accounts, bool)
    parts = []
    for month, day in enumerate(MONTHS):
        chance = draw.random(accounts)
        pays &= (chance > 0.02) | (begins >= month)
        level = np.where(chance > 0.98, level * 1.25, np.where(chance > 0.97, level * 0.8, level)).round(2)
        there = np.flatnonzero(pays & (begins <= month))
        parts.append(pd.DataFrame({"account_id": there, "paid_on": day, "amount": level[there]}))
    return pd.concat(parts, ignore_index=True)
