"""Make memberships.csv: two and a half years of members of an invented online service, with a known truth.

python data_samples/make_memberships.py            write the table
python data_samples/make_memberships.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

MEMBERS, DAYS, SEED = 2_400, 912, 8
CANCELS, FAILS, CLOSES = 1 / 900, 1 / 2_400, 1 / 3_600  # chance a day, for a yearly plan from the web with no seats
MONTHLY = {"cancelled": 2.6, "payment failed": 1.0, "closed down": 1.0}
CHANNEL = {"web": 1.0, "partner": 1.0, "referral": 0.7}
TEN_SEATS = 0.85

PATH = Path(__file__).with_name("memberships.csv")


def memberships(members: int = MEMBERS, seed: int = SEED) -> pd.DataFrame:
    """Who began when, left when and why?

    Args:
        members: how many customers.
        seed: of the random numbers.

    Returns:
        One row per customer: account_id, started_on, ended_on, reason, plan, channel and seats.
    """
    draw = np.random.default_rng(seed)
    plan = draw.choice(["monthly", "yearly"], members, p=[0.55, 0.45])
    channel = draw.choice(list(CHANNEL), members, p=[0.5, 0.3, 0.2])
    seats = 1 + draw.negative_binomial(2, 0.14, members)
    both = np.array([CHANNEL[one] for one in channel]) * TEN_SEATS ** (seats / 10)
    chances = {"cancelled": CANCELS, "payment failed": FAILS, "closed down": CLOSES}
    hazards = np.stack(
        [both * chance * np.where(plan == "monthly", MONTHLY[why], 1.0) for why, chance in chances.items()]
    )
    days = np.ceil(draw.exponential(1 / hazards.sum(axis=0)))
    drawn = draw.random(members) * hazards.sum(axis=0)
    why = np.array(list(chances))[(drawn > np.cumsum(hazards, axis=0)).sum(axis=0)]
    begin = draw.integers(0, DAYS, members)
    gone = begin + days < DAYS
    first = pd.Timestamp("2024-01-01")
    made = pd.DataFrame({
        "started_on": first + pd.to_timedelta(begin, unit="D"),
        "ended_on": pd.Series(first + pd.to_timedelta(np.minimum(begin + days, DAYS), unit="D")).where(gone),
        "reason": pd.Series(why).where(gone), "plan": plan, "channel": channel, "seats": seats,
    }).sort_values(["started_on", "plan", "seats"], ignore_index=True, kind="stable")  # fmt: skip
    made.insert(0, "account_id", [f"M{place:04d}" for place in range(1, members + 1)])
    return made


def text(members: int = MEMBERS, seed: int = SEED) -> str:
    """The file's content.

    Args:
        members: how many customers.
        seed: of the random numbers.

    Returns:
        The table as CSV.
    """
    return memberships(members, seed).to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")


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
