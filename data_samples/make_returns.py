"""Make returns.csv: four months of returned parcels of an invented shop, with a known truth.

python data_samples/make_returns.py            write the table
python data_samples/make_returns.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

CUSTOMERS, SEED = 900, 12
FIRST, DAYS = pd.Timestamp("2026-03-01"), 122.0  # the log ends with June
HOUR, MINUTE = 1 / 24, 1 / 1440
# event, who does it, after which event, chance of it, median days until it, spread of the logarithm
WAY = (
    ("return_started", "customer", "", 1.0, 0.0, 0.0),
    ("label_mailed", "system", "return_started", 1.0, 3 * MINUTE, 0.5),
    ("parcel_dropped", "customer", "label_mailed", 0.86, 1.9, 0.8),
    ("parcel_arrived", "warehouse", "parcel_dropped", 0.99, 2.3, 0.35),
    ("check_begun", "warehouse", "parcel_arrived", 1.0, 3.2, 0.6),
    ("check_finished", "warehouse", "check_begun", 1.0, 14 * MINUTE, 0.5),
    ("refund_booked", "payments", "check_finished", 0.97, 20 * HOUR, 0.5),
    ("refund_mailed", "system", "refund_booked", 1.0, 6 * MINUTE, 0.4),
    ("rated", "customer", "refund_mailed", 0.34, 9 * HOUR, 1.0),
)  # fmt: skip
ASKING, ANSWER, LOOKING = (
    0.24,
    2.4 * HOUR,
    0.58,
)  # after dropping it off: who writes, until when the answer comes, who looks

PATH = Path(__file__).with_name("returns.csv")


def returns(customers: int = CUSTOMERS, seed: int = SEED) -> pd.DataFrame:
    """Who did what with whose parcel, and when?

    Args:
        customers: how many customers; each returns one parcel.
        seed: of the random numbers.

    Returns:
        One row per event until the end of the log: customer_id, time, event, actor and score.
    """
    draw = np.random.default_rng(seed)
    when = {"": draw.uniform(0, DAYS, customers)}
    for event, _, after, chance, median, spread in WAY:
        comes = draw.random(customers) < chance
        wait = median * np.exp(spread * draw.normal(size=customers))
        when[event] = np.where(comes, when[after] + wait, np.inf)
    asks = draw.random(customers) < ASKING
    when["question_asked"] = np.where(asks, when["parcel_dropped"] + draw.gamma(2, 1.6, customers), np.inf)
    when["question_answered"] = when["question_asked"] + ANSWER * np.exp(0.7 * draw.normal(size=customers))
    looks = draw.random(customers) < LOOKING
    when["status_viewed"] = np.where(looks, when["parcel_dropped"] + draw.gamma(2, 1.2, customers), np.inf)
    return _rows(when, _scores(draw, when))


def _scores(draw: np.random.Generator, when: dict[str, np.ndarray]) -> np.ndarray:
    """How content: the longer from dropping the parcel off to the refund, the less."""
    with np.errstate(invalid="ignore"):
        took = np.nan_to_num(when["refund_booked"] - when["parcel_dropped"], nan=0.0, posinf=0.0)
    return np.clip(np.round(5.2 - 0.22 * took + 0.7 * draw.normal(size=len(took))), 1, 5)


def _rows(when: dict[str, np.ndarray], scores: np.ndarray) -> pd.DataFrame:
    actors = {event: actor for event, actor, *_ in WAY} | {
        "question_asked": "customer", "question_answered": "agent", "status_viewed": "customer",
    }  # fmt: skip
    ids = np.array([f"C{place:04d}" for place in range(1, len(scores) + 1)])
    frames = []
    for event, actor in actors.items():
        seen = when[event] < DAYS
        score = scores[seen] if event == "rated" else np.nan
        at = (FIRST + pd.to_timedelta(when[event][seen], unit="D")).floor("s")
        frames.append(
            pd.DataFrame({"customer_id": ids[seen], "time": at, "event": event, "actor": actor, "score": score})
        )
    return pd.concat(frames).sort_values(["time", "customer_id", "event"], ignore_index=True, kind="stable")


def text(customers: int = CUSTOMERS, seed: int = SEED) -> str:
    """The file's content.

    Args:
        customers: how many customers.
        seed: of the random numbers.

    Returns:
        The table as CSV.
    """
    made = returns(customers, seed).astype({"score": "Int64"})
    return made.to_csv(index=False, date_format="%Y-%m-%d %H:%M:%S", lineterminator="\n")


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
