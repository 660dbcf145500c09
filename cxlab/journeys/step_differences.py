"""Where on the way do groups begin to differ? All steps of all groups, to look around in."""

import pandas as pd

from cxlab.stats.clusters import share_difference
from cxlab.stats.multiplicity import benjamini_hochberg

__all__ = ["step_differences"]


def step_differences(steps: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """How far apart are the groups at each step, as shares of those who began?

    Args:
        steps: the table of steps; its first segment beside "all" is the largest.
        confidence: level of the intervals.

    Returns:
        One row per group other than the largest and step from the second: segment, step, name, n, estimate, control,
        control_n, control_estimate, effect, ci_low, ci_high (Newcombe), p_value (two shares), p_adjusted
        (Benjamini-Hochberg over all rows).

    Assumes:
        Shares are of the start, which no later step chooses; shares of the step before would compare people who were
        selected by that step.

    Source:
        Newcombe 1998, method 10; Benjamini and Hochberg 1995.
    """
    later = steps[(steps["segment"] != "all") & (steps["step"] > 1)]
    control = later["segment"].iloc[0]
    base = later[later["segment"] == control].set_index("step")
    others = later[later["segment"] != control].reset_index(drop=True)
    against = base.loc[others["step"]].reset_index(drop=True)
    effect, low, high, p = share_difference(
        others["mature_reached"], others["mature_n"], against["mature_reached"], against["mature_n"],
        confidence=confidence,
    )  # fmt: skip
    p = pd.Series(p).where((others["mature_n"] > 0) & (against["mature_n"] > 0)).to_numpy(float)
    return pd.DataFrame({
        "segment": others["segment"], "step": others["step"], "name": others["name"], "n": others["mature_n"],
        "estimate": others["rate"], "control": control, "control_n": against["mature_n"],
        "control_estimate": against["rate"], "effect": effect, "ci_low": low, "ci_high": high, "p_value": p,
        "p_adjusted": benjamini_hochberg(p),
    })  # fmt: skip
