"""Make purchases.csv: two years of purchases of an invented shop's customers, with a known truth.

python data_samples/make_purchases.py            write the table
python data_samples/make_purchases.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd

import cxlab as cx

CUSTOMERS, SEED = 4500, 3

PATH = Path(__file__).with_name("purchases.csv")


def purchases(customers: int = CUSTOMERS, seed: int = SEED) -> pd.DataFrame:
    """Who bought when, where and for how much?

    Args:
        customers: how many customers the company has; about a third of them buy.
        seed: of the random numbers.

    Returns:
        One row per purchase: purchase_id, customer_id, time, amount, currency and channel.
    """
    made = cx.sample_company(customers, seed=seed, tables=["transactions"])["transactions"]
    return made.rename(columns={"transaction_id": "purchase_id"}).assign(time=made["time"].dt.floor("min"))


def truth(customers: int = CUSTOMERS, seed: int = SEED) -> dict[str, Any]:
    """What was put in?

    Args:
        customers: how many customers the company has.
        seed: of the random numbers.

    Returns:
        The parameters of BG/NBD (in weeks) and of Gamma-Gamma.
    """
    made = cx.sample_company(customers, seed=seed, tables=["transactions"]).truth
    return dict(made["transactions"])


def text(customers: int = CUSTOMERS, seed: int = SEED) -> str:
    """The file's content.

    Args:
        customers: how many customers the company has.
        seed: of the random numbers.

    Returns:
        The table as CSV.
    """
    return purchases(customers, seed).to_csv(index=False, date_format="%Y-%m-%dT%H:%M", lineterminator="\n")


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
