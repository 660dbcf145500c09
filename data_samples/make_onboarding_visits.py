"""Make onboarding_visits.csv: visits of new customers of an invented service before and after its onboarding changed.

python data_samples/make_onboarding_visits.py            write the table
python data_samples/make_onboarding_visits.py --check    fail where the table is not what this makes
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

SEED, WEEKS, EACH = 5, 30, 110  # weeks in which customers start, and about how many of each region and week
FIRST, RELEASE_WEEK = pd.Timestamp("2025-11-03"), 16  # the release: Monday 23 February 2026
LEVEL, TREND, NOISE = {"north": 0.34, "south": 0.30}, 0.0015, 0.015  # share back in the next week, more every week
JUMP, RELEASED = 0.07, "north"

PATH = Path(__file__).with_name("onboarding_visits.csv")


def visits(each: int = EACH, seed: int = SEED) -> pd.DataFrame:
    """Who visited when?

    Args:
        each: about how many customers start per region and week.
        seed: of the random numbers.

    Returns:
        One row per visit: customer_id, time, event and region.
    """
    draw = np.random.default_rng(seed)
    parts = []
    for week in range(WEEKS):
        shock = draw.normal(0, NOISE)  # weeks differ, and both regions alike
        for region, level in LEVEL.items():
            n = int(draw.poisson(each))
            back = level + TREND * week + shock + JUMP * (region == RELEASED and week >= RELEASE_WEEK)
            start = week * 7 + draw.integers(0, 7, n)
            again = (week + 1) * 7 + draw.integers(0, 7, n)
            came = draw.random(n) < back
            part = pd.DataFrame({"start": start, "again": np.where(came, again, -1), "region": region})
            parts.append(part)
    people = pd.concat(parts, ignore_index=True)
    people.insert(0, "customer_id", [f"V{place:05d}" for place in range(1, len(people) + 1)])
    first = people[["customer_id", "region"]].assign(number=people["start"])
    later = people.loc[people["again"] >= 0, ["customer_id", "region"]].assign(number=people["again"])
    rows = pd.concat([first, later], ignore_index=True)
    rows["minute"] = 1440 * rows["number"] + draw.integers(7 * 60, 22 * 60, len(rows))
    rows = rows.sort_values(["minute", "customer_id"], ignore_index=True)
    time = FIRST + pd.to_timedelta(rows["minute"], unit="min")
    return pd.DataFrame({"customer_id": rows["customer_id"], "time": time.dt.strftime("%Y-%m-%d %H:%M"),
                         "event": "visit", "region": rows["region"]})  # fmt: skip


def text(each: int = EACH, seed: int = SEED) -> str:
    """The file's content.

    Args:
        each: about how many customers start per region and week.
        seed: of the random numbers.

    Returns:
        The table as CSV.
    """
    return visits(each, seed).to_csv(index=False, lineterminator="\n")


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
