"""Make payments.csv: two and a half years of monthly payments of an invented software company, with a known truth.

python data_samples/make_payments.py            write the table
python data_samples/make_payments.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

ACCOUNTS, MONTHS, SEED = 420, 30, 11
LEAVES = {"small": 0.022, "large": 0.008}
GROWS = {"small": 0.012, "large": 0.030}
SHRINKS, BACK = 0.008, 0.02
STEP_UP, STEP_DOWN = 0.25, 0.20

PATH = Path(__file__).with_name("payments.csv")


def payments(accounts: int = ACCOUNTS, seed: int = SEED) -> pd.DataFrame:
    """Who paid when and how much?

    Args:
        accounts: how many customers.
        seed: of the random numbers.

    Returns:
        One row per payment: payment_id, account_id, time, amount, currency and size.
    """
    draw = np.random.default_rng(seed)
    rows = [row for account in range(accounts) for row in _account(account, draw)]
    made = pd.DataFrame(rows, columns=["account_id", "time", "amount", "size"])
    made = made.sort_values(["time", "account_id"], ignore_index=True)
    made.insert(0, "payment_id", [f"P{place:05d}" for place in range(1, len(made) + 1)])
    made.insert(4, "currency", "EUR")
    return made


def _account(account: int, draw: np.random.Generator) -> list[tuple[str, pd.Timestamp, float, str]]:
    """One customer's payments: a level that now and then steps up or down, until the customer leaves."""
    size = "large" if draw.random() < 0.3 else "small"
    begins, day = int(draw.integers(-12, MONTHS)), int(draw.integers(1, 29))
    level, pays = float(np.exp(draw.normal(5.4 if size == "large" else 4.0, 0.5))), True
    rows = []
    for month in range(begins, MONTHS):
        if month > begins:
            level, pays = _next(level, size, draw, pays=pays)
        if pays and month >= 0:
            time = pd.Timestamp(2024 + month // 12, month % 12 + 1, day)
            rows.append((f"A{account + 1:03d}", time, round(level, 2), size))
    return rows


def _next(level: float, size: str, draw: np.random.Generator, *, pays: bool) -> tuple[float, bool]:
    chance = draw.random()
    if not pays:
        return level, chance < BACK
    if chance < LEAVES[size]:
        return level, False
    chance = draw.random()
    if chance < GROWS[size]:
        return level * (1 + STEP_UP), True
    return (level * (1 - STEP_DOWN) if chance < GROWS[size] + SHRINKS else level), True


def text(accounts: int = ACCOUNTS, seed: int = SEED) -> str:
    """The file's content.

    Args:
        accounts: how many customers.
        seed: of the random numbers.

    Returns:
        The table as CSV.
    """
    return payments(accounts, seed).to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")


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
