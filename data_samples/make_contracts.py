"""Make contracts.csv: two and a half years of monthly contracts of an invented fitness app, with a known truth.

python data_samples/make_contracts.py            write the table
python data_samples/make_contracts.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

CONTRACTS, SEED = 1_800, 7
FIRST, LAST = pd.Timestamp("2024-01-01"), pd.Timestamp("2026-06-30")
PLANS: dict[str, dict[str, float]] = {
    "basic": {"share": 0.65, "price": 12.0, "alpha": 0.9, "beta": 8.0},
    "plus": {"share": 0.35, "price": 29.0, "alpha": 1.1, "beta": 20.0},
}

PATH = Path(__file__).with_name("contracts.csv")


def contracts(size: int = CONTRACTS, seed: int = SEED) -> pd.DataFrame:
    """Who held a contract from when to when, and for how much a month?

    Args:
        size: how many contracts.
        seed: of the random numbers.

    Returns:
        One row per contract: contract_id, started_on, ended_on (missing while it is held), price, currency and plan.
    """
    draw = np.random.default_rng(seed)
    days = int((LAST - FIRST).days)
    started = FIRST + pd.to_timedelta(np.sort(np.floor(days * np.sqrt(draw.random(size)))), unit="D")
    plan = draw.choice(list(PLANS), size, p=[one["share"] for one in PLANS.values()])
    ended = [_ended(start, PLANS[name], draw) for start, name in zip(started, plan, strict=True)]
    return pd.DataFrame({
        "contract_id": [f"C{place:04d}" for place in range(1, size + 1)], "started_on": started, "ended_on": ended,
        "price": [PLANS[name]["price"] for name in plan], "currency": "EUR", "plan": plan,
    })  # fmt: skip


def _ended(start: pd.Timestamp, plan: dict[str, float], draw: np.random.Generator) -> Any:
    """Each customer leaves at every renewal with a chance that stays the same and differs between customers."""
    leaves = draw.beta(plan["alpha"], plan["beta"])
    end = start + pd.DateOffset(months=int(draw.geometric(max(leaves, 1e-4))))
    return end if end <= LAST else pd.NaT


def truth() -> dict[str, dict[str, float]]:
    """What was put in.

    Returns:
        By plan: its share of contracts, price, and the parameters of the chances to leave.
    """
    return PLANS


def text(size: int = CONTRACTS, seed: int = SEED) -> str:
    """The file's content.

    Args:
        size: how many contracts.
        seed: of the random numbers.

    Returns:
        The table as CSV.
    """
    return contracts(size, seed).to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")


def main(arguments: list[str]) -> int:
    """Write the table, or compare it.

    Args:
        arguments: `--check` compares instead of writing.

    Returns:
        0, or 1 where the table differs.
    """
    if "--check" in arguments:
        return int(PATH.read_text(encoding="utf-8") != text())
    PATH.write_text(text(), encoding="utf-8", newline="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
