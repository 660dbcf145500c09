"""Make support_contacts.csv: customers of an invented service, when they left and when they first needed support.

python data_samples/make_support_contacts.py            write the table
python data_samples/make_support_contacts.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

CUSTOMERS, SEED = 2600, 7
FIRST, LAST = pd.Timestamp("2025-01-01"), pd.Timestamp("2026-06-30")
STARTS = 455  # days in which customers begin
LEAVES, CONTACTS = 1 / 420, 1 / 320  # chance per day of a customer with the plan `plus` and one seat
BASIC_LEAVES, BASIC_CONTACTS, SEATS = 1.6, 1.5, 0.9  # each twice as many seats: 0.9 times the chance to leave
SOON, AFTER_SOON, AFTER_LATE = 30, 2.0, 1.5  # days after the contact, and what it multiplies the chance to leave by

PATH = Path(__file__).with_name("support_contacts.csv")


def contacts(customers: int = CUSTOMERS, seed: int = SEED) -> pd.DataFrame:
    """Who began when, left when, and first wrote to support when?

    Args:
        customers: how many.
        seed: of the random numbers.

    Returns:
        One row per customer: customer_id, started_on, ended_on, first_contact_on, plan and seats.
    """
    draw = np.random.default_rng(seed)
    basic = draw.random(customers) < 0.55
    seats = 1 + draw.poisson(np.where(basic, 1.0, 4.0))
    starts = draw.integers(0, STARTS, customers)
    rate = LEAVES * np.where(basic, BASIC_LEAVES, 1.0) * SEATS ** np.log2(seats)
    contact = draw.exponential(1 / (CONTACTS * np.where(basic, BASIC_CONTACTS, 1.0)))
    left = _left(draw.exponential(1.0, customers), rate, contact)
    # Days, as such tables have them: all of it within the day on which it happened.
    ended, wrote = np.floor(starts + left), np.floor(starts + contact)
    wrote = np.where(contact < left, wrote, np.nan)
    days = (LAST - FIRST).days
    made = pd.DataFrame({
        "customer_id": [f"C{place:05d}" for place in range(1, customers + 1)],
        "started_on": _day(starts.astype(float)), "ended_on": _day(np.where(ended <= days, ended, np.nan)),
        "first_contact_on": _day(np.where(wrote <= days, wrote, np.nan)),
        "plan": np.where(basic, "basic", "plus"), "seats": seats,
    })  # fmt: skip
    return made.sort_values(["started_on", "customer_id"], ignore_index=True)


def _left(sums: np.ndarray, rate: np.ndarray, contact: np.ndarray) -> np.ndarray:
    """When the chances that have added up reach what was drawn: another rate before, soon after and late after."""
    before, soon = rate * contact, rate * AFTER_SOON * SOON
    late = contact + SOON + (sums - before - soon) / (rate * AFTER_LATE)
    within = contact + (sums - before) / (rate * AFTER_SOON)
    return np.where(sums <= before, sums / rate, np.where(sums <= before + soon, within, late))


def _day(number: np.ndarray) -> pd.Series:
    return (FIRST + pd.to_timedelta(pd.Series(number), unit="D")).dt.strftime("%Y-%m-%d")


def text(customers: int = CUSTOMERS, seed: int = SEED) -> str:
    """The file's content.

    Args:
        customers: how many.
        seed: of the random numbers.

    Returns:
        The table as CSV.
    """
    return contacts(customers, seed).to_csv(index=False, lineterminator="\n")


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
