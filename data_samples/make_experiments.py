"""Make experiments.csv: four years of finished A/B tests on one measure, with a known truth.

python data_samples/make_experiments.py            write the table
python data_samples/make_experiments.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

SEED, EXPERIMENTS = 1, 64
BASE, MEAN, SPREAD = 0.20, 0.0010, 0.0034  # share that orders; mean and spread of true effects
THRESHOLD = 1.96
FAULTY = (17, 45)  # the assignment lost 4 of 100 customers of the new version

PATH = Path(__file__).with_name("experiments.csv")
_PLACES = ["home page", "search", "product page", "basket", "checkout", "account", "help page", "newsletter"]
_CHANGES = ["shorter text", "larger picture", "fewer steps", "new order", "filter", "reminder", "badge", "one button"]


def experiments(seed: int = SEED) -> pd.DataFrame:
    """Which experiments were there, what did each show, and what was true?

    Args:
        seed: of the random numbers.

    Returns:
        One row per experiment in order of its end: experiment, ended_on, customers, control_customers, planned_share,
        effect (change of the share that orders), se, shipped, true_effect (not in the file).
    """
    rng = np.random.default_rng(seed)
    pairs = rng.permutation([(place, change) for place in _PLACES for change in _CHANGES])[:EXPERIMENTS]
    planned = np.where(rng.random(EXPERIMENTS) < 0.2, 0.2, 0.5)
    true = rng.normal(MEAN, SPREAD, EXPERIMENTS)
    asked = rng.integers(50_000, 180_000, EXPERIMENTS)
    new = rng.binomial(asked, planned)
    control = asked - new
    new[list(FAULTY)] = (0.96 * new[list(FAULTY)]).astype(int)
    rate, old = rng.binomial(new, BASE + true) / new, rng.binomial(control, BASE) / control
    se = np.sqrt(rate * (1 - rate) / new + old * (1 - old) / control)
    days = np.sort(rng.integers(0, 4 * 365, EXPERIMENTS))
    return pd.DataFrame({
        "experiment": [f"{place}: {change}" for place, change in pairs],
        "ended_on": pd.Timestamp("2022-07-01") + pd.to_timedelta(days, unit="D"),
        "customers": new,
        "control_customers": control,
        "planned_share": planned,
        "effect": (rate - old).round(6),
        "se": se.round(6),
        "shipped": ((rate - old) / se > THRESHOLD).astype(int),
        "true_effect": true,
    })  # fmt: skip


def truth(seed: int = SEED) -> float:
    """What did the shipped changes of experiments split as planned really bring?

    Args:
        seed: of the random numbers.

    Returns:
        The sum of their true effects, as a fraction.
    """
    made = experiments(seed)
    sound = made["shipped"].astype(bool) & ~made.index.isin(FAULTY)
    return float(made.loc[sound, "true_effect"].sum())


def text(seed: int = SEED) -> str:
    """The file's content.

    Args:
        seed: of the random numbers.

    Returns:
        The table as CSV, without the truth.
    """
    return experiments(seed).drop(columns="true_effect").to_csv(index=False, lineterminator="\n")


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
