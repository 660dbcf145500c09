"""The job of every tool: 50,000 customers, two variants, three segments, one control, a sentence, a table, a chart."""

from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["compared", "customers", "sentence", "table_path"]

CACHE = Path(__file__).parent.parent / ".cache"  # the peers' environments have no engine to import
ROWS = 50_000


def table_path() -> str:
    """The job's CSV, made where it is missing."""
    path = CACHE / "visits.csv"
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        customers().to_csv(path, index=False)
    return str(path)


def customers() -> pd.DataFrame:
    """Two variants, three segments, two metrics; the same each time."""
    rng = np.random.default_rng(20_261_121)
    new = rng.integers(0, 2, ROWS)
    return pd.DataFrame({
        "customer_id": np.arange(ROWS), "variant": np.where(new, "new", "control"),
        "segment": rng.choice(["phone", "computer", "store"], ROWS),
        "revenue": rng.gamma(2.0, 15.0 + new, ROWS).round(2),
        "effort": rng.normal(3.0 - 0.05 * new, 1.0, ROWS).round(3),
    })  # fmt: skip


def compared(frame: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The peers' analysis: difference of means with Welch's interval, overall and by segment."""
    from scipy import stats

    rows = []
    for name, part in [("all", frame), *frame.groupby("segment")]:
        new, old = (part.loc[part["variant"] == arm, metric] for arm in ("new", "control"))
        found = stats.ttest_ind(new, old, equal_var=False).confidence_interval(0.95)
        rows.append((name, len(part), new.mean() - old.mean(), found.low, found.high))
    return pd.DataFrame(rows, columns=["segment", "n", "effect", "ci_low", "ci_high"])


def sentence(found: pd.DataFrame, metric: str) -> str:
    """What the peers say; the browser waits for it."""
    row = found.iloc[0]
    return f"Difference in {metric}: {row.effect:.2f} ({row.ci_low:.2f} to {row.ci_high:.2f})"
