"""Small experiments with a known truth, for the tests of this room."""

import numpy as np
import pandas as pd


def experiment(n: int = 600, seed: int = 11, variants: tuple[str, ...] = ("control", "new")) -> pd.DataFrame:
    """One row per customer, all metrics a little better with each further variant."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, len(variants), n)
    before = rng.gamma(2.0, 5.0, n)
    den = rng.poisson(3, n) + 1
    return pd.DataFrame({
        "id": [f"u{i}" for i in range(n)],
        "variant": np.array(variants)[arm],
        "bought": (rng.random(n) < 0.3 + 0.03 * arm).astype(int),
        "revenue": before * 0.8 + rng.normal(10, 3, n) + 0.5 * arm,
        "before": before,
        "clicks": rng.binomial(den, 0.4 + 0.02 * arm),
        "visits": den,
        "visits_before": den + rng.poisson(1, n),
        "clicks_before": rng.binomial(den, 0.4),
        "plan": rng.choice(["free", "paid"], n),
    })  # fmt: skip
